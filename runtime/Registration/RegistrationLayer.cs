// The client's side of REGISTER (RFC 3261 §10, RFC 3327, RFC 3608, RFC 5626, RFC 5627): accounts, and what may be asked of them. Requests.cs writes,
// Responses.cs reads, Schedule.cs says when, Flows.cs keeps the way, Calls.cs has what an account is to its other requests.
//
// note [one thing at a time]
// A command only says what is wanted; the account gets to it when its time comes, which is at once if nothing is under way. So there is one request of an
// account at most (RFC 3261 §10.2), its result is told before the next is written, and whoever is told can still change contacts, credentials or the verb.
using SipEmbedded.Auth;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Resolution;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

/// <summary>All accounts of an agent; see note [one thing at a time].</summary>
public sealed partial class RegistrationLayer
{
    // An account's timers: its next request or news, and the end of what the server granted.
    private const int TimersEach = 2;
    private const int Next = 0;
    private const int Lapse = 1;

    private readonly RegistrationOptions _options;
    private readonly TransactionLayer _transactions;
    private readonly TransportLayer _transport;
    private readonly ServerResolver _resolver;
    private readonly FlowKeeper _keeper;
    private readonly ILocalAddresses _addresses;
    private readonly Entropy _entropy;
    private readonly SlotMap<Account> _accounts;
    private readonly TimerWheel _timers;
    private readonly AccountTexts _texts;
    private readonly ContactTable _contacts;
    private readonly Credentials[] _credentials;
    private readonly AuthSession[] _sessions;

    public RegistrationCounters Counters;

    [StartUp(Because = "a layer is made before start")]
    public RegistrationLayer(
        StartGate gate, RegistrationOptions options, TransactionLayer transactions, TransportLayer transport, ServerResolver resolver, FlowKeeper keeper,
        ILocalAddresses addresses, Entropy entropy)
    {
        const string Pool = "accounts";
        _options = options;
        _transactions = transactions;
        _transport = transport;
        _resolver = resolver;
        _keeper = keeper;
        _addresses = addresses;
        _entropy = entropy;
        _accounts = new(gate, Pool, options.Accounts);
        _timers = new(gate, Pool, options.Accounts * TimersEach);
        _texts = new(gate, options.Accounts);
        _contacts = new(gate, options.Accounts);
        _credentials = [.. Enumerable.Range(0, options.Accounts).Select(_ => new Credentials(gate, "credentials", AccountLimits.MaxCredentials))];
        _sessions = [.. _credentials.Select(credentials => new AuthSession(gate, entropy, credentials, options.Authentication))];
    }

    /// <summary>Accounts that there are.</summary>
    public int Count => _accounts.Count;

    internal Instant NextDeadline => _timers.NextDeadline;

    public bool IsLive(Handle<Account> account) => _accounts.IsLive(account);

    /// <summary>The accounts one by one: the first at or behind <paramref name="index"/>, in no order that means anything.</summary>
    public bool TryNext(ref int index, out Handle<Account> account)
    {
        index = _accounts.NextTaken(index);
        account = index < 0 ? default : _accounts.HandleOf(index);
        index++;
        return account.IsSome;
    }

    // ---- Making and ending --------------------------------------------------------------------------------------------------------

    /// <summary>Makes an account, which does nothing until it is told to. Nothing is left where a setting is not good.</summary>
    public AccountResult TryCreate(scoped in AccountSettings settings, out Handle<Account> account)
    {
        if (!_accounts.TryAdd(out account))
        {
            Counters.NoRoom++;
            return AccountResult.Full;
        }
        var result = TrySet(account, settings);
        if (result == AccountResult.Done)
            return result;
        Free(account);
        account = default;
        return result;
    }

