// One account: where it is registered, as whom, how often, and over which way. The names are those of the configuration file.
using SipEmbedded.Auth;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Configuration;

/// <summary>How a flow is kept alive between requests (RFC 5626 §4.4).</summary>
internal enum KeepAliveChoice
{
    /// <summary>CRLF on streams, nothing over UDP.</summary>
    Automatic,
    None,
    Crlf,
    Stun,
}

/// <param name="Method">What is sent.</param>
/// <param name="IntervalSeconds">How often; null: what the server says (Flow-Timer, keep), else RFC 5626 §4.4.1's.</param>
/// <param name="IsOffered">Whether our Via offers it (RFC 6223).</param>
internal sealed record KeepAliveConfiguration(KeepAliveChoice Method, int? IntervalSeconds, bool IsOffered)
{
    public static KeepAliveConfiguration Standard { get; } = new(KeepAliveChoice.Automatic, null, false);
}

/// <summary>A contact that does not follow the address of this machine (RFC 3261 §20.10).</summary>
internal sealed record ContactConfiguration
{
    public required string Uri { get; init; }

    /// <summary>Parameters of the header, its q among them, from the first semicolon, or empty.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>Null: the account's.</summary>
    public uint? ExpiresSeconds { get; init; }
}

/// <summary>A realm's H(user:realm:password), so that no file has the password.</summary>
internal sealed record PasswordHash(DigestAlgorithm Algorithm, string Digits);

/// <summary>What an account says that it is (RFC 7616 §3.4).</summary>
internal sealed record AuthenticationConfiguration
{
    public required string User { get; init; }

    /// <summary>Empty: whichever asks.</summary>
    public string Realm { get; init; } = "";

    /// <summary>Null where there are hashes, or nobody asks.</summary>
    public string? Password { get; init; }

    public IReadOnlyList<PasswordHash> Hashes { get; init; } = [];
}

/// <summary>An account of the file, checked.</summary>
internal sealed record AccountConfiguration
{
    /// <summary>How the program speaks of it.</summary>
    public required string Name { get; init; }

    /// <summary>The registrar's URI, without a user (RFC 3261 §10.2).</summary>
    public required string Server { get; init; }

    /// <summary>Who is registered: the To of its REGISTERs.</summary>
    public required string AddressOfRecord { get; init; }

    /// <summary>Who registers: their From. The same as <see cref="AddressOfRecord"/>, but for third parties.</summary>
    public required string From { get; init; }

    public string DisplayName { get; init; } = "";

    public required AuthenticationConfiguration[] Authentication { get; init; }

    /// <summary>None: the server's URI and its DNS records say.</summary>
    public Protocol Transport { get; init; }

    /// <summary>Route URIs; the first is an outbound proxy.</summary>
    public required string[] Route { get; init; }

    /// <summary>The user part of the contact that is made from the flow; null: that of the address of record.</summary>
    public string? ContactUser { get; init; }

    /// <summary>Parameters of that contact, its q among them, from the first semicolon, or empty.</summary>
    public string ContactParameters { get; init; } = "";

    /// <summary>Others in place of that contact; empty: that one.</summary>
    public required ContactConfiguration[] Contacts { get; init; }

    public uint ExpiresSeconds { get; init; }

    public uint RefreshDelaySeconds { get; init; }

    public bool IsAutomatic { get; init; }

    public required (string Name, string Value)[] Headers { get; init; }

    /// <summary>Host and port of our Via; null: the socket's.</summary>
    public string? SentBy { get; init; }

    /// <summary>The most wanted first; empty: all, as the server orders them.</summary>
    public required DigestAlgorithm[] Algorithms { get; init; }

    public DigestAlgorithm MinimumAlgorithm { get; init; }

    /// <summary>Whether the first request names the user in an Authorization without an answer.</summary>
    public bool BeginsWithEmptyAuthorization { get; init; }

    public required KeepAliveConfiguration KeepAlive { get; init; }

    /// <summary>The device for good (RFC 5626 §4.1), or null. With one, outbound and GRUUs are asked for.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Whether the address that a server saw us at stands in Contact, in place of our own.</summary>
    public bool UsesPublicAddress { get; init; }

    /// <summary>Whether a 3xx is followed to another registrar.</summary>
    public bool FollowsRedirects { get; init; }

    /// <summary>How often the server is asked with OPTIONS how long it takes to answer; null: never.</summary>
    public int? PingSeconds { get; init; }
}
