// Session descriptions of an agent without media (RFC 3264 §5.1, §6): a call is set up and taken down, and nothing flows in between.
using SipEmbedded.Messages;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>Offers and answers whose one audio stream is inactive.</summary>
public static class InactiveMedia
{
    public static ReadOnlySpan<byte> ContentType => "application/sdp"u8;

    // A stream that is inactive needs a port all the same, since 0 would refuse it: that of the discard protocol (RFC 863).
    private const ushort DiscardPort = 9;

    // RFC 3551 §6: the two payload types that every telephone knows, µ-law and A-law.
    private const byte Pcmu = 0;
    private const byte Pcma = 8;

    private const int MaxAddressOctets = 45;

    /// <summary>What a request says about media: none, a description, or a body that is none.</summary>
    public static int StatusFor(SipMessage request)
    {
        if (request.Body.IsEmpty)
            return 0;
        if (!request.TryGet<ContentType>(out var type, out _) || !Scan.EqualsIgnoreCase(type.Type.In(request.Text), "application"u8)
            || !Scan.EqualsIgnoreCase(type.Subtype.In(request.Text), "sdp"u8))
        {
            return 415;
        }
        return SdpDescription.TryRead(request.Body, SdpLeniency.All, out _, out _) ? 0 : 488;
    }

    /// <summary>Writes an answer to the offer in <paramref name="request"/>, or an offer where it has none.</summary>
    public static void Write(ref ByteWriter writer, SipMessage request, ulong session, uint version, in IpEndpoint local)
    {
        if (!request.Body.IsEmpty && SdpDescription.TryRead(request.Body, SdpLeniency.All, out var offer, out _))
            WriteAnswer(ref writer, offer, session, version, local);
        else
            WriteOffer(ref writer, session, version, local);
    }

    public static void WriteOffer(ref ByteWriter writer, ulong session, uint version, in IpEndpoint local)
    {
        WriteSession(ref writer, session, version, local, 0, 0);
        SdpBuilder.WriteMedia(ref writer, "audio"u8, DiscardPort, "RTP/AVP"u8, [Pcmu, Pcma]);
        SdpBuilder.WriteDirection(ref writer, MediaDirection.Inactive);
    }

    // RFC 3264 §6: a media line for each of the offer's, the same times. The first audio stream that a telephone could take is inactive, any other refused.
    private static void WriteAnswer(ref ByteWriter writer, scoped in SdpDescription offer, ulong session, uint version, in IpEndpoint local)
    {
        WriteSession(ref writer, session, version, local, offer.Time.StartSeconds, offer.Time.StopSeconds);
        bool isTaken = false;
        for (int i = 0; i < offer.MediaCount; i++)
        {
            var media = offer.Media(i);
            var field = media.Field;
            var name = field.Media.In(offer.Text);
            var protocol = field.Protocol.In(offer.Text);
            bool isAudio = !isTaken && field.Port != 0 && name.SequenceEqual("audio"u8) && protocol.SequenceEqual("RTP/AVP"u8);
            if (isAudio && TryFindCodec(offer.Text, media.Formats, out byte codec))
            {
                isTaken = true;
                SdpBuilder.WriteMedia(ref writer, name, DiscardPort, protocol, [codec]);
                SdpBuilder.WriteDirection(ref writer, MediaDirection.Inactive);
            }
            else
                SdpBuilder.WriteMediaFormats(ref writer, name, 0, protocol, field.Formats.In(offer.Text));
        }
    }

    private static bool TryFindCodec(ReadOnlySpan<byte> text, SdpItems formats, out byte codec)
    {
        codec = 0;
        foreach (var format in formats)
        {
            if (format.Length != 1 || text[format.Offset] - '0' is not (Pcmu or Pcma))
                continue;
            codec = (byte)(text[format.Offset] - '0');
            return true;
        }
        return false;
    }

    private static void WriteSession(ref ByteWriter writer, ulong session, uint version, in IpEndpoint local, ulong start, ulong stop)
    {
        Span<byte> address = stackalloc byte[MaxAddressOctets];
        var text = new ByteWriter(address);
        local.WriteAddress(ref text);
        var type = local.IsV4 ? SdpAddressType.IP4 : SdpAddressType.IP6;
        SdpBuilder.WriteVersion(ref writer);
        // Peers read the number into 64 bits with a sign.
        SdpBuilder.WriteOrigin(ref writer, "-"u8, session >> 1, version, type, text.WrittenSpan);
        SdpBuilder.WriteSessionName(ref writer, "-"u8);
        SdpBuilder.WriteConnection(ref writer, type, text.WrittenSpan);
        SdpBuilder.WriteTime(ref writer, start, stop);
    }
}
