// SIPp calls us, a scenario for each feature.
using SipEmbedded.Audio;
using SipEmbedded.Calls;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

public class SippCallerTests
{
    [PeerTheory("sipp")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_is_rung_answered_and_ended_by_sipp(bool usesTcp)
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "hangs-up", usesTcp);
        phone.NextIncoming();
        phone.Answer(180);
        phone.Answer(200);
        phone.NextConfirmed();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerTheory("sipp")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_is_ended_by_us(bool usesTcp)
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "is-hung-up-on", usesTcp);
        phone.Take();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerTheory("sipp")]
    [InlineData("is-busy", 486)]
    [InlineData("is-declined", 603)]
    public void A_call_is_refused(string scenario, int status)
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, scenario);
        phone.NextIncoming();
        phone.Answer(status);
        phone.NextEnded(CallEnd.ByUs, status);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_is_sent_elsewhere()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "is-redirected");
        phone.NextIncoming();
        phone.Answer(302, headers: "Contact: <sip:carol@127.0.0.1>\r\n");
        phone.NextEnded(CallEnd.ByUs, 302);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_second_call_is_busy_where_there_is_room_for_one()
    {
        using var phone = new TestPhone(new() { Calls = 1 });
        using var first = Scenario.Calls(phone, "is-hung-up-on");
        phone.Take();
        using var second = Scenario.Calls(phone, "is-busy");
        second.Ends();
        Assert.Equal(1, phone.Counters.NoRoom);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        first.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void An_offer_without_a_codec_of_ours_is_refused_with_the_cause()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "finds-no-codec");
        sipp.Ends();
        Assert.Equal(1, phone.Counters.OffersRefused);
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_is_cancelled_by_sipp()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "cancels");
        phone.NextIncoming();
        phone.Answer(180);
        phone.NextEnded(CallEnd.Cancelled, 487);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_cancel_that_crosses_our_answer_has_no_effect()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "cancels-too-late");
        phone.Take();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void An_invitation_that_expires_is_refused()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "gives-so-much-time");
        phone.NextIncoming();
        phone.Answer(180);
        phone.Skip(2.1);
        phone.NextEnded(CallEnd.Unanswered, 487);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Early_media_are_repeated_by_the_answer_for_a_caller_without_100rel()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "hears-early-media");
        phone.NextIncoming();
        phone.Answer(183, withMedia: true);
        phone.Answer(200);
        phone.NextConfirmed();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Early_media_are_acknowledged_before_the_answer_goes()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "acknowledges-ringing");
        phone.NextIncoming();
        phone.Answer(183, withMedia: true);
        // It waits for the PRACK.
        phone.Answer(200);
        phone.NextConfirmed();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Ringing_is_reliable_for_a_caller_that_requires_it_and_PRACK_carries_an_offer()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "requires-100rel");
        phone.NextIncoming();
        phone.Answer(180);
        phone.Until("< PRACK");
        phone.Answer(183, withMedia: true);
        Assert.True(phone.Next(CallEventKind.MediaChanged).Told.HasMedia);
        Assert.True(phone.Audio.IsHeld);
        phone.Answer(200);
        phone.NextConfirmed();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_without_an_offer_gets_ours_with_the_answer()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "makes-no-offer");
        phone.NextIncoming(hasMedia: false);
        phone.Answer(180);
        phone.Answer(200);
        phone.NextConfirmed();
        Assert.Equal(AudioCodec.Pcmu, phone.Audio.Codec);
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_without_an_offer_gets_ours_while_it_rings()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "makes-no-offer-reliably");
        phone.NextIncoming(hasMedia: false);
        phone.Answer(183, withMedia: true);
        Assert.True(phone.Next(CallEventKind.MediaChanged).Told.HasMedia);
        phone.Answer(200);
        phone.NextConfirmed();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Sipp_holds_in_all_three_ways_and_takes_back()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "holds");
        phone.Take();
        foreach (var (direction, isHeld) in (ReadOnlySpan<(MediaDirection, bool)>)
            [(MediaDirection.ReceiveOnly, true), (MediaDirection.Inactive, true), (MediaDirection.ReceiveOnly, true), (MediaDirection.SendReceive, false)])
        {
            // A key asks the scenario for its next step.
            Press(phone, (byte)'1');
            Assert.True(phone.Next(CallEventKind.MediaChanged).Told.HasMedia);
            Assert.Equal((direction, isHeld), (phone.Audio.Direction, phone.Audio.IsHeld));
        }
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    private static void Press(TestPhone phone, byte key)
    {
        phone.Must((now, calls) => calls.SendDigit(now, phone.Call, key, TimeSpan.FromMilliseconds(250)));
        Assert.Equal(200, phone.Next(CallEventKind.RequestEnded).Told.Status);
    }

    [PeerFact("sipp")]
    public void We_hold_and_resume()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "is-held");
        phone.Take();
        phone.Must((now, calls) => calls.Hold(now, phone.Call));
        phone.NextChanged(CallChange.Hold);
        Assert.Equal((MediaDirection.SendOnly, true), (phone.Audio.Direction, phone.Info.IsHeld));
        phone.Must((now, calls) => calls.Resume(now, phone.Call));
        phone.NextChanged(CallChange.Resume);
        Assert.Equal((MediaDirection.SendReceive, false), (phone.Audio.Direction, phone.Info.IsHeld));
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Sipp_changes_the_call_by_UPDATE()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "updates");
        phone.Take();
        Assert.True(phone.Next(CallEventKind.MediaChanged).Told.HasMedia);
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void We_change_the_call_by_UPDATE()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "is-updated");
        phone.Take();
        phone.Must((now, calls) => calls.Update(now, phone.Call, withMedia: true));
        phone.NextChanged(CallChange.Renegotiate);
        phone.Must((now, calls) => calls.Update(now, phone.Call, withMedia: false));
        phone.NextChanged(CallChange.Retarget);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Two_changes_that_meet_are_both_refused_and_ours_is_made_later()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "meets-a-change");
        phone.Take();
        phone.Must((now, calls) => calls.Reinvite(now, phone.Call));
        phone.Until("> ACK");
        // Who does not own the Call-ID waits 2 s at most.
        phone.Skip(2);
        phone.NextChanged(CallChange.Renegotiate);
        Assert.Equal((1, 2), (phone.Traffic.Count("> 491"), phone.Traffic.Count("> INVITE sdp")));
        Assert.Equal(2, phone.Counters.Glares);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_session_that_sipp_refreshes_lives_and_one_that_it_does_not_is_ended()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "refreshes");
        phone.Take();
        Assert.Equal((90u, false), (phone.Info.SessionSeconds, phone.Info.IsRefresher));
        // RFC 4028 §10: ended 30 s before the 90 are over.
        phone.Skip(50);
        Press(phone, (byte)'1');
        phone.Until("< UPDATE");
        phone.Skip(50);
        Assert.Equal(CallState.Confirmed, phone.InfoNow.State);
        phone.Skip(10.5);
        phone.NextEnded(CallEnd.Expired, 200);
        Assert.Equal(1, phone.Counters.SessionsExpired);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void We_refresh_a_session_by_UPDATE()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "is-refreshed");
        phone.Take();
        Assert.Equal((90u, true), (phone.Info.SessionSeconds, phone.Info.IsRefresher));
        phone.Skip(46);
        phone.Until("> UPDATE", 1);
        WaitForRefreshes(phone, 1);
        phone.Skip(46);
        WaitForRefreshes(phone, 2);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    internal static void WaitForRefreshes(TestPhone phone, long count)
    {
        for (var end = DateTime.UtcNow + TimeSpan.FromSeconds(5); phone.Counters.Refreshes < count; Thread.Sleep(5))
            Assert.True(DateTime.UtcNow < end, $"not {count} refreshes:\n{phone.Traffic}");
    }

    [PeerFact("sipp")]
    public void We_refresh_a_session_by_INVITE_where_the_peer_knows_no_UPDATE()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "is-refreshed-by-invite");
        phone.Take();
        string first = OriginOf(phone.Traffic.Last("> 200 sdp"));
        phone.Skip(46);
        WaitForRefreshes(phone, 1);
        Assert.Equal(first, OriginOf(phone.Traffic.Last("> INVITE sdp")));
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    internal static string OriginOf(string message) => message.Split("\r\n").Single(line => line.StartsWith("o=", StringComparison.Ordinal));

    [PeerFact("sipp")]
    public void A_session_that_is_too_brief_is_refused_with_the_least()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "asks-for-a-brief-session");
        phone.Take();
        Assert.Equal(90u, phone.Info.SessionSeconds);
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void An_answer_that_nobody_acknowledges_ends_the_call()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "never-acknowledges");
        phone.NextIncoming();
        phone.Answer(180);
        phone.Answer(200);
        phone.Until("> 200 sdp", 2);
        phone.Skip(32);
        phone.NextEnded(CallEnd.Unacknowledged, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_BYE_that_sipp_knows_no_call_for_ends_it_all_the_same()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "has-forgotten");
        phone.Take();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 481);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_BYE_for_no_call_gets_481()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "hangs-up-what-is-not-there");
        sipp.Ends();
        Assert.Equal(1, phone.Counters.OutsideDialogs);
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Keys_are_heard_and_sent()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "presses-keys");
        phone.Take();
        var told = phone.Next(CallEventKind.Digit).Told;
        Assert.Equal(((byte)'5', TimeSpan.FromMilliseconds(160)), (told.Digit, told.DigitDuration));
        Press(phone, (byte)'#');
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Texts_and_typing_are_read_and_texts_sent()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "writes");
        phone.Take();
        Assert.StartsWith("Who is there?", phone.Next(CallEventKind.Text).Body);
        Assert.True(phone.Next(CallEventKind.Typing).Told.IsTyping);
        phone.Must((now, calls) => calls.SendText(now, phone.Call, "The post."u8));
        Assert.Equal(200, phone.Next(CallEventKind.RequestEnded).Told.Status);
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerTheory("sipp")]
    [InlineData("asks")]
    [InlineData("comes-out-of-order")]
    public void Requests_inside_the_call_are_answered(string scenario)
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, scenario);
        phone.Take();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void OPTIONS_without_a_call_says_what_we_can()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "asks-outside");
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_peer_that_moves_is_followed()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.Calls(phone, "moves");
        phone.Take();
        phone.Until("< ACK", 2);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }
}
