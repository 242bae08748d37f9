// What the responses to one request have in common is written once and copied then (TransactionLayer.BeginResponse): the copies are what would have been
// written, whatever came in between.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class ResponseHeadTests
{
    private static string[] HeadOf(string message) =>
        [.. new[] { "Via", "From", "To", "Call-ID", "CSeq" }.Select(name => Element.LineOf(message, name))];

    [Fact]
    public void A_200_has_the_head_of_its_180()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        element.Respond(180);
        element.Respond(200);

        Assert.Equal(HeadOf(element.SentTexts[0]), HeadOf(element.SentTexts[1]));
        Assert.Contains(";tag=", Element.LineOf(element.SentTexts[1], "To"));
    }

    [Fact]
    public void A_100_has_no_tag_before_and_behind_a_180()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        element.Respond(100);
        element.Respond(180);
        element.Respond(100);

        Assert.Equal(["To: <sip:door@192.0.2.1>", "To: <sip:door@192.0.2.1>"], [Element.LineOf(element.SentTexts[0], "To"), Element.LineOf(element.SentTexts[2], "To")]);
        Assert.Contains(";tag=", Element.LineOf(element.SentTexts[1], "To"));
    }

    [Fact]
    public void Two_calls_answered_in_turn_keep_their_own_heads()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE", branch: "z9hG4bKone", callId: "one"));
        var one = element.LastEvent.Server;
        element.Receive(Element.Request("INVITE", branch: "z9hG4bKtwo", callId: "two"));
        var two = element.LastEvent.Server;
        foreach (int status in new[] { 180, 183, 200 })
        {
            element.Respond(status, one);
            element.Respond(status, two);
        }

        string[] first = HeadOf(element.SentTexts[0]), second = HeadOf(element.SentTexts[1]);
        Assert.Equal("Call-ID: one", first[3]);
        Assert.Equal("Call-ID: two", second[3]);
        for (int i = 2; i < element.SentTexts.Count; i++)
            Assert.Equal(i % 2 == 0 ? first : second, HeadOf(element.SentTexts[i]));
    }

    [Fact]
    public void A_request_of_ours_in_between_does_no_harm()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        var server = element.LastEvent.Server;
        element.Receive(Element.Request("OPTIONS", branch: "z9hG4bKother", callId: "other"));
        Assert.True(element.Agent.TryGetRequest(server, out var before));
        string callId = System.Text.Encoding.ASCII.GetString(before.ValueOf(before.FirstLineOf(HeaderName.CallID)).In(before.Text));
        // It is read where the pending request was read.
        element.Send("OPTIONS");
        element.Clear();
        element.Respond(200, server);

        Assert.Equal("call1", callId);
        Assert.Equal("Call-ID: call1", Element.LineOf(element.SentTexts[0], "Call-ID"));
        Assert.Equal("CSeq: 1 INVITE", Element.LineOf(element.SentTexts[0], "CSeq"));
    }

    [Fact]
    public void A_slot_taken_again_has_a_head_of_its_own()
    {
        var element = new Element(transactions: new() { ServerTransactions = 1 });
        element.Receive(Element.Request("OPTIONS", callId: "one"));
        element.Respond(200);
        element.Until(100_000);
        element.Receive(Element.Request("OPTIONS", branch: "z9hG4bKlater", callId: "two"));
        element.Respond(200);

        Assert.Equal(["Call-ID: one", "Call-ID: two"], element.SentTexts.Select(text => Element.LineOf(text, "Call-ID")));
    }

    [Fact]
    public void A_head_too_long_to_be_kept_is_written_each_time()
    {
        var element = new Element();
        string via = $"192.0.2.2;x={new string('y', 3000)}";
        element.Receive(Element.Request("INVITE", via: via));
        element.Respond(180);
        element.Respond(200);

        Assert.Equal(HeadOf(element.SentTexts[0]), HeadOf(element.SentTexts[1]));
        Assert.Contains(new string('y', 3000), Element.LineOf(element.SentTexts[1], "Via"));
    }

    [Fact]
    public void A_view_goes_with_its_message()
    {
        var element = new Element(user: (self, happened) =>
        {
            ref readonly var view = ref self.Agent.View;
            Assert.Equal("call1", System.Text.Encoding.ASCII.GetString(view.CallId.In(self.Agent.Message.Text)));
            Assert.Equal(happened.Kind == TransactionEventKind.Ack, view.ToTag.IsPresent);
            return false;
        });
        element.Receive(Element.Request("INVITE"));
        element.Respond(200);
        element.Receive(Element.Request("ACK", branch: "z9hG4bKack", toTag: element.LastTag));

        Assert.Equal(2, element.Events.Count);
        element.Receive("no message");
        Assert.False(element.Agent.View.CallId.IsPresent);
    }
}
