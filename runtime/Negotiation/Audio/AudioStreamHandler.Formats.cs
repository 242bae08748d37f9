// Codecs and payload types: what is chosen from an offer, what is offered again, and what a pair of descriptions comes to.
//
// note [whose numbers]
// A payload type in a description is what its sender wants to receive with (RFC 3264 §5.1). We answer with the offer's numbers, and repeat in an offer those
// that the stream has had, since a dynamic number means one codec for the whole session (§8.3.2). Then we send with the peer's numbers and understand our own,
// whoever made the offer.
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

public sealed partial class AudioStreamHandler
{
    // RFC 3551 §6: 96 to 127 are dynamic.
    private const byte FirstDynamic = 96;

    // Packets of less waste a network, of more are a delay that nobody speaks through; peers that ask for such are served with the nearest.
    private const uint LeastPacketTimeMs = 10;
    private const uint MostPacketTimeMs = 200;

    // RFC 3551 §4.2: where nobody says anything.
    private const uint DefaultPacketTimeMs = 20;

    private const uint MicrosecondsPerMillisecond = 1000;

    private static ReadOnlySpan<byte> EventName => "telephone-event"u8;

    // RFC 4733 §3.2: digits, star, hash, A to D.
    private static ReadOnlySpan<byte> DtmfEvents => "0-15"u8;

    /// <summary>The formats of a section in their order: each codec once at most, telephone-event last.</summary>
    private struct Formats
    {
        [System.Runtime.CompilerServices.InlineArray(AudioCodecs.Count + 1)]
        private struct List
        {
            private byte _first;
        }

        private List _numbers;
        private List _codecs;

        public Formats()
        {
        }

        public int Codecs { readonly get; private set; }

        // One more than the number, so that zeroed memory has none.
        private byte _event;

        public readonly bool HasCodec => Codecs > 0;

        public readonly byte EventNumber => _event == 0 ? AgreedAudio.NoPayloadType : (byte)(_event - 1);

        public readonly byte this[int index] => _numbers[index];

        public readonly AudioCodec CodecAt(int index) => (AudioCodec)_codecs[index];

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public readonly ReadOnlySpan<byte> Numbers => ((ReadOnlySpan<byte>)_numbers)[..(Codecs + (_event == 0 ? 0 : 1))];

        /// <summary>False where the codec is there already.</summary>
        public bool TryAdd(AudioCodec codec, byte number)
        {
            if (NumberOf(codec) != AgreedAudio.NoPayloadType)
                return false;
            _numbers[Codecs] = number;
            _codecs[Codecs++] = (byte)codec;
            return true;
        }

        /// <summary>Behind all codecs.</summary>
        public void AddEvents(byte number)
        {
            _numbers[Codecs] = number;
            _event = (byte)(number + 1);
        }

        public readonly byte NumberOf(AudioCodec codec)
        {
            for (int i = 0; i < Codecs; i++)
            {
                if (CodecAt(i) == codec)
                    return _numbers[i];
            }
            return AgreedAudio.NoPayloadType;
        }

        public void KeepFirst() => Codecs = Math.Min(Codecs, 1);
    }

    // ---- Choosing -----------------------------------------------------------------------------------------------------------------

    // What we have of the offer, with its numbers.
    private void ChooseForAnswer(scoped in SdpMedia offered, ref Formats formats)
    {
        ReadFormats(offered, ref formats, out byte events);
        if (_options.AnswersInOwnOrder)
        {
            var ordered = default(Formats);
            foreach (var codec in _codecs)
            {
                if (formats.NumberOf(codec) is var number and not AgreedAudio.NoPayloadType)
                    ordered.TryAdd(codec, number);
            }
            formats = ordered;
        }
        if (_options.AnswersOneCodec)
            formats.KeepFirst();
        if (_options.EventPayloadType is not null && events != AgreedAudio.NoPayloadType)
            formats.AddEvents(events);
    }

    // All that we have, or what was agreed; with the numbers that the stream has had. See note [whose numbers].
    private void ChooseForOffer(scoped in StreamView stream, ref Formats formats)
    {
        var had = default(Formats);
        byte events = AgreedAudio.NoPayloadType;
        if (stream.HasLocal)
            ReadFormats(stream.Local, ref had, out events);
        if (stream.IsRefresh)
        {
            formats = had;
            if (events != AgreedAudio.NoPayloadType)
                formats.AddEvents(events);
            return;
        }
        foreach (var codec in _codecs)
        {
            byte number = had.NumberOf(codec);
            formats.TryAdd(codec, number != AgreedAudio.NoPayloadType ? number : AudioCodecs.PayloadTypeOf(codec));
        }
        if (_options.EventPayloadType is not { } wanted)
            return;
        if (events == AgreedAudio.NoPayloadType && TryFindFree(stream, wanted, out byte free))
            events = free;
        if (events != AgreedAudio.NoPayloadType)
            formats.AddEvents(events);
    }

