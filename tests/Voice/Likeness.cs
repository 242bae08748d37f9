// How like one sound is to another, in the measures that these tests use.
using System.Collections.Concurrent;

namespace SipEmbedded.Voice.Tests;

public static class Likeness
{
    /// <summary>The energy of <paramref name="expected"/> over that of the difference, in dB, at most 120.</summary>
    public static double SnrDb(ReadOnlySpan<short> expected, ReadOnlySpan<short> actual)
    {
        double signal = 0, noise = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = expected[i] - actual[i];
            signal += (double)expected[i] * expected[i];
            noise += difference * difference;
        }
        return Math.Min(120, 10 * Math.Log10((signal + 1) / (noise + 1e-3)));
    }

    /// <summary>The mean over 20 ms segments that are not silent of their SNR, each held between -10 and 35 dB, as segment SNR is commonly taken.</summary>
    public static double SegmentSnrDb(ReadOnlySpan<short> expected, ReadOnlySpan<short> actual, int sampleRate)
    {
        const double SilentPower = 100 * 100;
        int segment = sampleRate / 50, counted = 0;
        double sum = 0;
        for (int at = 0; at + segment <= expected.Length; at += segment)
        {
            var part = expected.Slice(at, segment);
            double power = 0;
            foreach (short sample in part)
                power += (double)sample * sample;
            if (power < SilentPower * segment)
                continue;
            sum += Math.Clamp(SnrDb(part, actual.Slice(at, segment)), -10, 35);
            counted++;
        }
        return counted == 0 ? 0 : sum / counted;
    }

    /// <summary>
    /// How far the spectra of two sounds lie apart: the mean over 20 ms segments of the root mean square difference of their levels in dB, in 16 bands of equal width.
    /// </summary>
    public static double SpectralDistanceDb(ReadOnlySpan<short> expected, ReadOnlySpan<short> actual, int sampleRate)
    {
        int segment = sampleRate / 50, counted = 0;
        double sum = 0;
        Span<double> one = stackalloc double[Bands], other = stackalloc double[Bands];
        for (int at = 0; at + segment <= expected.Length; at += segment)
        {
            if (!Levels(expected.Slice(at, segment), one))
                continue;
            Levels(actual.Slice(at, segment), other);
            double squares = 0;
            for (int band = 0; band < Bands; band++)
                squares += (one[band] - other[band]) * (one[band] - other[band]);
            sum += Math.Sqrt(squares / Bands);
            counted++;
        }
        return counted == 0 ? 0 : sum / counted;
    }

    private const int Bands = 16;

    // By the length of a segment: for each line of its spectrum the waves, under a window.
    private static readonly ConcurrentDictionary<int, (double[] Cosines, double[] Sines)> s_waves = new();

    private static (double[] Cosines, double[] Sines) WavesOf(int length)
    {
        double[] cosines = new double[length / 2 * length], sines = new double[length / 2 * length];
        for (int at = 0; at < cosines.Length; at++)
        {
            int i = at % length;
            double window = 0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / length), angle = 2 * Math.PI * (at / length + 0.5) * i / length;
            (cosines[at], sines[at]) = (window * Math.Cos(angle), window * Math.Sin(angle));
        }
        return (cosines, sines);
    }

    // Levels above one octet of loudness, so that what nobody hears makes no difference; false for silence.
    private static bool Levels(ReadOnlySpan<short> part, Span<double> levels)
    {
        int perBand = part.Length / 2 / Bands;
        var (cosines, sines) = s_waves.GetOrAdd(part.Length, WavesOf);
        double all = 0;
        for (int band = 0; band < Bands; band++)
        {
            double power = 0;
            for (int line = band * perBand; line < (band + 1) * perBand; line++)
            {
                double real = 0, imaginary = 0;
                for (int i = 0; i < part.Length; i++)
                {
                    real += part[i] * cosines[line * part.Length + i];
                    imaginary += part[i] * sines[line * part.Length + i];
                }
                power += real * real + imaginary * imaginary;
            }
            power /= (double)part.Length * part.Length;
            all += power;
            levels[band] = 10 * Math.Log10(power + 100);
        }
        return all > 1000;
    }
}
