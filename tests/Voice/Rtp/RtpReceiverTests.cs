// Order, loss and jitter against the algorithms of RFC 3550 A.1, A.3 and A.8 over random streams (ReceiverModel), and against a plain list of what came.
using SipEmbedded.Rtp;
using Xunit;
using static SipEmbedded.Voice.Tests.Rtp.Streams;

namespace SipEmbedded.Voice.Tests.Rtp;

public class RtpReceiverTests
{
    private const uint Peer = 0x5EED;

    // A stream as a bad network delivers it: losses, runs of losses, copies, delays, sometimes a leap of the sequence.
    private static List<(int Sequence, double Ms)> Delivered(Random random, int packets, int longestGap, bool leaps = false)
    {
        var sent = new List<(int Sequence, double Ms)>();
        int sequence = random.Next(65536);
        double loss = random.NextDouble() * 0.3;
        double spread = random.Next(4) switch { 0 => 0, 1 => 5, 2 => 60, _ => 1500 };
        for (int i = 0; i < packets; i++, sequence++)
        {
            if (leaps && random.Next(300) == 0)
                sequence += random.Next(65536);
            if (random.Next(400) == 0)
                sequence += random.Next(longestGap);
            if (random.NextDouble() < loss)
                continue;
            sent.Add((sequence, i * 20 + random.NextDouble() * spread));
            if (random.Next(30) == 0)
                sent.Add((sequence, i * 20 + random.NextDouble() * spread));
        }
        sent.Sort((left, right) => left.Ms.CompareTo(right.Ms));
        return sent;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Order_and_loss_are_those_of_the_RFC(bool leaps)
    {
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var receiver = default(RtpReceiver);
            ReceiverModel? model = null;
            foreach (var (sequence, ms) in Delivered(random, 1500, leaps ? 4000 : 2000, leaps))
            {
                model ??= new((ushort)sequence, minSequential: 1);
                bool isValid = model.UpdateSeq((ushort)sequence);
                var verdict = receiver.Receive(At(ms), Header(Peer, sequence, (uint)sequence * Frame), Rate);
                Assert.True(isValid == (verdict != RtpVerdict.SequenceJump), $"seed {seed}, {sequence}: {verdict}");
                Assert.Equal(model.ExtendedMax, receiver.ExtendedHighestSequence);
                if (random.Next(100) != 0 || !receiver.TryTakeInterval(out var interval))
                    continue;
                Assert.Equal(model.TakeFraction(), interval.FractionLost);
                Assert.Equal(model.Lost, interval.CumulativeLost);
                Assert.Equal(model.ExtendedMax, interval.ExtendedHighestSequence);
            }
        }
    }

    [Fact]
    public void Jitter_is_that_of_the_RFC()
    {
        foreach (uint rate in new uint[] { 8000, 16_000, 48_000 })
        {
            for (int seed = 0; seed < 40; seed++)
            {
                var random = new Random(seed);
                var receiver = default(RtpReceiver);
                var model = new ReceiverModel(0, 1);
                uint timestamp = (uint)random.NextInt64(1L << 32);
                double spread = random.NextDouble() * 200;
                for (int i = 0; i < 1000; i++, timestamp += rate / 50)
                {
                    long ticks = (long)((i * 20 + random.NextDouble() * spread) * TimeSpan.TicksPerMillisecond);
                    receiver.Receive(Memory.Instant.FromTicks(ticks), Header(Peer, i, timestamp), rate);
                    model.Arrive((uint)(ticks / 10_000_000.0 * rate), timestamp);
                }
                Assert.True(receiver.TryTakeInterval(out var interval));
                Assert.Equal((uint)(model.Jitter16 >> 4), interval.Jitter);
                Assert.Equal(model.Jitter, interval.Jitter, 1.5);
                Assert.Equal(model.Jitter * 1000 / rate, receiver.Jitter.TotalMilliseconds, 1.5 * 1000 / rate);
            }
        }
    }

