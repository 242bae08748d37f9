// What may be set about a jitter buffer.
namespace SipEmbedded.Audio;

/// <summary>Settings of a <see cref="JitterBuffer"/>, read once when it is made.</summary>
public sealed class JitterBufferOptions
{
    /// <summary>The delay is never meant to be less: a sound card that reads some milliseconds early must not find nothing.</summary>
    public TimeSpan MinimumDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The delay is never meant to be more, and no more sound waits than this. People who talk notice 150 ms in all and stumble over 400 ms (ITU-T G.114).
    /// </summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>What is taken for the jitter until some has been measured: the first packet is heard so much later.</summary>
    public TimeSpan StartDelay { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>The share of packets that must be there in time, above 0.5 and below 1. What comes later is heard too, but the sound before it is drawn out.</summary>
    public float PacketsInTime { get; init; } = 0.96f;

    /// <summary>For how long a packet's delay counts: after so much time it weighs a third. Longer is steadier, shorter gets over a bad moment sooner.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromMilliseconds(2500);

    /// <summary>Fill pauses with noise as loud as the caller's background, so that the line does not seem dead. Otherwise with silence.</summary>
    public bool HasComfortNoise { get; init; } = true;
}
