// The simplest thing that has a network: sends back what comes, opens what it is told to. The network is tested with it.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class EchoEngine : ISipEngine
{
    private readonly SlotMap<Connection> _connections = new(new StartGate(), "connections", 64);
    private readonly Queue<(TransmitKind Kind, Flow Flow, byte[] Octets)> _out = new();

    public List<(Instant Time, byte[] Octets)> Datagrams { get; } = [];

    /// <summary>What each datagram came on.</summary>
    public List<Flow> Flows { get; } = [];

    public List<Instant> NetworkChanges { get; } = [];

    /// <summary>Octets of all streams, in the order in which they came.</summary>
    public List<byte> Stream { get; } = [];

    public List<TransportFault> Ends { get; } = [];

    public List<(Instant Time, TransportFault Fault)> Undelivered { get; } = [];

    public List<Instant> Timeouts { get; } = [];

    public int Accepted { get; private set; }

    public int Connected { get; private set; }

    public int ConnectionCount => _connections.Count;

    public bool Echoes { get; init; } = true;

    public bool Accepts { get; init; } = true;

    /// <summary>So many octets of a stream are one input.</summary>
    public int InputOctets { get; init; } = int.MaxValue;

    public Instant Deadline { get; set; } = Instant.Never;

    public void Send(in Flow flow, byte[] octets) => _out.Enqueue((TransmitKind.Datagram, flow, octets));

    /// <summary>The port of a question is needed no more.</summary>
    public void Release(in Flow flow) => _out.Enqueue((TransmitKind.Close, flow, []));

    public Handle<Connection> Connect(in IpEndpoint local, in IpEndpoint remote)
    {
        _connections.TryAdd(out var connection);
        _out.Enqueue((TransmitKind.Connect, new(Protocol.Tcp, local, remote, connection), []));
        return connection;
    }

    public void Write(Handle<Connection> connection, byte[] octets) =>
        _out.Enqueue((TransmitKind.Stream, new(Protocol.Tcp, default, default, connection), octets));

    public void Close(Handle<Connection> connection)
    {
        _connections.Remove(connection);
        _out.Enqueue((TransmitKind.Close, new(Protocol.Tcp, default, default, connection), []));
    }

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Datagrams.Add((now, datagram.ToArray()));
        Flows.Add(flow);
        if (Echoes)
            Send(flow, datagram.ToArray());
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        connection = default;
        if (!Accepts)
            return false;
        Accepted++;
        return _connections.TryAdd(out connection);
    }

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local) => Connected++;

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        octets = octets[..Math.Min(octets.Length, InputOctets)];
        Stream.AddRange(octets);
        if (Echoes)
            Write(connection, octets.ToArray());
        return octets.Length;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        _connections.Remove(connection);
        Ends.Add(fault);
    }

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault) => Undelivered.Add((now, fault));

    public void HandleNetworkChange(Instant now) => NetworkChanges.Add(now);

    public void HandleTimeout(Instant now)
    {
        Timeouts.Add(now);
        Deadline = Instant.Never;
    }

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (!_out.TryDequeue(out var next))
            return false;
        next.Octets.CopyTo(buffer);
        transmit = new(next.Kind, next.Flow, next.Octets.Length);
        return true;
    }

    public Instant PollTimeout() => Deadline;
}
