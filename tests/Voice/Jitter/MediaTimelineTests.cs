// Timestamps as places: what is believed, and what is put right. See note [timestamps of the field].
using SipEmbedded.Audio;
using SipEmbedded.Rtp;
using Xunit;

namespace SipEmbedded.Voice.Tests.Jitter;

public sealed class MediaTimelineTests
{
    private MediaTimeline _clock;

    public MediaTimelineTests() => _clock.Reset(16_000);

    // Times and places are in samples of 16 kHz, timestamps at 8 kHz, a packet is 20 ms.
    private long Place(long arrival, int sequence, uint timestamp, uint clockRate = 8000) =>
        _clock.Place(arrival, new RtpHeader { Sequence = (ushort)sequence, Timestamp = timestamp }, 320, clockRate, fastest: 0);

    [Fact]
    public void Timestamps_are_scaled_and_wrap_around()
    {
        Assert.Equal(1000, Place(1000, 65_535, uint.MaxValue - 79));
        Assert.Equal(1320, Place(1300, 0, 80));
        Assert.Equal(1960, Place(1960, 2, 400));
        Assert.Equal(1640, Place(2000, 1, 240));
        Assert.Equal(0, _clock.Faults);
    }

    [Fact]
    public void What_does_not_divide_adds_up_to_nothing()
    {
        Place(0, 0, 0, 44_100);
        long place = 0;
        for (int i = 1; i <= 44_100; i++)
            place = Place(i * 16_000L / 441, i, (uint)i * 100, 44_100);
        Assert.Equal(1_600_000, place);
    }

    [Fact]
    public void A_pause_is_believed_when_time_has_passed()
    {
        Place(0, 0, 0);
        Assert.Equal(160_000, Place(160_100, 1, 80_000));
        Assert.Equal(0, _clock.Faults);
        // And is not when it has not: the packet follows on the one before.
        Assert.Equal(160_320, Place(160_420, 2, 400_000));
        Assert.Equal(1, _clock.Faults);
        // Nor when more time has passed than it says: that was a pause.
        Assert.Equal(320_320, Place(320_420, 3, 400_160));
        Assert.Equal(2, _clock.Faults);
    }

    [Fact]
    public void Another_clock_rate_goes_on_behind_the_last_packet()
    {
        Place(0, 0, 0);
        Assert.Equal(320, Place(320, 1, 7_000_000, 48_000));
        Assert.Equal(640, Place(640, 2, 7_000_960, 48_000));
        Assert.Equal(0, _clock.Faults);
    }

    [Fact]
    public void Timestamps_that_are_always_wrong_are_asked_for_no_more_until_they_are_right()
    {
        for (int i = 0; i < 100; i++)
            Place(i * 320, i, (uint)i * 320);
        long before = Place(32_000, 100, 32_000);
        Assert.Equal(before + 320, Place(32_320, 101, 32_320));
        Assert.Equal(before, Place(32_330, 100, 32_000));
        for (int i = 102; i < 130; i++)
            Place(i * 320, i, 32_320 + (uint)(i - 101) * 160);
        long faults = _clock.Faults;
        Place(130 * 320, 130, 32_320 + 29 * 160);
        Assert.Equal(faults, _clock.Faults);
    }
}
