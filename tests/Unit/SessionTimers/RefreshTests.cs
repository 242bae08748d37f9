// Refreshes in time (RFC 4028 §10): when they are due, what becomes of those that fail, and when the session ends. The rows of the table are tried in both
// roles, over UPDATE and re-INVITE.
using SipEmbedded.Memory;
using SipEmbedded.SessionTimers;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Tests.SessionTimers;

public sealed class RefreshTests(ITestOutputHelper output)
{
    // ---- When ---------------------------------------------------------------------------------------------------------------------

    // §7.2: half the interval; §10: the lesser of 32 s and a third before the end.
    [Theory]
    [InlineData(90, "45", "60")]
    [InlineData(91, "45.5", "60.667")]
    [InlineData(95, "47.5", "63.334")]
    [InlineData(96, "48", "64")]
    [InlineData(97, "48.5", "65")]
    [InlineData(120, "60", "88")]
    [InlineData(1800, "900", "1768")]
    [InlineData(4000, "2000", "3968")]
    [InlineData(86400, "43200", "86368")]
    public void A_session_is_refreshed_at_half_its_interval_or_ended_shortly_before_its_end(uint seconds, string refreshed, string ended)
    {
        foreach (bool isCaller in new[] { false, true })
        {
            var ours = TimerBench.Running(SessionRefresher.Us, isCaller, seconds: seconds);
            Assert.Equal(refreshed, TimerBench.Shown(ours.Timer.Deadline));
            Assert.Equal(TimerAction.Refresh, ours.Wait());
            // Nobody tells what became of it.
            Assert.Equal(TimerBench.At(seconds), ours.Timer.Deadline);
            Assert.Equal(TimerAction.End, ours.Wait());
            Assert.Equal("off", ours.State());

            var theirs = TimerBench.Running(SessionRefresher.Peer, isCaller, seconds: seconds);
            Assert.Equal(ended, TimerBench.Shown(theirs.Timer.Deadline));
            Assert.Equal(TimerAction.End, theirs.Wait());
            Assert.Equal("off", theirs.State());
            Assert.Equal(TimerAction.None, theirs.Timer.TimeIsUp(TimerBench.At(seconds)));
        }
    }

    [Fact]
    public void A_session_is_refreshed_again_and_again()
    {
        var bench = TimerBench.Running(SessionRefresher.Us, isCaller: true, seconds: 90);
        for (int i = 1; i <= 100; i++)
        {
            Assert.Equal(TimerAction.Refresh, bench.Wait());
            Assert.Equal(45.0 * i, bench.Seconds);
            bench.Exchange(200, "Session-Expires: 90;refresher=uac");
        }
        Assert.Equal(TimerBench.At(45 * 101), bench.Timer.Deadline);
    }

    [Fact]
    public void Who_looks_late_refreshes_late_and_ends_it_behind_the_end()
    {
        var bench = TimerBench.Running(SessionRefresher.Us, isCaller: true);
        Assert.Equal(TimerAction.Refresh, bench.Timer.TimeIsUp(TimerBench.At(1799.999)));
        Assert.Equal(TimerAction.End, TimerBench.Running(SessionRefresher.Us, isCaller: true).Timer.TimeIsUp(TimerBench.At(1800)));
    }

    // ---- Answers ------------------------------------------------------------------------------------------------------------------

    // A session of 1800 s whose refresh, sent at second 900, is answered at second 900. What then: an action, and the deadline behind it. "next 902.1..904" is
    // the caller's range and the callee's behind a slash.
    private const string Table = """
        status                                      | lines                             | to an UPDATE             | to a re-INVITE
        --------------------------------------------|-----------------------------------|--------------------------|-------------------------
        408 481                                     | -                                 | End                      | End
        404 410 416 482 483 484 485 502 604 480     | -                                 | End                      | End
        404 480                                     | Retry-After: 5                    | End                      | End
        405 501                                     | -                                 | Refresh                  | End
        400 415 488                                 | -                                 | Refresh                  | next 1350
        422                                         | Min-SE: 3600                      | Refresh                  | Refresh
        422                                         | -                                 | next 1800                | next 1800
        422                                         | Min-SE: 90                        | next 1800                | next 1800
        491                                         | -                                 | next 902.1..904/900..902 | next 902.1..904/900..902
        491                                         | Retry-After: 60                   | next 902.1..904/900..902 | next 902.1..904/900..902
        500 503 504 505 513 580 599                 | -                                 | next 1350                | next 1350
        500 503 504 505 513 580 599                 | Retry-After: 60                   | next 960                 | next 960
        500 503                                     | Retry-After: 60 (busy);duration=3 | next 960                 | next 960
        500 503                                     | Retry-After: 0                    | next 901                 | next 901
        500 503                                     | Retry-After: soon                 | next 1350                | next 1350
        500 503                                     | Retry-After: 899                  | next 1799                | next 1799
        500 503                                     | Retry-After: 900                  | next 1768                | next 1768
        500 503                                     | Retry-After: 99999999999          | next 1768                | next 1768
        401 402 403 406 407 412 413 414 417 420 421 | -                                 | next 1350                | next 1350
        423 428 429 436 437 438 486 487 489 493 494 | -                                 | next 1350                | next 1350
        300 301 302 305 380 399 499 600 603 606 699 | -                                 | next 1350                | next 1350
        413 486 600 603                             | Retry-After: 60                   | next 960                 | next 960
        """;

