// Turns time into units of an RTP clock and back, without overflow for as long as a device can run.
using SipEmbedded.Memory;

namespace SipEmbedded.Rtp;

internal static class MediaClock
{
    /// <summary>What a clock of <paramref name="rate"/> units a second shows at <paramref name="now"/>, modulo 2^32.</summary>
    public static uint UnitsAt(Instant now, uint rate) => (uint)UnitsIn(now.Ticks, rate);

    /// <summary>Whole units in a time.</summary>
    public static long UnitsIn(TimeSpan time, uint rate) => UnitsIn(time.Ticks, rate);

    /// <summary>Units as time; zero where there is no rate.</summary>
    public static TimeSpan TimeOf(uint units, uint rate) => rate == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(units * TimeSpan.TicksPerSecond / rate);

    // Seconds and their rest apart: a product of ticks and rate alone would leave 64 bits after some months.
    private static long UnitsIn(long ticks, uint rate)
    {
        (long seconds, long rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return unchecked(seconds * rate + rest * rate / TimeSpan.TicksPerSecond);
    }
}
