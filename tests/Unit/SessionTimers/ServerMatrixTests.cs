// The UAS's side of RFC 4028 (§9, table 2): what an INVITE or UPDATE of the peer's is answered, and who refreshes then. A row is tried wherever it can
// happen: as callee and as caller, in an INVITE and in an UPDATE.
using System.Globalization;
using SipEmbedded.SessionTimers;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Tests.SessionTimers;

public sealed class ServerMatrixTests(ITestOutputHelper output)
{
    // state: "first" is the INVITE that makes the dialog, "off" a dialog without a timer, "us" and "peer" one whose session of 1800 s (or what is ours, where that
    // is set) is refreshed by us or by the peer. ours: the interval and the least that are set. then: who refreshes after the 2xx.
    private const string Table = """
        state | mode     | ours     | request                                                            | answer                                              | then
        ------|----------|----------|--------------------------------------------------------------------|-----------------------------------------------------|-----
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 1800                            | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 1800;refresher=uac              | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 1800;refresher=uas              | Session-Expires: 1800;refresher=uas; Require: timer | us
        first | Optional | 1800/90  | Session-Expires: 1800                                              | Session-Expires: 1800;refresher=uas                 | us
        first | Optional | 1800/90  | Session-Expires: 1800;refresher=uac                                | Session-Expires: 1800;refresher=uas                 | us
        first | Optional | 1800/90  | Session-Expires: 1800;refresher=uas                                | Session-Expires: 1800;refresher=uas                 | us
        first | Optional | 1800/90  | Supported: timer                                                   | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Optional | 1800/90  | -                                                                  | -                                                   | off
        first | Optional | 1800/90  | Supported: 100rel, replaces                                        | -                                                   | off
        first | Optional | 1800/90  | Require: timer; Session-Expires: 1800                              | Session-Expires: 1800;refresher=uas                 | us
        first | Optional | 1800/90  | k: 100rel, TIMER; x: 600                                           | Session-Expires: 600;refresher=uac; Require: timer  | peer
        first | Optional | 1800/90  | Supported: 100rel; k: timer; x: 600 ;Refresher = UAS               | Session-Expires: 600;refresher=uas; Require: timer  | us
        first | Optional | 1800/90  | Supported: timer; x: 600;early;a="b;refresher=uas"                 | Session-Expires: 600;refresher=uac; Require: timer  | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 600;refresher=proxy             | Session-Expires: 600;refresher=uac; Require: timer  | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 600;refresher=uas;refresher=uac | Session-Expires: 600;refresher=uac; Require: timer  | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: soon                            | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 90                              | Session-Expires: 90;refresher=uac; Require: timer   | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 89                              | 422 Min-SE: 90                                      | -
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 0                               | 422 Min-SE: 90                                      | -
        first | Optional | 1800/200 | Supported: timer; Session-Expires: 199                             | 422 Min-SE: 200                                     | -
        first | Optional | 1800/200 | Supported: timer; Session-Expires: 200                             | Session-Expires: 200;refresher=uac; Require: timer  | peer
        first | Optional | 1800/200 | Session-Expires: 199                                               | Session-Expires: 199;refresher=uas                  | us
        first | Optional | 1800/90  | Session-Expires: 89                                                | Session-Expires: 90;refresher=uas                   | us
        first | Optional | 1800/90  | Session-Expires: 0                                                 | Session-Expires: 90;refresher=uas                   | us
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 7200                            | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 7200; Min-SE: 3600              | Session-Expires: 3600;refresher=uac; Require: timer | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 99999999999                     | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 600; Min-SE: 600                | Session-Expires: 600;refresher=uac; Require: timer  | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 600; Min-SE: 700;x=y            | Session-Expires: 700;refresher=uac; Require: timer  | peer
        first | Optional | 1800/90  | Supported: timer; Session-Expires: 600; Min-SE: 30                 | Session-Expires: 600;refresher=uac; Require: timer  | peer
        first | Optional | 1800/90  | Supported: timer; Min-SE: 3600                                     | Session-Expires: 3600;refresher=uac; Require: timer | peer
        first | Optional | 600/90   | Supported: timer                                                   | Session-Expires: 600;refresher=uac; Require: timer  | peer
        first | Optional | 600/90   | Session-Expires: 1800; Min-SE: 90                                  | Session-Expires: 600;refresher=uas                  | us
        first | Required | 1800/90  | Supported: timer; Session-Expires: 1800                            | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Required | 1800/90  | Supported: timer                                                   | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Required | 1800/90  | Session-Expires: 1800                                              | 421                                                 | -
        first | Required | 1800/90  | Session-Expires: 30                                                | 421                                                 | -
        first | Required | 1800/90  | -                                                                  | 421                                                 | -
        first | Required | 1800/90  | Require: timer                                                     | 421                                                 | -
        first | Required | 1800/90  | Supported: timer; Session-Expires: 30                              | 422 Min-SE: 90                                      | -
        first | Always   | 1800/90  | Supported: timer; Session-Expires: 1800                            | Session-Expires: 1800;refresher=uac; Require: timer | peer
        first | Always   | 1800/90  | Session-Expires: 600                                               | Session-Expires: 600;refresher=uas                  | us
        first | Always   | 1800/90  | -                                                                  | Session-Expires: 1800;refresher=uas                 | us
        first | Always   | 1800/90  | Min-SE: 2000                                                       | Session-Expires: 2000;refresher=uas                 | us
        first | Off      | 1800/90  | Supported: timer; Session-Expires: 1800;refresher=uac              | -                                                   | off
        first | Off      | 1800/90  | Supported: timer; Session-Expires: 30                              | -                                                   | off
        first | Off      | 1800/90  | Session-Expires: 1800                                              | -                                                   | off
        off   | Optional | 1800/90  | Supported: timer; Session-Expires: 600;refresher=uac               | Session-Expires: 600;refresher=uac; Require: timer  | peer
        off   | Optional | 1800/90  | Supported: timer                                                   | Session-Expires: 1800;refresher=uac; Require: timer | peer
        off   | Optional | 1800/90  | -                                                                  | -                                                   | off
        off   | Off      | 1800/90  | Supported: timer; Session-Expires: 600;refresher=uac               | -                                                   | off
        us    | Optional | 1800/90  | Supported: timer; Session-Expires: 1800;refresher=uas              | Session-Expires: 1800;refresher=uas; Require: timer | us
        us    | Optional | 1800/90  | Supported: timer; Session-Expires: 1800;refresher=uac              | Session-Expires: 1800;refresher=uac; Require: timer | peer
        us    | Optional | 1800/90  | Supported: timer; Session-Expires: 1800                            | Session-Expires: 1800;refresher=uas; Require: timer | us
        us    | Optional | 1800/90  | Supported: timer                                                   | Session-Expires: 1800;refresher=uas; Require: timer | us
        us    | Optional | 1800/90  | Session-Expires: 1800                                              | Session-Expires: 1800;refresher=uas                 | us
        us    | Optional | 1800/90  | -                                                                  | -                                                   | off
        us    | Optional | 1800/90  | Supported: timer; Session-Expires: 60                              | 422 Min-SE: 90                                      | -
        us    | Required | 1800/90  | -                                                                  | Session-Expires: 1800;refresher=uas                 | us
        us    | Always   | 1800/90  | -                                                                  | Session-Expires: 1800;refresher=uas                 | us
        us    | Always   | 600/90   | Session-Expires: 60                                                | Session-Expires: 90;refresher=uas                   | us
        peer  | Optional | 1800/90  | Supported: timer; Session-Expires: 1800;refresher=uac              | Session-Expires: 1800;refresher=uac; Require: timer | peer
        peer  | Optional | 1800/90  | Supported: timer; Session-Expires: 1800;refresher=uas              | Session-Expires: 1800;refresher=uas; Require: timer | us
        peer  | Optional | 1800/90  | Supported: timer; Session-Expires: 1800                            | Session-Expires: 1800;refresher=uac; Require: timer | peer
        peer  | Optional | 1800/90  | Supported: timer; Session-Expires: 900;refresher=uac               | Session-Expires: 900;refresher=uac; Require: timer  | peer
        peer  | Optional | 1800/90  | Supported: timer                                                   | Session-Expires: 1800;refresher=uac; Require: timer | peer
        peer  | Optional | 1800/90  | Session-Expires: 1800                                              | Session-Expires: 1800;refresher=uas                 | us
        peer  | Optional | 1800/90  | -                                                                  | -                                                   | off
        peer  | Required | 1800/90  | Session-Expires: 600                                               | Session-Expires: 600;refresher=uas                  | us
        peer  | Required | 1800/90  | -                                                                  | Session-Expires: 1800;refresher=uas                 | us
        peer  | Always   | 1800/90  | -                                                                  | Session-Expires: 1800;refresher=uas                 | us
        """;