    [Fact]
    public void Every_answer_of_the_table_in_both_roles_and_methods()
    {
        int tried = 0;
        var wrong = new List<string>();
        foreach (string[] row in TimerTable.Rows(Table))
        foreach (int status in row[0].Split(' ').Select(int.Parse))
        foreach (bool wasUpdate in new[] { true, false })
        foreach (bool isCaller in new[] { true, false })
        {
            tried++;
            string lines = TimerTable.OrEmpty(row[1]);
            string found = $"{Try(status, lines, wasUpdate, isCaller, ulong.MinValue)}..{Try(status, lines, wasUpdate, isCaller, ulong.MaxValue)}";
            string[] ofRoles = row[wasUpdate ? 2 : 3].Replace("next ", "", StringComparison.Ordinal).Split('/');
            string[] ends = ofRoles[isCaller ? 0 : ^1].Split("..");
            string expected = $"{ends[0]}..{ends[^1]}";
            if (found != expected)
                wrong.Add($"{status} {lines} to {(wasUpdate ? "UPDATE" : "INVITE")} ({(isCaller ? "caller" : "callee")}): {found}, expected {expected}");
        }
        output.WriteLine($"{tried} cases");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(ExpectedAnswers, tried);
    }

    private const int ExpectedAnswers = 348;

    private static string Try(int status, string lines, bool wasUpdate, bool isCaller, ulong draw)
    {
        var bench = Refreshing(isCaller);
        bench.Draw = draw;
        var action = bench.Failed(status, lines, wasUpdate);
        Assert.Equal(action != TimerAction.End, bench.Timer.IsRunning);
        // Only a 2xx extends the session.
        Assert.Equal(TimerBench.At(action == TimerAction.End ? 0 : 1800), action == TimerAction.End ? TimerBench.At(0) : bench.Timer.ExpiresAt);
        return action == TimerAction.None ? TimerBench.Shown(bench.Timer.Deadline) : action.ToString();
    }

    private static TimerBench Refreshing(bool isCaller, SessionTimerMode mode = SessionTimerMode.Optional)
    {
        var bench = TimerBench.Running(SessionRefresher.Us, isCaller, mode);
        bench.Allow("Allow: INVITE, UPDATE");
        Assert.Equal(TimerAction.Refresh, bench.Wait());
        bench.Request();
        return bench;
    }

    [Fact]
    public void Every_status_has_an_answer_that_never_outlasts_the_session()
    {
        for (int status = 300; status < 700; status++)
        {
            var bench = Refreshing(isCaller: status % 2 == 0);
            var action = bench.Failed(status, wasUpdate: false);
            Assert.True(action == TimerAction.End || bench.Timer.Deadline <= bench.Timer.ExpiresAt);
        }
    }

    [Fact]
    public void A_wait_behind_a_491_is_a_multiple_of_10_ms()
    {
        var seen = new HashSet<long>();
        for (uint i = 0; i < 1000; i++)
        {
            var bench = Refreshing(isCaller: true);
            bench.Draw = i * (ulong.MaxValue / 1000);
            bench.Failed(491);
            long wait = bench.Timer.Deadline.Milliseconds - 900_000;
            Assert.Equal(0, wait % 10);
            seen.Add(wait);
        }
        // RFC 3261 §14.1: 2.1, 2.11, … 4.0 s.
        Assert.Equal(191, seen.Count);
    }

    [Theory]
    [InlineData(405)]
    [InlineData(501)]
    [InlineData(488)]
    [InlineData(415)]
    [InlineData(400)]
    public void An_UPDATE_that_was_refused_is_never_tried_again(int status)
    {
        var bench = Refreshing(isCaller: true);
        Assert.True(bench.Timer.PrefersUpdate);
        Assert.Equal(TimerAction.Refresh, bench.Failed(status));
        Assert.False(bench.Timer.PrefersUpdate);
        bench.Exchange(200, "Session-Expires: 1800;refresher=uac");
        bench.Allow("Allow: UPDATE");
        Assert.False(bench.Timer.PrefersUpdate);
    }

