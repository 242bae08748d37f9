// Writing Authorization and Proxy-Authorization (RFC 3261 §20.7 and §20.28, RFC 7616 §3.4), and hearing whether the server knows the secret as well (§3.5).
using System.Security.Cryptography;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

public sealed partial class AuthSession
{
    // Names, blanks and short values take less than 300 octets; a user's name may need a backslash before each octet.
    private const int MaxLineOctets = OctetsEach + 2 * AuthLimits.MaxUserOctets + AuthLimits.MaxUriOctets + ClientNonceOctets + 300;

    /// <summary>
    /// Writes the credentials of a request, a line for each protection space whose nonce is good; perhaps none. False, with nothing written, where the method or
    /// the URI is longer than <see cref="AuthLimits"/>, or the URI cannot stand in quotes.
    /// </summary>
    /// <param name="request">The request behind its start line.</param>
    /// <param name="method">The method as it stands in the request.</param>
    /// <param name="uri">The Request-URI as it stands in the request.</param>
    /// <param name="body">The body that the request will have; empty for none.</param>
    /// <param name="attempt">What this request and those that it is a retry of have carried; <c>default</c> for a new one.</param>
    /// <param name="isForServer">
    /// False for a request that others than the server will read, as a callee does an INVITE: what the server asked for before is then written only where this
    /// request was challenged. Whoever reads it could try passwords on it at leisure.
    /// </param>
    public bool TryWrite(
        ref MessageBuilder request, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri, scoped ReadOnlySpan<byte> body, ref AuthAttempt attempt,
        bool isForServer = true)
    {
        attempt.Carried = default;
        if (method.Length > AuthLimits.MaxMethodOctets || uri.Length > AuthLimits.MaxUriOctets
            || uri.IndexOfAny((byte)'"', (byte)'\\') >= 0 || uri.IndexOfAnyInRange((byte)0, (byte)' ') >= 0)
            return false;
        bool hasServer = false;
        for (int i = 0; i < _spaces.Length; i++)
        {
            ref readonly var space = ref _spaces[i];
            // RFC 3261 §22.3: across dialogs a proxy's challenge is remembered only if its realm is one that was configured.
            bool isAhead = _options.SendsAhead && (space.IsProxy ? space.IsNamed : isForServer);
            bool isWanted = space.IsTaken && space.HasNonce && (isAhead || IsSet(attempt.Fresh, i));
            if (!isWanted || !TryCompose(i, method, uri, body, out int length))
                continue;
            request.Header(space.IsProxy ? HeaderName.ProxyAuthorization : HeaderName.Authorization, _line.AsSpan(0, length));
            attempt.Carried[i] = new() { Serial = space.Serial, Count = space.Count };
            hasServer |= !space.IsProxy;
        }
        if (_options.BeginsEmpty && !hasServer && attempt.Challenges == 0 && method.SequenceEqual("REGISTER"u8))
            WriteEmpty(ref request, uri);
        return true;
    }

