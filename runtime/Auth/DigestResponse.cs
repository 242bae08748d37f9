// The computation of Digest: RFC 7616 §3.4.1 to §3.4.4, RFC 8760 §2.6 (7), and RFC 2069 §2.1.2 for peers without a quality of protection.
//
// note [what is hashed]
// A1 and the response are made from what quoted strings contain, without quotes and backslashes (RFC 7616 §3.4.5), the count as its eight digits. A hash
// that goes into another one goes there as hexadecimal digits, also in a session's A1: RFC 2617's sample code took the octets, its erratum and RFC 7616
// take the digits. A secret here is H(user ":" realm ":" password), the same for an algorithm and its session variant.
using System.Security.Cryptography;
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

/// <summary>The quality of protection (RFC 7616 §3.3, qop). Without one the response is RFC 2069's.</summary>
public enum DigestQop : byte
{
    None,
    Auth,
    AuthInt,
}

/// <summary>What a response is computed from beside the secret; texts without quotes and backslashes.</summary>
public ref struct DigestInput
{
    public DigestAlgorithm Algorithm;
    public DigestQop Qop;

    /// <summary>The method; empty for the server's own proof (RFC 7616 §3.5, rspauth).</summary>
    public ReadOnlySpan<byte> Method;

    public ReadOnlySpan<byte> Uri;
    public ReadOnlySpan<byte> Nonce;
    public ReadOnlySpan<byte> ClientNonce;

    /// <summary>Eight hexadecimal digits as they stand on the wire.</summary>
    public ReadOnlySpan<byte> NonceCount;

    public ReadOnlySpan<byte> Body;
}

/// <summary>The computation itself, for both sides and for who makes password files. Nothing here keeps anything.</summary>
public static class DigestResponse
{
    /// <summary>Digits of a count (RFC 7616 §3.4: nc).</summary>
    internal const int NonceCountDigits = 8;

    private const int HexOctets = 2 * DigestHashes.MaxOctets;

    // The longest text: the secret, a nonce, a count, a client's nonce, "auth-int" and the hash of A2, with colons.
    private const int WorkOctets =
        HexOctets + AuthLimits.MaxNonceOctets + NonceCountDigits + AuthLimits.MaxClientNonceOctets + 8 + HexOctets + 5;

    private const int SecretWorkOctets = AuthLimits.MaxUserOctets + AuthLimits.MaxRealmOctets + AuthLimits.MaxPasswordOctets + 2;

    private const int SecondWorkOctets = AuthLimits.MaxMethodOctets + AuthLimits.MaxUriOctets + HexOctets + 2;

    internal static ReadOnlySpan<byte> NameOf(DigestQop qop) => qop == DigestQop.AuthInt ? "auth-int"u8 : "auth"u8;

    /// <summary>
    /// H(user ":" realm ":" password), which <see cref="Credentials.SetSecret"/> takes as hexadecimal digits; gives its octets, 16 for MD5, otherwise 32. Nothing
    /// where a text is longer than its limit.
    /// </summary>
    public static Span<byte> Secret(
        DigestAlgorithm algorithm, scoped ReadOnlySpan<byte> user, scoped ReadOnlySpan<byte> realm, scoped ReadOnlySpan<byte> password, Span<byte> secret)
    {
        Span<byte> work = stackalloc byte[SecretWorkOctets];
        scoped var writer = new ByteWriter(work);
        writer.Write(user);
        writer.Write((byte)':');
        writer.Write(realm);
        writer.Write((byte)':');
        writer.Write(password);
        secret = writer.Overflowed ? default : DigestHashes.Compute(DigestAlgorithms.HashOf(algorithm), writer.WrittenSpan, secret);
        CryptographicOperations.ZeroMemory(work);
        return secret;
    }

    /// <summary>H(user ":" realm) as hexadecimal digits (RFC 7616 §3.4.4); gives them. Nothing where a text is longer than its limit.</summary>
    public static Span<byte> UserHash(DigestAlgorithm algorithm, scoped ReadOnlySpan<byte> user, scoped ReadOnlySpan<byte> realm, Span<byte> text)
    {
        Span<byte> work = stackalloc byte[AuthLimits.MaxUserOctets + AuthLimits.MaxRealmOctets + 1];
        scoped var writer = new ByteWriter(work);
        writer.Write(user);
        writer.Write((byte)':');
        writer.Write(realm);
        Span<byte> octets = stackalloc byte[DigestHashes.MaxOctets];
        return writer.Overflowed ? default : HexText.Write(DigestHashes.Compute(DigestAlgorithms.HashOf(algorithm), writer.WrittenSpan, octets), text);
    }

    /// <summary>
    /// Computes the response into <paramref name="text"/>, as hexadecimal digits; their number is <paramref name="length"/>. False where a text is longer than
    /// its limit.
    /// </summary>
    public static bool TryCompute(scoped in DigestInput input, scoped ReadOnlySpan<byte> secret, scoped Span<byte> text, out int length)
    {
        length = 0;
        var hash = DigestAlgorithms.HashOf(input.Algorithm);
        Span<byte> octets = stackalloc byte[DigestHashes.MaxOctets];
        Span<byte> secondText = stackalloc byte[HexOctets];
        if (!TryComputeSecond(hash, input, secondText, out int secondLength))
            return false;

        Span<byte> work = stackalloc byte[WorkOctets];
        Span<byte> key = stackalloc byte[HexOctets];
        key = HexText.Write(secret[..DigestHashes.OctetsOf(hash)], key);
        if (DigestAlgorithms.IsSession(input.Algorithm))
        {
            scoped var session = new ByteWriter(work);
            session.Write(key);
            session.Write((byte)':');
            session.Write(input.Nonce);
            session.Write((byte)':');
            session.Write(input.ClientNonce);
            if (session.Overflowed)
                return false;
            key = HexText.Write(DigestHashes.Compute(hash, session.WrittenSpan, octets), key);
        }

        scoped var writer = new ByteWriter(work);
        writer.Write(key);
        writer.Write((byte)':');
        writer.Write(input.Nonce);
        writer.Write((byte)':');
        if (input.Qop != DigestQop.None)
        {
            writer.Write(input.NonceCount);
            writer.Write((byte)':');
            writer.Write(input.ClientNonce);
            writer.Write((byte)':');
            writer.Write(NameOf(input.Qop));
            writer.Write((byte)':');
        }
        writer.Write(secondText[..secondLength]);
        if (!writer.Overflowed)
            length = HexText.Write(DigestHashes.Compute(hash, writer.WrittenSpan, octets), text).Length;
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(work);
        return !writer.Overflowed;
    }

    // H(A2), RFC 7616 §3.4.3.
    private static bool TryComputeSecond(DigestHash hash, scoped in DigestInput input, scoped Span<byte> text, out int length)
    {
        Span<byte> octets = stackalloc byte[DigestHashes.MaxOctets];
        Span<byte> work = stackalloc byte[SecondWorkOctets];
        scoped var writer = new ByteWriter(work);
        writer.Write(input.Method);
        writer.Write((byte)':');
        writer.Write(input.Uri);
        if (input.Qop == DigestQop.AuthInt)
        {
            writer.Write((byte)':');
            writer.Write(HexText.Write(DigestHashes.Compute(hash, input.Body, octets), text));
        }
        length = writer.Overflowed ? 0 : HexText.Write(DigestHashes.Compute(hash, writer.WrittenSpan, octets), text).Length;
        return length != 0;
    }
}
