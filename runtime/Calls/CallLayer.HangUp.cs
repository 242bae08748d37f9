// Ending a call by whatever suits its state (RFC 3261 §9.1, §15.1).
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    /// <summary>
    /// Ends a call: an incoming one that nobody answered with <paramref name="status"/> (603 where it is 0), one of ours that nobody answered with a CANCEL, one that
    /// was answered with a BYE. <see cref="CallEventKind.Ended"/> follows.
    /// </summary>
    public CallResult HangUp(Instant now, Handle<Call> handle, int status = 0, scoped ReadOnlySpan<byte> reason = default, scoped ReadOnlySpan<byte> headers = default)
    {
        if (!TryFind(handle))
            return CallResult.Gone;
        if (!AreLines(headers, mayRedirect: status is >= 300 and < 400) || reason.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
            return CallResult.Malformed;
        ref var call = ref _calls[handle];
        switch (call.State)
        {
            case CallState.Ending:
                return CallResult.Done;
            case CallState.Incoming or CallState.Early when !call.IsCaller:
                return status is 0 or (>= 300 and < 700) ? Refuse(now, handle, status == 0 ? 603 : status, reason, headers) : CallResult.NotAllowed;
            case CallState.Calling or CallState.Early:
                return GiveUp(now, handle);
            case CallState.Connecting:
                // RFC 3261 §15: a callee sends no BYE before the ACK, or its absence.
                call.WantsEnd = true;
                return CallResult.Done;
            default:
                return SendBye(now, handle, CallEnd.ByUs, headers, cause: 0);
        }
    }

    /// <summary>Ends all calls.</summary>
    public void HangUpAll(Instant now)
    {
        for (int i = _calls.NextTaken(0); i >= 0; i = _calls.NextTaken(i + 1))
            HangUp(now, _calls.HandleOf(i));
    }

    private CallResult GiveUp(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        call.WantsEnd = true;
        call.End = call.End == CallEnd.None ? CallEnd.ByUs : call.End;
        _timers.Cancel(handle.Index * TimersEach + Ring);
        if (call.IsSearching || !call.Client.IsSome)
        {
            Tell(now, handle, CallEventKind.Ended, call.End, 487);
            return CallResult.Done;
        }
        // Before a provisional response it waits for one, and so do we.
        var sent = _transactions.Cancel(now, call.Client);
        return sent is SendResult.Sent or SendResult.NotAllowed ? CallResult.Done : ResultOf(sent);
    }

    // RFC 3326: why, where there is a reason of the protocol's.
    private CallResult SendBye(Instant now, Handle<Call> handle, CallEnd end, scoped ReadOnlySpan<byte> headers, int cause)
    {
        ref var call = ref _calls[handle];
        call.State = CallState.Ending;
        call.End = end;
        call.Timer.Stop();
        _timers.Cancel(handle.Index * TimersEach + Session);
        var dialog = _legs[call.Leg].Dialog;
        var request = _dialogs.BeginRequest(dialog, Methods.NameOf(Method.Bye));
        if (cause != 0)
        {
            Span<byte> room = stackalloc byte[32];
            var writer = new Text.ByteWriter(room);
            writer.Write("SIP;cause="u8);
            writer.Write((ulong)cause);
            request.Header(HeaderName.Reason, writer.WrittenSpan);
        }
        WriteLines(ref request, headers);
        _supplements.OutgoingRequest(new(handle, call.User), Method.Bye, ref request);
        TryAuthorize(call, ref request, Method.Bye, _dialogs.RequestUriOf(dialog), ref call.ByeAttempt);
        request.Finish();
        if (SendInside(now, handle, call.Leg, request, out call.Bye) == SendResult.Sent)
            return CallResult.Done;
        // The peer's session timer, or its own BYE, ends it there.
        Tell(now, handle, CallEventKind.Ended, end, 503);
        return CallResult.Done;
    }
}
