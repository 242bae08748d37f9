// Voices come to one level, and nothing else does.
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

public sealed class AutomaticGainTests
{
    private const int Rate = 16_000, Frame = 160;

    [Theory]
    [InlineData(-30)]
    [InlineData(-26)]
    [InlineData(-16)]
    public void Voices_come_to_one_level(double dbov)
    {
        short[] speech = Speech(dbov, 12);
        Run(new(Rate, Frame), speech);
        // Of the whole speech, pauses too, which are a fifth of it.
        Assert.InRange(20 * Math.Log10(Sound.Rms(speech.AsSpan(6 * Rate)) / 32768), AutomaticGain.DefaultLevelDbov - 4, AutomaticGain.DefaultLevelDbov + 2);
    }

    [Fact]
    public void A_whisper_is_raised_by_no_more_than_the_most()
    {
        var gain = new AutomaticGain(Rate, Frame);
        Run(gain, Speech(-42, 10));
        Assert.InRange(gain.GainDb, AutomaticGain.DefaultMostGainDb - 1, AutomaticGain.DefaultMostGainDb);
    }

    [Fact]
    public void A_street_alone_is_not_raised()
    {
        var gain = new AutomaticGain(Rate, Frame);
        short[] street = [.. Room.Street(Rate, 10 * Rate, seed: 2).Select(sample => (short)(sample * 60))];
        Run(gain, street);
        // A little is, where a car comes quicker than the floor rises.
        Assert.InRange(gain.GainDb, -0.01, 2);
    }

    [Fact]
    public void Nothing_is_learnt_from_an_echo()
    {
        var gain = new AutomaticGain(Rate, Frame);
        Run(gain, Speech(-40, 4), learns: false);
        Assert.Equal(0, gain.GainDb);
    }

    [Fact]
    public void A_shout_behind_whispers_is_not_cut_for_longer_than_a_millisecond()
    {
        var gain = new AutomaticGain(Rate, Frame);
        Run(gain, Speech(-42, 10));
        short[] shout = Sound.Tone(Rate, 500, 10 * Frame, 32_000);
        Run(gain, shout);
        Assert.All(shout.Skip(Rate / 1000), sample => Assert.InRange(Math.Abs((int)sample), 0, 29_500));
        gain.Reset();
        Assert.Equal(0, gain.GainDb);
    }

    private static short[] Speech(double dbov, double seconds)
    {
        short[] speech = SpeechLike.Make(Rate, seconds, seed: 9);
        double scale = 32768 * AudioLevel.GainOf(dbov) / Sound.Rms(speech);
        return [.. speech.Select(sample => (short)Math.Clamp(sample * scale, short.MinValue, short.MaxValue))];
    }

    private static void Run(AutomaticGain gain, short[] sound, bool learns = true)
    {
        for (int at = 0; at + Frame <= sound.Length; at += Frame)
            gain.Process(sound.AsSpan(at, Frame), learns);
    }
}
