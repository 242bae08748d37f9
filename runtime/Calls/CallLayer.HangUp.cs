// Ending a call by whatever suits its state (RFC 3261 §9.1, §15.1).
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    /// <summary>
    /// Ends a call: an incoming one that nobody answered with <paramref name="status"/> (603 where it is 0), one of ours that nobody answered with a CANCEL, one that
    /// was answered with a BYE. <see cref="CallEventKind.Ended"/> follows. CANCEL and BYE carry <paramref name="status"/> (0, or 200 to 699) and
    /// <paramref name="reason"/> as Reason (RFC 3326), unless the user's <paramref name="headers"/> have one, and the headers.
    /// </summary>
    public CallResult HangUp(Instant now, Handle<Call> handle, int status = 0, scoped ReadOnlySpan<byte> reason = default, scoped ReadOnlySpan<byte> headers = default)
    {
        if (!TryFind(handle))
            return CallResult.Gone;
        if (!AreLines(headers, status is >= 300 and < 400 ? LineUse.Redirection : LineUse.Message) || reason.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
            return CallResult.Malformed;
        ref var call = ref _calls[handle];
        if (call.State == CallState.Ending || call.WantsEnd)
            return CallResult.Done;
        if (call.State is CallState.Incoming or CallState.Early && !call.IsCaller)
            return status is 0 or (>= 300 and < 700) ? Refuse(now, handle, status == 0 ? 603 : status, reason, headers) : CallResult.NotAllowed;
        if (status is not (0 or (>= 200 and < 700)))
            return CallResult.NotAllowed;
        var kept = KeepWords(ref call, status, reason, headers);
        if (kept != CallResult.Done)
            return kept;
        switch (call.State)
        {
            case CallState.Calling or CallState.Early:
                return GiveUp(now, handle);
            case CallState.Connecting:
                // RFC 3261 §15: a callee sends no BYE before the ACK, or its absence.
                call.WantsEnd = true;
                return CallResult.Done;
            default:
                return SendBye(now, handle, CallEnd.ByUs, cause: 0);
        }
    }

    // Why it ends, for the CANCEL or the BYE: the one may wait for a provisional response, the other for an ACK or credentials. Without a buffer the call ends
    // without a word.
    private CallResult KeepWords(ref Call call, int status, scoped ReadOnlySpan<byte> reason, scoped ReadOnlySpan<byte> headers)
    {
        var lines = new MessageBuilder(_text);
        if ((status != 0 || !reason.IsEmpty) && !HasLine(headers, HeaderName.Reason))
            WriteReason(ref lines, status, reason);
        WriteLines(ref lines, headers);
        if (!lines.IsValid)
            return lines.Overflowed ? CallResult.TooLong : CallResult.Malformed;
        if (lines.Written.IsEmpty || call.EndLines.IsSome)
            return CallResult.Done;
        if (!_buffers.TryCopy(lines.Written, out call.EndLines))
            Counters.NoRoom++;
        return CallResult.Done;
    }

    // RFC 3326 §2. A text that no quoted string can hold is left out.
    private static void WriteReason(ref MessageBuilder message, int status, scoped ReadOnlySpan<byte> reason)
    {
        var writer = new ByteWriter(stackalloc byte[ReasonOctets]);
        writer.Write("SIP"u8);
        if (status != 0)
        {
            writer.Write(";cause="u8);
            writer.Write((ulong)status);
        }
        int start = writer.Written;
        if (!reason.IsEmpty)
        {
            writer.Write(";text="u8);
            if (!QuotedText.TryWrite(ref writer, reason) || writer.Overflowed)
                writer.Rewind(start);
        }
        message.Header(HeaderName.Reason, writer.WrittenSpan);
    }

    // The line of a person's words.
    private const int ReasonOctets = 256;

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
        var lines = new MessageBuilder(_text);
        if (call.EndLines.IsSome)
            WriteLines(ref lines, _buffers.Of(call.EndLines));
        _supplements.OutgoingRequest(new(handle, call.User), Method.Cancel, ref lines);
        // Before a provisional response it waits for one, and so do we.
        var sent = _transactions.Cancel(now, call.Client, lines.IsValid ? lines.Written : default);
        return sent is SendResult.Sent or SendResult.NotAllowed ? CallResult.Done : ResultOf(sent);
    }

    // Why stands in it by the user's words or, where the layer ends the call, by a cause of the protocol's (RFC 3326); 0 is none.
    private CallResult SendBye(Instant now, Handle<Call> handle, CallEnd end, int cause)
    {
        ref var call = ref _calls[handle];
        call.State = CallState.Ending;
        call.End = end;
        call.Timer.Stop();
        _timers.Cancel(handle.Index * TimersEach + Session);
        var dialog = _legs[call.Leg].Dialog;
        var request = _dialogs.BeginRequest(dialog, Methods.NameOf(Method.Bye));
        call.EndCause = (ushort)cause;
        if (cause != 0)
            WriteReason(ref request, cause, default);
        else if (call.EndLines.IsSome)
            WriteLines(ref request, _buffers.Of(call.EndLines));
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
