// The timing loop around our own parser: the managed twin of peer_time in Shims/peer.h, with the allocations counted.

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SipEmbedded.Bench.Peers;

/// <param name="Nanoseconds">Monotonic clock, the whole loop.</param>
/// <param name="AllocatedBytes">Managed bytes that this thread allocated inside the loop.</param>
/// <param name="Checksum">The parser's own, added up over the loop (wrapping).</param>
internal readonly record struct OurRun(double Nanoseconds, long AllocatedBytes, int Checksum)
{
    public static OurRun Measure(Work work, byte[] input, long iterations)
    {
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        int checksum = work switch
        {
            Work.Full => Full(input, iterations),
            Work.FullAsOsip2 => FullAs(OurParser.TypedByOsip2, input, iterations),
            Work.FullAsLibre => FullAs(OurParser.TypedByLibre, input, iterations),
            Work.Sdp => Sdp(input, iterations),
            Work.Routing => Routing(input, iterations),
            _ => throw new ArgumentOutOfRangeException(nameof(work)),
        };
        long ticks = Stopwatch.GetTimestamp() - start;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        return new OurRun(ticks * (1e9 / Stopwatch.Frequency), allocated, checksum);
    }

    // One loop a kind of work, so that each calls its parser directly.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Full(byte[] input, long iterations)
    {
        int sum = 0;
        for (long i = 0; i < iterations; i++)
            sum = unchecked(sum + OurParser.ParseFull(input));
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FullAs(UInt128 headers, byte[] input, long iterations)
    {
        int sum = 0;
        for (long i = 0; i < iterations; i++)
            sum = unchecked(sum + OurParser.ParseFull(input, headers));
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Sdp(byte[] input, long iterations)
    {
        int sum = 0;
        for (long i = 0; i < iterations; i++)
            sum = unchecked(sum + OurParser.ParseSdp(input));
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Routing(byte[] input, long iterations)
    {
        int sum = 0;
        for (long i = 0; i < iterations; i++)
            sum = unchecked(sum + OurParser.ParseRouting(input));
        return sum;
    }
}
