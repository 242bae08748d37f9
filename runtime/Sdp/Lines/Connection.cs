// Where media goes and how much of it: RFC 8866 §5.7 and §5.8.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary><c>c=</c> (RFC 8866 §5.7).</summary>
[Record("connection-field", Grammar = "sdp")]
public readonly partial struct ConnectionField
{
    /// <summary><c>IN</c>.</summary>
    [Capture("nettype")] public partial Slice NetworkType { get; }

    /// <summary><c>IP4</c> or <c>IP6</c>.</summary>
    [Capture("addrtype")] public partial Slice AddressType { get; }

    /// <summary>A host name or an address, an IPv6 one without brackets; a multicast address with what <see cref="MulticastAddress"/> reads.</summary>
    [Capture("connection-address")] public partial Slice Address { get; }
}

/// <summary>
/// The address of a <c>c=</c> line taken apart (RFC 8866 §5.7): <c>address/ttl[/count]</c> for IPv4, <c>address[/count]</c> for IPv6.
/// </summary>
[Record("IP4-multicast", "IP6-multicast", Grammar = "sdp")]
public readonly partial struct MulticastAddress
{
    [Capture(".")] public partial Slice Text { get; }

    /// <summary>How far packets go; IPv4 only.</summary>
    [Capture("ttl")] public partial byte? TimeToLive { get; }

    /// <summary>How many addresses follow each other, where more than one.</summary>
    [Capture("numaddr")] public partial uint? Count { get; }

    /// <summary>The address alone, which is all in front of the first slash.</summary>
    public Slice Address(ReadOnlySpan<byte> text)
    {
        int slash = Text.In(text).IndexOf((byte)'/');
        return slash < 0 ? Text : Slice.Between(Text.Offset, Text.Offset + slash);
    }

    /// <summary>Reads an IPv4 or an IPv6 multicast address; false where the slice holds neither (a unicast IPv4 address, a name).</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, Slice address, out MulticastAddress value)
    {
        var bounded = text[..address.End];
        if (Match(bounded, address.Offset, 0, out value) == address.End || MatchIp6Multicast(bounded, address.Offset, 0, out value) == address.End)
            return true;
        value = default;
        return false;
    }
}

/// <summary><c>b=</c> (RFC 8866 §5.8).</summary>
[Record("bandwidth-field", Grammar = "sdp")]
public readonly partial struct BandwidthField
{
    /// <summary><c>CT</c>, <c>AS</c> (kilobits a second), <c>TIAS</c>, <c>RS</c>, <c>RR</c> (bits a second).</summary>
    [Capture("bwtype")] public partial Slice Type { get; }

    /// <summary>In the unit of the type.</summary>
    [Capture("bandwidth")] public partial ulong Bandwidth { get; }
}
