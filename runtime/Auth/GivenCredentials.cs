// Digest credentials as their header has them (RFC 7616 §3.4, RFC 3261 §20.7 and §20.28). Both headers say the same, so both become this.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

/// <summary>Slices of the request, as they are written there.</summary>
internal readonly struct GivenCredentials
{
    public Slice Username { get; private init; }

    public Slice Realm { get; private init; }

    public Slice Nonce { get; private init; }

    public Slice Uri { get; private init; }

    public Slice Response { get; private init; }

    public Slice Algorithm { get; private init; }

    public Slice ClientNonce { get; private init; }

    public Slice QualityOfProtection { get; private init; }

    public Slice NonceCount { get; private init; }

    public Slice UserHash { get; private init; }

    /// <summary>Reads a line of either header; false where it does not match its grammar, and for a scheme that is not Digest.</summary>
    public static bool TryRead(SipMessage request, int line, bool isProxy, out GivenCredentials given)
    {
        given = default;
        if (isProxy)
        {
            if (!request.TryGet<ProxyAuthorization>(line, out var proxy, out _) || !Challenge.IsDigest(proxy.Scheme, request.Text))
                return false;
            given = new()
            {
                Username = proxy.Username, Realm = proxy.Realm, Nonce = proxy.Nonce, Uri = proxy.Uri, Response = proxy.Response,
                Algorithm = proxy.Algorithm, ClientNonce = proxy.ClientNonce, QualityOfProtection = proxy.QualityOfProtection,
                NonceCount = proxy.NonceCount, UserHash = proxy.UserHash,
            };
            return true;
        }
        if (!request.TryGet<Authorization>(line, out var server, out _) || !Challenge.IsDigest(server.Scheme, request.Text))
            return false;
        given = new()
        {
            Username = server.Username, Realm = server.Realm, Nonce = server.Nonce, Uri = server.Uri, Response = server.Response,
            Algorithm = server.Algorithm, ClientNonce = server.ClientNonce, QualityOfProtection = server.QualityOfProtection,
            NonceCount = server.NonceCount, UserHash = server.UserHash,
        };
        return true;
    }
}
