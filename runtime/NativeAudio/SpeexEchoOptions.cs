// How libspeexdsp cancels echoes.
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

/// <summary>Settings of <see cref="SpeexEcho"/>, read when it is loaded. The defaults are those of a door-phone.</summary>
public sealed class SpeexEchoOptions
{
    [StartUp(Because = "options are made before start")]
    public SpeexEchoOptions()
    {
    }

    /// <summary>
    /// How long after its cause an echo is cancelled, 20 to 500 ms. With 100 ms the echo is cancelled by 25 dB in a room where it takes 0.3 s to fall by 60 dB, which is more
    /// than a street's door has (bench/results/echo.md); that takes a small core about the millisecond of each 20 that all sound may take. 64 ms take a tenth less,
    /// since most of the cost is none of the tail's (bench/results/voice.md).
    /// </summary>
    public TimeSpan Tail { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>By how many dB noise is made quieter at most, 0 to 60; 0 leaves it as it is.</summary>
    public int NoiseSuppressionDb { get; init; } = 12;

    /// <summary>Whether the echo that the canceller leaves is made quieter as well.</summary>
    public bool HasResidualSuppression { get; init; } = true;

    /// <summary>By how many dB at most where the near side is silent, 0 to 80.</summary>
    public int ResidualSuppressionDb { get; init; } = 45;

    /// <summary>By how many dB at most where the near side talks, 0 to 80; more of it takes away from the voice.</summary>
    public int ResidualSuppressionActiveDb { get; init; } = 15;

    /// <summary>
    /// Whether the library brings voices to one level. Its gain learns from what is left of an echo, too, and makes it louder; <see cref="AutomaticGain"/>, which takes its place
    /// in an <see cref="EchoPath"/>, learns while the far side is silent alone.
    /// </summary>
    public bool HasGain { get; init; }

    /// <summary>The level that voices are brought to, as the library counts it, 1 to 32,768.</summary>
    public float GainLevel { get; init; } = 8000;

    /// <summary>The most that a voice is made louder, in dB, 0 to 60. A larger gain brings up the noise and what is left of the echo with it.</summary>
    public int MostGainDb { get; init; } = 12;
}
