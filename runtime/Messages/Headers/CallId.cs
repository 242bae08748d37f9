using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Call-ID (RFC 3261 §20.8): compared octet by octet.</summary>
[Header("Call-ID")]
public readonly partial struct CallId
{
    [Capture(".")] public partial Slice Value { get; }
}

/// <summary>One In-Reply-To value (RFC 3261 §20.21): a Call-ID.</summary>
[Header("In-Reply-To")]
public readonly partial struct InReplyTo
{
    [Capture(".")] public partial Slice Value { get; }
}
