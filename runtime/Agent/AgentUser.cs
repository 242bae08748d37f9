// The place for a program's own part: it sits between the host and its agent, sees each event as it comes, and its commands go out with what the input caused.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Agent;

/// <summary>
/// An engine that hands everything on to an agent and gives each of its events to <see cref="React"/>, before the next input. Derive from it, and let a host
/// run it.
/// </summary>
/// <remarks>A whole phone with commands is in <c>runtime/Samples/Softphone/Program.cs</c>.</remarks>
/// <example>
/// A phone that answers every call, with a host around it:
/// <code>
/// var gate = new StartGate();
/// var audio = new AudioSessions(gate, sessions: 8, firstPort: 40000);
/// IpEndpoint own = IpEndpoint.Loopback(5060);
/// var host = new SipHost(gate, new() { Udp = [own] });
/// var agent = new SipAgent(
///     gate,
///     new()
///     {
///         Transport = new() { ListeningPoints = [new(Protocol.Udp, own)] },
///         Calls = new() { Streams = [new AudioStreamHandler(new(), audio)] },
///     },
///     new KernelEntropy(), host.Addresses);
/// gate.Close();
/// host.Open();
/// host.Run(new Answerer(agent));
///
/// sealed class Answerer(SipAgent agent) : AgentUser(agent)
/// {
///     protected override void React(Instant now, in AgentEvent happened)
///     {
///         if (happened.Kind == AgentEventKind.Call &amp;&amp; happened.Call.Kind == CallEventKind.Incoming)
///             Agent.Calls!.Answer(now, happened.Call.Call, 200);
///     }
/// }
/// </code>
/// </example>
public abstract class AgentUser : ISipEngine
{
    [StartUp(Because = "made before start")]
    protected AgentUser(SipAgent agent) => Agent = agent;

    protected SipAgent Agent { get; }

    /// <summary>One event of the agent's; its message is <see cref="SipAgent.Message"/> until this returns.</summary>
    protected abstract void React(Instant now, in AgentEvent happened);

    /// <summary>An input has been dealt with, and its events were told.</summary>
    protected virtual void Settle(Instant now)
    {
    }

    private void Look(Instant now)
    {
        while (Agent.PollEvent(out var happened))
            React(now, happened);
        Settle(now);
    }

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Agent.HandleDatagram(now, flow, datagram);
        Look(now);
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        bool isTaken = Agent.HandleAccepted(now, flow, out connection);
        Look(now);
        return isTaken;
    }

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local)
    {
        Agent.HandleConnected(now, connection, local);
        Look(now);
    }

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        int taken = Agent.HandleStreamBytes(now, connection, octets);
        Look(now);
        return taken;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        Agent.HandleClosed(now, connection, fault);
        Look(now);
    }

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        Agent.HandleUndelivered(now, flow, fault);
        Look(now);
    }

    public void HandleNetworkChange(Instant now)
    {
        Agent.HandleNetworkChange(now);
        Look(now);
    }

    public void HandleResolverConfiguration(Instant now, ReadOnlySpan<byte> text)
    {
        Agent.HandleResolverConfiguration(now, text);
        Look(now);
    }

    public void HandleHosts(Instant now, ReadOnlySpan<byte> text)
    {
        Agent.HandleHosts(now, text);
        Look(now);
    }

    public void HandleMediaPort(Instant now, in IpEndpoint rtp)
    {
        Agent.HandleMediaPort(now, rtp);
        Look(now);
    }

    /// <summary>A program with times of its own overrides it, and calls it for the agent's.</summary>
    public virtual void HandleTimeout(Instant now)
    {
        Agent.HandleTimeout(now);
        Look(now);
    }

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => Agent.PollTransmit(buffer, out transmit);

    /// <summary>When <see cref="HandleTimeout"/> is wanted next: the agent's time, or an earlier one of the program's.</summary>
    public virtual Instant PollTimeout() => Agent.PollTimeout();
}
