// Opus by libopus: what we encode is decoded by ffmpeg, out of a file; the options do what they say.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.NativeAudio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Codecs;

public class OpusTests
{
    [OracleTheory("libopus.so.0", "ffmpeg")]
    [InlineData(8000, 20)]
    [InlineData(16_000, 10)]
    [InlineData(16_000, 20)]
    [InlineData(16_000, 60)]
    [InlineData(24_000, 40)]
    [InlineData(48_000, 20)]
    public void Ffmpeg_decodes_what_we_encode(int sampleRate, int ms)
    {
        short[] speech = SpeechLike.Make(sampleRate, 3);
        var options = new OpusOptions { SampleRate = sampleRate, BitRate = 48_000 };
        var packets = Encode(options, speech, ms);
        byte[] file = OggOpus.Write(packets, sampleRate, ms);
        // Its native decoder, not libopus; it always gives 48 kHz.
        short[] theirs = Sound.OfOctets(Oracles.Run("ffmpeg", "-v error -c:a opus -f ogg -i - -f s16le -ac 1 -ar 48000 -", file));
        int ratio = 48_000 / sampleRate;
        Assert.InRange(theirs.Length, (speech.Length - sampleRate / 10) * ratio, speech.Length * ratio);
        Assert.True(OpusCodec.TryLoad(options with { SampleRate = 48_000 }, out var codec, out _));
        var decoder = codec!.CreateDecoder(new StartGate());
        short[] ours = new short[packets.Count * ms * 48];
        for (int i = 0; i < packets.Count; i++)
            Assert.Equal(ms * 48, decoder.Decode(packets[i], ours.AsSpan(i * ms * 48)));
        // The two raise SILK's rate by filters of their own, so the sound is the same but not its samples.
        var converter = new RateConverter(new StartGate(), "test", 48_000, 16_000);
        short[] oursLow = new short[theirs.Length / 3], theirsLow = new short[theirs.Length / 3];
        converter.Convert(ours.AsSpan(0, 3 * oursLow.Length), oursLow);
        converter.Reset();
        converter.Convert(theirs.AsSpan(0, 3 * oursLow.Length), theirsLow);
        double distance = Likeness.SpectralDistanceDb(oursLow, theirsLow, 16_000);
        Assert.True(distance < 2, $"{distance:F2} dB");
        Assert.InRange(Sound.Rms(theirs) / Sound.Rms(ours.AsSpan(0, theirs.Length)), 0.95, 1.05);
    }

    [OracleTheory("libopus.so.0", "ffmpeg")]
    [InlineData(8000)]
    [InlineData(16_000)]
    public void We_decode_what_another_encoder_makes(int sampleRate)
    {
        short[] speech = SpeechLike.Make(sampleRate, 3);
        // ffmpeg's own encoder has CELT alone.
        byte[] file = Oracles.Run("ffmpeg", $"-v error -f s16le -ar {sampleRate} -ac 1 -i - -ar 48000 -c:a opus -strict -2 -b:a 64k -f ogg -page_duration 20000 -", Sound.ToOctets(speech));
        var packets = Packets(file);
        Assert.True(OpusCodec.TryLoad(new OpusOptions { SampleRate = sampleRate }, out var codec, out _));
        var decoder = codec!.CreateDecoder(new StartGate());
        short[] room = new short[sampleRate];
        long samples = 0;
        double power = 0;
        foreach (byte[] packet in packets)
        {
            int written = decoder.Decode(packet, room);
            Assert.True(written > 0);
            samples += written;
            foreach (short sample in room.AsSpan(0, written))
                power += (double)sample * sample;
        }
        Assert.InRange(samples, speech.Length, speech.Length + sampleRate / 5);
        Assert.InRange(Math.Sqrt(power / samples) / Sound.Rms(speech), 0.8, 1.2);
    }

    [OracleFact("libopus.so.0")]
    public void Silence_is_not_sent_where_transmission_is_discontinuous()
    {
        short[] sound = [.. SpeechLike.Make(16_000, 1), .. new short[3 * 16_000]];
        var packets = Encode(new OpusOptions { HasDiscontinuousTransmission = true }, sound, 20);
        Assert.InRange(packets.Take(50).Count(packet => packet.Length > 0), 20, 50);
        // One in 400 ms is sent.
        Assert.InRange(packets.TakeLast(100).Count(packet => packet.Length > 0), 1, 8);
        Assert.DoesNotContain(0, Encode(new OpusOptions(), sound, 20).Select(packet => packet.Length));
    }

