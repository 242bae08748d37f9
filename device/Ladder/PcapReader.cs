// Reads packets from a classic pcap file (draft-ietf-opsawg-pcap), in either byte order, with times in microseconds or nanoseconds. The file is not
// trusted: lengths are held to limits, and what is wrong is told with its offset.
using System.Buffers.Binary;
using SipEmbedded.Memory;

namespace SipEmbedded.Device.Ladder;

/// <summary>What is wrong with a capture file, and where, in octets from its beginning.</summary>
public sealed record CaptureFault(long Offset, string Explanation);

/// <summary>A packet as captured.</summary>
/// <param name="Time">Since 1970, in UTC, cut to 100 ns.</param>
/// <param name="Octets">From the link layer's header on.</param>
/// <param name="IsCut">The packet was longer than what was captured of it (the capture's snap length).</param>
/// <param name="Offset">Where its record begins in the file.</param>
public readonly record struct CapturedPacket(Instant Time, byte[] Octets, bool IsCut, long Offset);

/// <summary>Reads a file from its beginning, packet by packet: <see cref="TryOpen"/>, then <see cref="TryRead"/> until it is false, then <see cref="Fault"/>.</summary>
public sealed class PcapReader(Stream input)
{
    /// <summary>The largest packet: what libpcap takes for one (MAXIMUM_SNAPLEN). A longer one is a fault of the file.</summary>
    public const int MaxPacketOctets = 262_144;

    private const int FileHeaderOctets = 24, RecordHeaderOctets = 16;

    private const uint MicrosecondMagic = 0xA1B2C3D4, NanosecondMagic = 0xA1B23C4D, NextGenerationMagic = 0x0A0D0D0A;

    private long _offset;
    private bool _isBigEndian;
    private bool _isNanoseconds;

    /// <summary>The kind of header that every packet begins with (https://www.tcpdump.org/linktypes.html).</summary>
    public uint LinkType { get; private set; }

    /// <summary>Why reading stopped; null at the file's end.</summary>
    public CaptureFault? Fault { get; private set; }

    /// <summary>Reads the file's header. False with the fault where it is none, or of a kind that is not read.</summary>
    public bool TryOpen()
    {
        Span<byte> header = stackalloc byte[FileHeaderOctets];
        int length = Fill(header);
        if (length < 4)
            return Fail(0, length == 0 ? "the file is empty" : "it is no capture: it ends within its first four octets");
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (magic == NextGenerationMagic)
            return Fail(0, "it is a pcapng file; convert it with: editcap -F pcap FILE OUT.pcap");
        _isBigEndian = BinaryPrimitives.ReverseEndianness(magic) is MicrosecondMagic or NanosecondMagic;
        uint kind = Number(header);
        _isNanoseconds = kind == NanosecondMagic;
        if (kind is not (MicrosecondMagic or NanosecondMagic))
            return Fail(0, $"it is no pcap file: it begins with {Convert.ToHexString(header[..4])}");
        if (length < FileHeaderOctets)
            return Fail(length, "it ends within the file's header");
        // Above the 16 bits stand flags about frame check sequences, which follow the packet and disturb nobody here.
        LinkType = Number(header[20..]) & 0xFFFF;
        if (!LinkLayer.IsKnown(LinkType))
            return Fail(20, $"its link type is {LinkType}; read are {LinkLayer.Known}");
        return true;
    }

    /// <summary>The next packet; false at the file's end and at a fault.</summary>
    public bool TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (Fault is not null)
            return false;
        long start = _offset;
        Span<byte> header = stackalloc byte[RecordHeaderOctets];
        int length = Fill(header);
        if (length == 0)
            return false;
        if (length < RecordHeaderOctets)
            return Fail(start, "the file ends within a packet's header");
        uint captured = Number(header[8..]);
        if (captured > MaxPacketOctets)
            return Fail(start + 8, $"a packet claims {captured} octets; {MaxPacketOctets} is the most");
        byte[] octets = new byte[captured];
        if (Fill(octets) < octets.Length)
            return Fail(start, $"the file ends within a packet of {captured} octets");
        uint fraction = Number(header[4..]);
        long ticks = Number(header) * TimeSpan.TicksPerSecond + (_isNanoseconds ? fraction / 100 : fraction * 10L);
        packet = new(Instant.FromTicks(ticks), octets, Number(header[12..]) > captured, start);
        return true;
    }

    private uint Number(ReadOnlySpan<byte> octets) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(octets) : BinaryPrimitives.ReadUInt32LittleEndian(octets);

    private int Fill(Span<byte> buffer)
    {
        int length = input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        _offset += length;
        return length;
    }

    private bool Fail(long offset, string explanation)
    {
        Fault = new(offset, explanation);
        return false;
    }
}
