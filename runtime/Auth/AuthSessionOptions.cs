// What may be set about answering challenges (RFC 7616 §3.7, §5.6 to §5.8; RFC 8760 §2.4).
namespace SipEmbedded.Auth;

/// <summary>Settings of a session, read once when it is made.</summary>
public sealed class AuthSessionOptions
{
    private static readonly DigestAlgorithm[] s_strongestFirst =
    [
        DigestAlgorithm.Sha512Slash256, DigestAlgorithm.Sha512Slash256Session, DigestAlgorithm.Sha256, DigestAlgorithm.Sha256Session,
        DigestAlgorithm.Md5, DigestAlgorithm.Md5Session,
    ];

    /// <summary>
    /// The algorithms that are used, the most wanted first; of those that a realm offers the first in this order is taken. Empty: all of them, the topmost
    /// that the server offers (RFC 8760 §2.4).
    /// </summary>
    public DigestAlgorithm[] Preference { get; init; } = s_strongestFirst;

    /// <summary>No weaker hash function than this one's is used: MD5, then SHA-256, then SHA-512/256.</summary>
    public DigestAlgorithm MinimumAlgorithm { get; init; } = DigestAlgorithm.Md5;

    /// <summary>
    /// No weaker hash function than a realm was answered with before: somebody on the way may have taken the better challenge out (RFC 7616 §5.8).
    /// </summary>
    public bool RefusesWeakerThanBefore { get; init; } = true;

    /// <summary>Use auth-int where auth is offered too. Elements on the way that change bodies then break requests.</summary>
    public bool PrefersIntegrity { get; init; }

    /// <summary>
    /// Write credentials into requests that nobody has challenged yet, while a nonce is good; otherwise into retries alone. For proxies this holds of realms
    /// that the credentials name (RFC 3261 §22.3); others challenge each request. What is to reach another domain is better not handed to
    /// <see cref="AuthSession.TryWrite"/> at all.
    /// </summary>
    public bool SendsAhead { get; init; } = true;

    /// <summary>
    /// Begin a REGISTER with an Authorization that names the user and answers nothing, as some registrars (IMS, 3GPP TS 24.229 §5.1.1.2) want it.
    /// </summary>
    public bool BeginsEmpty { get; init; }
}
