// The device's registrations at Debian's kamailio: what it does is judged by what the registrar knows afterwards, not by what it says of itself.
using System.Net;
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

public class KamailioTests
{
    private static string Configuration(params IEnumerable<string> accounts) =>
        $$"""
        { "listen": "127.0.0.1:0", "registration": { "retry": 2, "longestRetry": 4, "spread": 0 }, "accounts": [{{string.Join(", ", accounts)}}] }
        """;

    // What is not said is alice, whose name the account has too.
    private static string Account(Kamailio registrar, string members, string name = "alice", string user = "alice", string password = "secret") =>
        $$"""
        { "name": "{{name}}", "server": "sip:{{registrar.HostPort}}", "user": "{{user}}", "password": "{{password}}", {{members}} }
        """;

    // What was sent again before the answer came has arrived; from then on there is silence, for longer than a short account's refreshes are apart.
    private static void NothingMore(Kamailio registrar)
    {
        Thread.Sleep(100);
        long received = registrar.RegistersReceived;
        Thread.Sleep(1500);
        Assert.Equal(received, registrar.RegistersReceived);
    }

    [PeerFact("kamailio")]
    public void By_udp_and_tcp_with_md5_and_sha_256_it_is_registered_refreshed_and_unregistered()
    {
        using var old = new Kamailio(new() { Algorithm = "MD5" });
        using var young = new Kamailio(new() { Algorithm = "SHA-256" });
        (Kamailio At, string Transport, string User, string Password)[] ways =
        [
            (old, "udp", "alice", "secret"), (old, "tcp", "bob", "word"), (young, "udp", "alice", "secret"), (young, "tcp", "bob", "word"),
        ];
        using var device = new Registerer(Configuration(ways.Select((way, i) =>
            Account(way.At, $"\"transport\": \"{way.Transport}\", \"expires\": 3, \"refreshDelay\": 1", $"way{i}", way.User, way.Password))));
        var first = ways.Select((way, i) =>
        {
            Assert.Equal(3, (double)device.WaitForRegistered(Expect.Soon, $"way{i}")["grantedSeconds"]!);
            var binding = Assert.Single(way.At.BindingsOf(way.User));
            bool isTcp = way.Transport == "tcp";
            Assert.Equal($"sip:{way.User}@127.0.0.1:{(isTcp ? device.TcpPort : device.UdpPort)}{(isTcp ? ";transport=tcp" : "")}", binding.Uri);
            Assert.Equal(isTcp, binding.IsTcp);
            Assert.InRange(binding.ExpiresSeconds, 1, 3);
            return binding;
        }).ToList();

        for (int i = 0; i < ways.Length; i++)
        {
            var way = ways[i];
            // Two refreshes later the registrar would have forgotten the first.
            device.WaitForRegistered(Expect.Soon, $"way{i}");
            device.WaitForRegistered(Expect.Soon, $"way{i}");
            var third = Assert.Single(way.At.BindingsOf(way.User));
            Assert.Equal(first[i].Uri, third.Uri);
            Assert.Equal(first[i].CallId, third.CallId);
            Assert.True(third.CSeq >= first[i].CSeq + 2, $"{first[i].CSeq} {third.CSeq}");
            // The nonce that is known is used again: no refresh was challenged.
            Assert.Single(device.News($"way{i}"), Registerer.IsChallenged);
            Assert.DoesNotContain(device.News($"way{i}"), news => (string?)news["event"] == "lapsed");
        }

        Assert.Equal(0, device.Stop());

        Assert.All(ways, way => Assert.Empty(way.At.BindingsOf(way.User)));
    }

