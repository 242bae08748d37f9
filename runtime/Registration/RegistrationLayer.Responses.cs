// What comes of a REGISTER (RFC 3261 §10.2.4, §10.2.8, §21): one event for each final response, and what is to be done next.
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

public sealed partial class RegistrationLayer
{
    /// <summary>
    /// Takes an event of a transaction of this layer's, with its message. False where it means nothing to the user: a provisional response, or what nobody waits for
    /// any more.
    /// </summary>
    internal bool Receive(Instant now, in TransactionEvent told, SipMessage response, out RegistrationEvent happened)
    {
        happened = default;
        if (told.Kind == TransactionEventKind.Response && told.Status < 200)
            return false;
        if (!TryFindByUser(told.User, out var handle) || _accounts[handle].Stage != AccountStage.Waiting || _accounts[handle].Client != told.Client)
            return false;
        ref var account = ref _accounts[handle];
        account.Stage = AccountStage.Idle;
        account.Client = default;
        if (account.IsDoomed)
        {
            if (account.Holds == 0)
                Free(handle);
            return false;
        }
        happened = NewEvent(handle, RegistrationEventKind.Result);
        switch (told.Kind)
        {
            case TransactionEventKind.Response:
                happened.Status = told.Status;
                TakeWay(now, handle, told.Flow, response);
                // Whatever it says, it lives; but for a 503, which asks to be passed over (RFC 3263 §4.3).
                if (account.Servers.IsSome && told.Status != 503)
                    _resolver.Succeeded(now, account.Servers);
                TakeResponse(now, handle, response, ref happened);
                break;
            case TransactionEventKind.Timeout:
                happened.Fault = RegistrationFault.Timeout;
                TakeSilence(now, handle, ref happened);
                break;
            default:
                happened.Fault = RegistrationFault.Transport;
                TakeSilence(now, handle, ref happened);
                break;
        }
        Conclude(now, handle, ref happened);
        return true;
    }

    private RegistrationEvent NewEvent(Handle<Account> handle, RegistrationEventKind kind)
    {
        ref readonly var account = ref _accounts[handle];
        return new()
        {
            Kind = kind, Account = handle, User = account.User, Verb = kind == RegistrationEventKind.Result ? account.Current : RegistrationVerb.None,
            Flow = account.Flow, Next = TimeSpan.MaxValue,
        };
    }

    // Every result ends here: the account stands for what it says, and the next request has its time.
    private void Conclude(Instant now, Handle<Account> handle, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        account.Status = happened.Status;
        account.Outcome = happened.Outcome;
        account.Current = RegistrationVerb.None;
        if (happened.Outcome is RegistrationOutcome.WillRetry or RegistrationOutcome.Refused or RegistrationOutcome.Failed)
            Counters.Failures++;
        Arm(now, handle.Index);
        happened.Next = Until(now, account);
    }

    private void TakeResponse(Instant now, Handle<Account> handle, SipMessage response, ref RegistrationEvent happened)
    {
        switch (happened.Status)
        {
            case < 300:
                Succeed(now, handle, response, ref happened);
                break;
            case < 400:
                Redirect(now, handle, response, ref happened);
                break;
            case 401 or 407:
                AnswerChallenge(now, handle, response, ref happened);
                break;
            case 423:
                Lengthen(now, handle, response, ref happened);
                break;
            case 439 when !_accounts[handle].WithoutOutbound && !_texts.Of(handle.Index, AccountText.Instance).IsEmpty:
                // RFC 5626 §11.6: the first hop does not know outbound.
                _accounts[handle].WithoutOutbound = true;
                Continue(handle, ref happened);
                break;
            case 503:
                Unavailable(now, handle, response, ref happened);
                break;
            case 408 or 430 or 500 or 502 or 504 or 580:
                Retry(now, handle, RetryAfterOf(response), ref happened);
                break;
            case 480 or 486 or 491 or 494:
                Retry(now, handle, RetryAfterOf(response), ref happened);
                break;
            default:
                // Of the rest none is the better for being asked again: 400, 403, 404, 405, 501, 6xx.
                Refuse(now, handle, RetryAfterOf(response), ref happened);
                break;
        }
    }

