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
    /// Bits a second, 6,000 to 510,000. RFC 7587 §3.1.1 advises 16,000 to 20,000 for wideband speech. libopus counts them for less at complexity 0 or 1, and finds room for error
    /// correction at 5 % of loss from about 33,000 on.
    /// </summary>
    public int BitRate { get; init; } = 36_000;

    /// <summary>0 to 10: what more processor time buys. 3 takes half as much again as 0 (bench/run voice), and the tick of a small core has an echo to cancel too.</summary>
    public int Complexity { get; init; }

    /// <summary>Whether a packet says a little of the one before it (RFC 6716 §2.1.7), once <see cref="Audio.IAudioEncoder.ExpectLoss"/> has told of loss.</summary>
    public bool HasForwardErrorCorrection { get; init; } = true;

    /// <summary>Whether silence is not sent (RFC 6716 §2.1.9), but for a packet every 400 ms.</summary>
    public bool HasDiscontinuousTransmission { get; init; }
}
