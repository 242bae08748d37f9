// Speech and tones through simulated networks: what is heard, how late, and how much of it was made up or stretched.
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Jitter;

public sealed class JitterLineTests
{
    private const int SampleRate = 16_000;

    // A network takes 20 ms in all tests, a packet 20 ms, a read 10 ms.
    private const double NetworkMs = 20;

    private static readonly short[] s_speech = SpeechLike.Make(SampleRate, 20);

    private static short[] Tone(double hertz, int seconds) =>
        [.. Enumerable.Range(0, SampleRate * seconds).Select(i => (short)(8000 * Math.Sin(2 * Math.PI * hertz * i / SampleRate)))];

    private static SimulatedLine Heard(Network network, double seconds, short[]? sound = null, double senderPpm = 0)
    {
        var line = new SimulatedLine(sound ?? s_speech, SampleRate, network) { SenderPpm = senderPpm };
        line.RunUntil(seconds);
        return line;
    }

    [Fact]
    public void A_steady_network_passes_sound_unchanged()
    {
        var line = Heard(Networks.Steady(NetworkMs), 15);

        // The start's delay is given up in the first seconds; from then on it is sample by sample what was said.
        short[] heard = [.. line.Heard];
        var last = heard.AsSpan(heard.Length - SampleRate * 7);
        int delay = Likeness.Delay(s_speech, last[..SampleRate], heard.Length - last.Length, 0, SampleRate / 2, out _);
        int first = heard.Length - last.Length - delay;
        for (int i = 0; i < last.Length; i++)
            Assert.Equal(s_speech[first + i], last[i]);
        var figures = line.Buffer.Figures;
        Assert.Equal((0, 0, 0), (figures.Lost, figures.Late, figures.ConcealedSamples));
        Assert.Equal((749, 0), (figures.Packets, figures.Expansions));
    }

    [Fact]
    public void The_first_packet_is_heard_after_the_start_delay()
    {
        var line = Heard(Networks.Steady(NetworkMs), 0.5, Tone(440, 1));

        // It comes at 40 ms, and is heard 40 ms later than it might at the end of a read.
        int first = line.Heard.FindIndex(sample => sample != 0);
        Assert.InRange(first * 1000.0 / SampleRate, 70, 100);
    }

    [Theory]
    [InlineData(0, 0, 30)]
    [InlineData(20, 10, 45)]
    [InlineData(60, 40, 85)]
    [InlineData(200, 150, 235)]
    public void The_delay_follows_the_jitter(int jitterMs, int least, int most)
    {
        var line = Heard(Networks.Uniform(jitterMs, seed: 1), 30);

        // A packet has been spoken for 20 ms when it is sent, and takes 20 ms.
        double delay = line.DelayMs(SampleRate, out double alike) - 20 - NetworkMs;
        Assert.InRange(delay, least, most);
        Assert.True(alike > 0.9, $"likeness {alike}");
        Assert.True(line.Buffer.Figures.ConcealedSamples < line.Heard.Count / 50, $"{line.Buffer.Figures.ConcealedSamples} samples concealed");
    }

