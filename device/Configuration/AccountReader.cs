// Reads a section of "accounts". Members that do not go together are found here too.
using System.Globalization;
using System.Text;
using SipEmbedded.Auth;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Configuration;

internal static class AccountReader
{
    // An outbound proxy, and an edge of the provider behind it, with two to spare.
    private const int MaxRoutes = 4;

    private const int MaxHeaders = 8;

    // Ten minutes: a PBX that lost its memory knows the device again before somebody has waited at the door for long.
    private const uint StandardExpires = 600;

    // A request that is lost takes 32 s to be given up (64*T1), and a second server is to be asked in time.
    private const uint StandardRefreshDelay = 40;

    private const uint MostExpires = AccountLimits.MaxSeconds;
    private const int MostPingSeconds = 3600;

    // A session's hash is of one session: what is stored are the others.
    private static readonly DigestAlgorithm[] s_stored = [DigestAlgorithm.Md5, DigestAlgorithm.Sha256, DigestAlgorithm.Sha512Slash256];

    /// <summary>Reads an account; where it has faults, what is given back is not to be used.</summary>
    public static AccountConfiguration Read(ConfigurationSection section, SecretSource secrets)
    {
        string? name = section.Text("name", text => text.Length is 0 or > 32 || text.Any(char.IsControl) ? "is no name: from 1 to 32 characters" : null);
        string server = section.Text("server", SipTexts.CheckServer, isRequired: true) ?? "sip:invalid";
        string user = section.Text("user", SipTexts.CheckUser, isRequired: true) ?? "invalid";
        string addressOfRecord = section.Text("addressOfRecord", SipTexts.CheckAddressOfRecord) ?? $"sip:{user}@{HostOf(server)}";
        string from = section.Text("from", SipTexts.CheckAddressOfRecord) ?? addressOfRecord;
        string displayName = section.Text("displayName", SipTexts.CheckDisplayName) ?? "";
        var authentication = Authentication(section, user, secrets);
        var transport = section.Choice("transport", Protocol.None, ("any", Protocol.None), ("udp", Protocol.Udp), ("tcp", Protocol.Tcp));
        if (transport != Protocol.None && TransportOf(server) is var said && said != Protocol.None && said != transport)
            section.Refuse("transport", "the URI of the server names another transport: leave out one of them");
        List<string> route = section.Text("outboundProxy", SipTexts.CheckRoute) is { } proxy ? [proxy] : [];
        route.AddRange(section.Texts("route", MaxRoutes - 1, SipTexts.CheckRoute));
        string? contactUser = null;
        string contactParameters = "";
        if (section.Section("contact") is { } contact)
        {
            contactUser = contact.Text("user", SipTexts.CheckUser);
            contactParameters = Parameters(contact);
            contact.End();
        }
        var contacts = section.Sections("contacts", AccountLimits.MaxContacts).Select(Contact).ToArray();
        if (contacts.Length > 0 && section.Has("contact"))
            section.Refuse("contacts", "they stand in place of \"contact\": leave out one of them");
        uint expires = (uint)section.Number("expires", StandardExpires, 1, MostExpires, "seconds");
        uint refreshDelay = (uint)section.Number("refreshDelay", StandardRefreshDelay, 1, MostExpires, "seconds");
        bool isAutomatic = section.Flag("automatic", true);
        (string, string)[] headers = [];
        if (section.Section("headers") is { } table)
            headers = [.. table.Table(MaxHeaders, SipTexts.CheckHeaderName, SipTexts.CheckHeaderValue)];
        string? sentBy = section.Text("sentBy", SipTexts.CheckHostPort);
        var algorithms = section.Texts("algorithms", DigestAlgorithms.Count, CheckAlgorithm).Select(AlgorithmOf).ToArray();
        var minimum = section.Text("minimumAlgorithm", CheckAlgorithm) is { } text ? AlgorithmOf(text) : DigestAlgorithm.Md5;
        if (algorithms.Length > 0 && algorithms.All(algorithm => algorithm < minimum))
            section.Refuse("minimumAlgorithm", "it is stronger than all of \"algorithms\": nothing would be left to answer with");
        bool beginsEmpty = section.Flag("emptyAuthorization", false);
        var keepAlive = KeepAlive(section);
        string? instance = section.Text("instanceId", SipTexts.CheckInstance);
        bool usesPublicAddress = section.Flag("usePublicAddress", false);
        bool followsRedirects = section.Flag("followRedirects", true);
        var ping = section.Number("ping", 0, 1, MostPingSeconds, "seconds");
        section.End();
        return new()
        {
            Name = name ?? user,
            Server = server,
            AddressOfRecord = addressOfRecord,
            From = from,
            DisplayName = displayName,
            Authentication = authentication,
            Transport = transport,
            Route = [.. route],
            ContactUser = contactUser,
            ContactParameters = contactParameters,
            Contacts = contacts,
            ExpiresSeconds = expires,
            RefreshDelaySeconds = refreshDelay,
            IsAutomatic = isAutomatic,
            Headers = headers,
            SentBy = sentBy,
            Algorithms = algorithms,
            MinimumAlgorithm = minimum,
            BeginsWithEmptyAuthorization = beginsEmpty,
            KeepAlive = keepAlive,
            InstanceId = instance,
            UsesPublicAddress = usesPublicAddress,
            FollowsRedirects = followsRedirects,
            PingSeconds = ping > 0 ? (int)ping : null,
        };
    }

