// What may be changed of a call that there is: hold, re-INVITE, UPDATE, reliable responses, refreshes, glare (RFC 3261 §14, RFC 3262, RFC 3311, RFC 4028, RFC 6337).
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using SipEmbedded.SessionTimers;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class ChangeTests
{
    private static AgreedAudio AudioOf(CallSide side)
    {
        Assert.True(side.Audio.TryGet(CallLayer.SessionOf(side.Call), out var audio));
        return audio;
    }

    [Fact]
    public void A_hold_and_its_end_are_agreed_by_both()
    {
        var bench = CallBench.Confirmed();
        Assert.Equal(CallResult.Done, bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call));
        bench.Pass(0);
        Assert.Equal(["alice INVITE sdp", "bob 200 sdp", "alice ACK"], bench.Ladder);
        Assert.Contains("a=sendonly\r\n", bench.LastOf("alice", "INVITE"));
        Assert.Contains("a=recvonly\r\n", bench.LastOf("bob", "SIP/2.0 200"));
        Assert.Equal((CallEventKind.Changed, CallChange.Hold, (ushort)200), (bench.Alice.Last.Kind, bench.Alice.Last.Change, bench.Alice.Last.Status));
        Assert.Equal(CallEventKind.MediaChanged, bench.Bob.Last.Kind);
        Assert.Equal(MediaDirection.SendOnly, AudioOf(bench.Alice).Direction);
        Assert.True(AudioOf(bench.Bob).IsHeld);
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out var info) && info.IsHeld);

        Assert.Equal(CallResult.Done, bench.Alice.Calls.Resume(bench.Now, bench.Alice.Call));
        bench.Pass(0);
        Assert.Equal(MediaDirection.SendReceive, AudioOf(bench.Bob).Direction);
        bench.AssertConfirmed();
    }

    [Fact]
    public void Both_can_hold()
    {
        var bench = CallBench.Confirmed();
        bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        bench.Bob.Calls.Hold(bench.Now, bench.Bob.Call);
        bench.Pass(0);
        Assert.Equal((MediaDirection.Inactive, MediaDirection.Inactive), (AudioOf(bench.Alice).Direction, AudioOf(bench.Bob).Direction));
        bench.Alice.Calls.Resume(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Equal(MediaDirection.ReceiveOnly, AudioOf(bench.Alice).Direction);
    }

    [Fact]
    public void A_change_is_made_by_UPDATE_where_that_is_asked_for()
    {
        var bench = CallBench.Confirmed();
        Assert.Equal(CallResult.Done, bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: true));
        bench.Pass(0);
        Assert.Equal(["bob UPDATE sdp", "alice 200 sdp"], bench.Ladder);
        bench.Ladder.Clear();
        bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: false);
        bench.Pass(0);
        Assert.Equal(["bob UPDATE", "alice 200"], bench.Ladder);
        Assert.Equal((CallChange.Retarget, (ushort)200), (bench.Bob.Last.Change, bench.Bob.Last.Status));
        bench.AssertConfirmed();
    }

    [Fact]
    public void A_second_change_waits_for_the_first()
    {
        var bench = CallBench.Confirmed();
        bench.Loses = (_, _) => true;
        bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call);
        bench.Settle();
        Assert.Equal(CallResult.Busy, bench.Alice.Calls.Reinvite(bench.Now, bench.Alice.Call));
        Assert.Equal(CallResult.Gone, bench.Alice.Calls.Hold(bench.Now, default));
    }

    [Fact]
    public void Two_changes_that_meet_are_both_made_in_the_end()
    {
        var bench = CallBench.Confirmed();
        bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call);
        bench.Bob.Calls.Reinvite(bench.Now, bench.Bob.Call);
        bench.Pass(0);
        Assert.Equal(2, bench.Ladder.Count(what => what.EndsWith(" 491", StringComparison.Ordinal)));
        bench.Pass(10);
        Assert.Contains(bench.Alice.Events, told => told is { Kind: CallEventKind.Changed, Status: 200 });
        Assert.Contains(bench.Bob.Events, told => told is { Kind: CallEventKind.Changed, Status: 200 });
        Assert.Equal(MediaDirection.SendOnly, AudioOf(bench.Alice).Direction);
        bench.AssertConfirmed();
    }

    [Fact]
    public void A_change_that_is_refused_leaves_the_call_as_it_was()
    {
        var bench = CallBench.Confirmed();
        bench.Alters = (what, text) => what == "bob 200 sdp" ? text.Replace("SIP/2.0 200 OK", "SIP/2.0 488 Not Here") : text;
        bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Equal((CallEventKind.Changed, (ushort)488), (bench.Alice.Last.Kind, bench.Alice.Last.Status));
        Assert.Equal(MediaDirection.SendReceive, AudioOf(bench.Alice).Direction);
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out var info) && !info.IsHeld);
    }

    [Theory]
    [InlineData(481)]
    [InlineData(408)]
    public void A_change_that_meets_nobody_ends_the_call(int status)
    {
        var bench = CallBench.Confirmed();
        bench.Alters = (what, text) => what.StartsWith("bob 200 sdp", StringComparison.Ordinal) ? text.Replace("SIP/2.0 200 OK", $"SIP/2.0 {status} No") : text;
        bench.Alice.Calls.Reinvite(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Contains("alice BYE", bench.Ladder);
        Assert.Equal(CallEnd.Lost, bench.Alice.Last.End);
    }

    [Fact]
    public void An_offerless_reinvite_is_answered_with_a_full_offer()
    {
        var bench = CallBench.Confirmed();
        string invite = bench.LastOf("alice", "INVITE");
        string ack = bench.LastOf("alice", "ACK");
        string body = invite[invite.IndexOf("\r\n\r\n", StringComparison.Ordinal)..];
        string bare = ack.Replace("ACK sip", "INVITE sip").Replace("1 ACK", "2 INVITE").Replace("branch=z9hG4bK", "branch=z9hG4bKnew")
            .Replace("Content-Length: 0", "Contact: <sip:alice@192.0.2.1>\r\nContent-Length: 0");
        bench.Inject(bench.Bob, bare);
        string offer = bench.LastOf("bob", "SIP/2.0 200");
        Assert.Contains("m=audio 40000 RTP/AVP 0 8 101", offer);
        string answer = bare.Replace("INVITE sip", "ACK sip").Replace("2 INVITE", "2 ACK").Replace("branch=z9hG4bKnew", "branch=z9hG4bKack")
            .Replace("Content-Length: 0\r\n\r\n", $"Content-Type: application/sdp\r\nContent-Length: {body.Length - 4}{body}");
        bench.Inject(bench.Bob, answer);
        Assert.Equal(CallState.Confirmed, bench.Bob.State(bench.Now));
        bench.Pass(40);
        Assert.Equal(CallState.Confirmed, bench.Bob.State(bench.Now));
    }

    [Theory]
    [InlineData("a=sendrecv", false)]
    [InlineData("a=sendonly", true)]
    public void An_answer_in_the_ACK_of_a_later_INVITE_is_told_where_it_changes_the_media(string direction, bool isNews)
    {
        var bench = CallBench.Confirmed();
        string invite = bench.LastOf("alice", "INVITE");
        string ack = bench.LastOf("alice", "ACK");
        string body = invite[(invite.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Replace("a=sendrecv", direction);
        string bare = ack.Replace("ACK sip", "INVITE sip").Replace("1 ACK", "2 INVITE").Replace("branch=z9hG4bK", "branch=z9hG4bKnew")
            .Replace("Content-Length: 0", "Contact: <sip:alice@192.0.2.1>\r\nContent-Length: 0");
        bench.Inject(bench.Bob, bare);
        int events = bench.Bob.Events.Count;
        string answer = bare.Replace("INVITE sip", "ACK sip").Replace("2 INVITE", "2 ACK").Replace("branch=z9hG4bKnew", "branch=z9hG4bKack")
            .Replace("Content-Length: 0\r\n\r\n", $"Content-Type: application/sdp\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        bench.Inject(bench.Bob, answer);
        Assert.Equal(isNews ? 1 : 0, bench.Bob.Events.Count - events);
        Assert.Equal((isNews ? CallEventKind.MediaChanged : CallEventKind.Confirmed, true), (bench.Bob.Last.Kind, bench.Bob.Last.HasMedia));
        Assert.Equal(isNews ? MediaDirection.ReceiveOnly : MediaDirection.SendReceive, AudioOf(bench.Bob).Direction);
    }

    [Fact]
    public void A_change_that_fails_at_once_says_so_once()
    {
        var bench = new CallBench(alicesTransactions: new()
        {
            AllowedMethods = CallSide.Transactions.AllowedMethods, SupportedExtensions = "100rel, timer", ClientTransactions = 1,
        });
        bench.Place();
        bench.Answer(200);
        bench.Pass(40);
        bench.Loses = (what, _) => what == "bob 200";
        bench.Alice.Calls.SendText(bench.Now, bench.Alice.Call, "hello"u8);
        int events = bench.Alice.Events.Count;
        Assert.Equal(CallResult.Full, bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call));
        bench.Pass(1);
        Assert.Equal(events, bench.Alice.Events.Count);
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out var info) && !info.IsHeld);
        // It can be asked for again.
        bench.Loses = null;
        bench.Pass(10);
        Assert.Equal(CallResult.Done, bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call));
        bench.Pass(0);
        Assert.Single(bench.Alice.Events, told => told.Kind == CallEventKind.Changed);
        bench.AssertConfirmed();
    }

    // ---- Reliable provisional responses -------------------------------------------------------------------------------------------------

    [Fact]
    public void Early_media_that_must_arrive_is_acknowledged()
    {
        var bench = new CallBench();
        bench.Place();
        bench.Answer(183, withMedia: true);
        Assert.Equal(["alice INVITE sdp", "bob 183 sdp", "alice PRACK", "bob 200"], bench.Ladder);
        Assert.Contains("\r\nRequire: 100rel\r\n", bench.LastOf("bob", "SIP/2.0 183"));
        Assert.Contains("1 INVITE\r\n", bench.LastOf("alice", "PRACK").Split("RAck: ")[1]);
        bench.Answer(200);
        // The offer has been answered: the 2xx has no description.
        Assert.Equal("bob 200", bench.Ladder[4]);
        bench.AssertConfirmed();
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_reliable_response_is_sent_again_until_it_is_acknowledged()
    {
        int lost = 0;
        var bench = new CallBench { Loses = (what, _) => what == "bob 183 sdp" && lost++ < 3 };
        bench.Place();
        bench.Answer(183, withMedia: true);
        bench.Pass(4);
        // At 500 ms it goes out twice: the caller, who has heard nothing, has sent the INVITE again.
        Assert.Equal([0, 500, 500, 1500], bench.Ladder.Zip(bench.Times).Where(line => line.First == "bob 183 sdp").Select(line => line.Second));
        Assert.Single(bench.Ladder, what => what == "alice PRACK");
        bench.Pass(10);
        Assert.Equal(4, bench.Ladder.Count(what => what == "bob 183 sdp"));
    }

    [Fact]
    public void An_answer_waits_for_the_acknowledgement_of_early_media()
    {
        int lost = 0;
        var bench = new CallBench { Loses = (what, _) => what == "alice PRACK" && lost++ == 0 };
        bench.Place();
        bench.Answer(183, withMedia: true);
        bench.Answer(200);
        Assert.DoesNotContain("bob 200", bench.Ladder);
        bench.Pass(2);
        bench.AssertConfirmed();
    }

    [Fact]
    public void Nobody_acknowledges_early_media_and_the_call_is_refused()
    {
        var bench = new CallBench { Loses = (what, _) => what == "alice PRACK" };
        bench.Place();
        bench.Answer(183, withMedia: true);
        bench.Pass(65);
        Assert.Equal((CallEnd.Refused, (ushort)504), (bench.Alice.Last.End, bench.Alice.Last.Status));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_caller_can_demand_that_every_response_arrives()
    {
        var bench = new CallBench(alice: new() { Reliable = ReliableMode.Required });
        bench.Place();
        Assert.Contains("\r\nRequire: 100rel\r\n", bench.Messages[0].Text);
        bench.Answer(180);
        Assert.Contains("alice PRACK", bench.Ladder);
        bench.Answer(200);
        bench.AssertConfirmed();
    }

    [Fact]
    public void A_callee_can_demand_that_its_caller_acknowledges_every_response()
    {
        var bench = new CallBench(alice: new() { Reliable = ReliableMode.Off }, bob: new() { Reliable = ReliableMode.Required });
        bench.Place();
        Assert.Equal((ushort)421, bench.Alice.Last.Status);
        Assert.Contains("\r\nRequire: 100rel\r\n", bench.LastOf("bob", "SIP/2.0 421"));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_change_whose_answer_finds_no_room_leaves_the_media_as_they_were()
    {
        int refused = 0;
        int offered = 0;
        for (int buffers = 1; buffers < 12; buffers++)
        {
            var bench = new CallBench(bobsBuffers: [new(2048, buffers)]);
            bench.Place();
            bool isAnswered = bench.Bob.Events.Count > 0 && bench.Bob.Calls.Answer(bench.Now, bench.Bob.Call, 200) == CallResult.Done;
            bench.Pass(40);
            if (!isAnswered || bench.Bob.State(bench.Now) != CallState.Confirmed)
                continue;
            bench.Bob.Calls.Counters.NoRoom = 0;
            bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call);
            bench.Pass(0);
            if (bench.Bob.Calls.Counters.NoRoom == 0)
                continue;
            refused++;
            Assert.Equal(MediaDirection.SendReceive, AudioOf(bench.Bob).Direction);
            Assert.Equal(MediaDirection.SendReceive, AudioOf(bench.Alice).Direction);
            // Nor has the answer taken a version: once there is room the next description says what the first one said.
            bench.Pass(RoomAgainSeconds);
            if (bench.Bob.Calls.Reinvite(bench.Now, bench.Bob.Call) != CallResult.Done)
                continue;
            bench.Pass(40);
            offered++;
            Assert.Equal("1", VersionIn(bench.LastOf("bob", "INVITE")));
        }
        Assert.True(refused > 0);
        Assert.True(offered > 0);
    }

    // Our media take more octets than the question; what is said without them, or a refusal, does not.
    [Fact]
    public void An_OPTIONS_without_room_for_our_media_is_answered_all_the_same()
    {
        const int Many = 12;
        int withoutMedia = 0;
        var bench = new CallBench(bobsBuffers: [new(512, 64), new(2048, Many)]);
        bench.Place();
        bench.Answer(200);
        bench.AssertConfirmed();
        // Each answer is kept for copies of its question.
        for (int i = 0; i < Many; i++)
        {
            Assert.Equal(CallResult.Done, bench.Alice.Calls.SendRequest(bench.Now, bench.Alice.Call, "OPTIONS"u8));
            bench.Pass(0);
            Assert.Equal(CallEventKind.RequestEnded, bench.Alice.Last.Kind);
            Assert.True(bench.Alice.Last.Status is 200 or 500, $"{bench.Alice.Last.Status}");
            withoutMedia += bench.LastOf("bob", "SIP/2.0").Contains("\r\nm=", StringComparison.Ordinal) ? 0 : 1;
        }
        Assert.True(withoutMedia > 0);
    }

    // RFC 3264 §8: the version counts what the peer has seen.
    [Fact]
    public void A_change_that_finds_no_room_takes_no_version_of_the_description()
    {
        var bench = new CallBench(alicesTransactions: new()
        {
            AllowedMethods = CallSide.Transactions.AllowedMethods, SupportedExtensions = CallSide.Transactions.SupportedExtensions, ClientTransactions = 1,
        });
        bench.Place();
        bench.Answer(200);
        Assert.Equal("1", VersionIn(bench.LastOf("alice", "INVITE")));
        Assert.Equal(CallResult.Full, bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call));
        bench.Pass(RoomAgainSeconds);
        Assert.Equal(CallResult.Done, bench.Alice.Calls.Reinvite(bench.Now, bench.Alice.Call));
        bench.Pass(RoomAgainSeconds);
        Assert.Equal("1", VersionIn(bench.LastOf("alice", "INVITE")));
        Assert.Equal(CallResult.Done, bench.Alice.Calls.Hold(bench.Now, bench.Alice.Call));
        bench.Pass(40);
        Assert.Equal("2", VersionIn(bench.LastOf("alice", "INVITE")));
    }

    // Longer than transactions keep what they hold (RFC 3261 §17, 64·T1).
    private const int RoomAgainSeconds = 40;

    private static string VersionIn(string message) => message[message.IndexOf("\r\no=- ", StringComparison.Ordinal)..].Split(' ')[2];

    [Fact]
    public void An_offer_in_a_reliable_response_is_answered_in_the_PRACK()
    {
        var bench = new CallBench();
        bench.Place(isOfferless: true);
        bench.Answer(183, withMedia: true);
        Assert.Equal(["alice INVITE", "bob 183 sdp", "alice PRACK sdp", "bob 200"], bench.Ladder);
        bench.Answer(200);
        Assert.Equal(["bob 200", "alice ACK"], bench.Ladder[4..]);
        bench.AssertConfirmed();
    }

    [Fact]
    public void A_contact_that_is_renewed_while_an_offer_is_open_leaves_the_offer_alone()
    {
        var bench = new CallBench { Loses = (what, _) => what == "alice PRACK sdp" };
        bench.Place(isOfferless: true);
        bench.Answer(183, withMedia: true);
        Assert.Equal(CallResult.Done, bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: false));
        bench.Pass(0.1);
        Assert.Equal((CallEventKind.Changed, (ushort)200), (bench.Bob.Last.Kind, bench.Bob.Last.Status));
        bench.Loses = null;
        bench.Pass(1);
        bench.Answer(200);
        Assert.Equal(["alice PRACK sdp", "bob 200", "bob 200", "alice ACK"], bench.Ladder[^4..]);
        bench.AssertConfirmed();
    }

    [Fact]
    public void A_call_that_rings_can_be_changed_once_its_media_are_agreed()
    {
        var bench = new CallBench();
        bench.Place();
        bench.Answer(183, withMedia: true);
        bench.Ladder.Clear();
        Assert.Equal(CallResult.Done, bench.Alice.Calls.Update(bench.Now, bench.Alice.Call, withMedia: true));
        bench.Pass(0);
        Assert.Equal(["alice UPDATE sdp", "bob 200 sdp"], bench.Ladder);
        bench.Answer(200);
        bench.AssertConfirmed();
    }

    [Fact]
    public void Early_media_that_was_lost_is_described_again_in_the_answer()
    {
        var bench = new CallBench(alice: new() { Reliable = ReliableMode.Off }, bob: new() { Reliable = ReliableMode.Off })
        {
            Loses = (what, _) => what == "bob 183 sdp",
        };
        bench.Place();
        bench.Answer(183, withMedia: true);
        string Body(string text) => text[text.IndexOf("\r\n\r\n", StringComparison.Ordinal)..];
        Assert.Equal(CallResult.Busy, bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: true));
        bench.Answer(200);
        Assert.Equal(Body(bench.LastOf("bob", "SIP/2.0 183")), Body(bench.LastOf("bob", "SIP/2.0 200")));
        bench.AssertConfirmed();
    }

    [Fact]
    public void An_offer_does_not_go_where_it_may_be_lost()
    {
        var bench = new CallBench(alice: new() { Reliable = ReliableMode.Off }, bob: new() { Reliable = ReliableMode.Off });
        bench.Place(isOfferless: true);
        bench.Answer(183, withMedia: true);
        bench.Answer(200);
        Assert.Equal(["alice INVITE", "bob 183", "bob 200 sdp", "alice ACK sdp"], bench.Ladder);
        bench.AssertConfirmed();
    }

    [Fact]
    public void Nobody_changes_media_before_the_first_answer_is_acknowledged()
    {
        int lost = 0;
        var bench = new CallBench { Loses = (what, _) => what == "alice PRACK" && lost++ == 0 };
        bench.Place();
        bench.Answer(183, withMedia: true);
        Assert.Equal(CallResult.Busy, bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: true));
        bench.Pass(1);
        Assert.Equal(CallResult.Done, bench.Bob.Calls.Update(bench.Now, bench.Bob.Call, withMedia: true));
        bench.Pass(0);
        Assert.Equal(["bob UPDATE sdp", "alice 200 sdp"], bench.Ladder[^2..]);
    }

    // ---- Session timers -----------------------------------------------------------------------------------------------------------------

    private static CallOptions Timer(uint seconds, SessionTimerMode mode = SessionTimerMode.Optional) =>
        new() { SessionTimer = new() { Mode = mode, IntervalSeconds = seconds, LeastSeconds = 90 } };

    [Fact]
    public void A_session_is_refreshed_at_half_its_time_by_UPDATE()
    {
        var bench = CallBench.Confirmed(Timer(90), Timer(90));
        bench.Pass(46);
        Assert.Equal(["alice UPDATE", "bob 200"], bench.Ladder);
        bench.Pass(3600);
        bench.AssertConfirmed();
        Assert.InRange(bench.Alice.Calls.Counters.Refreshes, 79, 82);
        Assert.DoesNotContain(bench.Alice.Events, told => told.Kind == CallEventKind.Changed);
    }

    [Fact]
    public void A_peer_without_UPDATE_is_refreshed_by_INVITE_with_the_same_description()
    {
        var bench = new CallBench(Timer(90), Timer(90), new()
        {
            AllowedMethods = [SipEmbedded.Messages.Method.Invite, SipEmbedded.Messages.Method.Bye], SupportedExtensions = "timer",
        });
        bench.Place();
        bench.Answer(200);
        bench.Ladder.Clear();
        string Version(string text) => text.Split("\r\no=- ")[1].Split(' ')[1];
        string first = Version(bench.LastOf("alice", "INVITE"));
        bench.Pass(46);
        Assert.Equal(["alice INVITE sdp", "bob 200 sdp", "alice ACK"], bench.Ladder);
        Assert.Equal(first, Version(bench.LastOf("alice", "INVITE")));
        bench.AssertConfirmed();
    }

    [Fact]
    public void A_session_that_nobody_refreshes_ends_on_both_sides()
    {
        var bench = CallBench.Confirmed(Timer(90), Timer(90));
        bench.Loses = (_, _) => true;
        bench.Pass(200);
        Assert.Equal((CallEventKind.Ended, CallEventKind.Ended), (bench.Alice.Last.Kind, bench.Bob.Last.Kind));
        Assert.Equal(CallEnd.Expired, bench.Bob.Last.End);
        Assert.Contains("\r\nReason: SIP;cause=408\r\n", bench.LastOf("bob", "BYE"));
        bench.AssertEmpty();
    }

    [Fact]
    public void An_interval_too_brief_is_asked_for_again()
    {
        var bench = new CallBench(Timer(100), new() { SessionTimer = new() { Mode = SessionTimerMode.Optional, IntervalSeconds = 1800, LeastSeconds = 600 } });
        bench.Place();
        Assert.Equal(["alice INVITE sdp", "bob 422", "alice ACK", "alice INVITE sdp"], bench.Ladder);
        Assert.Contains("\r\nMin-SE: 600\r\n", bench.Messages[^1].Text);
        bench.Answer(200);
        bench.AssertConfirmed();
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out var info));
        Assert.True(info.SessionSeconds >= 600);
    }

    [Fact]
    public void A_session_timer_that_the_peer_lacks_can_be_demanded()
    {
        var bench = new CallBench(Timer(90, SessionTimerMode.Off), Timer(90, SessionTimerMode.Required));
        bench.Place();
        Assert.Equal((ushort)421, bench.Alice.Last.Status);
        Assert.Contains("\r\nRequire: timer\r\n", bench.LastOf("bob", "SIP/2.0 421"));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_call_that_rings_longer_than_its_session_would_last_is_not_ended_by_its_timer()
    {
        var bench = new CallBench(Timer(90), Timer(90));
        bench.Place();
        bench.Answer(183, withMedia: true);
        bench.Alice.Calls.Update(bench.Now, bench.Alice.Call, withMedia: true);
        bench.Pass(150);
        Assert.DoesNotContain(bench.Ladder, what => what.EndsWith("BYE", StringComparison.Ordinal));
        bench.Answer(200);
        bench.AssertConfirmed();
    }

    [Fact]
    public void A_refresh_that_finds_no_room_is_tried_again()
    {
        var bench = new CallBench(Timer(90), Timer(90), alicesTransactions: new()
        {
            AllowedMethods = CallSide.Transactions.AllowedMethods, SupportedExtensions = "100rel, timer", ClientTransactions = 1,
        });
        bench.Place();
        bench.Answer(200);
        bench.Pass(44);
        bench.Loses = (what, _) => what == "bob 200";
        bench.Alice.Calls.SendText(bench.Now, bench.Alice.Call, "hello"u8);
        bench.Pass(5);
        Assert.DoesNotContain("alice UPDATE", bench.Ladder);
        bench.Loses = null;
        bench.Pass(40);
        Assert.Contains("alice UPDATE", bench.Ladder);
        bench.Pass(300);
        bench.AssertConfirmed();
    }

    // ---- Forks, redirections ------------------------------------------------------------------------------------------------------------

    private static string Response(CallBench bench, int status, string tag, string extra = "", string body = "")
    {
        string answer = Element.Answer(bench.LastOf("alice", "INVITE"), status, toTag: tag, extra: extra);
        return body.Length == 0 ? answer : answer.Replace("Content-Length: 0\r\n\r\n", $"Content-Type: application/sdp\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";

    [Fact]
    public void Of_several_that_ring_the_first_to_answer_has_the_call()
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Response(bench, 180, "one", "Contact: <sip:one@192.0.2.9>\r\n"));
        bench.Inject(bench.Alice, Response(bench, 183, "two", "Contact: <sip:two@192.0.2.10>\r\n", Sdp));
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out var info));
        Assert.Equal(2, info.Dialogs);
        bench.Inject(bench.Alice, Response(bench, 200, "one", "Contact: <sip:one@192.0.2.9>\r\n", Sdp));
        Assert.Equal(CallState.Confirmed, bench.Alice.State(bench.Now));
        Assert.StartsWith("ACK sip:one@192.0.2.9 ", bench.LastOf("alice", "ACK"));
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out info));
        Assert.Equal(1, info.Dialogs);

        // Another has answered as well: it is acknowledged and ended, and the call goes on.
        bench.Inject(bench.Alice, Response(bench, 200, "two", "Contact: <sip:two@192.0.2.10>\r\n", Sdp));
        Assert.StartsWith("ACK sip:two@192.0.2.10 ", bench.LastOf("alice", "ACK"));
        Assert.StartsWith("BYE sip:two@192.0.2.10 ", bench.LastOf("alice", "BYE"));
        Assert.Equal(CallState.Confirmed, bench.Alice.State(bench.Now));
        // A copy of its answer is acknowledged, and needs no second BYE.
        int acks = bench.Ladder.Count(what => what == "alice ACK");
        bench.Inject(bench.Alice, Response(bench, 200, "two", "Contact: <sip:two@192.0.2.10>\r\n", Sdp));
        Assert.Equal(acks + 1, bench.Ladder.Count(what => what == "alice ACK"));
        Assert.Single(bench.Ladder, what => what == "alice BYE");
        Assert.Equal(1, bench.Alice.Calls.Counters.SurplusAnswers);
    }

    // A request of a callee's in its early dialog.
    private static string ByeOf(CallBench bench, string tag)
    {
        string invite = bench.LastOf("alice", "INVITE");
        string Line(string name) => invite.Split("\r\n").Single(line => line.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];
        return "BYE sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKbye" + tag + "\r\nMax-Forwards: 70\r\nFrom: " + Line("To")
            + ";tag=" + tag + "\r\nTo: " + Line("From") + "\r\nCall-ID: " + Line("Call-ID") + "\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n";
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_BYE_of_one_that_rings_ends_its_early_dialog_and_not_the_call(bool isFirst)
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Response(bench, 183, "one", "Contact: <sip:one@192.0.2.9>\r\n", Sdp));
        bench.Inject(bench.Alice, Response(bench, 183, "two", "Contact: <sip:two@192.0.2.10>\r\n", Sdp.Replace("5000", "6000")));
        Assert.Equal(6000, AudioOf(bench.Alice).Remote.Port);
        bench.Inject(bench.Alice, ByeOf(bench, isFirst ? "one" : "two"));
        Assert.Contains("alice 200", bench.Ladder);
        Assert.Equal((CallEventKind.MediaChanged, true), (bench.Alice.Last.Kind, bench.Alice.Last.HasMedia));
        Assert.Equal(isFirst ? 6000 : 5000, AudioOf(bench.Alice).Remote.Port);
        Assert.True(bench.Alice.Calls.TryGetInfo(bench.Now, bench.Alice.Call, out var info));
        Assert.Equal((CallState.Early, 1), (info.State, info.Dialogs));

        string other = isFirst ? "two" : "one";
        bench.Inject(bench.Alice, Response(bench, 200, other, $"Contact: <sip:{other}@192.0.2.9>\r\n", Sdp));
        Assert.Equal(CallState.Confirmed, bench.Alice.State(bench.Now));
        Assert.StartsWith($"ACK sip:{other}@192.0.2.9 ", bench.LastOf("alice", "ACK"));
        bench.Inject(bench.Alice, ByeOf(bench, other));
        Assert.Equal((CallEventKind.Ended, CallEnd.ByPeer), (bench.Alice.Last.Kind, bench.Alice.Last.End));
    }

    [Fact]
    public void A_call_whose_only_early_dialog_has_ended_rings_on_and_is_answered_by_another()
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Response(bench, 183, "one", "Contact: <sip:one@192.0.2.9>\r\n", Sdp));
        bench.Inject(bench.Alice, ByeOf(bench, "one"));
        Assert.Equal((CallEventKind.MediaChanged, false), (bench.Alice.Last.Kind, bench.Alice.Last.HasMedia));
        Assert.False(bench.Alice.Audio.TryGet(CallLayer.SessionOf(bench.Alice.Call), out _));
        Assert.Equal(CallResult.NotAllowed, bench.Alice.Calls.Update(bench.Now, bench.Alice.Call, withMedia: false));
        bench.Inject(bench.Alice, Response(bench, 180, "two", "Contact: <sip:two@192.0.2.10>\r\n"));
        bench.Inject(bench.Alice, Response(bench, 200, "two", "Contact: <sip:two@192.0.2.10>\r\n", Sdp));
        Assert.Equal(CallState.Confirmed, bench.Alice.State(bench.Now));
        Assert.Equal(5000, AudioOf(bench.Alice).Remote.Port);
    }

    [Fact]
    public void Of_several_that_agreed_on_early_media_each_has_an_exchange_of_its_own()
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        const string Reliable = "Require: 100rel\r\nRSeq: 1\r\n";
        bench.Inject(bench.Alice, Response(bench, 183, "one", "Contact: <sip:one@192.0.2.9>\r\n" + Reliable, Sdp));
        bench.Inject(bench.Alice, Response(bench, 183, "two", "Contact: <sip:two@192.0.2.10>\r\n" + Reliable, Sdp.Replace("5000", "6000")));
        bench.Inject(bench.Alice, Response(bench, 200, "two", "Contact: <sip:two@192.0.2.10>\r\n"));
        Assert.Equal(CallState.Confirmed, bench.Alice.State(bench.Now));
        Assert.Equal(6000, AudioOf(bench.Alice).Remote.Port);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Contact: <tel:+4930>\r\n")]
    [InlineData("Contact: nobody at all\r\n")]
    public void An_answer_without_an_address_is_acknowledged_and_ended(string contact)
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Response(bench, 200, "one", contact, Sdp));
        Assert.Equal((CallEventKind.Ended, CallEnd.NoMedia, (ushort)200), (bench.Alice.Last.Kind, bench.Alice.Last.End, bench.Alice.Last.Status));
        string ack = bench.LastOf("alice", "ACK");
        string bye = bench.LastOf("alice", "BYE");
        Assert.StartsWith("ACK sip:bob@192.0.2.2 ", ack);
        Assert.StartsWith("BYE sip:bob@192.0.2.2 ", bye);
        Assert.Contains(";tag=one\r\n", ack);
        Assert.Contains(";tag=one\r\n", bye);
        Assert.Equal(bench.Bob.Own, bench.Journal.Last(sent => sent.What == "BYE").To);
        // A copy has its ACK alone.
        bench.Inject(bench.Alice, Response(bench, 200, "one", contact, Sdp));
        Assert.Equal(2, bench.Ladder.Count(what => what == "alice ACK"));
        Assert.Single(bench.Ladder, what => what == "alice BYE");
        bench.AssertEmpty();
    }

    [Fact]
    public void An_answer_takes_the_room_of_the_calls_other_early_dialogs()
    {
        var bench = new CallBench(new() { Calls = 1, SpareDialogs = 0 }) { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Response(bench, 180, "one", "Contact: <sip:one@192.0.2.9>\r\n"));
        bench.Inject(bench.Alice, Response(bench, 200, "two", "Contact: <sip:two@192.0.2.10>\r\n", Sdp));
        Assert.Equal(CallState.Confirmed, bench.Alice.State(bench.Now));
        Assert.StartsWith("ACK sip:two@192.0.2.10 ", bench.LastOf("alice", "ACK"));
    }

    [Fact]
    public void An_answer_that_finds_no_dialog_is_acknowledged_and_ended()
    {
        var bench = new CallBench(new() { Calls = 2, SpareDialogs = 0 }) { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        string one = Response(bench, 180, "one", "Contact: <sip:one@192.0.2.9>\r\n");
        string two = Response(bench, 180, "two", "Contact: <sip:two@192.0.2.10>\r\n");
        bench.Place();
        bench.Inject(bench.Alice, one);
        bench.Inject(bench.Alice, two);
        bench.Inject(bench.Alice, Response(
            bench, 200, "three", "Contact: <sip:three@192.0.2.11>\r\nRecord-Route: <sip:192.0.2.20;lr>\r\nRecord-Route: <sip:192.0.2.21;lr>\r\n", Sdp));
        Assert.Equal((CallEventKind.Ended, CallEnd.NoRoom, (ushort)200), (bench.Alice.Last.Kind, bench.Alice.Last.End, bench.Alice.Last.Status));
        foreach (string sent in (string[])[bench.LastOf("alice", "ACK"), bench.LastOf("alice", "BYE")])
        {
            Assert.Contains(" sip:three@192.0.2.11 SIP/2.0\r\n", sent);
            Assert.Contains("\r\nRoute: <sip:192.0.2.21;lr>, <sip:192.0.2.20;lr>\r\n", sent);
        }
        Assert.Equal(2, bench.Alice.Calls.DialogCount);
        bench.Alice.Calls.HangUpAll(bench.Now);
        bench.AssertEmpty();
    }

    [Fact]
    public void A_redirection_to_an_address_without_a_way_ends_the_call()
    {
        var bench = new CallBench();
        bench.Place();
        bench.Answer(302, headers: "");
        Assert.Equal((CallEnd.Refused, (ushort)302), (bench.Alice.Last.End, bench.Alice.Last.Status));
        bench.AssertEmpty();
    }

    [Fact]
    public void Strict_routers_get_the_target_as_the_last_route()
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Response(bench, 200, "one", "Record-Route: <sip:192.0.2.30>, <sip:192.0.2.31>\r\nContact: <sip:one@192.0.2.9>\r\n", Sdp));
        string ack = bench.LastOf("alice", "ACK");
        Assert.StartsWith("ACK sip:192.0.2.31 ", ack);
        Assert.Contains("\r\nRoute: <sip:192.0.2.30>\r\nRoute: <sip:one@192.0.2.9>\r\n", ack);
    }

    [Fact]
    public void Loose_routers_are_named_in_reverse()
    {
        var bench = new CallBench { Loses = (what, _) => what.StartsWith("alice", StringComparison.Ordinal) };
        bench.Place();
        bench.Inject(bench.Alice, Response(bench, 200, "one", "Record-Route: <sip:192.0.2.30;lr>, <sip:192.0.2.31;lr>\r\nContact: <sip:one@192.0.2.9>\r\n", Sdp));
        string ack = bench.LastOf("alice", "ACK");
        Assert.StartsWith("ACK sip:one@192.0.2.9 ", ack);
        Assert.Contains("\r\nRoute: <sip:192.0.2.31;lr>, <sip:192.0.2.30;lr>\r\n", ack);
    }

    // ---- Keys, texts, requests of the user's -----------------------------------------------------------------------------------------------

    [Theory]
    [InlineData((byte)'5')]
    [InlineData((byte)'#')]
    [InlineData((byte)'*')]
    [InlineData((byte)'D')]
    public void Keys_go_by_INFO_and_come_once(byte digit)
    {
        var bench = CallBench.Confirmed();
        Assert.Equal(CallResult.Done, bench.Alice.Calls.SendDigit(bench.Now, bench.Alice.Call, digit, TimeSpan.FromMilliseconds(160)));
        bench.Pass(0);
        var told = Assert.Single(bench.Bob.Events, told => told.Kind == CallEventKind.Digit);
        Assert.Equal((digit, TimeSpan.FromMilliseconds(160)), (told.Digit, told.DigitDuration));
        Assert.Equal((CallEventKind.RequestEnded, (ushort)200, SipEmbedded.Messages.Method.Info), (bench.Alice.Last.Kind, bench.Alice.Last.Status, bench.Alice.Last.Method));
    }

    [Theory]
    [InlineData("application/dtmf-relay", "Signal= 11\r\nDuration= 250\r\n", '#')]
    [InlineData("application/dtmf-relay", "Signal=10", '*')]
    [InlineData("application/dtmf", "7", '7')]
    [InlineData("application/dtmf-relay", "signal=a\nduration=99999", 'A')]
    [InlineData("application/dtmf-relay", "Signal=\r\n", '\0')]
    [InlineData("application/dtmf", "77777", '\0')]
    public void Keys_in_the_forms_of_the_field_are_read(string type, string body, char digit)
    {
        var bench = CallBench.Confirmed();
        var octets = System.Text.Encoding.ASCII;
        bench.Alice.Calls.SendRequest(bench.Now, bench.Alice.Call, "INFO"u8, default, octets.GetBytes(type), octets.GetBytes(body));
        bench.Pass(0);
        Assert.Equal(digit == 0 ? 0 : 1, bench.Bob.Events.Count(told => told.Kind == CallEventKind.Digit && told.Digit == digit));
        Assert.Equal(digit == 0 ? (ushort)415 : (ushort)200, bench.Alice.Last.Status);
    }

    [Fact]
    public void Texts_and_typing_go_both_ways()
    {
        var bench = CallBench.Confirmed();
        bench.Alice.Calls.SendTyping(bench.Now, bench.Alice.Call, isTyping: true);
        bench.Pass(0);
        Assert.True(bench.Bob.Last is { Kind: CallEventKind.Typing, IsTyping: true });
        bench.Bob.Calls.SendText(bench.Now, bench.Bob.Call, "who is there?"u8);
        bench.Pass(0);
        Assert.Equal(CallEventKind.Text, bench.Alice.Events[^1].Kind);
        Assert.EndsWith("who is there?", bench.LastOf("bob", "MESSAGE"));
    }

    [Fact]
    public void A_request_of_the_users_own_is_answered_by_the_user()
    {
        var bench = CallBench.Confirmed();
        bench.Bob.User = told =>
        {
            if (told.Kind == CallEventKind.Request)
                bench.Bob.Agent.Respond(bench.Now, told.Server, 202);
        };
        bench.Alice.Calls.SendRequest(bench.Now, bench.Alice.Call, "NOTIFY"u8, "Event: door\r\n"u8);
        bench.Pass(0);
        Assert.Equal((CallEventKind.RequestEnded, (ushort)202), (bench.Alice.Last.Kind, bench.Alice.Last.Status));
        Assert.Equal(CallResult.NotAllowed, bench.Alice.Calls.SendRequest(bench.Now, bench.Alice.Call, "BYE"u8));
        Assert.Equal(CallResult.Malformed, bench.Alice.Calls.SendRequest(bench.Now, bench.Alice.Call, "NOTIFY"u8, "CSeq: 5 X\r\n"u8));
    }

    // Somebody else's request has the slot that a PRACK needs: answered, it keeps it for T4, 5 s (RFC 3261 §17.1.2.2, timer K).
    private static CallBench WithoutRoom(int clients)
    {
        var usual = CallSide.Transactions;
        var bench = new CallBench(
            alice: new() { Reliable = ReliableMode.Required },
            alicesTransactions: new() { AllowedMethods = usual.AllowedMethods, SupportedExtensions = usual.SupportedExtensions, ClientTransactions = clients });
        bench.Place();
        var request = bench.Alice.Agent.BeginRequest();
        request.StartRequest("OPTIONS"u8, "sip:bob@192.0.2.2"u8);
        request.Header(HeaderName.MaxForwards, 70);
        request.Header(HeaderName.From, "<sip:alice@192.0.2.1>;tag=a"u8);
        request.Header(HeaderName.To, "<sip:bob@192.0.2.2>"u8);
        request.Header(HeaderName.CallID, "another"u8);
        request.CSeq(1, "OPTIONS"u8);
        request.Finish();
        bench.Alice.Agent.SendRequest(bench.Now, request, new(Protocol.Udp, CallBench.AlicesAddress, CallBench.BobsAddress), 7, out _);
        bench.Settle();
        bench.Ladder.Clear();
        return bench;
    }

    [Fact]
    public void A_PRACK_that_finds_no_room_goes_out_when_there_is_some()
    {
        var bench = WithoutRoom(clients: 2);
        bench.Answer(183, withMedia: true);
        bench.Pass(4.9);
        Assert.DoesNotContain("alice PRACK", bench.Ladder);
        bench.Pass(1);
        Assert.Equal(["alice PRACK", "bob 200"], bench.Ladder[^2..]);
        Assert.Equal(1, bench.Alice.Calls.Counters.NoRoom);
        bench.Answer(200);
        bench.AssertConfirmed();
        bench.Pass(40);
        Assert.Single(bench.Ladder, what => what == "alice PRACK");
    }

    [Fact]
    public void A_PRACK_that_finds_no_room_at_all_is_given_up_with_its_response()
    {
        var bench = WithoutRoom(clients: 1);
        bench.Answer(183, withMedia: true);
        bench.Pass(40);
        Assert.Contains("bob 504", bench.Ladder);
        Assert.DoesNotContain("alice PRACK", bench.Ladder);
        bench.AssertEmpty();
    }
}
