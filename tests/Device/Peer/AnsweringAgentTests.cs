using SipEmbedded.Memory;
using SipEmbedded.Peer;
using Xunit;

namespace SipEmbedded.Device.Tests.Peer;

public class AnsweringAgentTests
{
    private const string Offer = "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
        + "m=audio 4000 RTP/AVP 96 8 0\r\nm=video 4002 RTP/AVP 31\r\n";

    private static (AnsweringAgent Agent, Bench Bench) Make(int calls = 4, int ringMs = 0, TimeSpan? longest = null)
    {
        var gate = new StartGate();
        var agent = new AnsweringAgent(gate, new()
        {
            RingTime = TimeSpan.FromMilliseconds(ringMs),
            LongestCall = longest ?? TimeSpan.FromHours(1),
            Agent = AnsweringOptions.AgentFor(Bench.Points, calls, 1, 4),
        }, new Bench.CountingEntropy());
        gate.Close();
        return (agent, new(agent));
    }

    /// <summary>A call up to its ACK; gives To with our tag.</summary>
    private static string Call(Bench bench, string extra = Bench.Contact)
    {
        bench.Receive(Bench.Request("INVITE", "invite", extra: extra, body: Offer));
        Assert.Equal("SIP/2.0 180 Ringing", Bench.StartLine(bench.Next()));
        string answer = bench.Next();
        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(answer));
        string to = Bench.Value(answer, "To");
        bench.Receive(Bench.Request("ACK", "ack", to));
        return to;
    }

    [Fact]
    public void A_call_is_rung_answered_and_ended_and_leaves_nothing()
    {
        var (agent, bench) = Make();

        bench.Receive(Bench.Request("BYE", "bye", Call(bench), cseq: 2));

        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(bench.Next()));
        bench.Until(100_000);
        Assert.True(bench.IsSilent);
        Assert.True(agent.Agent.Use.IsEmpty);
        Assert.Equal((1, 1, 1, 1), (agent.Counters.CallsBegun, agent.Counters.CallsAnswered, agent.Counters.CallsConfirmed, agent.Counters.CallsEnded));
        Assert.Equal(0, agent.CallCount);
    }

    [Fact]
    public void An_answer_takes_one_audio_stream_as_inactive_and_refuses_the_rest()
    {
        var (_, bench) = Make();
        const string Routes = "Record-Route: <sip:192.0.2.9;lr>\r\nRecord-Route: <sip:192.0.2.8;lr>\r\n";
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact + Routes, body: Offer));
        bench.Next();

        string answer = bench.Next();

        Assert.Equal(["m=audio 9 RTP/AVP 8 0", "m=video 0 RTP/AVP 31"], Bench.SdpLines(answer, 'm'));
        Assert.Equal(["a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=inactive"], Bench.SdpLines(answer, 'a'));
        Assert.Equal(["c=IN IP4 192.0.2.1"], Bench.SdpLines(answer, 'c'));
        Assert.Contains("\r\nRecord-Route: <sip:192.0.2.9;lr>\r\nRecord-Route: <sip:192.0.2.8;lr>\r\nContact: <sip:192.0.2.1:5060>\r\n", answer);
    }

    [Fact]
    public void An_INVITE_without_an_offer_gets_one()
    {
        var (_, bench) = Make();
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact));
        bench.Next();

        Assert.Equal(["m=audio 9 RTP/AVP 0 8"], Bench.SdpLines(bench.Next(), 'm'));
    }

    [Fact]
    public void A_call_that_rings_is_answered_in_its_time_from_what_its_INVITE_said()
    {
        var (_, bench) = Make(ringMs: 3000);
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact, body: Offer));
        Assert.Equal("SIP/2.0 180 Ringing", Bench.StartLine(bench.Next()));
        // Another request in between, so that what is answered is not the message that was last.
        bench.Receive(Bench.Request("OPTIONS", "options").Replace("call1", "call2"));
        bench.Next();
        bench.Until(2999);
        Assert.True(bench.IsSilent);
        bench.Until(3000);

        string answer = bench.Next();

        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(answer));
        Assert.Equal(["m=audio 9 RTP/AVP 8 0", "m=video 0 RTP/AVP 31"], Bench.SdpLines(answer, 'm'));
    }

    [Fact]
    public void A_call_that_rings_can_be_cancelled()
    {
        var (agent, bench) = Make(ringMs: 3000);
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact));
        bench.Next();
        bench.Receive(Bench.Request("CANCEL", "invite"));

        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(bench.Next()));
        string final = bench.Next();
        Assert.Equal("SIP/2.0 487 Request Terminated", Bench.StartLine(final));
        bench.Receive(Bench.Request("ACK", "invite", Bench.Value(final, "To")));
        bench.Until(100_000);
        Assert.True(bench.IsSilent);
        Assert.True(agent.Agent.Use.IsEmpty);
        Assert.Equal(1, agent.Counters.CallsCancelled);
    }

    [Fact]
    public void A_BYE_while_it_rings_ends_the_INVITE_too()
    {
        var (agent, bench) = Make(ringMs: 3000);
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact));
        bench.Receive(Bench.Request("BYE", "bye", Bench.Value(bench.Next(), "To"), cseq: 2));

        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(bench.Next()));
        Assert.Equal("SIP/2.0 487 Request Terminated", Bench.StartLine(bench.Next()));
        Assert.Equal(0, agent.CallCount);
    }

    [Fact]
    public void A_200_that_nobody_acknowledges_ends_in_a_BYE_along_the_route()
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact + "Record-Route: <sip:192.0.2.2:5080;lr>, <sip:192.0.2.8;lr>\r\n"));
        bench.Next();
        string to = Bench.Value(bench.Next(), "To");
        bench.Until(31_999);
        while (!bench.IsSilent)
            Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(bench.Next()));
        bench.Until(32_000);

        string bye = bench.Next();

        Assert.Equal("BYE sip:peer@192.0.2.2:5070 SIP/2.0", Bench.StartLine(bye));
        Assert.Equal("<sip:192.0.2.2:5080;lr>, <sip:192.0.2.8;lr>", Bench.Value(bye, "Route"));
        Assert.Equal((to, "<sip:peer@192.0.2.2>;tag=theirs"), (Bench.Value(bye, "From"), Bench.Value(bye, "To")));
        Assert.Equal(5080, bench.Last.Flow.Remote.Port);
        bench.Receive(Bench.Answer(bye, 200));
        bench.Until(100_000);
        Assert.Equal((1, 1, 0), (agent.Counters.CallsUnacknowledged, agent.Counters.ByesSent, agent.Counters.ByesUnanswered));
        Assert.True(agent.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_strict_router_gets_its_own_address_and_the_target_behind()
    {
        var (_, bench) = Make(longest: TimeSpan.FromSeconds(10));
        Call(bench, Bench.Contact + "Record-Route: <sip:192.0.2.2:5080>, <sip:192.0.2.8;lr>\r\n");
        bench.Until(10_000);

        string bye = bench.Next();

        Assert.Equal("BYE sip:192.0.2.2:5080 SIP/2.0", Bench.StartLine(bye));
        Assert.Contains("\r\nRoute: <sip:192.0.2.8;lr>\r\nRoute: <sip:peer@192.0.2.2:5070>\r\n", bye);
    }

    [Fact]
    public void The_longest_call_is_ended()
    {
        var (agent, bench) = Make(longest: TimeSpan.FromMinutes(1));
        Call(bench);
        bench.Until(60_000);

        string bye = bench.Next();
        Assert.Equal("BYE sip:peer@192.0.2.2:5070 SIP/2.0", Bench.StartLine(bye));
        bench.Receive(Bench.Answer(bye, 200));
        Assert.Equal((1, 1, 0), (agent.Counters.CallsHungUp, agent.Counters.ByesSent, agent.Counters.ByesUnanswered));
    }

    [Fact]
    public void A_re_INVITE_is_answered_and_may_move_the_peer()
    {
        var (agent, bench) = Make(longest: TimeSpan.FromMinutes(1));
        string to = Call(bench);
        bench.Receive(Bench.Request("INVITE", "again", to, cseq: 2, extra: "Contact: <sip:peer@192.0.2.2:5090?Subject=x>\r\n", body: Offer));

        string answer = bench.Next();
        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(answer));
        // The same offer has the same answer, with the same version (RFC 3264 §8).
        Assert.EndsWith(" 1 IN IP4 192.0.2.1", Bench.SdpLines(answer, 'o')[0]);
        bench.Receive(Bench.Request("ACK", "ack2", to, cseq: 2));
        bench.Until(60_000);

        Assert.Equal("BYE sip:peer@192.0.2.2:5090 SIP/2.0", Bench.StartLine(bench.Next()));
        Assert.Equal((1, 1), (agent.Counters.ReInvites, agent.Counters.CallsBegun));
    }

    [Fact]
    public void A_re_INVITE_before_the_answer_comes_too_early()
    {
        var (_, bench) = Make(ringMs: 3000);
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact));
        bench.Receive(Bench.Request("INVITE", "again", Bench.Value(bench.Next(), "To"), cseq: 2, extra: Bench.Contact));

        string answer = bench.Next();

        Assert.Equal("SIP/2.0 500 Server Internal Error", Bench.StartLine(answer));
        Assert.InRange(int.Parse(Bench.Value(answer, "Retry-After")), 0, 10);
    }

    [Fact]
    public void A_request_out_of_order_is_refused()
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Request("INVITE", "invite", cseq: 7, extra: Bench.Contact));
        bench.Next();
        bench.Receive(Bench.Request("BYE", "bye", Bench.Value(bench.Next(), "To"), cseq: 6));

        Assert.Equal("SIP/2.0 500 Server Internal Error", Bench.StartLine(bench.Next()));
        Assert.Equal((1, 1), (agent.Counters.OutOfOrder, agent.CallCount));
    }

    [Theory]
    [InlineData("BYE", "<sip:door@192.0.2.1>")]
    [InlineData("BYE", "<sip:door@192.0.2.1>;tag=nobody")]
    [InlineData("INVITE", "<sip:door@192.0.2.1>;tag=aaaaaaaaaaaaa")]
    [InlineData("OPTIONS", "<sip:door@192.0.2.1>;tag=aaaaaaaaaaaaa")]
    public void What_belongs_to_no_call_has_none(string method, string to)
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Request(method, "x", to, extra: Bench.Contact));

        Assert.Equal("SIP/2.0 481 Call/Transaction Does Not Exist", Bench.StartLine(bench.Next()));
        Assert.Equal(1, agent.Counters.OutsideCalls);
    }

    [Theory]
    [InlineData("call1", "other")]
    [InlineData("tag=theirs", "tag=others")]
    public void Our_tag_alone_does_not_make_a_call_yours(string from, string to)
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Request("BYE", "bye", Call(bench), cseq: 2).Replace(from, to));

        Assert.Equal("SIP/2.0 481 Call/Transaction Does Not Exist", Bench.StartLine(bench.Next()));
        Assert.Equal(1, agent.CallCount);
    }

    [Theory]
    [InlineData("", "", "SIP/2.0 400 Bad Request")]
    [InlineData(Bench.Contact, "text/plain", "SIP/2.0 415 Unsupported Media Type")]
    [InlineData(Bench.Contact, "application/sdp", "SIP/2.0 488 Not Acceptable Here")]
    [InlineData(Bench.Contact + "Record-Route: <sip:\r\n", "", "SIP/2.0 400 Bad Request")]
    public void A_call_that_cannot_be_is_refused_and_takes_nothing(string extra, string type, string answer)
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Request("INVITE", "invite", extra: extra, body: type.Length == 0 ? "" : "hello", type: type));

        Assert.Equal(answer, Bench.StartLine(bench.Next()));
        Assert.Equal((1, 0), (agent.Counters.InvitesRefused, agent.CallCount));
    }

    [Fact]
    public void An_offer_of_nothing_that_we_have_is_refused_with_the_cause()
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact, body: Offer.Replace("96 8 0", "96", StringComparison.Ordinal)));

        string answer = bench.Next();
        Assert.Equal("SIP/2.0 488 Not Acceptable Here", Bench.StartLine(answer));
        Assert.StartsWith("305 ", Bench.Value(answer, "Warning"));
        Assert.Equal((1, 0), (agent.Counters.InvitesRefused, agent.CallCount));
    }

    [Fact]
    public void A_session_that_its_caller_does_not_refresh_is_ended()
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Request(
            "INVITE", "invite", extra: Bench.Contact + "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n", body: Offer));
        bench.Next();
        string answer = bench.Next();
        Assert.Equal("90;refresher=uac", Bench.Value(answer, "Session-Expires"));
        bench.Receive(Bench.Request("ACK", "ack", Bench.Value(answer, "To")));
        bench.Until(59_000);
        Assert.True(bench.IsSilent);
        bench.Until(60_000);

        string bye = bench.Next();
        Assert.StartsWith("BYE ", bye);
        bench.Receive(Bench.Answer(bye, 200));
        Assert.Equal((1, 1), (agent.Counters.CallsExpired, agent.Counters.ByesSent));
    }

    [Fact]
    public void A_route_longer_than_its_block_is_too_large()
    {
        var (_, bench) = Make();
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact + $"Record-Route: <sip:192.0.2.9;lr;x={new string('x', 2000)}>\r\n"));

        Assert.Equal("SIP/2.0 513 Message Too Large", Bench.StartLine(bench.Next()));
    }

    [Fact]
    public void A_call_too_many_is_busy_and_OPTIONS_says_so_too()
    {
        var (agent, bench) = Make(calls: 1);
        bench.Receive(Bench.Request("OPTIONS", "before").Replace("call1", "call0"));
        string before = bench.Next();
        Call(bench);
        bench.Receive(Bench.Request("INVITE", "second", extra: Bench.Contact).Replace("call1", "call2"));
        bench.Receive(Bench.Request("OPTIONS", "after").Replace("call1", "call3"));

        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(before));
        Assert.Equal("INVITE, BYE, OPTIONS, UPDATE, PRACK, INFO, ACK, CANCEL", Bench.Value(before, "Allow"));
        Assert.Equal(("100rel, timer", "application/sdp, application/dtmf-relay, text/plain"), (Bench.Value(before, "Supported"), Bench.Value(before, "Accept")));
        Assert.Equal("SIP/2.0 486 Busy Here", Bench.StartLine(bench.Next()));
        Assert.Equal("SIP/2.0 486 Busy Here", Bench.StartLine(bench.Next()));
        Assert.Equal(1, agent.Counters.BusyRefusals);
    }

    [Fact]
    public void At_the_end_calls_are_ended_each_as_it_may_be()
    {
        var (agent, bench) = Make(ringMs: 5000);
        bench.Receive(Bench.Request("INVITE", "confirmed", extra: Bench.Contact, body: Offer));
        bench.Next();
        bench.Until(5000);
        string confirmed = Bench.Value(bench.Next(), "To");
        bench.Receive(Bench.Request("ACK", "ack", confirmed));
        bench.Receive(Bench.Request("INVITE", "answered", extra: Bench.Contact, body: Offer).Replace("call1", "call2"));
        bench.Next();
        bench.Until(10_000);
        string answered = Bench.Value(bench.Next(), "To");
        bench.Receive(Bench.Request("INVITE", "ringing", extra: Bench.Contact, body: Offer).Replace("call1", "call3"));
        bench.Next();

        agent.Stop(bench.Now);
        bench.Until(10_001);

        string bye = bench.Next();
        Assert.Equal(confirmed, Bench.Value(bye, "From"));
        Assert.Equal("SIP/2.0 480 Temporarily Unavailable", Bench.StartLine(bench.Next()));
        Assert.True(bench.IsSilent);
        bench.Receive(Bench.Request("INVITE", "late", extra: Bench.Contact, body: Offer).Replace("call1", "call4"));
        Assert.Equal("SIP/2.0 480 Temporarily Unavailable", Bench.StartLine(bench.Next()));
        bench.Receive(Bench.Answer(bye, 200));
        Assert.False(agent.IsDrained);
        // A callee sends no BYE before the ACK (RFC 3261 §15).
        bench.Receive(Bench.Request("ACK", "ack2", answered).Replace("call1", "call2"));
        bye = bench.Next();
        Assert.Equal(answered, Bench.Value(bye, "From"));
        bench.Receive(Bench.Answer(bye, 481));
        bench.Until(10_002);
        Assert.True(agent.IsDrained);
        Assert.Equal(3, agent.Counters.CallsHungUp);
    }
}