    private static ContactConfiguration Contact(ConfigurationSection section)
    {
        var contact = new ContactConfiguration
        {
            Uri = section.Text("uri", SipTexts.CheckContact, isRequired: true) ?? "sip:invalid",
            Parameters = Parameters(section),
            ExpiresSeconds = section.Number("expires", 0, 1, MostExpires, "seconds") is > 0 and var seconds ? (uint)seconds : null,
        };
        section.End();
        return contact;
    }

    private static string Parameters(ConfigurationSection section)
    {
        string parameters = section.Text("parameters", SipTexts.CheckContactParameters) ?? "";
        return section.Thousandths("q") is { } q ? string.Create(CultureInfo.InvariantCulture, $";q={q / 1000m}{parameters}") : parameters;
    }

    private static KeepAliveConfiguration KeepAlive(ConfigurationSection account)
    {
        if (account.Section("keepAlive") is not { } section)
            return KeepAliveConfiguration.Standard;
        var method = section.Choice("method", KeepAliveChoice.Automatic, ("automatic", KeepAliveChoice.Automatic), ("none", KeepAliveChoice.None),
            ("crlf", KeepAliveChoice.Crlf), ("stun", KeepAliveChoice.Stun));
        int interval = (int)section.Number("interval", 0, 1, MostPingSeconds, "seconds");
        bool isOffered = section.Flag("offer", false);
        section.End();
        return new(method, interval > 0 ? interval : null, isOffered);
    }

    // The account's own user and password, and those of further realms.
    private static AuthenticationConfiguration[] Authentication(ConfigurationSection account, string user, SecretSource secrets)
    {
        List<AuthenticationConfiguration> all = [];
        string own = account.Text("authenticationUser", SipTexts.CheckAuthenticationUser) ?? user;
        string realm = account.Text("realm", SipTexts.CheckRealm) ?? "";
        if (account.Has("password"))
            all.Add(Secret(account, own, realm, secrets));
        foreach (var section in account.Sections("credentials", AccountLimits.MaxCredentials - 1))
        {
            string its = section.Text("realm", SipTexts.CheckRealm, isRequired: true) ?? "";
            string who = section.Text("user", SipTexts.CheckAuthenticationUser) ?? own;
            if (!section.Has("password"))
                section.Refuse("password", "it is missing");
            all.Add(Secret(section, who, its, secrets));
            section.End();
        }
        return [.. all];
    }

