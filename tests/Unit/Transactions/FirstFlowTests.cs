// The plain flows, from end to end: what everything else varies.
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public class FirstFlowTests
{
    [Fact]
    public void An_OPTIONS_is_answered_and_kept_until_timer_J()
    {
        var element = new Element();
        element.Receive(Element.Request("OPTIONS"));
        element.Agent.Respond(element.Now, element.LastEvent.Server, 200);
        element.Drain();
        element.Until(1000);
        element.Receive(Element.Request("OPTIONS"));
        element.Until(40_000);

        Assert.Equal(["0 ! Request Options", "0 > udp 200", "1000 > udp 200"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_call_that_is_accepted_is_sent_again_until_its_ACK()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        var server = element.LastEvent.Server;
        element.Until(300);
        element.Agent.Respond(element.Now, server, 180);
        element.Agent.Respond(element.Now, server, 200);
        element.Drain();
        element.Until(2000);
        string tag = element.SentTexts[^1].Split("tag=")[2].Split("\r\n")[0];
        element.Receive(Element.Request("ACK", branch: "z9hG4bKother", toTag: tag));
        element.Until(40_000);

        Assert.Equal(
            ["0 ! Request Invite", "200 > udp 100", "300 > udp 180", "300 > udp 200", "800 > udp 200", "1800 > udp 200", "2000 ! Ack Ack"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_call_of_ours_that_is_refused_has_its_ACK()
    {
        var element = new Element();
        element.Send("INVITE");
        element.Until(100);
        element.Receive(Element.Answer(element.SentTexts[0], 180));
        element.Until(600);
        element.Receive(Element.Answer(element.SentTexts[0], 486));
        element.Receive(Element.Answer(element.SentTexts[0], 486));
        element.Until(60_000);

        Assert.Equal(["0 > udp INVITE", "100 ! Response Invite 180", "600 > udp ACK", "600 ! Response Invite 486", "600 > udp ACK"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_request_of_ours_that_nobody_answers_is_sent_again_and_ends()
    {
        var element = new Element();
        element.Send("OPTIONS");
        element.Until(60_000);

        Assert.Equal(
            [
                "0 > udp OPTIONS", "500 > udp OPTIONS", "1500 > udp OPTIONS", "3500 > udp OPTIONS", "7500 > udp OPTIONS", "11500 > udp OPTIONS",
                "15500 > udp OPTIONS", "19500 > udp OPTIONS", "23500 > udp OPTIONS", "27500 > udp OPTIONS", "31500 > udp OPTIONS", "32000 ! Timeout Options",
            ],
            element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_large_request_goes_over_a_stream_and_falls_back_to_datagrams()
    {
        var element = new Element();
        element.Send("MESSAGE", body: new('x', 1400));
        element.Until(50);
        element.Agent.HandleClosed(element.Now, element.Sent[0].Connection, TransportFault.Refused);
        element.Drain();
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        element.Until(60_000);

        Assert.Equal(["0 connect", "0 > tcp MESSAGE", "50 > udp MESSAGE", "50 ! Response Message 200"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }
}
