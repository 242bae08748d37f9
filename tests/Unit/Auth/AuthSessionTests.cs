// What a client does about challenges, one rule a test (RFC 3261 §22, RFC 7616 §3, RFC 8760 §2).
using SipEmbedded.Auth;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class AuthSessionTests
{
    [Fact]
    public void A_challenge_is_answered_as_the_RFC_computes_it()
    {
        var account = new Account();
        Assert.Empty(account.Write());
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge(algorithm: "SHA-256", extra: ", opaque=\"o1\"")));
        string line = Assert.Single(account.Write());
        Assert.StartsWith("Authorization: Digest ", line);
        var written = Account.Parameters(line);
        Assert.Equal("\"door\"", written["username"]);
        Assert.Equal("\"example.com\"", written["realm"]);
        Assert.Equal("\"n1\"", written["nonce"]);
        Assert.Equal($"\"{Account.Uri}\"", written["uri"]);
        Assert.Equal("SHA-256", written["algorithm"]);
        Assert.Equal("auth", written["qop"]);
        Assert.Equal("00000001", written["nc"]);
        Assert.Equal("\"o1\"", written["opaque"]);
        Assert.False(written.ContainsKey("userhash"));
        var oracle = new DigestOracle
        {
            Algorithm = "SHA-256", Qop = "auth", Username = "door", Realm = "example.com", Password = "secret", Nonce = "n1", Method = "REGISTER",
            Uri = Account.Uri, ClientNonce = Account.Inside(written["cnonce"]),
        };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void Later_requests_carry_credentials_unasked_with_a_rising_count_and_another_client_nonce()
    {
        var account = new Account();
        account.Take(Account.Challenge());
        var clientNonces = new HashSet<string>();
        for (int i = 1; i <= 20; i++)
        {
            account.Attempt = default;
            var written = account.WriteOne();
            Assert.Equal(i.ToString("x8"), written["nc"]);
            Assert.True(clientNonces.Add(written["cnonce"]));
        }
    }

    [Fact]
    public void A_session_variant_keeps_its_client_nonce_while_the_nonce_lives()
    {
        var account = new Account();
        account.Take(Account.Challenge(algorithm: "SHA-256-sess"));
        string first = account.WriteOne()["cnonce"];
        account.Attempt = default;
        Assert.Equal(first, account.WriteOne()["cnonce"]);
        account.Take(Account.Challenge("n2", algorithm: "SHA-256-sess", extra: ", stale=true"));
        Assert.NotEqual(first, account.WriteOne()["cnonce"]);
    }

    [Fact]
    public void Without_permission_nothing_is_sent_ahead()
    {
        var account = new Account(new() { SendsAhead = false });
        account.Take(Account.Challenge());
        Assert.Single(account.Write());
        account.Attempt = default;
        Assert.Empty(account.Write());
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge()));
        Assert.Equal("00000002", account.WriteOne()["nc"]);
    }

    [Fact]
    public void A_proxy_of_a_realm_that_nobody_named_gets_nothing_ahead()
    {
        var account = new Account(isEmpty: true);
        account.Credentials.Set(default, "anyone"u8, "pw"u8);
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("p", isProxy: true) + Account.Challenge("s"), 407));
        Assert.Equal(2, account.Write().Count);
        account.Attempt = default;
        Assert.Equal("\"s\"", account.WriteOne()["nonce"]);
        // Its nonce goes on all the same.
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("p", isProxy: true), 407));
        Assert.Equal(["00000002", "00000003"], account.Write().Select(line => Account.Parameters(line)["nc"]).Order());
    }

    [Fact]
    public void A_second_challenge_that_is_not_stale_means_a_wrong_password()
    {
        var account = new Account();
        account.Write();
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n1")));
        account.Write();
        Assert.Equal(ChallengeOutcome.Refused, account.Take(Account.Challenge("n2")));
        Assert.Equal(1, account.Session.Counters.Refused);
        account.Attempt = default;
        Assert.Empty(account.Write());
    }

    [Fact]
    public void A_stale_nonce_is_replaced_without_a_word()
    {
        var account = new Account();
        account.Take(Account.Challenge("n1"));
        account.Write();
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n2", extra: ", stale=TRUE")));
        var written = account.WriteOne();
        Assert.Equal("\"n2\"", written["nonce"]);
        Assert.Equal("00000001", written["nc"]);
    }

    [Fact]
    public void A_server_that_says_stale_for_ever_is_given_up()
    {
        var account = new Account();
        for (int i = 0; i < AuthLimits.MaxChallengesInRow; i++)
        {
            account.Write();
            Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n" + i, extra: ", stale=true")));
        }
        account.Write();
        Assert.Equal(ChallengeOutcome.TooMany, account.Take(Account.Challenge("n", extra: ", stale=true")));
        account.Attempt = default;
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("m")));
    }

    [Fact]
    public void A_nonce_left_from_an_earlier_request_gives_way_to_a_new_one_once()
    {
        var account = new Account();
        account.Take(Account.Challenge("n1"));
        account.Write();
        account.Attempt = default;
        account.Write();
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n2")));
        account.Write();
        Assert.Equal(ChallengeOutcome.Refused, account.Take(Account.Challenge("n3")));
    }

    [Fact]
    public void The_same_nonce_again_is_a_refusal_even_of_a_later_request()
    {
        var account = new Account();
        account.Take(Account.Challenge("n1"));
        account.Write();
        account.Attempt = default;
        account.Write();
        Assert.Equal(ChallengeOutcome.Refused, account.Take(Account.Challenge("n1")));
    }

    [Fact]
    public void Two_requests_under_way_do_not_make_each_other_a_wrong_password()
    {
        var account = new Account();
        AuthAttempt first = default, second = default;
        Assert.Empty(account.Write(ref first));
        Assert.Empty(account.Write(ref second));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n1"), ref first));
        Assert.Equal("00000001", Account.Parameters(account.Write(ref first)[0])["nc"]);
        // The same nonce for the other: its count goes on.
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n1"), ref second));
        Assert.Equal("00000002", Account.Parameters(account.Write(ref second)[0])["nc"]);
        Assert.Equal(ChallengeOutcome.Refused, account.Take(Account.Challenge("n2"), ref second));
    }

    [Fact]
    public void Of_several_algorithms_the_first_in_the_users_order_is_taken()
    {
        string three = Account.Challenge("a", algorithm: "MD5") + Account.Challenge("b", algorithm: "SHA-512-256") + Account.Challenge("c", algorithm: "SHA-256");
        Assert.Equal("SHA-512-256", AnswerTo(new(), three)["algorithm"]);
        Assert.Equal("SHA-256", AnswerTo(new() { Preference = [DigestAlgorithm.Sha256, DigestAlgorithm.Sha512Slash256] }, three)["algorithm"]);
        Assert.Equal("\"a\"", AnswerTo(new() { Preference = [] }, three)["nonce"]);
    }

    private static Dictionary<string, string> AnswerTo(AuthSessionOptions options, string challenges)
    {
        var account = new Account(options);
        Assert.Equal(ChallengeOutcome.Answered, account.Take(challenges));
        return account.WriteOne();
    }

    [Fact]
    public void What_is_not_in_the_users_order_is_not_supported()
    {
        var account = new Account(new() { Preference = [DigestAlgorithm.Sha256] });
        Assert.Equal(ChallengeOutcome.Unsupported, account.Take(Account.Challenge()));
    }

    [Fact]
    public void Nothing_weaker_than_the_minimum_is_answered()
    {
        var account = new Account(new() { MinimumAlgorithm = DigestAlgorithm.Sha256 });
        Assert.Equal(ChallengeOutcome.Downgrade, account.Take(Account.Challenge()));
        Assert.Equal(1, account.Session.Counters.Downgrades);
        Assert.Empty(account.Write());
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge() + Account.Challenge("n2", algorithm: "SHA-256")));
    }

    [Fact]
    public void Nothing_weaker_than_before_is_answered_unless_that_is_allowed()
    {
        foreach (bool refuses in new[] { true, false })
        {
            var account = new Account(new() { RefusesWeakerThanBefore = refuses });
            account.Take(Account.Challenge(algorithm: "SHA-256"));
            account.Write();
            account.Attempt = default;
            Assert.Equal(refuses ? ChallengeOutcome.Downgrade : ChallengeOutcome.Answered, account.Take(Account.Challenge("n2")));
            // Another realm, and the same one of a proxy, have their own memory.
            Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n3", isProxy: true), 407));
        }
    }

    [Fact]
    public void Unknown_schemes_algorithms_and_options_are_passed_over()
    {
        var account = new Account();
        const string Odd = "WWW-Authenticate: Basic realm=\"example.com\"\r\nWWW-Authenticate: NTLM a=b\r\n";
        Assert.Equal(ChallengeOutcome.Unsupported, account.Take(Odd));
        Assert.Equal(ChallengeOutcome.Unsupported, account.Take(Account.Challenge(algorithm: "SHA-3")));
        Assert.Equal(ChallengeOutcome.Unsupported, account.Take(Account.Challenge(qop: "auth-magic")));
        Assert.Equal(ChallengeOutcome.Unsupported, account.Take(Account.Challenge(algorithm: "MD5-sess", qop: null)));
        Assert.Equal(ChallengeOutcome.Unsupported, account.Take(""));
        Assert.Equal(5, account.Session.Counters.PassedOver);
        account.Attempt = default;
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Odd + Account.Challenge(algorithm: "AKAv1-MD5") + Account.Challenge("n9", qop: "auth-magic,auth")));
        Assert.Equal("\"n9\"", account.WriteOne()["nonce"]);
    }

    [Fact]
    public void Quotes_that_should_not_be_there_are_accepted_and_not_repeated()
    {
        var account = new Account();
        account.Take("WWW-Authenticate: digest realm=\"example.com\",nonce=\"n1\",algorithm=\"md5\",qop=auth\r\n");
        var written = account.WriteOne();
        Assert.Equal("MD5", written["algorithm"]);
        Assert.Equal("auth", written["qop"]);
        account.Take("WWW-Authenticate: Digest realm=\"example.com\",nonce=\"n2\",stale=\"true\"\r\n");
        Assert.Equal("\"n2\"", account.WriteOne()["nonce"]);
    }

    [Fact]
    public void Without_qop_the_answer_is_that_of_RFC_2069()
    {
        var account = new Account();
        account.Take("WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n1\"\r\n");
        var written = account.WriteOne();
        Assert.Equal(["username", "realm", "nonce", "uri", "response"], written.Keys);
        var oracle = new DigestOracle { Username = "door", Realm = "example.com", Password = "secret", Nonce = "n1", Method = "REGISTER", Uri = Account.Uri };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void Integrity_is_used_where_it_is_preferred_or_alone()
    {
        Assert.Equal("auth", AnswerTo(new(), Account.Challenge(qop: "auth-int, auth"))["qop"]);
        Assert.Equal("auth-int", AnswerTo(new(), Account.Challenge(qop: "AUTH-INT"))["qop"]);
        Assert.Equal("auth-int", AnswerTo(new() { PrefersIntegrity = true }, Account.Challenge(qop: "auth,auth-int"))["qop"]);
        Assert.Equal("auth", AnswerTo(new() { PrefersIntegrity = true }, Account.Challenge(qop: "auth"))["qop"]);
    }

    [Fact]
    public void Backslashes_are_undone_for_the_hash_and_kept_on_the_wire()
    {
        var account = new Account(isEmpty: true);
        Assert.Equal(CredentialsResult.Stored, account.Credentials.Set("a \"b\" c"u8, "do\\or \"x\""u8, "p\"w\\"u8));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(
            "WWW-Authenticate: Digest realm=\"a \\\"\\b\\\" c\", nonce=\"n\\\\\\1\", opaque=\"\\o\\\"\", qop=\"auth\", algorithm=MD5\r\n"));
        var written = account.WriteOne();
        Assert.Equal("\"a \\\"\\b\\\" c\"", written["realm"]);
        Assert.Equal("\"n\\\\\\1\"", written["nonce"]);
        Assert.Equal("\"\\o\\\"\"", written["opaque"]);
        Assert.Equal("\"do\\\\or \\\"x\\\"\"", written["username"]);
        var oracle = new DigestOracle
        {
            Qop = "auth", Username = "do\\or \"x\"", Realm = "a \"b\" c", Password = "p\"w\\", Nonce = "n\\1", Method = "REGISTER", Uri = Account.Uri,
            ClientNonce = Account.Inside(written["cnonce"]),
        };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void The_name_of_the_user_is_hashed_where_the_server_wants_it()
    {
        var account = new Account(isEmpty: true);
        account.Credentials.Set("api@example.org"u8, "Jäsøn Doe"u8, "Secret, or not?"u8);
        account.Take(Account.Challenge(realm: "api@example.org", algorithm: "SHA-512-256", extra: ", charset=UTF-8, userhash=true"));
        var written = account.WriteOne();
        Assert.Equal("\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\"", written["username"]);
        Assert.Equal("true", written["userhash"]);
        var oracle = new DigestOracle
        {
            Algorithm = "SHA-512-256", Qop = "auth", Username = "Jäsøn Doe", Realm = "api@example.org", Password = "Secret, or not?", Nonce = "n1",
            Method = "REGISTER", Uri = Account.Uri, ClientNonce = Account.Inside(written["cnonce"]),
        };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void Every_realm_is_answered_and_servers_and_proxies_apart()
    {
        var account = new Account();
        account.Credentials.Set("proxy.example.net"u8, "p"u8, "pp"u8);
        string both = Account.Challenge("s") + Account.Challenge("s2", realm: "proxy.example.net")
            + Account.Challenge("p1", isProxy: true) + Account.Challenge("p2", realm: "proxy.example.net", isProxy: true)
            + Account.Challenge("x", realm: "elsewhere", isProxy: true);
        Assert.Equal(ChallengeOutcome.Answered, account.Take(both, 407));
        var lines = account.Write();
        Assert.Equal(4, lines.Count);
        Assert.Equal(["\"s\"", "\"s2\""], lines.Where(l => l.StartsWith("Authorization", StringComparison.Ordinal)).Select(l => Account.Parameters(l)["nonce"]));
        var proxies = lines.Where(l => l.StartsWith("Proxy-Authorization", StringComparison.Ordinal)).Select(Account.Parameters).ToList();
        Assert.Equal(["\"p1\"", "\"p2\""], proxies.Select(p => p["nonce"]));
        Assert.Equal(["\"door\"", "\"p\""], proxies.Select(p => p["username"]));
        // A wrong password at the proxy is not one at the server.
        Assert.Equal(ChallengeOutcome.Refused, account.Take(Account.Challenge("p3", isProxy: true), 407));
        account.Attempt = default;
        Assert.Equal(3, account.Write().Count);
    }

    [Fact]
    public void Where_nobody_is_known_nothing_is_answered()
    {
        var account = new Account();
        Assert.Equal(ChallengeOutcome.NoCredentials, account.Take(Account.Challenge(realm: "elsewhere")));
        Assert.Equal(ChallengeOutcome.NoChallenge, account.Take(Account.Challenge(), 403));
        account.Credentials.Set(default, "anyone"u8, "pw"u8);
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge(realm: "elsewhere")));
        Assert.Equal("\"anyone\"", account.WriteOne()["username"]);
    }

    [Fact]
    public void A_stored_secret_serves_its_algorithm_alone()
    {
        var account = new Account(isEmpty: true);
        string secret = DigestOracle.H("SHA-256", "door:example.com:secret");
        Assert.Equal(CredentialsResult.Stored, account.Credentials.SetSecret("example.com"u8, "door"u8, DigestAlgorithm.Sha256, Account.Octets(secret)));
        Assert.Equal(ChallengeOutcome.NoCredentials, account.Take(Account.Challenge()));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge() + Account.Challenge("n2", algorithm: "SHA-256")));
        var written = account.WriteOne();
        var oracle = new DigestOracle
        {
            Algorithm = "SHA-256", Qop = "auth", Username = "door", Realm = "example.com", Password = "secret", Nonce = "n2", Method = "REGISTER",
            Uri = Account.Uri, ClientNonce = Account.Inside(written["cnonce"]),
        };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
    }

    [Fact]
    public void Credentials_that_are_replaced_count_at_once_and_that_are_gone_write_nothing()
    {
        var account = new Account();
        account.Take(Account.Challenge());
        account.Credentials.Set("example.com"u8, "door"u8, "other"u8);
        var written = account.WriteOne();
        var oracle = new DigestOracle
        {
            Qop = "auth", Username = "door", Realm = "example.com", Password = "other", Nonce = "n1", Method = "REGISTER", Uri = Account.Uri,
            ClientNonce = Account.Inside(written["cnonce"]),
        };
        Assert.Equal(oracle.Response, Account.Inside(written["response"]));
        account.Credentials.Clear();
        Assert.Empty(account.Write());
    }

    [Fact]
    public void An_empty_authorization_begins_a_registration_where_that_is_wanted()
    {
        var account = new Account(new() { BeginsEmpty = true });
        Assert.Equal(
            $"Authorization: Digest username=\"door\", realm=\"example.com\", nonce=\"\", uri=\"{Account.Uri}\", response=\"\"",
            Assert.Single(account.Write()));
        Assert.Empty(account.Write("INVITE"));
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge()));
        Assert.Equal("\"n1\"", account.WriteOne()["nonce"]);
    }

    [Fact]
    public void A_table_of_spaces_that_is_full_forgets_made_up_realms_first()
    {
        var account = new Account();
        account.Credentials.Set(default, "anyone"u8, "pw"u8);
        account.Take(Account.Challenge("named"));
        for (int i = 0; i < 10; i++)
        {
            account.Attempt = default;
            Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("n" + i, realm: "made-up-" + i)));
        }
        Assert.Equal(10 - (AuthLimits.MaxSpaces - 1), account.Session.Counters.SpacesEvicted);
        account.Attempt = default;
        var nonces = account.Write().Select(line => Account.Parameters(line)["nonce"]).ToList();
        Assert.Equal(["\"n7\"", "\"n8\"", "\"n9\"", "\"named\""], nonces.Order());
    }

    [Fact]
    public void A_space_that_changed_hands_does_not_make_a_wrong_password()
    {
        var account = new Account(isEmpty: true);
        account.Credentials.Set(default, "anyone"u8, "pw"u8);
        account.Take(Account.Challenge("n", realm: "r0"));
        account.Write();
        AuthAttempt other = default;
        for (int i = 1; i <= AuthLimits.MaxSpaces; i++)
        {
            other = default;
            account.Take(Account.Challenge("n", realm: "r" + i), ref other);
        }
        // The slot of r0 is another's now, and r4 has not refused anything.
        Assert.Equal(ChallengeOutcome.Answered, account.Take(Account.Challenge("m", realm: "r" + AuthLimits.MaxSpaces)));
    }

    [Fact]
    public void What_cannot_stand_in_quotes_is_not_written()
    {
        var account = new Account();
        account.Take(Account.Challenge());
        foreach (string uri in new[] { "sip:a\"b", "sip:a\\b", "sip:a b", "sip:a\rb", "sip:" + new string('a', AuthLimits.MaxUriOctets) })
        {
            var builder = new SipEmbedded.Messages.MessageBuilder(new byte[4000]);
            Assert.False(account.Session.TryWrite(ref builder, "REGISTER"u8, Account.Octets(uri), default, ref account.Attempt));
            Assert.True(builder.Written.IsEmpty && builder.IsValid);
        }
        var another = new SipEmbedded.Messages.MessageBuilder(new byte[4000]);
        Assert.False(account.Session.TryWrite(ref another, new byte[AuthLimits.MaxMethodOctets + 1], "sip:a"u8, default, ref account.Attempt));
    }

    // ---- Authentication-Info ------------------------------------------------------------------------------------------------------

    private static string Proof(Dictionary<string, string> written, string body = "", string password = "secret") => new DigestOracle
    {
        Algorithm = written.GetValueOrDefault("algorithm", "MD5"), Qop = written.GetValueOrDefault("qop"), Username = "door", Realm = "example.com",
        Password = password, Nonce = Account.Inside(written["nonce"]), ClientNonce = Account.Inside(written.GetValueOrDefault("cnonce", "\"\"")),
        NonceCount = written.GetValueOrDefault("nc", ""), Method = "", Uri = Account.Uri, Body = body,
    }.Response;

    [Theory]
    [InlineData("MD5", "auth")]
    [InlineData("SHA-256-sess", "auth-int")]
    [InlineData("SHA-512-256", "auth-int")]
    public void A_server_proves_that_it_knows_the_secret(string algorithm, string qop)
    {
        var account = new Account();
        account.Take(Account.Challenge(algorithm: algorithm, qop: qop));
        var written = account.WriteOne(body: "asked");
        string rest = $", qop={qop}, cnonce={written["cnonce"]}, nc=00000001";
        Assert.Equal(ServerProof.Valid, account.TakeInfo($"rspauth=\"{Proof(written, "answered")}\"{rest}", account.Attempt, body: "answered"));
        Assert.Equal(ServerProof.Wrong, account.TakeInfo($"rspauth=\"{Proof(written, "answered", "guess")}\"{rest}", account.Attempt, body: "answered"));
        Assert.Equal(ServerProof.Wrong, account.TakeInfo($"rspauth=\"\"{rest}", account.Attempt, body: "answered"));
        Assert.Equal(qop == "auth" ? ServerProof.Valid : ServerProof.Wrong,
            account.TakeInfo($"rspauth=\"{Proof(written, "answered")}\"{rest}", account.Attempt, body: "changed"));
        Assert.Equal(ServerProof.Wrong,
            account.TakeInfo($"rspauth=\"{Proof(written, "answered")}\", cnonce={written["cnonce"]}, nc=00000002", account.Attempt, body: "answered"));
        // Another request's.
        Assert.Equal(ServerProof.None, account.TakeInfo($"rspauth=\"{Proof(written)}\", qop={qop}, cnonce=\"mine\", nc=00000001", account.Attempt));
        Assert.Equal(ServerProof.None, account.TakeInfo("", account.Attempt));
    }

    [Fact]
    public void The_next_nonce_is_taken_unless_the_proof_is_wrong()
    {
        var account = new Account();
        account.Take(Account.Challenge());
        var written = account.WriteOne();
        Assert.Equal(ServerProof.Wrong, account.TakeInfo("nextnonce=\"evil\", rspauth=\"00\"", account.Attempt));
        Assert.Equal(ServerProof.Valid, account.TakeInfo(
            $"nextnonce=\"n2\", rspauth=\"{Proof(written)}\", qop=auth, cnonce={written["cnonce"]}, nc=00000001", account.Attempt));
        // A second answer to the old nonce changes nothing.
        Assert.Equal(ServerProof.None, account.TakeInfo("nextnonce=\"n0\"", account.Attempt));
        account.Attempt = default;
        var next = account.WriteOne();
        Assert.Equal("\"n2\"", next["nonce"]);
        Assert.Equal("00000001", next["nc"]);
        Assert.Equal(ServerProof.None, account.TakeInfo("nextnonce=\"n3\"", account.Attempt));
        Assert.Equal("\"n3\"", account.WriteOne()["nonce"]);
    }

    [Fact]
    public void Info_to_a_request_without_credentials_is_not_heard()
    {
        var account = new Account();
        account.Take(Account.Challenge());
        Assert.Equal(ServerProof.None, account.TakeInfo("nextnonce=\"evil\"", default));
        Assert.Equal("\"n1\"", account.WriteOne()["nonce"]);
    }
}
