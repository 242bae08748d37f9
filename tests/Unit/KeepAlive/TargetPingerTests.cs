// Targets pinged by OPTIONS (RFC 3261 §11.1): alive by any answer, dead without one, the time it took, and the pauses between.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.KeepAlive;

public sealed class TargetPingerTests
{
    private static bool TryStart(
        Element element, out Handle<PingedTarget> target, Flow? flow = null, int intervalMs = 60_000, string uri = "sip:192.0.2.2", ulong user = 7,
        string from = "<sip:door@192.0.2.1>") =>
        element.Agent.TryStartPing(
            element.Now,
            new()
            {
                Uri = Encoding.ASCII.GetBytes(uri), From = Encoding.ASCII.GetBytes(from), Flow = flow ?? Element.Udp,
                Interval = TimeSpan.FromMilliseconds(intervalMs), User = user,
            },
            out target);

    private static Handle<PingedTarget> Start(Element element, Flow? flow = null, int intervalMs = 60_000)
    {
        Assert.True(TryStart(element, out var target, flow, intervalMs));
        return target;
    }

    // Goes on until something more is sent, and then a while.
    private static void NextPing(Element element, long ms)
    {
        for (int sent = element.Sent.Count; element.Sent.Count == sent;)
            element.Until(element.NowMs + 1);
        element.Until(element.NowMs + ms);
    }

    [Fact]
    public void Any_final_answer_is_a_sign_of_life_and_tells_how_long_it_took()
    {
        var element = new Element();
        var target = Start(element);
        foreach (var (status, ms, smoothed) in new[] { (200, 40, 40.0), (404, 120, 50.0), (503, 50, 50.0) })
        {
            NextPing(element, ms);
            element.Receive(Element.Answer(element.SentTexts[^1], 100));
            element.Receive(Element.Answer(element.SentTexts[^1], status));
            var ping = element.Pings[^1];
            Assert.Equal((target, 7UL, true, (ushort)status, TransportFault.None), (ping.Target, ping.User, ping.IsAlive, ping.Status, ping.Fault));
            Assert.Equal(ms, ping.RoundTrip.TotalMilliseconds);
            Assert.Equal(smoothed, ping.Smoothed.TotalMilliseconds, 0.001);
            Assert.Equal(status == 200, ping.IsNew);
        }
        Assert.Equal(3, element.Pings.Count);
        Assert.Empty(element.Events);
    }

    [Fact]
    public void A_target_that_does_not_answer_is_dead_and_comes_back()
    {
        var element = new Element();
        Start(element);
        NextPing(element, 0);
        element.Until(element.NowMs + 32_000);
        var dead = Assert.Single(element.Pings);
        Assert.Equal((false, true, (ushort)0, TransportFault.TimedOut, TimeSpan.Zero), (dead.IsAlive, dead.IsNew, dead.Status, dead.Fault, dead.RoundTrip));
        NextPing(element, 10);
        element.Agent.HandleUndelivered(element.Now, Element.Udp, TransportFault.Refused);
        element.Until(element.NowMs);
        Assert.Equal((false, false, TransportFault.Refused), (element.Pings[1].IsAlive, element.Pings[1].IsNew, element.Pings[1].Fault));
        NextPing(element, 10);
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        Assert.Equal((true, true, 10.0), (element.Pings[2].IsAlive, element.Pings[2].IsNew, element.Pings[2].RoundTrip.TotalMilliseconds));
    }