    [Fact]
    public void Every_row_of_the_table_in_both_roles_and_methods()
    {
        int tried = 0;
        var wrong = new List<string>();
        foreach (string[] row in TimerTable.Rows(Table))
        {
            bool isFirst = row[0] == "first";
            foreach (bool isCaller in isFirst ? [false] : new[] { false, true })
            {
                foreach (string method in isFirst ? ["INVITE"] : new[] { "INVITE", "UPDATE" })
                {
                    tried++;
                    string found = Try(row, isFirst, isCaller, method);
                    string expected = $"{TimerTable.OrEmpty(row[4])} -> {row[5]}";
                    if (found != expected)
                        wrong.Add($"{string.Join(" | ", row[..4])} ({(isCaller ? "caller" : "callee")}, {method}): {found}, expected {expected}");
                }
            }
        }
        output.WriteLine($"{tried} cases");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.Equal(ExpectedCases, tried);
    }

    private const int ExpectedCases = 143;

    private static string Try(string[] row, bool isFirst, bool isCaller, string method)
    {
        var mode = Enum.Parse<SessionTimerMode>(row[1]);
        uint[] ours = [.. row[2].Split('/').Select(uint.Parse)];
        var bench = row[0] switch
        {
            "us" => TimerBench.Running(SessionRefresher.Us, isCaller, mode, ours[0], ours[1]),
            "peer" => TimerBench.Running(SessionRefresher.Peer, isCaller, mode, ours[0], ours[1]),
            "off" => TimerBench.Running(SessionRefresher.None, isCaller, mode, ours[0], ours[1]),
            _ => new(TimerBench.Settings(mode, ours[0], ours[1]), isCaller),
        };
        string before = bench.State();
        bench.GoTo(100);
        var verdict = bench.Ask(TimerTable.OrEmpty(row[3]), method, isFirst);
        // Nothing has changed before the 2xx goes out.
        Assert.Equal(before, bench.State());
        if (verdict == TimerVerdict.TooBrief)
            return $"422 {bench.TooBrief()} -> -";
        if (verdict == TimerVerdict.Unsupported)
            return "421 -> -";
        Assert.Equal(TimerVerdict.Accept, verdict);
        string answer = bench.Answer();
        bench.Timer.ResponseSent(bench.Now);
        string state = bench.State();
        if (state != "off")
        {
            // What was answered runs from now on.
            uint seconds = uint.Parse(answer.Split(' ')[1].Split(';')[0], CultureInfo.InvariantCulture);
            Assert.Equal(seconds, bench.Timer.IntervalSeconds);
            Assert.Equal(TimerBench.At(100 + seconds), bench.Timer.ExpiresAt);
        }
        return $"{answer} -> {state.Split(' ')[0]}";
    }

