using System.Runtime.CompilerServices;
using SipEmbedded.Audio;
using SipEmbedded.Sdp;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>What was agreed of an audio stream: all that sending and receiving it needs.</summary>
public readonly struct AgreedAudio
{
    internal const byte NoPayloadType = byte.MaxValue;

    // In all of these one more than the payload type, so that zeroed memory has none.
    [InlineArray(AudioCodecs.Count)]
    internal struct CodecTypes
    {
        private byte _first;
    }

    [InlineArray(EventRates.Count)]
    internal struct EventTypes
    {
        private byte _first;
    }

    internal struct PayloadTypes
    {
        public CodecTypes Codecs;
        public EventTypes EventsReceived;
        public EventTypes EventsSent;
    }

    internal PayloadTypes Types { get; init; }

    /// <summary>Where we receive RTP.</summary>
    public IpEndpoint Local { get; internal init; }

    /// <summary>
    /// Where RTP goes. Its address is 0.0.0.0 or :: where the peer gave that, or a name: nothing can be sent, unless the peer's packets show from where they come.
    /// </summary>
    public IpEndpoint Remote { get; internal init; }

    /// <summary>Where RTCP goes.</summary>
    public IpEndpoint RemoteRtcp { get; internal init; }

    /// <summary>True where RTCP comes and goes on RTP's own ports (RFC 5761).</summary>
    public bool IsMultiplexed { get; internal init; }

    /// <summary>What flows, seen from us: what both sides want, and without sending where <see cref="Remote"/> has no address.</summary>
    public MediaDirection Direction { get; internal init; }

    /// <summary>True where the peer does not want our media: sendonly, inactive, or the old address 0.0.0.0.</summary>
    public bool IsHeld { get; internal init; }

    /// <summary>The codec to send: the peer's first choice of those in common.</summary>
    public AudioCodec Codec { get; internal init; }

    /// <summary>The payload type to send it with: the peer's number for it (RFC 3264 §5.1).</summary>
    public byte PayloadType { get; internal init; }

    /// <summary>How much a packet that we send holds, in milliseconds: what the peer asked for, bounded by its a=maxptime.</summary>
    public ushort PacketTimeMs { get; internal init; }

    /// <summary>The payload type to send telephone-event with, and its clock rate: the codec's where the peer has it; null where the peer takes none.</summary>
    public byte? EventPayloadType => TryGetEventsSent(out byte type, out _) ? type : null;

    /// <summary>The clock rate of the events that we send; 0 where the peer takes none.</summary>
    public uint EventClockRate => TryGetEventsSent(out _, out uint rate) ? rate : 0;

    /// <summary>The codec of a packet that came, which may be any of those in our description at any time (RFC 3264 §6.1).</summary>
    public bool TryGetCodec(byte payloadType, out AudioCodec codec)
    {
        var types = Types;
        for (int i = 0; i < AudioCodecs.Count; i++)
        {
            codec = (AudioCodec)i;
            if (types.Codecs[i] == payloadType + 1)
                return true;
        }
        codec = default;
        return false;
    }

    /// <summary>True for the payload type of a telephone-event that came, and the clock rate of its durations.</summary>
    public bool TryGetEvents(byte payloadType, out uint clockRate)
    {
        var types = Types;
        for (int i = 0; i < EventRates.Count; i++)
        {
            clockRate = EventRates.At(i);
            if (types.EventsReceived[i] == payloadType + 1)
                return true;
        }
        clockRate = 0;
        return false;
    }

    // The codec's own rate if it can be, otherwise the first that there is.
    private bool TryGetEventsSent(out byte type, out uint clockRate)
    {
        var types = Types;
        type = 0;
        clockRate = 0;
        for (int i = 0; i < EventRates.Count; i++)
        {
            bool isBetter = types.EventsSent[i] != 0 && (clockRate == 0 || EventRates.At(i) == AudioCodecs.ClockRateOf(Codec));
            if (!isBetter)
                continue;
            type = (byte)(types.EventsSent[i] - 1);
            clockRate = EventRates.At(i);
        }
        return clockRate != 0;
    }
}

/// <summary>The clock rates that telephone-event can have beside our codecs (RFC 4733 §2.1).</summary>
internal static class EventRates
{
    public const int Count = 3;

    public static uint At(int index) => index switch
    {
        0 => 8_000,
        1 => 16_000,
        _ => 48_000,
    };

    public static bool TryFind(uint clockRate, out int index)
    {
        for (index = 0; index < Count; index++)
        {
            if (At(index) == clockRate)
                return true;
        }
        return false;
    }
}
