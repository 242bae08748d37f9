// The codecs that an audio stream can have, and what a description says of each (RFC 3551 §4.5, §6; RFC 7587 §7).
namespace SipEmbedded.Audio;

public enum AudioCodec : byte
{
    /// <summary>µ-law (ITU-T G.711), 8 kHz, payload type 0.</summary>
    Pcmu,

    /// <summary>A-law (ITU-T G.711), 8 kHz, payload type 8.</summary>
    Pcma,

    /// <summary>ITU-T G.722 at 64 kbit/s, payload type 9: 16 kHz, though its RTP clock is 8,000 by an old mistake (RFC 3551 §4.5.2).</summary>
    G722,

    /// <summary>Opus (RFC 6716, RFC 7587); its RTP clock is always 48,000, and its rtpmap always says two channels.</summary>
    Opus,

    /// <summary>Samples of 16 bits in network order (RFC 3551 §4.5.11), 16 kHz, one channel.</summary>
    L16,
}

/// <summary>What a session description says of each codec.</summary>
public static class AudioCodecs
{
    public const int Count = (int)AudioCodec.L16 + 1;

    public static ReadOnlySpan<byte> NameOf(AudioCodec codec) => codec switch
    {
        AudioCodec.Pcmu => "PCMU"u8,
        AudioCodec.Pcma => "PCMA"u8,
        AudioCodec.G722 => "G722"u8,
        AudioCodec.Opus => "opus"u8,
        _ => "L16"u8,
    };

    /// <summary>RTP timestamp units a second.</summary>
    public static uint ClockRateOf(AudioCodec codec) => codec switch
    {
        AudioCodec.Opus => 48_000,
        AudioCodec.L16 => 16_000,
        _ => 8_000,
    };

    /// <summary>The channels of the rtpmap, not those that are sent: ours is always one.</summary>
    public static byte ChannelsOf(AudioCodec codec) => codec == AudioCodec.Opus ? (byte)2 : (byte)1;

    /// <summary>The payload type that an offer begins with: the static one, or a dynamic one by custom.</summary>
    public static byte PayloadTypeOf(AudioCodec codec) => codec switch
    {
        AudioCodec.Pcmu => 0,
        AudioCodec.Pcma => 8,
        AudioCodec.G722 => 9,
        AudioCodec.Opus => 96,
        _ => 97,
    };
}
