// Sequence, timestamp and marker of what we send (RFC 3550 §5.1, RFC 3551 §4.1), over silence, hold, events and changes of the clock.
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using Xunit;
using static SipEmbedded.Voice.Tests.Rtp.Streams;

namespace SipEmbedded.Voice.Tests.Rtp;

public class RtpSenderTests
{
    private readonly Entropy _entropy = SeededEntropy.Of(1);

    private RtpSender Opened()
    {
        var sender = default(RtpSender);
        sender.Open(At(0), _entropy, Rate);
        return sender;
    }

    [Fact]
    public void Source_sequence_and_timestamp_are_drawn_for_each_stream()
    {
        var first = Opened().Next(At(0), Pcmu, Frame, 160);
        var second = Opened().Next(At(0), Pcmu, Frame, 160);
        Assert.NotEqual(first.Source, second.Source);
        Assert.NotEqual(first.Sequence, second.Sequence);
        Assert.NotEqual(first.Timestamp, second.Timestamp);
    }

    [Fact]
    public void A_sequence_begins_in_the_lower_half()
    {
        for (int i = 0; i < 1000; i++)
            Assert.InRange(Opened().Next(At(0), Pcmu, Frame, 160).Sequence, 0, 0x7FFF);
    }

    [Fact]
    public void Sequence_and_timestamp_follow_each_other_and_the_first_packet_is_marked()
    {
        var sender = Opened();
        var before = sender.Next(At(0), Pcmu, Frame, 160);
        Assert.True(before.IsMarked);
        for (int i = 1; i < 100_000; i++)
        {
            var header = sender.Next(At(20 * i), Pcmu, Frame, 160);
            Assert.Equal((ushort)(before.Sequence + 1), header.Sequence);
            Assert.Equal(before.Timestamp + Frame, header.Timestamp);
            Assert.Equal(before.Source, header.Source);
            Assert.False(header.IsMarked);
            before = header;
        }
        Assert.Equal(100_000u, sender.Packets);
        Assert.Equal(16_000_000u, sender.Octets);
    }

    [Fact]
    public void Silence_moves_the_timestamp_alone_and_the_next_packet_is_marked()
    {
        var sender = Opened();
        var before = sender.Next(At(0), Pcmu, Frame, 160);
        sender.Skip(Frame);
        sender.Skip(Frame);
        var after = sender.Next(At(60), Pcmu, Frame, 160);
        Assert.Equal((ushort)(before.Sequence + 1), after.Sequence);
        Assert.Equal(before.Timestamp + 3 * Frame, after.Timestamp);
        Assert.True(after.IsMarked);
    }

    [Fact]
    public void After_a_hold_the_timestamp_is_where_the_clock_is()
    {
        var sender = Opened();
        var before = sender.Next(At(0), Pcmu, Frame, 160);
        sender.CatchUp(At(90_000));
        var after = sender.Next(At(90_000), Pcmu, Frame, 160);
        Assert.Equal(before.Timestamp + 90 * Rate, after.Timestamp);
        Assert.Equal((ushort)(before.Sequence + 1), after.Sequence);
        Assert.Equal(before.Source, after.Source);
        Assert.True(after.IsMarked);
    }

    [Fact]
    public void A_timestamp_that_is_ahead_of_the_clock_is_not_set_back()
    {
        var sender = Opened();
        for (int i = 0; i < 5; i++)
            sender.Next(At(0), Pcmu, Frame, 160);
        uint next = sender.Timestamp;
        sender.CatchUp(At(1));
        Assert.Equal(next, sender.Timestamp);
    }

    [Fact]
    public void Packets_of_an_event_carry_its_beginning_and_take_numbers_of_the_one_sequence()
    {
        var sender = Opened();
        var sound = sender.Next(At(0), Pcmu, Frame, 160);
        uint begins = sender.Timestamp;
        for (int i = 0; i < 3; i++)
        {
            var header = sender.NextAt(Events, begins, i == 0, 4);
            Assert.Equal((ushort)(sound.Sequence + 1 + i), header.Sequence);
            Assert.Equal(begins, header.Timestamp);
            Assert.Equal(i == 0, header.IsMarked);
            sender.Skip(Frame);
        }
        Assert.Equal(begins + 3 * Frame, sender.Next(At(80), Pcmu, Frame, 160).Timestamp);
        Assert.Equal(5u, sender.Packets);
        Assert.Equal(160u + 12 + 160, sender.Octets);
    }

    [Fact]
    public void Another_clock_rate_is_another_source_and_its_counts_begin_anew()
    {
        var sender = Opened();
        var before = sender.Next(At(0), Pcmu, Frame, 160);
        sender.ChangeClockRate(At(20), _entropy, Rate);
        Assert.Equal(before.Source, sender.Source);
        sender.ChangeClockRate(At(20), _entropy, 48_000);
        var after = sender.Next(At(20), 96, 960, 60);
        Assert.NotEqual(before.Source, after.Source);
        Assert.True(after.IsMarked);
        Assert.Equal(1u, sender.Packets);
        Assert.Equal(60u, sender.Octets);
        Assert.Equal(2, sender.TotalPackets);
        Assert.Equal(after.Timestamp + 48_000, sender.TimestampAt(At(1020)));
    }

    [Fact]
    public void The_timestamp_of_a_report_runs_on_between_packets()
    {
        var sender = Opened();
        var header = sender.Next(At(100), Pcmu, Frame, 160);
        Assert.Equal(header.Timestamp, sender.TimestampAt(At(100)));
        Assert.Equal(header.Timestamp + 80, sender.TimestampAt(At(110)));
        Assert.Equal(header.Timestamp + 8 * 3_600_000u, sender.TimestampAt(At(100 + 3_600_000)));
    }

    [Fact]
    public void A_new_identifier_is_neither_ours_nor_the_peers()
    {
        var sender = Opened();
        for (int i = 0; i < 100; i++)
        {
            uint old = sender.Source;
            // What the same chance would draw next is what is forbidden.
            var twin = SeededEntropy.Of(i);
            uint other = (uint)twin.Next();
            sender.ChangeSource(SeededEntropy.Of(i), other);
            Assert.NotEqual(old, sender.Source);
            Assert.Equal(other + 1, sender.Source);
        }
    }

    [Fact]
    public void A_year_of_uptime_does_not_disturb_the_clock()
    {
        const double YearMs = 365.25 * 86_400_000;
        var sender = default(RtpSender);
        sender.Open(At(YearMs), _entropy, 48_000);
        uint first = sender.Next(At(YearMs), 96, 960, 60).Timestamp;
        Assert.Equal(first + 48_000u, sender.TimestampAt(At(YearMs + 1000)));
    }
}
