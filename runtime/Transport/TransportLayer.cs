// The transport layer of RFC 3261 §18 without sockets: which flow a message takes, connections opened, reused and closed, streams cut into messages.
//
// note [outputs]
// What is to be sent waits in one queue, in order, until the host polls it. A queued message is held by the queue, so its transaction may end before it
// went out. The host polls after each input, so the queue holds what one input caused; one that does not fit is dropped and counted, as the network would.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Transport;

/// <summary>What became of a message that was to be sent.</summary>
public enum SendResult : byte
{
    /// <summary>It is queued.</summary>
    Sent,

    /// <summary>The handle is stale: what it named has ended.</summary>
    Gone,

    /// <summary>No slot, no buffer or no room in the queue; counted.</summary>
    Full,

    /// <summary>Larger than any buffer.</summary>
    TooLarge,

    /// <summary>It may not be sent now: a second final response, a CANCEL for something else than an INVITE, no way there.</summary>
    NotAllowed,

    /// <summary>It is no message that may be sent: no start line, no status, no CSeq.</summary>
    Malformed,
}

/// <summary>What was found on a stream.</summary>
public enum StreamFinding : byte
{
    /// <summary>Nothing whole; or a keep-alive, dealt with.</summary>
    Nothing,

    Message,

    /// <summary>The peer of a stream that we opened answered a ping, or sent an empty line of its own accord (RFC 5626 §4.4.1).</summary>
    Pong,

    /// <summary>The stream cannot be framed any more. What could be read of the message is given, to answer it; then close.</summary>
    Fault,

    /// <summary>It was closed here, for want of a buffer.</summary>
    Closed,
}

/// <summary>Flows, connections and the queue of what is to be sent; see note [outputs].</summary>
public sealed partial class TransportLayer
{
    private struct Output
    {
        public TransmitKind Kind;
        public Flow Flow;
        public Memory.Buffer Octets;
    }

    private readonly TransportOptions _options;
    private readonly ListeningPoint[] _points;
    private readonly BufferPool _buffers;
    private readonly Ring<Output> _outputs;
    private readonly SlotMap<Connection> _connections;
    private readonly TimerWheel _timers;
    private readonly int _streamMessageOctets;

    // The buffer of a message that came in pieces, while it is being read.
    private Memory.Buffer _spent;

    public TransportCounters Counters;

    /// <summary><paramref name="buffers"/> holds what is queued and what arrives in pieces.</summary>
    [StartUp(Because = "a layer is made before start")]
    public TransportLayer(StartGate gate, TransportOptions options, BufferPool buffers)
    {
        _options = options;
        _points = [.. options.ListeningPoints];
        _buffers = buffers;
        _streamMessageOctets = Math.Min(options.MaxStreamMessageOctets, buffers.LargestOctets);
        _outputs = new(gate, "outputs", options.Outputs);
        _connections = new(gate, "connections", options.Connections);
        _timers = new(gate, "connections", options.Connections);
    }

    public TransportOptions Options => _options;

    /// <summary>Connections open or being opened.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Outputs waiting.</summary>
    public int OutputCount => _outputs.Count;

    /// <summary>True while enough outputs are free for whatever one more input may cause.</summary>
    public bool HasRoom => _outputs.Free * 2 >= _outputs.Capacity;

    public Instant NextDeadline => _timers.NextDeadline;

    // ---- Sending ----------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Queues a message, which is held until it went out. On a stream whose connection is gone another to the same peer is taken, or a new one opened;
    /// <paramref name="flow"/> then names it.
    /// </summary>
    public SendResult Send(Instant now, ref Flow flow, Memory.Buffer message)
    {
        if (!flow.IsReliable)
        {
            if (!TryQueue(TransmitKind.Datagram, flow, message))
                return SendResult.Full;
            Counters.DatagramsSent++;
            return SendResult.Sent;
        }
        if (!_connections.IsLive(flow.Connection) && !TryReuse(ref flow) && !TryOpen(now, ref flow))
            return SendResult.Full;
        if (!TryQueue(TransmitKind.Stream, flow, message))
            return SendResult.Full;
        _connections[flow.Connection].LastUse = now;
        Counters.StreamMessagesSent++;
        return SendResult.Sent;
    }

    /// <summary>Queues octets that nobody keeps.</summary>
    public SendResult Send(Instant now, ref Flow flow, ReadOnlySpan<byte> message)
    {
        if (!_buffers.TryCopy(message, out var copy))
        {
            Counters.OutputsRefused++;
            return message.Length > _buffers.LargestOctets ? SendResult.TooLarge : SendResult.Full;
        }
        var result = Send(now, ref flow, copy);
        _buffers.Release(copy);
        return result;
    }

