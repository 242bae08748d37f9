// Tells what a datagram on a port for media is by its first two octets: RFC 7983 §7 by the first, RFC 5761 §4 for RTP and RTCP on one port by the second.
namespace SipEmbedded.Rtp;

/// <summary>What a datagram on a media port is, by its first octets alone: whether it is whole, its reader says.</summary>
public enum MediaDatagramKind : byte
{
    /// <summary>Nothing known, or too short to tell: to be dropped (RFC 7983 §7).</summary>
    Unknown,
    Stun,
    Zrtp,
    Dtls,
    TurnChannel,
    Rtp,
    Rtcp,
}

/// <summary>Sorts the datagrams of a media port.</summary>
public static class RtpDemultiplexer
{
    // RFC 5761 §4: packet types of RTCP are registered from 192 to 223 as long as there is room, so payload types from 64 to 95 are not used.
    private const byte FirstControlType = 192;
    private const byte LastControlType = 223;

    /// <summary>
    /// The kind of a datagram. On a port for RTP alone (no a=rtcp-mux agreed) too: a peer whose RTCP comes there all the same is understood, since no payload
    /// type that we agree to looks like one.
    /// </summary>
    public static MediaDatagramKind KindOf(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 2)
            return MediaDatagramKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => MediaDatagramKind.Stun,
            >= 16 and <= 19 => MediaDatagramKind.Zrtp,
            >= 20 and <= 63 => MediaDatagramKind.Dtls,
            >= 64 and <= 79 => MediaDatagramKind.TurnChannel,
            >= 128 and <= 191 => datagram[1] is >= FirstControlType and <= LastControlType ? MediaDatagramKind.Rtcp : MediaDatagramKind.Rtp,
            _ => MediaDatagramKind.Unknown,
        };
    }
}