    [PeerFact("kamailio")]
    public void Several_contacts_are_registered_and_changed_in_one_request()
    {
        using var registrar = new Kamailio();
        const string Before = """
            "expires": 60, "contacts": [{ "uri": "sip:alice@192.0.2.1:5062", "q": 0.5 }, { "uri": "sip:alice@192.0.2.2", "parameters": ";audio", "expires": 30 }]
            """;
        const string After = """
            "expires": 90, "contacts": [{ "uri": "sip:alice@192.0.2.2", "parameters": ";audio", "expires": 40 }, { "uri": "sip:alice@192.0.2.3", "q": 0.25 }]
            """;
        using var device = new Registerer(Configuration(Account(registrar, Before)));
        Assert.Equal(30, (double)device.WaitForRegistered(Expect.Soon)["grantedSeconds"]!);
        var known = registrar.BindingsOf("alice").ToDictionary(binding => binding.Uri);
        Assert.Equal(["sip:alice@192.0.2.1:5062", "sip:alice@192.0.2.2"], known.Keys.Order());
        Assert.Equal(0.5, known["sip:alice@192.0.2.1:5062"].Q);
        Assert.InRange(known["sip:alice@192.0.2.1:5062"].ExpiresSeconds, 50, 60);
        Assert.InRange(known["sip:alice@192.0.2.2"].ExpiresSeconds, 20, 30);
        long accepted = registrar.RegistersAccepted;

        device.Reload(Configuration(Account(registrar, After)));
        device.WaitForRegistered(Expect.Soon);

        known = registrar.BindingsOf("alice").ToDictionary(binding => binding.Uri);
        Assert.Equal(["sip:alice@192.0.2.2", "sip:alice@192.0.2.3"], known.Keys.Order());
        Assert.InRange(known["sip:alice@192.0.2.2"].ExpiresSeconds, 31, 40);
        Assert.InRange(known["sip:alice@192.0.2.3"].ExpiresSeconds, 80, 90);
        Assert.Equal(0.25, known["sip:alice@192.0.2.3"].Q);
        Assert.Equal(accepted + 1, registrar.RegistersAccepted);

        // Stopped, it removes both.
        Assert.Equal(0, device.Stop());
        Assert.Empty(registrar.BindingsOf("alice"));
    }

    [PeerFact("kamailio")]
    public void What_nobody_refreshes_expires_at_both_ends()
    {
        using var registrar = new Kamailio();
        using var device = new Registerer(Configuration(Account(registrar, "\"expires\": 2, \"automatic\": false")));
        device.WaitForRegistered(Expect.Soon);
        Assert.Single(registrar.BindingsOf("alice"));

        device.WaitFor(news => (string?)news["event"] == "lapsed", Expect.Soon);

        Expect.Within(Expect.Soon, () => registrar.BindingsOf("alice").Count == 0, "the registrar forgets it too", device);
        Assert.Equal(1, registrar.RegistersAccepted);
    }

    // The default delay of 40 s before the end is longer than what is granted here, and what is asked for is not what counts.
    [PeerFact("kamailio")]
    public void A_shorter_time_than_was_asked_for_is_kept_to_and_a_longer_one_used()
    {
        using var hasty = new Kamailio(new() { MaxExpires = 2 });
        using var patient = new Kamailio(new() { MinExpires = 300 });
        using var device = new Registerer(Configuration(
            Account(hasty, "\"expires\": 600", "hasty"), Account(patient, "\"expires\": 2, \"refreshDelay\": 1", "patient")));
        for (int i = 0; i < 4; i++)
            Assert.Equal(2, (double)device.WaitForRegistered(Expect.Soon, "hasty")["grantedSeconds"]!);

        Assert.Single(hasty.BindingsOf("alice"));
        Assert.DoesNotContain(device.News("hasty"), news => (string?)news["event"] == "lapsed");
        Assert.Equal(300, (double)device.WaitForRegistered(Expect.Soon, "patient")["grantedSeconds"]!);
        // Once, and not again although what was asked for is over.
        Assert.Equal(1, patient.RegistersAccepted);
    }

    [PeerFact("kamailio")]
    public void A_wrong_password_is_tried_once_and_a_mended_one_taken()
    {
        using var registrar = new Kamailio();
        using var device = new Registerer(Configuration(Account(registrar, "\"expires\": 2, \"refreshDelay\": 1", password: "wrong")));
        var refused = device.WaitFor(news => (string?)news["outcome"] == "refused", Expect.Soon);
        Assert.Equal(401, (int)refused["status"]!);
        // Half of the half hour that a refusal is waited for, at least.
        Assert.InRange((double)refused["nextSeconds"]!, 895, 1800);
        NothingMore(registrar);
        Assert.Equal(2, device.News().Count);
        Assert.Empty(registrar.BindingsOf("alice"));

        device.Reload(Configuration(Account(registrar, "\"expires\": 2, \"refreshDelay\": 1")));
        device.WaitForRegistered(Expect.Soon);
        Assert.Single(registrar.BindingsOf("alice"));

        // The other way round: the registrar's changes, and a refresh is refused.
        registrar.SetPassword("alice", "changed");
        device.WaitFor(news => (string?)news["outcome"] == "refused", Expect.Soon);
        NothingMore(registrar);
    }

    [PeerFact("kamailio")]
    public void A_user_whom_the_registrar_does_not_know_is_not_hammered_for()
    {
        using var registrar = new Kamailio();
        using var device = new Registerer(Configuration(Account(registrar, "\"expires\": 2", "nobody", "nobody")));

        Assert.Equal(404, (int)device.WaitFor(news => (string?)news["outcome"] == "refused", Expect.Soon, "nobody")["status"]!);

        NothingMore(registrar);
        Assert.Single(device.News("nobody"));
    }

