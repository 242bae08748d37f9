// Attributes that describe the session or its media to people and tools: RFC 8866 §6.1 to §6.3 and §6.8 to §6.12.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The value of <c>a=cat:</c> (RFC 8866 §6.1): a dot-separated category.</summary>
[Record("cat-value", Grammar = "sdp")]
public readonly partial struct Category
{
    [Capture(".")] public partial Slice Text { get; }
}

/// <summary>The value of <c>a=keywds:</c> (RFC 8866 §6.2).</summary>
[Record("keywds-value", Grammar = "sdp")]
public readonly partial struct Keywords
{
    [Capture(".")] public partial Slice Text { get; }
}

/// <summary>The value of <c>a=tool:</c> (RFC 8866 §6.3): name and version of what wrote the description.</summary>
[Record("tool-value", Grammar = "sdp")]
public readonly partial struct Tool
{
    [Capture(".")] public partial Slice NameAndVersion { get; }
}

/// <summary>The words of <c>a=orient:</c>.</summary>
[Vocabulary("orient-value", "Orientation", Grammar = "sdp")]
public static partial class Orientations;

/// <summary>The value of <c>a=orient:</c> (RFC 8866 §6.8): how a whiteboard lies.</summary>
[Record("orient-value", Grammar = "sdp")]
public readonly partial struct OrientationValue
{
    [Capture(".")] public partial Slice Text { get; }

    [Capture(".")] public partial Orientation Orientation { get; }
}

/// <summary>The words of <c>a=type:</c>.</summary>
[Vocabulary("type-value", "ConferenceType", Grammar = "sdp")]
public static partial class ConferenceTypes;

/// <summary>The value of <c>a=type:</c> (RFC 8866 §6.9): the kind of conference.</summary>
[Record("type-value", Grammar = "sdp")]
public readonly partial struct ConferenceTypeValue
{
    [Capture(".")] public partial Slice Text { get; }

    [Capture(".")] public partial ConferenceType Type { get; }
}

/// <summary>The value of <c>a=charset:</c> (RFC 8866 §6.10): the character set of s= and i=, UTF-8 where not given.</summary>
[Record("charset-value", Grammar = "sdp")]
public readonly partial struct Charset
{
    [Capture(".")] public partial Slice Name { get; }
}

/// <summary>The value of <c>a=sdplang:</c> or <c>a=lang:</c> (RFC 8866 §6.11, §6.12): a language tag of RFC 5646.</summary>
[Record("sdplang-value", "lang-value", Grammar = "sdp")]
public readonly partial struct Language
{
    [Capture(".")] public partial Slice Tag { get; }
}