    [Fact]
    public void The_first_ping_comes_soon_and_each_wait_is_between_80_and_100_percent()
    {
        var element = new Element();
        Start(element, intervalMs: 10_000);
        var times = new List<long>();
        for (int i = 0; i < 200; i++)
        {
            NextPing(element, 5);
            times.Add(element.NowMs - 5);
            element.Receive(Element.Answer(element.SentTexts[^1], 200));
        }
        Assert.InRange(times[0], 0, 2000);
        var waits = times.Zip(times.Skip(1), (one, next) => next - one).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, 8000, 10_000));
        Assert.True(waits.Distinct().Count() > 100);
        Assert.Equal(200, element.TimesOf("> udp OPTIONS").Length);
    }

    [Fact]
    public void The_next_request_waits_for_the_end_of_the_one_before()
    {
        var element = new Element();
        Start(element, intervalMs: 5000);
        NextPing(element, 0);
        long first = element.NowMs;
        element.Until(first + 32_001);
        string[] calls = [.. element.SentTexts.Select(text => Element.LineOf(text, "Call-ID")).Distinct()];
        Assert.Equal(2, calls.Length);
        Assert.Equal(first + 32_000, element.TimesOf("! ping dead")[0]);
    }

    [Fact]
    public void The_request_is_whole_and_each_is_another()
    {
        var element = new Element();
        Assert.True(TryStart(element, out _, uri: "sip:pbx@192.0.2.2;lr", from: "\"Door\" <sip:door@192.0.2.1>"));
        NextPing(element, 0);
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        NextPing(element, 0);
        string text = element.SentTexts[0];
        Assert.StartsWith("OPTIONS sip:pbx@192.0.2.2;lr SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK", text);
        Assert.Equal("To: <sip:pbx@192.0.2.2;lr>", Element.LineOf(text, "To"));
        Assert.StartsWith("From: \"Door\" <sip:door@192.0.2.1>;tag=", Element.LineOf(text, "From"));
        Assert.Equal("CSeq: 1 OPTIONS", Element.LineOf(text, "CSeq"));
        Assert.Equal("Accept: application/sdp", Element.LineOf(text, "Accept"));
        Assert.EndsWith("Content-Length: 0\r\n\r\n", text);
        foreach (string name in new[] { "Call-ID", "From", "Via" })
            Assert.NotEqual(Element.LineOf(text, name), Element.LineOf(element.SentTexts[1], name));
    }

    [Fact]
    public void Over_a_stream_a_connection_is_opened_and_opened_again()
    {
        var element = new Element();
        Start(element, Element.Tcp);
        NextPing(element, 10);
        element.Receive(Element.Answer(element.SentTexts[^1], 200), Protocol.Tcp);
        element.Agent.HandleClosed(element.Now, element.Connection, TransportFault.Reset);
        NextPing(element, 10);
        Assert.Equal(2, element.TimesOf("connect").Length);
        // Nobody accepts it.
        element.Until(element.NowMs + 5000);
        Assert.Equal((true, false), (element.Pings[0].IsAlive, element.Pings[1].IsAlive));
        Assert.Equal(TransportFault.TimedOut, element.Pings[1].Fault);
    }

    [Fact]
    public void A_target_that_is_stopped_is_told_of_no_more()
    {
        var element = new Element();
        var target = Start(element);
        NextPing(element, 10);
        element.Agent.StopPing(target);
        element.Agent.StopPing(target);
        // Its slot is another's by the time that the answer comes.
        Assert.True(TryStart(element, out var other, uri: "sip:192.0.2.9", user: 8));
        Assert.Equal(target.Index, other.Index);
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        Assert.Empty(element.Pings);
        Assert.Empty(element.Events);
        NextPing(element, 10);
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        Assert.Equal((8UL, other), (element.Pings[0].User, element.Pings[0].Target));
        element.Agent.StopPing(other);
        element.Until(element.NowMs + 40_000);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_request_that_cannot_be_sent_is_told_and_changes_nothing()
    {
        var element = new Element(new() { ClientTransactions = 1 });
        Start(element, intervalMs: 10_000);
        NextPing(element, 10);
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        element.Until(element.NowMs + 6000);
        element.Send("INVITE");
        element.Until(element.NowMs + 10_000);
        var ping = element.Pings[^1];
        Assert.Equal((SendResult.Full, true, false, (ushort)0), (ping.Sending, ping.IsAlive, ping.IsNew, ping.Status));
        element.Until(element.NowMs + 60_000);
        NextPing(element, 10);
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        Assert.Equal((SendResult.Sent, true), (element.Pings[^1].Sending, element.Pings[^1].IsAlive));
    }

    [Theory]
    [InlineData("sip:a b", "<sip:door@192.0.2.1>")]
    [InlineData("sip:a\r\nX: y", "<sip:door@192.0.2.1>")]
    [InlineData("", "<sip:door@192.0.2.1>")]
    [InlineData("sip:a", "<sip:door\r\nX: y>")]
    public void What_is_no_URI_is_not_sent(string uri, string from)
    {
        var element = new Element();
        Assert.True(TryStart(element, out _, uri: uri, from: from));
        element.Until(200_000);
        Assert.Empty(element.Sent);
        Assert.All(element.Pings, ping => Assert.Equal(SendResult.Malformed, ping.Sending));
        Assert.InRange(element.Pings.Count, 2, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void As_many_targets_are_pinged_as_there_are_slots(int slots)
    {
        var element = new Element(pings: new() { Targets = slots, TextOctets = 40 });
        for (int round = 0; round < 2; round++)
        {
            var targets = new List<Handle<PingedTarget>>();
            for (int i = 0; i < slots; i++)
                targets.Add(Start(element));
            Assert.False(TryStart(element, out var refused));
            targets.ForEach(element.Agent.StopPing);
            Assert.Equal(0, element.Agent.Use.PingedTargets);
            // A URI and a From of 20 octets each fit, and no octet more.
            Assert.Equal(slots > 0, TryStart(element, out refused, uri: new string('u', 20)));
            element.Agent.StopPing(refused);
            Assert.False(TryStart(element, out _, uri: new string('u', 21)));
        }
    }
}
