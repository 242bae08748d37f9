// Keys as they go out (RFC 4733 §2.5.1): what each packet interval sends, interval by interval.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Keys;

public class KeySenderTests
{
    private readonly KeySender _sender = new(new StartGate(), new KeySenderOptions());

    private uint _timestamp = 1_000;

    // What an interval of 20 ms sends: "M 1@1000 160", an end as "E", a dot for audio.
    private List<string> Run(int intervals, uint units = 160)
    {
        var log = new List<string>();
        Span<byte> payload = stackalloc byte[16];
        for (int i = 0; i < intervals; i++)
        {
            bool isKey = _sender.Advance(_timestamp, units);
            _timestamp += units;
            if (!isKey)
                log.Add(".");
            while (_sender.TryTake(payload, out var packet))
            {
                Assert.True(isKey);
                Assert.Equal(TelephoneEvent.Length, packet.Length);
                Assert.True(TelephoneEvent.TryRead(payload[..packet.Length], out var report));
                TelephoneKeys.TryGetKey(report.Event, out byte key);
                log.Add($"{(packet.IsMarked ? "M " : "")}{(char)key}@{packet.Timestamp} {report.Duration}{(report.IsEnd ? " E" : "")}");
            }
        }
        return log;
    }

    [Fact]
    public void A_key_has_one_marker_one_timestamp_a_growing_duration_and_three_ends()
    {
        Assert.True(_sender.TryBegin((byte)'5'));
        Assert.Equal(
            ["M 5@1000 160", "5@1000 320", "5@1000 480", "5@1000 640", "5@1000 800 E", "5@1000 800 E", "5@1000 800 E", ".", "."],
            Run(9));
        Assert.Equal(1, _sender.Counters.Sent);
    }

    [Fact]
    public void The_next_key_waits_for_the_pause_after_the_end_of_the_last()
    {
        _sender.TryBegin((byte)'1', TimeSpan.FromMilliseconds(80));
        _sender.TryBegin((byte)'#', TimeSpan.FromMilliseconds(80));
        // 80 ms down and 100 ms up, of which two intervals repeat the end.
        Assert.Equal(
            [
                "M 1@1000 160", "1@1000 320", "1@1000 480", "1@1000 640 E", "1@1000 640 E", "1@1000 640 E", ".", ".", ".",
                "M #@2440 160", "#@2440 320", "#@2440 480", "#@2440 640 E",
            ],
            Run(13));
    }

    [Fact]
    public void A_key_that_is_asked_to_be_too_short_lasts_long_enough_to_be_heard()
    {
        _sender.TryBegin((byte)'1', TimeSpan.FromMilliseconds(1));
        Assert.Equal("1@1000 560 E", Run(4)[^1]);
    }

    [Fact]
    public void A_held_key_lasts_until_it_is_released()
    {
        _sender.TryBegin((byte)'9', KeySender.UntilReleased);
        Assert.Equal("9@1000 16000", Run(100)[^1]);
        _sender.Release();
        Assert.Equal(["9@1000 16000 E", "9@1000 16000 E", "9@1000 16000 E", "."], Run(4));
    }

    [Fact]
    public void A_held_key_that_is_released_before_it_went_down_is_as_long_as_any()
    {
        _sender.TryBegin((byte)'1', TimeSpan.FromMilliseconds(100));
        _sender.TryBegin((byte)'2', KeySender.UntilReleased);
        _sender.Release();
        Assert.Contains("2@2600 800 E", Run(30));
        Assert.False(_sender.IsBusy);
    }

    [Fact]
    public void A_held_key_is_released_by_the_next()
    {
        _sender.TryBegin((byte)'1', KeySender.UntilReleased);
        Run(10);
        _sender.TryBegin((byte)'2');
        var log = Run(20);
        Assert.Equal("1@1000 1600 E", log[0]);
        Assert.Contains("M 2@3400 160", log);
    }

