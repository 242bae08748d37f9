// IP packets as they might have been around octets that only a socket was seen to carry: headers with right lengths and checksums (RFC 791, RFC 8200,
// RFC 768, RFC 9293). Nothing below a socket is known, so there are no options, no fragments and no retransmissions in them.
using System.Buffers.Binary;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

internal static class SyntheticPacket
{
    /// <summary>A TCP header with the options of a SYN is the longest transport header.</summary>
    public const int MaxHeaderOctets = V6HeaderOctets + TcpHeaderOctets + SynOptionOctets;

    /// <summary>What fits into a datagram: both IP versions count their length, or their payload's, in 16 bits.</summary>
    public const int MaxV4Payload = ushort.MaxValue - V4HeaderOctets - UdpHeaderOctets;
    public const int MaxV6Payload = ushort.MaxValue - UdpHeaderOctets;

    /// <summary>The octets of one segment, in either version.</summary>
    public const int MaxSegmentOctets = ushort.MaxValue - V4HeaderOctets - TcpHeaderOctets;

    public const byte Fin = 0x01, Syn = 0x02, Push = 0x08, Acknowledgement = 0x10;

    private const int V4HeaderOctets = 20, V6HeaderOctets = 40, UdpHeaderOctets = 8, TcpHeaderOctets = 20, SynOptionOctets = 8;
    private const byte TcpNumber = 6, UdpNumber = 17;
    private const byte HopLimit = 64;

    // Maximum segment size; no operation; window scale 14, the largest (RFC 7323 §2.3), so that nobody ever looks to overrun a window.
    private static ReadOnlySpan<byte> SynOptions => [2, 4, MaxSegmentOctets >> 8, MaxSegmentOctets & 0xFF, 1, 3, 3, 14];

    /// <summary>An address of no family, as a socket has that is bound to none, takes the peer's.</summary>
    public static bool IsV4(in IpEndpoint from, in IpEndpoint to) => (from.IsV4 || from.IsAny) && (to.IsV4 || to.IsAny) && (from.IsV4 || to.IsV4);

    /// <summary>Writes a UDP datagram; returns its octets.</summary>
    public static int WriteUdp(Span<byte> packet, in IpEndpoint from, in IpEndpoint to, ushort identification, ReadOnlySpan<byte> payload)
    {
        int length = UdpHeaderOctets + payload.Length;
        int start = WriteIp(packet, from, to, UdpNumber, identification, length);
        var udp = packet.Slice(start, length);
        BinaryPrimitives.WriteUInt16BigEndian(udp, from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], to.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], 0);
        payload.CopyTo(udp[UdpHeaderOctets..]);
        ushort checksum = Folded(PseudoHeaderSum(packet, UdpNumber, length) + Sum(udp));
        // RFC 768: a checksum of zero is written as all ones; zero says that there is none.
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        return start + length;
    }

    /// <summary>Writes a TCP segment; returns its octets. One with <see cref="Syn"/> carries options and no payload.</summary>
    public static int WriteTcp(
        Span<byte> packet, in IpEndpoint from, in IpEndpoint to, ushort identification, byte flags, uint sequence, uint acknowledged,
        ReadOnlySpan<byte> payload)
    {
        int header = TcpHeaderOctets + ((flags & Syn) != 0 ? SynOptionOctets : 0);
        int length = header + payload.Length;
        int start = WriteIp(packet, from, to, TcpNumber, identification, length);
        var tcp = packet.Slice(start, length);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], to.Port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledged);
        tcp[12] = (byte)(header / 4 << 4);
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], ushort.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[16..], 0);
        if ((flags & Syn) != 0)
            SynOptions.CopyTo(tcp[TcpHeaderOctets..]);
        payload.CopyTo(tcp[header..]);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Folded(PseudoHeaderSum(packet, TcpNumber, length) + Sum(tcp)));
        return start + length;
    }

    private static int WriteIp(Span<byte> packet, in IpEndpoint from, in IpEndpoint to, byte protocol, ushort identification, int length)
    {
        if (!IsV4(from, to))
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet, 6u << 28);
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)length);
            packet[6] = protocol;
            packet[7] = HopLimit;
            BinaryPrimitives.WriteUInt128BigEndian(packet[8..], from.Address);
            BinaryPrimitives.WriteUInt128BigEndian(packet[24..], to.Address);
            return V6HeaderOctets;
        }
        const ushort DoNotFragment = 0x4000;
        BinaryPrimitives.WriteUInt16BigEndian(packet, 0x4500);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(V4HeaderOctets + length));
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], identification);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], DoNotFragment);
        packet[8] = HopLimit;
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], from.V4Address);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], to.V4Address);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Folded(Sum(packet[..V4HeaderOctets])));
        return V4HeaderOctets;
    }

    // ---- The Internet checksum (RFC 1071) -----------------------------------------------------------------------------------------

    private static ulong PseudoHeaderSum(ReadOnlySpan<byte> packet, byte protocol, int length) =>
        Sum(packet[0] >> 4 == 4 ? packet[12..20] : packet[8..40]) + protocol + (uint)length;

    // 64 KiB of 16-bit words stay far below 2^64.
    private static ulong Sum(ReadOnlySpan<byte> octets)
    {
        ulong sum = 0;
        int i = 0;
        for (; i + 1 < octets.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets[i..]);
        return i < octets.Length ? sum + ((ulong)octets[i] << 8) : sum;
    }

    private static ushort Folded(ulong sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
