// The server's side of Digest: it challenges (RFC 7616 §3.3, RFC 8760 §2.3) and checks credentials (RFC 7616 §3.6, §5.4, §5.5; RFC 3261 §22).
//
// note [the nonce]
// A nonce is when it was issued, 64 random bits, and a keyed hash of both, which is what makes it ours. No two are issued in one tick, so that they have an
// order (note [a full table of nonces]). Nothing is kept until one is used. One that is too old, or from before a restart, is stale if the response to it is
// right, and its client tries again with a new one unasked; to a response that is wrong nothing is said about the nonce (RFC 2617 §3.2.1).
using System.Buffers.Binary;
using System.Security.Cryptography;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

/// <summary>What a request's credentials are.</summary>
public enum AuthVerdict : byte
{
    /// <summary>There are none for this realm, or of no algorithm that it offers: challenge.</summary>
    Missing,

    /// <summary>ACK and CANCEL are not challenged (RFC 3261 §22.1).</summary>
    Exempt,

    /// <summary>They are right, and not used before.</summary>
    Accepted,

    /// <summary>They are right, but the nonce is too old or not known: challenge, which says stale=true.</summary>
    Stale,

    /// <summary>They are right and were used before, or in an order that cannot be told from that: challenge, which says stale=true.</summary>
    Replayed,

    /// <summary>No such user, or another password: challenge, or 403.</summary>
    Wrong,

    /// <summary>A parameter is missing, too long or not what it may be: 400 (RFC 7616 §3.4).</summary>
    Malformed,

    /// <summary>They are right for another URI than the request's: 400 (RFC 7616 §3.4.6).</summary>
    OtherUri,
}

/// <summary>What <see cref="AuthServer.Check"/> found.</summary>
public readonly struct AuthCheck
{
    public AuthVerdict Verdict { get; internal init; }

    /// <summary>Whose credentials were accepted, for <see cref="Credentials.UserOf"/>; otherwise of no meaning.</summary>
    public int User { get; internal init; }

    /// <summary>The URI that they are for, in the request's text, where they were accepted.</summary>
    public Slice Uri { get; internal init; }

    /// <summary>The line that they stand on.</summary>
    internal int Line { get; init; }
}

/// <summary>One realm that others authenticate themselves to.</summary>
public sealed class AuthServer
{
    private const int IssuedOctets = 8;
    private const int SaltOctets = 8;
    private const int SealOctets = 16;
    private const int NonceDigits = 2 * (IssuedOctets + SaltOctets + SealOctets);

    // Names and short values take less than 200 octets.
    private const int MaxLineOctets =
        2 * AuthLimits.MaxRealmOctets + AuthLimits.MaxUriOctets + NonceDigits + 2 * AuthLimits.MaxClientNonceOctets + 2 * DigestHashes.MaxOctets + 200;

    private readonly AuthServerOptions _options;
    private readonly Credentials _users;
    private readonly Entropy _entropy;
    private readonly KeyedHash _seals;
    private readonly NonceWindows _windows;
    private readonly byte[] _realm;
    private readonly byte[] _domain;
    private readonly byte[] _line;

    // In the place of the secret of a user whom nobody knows, so that the answer takes as long.
    private readonly byte[] _nobody;
    private Instant _issued = Instant.FromTicks(long.MinValue);
    private AuthServerCounters _counters;