    private AccountResult TrySet(Handle<Account> handle, scoped in AccountSettings settings)
    {
        int index = handle.Index;
        ref var account = ref _accounts[handle];
        account.User = settings.User;
        account.ExpiresSeconds = settings.ExpiresSeconds;
        account.DelayBeforeRefresh = settings.DelayBeforeRefresh;
        account.Protocol = settings.Protocol;
        account.KeepAlive = settings.KeepAlive;
        account.KeepAliveInterval = settings.KeepAliveInterval;
        account.OffersKeepAlive = settings.OffersKeepAlive;
        account.UsesPublicAddress = settings.UsesPublicAddress;
        account.FollowsRedirects = settings.FollowsRedirects;
        account.RegistrationId = settings.RegistrationId;
        account.NextAt = Instant.Never;
        account.CallId = _entropy.Next();
        account.CallIdRest = _entropy.Next();
        account.FromTag = _entropy.Next();
        _sessions[index].Use(_options.Authentication);
        var result = TrySetName(index, AccountText.AddressOfRecord, settings.AddressOfRecord, out var user);
        if (result == AccountResult.Done)
            result = TrySetName(index, AccountText.From, settings.From.IsEmpty ? settings.AddressOfRecord : settings.From, out _);
        if (result == AccountResult.Done)
            result = TrySetServer(index, settings.Server);
        if (result == AccountResult.Done)
            result = TrySetContactParts(index, settings, user);
        if (result == AccountResult.Done)
            result = SetRoute(handle, settings.Route);
        if (result == AccountResult.Done)
            result = SetHeaders(handle, settings.Headers);
        if (result == AccountResult.Done)
            result = SetSentBy(handle, settings.SentBy);
        if (result == AccountResult.Done && !settings.Contacts.IsEmpty)
            result = _contacts.TryUpdate(index, settings.Contacts, isAutomatic: false);
        return result;
    }