    private bool TryQueue(TransmitKind kind, in Flow flow, Memory.Buffer octets)
    {
        if (!_outputs.TryAdd(new() { Kind = kind, Flow = flow, Octets = octets }))
        {
            Counters.OutputsRefused++;
            return false;
        }
        if (octets.IsSome)
            _buffers.Retain(octets);
        return true;
    }

    /// <summary>The next output, as <see cref="ISipEngine.PollTransmit"/> says.</summary>
    public bool PollTransmit(Span<byte> buffer, out Transmit transmit)
    {
        if (!_outputs.TryTake(out var output))
        {
            transmit = default;
            return false;
        }
        int length = 0;
        if (output.Octets.IsSome)
        {
            var octets = _buffers.Of(output.Octets);
            octets.CopyTo(buffer);
            length = octets.Length;
            _buffers.Release(output.Octets);
        }
        transmit = new(output.Kind, output.Flow, length);
        return true;
    }

    // ---- Receiving --------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Counts a datagram. False for what is no SIP: empty lines, which keep a way open and want no answer (RFC 5626 §3.5.1 has them on streams alone, but
    /// phones send them); and STUN, which <paramref name="isStun"/> tells.
    /// </summary>
    public bool AcceptsDatagram(ReadOnlySpan<byte> datagram, out bool isStun)
    {
        Counters.DatagramsReceived++;
        isStun = IsStun(datagram);
        if (datagram.IsEmpty || datagram[0] <= ' ' && datagram.IndexOfAnyExcept("\r\n\0 "u8) < 0)
        {
            Counters.KeepAliveDatagrams++;
            return false;
        }
        if (isStun)
            Counters.StunDatagrams++;
        return !isStun;
    }

    // RFC 8489 §5.
    private const int StunHeaderOctets = 20;
    internal const uint StunMagicCookie = 0x2112A442;

    // RFC 7983 §7: what begins with an octet of 0 to 3 is STUN, and no SIP message does (RFC 5626 §8).
    private const byte LastStunOctet = 3;

    /// <summary>True for a datagram that is no SIP but STUN, be it whole or not.</summary>
    public static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= StunHeaderOctets && datagram[0] <= LastStunOctet
        && System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == StunMagicCookie;

    // ---- The beginning of a way -------------------------------------------------------------------------------------------------

    /// <summary>
    /// The flow to a peer from an address of ours, or from "any": over UDP from a port where we listen, which answers and calls come back to; on a stream from
    /// whatever port. False where we do not listen on UDP for that address.
    /// </summary>
    public bool TryFlowTo(Protocol protocol, in IpEndpoint remote, in IpEndpoint local, out Flow flow)
    {
        flow = new(protocol, local.WithPort(0), remote);
        if (flow.IsReliable)
            return true;
        foreach (ref readonly var point in _points.AsSpan())
        {
            bool isServing = point.Protocol == protocol && (local.Port == 0 || local.Port == point.Endpoint.Port)
                && point.Endpoint.IsV4 == remote.IsV4 && (local.IsAny || point.Endpoint.IsAny || point.Endpoint.HasAddressOf(local));
            if (!isServing)
                continue;
            flow = new(protocol, (local.IsAny ? point.Endpoint : local).WithPort(point.Endpoint.Port), remote);
            return true;
        }
        return false;
    }

    // ---- What a request says of us ----------------------------------------------------------------------------------------------

    /// <summary>
    /// Writes sent-by for a request on <paramref name="flow"/> (RFC 3261 §18.1.1): the flow's own address and port, but on a stream, whose own port is
    /// nobody's to connect to, the port where we listen for that protocol; none where we do not.
    /// </summary>
    public void WriteSentBy(in Flow flow, ref ByteWriter writer)
    {
        var local = flow.IsReliable ? flow.Local.WithPort(0) : flow.Local;
        foreach (ref readonly var point in _points.AsSpan())
        {
            if (local.Port != 0 && !local.IsAny)
                break;
            if (point.Protocol == flow.Protocol && (local.IsAny || point.Endpoint.IsAny || point.Endpoint.HasAddressOf(local)))
                local = (local.IsAny ? point.Endpoint : local).WithPort(local.Port == 0 ? point.Endpoint.Port : local.Port);
        }
        if (local.Port == 0)
            local.WriteHost(ref writer);
        else
            local.WriteHostPort(ref writer);
    }

    /// <summary>The transport of a Via as the grammar spells it.</summary>
    public static ReadOnlySpan<byte> NameOf(Protocol protocol) => protocol switch
    {
        Protocol.Udp => "UDP"u8,
        Protocol.Tcp => "TCP"u8,
        Protocol.Tls => "TLS"u8,
        _ => default,
    };
}
