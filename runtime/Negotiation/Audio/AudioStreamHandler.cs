// Audio over RTP without encryption: the codecs of AudioCodec and the events of RFC 4733. AudioStreamHandler.Formats.cs chooses codecs and numbers.
// Read first: RFC 3264 §5.1, §6.1, §8.3.2; RFC 4733 §2.4 and §7.1.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>
/// Handles <c>m=audio</c> with <c>RTP/AVP</c>, one stream of a session at a time; others are refused. Its media is an <see cref="IAudioMedia"/>.
/// </summary>
public sealed partial class AudioStreamHandler : IStreamHandler
{
    private static ReadOnlySpan<byte> MediaType => "audio"u8;

    private static ReadOnlySpan<byte> Protocol => "RTP/AVP"u8;

    // RFC 7587 §6.1: we understand what protects against loss. Stereo is not wanted where nothing is said of it.
    private static ReadOnlySpan<byte> OpusParameters => "useinbandfec=1"u8;

    private readonly AudioStreamOptions _options;
    private readonly AudioCodec[] _codecs;
    private readonly IAudioMedia _media;

    /// <summary>
    /// Throws <see cref="ArgumentException"/> for codecs that are none or the same twice, and <see cref="ArgumentOutOfRangeException"/> for a payload type that is
    /// not dynamic.
    /// </summary>
    [StartUp(Because = "a handler is made before start")]
    public AudioStreamHandler(AudioStreamOptions options, IAudioMedia media)
    {
        if (options.Codecs.Length == 0 || options.Codecs.Distinct().Count() != options.Codecs.Length)
            throw new ArgumentException("An audio stream has one codec at least, and each once.", nameof(options));
        if (options.EventPayloadType is < FirstDynamic or > PayloadType.Largest)
            throw new ArgumentOutOfRangeException(nameof(options), options.EventPayloadType, "telephone-event has a dynamic payload type.");
        _options = options;
        _codecs = [.. options.Codecs];
        _media = media;
    }

    public StreamOutcome TakeOffer(in StreamContext session, in StreamView stream, ref ByteWriter answer, ref WarningCode cause)
    {
        var offered = stream.Remote;
        if (!IsType(offered))
            return StreamOutcome.NotMine;
        // Another handler may speak it.
        if (!IsProtocol(offered))
        {
            cause = WarningCode.IncompatibleTransportProtocol;
            return StreamOutcome.NotMine;
        }
        cause = JudgeAddress(session, offered);
        if (cause != WarningCode.None)
            return StreamOutcome.Refused;
        var formats = default(Formats);
        ChooseForAnswer(offered, ref formats);
        if (!formats.HasCodec)
        {
            cause = WarningCode.IncompatibleMediaFormat;
            return StreamOutcome.Refused;
        }
        if (stream.Others > 0 || !_media.TryGetLocal(session, stream.Index, out var local))
        {
            cause = WarningCode.Miscellaneous;
            return StreamOutcome.Refused;
        }
        var direction = offered.Direction.Mirrored().And(session.Wanted).And(_options.Direction);
        Write(ref answer, session, local, formats, direction, _options.MultiplexesRtcp && offered.HasRtcpMux);
        return StreamOutcome.Handled;
    }

    public StreamOutcome WriteOffer(in StreamContext session, in StreamView stream, ref ByteWriter offer)
    {
        // The place of a refused stream can be used again (RFC 3264 §8.1), as long as it is audio.
        if (stream.HasLocal && !(IsType(stream.Local) && IsProtocol(stream.Local)))
            return StreamOutcome.NotMine;
        // One stream of a session: a second one is not begun beside it.
        if (!stream.IsAgreed && stream.Others > 0)
            return StreamOutcome.NotMine;
        if (!_media.TryGetLocal(session, stream.Index, out var local))
            return StreamOutcome.Refused;
        var formats = default(Formats);
        ChooseForOffer(stream, ref formats);
        bool isMultiplexed = stream.IsRefresh && stream.HasLocal ? stream.Local.HasRtcpMux : _options.MultiplexesRtcp;
        Write(ref offer, session, local, formats, session.Wanted.And(_options.Direction), isMultiplexed);
        return StreamOutcome.Handled;
    }

