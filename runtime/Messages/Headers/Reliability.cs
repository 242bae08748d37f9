// Reliable provisional responses: RFC 3262 §7.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>RSeq (RFC 3262 §7.1): 1 to 2^32 − 1; a UAS begins below 2^31.</summary>
[Header("RSeq")]
public readonly partial struct RSeq
{
    [Capture("response-num")] public partial uint Number { get; }
}

/// <summary>RAck (RFC 3262 §7.2): <c>response-num LWS CSeq-num LWS Method</c>.</summary>
[Header("RAck")]
public readonly partial struct RAck
{
    [Capture("response-num")] public partial uint ResponseNumber { get; }

    [Capture("CSeq-num", Max = CSeq.MaxSequence)] public partial uint Sequence { get; }

    [Capture("Method")] public partial Slice MethodName { get; }

    [Capture("Method")] public partial Method Method { get; }
}
