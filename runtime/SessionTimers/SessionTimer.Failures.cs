// Refreshes that fail (RFC 4028 §10): tried again while there is time, by another method, later, or never; and sessions that end with them.
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace SipEmbedded.SessionTimers;

public partial struct SessionTimer
{
    /// <summary>
    /// Takes the final response to a refresh of ours that is no 2xx: <paramref name="status"/> from 300 to 699, as it stands in <paramref name="response"/>. Where
    /// that is <see cref="TimerAction.None"/>, <see cref="Deadline"/> is the time of the next attempt, or of the session's end.
    /// </summary>
    public TimerAction RefreshFailed(Instant now, int status, SipMessage response, bool wasUpdate, Entropy entropy)
    {
        if (_isOver)
            return TimerAction.None;
        var answer = RefreshAnswers.Of(status, wasUpdate);
        if (answer == RefreshAnswer.Ends)
            return End();
        // Meanwhile the peer may have taken over, or ended the timer.
        if (!IsRefresher)
            return TimerAction.None;
        if (now >= _expiresAt)
            return End();
        _refreshAt = Instant.Never;
        switch (answer)
        {
            case RefreshAnswer.FallsBack:
                _refusedUpdate = true;
                return TimerAction.Refresh;
            case RefreshAnswer.TooBrief:
                return TryLengthen(response) ? TimerAction.Refresh : TimerAction.None;
            case RefreshAnswer.Glare:
                TryAgain(now, _isCaller
                    ? Between(SessionTimerLimits.GlareFromMs, SessionTimerLimits.GlareToMs, SessionTimerLimits.GlareStepMs, entropy)
                    : Between(0, SessionTimerLimits.OtherGlareToMs, SessionTimerLimits.GlareStepMs, entropy));
                break;
            case RefreshAnswer.Later:
                TryAgain(now, WaitBehind(now, response));
                break;
            case RefreshAnswer.Refused when _refusals < SessionTimerLimits.MaxRefusedRetries:
                _refusals++;
                TryAgain(now, WaitBehind(now, response));
                break;
        }
        return TimerAction.None;
    }

    /// <summary>A refresh of ours got no final response, or could not be sent at all: the session ends (RFC 4028 §10, RFC 3261 §12.2.1.2).</summary>
    public TimerAction RefreshUnanswered() => _isOver ? TimerAction.None : End();

    private readonly TimeSpan WaitBehind(Instant now, SipMessage response)
    {
        if (!response.TryGet<RetryAfter>(out var after, out _))
            return (_expiresAt - now) / 2;
        var wait = Milliseconds(after.Seconds * 1000L);
        return wait > SessionTimerLimits.LeastRetry ? wait : SessionTimerLimits.LeastRetry;
    }

    // Whatever is asked of us, the session is worth one attempt before it expires.
    private void TryAgain(Instant now, TimeSpan wait)
    {
        var left = _expiresAt - now;
        if (left < SessionTimerLimits.LeastRetry)
            return;
        if (_prompts < SessionTimerLimits.MaxPromptRetries)
            _prompts++;
        else if (wait < left / 2)
            wait = left / 2;
        if (wait >= left)
            wait = left / 2 < SessionTimerLimits.EndBefore ? left / 2 : left - SessionTimerLimits.EndBefore;
        _refreshAt = now + wait;
    }
}
