// How long answers took: enough to tell a median and a tail without keeping each.
//
// note [sixteen steps in each doubling]
// A time is counted in one of sixteen equal steps between a power of two of microseconds and the next, so what is told is at most 1/16 too large.
using System.Numerics;
using SipEmbedded.Memory;

namespace SipEmbedded.Peer;

/// <summary>A histogram of times; see note [sixteen steps in each doubling].</summary>
public sealed class ResponseTimes
{
    private const int StepBits = 4;
    private const int Steps = 1 << StepBits;

    // Up to 2^40 µs, twelve days: longer than anything is waited for.
    private const int Doublings = 40;

    private readonly long[] _counts;
    private TimeSpan _sum;

    [StartUp(Because = "a histogram is made before start")]
    public ResponseTimes(StartGate gate) => _counts = gate.Take<long>("response times", Doublings * Steps);

    public long Count { get; private set; }

    public TimeSpan Shortest { get; private set; }

    public TimeSpan Longest { get; private set; }

    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : _sum / Count;

    public void Add(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
            time = TimeSpan.Zero;
        Shortest = Count == 0 || time < Shortest ? time : Shortest;
        Longest = time > Longest ? time : Longest;
        _sum += time;
        Count++;
        _counts[PlaceOf((ulong)time.Ticks / TimeSpan.TicksPerMicrosecond)]++;
    }

    /// <summary>The time within which <paramref name="share"/> of the answers came, from 0 to 1; rounded up as the note says.</summary>
    public TimeSpan Percentile(double share)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int place = 0; place < _counts.Length && Count > 0; place++)
        {
            seen += _counts[place];
            if (seen < wanted)
                continue;
            var end = TimeSpan.FromMicroseconds(EndOf(place));
            return end < Longest ? end : Longest;
        }
        return TimeSpan.Zero;
    }

    private static int PlaceOf(ulong microseconds)
    {
        if (microseconds < Steps)
            return (int)microseconds;
        int doubling = BitOperations.Log2(microseconds);
        int step = (int)(microseconds >> doubling - StepBits) & (Steps - 1);
        return Math.Min((doubling - StepBits + 1) * Steps + step, Doublings * Steps - 1);
    }

    // The last microsecond that is counted at a place.
    private static long EndOf(int place)
    {
        if (place < Steps)
            return place;
        int shift = place / Steps - 1;
        return ((long)(Steps + place % Steps + 1) << shift) - 1;
    }
}
