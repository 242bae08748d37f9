// What the sender of a request settles beside its message: who hears of it, and what its Via says.
namespace SipEmbedded.Transactions;

/// <summary>Which part of the stack sent a request, and so hears what became of it.</summary>
public enum TransactionOwner : byte
{
    /// <summary>The agent's user.</summary>
    User,

    Registration,

    /// <summary>OPTIONS that measure whether a target is alive.</summary>
    Ping,
}

/// <summary>Settings of one request. All zero is the usual.</summary>
public readonly ref struct RequestSettings
{
    /// <summary>Comes back with each event of the transaction.</summary>
    public ulong User { get; init; }

    public TransactionOwner Owner { get; init; }

    /// <summary>
    /// <c>host [ ":" port ]</c> for the Via in place of the flow's own address (RFC 3261 §18.1.1). Answers over UDP come to where the request came from all the
    /// same (RFC 3581); over a stream that has broken they go here.
    /// </summary>
    public ReadOnlySpan<byte> SentBy { get; init; }

    /// <summary>Says in the Via that keep-alives would be sent (RFC 6223 §4.2).</summary>
    public bool OffersKeepAlive { get; init; }
}