    // Old nonces and used ones, where that is told ("stale"), and where the challenge looks like one to a wrong password.
    [PeerFact("kamailio")]
    public void Nonces_that_end_and_nonces_for_one_request_do_not_end_a_registration()
    {
        KamailioOptions[] kinds =
        [
            new() { NonceSeconds = 1 }, new() { NonceSeconds = 1, TellsStale = false },
            new() { HasOneTimeNonces = true }, new() { HasOneTimeNonces = true, TellsStale = false, Algorithm = "MD5" },
        ];
        var registrars = kinds.Select(kind => new Kamailio(kind)).ToList();
        try
        {
            using var device = new Registerer(Configuration(registrars.Select((registrar, i) =>
                Account(registrar, "\"expires\": 4, \"refreshDelay\": 2", $"kind{i}"))));
            for (int i = 0; i < kinds.Length; i++)
            {
                for (int refreshes = 0; refreshes < 3; refreshes++)
                    device.WaitForRegistered(Expect.Soon, $"kind{i}");
                var news = device.News($"kind{i}");
                // Challenged anew, and answered; a slow machine may see one more refresh on the nonce before.
                Assert.InRange(news.Count(Registerer.IsChallenged), 2, 4);
                Assert.DoesNotContain(news, it => (string?)it["outcome"] is "refused" or "willRetry" || (string?)it["event"] == "lapsed");
                Assert.Single(registrars[i].BindingsOf("alice"));
            }
            Assert.Equal(0, device.Stop());
            Assert.All(registrars, registrar => Assert.Empty(registrar.BindingsOf("alice")));
        }
        finally
        {
            registrars.ForEach(registrar => registrar.Dispose());
        }
    }

    [PeerFact("kamailio")]
    public void After_a_restart_of_the_registrar_it_is_known_again()
    {
        using var registrar = new Kamailio();
        using var device = new Registerer(Configuration(
            Account(registrar, "\"transport\": \"udp\", \"expires\": 4, \"refreshDelay\": 2"),
            Account(registrar, "\"transport\": \"tcp\", \"expires\": 600", "bob", "bob", "word")));
        device.WaitForRegistered(Expect.Soon);
        device.WaitForRegistered(Expect.Soon, "bob");

        registrar.Restart();

        Assert.Empty(registrar.BindingsOf("alice"));
        // By UDP with the next refresh; its nonces are nothing to the registrar any more.
        device.WaitForRegistered(Expect.Soon);
        Assert.Single(registrar.BindingsOf("alice"));
        // By TCP at once, since the connection broke: not in ten minutes, when the refresh would be due.
        device.WaitFor(news => (string?)news["event"] == "flowFailed", Expect.Soon, "bob");
        device.WaitForRegistered(Expect.Soon, "bob");
        Assert.Single(registrar.BindingsOf("bob"));
        Assert.Equal(0, device.Stop());
        Assert.Empty(registrar.BindingsOf("bob"));
    }

    [PeerFact("kamailio")]
    public void While_the_registrar_is_down_it_is_tried_again_and_again_with_pauses()
    {
        using var registrar = new Kamailio();
        registrar.Stop();
        using var device = new Registerer(Configuration(Account(registrar, "\"expires\": 60"), Account(registrar, "\"transport\": \"tcp\"", "bob", "bob", "word")));
        foreach (string account in (string[])["alice", "bob"])
        {
            for (int i = 0; i < 2; i++)
                Assert.Equal("transport", (string?)device.WaitFor(news => (string?)news["outcome"] == "willRetry", Expect.Soon, account)["fault"]);
        }

        registrar.Start();

        // The longest pause here is 4 s.
        device.WaitForRegistered(Expect.Soon);
        device.WaitForRegistered(Expect.Soon, "bob");
        Assert.Single(registrar.BindingsOf("alice"));
        Assert.Single(registrar.BindingsOf("bob"));
    }