    [Fact]
    public void Losses_and_their_runs_are_those_of_a_plain_list()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var receiver = default(RtpReceiver);
            var came = new HashSet<int>();
            int first = -1, highest = 0;
            long duplicates = 0, reordered = 0;
            foreach (var (sequence, ms) in Delivered(random, 900, longestGap: 15))
            {
                var verdict = receiver.Receive(At(ms), Header(Peer, sequence), Rate);
                if (first < 0)
                    first = highest = sequence;
                var expected = came.Contains(sequence) ? RtpVerdict.Duplicate
                    : came.Count == 0 ? RtpVerdict.Started
                    : sequence < highest ? RtpVerdict.Reordered : RtpVerdict.Accepted;
                Assert.Equal(expected, verdict);
                came.Add(sequence);
                duplicates += verdict == RtpVerdict.Duplicate ? 1 : 0;
                reordered += verdict == RtpVerdict.Reordered ? 1 : 0;
                highest = Math.Max(highest, sequence);
            }
            long lost = 0, runs = 0;
            for (int i = first; i <= highest; i++)
            {
                lost += came.Contains(i) ? 0 : 1;
                runs += !came.Contains(i) && came.Contains(i - 1) ? 1 : 0;
            }
            var figures = receiver.Figures;
            Assert.Equal((lost, runs, duplicates, reordered), (figures.Lost, figures.LossRuns, figures.Duplicates, figures.Reordered));
            Assert.Equal(highest - first + 1, figures.Expected);
        }
    }

    [Fact]
    public void Loss_by_chance_has_a_burst_ratio_of_one_and_loss_in_runs_more()
    {
        var random = new Random(107);
        var byChance = default(RtpReceiver);
        var inRuns = default(RtpReceiver);
        for (int i = 0; i < 100_000; i++)
        {
            if (random.Next(10) != 0)
                byChance.Receive(At(20 * i), Header(Peer, i), Rate);
            if (i / 5 % 10 != 3)
                inRuns.Receive(At(20 * i), Header(Peer, i), Rate);
        }
        Assert.Equal(0.1, byChance.Figures.LossRatio, 0.005);
        Assert.Equal(1, byChance.Figures.BurstRatio, 0.03);
        Assert.Equal(0.1, inRuns.Figures.LossRatio, 0.001);
        Assert.Equal(5 * 0.9, inRuns.Figures.BurstRatio, 0.01);
    }

    [Fact]
    public void A_sequence_goes_on_over_its_end_again_and_again()
    {
        var receiver = default(RtpReceiver);
        for (int i = 0; i < 400_000; i++)
            Assert.True(receiver.Receive(At(20 * i), Header(Peer, 65_000 + i, (uint)i * Frame), Rate).IsHeard());
        Assert.Equal(65_000u + 399_999, receiver.ExtendedHighestSequence);
        Assert.Equal((400_000, 400_000, 0), (receiver.Figures.Received, receiver.Figures.Expected, receiver.Figures.Lost));
        Assert.Equal(TimeSpan.Zero, receiver.Jitter);
    }

    [Fact]
    public void A_peer_that_leaps_in_its_sequence_is_heard_from_the_second_packet_on()
    {
        var receiver = default(RtpReceiver);
        for (int i = 0; i < 10; i++)
            receiver.Receive(At(20 * i), Header(Peer, i), Rate);
        Assert.Equal(RtpVerdict.SequenceJump, receiver.Receive(At(200), Header(Peer, 40_000), Rate));
        Assert.Equal(RtpVerdict.Started, receiver.Receive(At(220), Header(Peer, 40_001), Rate));
        Assert.Equal(RtpVerdict.Accepted, receiver.Receive(At(240), Header(Peer, 40_002), Rate));
        Assert.Equal((1, 1, 12, 0), (receiver.Figures.SequenceRestarts, receiver.Figures.SequenceJumps, receiver.Figures.Expected, receiver.Figures.Lost));
    }

    [Fact]
    public void A_leap_that_signalling_announced_is_heard_at_once()
    {
        var receiver = default(RtpReceiver);
        for (int i = 0; i < 10; i++)
            receiver.Receive(At(20 * i), Header(Peer, i), Rate);
        receiver.ExpectChange(At(200));
        Assert.Equal(RtpVerdict.Accepted, receiver.Receive(At(200), Header(Peer, 10), Rate));
        Assert.Equal(RtpVerdict.Started, receiver.Receive(At(220), Header(Peer, 40_000), Rate));
        Assert.Equal(RtpVerdict.SequenceJump, receiver.Receive(At(240), Header(Peer, 11), Rate));
        Assert.Equal(RtpVerdict.Accepted, receiver.Receive(At(260), Header(Peer, 40_001), Rate));
    }

    [Fact]
    public void Packets_of_one_event_say_nothing_of_jitter()
    {
        var receiver = default(RtpReceiver);
        for (int i = 0; i < 200; i++)
            receiver.Receive(At(20 * i), Header(Peer, i, (uint)(i - i % 20) * Frame), Rate);
        Assert.Equal(TimeSpan.Zero, receiver.Jitter);
    }

    [Fact]
    public void Timestamps_that_begin_anew_are_no_jitter()
    {
        var receiver = default(RtpReceiver);
        for (int i = 0; i < 100; i++)
            receiver.Receive(At(20 * i), Header(Peer, i, (uint)i * Frame + (i < 50 ? 0 : 0x7000_0000u)), Rate);
        Assert.Equal(TimeSpan.Zero, receiver.Figures.MaxJitter);
    }

    [Fact]
    public void Jitter_stays_the_same_time_when_the_clock_rate_changes()
    {
        var receiver = default(RtpReceiver);
        int sequence = 0;
        for (; sequence < 400; sequence++)
            receiver.Receive(At(20 * sequence + sequence % 2 * 10), Header(Peer, sequence, (uint)sequence * 160), 8000);
        double before = receiver.Jitter.TotalMilliseconds;
        Assert.Equal(10, before, 0.5);
        receiver.Receive(At(20 * sequence), Header(Peer, sequence, 12_345), 48_000);
        Assert.Equal(before, receiver.Jitter.TotalMilliseconds, 0.5);
        for (int i = 1; i < 400; i++)
            receiver.Receive(At(20 * (sequence + i) + i % 2 * 10), Header(Peer, sequence + i, 12_345 + (uint)i * 960), 48_000);
        Assert.Equal(10, receiver.Jitter.TotalMilliseconds, 0.5);
    }

    [Fact]
    public void A_packet_of_no_agreed_type_keeps_its_number_and_is_not_heard()
    {
        var receiver = default(RtpReceiver);
        Assert.Equal(RtpVerdict.UnknownPayloadType, receiver.Receive(At(0), Header(Peer, 1, 0, 111), clockRate: 0));
        Assert.False(receiver.HasSource);
        Assert.Equal(RtpVerdict.Started, receiver.Receive(At(0), Header(Peer, 2), Rate));
        Assert.Equal(RtpVerdict.UnknownPayloadType, receiver.Receive(At(20), Header(Peer, 3, 0, 111), clockRate: 0));
        Assert.Equal(RtpVerdict.Accepted, receiver.Receive(At(40), Header(Peer, 4), Rate));
        Assert.Equal((0, 2), (receiver.Figures.Lost, receiver.Figures.UnknownPayloadTypes));
    }

    [Fact]
    public void A_sequence_that_begins_with_an_unknown_type_is_new_at_the_first_packet_that_is_heard()
    {
        var receiver = default(RtpReceiver);
        for (int i = 0; i < 10; i++)
            receiver.Receive(At(20 * i), Header(Peer, i), Rate);
        receiver.Receive(At(200), Header(Peer, 40_000), Rate);
        Assert.Equal(RtpVerdict.UnknownPayloadType, receiver.Receive(At(220), Header(Peer, 40_001), clockRate: 0));
        Assert.Equal(RtpVerdict.Started, receiver.Receive(At(240), Header(Peer, 40_002), Rate));
        Assert.Equal(RtpVerdict.Accepted, receiver.Receive(At(260), Header(Peer, 40_003), Rate));
    }

    [Fact]
    public void A_source_that_sent_nothing_since_the_last_report_is_not_reported()
    {
        var receiver = default(RtpReceiver);
        Assert.False(receiver.TryTakeInterval(out _));
        receiver.Receive(At(0), Header(Peer, 1), Rate);
        Assert.True(receiver.TryTakeInterval(out _));
        Assert.False(receiver.TryTakeInterval(out _));
    }

    [Fact]
    public void Late_packets_count_as_lost_for_quality()
    {
        var receiver = default(RtpReceiver);
        for (int i = 0; i < 100; i++)
            receiver.Receive(At(20 * i), Header(Peer, i), Rate);
        for (int i = 0; i < 5; i++)
            receiver.NoteLate();
        Assert.Equal(0.05, receiver.Figures.LossRatio, 1e-9);
        Assert.Equal(5, receiver.Figures.Late);
    }
}
