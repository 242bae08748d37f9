// Two session timers that talk to each other, and RFC 4028's own example: roles that change from one transaction to the next and refreshers that do not.
using SipEmbedded.SessionTimers;
using SipEmbedded.Tests.Vectors;
using Xunit;

namespace SipEmbedded.Tests.SessionTimers;

public sealed class TimerFlowTests
{
    // What a proxy of the kind that is in the way makes of a request or response.
    private delegate string Hop(string lines);

    private static void Send(TimerBench from, TimerBench to, double seconds, string method = "UPDATE", bool isInitial = false, Hop? up = null, Hop? back = null)
    {
        from.GoTo(seconds);
        to.GoTo(seconds);
        string supported = from.Timer.IsOffered ? "Supported: timer" : "Supported: 100rel";
        string asked = from.Request();
        string request = asked.Length == 0 ? supported : $"{supported}; {asked}";
        Assert.Equal(TimerVerdict.Accept, from.Response(200, (back ?? Same)(to.Serve((up ?? Same)(request), method, isInitial))));
    }

    private static string Same(string lines) => lines;

    private static (TimerBench Alice, TimerBench Bob) Call(SessionTimerSettings alice, SessionTimerSettings bob, Hop? up = null, Hop? back = null)
    {
        var caller = new TimerBench(alice, isCaller: true);
        var callee = new TimerBench(bob, isCaller: false);
        Send(caller, callee, 0, "INVITE", isInitial: true, up, back);
        return (caller, callee);
    }

    // Who supports it, and who refreshes: §3's four cases, in every mode.
    [Theory]
    [InlineData("Off", "Off", "off", "off")]
    [InlineData("Off", "Optional", "off", "off")]
    [InlineData("Off", "Always", "off", "us")]
    [InlineData("Optional", "Off", "off", "off")]
    [InlineData("Optional", "Optional", "us", "peer")]
    [InlineData("Optional", "Required", "us", "peer")]
    [InlineData("Optional", "Always", "us", "peer")]
    [InlineData("Required", "Optional", "us", "peer")]
    [InlineData("Required", "Required", "us", "peer")]
    [InlineData("Required", "Always", "us", "peer")]
    [InlineData("Always", "Off", "us", "off")]
    [InlineData("Always", "Optional", "us", "peer")]
    [InlineData("Always", "Required", "us", "peer")]
    [InlineData("Always", "Always", "us", "peer")]
    public void A_call_between_all_modes(string caller, string callee, string atCaller, string atCallee)
    {
        var (alice, bob) = Call(TimerBench.Settings(Enum.Parse<SessionTimerMode>(caller)), TimerBench.Settings(Enum.Parse<SessionTimerMode>(callee)));
        Assert.Equal((atCaller, atCallee), (alice.State().Split(' ')[0], bob.State().Split(' ')[0]));
        // A refresh leaves it so.
        var refresher = alice.Timer.IsRefresher ? alice : bob.Timer.IsRefresher ? bob : null;
        if (refresher is null)
            return;
        Assert.Equal(TimerAction.Refresh, refresher.Wait());
        Send(refresher, refresher == alice ? bob : alice, refresher.Seconds);
        Assert.Equal((atCaller, atCallee), (alice.State().Split(' ')[0], bob.State().Split(' ')[0]));
    }

    [Theory]
    [InlineData(SessionRefresher.None, "us", "peer")]
    [InlineData(SessionRefresher.Us, "peer", "us")]
    public void The_refresher_stays_the_same_whoever_sends_the_next_request(SessionRefresher bobsWish, string atAlice, string atBob)
    {
        var (alice, bob) = Call(TimerBench.Settings(), TimerBench.Settings(refresher: bobsWish));
        double now = 0;
        foreach (bool isAlice in new[] { true, false, false, true, true, false })
        {
            now += 50;
            Send(isAlice ? alice : bob, isAlice ? bob : alice, now, isAlice ? "INVITE" : "UPDATE");
            Assert.Equal($"{atAlice} 1800 {now + (atAlice == "us" ? 900 : 1768)} {now + 1800}", alice.State());
            Assert.Equal($"{atBob} 1800 {now + (atBob == "us" ? 900 : 1768)} {now + 1800}", bob.State());
        }
    }

    [Fact]
    public void Refreshes_that_cross_leave_both_with_one_refresher()
    {
        var (alice, bob) = Call(TimerBench.Settings(), TimerBench.Settings());
        string fromAlice = alice.Request();
        string fromBob = bob.Request();
        Assert.Equal(("Session-Expires: 1800;refresher=uac", "Session-Expires: 1800;refresher=uas"), (fromAlice, fromBob));
        string toBob = alice.Serve("Supported: timer; " + fromBob, "UPDATE");
        string toAlice = bob.Serve("Supported: timer; " + fromAlice, "UPDATE");
        alice.Response(200, toAlice);
        bob.Response(200, toBob);
        Assert.Equal(("us 1800 900 1800", "peer 1800 1768 1800"), (alice.State(), bob.State()));
    }

