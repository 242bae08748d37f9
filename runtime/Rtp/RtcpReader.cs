// The packets of one RTCP datagram (RFC 3550 §6.1, A.2): see note [how RTCP is read] in RtcpPacket.cs.
using System.Buffers.Binary;

namespace SipEmbedded.Rtp;

/// <summary>A datagram of RTCP that was checked from end to end, and a walk over its packets: <c>foreach (var packet in reader)</c>.</summary>
public readonly ref struct RtcpReader
{
    private readonly ReadOnlySpan<byte> _octets;

    private RtcpReader(ReadOnlySpan<byte> octets, bool isReducedSize)
    {
        _octets = octets;
        IsReducedSize = isReducedSize;
    }

    /// <summary>True where it does not begin with a report, as RFC 3550 §6.1 wants: tolerated, agreed or not (RFC 5506 §3.4.2).</summary>
    public bool IsReducedSize { get; }

    /// <summary>Checks a datagram. With a fault <paramref name="reader"/> has no packets.</summary>
    public static RtcpFault TryRead(ReadOnlySpan<byte> datagram, out RtcpReader reader)
    {
        reader = default;
        if (datagram.IsEmpty)
            return RtcpFault.Truncated;
        for (var rest = datagram; !rest.IsEmpty;)
        {
            var fault = TryReadFirst(rest, out var packet, out int length);
            if (fault == RtcpFault.None)
                fault = packet.Check();
            if (fault != RtcpFault.None)
                return fault;
            rest = rest[length..];
        }
        reader = new(datagram, (RtcpType)datagram[1] is not (RtcpType.SenderReport or RtcpType.ReceiverReport));
        return RtcpFault.None;
    }

    private static RtcpFault TryReadFirst(ReadOnlySpan<byte> rest, out RtcpPacket packet, out int length)
    {
        packet = default;
        length = 0;
        if (rest.Length < RtcpPacket.HeaderOctets)
            return RtcpFault.Truncated;
        if (rest[0] >> RtpPacket.VersionShift != RtpPacket.Version)
            return RtcpFault.Version;
        if (RtpDemultiplexer.KindOf(rest) != MediaDatagramKind.Rtcp)
            return RtcpFault.Type;
        length = (BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) + 1) * sizeof(uint);
        if (length > rest.Length)
            return RtcpFault.Length;
        int end = length;
        if ((rest[0] & RtpPacket.PaddingBit) != 0)
        {
            int padding = rest[length - 1];
            if (length != rest.Length || padding == 0 || padding % sizeof(uint) != 0 || padding > length - RtcpPacket.HeaderOctets)
                return RtcpFault.Padding;
            end -= padding;
        }
        packet = new((RtcpType)rest[1], rest[0] & RtcpPacket.CountMask, rest[RtcpPacket.HeaderOctets..end]);
        return RtcpFault.None;
    }

    public Enumerator GetEnumerator() => new(_octets);

    /// <summary>Every packet, in order.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> octets)
    {
        private ReadOnlySpan<byte> _rest = octets;

        public RtcpPacket Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty || TryReadFirst(_rest, out var packet, out int length) != RtcpFault.None)
                return false;
            Current = packet;
            _rest = _rest[length..];
            return true;
        }
    }
}
