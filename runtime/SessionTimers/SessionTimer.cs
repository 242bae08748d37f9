// The session timer of one dialog (RFC 4028, whole): who refreshes the session, when, and when it is over. Read §7 and §9 first, then §10.
//
// note [whose refresher]
// On the wire the refresher is uac or uas, the roles of the one transaction that says so; the side that refreshes is uac in its own refreshes and uas in the
// other's re-INVITE. Here it is Us or Peer, and is translated where a header is read or written. So a session keeps its refresher whoever sends the next request.
//
// note [what is not limited]
// No interval that a peer sets is too long: it could as well set none (§7.2). Too short ones count as 90 s (SessionTimerLimits.LeastSeconds).
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace SipEmbedded.SessionTimers;

/// <summary>What is to be done with a message, as far as the session timer goes.</summary>
public enum TimerVerdict : byte
{
    /// <summary>Go on.</summary>
    Accept,

    /// <summary>Answer 422 with <see cref="SessionTimer.WriteTooBrief"/> (RFC 4028 §9).</summary>
    TooBrief,

    /// <summary>Answer 421 with <c>Require: timer</c> (RFC 3261 §21.4.15).</summary>
    Unsupported,

    /// <summary>Send the request again: <see cref="SessionTimer.WriteRequest"/> now asks for a longer interval (RFC 4028 §7.3).</summary>
    Retry,

    /// <summary>A 422 that a request more does not help against: the request has failed.</summary>
    Fail,
}

/// <summary>What is to be done with the session.</summary>
public enum TimerAction : byte
{
    None,

    /// <summary>
    /// Send a refresh now: an UPDATE without offer where <see cref="SessionTimer.PrefersUpdate"/>, else a re-INVITE with the session description as it is. Where
    /// it cannot be sent yet, <see cref="SessionTimer.Postpone"/>.
    /// </summary>
    Refresh,

    /// <summary>Send BYE; <c>Reason: SIP;cause=408</c> is customary. The timer has stopped.</summary>
    End,
}

/// <summary>
/// The session timer of one dialog: a value, to be kept beside it (a forked INVITE's dialogs each take a copy). It reads headers and writes them, and is told
/// the time; who owns it sends the requests.
/// </summary>
/// <remarks>
/// <para><b>Requests of ours.</b> <see cref="WriteRequest"/> in each INVITE and UPDATE, whatever it is for; <see cref="TakeResponse"/> with the first copy of
/// its 2xx, or its 422. Of a refresh that failed only <see cref="RefreshFailed"/> or <see cref="RefreshUnanswered"/> hears, of its 422 as well; of a 401 or 407 that
/// is answered with credentials none of them.</para>
/// <para><b>Requests of the peer's.</b> <see cref="TakeRequest"/> with each INVITE and UPDATE, then <see cref="WriteResponse"/> in its 2xx and
/// <see cref="ResponseSent"/> when that goes out first, or <see cref="RequestRefused"/>. Where an UPDATE comes while an INVITE waits for its answer, these speak of the
/// UPDATE until it has one.</para>
/// <para><b>Time.</b> After each call <see cref="Deadline"/> says when <see cref="TimeIsUp"/> is wanted. It may be called at any time: too early does nothing.</para>
/// </remarks>
public partial struct SessionTimer
{
    private readonly SessionTimerSettings _settings;
    private readonly bool _isCaller;

    // A 2xx to an INVITE or UPDATE has come or gone: the dialog is there.
    private bool _isEstablished;
    private bool _isOver;
    private bool _allowsUpdate;
    private bool _refusedUpdate;

    // None: the timer does not run.
    private SessionRefresher _refresher;

    private byte _tooBriefs;
    private byte _prompts;
    private byte _refusals;
    private uint _seconds;
    private Instant _expiresAt;

    // Never while a refresh is under way, and where the peer refreshes.
    private Instant _refreshAt;

    // What the last request of ours asked for; 0 where it did not.
    private uint _askedSeconds;
    private uint _askedLeast;

    // The largest Min-SE that was heard (§7.4): in a 422 before there was a dialog, and on the dialog.
    private uint _leastOfInvite;
    private uint _leastOfDialog;

    // What the peer's request is to be answered; and an INVITE's, while an UPDATE is answered.
    private Answer _answer;
    private Answer _answerOfInvite;

    /// <summary>The timer of a dialog to come; <paramref name="isCaller"/> where its first INVITE, and so its Call-ID, is ours.</summary>
    public SessionTimer(in SessionTimerSettings settings, bool isCaller)
    {
        _settings = settings.InRange();
        _isCaller = isCaller;
        _expiresAt = Instant.Never;
        _refreshAt = Instant.Never;
    }

