// What may be sent here: RFC 3261 §20.1 to §20.3.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One Accept value (RFC 3261 §20.1): <c>media-range *(SEMI accept-param)</c>.</summary>
[Header("Accept")]
public readonly partial struct Accept
{
    /// <summary>The type, or <c>*/*</c>.</summary>
    [Capture("media-range/m-type|media-range/\"*/*\"")] public partial Slice Type { get; }

    /// <summary>The subtype, or <c>*</c>.</summary>
    [Capture("media-range/m-subtype|media-range/\"*\"")] public partial Slice Subtype { get; }

    /// <summary>Parameters of the media type and of the acceptance, as written.</summary>
    [Parameters("media-range/m-parameter|accept-param")] public partial Slice Parameters { get; }

    [Parameter("q", Thousandths = true)] public partial ushort? Preference { get; }
}

/// <summary>One Accept-Encoding value (RFC 3261 §20.2).</summary>
[Header("Accept-Encoding")]
public readonly partial struct AcceptEncoding
{
    [Capture("codings")] public partial Slice Coding { get; }

    [Parameters("accept-param")] public partial Slice Parameters { get; }

    [Parameter("q", Thousandths = true)] public partial ushort? Preference { get; }
}

/// <summary>One Accept-Language value (RFC 3261 §20.3).</summary>
[Header("Accept-Language")]
public readonly partial struct AcceptLanguage
{
    [Capture("language-range")] public partial Slice Range { get; }

    [Parameters("accept-param")] public partial Slice Parameters { get; }

    [Parameter("q", Thousandths = true)] public partial ushort? Preference { get; }
}
