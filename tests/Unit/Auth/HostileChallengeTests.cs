// Challenges from somebody who means harm: whatever they hold, the session stays as it is or answers with lines that are whole, and nothing is injected.
using SipEmbedded.Auth;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class HostileChallengeTests
{
    private static Account Anyone()
    {
        var account = new Account();
        account.Credentials.Set(default, "anyone"u8, "pw"u8);
        return account;
    }

    [Theory]
    [InlineData("WWW-Authenticate: Digest nonce=\"n\", qop=\"auth\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", qop=\"auth\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r, nonce=\"n\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\" x")]
    [InlineData("WWW-Authenticate: Digest")]
    [InlineData("WWW-Authenticate:")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\\\0\", nonce=\"n\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\\\0\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", opaque=\"\\\0\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=\"\"")]
    [InlineData("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\",,,\"")]
    public void Half_a_challenge_is_none(string line)
    {
        var account = Anyone();
        Assert.Equal(ChallengeOutcome.Unsupported, account.Take(line + "\r\n"));
        Assert.Equal(1, account.Session.Counters.PassedOver);
        Assert.Empty(account.Write());
        // A whole one behind it counts.
        Assert.Equal(ChallengeOutcome.Answered, account.Take(line + "\r\n" + Account.Challenge()));
    }

    [Fact]
    public void Folds_come_back_as_one_blank()
    {
        var account = Anyone();
        Assert.Equal(ChallengeOutcome.Answered, account.Take("WWW-Authenticate: Digest realm=\"a \r\n b\",\r\n nonce=\"c\r\n\td\", opaque=\"e\r\n \r\n f\"\r\n"));
        var written = account.WriteOne();
        Assert.Equal(("\"a b\"", "\"c d\"", "\"e f\""), (written["realm"], written["nonce"], written["opaque"]));
        var oracle = new DigestOracle { Username = "anyone", Realm = "a b", Password = "pw", Nonce = "c d", Method = "REGISTER", Uri = Account.Uri };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void Nothing_is_injected_by_quotes_and_backslashes()
    {
        var account = Anyone();
        foreach (string text in new[] { "\\\"", "\\\\", "\\\", response=\\\"0", "\\\\\\\"", " , ;", "\t" })
        {
            account.Attempt = default;
            Assert.Equal(ChallengeOutcome.Answered, account.Take($"WWW-Authenticate: Digest realm=\"{text}\", nonce=\"{text}\", opaque=\"{text}\"\r\n"));
            var written = account.Write().Select(Account.Parameters).Single(p => p["nonce"] == $"\"{text}\"");
            Assert.Equal(["username", "realm", "nonce", "uri", "response", "opaque"], written.Keys);
            Assert.Equal($"\"{text}\"", written["opaque"]);
            account.Session.Forget();
        }
    }

    [Fact]
    public void A_realm_without_a_name_is_a_realm()
    {
        var account = Anyone();
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge(realm: "")));
        var written = account.WriteOne();
        Assert.Equal(("\"\"", "\"anyone\""), (written["realm"], written["username"]));
        Assert.Equal(ChallengeOutcome.NoCredentials, new Account().Take(Account.Challenge(realm: "")));
    }

    [Fact]
    public void An_empty_nonce_is_a_nonce()
    {
        var account = Anyone();
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge(nonce: "")));
        Assert.Equal("\"\"", account.WriteOne()["nonce"]);
    }

    [Theory]
    [InlineData("nonce", AuthLimits.MaxNonceOctets)]
    [InlineData("realm", AuthLimits.MaxRealmOctets)]
    [InlineData("opaque", AuthLimits.MaxOpaqueOctets)]
    public void What_is_too_long_is_passed_over_and_the_longest_is_answered(string name, int limit)
    {
        foreach (int length in new[] { limit - 2, limit - 1, 30_000 })
        {
            var account = Anyone();
            string text = new('x', length);
            string line = Account.Challenge(
                nonce: name == "nonce" ? text : "n", realm: name == "realm" ? text : "r", extra: name == "opaque" ? $", opaque=\"{text}\"" : "");
            Assert.Equal(length == limit - 2 ? ChallengeOutcome.Answered : ChallengeOutcome.Unsupported, account.Take(line));
            Assert.Equal(length == limit - 2 ? 1 : 0, account.Write().Count);
        }
    }

    [Fact]
    public void The_longest_line_has_room()
    {
        var account = new Account(isEmpty: true);
        string user = new('\u0001', AuthLimits.MaxUserOctets);
        Assert.Equal(CredentialsResult.Stored, account.Credentials.Set(default, Account.Octets(user), default));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge(
            new string('n', AuthLimits.MaxNonceOctets - 2), new string('r', AuthLimits.MaxRealmOctets - 2), "SHA-512-256-sess", "auth-int",
            extra: $", opaque=\"{new string('o', AuthLimits.MaxOpaqueOctets - 2)}\"")));
        string uri = "sip:" + new string('u', AuthLimits.MaxUriOctets - 4);
        var written = account.WriteOne(new string('M', AuthLimits.MaxMethodOctets), uri);
        Assert.Equal(user, Account.Inside(written["username"]));
        var oracle = new DigestOracle
        {
            Algorithm = "SHA-512-256-sess", Qop = "auth-int", Username = user, Realm = Account.Inside(written["realm"]), Password = "",
            Nonce = Account.Inside(written["nonce"]), ClientNonce = Account.Inside(written["cnonce"]), Method = new string('M', AuthLimits.MaxMethodOctets),
            Uri = uri,
        };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void Hundreds_of_challenges_are_looked_at_up_to_a_number()
    {
        var account = Anyone();
        string many = string.Concat(Enumerable.Range(0, 120).Select(i => Account.Challenge("n" + i, realm: "r" + i)));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(many));
        // The topmost realms get the places, and no realm of a response drives out another of it.
        Assert.Equal(Enumerable.Range(0, AuthLimits.MaxSpaces).Select(i => $"\"n{i}\""), account.Write().Select(line => Account.Parameters(line)["nonce"]));
        Assert.Equal(120 - AuthLimits.MaxSpaces, account.Session.Counters.PassedOver);
        Assert.Equal(0, account.Session.Counters.SpacesEvicted);
    }

    [Fact]
    public void Hundreds_of_lines_that_are_no_challenge_hide_none()
    {
        var account = Anyone();
        string many = string.Concat(Enumerable.Repeat("WWW-Authenticate: Basic realm=\"x\"\r\n", 120));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(many + Account.Challenge()));
    }
}
