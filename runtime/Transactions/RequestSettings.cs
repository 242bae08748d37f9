// What the sender of a request settles beside its message: its number, and what its Via says.
namespace SipEmbedded.Transactions;

/// <summary>Settings of one request. All zero is the usual.</summary>
public readonly ref struct RequestSettings
{
    /// <summary>Comes back with each event of the transaction (<see cref="TransactionOwner"/>).</summary>
    public ulong User { get; init; }

    /// <summary>
    /// <c>host [ ":" port ]</c> for the Via in place of the flow's own address (RFC 3261 §18.1.1). Answers over UDP come to where the request came from all the
    /// same (RFC 3581); over a stream that has broken they go here.
    /// </summary>
    public ReadOnlySpan<byte> SentBy { get; init; }

    /// <summary>Says in the Via that keep-alives would be sent (RFC 6223 §4.2).</summary>
    public bool OffersKeepAlive { get; init; }

    /// <summary>
    /// Not 0: its way is not known yet (RFC 3263 §4). The request is held under this number until <see cref="TransactionLayer.Depart"/> or
    /// <see cref="TransactionLayer.FailHeld"/> is called for it; its timers run from its departure on.
    /// </summary>
    public ulong HeldAt { get; init; }
}
