// Accounts themselves: made, refused, held, ended; bad settings; full pools; hostile answers; nothing on the heap.
using System.Text;
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Registration;

public class AccountTests
{
    private static AccountResult Make(SettingsMaker settings) => new AccountBench(settings, hasPassword: false).Made;

    [Fact]
    public void A_setting_that_is_none_makes_no_account()
    {
        Assert.Equal(AccountResult.Malformed, Make(() => new()));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "tel:+49123"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b>;tag=x"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "<sip:a@b>;tag=x"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b\r\nX: y"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Server = "http://example.com"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, ContactUser = "x@y"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, ContactParameters = "q=1"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Instance = "urn:x>\";y=\"<"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Instance = "urn:x"u8, RegistrationId = 0 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Route = "sip:proxy;lr"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Route = "<sip:p;lr>, "u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, SentBy = "a b"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, SentBy = "host:5060;branch=x"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Headers = "X-Note: y"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Headers = "m: <sip:evil@c>\r\n"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Headers = "Call-ID: x\r\n"u8 }));
        Assert.Equal(AccountResult.Malformed, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Contacts = ","u8 }));
    }

    [Fact]
    public void A_text_that_is_too_long_makes_no_account()
    {
        byte[] longName = Encoding.ASCII.GetBytes("sip:" + new string('a', AccountLimits.MaxUriOctets) + "@b");
        byte[] longServer = Encoding.ASCII.GetBytes("sip:" + new string('a', AccountLimits.MaxUriOctets));
        byte[] longRoute = Encoding.ASCII.GetBytes("<sip:" + new string('p', AccountLimits.MaxRouteOctets) + ";lr>");
        byte[] longHeader = Encoding.ASCII.GetBytes("X: " + new string('y', AccountLimits.MaxHeaderOctets) + "\r\n");
        byte[] longHost = Encoding.ASCII.GetBytes(new string('h', AccountLimits.MaxSentByOctets + 1));
        byte[] longContact = Encoding.ASCII.GetBytes("<sip:a@b>;x=" + new string('y', AccountLimits.MaxContactOctets));
        Assert.Equal(AccountResult.TooLong, Make(() => new() { AddressOfRecord = longName }));
        Assert.Equal(AccountResult.TooLong, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Server = longServer }));
        Assert.Equal(AccountResult.TooLong, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Route = longRoute }));
        Assert.Equal(AccountResult.TooLong, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Headers = longHeader }));
        Assert.Equal(AccountResult.TooLong, Make(() => new() { AddressOfRecord = "sip:a@b"u8, SentBy = longHost }));
        Assert.Equal(AccountResult.TooLong, Make(() => new() { AddressOfRecord = "sip:a@b"u8, Contacts = longContact }));
    }

    [Fact]
    public void An_account_says_in_its_requests_what_it_was_given()
    {
        var bench = new AccountBench(() => new()
        {
            Server = "sip:admin:pw@example.org:5080;transport=udp;maddr=192.0.2.2?subject=x"u8,
            AddressOfRecord = "\"Front door\" <sip:door@example.com;user=ip>"u8,
            From = "sip:installer@example.com"u8,
            Route = "<sip:192.0.2.40;lr>,<sip:192.0.2.41;lr>"u8,
            Headers = "X-House: 12\r\nUser-Agent: door\r\n"u8,
            SentBy = "door.example.com:5099"u8,
            ContactUser = "front"u8,
            ContactParameters = ";q=0.5;audio"u8,
            ExpiresSeconds = 90,
        });
        bench.Register();
        string request = bench.LastRequest;
        // RFC 3261 §10.2: some registrars do nothing for a Request-URI with a user part.
        Assert.StartsWith("REGISTER sip:example.org:5080;transport=udp;maddr=192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP door.example.com:5099;rport;branch=", request);
        Assert.Equal("\"Front door\" <sip:door@example.com;user=ip>", AccountBench.ValueOf(request, "To"));
        Assert.StartsWith("<sip:installer@example.com>;tag=", AccountBench.ValueOf(request, "From"));
        Assert.Equal("<sip:192.0.2.40;lr>,<sip:192.0.2.41;lr>", AccountBench.ValueOf(request, "Route"));
        Assert.Equal("<sip:front@192.0.2.1:5060>;q=0.5;audio", AccountBench.ValueOf(request, "Contact"));
        Assert.Equal("90", AccountBench.ValueOf(request, "Expires"));
        Assert.Contains("\r\nX-House: 12\r\nUser-Agent: door\r\n", request);
        Assert.Equal(IpEndpoint.V4(0xC0000228, 5060), bench.Requests[^1].Flow.Remote);
        Assert.Equal("sip:example.org:5080;transport=udp;maddr=192.0.2.2"u8, bench.Accounts.TextOf(bench.Account, AccountText.Server));
    }

    [Fact]
    public void Without_a_server_the_host_of_the_address_is_asked()
    {
        var bench = new AccountBench(() => new() { AddressOfRecord = "sip:door@192.0.2.2:5070;transport=tcp"u8 });
        bench.Register();
        Assert.StartsWith("REGISTER sip:192.0.2.2:5070 SIP/2.0", bench.LastRequest);
        Assert.Equal(Protocol.Udp, bench.Requests[^1].Flow.Protocol);
    }

    [Fact]
    public void A_sent_by_of_one_s_own_survives_the_way_back_from_a_stream()
    {
        byte[] note = Encoding.ASCII.GetBytes("X: " + new string('y', 1000) + "\r\n");
        var bench = new AccountBench(() => new()
        {
            Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, SentBy = "door.example.com"u8, OffersKeepAlive = true,
            Headers = note, Contacts = Encoding.ASCII.GetBytes("<sip:a@b>;x=" + new string('y', 340)),
        });
        bench.Register();
        Assert.StartsWith("SIP/2.0/TCP door.example.com;branch=", AccountBench.ValueOf(bench.LastRequest, "Via"));
        bench.Agent.HandleClosed(bench.Now, bench.Requests[^1].Flow.Connection, TransportFault.Refused);
        bench.Drain();
        Assert.StartsWith("SIP/2.0/UDP door.example.com;rport;branch=", AccountBench.ValueOf(bench.LastRequest, "Via"));
        Assert.EndsWith(";keep", AccountBench.ValueOf(bench.LastRequest, "Via"));
        bench.Accept();
        Assert.Equal(Protocol.Udp, bench.Info.Flow.Protocol);
    }

    [Fact]
    public void A_request_that_goes_over_a_stream_for_its_size_changes_neither_contact_nor_way()
    {
        byte[] note = Encoding.ASCII.GetBytes("X: " + new string('y', 1000) + "\r\n");
        var bench = new AccountBench(() => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, Headers = note, ContactParameters = Padding });
        bench.Register();
        bench.Connect();
        bench.Accept();
        Assert.Equal(Protocol.Tcp, bench.Requests[^1].Flow.Protocol);
        Assert.DoesNotContain("transport=tcp", AccountBench.ValueOf(bench.LastRequest, "Contact"));
        Assert.Equal(Protocol.Udp, bench.Info.Flow.Protocol);
    }

    private static readonly byte[] Padding = Encoding.ASCII.GetBytes(";x=" + new string('y', 180));

    [Fact]
    public void Preferences_are_an_account_s_own()
    {
        var bench = new AccountBench();
        bench.Accounts.SetPreferences(bench.Account, new() { BeginsEmpty = true, MinimumAlgorithm = DigestAlgorithm.Sha256 });
        bench.Register();
        Assert.Contains("Authorization: Digest username=\"door\"", bench.LastRequest);
        bench.Answer(401, AccountBench.Challenge);
        Assert.Equal(ChallengeOutcome.Downgrade, bench.Last.Challenge);
        bench.Accounts.SetPreferences(bench.Account, new());
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        Assert.Equal(ChallengeOutcome.Answered, bench.Last.Challenge);
    }

    [Fact]
    public void A_stored_secret_serves_as_a_password_does()
    {
        var bench = new AccountBench(hasPassword: false);
        byte[] secret = Encoding.ASCII.GetBytes(Convert.ToHexString(System.Security.Cryptography.MD5.HashData("door:house:secret"u8)));
        Assert.Equal(AccountResult.Done, bench.Accounts.SetSecret(bench.Account, "house"u8, "door"u8, DigestAlgorithm.Md5, secret));
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        Assert.Equal(ChallengeOutcome.Answered, bench.Last.Challenge);
        bench.Accounts.ClearCredentials(bench.Account);
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        Assert.Equal(ChallengeOutcome.NoCredentials, bench.Last.Challenge);
    }

    [Fact]
    public void The_response_can_be_read_while_it_is_told()
    {
        string reason = "", contact = "";
        var bench = new AccountBench(user: (bench, told) =>
        {
            var response = bench.Agent.Message;
            reason = Encoding.ASCII.GetString(response.Status.ReasonPhrase.In(response.Text));
            foreach (var value in response.All<SipEmbedded.Messages.Contact>())
                contact += Encoding.ASCII.GetString(value.Uri.Extent.In(response.Text));
        });
        bench.Register();
        bench.Accept();
        Assert.Equal(("Whatever", "sip:door@192.0.2.1:5060"), (reason, contact));
    }

    // ---- The end --------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void An_account_with_a_request_under_way_ends_by_force_and_without_a_word()
    {
        var bench = new AccountBench();
        bench.Register();
        Assert.Equal(AccountResult.Busy, bench.Accounts.Destroy(bench.Account, isForced: false));
        Assert.Equal(AccountResult.Done, bench.Accounts.Destroy(bench.Account, isForced: true));
        Assert.Equal(AccountResult.Gone, bench.Accounts.Register(bench.Now, bench.Account, isAutomatic: true));
        Assert.Equal(1, bench.Agent.Use.Accounts);
        bench.Accept();
        Assert.Empty(bench.Events);
        Assert.Equal(0, bench.Agent.Use.Accounts);
        bench.Pass(3600);
        Assert.Single(bench.Requests);
        Assert.True(bench.Agent.Use.IsEmpty);
    }

    [Fact]
    public void An_account_that_waits_ends_at_once()
    {
        var bench = AccountBench.Registered();
        Assert.Equal(AccountResult.Done, bench.Accounts.Destroy(bench.Account, isForced: false));
        Assert.False(bench.Accounts.IsLive(bench.Account));
        bench.Pass(3600);
        Assert.True(bench.Agent.Use.IsEmpty);
        Assert.Single(bench.Requests);
    }

    [Fact]
    public void An_account_that_is_held_ends_when_it_is_let_go()
    {
        var bench = AccountBench.Registered();
        bench.Accounts.Hold(bench.Account);
        bench.Accounts.Hold(bench.Account);
        bench.Accounts.Destroy(bench.Account, isForced: false);
        Assert.True(bench.Accounts.IsLive(bench.Account));
        Assert.Equal(AccountResult.Done, bench.Accounts.LetGo(bench.Account));
        Assert.Equal(AccountResult.Gone, bench.Accounts.LetGo(bench.Account));
        Assert.False(bench.Accounts.IsLive(bench.Account));
    }

    [Fact]
    public void Every_command_to_an_account_that_is_gone_says_so()
    {
        var bench = AccountBench.Registered();
        var accounts = bench.Accounts;
        accounts.Destroy(bench.Account, isForced: true);
        Assert.All(
            new[]
            {
                accounts.Register(bench.Now, bench.Account, true), accounts.Unregister(bench.Now, bench.Account), accounts.UnregisterAll(bench.Now, bench.Account),
                accounts.Query(bench.Now, bench.Account), accounts.UpdateContacts(bench.Account, default), accounts.UpdateExpires(bench.Account, 1),
                accounts.SetDelayBeforeRefresh(bench.Account, default), accounts.SetCredentials(bench.Account, default, "a"u8, "b"u8),
                accounts.ClearCredentials(bench.Account), accounts.SetPreferences(bench.Account, new()), accounts.SetRoute(bench.Account, default),
                accounts.SetHeaders(bench.Account, default), accounts.SetSentBy(bench.Account, default), accounts.SetTransport(bench.Account, Element.Udp),
                accounts.ReleaseTransport(bench.Account), accounts.Hold(bench.Account), accounts.LetGo(bench.Account),
                accounts.Destroy(bench.Account, isForced: true),
            },
            result => Assert.Equal(AccountResult.Gone, result));
        Assert.False(accounts.TryGetInfo(bench.Now, bench.Account, out _));
        Assert.False(accounts.TryGetFlow(bench.Account, out _));
        Assert.True(accounts.Counters.StaleCommands > 10);
    }

    // ---- Several, none ----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Accounts_stand_beside_each_other()
    {
        var bench = AccountBench.Registered();
        Assert.Equal(
            AccountResult.Done, bench.Accounts.TryCreate(new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:back@example.com"u8, User = 5 }, out var second));
        Assert.Equal(AccountResult.Full, bench.Accounts.TryCreate(AccountBench.Usual, out _));
        bench.Accounts.Register(bench.Now, second, isAutomatic: true);
        bench.Settle();
        bench.Accept();
        Assert.Equal(5ul, bench.Last.User);
        int at = 0;
        Assert.True(bench.Accounts.TryNext(ref at, out var first) && first == bench.Account);
        Assert.True(bench.Accounts.TryNext(ref at, out var next) && next == second);
        Assert.False(bench.Accounts.TryNext(ref at, out _));
        bench.Accounts.Destroy(bench.Account, isForced: true);
        bench.PassUntilRequest(600);
        Assert.Contains("back@example.com", bench.LastRequest);
    }

    [Fact]
    public void An_agent_without_room_for_accounts_refuses_them()
    {
        var bench = new AccountBench(options: new() { Accounts = 0 });
        Assert.Equal(AccountResult.Full, bench.Made);
        Assert.Equal(1, bench.Accounts.Counters.NoRoom);
    }

    [Fact]
    public void A_request_that_finds_no_transaction_is_told_and_tried_again()
    {
        var bench = new AccountBench(transactions: new() { ClientTransactions = 0 });
        bench.Register();
        Assert.Equal((RegistrationFault.NoRoom, RegistrationOutcome.WillRetry), (bench.Last.Fault, bench.Last.Outcome));
        bench.Pass(600);
        Assert.InRange(bench.Events.Count, 4, 20);
        Assert.Equal(0, bench.Agent.Use.ClientTransactions);
    }

    // ---- Hostile, and on the heap -----------------------------------------------------------------------------------------------------

    [Fact]
    public void Answers_that_were_tampered_with_do_no_harm()
    {
        var random = new Random(20_261_120);
        var bench = new AccountBench(() => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, Instance = "urn:uuid:1"u8, UsesPublicAddress = true });
        bench.Register();
        string[] parts =
        [
            "Contact: <sip:door@192.0.2.1:5060>;expires=60;pub-gruu=\"sip:x@y;gr\"\r\n", "Service-Route: <sip:p;lr>,<sip:q;lr>\r\n", AccountBench.Challenge,
            "Min-Expires: 90\r\n", "Retry-After: 5\r\n", "Contact: *\r\n", "Flow-Timer: 10\r\nRequire: outbound\r\n", "Expires: 70\r\n",
            "Proxy-Authenticate: Digest realm=\"r\", nonce=\"\", algorithm=SHA-256, qop=\"auth,auth-int\"\r\n", "Contact: <sip:192.0.2.2>;q=0.5\r\n",
        ];
        int[] statuses = [200, 202, 300, 302, 401, 401, 403, 407, 423, 439, 500, 503, 600, 699];
        for (int i = 0; i < 20_000; i++)
        {
            if (!bench.Info.IsBusy || bench.Requests.Count == 0)
                bench.Register();
            var text = new StringBuilder(Element.Answer(
                bench.LastRequest, statuses[random.Next(statuses.Length)], extra: parts[random.Next(parts.Length)] + parts[random.Next(parts.Length)]));
            for (int flips = random.Next(4); flips > 0; flips--)
                text[random.Next(text.Length)] = (char)random.Next(256);
            bench.Receive(text.ToString(), bench.Requests[^1].Flow);
            bench.Settle();
            if (random.Next(50) == 0)
                bench.Pass(random.Next(40));
            if (bench.Requests.Count > 1000)
                bench.Requests.RemoveRange(0, 900);
        }
        // It still does what it is for, once the server is itself again.
        bench.Register();
        for (int i = 0; i < 10 && bench.Info.State != RegistrationState.Registered; i++)
        {
            if (bench.PassUntilRequest(300))
                bench.Accept();
        }
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        bench.Accounts.Destroy(bench.Account, isForced: true);
        bench.Pass(3600);
        Assert.True(bench.Agent.Use.IsEmpty);
    }
}
