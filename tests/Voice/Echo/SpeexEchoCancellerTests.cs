// The canceller by libspeexdsp, in simulated rooms. The table of tests/Voice/run echo has the figures, these are the floors below them.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.NativeAudio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

public sealed class SpeexEchoCancellerTests
{
    private const string Library = "libspeexdsp.so.1";

    private static readonly int s_tail = (int)new SpeexEchoOptions().Tail.TotalMilliseconds;

    private static readonly EchoScene s_short = new() { Seconds = 6, Rt60 = 0.2 };

    [OracleTheory(Library)]
    [InlineData(16_000, 10, 0, 0.2)]
    [InlineData(16_000, 10, 6, 0.25)]
    [InlineData(16_000, 20, 6, 0.2)]
    [InlineData(8_000, 10, 6, 0.2)]
    [InlineData(8_000, 20, 0, 0.2)]
    public void The_far_side_alone_is_cancelled_by_25_dB_and_more(int sampleRate, int frameMs, int echoDb, double rt60)
    {
        var scene = s_short with { SampleRate = sampleRate, FrameMs = frameMs, EchoDb = echoDb, Rt60 = rt60, Seconds = 12 };
        var result = scene.Run(EchoTable.All(s_tail));
        Assert.InRange(result.Erle(7, 12), 25, 90);
        Assert.InRange(result.TimeTo(15), 0, 2.5);
        Assert.InRange(scene.Run(EchoTable.Filter(s_tail)).Erle(7, 12), 18, result.Erle(7, 12) - 3);
    }

    [OracleFact(Library)]
    public void A_longer_tail_cancels_more_of_a_larger_room()
    {
        var scene = s_short with { Rt60 = 0.4, Seconds = 14 };
        double less = scene.Run(EchoTable.Filter(64)).Erle(10, 14);
        Assert.InRange(scene.Run(EchoTable.Filter(192)).Erle(10, 14), less + 6, 90);
    }

    [OracleFact(Library)]
    public void A_visitor_is_heard_while_the_far_side_talks_and_the_echo_stays_away_afterwards()
    {
        var both = s_short with { Near = (3, 6), Seconds = 8 };
        var options = EchoTable.All(s_tail);
        var result = both.Run(options);
        var alone = (both with { Far = (0, 0) }).Run(options);
        // A high-pass and the suppression of noise take their part of the voice whether the far side talks or not.
        Assert.InRange(alone.KeptDb(3, 6), -3, 0);
        Assert.InRange(result.KeptDb(3, 6) - alone.KeptDb(3, 6), -2, 1);
        Assert.InRange(result.SegmentSnr(alone, 3, 6), 12, 35);
        Assert.InRange(result.Erle(6.5, 8), 25, 90);
    }

    public static TheoryData<string, double> Troubles => new()
    {
        { "overdriven", 25 }, { "street", 20 }, { "told too long", 25 }, { "told too short", 24 }, { "stopped", 25 }, { "drifting", 15 },
    };

    [OracleTheory(Library)]
    [MemberData(nameof(Troubles))]
    public void Loudspeakers_streets_and_delays_that_are_not_as_they_should_be_cost_some_of_it(string trouble, double least)
    {
        var scene = s_short with { Seconds = 8 };
        var result = (trouble switch
        {
            "overdriven" => scene with { Drive = 1 },
            "street" => scene with { NoiseDb = -20, EchoDb = 3 },
            "told too long" => scene with { ToldTooLongMs = 5 },
            "told too short" => scene with { ToldTooLongMs = -20 },
            "stopped" => scene with { Stop = (4, 30) },
            _ => scene with { DriftPpm = 20 },
        }).Run(EchoTable.All(s_tail));
        Assert.InRange(result.Erle(5, 8), least, 90);
    }

    [OracleFact(Library)]
    public void A_card_that_stopped_is_followed_without_learning_the_room_again()
    {
        var result = (s_short with { Seconds = 8, Stop = (4, 30) }).Run(EchoTable.All(s_tail));
        Assert.Equal(1, result.Path.Alignment.Jumps);
        Assert.InRange(result.Erle(4.3, 4.8), 20, 90);
    }

