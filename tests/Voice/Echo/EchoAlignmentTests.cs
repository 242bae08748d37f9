// Where the reference is taken from, by delays as sound cards tell them.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

public sealed class EchoAlignmentTests
{
    private const int Rate = 16_000, Frame = 160, Lead = 80, MostDelay = 6400;

    private readonly EchoAlignment _alignment = new(new StartGate(), Rate, Frame, Lead, MostDelay);
    private long _position;

    [Fact]
    public void The_reference_is_what_was_played_a_delay_and_a_frame_ago_and_by_the_lead_later()
    {
        for (int i = 1; i <= 10; i++)
            Assert.Equal(i * Frame - Frame - 640 - Frame + Lead, Place(640));
        Assert.Equal(640, _alignment.Figures.DelaySamples);
    }

    [Fact]
    public void A_delay_that_wavers_by_a_millisecond_moves_nothing()
    {
        long first = Place(640);
        for (int i = 1; i < 2000; i++)
            Assert.Equal(first + i * Frame, Place(640 + (i % 2 == 0 ? 16 : -16)));
        Assert.Equal(0, _alignment.Figures.Moves);
    }

    [Fact]
    public void A_delay_that_is_told_wrong_once_or_twice_moves_nothing()
    {
        long first = Place(640);
        for (int i = 1; i < 100; i++)
            Assert.Equal(first + i * Frame, Place(i % 10 < 2 ? 2000 : 640));
    }

    [Theory]
    [InlineData(1120)]
    [InlineData(300)]
    public void A_jump_is_followed_when_it_was_told_three_times(int after)
    {
        long first = Place(640);
        Assert.Equal(first + Frame, Place(after));
        Assert.Equal(first + 2 * Frame, Place(after));
        Assert.Equal(first + 3 * Frame - (after - 640), Place(after));
        Assert.Equal(1, _alignment.Figures.Jumps);
        Assert.Equal(after, _alignment.Figures.DelaySamples);
        Assert.Equal(first + 4 * Frame - (after - 640), Place(after));
    }

    [Fact]
    public void A_card_that_tells_something_else_each_time_is_followed_in_the_end()
    {
        var random = new Random(4);
        Place(640);
        for (int i = 0; i < 200; i++)
            Place(2000 + 100 * (i % 2 == 0 ? i : -i) / 20 + random.Next(40));
        Assert.InRange(_alignment.Figures.Jumps, 1, 20);
        Assert.InRange(_alignment.Figures.DelaySamples, 900, 3100);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-60)]
    public void Clocks_that_drift_are_noticed_and_followed(double ppm)
    {
        for (int i = 0; i < 100 * 90; i++)
        {
            double delay = 2000 + ppm * 1e-6 * i * Frame;
            Place((int)Math.Round(delay) + i % 3);
            Assert.InRange(_alignment.Figures.DelaySamples - delay, -8, 8);
        }
        Assert.Equal(0, _alignment.Figures.Jumps);
        Assert.InRange(_alignment.Figures.DriftPpm, ppm - 10, ppm + 10);
        Assert.InRange(_alignment.Figures.Moves, 5, 200);
    }

    [Fact]
    public void Any_number_may_be_told()
    {
        var random = new Random(8);
        for (int i = 0; i < 20_000; i++)
        {
            long place = Place(random.Next(3) switch { 0 => random.Next(int.MinValue, int.MaxValue), 1 => random.Next(-100, MostDelay), _ => int.MaxValue });
            // What has been written, and never what has not.
            Assert.InRange(place, _position - MostDelay - 100 * Frame, _position - Frame);
            Assert.InRange(_alignment.Figures.DelaySamples, -MostDelay, 2 * MostDelay);
        }
    }

    [Fact]
    public void Another_card_begins_anew()
    {
        Place(640);
        _alignment.Reset();
        Assert.Equal(2 * Frame - Frame - 3000 - Frame + Lead, Place(3000));
        Assert.Equal(0, _alignment.Figures.Jumps);
    }

    private long Place(int delay)
    {
        _position += Frame;
        return _alignment.Place(_position, delay);
    }
}
