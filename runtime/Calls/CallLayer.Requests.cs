// Requests inside a call that change nothing of it: INFO with keys (RFC 6086 and the older form), texts (RFC 3428), typing (RFC 3994), and the user's own.
using System.Buffers.Text;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    // The forms of a key in INFO, as the field has them; there is no RFC.
    private static ReadOnlySpan<byte> RelayType => "application/dtmf-relay"u8;

    private static ReadOnlySpan<byte> ComposingType => "application/im-iscomposing+xml"u8;

    // ---- Ours -----------------------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Sends a request of the user's own inside a call; one at a time. Not for what changes the call: INVITE, UPDATE, PRACK, BYE, ACK and CANCEL are NotAllowed.
    /// What comes of it is <see cref="CallEventKind.RequestEnded"/>.
    /// </summary>
    public CallResult SendRequest(
        Instant now, Handle<Call> handle, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> headers = default, scoped ReadOnlySpan<byte> type = default,
        scoped ReadOnlySpan<byte> body = default)
    {
        if (!TryFind(handle))
            return CallResult.Gone;
        ref var call = ref _calls[handle];
        bool isOwn = Methods.Parse(method) is Method.Invite or Method.Update or Method.Prack or Method.Bye or Method.Ack or Method.Cancel;
        bool hasDialog = _legs.IsLive(call.Leg) && _legs[call.Leg].Dialog.IsSome;
        if (isOwn || !hasDialog || call.State is not (CallState.Confirmed or CallState.Early or CallState.Connecting))
            return CallResult.NotAllowed;
        if (call.Request.IsSome)
            return CallResult.Busy;
        if (!AreLines(headers, LineUse.OwnRequest) || method.IsEmpty || !body.IsEmpty && type.IsEmpty)
            return CallResult.Malformed;
        var writer = new ByteWriter(_text);
        call.RequestMethod = Append(ref writer, method);
        call.RequestHeaders = Append(ref writer, headers);
        call.RequestType = Append(ref writer, type);
        call.RequestBody = Append(ref writer, body);
        if (writer.Overflowed)
            return CallResult.TooLong;
        if (!_buffers.TryCopy(writer.WrittenSpan, out call.RequestText))
        {
            Counters.NoRoom++;
            return CallResult.Full;
        }
        call.RequestAttempt = default;
        return SendKept(now, handle);
    }

    private CallResult SendKept(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        call.RequestLeg = call.Leg;
        var dialog = _legs[call.Leg].Dialog;
        ReadOnlySpan<byte> text = _buffers.Of(call.RequestText);
        var request = _dialogs.BeginRequest(dialog, call.RequestMethod.In(text));
        WriteLines(ref request, call.RequestHeaders.In(text));
        _supplements.OutgoingRequest(new(handle, call.User), Methods.Parse(call.RequestMethod.In(text)), ref request);
        if (_accounts is not null && _accounts.TryGetSession(call.Account, out var session))
            session.TryWrite(ref request, call.RequestMethod.In(text), _dialogs.RequestUriOf(dialog), call.RequestBody.In(text), ref call.RequestAttempt,
                isForServer: false);
        if (call.RequestType.IsEmpty)
            request.Finish();
        else
            request.Finish(call.RequestType.In(text), call.RequestBody.In(text));
        var sent = SendInside(now, handle, call.Leg, request, out call.Request);
        if (sent == SendResult.Sent)
            return CallResult.Done;
        ReleaseRequest(ref call);
        return ResultOf(sent);
    }

    private void ReleaseRequest(ref Call call)
    {
        _buffers.Release(call.RequestText);
        call.RequestText = default;
        call.Request = default;
    }

    private void TakeRequestResult(Instant now, Handle<Call> handle, int status, SipMessage response, ref CallEvent happened)
    {
        ref var call = ref _calls[handle];
        var method = Methods.Parse(call.RequestMethod.In(_buffers.Of(call.RequestText)));
        bool isOfThisLeg = call.RequestLeg == call.Leg;
        if (isOfThisLeg && status is (401 or 407) && call.State != CallState.Ending && TryAnswerChallenge(call, response, ref call.RequestAttempt)
            && SendKept(now, handle) == CallResult.Done)
            return;
        ReleaseRequest(ref call);
        // RFC 5057 §5.1: the call is not there any more.
        if (isOfThisLeg && status is (481 or 408) && call.State == CallState.Confirmed)
        {
            SendBye(now, handle, CallEnd.Lost, cause: 0);
            return;
        }
        happened = NewEvent(handle, CallEventKind.RequestEnded);
        happened.Status = (ushort)status;
        happened.Method = method;
    }

    /// <summary>Sends a key by INFO, in the form that most understand: 0 to 9, *, #, A to D, ! for a hook flash.</summary>
    public CallResult SendDigit(Instant now, Handle<Call> handle, byte digit, TimeSpan duration)
    {
        if (!IsDigit(digit) || duration <= TimeSpan.Zero || duration > DigitMost)
            return CallResult.Malformed;
        Span<byte> room = stackalloc byte[48];
        var writer = new ByteWriter(room);
        writer.Write("Signal="u8);
        writer.Write(digit);
        writer.Write("\r\nDuration="u8);
        writer.Write((ulong)duration.TotalMilliseconds);
        writer.Write("\r\n"u8);
        return SendRequest(now, handle, Methods.NameOf(Method.Info), default, RelayType, writer.WrittenSpan);
    }

    // The longest that a key is taken to be held.
    private static readonly TimeSpan DigitMost = TimeSpan.FromSeconds(10);

    private static bool IsDigit(byte digit) => "0123456789*#ABCD!"u8.Contains(digit);

    /// <summary>Sends a text inside the call; <paramref name="type"/> empty is text/plain.</summary>
    public CallResult SendText(Instant now, Handle<Call> handle, scoped ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> type = default) =>
        SendRequest(now, handle, Methods.NameOf(Method.Message), default, type.IsEmpty ? "text/plain;charset=UTF-8"u8 : type, text);

    /// <summary>Says that our side types, or stopped to (RFC 3994).</summary>
    public CallResult SendTyping(Instant now, Handle<Call> handle, bool isTyping) =>
        SendRequest(now, handle, Methods.NameOf(Method.Message), default, ComposingType, isTyping ? Typing : NotTyping);

    private static ReadOnlySpan<byte> Typing =>
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>active</state></isComposing>\r\n"u8;

    private static ReadOnlySpan<byte> NotTyping =>
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>idle</state></isComposing>\r\n"u8;

    // ---- The peer's -------------------------------------------------------------------------------------------------------------------------

    private static bool IsType(SipMessage message, scoped ReadOnlySpan<byte> type, scoped ReadOnlySpan<byte> subtype) =>
        message.TryGet<ContentType>(out var value, out _) && Scan.EqualsIgnoreCase(value.Type.In(message.Text), type)
            && Scan.EqualsIgnoreCase(value.Subtype.In(message.Text), subtype);

    private void ReceiveInfo(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage request, ref CallEvent happened)
    {
        // RFC 6086 §4.2.2: a package that nobody asked for.
        if (request.FirstLineOf(HeaderName.InfoPackage) >= 0)
        {
            if (!TryBegin(told.Server, 469, default, out var response))
                return;
            response.Header("Recv-Info"u8, default);
            Send(now, handle, told.Server, told.Method, 469, ref response);
            return;
        }
        byte digit = 0;
        int milliseconds = 0;
        bool isRelay = IsType(request, "application"u8, "dtmf-relay"u8);
        bool isKey = isRelay ? TryReadRelay(request.Body, out digit, out milliseconds)
            : IsType(request, "application"u8, "dtmf"u8) && TryReadKey(request.Body, out digit);
        Respond(now, handle, told, isKey || request.Body.IsEmpty ? 200 : 415);
        if (!isKey)
            return;
        happened = NewEvent(handle, CallEventKind.Digit);
        happened.Digit = digit;
        happened.DigitDuration = TimeSpan.FromMilliseconds(milliseconds);
    }

    // Signal= and Duration=, with whatever blanks and line ends.
    private static bool TryReadRelay(ReadOnlySpan<byte> body, out byte digit, out int milliseconds)
    {
        digit = 0;
        milliseconds = 0;
        while (!body.IsEmpty)
        {
            int end = body.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            int equals = line.IndexOf((byte)'=');
            if (equals < 0)
                continue;
            var name = Scan.Trimmed(line, 0, equals).In(line);
            var value = Scan.Trimmed(line, equals + 1, line.Length).In(line);
            if (Scan.EqualsIgnoreCase(name, "Signal"u8))
                TryReadKey(value, out digit);
            else if (Scan.EqualsIgnoreCase(name, "Duration"u8) && Utf8Parser.TryParse(value, out uint duration, out _))
                milliseconds = (int)Math.Min(duration, (uint)DigitMost.TotalMilliseconds);
        }
        return digit != 0;
    }

    // A key as itself, or * and # by the numbers that telephone events have (RFC 4733 §3.2).
    private static bool TryReadKey(ReadOnlySpan<byte> value, out byte digit)
    {
        value = Scan.Trimmed(value, 0, value.Length).In(value);
        digit = 0;
        if (value.Length == 1)
            digit = value[0] is >= (byte)'a' and <= (byte)'d' ? (byte)(value[0] - 0x20) : value[0];
        else if (Utf8Parser.TryParse(value, out uint number, out int length) && length == value.Length && number <= FlashEvent)
            digit = "0123456789*#ABCD!"u8[(int)number];
        if (!IsDigit(digit))
            digit = 0;
        return digit != 0;
    }

    private const uint FlashEvent = 16;

    private void ReceiveText(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage request, ref CallEvent happened)
    {
        if (IsType(request, "application"u8, "im-iscomposing+xml"u8))
        {
            Respond(now, handle, told, 200);
            happened = NewEvent(handle, CallEventKind.Typing);
            // RFC 3994 §3: all but active is idle.
            happened.IsTyping = request.Body.IndexOf("<state>active</state>"u8) >= 0;
            return;
        }
        if (!IsType(request, "text"u8, "plain"u8))
        {
            if (!TryBegin(told.Server, 415, default, out var response))
                return;
            response.Header(HeaderName.Accept, "text/plain, application/im-iscomposing+xml"u8);
            Send(now, handle, told.Server, told.Method, 415, ref response);
            return;
        }
        Respond(now, handle, told, 200);
        happened = NewEvent(handle, CallEventKind.Text);
    }
}