    // ---- 2xx ----------------------------------------------------------------------------------------------------------------------

    private void Succeed(Instant now, Handle<Account> handle, SipMessage response, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        int index = handle.Index;
        happened.Outcome = RegistrationOutcome.Done;
        _sessions[index].TakeInfo(response, RequestUriOf(index), account.Attempt);
        account.Failures = 0;
        account.IsOffline = false;
        uint asked = account.ExpiresSeconds ?? DefaultSeconds;
        uint otherwise = response.TryGet<Expires>(out var expires, out _) ? expires.Seconds : Math.Max(asked, account.LeastSeconds);
        happened.Contacts = _contacts.Read(
            index, response, otherwise, account.Seen, _texts.Of(index, AccountText.Instance), account.RegistrationId, out uint granted, out bool isMissing, out var own);
        switch (account.Current)
        {
            case RegistrationVerb.Register:
                _contacts.Succeeded(index);
                TakeGrant(now, handle, response, own, granted, otherwise, isMissing, ref happened);
                break;
            case RegistrationVerb.Unregister or RegistrationVerb.UnregisterAll:
                _contacts.Succeeded(index);
                if (account.Current == RegistrationVerb.UnregisterAll)
                    _contacts.Forget(index);
                Counters.Unregistered++;
                Unknow(ref account, index);
                account.NextAt = Instant.Never;
                ReleaseWay(ref account);
                break;
        }
    }

    // RFC 3261 §10.2: an hour where neither says anything.
    private const uint DefaultSeconds = 3600;

    private void TakeGrant(
        Instant now, Handle<Account> handle, SipMessage response, in Contact own, uint granted, uint otherwise, bool isMissing, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        int index = handle.Index;
        Counters.Registered++;
        if (isMissing)
        {
            Counters.ContactsMissing++;
            happened.IsContactMissing = true;
            granted = Math.Min(Math.Min(granted, otherwise), (uint)_options.UnconfirmedMost.TotalSeconds);
        }
        granted = Math.Min(granted, AccountLimits.MaxSeconds);
        if (granted == 0)
        {
            // It took the contact and removed it again: no registration.
            Unknow(ref account, index);
            Retry(now, handle, default, ref happened);
            return;
        }
        account.GrantedSeconds = granted;
        account.IsKnown = true;
        account.KnownUntil = now + TimeSpan.FromSeconds(granted);
        _timers.Arm(index * TimersEach + Lapse, account.KnownUntil);
        happened.Granted = TimeSpan.FromSeconds(granted);
        account.NextAt = account.IsAutomatic ? now + RefreshAfter(account) : Instant.Never;
        account.HasOutbound = HasTag<Require>(response, "outbound"u8);
        account.FlowTimerSeconds = response.TryGet<FlowTimer>(out var timer, out _) ? timer.Seconds : 0;
        TakeServiceRoute(index, response);
        TakeGruus(index, response, own);
        if (TakePublicAddress(now, handle))
            Continue(handle, ref happened);
        KeepWay(now, handle, response);
    }

    // RFC 3608 §6.1: each 2xx replaces what was known, by nothing if it has none.
    private void TakeServiceRoute(int index, SipMessage response)
    {
        Span<byte> room = stackalloc byte[AccountLimits.MaxRouteOctets];
        var writer = new ByteWriter(room);
        foreach (var route in response.All<ServiceRoute>())
        {
            if (writer.Written > 0)
                writer.Write(", "u8);
            writer.Write(route.Extent.In(response.Text));
        }
        if (writer.Overflowed)
            Counters.TextsTooLong++;
        _texts.TrySet(index, AccountText.ServiceRoute, writer.Overflowed ? default : writer.WrittenSpan);
    }

