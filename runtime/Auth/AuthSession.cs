// The client's side of Digest, for one account: it reads challenges (RFC 3261 §22, RFC 7616 §3.3, RFC 8760 §2.4) and writes credentials (RFC 7616 §3.4).
//
// note [when to try again]
// A challenge without stale=true to a request that carried credentials says that they are wrong (RFC 7616 §3.3), and they must not be tried again
// (RFC 3261 §22.1). So a nonce that came in answer to a request is good for one retry of it. A nonce that was left from an earlier request is another
// matter: servers that were started anew, or that keep no old nonces, do not say stale. Then the new nonce is tried, once, and the next refusal stands.
//
// note [a nonce of our own]
// The client's nonce is a keyed hash of the server's nonce, by its number, and of the count: new for each request, not to be foreseen without the key, and
// known again when the server proves itself (rspauth) without having been kept. For a session variant the count is left out: its key is made from the first
// client's nonce (RFC 7616 §3.4.2), but many servers take the one in the request, and so the two are the same.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

/// <summary>What is to be done about a 401 or 407.</summary>
public enum ChallengeOutcome : byte
{
    /// <summary>The response is neither 401 nor 407.</summary>
    NoChallenge,

    /// <summary>Send the request again, with what <see cref="AuthSession.TryWrite"/> writes now (RFC 3261 §22.2: CSeq one higher).</summary>
    Answered,

    /// <summary>No challenge can be answered: other schemes, other algorithms, what is not Digest's grammar, or longer than <see cref="AuthLimits"/>.</summary>
    Unsupported,

    /// <summary>Nobody is known for any realm that asks.</summary>
    NoCredentials,

    /// <summary>What is offered is weaker than the options allow.</summary>
    Downgrade,

    /// <summary>The credentials are wrong (see note [when to try again]).</summary>
    Refused,

    /// <summary>The request has been challenged <see cref="AuthLimits.MaxChallengesInRow"/> times.</summary>
    TooMany,
}

/// <summary>What a response said about the server (RFC 7616 §3.5).</summary>
public enum ServerProof : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It knows the secret: rspauth is right.</summary>
    Valid,

    /// <summary>It claims to and does not; what else it said was not taken.</summary>
    Wrong,
}

/// <summary>
/// The protection spaces of one account: servers and proxies apart, each by its realm. For each request: <see cref="TryWrite"/>, then the final response to
/// <see cref="TakeChallenge"/>; where that says Answered, the same again for the retry, with the same <see cref="AuthAttempt"/>. An ACK to a 2xx repeats the
/// lines of its INVITE (RFC 3261 §22.1), as <see cref="MessageBuilder.CopyAll"/> does; a CANCEL carries none.
/// </summary>
public sealed partial class AuthSession
{
    private const int RealmAt = 0;
    private const int NonceAt = RealmAt + AuthLimits.MaxRealmOctets;
    private const int OpaqueAt = NonceAt + AuthLimits.MaxNonceOctets;
    private const int OctetsEach = OpaqueAt + AuthLimits.MaxOpaqueOctets;

    /// <summary>A protection space (RFC 3261 §22.1: the realm alone names it) and its nonce.</summary>
    private struct Space
    {
        public bool IsTaken;
        public bool IsProxy;

        // It answers for a realm that the credentials name, not for any.
        public bool IsNamed;
        public bool HasNonce;
        public bool NamesAlgorithm;
        public bool WantsUserHash;
        public DigestAlgorithm Algorithm;
        public DigestQop Qop;

        // The strongest that this realm was answered with.
        public DigestHash Strongest;
        public ushort RealmLength;
        public ushort NonceLength;
        public ushort OpaqueLength;

        // Nonces are numbered; the space has been this realm's since the first of these.
        public uint FirstSerial;
        public uint Serial;

        // How often the nonce was used.
        public uint Count;
        public ulong LastUse;
    }

    private AuthSessionOptions _options;
    private readonly Credentials _credentials;
    private readonly KeyedHash _clientNonces;
    private readonly Space[] _spaces;
    private readonly byte[] _text;
    private readonly byte[] _line;
    private uint _serial;
    private ulong _uses;
    private ulong _usesBefore;

    public AuthCounters Counters;

    [StartUp(Because = "a session is made before start")]
    public AuthSession(StartGate gate, Entropy entropy, Credentials credentials, AuthSessionOptions options)
    {
        const string Pool = "protection spaces";
        _options = options;
        _credentials = credentials;
        Span<byte> key = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(key, entropy.Next());
        BinaryPrimitives.WriteUInt64LittleEndian(key[8..], entropy.Next());
        _clientNonces = new(key);
        _spaces = gate.Take<Space>(Pool, AuthLimits.MaxSpaces);
        _text = gate.Take<byte>(Pool, AuthLimits.MaxSpaces, OctetsEach);
        _line = gate.Take<byte>("credentials being written", 1, MaxLineOctets);
    }

    /// <summary>Answers by these options from now on.</summary>
    public void Use(AuthSessionOptions options) => _options = options;

    /// <summary>Forgets all spaces, nonces and what algorithms were used; what the credentials are stays.</summary>
    public void Forget() => Array.Clear(_spaces);

    private ReadOnlySpan<byte> RealmOf(int space) => _text.AsSpan(space * OctetsEach + RealmAt, _spaces[space].RealmLength);

    private ReadOnlySpan<byte> NonceOf(int space) => _text.AsSpan(space * OctetsEach + NonceAt, _spaces[space].NonceLength);

    private ReadOnlySpan<byte> OpaqueOf(int space) => _text.AsSpan(space * OctetsEach + OpaqueAt, _spaces[space].OpaqueLength);

    // What a quoted string of ours contains; the buffer is as long as the text.
    private static ReadOnlySpan<byte> ContentOf(scoped ReadOnlySpan<byte> written, Span<byte> buffer) =>
        QuotedText.TryUnquote(written, buffer, out int length) ? buffer[..length] : default;

    private static bool IsSet(byte bits, int bit) => (bits >> bit & 1) != 0;

    // See note [a nonce of our own].
    private Span<byte> ClientNonceOf(uint serial, uint count, DigestAlgorithm algorithm, Span<byte> text)
    {
        Span<byte> seed = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(seed, serial);
        BinaryPrimitives.WriteUInt32LittleEndian(seed[4..], DigestAlgorithms.IsSession(algorithm) ? 0 : count);
        Span<byte> octets = stackalloc byte[ClientNonceHashOctets];
        BinaryPrimitives.WriteUInt128LittleEndian(octets, _clientNonces.Of(seed));
        return HexText.Write(octets, text);
    }

    private const int ClientNonceHashOctets = 16;
    private const int ClientNonceOctets = 2 * ClientNonceHashOctets;

    private static Span<byte> CountText(uint count, Span<byte> text)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, count);
        return HexText.Write(octets, text);
    }
}
