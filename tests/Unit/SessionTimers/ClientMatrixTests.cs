// The UAC's side of RFC 4028 (§7): what our INVITEs and UPDATEs ask for, and what their responses make of the timer. Rows are tried in both roles.
using System.Globalization;
using SipEmbedded.SessionTimers;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Tests.SessionTimers;

public sealed class ClientMatrixTests(ITestOutputHelper output)
{
    // state: "first" is the INVITE that makes the dialog, "off" a dialog without a timer, "us" and "peer" one whose session of 1800 s (or what is ours) is refreshed
    // by us or by the peer; a request is sent at second 100.
    private const string Requests = """
        state | mode     | ours     | wish | request
        ------|----------|----------|------|-------------------------------------------------
        first | Optional | 1800/90  | None | Session-Expires: 1800
        first | Optional | 1800/90  | Peer | Session-Expires: 1800
        first | Optional | 1800/90  | Us   | Session-Expires: 1800;refresher=uac
        first | Optional | 600/90   | None | Session-Expires: 600
        first | Optional | 1800/200 | None | Session-Expires: 1800; Min-SE: 200
        first | Optional | 200/200  | Us   | Session-Expires: 200;refresher=uac; Min-SE: 200
        first | Required | 1800/90  | None | Session-Expires: 1800
        first | Always   | 1800/90  | None | Session-Expires: 1800
        first | Off      | 1800/200 | Us   | -
        off   | Optional | 1800/90  | Us   | -
        off   | Optional | 1800/200 | None | Min-SE: 200
        off   | Off      | 1800/200 | None | -
        us    | Optional | 1800/90  | None | Session-Expires: 1800;refresher=uac
        us    | Optional | 1800/90  | Peer | Session-Expires: 1800;refresher=uac
        us    | Optional | 600/200  | None | Session-Expires: 600;refresher=uac; Min-SE: 200
        us    | Required | 1800/90  | None | Session-Expires: 1800;refresher=uac
        us    | Always   | 1800/90  | None | Session-Expires: 1800;refresher=uac
        peer  | Optional | 1800/90  | None | Session-Expires: 1800;refresher=uas
        peer  | Optional | 1800/90  | Us   | Session-Expires: 1800;refresher=uas
        peer  | Required | 1800/90  | None | Session-Expires: 1800;refresher=uas
        peer  | Always   | 1800/200 | None | Session-Expires: 1800;refresher=uas; Min-SE: 200
        """;

