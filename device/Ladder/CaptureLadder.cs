// From a capture file to a ladder: packets to datagrams and streams, those to messages, endpoints to participants.
//
// note [who is one participant]
// A participant is an address and a port. The side that opens a TCP connection does so from a port of the moment, which nobody knows it by; where exactly one
// other endpoint with that address takes part, it is that one.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Ladder;

/// <summary>A name for an address, with a port or for all its ports (0).</summary>
internal sealed record ParticipantName(IpEndpoint Endpoint, string Name)
{
    public bool IsOf(in IpEndpoint endpoint) => Endpoint.HasAddressOf(endpoint) && (Endpoint.Port == 0 || Endpoint.Port == endpoint.Port);
}

/// <summary>What was read.</summary>
/// <param name="Packets">Packets in the file.</param>
/// <param name="CutPackets">Of them, those that were longer than what was captured.</param>
/// <param name="Messages">Messages and keep-alives on the ladder.</param>
/// <param name="Fault">Why reading stopped before the file's end, or null. What was read up to there is on the ladder.</param>
internal sealed record CaptureReading(MessageLadder Ladder, int Packets, int CutPackets, int Messages, CaptureFault? Fault);

internal sealed class CaptureLadder
{
    // A file with more connections at a time than that is none of a door-phone's, nor of its server's.
    private const int MaxConnections = 4096;

    private const int UdpHeaderOctets = 8, TcpHeaderOctets = 20;
    private const byte Fin = 0x01, Syn = 0x02, Reset = 0x04, Acknowledgement = 0x10;

    private readonly record struct Pair(IpEndpoint First, IpEndpoint Second);

    // An entry of the ladder to be: a message, or a complaint about a stream.
    private readonly record struct Found(Instant Time, IpEndpoint From, IpEndpoint To, Protocol Protocol, byte[]? Octets, string Complaint);

    private sealed class TcpConnection(IpEndpoint opener, IpEndpoint acceptor, uint? first)
    {
        public IpEndpoint Opener { get; } = opener;

        public IpEndpoint Acceptor { get; } = acceptor;

        /// <summary>The number of the SYN, where one was captured.</summary>
        public uint? First { get; } = first;

        public TcpStream FromOpener { get; } = new(true, IsSip(opener, acceptor));

        public TcpStream FromAcceptor { get; } = new(false, IsSip(opener, acceptor));

        public bool OpenerEnded { get; set; }

        public bool AcceptorEnded { get; set; }

        private static bool IsSip(in IpEndpoint opener, in IpEndpoint acceptor) => SipTraffic.IsSipPort(opener.Port) || SipTraffic.IsSipPort(acceptor.Port);
    }

    private readonly FragmentAssembly _fragments = new();
    private readonly HashSet<Pair> _sipPairs = [];
    private readonly Dictionary<Pair, TcpConnection> _connections = [];
    private readonly Queue<Pair> _connectionOrder = [];
    private readonly HashSet<IpEndpoint> _openers = [];
    private readonly List<Found> _found = [];
    private readonly List<StreamFinding> _findings = [];

    private CaptureLadder()
    {
    }

    /// <summary>Reads all of a capture, or what can be read of it.</summary>
    public static CaptureReading Read(Stream input, IReadOnlyList<ParticipantName> names)
    {
        var reader = new PcapReader(input);
        var capture = new CaptureLadder();
        int packets = 0, cut = 0;
        var last = default(Instant);
        if (reader.TryOpen())
        {
            while (reader.TryRead(out var packet))
            {
                packets++;
                if (packet.IsCut)
                    cut++;
                last = packet.Time;
                capture.AddPacket(packet.Time, LinkLayer.PacketIn(packet.Octets, reader.LinkType));
            }
        }
        foreach (var (pair, _) in capture._connections.ToList())
            capture.EndConnection(last, pair);
        return new(capture.Ladder(names), packets, cut, capture._found.Count(found => found.Octets is not null), reader.Fault);
    }

    private void AddPacket(Instant time, ReadOnlySpan<byte> octets)
    {
        if (!IpPacket.TryRead(octets, out var packet) || packet.Protocol is not (IpPacket.Udp or IpPacket.Tcp))
            return;
        var payload = packet.IsFragment ? _fragments.Add(packet) : packet.Payload;
        if (payload.Length < UdpHeaderOctets)
            return;
        var from = packet.From.WithPort(BinaryPrimitives.ReadUInt16BigEndian(payload));
        var to = packet.To.WithPort(BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        if (packet.Protocol == IpPacket.Udp)
            AddDatagram(time, from, to, payload);
        else if (payload.Length >= TcpHeaderOctets)
            AddSegment(time, from, to, payload);
    }

    private static Pair PairOf(in IpEndpoint a, in IpEndpoint b) =>
        (a.Address, a.Port).CompareTo((b.Address, b.Port)) <= 0 ? new(a, b) : new(b, a);

    private void AddDatagram(Instant time, in IpEndpoint from, in IpEndpoint to, ReadOnlySpan<byte> packet)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        var octets = packet[UdpHeaderOctets..(length >= UdpHeaderOctets && length < packet.Length ? length : packet.Length)];
        var pair = PairOf(from, to);
        if (SipTraffic.BeginsWithStartLine(octets) == true)
            _sipPairs.Add(pair);
        else if (!_sipPairs.Contains(pair) && !(SipTraffic.IsSipPort(from.Port) && SipTraffic.IsSipPort(to.Port)))
            return;
        _found.Add(new(time, from, to, Protocol.Udp, octets.ToArray(), ""));
    }

