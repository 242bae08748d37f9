// We call SIPp, a scenario for each feature.
using SipEmbedded.Calls;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

public class SippCalleeTests
{
    [PeerTheory("sipp")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_is_rung_answered_and_ended_by_us(bool usesTcp)
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "is-hung-up-on", usesTcp);
        phone.Place(sipp.Port, headers: "X-Door: front\r\n", usesTcp: usesTcp);
        phone.NextProgress(180);
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerTheory("sipp")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_call_is_ended_by_sipp(bool usesTcp)
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "hangs-up", usesTcp);
        phone.Place(sipp.Port, usesTcp: usesTcp);
        phone.NextProgress(180);
        phone.NextConfirmed();
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerTheory("sipp")]
    [InlineData("is-busy", 486)]
    [InlineData("declines", 603)]
    [InlineData("redirects-in-vain", 302)]
    public void A_call_is_refused(string scenario, int status)
    {
        using var phone = new TestPhone(new() { FollowsRedirects = false });
        using var sipp = Scenario.IsCalled(phone, scenario);
        phone.Place(sipp.Port);
        phone.NextEnded(CallEnd.Refused, status);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_is_cancelled_by_us()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "is-cancelled");
        phone.Place(sipp.Port);
        phone.NextProgress(180);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 487);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void An_answer_that_crosses_our_CANCEL_is_acknowledged_and_ended()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "answers-while-it-is-cancelled");
        phone.Place(sipp.Port);
        phone.NextProgress(180);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_that_nobody_answers_in_time_is_cancelled()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "never-answers");
        phone.Place(sipp.Port, expires: 2);
        phone.NextProgress(180);
        phone.Skip(2.1);
        phone.NextEnded(CallEnd.Unanswered, 487);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Early_media_are_told_of()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "plays-early-media");
        phone.Place(sipp.Port);
        phone.NextProgress(183, hasMedia: true);
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Reliable_ringing_is_acknowledged_in_order()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "rings-reliably");
        phone.Place(sipp.Port);
        phone.NextProgress(183, hasMedia: true);
        phone.NextProgress(180);
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void An_offer_that_comes_with_reliable_ringing_is_answered_by_PRACK()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "offers-reliably");
        phone.Place(sipp.Port, isOfferless: true);
        phone.NextProgress(183, hasMedia: true);
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_that_rings_is_changed_by_our_UPDATE()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "is-updated-while-it-rings");
        phone.Place(sipp.Port);
        phone.NextProgress(183, hasMedia: true);
        phone.Must((now, calls) => calls.Update(now, phone.Call, withMedia: true));
        phone.NextChanged(CallChange.Renegotiate);
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_that_rings_is_changed_by_an_UPDATE_of_sipps()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "updates-while-it-rings");
        phone.Place(sipp.Port);
        phone.NextProgress(183, hasMedia: true);
        Assert.True(phone.Next(CallEventKind.MediaChanged).Told.HasMedia);
        phone.NextConfirmed();
        Assert.Equal(MediaDirection.ReceiveOnly, phone.Audio.Direction);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_call_without_an_offer_is_answered_in_the_ACK()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "makes-the-offer");
        phone.Place(sipp.Port, isOfferless: true);
        phone.NextProgress(180);
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void We_hold_and_resume()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "is-held");
        Confirm(phone, sipp);
        phone.Must((now, calls) => calls.Hold(now, phone.Call));
        phone.NextChanged(CallChange.Hold);
        Assert.Equal(MediaDirection.SendOnly, phone.Audio.Direction);
        phone.Must((now, calls) => calls.Resume(now, phone.Call));
        phone.NextChanged(CallChange.Resume);
        Assert.Equal(MediaDirection.SendReceive, phone.Audio.Direction);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    private static void Confirm(TestPhone phone, Scenario sipp)
    {
        phone.Place(sipp.Port);
        phone.NextProgress(180);
        phone.NextConfirmed();
    }

    [PeerFact("sipp")]
    public void Sipp_holds_by_the_old_address_and_resumes()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "holds");
        Confirm(phone, sipp);
        phone.Next(CallEventKind.MediaChanged);
        Assert.Equal((MediaDirection.ReceiveOnly, true), (phone.Audio.Direction, phone.Audio.IsHeld));
        Press(phone);
        phone.Next(CallEventKind.MediaChanged);
        Assert.False(phone.Audio.IsHeld);
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    // A key asks a scenario for its next step.
    private static void Press(TestPhone phone)
    {
        phone.Must((now, calls) => calls.SendDigit(now, phone.Call, (byte)'1', TimeSpan.FromMilliseconds(100)));
        Assert.Equal(200, phone.Next(CallEventKind.RequestEnded).Told.Status);
    }

    [PeerFact("sipp")]
    public void A_re_INVITE_without_an_offer_gets_a_whole_one()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "asks-for-an-offer");
        Confirm(phone, sipp);
        Assert.True(phone.Next(CallEventKind.MediaChanged).Told.HasMedia);
        phone.NextEnded(CallEnd.ByPeer, 200);
        sipp.Ends();
        Assert.Equal(1, phone.Traffic.Count("> 200 sdp"));
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_change_that_is_refused_leaves_the_call_as_it_was()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "refuses-a-change");
        Confirm(phone, sipp);
        phone.Must((now, calls) => calls.Hold(now, phone.Call));
        phone.NextChanged(CallChange.Hold, 488);
        Assert.Equal((MediaDirection.SendReceive, false), (phone.Audio.Direction, phone.Info.IsHeld));
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_change_that_meets_another_is_made_later()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "is-changing-something-itself");
        Confirm(phone, sipp);
        phone.Must((now, calls) => calls.Hold(now, phone.Call));
        phone.Until("< 491");
        // The owner of the Call-ID waits 2.1 s at least, and 4 s at most.
        phone.Skip(2);
        Assert.Equal(2, phone.Traffic.Count("> INVITE sdp"));
        phone.Skip(2);
        phone.NextChanged(CallChange.Hold);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_change_that_meets_nobody_ends_the_call()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "loses-the-call");
        Confirm(phone, sipp);
        phone.Must((now, calls) => calls.Reinvite(now, phone.Call));
        phone.NextEnded(CallEnd.Lost, 481);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerTheory("sipp")]
    [InlineData("challenges")]
    [InlineData("challenges-as-a-proxy")]
    public void A_challenge_is_answered(string scenario)
    {
        using var phone = new TestPhone(new() { Password = "secret" });
        using var sipp = Scenario.IsCalled(phone, scenario);
        phone.Place(sipp.Port);
        phone.NextProgress(180);
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        Assert.Equal(2, phone.Counters.Challenged);
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_redirection_is_followed_to_what_is_preferred()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "redirects");
        phone.Place(sipp.Port);
        phone.NextConfirmed();
        Assert.Equal(1, phone.Counters.Redirected);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void We_refresh_a_session_with_the_description_that_holds()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "is-refreshed");
        Confirm(phone, sipp);
        Assert.Equal((90u, true), (phone.Info.SessionSeconds, phone.Info.IsRefresher));
        string first = SippCallerTests.OriginOf(phone.Traffic.Last("> INVITE sdp"));
        for (int refreshes = 1; refreshes <= 2; refreshes++)
        {
            phone.Skip(46);
            SippCallerTests.WaitForRefreshes(phone, refreshes);
            Assert.Equal(first, SippCallerTests.OriginOf(phone.Traffic.Last("> INVITE sdp")));
        }
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_session_that_sipp_refreshes_lives_and_one_that_it_does_not_is_ended()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "refreshes");
        Confirm(phone, sipp);
        Assert.Equal((90u, false), (phone.Info.SessionSeconds, phone.Info.IsRefresher));
        phone.Skip(50);
        Press(phone);
        phone.Until("< ACK");
        phone.Skip(50);
        Assert.Equal(CallState.Confirmed, phone.InfoNow.State);
        phone.Skip(10.5);
        phone.NextEnded(CallEnd.Expired, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_session_that_is_too_brief_for_sipp_is_made_longer()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "wants-a-longer-session");
        phone.Place(sipp.Port);
        phone.NextConfirmed();
        Assert.Equal(2000u, phone.Info.SessionSeconds);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_refresh_by_UPDATE_that_is_not_allowed_is_made_by_INVITE()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "refuses-updates");
        Confirm(phone, sipp);
        phone.Skip(46);
        SippCallerTests.WaitForRefreshes(phone, 1);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Each_answer_has_its_ACK()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "does-not-hear-the-ACK");
        phone.Place(sipp.Port);
        phone.NextConfirmed();
        phone.Until("> ACK", 2);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_second_callee_is_hung_up_on()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "is-two");
        phone.Place(sipp.Port);
        phone.NextConfirmed();
        phone.Until("> BYE");
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        Assert.Equal(1, phone.Counters.SurplusAnswers);
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void A_BYE_that_sipp_knows_no_call_for_ends_it_all_the_same()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "has-forgotten");
        Confirm(phone, sipp);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 481);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Keys_are_sent_and_heard()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "presses-keys");
        Confirm(phone, sipp);
        Press(phone);
        Assert.Equal((byte)'*', phone.Next(CallEventKind.Digit).Told.Digit);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void Texts_are_sent_and_read()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "writes");
        Confirm(phone, sipp);
        phone.Must((now, calls) => calls.SendText(now, phone.Call, "Who is there?"u8));
        Assert.Equal(200, phone.Next(CallEventKind.RequestEnded).Told.Status);
        Assert.StartsWith("The post.", phone.Next(CallEventKind.Text).Body);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }

    [PeerFact("sipp")]
    public void An_answer_that_makes_no_sense_ends_the_call()
    {
        using var phone = new TestPhone();
        using var sipp = Scenario.IsCalled(phone, "answers-nonsense");
        phone.Place(sipp.Port);
        phone.NextEnded(CallEnd.NoMedia, 200);
        sipp.Ends();
        phone.AssertEmpty();
    }
}
