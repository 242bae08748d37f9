// The numbers of RFC 4028, and our own where it leaves them to us.
namespace SipEmbedded.SessionTimers;

public static class SessionTimerLimits
{
    /// <summary>
    /// RFC 4028 §4: no session interval is shorter, in seconds. A smaller number from a peer counts as this, so that nobody makes us refresh sooner than
    /// 45 s after the last refresh.
    /// </summary>
    public const uint LeastSeconds = 90;

    /// <summary>RFC 4028 §4, in seconds: most calls are over by then.</summary>
    public const uint RecommendedSeconds = 1800;

    /// <summary>
    /// RFC 4028 §10: who does not refresh ends the session so long before it expires, or a third of the interval where that is less. It is what a
    /// transaction takes to time out (RFC 3261 §17.1.1.2, 64·T1), so the last attempt at a refresh, too, comes so long before the end.
    /// </summary>
    public static TimeSpan EndBefore => TimeSpan.FromSeconds(32);

    /// <summary>A share of the interval, as <see cref="EndBefore"/> says.</summary>
    public const int EndBeforeShare = 3;

    /// <summary>
    /// RFC 4028 §7.3 leaves to us how often a 422 is answered by a longer interval: twice between two 2xx, as in the RFC's own example (§13), where two
    /// proxies want one.
    /// </summary>
    public const int MaxTooBriefRetries = 2;

    /// <summary>
    /// Refreshes in a row that come again as soon as an answer allows (491, Retry-After). Each later one waits for half of what is left as well, so that
    /// their number is bounded (RFC 4028 §10: not continuously).
    /// </summary>
    public const int MaxPromptRetries = 4;

    /// <summary>RFC 4028 §10: how often a refresh comes again that was refused for a reason that will hardly pass.</summary>
    public const int MaxRefusedRetries = 1;

    /// <summary>A refresh comes again no sooner than this behind Retry-After: 0, and not at all where less is left of the session.</summary>
    public static TimeSpan LeastRetry => TimeSpan.FromSeconds(1);

    /// <summary>How long a refresh waits for another transaction to end: from this on, in milliseconds.</summary>
    public const uint PostponeFromMs = 1000;

    /// <summary>The same: up to this.</summary>
    public const uint PostponeToMs = 2000;

    /// <summary>RFC 3261 §14.1, RFC 3311 §5.3: what a wait behind a 491 is a multiple of, in milliseconds.</summary>
    public const uint GlareStepMs = 10;

    /// <summary>RFC 3261 §14.1: the shortest wait of the Call-ID's owner behind a 491, in milliseconds; the other's is none.</summary>
    public const uint GlareFromMs = 2100;

    /// <summary>RFC 3261 §14.1: the longest wait of the Call-ID's owner.</summary>
    public const uint GlareToMs = 4000;

    /// <summary>RFC 3261 §14.1: the longest wait of who does not own the Call-ID.</summary>
    public const uint OtherGlareToMs = 2000;
}