    // ---- TCP ----------------------------------------------------------------------------------------------------------------------

    private void AddSegment(Instant time, in IpEndpoint from, in IpEndpoint to, ReadOnlySpan<byte> packet)
    {
        int header = (packet[12] >> 4) * 4;
        if (header < TcpHeaderOctets || header > packet.Length)
            return;
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        byte flags = packet[13];
        var octets = packet[header..];
        var pair = PairOf(from, to);
        bool opens = (flags & (Syn | Acknowledgement)) == Syn;
        _connections.TryGetValue(pair, out var connection);
        if (connection is not null && opens && connection.First != sequence)
        {
            // The same ports once more.
            EndConnection(time, pair);
            connection = null;
        }
        if (connection is null)
        {
            // The end of a connection that is over, or that carried nothing while the capture ran.
            if (!opens && octets.IsEmpty && (flags & Syn) == 0)
                return;
            connection = OpenConnection(time, pair, from, to, flags, opens ? sequence : null);
        }
        bool isFromOpener = connection.Opener == from;
        var stream = isFromOpener ? connection.FromOpener : connection.FromAcceptor;
        if ((flags & Syn) != 0)
            stream.Begin(sequence);
        else
            stream.Add(sequence, octets, _findings);
        TakeFindings(time, connection, isFromOpener);
        connection.OpenerEnded |= isFromOpener && (flags & Fin) != 0;
        connection.AcceptorEnded |= !isFromOpener && (flags & Fin) != 0;
        if ((flags & Reset) != 0 || connection.OpenerEnded && connection.AcceptorEnded)
            EndConnection(time, pair);
    }

    private TcpConnection OpenConnection(Instant time, Pair pair, in IpEndpoint from, in IpEndpoint to, byte flags, uint? first)
    {
        // Who sends SYN opens, who acknowledges one does not; where the capture began later, SIP's own port is the one that was opened to.
        bool isOpener = (flags & Syn) != 0 ? (flags & Acknowledgement) == 0 : !SipTraffic.IsSipPort(from.Port);
        while (_connectionOrder.Count >= MaxConnections)
            EndConnection(time, _connectionOrder.Dequeue());
        _connectionOrder.Enqueue(pair);
        var connection = isOpener ? new TcpConnection(from, to, first) : new TcpConnection(to, from, first);
        _connections[pair] = connection;
        return connection;
    }

    private void EndConnection(Instant time, Pair pair)
    {
        if (!_connections.Remove(pair, out var connection))
            return;
        connection.FromOpener.End(_findings);
        TakeFindings(time, connection, isFromOpener: true);
        connection.FromAcceptor.End(_findings);
        TakeFindings(time, connection, isFromOpener: false);
    }

    private void TakeFindings(Instant time, TcpConnection connection, bool isFromOpener)
    {
        var (from, to) = isFromOpener ? (connection.Opener, connection.Acceptor) : (connection.Acceptor, connection.Opener);
        foreach (var (octets, complaint) in _findings)
            _found.Add(new(time, from, to, Protocol.Tcp, octets, complaint));
        if (_findings.Count > 0)
            _openers.Add(connection.Opener);
        _findings.Clear();
    }

    // ---- The ladder ---------------------------------------------------------------------------------------------------------------

    private MessageLadder Ladder(IReadOnlyList<ParticipantName> names)
    {
        var ladder = new MessageLadder { Origin = DateTimeOffset.UnixEpoch };
        var lasting = _found.SelectMany(found => (IEnumerable<IpEndpoint>)[found.From, found.To]).Where(endpoint => !_openers.Contains(endpoint))
            .Distinct().ToLookup(endpoint => endpoint.Address);
        string NameOf(IpEndpoint endpoint)
        {
            // See note [who is one participant].
            if (_openers.Contains(endpoint) && lasting[endpoint.Address].Take(2).ToList() is [var only])
                endpoint = only;
            return names.FirstOrDefault(name => name.IsOf(endpoint))?.Name ?? MessageLadder.TextOf(endpoint);
        }
        foreach (var found in _found)
        {
            if (found.Octets is not null)
                ladder.AddMessage(found.Time, NameOf(found.From), NameOf(found.To), found.Protocol, found.Octets);
            else
                ladder.AddNote(found.Time, NameOf(found.From), found.Complaint);
        }
        return ladder;
    }
}
