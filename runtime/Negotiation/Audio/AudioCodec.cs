// The codecs that an audio stream is offered with: those of every telephone (RFC 3551 §4.5.14, §6).
namespace SipEmbedded.Negotiation;

public enum AudioCodec : byte
{
    /// <summary>µ-law, payload type 0.</summary>
    Pcmu,

    /// <summary>A-law, payload type 8.</summary>
    Pcma,
}

internal static class AudioCodecs
{
    public const int Count = (int)AudioCodec.Pcma + 1;

    public const uint ClockRate = 8000;

    public static ReadOnlySpan<byte> NameOf(AudioCodec codec) => codec == AudioCodec.Pcma ? "PCMA"u8 : "PCMU"u8;

    public static byte PayloadTypeOf(AudioCodec codec) => codec == AudioCodec.Pcma ? (byte)8 : (byte)0;
}
