// What a server does about credentials, one rule a test (RFC 7616 §3, §5; RFC 3261 §22; RFC 8760 §2.3, §2.6).
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class AuthServerTests
{
    private static (Registrar Registrar, Account Account) Met(AuthServerOptions? options = null, AuthSessionOptions? client = null)
    {
        var registrar = new Registrar(options);
        var account = new Account(client);
        Assert.Equal(ChallengeOutcome.Answered, account.Take(registrar.Challenges()));
        return (registrar, account);
    }

    [Fact]
    public void A_challenge_has_a_line_for_each_algorithm_in_order_with_what_must_be_quoted_quoted()
    {
        var registrar = new Registrar(new()
        {
            Realm = "the \"door\"", Algorithms = [DigestAlgorithm.Sha512Slash256, DigestAlgorithm.Sha256, DigestAlgorithm.Md5], OffersIntegrity = true,
            WantsUserHash = true, Domain = "sip:a sip:b",
        });
        var lines = registrar.Challenges().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.StartsWith(
            "WWW-Authenticate: Digest realm=\"the \\\"door\\\"\", domain=\"sip:a sip:b\", qop=\"auth,auth-int\", nonce=\"", line));
        Assert.Equal(["SHA-512-256", "SHA-256", "MD5"], lines.Select(line => line.Split("algorithm=")[1].Split(',')[0]));
        Assert.All(lines, line => Assert.EndsWith(", charset=UTF-8, userhash=true", line));
        Assert.Single(lines.Select(line => line.Split("nonce=")[1].Split(',')[0]).Distinct());
    }

    [Fact]
    public void Each_nonce_is_another_also_in_one_moment()
    {
        var registrar = new Registrar();
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => registrar.Challenges().Split("nonce=")[1][..66]).Distinct().Count());
    }

    [Fact]
    public void Right_credentials_are_accepted_once()
    {
        var (registrar, account) = Met();
        byte[] request = account.Request(ref account.Attempt);
        var check = registrar.Check(request);
        Assert.Equal(AuthVerdict.Accepted, check.Verdict);
        Assert.Equal("door"u8, registrar.Users.UserOf(check.User));
        Assert.Equal(Account.Octets(Account.Uri), check.Uri.In(request));
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(request));
        Assert.Contains("stale=true", registrar.Challenges(AuthVerdict.Replayed), StringComparison.Ordinal);
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(account.Request(ref account.Attempt)));
        Assert.Equal((2, 1), (registrar.Server.Counters.Accepted, registrar.Server.Counters.Replayed));
    }

    [Fact]
    public void Requests_that_overtake_each_other_are_accepted_within_the_window()
    {
        var (registrar, account) = Met();
        var requests = Enumerable.Range(0, 100).Select(_ => account.Request(ref account.Attempt)).ToList();
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[50]));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[0]));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[49]));
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(requests[0]));
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(requests[49]));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[70]));
        // Too far behind to tell.
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(requests[6]));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[7]));
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(requests[50]));
    }

    [Fact]
    public void A_jump_beyond_the_window_forgets_what_was_before_it()
    {
        var (registrar, account) = Met();
        var requests = Enumerable.Range(0, 140).Select(_ => account.Request(ref account.Attempt)).ToList();
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[0]));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[64]));
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(requests[0]));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[1]));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(requests[139]));
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(requests[64]));
    }

    [Fact]
    public void A_wrong_password_and_an_unknown_user_are_wrong_and_nothing_is_said_of_the_nonce()
    {
        var (registrar, account) = Met();
        account.Credentials.Set("example.com"u8, "door"u8, "guess"u8);
        byte[] request = account.Request(ref account.Attempt);
        Assert.Equal(AuthVerdict.Wrong, registrar.Judge(request));
        registrar.Now += TimeSpan.FromHours(1);
        Assert.Equal(AuthVerdict.Wrong, registrar.Judge(request));
        Assert.DoesNotContain("stale", registrar.Challenges(AuthVerdict.Wrong), StringComparison.Ordinal);
        registrar.Users.Clear();
        Assert.Equal(AuthVerdict.Wrong, registrar.Judge(request));
        Assert.Equal(3, registrar.Server.Counters.Wrong);
    }

    [Fact]
    public void A_nonce_grows_old_and_the_client_goes_on_with_another()
    {
        var (registrar, account) = Met();
        registrar.Now += TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1);
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(account.Request(ref account.Attempt)));
        registrar.Now += TimeSpan.FromTicks(1);
        account.Attempt = default;
        Assert.Equal(AuthVerdict.Stale, registrar.Judge(account.Request(ref account.Attempt)));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(registrar.Challenges(AuthVerdict.Stale)));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(account.Request(ref account.Attempt)));
    }

    [Fact]
    public void A_nonce_of_another_server_or_one_that_was_changed_is_stale()
    {
        var (_, account) = Met();
        Assert.Equal(AuthVerdict.Stale, new Registrar(seed: 7).Judge(account.Request(ref account.Attempt)));
        var registrar = new Registrar();
        string challenge = registrar.Challenges();
        int at = challenge.IndexOf("nonce=\"", StringComparison.Ordinal) + 7;
        for (int i = 0; i < 64; i++)
        {
            var other = new Account();
            char changed = challenge[at + i] == '0' ? '1' : '0';
            other.Take(challenge[..(at + i)] + changed + challenge[(at + i + 1)..].Split("\r\n")[0] + "\r\n");
            Assert.Equal(AuthVerdict.Stale, registrar.Judge(other.Request(ref other.Attempt)));
        }
    }

    [Fact]
    public void Without_qop_a_nonce_is_good_for_one_request()
    {
        var (registrar, account) = Met();
        account.Session.Forget();
        account.Attempt = default;
        string nonce = registrar.Challenges().Split("nonce=\"")[1].Split('"')[0];
        account.Take($"WWW-Authenticate: Digest realm=\"example.com\", nonce=\"{nonce}\", algorithm=MD5\r\n");
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(account.Request(ref account.Attempt)));
        Assert.Equal(AuthVerdict.Replayed, registrar.Judge(account.Request(ref account.Attempt)));
        var strict = new Registrar(new() { Realm = "example.com", AcceptsWithoutQop = false });
        Assert.Equal(AuthVerdict.Malformed, strict.Judge(account.Request(ref account.Attempt)));
    }

    [Fact]
    public void Credentials_for_another_URI_are_refused_unless_that_is_allowed()
    {
        var (registrar, account) = Met();
        string Moved(string uri) =>
            System.Text.Encoding.UTF8.GetString(account.Request(ref account.Attempt))
                .Replace($"REGISTER {Account.Uri} ", $"REGISTER {uri} ", StringComparison.Ordinal);
        Assert.Equal(AuthVerdict.OtherUri, registrar.Judge(Account.Octets(Moved("sip:other.example.com"))));
        Assert.Equal(400, registrar.Server.StatusFor(AuthVerdict.OtherUri));
        // The same URI, spelled otherwise.
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(Account.Octets(Moved("sip:REGISTRAR.example.com"))));
        (registrar, account) = Met(new() { Realm = "example.com", RequiresSameUri = false });
        byte[] request = Account.Octets(Moved("sip:other.example.com"));
        var check = registrar.Check(request);
        Assert.Equal(AuthVerdict.Accepted, check.Verdict);
        Assert.Equal(Account.Octets(Account.Uri), check.Uri.In(request));
    }

    [Fact]
    public void Integrity_covers_the_body()
    {
        var (registrar, account) = Met(new() { Realm = "example.com", OffersIntegrity = true }, new() { PrefersIntegrity = true });
        byte[] request = account.Request(ref account.Attempt, body: "one");
        byte[] changed = [.. request[..^1], (byte)'!'];
        Assert.Equal(AuthVerdict.Wrong, registrar.Judge(changed));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(request));
    }

    [Fact]
    public void Ack_and_Cancel_are_not_challenged()
    {
        var registrar = new Registrar();
        Assert.Equal(AuthVerdict.Exempt, registrar.Judge(Registrar.Request("", "ACK")));
        Assert.Equal(AuthVerdict.Exempt, registrar.Judge(Registrar.Request("", "CANCEL")));
        Assert.Equal(AuthVerdict.Missing, registrar.Judge(Registrar.Request("", "BYE")));
        Assert.Equal([0, 0, 401, 401, 401, 401, 400, 400], new[]
        {
            AuthVerdict.Accepted, AuthVerdict.Exempt, AuthVerdict.Missing, AuthVerdict.Stale, AuthVerdict.Replayed, AuthVerdict.Wrong, AuthVerdict.Malformed,
            AuthVerdict.OtherUri,
        }.Select(registrar.Server.StatusFor));
        Assert.Equal(407, new Registrar(new() { Realm = "r", IsProxy = true }).Server.StatusFor(AuthVerdict.Missing));
    }

    private const string Whole = "username=\"door\", realm=\"example.com\", nonce=\"n\", uri=\"sip:registrar.example.com\", response=\"00\"";

    [Theory]
    [InlineData("Basic ZG9vcjpzZWNyZXQ=", AuthVerdict.Missing)]
    [InlineData("Digest username=\"door\", realm=\"elsewhere\", nonce=\"n\", uri=\"sip:a\", response=\"00\"", AuthVerdict.Missing)]
    [InlineData("Digest username=\"door\", nonce=\"n\", uri=\"sip:a\", response=\"00\"", AuthVerdict.Missing)]
    [InlineData("Digest username=\"door\", realm=\"example.com\", nonce=\"\", uri=\"sip:a\", response=\"\"", AuthVerdict.Missing)]
    [InlineData("Digest " + Whole + ", algorithm=SHA-512-256", AuthVerdict.Missing)]
    [InlineData("Digest " + Whole + ", algorithm=SHA-3", AuthVerdict.Missing)]
    [InlineData("Digest realm=\"example.com\", nonce=\"n\", uri=\"sip:a\", response=\"00\"", AuthVerdict.Malformed)]
    [InlineData("Digest username=\"door\", realm=\"example.com\", uri=\"sip:a\", response=\"00\"", AuthVerdict.Malformed)]
    [InlineData("Digest username=\"door\", realm=\"example.com\", nonce=\"n\", response=\"00\"", AuthVerdict.Malformed)]
    [InlineData("Digest username=\"door\", realm=\"example.com\", nonce=\"n\", uri=\"sip:a\"", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole + ", qop=auth", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole + ", qop=auth, cnonce=\"c\"", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole + ", qop=auth, nc=00000001", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole + ", qop=auth, cnonce=\"c\", nc=00000000", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole + ", qop=auth, cnonce=\"c\", nc=1", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole + ", qop=auth, cnonce=\"c\", nc=0000000g", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole + ", qop=auth-magic, cnonce=\"c\", nc=00000001", AuthVerdict.Malformed)]
    [InlineData("Digest " + Whole, AuthVerdict.Wrong)]
    [InlineData("Digest " + Whole + ", qop=auth, cnonce=\"c\", nc=00000001", AuthVerdict.Wrong)]
    [InlineData("Digest " + Whole + ", qop=\"auth\", cnonce=\"c\", nc=\"00000001\"", AuthVerdict.Wrong)]
    public void Credentials_that_are_not_whole_are_told_from_those_that_are_wrong(string credentials, AuthVerdict verdict) =>
        Assert.Equal(verdict, new Registrar().Judge(Registrar.Request($"Authorization: {credentials}\r\n")));

    [Fact]
    public void What_is_too_long_is_malformed()
    {
        foreach (var (name, length) in new[] { ("username", 241), ("nonce", 513), ("uri", 1025), ("cnonce", 257) })
        {
            string credentials = "Digest " + Whole + ", qop=auth, cnonce=\"c\", nc=00000001";
            int at = credentials.IndexOf(", " + name + "=\"", StringComparison.Ordinal);
            at = name == "username" ? credentials.IndexOf('"') : at + name.Length + 3;
            string longer = credentials[..(at + 1)] + (name == "uri" ? "sip:" : "") + new string('a', length) + credentials[credentials.IndexOf('"', at + 1)..];
            Assert.Equal(AuthVerdict.Malformed, new Registrar().Judge(Registrar.Request($"Authorization: {longer}\r\n")));
        }
    }

    [Fact]
    public void Of_several_credentials_the_first_that_are_right_count_and_only_some_are_tried()
    {
        var (registrar, account) = Met();
        string right = Assert.Single(account.Write()) + "\r\n";
        string wrong = $"Authorization: Digest {Whole}\r\n";
        string foreign = wrong.Replace("example.com", "elsewhere", StringComparison.Ordinal);
        const int Tried = AuthLimits.MaxCredentialsTried;
        Assert.Equal(AuthVerdict.Wrong, registrar.Judge(Registrar.Request(string.Concat(Enumerable.Repeat(wrong, Tried)) + right)));
        Assert.Equal(AuthVerdict.Accepted,
            registrar.Judge(Registrar.Request(string.Concat(Enumerable.Repeat(foreign, 20)) + string.Concat(Enumerable.Repeat(wrong, Tried - 1)) + right)));
    }

    [Fact]
    public void A_full_table_of_nonces_forgets_the_oldest_and_refuses_it_from_then_on()
    {
        var registrar = new Registrar(new() { Realm = "example.com", NoncesInUse = 3 });
        var accounts = new List<Account>();
        for (int i = 0; i < 5; i++)
        {
            registrar.Now += TimeSpan.FromSeconds(1);
            var account = new Account();
            account.Take(registrar.Challenges());
            accounts.Add(account);
        }
        byte[] first = accounts[0].Request(ref accounts[0].Attempt);
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(first));
        foreach (var account in accounts.Skip(2))
            Assert.Equal(AuthVerdict.Accepted, registrar.Judge(account.Request(ref account.Attempt)));
        Assert.Equal(1, registrar.Server.Counters.NoncesForgotten);
        // Neither what was used nor a later count of it; others go on.
        Assert.Equal(AuthVerdict.Stale, registrar.Judge(first));
        Assert.Equal(AuthVerdict.Stale, registrar.Judge(accounts[0].Request(ref accounts[0].Attempt)));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(accounts[2].Request(ref accounts[2].Attempt)));
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(accounts[1].Request(ref accounts[1].Attempt)));
        // Places of nonces that are too old are free.
        registrar.Now += TimeSpan.FromHours(1);
        long forgotten = registrar.Server.Counters.NoncesForgotten;
        var last = new Account();
        last.Take(registrar.Challenges());
        Assert.Equal(AuthVerdict.Accepted, registrar.Judge(last.Request(ref last.Attempt)));
        Assert.Equal(forgotten, registrar.Server.Counters.NoncesForgotten);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused_at_start()
    {
        Assert.Throws<ArgumentException>(() => new Registrar(new() { Realm = "" }));
        Assert.Throws<ArgumentException>(() => new Registrar(new() { Realm = "a\r\nb" }));
        Assert.Throws<ArgumentException>(() => new Registrar(new() { Realm = new string('a', 257) }));
        Assert.Throws<ArgumentException>(() => new Registrar(new() { Realm = "a", Algorithms = [] }));
        Assert.Throws<ArgumentException>(() => new Registrar(new() { Realm = "a", Algorithms = [DigestAlgorithm.Md5, DigestAlgorithm.Md5] }));
        Assert.Throws<ArgumentException>(() => new Registrar(new() { Realm = "a", Domain = "\"" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Registrar(new() { Realm = "a", NoncesInUse = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Registrar(new() { Realm = "a", NonceLifetime = TimeSpan.Zero }));
    }
}
