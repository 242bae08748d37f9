// Calls of an account: where they go first, its routes, and credentials for whoever asks, and for nobody else (RFC 3261 §8.1.2, §22.2, §22.3); and which account a
// call that comes in belongs to.
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Tests.Registration;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class AccountCallTests
{
    private static AccountBench Registered()
    {
        var bench = new AccountBench(calls: new());
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        bench.Accept("Service-Route: <sip:192.0.2.2;lr>\r\n");
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        Assert.Equal(
            CallResult.Done,
            bench.Agent.Calls!.Place(bench.Now, new() { Target = "sip:stranger@elsewhere.example"u8, Account = bench.Account, IsOfferless = true }, out _));
        bench.Drain();
        return bench;
    }

    [Fact]
    public void A_call_goes_the_way_of_the_registration_with_its_routes_and_its_contact()
    {
        var bench = Registered();
        var (_, flow, invite) = bench.Requests[^1];
        Assert.StartsWith("INVITE sip:stranger@elsewhere.example SIP/2.0\r\n", invite);
        Assert.Equal(AccountBench.Registrar, flow.Remote);
        Assert.Equal("<sip:192.0.2.2;lr>", AccountBench.ValueOf(invite, "Route"));
        Assert.Equal("<sip:door@192.0.2.1:5060>", AccountBench.ValueOf(invite, "Contact"));
        Assert.StartsWith("<sip:door@example.com>;tag=", AccountBench.ValueOf(invite, "From"));
    }

    [Fact]
    public void What_the_registrar_asked_for_is_not_handed_to_a_callee_who_did_not_ask()
    {
        var bench = Registered();
        Assert.Empty(AccountBench.LinesOf(bench.LastRequest, "Authorization"));
        // The server itself may ask for it.
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        string invite = bench.Requests.FindLast(request => request.Text.StartsWith("INVITE", StringComparison.Ordinal)).Text;
        Assert.Contains("nonce=\"n2\"", Assert.Single(AccountBench.LinesOf(invite, "Authorization")));
        Assert.Equal(2, AccountBench.SequenceOf(invite));
    }

    // ---- The first hop ------------------------------------------------------------------------------------------------------------

    private static IpEndpoint Address(byte last) => IpEndpoint.V4(0xC0000200u | last, 5060);

    private static (Flow Flow, string Text) Placed(AccountBench bench)
    {
        bench.Agent.HandleHosts(bench.Now, "192.0.2.8 elsewhere.example\n192.0.2.9 proxy.example.com\n"u8);
        Assert.Equal(
            CallResult.Done,
            bench.Agent.Calls!.Place(bench.Now, new() { Target = "sip:stranger@elsewhere.example"u8, Account = bench.Account, IsOfferless = true }, out _));
        bench.Drain();
        bench.Settle();
        var (_, flow, invite) = bench.Requests[^1];
        Assert.StartsWith("INVITE sip:stranger@elsewhere.example SIP/2.0\r\n", invite);
        return (flow, invite);
    }

    [Fact]
    public void An_account_that_never_registered_calls_through_its_proxy()
    {
        var bench = new AccountBench(
            () => new() { AddressOfRecord = "sip:door@example.com"u8, Server = "sip:192.0.2.2"u8, Route = "<sip:proxy.example.com:5070;lr>"u8 }, calls: new());
        var (flow, invite) = Placed(bench);
        Assert.Equal(Address(9).WithPort(5070), flow.Remote);
        Assert.Equal("<sip:proxy.example.com:5070;lr>", AccountBench.ValueOf(invite, "Route"));
    }

    [Fact]
    public void An_account_of_which_the_registrar_alone_is_known_calls_where_the_callee_is()
    {
        Assert.Equal(Address(8), Placed(new(calls: new())).Flow.Remote);
    }

    [Theory]
    [InlineData("<sip:192.0.2.7;lr>, <sip:192.0.2.6;lr>", 7)]
    [InlineData("<sip:proxy.example.com;lr>", 9)]
    [InlineData("<sip:of-the-registrars-own.invalid;lr>", 2)]
    [InlineData("<sip:192.0.2.2;lr>", 2)]
    public void What_the_registrar_gave_as_Service_Route_is_the_first_hop(string route, byte last)
    {
        var bench = new AccountBench(calls: new());
        bench.Register();
        bench.Accept($"Service-Route: {route}\r\n");
        var (flow, invite) = Placed(bench);
        Assert.Equal(Address(last), flow.Remote);
        Assert.Equal(route, AccountBench.ValueOf(invite, "Route"));
    }

    [Fact]
    public void A_registration_by_outbound_keeps_its_calls_on_its_flow()
    {
        var bench = new AccountBench(
            () => new()
            {
                AddressOfRecord = "sip:door@example.com"u8, Server = "sip:192.0.2.2;transport=tcp"u8, Instance = "urn:uuid:00000000-0000-1000-8000-000A95A0E128"u8,
            },
            calls: new());
        bench.Register();
        bench.Connect();
        bench.Accept("Require: outbound\r\nService-Route: <sip:192.0.2.7;lr>\r\n");
        Assert.True(bench.Accounts.TryGetFlow(bench.Account, out var own));
        Assert.Equal(own, Placed(bench).Flow);
    }

    // ---- Challenges that a call alone meets -----------------------------------------------------------------------------------------

    private static void Respond(AccountBench bench, string request, int status, string tag, string extra)
    {
        bench.Receive(Transactions.Element.Answer(request, status, toTag: tag, extra: extra + "Contact: <sip:peer@192.0.2.2>\r\n"), bench.Requests[^1].Flow);
        bench.Settle();
    }

    [Fact]
    public void A_PRACK_that_is_challenged_goes_again_with_credentials()
    {
        var bench = Registered();
        Respond(bench, bench.LastRequest, 183, "one", "Require: 100rel\r\nRSeq: 7\r\n");
        Assert.StartsWith("PRACK", bench.LastRequest);
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        Assert.StartsWith("PRACK", bench.LastRequest);
        Assert.Equal("7 1 INVITE", AccountBench.ValueOf(bench.LastRequest, "RAck"));
        Assert.Equal(3, AccountBench.SequenceOf(bench.LastRequest));
        Assert.Contains("nonce=\"n2\"", Assert.Single(AccountBench.LinesOf(bench.LastRequest, "Authorization")));
        int count = bench.Requests.Count;
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        Assert.Equal(count, bench.Requests.Count);
    }

    [Fact]
    public void The_BYE_to_a_further_callee_that_is_challenged_goes_again_with_credentials()
    {
        var bench = Registered();
        string invite = bench.LastRequest;
        Respond(bench, invite, 200, "one", "");
        Respond(bench, invite, 200, "two", "");
        Assert.Contains(";tag=two", AccountBench.ValueOf(bench.LastRequest, "To"));
        int first = AccountBench.SequenceOf(bench.LastRequest);
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        Assert.StartsWith("BYE", bench.LastRequest);
        Assert.Contains(";tag=two", AccountBench.ValueOf(bench.LastRequest, "To"));
        Assert.Equal(first + 1, AccountBench.SequenceOf(bench.LastRequest));
        Assert.Contains("nonce=\"n2\"", Assert.Single(AccountBench.LinesOf(bench.LastRequest, "Authorization")));
        Assert.Equal(2, bench.Agent.Use.Dialogs);
        // A copy of its 2xx meanwhile has its ACK alone.
        int count = bench.Requests.Count;
        Respond(bench, invite, 200, "two", "");
        Assert.StartsWith("ACK", Assert.Single(bench.Requests.Skip(count)).Text);
        bench.Requests.RemoveAt(count);
        bench.Answer(200);
        Assert.Equal(1, bench.Agent.Use.Dialogs);
    }

    // ---- Calls that come in ---------------------------------------------------------------------------------------------------------

    private static string Invite(string uri, string to = "<sip:bob@example.com>") =>
        Transactions.Element.Request("INVITE", branch: "z9hG4bKin", uri: uri, via: "192.0.2.2", extra: "Contact: <sip:peer@192.0.2.2>\r\n")
            .Replace("To: <sip:door@192.0.2.1>", $"To: {to}");

    private static Handle<Call> Incoming(AccountBench bench, string invite, byte from = 2)
    {
        bench.Receive(invite, new(Protocol.Udp, IpEndpoint.V4(0, 5060), Address(from)));
        var told = bench.Others[^1].Call;
        Assert.Equal(CallEventKind.Incoming, told.Kind);
        return told.Call;
    }

    private static Handle<Account> AccountOf(AccountBench bench, Handle<Call> call)
    {
        Assert.True(bench.Agent.Calls!.TryGetInfo(bench.Now, call, out var info));
        return info.Account;
    }

    private static AccountBench Called(string extra = "", SettingsMaker? settings = null)
    {
        var bench = new AccountBench(settings, calls: new());
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        bench.Accept(extra);
        return bench;
    }

    [Theory]
    [InlineData("sip:door@192.0.2.1:5060", 99, true)]
    [InlineData("sip:door@example.com", 99, true)]
    [InlineData("sip:whoever@192.0.2.1", 2, true)]
    [InlineData("sip:whoever@192.0.2.1", 99, false)]
    [InlineData("sip:door@192.0.2.1:5062", 99, false)]
    public void A_call_belongs_to_the_account_that_it_names_or_came_over(string uri, byte from, bool isOurs)
    {
        var bench = Called();
        Assert.Equal(isOurs ? bench.Account : default, AccountOf(bench, Incoming(bench, Invite(uri), from)));
    }

    [Fact]
    public void To_alone_makes_no_call_an_accounts()
    {
        var bench = Called();
        Assert.Equal(default, AccountOf(bench, Incoming(bench, Invite("sip:whoever@192.0.2.1", "<sip:door@example.com>"), from: 99)));
    }

    [Theory]
    [InlineData("sip:door@192.0.2.1:5060", "<sip:door@example.com>", false)]
    [InlineData("sip:door@192.0.2.1:5060", "<sip:bell@example.com>", true)]
    [InlineData("sip:bell@example.com", "<sip:door@example.com>", true)]
    [InlineData("sip:whoever@192.0.2.1", "<sip:bell@example.com>", true)]
    public void Of_two_accounts_at_one_server_To_tells_which(string uri, string to, bool isSecond)
    {
        var bench = Called();
        bench.Accounts.TryCreate(new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:bell@example.com"u8, ContactUser = "door"u8 }, out var second);
        bench.Accounts.Register(bench.Now, second, isAutomatic: true);
        bench.Settle();
        bench.Accept();
        Assert.Equal(isSecond ? second : bench.Account, AccountOf(bench, Incoming(bench, Invite(uri, to))));
    }

    [Fact]
    public void A_call_that_came_in_answers_challenges_with_its_accounts_credentials_and_has_its_contact()
    {
        var bench = Called();
        var call = Incoming(bench, Invite("sip:door@192.0.2.1:5060"));
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Answer(bench.Now, call, 180));
        bench.Drain();
        Assert.Contains("Contact: <sip:door@192.0.2.1:5060>\r\n", bench.OtherOctets[^1].Text);
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Update(bench.Now, call, withMedia: false));
        bench.Drain();
        Assert.Equal("<sip:door@192.0.2.1:5060>", AccountBench.ValueOf(bench.LastRequest, "Contact"));
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        Assert.StartsWith("UPDATE", bench.LastRequest);
        Assert.Contains("nonce=\"n2\"", Assert.Single(AccountBench.LinesOf(bench.LastRequest, "Authorization")));
        Assert.Equal(2, AccountBench.SequenceOf(bench.LastRequest));
    }

    [Fact]
    public void A_stranger_who_calls_and_challenges_gets_no_credentials()
    {
        var bench = Called();
        var call = Incoming(bench, Invite("sip:door@192.0.2.1:5060"), from: 99);
        Assert.Equal(bench.Account, AccountOf(bench, call));
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Answer(bench.Now, call, 180));
        bench.Drain();
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Update(bench.Now, call, withMedia: false));
        bench.Drain();
        string challenged = bench.LastRequest;
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        Assert.Equal(challenged, bench.LastRequest);
    }

    [Fact]
    public void The_contact_of_a_call_is_the_accounts_GRUU_where_it_has_one()
    {
        const string Gruu = "sip:door@example.com;gr=urn:uuid:00000000-0000-1000-8000-000A95A0E128";
        var bench = new AccountBench(
            () => new()
            {
                AddressOfRecord = "sip:door@example.com"u8, Server = "sip:192.0.2.2"u8, Instance = "urn:uuid:00000000-0000-1000-8000-000A95A0E128"u8,
            },
            calls: new());
        bench.Register();
        bench.Answer(200, AccountBench.ContactsOf(bench.LastRequest)[0] + $";pub-gruu=\"{Gruu}\";expires=600\r\n");
        var call = Incoming(bench, Invite(Gruu), from: 99);
        Assert.Equal(bench.Account, AccountOf(bench, call));
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Answer(bench.Now, call, 180));
        bench.Drain();
        Assert.Contains($"Contact: <{Gruu}>\r\n", bench.OtherOctets[^1].Text);
    }

    [Fact]
    public void An_account_that_sits_behind_a_translator_gives_its_public_address()
    {
        var bench = new AccountBench(
            () => new() { AddressOfRecord = "sip:door@example.com"u8, Server = "sip:192.0.2.2"u8, UsesPublicAddress = true }, calls: new());
        bench.Register();
        bench.Accept(viaParameters: "received=198.51.100.1;rport=40000");
        bench.Accept(viaParameters: "received=198.51.100.1;rport=40000");
        var call = Incoming(bench, Invite("sip:door@198.51.100.1:40000"), from: 99);
        Assert.Equal(bench.Account, AccountOf(bench, call));
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Answer(bench.Now, call, 180));
        bench.Drain();
        Assert.Contains("Contact: <sip:door@198.51.100.1:40000>\r\n", bench.OtherOctets[^1].Text);
    }
}
