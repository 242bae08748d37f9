// Takes wind, hum of the mains and the thuds of a door away, below what a voice has.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>A Butterworth filter of the second order by the bilinear transform: -3 dB at its corner, 12 dB an octave below.</summary>
public sealed class HighPassFilter
{
    /// <summary>Above the mains' 50, 60 and 100 Hz; a man's voice has little below it that a small loudspeaker would play.</summary>
    public const double DefaultCornerHz = 120;

    // What a filter rings on with in silence is set to none before it becomes so small that processors are slow with it.
    private const float Nothing = 1e-6f;

    private readonly float _gain;
    private readonly float _a1;
    private readonly float _a2;
    private float _first;
    private float _second;

    [StartUp(Because = "made before start")]
    public HighPassFilter(int sampleRate, double cornerHz = DefaultCornerHz)
    {
        if (!(cornerHz > 0 && cornerHz < sampleRate / 2.0))
            throw new ArgumentOutOfRangeException(nameof(cornerHz), cornerHz, "A corner lies between 0 and half the rate.");
        double k = Math.Tan(Math.PI * cornerHz / sampleRate);
        double norm = 1 / (1 + Math.Sqrt(2) * k + k * k);
        _gain = (float)norm;
        _a1 = (float)(2 * (k * k - 1) * norm);
        _a2 = (float)((1 - Math.Sqrt(2) * k + k * k) * norm);
    }

    public void Reset() => (_first, _second) = (0, 0);

    /// <summary>Filters a piece of any length; <paramref name="output"/> may be the same.</summary>
    public void Process(ReadOnlySpan<short> samples, Span<short> output)
    {
        float first = _first, second = _second;
        for (int i = 0; i < samples.Length; i++)
        {
            float input = samples[i] * _gain;
            float filtered = input + first;
            first = second - 2 * input - _a1 * filtered;
            second = input - _a2 * filtered;
            output[i] = (short)Math.Clamp(MathF.Round(filtered), short.MinValue, short.MaxValue);
        }
        _first = MathF.Abs(first) < Nothing ? 0 : first;
        _second = MathF.Abs(second) < Nothing ? 0 : second;
    }
}
