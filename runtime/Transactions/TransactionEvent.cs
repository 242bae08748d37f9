// What the transaction layer tells its user (RFC 3261 §17: "the TU").
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

public enum TransactionEventKind : byte
{
    None,

    /// <summary>A new request. Answer it through <see cref="TransactionEvent.Server"/>.</summary>
    Request,

    /// <summary>
    /// An ACK to a 2xx of <see cref="TransactionEvent.Server"/>, which is retransmitted no more. Each ACK is told, since one that is new may carry an answer.
    /// </summary>
    Ack,

    /// <summary>The client wants its INVITE ended; the CANCEL has its 200. Answer the INVITE with 487 (RFC 3261 §9.2). Told once.</summary>
    Cancel,

    /// <summary>
    /// A response. Of an INVITE every provisional and every 2xx is told, forks and retransmissions included: acknowledge each 2xx (RFC 3261 §13.2.2.4).
    /// </summary>
    Response,

    /// <summary>
    /// Client: no final response came in time; treat it as a 408 (RFC 3261 §8.1.3.1). Server: our own user did not answer in time; the transaction is over.
    /// </summary>
    Timeout,

    /// <summary>The request could not be delivered; treat it as a 503 (RFC 3261 §8.1.3.1).</summary>
    TransportError,

    /// <summary>No ACK came for a final response. For a 2xx the dialog is to be ended with a BYE (RFC 3261 §13.3.1.4).</summary>
    Unacknowledged,
}

/// <summary>One event. The message that caused it is <see cref="TransactionLayer.Message"/>, until the next input.</summary>
public struct TransactionEvent
{
    public TransactionEventKind Kind { get; internal set; }

    public Method Method { get; internal set; }

    /// <summary>The status of a response or of what was not acknowledged, else 0.</summary>
    public ushort Status { get; internal set; }

    public TransportFault Fault { get; internal set; }

    public Handle<ServerTransaction> Server { get; internal set; }

    /// <summary>Stale already where the event ended the transaction.</summary>
    public Handle<ClientTransaction> Client { get; internal set; }

    /// <summary>What the user gave the transaction (<see cref="TransactionLayer.SetUser(Handle{ServerTransaction}, ulong)"/>).</summary>
    public ulong User { get; internal set; }

    /// <summary>The flow that the message came on, or the one that failed.</summary>
    public Flow Flow { get; internal set; }
}
