// Waits between pings: never twice the same, so that devices which began together do not go on together (RFC 5626 §4.4, §4.4.1).
using SipEmbedded.Memory;

namespace SipEmbedded.KeepAlive;

internal static class PingInterval
{
    // A Flow-Timer or keep of 0 or next to it would have us do nothing else.
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);

    // No address translator remembers for so long. Its fifth in milliseconds has to fit 32 bits.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>The nearest interval that is kept to.</summary>
    public static TimeSpan Bounded(TimeSpan interval) => interval < s_shortest ? s_shortest : interval > s_longest ? s_longest : interval;

    /// <summary>From 80 % to 100 % of a bounded interval, each millisecond as likely.</summary>
    public static TimeSpan Wait(TimeSpan interval, Entropy entropy) => interval - Spread(interval, entropy);

    /// <summary>From 0 to 20 % of a bounded interval: when to begin.</summary>
    public static TimeSpan Spread(TimeSpan interval, Entropy entropy)
    {
        long fifthMs = interval.Ticks / TimeSpan.TicksPerMillisecond / 5;
        return TimeSpan.FromTicks(entropy.Below((uint)fifthMs + 1) * TimeSpan.TicksPerMillisecond);
    }
}
