// Codecs and payload types: what is chosen from an offer, what is offered again, and what a pair of descriptions comes to.
//
// note [whose numbers]
// A payload type in a description is what its sender wants to receive with (RFC 3264 §5.1). We answer with the offer's numbers, and repeat in an offer those
// that the stream has had, since a dynamic number means one codec for the whole session (§8.3.2). Then we send with the peer's numbers and understand our own,
// whoever made the offer.
//
// note [clock rates of events]
// RTP has one clock in a stream, so telephone-event is named once for each clock rate that the codecs have (RFC 4733 §2.1, §7.1). A peer that has another rate
// than the codec's, as with Opus and telephone-event/8000, is common all the same: its events are understood and sent in their own rate.
using SipEmbedded.Audio;
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

    /// <summary>The formats of a section in their order: each codec once at most, then telephone-event, each rate once at most.</summary>
    private struct Formats
    {
        [System.Runtime.CompilerServices.InlineArray(AudioCodecs.Count + EventRates.Count)]
        private struct List
        {
            private byte _first;
        }

        private List _numbers;

        // A codec, or behind them the index of a rate.
        private List _kinds;

        public int Codecs { readonly get; private set; }

        public int Events { readonly get; private set; }

        public readonly bool HasCodec => Codecs > 0;

        public readonly byte this[int index] => _numbers[index];

        public readonly AudioCodec CodecAt(int index) => (AudioCodec)_kinds[index];

        /// <summary>Behind the codecs: the rate, as an index of <see cref="EventRates"/>.</summary>
        public readonly int RateAt(int index) => _kinds[index];

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public readonly ReadOnlySpan<byte> Numbers => ((ReadOnlySpan<byte>)_numbers)[..(Codecs + Events)];

        public readonly bool Has(byte number) => Numbers.Contains(number);

        /// <summary>False where the codec is there already.</summary>
        public bool TryAdd(AudioCodec codec, byte number)
        {
            if (NumberOf(codec) != AgreedAudio.NoPayloadType)
                return false;
            _numbers[Codecs] = number;
            _kinds[Codecs++] = (byte)codec;
            return true;
        }

        /// <summary>Behind all codecs.</summary>
        public void AddEvents(int rate, byte number)
        {
            _numbers[Codecs + Events] = number;
            _kinds[Codecs + Events++] = (byte)rate;
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

    /// <summary>The payload types that telephone-event has in a section, by clock rate.</summary>
    private struct EventNumbers
    {
        private AgreedAudio.EventTypes _types;

        // One more than the number, so that zeroed memory has none.
        public readonly byte this[int rate] => _types[rate] == 0 ? AgreedAudio.NoPayloadType : (byte)(_types[rate] - 1);

        public void Set(int rate, byte number)
        {
            if (_types[rate] == 0)
                _types[rate] = (byte)(number + 1);
        }

        public void AddTo(ref Formats formats)
        {
            for (int rate = 0; rate < EventRates.Count; rate++)
            {
                if (this[rate] != AgreedAudio.NoPayloadType)
                    formats.AddEvents(rate, this[rate]);
            }
        }
    }

    // ---- Choosing -----------------------------------------------------------------------------------------------------------------

    // What we have of the offer, with its numbers.
    private void ChooseForAnswer(scoped in SdpMedia offered, ref Formats formats)
    {
        ReadFormats(offered, ref formats, out var events);
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
        if (_options.EventPayloadType is not null)
            events.AddTo(ref formats);
    }

    // All that we have, or what was agreed; with the numbers that the stream has had. See note [whose numbers].
    private void ChooseForOffer(scoped in StreamView stream, ref Formats formats)
    {
        var had = default(Formats);
        var events = default(EventNumbers);
        if (stream.HasLocal)
            ReadFormats(stream.Local, ref had, out events);
        if (stream.IsRefresh)
        {
            formats = had;
            events.AddTo(ref formats);
            return;
        }
        // Numbers that the stream has had come first, so that a new one is none of them.
        foreach (var codec in _codecs)
        {
            byte number = had.NumberOf(codec);
            if (number == AgreedAudio.NoPayloadType && !TryFindFree(stream, formats, AudioCodecs.PayloadTypeOf(codec), out number))
                continue;
            formats.TryAdd(codec, number);
        }
        if (_options.EventPayloadType is not { } wanted)
            return;
        for (int rate = 0; rate < EventRates.Count; rate++)
        {
            if (!HasCodecOf(rate))
                continue;
            byte number = events[rate];
            if (number != AgreedAudio.NoPayloadType || TryFindFree(stream, formats, wanted, out number))
                formats.AddEvents(rate, number);
        }
    }

    // See note [clock rates of events].
    private bool IsWanted(int rate) => rate == 0 || HasCodecOf(rate);

    private bool HasCodecOf(int rate)
    {
        foreach (var codec in _codecs)
        {
            if (AudioCodecs.ClockRateOf(codec) == EventRates.At(rate))
                return true;
        }
        return false;
    }

    // The wanted number where it is static, otherwise a dynamic one that neither side has used in this stream, the wanted one if it can be.
    private static bool TryFindFree(scoped in StreamView stream, in Formats formats, byte wanted, out byte free)
    {
        free = wanted;
        if (wanted < FirstDynamic)
            return true;
        for (int i = 0; i <= PayloadType.Largest - FirstDynamic; i++)
        {
            free = (byte)(FirstDynamic + (wanted - FirstDynamic + i) % (PayloadType.Largest - FirstDynamic + 1));
            if (!formats.Has(free) && !(stream.HasLocal && stream.Local.TryGetRtpMap(free, out _)) && !(stream.HasRemote && stream.Remote.TryGetRtpMap(free, out _)))
                return true;
        }
        free = default;
        return false;
    }

    // ---- Reading ------------------------------------------------------------------------------------------------------------------

    // Our codecs among a section's formats, in its order, and its numbers for events.
    private void ReadFormats(scoped in SdpMedia media, ref Formats formats, out EventNumbers events)
    {
        events = default;
        foreach (var format in media.Formats)
        {
            if (!TryReadNumber(media, format, out byte number) || !media.TryGetEncoding(number, out var encoding))
                continue;
            if (TryFindCodec(encoding, out var codec))
                formats.TryAdd(codec, number);
            else if (Scan.EqualsIgnoreCase(encoding.Name, EventName) && EventRates.TryFind(encoding.ClockRate, out int rate) && IsWanted(rate))
                events.Set(rate, number);
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
        foreach (var ours in _codecs)
        {
            codec = ours;
            if (encoding.ClockRate == AudioCodecs.ClockRateOf(ours) && encoding.Channels == AudioCodecs.ChannelsOf(ours)
                && Scan.EqualsIgnoreCase(encoding.Name, AudioCodecs.NameOf(ours)))
            {
                return true;
            }
        }
        codec = default;
        return false;
    }

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
        ReadFormats(local, ref ours, out var ourEvents);
        ReadFormats(remote, ref theirs, out var theirEvents);
        if (!TryFindCommon(ours, theirs, out var codec, out byte number))
            return false;
        StreamAddress.Read(local, out var here);
        var kind = StreamAddress.Read(remote, out var there);
        bool hasAddress = kind == StreamAddressKind.Unicast;
        if (!hasAddress)
            there = here.AnyOfFamily.WithPort(remote.Field.Port);
        bool isMultiplexed = local.HasRtcpMux && remote.HasRtcpMux;
        var direction = local.Direction.And(remote.Direction.Mirrored());
        audio = new()
        {
            Local = here,
            Remote = there,
            RemoteRtcp = isMultiplexed ? there : StreamAddress.ReadRtcp(remote, there),
            IsMultiplexed = isMultiplexed,
            Direction = hasAddress ? direction : direction.WithoutSending(),
            IsHeld = kind == StreamAddressKind.Unspecified || !remote.Direction.CanReceive(),
            Codec = codec,
            PayloadType = number,
            PacketTimeMs = PacketTimeFor(remote),
            Types = TypesOf(ours, ourEvents, theirEvents),
        };
        return true;
    }

    private static AgreedAudio.PayloadTypes TypesOf(in Formats ours, in EventNumbers ourEvents, in EventNumbers theirEvents)
    {
        var types = default(AgreedAudio.PayloadTypes);
        for (int i = 0; i < ours.Codecs; i++)
            types.Codecs[(int)ours.CodecAt(i)] = (byte)(ours[i] + 1);
        for (int rate = 0; rate < EventRates.Count; rate++)
        {
            if (ourEvents[rate] == AgreedAudio.NoPayloadType)
                continue;
            types.EventsReceived[rate] = (byte)(ourEvents[rate] + 1);
            if (theirEvents[rate] != AgreedAudio.NoPayloadType)
                types.EventsSent[rate] = (byte)(theirEvents[rate] + 1);
        }
        return types;
    }

    private static ushort PacketTimeFor(scoped in SdpMedia remote)
    {
        uint wanted = remote.TryGetPacketTime(out var time) ? time.Microseconds(remote.Text) / MicrosecondsPerMillisecond : DefaultPacketTimeMs;
        if (remote.TryGetMaximumPacketTime(out var most))
            wanted = Math.Min(wanted, most.Microseconds(remote.Text) / MicrosecondsPerMillisecond);
        return (ushort)Math.Clamp(wanted, LeastPacketTimeMs, MostPacketTimeMs);
    }
}
