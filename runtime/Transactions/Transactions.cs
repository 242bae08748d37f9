// What is kept of a transaction. The four machines are in files of their own; these are the slots that they work on.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

/// <summary>The states of RFC 3261's figures 5 to 8 as RFC 6026 amends them. Terminated is a slot that is free.</summary>
public enum TransactionState : byte
{
    Terminated,

    /// <summary>INVITE client: nothing heard yet.</summary>
    Calling,

    /// <summary>Anything but an INVITE: nothing heard yet, or nothing answered yet.</summary>
    Trying,

    Proceeding,

    /// <summary>An INVITE with a 2xx (RFC 6026).</summary>
    Accepted,

    Completed,

    /// <summary>INVITE server: the ACK to a final response other than 2xx has come.</summary>
    Confirmed,
}

/// <summary>A request of a peer. Named by <see cref="Handle{T}"/>; what is in it is the transaction layer's own.</summary>
public struct ServerTransaction
{
    internal UInt128 Key;

    /// <summary>What an initial request has in common with its other copies (RFC 3261 §8.2.2.2); 0 for one inside a dialog.</summary>
    internal UInt128 MergeKey;

    /// <summary>What the ACK to a 2xx is known by; 0 where none was sent.</summary>
    internal UInt128 AckKey;

    /// <summary>Where it came from, and where responses go.</summary>
    internal Flow From;

    internal Flow Target;

    /// <summary>The request, until it has a final response.</summary>
    internal Memory.Buffer Request;

    /// <summary>The last response.</summary>
    internal Memory.Buffer Response;

    /// <summary>The tag that To gets; its text is <see cref="TokenText"/>.</summary>
    internal ulong Tag;

    internal ulong User;

    internal Instant Began;

    /// <summary>The interval of the retransmission timer.</summary>
    internal TimeSpan Interval;

    internal ushort Status;

    internal Method Method;

    internal TransactionState State;

    internal bool IsCancelled;

    internal bool IsAcknowledged;

    /// <summary>To has no tag in the request, and the transaction's in a response.</summary>
    internal bool AddsTag;

    internal readonly bool IsInvite => Method == Method.Invite;
}

/// <summary>A request of ours. Named by <see cref="Handle{T}"/>; what is in it is the transaction layer's own.</summary>
public struct ClientTransaction
{
    /// <summary>The branch's number, also that of its CANCEL (RFC 3261 §9.1); its text is <see cref="TokenText"/>.</summary>
    internal ulong Branch;

    internal Flow Flow;

    /// <summary>The request, until it has a final response; then, for an INVITE that was refused, the ACK.</summary>
    internal Memory.Buffer Request;

    internal ulong User;

    internal TimeSpan Interval;

    /// <summary>Where a request that went over a stream for its size would have gone from.</summary>
    internal IpEndpoint UdpLocal;

    internal Method Method;

    internal TransactionState State;

    /// <summary>Set where it failed below; the life timer then ends it.</summary>
    internal TransportFault Fault;

    internal bool IsSwitched;

    internal bool WantsCancel;

    internal bool IsCancelSent;

    /// <summary>Header lines of a CANCEL that waits.</summary>
    internal Memory.Buffer CancelLines;

    /// <summary>Its Via has a sent-by that its sender chose.</summary>
    internal bool HasSentBy;

    internal bool OffersKeepAlive;

    /// <summary>Not 0: it waits for its way under this number, behind those of a lower order.</summary>
    internal ulong HeldAt;

    internal ulong HeldOrder;

    internal readonly bool IsInvite => Method == Method.Invite;
}
