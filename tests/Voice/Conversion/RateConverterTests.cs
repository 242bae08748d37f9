// The converter's filter as note [the converter's filter] gives it, measured by tones; its sums against a slow convolution; streams cut anyhow.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Tests;
using Xunit;

namespace SipEmbedded.Voice.Tests.Conversion;

public class RateConverterTests
{
    private static readonly int[] s_rates = [8000, 16_000, 48_000];

    public static TheoryData<int, int> Ratios
    {
        get
        {
            var pairs = new TheoryData<int, int>();
            foreach (int from in s_rates)
            {
                foreach (int to in s_rates.Where(to => to != from))
                    pairs.Add(from, to);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Ratios))]
    public void What_both_rates_can_carry_passes_as_loud_as_it_was(int from, int to)
    {
        int lower = Math.Min(from, to);
        for (double part = 0.01; part <= 0.851; part += 0.03)
        {
            double frequency = part * lower / 2;
            short[] heard = Convert(Sound.Tone(from, frequency, from / 2), from, to)[(to / 100)..];
            double db = 20 * Math.Log10(Sound.AmplitudeAt(heard, to, frequency) / 16_000);
            Assert.InRange(db, -0.05, 0.05);
        }
    }

    [Theory]
    [MemberData(nameof(Ratios))]
    public void What_the_lower_rate_cannot_carry_is_60_dB_down(int from, int to)
    {
        int lower = Math.Min(from, to);
        if (from > to)
        {
            // Tones above: nothing may come down.
            for (double part = 1.15; part <= (double)from / to; part += 0.11)
                Assert.InRange(Sound.Rms(Convert(Sound.Tone(from, part * lower / 2, from / 2), from, to)[(to / 100)..]), 0, 16_000 / Math.Sqrt(2) / 1000);
        }
        else
        {
            // A tone below: no image may come up. What is left without the tone itself is its images and rounding.
            for (double part = 0.05; part <= 0.851; part += 0.1)
            {
                double frequency = part * lower / 2;
                short[] heard = Convert(Sound.Tone(from, frequency, from / 2), from, to)[(to / 100)..];
                for (int image = lower; image < to; image += lower)
                {
                    Assert.InRange(Sound.AmplitudeAt(heard, to, image - frequency), 0, 16);
                    Assert.InRange(Sound.AmplitudeAt(heard, to, image + frequency), 0, 16);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ratios))]
    public void A_sound_comes_later_by_the_delay_that_is_told(int from, int to)
    {
        int lower = Math.Min(from, to), delay = RateConverter.DelaySamples * (to / lower);
        short[] heard = Convert(Sound.Tone(from, 500, from / 5), from, to), expected = Sound.Tone(to, 500, to / 5);
        Assert.True(Likeness.SnrDb(expected.AsSpan(to / 100, to / 10), heard.AsSpan(to / 100 + delay, to / 10)) > 60);
    }

    [Theory]
    [MemberData(nameof(Ratios))]
    public void A_stream_cut_anyhow_gives_the_same_sound(int from, int to)
    {
        short[] speech = SpeechLike.Make(from, 0.5), whole = Convert(speech, from, to);
        var random = new Random(from + to);
        var converter = new RateConverter(new StartGate(), "test", from, to);
        for (int round = 0; round < 10; round++)
        {
            var pieces = new List<short>();
            short[] room = new short[speech.Length * 6];
            for (int at = 0; at < speech.Length;)
            {
                int length = Math.Min(speech.Length - at, random.Next(round < 5 ? 20 : 1500));
                int expected = converter.OutputFor(length);
                Assert.Equal(expected, converter.Convert(speech.AsSpan(at, length), room));
                pieces.AddRange(room.AsSpan(0, expected));
                at += length;
            }
            Assert.Equal(whole, pieces);
            converter.Reset();
        }
    }

    [Theory]
    [MemberData(nameof(Ratios))]
    public void Sums_by_vectors_are_those_of_a_slow_convolution(int from, int to)
    {
        int ratio = Math.Max(from, to) / Math.Min(from, to);
        var random = new Random(from - to);
        short[] noise = [.. Enumerable.Range(0, 2000).Select(_ => (short)random.Next(-3000, 3000))];
        double[] taps = [.. Enumerable.Range(0, 2 * RateConverter.DelaySamples * ratio).Select(at => Tap(at, ratio))];
        short[] heard = Convert(noise, from, to);
        for (int i = 0; i < heard.Length; i++)
        {
            double sum = 0;
            for (int tap = 0; tap < taps.Length; tap++)
            {
                // Upwards there are zeros between the samples; downwards all samples count, and together as much as one.
                int at = to > from ? i - tap : i * ratio - tap;
                if (at < 0)
                    continue;
                if (to < from)
                    sum += noise[at] * taps[tap] / ratio;
                else if (at % ratio == 0)
                    sum += noise[at / ratio] * taps[tap];
            }
            // Each phase's sum is made 1 in the converter: a few parts in 10,000.
            Assert.InRange(heard[i] - sum, -3, 3);
        }
    }

    [Fact]
    public void What_is_as_loud_as_can_be_does_not_wrap_around()
    {
        short[] loud = [.. Enumerable.Range(0, 4000).Select(i => i / 40 % 2 == 0 ? short.MaxValue : short.MinValue)];
        foreach (var (from, to) in (ReadOnlySpan<(int, int)>)[(8000, 48_000), (48_000, 8000), (16_000, 48_000), (16_000, 8000)])
        {
            short[] heard = Convert(loud, from, to);
            int lower = Math.Min(from, to), delay = RateConverter.DelaySamples * (to / lower);
            // Away from the edges it is as loud as it was: a sum that wrapped would be of the other sign there.
            for (int i = delay; i < heard.Length; i++)
            {
                long before = (long)(i - delay) * from / to;
                if (before % 40 is > 18 and < 22 && from < to)
                    Assert.Equal(loud[before] > 0, heard[i] > 0);
            }
            Assert.Contains(short.MaxValue, heard);
            Assert.Contains(short.MinValue, heard);
        }
    }

    [Fact]
    public void Equal_rates_change_nothing()
    {
        short[] speech = SpeechLike.Make(16_000, 0.3);
        Assert.Equal(speech, Convert(speech, 16_000, 16_000));
    }

    [Fact]
    public void What_has_no_room_is_refused_and_changes_nothing()
    {
        var converter = new RateConverter(new StartGate(), "test", 48_000, 16_000);
        short[] speech = SpeechLike.Make(48_000, 0.1), heard = new short[speech.Length / 3];
        Assert.Equal(0, converter.Convert(speech, heard.AsSpan(1)));
        Assert.Equal(heard.Length, converter.Convert(speech, heard));
        Assert.Equal(Convert(speech, 48_000, 16_000), heard);
    }

    [Fact]
    public void Another_rate_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateConverter(new StartGate(), "test", 44_100, 16_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateConverter(new StartGate(), "test", 16_000, 0));
    }

