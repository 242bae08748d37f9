// Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3), with peers of RFC 2543 who have no magic cookie; forks; what a response is made of.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class MatchingTests
{
    /// <summary>A request of an RFC 2543 peer: its branch, if there is one, says nothing.</summary>
    private static string Old(string method, string branch, string toTag = "", int cseq = 1, string uri = "sip:door@192.0.2.1") =>
        Element.Request(method, branch: "BRANCH", toTag: toTag, cseq: cseq, uri: uri).Replace(";branch=BRANCH", branch);

    public static TheoryData<string> OldBranches => new("", ";branch=1", ";branch=z9hG4bK");

    [Theory, MemberData(nameof(OldBranches))]
    public void A_request_without_the_cookie_is_known_by_its_headers(string branch)
    {
        var element = new Element();
        element.Receive(Old("OPTIONS", branch));
        element.Receive(Old("OPTIONS", branch));
        element.Respond(200);
        element.Receive(Old("OPTIONS", branch));
        element.Receive(Old("OPTIONS", branch, cseq: 2));
        Assert.Equal(["0 ! Request Options", "0 > udp 200", "0 > udp 200", "0 ! Request Options"], element.Log);
        Assert.Equal(2, element.Agent.TransactionCounters.RetransmissionsReceived);
    }

    [Theory, MemberData(nameof(OldBranches))]
    public void An_INVITE_without_the_cookie_finds_its_CANCEL_and_its_ACK(string branch)
    {
        var element = new Element();
        element.Receive(Old("INVITE", branch));
        var server = element.LastEvent.Server;
        element.Receive(Old("INVITE", branch));
        element.Receive(Old("CANCEL", branch));
        element.Respond(487, server);
        element.Receive(Old("ACK", branch, toTag: element.LastTag));
        Assert.Equal(["0 ! Request Invite", "0 > udp 100", "0 > udp 200", "0 ! Cancel Cancel", "0 > udp 487"], element.Log);
        Assert.Equal(TransactionState.Confirmed, element.Agent.StateOf(server));
        element.Until(60_000);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Theory, MemberData(nameof(OldBranches))]
    public void The_ACK_to_a_2xx_without_the_cookie_is_known_by_its_dialog(string branch)
    {
        var element = new Element();
        element.Receive(Old("INVITE", branch));
        element.Respond(200);
        // To the Contact, which is not where the INVITE went.
        element.Receive(Old("ACK", branch, toTag: element.LastTag, uri: "sip:contact@192.0.2.1"));
        element.Until(30_000);
        Assert.Equal(["0 ! Request Invite", "0 > udp 200", "0 ! Ack Ack"], element.Log);
    }

    [Fact]
    public void The_ACK_to_a_2xx_must_be_of_the_same_dialog_and_number()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE", cseq: 7));
        element.Respond(200);
        string tag = element.LastTag;
        element.Receive(Element.Request("ACK", branch: "z9hG4bKa", toTag: "other", cseq: 7));
        element.Receive(Element.Request("ACK", branch: "z9hG4bKa", toTag: tag, cseq: 8));
        element.Receive(Element.Request("ACK", branch: "z9hG4bKa", toTag: tag, cseq: 7, callId: "other"));
        element.Receive(Element.Request("ACK", branch: "z9hG4bKa", toTag: tag, cseq: 7).Replace("tag=theirs", "tag=others"));
        Assert.Equal(4, element.Agent.TransactionCounters.StrayAcks);
        element.Receive(Element.Request("ACK", branch: "z9hG4bKa", toTag: tag, cseq: 7));
        Assert.Equal(["0 ! Request Invite", "0 > udp 200", "0 ! Ack Ack"], element.Log);
    }

    [Fact]
    public void A_2xx_inside_a_dialog_has_the_dialogs_tag_and_so_has_its_ACK()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE", toTag: "mine"));
        element.Respond(200);
        Assert.Equal("mine", element.LastTag);
        element.Receive(Element.Request("ACK", branch: "z9hG4bKa", toTag: "mine"));
        Assert.Equal("0 ! Ack Ack", element.Log[^1]);
    }

    [Fact]
    public void An_INVITE_whose_To_is_malformed_can_be_accepted_and_acknowledged_without_a_tag()
    {
        var element = new Element();
        string invite = Element.Request("INVITE").Replace("To: <sip:door@192.0.2.1>", "To: <sip:>");
        element.Receive(invite);
        element.Respond(200);
        Assert.Equal("To: <sip:>", Element.LineOf(element.SentTexts[^1], "To"));
        element.Receive(Element.Request("ACK", branch: "z9hG4bKa").Replace("To: <sip:door@192.0.2.1>", "To: <sip:>"));
        Assert.Equal("0 ! Ack Ack", element.Log[^1]);
    }

    [Fact]
    public void Requests_are_told_apart_by_branch_sent_by_and_method()
    {
        var element = new Element();
        element.Receive(Element.Request("OPTIONS"));
        element.Receive(Element.Request("OPTIONS", via: "192.0.2.2:5070", callId: "2"));
        element.Receive(Element.Request("OPTIONS", via: "192.0.2.3", callId: "3"));
        element.Receive(Element.Request("OPTIONS", branch: "z9hG4bKpeer2", callId: "4"));
        element.Receive(Element.Request("INFO"));
        element.Receive(Element.Request("FROB", callId: "5"));
        element.Receive(Element.Request("FRIB", callId: "6"));
        Assert.Equal(7, element.Agent.TransactionCounters.RequestsTold);
        element.Receive(Element.Request("FROB", callId: "5"));
        Assert.Equal(1, element.Agent.TransactionCounters.RetransmissionsReceived);
    }

    [Fact]
    public void A_very_long_branch_is_matched_whole()
    {
        var element = new Element();
        string branch = "z9hG4bK" + new string('a', 1000);
        element.Receive(Element.Request("OPTIONS", branch: branch + "1"));
        element.Receive(Element.Request("OPTIONS", branch: branch + "2", callId: "2"));
        element.Receive(Element.Request("OPTIONS", branch: branch + "1"));
        Assert.Equal((2, 1), (element.Agent.TransactionCounters.RequestsTold, element.Agent.TransactionCounters.RetransmissionsReceived));
    }

    [Fact]
    public void A_response_is_matched_by_branch_and_method_in_whatever_case_the_branch_comes_back()
    {
        var element = new Element();
        element.Send("OPTIONS");
        string answer = Element.Answer(element.SentTexts[0], 200);
        string branch = answer.Split("branch=")[1].Split("\r\n")[0];
        element.Receive(answer.Replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"));
        element.Receive(answer.Replace(branch, branch[..^1]));
        element.Receive(answer.Replace(branch, branch + "a"));
        element.Receive(answer.Replace(branch, "z9hG4bK1111111111111"));
        element.Receive(answer.Replace(branch, ""));
        Assert.Equal(4, element.Agent.TransactionCounters.StrayResponses);
        Assert.Equal(1, element.Agent.TransactionCounters.BadResponses);
        element.Receive(answer.Replace(branch, branch.ToUpperInvariant()));
        Assert.Equal("0 ! Response Options 200", element.Log[^1]);
    }

    [Fact]
    public void Forks_are_told_one_by_one()
    {
        var element = new Element();
        element.Send("INVITE");
        string invite = element.SentTexts[0];
        foreach (string fork in new[] { "a", "b", "c" })
            element.Receive(Element.Answer(invite, 180, fork));
        var tags = new List<string>();
        foreach (string fork in new[] { "a", "b", "a" })
        {
            element.Receive(Element.Answer(invite, 200, fork));
            Assert.True(RoutingTag(element.Agent.Message, out string tag));
            tags.Add(tag);
        }
        Assert.Equal(["a", "b", "a"], tags);
        Assert.Equal(3, element.TimesOf("! Response Invite 180").Length);
        Assert.Equal(3, element.TimesOf("! Response Invite 200").Length);
    }

    private static bool RoutingTag(SipMessage message, out string tag)
    {
        bool isRead = RoutingView.TryRead(message, out var view, out _);
        tag = System.Text.Encoding.ASCII.GetString(view.ToTag.In(message.Text));
        return isRead;
    }

    [Fact]
    public void All_responses_of_a_transaction_have_one_tag_and_a_100_has_none()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        var server = element.LastEvent.Server;
        foreach (int status in new[] { 100, 180, 183, 200 })
            element.Respond(status, server);
        Assert.DoesNotContain("tag=", Element.LineOf(element.SentTexts[0], "To"));
        Assert.Single(element.SentTexts.Skip(1).Select(Element.TagOf).Distinct());
    }

    [Fact]
    public void A_response_repeats_what_the_request_says_of_itself()
    {
        var element = new Element();
        string request = Element.Request("OPTIONS")
            .Replace("Max-Forwards", "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKb\r\nv: SIP/2.0/UDP 192.0.2.8\r\nMax-Forwards");
        element.Receive(request);
        element.Respond(200);
        string answer = element.SentTexts[0];
        Assert.Equal(
            ["Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKpeer1", "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKb", "v: SIP/2.0/UDP 192.0.2.8"],
            answer.Split("\r\n").Where(line => line.StartsWith('V') || line.StartsWith('v')));
        foreach (string name in new[] { "From", "Call-ID", "CSeq" })
            Assert.Equal(Element.LineOf(request, name), Element.LineOf(answer, name));
    }

    [Theory]
    [InlineData("54", "Timestamp: 54. 0.2")]
    [InlineData("54.321", "Timestamp: 54.321 0.2")]
    [InlineData("54.321 0.5", "Timestamp: 54.321 0.2")]
    [InlineData("1234567890123456789012345678901234567890.1234567890123456789012345678901234567890", null)]
    [InlineData("now", "")]
    public void A_100_repeats_the_Timestamp_and_adds_the_delay(string value, string? expected)
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE", extra: $"Timestamp: {value}\r\n"));
        element.Until(200);
        string line = element.SentTexts[0].Split("\r\n").FirstOrDefault(line => line.StartsWith("Timestamp"), "");
        Assert.Equal(expected ?? $"Timestamp: {value}", line);
    }

    [Fact]
    public void A_request_of_ours_must_have_what_its_answers_are_known_by()
    {
        var element = new Element();
        foreach (string missing in new[] { "From", "To", "Call-ID", "CSeq" })
        {
            var builder = element.Agent.BeginRequest();
            builder.StartRequest("OPTIONS"u8, "sip:a"u8);
            foreach (string line in new[] { "From: <sip:a>;tag=1", "To: <sip:b>", "Call-ID: 1", "CSeq: 1 OPTIONS" })
            {
                if (!line.StartsWith(missing))
                    builder.Header(System.Text.Encoding.ASCII.GetBytes(line.Split(':')[0]), System.Text.Encoding.ASCII.GetBytes(line[(line.IndexOf(':') + 2)..]));
            }
            builder.Finish();
            Assert.Equal(SendResult.Malformed, element.Agent.SendRequest(element.Now, builder, Element.Udp, 0, out _));
        }
        Assert.Equal(SendResult.Malformed, element.Send("ACK", out _));
        Assert.Equal(SendResult.Malformed, element.Send("CANCEL", out _));
        Assert.Equal(SendResult.Malformed, element.Send("OPTIONS", out _, new Flow()));
        Assert.Equal(SendResult.Malformed, element.Agent.SendRequest(element.Now, element.Agent.BeginRequest(), Element.Udp, 0, out Handle<ClientTransaction> none));
        Assert.False(none.IsSome);
        Assert.True(element.Agent.Use.IsEmpty);
        Assert.Empty(element.Log);
    }

    [Fact]
    public void The_ACK_to_a_2xx_is_sent_without_a_transaction_with_a_branch_of_its_own()
    {
        var element = new Element();
        element.Send("INVITE");
        element.Receive(Element.Answer(element.SentTexts[0], 200));
        var branches = new List<string>();
        for (int i = 0; i < 2; i++)
        {
            var builder = element.Agent.BeginRequest();
            builder.StartRequest("ACK"u8, "sip:peer@192.0.2.2"u8);
            builder.Header("From"u8, "<sip:door@192.0.2.1>;tag=ours"u8);
            builder.Header("To"u8, "<sip:peer@192.0.2.2>;tag=theirs"u8);
            builder.Header("Call-ID"u8, "call-of-ours"u8);
            builder.CSeq(1, "ACK"u8);
            builder.Finish();
            Assert.Equal(SendResult.Sent, element.Agent.SendAck(element.Now, builder, Element.Udp));
            element.Drain();
            branches.Add(Element.LineOf(element.SentTexts[^1], "Via"));
        }
        Assert.Equal(1, element.Agent.Use.ClientTransactions);
        Assert.Equal(3, branches.Append(Element.LineOf(element.SentTexts[0], "Via")).Distinct().Count());
        var options = element.Agent.BeginRequest();
        options.StartRequest("OPTIONS"u8, "sip:a"u8);
        options.Finish();
        Assert.Equal(SendResult.Malformed, element.Agent.SendAck(element.Now, options, Element.Udp));
        Assert.Equal(SendResult.Malformed, element.Agent.SendAck(element.Now, element.Agent.BeginRequest(), Element.Udp));
    }
}
