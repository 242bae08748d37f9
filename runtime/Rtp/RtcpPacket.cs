// RTCP over the octets of a datagram (RFC 3550 §6.1, §6.4 to §6.7; checks of A.2; RFC 5506 for what does not begin with a report).
//
// note [how RTCP is read]
// One walk over the whole datagram checks every length and count first. After it packets, report blocks, chunks and sources are there, and asking for them
// cannot fail. A datagram is good as a whole or not at all: that its lengths add up is the strongest check there is (A.2). What stands behind the counted
// parts of a report is a profile's extension (§6.4.3) and passed over.
using System.Buffers.Binary;

namespace SipEmbedded.Rtp;

/// <summary>Packet types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2).</summary>
public enum RtcpType : byte
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Bye = 203,
    Application = 204,
    TransportFeedback = 205,
    PayloadFeedback = 206,
    ExtendedReport = 207,
}

/// <summary>What is wrong with octets that should be RTCP.</summary>
public enum RtcpFault : byte
{
    None,

    /// <summary>No whole header where a packet should begin.</summary>
    Truncated,

    /// <summary>Not version 2.</summary>
    Version,

    /// <summary>Not a type that RTCP has (RFC 5761 §4: 192 to 223).</summary>
    Type,

    /// <summary>A packet is longer than the datagram.</summary>
    Length,

    /// <summary>Padding of a packet that is not the last, or that counts no words, or more than there are.</summary>
    Padding,

    /// <summary>More blocks, chunks or sources announced than there is room for.</summary>
    Count,

    /// <summary>An item of a source description that ends behind its packet, or a chunk without an end.</summary>
    Item,
}

