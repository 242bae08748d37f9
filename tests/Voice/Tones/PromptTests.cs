// Recordings that are played: as often as asked, with pauses, faded when stopped, and at another rate.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Tones;

public class PromptTests
{
    private static short[] Play(PromptPlayer player, int samples, int frame = 7)
    {
        var played = new short[samples];
        for (int at = 0; at < samples; at += frame)
            player.Fill(played.AsSpan(at, Math.Min(frame, samples - at)));
        return played;
    }

    [Fact]
    public void A_prompt_is_played_as_often_as_asked_with_pauses()
    {
        var player = new PromptPlayer(8_000);
        Assert.True(player.Play(new short[] { 1, 2, 3 }, 8_000, times: 2, pause: TimeSpan.FromMilliseconds(1)));
        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0], Play(player, 16));
        Assert.False(player.IsPlaying);
        Assert.False(player.Fill(new short[3]));
    }

    [Fact]
    public void An_endless_prompt_goes_on_until_it_is_stopped_and_fades()
    {
        var player = new PromptPlayer(8_000);
        var steady = new short[100];
        steady.AsSpan().Fill(8_000);
        Assert.True(player.Play(steady, 8_000, PromptPlayer.Endless));
        Assert.All(Play(player, 1_000), sample => Assert.Equal(8_000, sample));
        player.Stop();
        var end = Play(player, 100);
        for (int i = 1; i < end.Length; i++)
            Assert.InRange(end[i], end[i - 1] - 201, end[i - 1]);
        Assert.Equal(0, end[40]);
        Assert.False(player.IsPlaying);
    }

    [Fact]
    public void A_prompt_that_is_stopped_in_its_pause_is_silent_at_once()
    {
        var player = new PromptPlayer(8_000);
        player.Play(new short[] { 5 }, 8_000, PromptPlayer.Endless, TimeSpan.FromSeconds(1));
        Play(player, 10);
        player.Stop();
        Assert.False(player.IsPlaying);
    }

    [Fact]
    public void What_cannot_be_played_is_refused()
    {
        var player = new PromptPlayer(8_000);
        Assert.False(player.Play(default, 8_000));
        Assert.False(player.Play(new short[5], 16_000));
        Assert.False(player.Play(new short[5], 8_000, -1));
        Assert.False(player.IsPlaying);
    }

    [Theory]
    [InlineData(48_000, 8_000)]
    [InlineData(48_000, 16_000)]
    [InlineData(16_000, 8_000)]
    [InlineData(8_000, 16_000)]
    [InlineData(44_100, 8_000)]
    [InlineData(8_000, 48_000)]
    public void A_prompt_of_another_rate_sounds_the_same(int from, int to)
    {
        var samples = new short[from];
        for (int i = 0; i < from; i++)
            samples[i] = (short)(10_000 * Math.Sin(2 * Math.PI * 1_000 * i / from));
        var prompt = new Prompt(new StartGate(), samples, from, to);
        Assert.Equal(to, prompt.Samples.Length);
        double peak = ToneGeneratorTests.PeakAt(prompt.Samples.Span, 1_000, to);
        Assert.Equal(10_000, peak, 30.0);
        // What else there is: 50 dB below.
        double squares = prompt.Samples.ToArray().Sum(sample => (double)sample * sample) - peak * peak / 2 * to;
        Assert.True(squares < peak * peak / 2 * to * 1e-4);
    }

    [Fact]
    public void What_a_lower_rate_cannot_hold_is_left_out()
    {
        var samples = new short[48_000];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (short)(10_000 * Math.Sin(2 * Math.PI * 5_000 * i / 48_000));
        var prompt = new Prompt(new StartGate(), samples, 48_000, 8_000);
        // At 3,000 Hz it would be heard. The ends have no sound beside them, so they are left out here.
        Assert.True(ToneGeneratorTests.PeakAt(prompt.Samples.Span[400..^400], 3_000, 8_000) < 5);
    }

    [Fact]
    public void A_rehearsal_counts_a_prompt_and_keeps_nothing()
    {
        var gate = StartGate.Rehearsal();
        Assert.Equal(0, new Prompt(gate, new short[480], 48_000, 8_000).Samples.Length);
        Assert.Equal(160, gate.Plan().TotalBytes);
    }
}
