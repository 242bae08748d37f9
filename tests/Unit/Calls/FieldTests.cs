// What calls with other people's programs taught: each test is a flow that went wrong once.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class FieldTests
{
    [Fact]
    public void A_call_to_a_number_for_a_host_goes_out_without_anything_else_having_to_happen()
    {
        var gate = new StartGate();
        var own = CallBench.AlicesAddress;
        var options = new SipAgentOptions { Calls = new(), Resolver = new(), Transport = new() { ListeningPoints = [new(Protocol.Udp, own)] } };
        var agent = new SipAgent(gate, options, new Element.CountingEntropy(), new OneAddress(own));
        gate.Close();
        var now = Instant.FromMilliseconds(0);
        Assert.Equal(CallResult.Done, agent.Calls!.Place(now, new() { Target = "sip:bob@192.0.2.2"u8, From = "sip:alice@192.0.2.1"u8, IsOfferless = true }, out _));
        byte[] buffer = new byte[65535];
        while (agent.PollTimeout() <= now)
            agent.HandleTimeout(now);
        Assert.True(agent.PollTransmit(buffer, out var transmit));
        Assert.StartsWith("INVITE sip:bob@192.0.2.2 ", Encoding.ASCII.GetString(buffer, 0, transmit.Length));
    }

    private sealed class OneAddress(IpEndpoint own) : ILocalAddresses
    {
        public bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local)
        {
            local = own;
            return true;
        }
    }

    [Fact]
    public void A_caller_who_said_how_long_it_waits_is_told_that_the_time_is_over()
    {
        var bench = new CallBench();
        // Without its own cancelling, as one that has lost its way.
        bench.Loses = (what, _) => what == "alice CANCEL";
        bench.Place(expires: 20);
        bench.Answer(180);
        bench.Pass(21);
        Assert.Equal("bob 487", bench.Ladder.Last(what => what.StartsWith("bob ", StringComparison.Ordinal)));
        Assert.Equal((CallEnd.Unanswered, (ushort)487), (bench.Bob.Last.End, bench.Bob.Last.Status));
        bench.AssertEmpty();
    }

    [Fact]
    public void Early_media_whose_offer_is_answered_by_PRACK_are_told_of()
    {
        var bench = new CallBench();
        bench.Place(isOfferless: true);
        bench.Answer(183, withMedia: true);
        Assert.Contains("alice PRACK sdp", bench.Ladder);
        var progress = bench.Alice.Events.Single(told => told.Kind == CallEventKind.Progress);
        Assert.Equal(((ushort)183, true), (progress.Status, progress.HasMedia));
        bench.Answer(200);
        bench.AssertConfirmed();
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        bench.AssertEmpty();
    }

    [Fact]
    public void Proxies_that_stay_on_the_way_are_told_to_the_caller()
    {
        const string Proxies = "Record-Route: <sip:192.0.2.31;lr>\r\nRecord-Route: <sip:192.0.2.30;lr>\r\n";
        var bench = new CallBench { Alters = (what, text) => what == "alice INVITE sdp" ? text.Replace("Max-Forwards", Proxies + "Max-Forwards") : text };
        bench.Place();
        bench.Answer(180);
        bench.Answer(200);
        Assert.Contains(Proxies, bench.LastOf("bob", "SIP/2.0 180"));
        Assert.Contains(Proxies, bench.LastOf("bob", "SIP/2.0 200"));
        // The nearest to the caller is the last that was written (RFC 3261 §12.1.2).
        Assert.Contains("\r\nRoute: <sip:192.0.2.30;lr>, <sip:192.0.2.31;lr>\r\n", bench.LastOf("alice", "ACK"));
    }

    [Fact]
    public void A_redirection_says_where_to()
    {
        var bench = new CallBench(alice: new() { FollowsRedirects = false });
        bench.Place();
        Assert.Equal(CallResult.Malformed, bench.Bob.Calls.Answer(bench.Now, bench.Bob.Call, 486, default, "Contact: <sip:carol@192.0.2.3>\r\n"u8));
        bench.Answer(302, headers: "Contact: <sip:carol@192.0.2.3>\r\n");
        Assert.Contains("\r\nContact: <sip:carol@192.0.2.3>\r\n", bench.LastOf("bob", "SIP/2.0 302"));
        Assert.Equal((CallEnd.Refused, (ushort)302), (bench.Alice.Last.End, bench.Alice.Last.Status));
        bench.AssertEmpty();
    }
}