    /// <summary>Table 2: whether the UAC supports it, the refresher of the request, those that may be in the response. Rows NA are taken for the first.</summary>
    private static readonly Dictionary<(bool, string), string[]> Table2 = new()
    {
        [(false, "")] = ["uas"],
        [(false, "uac")] = ["uas"],
        [(false, "uas")] = ["uas"],
        [(true, "")] = ["uas", "uac"],
        [(true, "uac")] = ["uac"],
        [(true, "uas")] = ["uas"],
    };

    [Fact]
    public void Whatever_is_asked_the_answer_keeps_to_section_9()
    {
        int tried = 0;
        foreach (var mode in new[] { SessionTimerMode.Optional, SessionTimerMode.Required, SessionTimerMode.Always })
        foreach (var wish in Enum.GetValues<SessionRefresher>())
        foreach (uint ownLeast in new uint[] { 90, 200 })
        foreach (string state in new[] { "first", "us", "peer" })
        foreach (bool isSupported in new[] { false, true })
        foreach (string refresher in new[] { "", "uac", "uas" })
        foreach (uint? asked in new uint?[] { null, 0, 30, 89, 90, 199, 200, 600, 1800, 7200, uint.MaxValue })
        foreach (uint? least in new uint?[] { null, 30, 90, 500, 5000 })
        {
            tried++;
            bool isFirst = state == "first";
            var bench = isFirst
                ? new TimerBench(TimerBench.Settings(mode, 1800, ownLeast, wish), isCaller: false)
                : TimerBench.Running(state == "us" ? SessionRefresher.Us : SessionRefresher.Peer, isCaller: true, mode, 1800, ownLeast);
            string[] lines =
            [
                .. isSupported ? new[] { "Supported: timer" } : [],
                .. asked is null ? [] : new[] { $"Session-Expires: {asked}{(refresher.Length == 0 ? "" : ";refresher=" + refresher)}" },
                .. least is null ? [] : new[] { $"Min-SE: {least}" },
            ];
            var verdict = bench.Ask(string.Join("; ", lines), isInitial: isFirst);
            bool isUnsupported = isFirst && mode == SessionTimerMode.Required && !isSupported;
            bool isTooBrief = isSupported && asked < ownLeast;
            Assert.Equal(isUnsupported ? TimerVerdict.Unsupported : isTooBrief ? TimerVerdict.TooBrief : TimerVerdict.Accept, verdict);
            if (verdict != TimerVerdict.Accept)
                continue;
            string answer = bench.Answer();
            bool isAnswered = asked is not null || isSupported || mode != SessionTimerMode.Optional;
            Assert.Equal(isAnswered, answer.StartsWith("Session-Expires: ", StringComparison.Ordinal));
            Assert.Equal(isAnswered && isSupported, answer.EndsWith("; Require: timer", StringComparison.Ordinal));
            if (!isAnswered)
                continue;
            string[] value = answer["Session-Expires: ".Length..].Split("; ")[0].Split(";refresher=");
            uint seconds = uint.Parse(value[0], CultureInfo.InvariantCulture);
            uint floor = Math.Max(90, least ?? 90);
            Assert.True(seconds >= floor, $"{string.Join("; ", lines)}: {answer}");
            Assert.True(asked is null || seconds <= Math.Max(asked.Value, floor), $"{string.Join("; ", lines)}: {answer}");
            Assert.Contains(value[1], Table2[(isSupported, asked is null ? "" : refresher)]);
        }
        output.WriteLine($"{tried} cases");
        Assert.Equal(3 * 3 * 2 * 3 * 2 * 3 * 11 * 5, tried);
    }