    private static AuthenticationConfiguration Secret(ConfigurationSection owner, string user, string realm, SecretSource secrets)
    {
        if (!owner.IsSection("password"))
            return new() { User = user, Realm = realm, Password = owner.HiddenText("password", SipTexts.CheckPassword) };
        var section = owner.Section("password")!;
        string? password = null;
        PasswordHash[] hashes = [];
        if (section.Text("file", text => text.Length == 0 ? "is no path" : null) is { } path)
        {
            password = secrets.OfFile(path, out string reason);
            Judge(section, "file", password, reason);
        }
        if (section.Text("environment", text => text.Length == 0 || text.Contains('=') ? "is no name of a variable" : null) is { } variable)
        {
            password = secrets.OfEnvironment(variable);
            Judge(section, "environment", password, $"the variable {variable} is not set");
        }
        if (section.Section("hash") is { } table)
        {
            if (realm.Length == 0)
                owner.Refuse("password", "a hash is of one realm: say \"realm\" beside it");
            hashes = [.. s_stored.Select(algorithm => Hash(table, algorithm)).OfType<PasswordHash>()];
            table.End();
            if (hashes.Length == 0)
                section.Refuse("hash", $"none is here: {AlgorithmNames(s_stored)}");
        }
        if ((section.Has("file") ? 1 : 0) + (section.Has("environment") ? 1 : 0) + (section.Has("hash") ? 1 : 0) != 1)
            owner.Refuse("password", "one of file, environment, hash is to stand here");
        section.End();
        return new() { User = user, Realm = realm, Password = password, Hashes = hashes };
    }

    private static void Judge(ConfigurationSection section, string member, string? password, string reason)
    {
        if (password is null)
            section.Refuse(member, reason);
        else if (SipTexts.CheckPassword(password) is { } fault)
            section.Refuse(member, fault);
    }

    private static string? CheckAlgorithm(string text) =>
        DigestAlgorithms.TryParse(Encoding.UTF8.GetBytes(text), out _) ? null
            : $"is no algorithm: {AlgorithmNames(Enumerable.Range(0, DigestAlgorithms.Count).Select(i => (DigestAlgorithm)i))}";

    private static PasswordHash? Hash(ConfigurationSection table, DigestAlgorithm algorithm)
    {
        int digits = algorithm == DigestAlgorithm.Md5 ? 32 : 64;
        string? text = table.HiddenText(NameOf(algorithm), text => text.Length == digits && text.All(char.IsAsciiHexDigit)
            ? null : $"it is no hash of this kind: {digits} hexadecimal digits");
        return text is null ? null : new(algorithm, text);
    }

    private static string NameOf(DigestAlgorithm algorithm) => Encoding.ASCII.GetString(DigestAlgorithms.NameOf(algorithm));

    private static string AlgorithmNames(IEnumerable<DigestAlgorithm> algorithms) => string.Join(", ", algorithms.Select(NameOf));

    private static DigestAlgorithm AlgorithmOf(string text)
    {
        DigestAlgorithms.TryParse(Encoding.UTF8.GetBytes(text), out var algorithm);
        return algorithm;
    }

    private static string HostOf(string server)
    {
        byte[] octets = Encoding.UTF8.GetBytes(server);
        SipUri.Match(octets, 0, (uint)Leniency.None, out var uri);
        return Encoding.UTF8.GetString(uri.Host.In(octets));
    }

    private static Protocol TransportOf(string server)
    {
        byte[] octets = Encoding.UTF8.GetBytes(server);
        SipUri.Match(octets, 0, (uint)Leniency.None, out var uri);
        return Encoding.ASCII.GetString(uri.Transport.In(octets)).ToLowerInvariant() switch
        {
            "udp" => Protocol.Udp,
            "tcp" => Protocol.Tcp,
            _ => Protocol.None,
        };
    }
}