    // A dynamic number that neither side has used in this stream, the wanted one if it can be.
    private static bool TryFindFree(scoped in StreamView stream, byte wanted, out byte free)
    {
        for (int i = 0; i <= PayloadType.Largest - FirstDynamic; i++)
        {
            free = (byte)(FirstDynamic + (wanted - FirstDynamic + i) % (PayloadType.Largest - FirstDynamic + 1));
            if (!(stream.HasLocal && stream.Local.TryGetRtpMap(free, out _)) && !(stream.HasRemote && stream.Remote.TryGetRtpMap(free, out _)))
                return true;
        }
        free = default;
        return false;
    }

    // ---- Reading ------------------------------------------------------------------------------------------------------------------

    // Our codecs among a section's formats, in its order, and its number for events.
    private void ReadFormats(scoped in SdpMedia media, ref Formats formats, out byte events)
    {
        events = AgreedAudio.NoPayloadType;
        foreach (var format in media.Formats)
        {
            if (!TryReadNumber(media, format, out byte number) || !media.TryGetEncoding(number, out var encoding))
                continue;
            if (TryFindCodec(encoding, out var codec))
                formats.TryAdd(codec, number);
            else if (events == AgreedAudio.NoPayloadType && IsEvents(encoding))
                events = number;
        }
    }

    private static bool TryReadNumber(scoped in SdpMedia media, Slice format, out byte number)
    {
        bool isRead = SdpValue.TryRead<PayloadType>(media.Text, format, SdpLeniency.None, out var type, out _);
        number = type.Number;
        return isRead;
    }

    private bool TryFindCodec(scoped in RtpEncoding encoding, out AudioCodec codec)
    {
        codec = default;
        if (encoding.ClockRate != AudioCodecs.ClockRate || encoding.Channels != 1)
            return false;
        foreach (var ours in _codecs)
        {
            if (!Scan.EqualsIgnoreCase(encoding.Name, AudioCodecs.NameOf(ours)))
                continue;
            codec = ours;
            return true;
        }
        return false;
    }

    // At another clock rate they belong to other codecs than ours (RFC 4733 §2.1).
    private static bool IsEvents(scoped in RtpEncoding encoding) =>
        encoding.ClockRate == AudioCodecs.ClockRate && Scan.EqualsIgnoreCase(encoding.Name, EventName);

    // ---- What a pair of descriptions comes to -------------------------------------------------------------------------------------

    // The first of the peer's codecs that we have named as well.
    private bool TryFindCommon(scoped in SdpMedia local, scoped in SdpMedia remote, out AudioCodec codec, out byte number)
    {
        var ours = default(Formats);
        var theirs = default(Formats);
        ReadFormats(local, ref ours, out _);
        ReadFormats(remote, ref theirs, out _);
        return TryFindCommon(ours, theirs, out codec, out number);
    }

    private static bool TryFindCommon(in Formats ours, in Formats theirs, out AudioCodec codec, out byte number)
    {
        for (int i = 0; i < theirs.Codecs; i++)
        {
            codec = theirs.CodecAt(i);
            number = theirs[i];
            if (ours.NumberOf(codec) != AgreedAudio.NoPayloadType)
                return true;
        }
        codec = default;
        number = default;
        return false;
    }

    private bool TryRead(scoped in SdpMedia local, scoped in SdpMedia remote, out AgreedAudio audio)
    {
        audio = default;
        var ours = default(Formats);
        var theirs = default(Formats);
        ReadFormats(local, ref ours, out byte ourEvents);
        ReadFormats(remote, ref theirs, out byte theirEvents);
        if (!TryFindCommon(ours, theirs, out var codec, out byte number))
            return false;
        StreamAddress.Read(local, out var here);
        var kind = StreamAddress.Read(remote, out var there);
        bool hasAddress = kind == StreamAddressKind.Unicast;
        if (!hasAddress)
            there = here.AnyOfFamily.WithPort(remote.Field.Port);
        var direction = local.Direction.And(remote.Direction.Mirrored());
        audio = new()
        {
            Local = here,
            Remote = there,
            RemoteRtcp = StreamAddress.ReadRtcp(remote, there),
            Direction = hasAddress ? direction : direction.WithoutSending(),
            IsHeld = kind == StreamAddressKind.Unspecified || !remote.Direction.CanReceive(),
            Codec = codec,
            PayloadType = number,
            PacketTimeMs = PacketTimeFor(remote),
            PcmuPayloadType = ours.NumberOf(AudioCodec.Pcmu),
            PcmaPayloadType = ours.NumberOf(AudioCodec.Pcma),
            EventSendType = ourEvents == AgreedAudio.NoPayloadType ? AgreedAudio.NoPayloadType : theirEvents,
            EventReceiveType = ourEvents,
        };
        return true;
    }

    private static ushort PacketTimeFor(scoped in SdpMedia remote)
    {
        uint wanted = remote.TryGetPacketTime(out var time) ? time.Microseconds(remote.Text) / MicrosecondsPerMillisecond : DefaultPacketTimeMs;
        if (remote.TryGetMaximumPacketTime(out var most))
            wanted = Math.Min(wanted, most.Microseconds(remote.Text) / MicrosecondsPerMillisecond);
        return (ushort)Math.Clamp(wanted, LeastPacketTimeMs, MostPacketTimeMs);
    }
}