    [Theory]
    [MemberData(nameof(Ratios))]
    public void Converting_allocates_nothing(int from, int to)
    {
        var converter = new RateConverter(new StartGate(), "test", from, to);
        short[] frame = SpeechLike.Make(from, 0.02), heard = new short[to / 50 + 1];
        converter.Convert(frame, heard);
        long before = HeapCount.Begin();
        for (int i = 0; i < 2000; i++)
            converter.Convert(frame, heard);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static short[] Convert(short[] sound, int from, int to)
    {
        var converter = new RateConverter(new StartGate(), "test", from, to);
        short[] heard = new short[converter.OutputFor(sound.Length)];
        Assert.Equal(heard.Length, converter.Convert(sound, heard));
        return heard;
    }

    // As the note says: a sinc under a Kaiser window of 32 samples of the lower rate, beta 7.1.
    private static double Tap(int at, int ratio)
    {
        double from = (double)at / ratio - 16;
        double sinc = from == 0 ? 1 : Math.Sin(Math.PI * from) / (Math.PI * from);
        return sinc * Bessel(7.1 * Math.Sqrt(Math.Max(0, 1 - from * from / 256))) / Bessel(7.1);
    }

    // By its integral, not by its series as in the converter.
    private static double Bessel(double x) => Enumerable.Range(0, 1000).Average(i => Math.Exp(x * Math.Cos(Math.PI * (i + 0.5) / 1000)));
}
