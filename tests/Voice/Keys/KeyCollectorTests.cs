// One press by several methods is one event, and two presses are two, whatever the methods' delays.
using System.Globalization;
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Voice.Tests.Keys;

public class KeyCollectorTests(ITestOutputHelper output)
{
    private readonly KeyCollector _collector = new(new StartGate());

    // "R+1@0" is RTP's report of a press at a time in ms, "R-1@100" of its release, "I1@300" a whole key in INFO, "B" is in-band.
    private string Tell(string reports)
    {
        var told = new List<string>();
        foreach (string report in reports.Split(' '))
        {
            var method = report[0] switch { 'R' => KeyMethod.TelephoneEvent, 'I' => KeyMethod.Info, _ => KeyMethod.InBand };
            var now = Instant.FromMilliseconds(long.Parse(report.Split('@')[1], CultureInfo.InvariantCulture));
            if (report[1] is '+' or '-')
            {
                var kind = report[1] == '+' ? KeyEventKind.Pressed : KeyEventKind.Released;
                _collector.Take(now, new KeyEvent { Kind = kind, Key = (byte)report[2], Method = method, DurationMs = 100 });
            }
            else
            {
                _collector.TakeWhole(now, method, (byte)report[1], 160);
            }
            while (_collector.TryTake(out var happened))
                told.Add($"{happened.Method.ToString()[0]}{(happened.Kind == KeyEventKind.Pressed ? '+' : '-')}{(char)happened.Key}");
        }
        return string.Join(' ', told);
    }

    [Theory]
    [InlineData("one method", "R+1@0 R-1@100", "T+1 T-1")]
    [InlineData("RTP and tones", "R+1@0 B+1@26 R-1@100 B-1@120", "T+1 T-1")]
    [InlineData("tones first", "B+1@0 R+1@60 B-1@100 R-1@160", "I+1 I-1")]
    [InlineData("RTP and INFO", "R+1@0 R-1@100 I1@180", "T+1 T-1")]
    [InlineData("INFO first", "I1@0 R+1@60 R-1@160", "I+1 I-1")]
    [InlineData("INFO after a long key", "R+1@0 R-1@3000 I1@3100", "T+1 T-1")]
    [InlineData("INFO sent again", "R+1@0 R-1@100 I1@900", "T+1 T-1")]
    [InlineData("all three", "R+1@0 B+1@30 R-1@100 B-1@110 I1@150", "T+1 T-1")]
    [InlineData("two presses, one method", "R+1@0 R-1@80 R+1@160 R-1@240", "T+1 T-1 T+1 T-1")]
    [InlineData("two presses in INFO", "I1@0 I1@200", "I+1 I-1 I+1 I-1")]
    [InlineData("two presses, two methods", "R+1@0 B+1@30 R-1@80 B-1@110 R+1@160 B+1@190 R-1@240 B-1@270", "T+1 T-1 T+1 T-1")]
    [InlineData("two presses, INFO for both behind", "R+1@0 R-1@80 R+1@160 R-1@240 I1@300 I1@400", "T+1 T-1 T+1 T-1")]
    [InlineData("two presses, INFO in front of the second", "R+1@0 R-1@80 I1@150 R+1@160 R-1@240 I1@300", "T+1 T-1 T+1 T-1")]
    [InlineData("two keys", "R+1@0 R-1@80 B+2@90 R+2@100 R-2@180 B-2@190", "T+1 T-1 I+2 I-2")]
    [InlineData("another method long after", "R+1@0 R-1@100 I1@1200", "T+1 T-1 I+1 I-1")]
    [InlineData("the same method's press while the key is held by another", "R+1@0 I1@500 R-1@5000 I1@5100", "T+1 T-1 I+1 I-1")]
    public void Each_press_is_told_once(string scenario, string reports, string told)
    {
        string heard = Tell(reports);
        output.WriteLine($"{scenario,-60} {heard}");
        Assert.Equal(told, heard);
    }

    [Fact]
    public void Presses_by_three_methods_with_random_delays_are_told_as_often_as_they_were()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            _collector.Reset();
            var reports = new List<(long At, string Text)>();
            long now = 0;
            int presses = random.Next(1, 12);
            bool withInfo = random.Next(2) == 0, withTones = random.Next(2) == 0;
            long lastInfo = 0;
            for (int i = 0; i < presses; i++)
            {
                char key = "12"[random.Next(2)];
                int down = random.Next(60, 400);
                reports.Add((now, $"R+{key}"));
                reports.Add((now + down, $"R-{key}"));
                if (withTones)
                {
                    reports.Add((now + 26 + random.Next(15), $"B+{key}"));
                    reports.Add((now + down + 26, $"B-{key}"));
                }
                // Requests of one dialog come in their order.
                lastInfo = Math.Max(lastInfo + 1, now + down + random.Next(600));
                if (withInfo)
                    reports.Add((lastInfo, $"I{key}"));
                now += down + random.Next(60, 400);
            }
            string heard = Tell(string.Join(' ', reports.OrderBy(report => report.At).Select(report => $"{report.Text}@{report.At}")));
            Assert.Equal(presses, heard.Count(c => c == '+'));
            Assert.Equal(presses, heard.Count(c => c == '-'));
        }
    }

    [Fact]
    public void What_is_no_key_is_not_told()
    {
        _collector.TakeWhole(Instant.FromMilliseconds(0), KeyMethod.Info, (byte)'x', 100);
        Assert.False(_collector.TryTake(out _));
    }

    [Fact]
    public void What_nobody_fetches_is_dropped_and_counted()
    {
        for (int i = 0; i < 20; i++)
            _collector.TakeWhole(Instant.FromMilliseconds(i * 5_000), KeyMethod.Info, (byte)'1', 100);
        Assert.Equal(40 - 32, _collector.Counters.NotTold);
    }
}