    [Fact]
    public void The_figures_say_the_delay_that_is_measured()
    {
        var line = Heard(Networks.InOrder(40, seed: 2), 30);

        // From mouth to the end of the read: a packet's time, the network's, the buffer's.
        double measured = line.DelayMs(SampleRate / 5, out _) - 20 - NetworkMs;
        double told = line.Buffer.Figures.CurrentDelay.TotalMilliseconds;
        Assert.InRange(told, measured - 4, measured + 4);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public void Lost_packets_are_counted_and_concealed(int percent)
    {
        var line = Heard(Networks.Steady(NetworkMs).Losing(percent, seed: 4), 60);

        var figures = line.Buffer.Figures;
        // All but those at the end, behind which nothing has been played yet.
        Assert.InRange(line.Sent - figures.Packets - figures.Lost, 0, 5);
        Assert.InRange((double)figures.ConcealedSamples / line.Heard.Count, 0.9 * percent / 100, 1.1 * percent / 100);
        Assert.Equal(0, figures.Late);
    }

    [Fact]
    public void Packets_that_come_twice_are_heard_once()
    {
        var line = Heard(Networks.Steady(NetworkMs).Doubling(100, seed: 5), 10);

        var figures = line.Buffer.Figures;
        Assert.InRange(figures.Duplicates, 495, 500);
        Assert.Equal((0, 0, 0), (figures.Late, figures.Lost, figures.ConcealedSamples));
        Assert.True(line.DelayMs(SampleRate, out double alike) < 80);
        Assert.Equal(1, alike, 3);
    }

    [Fact]
    public void A_stall_loses_no_word_and_its_delay_is_gone_in_seconds()
    {
        var line = new SimulatedLine(s_speech, SampleRate, Networks.Stalls(300, 10_000));
        line.RunUntil(10);
        double before = line.Buffer.Figures.SmoothedDelay.TotalMilliseconds;
        line.RunUntil(10.4);
        double within = line.Buffer.Figures.CurrentDelay.TotalMilliseconds;
        line.RunUntil(16);
        double after = line.Buffer.Figures.SmoothedDelay.TotalMilliseconds;

        Assert.InRange(within, 200, 320);
        Assert.InRange(after, before - 15, before + 15);
        Assert.Equal((0, 0), (line.Buffer.Figures.Lost, line.Buffer.Figures.Overflows));
    }

    [Fact]
    public void Stalls_that_come_again_and_again_are_waited_for()
    {
        double[] at = [.. Enumerable.Range(1, 10).Select(i => i * 5000.0)];
        var line = new SimulatedLine(s_speech, SampleRate, Networks.Stalls(200, at));
        line.RunUntil(14);
        long first = line.Buffer.Figures.ConcealedSamples + line.Buffer.Figures.SilentSamples;
        line.RunUntil(50);

        Assert.True(first > 0);
        Assert.InRange(line.Buffer.Figures.ConcealedSamples + line.Buffer.Figures.SilentSamples - first, 0, SampleRate / 20);
        // And when they have stopped, the delay goes back.
        line.RunUntil(75);
        Assert.InRange(line.Buffer.Figures.SmoothedDelay.TotalMilliseconds, 0, 30);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(-80)]
    public void Another_route_is_followed(double byMs)
    {
        var line = new SimulatedLine(s_speech, SampleRate, Networks.Uniform(10, seed: 1, baseMs: 100).Rerouted(10_000, byMs));
        line.RunUntil(9);
        double before = line.DelayMs(SampleRate / 2, out _);
        line.RunUntil(25);
        double after = line.DelayMs(SampleRate / 2, out _);

        Assert.InRange(after - before, byMs - 25, byMs + 25);
        Assert.Equal(0, line.Buffer.Figures.Lost);
    }

    // An hour each: the delay ends where it began, and what was done for that is heard seldom.
    [Theory]
    [InlineData(200, 0)]
    [InlineData(-200, 0)]
    [InlineData(0, 200)]
    [InlineData(200, -200)]
    [InlineData(500, 0)]
    [InlineData(-500, 0)]
    public void Clocks_drift_for_an_hour_and_the_delay_stays(double senderPpm, double cardPpm)
    {
        const int Rate = 8000;
        var line = new SimulatedLine(SpeechLike.Make(Rate, 11), Rate, Networks.Uniform(10, seed: 6))
        {
            SenderPpm = senderPpm, CardPpm = cardPpm, Kept = Rate,
        };
        line.RunUntil(30);
        double before = line.DelayMs(Rate, out double likeBefore);
        line.RunUntil(3600);
        double after = line.DelayMs(Rate, out double likeAfter);

        Assert.True(Math.Min(likeBefore, likeAfter) > 0.8, $"likeness {likeBefore}, {likeAfter}");
        Assert.InRange(after, before - 20, before + 20);
        var figures = line.Buffer.Figures;
        Assert.Equal((0, 0, 0), (figures.Lost, figures.Late, figures.Overflows));
        Assert.InRange(figures.DriftPpm, senderPpm - cardPpm - 30, senderPpm - cardPpm + 30);
        // A step is 2.5 to 15 ms; 200 ppm are 12 ms a minute.
        double stepsAMinute = (figures.Accelerations + figures.Expansions) / 60.0;
        Assert.InRange(stepsAMinute, 0, Math.Abs(senderPpm - cardPpm) * 0.06 / 5 + 1);
        Assert.True(figures.ConcealedSamples < Rate, $"{figures.ConcealedSamples} samples concealed");
    }

    // Every joint is a fade: no step from one sample to the next is much larger than the tone's own.
    [Theory]
    [InlineData(0, 200, 0)]
    [InlineData(0, 0, 500)]
    [InlineData(5, 20, 200)]
    [InlineData(20, 60, -200)]
    public void Nothing_that_is_done_clicks(int lossPercent, int jitterMs, double senderPpm)
    {
        const double Hertz = 300;
        var line = Heard(Networks.Uniform(jitterMs, seed: 7).Losing(lossPercent, seed: 8), 60, Tone(Hertz, 1), senderPpm);

        double own = 8000 * 2 * Math.PI * Hertz / SampleRate;
        Assert.InRange(Likeness.LargestStep(line.Heard.ToArray()), 1, own * 1.7);
    }

    [Fact]
    public void Speech_with_losses_and_jitter_stays_like_what_was_said()
    {
        var line = Heard(Networks.Uniform(60, seed: 9).Losing(5, seed: 10), 20);

        Assert.InRange(Likeness.SegmentSnr(s_speech, line.Heard.ToArray(), SampleRate, SampleRate / 2), 20, 35);
    }
}
