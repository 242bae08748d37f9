// How calls end, and what is said then: reasons on CANCEL and BYE, answers without media, header lines that are the stack's.
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Tests.Transactions;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class EndTests
{
    // ---- Reasons (RFC 3326) -------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // before anything was heard, so that the CANCEL waits
    public void A_CANCEL_says_why(bool waits)
    {
        var bench = new CallBench { Loses = (what, _) => waits && what == "bob 100" };
        bench.Place();
        if (!waits)
            bench.Answer(180);
        Assert.Equal(
            CallResult.Done, bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call, 200, "Call completed \"elsewhere\""u8, "X-Why: answered upstairs\r\n"u8));
        bench.Settle();
        Assert.Equal(!waits, bench.Ladder.Contains("alice CANCEL"));
        if (waits)
            bench.Answer(180);
        string cancel = bench.LastOf("alice", "CANCEL");
        Assert.Contains("\r\nReason: SIP;cause=200;text=\"Call completed \\\"elsewhere\\\"\"\r\nX-Why: answered upstairs\r\n", cancel);
        bench.Pass(0);
        Assert.Equal(CallEnd.Cancelled, bench.Bob.Last.End);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_BYE_says_why_also_where_it_waits_for_the_ACK()
    {
        var bench = new CallBench { Loses = (what, _) => what == "alice ACK" };
        bench.Place();
        bench.Answer(200);
        Assert.Equal(CallResult.Done, bench.Bob.Calls.HangUp(bench.Now, bench.Bob.Call, 503, headers: "X-Why: power\r\n"u8));
        bench.Pass(0);
        Assert.DoesNotContain("bob BYE", bench.Ladder);
        bench.Loses = null;
        bench.Pass(2);
        Assert.Contains("\r\nReason: SIP;cause=503\r\nX-Why: power\r\n", bench.LastOf("bob", "BYE"));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_reason_of_the_users_own_stands_alone()
    {
        var bench = CallBench.Confirmed();
        Assert.Equal(CallResult.NotAllowed, bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call, 180));
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call, 486, "Busy"u8, "Reason: Q.850;cause=16\r\n"u8);
        bench.Pass(0);
        string bye = bench.LastOf("alice", "BYE");
        Assert.Contains("\r\nReason: Q.850;cause=16\r\n", bye);
        Assert.DoesNotContain("cause=486", bye);
        bench.AssertEmpty();
    }

    // ---- Answers without media ----------------------------------------------------------------------------------------------------------

    private const string ForeignCodec = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 5000 RTP/AVP 9\r\n";

    private static string Answered(CallBench bench, string sdp) =>
        Element.Answer(bench.LastOf("alice", "INVITE"), 200, toTag: "one", extra: "Contact: <sip:one@192.0.2.9>\r\n")
            .Replace("Content-Length: 0\r\n\r\n", $"Content-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}");

    [Theory]
    [InlineData(" 5000 RTP/AVP 9")]
    [InlineData(" 0 RTP/AVP 0")]
    public void An_answer_that_leaves_no_stream_is_acknowledged_and_ended(string media)
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Answered(bench, ForeignCodec.Replace(" 5000 RTP/AVP 9", media)));
        Assert.StartsWith("ACK sip:one@192.0.2.9 ", bench.LastOf("alice", "ACK"));
        string bye = bench.LastOf("alice", "BYE");
        Assert.Contains("\r\nReason: SIP;cause=488\r\n", bye);
        Assert.DoesNotContain(bench.Alice.Events, told => told.Kind == CallEventKind.Confirmed);
        bench.Inject(bench.Alice, Element.Answer(bye, 200));
        Assert.Equal((CallEventKind.Ended, CallEnd.NoMedia), (bench.Alice.Last.Kind, bench.Alice.Last.End));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_call_without_media_is_kept_where_that_is_wanted()
    {
        var bench = new CallBench(new() { KeepsCallsWithoutMedia = true }) { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Answered(bench, ForeignCodec));
        Assert.Equal(CallEventKind.Confirmed, bench.Alice.Last.Kind);
        Assert.False(bench.Alice.Audio.TryGet(CallLayer.SessionOf(bench.Alice.Call), out _));
        Assert.DoesNotContain("alice BYE", bench.Ladder);
    }

    [Fact]
    public void An_answer_in_the_ACK_that_leaves_no_stream_ends_the_call()
    {
        var bench = new CallBench { Alters = (what, text) => what == "alice ACK sdp" ? text.Replace("RTP/AVP 0 8 101\r\n", "RTP/AVP 9 18 98\r\n") : text };
        bench.Place(isOfferless: true);
        bench.Answer(200);
        bench.Pass(0);
        Assert.Contains("\r\nReason: SIP;cause=488\r\n", bench.LastOf("bob", "BYE"));
        Assert.Equal(CallEnd.NoMedia, bench.Bob.Last.End);
        bench.AssertEmpty();
    }

    // ---- Header lines of users -----------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("Via")]
    [InlineData("v")]
    [InlineData("From")]
    [InlineData("f")]
    [InlineData("To")]
    [InlineData("Call-ID")]
    [InlineData("CSeq")]
    [InlineData("Max-Forwards")]
    [InlineData("Route")]
    [InlineData("Record-Route")]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Allow")]
    [InlineData("Supported")]
    [InlineData("k")]
    [InlineData("Require")]
    [InlineData("User-Agent")]
    [InlineData("Content-Encoding", true)]
    [InlineData("Expires", true)]
    [InlineData("P-Asserted-Identity", true)]
    [InlineData("P-Preferred-Identity", true)]
    [InlineData("Remote-Party-ID", true)]
    [InlineData("Privacy", true)]
    [InlineData("Server")]
    [InlineData("RSeq")]
    [InlineData("RAck")]
    [InlineData("Session-Expires")]
    [InlineData("x")]
    [InlineData("Min-SE")]
    [InlineData("Content-Length")]
    [InlineData("Content-Type")]
    [InlineData("Contact")]
    [InlineData("m")]
    [InlineData("route")]
    [InlineData("Route ")]
    public void What_the_stack_writes_is_no_users_to_write(string name, bool isOfOwnRequests = false)
    {
        var bench = CallBench.Confirmed();
        byte[] lines = Encoding.ASCII.GetBytes($"X-Fine: yes\r\n{name}: 1\r\n");
        Assert.Equal(CallResult.Malformed, bench.Place(headers: Encoding.ASCII.GetString(lines)));
        Assert.Equal(CallResult.Malformed, bench.Bob.Calls.HangUp(bench.Now, bench.Bob.Call, headers: lines));
        // In a request of the user's own some are the user's.
        var sent = bench.Bob.Calls.SendRequest(bench.Now, bench.Bob.Call, "NOTIFY"u8, lines);
        Assert.Equal(isOfOwnRequests ? CallResult.Done : CallResult.Malformed, sent);
        bench.Pass(0);
        if (isOfOwnRequests)
            Assert.Contains($"\r\n{name}: 1\r\n", bench.LastOf("bob", "NOTIFY"));
    }
}
