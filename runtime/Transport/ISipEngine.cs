// The boundary between the core and the world: what Host drives with sockets and a clock, and a simulation with neither.
using SipEmbedded.Memory;

namespace SipEmbedded.Transport;

/// <summary>
/// A SIP element without I/O. The order of calls: hand in one input (<c>Handle…</c>) or one command, then drain <see cref="PollTransmit"/>, then the next.
/// <c>now</c> never goes back. When <see cref="PollTimeout"/> has come, call <see cref="HandleTimeout"/>; it may leave the time as it was, to be called again.
/// </summary>
public interface ISipEngine
{
    /// <summary>A datagram arrived on a flow whose <see cref="Flow.Local"/> is the address it was sent to.</summary>
    void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram);

    /// <summary>A peer opened a connection. False where there is no room: close it.</summary>
    bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection);

    /// <summary>A connection that was asked for is open; <paramref name="local"/> is its own address.</summary>
    void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local);

    /// <summary>
    /// Octets arrived on a connection. Returns how many were taken: as soon as they yield one input of the core's, it stops. Drain, then hand in the rest.
    /// All are taken where the connection is gone.
    /// </summary>
    int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets);

    /// <summary>A connection ended, or was never opened. Its handle is stale from here on.</summary>
    void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault);

    /// <summary>A datagram could not be sent, or came back as an ICMP error. <see cref="Flow.Remote"/> is where it was to go.</summary>
    void HandleUndelivered(Instant now, in Flow flow, TransportFault fault);

    /// <summary>The time that <see cref="PollTimeout"/> gave has come.</summary>
    void HandleTimeout(Instant now);

    /// <summary>Links, addresses or routes changed: what <see cref="ILocalAddresses"/> said may hold no more. For nothing, to who asks nobody.</summary>
    void HandleNetworkChange(Instant now)
    {
    }

    /// <summary>The text of /etc/resolv.conf, at start and when it changed. For nothing, to who resolves no names.</summary>
    void HandleResolverConfiguration(Instant now, ReadOnlySpan<byte> text)
    {
    }

    /// <summary>The text of /etc/hosts, at start and when it changed. For nothing, to who resolves no names.</summary>
    void HandleHosts(Instant now, ReadOnlySpan<byte> text)
    {
    }

    /// <summary>
    /// A pair of ports for media is open, <paramref name="rtp"/> and the next one; its address is "any" where every interface is served. For nothing, to who has
    /// no media.
    /// </summary>
    void HandleMediaPort(Instant now, in IpEndpoint rtp)
    {
    }

    /// <summary>The next thing to do, its octets written to <paramref name="buffer"/>, of 65,535 octets at least; false where there is none.</summary>
    bool PollTransmit(Span<byte> buffer, out Transmit transmit);

    /// <summary>When to call <see cref="HandleTimeout"/>, or <see cref="Instant.Never"/>.</summary>
    Instant PollTimeout();
}