    private bool TryCompose(int at, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri, scoped ReadOnlySpan<byte> body, out int length)
    {
        length = 0;
        ref var space = ref _spaces[at];
        var hash = DigestAlgorithms.HashOf(space.Algorithm);
        Span<byte> realmBuffer = stackalloc byte[AuthLimits.MaxRealmOctets];
        scoped var realm = ContentOf(RealmOf(at), realmBuffer);
        int user = _credentials.FindByRealm(realm);
        if (user < 0 || !_credentials.HasSecret(user, hash))
            return false;
        // RFC 7616 §3.4: a count of eight digits. One that has none left needs another nonce.
        if (space.Count == uint.MaxValue)
        {
            space.HasNonce = false;
            return false;
        }
        space.Count++;
        space.LastUse = ++_uses;
        if (hash > space.Strongest)
            space.Strongest = hash;

        Span<byte> nonce = stackalloc byte[AuthLimits.MaxNonceOctets];
        Span<byte> clientNonce = stackalloc byte[ClientNonceOctets];
        Span<byte> count = stackalloc byte[DigestResponse.NonceCountDigits];
        var input = new DigestInput
        {
            Algorithm = space.Algorithm, Qop = space.Qop, Method = method, Uri = uri, Nonce = ContentOf(NonceOf(at), nonce),
            ClientNonce = ClientNonceOf(space.Serial, space.Count, space.Algorithm, clientNonce), NonceCount = CountText(space.Count, count), Body = body,
        };
        Span<byte> response = stackalloc byte[2 * DigestHashes.MaxOctets];
        if (!TryComputeResponse(user, hash, realm, input, response, out int digits))
            return false;

        scoped var writer = new ByteWriter(_line);
        writer.Write("Digest username="u8);
        WriteUser(ref writer, user, hash, realm, space.WantsUserHash);
        writer.Write(", realm="u8);
        writer.Write(RealmOf(at));
        writer.Write(", nonce="u8);
        writer.Write(NonceOf(at));
        writer.Write(", uri=\""u8);
        writer.Write(uri);
        writer.Write("\", response=\""u8);
        writer.Write(response[..digits]);
        writer.Write((byte)'"');
        if (space.NamesAlgorithm)
        {
            writer.Write(", algorithm="u8);
            writer.Write(DigestAlgorithms.NameOf(space.Algorithm));
        }
        if (space.Qop != DigestQop.None)
        {
            writer.Write(", qop="u8);
            writer.Write(DigestResponse.NameOf(space.Qop));
            writer.Write(", cnonce=\""u8);
            writer.Write(input.ClientNonce);
            writer.Write("\", nc="u8);
            writer.Write(input.NonceCount);
        }
        if (space.OpaqueLength != 0)
        {
            writer.Write(", opaque="u8);
            writer.Write(OpaqueOf(at));
        }
        if (space.WantsUserHash)
            writer.Write(", userhash=true"u8);
        length = writer.Written;
        return !writer.Overflowed;
    }

    private bool TryComputeResponse(
        int user, DigestHash hash, scoped ReadOnlySpan<byte> realm, scoped in DigestInput input, scoped Span<byte> response, out int digits)
    {
        Span<byte> buffer = stackalloc byte[DigestHashes.MaxOctets];
        bool isComputed = DigestResponse.TryCompute(input, _credentials.ReadSecret(user, hash, realm, buffer), response, out digits);
        CryptographicOperations.ZeroMemory(buffer);
        return isComputed;
    }

    private void WriteUser(ref ByteWriter writer, int user, DigestHash hash, scoped ReadOnlySpan<byte> realm, bool isHashed)
    {
        if (!isHashed)
        {
            QuotedText.TryWrite(ref writer, _credentials.UserOf(user));
            return;
        }
        Span<byte> text = stackalloc byte[2 * DigestHashes.MaxOctets];
        writer.Write((byte)'"');
        writer.Write(DigestResponse.UserHash(DigestAlgorithms.PlainOf(hash), _credentials.UserOf(user), realm, text));
        writer.Write((byte)'"');
    }

    // RFC 8760 §2.7: an empty response where there has been no challenge yet.
    private void WriteEmpty(ref MessageBuilder request, scoped ReadOnlySpan<byte> uri)
    {
        int user = _credentials.FindFirst();
        if (user < 0)
            return;
        scoped var writer = new ByteWriter(_line);
        writer.Write("Digest username="u8);
        QuotedText.TryWrite(ref writer, _credentials.UserOf(user));
        writer.Write(", realm="u8);
        QuotedText.TryWrite(ref writer, _credentials.RealmOf(user));
        writer.Write(", nonce=\"\", uri=\""u8);
        writer.Write(uri);
        writer.Write("\", response=\"\""u8);
        if (!writer.Overflowed)
            request.Header(HeaderName.Authorization, writer.WrittenSpan);
    }

