// The client against the server and both against the oracle, in every combination of algorithm, quality of protection, user hash, proxy and kind of secret.
using System.Text;
using SipEmbedded.Auth;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class ClientAgainstServerTests
{
    private const string User = "dö\"o\\r";
    private const string Realm = "the \\ \"house\"";
    private const string Password = "pä:ss \"wörd\"";

    public static TheoryData<DigestAlgorithm, bool, bool, bool, string> Combinations
    {
        get
        {
            var data = new TheoryData<DigestAlgorithm, bool, bool, bool, string>();
            foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
            {
                for (int bits = 0; bits < 8; bits++)
                {
                    foreach (string secret in new[] { "named", "any", "stored" })
                        data.Add(algorithm, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, secret);
                }
            }
            return data;
        }
    }

    private static void SetSecret(Credentials credentials, DigestAlgorithm algorithm, string secret)
    {
        string name = Encoding.ASCII.GetString(DigestAlgorithms.NameOf(algorithm));
        var result = secret switch
        {
            "named" => credentials.Set(Account.Octets(Realm), Account.Octets(User), Account.Octets(Password)),
            "any" => credentials.Set(default, Account.Octets(User), Account.Octets(Password)),
            _ => credentials.SetSecret(
                Account.Octets(Realm), Account.Octets(User), algorithm, Account.Octets(DigestOracle.H(name, $"{User}:{Realm}:{Password}"))),
        };
        Assert.Equal(CredentialsResult.Stored, result);
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Each_accepts_the_other(DigestAlgorithm algorithm, bool isIntegrity, bool isUserHash, bool isProxy, string secret)
    {
        var registrar = new Registrar(
            new() { Realm = Realm, Algorithms = [algorithm], OffersIntegrity = isIntegrity, WantsUserHash = isUserHash, IsProxy = isProxy }, isEmpty: true);
        var account = new Account(new() { PrefersIntegrity = isIntegrity }, isEmpty: true);
        SetSecret(registrar.Users, algorithm, secret == "stored" ? "named" : secret);
        SetSecret(account.Credentials, algorithm, secret);
        const string Body = "v=0\r\n";

        byte[] request = account.Request(ref account.Attempt, "INVITE", "sip:a@b;c=d?e=f", Body);
        Assert.Equal(AuthVerdict.Missing, registrar.Judge(request));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(registrar.Challenges(), isProxy ? 407 : 401));
        string expectedNonce = "";
        for (int i = 1; i <= 3; i++)
        {
            request = account.Request(ref account.Attempt, "INVITE", "sip:a@b;c=d?e=f", Body);
            string line = Encoding.UTF8.GetString(request).Split("\r\n").Single(l => l.Contains("uthorization:", StringComparison.Ordinal));
            Assert.Equal(isProxy, line.StartsWith("Proxy-", StringComparison.Ordinal));
            var written = Account.Parameters(line);
            var oracle = new DigestOracle
            {
                Algorithm = written["algorithm"], Qop = isIntegrity ? "auth-int" : "auth", Username = User, Realm = Realm, Password = Password,
                Nonce = Account.Inside(written["nonce"]), ClientNonce = Account.Inside(written["cnonce"]), NonceCount = written["nc"], Method = "INVITE",
                Uri = "sip:a@b;c=d?e=f", Body = Body,
            };
            Assert.Equal(oracle.Response, Account.Inside(written["response"]));
            Assert.Equal(isUserHash ? oracle.H($"{User}:{Realm}") : User, Account.Inside(written["username"]));
            if (expectedNonce.Length > 0)
                Assert.Equal(expectedNonce, written["nonce"]);

            var check = registrar.Check(request);
            Assert.Equal(AuthVerdict.Accepted, check.Verdict);
            Assert.Equal(Account.Octets(User), registrar.Users.UserOf(check.User));
            string info = registrar.Info(request, check, renews: i == 2, "answer");
            Assert.Equal(isProxy, info.Length == 0);
            if (!isProxy)
            {
                Assert.Contains($"rspauth=\"{(oracle with { Method = "", Body = "answer" }).Response}\"", info, StringComparison.Ordinal);
                Assert.Equal(ServerProof.Valid, account.TakeInfo(info, account.Attempt, "sip:a@b;c=d?e=f", "answer"));
                if (i == 2)
                    expectedNonce = info.Split("nextnonce=")[1];
            }
            // A new request each time, but for a proxy that gets nothing ahead.
            if (!isProxy || secret != "any")
                account.Attempt = default;
        }
    }

    [Fact]
    public void A_client_of_one_algorithm_finds_it_among_the_servers()
    {
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            var registrar = new Registrar(new() { Realm = "example.com", Algorithms = [.. Enum.GetValues<DigestAlgorithm>().Reverse()] });
            var account = new Account(new() { Preference = [algorithm] });
            Assert.Equal(ChallengeOutcome.Answered, account.Take(registrar.Challenges()));
            Assert.Equal(Encoding.ASCII.GetString(DigestAlgorithms.NameOf(algorithm)), account.WriteOne()["algorithm"]);
            Assert.Equal(AuthVerdict.Accepted, registrar.Judge(account.Request(ref account.Attempt)));
        }
    }

    [Fact]
    public void A_server_that_starts_anew_costs_a_request_more()
    {
        var account = new Account();
        account.Take(new Registrar().Challenges());
        account.Attempt = default;
        var other = new Registrar(seed: 5);
        var verdict = other.Judge(account.Request(ref account.Attempt));
        Assert.Equal(AuthVerdict.Stale, verdict);
        Assert.Equal(ChallengeOutcome.Answered, account.Take(other.Challenges(verdict)));
        Assert.Equal(AuthVerdict.Accepted, other.Judge(account.Request(ref account.Attempt)));
    }

    [Fact]
    public void A_wrong_password_ends_after_one_retry()
    {
        var registrar = new Registrar();
        var account = new Account();
        registrar.Users.Set("example.com"u8, "door"u8, "changed"u8);
        var outcome = ChallengeOutcome.Answered;
        int requests = 0;
        while (outcome == ChallengeOutcome.Answered)
        {
            var verdict = registrar.Judge(account.Request(ref account.Attempt));
            requests++;
            outcome = account.Take(registrar.Challenges(verdict));
        }
        Assert.Equal(ChallengeOutcome.Refused, outcome);
        Assert.Equal(2, requests);
    }
}
