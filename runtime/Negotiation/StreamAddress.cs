// c= lines between text and endpoints (RFC 8866 §5.7). Names are no addresses: whoever sends media has no resolver.
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>What a c= line says about where media goes.</summary>
public enum StreamAddressKind : byte
{
    /// <summary>An address that can be sent to.</summary>
    Unicast,

    /// <summary>0.0.0.0 or ::, where nothing is to be sent to: the hold of RFC 2543 (RFC 3264 §8.4, RFC 6337 §5.4).</summary>
    Unspecified,

    /// <summary>A host name.</summary>
    Name,

    /// <summary>A group (RFC 3264 §6.2).</summary>
    Multicast,

    /// <summary>No c= line for this stream: an error of the peer's.</summary>
    Missing,

    /// <summary>Not of the Internet.</summary>
    Foreign,
}

public static class StreamAddress
{
    // The longest text of an IPv6 address with an IPv4 one as its end (RFC 4291 §2.2).
    private const int MaxAddressOctets = 45;

    /// <summary>Where a stream's media is to go. The endpoint is that of an address only; the port is always that of the m= line.</summary>
    public static StreamAddressKind Read(scoped in SdpMedia media, out IpEndpoint endpoint)
    {
        endpoint = default;
        if (!media.TryGetConnection(out var connection))
            return StreamAddressKind.Missing;
        return Read(media.Text, connection.NetworkType, connection.Address, media.Field.Port, out endpoint);
    }

    /// <summary>Where a stream's RTCP is to go (RFC 3605 §2.1): a=rtcp, or else the port above the one for RTP (RFC 3550 §11).</summary>
    public static IpEndpoint ReadRtcp(scoped in SdpMedia media, in IpEndpoint rtp)
    {
        if (!media.TryGetRtcp(out var rtcp))
            return rtp.WithPort((ushort)Math.Min(rtp.Port + 1, ushort.MaxValue));
        bool hasAddress = Read(media.Text, rtcp.NetworkType, rtcp.Address, rtcp.Port, out var endpoint) == StreamAddressKind.Unicast;
        return hasAddress ? endpoint : rtp.WithPort(rtcp.Port);
    }

    private static StreamAddressKind Read(ReadOnlySpan<byte> text, Slice network, Slice address, ushort port, out IpEndpoint endpoint)
    {
        endpoint = default;
        if (!network.In(text).SequenceEqual("IN"u8))
            return StreamAddressKind.Foreign;
        if (!IpEndpoint.TryRead(address.In(text), port, out endpoint))
        {
            return MulticastAddress.TryRead(text, address, out _) || address.In(text).Contains((byte)'/')
                ? StreamAddressKind.Multicast
                : StreamAddressKind.Name;
        }
        if (endpoint.IsMulticast)
            return StreamAddressKind.Multicast;
        return endpoint.IsAny ? StreamAddressKind.Unspecified : StreamAddressKind.Unicast;
    }

    /// <summary>Writes a c= line.</summary>
    public static void WriteConnection(ref ByteWriter writer, in IpEndpoint local)
    {
        var text = new ByteWriter(stackalloc byte[MaxAddressOctets]);
        local.WriteAddress(ref text);
        SdpBuilder.WriteConnection(ref writer, TypeOf(local), text.WrittenSpan);
    }

    /// <summary>Writes an o= line.</summary>
    internal static void WriteOrigin(ref ByteWriter writer, ulong session, ulong version, in IpEndpoint local)
    {
        var text = new ByteWriter(stackalloc byte[MaxAddressOctets]);
        local.WriteAddress(ref text);
        SdpBuilder.WriteOrigin(ref writer, "-"u8, session, version, TypeOf(local), text.WrittenSpan);
    }

    private static SdpAddressType TypeOf(in IpEndpoint local) => local.IsV4 ? SdpAddressType.IP4 : SdpAddressType.IP6;
}
