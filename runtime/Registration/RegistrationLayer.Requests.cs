// A REGISTER is written and sent (RFC 3261 §10.2): where to, with which contacts, credentials and routes.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Resolution;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

public sealed partial class RegistrationLayer
{
    // ---- Where to -----------------------------------------------------------------------------------------------------------------

    // What is due begins: its server is looked for, or it is sent at once.
    private void Begin(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        account.Current = account.Pending;
        account.Pending = RegistrationVerb.None;
        if (!account.IsContinued)
        {
            account.Attempt = default;
            account.IntervalRetries = account.Redirects = 0;
            // Each time begins at the registrar itself, which may have come back.
            if (!_texts.Of(handle.Index, AccountText.Redirect).IsEmpty)
                ReleaseServers(ref account);
            _texts.TrySet(handle.Index, AccountText.Redirect, default);
        }
        account.IsContinued = false;
        if (IsBoundToWay(account))
        {
            Send(now, handle, account.Bound);
            return;
        }
        if (!account.Servers.IsSome)
        {
            Search(now, handle);
            return;
        }
        if (_resolver.Refresh(now, account.Servers))
            account.Stage = AccountStage.Searching;
        else
            SendToTarget(now, handle);
    }

    private static bool IsBoundToWay(in Account account) => account.Bound.Protocol != Protocol.None && !account.Bound.Remote.IsAny;

    private void Search(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        var uri = NextHopOf(handle.Index, out var text);
        var query = ServerQuery.Of(uri, text);
        if (ChosenProtocolOf(account) is var chosen && chosen != Protocol.None)
            query = query with { Protocol = chosen };
        account.Stage = AccountStage.Searching;
        if (_resolver.TryResolve(now, query, UserOf(handle), out account.Servers) != ResolveResult.Started)
            Unsent(now, handle, RegistrationFault.NoServer);
    }

    // RFC 3261 §8.1.2: the first route, else the Request-URI.
    private SipUri NextHopOf(int index, out ReadOnlySpan<byte> text)
    {
        text = _texts.Of(index, AccountText.Redirect);
        var routes = _texts.Of(index, AccountText.Route);
        if (text.IsEmpty && !routes.IsEmpty && Route.Match(routes, 0, 0, out var route) > 0)
        {
            text = routes;
            return route.Uri;
        }
        if (text.IsEmpty)
            text = _texts.Of(index, AccountText.Server);
        SipUri.Match(text, 0, 0, out var uri);
        return uri;
    }

    // What was chosen for the account goes before what a URI says.
    private static Protocol ChosenProtocolOf(in Account account) => account.Bound.Protocol != Protocol.None ? account.Bound.Protocol : account.Protocol;

    /// <summary>A search ended. Nothing happens where nobody waits for it any more.</summary>
    internal void Resolved(Instant now, in ResolutionOutcome outcome)
    {
        if (!TryFindByUser(outcome.User, out var handle) || _accounts[handle].Stage != AccountStage.Searching || _accounts[handle].Servers != outcome.Resolution)
            return;
        ref var account = ref _accounts[handle];
        account.IsServerStale = outcome.IsStale;
        if (account.IsDoomed)
            return;
        if (account.Pending != RegistrationVerb.None)
        {
            // Something else is wanted by now.
            account.Stage = AccountStage.Idle;
            Arm(now, handle.Index);
        }
        else if (!outcome.IsFound)
            Unsent(now, handle, RegistrationFault.NoServer);
        else
            SendToTarget(now, handle);
    }

    private void SendToTarget(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        if (!_resolver.TryGetTarget(account.Servers, out var target))
        {
            Unsent(now, handle, RegistrationFault.NoServer);
            return;
        }
        account.IsServerStale = target.IsStale;
        if (!_addresses.TryLocalFor(target.Remote, out _))
        {
            account.IsOffline = true;
            Unsent(now, handle, RegistrationFault.NoWay);
            return;
        }
        if (!TryFlowTo(handle, target, out var flow))
        {
            Unsent(now, handle, RegistrationFault.NoServer);
            return;
        }
        Send(now, handle, flow);
    }

    // ---- What stands in it --------------------------------------------------------------------------------------------------------

