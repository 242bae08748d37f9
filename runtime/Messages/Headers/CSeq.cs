using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>CSeq (RFC 3261 §20.16): <c>1*DIGIT LWS Method</c>.</summary>
[Header("CSeq")]
public readonly partial struct CSeq
{
    /// <summary>RFC 3261 §8.1.1.5: less than 2^31.</summary>
    public const uint MaxSequence = int.MaxValue;

    [Capture("DIGIT", Max = MaxSequence)] public partial uint Sequence { get; }

    [Capture("Method")] public partial Slice MethodName { get; }

    [Capture("Method")] public partial Method Method { get; }
}