    [Theory]
    [InlineData(SessionRefresher.None, "uac")]
    [InlineData(SessionRefresher.Peer, "uac")]
    [InlineData(SessionRefresher.Us, "uas")]
    public void Who_refreshes_is_our_choice_where_the_caller_leaves_it_open(SessionRefresher wish, string refresher)
    {
        var bench = new TimerBench(TimerBench.Settings(refresher: wish), isCaller: false);
        Assert.Equal($"Session-Expires: 1800;refresher={refresher}; Require: timer", bench.Serve("Supported: timer; Session-Expires: 1800", isInitial: true));
    }

    [Fact]
    public void An_interval_that_a_proxy_asked_for_by_Min_SE_is_not_shortened_later()
    {
        // RFC 4028 §13, messages 12 and 19: the refresh has no Min-SE any more.
        var bob = new TimerBench(TimerBench.Settings(), isCaller: false);
        Assert.Equal("Session-Expires: 4000;refresher=uac; Require: timer", bob.Serve("Supported: timer; Session-Expires: 4000; Min-SE: 4000", isInitial: true));
        bob.GoTo(2000);
        Assert.Equal("Session-Expires: 4000;refresher=uac; Require: timer", bob.Serve("Supported: timer; Session-Expires: 4000;refresher=uac", "UPDATE"));
        Assert.Equal("peer 4000 5968 6000", bob.State());
    }