    private void Send(Instant now, Handle<Account> handle, in Flow flow)
    {
        ref var account = ref _accounts[handle];
        int index = handle.Index;
        if (!IsSameWay(account.Flow, flow))
            ReleaseWay(ref account);
        // A connection that is there already goes on.
        var way = account.Flow.Protocol == Protocol.None ? flow : account.Flow;
        account.Flow = way;
        RenewContact(index, account);
        var request = _transactions.BeginRequest();
        Write(index, ref account, ref request);
        if (!request.IsValid)
        {
            Unsent(now, handle, RegistrationFault.TooLarge);
            return;
        }
        var settings = new RequestSettings
        {
            User = UserOf(handle),
            SentBy = _texts.Of(index, AccountText.SentBy),
            OffersKeepAlive = account.OffersKeepAlive,
        };
        switch (_transactions.SendRequest(now, request, way, settings, out account.Client))
        {
            case SendResult.Sent:
                Counters.Requests++;
                account.Stage = AccountStage.Waiting;
                break;
            case SendResult.Full:
                Counters.NoRoom++;
                Unsent(now, handle, RegistrationFault.NoRoom);
                break;
            default:
                Unsent(now, handle, RegistrationFault.TooLarge);
                break;
        }
    }

    private void Write(int index, ref Account account, ref MessageBuilder request)
    {
        scoped var uri = _texts.Of(index, AccountText.Redirect);
        if (uri.IsEmpty)
            uri = _texts.Of(index, AccountText.Server);
        Span<byte> token = stackalloc byte[TokenText.Length];
        Span<byte> room = stackalloc byte[AccountLimits.MaxUriOctets + HeaderRoom];
        request.StartRequest(Method.Register, uri);
        request.Header(HeaderName.MaxForwards, MaxForwards);
        if (!_texts.Of(index, AccountText.Route).IsEmpty)
            request.Header(HeaderName.Route, _texts.Of(index, AccountText.Route));

        TokenText.Write(account.FromTag, token);
        var from = new ByteWriter(room);
        from.Write(_texts.Of(index, AccountText.From));
        from.Write(";tag="u8);
        from.Write(token);
        request.Header(HeaderName.From, from.WrittenSpan);
        request.Header(HeaderName.To, _texts.Of(index, AccountText.AddressOfRecord));

        // One for the life of the account (RFC 3261 §10.2.4), each request a number higher.
        var callId = new ByteWriter(room);
        TokenText.Write(account.CallId, token);
        callId.Write(token);
        TokenText.Write(account.CallIdRest, token);
        callId.Write(token);
        request.Header(HeaderName.CallID, callId.WrittenSpan);
        account.Sequence = account.Sequence == CSeq.MaxSequence ? 1 : account.Sequence + 1;
        request.CSeq(account.Sequence, Methods.NameOf(Method.Register));

        WriteBindings(index, account, ref request);
        TryWriteHeaders(ref request, _texts.Of(index, AccountText.Headers));
        if (!_sessions[index].TryWrite(ref request, Methods.NameOf(Method.Register), uri, default, ref account.Attempt))
            return;
        request.Finish();
    }

    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    private void WriteBindings(int index, in Account account, ref MessageBuilder request)
    {
        bool isRemoval = account.Current != RegistrationVerb.Register;
        bool hasInstance = !account.WithoutOutbound && !_texts.Of(index, AccountText.Instance).IsEmpty;
        if (account.Current == RegistrationVerb.UnregisterAll)
            request.Header(HeaderName.Contact, "*"u8);
        else if (account.Current != RegistrationVerb.Query)
        {
            Span<byte> room = stackalloc byte[AccountLimits.MaxUriOctets + HeaderRoom];
            var instance = new ByteWriter(room);
            if (hasInstance)
                WriteInstance(index, account.RegistrationId, ref instance);
            _contacts.Write(index, ref request, isRemoval, account.LeastSeconds, instance.WrittenSpan);
        }
        if (account.Current is RegistrationVerb.Unregister or RegistrationVerb.UnregisterAll)
            request.Header(HeaderName.Expires, 0);
        else if (account.Current == RegistrationVerb.Register && (account.ExpiresSeconds ?? account.LeastSeconds) is > 0 and var seconds)
            request.Header(HeaderName.Expires, Math.Min(Math.Max(seconds, account.LeastSeconds), AccountLimits.MaxSeconds));
        // RFC 3327 §5.1; RFC 5626 §4.2.1; RFC 5627 §4.2.
        request.Header(HeaderName.Supported, hasInstance ? "path, outbound, gruu"u8 : "path"u8);
    }