    [Fact]
    public void A_held_key_that_nobody_releases_ends_by_itself()
    {
        var sender = new KeySender(new StartGate(), new KeySenderOptions { LongestDuration = TimeSpan.FromSeconds(1) });
        sender.TryBegin((byte)'1', KeySender.UntilReleased);
        int intervals = 0;
        for (uint timestamp = 0; sender.Advance(timestamp, 160); timestamp += 160)
            intervals++;
        Assert.Equal(50 + KeySender.FinalPackets - 1, intervals);
        Assert.Equal(1, sender.Counters.TooLong);
    }

    [Fact]
    public void A_long_key_goes_on_in_another_segment_without_marker_or_end()
    {
        _sender.TryBegin((byte)'7', TimeSpan.FromSeconds(9));
        var log = Run(452);
        int second = log.IndexOf("7@1000 65535");
        // 65,600 units are 65 more than a segment holds; its final packet is sent three times, beside the next segment's.
        Assert.Equal(
            ["7@1000 65440", "7@1000 65535", "7@66535 65", "7@1000 65535", "7@66535 225", "7@1000 65535", "7@66535 385", "7@66535 545"],
            log.GetRange(second - 1, 8));
        Assert.Equal(["7@66535 6465 E", "7@66535 6465 E", "7@66535 6465 E"], log[^3..]);
        Assert.Single(log, line => line.StartsWith('M'));
    }

    [Theory]
    [InlineData(8_000)]
    [InlineData(16_000)]
    [InlineData(48_000)]
    public void Durations_are_counted_in_the_stream_s_clock(int clockRate)
    {
        _sender.Reset(clockRate);
        _sender.TryBegin((byte)'0');
        uint interval = (uint)clockRate / 50;
        Assert.Equal($"0@1000 {clockRate / 10} E", Run(5, interval)[^1]);
    }

    [Theory]
    [InlineData(80u, 12)]
    [InlineData(240u, 6)]
    [InlineData(480u, 4)]
    public void Any_packet_interval_will_do(uint units, int packets)
    {
        _sender.TryBegin((byte)'0');
        var log = Run(20, units);
        Assert.Equal(packets, log.Count(line => line != "."));
        Assert.Equal(3, log.Count(line => line == "0@1000 800 E"));
    }

    [Fact]
    public void The_timestamp_may_run_over()
    {
        _timestamp = uint.MaxValue - 200;
        _sender.TryBegin((byte)'1');
        _sender.TryBegin((byte)'2');
        var log = Run(20);
        Assert.Equal($"1@{uint.MaxValue - 200} 800 E", log[4]);
        Assert.Contains($"M 2@{unchecked(uint.MaxValue - 200 + 1_600)} 160", log);
    }

    [Fact]
    public void A_full_queue_refuses_and_counts()
    {
        for (int i = 0; i < 16; i++)
            Assert.True(_sender.TryBegin((byte)'1'));
        Assert.False(_sender.TryBegin((byte)'1'));
        Assert.False(_sender.TryBegin((byte)'x'));
        Assert.Equal(1, _sender.Counters.Refused);
        Assert.Equal(16, _sender.Queued);
    }

    [Fact]
    public void A_flash_has_no_volume()
    {
        _sender.TryBegin(TelephoneKeys.Flash, volume: 10);
        Span<byte> payload = stackalloc byte[4];
        _sender.Advance(0, 160);
        Assert.True(_sender.TryTake(payload, out _));
        Assert.Equal([16, 0, 0, 160], payload.ToArray());
    }

    [Fact]
    public void Another_stream_begins_with_nothing_of_the_old_one()
    {
        _sender.TryBegin((byte)'1');
        _sender.TryBegin((byte)'2');
        Run(2);
        _sender.Reset(8_000);
        Assert.False(_sender.IsBusy);
        Assert.Equal(["."], Run(1));
    }

    [Fact]
    public void Keys_and_pauses_that_cannot_be_heard_are_refused_at_the_start()
    {
        var gate = new StartGate();
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeySender(gate, new KeySenderOptions { Pause = TimeSpan.FromMilliseconds(39) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeySender(gate, new KeySenderOptions { LeastDuration = TimeSpan.FromMilliseconds(39) }));
    }
}