    // RFC 5627 §5.1.
    private void TakeGruus(int index, SipMessage response, in Contact own)
    {
        TakeGruu(index, AccountText.PublicGruu, own.PublicGruu.IsPresent ? own.PublicGruu.In(response.Text) : default);
        TakeGruu(index, AccountText.TemporaryGruu, own.TemporaryGruu.IsPresent ? own.TemporaryGruu.In(response.Text) : default);
    }

    private void TakeGruu(int index, AccountText kind, scoped ReadOnlySpan<byte> quoted)
    {
        Span<byte> room = stackalloc byte[AccountLimits.MaxUriOctets];
        bool isGood = QuotedText.TryUnquote(quoted, room, out int length) && (length == 0 || SipUri.Match(room[..length], 0, 0, out _) == length);
        if (!isGood)
            Counters.TextsTooLong++;
        _texts.TrySet(index, kind, isGood ? room[..length] : default);
    }

    private static bool HasTag<T>(SipMessage message, scoped ReadOnlySpan<byte> tag)
        where T : struct, IHeader<T>
    {
        foreach (var value in message.All<T>())
        {
            if (Scan.EqualsIgnoreCase(value.Extent.In(message.Text), tag))
                return true;
        }
        return false;
    }

    // ---- 3xx, 401, 407, 423 -------------------------------------------------------------------------------------------------------

    private void AnswerChallenge(Instant now, Handle<Account> handle, SipMessage response, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        happened.Challenge = _sessions[handle.Index].TakeChallenge(response, ref account.Attempt);
        if (happened.Challenge == ChallengeOutcome.Answered)
        {
            Counters.ChallengesAnswered++;
            Continue(handle, ref happened);
        }
        else
            Refuse(now, handle, default, ref happened);
    }

    private void Lengthen(Instant now, Handle<Account> handle, SipMessage response, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        bool isBetter = response.TryGet<MinExpires>(out var least, out _) && least.Seconds <= AccountLimits.MaxSeconds
            && account.Current == RegistrationVerb.Register && account.IntervalRetries < AccountLimits.MaxIntervalRetries;
        if (!isBetter)
        {
            Refuse(now, handle, default, ref happened);
            return;
        }
        account.LeastSeconds = least.Seconds;
        account.IntervalRetries++;
        Continue(handle, ref happened);
    }

    // RFC 3261 §8.1.3.4: the contact that is wanted most takes the place of the Request-URI.
    private void Redirect(Instant now, Handle<Account> handle, SipMessage response, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        Span<byte> room = stackalloc byte[AccountLimits.MaxUriOctets];
        var writer = new ByteWriter(room);
        int best = -1;
        foreach (var contact in response.All<Contact>())
        {
            int preference = contact.Preference ?? 1000;
            // From sips: a redirection to sip: would give up what was asked for.
            bool isTaken = contact.Uri.Kind == SipUriKind.Sips
                || contact.Uri.Kind == SipUriKind.Sip && !_texts.Of(handle.Index, AccountText.Server).StartsWith("sips:"u8);
            if (!isTaken || preference <= best)
                continue;
            best = preference;
            writer = new ByteWriter(room);
            WriteServer(contact.Uri, response.Text, keepsParameters: true, ref writer);
        }
        if (!account.FollowsRedirects || account.Redirects >= AccountLimits.MaxRedirects || best < 0 || writer.Overflowed)
        {
            if (writer.Overflowed)
                Counters.TextsTooLong++;
            Refuse(now, handle, default, ref happened);
            return;
        }
        _texts.TrySet(handle.Index, AccountText.Redirect, writer.WrittenSpan);
        account.Redirects++;
        Counters.Redirects++;
        ReleaseWay(ref account);
        ReleaseServers(ref account);
        Continue(handle, ref happened);
    }

    private ReadOnlySpan<byte> RequestUriOf(int index)
    {
        var redirect = _texts.Of(index, AccountText.Redirect);
        return redirect.IsEmpty ? _texts.Of(index, AccountText.Server) : redirect;
    }

    // ---- Failures -----------------------------------------------------------------------------------------------------------------

