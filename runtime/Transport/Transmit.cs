// What the core asks of whoever owns the sockets.
using SipEmbedded.Memory;

namespace SipEmbedded.Transport;

public enum TransmitKind : byte
{
    None,

    /// <summary>
    /// Send the octets as one datagram on <see cref="Transmit.Flow"/>. For <see cref="Protocol.Dns"/> from a socket that is open for this flow alone; a port
    /// that cannot be had is told as undelivered.
    /// </summary>
    Datagram,

    /// <summary>Append the octets to the stream of <see cref="Transmit.Connection"/>, behind what was handed over before.</summary>
    Stream,

    /// <summary>
    /// Open a connection to the flow's remote address, from its local address where that is not "any" and from whatever port. Streams may be handed over
    /// at once; they go out when it is open. <c>HandleConnected</c> or <c>HandleClosed</c> tells the outcome.
    /// </summary>
    Connect,

    /// <summary>
    /// Close the connection, once what was handed over before is sent. No <c>HandleClosed</c> follows; its handle is stale already. Of a flow of
    /// <see cref="Protocol.Dns"/>: its port is needed no more.
    /// </summary>
    Close,
}

/// <summary>One thing to do, in order (<see cref="ISipEngine.PollTransmit"/>).</summary>
public readonly struct Transmit
{
    public Transmit(TransmitKind kind, in Flow flow, int length)
    {
        Kind = kind;
        Flow = flow;
        Length = length;
    }

    public TransmitKind Kind { get; }

    public Flow Flow { get; }

    /// <summary>The connection of a stream; for <see cref="TransmitKind.Close"/> the one that was.</summary>
    public Handle<Connection> Connection => Flow.Connection;

    /// <summary>Octets written to the caller's buffer.</summary>
    public int Length { get; }
}

/// <summary>Why a flow failed or ended. What the operating system said is told by kind, since errno values are its own.</summary>
public enum TransportFault : byte
{
    None,

    /// <summary>The peer closed the stream in order, or it was closed by us.</summary>
    Closed,

    /// <summary>Nobody listens there: a TCP reset on connecting, an ICMP port unreachable.</summary>
    Refused,

    /// <summary>The stream was broken off.</summary>
    Reset,

    /// <summary>No way there: ICMP host or network unreachable, no address, no route, interface down.</summary>
    Unreachable,

    /// <summary>The datagram is longer than the path or the socket takes (EMSGSIZE).</summary>
    TooLarge,

    /// <summary>It took too long.</summary>
    TimedOut,

    /// <summary>No buffer, no descriptor, no slot.</summary>
    Exhausted,
}
