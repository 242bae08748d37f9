// A host of the simulated network: addresses, an engine, and the turning of its crank (ISipEngine: one input, then drain).
using System.Runtime.InteropServices;
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class Node(World world, string name, int number, params IpEndpoint[] addresses) : ILocalAddresses
{
    /// <summary>An engine that hands out more for one input has lost its way.</summary>
    private const int MaxTransmitsPerInput = 10_000;

    // RFC 6335 §6: where ephemeral ports begin.
    private const ushort FirstEphemeralPort = 49152;

    /// <summary>The note of the moment in which an engine is told that the network changed.</summary>
    public const string ToldOfChange = "is told that the network changed";

    /// <summary>From a change of the network until the engine is told: a host waits for more of them.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<Handle<Connection>, StreamEnd> _streams = [];
    private readonly List<IpEndpoint> _addresses = [.. addresses];
    private readonly HashSet<IpEndpoint> _former = [];

    // Ports of questions to name servers, as the engine named them and as they are on the network.
    private readonly Dictionary<ushort, (Flow Named, IpEndpoint Local)> _ports = [];
    private ISipEngine? _engine;
    private IApplication? _application;
    private ushort _nextPort = FirstEphemeralPort;
    private int _changes;

    public string Name { get; } = name;

    public int Number { get; } = number;

    /// <summary>Where it listens, datagrams and connections alike.</summary>
    public IReadOnlyList<IpEndpoint> Addresses => _addresses;

    /// <summary>False: its cable is out. What it sends is refused by its own system, what is sent to it is lost.</summary>
    public bool HasLink { get; private set; } = true;

    /// <summary>What translates its address, or null.</summary>
    public Translator? Behind { get; init; }

    /// <summary>
    /// While nobody runs on it: true, its system says that nobody listens; false, it says nothing, as one that lost power; null, as
    /// <see cref="NetworkFaults.RefusalToldPerMille"/> has it.
    /// </summary>
    public bool? RefusesWhenDown { get; set; }

    /// <summary>True while its system has no room for another datagram.</summary>
    public Func<bool> IsOverrun { get; init; } = () => false;

    /// <summary>Ports that are open for questions to name servers.</summary>
    public int PortCount => _ports.Count;

    public World World { get; } = world;

    public bool IsUp => _engine is not null;

    /// <summary>How often it was started: what belongs to an earlier life is told by it.</summary>
    public int Life { get; private set; }

    /// <summary>When its engine wants to be called.</summary>
    public Instant Timeout
    {
        get;
        private set
        {
            if (field == value)
                return;
            field = value;
            World.WillCall(this);
        }
    } = Instant.Never;

    /// <summary>Its place among the world's nodes: of two that are due at one instant the first one goes first.</summary>
    public int Place { get; set; }

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
        foreach (ushort port in _ports.Keys.ToList())
            ClosePort(port);
        var streams = _streams.Values.ToList();
        _streams.Clear();
        foreach (var stream in streams)
            World.Network.Abandon(stream, silently);
    }

    // ---- Links and addresses ----------------------------------------------------------------------------------------------------

    /// <inheritdoc/>
    public bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local)
    {
        // Called from inside an engine, whose octets on the heap are counted.
        foreach (ref readonly var address in CollectionsMarshal.AsSpan(_addresses))
        {
            if (!HasLink || address.IsV4 != remote.IsV4)
                continue;
            local = address.WithPort(0);
            return true;
        }
        local = default;
        return false;
    }

    public void LoseLink()
    {
        World.Tell(OccurrenceKind.Weather, this, "lost its link");
        HasLink = false;
        TellChange();
    }

    /// <summary>The link is back, with the address that it had.</summary>
    public void RegainLink()
    {
        World.Tell(OccurrenceKind.Weather, this, "has its link again");
        HasLink = true;
        TellChange();
    }

    /// <summary>Nothing reaches it and nothing of it reaches anybody, and it is not told: a machine that hangs, or a cable that is out on the far side.</summary>
    public void Freeze()
    {
        World.Tell(OccurrenceKind.Weather, this, "hangs");
        HasLink = false;
    }

    public void Thaw()
    {
        World.Tell(OccurrenceKind.Weather, this, "hangs no more");
        HasLink = true;
    }

    /// <summary>
    /// Other addresses from now on. Connections from the earlier ones are dead: <paramref name="resetsStreams"/>, and the engine is told, or nobody says a
    /// word.
    /// </summary>
    public void ChangeAddresses(bool resetsStreams, params IpEndpoint[] addresses)
    {
        World.Tell(OccurrenceKind.Weather, this, $"has the address {string.Join(' ', addresses.Select(address => AddressText.Of(address)))} now");
        foreach (var address in Addresses)
        {
            World.Network.Detach(address);
            _former.Add(address);
        }
        foreach (var (_, local) in _ports.Values)
        {
            World.Network.Detach(local);
            _former.Add(local);
        }
        _addresses.Clear();
        _addresses.AddRange(addresses);
        foreach (var address in addresses)
        {
            World.Network.Attach(this, address);
            _former.Remove(address);
        }
        foreach (var stream in _streams.Values.Where(stream => !addresses.Any(address => address.HasAddressOf(stream.Local))).ToList())
            World.Network.Orphan(stream, resetsStreams);
        TellChange();
    }

    /// <summary>Its connections pass nothing any more and nobody is told: a firewall on the way has forgotten them.</summary>
    public void SilenceStreams()
    {
        World.Tell(OccurrenceKind.Weather, this, "has connections that pass nothing any more");
        foreach (var stream in _streams.Values.Where(stream => stream.State == StreamState.Open).ToList())
            World.Network.Orphan(stream, isTold: false);
    }

    // Only behind the last of several.
    private void TellChange()
    {
        int change = ++_changes;
        World.After(SettleTime, () =>
        {
            if (_engine is null || change != _changes)
                return;
            World.Tell(OccurrenceKind.Weather, this, ToldOfChange);
            _engine.HandleNetworkChange(World.Now);
            Settle();
        });
    }

    /// <summary>The host's /etc/resolv.conf.</summary>
    public void ConfigureResolver(string text)
    {
        if (_engine is null)
            return;
        _engine.HandleResolverConfiguration(World.Now, Encoding.ASCII.GetBytes(text));
        Settle();
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

    public void HandleUndelivered(Flow flow, TransportFault fault)
    {
        // A port that is closed again has nobody to be told.
        if (_engine is null || flow.Protocol == Protocol.Dns && !TryNameOf(ref flow))
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
        for (int count = 0; _engine is not null && _engine.PollTransmit(World.TransmitBuffer, out var transmit); count++)
        {
            if (count == MaxTransmitsPerInput)
                throw new SimulationFailure("Contract", $"{Name} hands out more than {MaxTransmitsPerInput} things to do for one input");
            Carry(transmit);
        }
    }

    private void Carry(in Transmit transmit)
    {
        byte[] octets = World.TransmitBuffer.AsSpan(0, transmit.Length).ToArray();
        var flow = transmit.Flow;
        switch (transmit.Kind)
        {
            case TransmitKind.Datagram:
                CarryDatagram(flow, octets);
                break;
            case TransmitKind.Connect:
                var local = (flow.Local.IsAny ? AddressFor(flow.Remote) : flow.Local).WithPort(NextPort());
                var stream = new StreamEnd(this, flow.Protocol, local, flow.Remote) { Handle = transmit.Connection };
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
            case TransmitKind.Close when flow.Protocol == Protocol.Dns:
                ClosePort(flow.Local.Port);
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

    private void CarryDatagram(in Flow flow, byte[] octets)
    {
        var local = flow.Local;
        // A port for this question alone, unless it is a name server that answers.
        if (flow.Protocol == Protocol.Dns && local.IsAny)
        {
            if (!TryOpenPort(flow, out local))
            {
                TellUndelivered(flow, TransportFault.Exhausted);
                return;
            }
        }
        else if (local.IsAny)
            local = AddressFor(flow.Remote);
        var datagram = new Flow(flow.Protocol, local, flow.Remote);
        if (_former.Contains(local))
        {
            World.Tell(OccurrenceKind.DatagramLost, this, datagram, octets, "from an address that is gone");
            TellUndelivered(flow, TransportFault.Unreachable);
            return;
        }
        if (!Addresses.Contains(local) && !_ports.ContainsKey(local.Port))
            throw new SimulationFailure("Contract", $"{Name} sends from {AddressText.Of(local)}, which is not its own");
        World.Tell(OccurrenceKind.DatagramSent, this, datagram, octets);
        World.Network.Send(this, datagram, octets);
    }

    private IpEndpoint AddressFor(IpEndpoint remote)
    {
        var address = Addresses.FirstOrDefault(address => address.IsV4 == remote.IsV4);
        return address == default ? Addresses[0] : address;
    }

    private void TellUndelivered(Flow flow, TransportFault fault)
    {
        int life = Life;
        World.After(TimeSpan.Zero, () =>
        {
            if (Life == life)
                HandleUndelivered(flow, fault);
        });
    }

    // False where the port has another use.
    private bool TryOpenPort(in Flow flow, out IpEndpoint local)
    {
        ushort port = flow.Local.Port;
        if (_ports.TryGetValue(port, out var open))
        {
            local = open.Local;
            return open.Named == flow;
        }
        local = AddressFor(flow.Remote).WithPort(port);
        if (Addresses.Contains(local))
            return false;
        _ports.Add(port, (flow, local));
        World.Network.Attach(this, local);
        return true;
    }

    private void ClosePort(ushort port)
    {
        if (_ports.Remove(port, out var open))
            World.Network.Detach(open.Local);
    }

    /// <summary>A datagram has come to the node: what its engine calls the flow. False where the port is open for another peer's answers only.</summary>
    public bool Takes(ref Flow arrived)
    {
        if (!_ports.TryGetValue(arrived.Local.Port, out var open) || open.Local != arrived.Local)
            return true;
        bool isAsked = open.Named.Remote == arrived.Remote;
        arrived = open.Named;
        return isAsked;
    }

    // What the engine calls a flow of the network's from a port of its own; it may have that name already. A name server answers from an address of its own.
    private bool TryNameOf(ref Flow flow)
    {
        if (flow.Local.IsAny || Addresses.Contains(flow.Local))
            return true;
        bool isOpen = _ports.TryGetValue(flow.Local.Port, out var open) && open.Local == flow.Local;
        flow = open.Named;
        return isOpen;
    }

    /// <summary>True where octets on a connection of the node's would come to the other.</summary>
    public bool IsConnected(Handle<Connection> connection, Node other) =>
        _streams.TryGetValue(connection, out var stream) && stream is { State: StreamState.Open, IsSilent: false, Peer: { State: StreamState.Open } peer }
        && peer.Node == other && other.IsUp && other.HasLink && peer.Life == other.Life;

    private void Keep(StreamEnd stream) => _streams.Add(stream.Handle, stream);

    private bool Owns(StreamEnd stream) => IsUp && _streams.TryGetValue(stream.Handle, out var known) && ReferenceEquals(known, stream);

    private ushort NextPort()
    {
        ushort port = _nextPort;
        _nextPort = port == ushort.MaxValue ? FirstEphemeralPort : (ushort)(port + 1);
        return port;
    }
}
