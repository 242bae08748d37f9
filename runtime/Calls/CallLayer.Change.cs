// Changing a call that there is: hold, new media, a new contact, the session's refresh; by re-INVITE (RFC 3261 §14.1) or UPDATE (RFC 3311 §5.1).
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.SessionTimers;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    /// <summary>Puts the peer on hold, by a re-INVITE whose media are sendonly (RFC 3264 §8.4). What comes of it is <see cref="CallEventKind.Changed"/>.</summary>
    public CallResult Hold(Instant now, Handle<Call> handle) => Change(now, handle, CallChange.Hold);

    /// <summary>Ends a hold.</summary>
    public CallResult Resume(Instant now, Handle<Call> handle) => Change(now, handle, CallChange.Resume);

    /// <summary>Negotiates the media anew, by a re-INVITE.</summary>
    public CallResult Reinvite(Instant now, Handle<Call> handle) => Change(now, handle, CallChange.Renegotiate);

    /// <summary>Sends an UPDATE: with <paramref name="withMedia"/> the media are negotiated anew, without, our contact is renewed. Also before the call is answered.</summary>
    public CallResult Update(Instant now, Handle<Call> handle, bool withMedia) =>
        Change(now, handle, withMedia ? CallChange.Renegotiate : CallChange.Retarget, isUpdate: true);

    private CallResult Change(Instant now, Handle<Call> handle, CallChange change, bool isUpdate = false)
    {
        if (!TryFind(handle))
            return CallResult.Gone;
        ref var call = ref _calls[handle];
        bool isEarly = isUpdate && call.State == CallState.Early && _legs.IsLive(call.Leg) && _legs[call.Leg].Dialog.IsSome;
        if (call.State != CallState.Confirmed && !isEarly)
            return CallResult.NotAllowed;
        if (call.Change != CallChange.None || call.Changing.IsSome || isEarly && _legs[call.Leg].IsPrackOwed)
            return CallResult.Busy;
        if (change != CallChange.Retarget && (IsNegotiating(call) || isEarly && !IsFirstExchangeOver(call)))
            return CallResult.Busy;
        call.IsChangeByUpdate = isUpdate;
        return BeginChange(now, handle, change);
    }

    // An offer, of either side, has no answer yet.
    private bool IsNegotiating(in Call call) =>
        _legs.IsLive(call.Leg) && _legs[call.Leg].Media.State is NegotiationState.LocalOffer or NegotiationState.RemoteOffer;

    // RFC 3311 §5.1: before the call is answered only once the INVITE's own offer has an answer that is known to have arrived.
    private bool IsFirstExchangeOver(in Call call) =>
        _legs[call.Leg].Media.State == NegotiationState.Stable && !call.IsForetaste && !(call.Provisional.IsSome && call.ProvisionalHasMedia);

    private CallResult BeginChange(Instant now, Handle<Call> handle, CallChange change)
    {
        ref var call = ref _calls[handle];
        call.Change = change;
        call.ChangeAttempt = default;
        call.ChangeRetries = 0;
        call.WasHeld = call.IsHeld;
        if (change == CallChange.Hold)
            call.IsHeld = true;
        else if (change == CallChange.Resume)
            call.IsHeld = false;
        else if (change == CallChange.Refresh)
            call.IsChangeByUpdate = call.Timer.PrefersUpdate;
        var result = SendChange(now, handle);
        // Whoever asked for it has the result, and is told no more.
        if (result != CallResult.Done)
            ForgetChange(ref call);
        return result;
    }

    private static void ForgetChange(ref Call call)
    {
        call.Change = CallChange.None;
        call.ChangeRetries = 0;
        call.IsHeld = call.WasHeld;
    }

    // A change that was begun goes out once more, as what stood in its way demands; where it cannot, that is told.
    private void SendChangeAgain(Instant now, Handle<Call> handle)
    {
        if (SendChange(now, handle) == CallResult.Done)
            return;
        ref var call = ref _calls[handle];
        call.IsHeld = call.WasHeld;
        if (call.Change == CallChange.Refresh)
        {
            call.Timer.Postpone(now, _entropy);
            ArmSession(handle);
        }
        EndChange(now, handle, 503);
    }

    private CallResult SendChange(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        call.ChangeLeg = call.Leg;
        ref var leg = ref _legs[call.Leg];
        var method = call.IsChangeByUpdate ? Method.Update : Method.Invite;
        // RFC 4028 §7.4: a refresh by UPDATE has no need of a description; by INVITE it has the one that holds.
        call.ChangeHasOffer = !call.IsChangeByUpdate || call.Change is not (CallChange.Refresh or CallChange.Retarget);
        var request = _dialogs.BeginRequest(leg.Dialog, Methods.NameOf(method));
        call.ChangeSequence = _dialogs.LocalSequenceOf(leg.Dialog);
        WriteContact(call.Account, call.Flow, ref request);
        WriteAbilities(call, ref request, isRequest: true);
        call.Timer.WriteRequest(ref request);
        _supplements.OutgoingRequest(new(handle, call.User), method, ref request);
        int start = request.Written.Length;
        bool isWritten = TryAuthorize(call, ref request, method, _dialogs.RequestUriOf(leg.Dialog), ref call.ChangeAttempt);
        if (method == Method.Invite && !KeepCredentials(ref call, request.Written[start..]))
            isWritten = false;
        var result = isWritten ? CallResult.Done : CallResult.Full;
        var made = NegotiationStatus.Ok;
        if (!call.ChangeHasOffer)
            request.Finish();
        else
        {
            int length;
            made = (call.Change == CallChange.Refresh
                ? _negotiator.MakeRefresh(ref leg.Media, ContextOf(handle), _description, out length)
                : _negotiator.MakeOffer(ref leg.Media, ContextOf(handle), _description, out length)).Status;
            if (made == NegotiationStatus.Ok)
                request.Finish(DescriptionType, _description.AsSpan(0, length));
            else
                result = ResultOf(made);
        }
        if (result == CallResult.Done)
            result = ResultOf(SendInside(now, handle, call.Leg, request, out call.Changing));
        if (result == CallResult.Done)
            return result;
        // An exchange that is open is another's where ours could not be begun.
        if (call.ChangeHasOffer && made is not (NegotiationStatus.OfferPending or NegotiationStatus.AnswerOwed))
            _negotiator.TakeBack(ref leg.Media, ContextOf(handle));
        call.Changing = default;
        return result;
    }

    // What came of it is told; a refresh, which nobody asked for, only to the timer.
    private void EndChange(Instant now, Handle<Call> handle, ushort status)
    {
        ref var call = ref _calls[handle];
        call.Changing = default;
        call.ChangeRetries = 0;
        if (call.Change == CallChange.Refresh)
        {
            call.Change = CallChange.None;
            return;
        }
        Tell(now, handle, CallEventKind.Changed, CallEnd.None, status);
    }

    // A final response to a re-INVITE or an UPDATE of ours, or its absence with the status that stands for it.
    private void TakeChangeResult(Instant now, Handle<Call> handle, int status, SipMessage response, bool isUnanswered)
    {
        ref var call = ref _calls[handle];
        call.Changing = default;
        if (call.ChangeLeg != call.Leg)
        {
            // An early dialog that is no more: another one answered, or the INVITE was begun anew.
            call.IsHeld = call.WasHeld;
            EndChange(now, handle, status < 300 ? (ushort)481 : (ushort)status);
            return;
        }
        ref var leg = ref _legs[call.Leg];
        bool isInvite = !call.IsChangeByUpdate;
        if (status < 300)
        {
            call.Timer.TakeAllow(response);
            _dialogs.Retarget(leg.Dialog, response);
            // Without an offer of its own there is no answer in it, whatever else is open.
            bool isGood = !call.ChangeHasOffer || TakeAnswerOf(handle, response);
            if (isInvite)
                _ = SendAck(now, handle, call.Leg, call.ChangeSequence);
            call.Timer.TakeResponse(now, response);
            ArmSession(handle);
            if (call.Change == CallChange.Refresh)
                Counters.Refreshes++;
            if (!isGood)
                call.IsHeld = call.WasHeld;
            EndChange(now, handle, isGood ? (ushort)status : (ushort)488);
            return;
        }
        if (call.ChangeHasOffer)
            _negotiator.Rollback(ref leg.Media, ContextOf(handle));
        if (call.State == CallState.Ending)
            return;
        if (call.Change == CallChange.Refresh)
        {
            RefreshFailed(now, handle, status, response, isUnanswered);
            return;
        }
        // RFC 3261 §12.2.1.2, RFC 5057 §5.1: there is no such call there any more.
        if (EndsDialog(status) && call.State == CallState.Confirmed)
        {
            SendBye(now, handle, CallEnd.Lost, cause: 0);
            return;
        }
        if (TryRepeatChange(now, handle, status, response))
            return;
        call.IsHeld = call.WasHeld;
        EndChange(now, handle, (ushort)status);
    }

    private bool TryRepeatChange(Instant now, Handle<Call> handle, int status, SipMessage response)
    {
        ref var call = ref _calls[handle];
        if (status is 401 or 407 && TryAnswerChallenge(call, response, ref call.ChangeAttempt))
        {
            SendChangeAgain(now, handle);
            return true;
        }
        if (status == 422 && call.Timer.TakeResponse(now, response) == TimerVerdict.Retry)
        {
            SendChangeAgain(now, handle);
            return true;
        }
        if (status != 491 || call.ChangeRetries >= CallLimits.MaxChangeRetries)
            return false;
        Counters.Glares++;
        call.ChangeRetries++;
        ChangeLater(now, handle);
        return true;
    }

    // RFC 3261 §14.1: who made the Call-ID waits longer than the other, in steps of 10 ms.
    private void ChangeLater(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        uint steps = call.IsCaller ? 210 + _entropy.Below(191) : _entropy.Below(201);
        call.ChangeAt = now + TimeSpan.FromMilliseconds(10 * steps);
        _timers.Arm(handle.Index * TimersEach + Next, call.ChangeAt);
    }

    private void RefreshFailed(Instant now, Handle<Call> handle, int status, SipMessage response, bool isUnanswered)
    {
        ref var call = ref _calls[handle];
        if (status is 401 or 407 && TryAnswerChallenge(call, response, ref call.ChangeAttempt))
        {
            SendChangeAgain(now, handle);
            return;
        }
        bool wasUpdate = call.IsChangeByUpdate;
        call.Change = CallChange.None;
        switch (isUnanswered ? call.Timer.RefreshUnanswered() : call.Timer.RefreshFailed(now, status, response, wasUpdate, _entropy))
        {
            case TimerAction.End:
                SendBye(now, handle, CallEnd.Lost, cause: 0);
                return;
            case TimerAction.Refresh:
                if (BeginChange(now, handle, CallChange.Refresh) != CallResult.Done)
                    call.Timer.Postpone(now, _entropy);
                break;
        }
        ArmSession(handle);
    }

    // RFC 5057 §5.1: responses that say the dialog is no more.
    private static bool EndsDialog(int status) => status is 404 or 408 or 410 or 416 or 480 or 481 or 482 or 483 or 484 or 485 or 502 or 604;

    // A stranger who calls must not have what a password can be guessed from: he would only have to wait for our BYE, and challenge it.
    private bool TryAnswerChallenge(in Call call, SipMessage response, ref AuthAttempt attempt)
    {
        bool isAnswered = _accounts is not null && (call.IsCaller || call.IsFromServer) && _accounts.TryGetSession(call.Account, out var session)
            && session.TakeChallenge(response, ref attempt) == ChallengeOutcome.Answered;
        if (isAnswered)
            Counters.Challenged++;
        return isAnswered;
    }
}