    /// <summary>
    /// Takes Authentication-Info from a response that accepted a request (RFC 3261 §20.6): the next nonce, and the proof that the server knows the secret.
    /// Proxies have no such header in SIP.
    /// </summary>
    /// <param name="response">A final response to the request.</param>
    /// <param name="uri">The Request-URI that the request was sent with.</param>
    /// <param name="attempt">What the request carried.</param>
    public ServerProof TakeInfo(SipMessage response, scoped ReadOnlySpan<byte> uri, in AuthAttempt attempt)
    {
        if (response.IsRequest || !response.TryGet<AuthenticationInfo>(out var info, out _))
            return ServerProof.None;
        int at = FindCarried(response.Text, info, attempt);
        // Of a nonce that another has followed nothing can be proved any more.
        if (at < 0 || attempt.Carried[at].Serial != _spaces[at].Serial)
            return ServerProof.None;
        var proof = ServerProof.None;
        if (info.ResponseDigest.IsPresent)
        {
            proof = Prove(response, info, uri, at, attempt.Carried[at]) ? ServerProof.Valid : ServerProof.Wrong;
            if (proof == ServerProof.Wrong)
            {
                Counters.WrongProofs++;
                return proof;
            }
        }
        Span<byte> nonce = stackalloc byte[AuthLimits.MaxNonceOctets];
        if (info.NextNonce.IsPresent && WrittenQuote.TryKeep(info.NextNonce.In(response.Text), nonce, out int length))
            SetNonce(at, nonce[..length], _spaces[at].Algorithm);
        return proof;
    }

    // The server's space that the request carried credentials for: of several the one whose client's nonce comes back.
    private int FindCarried(ReadOnlySpan<byte> text, in AuthenticationInfo info, in AuthAttempt attempt)
    {
        Span<byte> clientNonce = stackalloc byte[ClientNonceOctets];
        int found = -1;
        for (int i = 0; i < _spaces.Length; i++)
        {
            var carried = attempt.Carried[i];
            ref readonly var space = ref _spaces[i];
            if (!space.IsTaken || space.IsProxy || carried.Serial == 0 || carried.Serial < space.FirstSerial)
                continue;
            if (!info.ClientNonce.IsPresent)
            {
                // Without that there must be but one.
                if (found >= 0)
                    return -1;
                found = i;
            }
            else if (QuotedText.ContentEquals(info.ClientNonce.In(text), ClientNonceOf(carried.Serial, carried.Count, space.Algorithm, clientNonce)))
                return i;
        }
        return found;
    }

    // RFC 7616 §3.5: as the request's response, with no method.
    private bool Prove(SipMessage response, in AuthenticationInfo info, scoped ReadOnlySpan<byte> uri, int at, CarriedNonce carried)
    {
        ref readonly var space = ref _spaces[at];
        var text = response.Text;
        var hash = DigestAlgorithms.HashOf(space.Algorithm);
        Span<byte> realmBuffer = stackalloc byte[AuthLimits.MaxRealmOctets];
        scoped var realm = ContentOf(RealmOf(at), realmBuffer);
        int user = _credentials.FindByRealm(realm);
        if (user < 0 || !_credentials.HasSecret(user, hash))
            return false;
        var qop = space.Qop;
        if (info.QualityOfProtection.IsPresent && (qop == DigestQop.None || !Challenge.TryReadQop(info.QualityOfProtection.In(text), out qop)))
            return false;
        Span<byte> count = stackalloc byte[DigestResponse.NonceCountDigits];
        Span<byte> written = CountText(carried.Count, count);
        if (info.NonceCount.IsPresent && !Scan.EqualsIgnoreCase(info.NonceCount.In(text), written))
            return false;
        Span<byte> nonce = stackalloc byte[AuthLimits.MaxNonceOctets];
        Span<byte> clientNonce = stackalloc byte[ClientNonceOctets];
        var input = new DigestInput
        {
            Algorithm = space.Algorithm, Qop = qop, Uri = uri, Nonce = ContentOf(NonceOf(at), nonce),
            ClientNonce = ClientNonceOf(carried.Serial, carried.Count, space.Algorithm, clientNonce), NonceCount = written, Body = response.Body,
        };
        Span<byte> right = stackalloc byte[2 * DigestHashes.MaxOctets];
        Span<byte> said = stackalloc byte[2 * DigestHashes.MaxOctets];
        return TryComputeResponse(user, hash, realm, input, right, out int digits)
            && QuotedText.TryUnquote(info.ResponseDigest.In(text), said, out int length)
            && CryptographicOperations.FixedTimeEquals(right[..digits], said[..length]);
    }
}
