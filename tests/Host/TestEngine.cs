// The smallest engine that does what a SIP element does at the boundary: it answers datagrams and lines of streams, opens and closes connections, and writes
// down what it is told. It allocates nothing but for what it writes down.
using System.Collections.Concurrent;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host.Tests;

internal class TestEngine : ISipEngine
{
    public const int Outputs = 64;

    // Room for a line of a stream, and for the largest datagram.
    private const int MaxOctets = 65_535;

    private struct Output
    {
        public TransmitKind Kind;
        public Flow Flow;
        public byte[] Octets;
        public int Length;
    }

    private readonly Output[] _outputs = new Output[Outputs];
    private readonly SlotMap<Connection> _connections;
    private readonly Flow[] _flows;
    private int _first;
    private int _count;

    public TestEngine(int connections = 32)
    {
        _connections = new(new StartGate(), "connections", connections);
        _flows = new Flow[connections];
        for (int i = 0; i < Outputs; i++)
            _outputs[i].Octets = new byte[MaxOctets];
    }

    /// <summary>What happened, in order; null where it is not to be written down.</summary>
    public ConcurrentQueue<string>? Log { get; init; } = new();

    /// <summary>Answers a datagram by itself, and a line of a stream by the line.</summary>
    public bool IsEcho { get; init; } = true;

    public bool Accepts { get; set; } = true;

    public Instant Deadline { get; set; } = Instant.Never;

    /// <summary>Runs on the loop's thread for each datagram, before it is answered.</summary>
    public Action<Instant, Flow>? OnDatagram { get; set; }

    public Action<Instant>? OnTimeout { get; set; }

    /// <summary>Runs on the loop's thread.</summary>
    public Action<Instant>? OnNetworkChange { get; set; }

    /// <summary>Writes down the texts of resolver files; those of the machine are nobody's business.</summary>
    public bool WritesTexts { get; init; }

    public long NetworkChanges { get; private set; }

    public long Datagrams { get; private set; }

    public long Undelivered { get; private set; }

    public long Ended { get; private set; }

    public int LiveConnections => _connections.Count;

