// The algorithms of Digest by the names that challenges and credentials carry (RFC 7616 §3.3, §6.1; RFC 8760 §2.1, §2.7).
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

/// <summary>An algorithm of Digest; a later one is stronger. "Sess" binds the key to the nonce and the client's nonce (RFC 7616 §3.4.2).</summary>
public enum DigestAlgorithm : byte
{
    Md5,
    Md5Session,
    Sha256,
    Sha256Session,
    Sha512Slash256,
    Sha512Slash256Session,
}

public static class DigestAlgorithms
{
    /// <summary>How many there are.</summary>
    public const int Count = 6;

    /// <summary>The name on the wire.</summary>
    public static ReadOnlySpan<byte> NameOf(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 => "MD5"u8,
        DigestAlgorithm.Md5Session => "MD5-sess"u8,
        DigestAlgorithm.Sha256 => "SHA-256"u8,
        DigestAlgorithm.Sha256Session => "SHA-256-sess"u8,
        DigestAlgorithm.Sha512Slash256 => "SHA-512-256"u8,
        _ => "SHA-512-256-sess"u8,
    };

    /// <summary>The algorithm of a name, without regard to case; false for any other name.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out DigestAlgorithm algorithm)
    {
        for (int i = 0; i < Count; i++)
        {
            algorithm = (DigestAlgorithm)i;
            if (Scan.EqualsIgnoreCase(name, NameOf(algorithm)))
                return true;
        }
        algorithm = default;
        return false;
    }

    /// <summary>True for the variants that make a key for each session.</summary>
    public static bool IsSession(DigestAlgorithm algorithm) => ((int)algorithm & 1) != 0;

    internal static DigestHash HashOf(DigestAlgorithm algorithm) => (DigestHash)((int)algorithm >> 1);

    /// <summary>The algorithm of a hash function that makes no key for each session.</summary>
    internal static DigestAlgorithm PlainOf(DigestHash hash) => (DigestAlgorithm)((int)hash << 1);
}
