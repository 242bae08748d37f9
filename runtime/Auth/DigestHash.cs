// H(data) of RFC 7616 §3.3: a hash function over octets in one piece. MD5 and SHA-256 are the framework's, which has them from the system's OpenSSL on Linux.
using System.Security.Cryptography;

namespace SipEmbedded.Auth;

/// <summary>A hash function of Digest; a later one is stronger.</summary>
internal enum DigestHash : byte
{
    Md5,
    Sha256,
    Sha512Slash256,
}

internal static class DigestHashes
{
    public const int Count = 3;

    /// <summary>Octets of the longest hash.</summary>
    public const int MaxOctets = Sha512Slash256.ResultOctets;

    public static int OctetsOf(DigestHash hash) => hash == DigestHash.Md5 ? MD5.HashSizeInBytes : MaxOctets;

    /// <summary>Writes the hash of <paramref name="data"/>, <see cref="OctetsOf"/> octets, and gives it.</summary>
    public static Span<byte> Compute(DigestHash hash, scoped ReadOnlySpan<byte> data, Span<byte> result)
    {
        result = result[..OctetsOf(hash)];
        switch (hash)
        {
            case DigestHash.Md5:
                MD5.HashData(data, result);
                break;
            case DigestHash.Sha256:
                SHA256.HashData(data, result);
                break;
            default:
                Sha512Slash256.HashData(data, result);
                break;
        }
        return result;
    }
}
