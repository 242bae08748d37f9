// A point in time as the core sees it: a number handed in by whoever owns a clock. The core reads none (ARCHITECTURE.md: Host has the only one).
namespace SipEmbedded.Memory;

/// <summary>
/// A point on a monotonic clock, in ticks of 100 ns since that clock's own beginning. It never goes back, and says nothing about the time of day.
/// </summary>
public readonly struct Instant : IEquatable<Instant>, IComparable<Instant>
{
    /// <summary>Later than any deadline: nothing is armed.</summary>
    public static Instant Never => new(long.MaxValue);

    private Instant(long ticks) => Ticks = ticks;

    /// <summary>Ticks of <see cref="TimeSpan"/> (100 ns).</summary>
    public long Ticks { get; }

    public static Instant FromTicks(long ticks) => new(ticks);

    /// <summary>What ticks cannot hold, some 29,000 years, is <see cref="Never"/>.</summary>
    public static Instant FromMilliseconds(long milliseconds) =>
        milliseconds > long.MaxValue / TimeSpan.TicksPerMillisecond ? Never : new(milliseconds * TimeSpan.TicksPerMillisecond);

    /// <summary>Whole milliseconds, the fraction dropped.</summary>
    public long Milliseconds => Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary><see cref="Never"/> stays what it is, and a sum beyond it is it.</summary>
    public static Instant operator +(Instant instant, TimeSpan span)
    {
        long sum = unchecked(instant.Ticks + span.Ticks);
        bool isBeyond = instant.Ticks == long.MaxValue || span.Ticks > 0 && sum < instant.Ticks;
        return isBeyond ? Never : new(sum);
    }

    public static TimeSpan operator -(Instant left, Instant right) => new(left.Ticks - right.Ticks);

    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    public static bool operator ==(Instant left, Instant right) => left.Ticks == right.Ticks;

    public static bool operator !=(Instant left, Instant right) => left.Ticks != right.Ticks;

    /// <summary>The earlier of two.</summary>
    public static Instant Earlier(Instant left, Instant right) => left < right ? left : right;

    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    public bool Equals(Instant other) => Ticks == other.Ticks;

    public override bool Equals(object? obj) => obj is Instant other && Equals(other);

    public override int GetHashCode() => Ticks.GetHashCode();
}
