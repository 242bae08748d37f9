// What is kept of a flow, and what is told of it (RFC 5626 §4.4).
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.KeepAlive;

/// <summary>How a flow is kept alive.</summary>
public enum KeepAliveMethod : byte
{
    None,

    /// <summary>
    /// A stream: two empty lines, and an empty line back within <see cref="FlowKeeperOptions.PongTimeout"/> (RFC 5626 §4.4.1). UDP: an empty line that nobody
    /// answers, which keeps an address translator's mind; the flow is dead when the network says so.
    /// </summary>
    Crlf,

    /// <summary>
    /// As <see cref="Crlf"/>, but on a stream an answer is demanded only once there was one. For a peer that has not said that it does RFC 5626: a ping may be
    /// sent to it, a pong not be expected (§4.4).
    /// </summary>
    CrlfUnpromised,

    /// <summary>
    /// UDP: a Binding request, sent again as RFC 8489 §6.2.1 says, and the flow dead where it stays unanswered (RFC 5626 §4.4.2). Only to a peer that said it
    /// can (RFC 5626 §8).
    /// </summary>
    Stun,
}

public enum KeptFlowEventKind : byte
{
    None,

    /// <summary>The flow is of no use any more. It is kept no longer: its handle is stale.</summary>
    Dead,

    /// <summary>The peer has said which address it sees, for the first time.</summary>
    AddressLearnt,

    /// <summary>It sees another: a failure of the flow, which has to be registered again (RFC 5626 §4.4.2). It is kept on.</summary>
    AddressChanged,
}

/// <summary>One event of one keeper of a flow.</summary>
public struct KeptFlowEvent
{
    public KeptFlowEventKind Kind { get; internal set; }

    /// <summary>What was given to <see cref="FlowKeeper.TryKeep"/>.</summary>
    public ulong User { get; internal set; }

    public Handle<KeptFlow> Flow { get; internal set; }

    /// <summary>What was kept.</summary>
    public Flow Over { get; internal set; }

    /// <summary>Our address as the peer sees it.</summary>
    public IpEndpoint Mapped { get; internal set; }

    /// <summary>Why it is dead: Refused also for a Binding request that was answered with an error.</summary>
    public TransportFault Fault { get; internal set; }
}

/// <summary>A keeper's slot. Named by <see cref="Handle{T}"/>; what is in it is the flow keeper's own.</summary>
public struct KeptFlow
{
    internal Flow Flow;
    internal TimeSpan Interval;
    internal ulong User;

    /// <summary>When the next step is due, and when the next ping, should it be answered before.</summary>
    internal Instant Due;

    internal Instant NextPing;

    internal StunTransactionId Id;

    /// <summary>Our address as the peer sees it, and as it was told; both "any" at first.</summary>
    internal IpEndpoint Mapped;

    internal IpEndpoint Told;

    /// <summary>Binding requests sent, the first included.</summary>
    internal int Requests;

    internal KeepAliveMethod Method;

    /// <summary>An answer is awaited.</summary>
    internal bool IsAsking;

    /// <summary>The peer has answered once.</summary>
    internal bool HasAnswered;

    /// <summary>Set where it is dead and has still to be told.</summary>
    internal TransportFault Fault;
}