    /// <summary>
    /// Ends an account without a word to its server. While a request is under way: Busy, or, forced, the account ends when the request has, and nothing more is
    /// told of it. One that is held ends when it is let go.
    /// </summary>
    public AccountResult Destroy(Handle<Account> handle, bool isForced)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        ref var account = ref _accounts[handle];
        bool isUnderWay = account.Stage is AccountStage.Waiting;
        if (isUnderWay && !isForced)
            return AccountResult.Busy;
        account.IsDoomed = true;
        account.Pending = RegistrationVerb.None;
        CancelTimers(handle.Index);
        if (!isUnderWay && account.Holds == 0)
            Free(handle);
        return AccountResult.Done;
    }

    /// <summary>Keeps an account from being ended until <see cref="LetGo"/>, as often.</summary>
    public AccountResult Hold(Handle<Account> handle)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        if (_accounts[handle].Holds == byte.MaxValue)
            return AccountResult.TooMany;
        _accounts[handle].Holds++;
        return AccountResult.Done;
    }

    /// <summary>Undoes a <see cref="Hold"/>. Gone where the account ended by this, or had ended before.</summary>
    public AccountResult LetGo(Handle<Account> handle)
    {
        if (!_accounts.IsLive(handle))
        {
            Counters.StaleCommands++;
            return AccountResult.Gone;
        }
        ref var account = ref _accounts[handle];
        if (account.Holds > 0)
            account.Holds--;
        if (!account.IsDoomed || account.Holds > 0 || account.Stage == AccountStage.Waiting)
            return AccountResult.Done;
        Free(handle);
        return AccountResult.Gone;
    }

    private void Free(Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        ReleaseWay(ref account);
        ReleaseServers(ref account);
        CancelTimers(handle.Index);
        _texts.Clear(handle.Index);
        _contacts.Clear(handle.Index);
        _credentials[handle.Index].Clear();
        _sessions[handle.Index].Forget();
        _accounts.Remove(handle);
    }

    // A doomed account is gone for everybody but itself.
    private bool TryFind(Handle<Account> handle)
    {
        if (_accounts.IsLive(handle) && !_accounts[handle].IsDoomed)
            return true;
        Counters.StaleCommands++;
        return false;
    }

    // ---- What it is to do ---------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Registers now, or refreshes. <paramref name="isAutomatic"/>: from then on by itself, and again after failures, until told otherwise.
    /// </summary>
    public AccountResult Register(Instant now, Handle<Account> handle, bool isAutomatic)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        _accounts[handle].IsAutomatic = isAutomatic;
        // Whoever asks has a reason to: what a server said before is no reason to wait.
        _accounts[handle].NotBefore = now;
        return Want(now, handle, RegistrationVerb.Register);
    }

    /// <summary>Removes this account's contacts and registers no more by itself.</summary>
    public AccountResult Unregister(Instant now, Handle<Account> handle) => Stop(now, handle, RegistrationVerb.Unregister);

    /// <summary>Removes every contact of the address of record, also those of other devices, and registers no more by itself.</summary>
    public AccountResult UnregisterAll(Instant now, Handle<Account> handle) => Stop(now, handle, RegistrationVerb.UnregisterAll);

    /// <summary>Asks for the bindings and changes nothing.</summary>
    public AccountResult Query(Instant now, Handle<Account> handle) => TryFind(handle) ? Want(now, handle, RegistrationVerb.Query) : AccountResult.Gone;

    private AccountResult Stop(Instant now, Handle<Account> handle, RegistrationVerb verb)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        _accounts[handle].IsAutomatic = false;
        // Nor does the refresh that was due come, should this fail.
        _accounts[handle].NextAt = Instant.Never;
        return Want(now, handle, verb);
    }

    private AccountResult Want(Instant now, Handle<Account> handle, RegistrationVerb verb)
    {
        ref var account = ref _accounts[handle];
        account.Pending = verb;
        account.IsContinued = false;
        if (account.Stage == AccountStage.Idle)
            Arm(now, handle.Index);
        return AccountResult.Done;
    }

    // ---- What it is ---------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Makes these the contacts: values of a Contact header, separated by commas. Those that are there stay, new ones are added, others are removed, all by the next
    /// request (<see cref="Register"/>). Empty: the one that is made from the flow.
    /// </summary>
    public AccountResult UpdateContacts(Handle<Account> handle, scoped ReadOnlySpan<byte> contacts)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        if (!contacts.IsEmpty)
            return _contacts.TryUpdate(handle.Index, contacts, isAutomatic: false);
        Span<byte> room = stackalloc byte[AccountLimits.MaxContactOctets];
        ref readonly var account = ref _accounts[handle];
        // Without a flow its contact is made with the next request.
        return account.Flow.Protocol == Protocol.None || !TryComposeContact(handle.Index, account, room, out int length)
            ? AccountResult.Done
            : _contacts.TryUpdate(handle.Index, room[..length], isAutomatic: true);
    }

    /// <summary>Seconds to ask for from the next request on; null asks for nothing.</summary>
    public AccountResult UpdateExpires(Handle<Account> handle, uint? seconds)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        _accounts[handle].ExpiresSeconds = seconds;
        return AccountResult.Done;
    }

    /// <summary>See <see cref="AccountSettings.DelayBeforeRefresh"/>; from the next answer on.</summary>
    public AccountResult SetDelayBeforeRefresh(Handle<Account> handle, TimeSpan delay)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        if (delay < TimeSpan.Zero)
            return AccountResult.Malformed;
        _accounts[handle].DelayBeforeRefresh = delay;
        return AccountResult.Done;
    }

    /// <summary>
    /// The password of a user in a realm; an empty realm is any (<see cref="Credentials.Set"/>). Used from the next request on.
    /// </summary>
    public AccountResult SetCredentials(Handle<Account> handle, scoped ReadOnlySpan<byte> realm, scoped ReadOnlySpan<byte> user, scoped ReadOnlySpan<byte> password) =>
        !TryFind(handle) ? AccountResult.Gone : ResultOf(_credentials[handle.Index].Set(realm, user, password));

    /// <summary>The same with what RFC 7616 §3.4.2 calls H(A1) for one algorithm, so that the password need not be kept (<see cref="Credentials.SetSecret"/>).</summary>
    public AccountResult SetSecret(
        Handle<Account> handle, scoped ReadOnlySpan<byte> realm, scoped ReadOnlySpan<byte> user, DigestAlgorithm algorithm, scoped ReadOnlySpan<byte> secret) =>
        !TryFind(handle) ? AccountResult.Gone : ResultOf(_credentials[handle.Index].SetSecret(realm, user, algorithm, secret));

    /// <summary>Forgets all credentials.</summary>
    public AccountResult ClearCredentials(Handle<Account> handle)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        _credentials[handle.Index].Clear();
        _sessions[handle.Index].Forget();
        return AccountResult.Done;
    }

    /// <summary>How challenges are answered: an empty Authorization first, the order of algorithms, the weakest that is taken.</summary>
    public AccountResult SetPreferences(Handle<Account> handle, AuthSessionOptions preferences)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        _sessions[handle.Index].Use(preferences);
        return AccountResult.Done;
    }

    private static AccountResult ResultOf(CredentialsResult result) => result switch
    {
        CredentialsResult.Stored => AccountResult.Done,
        CredentialsResult.Full => AccountResult.TooMany,
        CredentialsResult.TooLong => AccountResult.TooLong,
        _ => AccountResult.Malformed,
    };

    /// <summary>The routes that requests take: values of Route, separated by commas, the first the next hop (RFC 3261 §8.1.2).</summary>
    public AccountResult SetRoute(Handle<Account> handle, scoped ReadOnlySpan<byte> routes)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        int offset = routes.IsEmpty ? HeaderValues.NoMore : HeaderValues.First<Route>(routes, 0, routes.Length, default, out _);
        if (offset < 0 && !routes.IsEmpty)
            return AccountResult.Malformed;
        while (offset >= 0)
        {
            if (HeaderValues.Next<Route>(routes, offset, routes.Length, default, out var route, out offset) < 0 || route.Uri.Kind is SipUriKind.None or SipUriKind.Absolute)
                return AccountResult.Malformed;
        }
        if (!_texts.TrySet(handle.Index, AccountText.Route, routes))
            return AccountResult.TooLong;
        ChangeWay(handle);
        return AccountResult.Done;
    }

    /// <summary>Header lines for each request, each with its CRLF. Those that the stack writes itself are Malformed.</summary>
    public AccountResult SetHeaders(Handle<Account> handle, scoped ReadOnlySpan<byte> lines)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        if (lines.Length > AccountLimits.MaxHeaderOctets)
            return AccountResult.TooLong;
        Span<byte> room = stackalloc byte[AccountLimits.MaxHeaderOctets + HeaderRoom];
        var trial = new MessageBuilder(room);
        return TryWriteHeaders(ref trial, lines) && _texts.TrySet(handle.Index, AccountText.Headers, lines) ? AccountResult.Done : AccountResult.Malformed;
    }

    /// <summary>See <see cref="AccountSettings.SentBy"/>; empty: the flow's own.</summary>
    public AccountResult SetSentBy(Handle<Account> handle, scoped ReadOnlySpan<byte> sentBy)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        if (sentBy.Length > AccountLimits.MaxSentByOctets)
            return AccountResult.TooLong;
        if (!sentBy.IsEmpty)
        {
            Span<byte> room = stackalloc byte[AccountLimits.MaxSentByOctets + HeaderRoom];
            var writer = new ByteWriter(room);
            writer.Write("SIP/2.0/UDP "u8);
            writer.Write(sentBy);
            if (Via.Match(writer.WrittenSpan, 0, 0, out var via) != writer.Written || via.Parameters.IsPresent)
                return AccountResult.Malformed;
        }
        _texts.TrySet(handle.Index, AccountText.SentBy, sentBy);
        return AccountResult.Done;
    }

    /// <summary>
    /// Binds the account to a transport, from an address of ours where <see cref="Flow.Local"/> has one; or, where the flow has a remote address as well, to that
    /// way. The contact follows where it is made from the flow; others are the user's to change.
    /// </summary>
    public AccountResult SetTransport(Handle<Account> handle, in Flow flow)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        if (flow.Protocol is not (Protocol.Udp or Protocol.Tcp or Protocol.Tls))
            return AccountResult.Malformed;
        _accounts[handle].Bound = flow;
        ChangeWay(handle);
        return AccountResult.Done;
    }

    /// <summary>
    /// Undoes <see cref="SetTransport"/>, and lets go of the connection in use, which may then be closed: by the other accounts on it, or for being idle.
    /// </summary>
    public AccountResult ReleaseTransport(Handle<Account> handle)
    {
        if (!TryFind(handle))
            return AccountResult.Gone;
        _accounts[handle].Bound = default;
        ChangeWay(handle);
        return AccountResult.Done;
    }

    // ---- Asking -------------------------------------------------------------------------------------------------------------------

    /// <summary>How an account stands; false where there is none.</summary>
    public bool TryGetInfo(Instant now, Handle<Account> handle, out RegistrationInfo info)
    {
        info = default;
        if (!TryFind(handle))
            return false;
        ref readonly var account = ref _accounts[handle];
        bool isKnown = account.IsKnown && account.KnownUntil > now;
        info = new()
        {
            State = StateOf(account, isKnown),
            IsBusy = account.IsBusy,
            IsAutomatic = account.IsAutomatic,
            Interval = isKnown ? TimeSpan.FromSeconds(account.GrantedSeconds) : TimeSpan.Zero,
            Next = Until(now, account),
            Remaining = isKnown ? account.KnownUntil - now : TimeSpan.Zero,
            Flow = account.Flow,
            PublicAddress = account.Seen,
            Status = account.Status,
            Failures = account.Failures,
            IsServerStale = account.IsServerStale,
            User = account.User,
        };
        return true;
    }

    private static RegistrationState StateOf(in Account account, bool isKnown) => account switch
    {
        { IsOffline: true } => RegistrationState.Offline,
        _ when isKnown => RegistrationState.Registered,
        { Outcome: RegistrationOutcome.Refused } => RegistrationState.Refused,
        { Outcome: RegistrationOutcome.WillRetry } => RegistrationState.Retrying,
        { IsBusy: true, IsAutomatic: true } or { Current: RegistrationVerb.Register } or { Pending: RegistrationVerb.Register } => RegistrationState.Registering,
        _ => RegistrationState.Unregistered,
    };

    /// <summary>A text of an account, until the next input or command; empty where there is none.</summary>
    public ReadOnlySpan<byte> TextOf(Handle<Account> handle, AccountText text) => _accounts.IsLive(handle) ? _texts.Of(handle.Index, text) : default;

    /// <summary>The first contact that the account wants, as it stands in its requests; empty before the first.</summary>
    public ReadOnlySpan<byte> ContactOf(Handle<Account> handle) => _accounts.IsLive(handle) ? _contacts.FirstWanted(handle.Index) : default;

    // ---- Texts --------------------------------------------------------------------------------------------------------------------

    // A URI becomes a name-addr: its parameters are its own, whatever the header would make of them (RFC 3261 §20.10).
    private AccountResult TrySetName(int index, AccountText kind, scoped ReadOnlySpan<byte> text, out Slice user)
    {
        user = default;
        Span<byte> room = stackalloc byte[AccountLimits.MaxUriOctets];
        var writer = new ByteWriter(room);
        bool isName = text.Contains((byte)'<');
        if (!isName)
            writer.Write((byte)'<');
        writer.Write(text);
        if (!isName)
            writer.Write((byte)'>');
        if (writer.Overflowed)
            return AccountResult.TooLong;
        if (To.Match(writer.WrittenSpan, 0, 0, out var value) != writer.Written || value.Tag.IsPresent || value.Uri.Kind is SipUriKind.None or SipUriKind.Absolute)
            return AccountResult.Malformed;
        _texts.TrySet(index, kind, writer.WrittenSpan);
        user = value.Uri.User;
        return AccountResult.Done;
    }

    // RFC 3261 §10.2: a registrar that is asked for a user may do nothing at all.
    private AccountResult TrySetServer(int index, scoped ReadOnlySpan<byte> server)
    {
        scoped ReadOnlySpan<byte> text = server;
        if (server.IsEmpty)
        {
            text = _texts.Of(index, AccountText.AddressOfRecord);
            if (To.Match(text, 0, 0, out var to) < 0)
                return AccountResult.Malformed;
            text = to.Uri.Extent.In(text);
        }
        Span<byte> room = stackalloc byte[AccountLimits.MaxUriOctets];
        if (SipUri.Match(text, 0, 0, out var uri) != text.Length || uri.Kind is SipUriKind.None or SipUriKind.Absolute)
            return AccountResult.Malformed;
        var writer = new ByteWriter(room);
        WriteServer(uri, text, keepsParameters: !server.IsEmpty, ref writer);
        if (writer.Overflowed)
            return AccountResult.TooLong;
        _texts.TrySet(index, AccountText.Server, writer.WrittenSpan);
        return AccountResult.Done;
    }

    private static void WriteServer(in SipUri uri, scoped ReadOnlySpan<byte> text, bool keepsParameters, ref ByteWriter writer)
    {
        writer.Write(uri.Kind == SipUriKind.Sips ? "sips:"u8 : "sip:"u8);
        writer.Write(uri.Host.In(text));
        if (uri.Port is { } port)
        {
            writer.Write((byte)':');
            writer.Write((ulong)port);
        }
        if (keepsParameters && uri.Parameters.IsPresent)
            writer.Write(uri.Parameters.In(text));
    }

    private AccountResult TrySetContactParts(int index, scoped in AccountSettings settings, Slice user)
    {
        scoped var contactUser = settings.ContactUser.IsEmpty ? user.In(_texts.Of(index, AccountText.AddressOfRecord)) : settings.ContactUser;
        if (!_texts.TrySet(index, AccountText.ContactUser, contactUser) || !_texts.TrySet(index, AccountText.ContactParameters, settings.ContactParameters)
            || !_texts.TrySet(index, AccountText.Instance, settings.Instance))
            return AccountResult.TooLong;
        // What is put together of them later must be a contact, and with an instance still one.
        Span<byte> room = stackalloc byte[AccountLimits.MaxContactOctets + AccountLimits.MaxUriOctets + HeaderRoom];
        var writer = new ByteWriter(room);
        WriteContact(index, "192.0.2.1"u8, Protocol.Tcp, ref writer);
        if (writer.Written > AccountLimits.MaxContactOctets - HeaderRoom)
            return AccountResult.TooLong;
        WriteInstance(index, settings.RegistrationId, ref writer);
        bool isContact = !writer.Overflowed && Contact.Match(writer.WrittenSpan, 0, 0, out var contact) == writer.Written && contact.Uri.Kind != SipUriKind.Absolute
            && (settings.Instance.IsEmpty || contact.Instance.Length == settings.Instance.Length + 4 && settings.RegistrationId is > 0 and <= int.MaxValue);
        return isContact ? AccountResult.Done : AccountResult.Malformed;
    }

    // Names, brackets and addresses around the parts that have a limit of their own.
    private const int HeaderRoom = 96;
}
