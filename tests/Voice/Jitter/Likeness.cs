// What was heard, held against what was sent: how much later it is, and how like it.
namespace SipEmbedded.Voice.Tests.Jitter;

internal static class Likeness
{
    /// <summary>The most a segment can count for, and the least (as in segmental SNR by Hansen and Pellom 1998).</summary>
    private const double BestDb = 35, WorstDb = -10;

    /// <summary>
    /// By how many samples <paramref name="heard"/> is later than what was sent, from <paramref name="least"/> to <paramref name="most"/>, where the two are
    /// most like each other. <paramref name="from"/>: where it begins in all that was heard. <paramref name="alike"/> is 1 for the same.
    /// </summary>
    public static int Delay(ReadOnlySpan<short> sent, ReadOnlySpan<short> heard, long from, int least, int most, out double alike, int stride = 1)
    {
        int best = least;
        alike = -1;
        for (int delay = least; delay <= most; delay++)
        {
            double here = At(sent, heard, from - delay, stride);
            if (here > alike)
                (best, alike) = (delay, here);
        }
        return best;
    }

    // What is sent begins again where it ends; before its beginning there is nothing.
    private static double At(ReadOnlySpan<short> sent, ReadOnlySpan<short> heard, long at, int stride)
    {
        if (at < 0)
            return -1;
        double both = 0, own = 0, other = 0;
        int position = (int)(at % sent.Length);
        for (int i = 0; i < heard.Length; i += stride)
        {
            double a = sent[position], b = heard[i];
            (both, own, other) = (both + a * b, own + a * a, other + b * b);
            position += stride;
            position -= position >= sent.Length ? sent.Length : 0;
        }
        return own > 0 && other > 0 ? both / Math.Sqrt(own * other) : 0;
    }

    /// <summary>
    /// The mean over all pieces of 20 ms that are not silent of their signal-to-noise ratio in dB, each at the delay, within a maximum, at which it is most like.
    /// </summary>
    public static double SegmentSnr(ReadOnlySpan<short> sent, ReadOnlySpan<short> heard, int sampleRate, int mostDelay)
    {
        const double Same = 0.999, Like = 0.9;
        int length = sampleRate / 50, around = sampleRate / 50, last = 0, count = 0;
        double sum = 0;
        for (int from = sampleRate; from + length <= heard.Length; from += length)
        {
            // The delay changes by steps: it is looked for around the last one, and everywhere where it is not found there.
            var piece = heard.Slice(from, length);
            int delay = last;
            double alike = At(sent, piece, from - delay, 1);
            if (alike < Same)
                delay = Delay(sent, piece, from, Math.Max(0, last - around), last + around, out alike);
            if (alike < Like)
            {
                int other = Delay(sent, piece, from, 0, mostDelay, out double better, stride: 2);
                (delay, alike) = better > alike ? (other, better) : (delay, alike);
            }
            double signal = 0, noise = 0;
            for (int i = 0; i < length; i++)
            {
                double a = sent[(from - delay + i) % sent.Length], b = piece[i];
                signal += a * a;
                noise += (a - b) * (a - b);
            }
            // Pauses have nothing to be like.
            if (signal < 100.0 * 100 * length)
                continue;
            last = alike > Like ? delay : last;
            sum += Math.Clamp(10 * Math.Log10(signal / Math.Max(noise, 1)), WorstDb, BestDb);
            count++;
        }
        return count == 0 ? BestDb : sum / count;
    }

    /// <summary>The largest step from a sample to the next.</summary>
    public static int LargestStep(ReadOnlySpan<short> heard)
    {
        int largest = 0;
        for (int i = 1; i < heard.Length; i++)
            largest = Math.Max(largest, Math.Abs(heard[i] - heard[i - 1]));
        return largest;
    }
}
