// Wallclock time as sender reports carry it (RFC 3550 §4): 32 bits of seconds since 1 January 1900, 32 bits of fraction. The core has no wallclock; whoever
// opens a session says once how far its monotonic clock is from 1900. It is not asked again: a step of the wallclock in a call must not look like a round
// trip.
using SipEmbedded.Memory;

namespace SipEmbedded.Rtp;

/// <summary>An NTP timestamp.</summary>
public readonly record struct NtpTime(ulong Value)
{
    /// <summary>Parts of a second in the middle 32 bits, which reports carry (RFC 3550 §6.4.1, LSR and DLSR).</summary>
    public const long MiddleUnitsPerSecond = 65_536;

    /// <summary>From 1 January 1900 to 1 January 1970.</summary>
    public static TimeSpan UnixEpoch => TimeSpan.FromSeconds(2_208_988_800L);

    /// <summary>The middle 32 bits: seconds modulo 65,536 and their fraction in 1/65,536.</summary>
    public uint Middle => (uint)(Value >> 16);

    /// <summary>
    /// The time at <paramref name="now"/>, which lies <paramref name="wallClock"/> behind 1900 when the clock of <paramref name="now"/> shows 0. Zero is a
    /// legal offset: then the time is that since the clock's beginning (RFC 3550 §6.4.1).
    /// </summary>
    public static NtpTime At(Instant now, TimeSpan wallClock)
    {
        long ticks = unchecked(now.Ticks + wallClock.Ticks);
        ulong seconds = (ulong)(ticks / TimeSpan.TicksPerSecond);
        ulong fraction = ((ulong)(ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond;
        return new(seconds << 32 | fraction);
    }
}
