// Calls with Debian's baresip, in both directions.
using SipEmbedded.Audio;
using SipEmbedded.Calls;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

public class BaresipTests
{
    private static void WeCall(TestPhone phone, Baresip peer)
    {
        phone.Place(peer.Port);
        phone.NextProgress(180);
        peer.Next("CALL_INCOMING");
        peer.Do("accept");
        phone.NextConfirmed();
        peer.Next("CALL_ESTABLISHED");
    }

    private static void ItCalls(TestPhone phone, Baresip peer)
    {
        peer.Do("dial", phone.Uri);
        phone.NextIncoming();
        phone.Answer(180);
        peer.Next("CALL_RINGING");
        phone.Answer(200);
        phone.NextConfirmed();
        peer.Next("CALL_ESTABLISHED");
    }

    [PeerTheory("baresip")]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_call_is_placed_answered_and_ended(bool itCalls, bool itHangsUp)
    {
        using var phone = new TestPhone();
        using var peer = new Baresip();
        if (itCalls)
            ItCalls(phone, peer);
        else
            WeCall(phone, peer);
        Assert.Equal((AudioCodec.Pcmu, MediaDirection.SendReceive), (phone.Audio.Codec, phone.Audio.Direction));
        if (itHangsUp)
            peer.Do("hangup");
        else
            phone.HangUp();
        phone.NextEnded(itHangsUp ? CallEnd.ByPeer : CallEnd.ByUs, 200);
        peer.Next("CALL_CLOSED");
        phone.AssertEmpty();
    }

    [PeerTheory("baresip")]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_side_holds_the_other_and_takes_it_back(bool itCalls)
    {
        using var phone = new TestPhone();
        using var peer = new Baresip();
        if (itCalls)
            ItCalls(phone, peer);
        else
            WeCall(phone, peer);
        peer.Do("hold");
        Assert.True(phone.Next(CallEventKind.MediaChanged).Told.HasMedia);
        Assert.True(phone.Audio.IsHeld);
        peer.Do("resume");
        phone.Next(CallEventKind.MediaChanged);
        Assert.Equal((MediaDirection.SendReceive, false), (phone.Audio.Direction, phone.Audio.IsHeld));
        phone.Must((now, calls) => calls.Hold(now, phone.Call));
        phone.NextChanged(CallChange.Hold);
        Assert.False(phone.Audio.Direction.CanReceive());
        phone.Must((now, calls) => calls.Resume(now, phone.Call));
        phone.NextChanged(CallChange.Resume);
        Assert.Equal(MediaDirection.SendReceive, phone.Audio.Direction);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        peer.Next("CALL_CLOSED");
        phone.AssertEmpty();
    }

    [PeerFact("baresip")]
    public void Each_side_refuses_a_call()
    {
        using var phone = new TestPhone();
        using var peer = new Baresip();
        phone.Place(peer.Port);
        phone.NextProgress(180);
        peer.Next("CALL_INCOMING");
        peer.Do("hangup");
        var ended = phone.Next(CallEventKind.Ended).Told;
        Assert.Equal(CallEnd.Refused, ended.End);
        Assert.InRange(ended.Status, 480, 606);
        peer.Next("CALL_CLOSED");

        peer.Do("dial", phone.Uri);
        phone.NextIncoming();
        phone.Answer(486);
        phone.NextEnded(CallEnd.ByUs, 486);
        Assert.Contains("486", (string)peer.Next("CALL_CLOSED")["param"]!);
        phone.AssertEmpty();
    }

    [PeerFact("baresip")]
    public void Each_side_cancels_a_call()
    {
        using var phone = new TestPhone();
        using var peer = new Baresip();
        phone.Place(peer.Port);
        phone.NextProgress(180);
        peer.Next("CALL_INCOMING");
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 487);
        peer.Next("CALL_CLOSED");

        peer.Do("dial", phone.Uri);
        phone.NextIncoming();
        phone.Answer(180);
        peer.Next("CALL_RINGING");
        peer.Do("hangup");
        phone.NextEnded(CallEnd.Cancelled, 487);
        peer.Next("CALL_CLOSED");
        phone.AssertEmpty();
    }

    [PeerFact("baresip")]
    public void Each_side_is_busy_with_another_call()
    {
        using var phone = new TestPhone(new() { Calls = 1 });
        using var peer = new Baresip();
        WeCall(phone, peer);
        using var other = new TestPhone(new() { User = "carol" });
        other.Place(peer.Port);
        other.NextEnded(CallEnd.Refused, 486);
        other.Place(phone.Port);
        other.NextEnded(CallEnd.Refused, 486);
        Assert.Equal(1, phone.Counters.NoRoom);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        other.AssertEmpty();
        phone.AssertEmpty();
    }

    [PeerFact("baresip")]
    public void A_peer_without_session_timers_is_refreshed_where_we_always_do()
    {
        using var phone = new TestPhone(new() { SessionTimer = new() { Mode = SessionTimers.SessionTimerMode.Always, IntervalSeconds = 90 } });
        using var peer = new Baresip();
        WeCall(phone, peer);
        Assert.Equal((90u, true), (phone.Last.Info.SessionSeconds, phone.Last.Info.IsRefresher));
        phone.Skip(46);
        SippCallerTests.WaitForRefreshes(phone, 1);
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        peer.Next("CALL_CLOSED");
        phone.AssertEmpty();
    }
}