    /// <exception cref="ArgumentException">An option is not what it may be.</exception>
    [StartUp(Because = "a server is made before start")]
    public AuthServer(StartGate gate, Entropy entropy, Credentials users, AuthServerOptions options)
    {
        _options = options;
        _users = users;
        _entropy = entropy;
        _realm = System.Text.Encoding.UTF8.GetBytes(options.Realm);
        _domain = System.Text.Encoding.UTF8.GetBytes(options.Domain);
        if (_realm.Length is 0 or > AuthLimits.MaxRealmOctets || _realm.AsSpan().IndexOfAny("\r\n\0"u8) >= 0)
            throw new ArgumentException("A realm has 1 to 256 octets and no CR, LF or NUL.", nameof(options));
        if (_domain.Length > AuthLimits.MaxUriOctets || _domain.AsSpan().IndexOfAny("\r\n\0\"\\"u8) >= 0)
            throw new ArgumentException("A domain has at most 1024 octets and no CR, LF, NUL, quote or backslash.", nameof(options));
        if (options.Algorithms.Length == 0 || options.Algorithms.Distinct().Count() != options.Algorithms.Length)
            throw new ArgumentException("At least one algorithm is offered, and none twice.", nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.NonceLifetime, TimeSpan.Zero);
        Span<byte> key = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(key, entropy.Next());
        BinaryPrimitives.WriteUInt64LittleEndian(key[8..], entropy.Next());
        _seals = new(key);
        _windows = new(gate, options.NoncesInUse);
        _line = gate.Take<byte>("challenge being written", 1, MaxLineOctets);
        _nobody = gate.Take<byte>("secret of nobody", 1, DigestHashes.MaxOctets);
    }

    public AuthServerCounters Counters
    {
        get
        {
            var counters = _counters;
            counters.NoncesForgotten = _windows.Forgotten;
            return counters;
        }
    }

    // ---- Challenges -------------------------------------------------------------------------------------------------------------

    /// <summary>The status that a verdict is answered with: 401 or 407, 400; 0 for Accepted and Exempt.</summary>
    public int StatusFor(AuthVerdict verdict) => verdict switch
    {
        AuthVerdict.Accepted or AuthVerdict.Exempt => 0,
        AuthVerdict.Malformed or AuthVerdict.OtherUri => 400,
        _ => _options.IsProxy ? 407 : 401,
    };

    /// <summary>Writes the challenges of a 401 or 407: a line for each algorithm, all with one new nonce, stale=true where the verdict has it.</summary>
    public void WriteChallenges(Instant now, AuthVerdict verdict, ref MessageBuilder response)
    {
        Span<byte> nonce = stackalloc byte[NonceDigits];
        WriteNewNonce(now, nonce);
        foreach (var algorithm in _options.Algorithms)
        {
            scoped var writer = new ByteWriter(_line);
            writer.Write("Digest realm="u8);
            QuotedText.TryWrite(ref writer, _realm);
            if (_domain.Length != 0 && !_options.IsProxy)
            {
                writer.Write(", domain=\""u8);
                writer.Write(_domain);
                writer.Write((byte)'"');
            }
            writer.Write(_options.OffersIntegrity ? ", qop=\"auth,auth-int\", nonce=\""u8 : ", qop=\"auth\", nonce=\""u8);
            writer.Write(nonce);
            writer.Write("\", algorithm="u8);
            writer.Write(DigestAlgorithms.NameOf(algorithm));
            if (verdict is AuthVerdict.Stale or AuthVerdict.Replayed)
                writer.Write(", stale=true"u8);
            // RFC 7616 §4: names and passwords are hashed as UTF-8.
            writer.Write(", charset=UTF-8"u8);
            if (_options.WantsUserHash)
                writer.Write(", userhash=true"u8);
            response.Header(_options.IsProxy ? HeaderName.ProxyAuthenticate : HeaderName.WwwAuthenticate, writer.WrittenSpan);
        }
    }

    // See note [the nonce].
    private void WriteNewNonce(Instant now, scoped Span<byte> text)
    {
        _issued = now > _issued ? now : _issued + TimeSpan.FromTicks(1);
        WriteNonce(_issued, _entropy.Next(), text);
    }

    private void WriteNonce(Instant issued, ulong salt, scoped Span<byte> text)
    {
        Span<byte> octets = stackalloc byte[IssuedOctets + SaltOctets + SealOctets];
        BinaryPrimitives.WriteInt64BigEndian(octets, issued.Ticks);
        BinaryPrimitives.WriteUInt64BigEndian(octets[IssuedOctets..], salt);
        BinaryPrimitives.WriteUInt128BigEndian(octets[(IssuedOctets + SaltOctets)..], _seals.Of(octets[..(IssuedOctets + SaltOctets)]));
        HexText.Write(octets, text);
    }

