// What comes of our INVITE (RFC 3261 §13.2.2): ringing, early dialogs, an answer or several, refusals that can be met and others that cannot.
using SipEmbedded.Dialogs;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.SessionTimers;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    /// <summary>Takes an event of a client transaction of a call's. <paramref name="happened"/> may be empty.</summary>
    internal void ReceiveClientEvent(Instant now, in TransactionEvent told, SipMessage response, in RoutingView view, out CallEvent happened)
    {
        happened = default;
        if (!TryFindByUser(told.User, out var handle))
        {
            if (told.Kind == TransactionEventKind.Response && told.Method == Method.Invite && told.Status is >= 200 and < 300)
                EndLate(now, told, response, view);
            return;
        }
        ref var call = ref _calls[handle];
        // RFC 3261 §8.1.3.1.
        bool isUnanswered = told.Kind != TransactionEventKind.Response;
        if (!isUnanswered)
            _supplements.IncomingResponse(new(handle, call.User), response);
        int status = told.Kind switch
        {
            TransactionEventKind.Response => told.Status,
            TransactionEventKind.Timeout => 408,
            _ => 503,
        };
        if (told.Client != call.Client)
            LearnOfServer(now, call.Leg, told, status);
        if (told.Client == call.Client)
            ReceiveInviteResult(now, handle, told, status, isUnanswered, response, view, ref happened);
        else if (told.Client == call.Changing && status >= 200)
        {
            TakeChangeResult(now, handle, status, response, isUnanswered);
            // Told with the response, so that it stands in front of what a next one brings.
            if (_calls[handle].News == CallEventKind.Changed)
                TakeNews(handle, ref happened);
        }
        else if (told.Client == call.Changing || status < 200)
            return;
        else if (told.Client == call.Bye)
            TakeByeResult(now, handle, status, response, ref happened);
        else if (told.Client == call.Request)
            TakeRequestResult(now, handle, status, response, ref happened);
        else if (TryFindLegOf(handle, told.Client, out var leg))
        {
            if (_legs[leg].IsSurplus)
                TakeSurplusByeResult(now, handle, leg, status, response);
            else
                TakePrackResult(now, handle, leg, status, response);
        }
        else if (status < 300 && told.Method == Method.Invite && _legs.IsLive(call.Leg))
        {
            // A 2xx to a re-INVITE again: its ACK was lost.
            _ = SendAck(now, handle, call.Leg, view.CSeq.Sequence);
        }
        if (happened.Kind == CallEventKind.Ended)
            happened.Fault = told.Fault;
    }

    private void ReceiveInviteResult(
        Instant now, Handle<Call> handle, in TransactionEvent told, int status, bool isUnanswered, SipMessage response, in RoutingView view, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        if (isUnanswered)
        {
            if (call.State is CallState.Confirmed || call.State == CallState.Ending && call.Bye.IsSome)
                return;
            // RFC 3263 §4.3: the next server, if there is one.
            if (!call.WantsEnd && TryInviteAgain(now, handle, 503, response))
                return;
            var end = call.WantsEnd ? call.End : told.Kind == TransactionEventKind.Timeout ? CallEnd.Unanswered : CallEnd.Unreachable;
            happened = Finish(handle, end, (ushort)status);
            return;
        }
        if (status < 300)
            call.Flow = told.Flow.Protocol == call.Flow.Protocol ? told.Flow : call.Flow;
        if (status < 200)
            ReceiveProvisional(now, handle, told, status, response, view, ref happened);
        else if (status < 300)
            ReceiveSuccess(now, handle, told, status, response, view, ref happened);
        else
            ReceiveRefusal(now, handle, status, response, ref happened);
    }

    // ---- 1xx --------------------------------------------------------------------------------------------------------------------------

    private void ReceiveProvisional(
        Instant now, Handle<Call> handle, in TransactionEvent told, int status, SipMessage response, in RoutingView view, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        if (call.State is not (CallState.Calling or CallState.Early))
            return;
        if (status == 100)
            return;
        call.State = CallState.Early;
        call.LastStatus = (ushort)status;
        if (call.WantsEnd)
            return;
        call.Timer.TakeAllow(response);
        bool hasMedia = false;
        if (view.ToTag.IsPresent && TakeLeg(handle, told, response, view, out var leg) == DialogResult.Done)
        {
            if (!TryTakeReliable(now, handle, leg, response, view, out bool isReliable))
                return;
            // An answer in a response that may be lost is a foretaste: the 2xx repeats it (RFC 3261 §13.2.1).
            if (TryGetDescription(response, out var description))
                hasMedia = TakeDescription(handle, leg, description, isPreview: !isReliable);
            if (isReliable)
                hasMedia |= BeginPrack(now, handle, leg, view.CSeq.Sequence);
        }
        happened = NewEvent(handle, CallEventKind.Progress);
        happened.Status = (ushort)status;
        happened.HasMedia = hasMedia;
    }

    // The leg of the dialog that a response makes, or made before.
    private DialogResult TakeLeg(Handle<Call> handle, in TransactionEvent told, SipMessage response, in RoutingView view, out Handle<Leg> leg)
    {
        ref var call = ref _calls[handle];
        if (_dialogs.TryFind(call.LocalTag, response, view, out var dialog) && TryFindLeg(dialog, out leg))
            return DialogResult.Done;
        leg = default;
        var made = _dialogs.TryBeginClient(response, view, call.LocalTag, told.Flow, 0, out dialog);
        if (made == DialogResult.Full)
            Counters.NoRoom++;
        if (made != DialogResult.Done)
            return made;
        if (!TryAddLeg(handle, dialog, out leg))
            return DialogResult.Full;
        if (!_legs.IsLive(call.Leg))
            call.Leg = leg;
        return DialogResult.Done;
    }

    // RFC 3262 §4: in order, each once. False for one that is not to be looked at.
    private bool TryTakeReliable(Instant now, Handle<Call> handle, Handle<Leg> leg, SipMessage response, in RoutingView view, out bool isReliable)
    {
        isReliable = false;
        if (_options.Reliable == ReliableMode.Off || !HasTag<Require>(response, "100rel"u8) || !response.TryGet<RSeq>(out var number, out _))
            return true;
        ref var entry = ref _legs[leg];
        // One at a time: what comes before the last could be acknowledged comes again.
        if (entry.HasRemoteReliable && number.Number != entry.RemoteReliable + 1 || entry.IsPrackOwed)
            return false;
        entry.HasRemoteReliable = true;
        entry.RemoteReliable = number.Number;
        isReliable = true;
        return true;
    }

    // An answer to our offer, or an offer where we made none. True where an offer has been answered by it.
    private bool TakeDescription(Handle<Call> handle, Handle<Leg> leg, scoped ReadOnlySpan<byte> description, bool isPreview)
    {
        ref var media = ref _legs[leg].Media;
        if (media.State == NegotiationState.LocalOffer)
            return _negotiator.TakeAnswer(ref media, ContextOf(handle), description, isPreview).IsOk;
        // An offer in a response that may be lost is none (RFC 3262 §5).
        if (media.State == NegotiationState.None && !isPreview)
            _ = _negotiator.TakeOffer(ref media, ContextOf(handle), description, canReject: false);
        return false;
    }

    // True where the peer's offer has its answer by it.
    private bool BeginPrack(Instant now, Handle<Call> handle, Handle<Leg> leg, uint sequence)
    {
        ref var entry = ref _legs[leg];
        _dialogs.RaiseSequence(entry.Dialog, sequence);
        entry.PrackOfInvite = sequence;
        entry.PrackAttempt = default;
        entry.PrackHasAnswer = false;
        entry.PrackUntil = now + ReliableMost;
        bool isAnswer = SendPrack(now, handle, leg);
        if (entry.IsPrackOwed)
            Counters.NoRoom++;
        return isAnswer;
    }

    private bool SendPrack(Instant now, Handle<Call> handle, Handle<Leg> leg)
    {
        ref var call = ref _calls[handle];
        ref var entry = ref _legs[leg];
        // An offer that came in the provisional response has its answer here (RFC 3262 §5); one that was made before goes again.
        bool isAnswer = false;
        int length = 0;
        if (entry.Media.State == NegotiationState.RemoteOffer)
        {
            var made = _negotiator.MakeAnswer(ref entry.Media, ContextOf(handle), _description, out length);
            if (made.Status == NegotiationStatus.NoRoom)
            {
                OwePrack(now, handle, ref entry);
                return false;
            }
            isAnswer = entry.PrackHasAnswer = made.IsOk;
        }
        var request = _dialogs.BeginRequest(entry.Dialog, Methods.NameOf(Method.Prack));
        Span<byte> room = stackalloc byte[48];
        var writer = new ByteWriter(room);
        writer.Write((ulong)entry.RemoteReliable);
        writer.Write((byte)' ');
        writer.Write((ulong)entry.PrackOfInvite);
        writer.Write(" INVITE"u8);
        request.Header(HeaderName.RAck, writer.WrittenSpan);
        _supplements.OutgoingRequest(new(handle, call.User), Method.Prack, ref request);
        TryAuthorize(call, ref request, Method.Prack, _dialogs.RequestUriOf(entry.Dialog), ref entry.PrackAttempt);
        if (isAnswer)
            request.Finish(DescriptionType, _description.AsSpan(0, length));
        else if (entry.PrackHasAnswer)
            request.Finish(DescriptionType, _negotiator.AgreedLocal(entry.Media));
        else
            request.Finish();
        if (SendInside(now, handle, leg, request, out entry.Prack) == SendResult.Full)
            OwePrack(now, handle, ref entry);
        else
            entry.IsPrackOwed = false;
        return isAnswer;
    }

    // As often as the peer repeats its response at first.
    private void OwePrack(Instant now, Handle<Call> handle, ref Leg entry)
    {
        entry.IsPrackOwed = true;
        _timers.Arm(handle.Index * TimersEach + Again, now + ReliableFirst);
    }

    private void SendOwedPracks(Instant now, Handle<Call> handle)
    {
        for (int i = _calls[handle].FirstLeg; i != 0; i = _legs.At(i - 1).Next)
        {
            ref var entry = ref _legs.At(i - 1);
            if (!entry.IsPrackOwed)
                continue;
            // Nobody waits for it any more.
            if (now >= entry.PrackUntil || _calls[handle].State != CallState.Early)
                entry.IsPrackOwed = false;
            else if (SendPrack(now, handle, _legs.HandleOf(i - 1)))
                Tell(now, handle, CallEventKind.MediaChanged, CallEnd.None, 0);
        }
    }

    private void TakePrackResult(Instant now, Handle<Call> handle, Handle<Leg> leg, int status, SipMessage response)
    {
        ref var call = ref _calls[handle];
        ref var entry = ref _legs[leg];
        entry.Prack = default;
        // What the peer's provisional response ends by is its own INVITE transaction's affair; a challenge alone can be met.
        if (status is 401 or 407 && call.State == CallState.Early && TryAnswerChallenge(call, response, ref entry.PrackAttempt))
            SendPrack(now, handle, leg);
        else if (status < 300 && TryGetDescription(response, out var description))
            TakeDescription(handle, leg, description, isPreview: false);
    }

    // ---- 2xx --------------------------------------------------------------------------------------------------------------------------

    private void ReceiveSuccess(
        Instant now, Handle<Call> handle, in TransactionEvent told, int status, SipMessage response, in RoutingView view, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        bool isKnown = _dialogs.TryFind(call.LocalTag, response, view, out var dialog) && TryFindLeg(dialog, out _);
        if (call.IsAnswered)
        {
            if (isKnown && _legs.IsLive(call.Leg) && _legs[call.Leg].Dialog == dialog)
                _ = SendAck(now, handle, call.Leg, view.CSeq.Sequence);
            else
                EndSurplus(now, handle, told, response, view);
            return;
        }
        var made = TakeLeg(handle, told, response, view, out var leg);
        if (made == DialogResult.Full)
        {
            // The room of the call's other early dialogs, which end with this answer.
            RemoveLegs(handle, but: default);
            call.Leg = default;
            made = TakeLeg(handle, told, response, view, out leg);
        }
        if (made != DialogResult.Done)
        {
            // An answer that makes no dialog, or one that finds no room: its callee is not left alone with it.
            var end = call.WantsEnd ? call.End : made == DialogResult.Full ? CallEnd.NoRoom : CallEnd.NoMedia;
            uint mark = AcknowledgeAndEnd(now, handle, told, response, view, known: 0);
            happened = Finish(handle, end, (ushort)status);
            // A copy gets its ACK alone.
            _transactions.SetUser(told.Client, NumberOfMark(mark));
            return;
        }
        _timers.Cancel(handle.Index * TimersEach + Ring);
        RemoveLegs(handle, but: leg);
        call.Leg = leg;
        _negotiator.Release(ref call.Offer);
        _dialogs.Confirm(_legs[leg].Dialog, response);
        call.State = CallState.Confirmed;
        call.LastStatus = (ushort)status;
        call.AnsweredAt = now;
        call.IsAnswered = true;
        _buffers.Release(call.Texts);
        call.Texts = default;
        if (call.Servers.IsSome)
        {
            _resolver!.Succeeded(now, call.Servers);
            _resolver.Release(call.Servers);
            call.Servers = default;
        }
        call.Timer.TakeAllow(response);
        bool isGood = TakeAnswerOf(handle, response);
        isGood &= SendAck(now, handle, leg, view.CSeq.Sequence);
        call.Timer.TakeResponse(now, response);
        if (call.WantsEnd || !isGood || IsWithoutMedia(handle))
        {
            SendBye(now, handle, call.WantsEnd ? call.End : CallEnd.NoMedia, call.WantsEnd ? 0 : NotAcceptableHere);
            return;
        }
        ArmSession(handle);
        Counters.Confirmed++;
        happened = NewEvent(handle, CallEventKind.Confirmed);
        happened.Status = (ushort)status;
        happened.HasMedia = HasMedia(call);
    }

    // What the BYE says that ends a call without media (RFC 3326, RFC 3261 §21.4.26).
    private const int NotAcceptableHere = 488;

    // The first exchange had streams, and left none: no codec in common, or all refused.
    private bool IsWithoutMedia(Handle<Call> handle)
    {
        if (_options.KeepsCallsWithoutMedia)
            return false;
        ref readonly var media = ref _legs[_calls[handle].Leg].Media;
        return media.IsAgreed && media.Streams == 0 && _negotiator.AgreedLocal(media).IndexOf("\r\nm="u8) >= 0;
    }

    // The description of a 2xx: an answer to our offer, the same again as in a provisional response, or an offer that the ACK answers. False where it is none
    // of these and one was needed.
    private bool TakeAnswerOf(Handle<Call> handle, SipMessage response)
    {
        ref var call = ref _calls[handle];
        ref var media = ref _legs[call.Leg].Media;
        bool hasText = TryGetDescription(response, out var description);
        if (media.State == NegotiationState.LocalOffer)
        {
            // Without a text here the preview that came before is the answer.
            if (_negotiator.TakeAnswer(ref media, ContextOf(handle), hasText ? description : default).IsOk)
                return true;
            _negotiator.Rollback(ref media, ContextOf(handle));
            return false;
        }
        // Agreed before, in a reliable response: of several early dialogs this is the one that counts.
        if (media.State == NegotiationState.Stable)
            _negotiator.Apply(media, ContextOf(handle));
        return media.State != NegotiationState.None || !hasText || _negotiator.TakeOffer(ref media, ContextOf(handle), description, canReject: false).IsOk;
    }

    // False where the peer's offer could not be answered in it.
    private bool SendAck(Instant now, Handle<Call> handle, Handle<Leg> leg, uint sequence)
    {
        var way = FindWay(now, handle, leg, out var flow);
        if (way == Way.Searched)
            _legs[leg].OwedAck = sequence;
        // Without a way it is not sent. The peer's copies of its 2xx ask for it again.
        return SendAck(now, handle, leg, sequence, flow, isToBeSent: way == Way.Known);
    }

    private bool SendAck(Instant now, Handle<Call> handle, Handle<Leg> leg, uint sequence, in Flow flow, bool isToBeSent = true)
    {
        ref var call = ref _calls[handle];
        ref var entry = ref _legs[leg];
        var ack = _dialogs.BeginAck(entry.Dialog, sequence);
        if (call.Credentials.IsSome)
            WriteLines(ref ack, _buffers.Of(call.Credentials));
        _supplements.OutgoingRequest(new(handle, call.User), Method.Ack, ref ack);
        if (entry.Media.State == NegotiationState.RemoteOffer
            && _negotiator.MakeAnswer(ref entry.Media, ContextOf(handle), _description, out int length).IsOk)
        {
            ack.Finish(DescriptionType, _description.AsSpan(0, length));
            entry.AckHasAnswer = true;
        }
        else if (entry.AckHasAnswer && sequence == call.Sequence)
            ack.Finish(DescriptionType, _negotiator.AgreedLocal(entry.Media));
        else
            ack.Finish();
        if (isToBeSent)
            _transactions.SendAck(now, ack, flow);
        return entry.Media.State != NegotiationState.RemoteOffer;
    }

    // RFC 3261 §13.2.2.4: another callee has answered as well. It is acknowledged, so that it stops, and ended. It keeps a leg until its BYE has an answer.
    private void EndSurplus(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage response, in RoutingView view)
    {
        ref var call = ref _calls[handle];
        if (_dialogs.TryFind(call.LocalTag, response, view, out var dialog) && TryFindLeg(dialog, out var leg))
        {
            _ = SendAck(now, handle, leg, view.CSeq.Sequence);
            return;
        }
        // Where there is no room to keep it, or it makes no dialog, it has its ACK and one BYE all the same.
        if (_dialogs.TryBeginClient(response, view, call.LocalTag, told.Flow, 0, out dialog) != DialogResult.Done || !TryAddLeg(handle, dialog, out leg))
        {
            uint ended = AcknowledgeAndEnd(now, handle, told, response, view, call.SurplusMark);
            if (ended != call.SurplusMark)
                Counters.SurplusAnswers++;
            call.SurplusMark = ended;
            return;
        }
        ref var entry = ref _legs[leg];
        entry.IsSurplus = true;
        _ = SendAck(now, handle, leg, view.CSeq.Sequence);
        uint mark = MarkOf(_dialogs.RemoteTagOf(dialog));
        if (call.SurplusMark != mark)
        {
            Counters.SurplusAnswers++;
            call.SurplusMark = mark;
            // Of several that take turns nobody remembers the numbers: they grow with time (RFC 3261 §8.1.1.5).
            _dialogs.RaiseSequence(dialog, (uint)now.Milliseconds & LateSequenceMask);
            SendSurplusBye(now, handle, leg);
        }
        else if (entry.OwedAck == 0)
            RemoveLeg(leg);
    }

    private void SendSurplusBye(Instant now, Handle<Call> handle, Handle<Leg> leg)
    {
        ref var entry = ref _legs[leg];
        var bye = _dialogs.BeginRequest(entry.Dialog, Methods.NameOf(Method.Bye));
        _supplements.OutgoingRequest(new(handle, _calls[handle].User), Method.Bye, ref bye);
        TryAuthorize(_calls[handle], ref bye, Method.Bye, _dialogs.RequestUriOf(entry.Dialog), ref entry.ByeAttempt);
        bye.Finish();
        if (SendInside(now, handle, leg, bye, out entry.Bye) != SendResult.Sent)
            RemoveLeg(leg);
    }

    private void TakeSurplusByeResult(Instant now, Handle<Call> handle, Handle<Leg> leg, int status, SipMessage response)
    {
        if (status is 401 or 407 && TryAnswerChallenge(_calls[handle], response, ref _legs[leg].ByeAttempt))
            SendSurplusBye(now, handle, leg);
        else
            RemoveLeg(leg);
    }

    // A 2xx of a call that is over is acknowledged: a copy whose ACK was lost, or another callee, who is left with a call that nobody has and told so
    // (RFC 3261 §13.2.2.4, RFC 5407 §3.1.6). Copies of that one get their ACK alone from then on.
    private void EndLate(Instant now, in TransactionEvent told, SipMessage response, in RoutingView view)
    {
        uint mark = AcknowledgeAndEnd(now, default, told, response, view, (uint)told.User);
        if (mark != (uint)told.User)
            Counters.SurplusAnswers++;
        _transactions.SetUser(told.Client, NumberOfMark(mark));
    }

    // A 2xx whose dialog nobody is to have (note [a dialog that is not kept]): its ACK, and a BYE where it is not of the callee that was ended so before. Gives the
    // callee's mark. Supplements see both, as long as there is a call.
    private uint AcknowledgeAndEnd(
        Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage response, in RoutingView view, uint known)
    {
        bool hasCall = handle.IsSome;
        scoped ReadOnlySpan<byte> target = default;
        if (hasCall && _calls[handle].Texts.IsSome)
            target = _calls[handle].Target.In(_buffers.Of(_calls[handle].Texts));
        if (!_dialogs.TryReadUnkept(response, view, told.Flow, target))
        {
            Counters.NoRoom++;
            return known;
        }
        var ack = _dialogs.BeginUnkeptAck();
        if (hasCall)
        {
            if (_calls[handle].Credentials.IsSome)
                WriteLines(ref ack, _buffers.Of(_calls[handle].Credentials));
            _supplements.OutgoingRequest(new(handle, _calls[handle].User), Method.Ack, ref ack);
        }
        ack.Finish();
        _transactions.SendAck(now, ack, _dialogs.UnkeptFlow);
        uint mark = MarkOf(view.ToTag.IsPresent ? view.ToTag.In(response.Text) : default);
        if (mark == known)
            return mark;
        // Of several that take turns nobody remembers the numbers: they grow with time (RFC 3261 §8.1.1.5).
        var bye = _dialogs.BeginUnkeptBye((uint)now.Milliseconds & LateSequenceMask);
        if (hasCall)
        {
            _supplements.OutgoingRequest(new(handle, _calls[handle].User), Method.Bye, ref bye);
            var attempt = default(Auth.AuthAttempt);
            TryAuthorize(_calls[handle], ref bye, Method.Bye, _dialogs.UnkeptRequestUri, ref attempt);
        }
        bye.Finish();
        if (_transactions.SendRequest(now, bye, _dialogs.UnkeptFlow, hasCall ? NumberOf(handle) : NumberOfMark(mark), out _) != SendResult.Sent)
            Counters.NoRoom++;
        return mark;
    }

    // Twelve days of milliseconds.
    private const uint LateSequenceMask = 0x3FFFFFFF;

    // An INVITE's transaction outlives its call. Its number then names no call, and the mark of the dialog that was ended with it.
    private void LeaveBehind(in Call call)
    {
        uint mark = _legs.IsLive(call.Leg) && _legs[call.Leg].Dialog.IsSome ? MarkOf(_dialogs.RemoteTagOf(_legs[call.Leg].Dialog)) : 0;
        _transactions.SetUser(call.Client, NumberOfMark(mark));
        _transactions.SetUser(call.Changing, NumberOfMark(mark));
    }

    // Behind the last slot.
    private ulong NumberOfMark(uint mark) => TransactionOwner.NumberOf(TransactionOwner.Calls, _calls.HandleFrom(_calls.Capacity, mark));

    // FNV-1a. Two callees that share it are one in four thousand million; the second would be left to find out by itself.
    private static uint MarkOf(ReadOnlySpan<byte> tag)
    {
        uint mark = 2166136261;
        foreach (byte octet in tag)
            mark = (mark ^ octet) * 16777619;
        return mark;
    }

    // ---- 3xx to 6xx ---------------------------------------------------------------------------------------------------------------------

    private void ReceiveRefusal(Instant now, Handle<Call> handle, int status, SipMessage response, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        call.LastStatus = (ushort)status;
        if (call.State == CallState.Confirmed || call.State == CallState.Ending && call.Bye.IsSome)
            return;
        if (!call.WantsEnd && TryInviteAgain(now, handle, status, response))
            return;
        var end = call.WantsEnd ? call.End : CallEnd.Refused;
        happened = Finish(handle, end, (ushort)status);
    }

    // RFC 3261 §8.1.3.5: the same INVITE with a higher number, changed as the refusal wants it.
    private bool TryInviteAgain(Instant now, Handle<Call> handle, int status, SipMessage response)
    {
        ref var call = ref _calls[handle];
        bool isAgain = status switch
        {
            401 or 407 => TryAnswerChallenge(call, response, ref call.Attempt),
            422 => call.Timer.TakeResponse(now, response) == TimerVerdict.Retry,
            >= 300 and < 400 => TryRedirect(now, handle, response),
            503 => call.Servers.IsSome && _resolver!.TryNext(now, call.Servers) && TryTakeTarget(handle),
            _ => false,
        };
        if (!isAgain)
            return false;
        BeginAnew(handle);
        if (call.IsSearching)
            return true;
        if (SendInvite(now, handle) == CallResult.Done)
            return true;
        return false;
    }

    // Early dialogs of an INVITE that was refused are no more; its offer is made again.
    private void BeginAnew(Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        RemoveLegs(handle, but: default);
        call.Leg = default;
        call.Client = default;
        call.State = CallState.Calling;
    }

    private bool TryRedirect(Instant now, Handle<Call> handle, SipMessage response)
    {
        ref var call = ref _calls[handle];
        if (!_options.FollowsRedirects || call.Redirects >= CallLimits.MaxRedirects)
            return false;
        int best = -1;
        Slice uri = default;
        ReadOnlySpan<byte> text = _buffers.Of(call.Texts);
        bool isSecure = call.Target.In(text).StartsWith("sips:"u8);
        foreach (var contact in response.All<Contact>())
        {
            int preference = contact.Preference ?? 1000;
            if (contact.Uri.Kind is not (SipUriKind.Sip or SipUriKind.Sips) || isSecure && contact.Uri.Kind == SipUriKind.Sip || preference <= best)
                continue;
            best = preference;
            uri = Slice.Between(contact.Uri.Extent.Offset, contact.Uri.Headers.IsPresent ? contact.Uri.Headers.Offset : contact.Uri.Extent.End);
        }
        if (best < 0)
            return false;
        var writer = new ByteWriter(_text);
        var target = Append(ref writer, uri.In(response.Text));
        var from = Append(ref writer, call.From.In(text));
        var to = Append(ref writer, call.To.In(text));
        var headers = Append(ref writer, call.Headers.In(text));
        var identity = Append(ref writer, call.Identity.In(text));
        var privacy = Append(ref writer, call.Privacy.In(text));
        if (writer.Overflowed || !_buffers.TryCopy(writer.WrittenSpan, out var copy))
        {
            Counters.NoRoom++;
            return false;
        }
        _buffers.Release(call.Texts);
        call.Texts = copy;
        (call.Target, call.From, call.To, call.Headers, call.Identity, call.Privacy) = (target, from, to, headers, identity, privacy);
        call.Redirects++;
        Counters.Redirected++;
        if (call.Servers.IsSome)
            _resolver!.Release(call.Servers);
        call.Servers = default;
        // Through the account's own proxy, which finds it; without one it is found from here.
        return FindWay(now, handle) == CallResult.Done;
    }

    // ---- BYE ------------------------------------------------------------------------------------------------------------------------------

    private void TakeByeResult(Instant now, Handle<Call> handle, int status, SipMessage response, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        call.Bye = default;
        if (status is 401 or 407 && TryAnswerChallenge(call, response, ref call.ByeAttempt) && SendBye(now, handle, call.End, call.EndCause) == CallResult.Done)
            return;
        // Whatever it says, the call is over (RFC 3261 §15.1.1).
        happened = Finish(handle, call.End, (ushort)status);
    }
}
