// Calling somebody (RFC 3261 §13.2.1): the INVITE, its credentials, redirections, and a server found by name.
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.SessionTimers;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

/// <summary>A call that is to be placed. Every text is copied.</summary>
public readonly ref struct CallRequest
{
    public CallRequest()
    {
    }

    /// <summary>Whom to call: a sip: or sips: URI, which becomes the Request-URI.</summary>
    public ReadOnlySpan<byte> Target { get; init; }

    /// <summary>The account that calls: its address of record is From, its registration's way and routes are taken, its credentials answer.</summary>
    public Handle<Account> Account { get; init; }

    /// <summary>To, where it is another address than <see cref="Target"/>: a URI, or a name-addr.</summary>
    public ReadOnlySpan<byte> To { get; init; }

    /// <summary>From, without an account or in place of its address: a URI, or a name-addr.</summary>
    public ReadOnlySpan<byte> From { get; init; }

    /// <summary>Header lines of the user's, each with its CRLF; none that the stack writes itself (see the README of Calls).</summary>
    public ReadOnlySpan<byte> Headers { get; init; }

    /// <summary>
    /// Who we are beside From: a sip, sips or tel URI without brackets, empty for nothing. It is told to who is trusted alone (<see cref="CallOptions.Trusted"/>),
    /// wherever the call goes.
    /// </summary>
    public ReadOnlySpan<byte> IdentityUri { get; init; }

    /// <summary>The display name to <see cref="IdentityUri"/>, without quotes.</summary>
    public ReadOnlySpan<byte> IdentityName { get; init; }

    public IdentityForm IdentityForm { get; init; }

    /// <summary>What is asked for privacy, of everybody (RFC 3323 §4.2). Who is not to be known calls with <see cref="Identity.AnonymousFrom"/> as From, too.</summary>
    public PrivacyKinds Privacy { get; init; }

    /// <summary>The way, where it is known; else to the account's proxy or Service-Route, or over its flow; else what RFC 3263 finds for the target.</summary>
    public Flow Flow { get; init; }

    /// <summary>Ask the peer for an offer instead of making one (RFC 3261 §13.2.1).</summary>
    public bool IsOfferless { get; init; }

    /// <summary>Gives up after so many seconds without an answer (RFC 3261 §13.2.1, Expires); 0 waits as long as it rings.</summary>
    public uint ExpiresSeconds { get; init; }

    /// <summary>Comes back with each event of the call.</summary>
    public ulong User { get; init; }
}

public sealed partial class CallLayer
{
    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    /// <summary>Places a call. Its INVITE goes out at once where the way is known, else when a server is found. Nothing is left where the result is not Done.</summary>
    public CallResult Place(Instant now, scoped in CallRequest request, out Handle<Call> handle)
    {
        handle = default;
        if (!AreLines(request.Headers, LineUse.Message))
            return CallResult.Malformed;
        var writer = new ByteWriter(_text);
        var result = WriteTexts(request, ref writer, out var target, out var from, out var to, out var headers);
        if (result != CallResult.Done)
            return result;
        if (!TryWriteIdentity(request, ref writer, out var identity, out var privacy))
            return CallResult.Malformed;
        if (writer.Overflowed)
            return CallResult.TooLong;
        if (!_calls.TryAdd(out handle))
        {
            Counters.NoRoom++;
            return CallResult.Full;
        }
        ref var call = ref _calls[handle];
        call.State = CallState.Calling;
        call.IsCaller = true;
        call.User = request.User;
        call.Account = request.Account;
        call.BeganAt = now;
        call.IsOfferless = request.IsOfferless;
        call.ExpiresSeconds = request.ExpiresSeconds;
        (call.Target, call.From, call.To, call.Headers, call.Identity, call.Privacy) = (target, from, to, headers, identity, privacy);
        call.CallId = _entropy.Next();
        call.CallIdRest = _entropy.Next();
        call.LocalTag = _entropy.Next();
        call.Timer = new(_options.SessionTimer, isCaller: true);
        _supplements.SessionBegan(new(handle, call.User));
        result = !_buffers.TryCopy(writer.WrittenSpan, out call.Texts) ? CallResult.Full : Begin(now, handle, request.Flow);
        if (result != CallResult.Done)
        {
            if (result == CallResult.Full)
                Counters.NoRoom++;
            Free(handle);
            handle = default;
            return result;
        }
        Counters.Placed++;
        return result;
    }