    private bool IsOurs(scoped ReadOnlySpan<byte> nonce, out Instant issued, out ulong salt)
    {
        issued = default;
        salt = 0;
        Span<byte> octets = stackalloc byte[NonceDigits / 2];
        if (!HexText.TryRead(nonce, octets))
            return false;
        issued = Instant.FromTicks(BinaryPrimitives.ReadInt64BigEndian(octets));
        salt = BinaryPrimitives.ReadUInt64BigEndian(octets[IssuedOctets..]);
        // Octet by octet as it was written: another spelling of the digits would be hashed to another response anyway.
        Span<byte> right = stackalloc byte[NonceDigits];
        WriteNonce(issued, salt, right);
        return CryptographicOperations.FixedTimeEquals(right, nonce);
    }

    // ---- Credentials ------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Checks the credentials of a request for this realm; of several the first that are right. Once accepted, the same are a replay. A transaction layer below
    /// keeps retransmissions away, which would be taken for one.
    /// </summary>
    public AuthCheck Check(Instant now, SipMessage request)
    {
        var check = Find(now, request);
        switch (check.Verdict)
        {
            case AuthVerdict.Missing:
                _counters.Missing++;
                break;
            case AuthVerdict.Accepted:
                _counters.Accepted++;
                break;
            case AuthVerdict.Stale:
                _counters.Stale++;
                break;
            case AuthVerdict.Replayed:
                _counters.Replayed++;
                break;
            case AuthVerdict.Wrong:
                _counters.Wrong++;
                break;
            case AuthVerdict.Malformed or AuthVerdict.OtherUri:
                _counters.Malformed++;
                break;
        }
        return check;
    }

    private AuthCheck Find(Instant now, SipMessage request)
    {
        if (!request.IsRequest)
            return new() { Verdict = AuthVerdict.Malformed };
        if (request.Request.Method is Method.Ack or Method.Cancel)
            return new() { Verdict = AuthVerdict.Exempt };
        var header = _options.IsProxy ? HeaderName.ProxyAuthorization : HeaderName.Authorization;
        var found = new AuthCheck { Verdict = AuthVerdict.Missing };
        int tried = 0;
        for (int line = request.FirstLineOf(header); line >= 0 && tried < AuthLimits.MaxCredentialsTried; line = request.NextLineOf(header, line))
        {
            // Others' realms are none of our business (RFC 3261 §22.3), nor is what has no realm.
            if (!GivenCredentials.TryRead(request, line, _options.IsProxy, out var given)
                || !given.Realm.IsPresent || !QuotedText.ContentEquals(given.Realm.In(request.Text), _realm))
                continue;
            tried++;
            var check = Try(now, request, line, given);
            if (check.Verdict == AuthVerdict.Accepted)
                return check;
            if (found.Verdict == AuthVerdict.Missing)
                found = check;
        }
        return found;
    }

    private AuthCheck Try(Instant now, SipMessage request, int line, in GivenCredentials given)
    {
        var text = request.Text;
        if (!TryReadAlgorithm(text, given, out var algorithm))
            return new() { Verdict = AuthVerdict.Missing };
        Span<byte> buffer = stackalloc byte[BufferOctets];
        if (!TryReadInput(request, given, algorithm, buffer, out var input, out uint count))
            return new() { Verdict = AuthVerdict.Malformed };
        // RFC 8760 §2.7: nothing yet but a name.
        if (input.Nonce.IsEmpty)
            return new() { Verdict = AuthVerdict.Missing };
        var hash = DigestAlgorithms.HashOf(algorithm);
        if (!TryFindUser(text, given, hash, out int user))
            return new() { Verdict = AuthVerdict.Malformed };
        if (!IsRight(user, hash, input, given.Response.In(text)))
            return new() { Verdict = AuthVerdict.Wrong };
        if (_options.RequiresSameUri && !IsSame(input.Uri, request.Request.Uri.Extent.In(text)))
            return new() { Verdict = AuthVerdict.OtherUri };
        var expired = now + -_options.NonceLifetime;
        var verdict = IsOurs(input.Nonce, out var issued, out ulong salt) && issued > expired
            ? _windows.Use(issued, salt, count, expired)
            : AuthVerdict.Stale;
        return new() { Verdict = verdict, User = user, Uri = InsideOf(given.Uri, text), Line = line };
    }

