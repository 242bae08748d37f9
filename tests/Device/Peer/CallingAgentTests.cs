using SipEmbedded.Memory;
using SipEmbedded.Peer;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Device.Tests.Peer;

public class CallingAgentTests
{
    private static (CallingAgent Agent, Bench Bench) Make(
        AttemptKind kind = AttemptKind.Call, long count = 1, int concurrency = 4, int holdMs = 1000, int intervalMs = 1000, int limitMs = 10_000)
    {
        var gate = new StartGate();
        var agent = new CallingAgent(gate, new()
        {
            Uri = "sip:peer@192.0.2.2"u8.ToArray(),
            Flow = Bench.Udp,
            Kind = kind,
            Count = count,
            Concurrency = concurrency,
            HoldTime = TimeSpan.FromMilliseconds(holdMs),
            Interval = TimeSpan.FromMilliseconds(intervalMs),
            AnswerLimit = TimeSpan.FromMilliseconds(limitMs),
            Agent = CallingOptions.AgentFor(Bench.Points, concurrency, 1),
        }, new Bench.CountingEntropy());
        gate.Close();
        var bench = new Bench(agent);
        agent.Start(bench.Now);
        bench.Until(0);
        return (agent, bench);
    }

    private static AttemptResult ResultOf(CallingAgent agent)
    {
        Assert.True(agent.PollResult(out var result));
        return result;
    }

