// The timer wheel's oracle: deadlines in an array, all looked at every time.
using SipEmbedded.Memory;

namespace SipEmbedded.Tests.Memory;

internal sealed class DeadlineArray(int capacity)
{
    private readonly Instant?[] _deadlines = new Instant?[capacity];

    public int Count => _deadlines.Count(deadline => deadline is not null);

    public Instant? this[int timer]
    {
        get => _deadlines[timer];
        set => _deadlines[timer] = value == Instant.Never ? null : value;
    }

    public Instant Earliest => _deadlines.Min() ?? Instant.Never;

    /// <summary>The timers whose deadline, rounded up to a millisecond, is not behind <paramref name="now"/>.</summary>
    public int[] Due(Instant now) => [.. Enumerable.Range(0, _deadlines.Length).Where(timer => _deadlines[timer] is { } deadline && RoundedUp(deadline) <= now)];

    public static Instant RoundedUp(Instant deadline) =>
        deadline.Ticks % TimeSpan.TicksPerMillisecond == 0 ? deadline : Instant.FromMilliseconds(deadline.Milliseconds + 1);
}
