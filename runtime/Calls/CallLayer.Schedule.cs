// What a call does when its time comes: tells what waits, rings out, refreshes its session, tries a change again.
using SipEmbedded.Memory;
using SipEmbedded.SessionTimers;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    // To be told by the call's timer (note [one event]). Of two things the end is told.
    private void Tell(Instant now, Handle<Call> handle, CallEventKind kind, CallEnd end, ushort status)
    {
        ref var call = ref _calls[handle];
        if (call.News == CallEventKind.Ended)
            return;
        call.News = kind;
        call.NewsStatus = status;
        if (kind == CallEventKind.Ended)
        {
            call.State = CallState.Ending;
            call.End = end;
        }
        _timers.Arm(handle.Index * TimersEach + Next, now);
    }

    private void ArmSession(Handle<Call> handle)
    {
        int timer = handle.Index * TimersEach + Session;
        // An UPDATE may set an interval while it rings; what expires is a session, which begins with the answer (RFC 4028 §7.2).
        if (!_calls[handle].IsAnswered || _calls[handle].Timer.Deadline == Instant.Never)
            _timers.Cancel(timer);
        else
            _timers.Arm(timer, _calls[handle].Timer.Deadline);
    }

    /// <summary>Does what a call's time has come for. False where no call's has; <paramref name="happened"/> may be empty where one did.</summary>
    internal bool TryPopTimer(Instant now, out CallEvent happened)
    {
        happened = default;
        if (!_timers.TryPop(now, out int timer))
            return false;
        var handle = _calls.HandleOf(timer / TimersEach);
        switch (timer % TimersEach)
        {
            case Next:
                NextIsDue(now, handle, ref happened);
                break;
            case Ring:
                RingIsOver(now, handle);
                break;
            case Session:
                SessionIsDue(now, handle);
                break;
            case Again:
                SendAgain(now, handle);
                break;
        }
        return true;
    }

    private void TakeNews(Handle<Call> handle, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        happened = NewEvent(handle, call.News);
        happened.Status = call.NewsStatus;
        happened.Change = call.Change;
        happened.HasMedia = call.News == CallEventKind.MediaChanged;
        if (call.News == CallEventKind.Changed)
            call.Change = CallChange.None;
        call.News = CallEventKind.None;
    }

    private void NextIsDue(Instant now, Handle<Call> handle, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        var news = call.News;
        if (news == CallEventKind.Ended)
        {
            happened = Finish(handle, call.End, call.NewsStatus);
            return;
        }
        if (news != CallEventKind.None)
            TakeNews(handle, ref happened);
        if (call.Change != CallChange.None && !call.Changing.IsSome && call.State is CallState.Confirmed or CallState.Early)
        {
            if (call.ChangeLeg != call.Leg)
            {
                // The dialog that it was for is no more.
                call.IsHeld = call.WasHeld;
                EndChange(now, handle, 481);
            }
            else if (call.ChangeAt > now)
                _timers.Arm(handle.Index * TimersEach + Next, call.ChangeAt);
            else if (call.Change != CallChange.Retarget && IsNegotiating(call))
                ChangeLater(now, handle);
            else
                SendChangeAgain(now, handle);
        }
    }

    // RFC 3261 §13.2.1 and §13.3.1: the time to answer is over.
    private void RingIsOver(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        if (call.IsCaller)
        {
            call.End = CallEnd.Unanswered;
            GiveUp(now, handle);
        }
        else if (Refuse(now, handle, call.ExpiresSeconds > 0 ? 487 : 480, default, default) == CallResult.Done)
            call.End = CallEnd.Unanswered;
    }

    private void SessionIsDue(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        switch (call.Timer.TimeIsUp(now))
        {
            case TimerAction.End:
                Counters.SessionsExpired++;
                SendBye(now, handle, CallEnd.Expired, cause: 408);
                return;
            case TimerAction.Refresh:
                if (IsNegotiating(call) || call.Changing.IsSome || call.State != CallState.Confirmed)
                    call.Timer.Postpone(now, _entropy);
                else if (BeginChange(now, handle, CallChange.Refresh) != CallResult.Done)
                    call.Timer.Postpone(now, _entropy);
                break;
        }
        ArmSession(handle);
    }
}
