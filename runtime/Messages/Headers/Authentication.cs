// Credentials and challenges: RFC 3261 §20.6, §20.7, §20.27, §20.28 and §20.44, RFC 7616, RFC 8760.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Authorization (RFC 3261 §20.7). Values of parameters are as written, with their quotes.</summary>
[Header("Authorization", Repeatable = true)]
public readonly partial struct Authorization
{
    /// <summary>Digest, or another scheme.</summary>
    [Capture("credentials/\"Digest\"|credentials/other-response/auth-scheme")] public partial Slice Scheme { get; }

    [Parameters("credentials/digest-response/dig-resp|credentials/other-response/auth-param")] public partial Slice Parameters { get; }

    [Parameter("username")] public partial Slice Username { get; }

    [Parameter("realm")] public partial Slice Realm { get; }

    [Parameter("nonce")] public partial Slice Nonce { get; }

    [Parameter("uri")] public partial Slice Uri { get; }

    [Parameter("response")] public partial Slice Response { get; }

    [Parameter("algorithm")] public partial Slice Algorithm { get; }

    [Parameter("cnonce")] public partial Slice ClientNonce { get; }

    [Parameter("opaque")] public partial Slice Opaque { get; }

    [Parameter("qop")] public partial Slice QualityOfProtection { get; }

    [Parameter("nc")] public partial Slice NonceCount { get; }

    [Parameter("userhash")] public partial Slice UserHash { get; }
}

/// <summary>Proxy-Authorization (RFC 3261 §20.28). Values of parameters are as written, with their quotes.</summary>
[Header("Proxy-Authorization", Repeatable = true)]
public readonly partial struct ProxyAuthorization
{
    /// <summary>Digest, or another scheme.</summary>
    [Capture("credentials/\"Digest\"|credentials/other-response/auth-scheme")] public partial Slice Scheme { get; }

    [Parameters("credentials/digest-response/dig-resp|credentials/other-response/auth-param")] public partial Slice Parameters { get; }

    [Parameter("username")] public partial Slice Username { get; }

    [Parameter("realm")] public partial Slice Realm { get; }

    [Parameter("nonce")] public partial Slice Nonce { get; }

    [Parameter("uri")] public partial Slice Uri { get; }

    [Parameter("response")] public partial Slice Response { get; }

    [Parameter("algorithm")] public partial Slice Algorithm { get; }

    [Parameter("cnonce")] public partial Slice ClientNonce { get; }

    [Parameter("opaque")] public partial Slice Opaque { get; }

    [Parameter("qop")] public partial Slice QualityOfProtection { get; }

    [Parameter("nc")] public partial Slice NonceCount { get; }

    [Parameter("userhash")] public partial Slice UserHash { get; }
}

/// <summary>WWW-Authenticate (RFC 3261 §20.44). Values of parameters are as written, with their quotes.</summary>
[Header("WWW-Authenticate", Repeatable = true)]
public readonly partial struct WwwAuthenticate
{
    /// <summary>Digest, or another scheme.</summary>
    [Capture("challenge/\"Digest\"|challenge/other-challenge/auth-scheme")] public partial Slice Scheme { get; }

    [Parameters("challenge/digest-cln|challenge/other-challenge/auth-param")] public partial Slice Parameters { get; }

    [Parameter("realm")] public partial Slice Realm { get; }

    [Parameter("domain")] public partial Slice Domain { get; }

    [Parameter("nonce")] public partial Slice Nonce { get; }

    [Parameter("opaque")] public partial Slice Opaque { get; }

    [Parameter("stale")] public partial Slice Stale { get; }

    [Parameter("algorithm")] public partial Slice Algorithm { get; }

    [Parameter("qop")] public partial Slice QualityOfProtection { get; }

    [Parameter("charset")] public partial Slice Charset { get; }

    [Parameter("userhash")] public partial Slice UserHash { get; }
}

/// <summary>Proxy-Authenticate (RFC 3261 §20.27). Values of parameters are as written, with their quotes.</summary>
[Header("Proxy-Authenticate", Repeatable = true)]
public readonly partial struct ProxyAuthenticate
{
    /// <summary>Digest, or another scheme.</summary>
    [Capture("challenge/\"Digest\"|challenge/other-challenge/auth-scheme")] public partial Slice Scheme { get; }

    [Parameters("challenge/digest-cln|challenge/other-challenge/auth-param")] public partial Slice Parameters { get; }

    [Parameter("realm")] public partial Slice Realm { get; }

    [Parameter("domain")] public partial Slice Domain { get; }

    [Parameter("nonce")] public partial Slice Nonce { get; }

    [Parameter("opaque")] public partial Slice Opaque { get; }

    [Parameter("stale")] public partial Slice Stale { get; }

    [Parameter("algorithm")] public partial Slice Algorithm { get; }

    [Parameter("qop")] public partial Slice QualityOfProtection { get; }

    [Parameter("charset")] public partial Slice Charset { get; }

    [Parameter("userhash")] public partial Slice UserHash { get; }
}

/// <summary>Authentication-Info (RFC 3261 §20.6, RFC 7616 §3.5): <c>ainfo *(COMMA ainfo)</c>, read as one value.</summary>
[Header("Authentication-Info")]
public readonly partial struct AuthenticationInfo
{
    [Parameters("ainfo")] public partial Slice Parameters { get; }

    [Parameter("nextnonce")] public partial Slice NextNonce { get; }

    [Parameter("qop")] public partial Slice QualityOfProtection { get; }

    [Parameter("rspauth")] public partial Slice ResponseDigest { get; }

    [Parameter("cnonce")] public partial Slice ClientNonce { get; }

    [Parameter("nc")] public partial Slice NonceCount { get; }
}