    private CallResult WriteTexts(
        scoped in CallRequest request, ref ByteWriter writer, out Slice target, out Slice from, out Slice to, out Slice headers)
    {
        from = to = headers = default;
        target = Append(ref writer, request.Target);
        if (SipUri.Match(writer.WrittenSpan, 0, 0, out var uri) != writer.Written || uri.Kind is SipUriKind.None or SipUriKind.Absolute || uri.Headers.IsPresent)
            return writer.Overflowed ? CallResult.TooLong : CallResult.Malformed;
        scoped var sender = request.From;
        if (sender.IsEmpty && _accounts is not null)
            sender = _accounts.TextOf(request.Account, AccountText.AddressOfRecord);
        if (sender.IsEmpty)
            return CallResult.Malformed;
        from = AppendName(ref writer, sender);
        to = AppendName(ref writer, request.To.IsEmpty ? request.Target : request.To);
        if (!IsName(writer.WrittenSpan, from) || !IsName(writer.WrittenSpan, to))
            return writer.Overflowed ? CallResult.TooLong : CallResult.Malformed;
        headers = Append(ref writer, request.Headers);
        return writer.Overflowed ? CallResult.TooLong : CallResult.Done;
    }

    private static Slice Append(ref ByteWriter writer, scoped ReadOnlySpan<byte> text)
    {
        int start = writer.Written;
        writer.Write(text);
        return Slice.Between(start, writer.Written);
    }

    // A URI's parameters are its own, whatever the header would make of them (RFC 3261 §20.10).
    private static Slice AppendName(ref ByteWriter writer, scoped ReadOnlySpan<byte> text)
    {
        int start = writer.Written;
        bool isName = text.Contains((byte)'<');
        if (!isName)
            writer.Write((byte)'<');
        writer.Write(text);
        if (!isName)
            writer.Write((byte)'>');
        return Slice.Between(start, writer.Written);
    }

    private static bool IsName(ReadOnlySpan<byte> text, Slice slice) =>
        To.Match(slice.In(text), 0, 0, out var value) == slice.Length && !value.Tag.IsPresent && value.Uri.Kind != SipUriKind.None;

    private CallResult Begin(Instant now, Handle<Call> handle, in Flow flow)
    {
        ref var call = ref _calls[handle];
        if (flow.Protocol != Protocol.None)
            call.Flow = flow;
        else if (FindWay(now, handle) is var found && (found != CallResult.Done || call.IsSearching))
            return found;
        return SendInvite(now, handle);
    }

    // RFC 3261 §8.1.2: to the first hop that the account has for its requests, else to where the target is.
    private CallResult FindWay(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        ServerQuery query = default;
        var hop = _accounts is null ? FirstHop.None : _accounts.FirstHopOf(call.Account, out call.Flow, out query);
        if (hop == FirstHop.Flow)
            return CallResult.Done;
        ReadOnlySpan<byte> text = _buffers.Of(call.Texts);
        text = call.Target.In(text);
        SipUri.Match(text, 0, 0, out var uri);
        if (hop == FirstHop.None)
            query = ServerQuery.Of(uri, text);
        // Whatever the first hop is: a SIPS target is reached by TLS alone.
        return Search(now, handle, query with { IsSecure = query.IsSecure || uri.Kind == SipUriKind.Sips });
    }

    private CallResult Search(Instant now, Handle<Call> handle, in ServerQuery query)
    {
        ref var call = ref _calls[handle];
        if (_resolver is null || _resolver.TryResolve(now, query, NumberOf(handle), out call.Servers) != ResolveResult.Started)
            return CallResult.NoWay;
        call.IsSearching = true;
        // What needs no question is found at once, and is taken when the call's time has come.
        _timers.Arm(handle.Index * TimersEach + Next, now);
        return CallResult.Done;
    }

    private void ServerFound(Instant now, Handle<Call> handle, in ResolutionOutcome outcome)
    {
        if (!_calls[handle].IsSearching)
            return;
        _calls[handle].IsSearching = false;
        if (_calls[handle].WantsEnd)
            Tell(now, handle, CallEventKind.Ended, CallEnd.ByUs, 487);
        else if (!(outcome.IsFound ? TryTakeTarget(handle) : TryTakeAccountsFlow(handle)) || SendInvite(now, handle) != CallResult.Done)
            Tell(now, handle, CallEventKind.Ended, CallEnd.Unreachable, 503);
    }

    // A registrar may give a Service-Route by a name of its own that is none out here; it is the way itself then.
    private bool TryTakeAccountsFlow(Handle<Call> handle) => _accounts is not null && _accounts.TryGetFlow(_calls[handle].Account, out _calls[handle].Flow);

    private bool TryTakeTarget(Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        return _resolver!.TryGetTarget(call.Servers, out var target) && TryFlowTo(call.Account, target, out call.Flow);
    }