    // then: who refreshes, the interval, the next deadline, the end.
    private const string Responses = """
        state | mode     | response                                                | then
        ------|----------|---------------------------------------------------------|--------------------------------------
        first | Optional | 200 Session-Expires: 1800;refresher=uac; Require: timer | us 1800 1000 1900
        first | Optional | 200 Session-Expires: 1800;refresher=uas; Require: timer | peer 1800 1868 1900
        first | Optional | 200 Session-Expires: 1800; Require: timer               | us 1800 1000 1900
        first | Optional | 200 Session-Expires: 1800;refresher=uac                 | us 1800 1000 1900
        first | Optional | 200 Session-Expires: 1800;refresher=uas                 | peer 1800 1868 1900
        first | Optional | 200 x: 600;refresher=UAS                                | peer 600 668 700
        first | Optional | 200 x: 600;mood="uas";Refresher=uas;later               | peer 600 668 700
        first | Optional | 200 x: 600;refresher=proxy                              | us 600 400 700
        first | Optional | 200 Session-Expires: 7200;refresher=uac                 | us 7200 3700 7300
        first | Optional | 200 Session-Expires: 7200;refresher=uas                 | peer 7200 7268 7300
        first | Optional | 200 Session-Expires: 90;refresher=uac                   | us 90 145 190
        first | Optional | 200 Session-Expires: 90;refresher=uas                   | peer 90 160 190
        first | Optional | 200 Session-Expires: 89;refresher=uac                   | us 90 145 190
        first | Optional | 200 Session-Expires: 1;refresher=uas                    | peer 90 160 190
        first | Optional | 200 Session-Expires: 0;refresher=uac                    | us 90 145 190
        first | Optional | 200 Session-Expires: 0                                  | us 90 145 190
        first | Optional | 200 Session-Expires: 99999999999;refresher=uac          | us 4294967295 2147483747.5 4294967395
        first | Optional | 200 Session-Expires: 99999999999;refresher=uas          | peer 4294967295 4294967363 4294967395
        first | Optional | 200 Session-Expires: soon;refresher=uac                 | off
        first | Optional | 200 Session-Expires:                                    | off
        first | Optional | 200 Supported: timer                                    | off
        first | Optional | 200 Require: timer                                      | off
        first | Optional | 200 -                                                   | off
        first | Optional | 202 Session-Expires: 600;refresher=uac                  | us 600 400 700
        first | Optional | 183 Session-Expires: 600;refresher=uac                  | off
        first | Optional | 302 Session-Expires: 600;refresher=uac                  | off
        first | Optional | 486 Session-Expires: 600;refresher=uac                  | off
        first | Required | 200 Session-Expires: 600;refresher=uas                  | peer 600 668 700
        first | Required | 200 -                                                   | us 1800 1000 1900
        first | Always   | 200 Session-Expires: 600;refresher=uas                  | peer 600 668 700
        first | Always   | 200 Session-Expires: 600                                | us 600 400 700
        first | Always   | 200 -                                                   | us 1800 1000 1900
        first | Off      | 200 Session-Expires: 600;refresher=uac                  | off
        first | Off      | 200 -                                                   | off
        off   | Optional | 200 Session-Expires: 600;refresher=uac                  | us 600 400 700
        off   | Optional | 200 -                                                   | off
        off   | Off      | 200 Session-Expires: 600;refresher=uac                  | off
        us    | Optional | 200 Session-Expires: 1800;refresher=uac                 | us 1800 1000 1900
        us    | Optional | 200 Session-Expires: 600;refresher=uac                  | us 600 400 700
        us    | Optional | 200 Session-Expires: 1800;refresher=uas                 | peer 1800 1868 1900
        us    | Optional | 200 -                                                   | off
        us    | Optional | 180 -                                                   | us 1800 900 1800
        us    | Optional | 500 -                                                   | us 1800 900 1800
        us    | Required | 200 -                                                   | us 1800 1000 1900
        us    | Always   | 200 -                                                   | us 1800 1000 1900
        peer  | Optional | 200 Session-Expires: 1800;refresher=uas                 | peer 1800 1868 1900
        peer  | Optional | 200 Session-Expires: 1800;refresher=uac                 | us 1800 1000 1900
        peer  | Optional | 200 Session-Expires: 1800                               | us 1800 1000 1900
        peer  | Optional | 200 -                                                   | off
        peer  | Optional | 491 -                                                   | peer 1800 1768 1800
        peer  | Required | 200 -                                                   | us 1800 1000 1900
        peer  | Always   | 200 -                                                   | us 1800 1000 1900
        """;

    [Fact]
    public void Every_request_of_the_table_in_both_roles()
    {
        int tried = 0;
        var wrong = new List<string>();
        foreach (string[] row in TimerTable.Rows(Requests))
        {
            foreach (bool isCaller in row[0] == "first" ? [true] : new[] { false, true })
            {
                tried++;
                uint[] ours = [.. row[2].Split('/').Select(uint.Parse)];
                var bench = Bench(row[0], Enum.Parse<SessionTimerMode>(row[1]), isCaller, ours[0], ours[1], Enum.Parse<SessionRefresher>(row[3]));
                string request = bench.Request();
                if (request != TimerTable.OrEmpty(row[4]))
                    wrong.Add($"{string.Join(" | ", row)} ({(isCaller ? "caller" : "callee")}): {request}");
            }
        }
        output.WriteLine($"{tried} cases");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(ExpectedRequests, tried);
    }

    [Fact]
    public void Every_response_of_the_table_in_both_roles()
    {
        int tried = 0;
        var wrong = new List<string>();
        foreach (string[] row in TimerTable.Rows(Responses))
        {
            foreach (bool isCaller in row[0] == "first" ? [true] : new[] { false, true })
            {
                tried++;
                var bench = Bench(row[0], Enum.Parse<SessionTimerMode>(row[1]), isCaller, 1800, 90, SessionRefresher.None);
                string[] response = row[2].Split(' ', 2);
                int status = int.Parse(response[0], CultureInfo.InvariantCulture);
                Assert.Equal(TimerVerdict.Accept, bench.Exchange(status, TimerTable.OrEmpty(response[1])));
                if (bench.State() != row[3])
                    wrong.Add($"{string.Join(" | ", row)} ({(isCaller ? "caller" : "callee")}): {bench.State()}");
            }
        }
        output.WriteLine($"{tried} cases");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(ExpectedResponses, tried);
    }

    private const int ExpectedRequests = 33;
    private const int ExpectedResponses = 70;

