// What an Opus codec is to be like (RFC 7587 §3.1, §6.1).
namespace SipEmbedded.NativeAudio;

/// <summary>Settings of <see cref="OpusCodec"/>; those of <c>default(OpusOptions)</c> are not sensible, those of <c>new OpusOptions()</c> are.</summary>
public readonly record struct OpusOptions
{
    public OpusOptions()
    {
    }

    /// <summary>Samples a second taken and given: 8,000, 16,000, 24,000 or 48,000. The RTP clock is 48,000 all the same.</summary>
    public int SampleRate { get; init; } = 16_000;

    /// <summary>
    /// Bits a second, 6,000 to 510,000. RFC 7587 §3.1.1 advises 16,000 to 20,000 for wideband speech; with 28,000 there is room for error correction from 5 % of loss on.
    /// </summary>
    public int BitRate { get; init; } = 28_000;

    /// <summary>0 to 10: what more processor time buys. 3 costs a small core a third of what 10 does, and speech hardly loses by it.</summary>
    public int Complexity { get; init; } = 3;

    /// <summary>Whether a packet says a little of the one before it (RFC 6716 §2.1.7), once <see cref="Audio.IAudioEncoder.ExpectLoss"/> has told of loss.</summary>
    public bool HasForwardErrorCorrection { get; init; } = true;

    /// <summary>Whether silence is not sent (RFC 6716 §2.1.9), but for a packet every 400 ms.</summary>
    public bool HasDiscontinuousTransmission { get; init; }
}