    // ---- The INVITE -----------------------------------------------------------------------------------------------------------------

    private CallResult SendInvite(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        var request = _transactions.BeginRequest();
        WriteInvite(ref call, ref request);
        _supplements.OutgoingRequest(new(handle, call.User), Method.Invite, ref request);
        int start = request.Written.Length;
        if (!TryAuthorize(call, ref request, Method.Invite, call.Target.In(_buffers.Of(call.Texts)), ref call.Attempt))
            return CallResult.TooLong;
        if (!KeepCredentials(ref call, request.Written[start..]))
            return CallResult.Full;
        if (call.IsOfferless)
            request.Finish();
        else
        {
            _negotiator.Release(ref call.Offer);
            call.Offer = new(_entropy.Next());
            var made = _negotiator.MakeOffer(ref call.Offer, ContextOf(handle), _description, out int length);
            if (!made.IsOk)
                return ResultOf(made.Status);
            request.Finish(DescriptionType, _description.AsSpan(0, length));
        }
        var sent = _transactions.SendRequest(now, request, call.Flow, NumberOf(handle), out call.Client);
        if (sent != SendResult.Sent)
            return ResultOf(sent);
        call.State = call.State == CallState.Early ? CallState.Early : CallState.Calling;
        if (call.ExpiresSeconds > 0)
            _timers.Arm(handle.Index * TimersEach + Ring, now + TimeSpan.FromSeconds(call.ExpiresSeconds));
        return CallResult.Done;
    }

    private void WriteInvite(ref Call call, ref MessageBuilder request)
    {
        scoped ReadOnlySpan<byte> text = _buffers.Of(call.Texts);
        Span<byte> token = stackalloc byte[TokenText.Length];
        request.StartRequest(Method.Invite, call.Target.In(text));
        request.Header(HeaderName.MaxForwards, MaxForwards);
        _accounts?.WriteRoutes(call.Account, ref request);
        var writer = new ByteWriter(_description);
        writer.Write(call.From.In(text));
        writer.Write(";tag="u8);
        TokenText.Write(call.LocalTag, token);
        writer.Write(token);
        request.Header(HeaderName.From, writer.WrittenSpan);
        request.Header(HeaderName.To, call.To.In(text));
        writer = new ByteWriter(_description);
        TokenText.Write(call.CallId, token);
        writer.Write(token);
        TokenText.Write(call.CallIdRest, token);
        writer.Write(token);
        request.Header(HeaderName.CallID, writer.WrittenSpan);
        call.Sequence++;
        request.CSeq(call.Sequence, Methods.NameOf(Method.Invite));
        WriteContact(call.Account, call.Flow, ref request);
        WriteAbilities(call, ref request, isRequest: true);
        WriteRequire(ref request, _options.Reliable == ReliableMode.Required, call.Timer.IsRequired);
        call.Timer.WriteRequest(ref request);
        if (call.ExpiresSeconds > 0)
            request.Header(HeaderName.Expires, call.ExpiresSeconds);
        WriteLines(ref request, (_trusted.Contains(call.Flow.Remote) ? call.Identity : call.Privacy).In(text));
        WriteLines(ref request, call.Headers.In(text));
    }

    // Credentials of the account, for a request whose body is not signed. True where there is none, too.
    private bool TryAuthorize(in Call call, ref MessageBuilder request, Method method, scoped ReadOnlySpan<byte> uri, ref AuthAttempt attempt) =>
        _accounts is null || !_accounts.TryGetSession(call.Account, out var session)
            || session.TryWrite(ref request, Methods.NameOf(method), uri, default, ref attempt, isForServer: false);

    private bool KeepCredentials(ref Call call, scoped ReadOnlySpan<byte> lines)
    {
        _buffers.Release(call.Credentials);
        call.Credentials = default;
        return lines.IsEmpty || _buffers.TryCopy(lines, out call.Credentials);
    }

    private static CallResult ResultOf(SendResult result) => result switch
    {
        SendResult.Sent => CallResult.Done,
        SendResult.Full => CallResult.Full,
        SendResult.TooLarge => CallResult.TooLong,
        SendResult.Gone => CallResult.Gone,
        SendResult.NotAllowed => CallResult.NoWay,
        _ => CallResult.Malformed,
    };

    private static CallResult ResultOf(NegotiationStatus status) => status switch
    {
        NegotiationStatus.Ok => CallResult.Done,
        NegotiationStatus.NoRoom => CallResult.Full,
        NegotiationStatus.OfferPending or NegotiationStatus.AnswerOwed => CallResult.Busy,
        _ => CallResult.NotAllowed,
    };
}
