// How loud a frame is (RFC 6464 §3, RFC 6465 §3).
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SipEmbedded.Audio;

/// <summary>The levels of one frame, in dBov: -127 to 0.</summary>
public readonly record struct LevelMeter
{
    /// <summary>Of the root of the mean square.</summary>
    public double LevelDbov { get; init; }

    /// <summary>Of the largest sample.</summary>
    public double PeakDbov { get; init; }

    /// <summary>The largest sample without its sign, 0 to 32,768.</summary>
    public int Peak { get; init; }

    /// <summary>Measures a frame of any length; none is silence.</summary>
    public static LevelMeter Of(ReadOnlySpan<short> frame)
    {
        long squares = SquaresOf(frame);
        int peak = PeakOf(frame);
        return new() { LevelDbov = AudioLevel.DbovOf(squares, frame.Length), PeakDbov = AudioLevel.DbovOf((long)peak * peak, 1), Peak = peak };
    }

    private static long SquaresOf(ReadOnlySpan<short> frame)
    {
        var eights = MemoryMarshal.Cast<short, Vector128<short>>(frame);
        var sum = Vector128<long>.Zero;
        foreach (var eight in eights)
        {
            var (low, high) = Vector128.Widen(eight);
            // Two squares are 2^31 at most, which unsigned numbers hold.
            var (first, second) = Vector128.Widen((low * low).AsUInt32() + (high * high).AsUInt32());
            sum += first.AsInt64() + second.AsInt64();
        }
        long squares = Vector128.Sum(sum);
        foreach (short sample in frame[(eights.Length * Vector128<short>.Count)..])
            squares += sample * sample;
        return squares;
    }

    private static int PeakOf(ReadOnlySpan<short> frame)
    {
        var eights = MemoryMarshal.Cast<short, Vector128<short>>(frame);
        Vector128<short> least = default, most = default;
        foreach (var eight in eights)
        {
            least = Vector128.Min(least, eight);
            most = Vector128.Max(most, eight);
        }
        int peak = 0;
        for (int i = 0; i < Vector128<short>.Count; i++)
            peak = Math.Max(peak, Math.Max(most.GetElement(i), -least.GetElement(i)));
        foreach (short sample in frame[(eights.Length * Vector128<short>.Count)..])
            peak = Math.Max(peak, Math.Abs((int)sample));
        return peak;
    }
}