    [Fact]
    public void A_longer_interval_that_the_peer_once_set_stays_where_it_refreshes_with_it()
    {
        var bench = new TimerBench(TimerBench.Settings(), isCaller: true);
        bench.Exchange(200, "Session-Expires: 7200;refresher=uas");
        Assert.Equal("Session-Expires: 7200;refresher=uac; Require: timer", bench.Serve("Supported: timer; Session-Expires: 7200;refresher=uac"));
    }

    [Fact]
    public void A_request_that_names_no_interval_keeps_the_one_there_is()
    {
        var bench = new TimerBench(TimerBench.Settings(), isCaller: true);
        bench.Exchange(200, "Session-Expires: 600;refresher=uac");
        Assert.Equal("Session-Expires: 600;refresher=uas; Require: timer", bench.Serve("Supported: timer"));
    }

    [Fact]
    public void What_a_proxy_wanted_of_our_refresh_holds_for_the_peer_s_as_well()
    {
        var bench = TimerBench.Running(SessionRefresher.Us, isCaller: true);
        bench.Exchange(422, "Min-SE: 2000");
        Assert.Equal("Session-Expires: 2000;refresher=uac; Require: timer", bench.Serve("Supported: timer; Session-Expires: 3600;refresher=uac"));
    }

    [Fact]
    public void A_request_that_is_refused_changes_nothing()
    {
        var bench = TimerBench.Running(SessionRefresher.Peer, isCaller: false);
        string before = bench.State();
        bench.GoTo(100);
        Assert.Equal(TimerVerdict.Accept, bench.Ask("Supported: timer; Session-Expires: 600;refresher=uas"));
        bench.Timer.RequestRefused();
        Assert.Equal("", bench.Answer());
        bench.Timer.ResponseSent(bench.Now);
        Assert.Equal(before, bench.State());
    }

    [Fact]
    public void A_2xx_that_is_sent_again_extends_nothing()
    {
        var bench = TimerBench.Running(SessionRefresher.Peer, isCaller: false);
        bench.GoTo(4);
        bench.Timer.ResponseSent(bench.Now);
        Assert.Equal("peer 1800 1768 1800", bench.State());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_UPDATE_is_answered_while_the_INVITE_waits_and_then_the_INVITE(bool isRefused)
    {
        var bench = new TimerBench(TimerBench.Settings(), isCaller: false);
        bench.Ask("Session-Expires: 1200", isInitial: true);
        bench.Ask("Supported: timer; Session-Expires: 600;refresher=uac", "UPDATE");
        Assert.Equal("Session-Expires: 600;refresher=uac; Require: timer", bench.Answer());
        if (isRefused)
            bench.Timer.RequestRefused();
        else
            bench.Timer.ResponseSent(bench.Now);
        Assert.Equal(isRefused ? "off" : "peer 600 568 600", bench.State());
        bench.GoTo(10);
        Assert.Equal("Session-Expires: 1200;refresher=uas", bench.Answer());
        bench.Timer.ResponseSent(bench.Now);
        Assert.Equal("us 1200 610 1210", bench.State());
        Assert.Equal("", bench.Answer());
    }

    [Fact]
    public void An_UPDATE_that_replaces_one_whose_refusal_nobody_told_leaves_the_INVITE_waiting()
    {
        var bench = new TimerBench(TimerBench.Settings(), isCaller: false);
        bench.Ask("Session-Expires: 1200", isInitial: true);
        bench.Ask("Supported: timer; Session-Expires: 600", "UPDATE");
        Assert.Equal("Session-Expires: 700;refresher=uac; Require: timer", bench.Serve("Supported: timer; Session-Expires: 700", "UPDATE"));
        Assert.Equal("Session-Expires: 1200;refresher=uas", bench.Answer());
    }

    [Fact]
    public void An_INVITE_replaces_what_waited()
    {
        var bench = new TimerBench(TimerBench.Settings(), isCaller: false);
        bench.Ask("Session-Expires: 1200", isInitial: true);
        bench.Ask("Supported: timer; Session-Expires: 600", "UPDATE");
        Assert.Equal("Session-Expires: 800;refresher=uas", bench.Serve("Session-Expires: 800"));
        Assert.Equal("", bench.Answer());
    }
}