    /// <summary>Put <c>timer</c> into Supported of every request but ACK (RFC 4028 §7.1), and of every 2xx.</summary>
    public readonly bool IsOffered => _settings.Mode != SessionTimerMode.Off;

    /// <summary>Put <c>timer</c> into Require of the INVITE, and of later refreshes (RFC 4028 §7.1, §7.4).</summary>
    public readonly bool IsRequired => _settings.Mode == SessionTimerMode.Required;

    /// <summary>The session expires unless it is refreshed.</summary>
    public readonly bool IsRunning => _refresher != SessionRefresher.None;

    /// <summary>It is we who refresh it.</summary>
    public readonly bool IsRefresher => _refresher == SessionRefresher.Us;

    /// <summary>The session interval, 90 s at least; 0 where the timer does not run.</summary>
    public readonly uint IntervalSeconds => IsRunning ? _seconds : 0;

    /// <summary>When the session expires (RFC 4028 §2): the interval after the last 2xx. Never where the timer does not run.</summary>
    public readonly Instant ExpiresAt => IsRunning ? _expiresAt : Instant.Never;

    /// <summary>
    /// When <see cref="TimeIsUp"/> is wanted: at the next refresh or, where none is left, when the session expires; where the peer refreshes, when it will not do so
    /// any more (RFC 4028 §10).
    /// </summary>
    public readonly Instant Deadline => _refresher switch
    {
        SessionRefresher.Us => Instant.Earlier(_refreshAt, _expiresAt),
        SessionRefresher.Peer => _expiresAt + -EndBefore,
        _ => Instant.Never,
    };

    // RFC 4028 §10: the lesser of 32 s and a third of the interval.
    private readonly TimeSpan EndBefore
    {
        get
        {
            var share = Milliseconds(_seconds * 1000L / SessionTimerLimits.EndBeforeShare);
            return share < SessionTimerLimits.EndBefore ? share : SessionTimerLimits.EndBefore;
        }
    }

    // Where the peer leaves the session without an interval, it runs all the same.
    private readonly bool RunsAlone => _settings.Mode is SessionTimerMode.Required or SessionTimerMode.Always;

    /// <summary>The peer takes UPDATE, as far as it has said (RFC 4028 §7.4).</summary>
    public readonly bool PrefersUpdate => _allowsUpdate && !_refusedUpdate;

    /// <summary>Looks for UPDATE in the Allow of a message of the peer's; the last message with Allow counts.</summary>
    public void TakeAllow(SipMessage message)
    {
        if (message.FirstLineOf(HeaderName.Allow) < 0)
            return;
        _allowsUpdate = false;
        foreach (var allow in message.All<Allow>())
            _allowsUpdate |= allow.Method == Method.Update;
    }

    /// <summary>Does what the time has come for.</summary>
    public TimerAction TimeIsUp(Instant now)
    {
        if (!IsRunning || now < Deadline)
            return TimerAction.None;
        if (!IsRefresher || now >= _expiresAt)
            return End();
        _refreshAt = Instant.Never;
        return TimerAction.Refresh;
    }

    /// <summary>
    /// The refresh cannot go out yet, since another INVITE transaction or an offer is pending (RFC 3261 §14.1, RFC 3311 §5.1): again in one to two seconds.
    /// The session expires when it does.
    /// </summary>
    public void Postpone(Instant now, Entropy entropy)
    {
        if (IsRefresher)
            _refreshAt = now + Between(SessionTimerLimits.PostponeFromMs, SessionTimerLimits.PostponeToMs, 1, entropy);
    }

    /// <summary>The session ended: nothing is due any more, and nothing starts the timer again.</summary>
    public void Stop()
    {
        _isOver = true;
        _refresher = SessionRefresher.None;
    }

    private TimerAction End()
    {
        Stop();
        return TimerAction.End;
    }

    // What a 2xx says holds from when it is sent or received (RFC 4028 §7.2, §9): it extends the session, changes its interval and refresher, or ends the timer.
    private void Agree(Instant now, uint seconds, SessionRefresher refresher)
    {
        _isEstablished = true;
        _leastOfInvite = 0;
        _tooBriefs = 0;
        _prompts = 0;
        _refusals = 0;
        _refresher = refresher;
        _seconds = seconds;
        _expiresAt = now + Milliseconds(seconds * 1000L);
        _refreshAt = refresher == SessionRefresher.Us ? now + Milliseconds(seconds * 1000L / 2) : Instant.Never;
    }

    private static TimeSpan Milliseconds(long milliseconds) => TimeSpan.FromTicks(milliseconds * TimeSpan.TicksPerMillisecond);

    // Both ends included, each step as likely.
    private static TimeSpan Between(uint fromMs, uint toMs, uint stepMs, Entropy entropy) =>
        Milliseconds(fromMs + stepMs * (long)entropy.Below((toMs - fromMs) / stepMs + 1));
}
