// A signal that is like speech in what matters to a voice path: voiced sounds with a gliding pitch and formants, hissing, plosives, pauses with a little
// room noise. The same octets for the same seed, so that a figure measured over it comes again.
namespace SipEmbedded.Voice.Tests;

public static class SpeechLike
{
    // Vowels by their first three formants in Hz (Peterson and Barney 1952, men): i, e, a, o, u.
    private static readonly double[][] s_formants = [[270, 2290, 3010], [530, 1840, 2480], [730, 1090, 2440], [570, 840, 2410], [300, 870, 2240]];
    private static readonly double[] s_bandwidths = [60, 90, 150];

    /// <summary>Mono samples at <paramref name="sampleRate"/>; the loudest is about half of full scale.</summary>
    public static short[] Make(int sampleRate, double seconds, int seed = 6)
    {
        var random = new Random(seed);
        double[] sound = new double[(int)(sampleRate * seconds)];
        int at = 0;
        while (at < sound.Length)
        {
            double kind = random.NextDouble();
            int length = Math.Min(sound.Length - at, (int)(sampleRate * (0.06 + 0.22 * random.NextDouble())));
            var part = sound.AsSpan(at, length);
            if (kind < 0.62)
                Voiced(part, sampleRate, random);
            else if (kind < 0.82)
                Unvoiced(part, sampleRate, random);
            at += length;
        }
        double loudest = sound.Max(Math.Abs);
        double gain = loudest > 0 ? 16_000 / loudest : 0;
        return [.. sound.Select(sample => (short)Math.Round(sample * gain + (random.NextDouble() - 0.5) * 12))];
    }

    // A pulse a pitch period, made round (the glottis), through three resonators one after the other.
    private static void Voiced(Span<double> part, int sampleRate, Random random)
    {
        double[] from = s_formants[random.Next(s_formants.Length)], to = s_formants[random.Next(s_formants.Length)];
        double pitch = 90 + 90 * random.NextDouble(), glide = (random.NextDouble() - 0.5) * 0.25, phase = 0, glottis = 0;
        Span<double> states = stackalloc double[2 * s_bandwidths.Length];
        states.Clear();
        for (int i = 0; i < part.Length; i++)
        {
            double way = (double)i / part.Length;
            phase += pitch * (1 + glide * way) / sampleRate;
            double pulse = phase >= 1 ? 1 : 0;
            phase -= Math.Floor(phase);
            glottis = 0.9 * glottis + pulse;
            double sample = glottis + 0.004 * (random.NextDouble() - 0.5);
            for (int f = 0; f < s_bandwidths.Length; f++)
                sample = Resonate(sample, from[f] + (to[f] - from[f]) * way, s_bandwidths[f], sampleRate, states.Slice(2 * f, 2));
            part[i] = sample * Envelope(way);
        }
    }

    // Noise around 3 kHz, a tenth as loud as a vowel; short ones are plosives.
    private static void Unvoiced(Span<double> part, int sampleRate, Random random)
    {
        Span<double> state = stackalloc double[2];
        state.Clear();
        double centre = 2200 + 1200 * random.NextDouble();
        for (int i = 0; i < part.Length; i++)
            part[i] = Resonate(random.NextDouble() - 0.5, centre, 1200, sampleRate, state) * 0.35 * Envelope((double)i / part.Length);
    }

    private static double Envelope(double way) => Math.Min(1, Math.Min(way, 1 - way) * 8);

    // A resonator of two poles with gain 1 at 0 Hz (Klatt 1980).
    private static double Resonate(double input, double frequency, double bandwidth, int sampleRate, Span<double> state)
    {
        double radius = Math.Exp(-Math.PI * bandwidth / sampleRate);
        double b = 2 * radius * Math.Cos(2 * Math.PI * frequency / sampleRate), c = -radius * radius, a = 1 - b - c;
        double output = a * input + b * state[0] + c * state[1];
        (state[0], state[1]) = (output, state[0]);
        return output;
    }
}
