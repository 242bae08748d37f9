// A calling agent that somebody watches: each result is printed as it comes, and the host is stopped when the last is there.
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Peer;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Probe;

/// <summary>Passes everything on to the agent, and looks at what came of it.</summary>
internal sealed class WatchedProbe(CallingAgent agent, SipHost host, TextWriter output) : ISipEngine, IHostApplication
{
    private bool _isOver;

    public bool IsDrained => agent.IsDone;

    public void HandleStop(Instant now)
    {
        // The host knows already.
        _isOver = true;
        agent.Stop(now);
        Look();
    }

    // There is no configuration but the command line.
    public void HandleReload(Instant now)
    {
    }

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        agent.HandleDatagram(now, flow, datagram);
        Look();
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection) => agent.HandleAccepted(now, flow, out connection);

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local) => agent.HandleConnected(now, connection, local);

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        int taken = agent.HandleStreamBytes(now, connection, octets);
        Look();
        return taken;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault) => agent.HandleClosed(now, connection, fault);

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault) => agent.HandleUndelivered(now, flow, fault);

    public void HandleNetworkChange(Instant now) => agent.HandleNetworkChange(now);

    public void HandleResolverConfiguration(Instant now, ReadOnlySpan<byte> text) => agent.HandleResolverConfiguration(now, text);

    public void HandleHosts(Instant now, ReadOnlySpan<byte> text) => agent.HandleHosts(now, text);

    public void HandleTimeout(Instant now)
    {
        agent.HandleTimeout(now);
        Look();
    }

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => agent.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => agent.PollTimeout();

    private void Look()
    {
        while (agent.PollResult(out var result))
            output.WriteLine(ProbeRun.Describe(result));
        if (!agent.IsDone || _isOver)
            return;
        _isOver = true;
        host.RequestStop();
    }
}