    /// <summary>Writes <c>;+sip.instance="&lt;URN&gt;";reg-id=N</c> (RFC 5626 §4.2), nothing without an instance.</summary>
    private void WriteInstance(int index, uint number, ref ByteWriter writer)
    {
        var instance = _texts.Of(index, AccountText.Instance);
        if (instance.IsEmpty)
            return;
        writer.Write(";+sip.instance=\"<"u8);
        writer.Write(instance);
        writer.Write(">\";reg-id="u8);
        writer.Write((ulong)number);
    }

    // Each line is written on its own, so that none can be what it does not seem.
    private static bool TryWriteHeaders(ref MessageBuilder request, scoped ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf("\r\n"u8);
            int colon = lines.IndexOf((byte)':');
            if (end < 0 || colon <= 0 || colon > end || IsOurs(lines[..colon]))
                return false;
            request.Header(lines[..colon], Scan.Trimmed(lines, colon + 1, end).In(lines));
            lines = lines[(end + 2)..];
        }
        return request.IsValid;
    }

    // What the stack writes itself, by its long or its compact name.
    private static bool IsOurs(scoped ReadOnlySpan<byte> name) => HeaderNames.Parse(name, 0, name.Length) is HeaderName.Via or HeaderName.From or HeaderName.To
        or HeaderName.CallID or HeaderName.CSeq or HeaderName.Contact or HeaderName.ContentLength or HeaderName.ContentType or HeaderName.MaxForwards
        or HeaderName.Route or HeaderName.Expires or HeaderName.Authorization or HeaderName.ProxyAuthorization or HeaderName.Supported;

    // ---- The contact that is made from the flow -----------------------------------------------------------------------------------

    private void RenewContact(int index, in Account account)
    {
        if (!_contacts.IsAutomatic(index) || account.Current is not RegistrationVerb.Register)
            return;
        Span<byte> room = stackalloc byte[AccountLimits.MaxContactOctets];
        if (TryComposeContact(index, account, room, out int length) && !_contacts.Wants(index, room[..length]))
            _ = _contacts.TryUpdate(index, room[..length], isAutomatic: true);
    }

    private bool TryComposeContact(int index, in Account account, Span<byte> room, out int length)
    {
        Span<byte> host = stackalloc byte[HeaderRoom];
        var address = new ByteWriter(host);
        if (account.UsesPublicAddress && !account.Seen.IsAny)
            account.Seen.WriteHostPort(ref address);
        else
            _transport.WriteSentBy(account.Flow, ref address);
        var writer = new ByteWriter(room);
        WriteContact(index, address.WrittenSpan, account.Flow.Protocol, ref writer);
        length = writer.Written;
        return !writer.Overflowed;
    }

    private void WriteContact(int index, scoped ReadOnlySpan<byte> host, Protocol protocol, ref ByteWriter writer)
    {
        // RFC 3261 §10.2.1: a registration of a sips: address has sips: contacts.
        bool isSecure = _texts.Of(index, AccountText.Server).StartsWith("sips:"u8);
        writer.Write(isSecure ? "<sips:"u8 : "<sip:"u8);
        var user = _texts.Of(index, AccountText.ContactUser);
        if (!user.IsEmpty)
        {
            writer.Write(user);
            writer.Write((byte)'@');
        }
        writer.Write(host);
        if (protocol == Protocol.Tcp)
            writer.Write(";transport=tcp"u8);
        else if (protocol == Protocol.Tls && !isSecure)
            writer.Write(";transport=tls"u8);
        writer.Write((byte)'>');
        writer.Write(_texts.Of(index, AccountText.ContactParameters));
    }

    // ---- Who it was ---------------------------------------------------------------------------------------------------------------

    private static ulong UserOf(Handle<Account> handle) => TransactionOwner.NumberOf(TransactionOwner.Registration, handle);

    private bool TryFindByUser(ulong user, out Handle<Account> handle)
    {
        handle = TransactionOwner.HandleOf(user, _accounts);
        return _accounts.IsLive(handle);
    }
}
