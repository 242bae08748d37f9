// Two phones of ours behind Debian's kamailio: a registrar and record-routing proxy that asks for credentials.
using SipEmbedded.Calls;
using SipEmbedded.Interop.Tests.Registration;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

public class ProxyTests
{
    private static TestPhone Phone(Kamailio proxy, string user, string password, bool usesTcp)
    {
        var phone = new TestPhone(new() { User = user, Password = password, Registrar = proxy.HostPort, UsesTcp = usesTcp });
        phone.Register();
        return phone;
    }

    [PeerTheory("kamailio")]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Calls_go_through_it_both_ways_and_so_does_all_that_follows(bool aliceUsesTcp, bool bobUsesTcp)
    {
        using var proxy = new Kamailio(new() { RoutesCalls = true });
        using var alice = Phone(proxy, "alice", "secret", aliceUsesTcp);
        using var bob = Phone(proxy, "bob", "word", bobUsesTcp);
        Talk(proxy, alice, bob, "bob", callerHangsUp: true);
        Talk(proxy, bob, alice, "alice", callerHangsUp: false);
        alice.AssertEmpty();
        bob.AssertEmpty();
    }

    private static void Talk(Kamailio proxy, TestPhone caller, TestPhone callee, string user, bool callerHangsUp)
    {
        caller.PlaceTo($"sip:{user}@{proxy.HostPort}");
        callee.NextIncoming();
        callee.Answer(180);
        caller.NextProgress(180);
        callee.Answer(200);
        caller.NextConfirmed();
        callee.NextConfirmed();
        Assert.Equal(1, caller.Traffic.Count("< 407"));
        Assert.Equal(1, caller.Counters.Challenged);
        Assert.Contains("\r\nProxy-Authorization: ", caller.Traffic.Last("> INVITE sdp"));
        Assert.Contains("\r\nRecord-Route: <sip:127.0.0.1", callee.Traffic.Last("< INVITE sdp"));
        // The proxy takes its credentials off.
        Assert.DoesNotContain("Proxy-Authorization", callee.Traffic.Last("< INVITE sdp"));
        Assert.Contains("\r\nRoute: <sip:127.0.0.1", caller.Traffic.Last("> ACK"));

        callee.Must((now, calls) => calls.Hold(now, callee.Call));
        callee.NextChanged(CallChange.Hold);
        Assert.True(caller.Next(CallEventKind.MediaChanged).Audio.IsHeld);
        Assert.Contains("\r\nRoute: <sip:127.0.0.1", callee.Traffic.Last("> INVITE sdp"));
        caller.Must((now, calls) => calls.Update(now, caller.Call, withMedia: true));
        caller.NextChanged(CallChange.Renegotiate);
        callee.Next(CallEventKind.MediaChanged);
        callee.Must((now, calls) => calls.Resume(now, callee.Call));
        callee.NextChanged(CallChange.Resume);
        Assert.Equal(MediaDirection.SendReceive, caller.Next(CallEventKind.MediaChanged).Audio.Direction);

        var (one, other) = callerHangsUp ? (caller, callee) : (callee, caller);
        one.HangUp();
        one.NextEnded(CallEnd.ByUs, 200);
        other.NextEnded(CallEnd.ByPeer, 200);
        Assert.Contains("\r\nRoute: <sip:127.0.0.1", one.Traffic.Last("> BYE"));
    }

    [PeerFact("kamailio")]
    public void A_call_through_it_is_cancelled_refused_and_not_found()
    {
        using var proxy = new Kamailio(new() { RoutesCalls = true });
        using var alice = Phone(proxy, "alice", "secret", usesTcp: false);
        using var bob = Phone(proxy, "bob", "word", usesTcp: false);
        alice.PlaceTo($"sip:bob@{proxy.HostPort}");
        bob.NextIncoming();
        bob.Answer(180);
        alice.NextProgress(180);
        alice.HangUp();
        alice.NextEnded(CallEnd.ByUs, 487);
        bob.NextEnded(CallEnd.Cancelled, 487);

        alice.PlaceTo($"sip:bob@{proxy.HostPort}");
        bob.NextIncoming();
        bob.Answer(603);
        bob.NextEnded(CallEnd.ByUs, 603);
        alice.NextEnded(CallEnd.Refused, 603);

        alice.PlaceTo($"sip:nobody@{proxy.HostPort}");
        alice.NextEnded(CallEnd.Refused, 404);
        alice.AssertEmpty();
        bob.AssertEmpty();
    }

    [PeerFact("kamailio")]
    public void A_wrong_password_places_no_call()
    {
        using var proxy = new Kamailio(new() { RoutesCalls = true });
        using var bob = Phone(proxy, "bob", "word", usesTcp: false);
        using var alice = new TestPhone(new() { User = "alice", Password = "wrong" });
        alice.PlaceTo($"sip:bob@{proxy.HostPort}");
        alice.NextEnded(CallEnd.Refused, 407);
        // Tried once.
        Assert.Equal(2, alice.Traffic.Count("> INVITE sdp"));
        alice.AssertEmpty();
        bob.AssertEmpty();
    }

    [PeerFact("kamailio")]
    public void A_session_is_refreshed_through_it()
    {
        using var proxy = new Kamailio(new() { RoutesCalls = true });
        using var bob = Phone(proxy, "bob", "word", usesTcp: false);
        using var alice = new TestPhone(new() { User = "alice", Password = "secret", SessionTimer = new() { IntervalSeconds = 90, Refresher = SessionTimers.SessionRefresher.Us } });
        alice.PlaceTo($"sip:bob@{proxy.HostPort}");
        bob.Take();
        alice.NextProgress(180);
        alice.NextConfirmed();
        Assert.Equal((90u, true), (alice.Last.Info.SessionSeconds, alice.Last.Info.IsRefresher));
        // The refresh finds bob's clock as far on as its own.
        bob.Skip(46);
        alice.Skip(46);
        SippCallerTests.WaitForRefreshes(alice, 1);
        bob.Until("< UPDATE");
        // Without the refresh the callee would have ended it by now.
        bob.Skip(46);
        Assert.Equal(CallState.Confirmed, bob.InfoNow.State);
        bob.HangUp();
        bob.NextEnded(CallEnd.ByUs, 200);
        alice.NextEnded(CallEnd.ByPeer, 200);
        alice.AssertEmpty();
        bob.AssertEmpty();
    }
}