    // At second 100 of the session.
    private static TimerBench Bench(string state, SessionTimerMode mode, bool isCaller, uint interval, uint least, SessionRefresher wish)
    {
        var bench = state switch
        {
            "us" => TimerBench.Running(SessionRefresher.Us, isCaller, mode, interval, least),
            "peer" => TimerBench.Running(SessionRefresher.Peer, isCaller, mode, interval, least),
            "off" => TimerBench.Running(SessionRefresher.None, isCaller, mode, interval, least),
            _ => new(TimerBench.Settings(mode, interval, least, wish), isCaller),
        };
        bench.GoTo(100);
        return bench;
    }

    [Theory]
    [InlineData(SessionTimerMode.Off, false, false)]
    [InlineData(SessionTimerMode.Optional, true, false)]
    [InlineData(SessionTimerMode.Required, true, true)]
    [InlineData(SessionTimerMode.Always, true, false)]
    public void The_mode_says_what_stands_in_Supported_and_Require(SessionTimerMode mode, bool isOffered, bool isRequired)
    {
        var timer = new SessionTimer(TimerBench.Settings(mode), isCaller: true);
        Assert.Equal((isOffered, isRequired), (timer.IsOffered, timer.IsRequired));
    }

    // ---- 422 (§7.3, §7.4) ---------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_422_is_answered_by_the_largest_Min_SE_and_an_interval_as_long()
    {
        var alice = new TimerBench(TimerBench.Settings(interval: 120), isCaller: true);
        Assert.Equal("Session-Expires: 120", alice.Request());
        Assert.Equal(TimerVerdict.Retry, alice.Response(422, "Min-SE: 3600"));
        Assert.Equal("Session-Expires: 3600; Min-SE: 3600", alice.Request());
        Assert.Equal(TimerVerdict.Retry, alice.Response(422, "Min-SE: 4000"));
        Assert.Equal("Session-Expires: 4000; Min-SE: 4000", alice.Request());
        Assert.Equal("off", alice.State());
    }