    [OracleFact("libopus.so.0")]
    public void Packets_hold_a_copy_of_the_one_before_only_where_loss_is_expected()
    {
        short[] speech = SpeechLike.Make(16_000, 2);
        Assert.Equal(0, Copies(new OpusOptions(), 0));
        Assert.Equal(0, Copies(new OpusOptions { HasForwardErrorCorrection = false }, 20));
        Assert.InRange(Copies(new OpusOptions(), 20), 30, 100);

        int Copies(OpusOptions options, int loss)
        {
            Assert.True(OpusCodec.TryLoad(options, out var codec, out _));
            var decoder = codec!.CreateDecoder(new StartGate());
            short[] frame = new short[320];
            return Encode(options, speech, 20, loss).Count(packet =>
            {
                bool isRecovered = decoder.TryRecover(packet, frame);
                Assert.Equal(320, decoder.Decode(packet, frame));
                return isRecovered;
            });
        }
    }

    [OracleFact("libopus.so.0")]
    public void The_bit_rate_is_about_what_was_asked_for()
    {
        short[] speech = SpeechLike.Make(16_000, 5);
        foreach (int rate in (int[])[12_000, 24_000, 40_000])
        {
            long bits = Encode(new OpusOptions { BitRate = rate }, speech, 20).Sum(packet => 8L * packet.Length);
            Assert.InRange(bits / 5, rate / 2, rate * 6 / 5);
        }
    }

    [OracleFact("libopus.so.0")]
    public void A_frame_of_another_length_and_a_payload_without_room_are_refused()
    {
        Assert.True(OpusCodec.TryLoad(new OpusOptions(), out var codec, out _));
        var encoder = codec!.CreateEncoder(new StartGate());
        Assert.Equal(-1, encoder.Encode(new short[480], new byte[1500]));
        Assert.Equal(-1, encoder.Encode(new short[161], new byte[1500]));
        Assert.Equal(-1, encoder.Encode(default, new byte[1500]));
        Assert.Equal(-1, encoder.Encode(new short[320], default));
        int length = encoder.Encode(SpeechLike.Make(16_000, 0.02), new byte[1500]);
        Assert.InRange(length, 1, 1500);
    }

    [Theory]
    [InlineData(44_100, 24_000, 3, "44100 Hz")]
    [InlineData(16_000, 100, 3, "100")]
    [InlineData(16_000, 24_000, 11, "11")]
    public void An_option_out_of_range_is_a_message(int sampleRate, int bitRate, int complexity, string part)
    {
        Assert.False(OpusCodec.TryLoad(new OpusOptions { SampleRate = sampleRate, BitRate = bitRate, Complexity = complexity }, out var codec, out string why));
        Assert.Null(codec);
        Assert.Contains(part, why);
    }

    private static List<byte[]> Encode(OpusOptions options, short[] sound, int ms, int loss = 0)
    {
        Assert.True(OpusCodec.TryLoad(options, out var codec, out string why), why);
        var encoder = codec!.CreateEncoder(new StartGate());
        encoder.ExpectLoss(loss);
        int frame = options.SampleRate / 1000 * ms;
        var packets = new List<byte[]>();
        byte[] payload = new byte[1500];
        for (int at = 0; at + frame <= sound.Length; at += frame)
            packets.Add(payload.AsSpan(0, encoder.Encode(sound.AsSpan(at, frame), payload)).ToArray());
        return packets;
    }

    // What the pages hold, without the two packets that describe it.
    private static List<byte[]> Packets(byte[] file)
    {
        var packets = new List<byte[]>();
        var packet = new List<byte>();
        for (int at = 0; at < file.Length;)
        {
            int segments = file[at + 26], data = at + 27 + segments;
            for (int i = 0; i < segments; i++)
            {
                int length = file[at + 27 + i];
                packet.AddRange(file.AsSpan(data, length));
                data += length;
                if (length < 255)
                {
                    packets.Add([.. packet]);
                    packet.Clear();
                }
            }
            at = data;
        }
        return packets[2..];
    }
}