    [Fact]
    public void An_OPTIONS_is_asked_and_its_time_taken()
    {
        var (agent, bench) = Make(AttemptKind.Options);
        string request = bench.Next();
        bench.Until(20);
        bench.Receive(Bench.Answer(request, 200));

        Assert.Equal("OPTIONS sip:peer@192.0.2.2 SIP/2.0", Bench.StartLine(request));
        Assert.Equal("<sip:probe@192.0.2.1:5060>", Bench.Value(request, "Contact"));
        var result = ResultOf(agent);
        Assert.Equal((1L, AttemptOutcome.Succeeded, 200), (result.Number, result.Outcome, (int)result.Status));
        Assert.Equal(20, result.ResponseTime.TotalMilliseconds);
        Assert.True(agent.IsDone);
        bench.Until(100_000);
        Assert.True(agent.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_call_follows_the_route_and_the_target_of_its_answer()
    {
        var (agent, bench) = Make();
        string invite = bench.Next();
        string extra = "Contact: <sip:desk@192.0.2.7:5062>\r\nRecord-Route: <sip:192.0.2.8;lr>, <sip:192.0.2.9:5070;lr>\r\n";
        bench.Receive(Bench.Accept(invite, extra: extra));

        string ack = bench.Next();
        Assert.Equal("ACK sip:desk@192.0.2.7:5062 SIP/2.0", Bench.StartLine(ack));
        Assert.Equal("<sip:192.0.2.9:5070;lr>, <sip:192.0.2.8;lr>", Bench.Value(ack, "Route"));
        Assert.Equal(("1 ACK", Bench.Value(invite, "From")), (Bench.Value(ack, "CSeq"), Bench.Value(ack, "From")));
        Assert.NotEqual(Bench.Value(invite, "Via"), Bench.Value(ack, "Via"));
        Assert.Equal(IpEndpoint.V4(0xC0000209, 5070), bench.Last.Flow.Remote);
        bench.Until(999);
        Assert.True(bench.IsSilent);
        bench.Until(1000);
        string bye = bench.Next();
        Assert.Equal(("BYE sip:desk@192.0.2.7:5062 SIP/2.0", "2 BYE"), (Bench.StartLine(bye), Bench.Value(bye, "CSeq")));
        bench.Receive(Bench.Answer(bye, 200));
        Assert.Equal(AttemptOutcome.Succeeded, ResultOf(agent).Outcome);
        bench.Until(100_000);
        Assert.True(agent.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_200_that_comes_again_is_acknowledged_again_even_when_the_call_is_over()
    {
        var (agent, bench) = Make(holdMs: 100);
        string invite = bench.Next();
        string answer = Bench.Accept(invite);
        bench.Receive(answer);
        bench.Next();
        bench.Receive(answer);
        Assert.StartsWith("ACK ", bench.Next());
        bench.Until(100);
        bench.Receive(Bench.Answer(bench.Next(), 200));
        Assert.True(agent.IsDone);

        bench.Receive(answer);

        Assert.StartsWith("ACK ", bench.Next());
        Assert.True(bench.IsSilent);
        Assert.Equal(0, agent.Agent.Calls!.Counters.SurplusAnswers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_second_callee_is_acknowledged_and_ended(bool isLate)
    {
        var (agent, bench) = Make(holdMs: 100);
        string invite = bench.Next();
        bench.Receive(Bench.Accept(invite));
        bench.Next();
        if (isLate)
        {
            bench.Until(100);
            bench.Receive(Bench.Answer(bench.Next(), 200));
        }

        bench.Receive(Bench.Answer(invite, 200, tag: "second", extra: "Contact: <sip:second@192.0.2.5>\r\n"));

        Assert.Equal("ACK sip:second@192.0.2.5 SIP/2.0", Bench.StartLine(bench.Next()));
        string bye = bench.Next();
        Assert.Equal("BYE sip:second@192.0.2.5 SIP/2.0", Bench.StartLine(bye));
        Assert.EndsWith(";tag=second", Bench.Value(bye, "To"));
        Assert.Equal(1, agent.Agent.Calls!.Counters.SurplusAnswers);
    }

    [Fact]
    public void A_call_that_is_not_answered_in_time_is_cancelled()
    {
        var (agent, bench) = Make(limitMs: 3000);
        string invite = bench.Next();
        bench.Receive(Bench.Answer(invite, 180));
        bench.Until(3000);
        string cancel = bench.Next();
        Assert.StartsWith("CANCEL ", cancel);
        bench.Receive(Bench.Answer(cancel, 200));
        bench.Receive(Bench.Answer(invite, 487));

        Assert.StartsWith("ACK ", bench.Next());
        var result = ResultOf(agent);
        Assert.Equal((AttemptOutcome.Cancelled, 487), (result.Outcome, (int)result.Status));
    }

    [Fact]
    public void A_call_that_is_answered_while_it_is_cancelled_is_ended()
    {
        var (agent, bench) = Make(limitMs: 3000);
        string invite = bench.Next();
        bench.Receive(Bench.Answer(invite, 180));
        bench.Until(3000);
        bench.Next();
        bench.Receive(Bench.Accept(invite));
        Assert.StartsWith("ACK ", bench.Next());
        bench.Until(3001);
        bench.Receive(Bench.Answer(bench.Next(), 200));

        var result = ResultOf(agent);
        Assert.Equal((AttemptOutcome.Cancelled, 0), (result.Outcome, (int)result.Status));
    }

    [Fact]
    public void A_call_whose_answer_has_no_media_is_ended_and_told()
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Answer(bench.Next(), 200, extra: Bench.Contact));
        Assert.StartsWith("ACK ", bench.Next());
        bench.Receive(Bench.Answer(bench.Next(), 200));

        var result = ResultOf(agent);
        Assert.Equal((AttemptOutcome.BadAnswer, 200), (result.Outcome, (int)result.Status));
    }

    [Theory]
    [InlineData(481, AttemptOutcome.ByeRefused)]
    [InlineData(0, AttemptOutcome.TimedOut)]
    public void A_call_whose_end_went_wrong_says_so(int status, AttemptOutcome outcome)
    {
        var (agent, bench) = Make(holdMs: 0);
        bench.Receive(Bench.Accept(bench.Next()));
        bench.Next();
        bench.Until(1);
        string bye = bench.Next();
        Assert.StartsWith("BYE ", bye);
        if (status > 0)
            bench.Receive(Bench.Answer(bye, status));
        bench.Until(40_000);

        var result = ResultOf(agent);
        Assert.Equal((outcome, 200), (result.Outcome, (int)result.Status));
    }

    [Fact]
    public void A_callee_that_wants_a_session_timer_has_it_refreshed()
    {
        var (agent, bench) = Make(holdMs: 200_000);
        string invite = bench.Next();
        Assert.Contains("timer", Bench.Value(invite, "Supported"));
        Assert.Equal(["m=audio 9 RTP/AVP 0 8"], Bench.SdpLines(invite, 'm'));
        bench.Receive(Bench.Accept(invite, extra: Bench.Contact + "Allow: INVITE, UPDATE\r\nRequire: timer\r\nSession-Expires: 90;refresher=uac\r\n"));
        bench.Next();
        bench.Until(45_000);

        string refresh = bench.Next();
        Assert.Equal(("UPDATE sip:peer@192.0.2.2:5070 SIP/2.0", "90;refresher=uac"), (Bench.StartLine(refresh), Bench.Value(refresh, "Session-Expires")));
        // Nobody answers it.
        bench.Until(100_000);
        while (!bench.IsSilent)
            bench.Receive(Bench.Answer(bench.Next(), 481));
        Assert.Equal(AttemptOutcome.Lost, ResultOf(agent).Outcome);
        Assert.Equal(1, agent.Counters.Lost);
    }

    [Fact]
    public void Whoever_calls_a_caller_finds_nobody()
    {
        var (_, bench) = Make(AttemptKind.Options);
        bench.Next();
        bench.Receive(Bench.Request("INVITE", "invite", extra: Bench.Contact, body: Bench.Media));

        Assert.Equal("SIP/2.0 480 Temporarily Unavailable", Bench.StartLine(bench.Next()));
    }

    [Fact]
    public void A_callee_may_hang_up()
    {
        var (agent, bench) = Make(holdMs: 60_000);
        string invite = bench.Next();
        bench.Receive(Bench.Accept(invite));
        bench.Next();
        string bye = $"BYE sip:probe@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKbye\r\nMax-Forwards: 70\r\n"
            + $"From: {Bench.Value(invite, "To")};tag=theirs\r\nTo: {Bench.Value(invite, "From")}\r\nCall-ID: {Bench.Value(invite, "Call-ID")}\r\n"
            + "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n";
        bench.Receive(bye.Replace("tag=theirs", "tag=others").Replace("z9hG4bKbye", "z9hG4bKother"));
        Assert.Equal("SIP/2.0 481 Call/Transaction Does Not Exist", Bench.StartLine(bench.Next()));

        bench.Receive(bye);

        Assert.Equal("SIP/2.0 200 OK", Bench.StartLine(bench.Next()));
        Assert.Equal(AttemptOutcome.Succeeded, ResultOf(agent).Outcome);
        Assert.Equal(1, agent.Counters.EndedByPeer);
    }

    [Theory]
    [InlineData(404, AttemptOutcome.Refused)]
    [InlineData(200, AttemptOutcome.BadAnswer)]
    public void A_call_that_cannot_be_says_why(int status, AttemptOutcome outcome)
    {
        var (agent, bench) = Make();
        bench.Receive(Bench.Answer(bench.Next(), status));

        var result = ResultOf(agent);
        Assert.Equal((outcome, status), (result.Outcome, (int)result.Status));
    }

    [Fact]
    public void Nobody_there_is_told_as_it_is_known()
    {
        var (agent, bench) = Make(count: 2, intervalMs: 1);
        bench.Until(1);
        agent.HandleUndelivered(bench.Now, Bench.Udp, TransportFault.Refused);
        bench.Until(10);

        var result = ResultOf(agent);
        Assert.Equal((AttemptOutcome.Undelivered, TransportFault.Refused), (result.Outcome, result.Fault));
        Assert.Equal(2, agent.Counters.Undelivered);
    }

    [Fact]
    public void An_answer_that_never_comes_is_waited_for_no_longer_than_the_RFC_says()
    {
        var (agent, bench) = Make(AttemptKind.Options);
        bench.Until(31_999);
        Assert.False(agent.IsDone);
        bench.Until(32_000);

        Assert.Equal(AttemptOutcome.TimedOut, ResultOf(agent).Outcome);
    }

    [Fact]
    public void The_pace_is_kept_and_what_is_too_many_waits()
    {
        var (agent, bench) = Make(AttemptKind.Options, count: 4, concurrency: 2, intervalMs: 100);
        string first = bench.Next();
        bench.Until(99);
        Assert.True(bench.IsSilent);
        bench.Until(100);
        bench.Next();
        bench.Until(300);
        Assert.True(bench.IsSilent);
        Assert.Equal((2, 1), (agent.AttemptCount, agent.Counters.Delayed));
        bench.Receive(Bench.Answer(first, 200));
        bench.Until(301);

        Assert.StartsWith("OPTIONS ", bench.Next());
        Assert.Equal(3, agent.Counters.Begun);
    }

    [Fact]
    public void At_the_end_calls_are_ended_each_as_it_may_be()
    {
        var (agent, bench) = Make(count: 0, holdMs: 60_000, intervalMs: 100);
        string established = bench.Next();
        bench.Receive(Bench.Accept(established));
        bench.Next();
        bench.Until(100);
        string ringing = bench.Next();
        bench.Receive(Bench.Answer(ringing, 180));

        agent.Stop(bench.Now);
        bench.Until(101);

        string bye = bench.Next(), cancel = bench.Next();
        Assert.StartsWith("BYE ", bye);
        Assert.StartsWith("CANCEL ", cancel);
        bench.Receive(Bench.Answer(bye, 200));
        bench.Receive(Bench.Answer(cancel, 200));
        bench.Receive(Bench.Answer(ringing, 487));
        Assert.True(agent.IsDone);
        bench.Until(10_000);
        Assert.Equal(2, agent.Counters.Begun);
    }
}
