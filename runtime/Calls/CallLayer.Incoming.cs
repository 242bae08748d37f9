// Requests of the peer's: the INVITE that calls us, and what comes inside a call (RFC 3261 §12.2.2, §13.3, §14.2, §15.1.2; RFC 3262 §3; RFC 3311 §5.2).
using SipEmbedded.Dialogs;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.Registration;
using SipEmbedded.SessionTimers;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    // RFC 3261 §14.2, RFC 3311 §5.2: 500 with a time drawn from 0 to 10 s.
    private const uint RetryAfterMost = 10;

    /// <summary>
    /// Takes a request if it is one of a call, or would make one; false for what the agent's user has to answer. <paramref name="happened"/> may be empty.
    /// </summary>
    internal bool ReceiveRequest(Instant now, in TransactionEvent told, SipMessage request, in RoutingView view, out CallEvent happened)
    {
        happened = default;
        // What becomes of an INVITE's final response is the call's, or of nobody's concern: whoever refused it has forgotten it.
        if (told.Method == Method.Invite)
            _transactions.SetUser(told.Server, TransactionOwner.NumberOf(TransactionOwner.Calls, default(Handle<Call>)));
        if (view.ToTag.IsPresent)
        {
            if (_dialogs.TryFind(request, view, out var dialog) && TryFindLeg(dialog, out var leg) && !_legs[leg].IsSurplus)
                ReceiveInside(now, told, request, view, leg, ref happened);
            else if (IsOfCalls(told.Method))
            {
                Counters.OutsideDialogs++;
                Respond(now, told.Server, 481);
            }
            else
                return false;
            return true;
        }
        switch (told.Method)
        {
            case Method.Invite:
                ReceiveInvite(now, told, request, view, ref happened);
                return true;
            case Method.Options:
                AnswerOptions(now, default, told, request);
                return true;
            case Method.Bye or Method.Update or Method.Prack or Method.Info:
                Counters.OutsideDialogs++;
                Respond(now, told.Server, 481);
                return true;
            default:
                return false;
        }
    }

    // What calls alone, or they first of all, have to do with. NOTIFY, SUBSCRIBE, REFER and whatever else may be of a dialog that the agent's user keeps.
    private static bool IsOfCalls(Method method) => method is Method.Invite or Method.Bye or Method.Prack or Method.Update or Method.Info or Method.Message
        or Method.Options;

    // To whom there is no call: supplements do not see it.
    private void Respond(Instant now, Handle<ServerTransaction> server, int status)
    {
        if (!TryBegin(server, status, default, out var response))
            return;
        response.Finish();
        _transactions.SendResponse(now, server, response);
    }

    // The same inside a call, where supplements see it.
    private void Respond(Instant now, Handle<Call> handle, in TransactionEvent told, int status)
    {
        if (TryBegin(told.Server, status, default, out var response))
            Send(now, handle, told.Server, told.Method, status, ref response);
    }

    // Every response of a call goes out here or in Answer.cs, behind its supplements.
    private SendResult Send(
        Instant now, Handle<Call> handle, Handle<ServerTransaction> server, Method method, int status, ref MessageBuilder response,
        scoped ReadOnlySpan<byte> description = default)
    {
        _supplements.OutgoingResponse(new(handle, _calls[handle].User), method, status, ref response);
        if (description.IsEmpty)
            response.Finish();
        else
            response.Finish(DescriptionType, description);
        return _transactions.SendResponse(now, server, response);
    }

    // The INVITE that began a call ends unanswered: its caller has cancelled it, or sent a BYE.
    private void RespondTerminated(Instant now, Handle<Call> handle)
    {
        var server = _calls[handle].Server;
        if (TryBegin(server, 487, default, out var response))
            Send(now, handle, server, Method.Invite, 487, ref response);
    }

    private void RespondLater(Instant now, Handle<Call> handle, in TransactionEvent told)
    {
        if (!TryBegin(told.Server, 500, default, out var response))
            return;
        response.Header(HeaderName.RetryAfter, _entropy.Below(RetryAfterMost + 1));
        Send(now, handle, told.Server, told.Method, 500, ref response);
    }

    // ---- A call -----------------------------------------------------------------------------------------------------------------------

    private void ReceiveInvite(Instant now, in TransactionEvent told, SipMessage request, in RoutingView view, ref CallEvent happened)
    {
        if (!_calls.TryAdd(out var handle))
        {
            Counters.NoRoom++;
            Respond(now, told.Server, _options.FullStatus);
            return;
        }
        ref var call = ref _calls[handle];
        call.Server = told.Server;
        call.Flow = told.Flow;
        call.Account = AccountFor(request, told.Flow);
        call.IsFromServer = _accounts is not null && _accounts.IsServerOf(call.Account, told.Flow);
        call.BeganAt = now;
        call.State = CallState.Incoming;
        call.Timer = new(_options.SessionTimer, isCaller: false);
        call.Timer.TakeAllow(request);
        _supplements.SessionBegan(new(handle, call.User));
        int status = TryPass(now, handle, told, request) ? BeginIncoming(now, handle, told, request, view) : -1;
        if (status == 0)
        {
            Counters.Received++;
            _transactions.SetUser(told.Server, NumberOf(handle));
            var most = _options.RingMost;
            // RFC 3261 §13.3.1: Expires says how long the caller waits.
            if (request.TryGet<Expires>(out var expires, out _) && TimeSpan.FromSeconds(expires.Seconds) < most)
                most = TimeSpan.FromSeconds(call.ExpiresSeconds = Math.Max(1, expires.Seconds));
            _timers.Arm(handle.Index * TimersEach + Ring, now + most);
            happened = NewEvent(handle, CallEventKind.Incoming);
            happened.Method = Method.Invite;
            happened.HasMedia = _legs[call.Leg].Media.State == NegotiationState.RemoteOffer;
            return;
        }
        if (status > 0)
        {
            // Want of room was counted where it was found.
            Counters.InvitesRefused += status == 503 ? 0 : 1;
            RefuseInvite(now, handle, told, status);
        }
        Free(handle);
    }

    private Handle<Account> AccountFor(SipMessage request, in Flow flow) =>
        _accounts is not null && _accounts.TryFindFor(request, flow, out var account) ? account : default;

    // False where a supplement stopped a request, which has its answer then.
    private bool TryPass(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage request)
    {
        var reply = new RequestReply(_reply, told.Method);
        if (_supplements.IncomingRequest(new(handle, _calls[handle].User), request, ref reply))
            return true;
        if (!told.Server.IsSome || told.Method is Method.Ack or Method.Cancel || !TryBegin(told.Server, reply.Status, reply.Reason, out var response))
            return false;
        reply.WriteHeaders(ref response);
        Send(now, handle, told.Server, told.Method, reply.Status, ref response);
        return false;
    }

    // 0 where all is well, the status to refuse it with, or less than 0 where it was refused already.
    private int BeginIncoming(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage request, in RoutingView view)
    {
        ref var call = ref _calls[handle];
        bool isWanted = HasTag<Require>(request, "100rel"u8);
        call.PeerWantsReliable = isWanted && _options.Reliable != ReliableMode.Off;
        call.PeerTakesReliable = call.PeerWantsReliable || _options.Reliable != ReliableMode.Off && HasTag<Supported>(request, "100rel"u8);
        // RFC 3262 §3: no reliable response to one that cannot acknowledge it.
        if (_options.Reliable == ReliableMode.Required && !call.PeerTakesReliable)
            return 421;
        switch (call.Timer.TakeRequest(request, isInitial: true))
        {
            case TimerVerdict.TooBrief:
                return 422;
            case TimerVerdict.Unsupported:
                return 421;
        }
        switch (_dialogs.TryBeginServer(request, view, _transactions.TagOf(told.Server), told.Flow, 0, out var dialog))
        {
            case DialogResult.Malformed:
                return 400;
            case DialogResult.TooLarge:
                return 513;
            case DialogResult.Full:
                Counters.NoRoom++;
                return 503;
        }
        if (!TryAddLeg(handle, dialog, out call.Leg))
            return 503;
        if (!TryKeepCaller(ref call, told, request))
        {
            Counters.NoRoom++;
            return 503;
        }
        if (!TryGetDescription(request, out var description))
            return request.Body.IsEmpty ? 0 : 415;
        var taken = _negotiator.TakeOffer(ref _legs[call.Leg].Media, ContextOf(handle), description);
        if (taken.IsOk)
            return 0;
        if (taken.Status == NegotiationStatus.NoRoom)
        {
            Counters.NoRoom++;
            return 503;
        }
        RefuseOffer(now, handle, told, taken);
        return -1;
    }

    private void RefuseInvite(Instant now, Handle<Call> handle, in TransactionEvent told, int status)
    {
        if (!TryBegin(told.Server, status, default, out var response))
            return;
        if (status == 422)
            _calls[handle].Timer.WriteTooBrief(ref response);
        else if (status == 421)
        {
            // Whatever we cannot do without, not only what was missed first.
            WriteRequire(ref response, reliable: _options.Reliable == ReliableMode.Required, timer: _calls[handle].Timer.IsRequired);
        }
        else if (status == 415)
            response.Header(HeaderName.Accept, DescriptionType);
        Send(now, handle, told.Server, told.Method, status, ref response);
    }

    // RFC 3261 §13.3.1.3: 488, with a Warning that names the cause.
    private void RefuseOffer(Instant now, Handle<Call> handle, in TransactionEvent told, in NegotiationResult result)
    {
        Counters.OffersRefused++;
        if (!TryBegin(told.Server, 488, default, out var response))
            return;
        Span<byte> room = stackalloc byte[WarningOctets];
        var writer = new ByteWriter(room);
        writer.Write((ulong)(result.Cause == WarningCode.None ? WarningCode.Miscellaneous : result.Cause));
        // RFC 3261 §20.43: who says it, by a name of its own.
        writer.Write(" sip \""u8);
        writer.Write(result.WarnText);
        writer.Write((byte)'"');
        response.Header(HeaderName.Warning, writer.WrittenSpan);
        Send(now, handle, told.Server, told.Method, 488, ref response);
    }

    private const int WarningOctets = 128;

    // ---- Inside a call ------------------------------------------------------------------------------------------------------------------

    private void ReceiveInside(
        Instant now, in TransactionEvent told, SipMessage request, in RoutingView view, Handle<Leg> leg, ref CallEvent happened)
    {
        if (!TryFindByUser(_legs[leg].Call, out var handle))
            return;
        var dialog = _legs[leg].Dialog;
        if (_dialogs.TakeSequence(dialog, view.CSeq.Sequence) == SequenceVerdict.OutOfOrder)
        {
            Counters.OutOfOrder++;
            Respond(now, handle, told, 500);
            return;
        }
        ref var call = ref _calls[handle];
        // RFC 5407 §3.2: for all but a BYE that crosses ours the dialog is over.
        if (call.State == CallState.Ending && told.Method != Method.Bye)
        {
            Respond(now, handle, told, 481);
            return;
        }
        _dialogs.HeardOn(dialog, told.Flow);
        call.Flow = told.Flow;
        call.Timer.TakeAllow(request);
        if (!TryPass(now, handle, told, request))
        {
            // The peer is gone, whatever is said to it.
            if (told.Method == Method.Bye)
                EndByPeer(now, handle, leg, ref happened);
            return;
        }
        switch (told.Method)
        {
            case Method.Bye:
                Respond(now, handle, told, 200);
                EndByPeer(now, handle, leg, ref happened);
                break;
            case Method.Invite:
                ReceiveReinvite(now, handle, leg, told, request, ref happened);
                break;
            case Method.Update:
                ReceiveUpdate(now, handle, leg, told, request, ref happened);
                break;
            case Method.Prack:
                ReceivePrack(now, handle, told, request, ref happened);
                break;
            case Method.Options:
                AnswerOptions(now, handle, told, request);
                break;
            case Method.Info:
                ReceiveInfo(now, handle, told, request, ref happened);
                break;
            case Method.Message:
                ReceiveText(now, handle, told, request, ref happened);
                break;
            default:
                happened = NewEvent(handle, CallEventKind.Request);
                happened.Method = told.Method;
                happened.Server = told.Server;
                break;
        }
    }

    // A BYE of the peer's, which has its answer.
    private void EndByPeer(Instant now, Handle<Call> handle, Handle<Leg> leg, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        if (call.IsCaller && !call.IsAnswered)
        {
            EndEarly(handle, leg, ref happened);
            return;
        }
        // RFC 3261 §15.1.2: an INVITE that has no final response yet gets its 487.
        if (!call.IsCaller && call.State is CallState.Incoming or CallState.Early)
            RespondTerminated(now, handle);
        happened = Finish(handle, CallEnd.ByPeer, 200);
    }

    // Of an INVITE that rings the BYE ends the dialog that it came in; the INVITE goes on, and ends by its own final response.
    private void EndEarly(Handle<Call> handle, Handle<Leg> leg, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        bool hadMedia = _negotiator.Withdraw(ref _legs[leg].Media, ContextOf(handle));
        RemoveLeg(leg);
        if (call.Leg == leg)
            call.Leg = FirstLegOf(handle);
        if (!hadMedia)
            return;
        // What its peer sent is heard no more: another early dialog's media are, where there are some.
        happened = NewEvent(handle, CallEventKind.MediaChanged);
        happened.HasMedia = call.Leg.IsSome && _negotiator.Apply(_legs[call.Leg].Media, ContextOf(handle));
    }

    private void ReceiveReinvite(Instant now, Handle<Call> handle, Handle<Leg> leg, in TransactionEvent told, SipMessage request, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        if (call.State is not (CallState.Confirmed or CallState.Connecting))
        {
            // Before our final response to the first (RFC 3261 §14.2).
            RespondLater(now, handle, told);
            return;
        }
        if (call.Changing.IsSome && !call.IsChangeByUpdate || _legs[leg].Media.State == NegotiationState.LocalOffer)
        {
            Counters.Glares++;
            Respond(now, handle, told, 491);
            return;
        }
        AnswerChange(now, handle, leg, told, request, ref happened);
    }

    private void ReceiveUpdate(Instant now, Handle<Call> handle, Handle<Leg> leg, in TransactionEvent told, SipMessage request, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        bool hasOffer = TryGetDescription(request, out _);
        var media = _legs[leg].Media.State;
        // RFC 3311 §5.2.
        if (call.Changing.IsSome && call.IsChangeByUpdate || hasOffer && media == NegotiationState.LocalOffer)
        {
            Counters.Glares++;
            Respond(now, handle, told, 491);
        }
        else if (hasOffer && (media is NegotiationState.RemoteOffer or NegotiationState.None || call.IsForetaste))
            RespondLater(now, handle, told);
        else
            AnswerChange(now, handle, leg, told, request, ref happened);
    }

    // A re-INVITE or an UPDATE that may be taken: its offer is answered, its contact kept, its timer set.
    private void AnswerChange(
        Instant now, Handle<Call> handle, Handle<Leg> at, in TransactionEvent told, SipMessage request, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        ref var leg = ref _legs[at];
        bool isInvite = told.Method == Method.Invite;
        if (call.Timer.TakeRequest(request, isInitial: false) == TimerVerdict.TooBrief)
        {
            RefuseInvite(now, handle, told, 422);
            return;
        }
        bool hasOffer = TryGetDescription(request, out var description);
        if (!hasOffer && !request.Body.IsEmpty)
        {
            call.Timer.RequestRefused();
            RefuseInvite(now, handle, told, 415);
            return;
        }
        bool isChanged = false;
        var made = default(NegotiationResult);
        int length = 0;
        if (hasOffer)
        {
            // The same again is a refresh, and no news.
            isChanged = !_negotiator.AgreedRemote(leg.Media).SequenceEqual(description);
            // Until the answer is out, what holds now can be returned to.
            _negotiator.Mark(ref leg.Media);
            made = _negotiator.TakeOffer(ref leg.Media, ContextOf(handle), description);
            if (made.IsOk)
                made = _negotiator.MakeAnswer(ref leg.Media, ContextOf(handle), _description, out length);
        }
        else if (isInvite)
            made = _negotiator.MakeOffer(ref leg.Media, ContextOf(handle), _description, out length);
        if (!made.IsOk)
        {
            call.Timer.RequestRefused();
            _negotiator.Restore(ref leg.Media, ContextOf(handle));
            if (made.Status == NegotiationStatus.NoRoom)
            {
                Counters.NoRoom++;
                RespondLater(now, handle, told);
            }
            else
                RefuseOffer(now, handle, told, made);
            return;
        }
        if (!TryBegin(told.Server, 200, default, out var response))
            return;
        WriteContact(call.Account, told.Flow, ref response);
        WriteAbilities(call, ref response, isRequest: false);
        call.Timer.WriteResponse(ref response, out bool isRequired);
        WriteRequire(ref response, reliable: false, isRequired);
        if (Send(now, handle, told.Server, told.Method, 200, ref response, _description.AsSpan(0, length)) != SendResult.Sent)
        {
            call.Timer.RequestRefused();
            _negotiator.TakeBack(ref leg.Media, ContextOf(handle));
            _negotiator.Restore(ref leg.Media, ContextOf(handle));
            Counters.NoRoom++;
            RespondLater(now, handle, told);
            return;
        }
        _negotiator.Settle(ref leg.Media);
        _dialogs.Retarget(leg.Dialog, request);
        if (isInvite)
        {
            _transactions.SetUser(told.Server, NumberOf(handle));
            call.Server = told.Server;
            call.AwaitsAnswerInAck = !hasOffer;
        }
        call.Timer.ResponseSent(now);
        ArmSession(handle);
        Counters.PeerRefreshes++;
        if (!isChanged)
            return;
        happened = NewEvent(handle, CallEventKind.MediaChanged);
        happened.HasMedia = true;
    }

    // ---- The rest of our INVITE server transaction's life ---------------------------------------------------------------------------------

    /// <summary>Takes an event of a server transaction that belongs to a call: ACK, CANCEL, no ACK, our own silence.</summary>
    internal void ReceiveServerEvent(Instant now, in TransactionEvent told, SipMessage message, out CallEvent happened)
    {
        happened = default;
        if (!TryFindByUser(told.User, out var handle) || _calls[handle].Server != told.Server)
            return;
        ref var call = ref _calls[handle];
        switch (told.Kind)
        {
            case TransactionEventKind.Ack:
                // It has no answer, and cannot be undone: a supplement sees it, and no more.
                _ = TryPass(now, handle, told, message);
                ReceiveAck(now, handle, message, ref happened);
                break;
            case TransactionEventKind.Cancel when call.State is CallState.Incoming or CallState.Early && !call.IsCaller:
                // Its answer is the transaction's, and it cannot be undone: supplements see it, and no more.
                _ = TryPass(now, handle, told, message);
                RespondTerminated(now, handle);
                happened = Finish(handle, CallEnd.Cancelled, 487);
                break;
            case TransactionEventKind.Unacknowledged when told.Status < 300:
                Counters.Unacknowledged++;
                if (call.State is CallState.Connecting or CallState.Confirmed)
                    SendBye(now, handle, CallEnd.Unacknowledged, cause: 0);
                break;
            case TransactionEventKind.Timeout when call.State is CallState.Incoming or CallState.Early:
                happened = Finish(handle, CallEnd.Unanswered, 408);
                break;
        }
    }

    private void ReceiveAck(Instant now, Handle<Call> handle, SipMessage ack, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        // RFC 5407 §3.2.4: it comes too late, or again.
        if (call.State == CallState.Ending)
            return;
        bool isFirst = call.State == CallState.Connecting;
        bool isGood = true;
        bool isChanged = false;
        bool isAwaited = call.AwaitsAnswerInAck;
        if (isAwaited)
        {
            call.AwaitsAnswerInAck = false;
            ref var media = ref _legs[call.Leg].Media;
            bool hasAnswer = TryGetDescription(ack, out var description);
            // The same again is a refresh, and no news.
            isChanged = hasAnswer && !_negotiator.AgreedRemote(media).SequenceEqual(description);
            isGood = hasAnswer && _negotiator.TakeAnswer(ref media, ContextOf(handle), description).IsOk;
            if (!isGood)
                _negotiator.Rollback(ref media, ContextOf(handle));
        }
        if (isFirst)
            call.State = CallState.Confirmed;
        if (call.WantsEnd || isFirst && isAwaited && (!isGood || IsWithoutMedia(handle)))
        {
            SendBye(now, handle, call.WantsEnd ? CallEnd.ByUs : CallEnd.NoMedia, call.WantsEnd ? 0 : NotAcceptableHere);
            return;
        }
        if (!isFirst)
        {
            if (!isGood || !isChanged)
                return;
            happened = NewEvent(handle, CallEventKind.MediaChanged);
            happened.HasMedia = true;
            return;
        }
        Counters.Confirmed++;
        happened = NewEvent(handle, CallEventKind.Confirmed);
        happened.Status = call.LastStatus;
        happened.HasMedia = HasMedia(call);
    }

    // ---- PRACK (RFC 3262 §3) --------------------------------------------------------------------------------------------------------------

    private void ReceivePrack(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage request, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        bool isOurs = call.Provisional.IsSome && request.TryGet<RAck>(out var acknowledged, out _) && acknowledged.ResponseNumber == call.Reliable
            && acknowledged.MethodName.In(request.Text).SequenceEqual("INVITE"u8);
        if (!isOurs)
        {
            Respond(now, handle, told, 481);
            return;
        }
        _buffers.Release(call.Provisional);
        call.Provisional = default;
        _timers.Cancel(handle.Index * TimersEach + Again);
        ref var media = ref _legs[call.Leg].Media;
        int length = 0;
        if (TryGetDescription(request, out var description))
        {
            // The answer to an offer of ours in the provisional response, or an offer of the peer's after our answer (RFC 6337 §2.2).
            var taken = media.State == NegotiationState.LocalOffer
                ? _negotiator.TakeAnswer(ref media, ContextOf(handle), description)
                : _negotiator.TakeOffer(ref media, ContextOf(handle), description, canReject: false);
            if (taken.IsOk && media.State == NegotiationState.RemoteOffer)
                taken = _negotiator.MakeAnswer(ref media, ContextOf(handle), _description, out length);
            if (!taken.IsOk)
            {
                RefuseOffer(now, handle, told, taken);
                ReleaseHeldAnswer(now, handle);
                return;
            }
            happened = NewEvent(handle, CallEventKind.MediaChanged);
            happened.HasMedia = true;
        }
        if (TryBegin(told.Server, 200, default, out var response))
            Send(now, handle, told.Server, Method.Prack, 200, ref response, _description.AsSpan(0, length));
        ReleaseHeldAnswer(now, handle);
    }

    private void ReleaseHeldAnswer(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        if (call.HeldAnswer == 0)
            return;
        int status = call.HeldAnswer;
        call.HeldAnswer = 0;
        if (Accept(now, handle, status, default, default) != CallResult.Done)
            Refuse(now, handle, 500, default, default);
    }
}
