// Which messages of a call its supplements see: every request and response of it, but what the transactions say by themselves; and nothing of what has no call.
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Transactions;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class SessionSupplementTests
{
    // Writes into everything that goes out, and down what comes in.
    private sealed class Watcher : ISupplements
    {
        public List<string> Seen { get; } = [];

        public void Attach(StartGate gate, int calls)
        {
        }

        public void SessionBegan(in CallSession call) => Seen.Add("began");

        public void SessionEnded(in CallSession call) => Seen.Add("ended");

        public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply)
        {
            Seen.Add($"in {request.Request.Method}");
            return true;
        }

        public void IncomingResponse(in CallSession call, SipMessage response) => Seen.Add($"in {response.Status.StatusCode}");

        public void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request)
        {
            Seen.Add($"out {method}");
            request.Header("X-Seen"u8, "yes"u8);
        }

        public void OutgoingResponse(in CallSession call, Method method, int status, ref MessageBuilder response)
        {
            Seen.Add($"out {status} to {method}");
            response.Header("X-Seen"u8, "yes"u8);
        }
    }

    private static string Inside(CallBench bench, string method, string extra = "", string type = "", string body = "")
    {
        string request = bench.LastOf("alice", "ACK").Replace("ACK sip", $"{method} sip").Replace("1 ACK", $"7 {method}").Replace("branch=z9hG4bK", "branch=z9hG4bKw");
        string length = (type.Length == 0 ? "" : $"Content-Type: {type}\r\n") + $"Content-Length: {body.Length}\r\n\r\n{body}";
        return request.Replace("Content-Length: 0\r\n\r\n", extra + length);
    }

    [Theory]
    [InlineData("INFO", "Info-Package: lamp\r\n", "", "", 469)]
    [InlineData("INFO", "", "application/lamp", "on", 415)]
    [InlineData("MESSAGE", "", "application/lamp", "on", 415)]
    [InlineData("OPTIONS", "", "", "", 200)]
    [InlineData("INVITE", "Contact: <sip:alice@192.0.2.1>\r\n", "text/plain", "on", 415)]
    [InlineData("INVITE", "Contact: <sip:alice@192.0.2.1>\r\nSupported: timer\r\nSession-Expires: 91\r\n", "", "", 422)]
    [InlineData("INVITE", "Contact: <sip:alice@192.0.2.1>\r\n", "application/sdp", "v=0\r\n", 488)]
    [InlineData("PRACK", "RAck: 1 1 INVITE\r\n", "", "", 481)]
    public void Every_response_inside_a_call_goes_through_its_supplements(string method, string extra, string type, string body, int status)
    {
        var watcher = new Watcher();
        var bench = CallBench.Confirmed(bob: new() { Supplements = watcher, SessionTimer = new() { LeastSeconds = 100 } });
        watcher.Seen.Clear();
        bench.Inject(bench.Bob, Inside(bench, method, extra, type, body));
        Assert.Equal([$"in {Methods.Parse(System.Text.Encoding.ASCII.GetBytes(method))}", $"out {status} to {Methods.Parse(System.Text.Encoding.ASCII.GetBytes(method))}"], watcher.Seen);
        Assert.Contains("\r\nX-Seen: yes\r\n", bench.LastOf("bob", $"SIP/2.0 {status}"));
    }

    [Fact]
    public void A_refused_offer_and_a_cancelled_call_go_through_the_supplements()
    {
        var watcher = new Watcher();
        var bench = new CallBench(bob: new() { Supplements = watcher }) { Alters = (what, text) => what == "alice INVITE sdp" ? text.Replace(" 0 8 101\r\n", " 9 18 98\r\n") : text };
        bench.Place();
        Assert.Equal(["began", "in Invite", "out 488 to Invite", "ended"], watcher.Seen);
        Assert.Contains("\r\nX-Seen: yes\r\n", bench.LastOf("bob", "SIP/2.0 488"));

        watcher.Seen.Clear();
        bench.Alters = null;
        bench.Place();
        bench.Answer(180);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Equal(["began", "in Invite", "out 180 to Invite", "in Cancel", "out 487 to Invite", "ended"], watcher.Seen);
        Assert.Contains("\r\nX-Seen: yes\r\n", bench.LastOf("bob", "SIP/2.0 487"));
    }

    [Fact]
    public void A_PRACK_and_its_answer_go_through_the_supplements_of_both()
    {
        Watcher alice = new(), bob = new();
        var bench = new CallBench(new() { Supplements = alice }, new() { Supplements = bob });
        bench.Place();
        bench.Answer(183, withMedia: true);
        Assert.Equal(["began", "in Invite", "out 183 to Invite", "in Prack", "out 200 to Prack"], bob.Seen);
        Assert.Equal(["began", "out Invite", "in 183", "out Prack", "in 200"], alice.Seen);
    }

    [Fact]
    public void The_CANCEL_of_a_call_and_the_end_of_a_further_callee_go_through_the_supplements()
    {
        var watcher = new Watcher();
        var bench = new CallBench(new() { Supplements = watcher });
        bench.Place();
        bench.Answer(200);
        bench.Inject(bench.Alice, Element.Answer(bench.LastOf("alice", "INVITE"), 200, toTag: "two", extra: "Contact: <sip:two@192.0.2.2>\r\n"));
        Assert.Equal(["out Ack", "out Bye"], watcher.Seen[^3..^1]);
        Assert.Contains("\r\nX-Seen: yes\r\n", bench.LastOf("alice", "BYE"));

        bench.Place();
        bench.Answer(180);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Contains("out Cancel", watcher.Seen);
        Assert.Contains("\r\nX-Seen: yes\r\n", bench.LastOf("alice", "CANCEL"));
    }

    [Fact]
    public void What_has_no_call_has_no_supplements()
    {
        var watcher = new Watcher();
        var bench = new CallBench(bob: new() { Calls = 1, Supplements = watcher });
        bench.Place();
        watcher.Seen.Clear();
        // No room for it; no dialog of ours; a question that asks for none.
        bench.Place();
        Assert.Contains("bob 486", bench.Ladder);
        bench.Inject(bench.Bob, Element.Request("BYE", branch: "z9hG4bKx2", toTag: "aaaaaaaaaaaaa", uri: "sip:bob@192.0.2.2", via: "192.0.2.1"));
        Assert.Contains("bob 481", bench.Ladder);
        bench.Inject(bench.Bob, Element.Request("OPTIONS", branch: "z9hG4bKopt", callId: "elsewhere", uri: "sip:bob@192.0.2.2", via: "192.0.2.1"));
        Assert.Contains("bob 486 sdp", bench.Ladder);
        Assert.Empty(watcher.Seen);
    }
}