    [OracleTheory(Library)]
    [InlineData(true)]
    [InlineData(false)]
    public void Gain_brings_up_a_soft_voice(bool isTheLibrarys)
    {
        var soft = s_short with { Far = (0, 0), Near = (0, 12), SofterDb = 12, Seconds = 12 };
        double without = soft.Run(EchoTable.All(s_tail)).KeptDb(8, 12);
        Assert.InRange(soft.Run(WithGain(isTheLibrarys)).KeptDb(8, 12), without + 5, without + 12.5);
    }

    [OracleFact(Library)]
    public void Gain_learns_nothing_from_an_echo_and_does_not_make_it_louder() =>
        Assert.InRange((s_short with { EchoDb = 3 }).Run(WithGain(isTheLibrarys: false)).Erle(3, 6), 25, 90);

    [OracleFact(Library)]
    public void Figures_say_who_talks_and_what_is_cancelled()
    {
        var result = (s_short with { Far = (0, 8), Near = (5, 11), Seconds = 12 }).Run(EchoTable.All(s_tail));
        // The far side, both, the visitor, nobody. A voice has pauses.
        string shares = string.Join("; ", new[] { (2, 5), (5.5, 8), (8.5, 11), (11.5, 12) }
            .Select(part => $"{result.Share(Talkers.Far, part.Item1, part.Item2):0.00} {result.Share(Talkers.Near, part.Item1, part.Item2):0.00}"));
        Assert.True(result.Share(Talkers.Far, 2, 5) > 0.8 && result.Share(Talkers.Near, 2, 5) < 0.05, shares);
        Assert.True(result.Share(Talkers.Far, 5.5, 8) > 0.8 && result.Share(Talkers.Near, 5.5, 8) > 0.6, shares);
        Assert.True(result.Share(Talkers.Far, 8.5, 11) == 0 && result.Share(Talkers.Near, 8.5, 11) > 0.8, shares);
        Assert.True(result.Share(Talkers.Both, 11.5, 12) == 0, shares);
        var figures = result.Path.Figures;
        // Less than with the far side alone: some of the voice was taken for what is left.
        Assert.InRange(figures.ErleDb, 10, 90);
        Assert.InRange(s_short.Run(EchoTable.All(s_tail)).Path.Figures.ErleDb, 25, 90);
        // Played at -20 dBov, captured at -26 + 6.
        Assert.InRange(figures.CouplingDb, -5, 5);
        Assert.InRange(figures.NearLevelDbov, -127, -50);
        Assert.Equal(AudioLevel.SilenceDbov, figures.FarLevelDbov);
    }

    [OracleFact(Library)]
    public void Another_room_is_learnt_from_the_start()
    {
        var result = s_short.Run(EchoTable.Filter(s_tail));
        double settled = Again();
        result.Path.Canceller.Reset();
        Assert.InRange(settled, 18, 90);
        Assert.InRange(Again(), 0, settled - 6);

        // Half a second of the scene once more, with its delay. The first half of it is mixed with what was heard before.
        double Again()
        {
            const int From = 16_000, Count = 8_000;
            short[] cleaned = new short[Count];
            int frame = result.Scene.FrameSamples;
            for (int at = 0; at < Count; at += frame)
            {
                result.Path.Play(result.Far.AsSpan(From + at, frame));
                result.Path.Clean(result.Captured.AsSpan(From + at, frame), 640, cleaned.AsSpan(at, frame));
            }
            return 20 * Math.Log10(Sound.Rms(result.Captured.AsSpan(From + Count / 2, Count / 2)) / Math.Max(1, Sound.Rms(cleaned.AsSpan(Count / 2))));
        }
    }