/// <summary>What a source says about what it sent (RFC 3550 §6.4.1).</summary>
public readonly record struct RtcpSenderInfo(NtpTime Ntp, uint Timestamp, uint Packets, uint Octets)
{
    internal const int SizeOctets = 20;

    internal static RtcpSenderInfo Read(ReadOnlySpan<byte> octets) => new(
        new(BinaryPrimitives.ReadUInt64BigEndian(octets)),
        BinaryPrimitives.ReadUInt32BigEndian(octets[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(octets[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(octets[16..]));
}

/// <summary>What a receiver says about one source that it hears (RFC 3550 §6.4.1).</summary>
public readonly record struct RtcpReportBlock
{
    internal const int SizeOctets = 24;

    public uint Source { get; init; }

    /// <summary>In 1/256, since the last report.</summary>
    public byte FractionLost { get; init; }

    /// <summary>24 bits with a sign: negative where there were duplicates.</summary>
    public int CumulativeLost { get; init; }

    public uint ExtendedHighestSequence { get; init; }

    /// <summary>In units of the reported source's clock.</summary>
    public uint Jitter { get; init; }

    /// <summary>The middle of the NTP timestamp of the last sender report from the source; 0 for none.</summary>
    public uint LastSenderReport { get; init; }

    /// <summary>In 1/65,536 s.</summary>
    public uint DelaySinceLastSenderReport { get; init; }

    internal static RtcpReportBlock Read(ReadOnlySpan<byte> octets)
    {
        uint lost = BinaryPrimitives.ReadUInt32BigEndian(octets[4..]);
        return new()
        {
            Source = BinaryPrimitives.ReadUInt32BigEndian(octets),
            FractionLost = (byte)(lost >> 24),
            // The sign of 24 bits is moved to the top and back.
            CumulativeLost = (int)(lost << 8) >> 8,
            ExtendedHighestSequence = BinaryPrimitives.ReadUInt32BigEndian(octets[8..]),
            Jitter = BinaryPrimitives.ReadUInt32BigEndian(octets[12..]),
            LastSenderReport = BinaryPrimitives.ReadUInt32BigEndian(octets[16..]),
            DelaySinceLastSenderReport = BinaryPrimitives.ReadUInt32BigEndian(octets[20..]),
        };
    }
}

/// <summary>One packet of a compound that was checked; see note [how RTCP is read].</summary>
public readonly ref struct RtcpPacket
{
    internal const int HeaderOctets = 4;
    internal const int CountMask = 0x1F;
    private const int CnameItem = 1;
    private const int EndItem = 0;

    // The type and the length of an item (§6.5).
    private const int ItemHeaderOctets = 2;

    private readonly ReadOnlySpan<byte> _body;

    internal RtcpPacket(RtcpType type, int count, ReadOnlySpan<byte> body)
    {
        Type = type;
        Count = count;
        _body = body;
    }

    public RtcpType Type { get; }

    /// <summary>Report blocks, chunks or sources, by type; for other types what they make of these five bits.</summary>
    public int Count { get; }

    /// <summary>Who sent a report or an application's packet; 0 for other types.</summary>
    public uint Source => Type is RtcpType.SenderReport or RtcpType.ReceiverReport or RtcpType.Application ? BinaryPrimitives.ReadUInt32BigEndian(_body) : 0;

    /// <summary>Report blocks; 0 for what is no report.</summary>
    public int ReportCount => Type is RtcpType.SenderReport or RtcpType.ReceiverReport ? Count : 0;

    /// <summary>What a sender report says of its sender; all 0 for other types.</summary>
    public RtcpSenderInfo SenderInfo => Type == RtcpType.SenderReport ? RtcpSenderInfo.Read(_body[sizeof(uint)..]) : default;

    /// <summary>The report block <paramref name="index"/>, below <see cref="ReportCount"/>.</summary>
    public RtcpReportBlock Report(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ReportCount);
        return RtcpReportBlock.Read(_body[(ReportsAt(Type) + index * RtcpReportBlock.SizeOctets)..]);
    }

    /// <summary>True for a BYE of <paramref name="source"/> (RFC 3550 §6.6).</summary>
    public bool IsByeOf(uint source)
    {
        if (Type != RtcpType.Bye)
            return false;
        for (int i = 0; i < Count; i++)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(_body[(i * sizeof(uint))..]) == source)
                return true;
        }
        return false;
    }

    /// <summary>The canonical name that a source description gives <paramref name="source"/> (RFC 3550 §6.5.1); false where it gives none.</summary>
    public bool TryGetCname(uint source, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (Type != RtcpType.SourceDescription)
            return false;
        var rest = _body;
        for (int chunk = 0; chunk < Count; chunk++)
        {
            bool isAsked = BinaryPrimitives.ReadUInt32BigEndian(rest) == source;
            int at = sizeof(uint);
            for (; rest[at] != EndItem; at += ItemHeaderOctets + rest[at + 1])
            {
                if (!isAsked || rest[at] != CnameItem)
                    continue;
                name = rest.Slice(at + ItemHeaderOctets, rest[at + 1]);
                return true;
            }
            rest = rest[WordsEnd(at + 1)..];
        }
        return false;
    }

    /// <summary>What is wrong with the body beside what the type promises of it: asked once, before anything else.</summary>
    internal RtcpFault Check() => Type switch
    {
        RtcpType.SenderReport or RtcpType.ReceiverReport => FaultIf(_body.Length < ReportsAt(Type) + Count * RtcpReportBlock.SizeOctets),
        RtcpType.SourceDescription => CheckChunks(Count, _body),
        RtcpType.Bye => FaultIf(_body.Length < Count * sizeof(uint)),
        // A source and a name of four octets (§6.7).
        RtcpType.Application => FaultIf(_body.Length < 2 * sizeof(uint)),
        _ => RtcpFault.None,
    };

    private static RtcpFault FaultIf(bool isShort) => isShort ? RtcpFault.Count : RtcpFault.None;

    private static RtcpFault CheckChunks(int count, ReadOnlySpan<byte> body)
    {
        for (int chunk = 0; chunk < count; chunk++)
        {
            if (body.Length < 2 * sizeof(uint))
                return RtcpFault.Count;
            int at = sizeof(uint);
            while (at < body.Length && body[at] != EndItem)
            {
                if (body.Length - at < ItemHeaderOctets)
                    return RtcpFault.Item;
                at += ItemHeaderOctets + body[at + 1];
            }
            // At least one null octet ends the items, and more fill the word (§6.5).
            if (at >= body.Length)
                return RtcpFault.Item;
            body = body[WordsEnd(at + 1)..];
        }
        return RtcpFault.None;
    }

    private static int ReportsAt(RtcpType type) => sizeof(uint) + (type == RtcpType.SenderReport ? RtcpSenderInfo.SizeOctets : 0);

    private static int WordsEnd(int octets) => octets + sizeof(uint) - 1 & -sizeof(uint);
}
