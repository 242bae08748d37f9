// What is kept of users, and what is not (RFC 7616 §5.2).
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class CredentialsTests
{
    private static Credentials Make(int capacity) => new(new StartGate(), "credentials", capacity);

    [Fact]
    public void A_full_table_refuses_a_new_user_and_replaces_an_old_one()
    {
        var credentials = Make(2);
        Assert.Equal(CredentialsResult.Stored, credentials.Set("r"u8, "a"u8, "1"u8));
        Assert.Equal(CredentialsResult.Stored, credentials.Set("r"u8, "b"u8, "1"u8));
        Assert.Equal(CredentialsResult.Full, credentials.Set("r"u8, "c"u8, "1"u8));
        Assert.Equal(CredentialsResult.Full, credentials.Set("s"u8, "a"u8, "1"u8));
        Assert.Equal(CredentialsResult.Stored, credentials.Set("r"u8, "a"u8, "2"u8));
        Assert.Equal((2, 2), (credentials.Count, credentials.Refused));
        Assert.True(credentials.Remove("r"u8, "a"u8));
        Assert.False(credentials.Remove("r"u8, "a"u8));
        Assert.Equal(CredentialsResult.Stored, credentials.Set("s"u8, "a"u8, "1"u8));
        Assert.Equal(CredentialsResult.Full, Make(0).Set("r"u8, "a"u8, "1"u8));
    }

    [Fact]
    public void What_no_header_can_carry_is_refused()
    {
        var credentials = Make(4);
        byte[] long256 = [.. Enumerable.Repeat((byte)'a', 257)];
        Assert.Equal(CredentialsResult.TooLong, credentials.Set("r"u8, "a"u8, long256.AsSpan(0, 129)));
        Assert.Equal(CredentialsResult.TooLong, credentials.Set("r"u8, long256.AsSpan(0, 241), default));
        Assert.Equal(CredentialsResult.TooLong, credentials.Set(long256, "a"u8, default));
        foreach (string text in new[] { "a\r\nX: y", "a\nb", "a\0" })
        {
            Assert.Equal(CredentialsResult.Malformed, credentials.Set("r"u8, Account.Octets(text), "p"u8));
            Assert.Equal(CredentialsResult.Malformed, credentials.Set(Account.Octets(text), "a"u8, "p"u8));
        }
        Assert.Equal(CredentialsResult.Malformed, credentials.Set("r"u8, default, "p"u8));
        Assert.Equal(CredentialsResult.Malformed, credentials.Set("r"u8, [0xFF], "p"u8));
        Assert.Equal(CredentialsResult.Malformed, credentials.SetSecret("r"u8, "a"u8, DigestAlgorithm.Md5, "00"u8));
        Assert.Equal(CredentialsResult.Malformed, credentials.SetSecret(default, "a"u8, DigestAlgorithm.Md5, "00112233445566778899aabbccddeeff"u8));
        Assert.Equal(CredentialsResult.Malformed, credentials.SetSecret("r"u8, "a"u8, DigestAlgorithm.Md5, "00112233445566778899aabbccddeefg"u8));
        Assert.Equal(0, credentials.Count);
    }

    [Fact]
    public void A_password_without_characters_is_a_password()
    {
        // RFC 3261 §22.1: "anonymous" has none.
        var account = new Account(isEmpty: true);
        Assert.Equal(CredentialsResult.Stored, account.Credentials.Set("example.com"u8, "anonymous"u8, default));
        account.Take(Account.Challenge());
        var written = account.WriteOne();
        var oracle = new DigestOracle
        {
            Qop = "auth", Username = "anonymous", Realm = "example.com", Password = "", Nonce = "n1", Method = "REGISTER", Uri = Account.Uri,
            ClientNonce = Account.Inside(written["cnonce"]),
        };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void The_plan_says_what_everything_costs()
    {
        var gate = new StartGate();
        var credentials = new Credentials(gate, "credentials", 8);
        _ = new AuthSession(gate, new Entropy(gate, new Account.CountingEntropy(1)), credentials, new());
        _ = new AuthServer(gate, new Entropy(gate, new Account.CountingEntropy(1)), credentials, new() { Realm = "r" });
        var entries = gate.Plan().Entries.ToArray();
        Assert.Equal(8, entries.Single(e => e.Pool == "credentials").Capacity);
        Assert.Equal(AuthLimits.MaxSpaces, entries.Single(e => e.Pool == "protection spaces").Capacity);
        Assert.Equal(64, entries.Single(e => e.Pool == "nonces in use").Capacity);
        Assert.True(gate.Plan().TotalBytes < 32 * 1024);
    }
}