    public virtual void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Assert(_count == 0, "an input came before the last was drained");
        Datagrams++;
        if (Log is not null)
            Write($"datagram {Show(flow.Local)} < {Show(flow.Remote)} {datagram.Length}");
        OnDatagram?.Invoke(now, flow);
        if (IsEcho)
            Put(TransmitKind.Datagram, flow, datagram);
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        connection = default;
        if (!Accepts || !_connections.TryAdd(out connection))
        {
            Write("refused");
            return false;
        }
        _flows[connection.Index] = new(flow.Protocol, flow.Local, flow.Remote, connection);
        Write("accepted");
        return true;
    }

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local)
    {
        Assert(_connections.IsLive(connection), "a stale connection was opened");
        if (Log is not null)
            Write($"connected {(local.IsAny || local.Port == 0 ? "from nowhere" : "")}".TrimEnd());
    }

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        Assert(_count == 0, "an input came before the last was drained");
        if (!_connections.IsLive(connection))
            return octets.Length;
        int end = octets.IndexOf((byte)'\n');
        var line = end < 0 ? octets : octets[..(end + 1)];
        HandleLine(now, connection, line);
        return line.Length;
    }

    protected virtual void HandleLine(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("quit"u8))
            Close(connection);
        else if (IsEcho)
            Put(TransmitKind.Stream, _flows[connection.Index], line);
    }

    public virtual void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        Ended++;
        if (_connections.IsLive(connection))
        {
            _connections.Remove(connection);
            if (Log is not null)
                Write($"closed {fault}");
        }
        else
            Write("closed, a stale one");
    }

    public virtual void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        Assert(_count == 0, "an input came before the last was drained");
        Undelivered++;
        if (Log is not null)
            Write($"undelivered {Show(flow.Local)} > {Show(flow.Remote)} {fault}");
    }

    public void HandleNetworkChange(Instant now)
    {
        Assert(_count == 0, "an input came before the last was drained");
        NetworkChanges++;
        Write("network");
        OnNetworkChange?.Invoke(now);
    }

    public void HandleResolverConfiguration(Instant now, ReadOnlySpan<byte> text) => WriteText("resolver", text);

    public void HandleHosts(Instant now, ReadOnlySpan<byte> text) => WriteText("hosts", text);

    private void WriteText(string what, ReadOnlySpan<byte> text)
    {
        Assert(_count == 0, "an input came before the last was drained");
        if (Log is not null && WritesTexts)
            Write($"{what} {text.Length} {System.Text.Encoding.ASCII.GetString(text[..Math.Min(text.Length, 40)])}".TrimEnd());
    }

    /// <summary>Pairs of ports for media, in the order in which they were told.</summary>
    public ConcurrentQueue<IpEndpoint> MediaPorts { get; } = new();

    public void HandleMediaPort(Instant now, in IpEndpoint rtp)
    {
        Assert(_count == 0, "an input came before the last was drained");
        MediaPorts.Enqueue(rtp);
    }

    public void HandleTimeout(Instant now)
    {
        Assert(now >= Deadline, "a timeout came early");
        Deadline = Instant.Never;
        OnTimeout?.Invoke(now);
    }

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit)
    {
        Assert(buffer.Length >= MaxOctets, "the buffer is too small");
        if (_count == 0)
        {
            transmit = default;
            return false;
        }
        ref var output = ref _outputs[_first];
        output.Octets.AsSpan(0, output.Length).CopyTo(buffer);
        transmit = new(output.Kind, output.Flow, output.Length);
        _first = (_first + 1) % Outputs;
        _count--;
        return true;
    }

    public Instant PollTimeout() => Deadline;

    // Commands, on the loop's thread.

    /// <summary>Gives the port of a question back.</summary>
    public void ReleasePort(in Flow flow) => Put(TransmitKind.Close, flow, default);

    public void Send(in Flow flow, ReadOnlySpan<byte> datagram) => Put(TransmitKind.Datagram, flow, datagram);

    public void Stream(Handle<Connection> connection, ReadOnlySpan<byte> octets) => Put(TransmitKind.Stream, _flows[connection.Index], octets);

    public Handle<Connection> Connect(in IpEndpoint remote, in IpEndpoint local = default, Protocol protocol = Protocol.Tcp)
    {
        Assert(_connections.TryAdd(out var connection), "the test opens too many");
        _flows[connection.Index] = new(protocol, local, remote, connection);
        Put(TransmitKind.Connect, _flows[connection.Index], default);
        return connection;
    }

    public void Close(Handle<Connection> connection)
    {
        var flow = _flows[connection.Index];
        _connections.Remove(connection);
        Put(TransmitKind.Close, flow, default);
    }

    /// <summary>Gives a connection's place free and does not say so.</summary>
    public void Forget(Handle<Connection> connection) => _connections.Remove(connection);

    /// <summary>The connection in a slot, which must be taken.</summary>
    public Handle<Connection> ConnectionAt(int index) => _connections.HandleOf(index);

    private void Put(TransmitKind kind, in Flow flow, ReadOnlySpan<byte> octets)
    {
        Assert(_count < Outputs, "the test makes too many outputs");
        ref var output = ref _outputs[(_first + _count++) % Outputs];
        output.Kind = kind;
        output.Flow = flow;
        output.Length = octets.Length;
        octets.CopyTo(output.Octets);
    }

    protected void Write(string line) => Log?.Enqueue(line);

    // On the loop's thread nobody catches an exception: the process ends, and says why.
    private static void Assert(bool holds, string otherwise)
    {
        if (!holds)
            Environment.FailFast(otherwise);
    }

    public static string Show(in IpEndpoint endpoint)
    {
        Span<byte> octets = stackalloc byte[64];
        var writer = new Text.ByteWriter(octets);
        endpoint.WriteHostPort(ref writer);
        return System.Text.Encoding.ASCII.GetString(writer.WrittenSpan);
    }
}
