// An IP packet's header, version 4 with options (RFC 791) or version 6 with extension headers (RFC 8200 §4), down to the transport protocol.
using System.Buffers.Binary;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Ladder;

/// <summary>What is needed of a packet. Where it is a fragment, <see cref="Payload"/> is a part of the datagram's, from <see cref="FragmentOffset"/> on.</summary>
internal readonly ref struct IpPacket
{
    public const byte Tcp = 6, Udp = 17;

    // RFC 8200 §4.1: each stands once, destination options twice.
    private const int MaxExtensionHeaders = 8;
    private const byte HopByHop = 0, Routing = 43, Fragment = 44, Authentication = 51, DestinationOptions = 60;

    private const int V4HeaderOctets = 20, V6HeaderOctets = 40;

    private IpPacket(IpEndpoint from, IpEndpoint to, byte protocol, ReadOnlySpan<byte> payload, uint identification, int fragmentOffset, bool hasMore)
    {
        From = from;
        To = to;
        Protocol = protocol;
        Payload = payload;
        Identification = identification;
        FragmentOffset = fragmentOffset;
        HasMoreFragments = hasMore;
    }

    /// <summary>The sender's address, with port 0.</summary>
    public IpEndpoint From { get; }

    public IpEndpoint To { get; }

    public byte Protocol { get; }

    public ReadOnlySpan<byte> Payload { get; }

    public uint Identification { get; }

    public int FragmentOffset { get; }

    public bool HasMoreFragments { get; }

    public bool IsFragment => HasMoreFragments || FragmentOffset > 0;

    /// <summary>False where it is no IP packet, or not enough of one was captured. Padding behind it is dropped.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out IpPacket packet)
    {
        packet = default;
        return !octets.IsEmpty && (octets[0] >> 4) switch
        {
            4 => TryReadV4(octets, out packet),
            6 => TryReadV6(octets, out packet),
            _ => false,
        };
    }

    private static bool TryReadV4(ReadOnlySpan<byte> octets, out IpPacket packet)
    {
        packet = default;
        if (octets.Length < V4HeaderOctets)
            return false;
        int header = (octets[0] & 0xF) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        // Some network adapters segment for the kernel; such packets are captured before, with a length of zero.
        if (total == 0)
            total = octets.Length;
        if (header < V4HeaderOctets || total < header || octets.Length < header)
            return false;
        ushort fragment = BinaryPrimitives.ReadUInt16BigEndian(octets[6..]);
        packet = new(
            IpEndpoint.V4(BinaryPrimitives.ReadUInt32BigEndian(octets[12..]), 0), IpEndpoint.V4(BinaryPrimitives.ReadUInt32BigEndian(octets[16..]), 0),
            octets[9], octets[header..Math.Min(total, octets.Length)], BinaryPrimitives.ReadUInt16BigEndian(octets[4..]), (fragment & 0x1FFF) * 8,
            (fragment & 0x2000) != 0);
        return true;
    }

    private static bool TryReadV6(ReadOnlySpan<byte> octets, out IpPacket packet)
    {
        packet = default;
        if (octets.Length < V6HeaderOctets)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(octets[4..]);
        byte next = octets[6];
        var from = IpEndpoint.V6(BinaryPrimitives.ReadUInt128BigEndian(octets[8..]), 0);
        var to = IpEndpoint.V6(BinaryPrimitives.ReadUInt128BigEndian(octets[24..]), 0);
        var rest = octets[V6HeaderOctets..];
        if (length > 0 && length < rest.Length)
            rest = rest[..length];
        uint identification = 0;
        int fragmentOffset = 0;
        bool hasMore = false;
        for (int i = 0; i <= MaxExtensionHeaders; i++)
        {
            if (next is not (HopByHop or Routing or Fragment or Authentication or DestinationOptions))
            {
                packet = new(from, to, next, rest, identification, fragmentOffset, hasMore);
                return true;
            }
            if (rest.Length < 8)
                return false;
            // RFC 8200 §4.3, §4.5; RFC 4302 §2.2 counts in units of its own.
            int header = next switch { Fragment => 8, Authentication => (rest[1] + 2) * 4, _ => (rest[1] + 1) * 8 };
            bool isFragment = next == Fragment;
            if (isFragment)
            {
                ushort field = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                (fragmentOffset, hasMore) = (field & 0xFFF8, (field & 1) != 0);
                identification = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            }
            next = rest[0];
            if (rest.Length < header)
                return false;
            rest = rest[header..];
            // What follows in a later fragment is not a header.
            if (isFragment && fragmentOffset > 0)
            {
                packet = new(from, to, next, rest, identification, fragmentOffset, hasMore);
                return true;
            }
        }
        return false;
    }
}
