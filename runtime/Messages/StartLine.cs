// The first line of a message (RFC 3261 §7.1, §7.2).
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Request-Line (RFC 3261 §7.1): <c>Method SP Request-URI SP SIP-Version CRLF</c>.</summary>
[Record("Request-Line")]
public readonly partial struct RequestLine
{
    [Capture("Method")] public partial Slice MethodName { get; }

    [Capture("Method")] public partial Method Method { get; }

    [Capture("Request-URI")] public partial SipUri Uri { get; }

    [Capture("SIP-Version/DIGIT[1]", Saturate = true)] public partial byte MajorVersion { get; }

    [Capture("SIP-Version/DIGIT[2]", Saturate = true)] public partial byte MinorVersion { get; }
}

/// <summary>Status-Line (RFC 3261 §7.2): <c>SIP-Version SP Status-Code SP Reason-Phrase CRLF</c>.</summary>
[Record("Status-Line")]
public readonly partial struct StatusLine
{
    [Capture("SIP-Version/DIGIT[1]", Saturate = true)] public partial byte MajorVersion { get; }

    [Capture("SIP-Version/DIGIT[2]", Saturate = true)] public partial byte MinorVersion { get; }

    [Capture("Status-Code")] public partial ushort StatusCode { get; }

    [Capture("Reason-Phrase")] public partial Slice ReasonPhrase { get; }
}
