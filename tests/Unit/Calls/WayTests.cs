// Where requests inside a call go when the next hop is a name (RFC 3261 §12.2.1.1, RFC 3263 §4, RFC 5626 §4.3).
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Tests.Registration;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class WayTests
{
    private const string Name = "bob.example.com";

    private static IpEndpoint Address(byte last) => IpEndpoint.V4(0xC0000200u | last, 5060);

    // Bob says that he is found by a name. The name server of alice's never answers; what is known stands in her hosts file.
    private static CallBench Named(string hosts, string contact = $"sip:bob@{Name}", int resolutions = 8)
    {
        var bench = new CallBench(resolutions: resolutions)
        {
            Alters = (what, text) => what.StartsWith("bob", StringComparison.Ordinal) ? text.Replace("Contact: <sip:192.0.2.2:5060>", $"Contact: <{contact}>") : text,
        };
        bench.Alice.Agent.HandleResolverConfiguration(bench.Now, "nameserver 192.0.2.53"u8);
        Know(bench, hosts);
        return bench;
    }

    private static void Know(CallBench bench, string hosts)
    {
        bench.Alice.Agent.HandleHosts(bench.Now, Encoding.ASCII.GetBytes(hosts));
        bench.Settle();
    }

    private static void Answered(CallBench bench)
    {
        bench.Place();
        bench.Answer(200);
        Assert.Equal(CallState.Confirmed, bench.Alice.State(bench.Now));
    }

    private static string[] OfAlice(CallBench bench) =>
        [.. bench.Ladder.Where(what => what.StartsWith("alice", StringComparison.Ordinal)).Select(what => what.Split(' ')[1])];

    private static IpEndpoint WayOf(CallBench bench, string what) => bench.Journal.Last(sent => sent.From == bench.Alice.Own && sent.What == what).To;

    [Fact]
    public void A_name_that_is_known_is_gone_to_at_once()
    {
        var bench = Named($"192.0.2.9 {Name}\n");
        Answered(bench);
        Assert.Equal(Address(9), WayOf(bench, "ACK"));
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Settle();
        Assert.Equal(Address(9), WayOf(bench, "BYE"));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_route_that_is_a_name_is_looked_for_and_the_target_is_not()
    {
        var bench = Named("192.0.2.9 proxy.example.com\n", contact: "sip:bob@unknown.invalid");
        bench.Alters += (what, text) => what == "bob 200 sdp" ? text.Replace("CSeq: 1 INVITE\r\n", "CSeq: 1 INVITE\r\nRecord-Route: <sip:proxy.example.com:5070;lr>\r\n") : text;
        Answered(bench);
        Assert.Equal(Address(9).WithPort(5070), WayOf(bench, "ACK"));
        Assert.Contains("Route: <sip:proxy.example.com:5070;lr>\r\n", bench.LastOf("alice", "ACK"));
    }

    [Fact]
    public void What_is_sent_while_the_name_is_looked_for_goes_out_in_its_order()
    {
        var bench = Named("");
        Answered(bench);
        Assert.Equal(CallResult.Done, bench.Alice.Calls.Reinvite(bench.Now, bench.Alice.Call));
        Assert.Equal(CallResult.Done, bench.Alice.Calls.SendText(bench.Now, bench.Alice.Call, "hello"u8));
        Assert.Equal(CallResult.Done, bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call));
        bench.Pass(1);
        Assert.Equal(["INVITE"], OfAlice(bench));
        Know(bench, $"192.0.2.9 {Name}\n");
        Assert.Equal(["INVITE", "ACK", "INVITE", "MESSAGE", "BYE"], OfAlice(bench));
        Assert.Equal(
            ["CSeq: 1 INVITE", "CSeq: 1 ACK", "CSeq: 2 INVITE", "CSeq: 3 MESSAGE", "CSeq: 4 BYE"],
            bench.Messages.Where(sent => sent.From == "alice").Select(sent => sent.Text.Split("\r\n").First(line => line.StartsWith("CSeq", StringComparison.Ordinal))));
        Assert.All(bench.Journal.Where(sent => sent.From == bench.Alice.Own).Skip(1), sent => Assert.Equal(Address(9), sent.To));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_held_request_has_its_whole_time_once_it_is_out()
    {
        var bench = Named("");
        Answered(bench);
        bench.Loses = (what, _) => what == "alice MESSAGE";
        bench.Alice.Calls.SendText(bench.Now, bench.Alice.Call, "hello"u8);
        bench.Pass(3);
        Know(bench, $"192.0.2.2 {Name}\n");
        bench.Pass(40);
        Assert.Equal([3000, 3500], bench.Journal.Where(sent => sent.What == "MESSAGE").Take(2).Select(sent => sent.Ms));
        // 64*T1 after it went out: nobody is there (RFC 5057).
        Assert.Equal(35_000, bench.Journal.First(sent => sent.What == "BYE").Ms);
    }

    [Fact]
    public void A_name_that_leads_nowhere_is_a_transport_failure()
    {
        var bench = Named("");
        Answered(bench);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        // NAPTR, SRV and A, each until the name server has been silent for long enough.
        while (bench.Alice.Last.Kind != CallEventKind.Ended && bench.NowMs < 20_000)
            bench.Pass(0.1);
        Assert.Equal(["INVITE"], OfAlice(bench));
        Assert.Equal((CallEventKind.Ended, CallEnd.ByUs, (ushort)503), (bench.Alice.Last.Kind, bench.Alice.Last.End, bench.Alice.Last.Status));
        Assert.True(bench.Alice.Agent.Use.Resolutions == 0, "what was looked for is given back");
    }

    [Fact]
    public void A_server_that_the_peer_was_heard_from_is_kept_to()
    {
        var bench = Named($"192.0.2.9 {Name}\n192.0.2.2 {Name}\n");
        Answered(bench);
        Assert.Equal(Address(2), WayOf(bench, "ACK"));
    }

    [Fact]
    public void A_server_that_does_not_answer_is_followed_by_the_next()
    {
        var bench = Named($"192.0.2.8 {Name}\n192.0.2.9 {Name}\n");
        Answered(bench);
        bench.Alice.Calls.SendText(bench.Now, bench.Alice.Call, "hello"u8);
        bench.Pass(33);
        Assert.Equal((Address(8), Address(9)), (WayOf(bench, "MESSAGE"), WayOf(bench, "BYE")));
    }

    [Fact]
    public void A_target_that_moves_to_another_name_is_looked_for_there()
    {
        var bench = Named($"192.0.2.9 {Name}\n192.0.2.2 home.example.com\n", contact: "sip:bob@home.example.com");
        Answered(bench);
        bench.Alters = (what, text) => what == "bob UPDATE" ? text.Replace("Contact: <sip:192.0.2.2:5060>", $"Contact: <sip:bob@{Name}>") : text;
        bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: false);
        bench.Pass(0);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Settle();
        Assert.Equal((Address(2), Address(9)), (WayOf(bench, "ACK"), WayOf(bench, "BYE")));
    }

    [Fact]
    public void A_peer_that_wants_its_own_flow_is_answered_on_it()
    {
        var bench = Named("", contact: $"sip:bob@{Name};ob");
        Answered(bench);
        Assert.Equal(Address(2), WayOf(bench, "ACK"));
    }

    [Fact]
    public void Without_room_to_look_for_it_a_request_finds_no_room()
    {
        var bench = Named("", resolutions: 0);
        Answered(bench);
        Assert.Equal(CallResult.Full, bench.Alice.Calls.SendText(bench.Now, bench.Alice.Call, "hello"u8));
        Assert.Equal(CallResult.Done, bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call));
        bench.Pass(0.1);
        Assert.Equal((CallEventKind.Ended, (ushort)503), (bench.Alice.Last.Kind, bench.Alice.Last.Status));
        Assert.True(bench.Alice.Calls.Counters.NoRoom >= 3);
        Assert.Equal(["INVITE"], OfAlice(bench));
    }

    // ---- Streams --------------------------------------------------------------------------------------------------------------------

    private static (AccountBench Bench, Flow Flow) CalledOverTcp(string extra, string hosts)
    {
        var bench = new AccountBench(
            () => new()
            {
                AddressOfRecord = "sip:door@example.com"u8, Server = "sip:192.0.2.2;transport=tcp"u8, Instance = "urn:uuid:00000000-0000-1000-8000-000A95A0E128"u8,
            },
            calls: new());
        bench.Register();
        bench.Connect();
        bench.Accept(extra);
        Assert.True(bench.Accounts.TryGetFlow(bench.Account, out var flow));
        bench.Agent.HandleResolverConfiguration(bench.Now, "nameserver 192.0.2.53"u8);
        bench.Agent.HandleHosts(bench.Now, Encoding.ASCII.GetBytes(hosts));
        bench.Receive(
            Element.Request(
                "INVITE", branch: "z9hG4bKin", uri: "sip:door@example.com", transport: "TCP",
                extra: "Contact: <sip:peer@peer.invalid>\r\nRecord-Route: <sip:edge.example.com:5070;transport=tcp;lr>\r\n"),
            flow);
        var call = bench.Others[^1].Call.Call;
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Answer(bench.Now, call, 180));
        Assert.Equal(CallResult.Done, bench.Agent.Calls!.Update(bench.Now, call, withMedia: false));
        bench.Drain();
        return (bench, flow);
    }

    [Theory]
    [InlineData("Require: outbound\r\n", "")]
    [InlineData("", "192.0.2.2 edge.example.com\n")]
    public void A_connection_that_lives_and_leads_to_the_peer_is_kept(string extra, string hosts)
    {
        var (bench, flow) = CalledOverTcp(extra, hosts);
        Assert.StartsWith("UPDATE sip:peer@peer.invalid SIP/2.0\r\nVia: SIP/2.0/TCP", bench.LastRequest);
        Assert.Equal(flow, bench.Requests[^1].Flow);
    }

    [Fact]
    public void A_connection_that_leads_elsewhere_is_not()
    {
        var (bench, _) = CalledOverTcp("", "192.0.2.9 edge.example.com\n");
        Assert.Equal(Address(9).WithPort(5070), bench.Requests[^1].Flow.Remote);
    }
}
