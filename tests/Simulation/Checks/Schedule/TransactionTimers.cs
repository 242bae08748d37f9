// The times of RFC 3261's table 4 that an agent runs with, and what is ours beside them.
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

/// <param name="T1">The round-trip time.</param>
/// <param name="T2">The longest interval of all but INVITE requests.</param>
/// <param name="T4">How long a message stays in the network.</param>
/// <param name="TryingDelay">When an INVITE that nobody answers is answered with 100.</param>
/// <param name="PendingLimit">How long an INVITE may be without a final response.</param>
internal sealed record TransactionTimers(TimeSpan T1, TimeSpan T2, TimeSpan T4, TimeSpan TryingDelay, TimeSpan PendingLimit)
{
    /// <summary>64·T1: timers B, F, H, J, L and M.</summary>
    public TimeSpan Timeout => 64 * T1;

    /// <summary>A deadline is a whole millisecond, the next one (runtime/Memory/TimerWheel.cs).</summary>
    public static Instant DeadlineOf(Instant from, TimeSpan span)
    {
        long ticks = (from + span).Ticks;
        long rest = ticks % TimeSpan.TicksPerMillisecond;
        return Instant.FromTicks(rest == 0 ? ticks : ticks - rest + TimeSpan.TicksPerMillisecond);
    }
}
