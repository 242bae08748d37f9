// A jitter buffer packet by packet: what is refused, what gives way, and the timestamps of the field.
using System.Runtime.InteropServices;
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using Xunit;

namespace SipEmbedded.Voice.Tests.Jitter;

public sealed class JitterBufferTests
{
    private const int SampleRate = 8000, PacketMs = 20, PacketSamples = SampleRate / 1000 * PacketMs;

    private readonly JitterBuffer _buffer;
    private readonly PlainDecoder _decoder = new(SampleRate);
    private readonly List<short> _heard = [];
    private double _ms = 1000;

    public JitterBufferTests()
    {
        var gate = new StartGate();
        _buffer = new(gate, new() { HasComfortNoise = false });
        _buffer.Reset(SampleRate);
        gate.Close();
    }

    private Instant Now => Instant.FromTicks((long)(_ms * TimeSpan.TicksPerMillisecond));

    // Every sample of a packet has the same number, so that it is seen which one is heard.
    private static short[] Frame(int level, int samples = PacketSamples) => [.. Enumerable.Repeat((short)level, samples)];

    private JitterVerdict Put(int sequence, uint timestamp, int level = 1000, uint source = 1, int samples = PacketSamples, IAudioDecoder? decoder = null)
    {
        var header = new RtpHeader { Sequence = (ushort)sequence, Timestamp = timestamp, Source = source };
        return _buffer.Put(Now, header, MemoryMarshal.AsBytes<short>(Frame(level, samples)), decoder ?? _decoder, SampleRate, SampleRate);
    }

    private void Read(int ms)
    {
        short[] piece = new short[SampleRate / 1000 * ms];
        _buffer.Read(Now, piece);
        _heard.AddRange(piece);
    }