    private static bool IsSame(scoped ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.SequenceEqual(right) || UriComparison.AreEqual(left, right);

    // MD5 where none is named (RFC 7616 §3.3). One that was not offered is as good as nothing.
    private bool TryReadAlgorithm(ReadOnlySpan<byte> text, in GivenCredentials given, out DigestAlgorithm algorithm)
    {
        algorithm = DigestAlgorithm.Md5;
        if (given.Algorithm.IsPresent && !Challenge.TryReadAlgorithm(given.Algorithm.In(text), out algorithm))
            return false;
        foreach (var offered in _options.Algorithms)
        {
            if (offered == algorithm)
                return true;
        }
        return false;
    }

    // Room for the contents of nonce, client's nonce and URI.
    private const int BufferOctets = AuthLimits.MaxNonceOctets + AuthLimits.MaxClientNonceOctets + AuthLimits.MaxUriOctets;

    private bool TryReadInput(
        SipMessage request, in GivenCredentials given, DigestAlgorithm algorithm, Span<byte> buffer, out DigestInput input, out uint count)
    {
        var text = request.Text;
        input = default;
        count = 1;
        if (!given.Username.IsPresent || !given.Nonce.IsPresent || !given.Uri.IsPresent || !given.Response.IsPresent)
            return false;
        var nonceBuffer = buffer[..AuthLimits.MaxNonceOctets];
        var uriBuffer = buffer[AuthLimits.MaxNonceOctets..][..AuthLimits.MaxUriOctets];
        var clientNonceBuffer = buffer[(AuthLimits.MaxNonceOctets + AuthLimits.MaxUriOctets)..];
        input.Algorithm = algorithm;
        input.Method = request.Request.MethodName.In(text);
        input.Body = request.Body;
        if (input.Method.Length > AuthLimits.MaxMethodOctets
            || !QuotedText.TryUnquote(given.Nonce.In(text), nonceBuffer, out int nonceLength)
            || !QuotedText.TryUnquote(given.Uri.In(text), uriBuffer, out int uriLength))
            return false;
        input.Nonce = nonceBuffer[..nonceLength];
        input.Uri = uriBuffer[..uriLength];
        if (given.ClientNonce.IsPresent)
        {
            if (!QuotedText.TryUnquote(given.ClientNonce.In(text), clientNonceBuffer, out int length))
                return false;
            input.ClientNonce = clientNonceBuffer[..length];
        }
        if (!given.QualityOfProtection.IsPresent)
            return _options.AcceptsWithoutQop && !DigestAlgorithms.IsSession(algorithm);
        if (!Challenge.TryReadQop(given.QualityOfProtection.In(text), out input.Qop) || !given.ClientNonce.IsPresent || !given.NonceCount.IsPresent)
            return false;
        input.NonceCount = InsideOf(given.NonceCount, text).In(text);
        Span<byte> octets = stackalloc byte[DigestResponse.NonceCountDigits / 2];
        if (!HexText.TryRead(input.NonceCount, octets))
            return false;
        count = BinaryPrimitives.ReadUInt32BigEndian(octets);
        return count != 0;
    }

    // What stands between quotes, as it is written; all of what has none.
    private static Slice InsideOf(Slice value, ReadOnlySpan<byte> text)
    {
        var trimmed = Scan.Trimmed(text, HeaderValues.SkipSpace(text, value.Offset, value.End), value.End);
        return trimmed.In(text) is [(byte)'"', .., (byte)'"'] ? Slice.Between(trimmed.Offset + 1, trimmed.End - 1) : trimmed;
    }

    // A user, or -1 for one that nobody knows; false where the name is longer than any.
    private bool TryFindUser(ReadOnlySpan<byte> text, in GivenCredentials given, DigestHash hash, out int user)
    {
        user = -1;
        Span<byte> name = stackalloc byte[AuthLimits.MaxUserOctets];
        if (!QuotedText.TryUnquote(given.Username.In(text), name, out int length))
            return false;
        name = name[..length];
        user = Challenge.IsTrue(given.UserHash, text) ? _users.FindByUserHash(_realm, hash, name) : _users.FindByUser(_realm, name);
        if (user >= 0 && !_users.HasSecret(user, hash))
            user = -1;
        return true;
    }

    private bool IsRight(int user, DigestHash hash, scoped in DigestInput input, ReadOnlySpan<byte> response)
    {
        Span<byte> buffer = stackalloc byte[DigestHashes.MaxOctets];
        var secret = user < 0 ? _nobody : _users.ReadSecret(user, hash, _realm, buffer);
        Span<byte> right = stackalloc byte[2 * DigestHashes.MaxOctets];
        bool isComputed = DigestResponse.TryCompute(input, secret, right, out int digits);
        CryptographicOperations.ZeroMemory(buffer);

        // Compared as octets: the case of the digits does not matter.
        Span<byte> said = stackalloc byte[2 * DigestHashes.MaxOctets];
        Span<byte> saidOctets = stackalloc byte[DigestHashes.OctetsOf(hash)];
        Span<byte> rightOctets = stackalloc byte[DigestHashes.OctetsOf(hash)];
        return isComputed
            && QuotedText.TryUnquote(response, said, out int length)
            && HexText.TryRead(said[..length], saidOctets)
            && HexText.TryRead(right[..digits], rightOctets)
            && CryptographicOperations.FixedTimeEquals(saidOctets, rightOctets) && user >= 0;
    }

    // ---- Answers ----------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Writes Authentication-Info into a 2xx to a request whose credentials were accepted (RFC 7616 §3.5): the proof that the secret is known here, too, and the
    /// nonce for the next request if <paramref name="renews"/>. False, with nothing written, for a proxy and where nothing was accepted.
    /// </summary>
    public bool TryWriteInfo(
        Instant now, scoped SipMessage request, in AuthCheck check, bool renews, scoped ReadOnlySpan<byte> body, ref MessageBuilder response)
    {
        Span<byte> buffer = stackalloc byte[BufferOctets];
        if (_options.IsProxy || check.Verdict != AuthVerdict.Accepted
            || !GivenCredentials.TryRead(request, check.Line, isProxy: false, out var given)
            || !TryReadAlgorithm(request.Text, given, out var algorithm)
            || !TryReadInput(request, given, algorithm, buffer, out var input, out _))
            return false;
        input.Method = default;
        input.Body = body;
        var hash = DigestAlgorithms.HashOf(algorithm);
        Span<byte> secret = stackalloc byte[DigestHashes.MaxOctets];
        Span<byte> proof = stackalloc byte[2 * DigestHashes.MaxOctets];
        if (!_users.HasSecret(check.User, hash)
            || !DigestResponse.TryCompute(input, _users.ReadSecret(check.User, hash, _realm, secret), proof, out int digits))
            return false;
        CryptographicOperations.ZeroMemory(secret);
        scoped var writer = new ByteWriter(_line);
        writer.Write("rspauth=\""u8);
        writer.Write(proof[..digits]);
        writer.Write((byte)'"');
        if (input.Qop != DigestQop.None)
        {
            writer.Write(", qop="u8);
            writer.Write(DigestResponse.NameOf(input.Qop));
            writer.Write(", cnonce="u8);
            if (!QuotedText.TryWrite(ref writer, input.ClientNonce))
                return false;
            writer.Write(", nc="u8);
            writer.Write(input.NonceCount);
        }
        if (renews)
        {
            Span<byte> nonce = stackalloc byte[NonceDigits];
            WriteNewNonce(now, nonce);
            writer.Write(", nextnonce=\""u8);
            writer.Write(nonce);
            writer.Write((byte)'"');
        }
        if (!writer.Overflowed)
            response.Header(HeaderName.AuthenticationInfo, writer.WrittenSpan);
        return !writer.Overflowed;
    }
}
