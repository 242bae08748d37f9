// What a message travels on (RFC 5626 §1.2: a flow is a bidirectional stream of datagrams, or a connection).
using SipEmbedded.Memory;

namespace SipEmbedded.Transport;

/// <summary>What travels: SIP over a transport protocol, as a Via names it (RFC 3261 §20.42), a question for a name server, or media.</summary>
public enum Protocol : byte
{
    None,
    Udp,
    Tcp,
    Tls,

    /// <summary>
    /// DNS in datagrams, each question from a port of its own (RFC 5452 §9.2): <see cref="Flow.Local"/> is "any" with a port that was drawn, and the port
    /// stays open until it is given back (<see cref="TransmitKind.Close"/>).
    /// </summary>
    Dns,

    /// <summary>DNS over TCP (RFC 1035 §4.2.2).</summary>
    DnsStream,

    /// <summary>RTP and RTCP in datagrams (RFC 3550 §11), from and to one of the ports of <see cref="ISipEngine.HandleMediaPort"/>.</summary>
    Rtp,
}

/// <summary>
/// A protocol, an address of ours and one of a peer's. On a stream <see cref="Connection"/> names the connection; it goes stale when that is closed, the
/// addresses then still tell where a new one would go.
/// </summary>
public readonly struct Flow : IEquatable<Flow>
{
    public Flow(Protocol protocol, in IpEndpoint local, in IpEndpoint remote, Handle<Connection> connection = default)
    {
        Local = local;
        Remote = remote;
        Connection = connection;
        Protocol = protocol;
    }

    /// <summary>The address and port of ours that the peer sees, or that a socket is bound to.</summary>
    public IpEndpoint Local { get; }

    public IpEndpoint Remote { get; }

    public Handle<Connection> Connection { get; }

    public Protocol Protocol { get; }

    /// <summary>True for a stream: nothing is lost or repeated on the way (RFC 3261 §17: a reliable transport).</summary>
    public bool IsReliable => Protocol is Protocol.Tcp or Protocol.Tls or Protocol.DnsStream;

    public bool Equals(Flow other) =>
        Protocol == other.Protocol && Remote == other.Remote && Local == other.Local && Connection == other.Connection;

    public override bool Equals(object? obj) => obj is Flow other && Equals(other);

    public override int GetHashCode() => Remote.GetHashCode() ^ Local.GetHashCode() * 31 ^ (int)Protocol;

    public static bool operator ==(Flow left, Flow right) => left.Equals(right);

    public static bool operator !=(Flow left, Flow right) => !left.Equals(right);
}
