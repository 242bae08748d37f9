// A name server of the simulated network, over datagrams and streams (RFC 1035 §4.2): zones in text that may change while it runs, answers that may be slow in
// coming, forged, or not there.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using SipEmbedded.Tests.Zones;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class NameServer : ISipEngine
{
    /// <summary>RFC 1035 §4.2.1.</summary>
    public const ushort Port = 53;

    /// <summary>RFC 1035 §4.2.2: two octets of length in front of each message.</summary>
    private const int LengthOctets = 2;

    private const int MaxConnections = 64;

    private const int AddressOctets = 4;

    private readonly SlotMap<Connection> _connections = new(new StartGate(), "connections", MaxConnections);
    private readonly Dictionary<Handle<Connection>, (Flow Flow, List<byte> Held)> _streams = [];
    private readonly byte[] _answer = new byte[ushort.MaxValue];
    private readonly Queue<(TransmitKind Kind, Flow Flow, byte[] Octets)> _out = new();

    public NameServer(World world, string name, int number, IpEndpoint address, string zones)
    {
        Zones = new(zones);
        Node = new(world, name, number, address.WithPort(Port)) { RefusesWhenDown = true };
        world.Add(Node);
        Node.Start(this);
    }

    public Node Node { get; }

    public ZoneServer Zones { get; }

    /// <summary>
    /// Someone who saw the question answers first, in this server's name, with that address in every A record and another id: who takes it is led astray.
    /// "Any" for nobody.
    /// </summary>
    public IpEndpoint Forger { get; set; }

    /// <summary>Questions in datagrams.</summary>
    public int Datagrams { get; private set; }

    /// <summary>Questions on streams.</summary>
    public int StreamQuestions { get; private set; }

    /// <summary>Nobody listens for so long, and the system says so; or the machine hangs, and nothing says anything.</summary>
    public void GoDown(TimeSpan span, bool isSilent)
    {
        if (isSilent)
        {
            Node.Freeze();
            Node.World.After(span, Node.Thaw);
            return;
        }
        Node.Crash(silently: false);
        foreach (var connection in _streams.Keys)
            _connections.Remove(connection);
        _streams.Clear();
        _out.Clear();
        Node.World.After(span, () => Node.Start(this));
    }

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Datagrams++;
        int length = Zones.Answer(datagram, _answer);
        if (length == 0)
            return;
        byte[] answer = _answer[..length];
        if (!Forger.IsAny)
            _out.Enqueue((TransmitKind.Datagram, flow, Forged(answer)));
        _out.Enqueue((TransmitKind.Datagram, flow, answer));
    }

    // The four octets behind "a record of type A, class IN, …, of four octets".
    private byte[] Forged(byte[] answer)
    {
        byte[] forged = [.. answer];
        forged[0] ^= 0xFF;
        for (int i = 0; i + 10 + AddressOctets <= forged.Length; i++)
        {
            if (forged.AsSpan(i).StartsWith<byte>([0, 1, 0, 1]) && forged.AsSpan(i + 8).StartsWith<byte>([0, AddressOctets]))
                BinaryPrimitives.WriteUInt32BigEndian(forged.AsSpan(i + 10), Forger.V4Address);
        }
        return forged;
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        if (!_connections.TryAdd(out connection))
            return false;
        _streams.Add(connection, (flow, []));
        return true;
    }

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        if (!_streams.TryGetValue(connection, out var stream))
            return octets.Length;
        stream.Held.AddRange(octets);
        while (stream.Held.Count >= LengthOctets && stream.Held.Count - LengthOctets is var held && (stream.Held[0] << 8 | stream.Held[1]) is var length && held >= length)
        {
            int answered = Zones.AnswerStream(stream.Held.Skip(LengthOctets).Take(length).ToArray(), _answer);
            stream.Held.RemoveRange(0, LengthOctets + length);
            StreamQuestions++;
            var flow = new Flow(Protocol.DnsStream, stream.Flow.Local, stream.Flow.Remote, connection);
            if (answered > 0)
                _out.Enqueue((TransmitKind.Stream, flow, [(byte)(answered >> 8), (byte)answered, .. _answer.AsSpan(0, answered)]));
        }
        return octets.Length;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        if (_streams.Remove(connection))
            _connections.Remove(connection);
    }

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local)
    {
    }

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
    }

    public void HandleTimeout(Instant now)
    {
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

    public Instant PollTimeout() => Instant.Never;
}
