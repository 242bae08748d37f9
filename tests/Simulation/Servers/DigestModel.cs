// Digest as a registrar does it (RFC 7616 §3.4, RFC 8760), by hand and over the framework's hashes: nothing of the library's Digest, whose mistakes it would
// repeat. It knows MD5 and SHA-256, with qop=auth.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal enum DigestFinding
{
    /// <summary>No credentials for the realm.</summary>
    Missing,

    Right,

    /// <summary>The password is, but the nonce is not known any more.</summary>
    Stale,

    Wrong,
}

internal sealed class DigestModel(Chance chance, RegistrarBehaviour behaviour)
{
    private readonly Dictionary<string, Nonce> _nonces = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    private sealed class Nonce(Instant issued)
    {
        public Instant Issued { get; } = issued;

        /// <summary>The highest count that was used with it.</summary>
        public uint Count { get; set; }
    }

    /// <summary>Nonces that were given are not known any more, as behind a restart.</summary>
    public void Forget()
    {
        _nonces.Clear();
        _order.Clear();
    }

    /// <summary>The values of WWW-Authenticate lines, with one new nonce.</summary>
    public IEnumerable<string> Challenges(Instant now, bool isStale)
    {
        string nonce = chance.Next().ToString("x16", CultureInfo.InvariantCulture) + chance.Next().ToString("x16", CultureInfo.InvariantCulture);
        while (_order.TryPeek(out string? oldest) && _nonces[oldest].Issued + behaviour.NonceLifetime <= now)
            _nonces.Remove(_order.Dequeue());
        _nonces.Add(nonce, new(now));
        _order.Enqueue(nonce);
        string stale = isStale ? ", stale=true" : "";
        return behaviour.Algorithms.Select(algorithm => $"Digest realm=\"{behaviour.Realm}\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{stale}");
    }

    /// <summary>Of a request its credentials for the realm, and whose they are.</summary>
    public DigestFinding Check(Instant now, SipText request, out string user)
    {
        user = "";
        foreach (var (name, value) in request.Headers)
        {
            if (!name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || !value.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase))
                continue;
            var given = ParametersOf(value["Digest ".Length..]);
            if (given.GetValueOrDefault("realm") == behaviour.Realm && given.GetValueOrDefault("nonce", "").Length > 0)
            {
                user = given.GetValueOrDefault("username", "");
                return Check(now, request.Method, given, user);
            }
        }
        return DigestFinding.Missing;
    }

    private DigestFinding Check(Instant now, string method, Dictionary<string, string> given, string user)
    {
        string algorithm = given.GetValueOrDefault("algorithm", "MD5");
        if (!behaviour.Passwords.TryGetValue(user, out string? password) || !behaviour.Algorithms.Contains(algorithm, StringComparer.OrdinalIgnoreCase))
            return DigestFinding.Wrong;
        string Hash(string text) => Convert.ToHexStringLower(
            algorithm.Equals("MD5", StringComparison.OrdinalIgnoreCase) ? MD5.HashData(Encoding.UTF8.GetBytes(text)) : SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        string nonce = given["nonce"];
        string count = given.GetValueOrDefault("nc", "");
        string middle = $"{nonce}:{count}:{given.GetValueOrDefault("cnonce", "")}:{given.GetValueOrDefault("qop", "")}";
        string right = Hash($"{Hash($"{user}:{behaviour.Realm}:{password}")}:{middle}:{Hash($"{method}:{given.GetValueOrDefault("uri", "")}")}");
        if (given.GetValueOrDefault("qop") != "auth" || given.GetValueOrDefault("response") != right)
            return DigestFinding.Wrong;
        bool isKnown = _nonces.TryGetValue(nonce, out var issued) && issued.Issued + behaviour.NonceLifetime > now;
        uint number = uint.Parse(count, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (!isKnown || number <= issued!.Count || behaviour.NoncesServeOnce && issued.Count > 0)
            return behaviour.SaysStale ? DigestFinding.Stale : DigestFinding.Wrong;
        issued.Count = number;
        return DigestFinding.Right;
    }

    private static Dictionary<string, string> ParametersOf(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string part in ContactText.Split(text, ','))
        {
            int equals = part.IndexOf('=');
            if (equals > 0)
                parameters[part[..equals].Trim()] = part[(equals + 1)..].Trim().Trim('"');
        }
        return parameters;
    }
}
