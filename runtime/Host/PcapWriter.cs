// A capture of SIP traffic as a classic pcap file (draft-ietf-opsawg-pcap), readable by Wireshark, tshark and "doorphone ladder".
//
// note [packets that never were]
// What is seen are octets and flows at the sockets, not packets. A reader of captures wants packets, so each datagram gets the headers that it must have
// had, and a stream is told as a TCP connection without losses: a handshake where it is first seen, opened by the side that spoke first, numbers that run,
// and an end where it is closed. What a TLS connection carries is written in the clear, as TCP: seeing it is what a capture is for, and whoever
// may write one could read it here as well.
//
// note [what ends a capture]
// A piece holds MaxOctets at most. When it is full the output may begin another; each can be read alone, so connections are opened in it anew. Otherwise,
// or where the output fails (a full disk), the capture has ended: what comes later is counted and not written.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>How a capture is made.</summary>
public sealed class PcapOptions
{
    /// <summary>Room for the headers, a handshake and the two segments of a largest stream piece: less could not take every message.</summary>
    public const long LeastOctets = 128 * 1024;

    /// <summary>The wall clock's time at <see cref="Start"/>. All else is counted from there, so a clock that is set does not disorder a capture.</summary>
    public DateTimeOffset StartTime { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The monotonic time that <see cref="StartTime"/> belongs to.</summary>
    public Instant Start { get; init; }

    /// <summary>Octets of a piece. 16 MiB hold some 4,000 calls of seven messages, 600 octets each, and load quickly everywhere.</summary>
    public long MaxOctets { get; init; } = 16 * 1024 * 1024;

    /// <summary>Connections at a time. With one more the one that was silent for longest is told as closed, and opened again when it speaks.</summary>
    public int Connections { get; init; } = 64;
}

/// <summary>What a capture did so far.</summary>
/// <param name="Packets">Records written, over all pieces.</param>
/// <param name="Octets">Octets written, file headers included, over all pieces.</param>
/// <param name="Pieces">Pieces begun.</param>
/// <param name="TooLong">Datagrams that no IP packet can carry.</param>
/// <param name="NotWritten">Datagrams and pieces of streams that came when the capture had ended.</param>
/// <param name="Displaced">Connections told as closed to make room for another.</param>
public readonly record struct PcapCounters(long Packets, long Octets, int Pieces, long TooLong, long NotWritten, long Displaced);

/// <summary>Writes what it sees as a capture; see note [packets that never were]. It neither allocates nor throws after its making.</summary>
public sealed class PcapWriter : ITrafficObserver
{
    private const int FileHeaderOctets = 24, RecordHeaderOctets = 16;

    // Times in nanoseconds; a reader tells the byte order by it.
    private const uint NanosecondMagic = 0xA1B23C4D;
    private const uint LinkTypeRaw = 101;
    private const uint SnapLength = 262_144;

    private const int MaxRecordOctets = RecordHeaderOctets + SyntheticPacket.MaxHeaderOctets + ushort.MaxValue;
    private const int EmptySegmentOctets = RecordHeaderOctets + SyntheticPacket.MaxHeaderOctets;

    // SYN, SYN with ACK, ACK; the end takes three as well.
    private const int HandshakeOctets = 3 * EmptySegmentOctets;

    private struct Stream
    {
        public Flow Flow;
        public uint LocalNext;
        public uint RemoteNext;
        public long LastUse;
        public bool IsOpen;
    }

    private readonly ICaptureOutput _output;
    private readonly long _maxOctets;
    private readonly long _startTicks;
    private readonly Instant _start;
    private readonly byte[] _record;
    private readonly Stream[] _streams;

    private Instant _last;
    private long _inPiece;
    private long _uses;
    private uint _opened;
    private ushort _identification;

    private long _packets;
    private long _octets;
    private int _pieces;
    private long _tooLong;
    private long _notWritten;
    private long _displaced;

