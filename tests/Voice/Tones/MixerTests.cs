// Sounds added and measured: each form that works on several samples at once against the plain one, sample by sample.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Tones;

public class MixerTests
{
    private static short[] Noise(int seed, int length, int peak = 32_768)
    {
        var random = new Random(seed);
        var samples = new short[length];
        for (int i = 0; i < length; i++)
            samples[i] = (short)random.Next(-peak, peak);
        return samples;
    }

    [Fact]
    public void Sums_are_those_of_one_sample_after_the_other_for_every_length()
    {
        double[] levels = [0, -9.5, 18];
        var mixer = new Mixer(new StartGate(), levels.Length, 8_000, 160);
        for (int source = 0; source < levels.Length; source++)
            mixer.SetLevel(source, levels[source], isAtOnce: true);
        for (int length = 0; length < 70; length++)
        {
            var plain = new float[length];
            mixer.Begin(length);
            for (int source = 0; source < levels.Length; source++)
            {
                // The loud one is quiet enough that not all is cut.
                var samples = Noise(length + source, length, source == 2 ? 3_000 : 32_768);
                mixer.Add(source, samples);
                for (int i = 0; i < length; i++)
                    plain[i] += samples[i] * (float)AudioLevel.GainOf(levels[source]);
            }
            var frame = new short[length];
            Assert.Equal(length, mixer.Finish(frame));
            Assert.Equal(plain.Select(value => (short)Math.Floor(Math.Clamp(value, -32_768f, 32_767f) + 0.5f)), frame);
        }
    }

    [Fact]
    public void Measures_are_those_of_one_sample_after_the_other_for_every_length()
    {
        for (int length = 1; length < 70; length++)
        {
            var samples = Noise(length, length);
            if (length > 3)
                samples[length / 2] = short.MinValue;
            var level = LevelMeter.Of(samples);
            Assert.Equal(AudioLevel.DbovOf(samples.Sum(sample => (long)sample * sample), length), level.LevelDbov);
            Assert.Equal(samples.Max(sample => Math.Abs((int)sample)), level.Peak);
        }
    }

    [Fact]
    public void The_loudest_frame_there_is_has_0_dBov()
    {
        var frame = new short[33];
        frame.AsSpan().Fill(short.MinValue);
        var level = LevelMeter.Of(frame);
        Assert.Equal(0, level.LevelDbov, 0.001);
        Assert.Equal(0, level.PeakDbov, 0.001);
        Assert.Equal(32_768, level.Peak);
        Assert.Equal(AudioLevel.SilenceDbov, LevelMeter.Of(new short[33]).LevelDbov);
        Assert.Equal(AudioLevel.SilenceDbov, LevelMeter.Of([]).PeakDbov);
    }

    [Fact]
    public void A_sine_of_full_scale_is_3_dB_below_and_has_3_14_dBm0()
    {
        var frame = new short[8_000];
        for (int i = 0; i < frame.Length; i++)
            frame[i] = (short)(32_767 * Math.Sin(2 * Math.PI * 1_001 * i / 8_000));
        Assert.Equal(-3.01, LevelMeter.Of(frame).LevelDbov, 0.01);
        Assert.Equal(3.14, AudioLevel.Dbm0Of(32_768), 0.001);
        Assert.Equal(32_768 * Math.Pow(10, -13.14 / 20), AudioLevel.PeakOf(-10), 0.01);
    }

    [Fact]
    public void Sources_are_added_at_their_levels_and_cut_at_full_scale()
    {
        var mixer = new Mixer(new StartGate(), 3, 8_000, 160);
        mixer.SetLevel(1, -20, isAtOnce: true);
        mixer.SetLevel(2, Mixer.Mute, isAtOnce: true);
        mixer.Begin(4);
        mixer.Add(0, [100, 32_000, -32_000, 7]);
        mixer.Add(1, [1_000, 20_000, -20_000]);
        mixer.Add(2, [1_000, 1_000, 1_000, 1_000]);
        var frame = new short[4];
        Assert.Equal(4, mixer.Finish(frame));
        Assert.Equal([200, 32_767, -32_768, 7], frame);
    }

    [Theory]
    [InlineData(-6, 0)]
    [InlineData(0, double.NegativeInfinity)]
    [InlineData(double.NegativeInfinity, 12)]
    [InlineData(20, -20)]
    public void A_level_is_gone_to_without_a_step_and_reached(double from, double to)
    {
        var mixer = new Mixer(new StartGate(), 1, 8_000, 160);
        mixer.SetLevel(0, from, isAtOnce: true);
        mixer.SetLevel(0, to);
        var steady = new short[37];
        steady.AsSpan().Fill(1_000);
        var mixed = new List<short>();
        var frame = new short[37];
        for (int i = 0; i < 8; i++)
        {
            mixer.Begin(37);
            mixer.Add(0, steady);
            mixer.Finish(frame);
            mixed.AddRange(frame);
        }
        double first = Math.Min(32_767, 1_000 * AudioLevel.GainOf(from)), last = Math.Min(32_767, 1_000 * AudioLevel.GainOf(to));
        Assert.Equal(first, mixed[0], 1.0);
        Assert.Equal(last, mixed[^1], 1.0);
        // Ten milliseconds to go by as much as the louder of both.
        double step = Math.Max(1_000, Math.Max(first, last)) / 80 + 1;
        for (int i = 1; i < mixed.Count; i++)
            Assert.InRange(Math.Abs(mixed[i] - mixed[i - 1]), 0, step);
        Assert.Equal(mixed[100], mixed[^1]);
    }

    [Fact]
    public void Frames_too_long_or_too_short_do_no_harm()
    {
        var mixer = new Mixer(new StartGate(), 1, 8_000, 160);
        mixer.Begin(1_000);
        mixer.Add(0, new short[500]);
        Assert.Equal(160, mixer.Finish(new short[1_000]));
        Assert.Equal(7, mixer.Finish(new short[7]));
        mixer.Begin(-1);
        mixer.Add(0, new short[5]);
        Assert.Equal(0, mixer.Finish(new short[5]));
        mixer.SetLevel(0, double.NaN, isAtOnce: true);
        mixer.SetLevel(0, 1e9, isAtOnce: true);
        mixer.Begin(1);
        mixer.Add(0, [100]);
        var frame = new short[1];
        mixer.Finish(frame);
        Assert.Equal(1_585, frame[0]);
    }
}
