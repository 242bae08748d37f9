// Tones as they sound: frequencies, levels, cadences to the sample, and no clicks.
using System.Text;
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Tones;

public class ToneGeneratorTests
{
    private static short[] Render(ToneGenerator generator, int milliseconds, int frameMs = 20)
    {
        var samples = new short[milliseconds * generator.SampleRate / 1_000];
        int frame = frameMs * generator.SampleRate / 1_000;
        for (int at = 0; at < samples.Length; at += frame)
            generator.Fill(samples.AsSpan(at, Math.Min(frame, samples.Length - at)));
        return samples;
    }

    // The peak of the sine of a frequency in whole periods of it, by definition.
    internal static double PeakAt(ReadOnlySpan<short> samples, double frequency, int sampleRate)
    {
        double real = 0, imaginary = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            var (sine, cosine) = Math.SinCos(2 * Math.PI * frequency * i / sampleRate);
            real += samples[i] * cosine;
            imaginary += samples[i] * sine;
        }
        return 2 * Math.Sqrt(real * real + imaginary * imaginary) / samples.Length;
    }

    [Theory]
    [InlineData(8_000)]
    [InlineData(16_000)]
    [InlineData(48_000)]
    public void A_tone_has_its_frequencies_at_its_level(int sampleRate)
    {
        var generator = new ToneGenerator(sampleRate);
        generator.Play(TonePlan.Of(ToneCountry.UnitedStates, ProgressTone.Dial), -13);
        var samples = Render(generator, 2_000).AsSpan(sampleRate);
        foreach (double frequency in new[] { 350.0, 440.0 })
            Assert.Equal(-13, AudioLevel.Dbm0Of(PeakAt(samples, frequency, sampleRate)), 0.01);
        Assert.True(PeakAt(samples, 395, sampleRate) < 1);
    }

    [Theory]
    [InlineData('1', 697, 1_209)]
    [InlineData('5', 770, 1_336)]
    [InlineData('#', 941, 1_477)]
    [InlineData('*', 941, 1_209)]
    [InlineData('0', 941, 1_336)]
    [InlineData('D', 941, 1_633)]
    public void A_key_has_its_row_and_its_column(char key, double row, double column)
    {
        var generator = new ToneGenerator(8_000);
        Assert.True(generator.PlayKey((byte)key, 1_100, 0, -8));
        var samples = Render(generator, 1_100).AsSpan(400, 8_000);
        Assert.Equal(-9, AudioLevel.Dbm0Of(PeakAt(samples, row, 8_000)), 0.05);
        Assert.Equal(-7, AudioLevel.Dbm0Of(PeakAt(samples, column, 8_000)), 0.05);
    }

    [Fact]
    public void A_key_without_tones_is_refused()
    {
        var generator = new ToneGenerator(8_000);
        Assert.False(generator.PlayKey(TelephoneKeys.Flash, 100, 100, -8));
        Assert.False(generator.PlayKey((byte)'x', 100, 100, -8));
        Assert.False(generator.IsPlaying);
    }

    // Where sound begins and ends, in samples, silences of at least 20 ms between.
    private static List<(int Begins, int Ends)> Bursts(ReadOnlySpan<short> samples)
    {
        var bursts = new List<(int, int)>();
        int begins = -1, last = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            if (samples[i] == 0)
                continue;
            if (begins >= 0 && i - last > 160)
            {
                bursts.Add((begins, last));
                begins = i;
            }
            begins = begins < 0 ? i : begins;
            last = i;
        }
        if (begins >= 0)
            bursts.Add((begins, last));
        return bursts;
    }

    [Theory]
    [InlineData("DE", ProgressTone.Ringback, "1000/4000")]
    [InlineData("DE", ProgressTone.Busy, "480/480")]
    [InlineData("AT", ProgressTone.Ringback, "1000/5000")]
    [InlineData("CH", ProgressTone.Congestion, "200/200")]
    [InlineData("FR", ProgressTone.Ringback, "1500/3500")]
    [InlineData("UK", ProgressTone.Ringback, "400/200 400/2000")]
    [InlineData("GB", ProgressTone.Congestion, "400/350 225/525")]
    [InlineData("US", ProgressTone.Busy, "500/500")]
    [InlineData("IT", ProgressTone.Dial, "200/200 600/1000")]
    [InlineData("es", ProgressTone.Congestion, "200/200 200/200 200/600")]
    [InlineData("NL", ProgressTone.Congestion, "250/250")]
    [InlineData("PL", ProgressTone.CallWaiting, "150/150 150/4000")]
    [InlineData("JP", ProgressTone.Ringback, "1000/2000")]
    [InlineData("AU", ProgressTone.Ringback, "400/200 400/2000")]
    public void A_country_s_cadence_is_kept_to_the_sample_for_a_minute_in_frames_of_any_length(string code, ProgressTone tone, string cadence)
    {
        Assert.True(TonePlan.TryFind(Encoding.ASCII.GetBytes(code), out var country));
        var generator = new ToneGenerator(8_000);
        generator.Play(TonePlan.Of(country, tone));
        var bursts = Bursts(Render(generator, 60_000, frameMs: 7));
        var steps = cadence.Split(' ').Select(step => step.Split('/').Select(int.Parse).ToArray()).ToArray();
        long at = 0;
        for (int i = 0; i < bursts.Count - 1; i++)
        {
            var step = steps[i % steps.Length];
            // The first samples of a sine that is being raised round to nothing; the ramp at the end is 4 ms.
            Assert.InRange(bursts[i].Begins, at, at + 8);
            Assert.InRange(bursts[i].Ends, at + step[0] * 8 - 8, at + step[0] * 8 + 32);
            at += (step[0] + step[1]) * 8;
        }
        Assert.True(bursts.Count > 4);
    }

    [Fact]
    public void Every_country_has_every_tone()
    {
        for (int country = 0; country < TonePlan.Countries; country++)
        {
            foreach (var tone in Enum.GetValues<ProgressTone>())
            {
                var cadence = TonePlan.Of((ToneCountry)country, tone);
                Assert.True(cadence.Repeats);
                Assert.InRange(cadence[0].First, 340, 480);
                Assert.True(cadence.PeriodMs > 0 || tone == ProgressTone.Dial);
            }
        }
        Assert.False(TonePlan.TryFind("XX"u8, out _));
        Assert.False(TonePlan.TryFind("DEU"u8, out _));
        foreach (var country in Enum.GetValues<ToneCountry>())
            Assert.InRange((int)country, 0, TonePlan.Countries - 1);
    }

    [Fact]
    public void A_modulated_tone_has_its_sidebands()
    {
        var generator = new ToneGenerator(8_000);
        generator.Play(TonePlan.Of(ToneCountry.Japan, ProgressTone.Ringback));
        var samples = Render(generator, 1_000).AsSpan(1_000, 6_000);
        double carrier = PeakAt(samples, 400, 8_000);
        Assert.Equal(0.85 / 2, PeakAt(samples, 384, 8_000) / carrier, 0.02);
        Assert.Equal(0.85 / 2, PeakAt(samples, 416, 8_000) / carrier, 0.02);
    }

    // A step of a sine is at most its peak times its angle; what begins or ends abruptly has steps of its peak.
    private static int LargestStep(ReadOnlySpan<short> samples)
    {
        int largest = Math.Abs((int)samples[0]);
        for (int i = 1; i < samples.Length; i++)
            largest = Math.Max(largest, Math.Abs(samples[i] - samples[i - 1]));
        return largest;
    }

    [Fact]
    public void Nothing_clicks_at_the_beginning_the_end_a_change_or_a_stop()
    {
        var generator = new ToneGenerator(16_000);
        var samples = new List<short>();
        double peak = AudioLevel.PeakOf(-10);
        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            if (i % 3 == 2)
                generator.Stop();
            else
                generator.Play(TonePlan.Of(ToneCountry.Germany, ProgressTone.Busy), -10);
            samples.AddRange(Render(generator, random.Next(20, 700)));
        }
        // Two voices at once, and what the ramp adds.
        double most = 2 * peak * (2 * Math.PI * 425 / 16_000 + 1 / 64.0);
        Assert.InRange(LargestStep(samples.ToArray()), peak * 0.1, most);
    }

    [Fact]
    public void A_stop_is_silent_within_some_milliseconds()
    {
        var generator = new ToneGenerator(8_000);
        generator.Play(TonePlan.Of(ToneCountry.Germany, ProgressTone.Dial));
        Render(generator, 100);
        generator.Stop();
        var end = Render(generator, 40);
        Assert.All(end[40..], sample => Assert.Equal(0, sample));
        Assert.False(generator.IsPlaying);
        Assert.False(generator.Fill(new short[160]));
    }

    [Fact]
    public void The_chime_is_two_notes_that_die_away()
    {
        var generator = new ToneGenerator(16_000);
        generator.Play(TonePlan.Chime, -8);
        var samples = Render(generator, 10_000);
        Assert.False(generator.IsPlaying);
        double first = PeakAt(samples.AsSpan(1_600, 3_200), 659.26, 16_000);
        double second = PeakAt(samples.AsSpan(11_200, 3_200), 523.25, 16_000);
        Assert.InRange(AudioLevel.Dbm0Of(first), -14, -8);
        Assert.InRange(AudioLevel.Dbm0Of(second), -14, -8);
        Assert.True(PeakAt(samples.AsSpan(32_000, 3_200), 523.25, 16_000) < second / 4);
        Assert.True(LargestStep(samples) < 4_000);
    }

    [Fact]
    public void The_privacy_beep_comes_each_so_many_seconds()
    {
        var generator = new ToneGenerator(8_000);
        generator.Play(TonePlan.PrivacyBeep(15));
        var bursts = Bursts(Render(generator, 61_000));
        Assert.Equal(5, bursts.Count);
        for (int i = 0; i < 5; i++)
            Assert.InRange(bursts[i].Begins, i * 120_000, i * 120_000 + 8);
    }

    [Fact]
    public void A_dial_tone_of_an_hour_is_as_loud_as_at_its_beginning()
    {
        var generator = new ToneGenerator(8_000);
        generator.Play(TonePlan.Of(ToneCountry.Germany, ProgressTone.Dial));
        var frame = new short[8_000];
        generator.Fill(frame);
        generator.Fill(frame);
        double before = PeakAt(frame, 425, 8_000);
        for (int i = 0; i < 3_600; i++)
            generator.Fill(frame);
        Assert.Equal(before, PeakAt(frame, 425, 8_000), 0.01);
    }
}