    [Fact]
    public void The_refresher_hands_over_where_the_peer_asks_for_it()
    {
        var (alice, bob) = Call(TimerBench.Settings(), TimerBench.Settings());
        Assert.True(alice.Timer.IsRefresher);
        alice.GoTo(100);
        alice.Serve("Supported: timer; Session-Expires: 1800;refresher=uac", "UPDATE");
        Assert.Equal("peer 1800 1868 1900", alice.State());
        alice.Exchange(200, "Session-Expires: 1800;refresher=uac");
        Assert.Equal("us 1800 1000 1900", alice.State());
        Assert.False(bob.Timer.IsRefresher);
    }

    [Fact]
    public void A_peer_that_falls_silent_is_given_up_before_the_session_expires()
    {
        var (alice, bob) = Call(TimerBench.Settings(interval: 90), TimerBench.Settings());
        Assert.Equal(TimerAction.Refresh, alice.Wait());
        Send(alice, bob, alice.Seconds);
        // Alice is gone.
        Assert.Equal(TimerAction.End, bob.Wait());
        Assert.Equal(45.0 + 60, bob.Seconds);
    }

    // ---- Proxies (§8) -------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_proxy_may_shorten_the_interval()
    {
        var (alice, bob) = Call(TimerBench.Settings(), TimerBench.Settings(), up: lines => lines.Replace("1800", "300", StringComparison.Ordinal));
        Assert.Equal(("us 300 150 300", "peer 300 268 300"), (alice.State(), bob.State()));
    }

    [Fact]
    public void A_proxy_asks_for_a_timer_between_one_who_knows_it_and_one_who_does_not()
    {
        // §8.2: nobody answered for the UAS, so the proxy does.
        var (alice, bob) = Call(
            TimerBench.Settings(), TimerBench.Settings(SessionTimerMode.Off),
            back: lines => lines.Length == 0 ? "Session-Expires: 1800;refresher=uac; Require: timer" : lines);
        Assert.Equal(("us 1800 900 1800", "off"), (alice.State(), bob.State()));
        // §8.1: nor did the UAC ask, and the proxy inserts both, with a Min-SE that it raised.
        (alice, bob) = Call(
            TimerBench.Settings(SessionTimerMode.Off), TimerBench.Settings(), up: lines => lines + "; Session-Expires: 3600; Min-SE: 3600");
        Assert.Equal(("off", "us 3600 1800 3600"), (alice.State(), bob.State()));
    }

    [Fact]
    public void A_proxy_asks_for_a_timer_between_two_who_do_not_know_it()
    {
        var (alice, bob) = Call(
            TimerBench.Settings(SessionTimerMode.Off), TimerBench.Settings(SessionTimerMode.Off), up: lines => lines + "; Session-Expires: 3600");
        Assert.Equal(("off", "off"), (alice.State(), bob.State()));
    }

    // ---- Forks (§7.2) -------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Each_dialog_of_a_fork_has_its_own_interval()
    {
        var alice = new TimerBench(TimerBench.Settings(), isCaller: true);
        alice.Request();
        var first = alice.Timer;
        alice.Response(200, "Session-Expires: 600;refresher=uas");
        var second = alice.Timer;
        alice.Timer = first;
        alice.Response(200);
        Assert.Equal((600u, false), (second.IntervalSeconds, alice.Timer.IsRunning));
    }

    // ---- The example of §13 -------------------------------------------------------------------------------------------------------

    [Fact]
    public void The_example_of_RFC_4028()
    {
        // Alice's 50 s would not be allowed here; ours is the least that is.
        var alice = new TimerBench(TimerBench.Settings(interval: 90), isCaller: true);
        var bob = new TimerBench(TimerBench.Settings(), isCaller: false);
        Assert.Equal("Session-Expires: 90", alice.Request());
        Assert.Equal(TimerVerdict.Retry, alice.Response(422, LinesOf("002")));
        Assert.Equal(LinesOf("003"), alice.Request());
        Assert.Equal(TimerVerdict.Retry, alice.Response(422, "Min-SE: 4000"));
        Assert.Equal(LinesOf("004"), alice.Request());
        Assert.Equal(LinesOf("005"), bob.Serve("Supported: timer; " + LinesOf("004"), isInitial: true));
        alice.Response(200, LinesOf("005"));
        Assert.Equal(("us 4000 2000 4000", "peer 4000 3968 4000"), (alice.State(), bob.State()));
        Assert.Equal(TimerAction.Refresh, alice.Wait());
        Assert.Equal(LinesOf("006"), alice.Request());
        bob.GoTo(2000);
        Assert.Equal(LinesOf("007"), bob.Serve("Supported: timer; " + LinesOf("006"), "UPDATE"));
        alice.Response(200, LinesOf("007"));
        // Alice's UA crashes; 3968 s later Bob sends a BYE.
        Assert.Equal(TimerAction.End, bob.Wait());
        Assert.Equal(2000.0 + 3968, bob.Seconds);
    }

    // The lines of a message that RFC prints which are this extension's, in the order that they are written here.
    private static string LinesOf(string number)
    {
        string[] lines = System.Text.Encoding.Latin1.GetString(MessageVectors.Read($"flows/rfc4028/{number}.sip")).Split("\r\n");
        string[] names = ["Session-Expires:", "Min-SE:", "Require:"];
        return string.Join("; ", names.SelectMany(name => lines.Where(line => line.StartsWith(name, StringComparison.Ordinal))));
    }
}
