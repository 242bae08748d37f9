// Writes compound RTCP packets (RFC 3550 §6.1: a report first, a CNAME in each) into a caller's buffer.
using System.Buffers.Binary;

namespace SipEmbedded.Rtp;

/// <summary>
/// A cursor over a caller's buffer. A packet that does not fit is not written, and <see cref="Overflowed"/> stays true: the caller asks once, at the end.
/// </summary>
public ref struct RtcpWriter(Span<byte> buffer)
{
    private const int CnameItem = 1;

    /// <summary>What the length of an item can say (RFC 3550 §6.5).</summary>
    public const int LongestItem = byte.MaxValue;

    private readonly Span<byte> _buffer = buffer;

    /// <summary>Octets written so far.</summary>
    public int Written { get; private set; }

    public bool Overflowed { get; private set; }

    /// <summary>A sender report (RFC 3550 §6.4.1), with at most one block.</summary>
    public void SenderReport(uint source, in RtcpSenderInfo sent, in RtcpReportBlock? report)
    {
        var body = Begin(RtcpType.SenderReport, report is null ? 0 : 1, sizeof(uint) + RtcpSenderInfo.SizeOctets + SizeOf(report));
        if (body.IsEmpty)
            return;
        BinaryPrimitives.WriteUInt32BigEndian(body, source);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], sent.Ntp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], sent.Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], sent.Packets);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], sent.Octets);
        if (report is { } block)
            Write(body[(sizeof(uint) + RtcpSenderInfo.SizeOctets)..], block);
    }

    /// <summary>A receiver report (RFC 3550 §6.4.2), with at most one block.</summary>
    public void ReceiverReport(uint source, in RtcpReportBlock? report)
    {
        var body = Begin(RtcpType.ReceiverReport, report is null ? 0 : 1, sizeof(uint) + SizeOf(report));
        if (body.IsEmpty)
            return;
        BinaryPrimitives.WriteUInt32BigEndian(body, source);
        if (report is { } block)
            Write(body[sizeof(uint)..], block);
    }

    /// <summary>A source description of one chunk with one CNAME (RFC 3550 §6.5.1), of at most <see cref="LongestItem"/> octets.</summary>
    public void SourceDescription(uint source, scoped ReadOnlySpan<byte> cname)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cname.Length, LongestItem);
        // The item's type and length, and from one to four null octets to the word's end.
        int end = sizeof(uint) + 2 + cname.Length;
        var body = Begin(RtcpType.SourceDescription, 1, (end + sizeof(uint)) & -sizeof(uint));
        if (body.IsEmpty)
            return;
        BinaryPrimitives.WriteUInt32BigEndian(body, source);
        body[4] = CnameItem;
        body[5] = (byte)cname.Length;
        cname.CopyTo(body[6..]);
        body[end..].Clear();
    }

    /// <summary>A BYE of one source, without a reason (RFC 3550 §6.6).</summary>
    public void Bye(uint source)
    {
        var body = Begin(RtcpType.Bye, 1, sizeof(uint));
        if (!body.IsEmpty)
            BinaryPrimitives.WriteUInt32BigEndian(body, source);
    }

    private static int SizeOf(in RtcpReportBlock? report) => report is null ? 0 : RtcpReportBlock.SizeOctets;

    private Span<byte> Begin(RtcpType type, int count, int bodyOctets)
    {
        var rest = _buffer[Written..];
        if (Overflowed || rest.Length < RtcpPacket.HeaderOctets + bodyOctets)
        {
            Overflowed = true;
            return default;
        }
        rest[0] = (byte)(RtpPacket.Version << RtpPacket.VersionShift | count);
        rest[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)(bodyOctets / sizeof(uint)));
        Written += RtcpPacket.HeaderOctets + bodyOctets;
        return rest.Slice(RtcpPacket.HeaderOctets, bodyOctets);
    }

    private static void Write(Span<byte> octets, in RtcpReportBlock block)
    {
        BinaryPrimitives.WriteUInt32BigEndian(octets, block.Source);
        BinaryPrimitives.WriteUInt32BigEndian(octets[4..], (uint)block.FractionLost << 24 | (uint)block.CumulativeLost & 0xFFFFFF);
        BinaryPrimitives.WriteUInt32BigEndian(octets[8..], block.ExtendedHighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(octets[12..], block.Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(octets[16..], block.LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(octets[20..], block.DelaySinceLastSenderReport);
    }
}
