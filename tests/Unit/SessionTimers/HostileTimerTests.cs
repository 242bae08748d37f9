// Headers from somebody who means harm, or cannot help it: whatever they hold, what is written is whole, the timer's times are sane, and a session's end is
// never put off without a 2xx.
using SipEmbedded.Memory;
using SipEmbedded.SessionTimers;
using Xunit;

namespace SipEmbedded.Tests.SessionTimers;

public sealed class HostileTimerTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Names = ["Session-Expires", "x", "X", "Min-SE", "min-se", "Supported", "k", "Require", "Allow", "Retry-After"];

    private static readonly string[] Pieces =
    [
        "0", "1", "89", "90", "91", "600", "1800", "4294967295", "4294967296", "99999999999999999999", "-1", "1e9", "9 0", "", " ", "timer", "TIMER", "timer,timer",
        ";refresher=uac", ";refresher=uas", ";refresher", ";refresher=", ";refresher=\"uac\"", ";Refresher = UAS", ";refresher=uac;refresher=uas", ";x=\"", ";;", ",",
        "(comment", "\0", "\x7F", "\xFF", "%75ac", "UPDATE", "\r\n ", "<>", "\\", new string('9', 600), new string(';', 300),
    ];

    [Fact]
    public void No_header_leads_it_astray()
    {
        var random = new Random(4028);
        int running = 0, ended = 0, refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            uint least = random.Next(2) == 0 ? 90u : 200u;
            var settings = TimerBench.Settings((SessionTimerMode)random.Next(4), 1800, least, (SessionRefresher)random.Next(3));
            var bench = new TimerBench(settings, isCaller: random.Next(2) == 0);
            for (int step = 0; step < 8; step++)
            {
                var ends = bench.Timer.ExpiresAt;
                bool isNew = false;
                switch (random.Next(6))
                {
                    case 0 or 1:
                        var verdict = bench.Ask(Lines(random), random.Next(2) == 0 ? "INVITE" : "UPDATE", step == 0);
                        if (verdict == TimerVerdict.Accept)
                        {
                            bench.Answer();
                            bench.Timer.ResponseSent(bench.Now);
                            isNew = true;
                        }
                        refused += verdict == TimerVerdict.Accept ? 0 : 1;
                        break;
                    case 2:
                        Assert.Equal(TimerVerdict.Accept, bench.Exchange(200, Lines(random)));
                        isNew = true;
                        break;
                    case 3:
                        bench.Exchange(422, Lines(random));
                        break;
                    case 4:
                        bench.Allow(Lines(random));
                        break;
                    default:
                        if (bench.Timer.Deadline != Instant.Never && bench.Wait() == TimerAction.Refresh)
                            bench.Failed(random.Next(300, 700), Lines(random), random.Next(2) == 0);
                        break;
                }
                if (!bench.Timer.IsRunning)
                {
                    Assert.Equal("off", bench.State());
                    ended++;
                    continue;
                }
                running++;
                Assert.True(bench.Timer.IntervalSeconds >= SessionTimerLimits.LeastSeconds);
                Assert.True(bench.Timer.Deadline <= bench.Timer.ExpiresAt);
                if (isNew)
                    Assert.True(bench.Timer.Deadline - bench.Now >= TimeSpan.FromSeconds(45));
                else
                    Assert.Equal(ends, bench.Timer.ExpiresAt);
            }
        }
        // All of it was reached.
        Assert.True(running > Rounds && ended > Rounds && refused > Rounds / 20, $"{running} {ended} {refused}");
    }

    private static string Lines(Random random)
    {
        string[] lines = new string[random.Next(5)];
        for (int i = 0; i < lines.Length; i++)
            lines[i] = $"{Names[random.Next(Names.Length)]}: {Piece(random)}{(random.Next(2) == 0 ? Piece(random) : "")}";
        return string.Join("; ", lines);
    }

    private static string Piece(Random random) => Pieces[random.Next(Pieces.Length)];
}