    [Fact]
    public void A_422_is_answered_twice_at_most_between_two_2xx()
    {
        var alice = new TimerBench(TimerBench.Settings(), isCaller: true);
        Assert.Equal(TimerVerdict.Retry, alice.Exchange(422, "Min-SE: 2000"));
        Assert.Equal(TimerVerdict.Retry, alice.Exchange(422, "Min-SE: 3000"));
        Assert.Equal(TimerVerdict.Fail, alice.Exchange(422, "Min-SE: 4000"));
        Assert.Equal(TimerVerdict.Fail, alice.Exchange(422, "Min-SE: 5000"));
        alice.Exchange(200, "Session-Expires: 5000;refresher=uac");
        Assert.Equal(TimerVerdict.Retry, alice.Exchange(422, "Min-SE: 6000"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Min-SE: soon")]
    [InlineData("Min-SE: 90")]
    [InlineData("Min-SE: 30")]
    [InlineData("Min-SE: 0")]
    [InlineData("Session-Expires: 3600")]
    public void A_422_that_asks_for_nothing_new_is_the_end_of_the_request(string lines)
    {
        var alice = new TimerBench(TimerBench.Settings(), isCaller: true);
        Assert.Equal(TimerVerdict.Fail, alice.Exchange(422, lines));
        Assert.Equal("Session-Expires: 1800", alice.Request());
    }

    [Fact]
    public void The_same_Min_SE_again_is_the_end_of_the_request()
    {
        var alice = new TimerBench(TimerBench.Settings(), isCaller: true);
        Assert.Equal(TimerVerdict.Retry, alice.Exchange(422, "Min-SE: 2000"));
        Assert.Equal(TimerVerdict.Fail, alice.Exchange(422, "Min-SE: 2000"));
    }

    [Fact]
    public void A_Min_SE_below_what_was_asked_for_helps_where_a_proxy_had_shortened_it()
    {
        var alice = new TimerBench(TimerBench.Settings(), isCaller: true);
        Assert.Equal(TimerVerdict.Retry, alice.Exchange(422, "Min-SE: 1200;proxy=p2"));
        Assert.Equal("Session-Expires: 1800; Min-SE: 1200", alice.Request());
    }

    [Fact]
    public void A_Min_SE_beyond_all_numbers_is_the_largest()
    {
        var alice = new TimerBench(TimerBench.Settings(), isCaller: true);
        Assert.Equal(TimerVerdict.Retry, alice.Exchange(422, "Min-SE: 99999999999"));
        Assert.Equal("Session-Expires: 4294967295; Min-SE: 4294967295", alice.Request());
        Assert.Equal(TimerVerdict.Fail, alice.Response(422, "Min-SE: 99999999999"));
    }

    [Fact]
    public void A_422_to_one_who_offers_nothing_is_not_tried_again()
    {
        var bench = new TimerBench(TimerBench.Settings(SessionTimerMode.Off), isCaller: true);
        Assert.Equal(TimerVerdict.Fail, bench.Exchange(422, "Min-SE: 3600"));
        Assert.Equal("", bench.Request());
    }

    [Fact]
    public void What_422s_wanted_before_there_was_a_dialog_is_forgotten_with_it()
    {
        // §7.4; §13, message 18.
        var alice = new TimerBench(TimerBench.Settings(), isCaller: true);
        alice.Exchange(422, "Min-SE: 4000");
        alice.Exchange(200, "Session-Expires: 4000;refresher=uac");
        Assert.Equal("Session-Expires: 4000;refresher=uac", alice.Request());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_heard_of_Min_SE_on_the_dialog_stands_in_each_later_request(bool isCaller)
    {
        var bench = TimerBench.Running(SessionRefresher.Us, isCaller);
        bench.GoTo(900);
        // A 422 does not extend the session (§10).
        Assert.Equal(TimerVerdict.Retry, bench.Exchange(422, "Min-SE: 2000"));
        Assert.Equal("us 1800 900 1800", bench.State());
        Assert.Equal("Session-Expires: 2000;refresher=uac; Min-SE: 2000", bench.Request());
        bench.Response(200, "Session-Expires: 2000;refresher=uac");
        Assert.Equal("us 2000 1900 2900", bench.State());
        Assert.Equal("Session-Expires: 2000;refresher=uac; Min-SE: 2000", bench.Request());
        bench.Serve("Supported: timer; Session-Expires: 3000;refresher=uas; Min-SE: 2500", "UPDATE");
        Assert.Equal("Session-Expires: 2500;refresher=uac; Min-SE: 2500", bench.Request());
        bench.Serve("Supported: timer; Session-Expires: 3000;refresher=uas; Min-SE: 100", "UPDATE");
        Assert.Equal("Session-Expires: 2500;refresher=uac; Min-SE: 2500", bench.Request());
    }

    [Fact]
    public void A_callee_repeats_the_Min_SE_of_the_first_INVITE()
    {
        var bob = new TimerBench(TimerBench.Settings(), isCaller: false);
        bob.Serve("Supported: timer; Session-Expires: 4000;refresher=uas; Min-SE: 30", isInitial: true);
        Assert.Equal("Session-Expires: 1800;refresher=uac; Min-SE: 90", bob.Request());
    }

    [Fact]
    public void A_callee_asks_for_nothing_before_its_2xx_and_is_left_without_a_timer_until_then()
    {
        var bob = new TimerBench(TimerBench.Settings(SessionTimerMode.Always), isCaller: false);
        bob.Ask("Supported: timer; Session-Expires: 600", isInitial: true);
        Assert.Equal("", bob.Request());
        bob.Response(200);
        Assert.Equal("off", bob.State());
        Assert.Equal("Session-Expires: 600;refresher=uac; Require: timer", bob.Answer());
    }

    [Theory]
    [InlineData(0, 0, 90, 90)]
    [InlineData(0, 1800, 90, 1800)]
    [InlineData(89, 60, 90, 90)]
    [InlineData(200, 100, 200, 200)]
    [InlineData(200, 300, 200, 300)]
    public void Settings_out_of_range_count_as_the_nearest_within(uint least, uint interval, uint leastThen, uint intervalThen)
    {
        var settings = TimerBench.Settings(interval: interval, least: least);
        Assert.Equal(least == leastThen && interval == intervalThen, settings.IsValid);
        var bench = new TimerBench(settings, isCaller: true);
        Assert.StartsWith($"Session-Expires: {intervalThen}", bench.Request(), StringComparison.Ordinal);
        Assert.Equal($"Min-SE: {leastThen}", bench.TooBrief());
    }

    [Fact]
    public void What_is_no_mode_or_refresher_is_not_valid()
    {
        var settings = new SessionTimerSettings();
        Assert.Equal((SessionTimerMode.Optional, 1800u, 90u, SessionRefresher.None), (settings.Mode, settings.IntervalSeconds, settings.LeastSeconds, settings.Refresher));
        Assert.True(settings.IsValid);
        Assert.False((settings with { Mode = (SessionTimerMode)4 }).IsValid);
        Assert.False((settings with { Refresher = (SessionRefresher)3 }).IsValid);
    }
}
