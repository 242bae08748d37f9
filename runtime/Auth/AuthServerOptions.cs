// What may be set about challenging others (RFC 7616 §3.3, §3.7; RFC 8760 §2.3).
namespace SipEmbedded.Auth;

/// <summary>Settings of a server, read once when it is made.</summary>
public sealed class AuthServerOptions
{
    private static readonly DigestAlgorithm[] s_algorithms = [DigestAlgorithm.Sha256, DigestAlgorithm.Md5];

    /// <summary>The realm, a host name with or without words (RFC 3261 §22.1); not empty.</summary>
    public required string Realm { get; init; }

    /// <summary>True for 407 and its headers, false for 401.</summary>
    public bool IsProxy { get; init; }

    /// <summary>What is offered, a challenge each, in this order (RFC 8760 §2.3: the most preferred first); at least one, none twice.</summary>
    public DigestAlgorithm[] Algorithms { get; init; } = s_algorithms;

    /// <summary>Offer auth-int beside auth.</summary>
    public bool OffersIntegrity { get; init; }

    /// <summary>Ask for the hash of the user's name in the place of the name (RFC 7616 §3.4.4). Both are accepted.</summary>
    public bool WantsUserHash { get; init; }

    /// <summary>The parameter domain: URIs with blanks between them; empty for none. Clients of SIP do not look at it (RFC 3261 §22.1).</summary>
    public string Domain { get; init; } = "";

    /// <summary>How long a nonce is good. Older ones are answered with stale=true, which costs the client a request.</summary>
    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Accept responses without qop, as RFC 2069 makes them and RFC 3261 §22.4 wants servers to. They have no count: a nonce is good for one of them.
    /// </summary>
    public bool AcceptsWithoutQop { get; init; } = true;

    /// <summary>
    /// Refuse credentials for another URI than the Request-URI. False where requests come by way of proxies that rewrite it; then the user of the server looks at
    /// <see cref="AuthCheck.Uri"/> (RFC 8760 §2.6 (6)).
    /// </summary>
    public bool RequiresSameUri { get; init; } = true;

    /// <summary>
    /// Nonces whose counts are remembered, at least 1: a phone uses one for its registrations and one for its calls during their lifetime, and a door has
    /// some dozen phones. See note [a full table of nonces].
    /// </summary>
    public int NoncesInUse { get; init; } = 64;
}