    [Fact]
    public void A_422_to_a_refresh_is_answered_at_once_and_twice_at_most()
    {
        var bench = Refreshing(isCaller: true);
        Assert.Equal(TimerAction.Refresh, bench.Failed(422, "Min-SE: 2000"));
        Assert.Equal("Session-Expires: 2000;refresher=uac; Min-SE: 2000", bench.Request());
        Assert.Equal(TimerAction.Refresh, bench.Failed(422, "Min-SE: 3000"));
        Assert.Equal("Session-Expires: 3000;refresher=uac; Min-SE: 3000", bench.Request());
        Assert.Equal(TimerAction.None, bench.Failed(422, "Min-SE: 4000"));
        Assert.Equal("us 1800 1800 1800", bench.State());
        Assert.Equal(TimerAction.End, bench.Wait());
    }

    [Fact]
    public void A_refusal_is_tried_once_more()
    {
        var bench = Refreshing(isCaller: true);
        Assert.Equal(TimerAction.None, bench.Failed(403));
        Assert.Equal(TimerAction.Refresh, bench.Wait());
        Assert.Equal(1350, bench.Seconds);
        Assert.Equal(TimerAction.None, bench.Failed(403));
        Assert.Equal(TimerAction.End, bench.Wait());
        Assert.Equal(1800, bench.Seconds);
    }

    [Fact]
    public void A_2xx_between_makes_refusals_count_anew()
    {
        var bench = Refreshing(isCaller: true);
        for (int i = 0; i < 5; i++)
        {
            bench.Failed(403);
            Assert.Equal(TimerAction.Refresh, bench.Wait());
            bench.Exchange(200, "Session-Expires: 1800;refresher=uac");
            Assert.Equal(TimerAction.Refresh, bench.Wait());
        }
    }

    [Theory]
    [InlineData(491, "", "902.1 904.2 906.3 908.4 1354.2 1577.1")]
    [InlineData(503, "Retry-After: 0", "901 902 903 904 1352 1576")]
    [InlineData(503, "Retry-After: 300", "1200 1500 1768 1784 1792 1796")]
    [InlineData(500, "Retry-After: 3600", "1768 1784 1792 1796 1798 1799")]
    [InlineData(500, "", "1350 1575 1687.5 1743.75 1771.875 1785.938")]
    public void Answers_that_ask_for_patience_get_it_and_their_number_is_bounded(int status, string lines, string attempts)
    {
        var bench = Refreshing(isCaller: true);
        var found = new List<string>();
        while (true)
        {
            Assert.Equal(TimerAction.None, bench.Failed(status, lines));
            if (bench.Wait() == TimerAction.End)
                break;
            found.Add(TimerBench.Shown(bench.Now));
        }
        Assert.StartsWith(attempts, string.Join(" ", found), StringComparison.Ordinal);
        Assert.InRange(found.Count, 6, 20);
        Assert.Equal(1800, bench.Seconds);
    }

    [Fact]
    public void A_2xx_between_makes_patience_count_anew()
    {
        var bench = Refreshing(isCaller: true);
        for (int i = 0; i < 3 * SessionTimerLimits.MaxPromptRetries; i++)
        {
            bench.Failed(503, "Retry-After: 7");
            double before = bench.Seconds;
            Assert.Equal(TimerAction.Refresh, bench.Wait());
            Assert.Equal(before + 7, bench.Seconds);
            bench.Exchange(200, "Session-Expires: 1800;refresher=uac");
            Assert.Equal(TimerAction.Refresh, bench.Wait());
        }
    }

    [Fact]
    public void An_answer_in_the_last_second_comes_to_nothing()
    {
        var bench = Refreshing(isCaller: false);
        bench.GoTo(1799.001);
        Assert.Equal(TimerAction.None, bench.Failed(491));
        Assert.Equal(TimerBench.At(1800), bench.Timer.Deadline);
        Assert.Equal(TimerAction.End, bench.Wait());
    }

    [Fact]
    public void An_answer_behind_the_end_ends_it()
    {
        var bench = Refreshing(isCaller: true);
        bench.GoTo(1800);
        Assert.Equal(TimerAction.End, bench.Failed(491));
        Assert.Equal(TimerAction.None, bench.Failed(481));
    }

    [Fact]
    public void A_refresh_without_an_answer_ends_the_session()
    {
        var bench = Refreshing(isCaller: true);
        Assert.Equal(TimerAction.End, bench.Timer.RefreshUnanswered());
        Assert.Equal("off", bench.State());
        Assert.Equal(TimerAction.None, bench.Timer.RefreshUnanswered());
    }

