// Hum goes, voices stay.
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

public sealed class HighPassFilterTests
{
    [Theory]
    [InlineData(8_000)]
    [InlineData(16_000)]
    public void Hum_goes_and_a_voice_stays(int sampleRate)
    {
        Assert.InRange(Gain(sampleRate, 50), -17, -14);
        Assert.InRange(Gain(sampleRate, 120), -3.3, -2.7);
        Assert.InRange(Gain(sampleRate, 240), -0.5, -0.1);
        Assert.InRange(Gain(sampleRate, 1000), -0.05, 0.05);
    }

    [Fact]
    public void A_step_rings_out_into_silence_and_full_scale_stays_full_scale()
    {
        var filter = new HighPassFilter(16_000);
        short[] sound = new short[16_000];
        sound.AsSpan(0, 8000).Fill(short.MaxValue);
        sound.AsSpan(8000, 100).Fill(short.MinValue);
        filter.Process(sound, sound);
        Assert.True(sound[0] > 31_000);
        Assert.Equal(short.MinValue, sound[8000]);
        Assert.All(sound.Skip(12_000), sample => Assert.Equal(0, sample));
        filter.Reset();
        short[] first = new short[1];
        filter.Process([(short)1000], first);
        Assert.InRange(first[0], 950, 1000);
    }

    [Fact]
    public void Pieces_of_any_length_make_the_same_sound()
    {
        short[] speech = SpeechLike.Make(16_000, 1), whole = new short[speech.Length], pieces = new short[speech.Length];
        new HighPassFilter(16_000).Process(speech, whole);
        var filter = new HighPassFilter(16_000);
        var random = new Random(2);
        for (int at = 0; at < speech.Length;)
        {
            int length = Math.Min(random.Next(1, 400), speech.Length - at);
            filter.Process(speech.AsSpan(at, length), pieces.AsSpan(at, length));
            at += length;
        }
        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void A_corner_lies_below_half_the_rate()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HighPassFilter(8_000, 4_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HighPassFilter(8_000, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HighPassFilter(8_000, 0));
    }

    private static double Gain(int sampleRate, double frequency)
    {
        short[] tone = Sound.Tone(sampleRate, frequency, 2 * sampleRate), filtered = new short[tone.Length];
        new HighPassFilter(sampleRate).Process(tone, filtered);
        return 20 * Math.Log10(Sound.Rms(filtered.AsSpan(sampleRate)) / Sound.Rms(tone.AsSpan(sampleRate)));
    }
}
