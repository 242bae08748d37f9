// The way to the registrar: connections, keep-alives, what the server sees of us, links that go and come (RFC 5626 §4.4, §4.5; RFC 3581 §4; RFC 6223).
using SipEmbedded.Agent;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Registration;

public class FlowTests
{
    private static AccountSettings OverTcp => new() { Server = "sip:192.0.2.2;transport=tcp"u8, AddressOfRecord = "sip:door@example.com"u8 };

    private static AccountBench RegisteredOverTcp(RegistrationOptions? options = null)
    {
        var bench = new AccountBench(() => OverTcp, options);
        bench.Register();
        bench.Connect();
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        return bench;
    }

    [Fact]
    public void A_registration_over_TCP_says_so_and_keeps_its_connection()
    {
        var bench = RegisteredOverTcp();
        Assert.Equal("<sip:door@192.0.2.1:5060;transport=tcp>", AccountBench.ValueOf(bench.LastRequest, "Contact"));
        Assert.StartsWith("REGISTER sip:192.0.2.2;transport=tcp SIP/2.0", bench.LastRequest);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(bench.PassUntilRequest(600));
            bench.Accept();
        }
        Assert.Single(bench.Commands, command => command.Kind == TransmitKind.Connect);
        Assert.Single(bench.Requests.Select(request => request.Flow.Connection).Distinct());
    }

    [Fact]
    public void A_connection_that_breaks_is_told_and_registered_again_over_another()
    {
        var bench = RegisteredOverTcp();
        bench.Pass(60);
        bench.Agent.HandleClosed(bench.Now, bench.Info.Flow.Connection, TransportFault.Reset);
        bench.Drain();
        bench.Settle();
        Assert.Equal(RegistrationEventKind.FlowFailed, bench.Last.Kind);
        long broken = bench.NowMs;
        Assert.True(bench.PassUntilRequest(2));
        Assert.InRange(bench.NowMs - broken, 0, 2000);
        bench.Connect();
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        Assert.Equal(1, bench.Accounts.Counters.FlowsFailed);
    }

    [Fact]
    public void A_connection_cannot_be_opened_and_is_tried_again_later()
    {
        var bench = new AccountBench(() => OverTcp);
        bench.Register();
        bench.Agent.HandleClosed(bench.Now, bench.Requests[^1].Flow.Connection, TransportFault.Refused);
        bench.Drain();
        bench.Settle();
        Assert.Equal((RegistrationFault.Transport, 503, RegistrationOutcome.WillRetry), (bench.Last.Fault, bench.Last.Status, bench.Last.Outcome));
        Assert.True(bench.PassUntilRequest(60));
    }

    [Fact]
    public void A_pong_that_does_not_come_ends_the_flow()
    {
        var bench = new AccountBench(() => new()
        {
            Server = "sip:192.0.2.2;transport=tcp"u8, AddressOfRecord = "sip:door@example.com"u8, KeepAlive = KeepAliveMethod.Crlf,
            KeepAliveInterval = TimeSpan.FromSeconds(30),
        });
        bench.Register();
        bench.Connect();
        bench.Accept();
        bench.Pass(31);
        var ping = Assert.Single(bench.OtherOctets);
        Assert.Equal("\r\n\r\n", ping.Text);
        Assert.InRange(ping.Ms, 24_000, 30_000);
        bench.Pass(12);
        Assert.Contains(bench.Events, told => told.Kind == RegistrationEventKind.FlowFailed);
        Assert.Equal(2, bench.Requests.Count);
    }

    [Fact]
    public void A_server_says_by_Flow_Timer_how_often_it_wants_to_hear_of_us()
    {
        var bench = new AccountBench(() => OverTcp);
        bench.Register();
        bench.Connect();
        bench.Accept("Flow-Timer: 20\r\nRequire: outbound\r\n");
        bench.Pass(20);
        Assert.Single(bench.OtherOctets);
    }

    [Fact]
    public void A_server_says_by_its_keep_parameter_that_it_wants_to_hear_of_us()
    {
        var bench = new AccountBench(() => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, OffersKeepAlive = true });
        bench.Register();
        Assert.EndsWith(";keep", AccountBench.ValueOf(bench.LastRequest, "Via"));
        Assert.Contains(";keep\r\n", bench.LastRequest);
        string answer = SipEmbedded.Tests.Transactions.Element.Answer(bench.LastRequest, 200, extra: "Contact: <sip:door@192.0.2.1:5060>;expires=600\r\n");
        bench.Receive(answer.Replace(";keep", ";keep=30"), bench.Requests[^1].Flow);
        bench.Pass(30);
        // A STUN binding request.
        Assert.StartsWith("\0\u0001", bench.OtherOctets[0].Text);
    }

    [Fact]
    public void Keep_alives_stop_with_the_registration()
    {
        var bench = RegisteredOverTcp();
        Assert.Equal(1, bench.Agent.Use.KeptFlows);
        bench.Accounts.Unregister(bench.Now, bench.Account);
        bench.Settle();
        bench.Answer(200);
        Assert.Equal(0, bench.Agent.Use.KeptFlows);
        // Nobody wants the connection any more.
        bench.Pass(3600);
        Assert.Contains(bench.Commands, command => command.Kind == TransmitKind.Close);
    }

    [Fact]
    public void A_transport_can_be_let_go_of()
    {
        var bench = RegisteredOverTcp();
        bench.Accounts.ReleaseTransport(bench.Account);
        Assert.Equal(0, bench.Agent.Use.KeptFlows);
        Assert.Equal(Protocol.None, bench.Info.Flow.Protocol);
        Assert.True(bench.PassUntilRequest(600));
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
    }

    [Fact]
    public void An_account_can_be_bound_to_a_transport_and_an_address()
    {
        var bench = new AccountBench();
        var local = IpEndpoint.V4(0xC0000242, 5060);
        Assert.Equal(AccountResult.Done, bench.Accounts.SetTransport(bench.Account, new Flow(Protocol.Tcp, local, default)));
        bench.Register();
        Assert.Equal(Protocol.Tcp, bench.Requests[^1].Flow.Protocol);
        Assert.True(bench.Requests[^1].Flow.Local.HasAddressOf(local));
        Assert.Equal(AccountResult.Malformed, bench.Accounts.SetTransport(bench.Account, default));
    }

    [Fact]
    public void An_account_can_be_bound_to_a_way()
    {
        var bench = new AccountBench();
        var way = new Flow(Protocol.Udp, AccountBench.Ours, IpEndpoint.V4(0xC0000299, 5080));
        bench.Accounts.SetTransport(bench.Account, way);
        bench.Register();
        Assert.Equal(way, bench.Requests[^1].Flow);
        bench.Accept();
        Assert.Equal(0, bench.Agent.Use.Resolutions);
        bench.Accounts.ReleaseTransport(bench.Account);
        bench.Register();
        Assert.Equal(AccountBench.Registrar, bench.Requests[^1].Flow.Remote);
    }

    [Fact]
    public void A_search_that_is_no_longer_wanted_is_begun_anew()
    {
        var bench = new AccountBench(() => new() { Server = "sip:registrar.example.com"u8, AddressOfRecord = "sip:door@example.com"u8 });
        bench.Agent.HandleResolverConfiguration(bench.Now, "nameserver 192.0.2.53\n"u8);
        bench.Register();
        Assert.Empty(bench.Requests);
        bench.Accounts.SetRoute(bench.Account, "<sip:192.0.2.20;lr>"u8);
        bench.Settle();
        Assert.Equal(IpEndpoint.V4(0xC0000214, 5060), bench.Requests[^1].Flow.Remote);
    }

    [Fact]
    public void Without_a_way_nothing_is_sent_until_there_is_one()
    {
        var bench = new AccountBench();
        bench.Routes.Local = null;
        bench.Register();
        Assert.Empty(bench.Requests);
        Assert.Equal((RegistrationFault.NoWay, 503, RegistrationOutcome.WillRetry), (bench.Last.Fault, bench.Last.Status, bench.Last.Outcome));
        Assert.Equal(RegistrationState.Offline, bench.Info.State);
        bench.Pass(1);
        bench.Routes.Local = AccountBench.Ours.WithPort(0);
        bench.ChangeNetwork();
        Assert.True(bench.PassUntilRequest(2));
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
    }

    [Fact]
    public void Commands_may_come_while_a_request_is_under_way()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Accounts.ReleaseTransport(bench.Account);
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        Assert.True(bench.PassUntilRequest(600));
        bench.Accept();
        Assert.Equal(AccountBench.Registrar, bench.Info.Flow.Remote);
    }

    // ---- What the server sees -------------------------------------------------------------------------------------------------------

    [Fact]
    public void The_address_that_the_server_sees_is_registered_where_that_is_wanted()
    {
        var bench = new AccountBench(() => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, UsesPublicAddress = true });
        bench.Register();
        bench.Accept(viaParameters: "rport=40404;received=203.0.113.7");
        Assert.Equal(RegistrationOutcome.Continues, bench.Events[0].Outcome);
        Assert.Equal(
            ["Contact: <sip:door@192.0.2.1:5060>;expires=0", "Contact: <sip:door@203.0.113.7:40404>"], AccountBench.ContactsOf(bench.LastRequest).Order());
        bench.Accept(viaParameters: "rport=40404;received=203.0.113.7");
        Assert.Equal(IpEndpoint.V4(0xCB007107, 40404), bench.Info.PublicAddress);
        Assert.Equal(2, bench.Requests.Count);
        bench.PassUntilRequest(600);
        Assert.Equal("<sip:door@203.0.113.7:40404>", AccountBench.ValueOf(bench.LastRequest, "Contact"));
    }

    [Fact]
    public void A_translator_that_changes_its_port_each_time_does_not_keep_us_registering()
    {
        var bench = new AccountBench(() => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, UsesPublicAddress = true });
        bench.Register();
        for (int i = 0; i < 10; i++)
            bench.Accept(viaParameters: $"rport={40000 + i};received=203.0.113.7");
        Assert.Equal(2, bench.Requests.Count);
    }

    [Fact]
    public void Without_being_asked_for_it_the_contact_is_our_own_address()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Accept(viaParameters: "rport=40404;received=203.0.113.7");
        Assert.Single(bench.Requests);
        Assert.Equal(IpEndpoint.V4(0xCB007107, 40404), bench.Info.PublicAddress);
    }

    // ---- Links ----------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_new_address_is_registered_within_seconds_and_the_old_one_removed()
    {
        var bench = AccountBench.Registered();
        bench.Pass(100);
        bench.Routes.Local = IpEndpoint.V4(0xC0000255, 0);
        bench.ChangeNetwork();
        long changed = bench.NowMs;
        Assert.True(bench.PassUntilRequest(5));
        Assert.InRange(bench.NowMs - changed, 0, 2000);
        Assert.Equal(
            ["Contact: <sip:door@192.0.2.1:5060>;expires=0", "Contact: <sip:door@192.0.2.85:5060>"], AccountBench.ContactsOf(bench.LastRequest).Order());
        bench.Accept();
        bench.PassUntilRequest(600);
        Assert.Single(AccountBench.ContactsOf(bench.LastRequest));
    }

    [Fact]
    public void A_link_that_goes_is_told_and_one_that_comes_back_registers()
    {
        var bench = AccountBench.Registered();
        bench.Routes.Local = null;
        bench.ChangeNetwork();
        bench.ChangeNetwork();
        Assert.Equal(RegistrationEventKind.Offline, bench.Last.Kind);
        Assert.Equal(RegistrationState.Offline, bench.Info.State);
        Assert.Single(bench.Events, told => told.Kind == RegistrationEventKind.Offline);
        bench.Pass(30);
        bench.Routes.Local = AccountBench.Ours.WithPort(0);
        bench.ChangeNetwork();
        Assert.True(bench.PassUntilRequest(2));
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
    }

    [Fact]
    public void A_request_that_waits_for_an_answer_on_a_dead_link_is_begun_anew()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Pass(1);
        string first = bench.LastRequest;
        bench.Routes.Local = IpEndpoint.V4(0xC0000255, 0);
        bench.ChangeNetwork();
        Assert.True(bench.PassUntilRequest(2));
        Assert.Equal(2, AccountBench.SequenceOf(bench.LastRequest));
        // The answer to the first, should it come after all, means nothing any more.
        bench.Receive(SipEmbedded.Tests.Transactions.Element.Answer(first, 403), bench.Requests[0].Flow);
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        Assert.Single(bench.Events);
    }

    [Fact]
    public void Failures_are_forgotten_when_a_link_comes_back()
    {
        var bench = new AccountBench();
        bench.Register();
        for (int i = 0; i < 4; i++)
        {
            bench.Answer(500);
            bench.PassUntilRequest(300);
        }
        bench.Answer(500);
        bench.Pass(1);
        Assert.True(bench.Info.Next > TimeSpan.FromSeconds(100));
        bench.ChangeNetwork();
        Assert.True(bench.PassUntilRequest(2));
    }

    [Fact]
    public void A_network_that_announces_itself_again_and_again_does_not_keep_us_registering()
    {
        var bench = AccountBench.Registered();
        bench.Pass(120);
        for (int i = 0; i < 60; i++)
        {
            bench.ChangeNetwork();
            if (bench.PassUntilRequest(1))
                bench.Accept();
        }
        Assert.InRange(bench.Requests.Count, 2, 3);
    }

    [Fact]
    public void Another_port_of_a_bound_address_is_no_move()
    {
        var bench = new AccountBench();
        bench.Accounts.SetTransport(bench.Account, new Flow(Protocol.Udp, IpEndpoint.V4(0xC0000242, 5060), default));
        bench.Register();
        bench.Accept();
        bench.ChangeNetwork();
        bench.Pass(5);
        Assert.All(bench.Requests, request => Assert.Single(AccountBench.ContactsOf(request.Text)));
    }

    [Fact]
    public void Requests_of_an_account_go_the_way_of_its_registration()
    {
        var bench = AccountBench.Registered(
            () => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, Route = "<sip:192.0.2.20:5070;lr>"u8 },
            extra: "Service-Route: <sip:home.example.com;lr>\r\n");
        Assert.True(bench.Accounts.TryGetFlow(bench.Account, out var flow));
        Assert.Equal(IpEndpoint.V4(0xC0000214, 5070), flow.Remote);
        Assert.Equal(flow.Remote, bench.Requests[^1].Flow.Remote);
        var request = bench.Agent.BeginRequest();
        request.StartRequest(SipEmbedded.Messages.Method.Options, "sip:someone@example.com"u8);
        bench.Accounts.WriteRoutes(bench.Account, ref request);
        Assert.EndsWith("Route: <sip:192.0.2.20:5070;lr>\r\nRoute: <sip:home.example.com;lr>\r\n", System.Text.Encoding.ASCII.GetString(request.Written));
    }
}
