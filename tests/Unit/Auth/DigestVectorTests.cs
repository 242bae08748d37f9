// The responses that RFCs and another stack print (Vectors/digest).
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SipEmbedded.Auth;
using SipEmbedded.Tests.Vectors;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class DigestVectorTests
{
    public sealed record Vector
    {
        [JsonPropertyName("id")] public required string Id { get; init; }

        [JsonPropertyName("username")] public required string Username { get; init; }

        [JsonPropertyName("password")] public required string Password { get; init; }

        [JsonPropertyName("realm")] public required string Realm { get; init; }

        [JsonPropertyName("nonce")] public required string Nonce { get; init; }

        [JsonPropertyName("method")] public required string Method { get; init; }

        [JsonPropertyName("uri")] public required string Uri { get; init; }

        [JsonPropertyName("algorithm")] public required string Algorithm { get; init; }

        [JsonPropertyName("qop")] public string? Qop { get; init; }

        [JsonPropertyName("nc")] public string? NonceCount { get; init; }

        [JsonPropertyName("cnonce")] public string? ClientNonce { get; init; }

        [JsonPropertyName("body")] public required string Body { get; init; }

        [JsonPropertyName("response")] public required string Response { get; init; }

        [JsonPropertyName("userhash")] public string? UserHash { get; init; }

        [JsonPropertyName("verified")] public required bool IsRight { get; init; }

        [JsonPropertyName("recomputed")] public string? Recomputed { get; init; }

        [JsonPropertyName("userhash_recomputed")] public string? UserHashRecomputed { get; init; }
    }

    private static readonly List<Vector> s_vectors = JsonSerializer.Deserialize<List<Vector>>(MessageVectors.Read("digest/vectors.json"))!;

    public static TheoryData<string> Ids => new(s_vectors.Select(vector => vector.Id));

    private static byte[] Octets(string? text) => Encoding.UTF8.GetBytes(text ?? "");

    [Theory]
    [MemberData(nameof(Ids))]
    public void Printed_responses_are_met(string id)
    {
        var vector = s_vectors.Single(v => v.Id == id);
        Assert.True(DigestAlgorithms.TryParse(Octets(vector.Algorithm), out var algorithm));
        var input = new DigestInput
        {
            Algorithm = algorithm,
            Qop = vector.Qop switch { null => DigestQop.None, "auth" => DigestQop.Auth, _ => DigestQop.AuthInt },
            Method = Octets(vector.Method),
            Uri = Octets(vector.Uri),
            Nonce = Octets(vector.Nonce),
            ClientNonce = Octets(vector.ClientNonce),
            NonceCount = Octets(vector.NonceCount),
            Body = Octets(vector.Body),
        };
        var secret = DigestResponse.Secret(algorithm, Octets(vector.Username), Octets(vector.Realm), Octets(vector.Password), new byte[32]);
        var text = new byte[64];
        Assert.True(DigestResponse.TryCompute(input, secret, text, out int length));
        string response = Encoding.ASCII.GetString(text, 0, length);
        Assert.Equal(vector.IsRight ? vector.Response : vector.Recomputed, response);
        var oracle = new DigestOracle
        {
            Algorithm = vector.Algorithm, Qop = vector.Qop, Username = vector.Username, Realm = vector.Realm, Password = vector.Password, Nonce = vector.Nonce,
            ClientNonce = vector.ClientNonce ?? "", NonceCount = vector.NonceCount ?? "", Method = vector.Method, Uri = vector.Uri, Body = vector.Body,
        };
        Assert.Equal(response, oracle.Response);
    }

    /// <summary>RFC 7616 §3.9.2 prints the beginnings of SHA-512 in the place of SHA-512/256.</summary>
    [Fact]
    public void Example_that_is_printed_wrong_is_a_truncated_SHA512()
    {
        var vector = s_vectors.Single(v => !v.IsRight);
        string printed = Convert.ToHexStringLower(SlowSha512.Sha512(Octets($"{vector.Username}:{vector.Realm}")))[..64];
        Assert.Equal(vector.UserHash, printed);
        var text = DigestResponse.UserHash(DigestAlgorithm.Sha512Slash256, Octets(vector.Username), Octets(vector.Realm), new byte[64]);
        Assert.Equal(vector.UserHashRecomputed, Encoding.ASCII.GetString(text));
    }

    [Fact]
    public void Hash_of_an_empty_body_is_the_hash_of_nothing()
    {
        // RFC 8760 §2.6 (7) and RFC 3261 §22.4 (7).
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", DigestOracle.H("SHA-256", ""));
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", DigestOracle.H("MD5", ""));
    }

    [Fact]
    public void Texts_beyond_their_limits_are_refused_not_cut()
    {
        var secret = new byte[32];
        var text = new byte[64];
        Assert.True(DigestResponse.Secret(DigestAlgorithm.Md5, new byte[600], default, new byte[200], secret).IsEmpty);
        Assert.True(DigestResponse.UserHash(DigestAlgorithm.Md5, new byte[600], default, text).IsEmpty);
        var count = "00000001"u8;
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            Assert.False(DigestResponse.TryCompute(
                new() { Algorithm = algorithm, Uri = new byte[2000] }, secret, text, out _));
            Assert.False(DigestResponse.TryCompute(
                new() { Algorithm = algorithm, Qop = DigestQop.Auth, Nonce = new byte[2000], NonceCount = count }, secret, text, out _));
            Assert.False(DigestResponse.TryCompute(
                new() { Algorithm = algorithm, Qop = DigestQop.Auth, ClientNonce = new byte[2000], NonceCount = count }, secret, text, out _));
        }
    }
}