    [PeerFact("kamailio")]
    public void The_bindings_are_asked_for_and_all_of_them_removed()
    {
        using var registrar = new Kamailio();
        string configuration = Configuration(Account(registrar, "\"expires\": 60, \"contact\": { \"q\": 0.7 }"));
        using var one = new Registerer(configuration);
        using var other = new Registerer(configuration);
        one.WaitForRegistered(Expect.Soon);
        other.WaitForRegistered(Expect.Soon);

        using var query = new Registerer(configuration, "--query");
        Assert.Equal(0, query.WaitForEnd());
        var answer = query.News().Single(news => (string?)news["outcome"] == "done");
        Assert.Equal("query", (string?)answer["verb"]);
        var contacts = answer["contacts"]!.AsArray().Select(contact => (string)contact!["uri"]!).Order();
        Assert.Equal(new[] { one.UdpPort, other.UdpPort }.Select(port => $"sip:alice@127.0.0.1:{port}").Order(), contacts);
        Assert.All(answer["contacts"]!.AsArray(), contact => Assert.Equal(0.7m, (decimal)contact!["q"]!));
        // It changed nothing.
        Assert.Equal(2, registrar.BindingsOf("alice").Count);

        using var remove = new Registerer(configuration, "--unregister-all");
        Assert.Equal(0, remove.WaitForEnd());
        Assert.Empty(registrar.BindingsOf("alice"));
    }

    [PeerFact("kamailio")]
    public void One_that_leaves_removes_its_own_contact_and_no_other()
    {
        using var registrar = new Kamailio();
        using var one = new Registerer(Configuration(Account(registrar, "\"expires\": 60")));
        using var other = new Registerer(Configuration(Account(registrar, "\"expires\": 60")));
        one.WaitForRegistered(Expect.Soon);
        Assert.Equal(2, other.WaitForRegistered(Expect.Soon)["contacts"]!.AsArray().Count);

        Assert.Equal(0, one.Stop());

        Assert.Equal($"sip:alice@127.0.0.1:{other.UdpPort}", Assert.Single(registrar.BindingsOf("alice")).Uri);
    }

    [PeerFact("kamailio")]
    public void A_binding_that_an_administrator_removed_is_back_with_the_next_refresh()
    {
        using var registrar = new Kamailio();
        using var device = new Registerer(Configuration(Account(registrar, "\"expires\": 4, \"refreshDelay\": 2")));
        device.WaitForRegistered(Expect.Soon);
        string uri = Assert.Single(registrar.BindingsOf("alice")).Uri;

        registrar.Remove("alice", uri);
        Assert.Empty(registrar.BindingsOf("alice"));
        device.WaitForRegistered(Expect.Soon);

        Assert.Equal(uri, Assert.Single(registrar.BindingsOf("alice")).Uri);
    }

    // The edge asks for its own realm by 407, the registrar behind it by 401, each with nonces that end.
    [PeerTheory("kamailio")]
    [InlineData("udp")]
    [InlineData("tcp")]
    public void Through_an_edge_proxy_both_realms_are_answered_and_the_path_is_known(string transport)
    {
        const string Realms = $$"""
            "realm": "{{KamailioOptions.Realm}}", "credentials": [{ "realm": "{{KamailioConfig.ProxyRealm}}", "user": "bob", "password": "word" }]
            """;
        using var registrar = new Kamailio();
        using var edge = new Kamailio(new() { Registrar = new(IPAddress.Loopback, registrar.Port), NonceSeconds = 1 });
        using var device = new Registerer(Configuration(Account(registrar,
            $"\"outboundProxy\": \"sip:{edge.HostPort};transport={transport};lr\", \"expires\": 4, \"refreshDelay\": 2, {Realms}")));
        for (int i = 0; i < 3; i++)
        {
            device.WaitForRegistered(Expect.Soon);
            var binding = Assert.Single(registrar.BindingsOf("alice"));
            Assert.Contains($"sip:{edge.HostPort}", binding.Path);
            Assert.Contains($"127.0.0.1:{(transport == "tcp" ? device.TcpPort : device.UdpPort)}", binding.Uri);
        }
        Assert.Contains(device.News(), news => (int?)news["status"] == 407);
        Assert.Contains(device.News(), news => (int?)news["status"] == 401);

        Assert.Equal(0, device.Stop());
        Assert.Empty(registrar.BindingsOf("alice"));
    }

    [PeerFact("kamailio")]
    public void The_instance_and_the_headers_of_the_configuration_arrive()
    {
        const string Urn = "urn:uuid:00000000-0000-1000-8000-aabbccddeeff";
        using var registrar = new Kamailio();
        using var device = new Registerer(Configuration(Account(registrar,
            $"\"expires\": 60, \"instanceId\": \"{Urn}\", \"headers\": {{ \"User-Agent\": \"Door 1\" }}, \"displayName\": \"The \\\"front\\\" door\"")));
        device.WaitForRegistered(Expect.Soon);

        var binding = Assert.Single(registrar.BindingsOf("alice"));

        Assert.Equal($"<{Urn}>", binding.Instance.Trim('"'));
        Assert.Equal("Door 1", binding.UserAgent);
        Assert.Equal(0, device.Stop());
        Assert.Empty(registrar.BindingsOf("alice"));
    }
}
