using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One Allow value (RFC 3261 §20.5): a method.</summary>
[Header("Allow")]
public readonly partial struct Allow
{
    [Capture(".")] public partial Slice MethodName { get; }

    [Capture(".")] public partial Method Method { get; }
}