    /// <summary>Begins the capture: the first piece has its header when this returns, or <see cref="HasEnded"/> is true.</summary>
    [StartUp(Because = "a capture's memory is taken before start")]
    public PcapWriter(StartGate gate, ICaptureOutput output, PcapOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxOctets, PcapOptions.LeastOctets);
        // A piece's length must fit an off_t of 32 bits (CaptureFile).
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxOctets, int.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Connections, 1);
        _output = output;
        _maxOctets = options.MaxOctets;
        _start = _last = options.Start;
        _startTicks = options.StartTime.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        _record = gate.Take<byte>("capture: record", 1, MaxRecordOctets);
        _streams = gate.Take<Stream>("capture: connections", options.Connections);
        BeginPiece();
    }

    /// <summary>True when nothing is written any more: see note [what ends a capture].</summary>
    public bool HasEnded { get; private set; }

    public PcapCounters Counters => new(_packets, _octets, _pieces, _tooLong, _notWritten, _displaced);

    /// <inheritdoc/>
    public void Sent(Instant now, in Flow flow, ReadOnlySpan<byte> octets) => Add(now, in flow, isSent: true, octets);

    /// <inheritdoc/>
    public void Received(Instant now, in Flow flow, ReadOnlySpan<byte> octets) => Add(now, in flow, isSent: false, octets);

    /// <summary>Tells a connection as closed, at the time of what was seen last; nothing happens where it was never seen to carry anything.</summary>
    public void Closed(in Flow flow)
    {
        for (int i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].IsOpen && _streams[i].Flow == flow)
                CloseStream(_last, ref _streams[i]);
        }
    }

    /// <summary>Tells every connection as closed, at the time of what was seen last: a capture ends in order.</summary>
    public void CloseAll()
    {
        for (int i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].IsOpen)
                CloseStream(_last, ref _streams[i]);
        }
    }

    private void Add(Instant now, in Flow flow, bool isSent, ReadOnlySpan<byte> octets)
    {
        _last = now;
        if (flow.IsReliable)
            AddPiece(now, in flow, isSent, octets);
        else
            AddDatagram(now, isSent ? flow.Local : flow.Remote, isSent ? flow.Remote : flow.Local, octets);
    }

    // ---- Datagrams ----------------------------------------------------------------------------------------------------------------

    private void AddDatagram(Instant now, in IpEndpoint from, in IpEndpoint to, ReadOnlySpan<byte> octets)
    {
        if (octets.Length > (SyntheticPacket.IsV4(from, to) ? SyntheticPacket.MaxV4Payload : SyntheticPacket.MaxV6Payload))
        {
            _tooLong++;
            return;
        }
        if (!HasRoom(EmptySegmentOctets + octets.Length))
            return;
        WriteRecord(now, SyntheticPacket.WriteUdp(_record.AsSpan(RecordHeaderOctets), from, to, _identification++, octets));
    }

    // ---- Streams ------------------------------------------------------------------------------------------------------------------

    private void AddPiece(Instant now, in Flow flow, bool isSent, ReadOnlySpan<byte> octets)
    {
        int segments = (octets.Length + SyntheticPacket.MaxSegmentOctets - 1) / SyntheticPacket.MaxSegmentOctets;
        // Twice a handshake: the one of this connection, and the end of another that it displaces.
        if (segments == 0 || !HasRoom(2 * HandshakeOctets + segments * EmptySegmentOctets + octets.Length))
            return;
        ref var stream = ref StreamOf(now, in flow, isSent);
        while (!octets.IsEmpty && !HasEnded)
        {
            int length = Math.Min(octets.Length, SyntheticPacket.MaxSegmentOctets);
            WriteSegment(now, ref stream, isSent, SyntheticPacket.Push | SyntheticPacket.Acknowledgement, octets[..length]);
            octets = octets[length..];
        }
    }

    private ref Stream StreamOf(Instant now, in Flow flow, bool isSent)
    {
        int place = 0;
        for (int i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].IsOpen && _streams[i].Flow == flow)
            {
                _streams[i].LastUse = _uses++;
                return ref _streams[i];
            }
            // A free place before any other, then the one that was silent for longest.
            if (_streams[place].IsOpen && (!_streams[i].IsOpen || _streams[i].LastUse < _streams[place].LastUse))
                place = i;
        }
        ref var stream = ref _streams[place];
        if (stream.IsOpen)
        {
            _displaced++;
            CloseStream(now, ref stream);
        }
        // First numbers that differ, so that the next connection between the same ports does not look like this one again (RFC 9293 §3.4.1).
        uint first = unchecked(0x1000_0000 + _opened++ * 0x0100_0193);
        stream = new() { Flow = flow, LocalNext = first, RemoteNext = unchecked(first + 0x4000_0000), LastUse = _uses++, IsOpen = true };
        WriteSegment(now, ref stream, isSent, SyntheticPacket.Syn, []);
        WriteSegment(now, ref stream, !isSent, SyntheticPacket.Syn | SyntheticPacket.Acknowledgement, []);
        WriteSegment(now, ref stream, isSent, SyntheticPacket.Acknowledgement, []);
        return ref stream;
    }

    private void CloseStream(Instant now, ref Stream stream)
    {
        stream.IsOpen = false;
        // An end is not worth a new piece, in which the connection was never opened.
        if (HasEnded || _inPiece + HandshakeOctets > _maxOctets)
            return;
        WriteSegment(now, ref stream, isSent: true, SyntheticPacket.Fin | SyntheticPacket.Acknowledgement, []);
        WriteSegment(now, ref stream, isSent: false, SyntheticPacket.Fin | SyntheticPacket.Acknowledgement, []);
        WriteSegment(now, ref stream, isSent: true, SyntheticPacket.Acknowledgement, []);
    }

    private void WriteSegment(Instant now, ref Stream stream, bool isSent, byte flags, ReadOnlySpan<byte> payload)
    {
        ref readonly var flow = ref stream.Flow;
        ref uint next = ref isSent ? ref stream.LocalNext : ref stream.RemoteNext;
        uint acknowledged = (flags & SyntheticPacket.Acknowledgement) == 0 ? 0 : isSent ? stream.RemoteNext : stream.LocalNext;
        int length = SyntheticPacket.WriteTcp(
            _record.AsSpan(RecordHeaderOctets), isSent ? flow.Local : flow.Remote, isSent ? flow.Remote : flow.Local, _identification++, flags, next,
            acknowledged, payload);
        // SYN and FIN take a number each.
        next = unchecked(next + (uint)payload.Length + ((flags & (SyntheticPacket.Syn | SyntheticPacket.Fin)) != 0 ? 1u : 0));
        WriteRecord(now, length);
    }

    // ---- Records and pieces -------------------------------------------------------------------------------------------------------

    // Asked once for all records of one input, so that none of them can begin a piece in the middle.
    private bool HasRoom(int octets)
    {
        if (!HasEnded && _inPiece + octets > _maxOctets)
        {
            if (_output.TryBeginNext())
                BeginPiece();
            else
                HasEnded = true;
        }
        if (HasEnded)
            _notWritten++;
        return !HasEnded;
    }

    private void BeginPiece()
    {
        for (int i = 0; i < _streams.Length; i++)
            _streams[i].IsOpen = false;
        Span<byte> header = stackalloc byte[FileHeaderOctets];
        BinaryPrimitives.WriteUInt32LittleEndian(header, NanosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        header[8..16].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], LinkTypeRaw);
        _inPiece = 0;
        if (TryWrite(header))
            _pieces++;
    }

    private void WriteRecord(Instant now, int length)
    {
        if (HasEnded)
            return;
        const long NanosecondsPerTick = 100;
        long ticks = Math.Clamp(_startTicks + (now - _start).Ticks, 0, uint.MaxValue * TimeSpan.TicksPerSecond);
        var record = _record.AsSpan(0, RecordHeaderOctets + length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(ticks / TimeSpan.TicksPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)(ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick));
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)length);
        if (TryWrite(record))
            _packets++;
        else
            _notWritten++;
    }

    private bool TryWrite(ReadOnlySpan<byte> octets)
    {
        HasEnded = !_output.TryWrite(octets);
        if (HasEnded)
            return false;
        _inPiece += octets.Length;
        _octets += octets.Length;
        return true;
    }
}
