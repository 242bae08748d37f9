// What the body is: RFC 3261 §20.11 to §20.15 and §20.24.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Content-Type (RFC 3261 §20.15): <c>m-type SLASH m-subtype *(SEMI m-parameter)</c>.</summary>
[Header("Content-Type")]
public readonly partial struct ContentType
{
    [Capture("media-type/m-type")] public partial Slice Type { get; }

    [Capture("media-type/m-subtype")] public partial Slice Subtype { get; }

    [Parameters("media-type/m-parameter")] public partial Slice Parameters { get; }

    /// <summary>The separator of a multipart body, perhaps in quotes (RFC 2046 §5.1.1).</summary>
    [Parameter("boundary")] public partial Slice Boundary { get; }

    [Parameter("charset")] public partial Slice Charset { get; }
}

/// <summary>Content-Length (RFC 3261 §20.14), in octets.</summary>
[Header("Content-Length")]
public readonly partial struct ContentLength
{
    [Capture("DIGIT", Max = int.MaxValue)] public partial uint Octets { get; }
}

/// <summary>Content-Disposition (RFC 3261 §20.11).</summary>
[Header("Content-Disposition")]
public readonly partial struct ContentDisposition
{
    [Capture("disp-type")] public partial Slice Type { get; }

    [Parameters("disp-param")] public partial Slice Parameters { get; }

    /// <summary><c>optional</c> or <c>required</c>.</summary>
    [Parameter("handling")] public partial Slice Handling { get; }
}

/// <summary>MIME-Version (RFC 3261 §20.24).</summary>
[Header("MIME-Version")]
public readonly partial struct MimeVersion
{
    [Capture("DIGIT[1]")] public partial byte Major { get; }

    [Capture("DIGIT[2]")] public partial byte Minor { get; }
}

/// <summary>One Content-Encoding value (RFC 3261 §20.12).</summary>
[Header("Content-Encoding")]
public readonly partial struct ContentEncoding
{
    [Capture(".")] public partial Slice Coding { get; }
}

/// <summary>One Content-Language value (RFC 3261 §20.13).</summary>
[Header("Content-Language")]
public readonly partial struct ContentLanguage
{
    [Capture(".")] public partial Slice Tag { get; }
}