    // RFC 3263 §4.3: another server, if there is one.
    private void Unavailable(Instant now, Handle<Account> handle, SipMessage response, ref RegistrationEvent happened)
    {
        if (TryNextServer(now, handle))
            Continue(handle, ref happened);
        else
            Retry(now, handle, RetryAfterOf(response), ref happened);
    }

    private void TakeSilence(Instant now, Handle<Account> handle, ref RegistrationEvent happened)
    {
        happened.Status = happened.Fault switch
        {
            // RFC 3261 §8.1.3.1.
            RegistrationFault.Timeout => 408,
            RegistrationFault.TooLarge => 513,
            _ => 503,
        };
        Counters.Unanswered++;
        ref var account = ref _accounts[handle];
        bool isOfServer = happened.Fault is RegistrationFault.Timeout or RegistrationFault.Transport;
        if (isOfServer)
            ReleaseWay(ref account);
        if (isOfServer && TryNextServer(now, handle))
            Continue(handle, ref happened);
        else if (happened.Fault == RegistrationFault.TooLarge)
            Refuse(now, handle, default, ref happened);
        else
            Retry(now, handle, default, ref happened);
    }

    private bool TryNextServer(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        if (!account.Servers.IsSome || !_resolver.TryNext(now, account.Servers))
            return false;
        Counters.Failovers++;
        ReleaseWay(ref account);
        return true;
    }

    private static TimeSpan RetryAfterOf(SipMessage response) =>
        response.TryGet<RetryAfter>(out var after, out _) ? TimeSpan.FromSeconds(after.Seconds) : default;

    // The same again at once, unless whoever is told wants something else.
    private void Continue(Handle<Account> handle, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        happened.Outcome = RegistrationOutcome.Continues;
        if (account.Pending != RegistrationVerb.None)
            return;
        account.Pending = account.Current;
        account.IsContinued = true;
    }

    private void Retry(Instant now, Handle<Account> handle, TimeSpan retryAfter, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        bool isSearch = happened.Fault is RegistrationFault.NoServer or RegistrationFault.NoWay;
        account.Failures++;
        var least = isSearch ? _options.SearchBase : _options.RetryBase;
        // RFC 5626 §4.5: W = min(max-time, base-time · 2^failures), and a time between half of it and the whole.
        int doublings = Math.Min(account.Failures - 1, MaxDoublings);
        var most = TimeSpan.FromTicks(Math.Min(_options.RetryMost.Ticks, 2 * least.Ticks << doublings));
        ComeBack(now, handle, HalfOrMore(most), retryAfter, RegistrationOutcome.WillRetry, ref happened);
    }

    // Beyond it any base is above any limit.
    private const int MaxDoublings = 20;

    private void Refuse(Instant now, Handle<Account> handle, TimeSpan retryAfter, ref RegistrationEvent happened)
    {
        _accounts[handle].Failures++;
        ComeBack(now, handle, HalfOrMore(_options.RefusedRetry), retryAfter, RegistrationOutcome.Refused, ref happened);
    }

    private void ComeBack(
        Instant now, Handle<Account> handle, TimeSpan wait, TimeSpan retryAfter, RegistrationOutcome outcome, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        if (retryAfter > _options.RetryAfterMost)
            retryAfter = _options.RetryAfterMost;
        if (retryAfter > TimeSpan.Zero)
        {
            account.NotBefore = now + retryAfter;
            // All who were sent away with the same number would come back together.
            retryAfter += Draw(retryAfter / 10 + _options.Spread);
        }
        // A query or the like that fails leaves the refresh where it was.
        bool isOurs = account.Current == RegistrationVerb.Register && account.IsAutomatic;
        if (isOurs)
            account.NextAt = now + (wait > retryAfter ? wait : retryAfter);
        else if (account.Current == RegistrationVerb.Register)
            account.NextAt = Instant.Never;
        happened.Outcome = isOurs || outcome == RegistrationOutcome.Refused ? outcome : RegistrationOutcome.Failed;
    }
}
