// Calls from their first message to their last (RFC 3261 §13 to §15; RFC 3665 §3 names most of these flows).
using SipEmbedded.Calls;
using SipEmbedded.Generation;
using SipEmbedded.Messages;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class CallTests
{
    [Fact]
    public void A_call_is_placed_rung_answered_and_ended_by_the_caller()
    {
        var bench = new CallBench();
        Assert.Equal(CallResult.Done, bench.Place());
        Assert.Equal(CallEventKind.Incoming, bench.Bob.Last.Kind);
        bench.Answer(180);
        Assert.Equal((CallEventKind.Progress, (ushort)180), (bench.Alice.Last.Kind, bench.Alice.Last.Status));
        bench.Answer(200);
        bench.AssertConfirmed();
        Assert.Equal(CallEventKind.Confirmed, bench.Alice.Last.Kind);
        Assert.Equal(CallEventKind.Confirmed, bench.Bob.Last.Kind);
        Assert.Equal(CallResult.Done, bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call));
        bench.Pass(0);
        Assert.Equal(["alice INVITE sdp", "bob 180", "bob 200 sdp", "alice ACK", "alice BYE", "bob 200"], bench.Ladder);
        Assert.Equal((CallEnd.ByUs, CallEnd.ByPeer), (bench.Alice.Last.End, bench.Bob.Last.End));
        bench.AssertEmpty();
    }

    [Fact]
    public void The_callee_hangs_up_as_well()
    {
        var bench = CallBench.Confirmed();
        bench.Bob.Calls.HangUp(bench.Now, bench.Bob.Call);
        bench.Pass(0);
        Assert.Equal(["bob BYE", "alice 200"], bench.Ladder);
        Assert.Equal((CallEnd.ByPeer, CallEnd.ByUs), (bench.Alice.Last.End, bench.Bob.Last.End));
        bench.AssertEmpty();
    }

    [Theory]
    [InlineData(486)]
    [InlineData(603)]
    [InlineData(480)]
    public void A_call_is_refused(int status)
    {
        var bench = new CallBench();
        bench.Place();
        bench.Answer(status);
        Assert.Equal((CallEnd.Refused, (ushort)status), (bench.Alice.Last.End, bench.Alice.Last.Status));
        Assert.Equal((CallEnd.ByUs, (ushort)status), (bench.Bob.Last.End, bench.Bob.Last.Status));
        Assert.Equal(["alice INVITE sdp", $"bob {status}", "alice ACK"], bench.Ladder);
        bench.AssertEmpty();
    }

    [Fact]
    public void Hanging_up_on_a_caller_declines()
    {
        var bench = new CallBench();
        bench.Place();
        bench.Bob.Calls.HangUp(bench.Now, bench.Bob.Call);
        bench.Pass(0);
        Assert.Equal("bob 603", bench.Ladder[1]);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_caller_who_gives_up_cancels()
    {
        var bench = new CallBench();
        bench.Place();
        bench.Answer(180);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Equal(["alice INVITE sdp", "bob 180", "alice CANCEL", "bob 200", "bob 487", "alice ACK"], bench.Ladder);
        Assert.Equal((CallEnd.ByUs, CallEnd.Cancelled), (bench.Alice.Last.End, bench.Bob.Last.End));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_caller_who_gives_up_before_anything_was_heard_waits_for_a_provisional_response()
    {
        var bench = new CallBench { Loses = (what, _) => what == "bob 100" };
        bench.Place();
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0.1);
        Assert.DoesNotContain("alice CANCEL", bench.Ladder);
        bench.Answer(180);
        Assert.Contains("alice CANCEL", bench.Ladder);
        bench.Pass(1);
        Assert.Equal(CallEnd.ByUs, bench.Alice.Last.End);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_cancel_that_crosses_the_answer_ends_in_a_bye()
    {
        var bench = new CallBench { Loses = (what, _) => what == "alice CANCEL" };
        bench.Place();
        bench.Answer(180);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        bench.Answer(200);
        bench.Loses = null;
        bench.Pass(1);
        Assert.Contains("alice BYE", bench.Ladder);
        Assert.True(bench.Ladder.IndexOf("alice ACK") < bench.Ladder.IndexOf("alice BYE"));
        Assert.Equal(CallEnd.ByUs, bench.Alice.Last.End);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_call_that_nobody_answers_in_time_is_cancelled()
    {
        var bench = new CallBench();
        bench.Place(expires: 20);
        bench.Answer(180);
        Assert.Contains("\r\nExpires: 20\r\n", bench.Messages[0].Text);
        bench.Pass(21);
        Assert.Equal(CallEnd.Unanswered, bench.Alice.Last.End);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_callee_that_is_not_attended_refuses_in_the_end()
    {
        var bench = new CallBench(bob: new() { RingMost = TimeSpan.FromSeconds(30) });
        bench.Place();
        bench.Answer(180);
        bench.Pass(31);
        Assert.Equal((CallEnd.Refused, (ushort)480), (bench.Alice.Last.End, bench.Alice.Last.Status));
        bench.AssertEmpty();
    }

    [Fact]
    public void Nobody_there_is_told_after_a_while()
    {
        var bench = new CallBench { Loses = (_, _) => true };
        bench.Place();
        bench.Pass(33);
        Assert.Equal((CallEnd.Unanswered, (ushort)408), (bench.Alice.Last.End, bench.Alice.Last.Status));
        Assert.True(bench.Alice.Agent.Use.IsEmpty);
    }

    [Fact]
    public void More_calls_than_there_is_room_for_are_busy()
    {
        var bench = new CallBench(bob: new() { Calls = 1 });
        bench.Place();
        var first = bench.Alice.Call;
        bench.Place();
        Assert.Equal((CallEnd.Refused, (ushort)486), (bench.Alice.Last.End, bench.Alice.Last.Status));
        Assert.Equal(1, bench.Bob.Calls.Count);
        Assert.True(bench.Alice.Calls.IsLive(first));
        bench.Bob.Calls.HangUpAll(bench.Now);
        bench.AssertEmpty();
    }

    [Fact]
    public void Nobody_is_told_of_a_refusal_that_is_not_acknowledged()
    {
        var bench = new CallBench(bob: new() { Calls = 0 }) { Loses = (what, _) => what == "alice ACK" };
        bench.Place();
        bench.AssertEmpty();
        Assert.Equal(1, bench.Bob.Agent.TransactionCounters.Unacknowledged);
        Assert.Empty(bench.Bob.Others);
    }

    [Fact]
    public void All_calls_are_counted_named_and_ended()
    {
        var bench = new CallBench();
        for (int i = 0; i < 3; i++)
            bench.Place();
        Assert.Equal((3, 8), (bench.Alice.Calls.Count, bench.Alice.Calls.Capacity));
        int at = 0, found = 0;
        while (bench.Alice.Calls.TryNext(ref at, out var call))
            found += bench.Alice.Calls.IsActive(call) ? 1 : 0;
        Assert.Equal(3, found);
        bench.Alice.Calls.HangUpAll(bench.Now);
        bench.Pass(1);
        Assert.Equal(0, bench.Alice.Calls.Count);
        bench.AssertEmpty();
    }

    [Fact]
    public void An_offer_that_the_callee_makes_is_answered_in_the_ACK()
    {
        var bench = new CallBench();
        bench.Place(isOfferless: true);
        bench.Answer(180);
        bench.Answer(200);
        Assert.Equal(["alice INVITE", "bob 180", "bob 200 sdp", "alice ACK sdp"], bench.Ladder);
        bench.AssertConfirmed();
    }

    [Fact]
    public void An_ACK_that_is_lost_is_sent_again_for_each_copy_of_the_answer()
    {
        int lost = 0;
        var bench = new CallBench { Loses = (what, _) => what == "alice ACK" && lost++ < 2 };
        bench.Place();
        bench.Answer(200);
        Assert.Equal(CallState.Connecting, bench.Bob.State(bench.Now));
        bench.Pass(2);
        Assert.Equal(3, bench.Ladder.Count(what => what == "alice ACK"));
        bench.AssertConfirmed();
    }

    [Fact]
    public void An_answer_that_nobody_acknowledges_ends_the_call()
    {
        var bench = new CallBench { Loses = (what, _) => what == "alice ACK" };
        bench.Place();
        bench.Answer(200);
        bench.Pass(33);
        Assert.Contains("bob BYE", bench.Ladder);
        Assert.Equal((CallEnd.Unacknowledged, CallEnd.ByPeer), (bench.Bob.Last.End, bench.Alice.Last.End));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_callee_who_hangs_up_before_the_ACK_waits_for_it()
    {
        var bench = new CallBench { Loses = (what, _) => what == "alice ACK" };
        bench.Place();
        bench.Answer(200);
        bench.Bob.Calls.HangUp(bench.Now, bench.Bob.Call);
        bench.Pass(0.1);
        Assert.DoesNotContain("bob BYE", bench.Ladder);
        bench.Loses = null;
        bench.Pass(1);
        Assert.Contains("bob BYE", bench.Ladder);
        bench.AssertEmpty();
    }

    [Fact]
    public void An_answer_that_comes_again_when_the_call_is_over_is_acknowledged()
    {
        var bench = new CallBench { Loses = (what, _) => what == "alice ACK" };
        bench.Place();
        bench.Answer(200);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0.1);
        bench.Loses = null;
        bench.Ladder.Clear();
        bench.Pass(40);
        Assert.Equal(["bob 200 sdp", "alice ACK"], bench.Ladder);
        bench.AssertEmpty();
    }

    [Fact]
    public void An_answer_of_another_callee_is_ended_even_when_the_call_is_over()
    {
        var bench = CallBench.Confirmed();
        string answer = bench.Messages.Last(message => message.Text.StartsWith("SIP/2.0 200", StringComparison.Ordinal)).Text;
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0.1);
        bench.Ladder.Clear();
        string tag = answer.Split("\r\nTo: ")[1].Split("\r\n")[0].Split(";tag=")[1];
        bench.Inject(bench.Alice, answer.Replace(tag, "another"));
        bench.Inject(bench.Alice, answer.Replace(tag, "another"));
        Assert.Equal(["alice ACK", "alice BYE", "bob 481", "alice ACK"], bench.Ladder);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_second_copy_of_the_ACK_sends_no_second_BYE()
    {
        var bench = new CallBench { Loses = (what, _) => what is "alice ACK" or "bob BYE" };
        bench.Place();
        bench.Answer(200);
        bench.Bob.Calls.HangUp(bench.Now, bench.Bob.Call);
        string ack = bench.LastOf("alice", "ACK");
        bench.Inject(bench.Bob, ack);
        bench.Inject(bench.Bob, ack);
        Assert.Single(bench.Ladder, what => what == "bob BYE");
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    [InlineData("INFO")]
    public void A_call_that_is_being_ended_takes_nothing_but_a_BYE(string method)
    {
        var bench = CallBench.Confirmed();
        bench.Loses = (what, _) => what == "alice BYE";
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Settle();
        if (method == "INVITE")
            bench.Bob.Calls.Hold(bench.Now, bench.Bob.Call);
        else if (method == "UPDATE")
            bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: true);
        else
            bench.Bob.Calls.SendDigit(bench.Now, bench.Bob.Call, (byte)'1', TimeSpan.FromMilliseconds(100));
        bench.Pass(0);
        Assert.Contains("alice 481", bench.Ladder);
        bench.AssertEmpty();
    }

    [Fact]
    public void No_common_codec_is_488_with_the_reason()
    {
        var bench = new CallBench { Alters = (what, text) => what == "alice INVITE sdp" ? text.Replace(" 0 8 101\r\n", " 9 18 98\r\n") : text };
        bench.Place();
        Assert.Equal((CallEnd.Refused, (ushort)488), (bench.Alice.Last.End, bench.Alice.Last.Status));
        Assert.Contains("\r\nWarning: 305 sip \"Incompatible media format\"\r\n", bench.LastOf("bob", "SIP/2.0 488"));
        Assert.Empty(bench.Bob.Events);
        bench.AssertEmpty();
    }

    [Fact]
    public void Early_media_is_agreed_before_the_answer()
    {
        var bench = new CallBench(alice: new() { Reliable = ReliableMode.Off }, bob: new() { Reliable = ReliableMode.Off });
        bench.Place();
        bench.Answer(183, withMedia: true);
        Assert.True(bench.Alice.Last.HasMedia);
        Assert.True(bench.Alice.Audio.TryGet(CallLayer.SessionOf(bench.Alice.Call), out var audio));
        Assert.Equal(bench.Bob.Own.WithPort(0), audio.Remote.WithPort(0));
        bench.Answer(200);
        bench.AssertConfirmed();
    }

    [Fact]
    public void Headers_of_the_users_own_are_on_every_message()
    {
        var bench = new CallBench();
        bench.Place(headers: "X-Door: front\r\n");
        bench.Answer(180, headers: "X-Ring: loud\r\n");
        bench.Answer(200, headers: "X-Who: bob\r\n");
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call, headers: "X-Why: done\r\n"u8);
        bench.Pass(0);
        Assert.Contains("X-Door: front\r\n", bench.LastOf("alice", "INVITE"));
        Assert.Contains("X-Ring: loud\r\n", bench.LastOf("bob", "SIP/2.0 180"));
        Assert.Contains("X-Who: bob\r\n", bench.Messages.First(message => message.Text.Contains("200 OK")).Text);
        Assert.Contains("X-Why: done\r\n", bench.LastOf("alice", "BYE"));
    }

    [Fact]
    public void OPTIONS_is_answered_with_what_we_can()
    {
        var bench = CallBench.Confirmed();
        bench.Inject(bench.Bob, Transactions.Element.Request("OPTIONS", branch: "z9hG4bKopt", callId: "elsewhere", uri: "sip:bob@192.0.2.2", via: "192.0.2.1"));
        string answer = bench.LastOf("bob", "SIP/2.0 200");
        Assert.Contains("\r\nAllow: ", answer);
        Assert.Contains("\r\nSupported: 100rel, timer\r\n", answer);
        Assert.Contains("\r\nAccept: application/sdp", answer);
    }

    [Theory]
    [InlineData("", true)] // RFC 3261 §11.1: application/sdp is meant
    [InlineData("Accept: application/sdp\r\n", true)]
    [InlineData("Accept: text/plain, application/*;q=0.5\r\n", true)]
    [InlineData("Accept: */*\r\n", true)]
    [InlineData("Accept: text/plain\r\n", false)]
    [InlineData("Accept: application/sdp;q=0, text/plain\r\n", false)]
    [InlineData("Accept:\r\n", false)]
    public void OPTIONS_is_answered_with_our_media_where_descriptions_are_read(string accept, bool hasMedia)
    {
        var bench = CallBench.Confirmed();
        string outside = Transactions.Element.Request("OPTIONS", branch: "z9hG4bKopt", callId: "elsewhere", uri: "sip:bob@192.0.2.2", via: "192.0.2.1");
        string inside = bench.LastOf("alice", "ACK").Replace("ACK sip", "OPTIONS sip").Replace("1 ACK", "7 OPTIONS").Replace("branch=z9hG4bK", "branch=z9hG4bKw");
        foreach (string request in (string[])[outside, inside])
        {
            bench.Inject(bench.Bob, request.Replace("Content-Length: 0\r\n", accept + "Content-Length: 0\r\n"));
            string answer = bench.LastOf("bob", "SIP/2.0 200");
            Assert.Contains("\r\nAccept: application/sdp", answer);
            Assert.Equal(hasMedia, answer.Contains("\r\nContent-Type: application/sdp\r\n", StringComparison.Ordinal));
            // RFC 3264 §9: port 0, so that nobody takes it for an offer.
            Assert.Equal(
                hasMedia ? "m=audio 0 RTP/AVP 0 8 101" : null, answer.Split("\r\n").SingleOrDefault(line => line.StartsWith("m=", StringComparison.Ordinal)));
            Assert.Equal(hasMedia, answer.Contains("\r\nt=0 0\r\n", StringComparison.Ordinal));
        }
        bench.AssertConfirmed();
    }

    [Theory]
    [InlineData("BYE")]
    [InlineData("INFO")]
    [InlineData("UPDATE")]
    [InlineData("PRACK")]
    public void What_belongs_to_no_call_is_481(string method)
    {
        var bench = new CallBench();
        bench.Inject(bench.Bob, Transactions.Element.Request(method, branch: "z9hG4bKx1", uri: "sip:bob@192.0.2.2", via: "192.0.2.1"));
        bench.Inject(bench.Bob, Transactions.Element.Request(method, branch: "z9hG4bKx2", toTag: "aaaaaaaaaaaaa", uri: "sip:bob@192.0.2.2", via: "192.0.2.1"));
        Assert.Equal(2, bench.Ladder.Count(what => what == "bob 481"));
        Assert.Empty(bench.Bob.Others);
    }

    [Fact]
    public void What_may_belong_to_a_dialog_of_the_users_is_left_to_the_user()
    {
        var bench = new CallBench();
        bench.Inject(
            bench.Bob, Transactions.Element.Request("NOTIFY", branch: "z9hG4bKx1", toTag: "aaaaaaaaaaaaa", uri: "sip:bob@192.0.2.2", via: "192.0.2.1"));
        var told = Assert.Single(bench.Bob.Others).Transaction;
        Assert.Equal((Method.Notify, 0L), (told.Method, bench.Bob.Calls.Counters.OutsideDialogs));
        bench.Bob.Agent.Respond(bench.Now, told.Server, 200);
        bench.Settle();
        // A method that the user has not enabled is refused before anybody asks whose it is.
        bench.Inject(
            bench.Bob, Transactions.Element.Request("REFER", branch: "z9hG4bKx2", toTag: "aaaaaaaaaaaaa", uri: "sip:bob@192.0.2.2", via: "192.0.2.1"));
        Assert.Equal(["bob 200", "bob 405"], bench.Ladder);
    }

    [Fact]
    public void A_request_out_of_order_is_500()
    {
        var bench = CallBench.Confirmed();
        bench.Alice.Calls.SendText(bench.Now, bench.Alice.Call, "hello"u8);
        bench.Pass(0);
        string message = bench.LastOf("alice", "MESSAGE");
        bench.Inject(bench.Bob, message.Replace("branch=z9hG4bK", "branch=z9hG4bKother").Replace(" MESSAGE\r\n", " MESSAGE\r\n").Replace("CSeq: 2", "CSeq: 1"));
        Assert.Equal("bob 500", bench.Ladder[^1]);
    }

    [Fact]
    public void A_call_that_the_agent_knows_is_described()
    {
        var bench = CallBench.Confirmed();
        bench.Pass(5);
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out var info));
        Assert.Equal((CallState.Confirmed, true, (ushort)200, true, 1), (info.State, info.IsCaller, info.LastStatus, info.HasMedia, info.Dialogs));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)), (info.Duration, info.ConnectedFor));
        Assert.True(bench.Alice.Calls.TryGetDialog(bench.Alice.Call, out var dialog));
        var dialogs = bench.Alice.Calls.Dialogs;
        Assert.Equal("<sip:bob@192.0.2.2>;tag=", System.Text.Encoding.ASCII.GetString(dialogs.RemoteOf(dialog))[..24]);
        Assert.Equal("sip:192.0.2.2:5060", System.Text.Encoding.ASCII.GetString(dialogs.TargetOf(dialog)));
        Assert.True(bench.Alice.Calls.SetUser(bench.Alice.Call, 99));
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Equal(99ul, bench.Alice.Last.User);
        Assert.False(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out _));
    }

    [Fact]
    public void Supplements_write_into_the_calls_messages()
    {
        var bench = CallBench.Confirmed(new() { Supplements = new DoorSupplements() });
        Assert.Contains("\r\nX-Door: front\r\n", bench.LastOf("alice", "INVITE"));
        bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Contains("\r\nX-Door: front\r\n", bench.LastOf("alice", "INVITE"));
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.DoesNotContain("X-Door", bench.LastOf("alice", "BYE"));
    }

    [Fact]
    public void A_supplement_can_stop_a_call()
    {
        var bench = new CallBench(bob: new() { Supplements = new NightSupplements() });
        bench.Place();
        Assert.Equal((CallEnd.Refused, (ushort)480), (bench.Alice.Last.End, bench.Alice.Last.Status));
        Assert.Contains("SIP/2.0 480 Asleep\r\n", bench.LastOf("bob", "SIP/2.0 480"));
        Assert.Contains("\r\nX-Night: yes\r\n", bench.LastOf("bob", "SIP/2.0 480"));
        Assert.Empty(bench.Bob.Events);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_call_is_told_in_words()
    {
        var bench = CallBench.Confirmed(new() { SessionTimer = new() { IntervalSeconds = 600 } });
        bench.Pass(1.5);
        byte[] room = new byte[4096];
        string Words(int length) => System.Text.Encoding.ASCII.GetString(room, 0, length);
        string text = Words(bench.Alice.Calls.Dump(bench.Now, bench.Alice.Call, room, withMedia: true, "  "u8));
        Assert.StartsWith("  confirmed, placed 1.5 s ago, answered 1.5 s ago, last status 200\r\n  local    <sip:alice@192.0.2.1>;tag=", text);
        Assert.Contains("\r\n  target   sip:192.0.2.2:5060\r\n", text);
        Assert.Contains("\r\n  session  600 s, refreshed by us, ends in 598.5 s\r\n", text);
        Assert.Contains("\r\n  ours     m=audio 40000 RTP/AVP 0 8 101\r\n", text);
        Assert.DoesNotContain("ours", Words(bench.Alice.Calls.Dump(bench.Now, bench.Alice.Call, room, withMedia: false)));
        Assert.Equal(0, bench.Alice.Calls.Dump(bench.Now, bench.Alice.Call, room.AsSpan(0, 40), withMedia: false));
        Assert.Equal(0, bench.Alice.Calls.Dump(bench.Now, default, room, withMedia: false));
    }

    [Fact]
    public void Commands_to_a_call_that_is_gone_say_so()
    {
        var bench = CallBench.Confirmed();
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        var calls = bench.Alice.Calls;
        Assert.All(
            new[]
            {
                calls.HangUp(bench.Now, bench.Alice.Call), calls.Hold(bench.Now, bench.Alice.Call), calls.Resume(bench.Now, bench.Alice.Call),
                calls.Reinvite(bench.Now, bench.Alice.Call), calls.Update(bench.Now, bench.Alice.Call, true), calls.Answer(bench.Now, bench.Alice.Call, 200),
                calls.SendText(bench.Now, bench.Alice.Call, "x"u8), calls.SendDigit(bench.Now, bench.Alice.Call, (byte)'1', TimeSpan.FromMilliseconds(100)),
            },
            result => Assert.Equal(CallResult.Gone, result));
    }
}

[Supplement(Method = "INVITE", Order = 1)]
public sealed class SleepsAtNight
{
    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply)
    {
        reply.Answer(480, "Asleep"u8);
        reply.Header("X-Night"u8, "yes"u8);
        return false;
    }
}

[SupplementChain(typeof(SleepsAtNight))]
public sealed partial class NightSupplements;
