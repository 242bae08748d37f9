// Digest once more, with strings and without limits, from RFC 7616 §3.4 and RFC 2069 §2.1.2: what the library computes is held to this.
using System.Security.Cryptography;
using System.Text;

namespace SipEmbedded.Tests.Auth;

internal sealed record DigestOracle
{
    public string Algorithm { get; init; } = "MD5";

    public string? Qop { get; init; }

    public required string Username { get; init; }

    public required string Realm { get; init; }

    public required string Password { get; init; }

    public required string Nonce { get; init; }

    public string ClientNonce { get; init; } = "";

    public string NonceCount { get; init; } = "00000001";

    public required string Method { get; init; }

    public required string Uri { get; init; }

    public string Body { get; init; } = "";

    public string H(string text) => H(Algorithm, text);

    public static string H(string algorithm, string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        byte[] hash = algorithm.Split("-sess")[0] switch
        {
            "MD5" => MD5.HashData(octets),
            "SHA-256" => SHA256.HashData(octets),
            "SHA-512-256" => SlowSha512.Sha512Slash256(octets),
            _ => throw new ArgumentException(algorithm),
        };
        return Convert.ToHexStringLower(hash);
    }

    public string Response
    {
        get
        {
            string a1 = $"{Username}:{Realm}:{Password}";
            if (Algorithm.EndsWith("-sess", StringComparison.Ordinal))
                a1 = $"{H(a1)}:{Nonce}:{ClientNonce}";
            string a2 = Qop == "auth-int" ? $"{Method}:{Uri}:{H(Body)}" : $"{Method}:{Uri}";
            return Qop is null ? H($"{H(a1)}:{Nonce}:{H(a2)}") : H($"{H(a1)}:{Nonce}:{NonceCount}:{ClientNonce}:{Qop}:{H(a2)}");
        }
    }
}
