// A resolver on a bench: name servers that answer from zones, a network that carries and loses, and a clock that stands still between events.
using System.Buffers.Binary;
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Resolution;
using SipEmbedded.Tests.Zones;
using SipEmbedded.Text;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Finding;

/// <summary>Lines of <see cref="Log"/>: <c>0 udp 192.0.2.53 example.com SRV</c> for a question, with the time and the server.</summary>
internal sealed class ResolverBench
{
    /// <summary>The first name server, and the one that every bench has.</summary>
    public const string FirstServer = "192.0.2.53";

    private const int LatencyMs = 10;

    private readonly byte[] _buffer = new byte[65535];
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private readonly Dictionary<Handle<Connection>, (NameServerModel Server, List<byte> Received)> _streams = [];
    private long _order;

    /// <summary>A name server: what it knows, and how it behaves.</summary>
    public sealed class NameServerModel(string address, string zones)
    {
        public IpEndpoint Endpoint { get; } = EndpointOf(address, 53);

        public string Address => address;

        public ZoneServer Zones { get; } = new(zones);

        /// <summary>Takes questions and says nothing.</summary>
        public bool IsSilent { get; set; }

        /// <summary>Every datagram to it comes back as this.</summary>
        public TransportFault Fault { get; set; }

        /// <summary>Takes no connections.</summary>
        public bool RefusesStreams { get; set; }

        /// <summary>Octets of a piece in which its streams arrive.</summary>
        public int PieceOctets { get; set; } = 65535;

        /// <summary>Changes an answer on its way; null loses it.</summary>
        public Func<byte[], byte[]?>? Tamper { get; set; }
    }

    /// <summary>Which addresses the machine has a way to; all, to begin with.</summary>
    public sealed class Ways : ILocalAddresses
    {
        public Func<IpEndpoint, bool> HasWay { get; set; } = _ => true;

        public static readonly IpEndpoint V4 = EndpointOf("192.0.2.1", 0);
        public static readonly IpEndpoint V6 = EndpointOf("2001:db8::1", 0);

