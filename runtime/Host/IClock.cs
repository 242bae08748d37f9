// The only clock of the stack. The floors below are handed the time (Memory/Instant.cs).
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>What time it is.</summary>
public interface IClock
{
    /// <summary>Never earlier than it was before.</summary>
    Instant Now { get; }
}

/// <summary>
/// CLOCK_MONOTONIC: time since the machine started, without the leaps of the time of day. It stands still while the machine is suspended; peers' timers do
/// not, so a transaction that slept is older than it thinks, and ends at its next timer.
/// </summary>
public sealed class SystemClock : IClock
{
    public unsafe Instant Now
    {
        get
        {
            TimeSpecification time;
            // It fails for a clock that does not exist or a pointer that is none.
            _ = Libc.GetTime(Number.ClockMonotonic, &time);
            return Instant.FromTicks(time.Seconds * TimeSpan.TicksPerSecond + time.Nanoseconds / TimeSpan.NanosecondsPerTick);
        }
    }
}