    [OracleFact(Library)]
    public void The_loudest_noise_does_no_lasting_harm()
    {
        var canceller = Create(new StartGate(), 16_000, 160);
        var random = new Random(5);
        short[] captured = new short[160], played = new short[160], cleaned = new short[160];
        for (int frame = 0; frame < 300; frame++)
        {
            for (int i = 0; i < 160; i++)
            {
                captured[i] = frame % 3 == 0 ? short.MinValue : (short)random.Next(short.MinValue, short.MaxValue + 1);
                played[i] = frame % 2 == 0 ? short.MaxValue : (short)random.Next(short.MinValue, short.MaxValue + 1);
            }
            canceller.Process(captured, played, cleaned);
        }
        short[] speech = SpeechLike.Make(16_000, 8, seed: 3), left = new short[speech.Length];
        for (int at = 160; at < speech.Length; at += 160)
            canceller.Process(speech.AsSpan(at - 160, 160), speech.AsSpan(at - 140, 160).Length == 160 ? speech.AsSpan(at - 140, 160) : played, left.AsSpan(at, 160));
        Assert.InRange(20 * Math.Log10(Sound.Rms(speech.AsSpan(96_000)) / Math.Max(1, Sound.Rms(left.AsSpan(96_000)))), 25, 120);
    }

    [OracleFact(Library)]
    public void A_frame_of_another_length_passes_as_it_is()
    {
        var canceller = Create(new StartGate(), 16_000, 160);
        short[] captured = Sound.Tone(16_000, 500, 170), cleaned = new short[170];
        canceller.Process(captured, new short[160], cleaned);
        Assert.Equal(captured, cleaned);
        canceller.Process(captured.AsSpan(0, 160), new short[159], cleaned);
        Assert.Equal(captured, cleaned);
        canceller.Process(captured.AsSpan(0, 160), new short[160], cleaned.AsSpan(0, 100));
        Assert.Equal(captured, cleaned);
    }

    [OracleFact(Library)]
    public void Its_memory_is_planned_and_taken_before_start()
    {
        StartGate rehearsal = StartGate.Rehearsal(), real = new();
        Create(rehearsal, 16_000, 160);
        Create(real, 16_000, 160);
        Assert.InRange(real.Plan().TotalBytes, 60_000, 120_000);
        Assert.Equal(real.Plan().TotalBytes, rehearsal.Plan().TotalBytes);
        real.Close();
        Assert.Throws<InvalidOperationException>(() => Create(real, 16_000, 160));
    }

    [OracleFact(Library)]
    public void What_is_out_of_range_is_refused_with_its_reason()
    {
        Assert.False(SpeexEcho.TryLoad(new() { Tail = TimeSpan.FromMilliseconds(600) }, out var echo, out string why));
        Assert.Null(echo);
        Assert.Equal("An echo's tail is 20 to 500 ms long, not 600 ms", why);
        Assert.False(SpeexEcho.TryLoad(new() { MostGainDb = 61 }, out _, out why));
        Assert.Equal("Voices are made louder by 0 to 60 dB, not by 61 dB", why);
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new StartGate(), 48_000, 480));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new StartGate(), 16_000, 80));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new StartGate(), 16_000, 321));
    }

    [OracleFact(Library)]
    public void Frames_allocate_nothing()
    {
        var gate = new StartGate();
        var path = new EchoPath(gate, new() { Cancellation = SpeexEcho.TryLoad(new(), out var echo, out _) ? echo! : new HalfDuplex() }, 16_000, 160);
        gate.Close();
        EchoAllocation.Measure(path, frames: 3000);
    }

    private static EchoOptions WithGain(bool isTheLibrarys) =>
        new() { Cancellation = SpeexEcho.TryLoad(new() { HasGain = isTheLibrarys }, out var echo, out string why) ? echo! : throw new InvalidOperationException(why) };

    private static IEchoCanceller Create(StartGate gate, int sampleRate, int frameSamples) =>
        (SpeexEcho.TryLoad(new(), out var echo, out string why) ? echo! : throw new InvalidOperationException(why)).Create(gate, sampleRate, frameSamples);
}
