// One RTP packet over the octets of its datagram (RFC 3550 §5.1, §5.3.1; the checks of A.1 that need no memory). What a packet may carry beside its
// payload, contributing sources, an extension, padding, is checked and passed over: no extension is agreed by this stack, and one that is not agreed is
// ignored (§5.3.1).
using System.Buffers.Binary;

namespace SipEmbedded.Rtp;

/// <summary>What is wrong with octets that should be an RTP packet.</summary>
public enum RtpFault : byte
{
    None,

    /// <summary>Shorter than the fixed header, or than it and the contributing sources that it announces.</summary>
    Truncated,

    /// <summary>Not version 2.</summary>
    Version,

    /// <summary>The second octet is that of an RTCP packet (RFC 3550 A.1: a payload type is never SR or RR; so for SDES, BYE and APP).</summary>
    ControlPacket,

    /// <summary>The last octet counts no padding, or more than there is behind the headers.</summary>
    Padding,

    /// <summary>The extension is longer than the packet.</summary>
    Extension,
}

/// <summary>A packet that was received, over the caller's octets.</summary>
public readonly ref struct RtpPacket
{
    /// <summary>The fixed header (RFC 3550 §5.1).</summary>
    public const int HeaderOctets = 12;

    internal const int Version = 2;
    internal const int VersionShift = 6;
    internal const int PaddingBit = 0x20;
    private const int ExtensionBit = 0x10;
    private const int SourceCountMask = 0x0F;
    private const int MarkerBit = 0x80;
    private const int PayloadTypeMask = 0x7F;
    private const int SourceOctets = sizeof(uint);

    // A profile's 16 bits, and 16 bits that count the words behind them (RFC 3550 §5.3.1).
    private const int ExtensionHeaderOctets = 4;

    private RtpPacket(scoped in RtpHeader header, ReadOnlySpan<byte> contributors, ReadOnlySpan<byte> payload)
    {
        Header = header;
        Contributors = contributors;
        Payload = payload;
    }

    public RtpHeader Header { get; }

    /// <summary>Without padding; may be empty.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    private ReadOnlySpan<byte> Contributors { get; }

    /// <summary>Reads a packet that fills <paramref name="datagram"/>. With a fault <paramref name="packet"/> is empty.</summary>
    public static RtpFault TryRead(ReadOnlySpan<byte> datagram, out RtpPacket packet)
    {
        packet = default;
        if (datagram.Length < HeaderOctets)
            return RtpFault.Truncated;
        int first = datagram[0];
        int second = datagram[1];
        if (first >> VersionShift != Version)
            return RtpFault.Version;
        if (second is >= (int)RtcpType.SenderReport and <= (int)RtcpType.Application)
            return RtpFault.ControlPacket;
        int at = HeaderOctets + (first & SourceCountMask) * SourceOctets;
        int end = datagram.Length;
        if (at > end)
            return RtpFault.Truncated;
        if ((first & PaddingBit) != 0)
        {
            int padding = datagram[end - 1];
            // A.1 wants less than all of it; a packet that is nothing but padding is sent to probe a path or to keep it open, and hurts nobody.
            if (padding == 0 || padding > end - at)
                return RtpFault.Padding;
            end -= padding;
        }
        var contributors = datagram[HeaderOctets..at];
        if ((first & ExtensionBit) != 0)
        {
            if (end - at < ExtensionHeaderOctets)
                return RtpFault.Extension;
            at += ExtensionHeaderOctets + BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]) * sizeof(uint);
            if (at > end)
                return RtpFault.Extension;
        }
        var header = new RtpHeader
        {
            IsMarked = (second & MarkerBit) != 0,
            PayloadType = (byte)(second & PayloadTypeMask),
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]),
            Timestamp = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]),
            Source = BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]),
        };
        packet = new(header, contributors, datagram[at..end]);
        return RtpFault.None;
    }

    /// <summary>
    /// Writes the 12 octets of a header without contributors and extension; the payload goes behind them. 12, or 0 where <paramref name="buffer"/> is too
    /// small. Of the payload type the low 7 bits are taken.
    /// </summary>
    public static int Write(Span<byte> buffer, in RtpHeader header)
    {
        if (buffer.Length < HeaderOctets)
            return 0;
        buffer[0] = Version << VersionShift;
        buffer[1] = (byte)(header.PayloadType & PayloadTypeMask | (header.IsMarked ? MarkerBit : 0));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], header.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], header.Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[8..], header.Source);
        return HeaderOctets;
    }

    /// <summary>True where <paramref name="source"/> sent the packet, or a mixer put something of it in (RFC 3550 §5.1, CSRC).</summary>
    public bool ComesFrom(uint source)
    {
        if (Header.Source == source)
            return true;
        for (int at = 0; at < Contributors.Length; at += SourceOctets)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(Contributors[at..]) == source)
                return true;
        }
        return false;
    }
}