        public bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local)
        {
            local = remote.IsV4 ? V4 : V6;
            return HasWay(remote);
        }
    }

    private sealed class SeededEntropy(int seed) : IEntropySource
    {
        private readonly Random _random = new(seed);

        public void Fill(Span<byte> octets) => _random.NextBytes(octets);
    }

    public ResolverBench(
        string zones, ResolverOptions? options = null, string? resolvConf = "nameserver " + FirstServer, int seed = 1, int outputs = 64, int connections = 16)
    {
        var gate = new StartGate();
        var buffers = new BufferPool(gate, "messages", new BufferClass(512, 64));
        Transport = new(gate, new() { Outputs = outputs, Connections = connections }, buffers);
        Resolver = new(gate, options ?? new(), Transport, Local, new Entropy(gate, new SeededEntropy(seed)));
        gate.Close();
        Servers.Add(new(FirstServer, zones));
        Buffers = buffers;
        if (resolvConf is not null)
            Resolver.Configure(Now, Encoding.Latin1.GetBytes(resolvConf));
    }

    public ServerResolver Resolver { get; }

    public TransportLayer Transport { get; }

    public BufferPool Buffers { get; }

    public Ways Local { get; } = new();

    public List<NameServerModel> Servers { get; } = [];

    public NameServerModel Server => Servers[0];

    public long NowMs { get; private set; }

    public Instant Now => Instant.FromMilliseconds(NowMs);

    public List<string> Log { get; } = [];

    /// <summary>The flows of questions whose ports are open, and all that ever were, with the octets of each question.</summary>
    public HashSet<Flow> OpenPorts { get; } = [];

    public List<(Flow Flow, byte[] Question)> Questions { get; } = [];

    public List<ResolutionOutcome> Outcomes { get; } = [];

    public static IpEndpoint EndpointOf(string address, ushort port)
    {
        Assert.True(IpEndpoint.TryRead(Encoding.Latin1.GetBytes(address), port, out var endpoint), address);
        return endpoint;
    }

    public NameServerModel Add(string address, string zones)
    {
        Servers.Add(new(address, zones));
        return Servers[^1];
    }

    // ---- Searching --------------------------------------------------------------------------------------------------------------

    /// <summary>Begins a search for a URI as it would be written: <c>sip:example.com:5070;transport=tcp</c>.</summary>
    public Handle<ServerResolution> Begin(string uri, ResolveResult expected = ResolveResult.Started)
    {
        bool isSecure = uri.StartsWith("sips:", StringComparison.Ordinal);
        string rest = uri[(uri.IndexOf(':') + 1)..];
        var protocol = Protocol.None;
        if (rest.Split(";transport=") is [var before, var name])
            (rest, protocol) = (before, Enum.Parse<Protocol>(name, ignoreCase: true));
        int colon = rest.LastIndexOf(':');
        ushort? port = null;
        if (colon > rest.LastIndexOf(']') && colon > 0)
            (rest, port) = (rest[..colon], ushort.Parse(rest[(colon + 1)..]));
        var query = new ServerQuery { Host = Encoding.Latin1.GetBytes(rest), Port = port, Protocol = protocol, IsSecure = isSecure };
        Assert.Equal(expected, Resolver.TryResolve(Now, query, 7, out var resolution));
        Drain();
        return resolution;
    }

    /// <summary>Searches until there is an outcome.</summary>
    public Handle<ServerResolution> Find(string uri)
    {
        var resolution = Begin(uri);
        RunUntilOutcome(resolution);
        return resolution;
    }

    public ResolutionOutcome RunUntilOutcome(Handle<ServerResolution> resolution)
    {
        while (true)
        {
            if (Outcomes.FindIndex(outcome => outcome.Resolution == resolution) is >= 0 and var at)
            {
                var outcome = Outcomes[at];
                Outcomes.RemoveAt(at);
                return outcome;
            }
            Assert.True(Step(long.MaxValue), "no outcome, and nothing more happens");
        }
    }

    /// <summary>Refreshes, and waits where there is something to wait for.</summary>
    public void Refresh(Handle<ServerResolution> resolution)
    {
        bool waits = Resolver.Refresh(Now, resolution);
        Drain();
        if (waits)
            RunUntilOutcome(resolution);
    }

    /// <summary>The fault of a search that finds nothing.</summary>
    public ResolutionFault FaultOf(string uri)
    {
        var outcome = RunUntilOutcome(Begin(uri));
        Assert.False(outcome.IsFound);
        return outcome.Fault;
    }

    /// <summary>The current target, as <c>udp 192.0.2.1:5060</c>, or <c>none</c>.</summary>
    public string TargetOf(Handle<ServerResolution> resolution)
    {
        if (!Resolver.TryGetTarget(resolution, out var target))
            return "none";
        Span<byte> text = stackalloc byte[100];
        var writer = new ByteWriter(text);
        target.Remote.WriteHostPort(ref writer);
        return $"{target.Protocol.ToString().ToLowerInvariant()} {Encoding.Latin1.GetString(writer.WrittenSpan)}{(target.IsStale ? " stale" : "")}";
    }

    /// <summary>All targets in their order, by letting each fail.</summary>
    public List<string> TargetsOf(Handle<ServerResolution> resolution)
    {
        var targets = new List<string> { TargetOf(resolution) };
        while (Resolver.TryNext(Now, resolution))
            targets.Add(TargetOf(resolution));
        return targets;
    }

    public List<string> TargetsOf(string uri) => TargetsOf(Find(uri));

    // ---- Time and the network ---------------------------------------------------------------------------------------------------

    public void Until(long ms)
    {
        while (Step(ms))
        {
        }
        NowMs = Math.Max(NowMs, ms);
    }

    /// <summary>Lets all questions end.</summary>
    public void RunDry()
    {
        while (Step(long.MaxValue))
        {
        }
    }

    private bool Step(long untilMs)
    {
        long due = Resolver.NextDeadline == Instant.Never ? long.MaxValue : Resolver.NextDeadline.Milliseconds;
        bool hasEvent = _events.TryPeek(out _, out var next);
        long time = Math.Max(NowMs, hasEvent ? Math.Min(next.Time, due) : due);
        if (!hasEvent && due == long.MaxValue || time > untilMs)
            return false;
        NowMs = time;
        if (hasEvent && next.Time <= due)
            _events.Dequeue()();
        else
            Resolver.HandleTimeout(Now);
        Drain();
        return true;
    }

    public void After(int ms, Action action) => _events.Enqueue(action, (NowMs + ms, _order++));

    public void Drain()
    {
        while (Transport.PollTransmit(_buffer, out var transmit))
            Carry(transmit, _buffer.AsSpan(0, transmit.Length).ToArray());
        while (Resolver.TryTakeOutcome(out var outcome))
            Outcomes.Add(outcome);
    }

    private void Carry(Transmit transmit, byte[] octets)
    {
        var flow = transmit.Flow;
        var server = Servers.Find(server => server.Endpoint == flow.Remote);
        switch (transmit.Kind)
        {
            case TransmitKind.Datagram:
                Assert.Equal(Protocol.Dns, flow.Protocol);
                Assert.True(flow.Local.IsAny && flow.Local.Port >= 1024 && flow.Local.IsV4 == flow.Remote.IsV4);
                OpenPorts.Add(flow);
                Questions.Add((flow, octets));
                Note("udp", flow.Remote, octets);
                Ask(server, flow, octets);
                break;
            case TransmitKind.Close when flow.Protocol == Protocol.Dns:
                Assert.True(OpenPorts.Remove(flow), "a port is closed once");
                break;
            case TransmitKind.Close:
                Log.Add($"{NowMs} close");
                _streams.Remove(flow.Connection);
                break;
            case TransmitKind.Connect:
                if (server is null || server.RefusesStreams)
                    After(LatencyMs, () => End(flow.Connection, TransportFault.Refused));
                else
                {
                    _streams[flow.Connection] = (server, []);
                    After(LatencyMs, () => Transport.Connected(Now, flow.Connection, Ways.V4.WithPort(40000)));
                }
                break;
            case TransmitKind.Stream:
                Note("tcp", flow.Remote, octets.AsSpan(2));
                AskOnStream(flow.Connection, octets);
                break;
        }
    }

    private void Note(string how, in IpEndpoint server, ReadOnlySpan<byte> question)
    {
        Assert.True(DnsReader.TryBegin(question, out var reader));
        Span<byte> name = new byte[ResolverLimits.MaxNameOctets];
        Assert.True(reader.TryReadQuestion(name, out int length, out var type, out _));
        var labels = new List<string>();
        for (int at = 0; name[at] != 0; at += 1 + name[at])
            labels.Add(Encoding.Latin1.GetString(name.Slice(at + 1, name[at])));
        Span<byte> text = stackalloc byte[100];
        var writer = new ByteWriter(text);
        server.WriteAddress(ref writer);
        Log.Add($"{NowMs} {how} {Encoding.Latin1.GetString(writer.WrittenSpan)} {string.Join('.', labels)} {type.ToString().ToUpperInvariant()}");
    }

    private void Ask(NameServerModel? server, Flow flow, byte[] question)
    {
        if (server is null || server.IsSilent)
            return;
        if (server.Fault != TransportFault.None)
        {
            After(LatencyMs, () => Resolver.HandleUndelivered(Now, flow, server.Fault));
            return;
        }
        byte[] answer = new byte[65535];
        byte[]? octets = answer[..server.Zones.Answer(question, answer)];
        octets = server.Tamper is null ? octets : server.Tamper(octets);
        if (octets is { Length: > 0 })
            After(LatencyMs, () => Deliver(flow, octets));
    }

    /// <summary>Hands a datagram in as the host would: only on a port that is open.</summary>
    public void Deliver(Flow flow, byte[] datagram)
    {
        if (OpenPorts.Contains(flow))
            Resolver.HandleDatagram(Now, flow, datagram);
        Drain();
    }

    private void AskOnStream(Handle<Connection> connection, byte[] octets)
    {
        if (!_streams.TryGetValue(connection, out var stream))
            return;
        stream.Received.AddRange(octets);
        while (stream.Received.Count >= 2 && (stream.Received[0] << 8 | stream.Received[1]) is var length && stream.Received.Count >= 2 + length)
        {
            byte[] question = [.. stream.Received.Skip(2).Take(length)];
            stream.Received.RemoveRange(0, 2 + length);
            if (stream.Server.IsSilent)
                continue;
            byte[] answer = new byte[65535];
            byte[]? message = answer[..stream.Server.Zones.AnswerStream(question, answer)];
            message = stream.Server.Tamper is null ? message : stream.Server.Tamper(message);
            if (message is null)
                continue;
            byte[] prefix = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)message.Length);
            Send(connection, [.. prefix, .. message], stream.Server.PieceOctets);
        }
    }

    /// <summary>Octets from the server's end, in pieces.</summary>
    public void Send(Handle<Connection> connection, byte[] octets, int pieceOctets)
    {
        foreach (byte[] piece in octets.Chunk(pieceOctets))
        {
            After(3 * LatencyMs, () =>
            {
                if (Transport.IsLive(connection))
                    Resolver.HandleStreamBytes(Now, connection, piece);
            });
        }
    }

    /// <summary>A stream ends, as the host would tell the agent.</summary>
    public void End(Handle<Connection> connection, TransportFault fault)
    {
        _streams.Remove(connection);
        if (Transport.Closed(connection))
            Resolver.ConnectionEnded(Now, connection, fault);
    }

    public IEnumerable<Handle<Connection>> Streams => _streams.Keys;

    /// <summary>Nothing is open, nothing is held, and every message is accounted for.</summary>
    public void AssertQuiet()
    {
        RunDry();
        Assert.Empty(OpenPorts);
        Assert.Equal((0, 0, 0, 0), (Resolver.OpenQuestions, Transport.ConnectionCount, Transport.OutputCount, Buffers.Count));
        AssertAccounted();
    }

    public void AssertAccounted()
    {
        ref readonly var all = ref Resolver.Counters;
        Assert.Equal(
            all.Received,
            all.Answers + all.Strays + all.WrongId + all.WrongQuestion + all.Malformed + all.Truncated + all.WithoutEdns + all.ServerFailures);
    }
}
