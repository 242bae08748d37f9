// What a user may set about session timers (RFC 4028 §4, §5, §7.1).
namespace SipEmbedded.SessionTimers;

/// <summary>Whether a session has a timer.</summary>
public enum SessionTimerMode : byte
{
    /// <summary>Never: nothing is offered, and what a peer asks for is passed over as by one that does not know RFC 4028.</summary>
    Off,

    /// <summary>Offered in each call, and accepted. There is none where the peer's 2xx sets none.</summary>
    Optional,

    /// <summary>
    /// A peer that does not support it gets no call: Require in our INVITE, 421 to one without Supported. One that supports it and yet sets no interval leaves
    /// the refreshes to us.
    /// </summary>
    Required,

    /// <summary>Runs in each call: where the peer does not support it, we refresh, and it answers without knowing why.</summary>
    Always,
}

/// <summary>Who refreshes a session (RFC 4028 §7.2). Roles uac and uas are those of one transaction; this is the same for the whole of a session.</summary>
public enum SessionRefresher : byte
{
    /// <summary>Nobody, or as a wish: whoever it comes to.</summary>
    None,
    Us,
    Peer,
}

/// <summary>Settings of a <see cref="SessionTimer"/>. Numbers out of range count as the nearest within it.</summary>
public readonly record struct SessionTimerSettings
{
    public SessionTimerSettings()
    {
    }

    public SessionTimerMode Mode { get; init; } = SessionTimerMode.Optional;

    /// <summary>
    /// The session interval that is asked for (RFC 4028 §4), in seconds: <see cref="LeastSeconds"/> at least. As UAS no longer one is agreed to than this,
    /// unless an element on the way asks for one by Min-SE.
    /// </summary>
    public uint IntervalSeconds { get; init; } = SessionTimerLimits.RecommendedSeconds;

    /// <summary>
    /// The shortest session interval that is agreed to (RFC 4028 §5), in seconds: 90 at least. More than 90 stands as Min-SE in our requests; less from a peer
    /// that supports session timers is refused with 422.
    /// </summary>
    public uint LeastSeconds { get; init; } = SessionTimerLimits.LeastSeconds;

    /// <summary>
    /// Who should refresh, where that is ours to say: <see cref="SessionRefresher.Us"/> asks for it in a first INVITE (§7.1), and takes it where the peer leaves
    /// it open (§9, table 2); else it is left to the UAS's choice, and as UAS to the peer.
    /// </summary>
    public SessionRefresher Refresher { get; init; }

    /// <summary>True where all numbers are in range.</summary>
    public bool IsValid =>
        Mode <= SessionTimerMode.Always && Refresher <= SessionRefresher.Peer && LeastSeconds >= SessionTimerLimits.LeastSeconds && IntervalSeconds >= LeastSeconds;

    /// <summary>The nearest that is valid.</summary>
    internal SessionTimerSettings InRange()
    {
        uint least = Math.Max(LeastSeconds, SessionTimerLimits.LeastSeconds);
        return this with { LeastSeconds = least, IntervalSeconds = Math.Max(IntervalSeconds, least) };
    }
}
