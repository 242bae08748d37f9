// CANCEL (RFC 3261 §9): what it is made of, when it goes out, and what it meets.
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class CancelTests
{
    [Fact]
    public void A_CANCEL_waits_for_a_provisional_response()
    {
        var element = new Element();
        var client = element.Send("INVITE");
        Assert.Equal(SendResult.Sent, element.Cancel(client));
        Assert.Equal(SendResult.Sent, element.Cancel(client));
        element.Until(100);
        element.Receive(Element.Answer(element.SentTexts[0], 100));
        Assert.Equal(SendResult.NotAllowed, element.Cancel(client));
        element.Receive(Element.Answer(element.SentTexts[1], 200));
        element.Receive(Element.Answer(element.SentTexts[0], 487));
        element.Until(60_000);
        Assert.Equal(
            ["0 > udp INVITE", "100 > udp CANCEL", "100 ! Response Invite 100", "100 > udp ACK", "100 ! Response Invite 487"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(486)]
    public void A_CANCEL_that_waits_is_forgotten_when_the_final_response_is_first(int status)
    {
        var element = new Element();
        element.Cancel(element.Send("INVITE"));
        element.Receive(Element.Answer(element.SentTexts[0], status));
        element.Until(60_000);
        Assert.Empty(element.TimesOf("> udp CANCEL"));
    }

    [Fact]
    public void A_CANCEL_has_the_INVITEs_Via_target_route_and_number_and_nothing_that_asks_for_more()
    {
        var element = new Element();
        var builder = element.Agent.BeginRequest();
        builder.StartRequest("INVITE"u8, "sip:peer@192.0.2.2;lr"u8);
        builder.Header("Route"u8, "<sip:one.example;lr>, <sip:two.example;lr>"u8);
        builder.Header("Max-Forwards"u8, "70"u8);
        builder.Header("From"u8, "<sip:door@192.0.2.1>;tag=ours"u8);
        builder.Header("To"u8, "<sip:peer@192.0.2.2>"u8);
        builder.Header("Call-ID"u8, "c1"u8);
        builder.Header("CSeq"u8, "4711 INVITE"u8);
        builder.Header("Require"u8, "100rel"u8);
        builder.Header("Proxy-Require"u8, "x"u8);
        builder.Header("Authorization"u8, "Digest username=\"a\""u8);
        builder.Finish();
        Assert.Equal(SendResult.Sent, element.Agent.SendRequest(element.Now, builder, Element.Udp, 0, out var client));
        element.Drain();
        string invite = element.SentTexts[0];
        element.Receive(Element.Answer(invite, 180));
        element.Cancel(client);
        string cancel = element.SentTexts[^1];
        Assert.StartsWith("CANCEL sip:peer@192.0.2.2;lr SIP/2.0\r\n", cancel);
        foreach (string name in new[] { "Via", "Route", "From", "To", "Call-ID" })
            Assert.Equal(Element.LineOf(invite, name), Element.LineOf(cancel, name));
        Assert.Equal("CSeq: 4711 CANCEL", Element.LineOf(cancel, "CSeq"));
        Assert.Equal("Max-Forwards: 70", Element.LineOf(cancel, "Max-Forwards"));
        Assert.DoesNotContain("Require", cancel);
        Assert.DoesNotContain("Authorization", cancel);

        // The ACK to the refusal has the same, the response's To, and the INVITE's credentials (§17.1.1.3, §22.1).
        element.Receive(Element.Answer(invite, 487, toTag: "end"));
        string ack = element.SentTexts[^1];
        Assert.StartsWith("ACK sip:peer@192.0.2.2;lr SIP/2.0\r\n", ack);
        foreach (string name in new[] { "Via", "Route", "From", "Call-ID", "Authorization" })
            Assert.Equal(Element.LineOf(invite, name), Element.LineOf(ack, name));
        Assert.Equal("end", Element.TagOf(ack));
        Assert.Equal("CSeq: 4711 ACK", Element.LineOf(ack, "CSeq"));
    }

    [Fact]
    public void A_CANCEL_and_an_ACK_over_a_stream_have_the_INVITEs_sent_by_whatever_the_connection_is_called()
    {
        // The INVITE was written for an address that the connection, once there, does not have.
        var element = new Element(transport: new() { ListeningPoints = [new(Protocol.Tcp, IpEndpoint.V4(0, 5070))] });
        var client = element.Send("INVITE", new Flow(Protocol.Tcp, IpEndpoint.V4(0, 0), Element.Theirs));
        string invite = element.SentTexts[^1];
        element.Agent.HandleConnected(element.Now, element.Sent[0].Connection, Element.Ours.WithPort(40001));
        element.Receive(Element.Answer(invite, 180), Protocol.Tcp);
        element.Cancel(client);
        Assert.Equal(Element.LineOf(invite, "Via"), Element.LineOf(element.SentTexts[^1], "Via"));
        element.Receive(Element.Answer(invite, 487), Protocol.Tcp);
        Assert.Equal(Element.LineOf(invite, "Via"), Element.LineOf(element.SentTexts[^1], "Via"));
    }

    [Fact]
    public void A_CANCEL_that_crosses_a_2xx_leaves_the_2xx_to_be_acknowledged()
    {
        var element = new Element();
        var client = element.Send("INVITE");
        string invite = element.SentTexts[0];
        element.Receive(Element.Answer(invite, 180));
        element.Cancel(client);
        string cancel = element.SentTexts[^1];
        element.Receive(Element.Answer(invite, 200));
        element.Receive(Element.Answer(cancel, 481));
        element.Until(60_000);
        Assert.Equal(["0 > udp INVITE", "0 ! Response Invite 180", "0 > udp CANCEL", "0 ! Response Invite 200"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void An_INVITE_that_is_not_answered_after_its_CANCEL_ends_64_T1_later()
    {
        var element = new Element();
        var client = element.Send("INVITE");
        element.Receive(Element.Answer(element.SentTexts[0], 180));
        element.Until(1000);
        element.Cancel(client);
        element.Receive(Element.Answer(element.SentTexts[^1], 200));
        element.Until(20_000);
        // A further provisional response postpones nothing.
        element.Receive(Element.Answer(element.SentTexts[0], 180));
        element.Until(100_000);
        Assert.Equal([33_000], element.TimesOf("! Timeout Invite"));
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_CANCEL_is_sent_again_like_any_request_and_its_end_is_not_told()
    {
        var element = new Element();
        var client = element.Send("INVITE");
        element.Receive(Element.Answer(element.SentTexts[0], 180));
        element.Cancel(client);
        element.Until(100_000);
        Assert.Equal([0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500], element.TimesOf("> udp CANCEL"));
        Assert.Equal([32_000], element.TimesOf("! Timeout Invite"));
        Assert.Equal(2, element.Agent.TransactionCounters.ClientTimeouts);
        Assert.Empty(element.TimesOf("! Timeout Cancel"));
    }

    [Fact]
    public void An_INVITE_that_rings_beyond_the_limit_is_cancelled()
    {
        var element = new Element(new() { PendingLimit = TimeSpan.FromSeconds(60) });
        element.Send("INVITE");
        element.Receive(Element.Answer(element.SentTexts[0], 180));
        element.Until(30_000);
        element.Receive(Element.Answer(element.SentTexts[0], 180));
        element.Until(200_000);
        Assert.Equal(90_000, element.TimesOf("> udp CANCEL")[0]);
        Assert.Equal([122_000], element.TimesOf("! Timeout Invite"));
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_CANCEL_of_an_INVITE_that_failed_below_changes_nothing()
    {
        var element = new Element();
        var client = element.Send("INVITE");
        element.Agent.HandleUndelivered(element.Now, Element.Udp, TransportFault.Refused);
        Assert.Equal(SendResult.NotAllowed, element.Cancel(client));
        // An answer that comes now is too late.
        element.Receive(Element.Answer(element.SentTexts[0], 200));
        element.Until(0);
        Assert.Equal(["0 > udp INVITE", "0 ! TransportError Invite"], element.Log);
        Assert.Equal(TransportFault.Refused, element.LastEvent.Fault);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_CANCEL_of_theirs_is_told_once_and_answered_each_time_with_the_INVITEs_tag()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        var invite = element.LastEvent.Server;
        element.Respond(180);
        string tag = element.LastTag;
        element.Receive(Element.Request("CANCEL"));
        Assert.Equal(tag, element.LastTag);
        Assert.Equal("CSeq: 1 CANCEL", Element.LineOf(element.SentTexts[^1], "CSeq"));
        element.Receive(Element.Request("CANCEL"));
        Assert.Equal(tag, element.LastTag);
        element.Respond(487, invite);
        Assert.Equal("CSeq: 1 INVITE", Element.LineOf(element.SentTexts[^1], "CSeq"));
        element.Receive(Element.Request("ACK", toTag: tag));
        element.Until(60_000);
        Assert.Equal(["0 ! Request Invite", "0 > udp 180", "0 > udp 200", "0 ! Cancel Cancel", "0 > udp 200", "0 > udp 487"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_CANCEL_with_another_branch_or_sent_by_matches_nothing()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        element.Receive(Element.Request("CANCEL", branch: "z9hG4bKpeer2"));
        element.Receive(Element.Request("CANCEL", via: "192.0.2.2:5062", extra: "", branch: "z9hG4bKpeer1"));
        Assert.Equal(["0 ! Request Invite", "0 > udp 481", "0 > udp 481"], element.Log);
        Assert.Equal(2, element.Agent.TransactionCounters.StrayCancels);
    }

    [Fact]
    public void A_user_who_never_answers_gives_a_408_and_is_told()
    {
        var element = new Element(new() { PendingLimit = TimeSpan.FromSeconds(60) });
        element.Receive(Element.Request("INVITE"));
        element.Receive(Element.Request("CANCEL"));
        element.Until(60_000);
        Assert.Equal(
            ["0 ! Request Invite", "0 > udp 200", "0 ! Cancel Cancel", "200 > udp 100", "60200 > udp 408", "60200 ! Timeout Invite"],
            After(element, 60_200));
        element.Until(200_000);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    private static List<string> After(Element element, long ms)
    {
        element.Until(ms);
        return element.Log;
    }
}
