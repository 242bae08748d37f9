// Records in the form in which they are kept: what finding servers needs of them, one behind the other, names whole and in lower case.
//
//   A, AAAA   16 octets, an IPv4 address mapped (RFC 4291 §2.5.5.2)
//   SRV       priority, weight, port, each 16 bits; the target's name
//   NAPTR     order, preference, each 16 bits; the transport, 8 bits; the replacement's name
//   an alias  the name that it stands for
using System.Buffers.Binary;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>An SRV record (RFC 2782).</summary>
internal struct KeptSrv
{
    public const int HeadOctets = 6;

    public ushort Priority;
    public ushort Weight;
    public ushort Port;

    // Where the target's name stands among the records.
    public int NameOffset;
}

/// <summary>A NAPTR record that names a transport of SIP (RFC 3263 §4.1).</summary>
internal struct KeptNaptr
{
    public const int HeadOctets = 5;

    public ushort Order;
    public ushort Preference;
    public Protocol Protocol;

    // Where the name of the SRV records stands among the records.
    public int NameOffset;
}

internal static class KeptRecords
{
    public const int AddressOctets = 16;

    /// <summary>Octets of the longest record.</summary>
    public const int MaxRecordOctets = AddressOctets + ResolverLimits.MaxNameOctets;

    public static void WriteAddress(Span<byte> kept, UInt128 address) => BinaryPrimitives.WriteUInt128BigEndian(kept, address);

    /// <summary>The address of a number, without a port.</summary>
    public static IpEndpoint AddressAt(ReadOnlySpan<byte> records, int number) =>
        IpEndpoint.V6(BinaryPrimitives.ReadUInt128BigEndian(records[(number * AddressOctets)..]), 0);

    /// <summary>The name at an offset, its end included.</summary>
    public static ReadOnlySpan<byte> NameAt(ReadOnlySpan<byte> records, int offset)
    {
        int end = offset;
        while (records[end] != 0)
            end += records[end] + 1;
        return records[offset..(end + 1)];
    }

    /// <summary>The SRV record at an offset, which moves behind it.</summary>
    public static KeptSrv SrvAt(ReadOnlySpan<byte> records, ref int offset)
    {
        var head = records[offset..];
        var srv = new KeptSrv
        {
            Priority = BinaryPrimitives.ReadUInt16BigEndian(head),
            Weight = BinaryPrimitives.ReadUInt16BigEndian(head[2..]),
            Port = BinaryPrimitives.ReadUInt16BigEndian(head[4..]),
            NameOffset = offset + KeptSrv.HeadOctets,
        };
        offset = srv.NameOffset + NameAt(records, srv.NameOffset).Length;
        return srv;
    }

    /// <summary>The NAPTR record at an offset, which moves behind it.</summary>
    public static KeptNaptr NaptrAt(ReadOnlySpan<byte> records, ref int offset)
    {
        var head = records[offset..];
        var naptr = new KeptNaptr
        {
            Order = BinaryPrimitives.ReadUInt16BigEndian(head),
            Preference = BinaryPrimitives.ReadUInt16BigEndian(head[2..]),
            Protocol = (Protocol)head[4],
            NameOffset = offset + KeptNaptr.HeadOctets,
        };
        offset = naptr.NameOffset + NameAt(records, naptr.NameOffset).Length;
        return naptr;
    }
}