    [Fact]
    public void A_failure_means_nothing_where_the_peer_refreshes_meanwhile_unless_its_dialog_is_gone()
    {
        foreach (int status in new[] { 405, 422, 491, 503, 603, 481 })
        {
            var bench = Refreshing(isCaller: true);
            bench.Serve("Supported: timer; Session-Expires: 1800;refresher=uac", "UPDATE");
            Assert.Equal(status == 481 ? TimerAction.End : TimerAction.None, bench.Failed(status, "Min-SE: 3600"));
            Assert.Equal(status == 481 ? "off" : "peer 1800 2668 2700", bench.State());
        }
    }

    [Fact]
    public void A_request_of_the_peer_s_while_a_refresh_is_under_way_extends_the_session()
    {
        var bench = Refreshing(isCaller: true);
        bench.GoTo(910);
        bench.Serve("Supported: timer; Session-Expires: 1800;refresher=uas", "UPDATE");
        Assert.Equal("us 1800 1810 2710", bench.State());
        bench.GoTo(911);
        bench.Response(200, "Session-Expires: 1800;refresher=uac");
        Assert.Equal("us 1800 1811 2711", bench.State());
    }

    // ---- Waiting for others -------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(ulong.MinValue, 901)]
    [InlineData(ulong.MaxValue, 902)]
    [InlineData(1ul << 63, 901.5)]
    public void A_refresh_that_must_wait_waits_a_second_or_two(ulong draw, double until)
    {
        var bench = Refreshing(isCaller: true);
        bench.Draw = draw;
        bench.Postpone();
        Assert.Equal(TimerBench.At(until), bench.Timer.Deadline);
        Assert.Equal(TimerAction.Refresh, bench.Wait());
    }

    [Fact]
    public void A_refresh_that_must_wait_for_ever_waits_until_the_session_expires()
    {
        var bench = Refreshing(isCaller: true);
        int waits = 0;
        do
        {
            bench.Postpone();
            waits++;
        }
        while (bench.Wait() == TimerAction.Refresh);
        Assert.Equal((1800.0, 900), (bench.Seconds, waits));
    }

    [Fact]
    public void Who_does_not_refresh_has_nothing_to_put_off()
    {
        var bench = TimerBench.Running(SessionRefresher.Peer, isCaller: true);
        bench.Postpone();
        Assert.Equal("peer 1800 1768 1800", bench.State());
        var off = TimerBench.Running(SessionRefresher.None, isCaller: true);
        off.Postpone();
        Assert.Equal("off", off.State());
    }

    // ---- Allow --------------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("Allow: INVITE, ACK, UPDATE, BYE", true)]
    [InlineData("Allow: INVITE; Allow: UPDATE", true)]
    [InlineData("Allow: UPDATE,, INVITE", true)]
    [InlineData("Allow: INVITE, update", false)]
    [InlineData("Allow: UPDATES", false)]
    [InlineData("Allow:", false)]
    [InlineData("Supported: UPDATE", false)]
    public void UPDATE_is_for_those_who_allow_it(string lines, bool prefers)
    {
        var bench = TimerBench.Running(SessionRefresher.Us, isCaller: true);
        bench.Allow(lines);
        Assert.Equal(prefers, bench.Timer.PrefersUpdate);
    }

    [Fact]
    public void The_last_message_with_Allow_counts()
    {
        var bench = TimerBench.Running(SessionRefresher.Us, isCaller: true);
        bench.Allow("Allow: UPDATE");
        bench.Allow("Supported: timer");
        Assert.True(bench.Timer.PrefersUpdate);
        bench.Allow("Allow: INVITE");
        Assert.False(bench.Timer.PrefersUpdate);
    }

    // ---- The end ------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_timer_that_was_stopped_stays_so_whatever_still_arrives()
    {
        var bench = Refreshing(isCaller: true, SessionTimerMode.Always);
        bench.Ask("Supported: timer; Session-Expires: 600");
        bench.Timer.Stop();
        Assert.Equal("off", bench.State());
        bench.Timer.ResponseSent(bench.Now);
        Assert.Equal("off", bench.State());
        bench.Response(200, "Session-Expires: 600;refresher=uac");
        Assert.Equal("off", bench.State());
        Assert.Equal("", bench.Request());
        Assert.Equal(TimerVerdict.Fail, bench.Response(422, "Min-SE: 7200"));
        bench.Timer.RequestRefused();
        Assert.Equal(TimerVerdict.Accept, bench.Ask("Supported: timer; Session-Expires: 6"));
        Assert.Equal("", bench.Answer());
        Assert.Equal(TimerAction.None, bench.Failed(481));
        Assert.Equal(TimerAction.None, bench.Timer.TimeIsUp(Instant.Never));
    }

    [Fact]
    public void A_timer_that_nobody_made_never_runs()
    {
        SessionTimer timer = default;
        Assert.Equal((Instant.Never, Instant.Never, false), (timer.Deadline, timer.ExpiresAt, timer.IsOffered));
        Assert.Equal(TimerAction.None, timer.TimeIsUp(TimerBench.At(1e6)));
    }
}
