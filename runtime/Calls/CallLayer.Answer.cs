// Answering (RFC 3261 §13.3.1): provisional responses, reliable ones among them (RFC 3262 §3), and final ones.
using SipEmbedded.Dialogs;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    // RFC 3262 §3: T1 at first, twice as long after each; given up after 64·T1.
    private static readonly TimeSpan ReliableFirst = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReliableMost = TimeSpan.FromSeconds(32);

    /// <summary>
    /// Answers an incoming call: 180 to 183 rings, with <paramref name="withMedia"/> as early media; 2xx takes it; 3xx to 6xx refuses it. A 2xx waits where a
    /// reliable provisional response with media is not acknowledged yet (RFC 3262 §3); with a reason or headers it is Busy then. <paramref name="reason"/> empty: the usual one.
    /// </summary>
    public CallResult Answer(
        Instant now, Handle<Call> handle, int status, scoped ReadOnlySpan<byte> reason = default, scoped ReadOnlySpan<byte> headers = default, bool withMedia = false)
    {
        if (!TryFind(handle))
            return CallResult.Gone;
        ref var call = ref _calls[handle];
        if (call.IsCaller || call.State is not (CallState.Incoming or CallState.Early) || status is <= 100 or > 699)
            return CallResult.NotAllowed;
        if (!AreLines(headers, status is >= 300 and < 400 ? LineUse.Redirection : LineUse.Message) || reason.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
            return CallResult.Malformed;
        if (status < 200)
            return RingWith(now, handle, status, reason, headers, withMedia);
        if (status >= 300)
            return Refuse(now, handle, status, reason, headers);
        if (call.Provisional.IsSome && call.ProvisionalHasMedia)
        {
            // Its words are not kept: it can be given again once the PRACK is there.
            if (!reason.IsEmpty || !headers.IsEmpty)
                return CallResult.Busy;
            call.HeldAnswer = (ushort)status;
            _timers.Cancel(handle.Index * TimersEach + Ring);
            return CallResult.Done;
        }
        return Accept(now, handle, status, reason, headers);
    }

    private CallResult RingWith(
        Instant now, Handle<Call> handle, int status, scoped ReadOnlySpan<byte> reason, scoped ReadOnlySpan<byte> headers, bool withMedia)
    {
        ref var call = ref _calls[handle];
        bool isReliable = call.PeerWantsReliable || _options.Reliable == ReliableMode.Required || withMedia && call.PeerTakesReliable;
        // One at a time, so that the next says which was heard (RFC 3262 §3).
        if (isReliable && call.Provisional.IsSome)
            return CallResult.Busy;
        // It counts once it is out: the peer passes by what comes behind a gap (RFC 3262 §4).
        uint number = call.Reliable == 0 ? 1 + _entropy.Below(int.MaxValue / 2) : call.Reliable + 1;
        if (!TryBegin(call.Server, status, reason, out var response))
            return CallResult.Gone;
        WriteRecordRoutes(call, ref response);
        WriteContact(call.Account, call.Flow, ref response);
        WriteAbilities(call, ref response, isRequest: false);
        if (isReliable)
        {
            WriteRequire(ref response, reliable: true, timer: false);
            response.Header(HeaderName.RSeq, number);
        }
        WriteLines(ref response, headers);
        _supplements.OutgoingResponse(new(handle, call.User), Method.Invite, status, ref response);
        bool hasMedia = false;
        ref var media = ref _legs[call.Leg].Media;
        bool mayOffer = media.State == NegotiationState.None;
        // An offer may go where it cannot be lost alone (RFC 3262 §5).
        if (withMedia && (isReliable || !mayOffer))
        {
            var result = WriteDescription(handle, ref response, out hasMedia);
            if (result != CallResult.Done)
                return result;
        }
        else
            response.Finish();
        if (isReliable && response.IsValid && !_buffers.TryCopy(response.Written, out call.Provisional))
        {
            Counters.NoRoom++;
            TakeBackOffer(handle, mayOffer);
            return CallResult.Full;
        }
        var sent = _transactions.SendResponse(now, call.Server, response);
        if (sent != SendResult.Sent)
        {
            _buffers.Release(call.Provisional);
            call.Provisional = default;
            TakeBackOffer(handle, mayOffer);
            return ResultOf(sent);
        }
        call.State = CallState.Early;
        call.LastStatus = (ushort)status;
        if (isReliable)
        {
            call.Reliable = number;
            call.ProvisionalHasMedia = hasMedia;
            // Sent until it is acknowledged, or the INVITE ends.
            call.IsForetaste &= !hasMedia;
            call.ReliableInterval = ReliableFirst;
            call.ReliableUntil = now + ReliableMost;
            _timers.Arm(handle.Index * TimersEach + Again, now + call.ReliableInterval);
        }
        return CallResult.Done;
    }

    // It found no way out: the next response makes it again.
    private void TakeBackOffer(Handle<Call> handle, bool mayOffer)
    {
        if (mayOffer)
            _negotiator.TakeBack(ref _legs[_calls[handle].Leg].Media, ContextOf(handle));
    }

    // The answer to the peer's offer; our own offer where the peer made none, which only a reliable response or a 2xx may carry.
    private CallResult WriteDescription(Handle<Call> handle, ref MessageBuilder response, out bool hasMedia)
    {
        ref var call = ref _calls[handle];
        ref var media = ref _legs[call.Leg].Media;
        hasMedia = false;
        NegotiationResult made;
        int length;
        if (media.State == NegotiationState.RemoteOffer)
            made = _negotiator.MakeAnswer(ref media, ContextOf(handle), _description, out length);
        else if (media.State == NegotiationState.None)
            made = _negotiator.MakeOffer(ref media, ContextOf(handle), _description, out length);
        else
        {
            // Answered before, in a provisional response that is acknowledged: no second answer (RFC 6337 §3.1.1). In one that may be lost: the same again.
            hasMedia = call.IsForetaste;
            if (hasMedia)
                response.Finish(DescriptionType, _negotiator.AgreedLocal(media));
            else
                response.Finish();
            return CallResult.Done;
        }
        if (!made.IsOk)
            return ResultOf(made.Status);
        hasMedia = true;
        call.IsForetaste = media.State == NegotiationState.Stable;
        response.Finish(DescriptionType, _description.AsSpan(0, length));
        return CallResult.Done;
    }

    private CallResult Accept(Instant now, Handle<Call> handle, int status, scoped ReadOnlySpan<byte> reason, scoped ReadOnlySpan<byte> headers)
    {
        ref var call = ref _calls[handle];
        if (!TryBegin(call.Server, status, reason, out var response))
            return CallResult.Gone;
        WriteRecordRoutes(call, ref response);
        WriteContact(call.Account, call.Flow, ref response);
        WriteAbilities(call, ref response, isRequest: false);
        call.Timer.WriteResponse(ref response, out bool isRequired);
        WriteRequire(ref response, reliable: false, isRequired);
        WriteLines(ref response, headers);
        _supplements.OutgoingResponse(new(handle, call.User), Method.Invite, status, ref response);
        ref var media = ref _legs[call.Leg].Media;
        bool mayOffer = media.State == NegotiationState.None;
        var result = WriteDescription(handle, ref response, out _);
        if (result != CallResult.Done)
            return result;
        var sent = _transactions.SendResponse(now, call.Server, response);
        if (sent != SendResult.Sent)
        {
            TakeBackOffer(handle, mayOffer);
            return ResultOf(sent);
        }
        call.IsForetaste = false;
        EndRinging(handle);
        call.State = CallState.Connecting;
        call.LastStatus = (ushort)status;
        call.AnsweredAt = now;
        call.IsAnswered = true;
        call.AwaitsAnswerInAck = mayOffer;
        _dialogs.Confirm(_legs[call.Leg].Dialog);
        call.Timer.ResponseSent(now);
        ArmSession(handle);
        return CallResult.Done;
    }

    private CallResult Refuse(Instant now, Handle<Call> handle, int status, scoped ReadOnlySpan<byte> reason, scoped ReadOnlySpan<byte> headers)
    {
        ref var call = ref _calls[handle];
        if (!TryBegin(call.Server, status, reason, out var response))
            return CallResult.Gone;
        WriteLines(ref response, headers);
        _supplements.OutgoingResponse(new(handle, call.User), Method.Invite, status, ref response);
        response.Finish();
        var sent = _transactions.SendResponse(now, call.Server, response);
        if (sent != SendResult.Sent)
            return ResultOf(sent);
        Tell(now, handle, CallEventKind.Ended, CallEnd.ByUs, (ushort)status);
        return CallResult.Done;
    }

    // RFC 3261 §12.1.1: who stays on the way says so in the INVITE, and the caller hears of it by a response that makes a dialog.
    private void WriteRecordRoutes(in Call call, ref MessageBuilder response)
    {
        if (_transactions.TryGetRequest(call.Server, out var invite))
            response.CopyAll(invite, HeaderName.RecordRoute);
    }

    private bool TryBegin(Handle<ServerTransaction> server, int status, scoped ReadOnlySpan<byte> reason, out MessageBuilder response) =>
        _transactions.TryBeginResponse(server, status, reason.IsEmpty ? ReasonPhrase.Of(status) : reason, out response);

    private void EndRinging(Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        _timers.Cancel(handle.Index * TimersEach + Ring);
        _timers.Cancel(handle.Index * TimersEach + Again);
        _buffers.Release(call.Provisional);
        call.Provisional = default;
    }

    // The provisional response again; after 64·T1 the INVITE is refused (RFC 3262 §3).
    private void SendAgain(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        if (call.IsCaller)
        {
            SendOwedPracks(now, handle);
            return;
        }
        if (!call.Provisional.IsSome)
            return;
        if (now >= call.ReliableUntil)
        {
            Refuse(now, handle, 504, default, default);
            return;
        }
        _transactions.SendResponse(now, call.Server, _buffers.Of(call.Provisional));
        call.ReliableInterval *= 2;
        _timers.Arm(handle.Index * TimersEach + Again, Instant.Earlier(now + call.ReliableInterval, call.ReliableUntil));
    }
}