    // So many packets one after the other, each 20 ms after the one before, with two reads in between.
    private void Play(int count, int sequence, Func<int, uint> timestampOf, Func<int, int>? levelOf = null, uint source = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Put(sequence + i, timestampOf(i), levelOf?.Invoke(i) ?? 1000, source);
            Pass(PacketMs);
        }
    }

    private void Pass(int ms)
    {
        for (int i = 0; i < ms; i += 10)
        {
            _ms += 10;
            Read(10);
        }
    }

    private static uint Usual(int i) => (uint)(i * PacketSamples);

    [Fact]
    public void Before_the_first_packet_there_is_silence()
    {
        Pass(500);

        Assert.All(_heard, sample => Assert.Equal(0, sample));
        Assert.Equal(_heard.Count, _buffer.Figures.SilentSamples);
    }

    [Fact]
    public void A_packet_is_queued_once()
    {
        Assert.Equal(JitterVerdict.Queued, Put(10, 0));
        Assert.Equal(JitterVerdict.Duplicate, Put(10, 0));
        Assert.Equal(1, _buffer.Count);
        Assert.Equal(1, _buffer.Figures.Duplicates);
    }

    [Fact]
    public void A_packet_that_was_heard_is_a_duplicate_and_one_that_was_not_is_late()
    {
        Play(10, 10, Usual);
        Put(21, Usual(11));
        Pass(200);

        Assert.Equal(JitterVerdict.Duplicate, Put(19, Usual(9)));
        Assert.Equal(JitterVerdict.Late, Put(20, Usual(10)));
        Assert.Equal(JitterVerdict.Duplicate, Put(20, Usual(10)));
        Assert.Equal((1, 1, 2), (_buffer.Figures.Lost, _buffer.Figures.Late, _buffer.Figures.Duplicates));
    }

    [Fact]
    public void The_first_packets_may_have_overtaken_each_other()
    {
        Assert.Equal(JitterVerdict.Queued, Put(11, Usual(1), 2000));
        Assert.Equal(JitterVerdict.Queued, Put(10, Usual(0)));
        Pass(200);

        Assert.Contains((short)1000, _heard);
        Assert.True(_heard.IndexOf(1000) < _heard.IndexOf(2000));
        Assert.Equal(0, _buffer.Figures.Lost);
    }

    [Fact]
    public void A_payload_that_is_too_large_broken_or_too_long_is_refused()
    {
        var header = new RtpHeader();
        Assert.Equal(JitterVerdict.TooLarge, _buffer.Put(Now, header, new byte[JitterBuffer.PacketOctets + 1], _decoder, 8000, 8000));
        Assert.Equal(JitterVerdict.Broken, _buffer.Put(Now, header, new byte[3], _decoder, 8000, 8000));
        Assert.Equal(JitterVerdict.Broken, _buffer.Put(Now, header, [], _decoder, 8000, 8000));
        // G.711 would have 182 ms in as many octets as fit.
        Assert.Equal(JitterVerdict.Broken, _buffer.Put(Now, header, new byte[1456], new G711Codec(AudioCodec.Pcmu).CreateDecoder(new()), 8000, 8000));
        Assert.Equal(JitterVerdict.WrongRate, _buffer.Put(Now, header, new byte[320], _decoder, 8000, 24_000));
        Assert.Equal(JitterVerdict.WrongRate, _buffer.Put(Now, header, new byte[320], _decoder, 0, 8000));
        Assert.Equal((1, 3, 2), (_buffer.Figures.TooLarge, _buffer.Figures.Broken, _buffer.Figures.WrongRate));
        Assert.Equal(0, _buffer.Count);
    }

    [Fact]
    public void A_sequence_number_far_away_is_a_stray_until_the_next_one_follows_on_it()
    {
        Play(10, 10, Usual);
        Put(20, Usual(10));

        Assert.Equal(JitterVerdict.Stray, Put(30_000, 77));
        Assert.Equal(JitterVerdict.Queued, Put(21, Usual(11)));
        Assert.Equal(JitterVerdict.Stray, Put(30_000, 77));
        Assert.Equal(JitterVerdict.QueuedAfterRestart, Put(30_001, 77 + PacketSamples, 2000));
        Pass(200);
        Assert.Contains((short)2000, _heard);
        Assert.Equal((2, 1), (_buffer.Figures.Strays, _buffer.Figures.Restarts));
    }

    [Fact]
    public void Another_source_is_heard_at_once_by_a_decoder_that_has_forgotten()
    {
        Play(50, 10, Usual);
        int resets = _decoder.Resets;
        Assert.Equal(JitterVerdict.QueuedAfterRestart, Put(5000, 123_456, 2000, source: 2));
        Pass(20);
        Play(20, 5001, i => 123_456 + Usual(i + 1), _ => 2000, source: 2);

        Assert.Equal(resets + 1, _decoder.Resets);
        Assert.Equal(1, _buffer.Figures.Restarts);
        Assert.Equal(0, _buffer.Figures.Lost);
        // Up or down in many small steps.
        Assert.InRange(Likeness.LargestStep(_heard.ToArray()), 1, 300);
    }

    [Fact]
    public void A_long_loss_is_no_restart()
    {
        Play(50, 65_500, Usual);
        Pass(3000);
        Put(65_500 + 200, Usual(200), 2000);
        Pass(200);

        Assert.Contains((short)2000, _heard);
        Assert.Equal((0, 150), (_buffer.Figures.Restarts, _buffer.Figures.Lost));
    }

    [Fact]
    public void More_sound_than_the_maximum_delay_drives_the_oldest_out()
    {
        var verdicts = Enumerable.Range(0, 60).Select(i => Put(i, Usual(i), 1000 + i)).ToList();

        Assert.Contains(JitterVerdict.QueuedOverOthers, verdicts);
        Assert.InRange(_buffer.Count * PacketMs, 400, 460);
        Assert.Equal(60 - _buffer.Count, _buffer.Figures.Overflows);
        Pass(1200);
        Assert.Contains((short)1059, _heard);
        // A fade may pass its level.
        Assert.True(_heard.Count(sample => sample == 1010) < 5);
        Assert.Equal(0, _buffer.Figures.Lost);
    }

    // Whatever the timestamps say: sound without a gap.
    [Theory]
    [InlineData("constant")]
    [InlineData("at twice the rate")]
    [InlineData("at half the rate")]
    [InlineData("backwards")]
    [InlineData("chance")]
    [InlineData("a jump forward in between")]
    [InlineData("a jump back in between")]
    [InlineData("wrapping around")]
    public void Wrong_timestamps_do_no_harm(string kind)
    {
        var random = new Random(1);
        Play(500, 65_300, i => kind switch
        {
            "constant" => 5,
            "at twice the rate" => 2 * Usual(i),
            "at half the rate" => Usual(i) / 2,
            "backwards" => 1_000_000 - Usual(i),
            "chance" => (uint)random.NextInt64(),
            "a jump forward in between" => Usual(i) + (i < 250 ? 0u : 1_000_000),
            "a jump back in between" => Usual(i) + (i < 250 ? 1_000_000u : 0),
            _ => uint.MaxValue - 40_000 + Usual(i),
        });

        var figures = _buffer.Figures;
        Assert.Equal((0, 0, 0), (figures.Lost, figures.Late, figures.Overflows));
        // A second at most until they are seen through.
        Assert.InRange(figures.ConcealedSamples + figures.SilentSamples, 0, SampleRate * 3 / 4);
        Assert.InRange(figures.SmoothedDelay.TotalMilliseconds, 0, 60);
        Assert.Equal(kind == "wrapping around", figures.TimestampFaults == 0);
    }

    [Fact]
    public void A_timestamp_that_stands_still_on_hold_is_put_right()
    {
        Play(100, 0, Usual);
        Pass(30_000);
        Play(100, 100, i => Usual(100 + i), _ => 2000);

        Assert.Contains((short)2000, _heard.GetRange(_heard.Count - SampleRate * 19 / 10, SampleRate / 5));
        Assert.Equal((0, 0), (_buffer.Figures.Lost, _buffer.Figures.Late));
        Assert.InRange(_buffer.Figures.SmoothedDelay.TotalMilliseconds, 0, 60);
    }

    [Fact]
    public void Packets_may_get_longer_and_shorter()
    {
        int[] lengths = [10, 20, 60, 30, 40, 10];
        int sequence = 0;
        uint timestamp = 0;
        foreach (int ms in lengths)
        {
            for (int i = 0; i < 1200 / ms; i++)
            {
                Assert.Equal(JitterVerdict.Queued, Put(sequence++, timestamp, samples: SampleRate / 1000 * ms));
                timestamp += (uint)(SampleRate / 1000 * ms);
                Pass(ms);
            }
        }

        var figures = _buffer.Figures;
        Assert.Equal((0, 0, 0), (figures.Lost, figures.Late, figures.TimestampFaults));
        // Once when the longer ones begin: their first sample comes later than what was waited for.
        Assert.InRange(figures.ConcealedSamples, 0, SampleRate / 1000 * 100);
    }

    [Fact]
    public void Events_between_sound_are_a_pause_and_no_loss()
    {
        Play(50, 0, Usual);
        for (int i = 50; i < 150; i++)
        {
            _buffer.Skip(new RtpHeader { Sequence = (ushort)i, Timestamp = Usual(50), Source = 1 });
            Pass(PacketMs);
        }
        Play(50, 150, i => Usual(150 + i), _ => 2000);

        Assert.Equal((0, 0, 0), (_buffer.Figures.Lost, _buffer.Figures.Restarts, _buffer.Figures.TimestampFaults));
        Assert.Contains((short)2000, _heard.GetRange(_heard.Count - SampleRate * 9 / 10, SampleRate / 10));
        Assert.InRange(_buffer.Figures.SmoothedDelay.TotalMilliseconds, 0, 60);
    }

    [Fact]
    public void A_pause_of_the_sender_is_silence_with_a_fade_on_both_sides()
    {
        Play(50, 0, Usual);
        Pass(2000);
        Play(50, 50, i => Usual(150 + i));

        var figures = _buffer.Figures;
        Assert.Equal((0, 0, 0), (figures.Lost, figures.TimestampFaults, figures.Late));
        Assert.Contains((short)0, _heard.GetRange(SampleRate * 2, SampleRate / 2));
        Assert.InRange(Likeness.LargestStep(_heard.ToArray()), 1, 100);
    }

    [Fact]
    public void A_pause_is_filled_with_noise_as_loud_as_the_background()
    {
        var random = new Random(3);
        var buffer = new JitterBuffer(new(), new());
        buffer.Reset(SampleRate);
        short[] frame = new short[PacketSamples], piece = new short[PacketSamples];
        var heard = new List<short>();
        for (int i = 0; i < 300; i++)
        {
            // Noise, and a voice over it for half of each second.
            for (int k = 0; k < frame.Length; k++)
                frame[k] = (short)(random.Next(-80, 81) + (i % 50 < 25 ? 6000 * Math.Sin(0.1 * k) : 0));
            if (i < 200)
                buffer.Put(Now, new RtpHeader { Sequence = (ushort)i, Timestamp = Usual(i) }, MemoryMarshal.AsBytes<short>(frame), _decoder, SampleRate, SampleRate);
            _ms += PacketMs;
            buffer.Read(Now, piece);
            heard.AddRange(piece);
        }

        int loudness = TimeScale.Loudness(heard.GetRange(heard.Count - SampleRate, SampleRate).ToArray());
        Assert.InRange(loudness, 20, 60);
    }

    [Fact]
    public void The_last_lost_frame_comes_from_the_packet_behind_it()
    {
        var decoder = new PlainDecoder(SampleRate, carriesPrevious: true);
        for (int i = 0; i < 50; i++)
        {
            var header = new RtpHeader { Sequence = (ushort)i, Timestamp = Usual(i) };
            short[] payload = [.. Frame(100 * i), .. Frame(100 * (i - 1))];
            if (i != 20 && i is not (30 or 31))
                _buffer.Put(Now, header, MemoryMarshal.AsBytes<short>(payload), decoder, SampleRate, SampleRate);
            Pass(PacketMs);
        }

        var figures = _buffer.Figures;
        Assert.Equal((3, 2), (figures.Lost, figures.Recovered));
        Assert.Equal(2, decoder.Recoveries);
        Assert.Contains((short)2000, _heard);
        Assert.Contains((short)3100, _heard);
        Assert.DoesNotContain((short)3000, _heard);
    }

    [Fact]
    public void A_codec_may_change_within_the_stream()
    {
        var wide = new PlainDecoder(16_000);
        Play(50, 0, Usual);
        for (int i = 50; i < 100; i++)
        {
            // As G.722: twice the samples at the same clock.
            var header = new RtpHeader { Sequence = (ushort)i, Timestamp = Usual(i), Source = 1 };
            Assert.Equal(JitterVerdict.Queued, _buffer.Put(Now, header, MemoryMarshal.AsBytes<short>(Frame(1000, 2 * PacketSamples)), wide, SampleRate, 16_000));
            Pass(PacketMs);
        }
        Play(50, 100, i => Usual(100 + i));

        var figures = _buffer.Figures;
        Assert.Equal((0, 0, 0), (figures.Lost, figures.Late, figures.TimestampFaults));
        Assert.InRange(figures.ConcealedSamples, 0, SampleRate / 50);
        Assert.Equal((1, 2), (wide.Resets, _decoder.Resets));
        Assert.InRange(Likeness.LargestStep(_heard.ToArray()), 1, 150);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16_000)]
    [InlineData(48_000)]
    public void Sound_is_played_at_the_rate_of_the_card(int cardRate)
    {
        _buffer.Reset(cardRate);
        short[] piece = new short[cardRate / 100];
        for (int i = 0; i < 100; i++)
        {
            Put(i, Usual(i), 4000);
            for (int k = 0; k < 2; k++)
            {
                _ms += 10;
                _buffer.Read(Now, piece);
            }
        }

        Assert.All(piece, sample => Assert.InRange(sample, 3990, 4010));
        Assert.Equal((0, 0), (_buffer.Figures.Lost, _buffer.Figures.TimestampFaults));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(160)]
    [InlineData(1000)]
    public void A_read_has_any_length(int length)
    {
        short[] piece = new short[length];
        int read = 0;
        for (int i = 0; i < 400; i++)
        {
            Put(i, Usual(i));
            _ms += PacketMs;
            for (; read + length <= (i + 1) * PacketSamples; read += length)
            {
                Array.Fill<short>(piece, -1);
                _buffer.Read(Now, piece);
                _heard.AddRange(piece);
            }
        }

        Assert.DoesNotContain((short)-1, _heard);
        // What the longest read takes at once has to wait, and is no gap.
        Assert.All(_heard.GetRange(SampleRate * 2, SampleRate * 5), sample => Assert.Equal(1000, sample));
    }

    [Fact]
    public void A_reset_forgets_everything()
    {
        Play(100, 0, Usual);
        _buffer.Reset(16_000);

        Assert.Equal(default, _buffer.Figures with { TargetDelay = default });
        Assert.Equal(0, _buffer.Count);
        Assert.Equal(JitterVerdict.Queued, Put(40_000, 99));
    }

    [Fact]
    public void The_memory_is_planned_and_options_are_checked()
    {
        var gate = StartGate.Rehearsal();
        _ = new JitterBuffer(gate, new());
        Assert.InRange(gate.Plan().TotalBytes, 100_000, 200_000);
        Assert.Throws<ArgumentOutOfRangeException>(() => new JitterBuffer(new(), new() { MaximumDelay = TimeSpan.FromSeconds(1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JitterBuffer(new(), new() { PacketsInTime = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => _buffer.Reset(44_100));
    }
}
