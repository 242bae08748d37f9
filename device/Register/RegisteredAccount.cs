// An account of the configuration in an agent: made from it, changed by it, and what was last heard of it.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Auth;
using SipEmbedded.Device.Configuration;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Register;

internal sealed class RegisteredAccount(SipAgent agent, AccountConfiguration configuration, int number)
{
    private readonly RegistrationLayer _layer = agent.Accounts!;
    private Handle<Account> _handle;
    private Handle<PingedTarget> _ping;
    private Flow _pinged;

    public AccountConfiguration Configuration { get; private set; } = configuration;

    public string Name => Configuration.Name;

    public string LastResult { get; set; } = "-";

    public TimeSpan? RoundTrip { get; set; }

    /// <summary>Whether what was asked for last was done.</summary>
    public bool IsDone { get; set; }

    /// <summary>Makes it; <see cref="AccountResult.Done"/> where all is well.</summary>
    public AccountResult Create()
    {
        var result = _layer.TryCreate(new()
        {
            Server = Octets(Configuration.Server),
            AddressOfRecord = Octets(NameAddress(Configuration.AddressOfRecord)),
            From = Octets(NameAddress(Configuration.From)),
            Contacts = Octets(Contacts(Configuration)),
            ContactUser = Octets(Configuration.ContactUser ?? ""),
            ContactParameters = Octets(Configuration.ContactParameters),
            Route = Octets(Route(Configuration)),
            Headers = Octets(Headers(Configuration)),
            SentBy = Octets(Configuration.SentBy ?? ""),
            Instance = Octets(Configuration.InstanceId ?? ""),
            ExpiresSeconds = Configuration.ExpiresSeconds,
            DelayBeforeRefresh = TimeSpan.FromSeconds(Configuration.RefreshDelaySeconds),
            Protocol = Configuration.Transport,
            KeepAlive = MethodOf(Configuration.KeepAlive.Method),
            KeepAliveInterval = Configuration.KeepAlive.IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            OffersKeepAlive = Configuration.KeepAlive.IsOffered,
            UsesPublicAddress = Configuration.UsesPublicAddress,
            FollowsRedirects = Configuration.FollowsRedirects,
            User = (ulong)number,
        }, out _handle);
        return result == AccountResult.Done ? SetSecrets() : result;
    }

    /// <summary>Takes over what can be changed, and registers with it.</summary>
    public AccountResult Change(Instant now, AccountConfiguration next)
    {
        Configuration = next;
        var result = _layer.UpdateContacts(_handle, Octets(Contacts(next)));
        if (result == AccountResult.Done)
            result = _layer.UpdateExpires(_handle, next.ExpiresSeconds);
        if (result == AccountResult.Done)
            result = _layer.SetDelayBeforeRefresh(_handle, TimeSpan.FromSeconds(next.RefreshDelaySeconds));
        if (result == AccountResult.Done)
            result = _layer.SetRoute(_handle, Octets(Route(next)));
        if (result == AccountResult.Done)
            result = _layer.SetHeaders(_handle, Octets(Headers(next)));
        if (result == AccountResult.Done)
            result = _layer.SetSentBy(_handle, Octets(next.SentBy ?? ""));
        if (result == AccountResult.Done)
            result = _layer.ClearCredentials(_handle);
        if (result == AccountResult.Done)
            result = SetSecrets();
        return result == AccountResult.Done ? Register(now) : result;
    }

    public AccountResult Register(Instant now) => _layer.Register(now, _handle, Configuration.IsAutomatic);

    public AccountResult Unregister(Instant now) => _layer.Unregister(now, _handle);

    public AccountResult UnregisterAll(Instant now) => _layer.UnregisterAll(now, _handle);

    public AccountResult Query(Instant now) => _layer.Query(now, _handle);

    public RegistrationInfo Info(Instant now)
    {
        _layer.TryGetInfo(now, _handle, out var info);
        return info;
    }

    /// <summary>Pings the server that it is registered at, where the configuration asks for that.</summary>
    public void Ping(Instant now, in Flow flow)
    {
        if (Configuration.PingSeconds is not { } seconds || flow == _pinged)
            return;
        StopPing();
        bool isStarted = agent.TryStartPing(now, new()
        {
            Uri = Octets(Configuration.Server), From = Octets(NameAddress(Configuration.From)), Flow = flow, Interval = TimeSpan.FromSeconds(seconds),
            User = (ulong)number,
        }, out _ping);
        _pinged = isStarted ? flow : default;
    }

    public void StopPing()
    {
        if (_ping.IsSome)
            agent.StopPing(_ping);
        _ping = default;
        _pinged = default;
        RoundTrip = null;
    }

    private AccountResult SetSecrets()
    {
        var result = _layer.SetPreferences(_handle, Preferences(Configuration));
        foreach (var who in Configuration.Authentication)
        {
            byte[] realm = Octets(who.Realm), user = Octets(who.User);
            if (result == AccountResult.Done && who.Password is { } password)
                result = _layer.SetCredentials(_handle, realm, user, Octets(password));
            foreach (var hash in who.Hashes)
            {
                if (result == AccountResult.Done)
                    result = _layer.SetSecret(_handle, realm, user, hash.Algorithm, Octets(hash.Digits));
            }
        }
        return result;
    }

    private static AuthSessionOptions Preferences(AccountConfiguration account)
    {
        var standard = new AuthSessionOptions();
        return new()
        {
            Preference = account.Algorithms.Length > 0 ? account.Algorithms : standard.Preference,
            MinimumAlgorithm = account.MinimumAlgorithm,
            BeginsEmpty = account.BeginsWithEmptyAuthorization,
        };
    }

    private static KeepAliveMethod? MethodOf(KeepAliveChoice choice) => choice switch
    {
        KeepAliveChoice.Automatic => null,
        KeepAliveChoice.Crlf => KeepAliveMethod.Crlf,
        KeepAliveChoice.Stun => KeepAliveMethod.Stun,
        _ => KeepAliveMethod.None,
    };

    // RFC 3261 §25.1: quotes and backslashes within a quoted string have a backslash before them.
    private string NameAddress(string uri) => Configuration.DisplayName.Length == 0 ? uri
        : $"\"{Configuration.DisplayName.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" <{uri}>";

    private static string Contacts(AccountConfiguration account) => string.Join(", ", account.Contacts.Select(contact =>
        $"<{contact.Uri}>{contact.Parameters}{(contact.ExpiresSeconds is { } seconds ? $";expires={seconds}" : "")}"));

    private static string Route(AccountConfiguration account) => string.Join(", ", account.Route.Select(uri => $"<{uri}>"));

    private static string Headers(AccountConfiguration account) => string.Concat(account.Headers.Select(header => $"{header.Name}: {header.Value}\r\n"));

    private static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);
}
