// Recorded sound that is played into a call: made before start, at the rate that it is played at.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>The samples of a recording, brought to another rate where that is needed.</summary>
public sealed class Prompt
{
    // Zero crossings of the sinc on each side: 70 dB of what would be mirrored is gone, and it is done once, before start.
    private const int Crossings = 24;

    // Of half the lower rate, where the slope's middle lies.
    private const double PassBand = 0.92;

    private readonly short[] _samples;

    /// <summary>
    /// Takes <paramref name="samples"/> of <paramref name="fromRate"/> samples a second, to be played at <paramref name="toRate"/>. Throws where a rate is not
    /// positive.
    /// </summary>
    [StartUp(Because = "prompts are loaded before start")]
    public Prompt(StartGate gate, ReadOnlySpan<short> samples, int fromRate, int toRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fromRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(toRate);
        SampleRate = toRate;
        long length = ((long)samples.Length * toRate + fromRate - 1) / fromRate;
        _samples = gate.Take<short>("prompts", 1, (int)Math.Min(length, int.MaxValue));
        if (fromRate == toRate && _samples.Length == samples.Length)
        {
            samples.CopyTo(_samples);
            return;
        }
        // In cycles of one input sample; below the half of whichever rate is lower.
        double cutOff = PassBand * Math.Min(1, (double)toRate / fromRate);
        int reach = (int)Math.Ceiling(Crossings / cutOff);
        for (int i = 0; i < _samples.Length; i++)
        {
            double at = (double)i * fromRate / toRate;
            int first = Math.Max(0, (int)at - reach + 1);
            int last = Math.Min(samples.Length - 1, (int)at + reach);
            double sum = 0, weights = 0;
            for (int k = first; k <= last; k++)
            {
                double distance = k - at;
                double phase = Math.PI * cutOff * distance;
                double window = 0.42 + 0.5 * Math.Cos(Math.PI * distance / (reach + 1)) + 0.08 * Math.Cos(2 * Math.PI * distance / (reach + 1));
                double weight = window * (phase == 0 ? 1 : Math.Sin(phase) / phase);
                sum += weight * samples[k];
                weights += weight;
            }
            _samples[i] = (short)Math.Clamp(Math.Round(sum / weights), short.MinValue, short.MaxValue);
        }
    }

    public ReadOnlyMemory<short> Samples => _samples;

    /// <summary>Samples a second.</summary>
    public int SampleRate { get; }
}