    public void WriteCapabilities(in StreamContext context, ref ByteWriter text)
    {
        var formats = default(Formats);
        ChooseForOffer(default, ref formats);
        Write(ref text, context, context.Local.WithPort(0), formats, _options.Direction, _options.MultiplexesRtcp);
    }

    public StreamOutcome TakeAnswer(in StreamContext session, in StreamView stream)
    {
        if (!IsProtocol(stream.Remote) || JudgeAddress(session, stream.Remote) != WarningCode.None)
            return StreamOutcome.Refused;
        return TryFindCommon(stream.Local, stream.Remote, out _, out _) ? StreamOutcome.Handled : StreamOutcome.Refused;
    }

    public void Agreed(in StreamContext session, in StreamView stream)
    {
        if (TryRead(stream.Local, stream.Remote, out var audio))
            _media.Agreed(session, stream.Index, audio);
    }

    public void Removed(in StreamContext session, int stream) => _media.Removed(session, stream);

    public void RolledBack(in StreamContext session) => _media.RolledBack(session);

    public void WriteFigures(in StreamContext session, int stream, ref ByteWriter writer, scoped ReadOnlySpan<byte> indent) =>
        _media.WriteFigures(session, stream, ref writer, indent);

    public void Ended(in StreamContext session) => _media.Ended(session);

    private static bool IsType(scoped in SdpMedia media) => media.Field.Media.In(media.Text).SequenceEqual(MediaType);

    private static bool IsProtocol(scoped in SdpMedia media) => media.Field.Protocol.In(media.Text).SequenceEqual(Protocol);

    // Where the peer's media goes must be something that ours can go to. A name may be one, as far as we know.
    private static WarningCode JudgeAddress(in StreamContext session, scoped in SdpMedia media) => StreamAddress.Read(media, out var remote) switch
    {
        StreamAddressKind.Unicast => remote.IsV4 == session.Local.IsV4 ? WarningCode.None : WarningCode.IncompatibleNetworkAddressFormat,
        StreamAddressKind.Multicast => WarningCode.MulticastNotAvailable,
        StreamAddressKind.Missing => WarningCode.IncompatibleNetworkAddressFormat,
        StreamAddressKind.Foreign => WarningCode.IncompatibleNetworkProtocol,
        _ => WarningCode.None,
    };

    private void Write(ref ByteWriter writer, in StreamContext session, in IpEndpoint local, in Formats formats, MediaDirection direction, bool isMultiplexed)
    {
        SdpBuilder.WriteMedia(ref writer, MediaType, local.Port, Protocol, formats.Numbers);
        if (!local.HasAddressOf(session.Local))
            StreamAddress.WriteConnection(ref writer, local);
        // RFC 3264 §5.1: mappings for static payload types as well.
        for (int i = 0; i < formats.Codecs; i++)
        {
            var codec = formats.CodecAt(i);
            SdpBuilder.WriteRtpMap(ref writer, formats[i], AudioCodecs.NameOf(codec), AudioCodecs.ClockRateOf(codec), AudioCodecs.ChannelsOf(codec));
            if (codec == AudioCodec.Opus)
                SdpBuilder.WriteFormatParameters(ref writer, formats[i], OpusParameters);
        }
        for (int i = formats.Codecs; i < formats.Codecs + formats.Events; i++)
        {
            SdpBuilder.WriteRtpMap(ref writer, formats[i], EventName, EventRates.At(formats.RateAt(i)));
            SdpBuilder.WriteFormatParameters(ref writer, formats[i], DtmfEvents);
        }
        if (_options.PacketTimeMs != 0)
            SdpBuilder.WritePacketTime(ref writer, _options.PacketTimeMs);
        if (isMultiplexed)
            SdpBuilder.WriteAttribute(ref writer, AttributeName.RtcpMux);
        SdpBuilder.WriteDirection(ref writer, direction);
    }
}
