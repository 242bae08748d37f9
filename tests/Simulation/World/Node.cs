// A host of the simulated network: addresses, an engine, and the turning of its crank (ISipEngine: one input, then drain).
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class Node(World world, string name, int number, params IpEndpoint[] addresses)
{
    /// <summary>The largest that <see cref="ISipEngine.PollTransmit"/> may write.</summary>
    private const int TransmitOctets = 65535;

    /// <summary>An engine that hands out more for one input has lost its way.</summary>
    private const int MaxTransmitsPerInput = 10_000;

    // RFC 6335 §6: where ephemeral ports begin.
    private const ushort FirstEphemeralPort = 49152;

    private readonly byte[] _buffer = new byte[TransmitOctets];
    private readonly Dictionary<Handle<Connection>, StreamEnd> _streams = [];
    private ISipEngine? _engine;
    private IApplication? _application;
    private ushort _nextPort = FirstEphemeralPort;

    public string Name { get; } = name;

    public int Number { get; } = number;

    /// <summary>Where it listens, datagrams and connections alike.</summary>
    public IReadOnlyList<IpEndpoint> Addresses { get; } = addresses;

    public World World { get; } = world;

    public bool IsUp => _engine is not null;

    /// <summary>How often it was started: what belongs to an earlier life is told by it.</summary>
    public int Life { get; private set; }

    /// <summary>When its engine wants to be called.</summary>
    public Instant Timeout { get; private set; } = Instant.Never;

    /// <summary>Connections of the network's that its engine knows.</summary>
    public int StreamCount => _streams.Count;

    // ---- Life -------------------------------------------------------------------------------------------------------------------

    public void Start(ISipEngine engine, IApplication? application = null)
    {
        _engine = engine;
        _application = application;
        Life++;
        World.Tell(OccurrenceKind.Lifecycle, this, Life == 1 ? "started" : "started again");
        Settle();
    }

    /// <summary>
    /// All state is gone. <paramref name="silently"/>: as by loss of power, so that peers of its connections hear nothing; else as by the end of a process,
    /// whose connections the system resets.
    /// </summary>
    public void Crash(bool silently)
    {
        _engine = null;
        _application = null;
        Timeout = Instant.Never;
        World.Tell(OccurrenceKind.Lifecycle, this, silently ? "lost power" : "ended");
        var streams = _streams.Values.ToList();
        _streams.Clear();
        foreach (var stream in streams)
            World.Network.Abandon(stream, silently);
    }

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    public void HandleDatagram(in Flow flow, byte[] octets, bool isCorrupt)
    {
        if (_engine is null)
            return;
        World.Tell(OccurrenceKind.DatagramReceived, this, flow, octets, isCorrupt ? Occurrence.Corrupted : "");
        _engine.HandleDatagram(World.Now, flow, octets);
        Settle();
    }

    public void HandleUndelivered(in Flow flow, TransportFault fault)
    {
        if (_engine is null)
            return;
        World.Tell(OccurrenceKind.Undelivered, this, flow, [], fault.ToString());
        _engine.HandleUndelivered(World.Now, flow, fault);
        Settle();
    }

    public void HandleTimeout()
    {
        if (_engine is null)
            return;
        _engine.HandleTimeout(World.Now);
        Settle();
    }

    /// <summary>False where the engine refuses the connection, or nobody is there.</summary>
    public bool HandleAccepted(StreamEnd stream)
    {
        if (_engine is null)
            return false;
        bool isAccepted = _engine.HandleAccepted(World.Now, stream.Flow, out var connection);
        World.Tell(OccurrenceKind.Accepted, this, stream.Flow, [], isAccepted ? "" : "refused");
        if (isAccepted)
        {
            stream.Handle = connection;
            Keep(stream);
        }
        Settle();
        return isAccepted;
    }

    public void HandleConnected(StreamEnd stream)
    {
        if (!Owns(stream))
            return;
        World.Tell(OccurrenceKind.Connected, this, stream.Flow, []);
        _engine!.HandleConnected(World.Now, stream.Handle, stream.Local);
        Settle();
    }

    public void HandleStreamBytes(StreamEnd stream, byte[] octets)
    {
        World.Tell(OccurrenceKind.StreamReceived, this, stream.Flow, octets);
        int taken = 0;
        // The engine stops behind each input of its own. It may close the connection on the way; a host then has the rest in its hands all the same.
        int life = Life;
        while (taken < octets.Length && IsUp && Life == life)
        {
            int more = _engine!.HandleStreamBytes(World.Now, stream.Handle, octets.AsSpan(taken));
            if (more <= 0 || more > octets.Length - taken)
                throw new SimulationFailure("Contract", $"{Name} took {more} of {octets.Length - taken} octets of a stream");
            taken += more;
            Settle();
        }
    }

    public void HandleClosed(StreamEnd stream, TransportFault fault)
    {
        if (!Owns(stream))
            return;
        _streams.Remove(stream.Handle);
        World.Tell(OccurrenceKind.Closed, this, stream.Flow, [], fault.ToString());
        _engine!.HandleClosed(World.Now, stream.Handle, fault);
        Settle();
    }

    /// <summary>After something was done to the engine from outside, a scripted command for instance: sends what it hands out.</summary>
    public void Settle()
    {
        do
            Drain();
        while (_engine is not null && _application?.Work() == true);
        Timeout = _engine?.PollTimeout() ?? Instant.Never;
    }

    // ---- Outputs ----------------------------------------------------------------------------------------------------------------

    private void Drain()
    {
        for (int count = 0; _engine is not null && _engine.PollTransmit(_buffer, out var transmit); count++)
        {
            if (count == MaxTransmitsPerInput)
                throw new SimulationFailure("Contract", $"{Name} hands out more than {MaxTransmitsPerInput} things to do for one input");
            Carry(transmit);
        }
    }

    private void Carry(in Transmit transmit)
    {
        byte[] octets = _buffer.AsSpan(0, transmit.Length).ToArray();
        var flow = transmit.Flow;
        switch (transmit.Kind)
        {
            case TransmitKind.Datagram:
                var from = flow.Local.IsAny ? Addresses[0] : flow.Local;
                if (!Addresses.Contains(from))
                    throw new SimulationFailure("Contract", $"{Name} sends from {AddressText.Of(from)}, which is not its own");
                var datagram = new Flow(Protocol.Udp, from, flow.Remote);
                World.Tell(OccurrenceKind.DatagramSent, this, datagram, octets);
                World.Network.Send(this, datagram, octets);
                break;
            case TransmitKind.Connect:
                var local = (flow.Local.IsAny ? Addresses[0] : flow.Local).WithPort(NextPort());
                var stream = new StreamEnd(this, local, flow.Remote) { Handle = transmit.Connection };
                if (!transmit.Connection.IsSome || _streams.ContainsKey(transmit.Connection))
                    throw new SimulationFailure("Contract", $"{Name} connects twice by one handle");
                Keep(stream);
                World.Tell(OccurrenceKind.Connecting, this, stream.Flow, []);
                World.Network.Connect(stream);
                break;
            case TransmitKind.Stream:
                // The connection may have ended while this waited; Host drops it as well.
                bool isKnown = _streams.TryGetValue(transmit.Connection, out var known);
                World.Tell(OccurrenceKind.StreamSent, this, isKnown ? known!.Flow : flow, octets, isKnown ? "" : "to nobody");
                if (isKnown)
                    World.Network.Send(known!, octets);
                break;
            case TransmitKind.Close:
                if (_streams.Remove(transmit.Connection, out var closed))
                {
                    World.Tell(OccurrenceKind.Closing, this, closed.Flow, []);
                    World.Network.Close(closed);
                }
                break;
            default:
                throw new SimulationFailure("Contract", $"{Name} hands out {transmit.Kind}");
        }
    }

    private void Keep(StreamEnd stream) => _streams.Add(stream.Handle, stream);

    private bool Owns(StreamEnd stream) => IsUp && _streams.TryGetValue(stream.Handle, out var known) && ReferenceEquals(known, stream);

    private ushort NextPort()
    {
        ushort port = _nextPort;
        _nextPort = port == ushort.MaxValue ? FirstEphemeralPort : (ushort)(port + 1);
        return port;
    }
}
