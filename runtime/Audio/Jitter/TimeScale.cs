// Where sound can be shortened or drawn out without being noticed: by a pitch period, or anywhere where it is quiet. The method is waveform similarity overlap-add
// (WSOLA, Verhelst and Roelands 1993): of all steps of 2.5 to 15 ms forward or back, the one after which the sound goes on most alike. It is looked for at 4 kHz
// first, where a pitch can be told well enough, then exactly around that.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SipEmbedded.Audio;

/// <summary>Finds steps in time that cannot be heard. All lengths are in samples.</summary>
public static class TimeScale
{
    /// <summary>The shortest pitch period of speech: 400 Hz.</summary>
    public static int LeastLag(int sampleRate) => sampleRate / 400;

    /// <summary>The longest pitch period of speech: 66 Hz.</summary>
    public static int MostLag(int sampleRate) => sampleRate * 3 / 200;

    /// <summary>5 ms: what is faded, and what is compared before it.</summary>
    public static int Overlap(int sampleRate) => sampleRate / 200;

    private const int CoarseRate = 4000;
    private const int CoarseLeast = CoarseRate / 400;
    private const int CoarseMost = CoarseRate * 3 / 200;
    private const int CoarseOverlap = CoarseRate / 200;

    // What a step of the longest lag back, and forward, needs on each side of now.
    private const int CoarseSide = CoarseMost + CoarseOverlap;

    // An int holds sums of products below this many bits.
    private const int SumBits = 30;

    /// <summary>
    /// The best step from <paramref name="now"/>, <paramref name="isForward"/> or back, of at most <paramref name="most"/> samples; 0 where there is no room for
    /// the least. On each side of now lie at least an overlap, and a lag and an overlap on the side it goes to. <paramref name="likeness"/>: 1 for the same, 0 for
    /// nothing in common, less for the contrary; 1 where both are silent.
    /// </summary>
    public static int FindLag(ReadOnlySpan<short> sound, int now, int sampleRate, bool isForward, int most, out float likeness)
    {
        likeness = 0;
        int factor = sampleRate / CoarseRate, overlap = Overlap(sampleRate), least = LeastLag(sampleRate);
        int room = (isForward ? sound.Length - now : now) - overlap;
        most = Math.Min(Math.Min(most, room), MostLag(sampleRate));
        if (most < least)
            return 0;
        Span<short> coarse = stackalloc short[2 * CoarseSide];
        coarse.Clear();
        int first = Math.Max(0, now - CoarseSide * factor), last = Math.Min(sound.Length, now + CoarseSide * factor);
        first += (now - first) % factor;
        for (int at = first, to = CoarseSide - (now - first) / factor; at + factor <= last; at += factor, to++)
            coarse[to] = Average(sound.Slice(at, factor));
        int around = Best(coarse, CoarseSide, CoarseOverlap, CoarseLeast, Math.Max(CoarseLeast, most / factor), isForward, out _) * factor;
        return Best(sound, now, overlap, Math.Max(least, around - factor), Math.Min(most, around + factor), isForward, out likeness);
    }

    private static int Best(ReadOnlySpan<short> sound, int now, int overlap, int least, int most, bool isForward, out float likeness)
    {
        var here = sound.Slice(now - overlap, 2 * overlap);
        var reach = isForward ? sound[(now - overlap)..(now + most + overlap)] : sound[(now - overlap - most)..(now + overlap)];
        int shift = ShiftFor(reach);
        float own = Dot(here, here, shift);
        int best = least;
        likeness = float.MinValue;
        for (int lag = least; lag <= most; lag++)
        {
            var there = sound.Slice(now - overlap + (isForward ? lag : -lag), 2 * overlap);
            float energies = own * Dot(there, there, shift);
            float alike = energies > 0 ? Dot(here, there, shift) / MathF.Sqrt(energies) : own == 0 ? 1 : 0;
            if (alike > likeness)
                (best, likeness) = (lag, alike);
        }
        return best;
    }

    private static short Average(ReadOnlySpan<short> samples)
    {
        int sum = 0;
        foreach (short sample in samples)
            sum += sample;
        return (short)(sum / samples.Length);
    }

    /// <summary>By how many bits products must be made smaller, so that the sum of as many as there are samples stays within an int.</summary>
    public static int ShiftFor(ReadOnlySpan<short> samples)
    {
        int peak = 0;
        foreach (short sample in samples)
            peak |= sample ^ (sample >> 15);
        int bits = 2 * (32 - int.LeadingZeroCount(peak)) + (32 - int.LeadingZeroCount(samples.Length));
        return Math.Max(0, bits - SumBits);
    }

    /// <summary>The sum of the products, each made smaller by <paramref name="shift"/> bits, of two spans of one length.</summary>
    public static int Dot(ReadOnlySpan<short> left, ReadOnlySpan<short> right, int shift)
    {
        ref short a = ref MemoryMarshal.GetReference(left), b = ref MemoryMarshal.GetReference(right);
        var sums = Vector128<int>.Zero;
        int i = 0;
        for (; i + Vector128<short>.Count <= left.Length; i += Vector128<short>.Count)
        {
            var (aLow, aHigh) = Vector128.Widen(Vector128.LoadUnsafe(ref a, (nuint)i));
            var (bLow, bHigh) = Vector128.Widen(Vector128.LoadUnsafe(ref b, (nuint)i));
            sums += ((aLow * bLow) >> shift) + ((aHigh * bHigh) >> shift);
        }
        return Vector128.Sum(sums) + DotOneByOne(left[i..], right[i..], shift);
    }

    /// <summary>The same without vectors, which <see cref="Dot"/> is held to and ends with.</summary>
    public static int DotOneByOne(ReadOnlySpan<short> left, ReadOnlySpan<short> right, int shift)
    {
        int sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += (left[i] * right[i]) >> shift;
        return sum;
    }

    /// <summary>How far from zero the samples are on average: 0 to 32768.</summary>
    public static int Loudness(ReadOnlySpan<short> samples)
    {
        if (samples.IsEmpty)
            return 0;
        ref short a = ref MemoryMarshal.GetReference(samples);
        var sums = Vector128<int>.Zero;
        int i = 0;
        for (; i + Vector128<short>.Count <= samples.Length; i += Vector128<short>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref a, (nuint)i));
            sums += Vector128.Abs(low) + Vector128.Abs(high);
        }
        return (Vector128.Sum(sums) + SumOneByOne(samples[i..])) / samples.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SumOneByOne(ReadOnlySpan<short> samples)
    {
        int sum = 0;
        foreach (short sample in samples)
            sum += Math.Abs((int)sample);
        return sum;
    }
}
