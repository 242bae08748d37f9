// Whose turn it is, without a canceller.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

public sealed class HalfDuplexDuckerTests
{
    private const int Rate = 16_000, Frame = 160;

    // Both as tones of these amplitudes: the far side at -20 dBov, and visitors.
    private const double Loud = 4600, Shouting = 14_000, Murmuring = 1200;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(6, 0)]
    [InlineData(12, 0)]
    [InlineData(6, 1)]
    public void An_echo_is_not_heard_in_the_far_sides_turn_and_a_visitor_is_in_his(int echoDb, double drive)
    {
        var scene = new EchoScene { EchoDb = echoDb, Drive = drive, Far = (0, 5), Near = (6, 10) };
        var result = scene.Run(EchoTable.Ducked());
        Assert.InRange(result.Erle(1, 5), 30, 90);
        Assert.InRange(result.HeardDb(1, 5), -0.1, 0.1);
        // The high-pass takes its part.
        Assert.InRange(result.KeptDb(6.5, 10), -1.5, 0);
    }

    [Fact]
    public void A_street_leaves_the_far_side_its_turn()
    {
        var result = (new EchoScene { NoiseDb = -15, Seconds = 10 }).Run(EchoTable.Ducked());
        Assert.InRange(result.Erle(4, 10), 17, 90);
        Assert.InRange(result.HeardDb(4, 10), -2, 0);
    }

    [Fact]
    public void A_noise_that_lasts_is_nobody()
    {
        var ducker = new HalfDuplexDucker(Rate, Frame);
        Assert.Equal(Talkers.Near, Run(ducker, 100, far: 0, near: Loud));
        Assert.Equal(Talkers.None, Run(ducker, 1200, far: 0, near: Loud));
        Assert.Equal(Talkers.Near, Run(ducker, 20, far: 0, near: 4 * Loud));
    }

    [Fact]
    public void A_visitor_waits_for_a_pause_or_speaks_up()
    {
        var ducker = new HalfDuplexDucker(Rate, Frame);
        Assert.Equal(Talkers.Far, Run(ducker, 300, far: Loud, near: 0, echo: 1));
        Assert.Equal(Talkers.Far, Run(ducker, 100, far: Loud, near: Murmuring, echo: 1));
        Assert.Equal(Talkers.Far, Run(ducker, 10, far: Loud, near: Shouting, echo: 1));
        Assert.Equal(Talkers.Near, Run(ducker, 10, far: Loud, near: Shouting, echo: 1));
        // His turn lasts although the far side talks on, to his pause.
        Assert.Equal(Talkers.Near, Run(ducker, 50, far: Loud, near: Shouting, echo: 1));
        Assert.Equal(Talkers.Far, Run(ducker, 40, far: Loud, near: 0, echo: 1));
        Assert.Equal(Talkers.Near, Run(ducker, 60, far: 0, near: Murmuring, echo: 1));
    }

    [Fact]
    public void Turns_change_without_a_click()
    {
        var ducker = new HalfDuplexDucker(Rate, Frame);
        short[] captured = new short[Frame], played = new short[Frame], reference = new short[Frame], cleaned = new short[Frame];
        // Level for a moment, so that a step could come from a gain alone. Within 4 ms from 1 to nothing is 1/64 a sample.
        const short Level = 9000;
        const int MostStep = Level / 64 + 2;
        int lastPlayed = Level, lastCleaned = Level, least = Level, leastPlayed = Level;
        for (int frame = 0; frame < 200; frame++)
        {
            bool isFar = frame % 100 < 40;
            reference.AsSpan().Fill(isFar ? Level : (short)0);
            played.AsSpan().Fill(Level);
            // What says whose turn it is goes in as whole frames before, what is looked at is level.
            if (!isFar)
                captured.AsSpan().Fill(Level);
            ducker.Play(played);
            ducker.Process(captured, reference, cleaned);
            captured.AsSpan().Fill(Level);
            foreach (short sample in played)
            {
                Assert.InRange(Math.Abs(sample - lastPlayed), 0, MostStep);
                lastPlayed = sample;
                leastPlayed = Math.Min(leastPlayed, sample);
            }
            foreach (short sample in cleaned)
            {
                if (frame > 0)
                    Assert.InRange(Math.Abs(sample - lastCleaned), 0, MostStep);
                lastCleaned = sample;
                least = Math.Min(least, sample);
            }
        }
        Assert.InRange(least, 0, Level / 50);
    }

    [Fact]
    public void Beginning_anew_opens_both()
    {
        var ducker = new HalfDuplexDucker(Rate, Frame);
        Assert.Equal(Talkers.Far, Run(ducker, 100, far: Loud, near: 0, echo: 1));
        ducker.Reset();
        Assert.Equal(default, ducker.Figures.Talkers);
        Assert.Equal(0, ducker.Figures.CouplingDb);
        short[] captured = Sound.Tone(Rate, 440, Frame, 20), cleaned = new short[Frame];
        ducker.Process(captured, new short[Frame], cleaned);
        Assert.Equal(captured, cleaned);
    }

    [Fact]
    public void A_frame_of_another_length_passes_as_it_is()
    {
        var ducker = new HalfDuplexDucker(Rate, Frame);
        Run(ducker, 100, far: Loud, near: 0, echo: 1);
        short[] captured = Sound.Tone(Rate, 440, 200), cleaned = new short[200];
        ducker.Process(captured, new short[Frame], cleaned);
        Assert.Equal(captured, cleaned);
    }

    [Fact]
    public void Frames_allocate_nothing()
    {
        var gate = new StartGate();
        var path = new EchoPath(gate, new(), Rate, Frame);
        gate.Close();
        EchoAllocation.Measure(path, frames: 20_000);
    }

    private static Talkers Run(HalfDuplexDucker ducker, int frames, double far, double near, double echo = 0)
    {
        short[] farTone = Sound.Tone(Rate, 700, Frame, far), nearTone = Sound.Tone(Rate, 400, Frame, near), cleaned = new short[Frame];
        for (int i = 0; i < frames; i++)
        {
            short[] played = [.. farTone];
            ducker.Play(played);
            short[] captured = [.. nearTone.Select((sample, at) => (short)(sample + echo * played[at]))];
            ducker.Process(captured, played, cleaned);
        }
        return ducker.Figures.Talkers;
    }
}
