// What holds for every codec: what it takes and gives, what it allocates, what it does with octets from strangers. A codec whose library is absent is passed over here; its own tests
// say that it was.
using System.Globalization;
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Tests;
using Xunit;

namespace SipEmbedded.Voice.Tests.Codecs;

public class EveryCodecTests
{
    // Written around what a codec may write to, and looked for afterwards.
    private const int GuardSamples = 64;
    private const short Guard = 0x5A5A;

    // More than any payload here holds: 120 ms of Opus at 48 kHz.
    private const int MostSamples = 6000;

    [Fact]
    public void A_frame_comes_back_as_long_as_it_went()
    {
        foreach (var codec in EveryCodec.Here())
        {
            var encoder = codec.CreateEncoder(new StartGate());
            var decoder = codec.CreateDecoder(new StartGate());
            foreach (int ms in (int[])[10, 20, 40, 60])
            {
                short[] frame = SpeechLike.Make(codec.SampleRate, ms / 1000.0), back = new short[frame.Length];
                byte[] payload = new byte[4000];
                int length = encoder.Encode(frame, payload);
                Assert.InRange(length, 1, payload.Length);
                Assert.Equal(frame.Length, decoder.SamplesIn(payload.AsSpan(0, length)));
                Assert.Equal(frame.Length, decoder.Decode(payload.AsSpan(0, length), back));
            }
        }
    }

    [Fact]
    public void A_coder_that_was_reset_does_as_a_new_one()
    {
        foreach (var codec in EveryCodec.Here())
        {
            var encoder = codec.CreateEncoder(new StartGate());
            var decoder = codec.CreateDecoder(new StartGate());
            var (payloads, sound) = Through(codec, encoder, decoder);
            encoder.Reset();
            decoder.Reset();
            var (payloadsAgain, soundAgain) = Through(codec, encoder, decoder);
            Assert.Equal(payloads, payloadsAgain);
            Assert.Equal(sound, soundAgain);
        }
    }

    [Fact]
    public void Coders_made_at_a_rehearsal_are_counted_and_take_nothing()
    {
        foreach (var codec in EveryCodec.Here())
        {
            StartGate rehearsal = StartGate.Rehearsal(), real = new();
            foreach (var gate in (StartGate[])[rehearsal, real])
            {
                codec.CreateEncoder(gate);
                codec.CreateDecoder(gate);
            }
            Assert.True(rehearsal.Plan().TotalBytes > 0);
            Assert.Equal(real.Plan().TotalBytes, rehearsal.Plan().TotalBytes);
            real.Close();
            Assert.Throws<InvalidOperationException>(() => codec.CreateDecoder(real));
        }
    }

    [Fact]
    public void A_hundred_thousand_frames_allocate_nothing()
    {
        foreach (var codec in EveryCodec.Here())
        {
            // Opus takes a hundred times as long as G.711: one of its rates must do.
            int frames = codec.Codec == AudioCodec.Opus && codec.SampleRate != 8000 ? 2000 : 100_000, frame = codec.SampleRate / 100;
            var encoder = codec.CreateEncoder(new StartGate());
            var decoder = codec.CreateDecoder(new StartGate());
            short[] sound = SpeechLike.Make(codec.SampleRate, 1), back = new short[frame];
            byte[] payload = new byte[1500];
            Run(200);
            long before = HeapCount.Begin();
            Run(frames);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

            void Run(int count)
            {
                for (int i = 0; i < count; i++)
                {
                    encoder.ExpectLoss(i / 1000 % 30);
                    int length = encoder.Encode(sound.AsSpan(i % 100 * frame, frame), payload);
                    if (i % 10 == 3)
                        decoder.Conceal(back);
                    else if (i % 10 != 4 || !decoder.TryRecover(payload.AsSpan(0, length), back))
                        decoder.Decode(payload.AsSpan(0, length), back);
                    if (i % 5000 == 77)
                        decoder.Reset();
                }
            }
        }
    }

    [Fact]
    public void A_gap_of_any_length_is_filled_and_nothing_else_is_written()
    {
        foreach (var codec in EveryCodec.Here())
        {
            var decoder = codec.CreateDecoder(new StartGate());
            Through(codec, codec.CreateEncoder(new StartGate()), decoder);
            short[] room = new short[2 * codec.SampleRate + 2 * GuardSamples];
            var random = new Random(5);
            for (int i = 0; i < 400; i++)
            {
                int length = i == 399 ? 2 * codec.SampleRate : random.Next(i % 20 == 0 ? codec.SampleRate / 4 : codec.SampleRate / 40);
                Array.Fill(room, Guard);
                decoder.Conceal(room.AsSpan(GuardSamples, length));
                AssertGuarded(room, length);
            }
            // It has faded by now.
            decoder.Conceal(room.AsSpan(0, codec.SampleRate / 10));
            Assert.InRange(Sound.Rms(room.AsSpan(0, codec.SampleRate / 10)), 0, 300);
        }
    }

    [Fact]
    public void Octets_from_strangers_are_sound_or_refused_and_nothing_else_is_written()
    {
        // Each length some times; VOICE_FUZZ says how many payloads there are altogether, a million for a long run.
        int payloads = int.Parse(Environment.GetEnvironmentVariable("VOICE_FUZZ") ?? "3000", CultureInfo.InvariantCulture);
        foreach (var codec in EveryCodec.Here())
        {
            var random = new Random(400);
            var encoder = codec.CreateEncoder(new StartGate());
            var decoder = codec.CreateDecoder(new StartGate());
            short[] speech = SpeechLike.Make(codec.SampleRate, 1);
            short[] room = new short[MostSamples + 2 * GuardSamples];
            byte[] payload = new byte[1500];
            for (int i = 0; i < payloads; i++)
            {
                int length = i % 401;
                random.NextBytes(payload.AsSpan(0, length));
                // Every other one is a packet that a good encoder made, with some octets changed.
                if (i % 2 == 1)
                {
                    int frame = codec.SampleRate / 50;
                    length = Math.Max(0, encoder.Encode(speech.AsSpan(i % 50 * frame, frame), payload));
                    for (int changes = random.Next(3); changes > 0 && length > 0; changes--)
                        payload[random.Next(length)] = (byte)random.Next(256);
                }
                int roomy = random.Next(4) == 0 ? random.Next(1000) : MostSamples;
                Array.Fill(room, Guard);
                var octets = payload.AsSpan(0, length);
                int announced = decoder.SamplesIn(octets);
                Assert.InRange(announced, 0, MostSamples);
                int written;
                if (random.Next(4) == 0)
                    written = decoder.TryRecover(octets, room.AsSpan(GuardSamples, roomy)) ? roomy : 0;
                else
                    written = decoder.Decode(octets, room.AsSpan(GuardSamples, roomy));
                Assert.True(written == 0 || written == announced || written == roomy);
                AssertGuarded(room, written);
            }
        }
    }

    private static void AssertGuarded(short[] room, int written)
    {
        Assert.Equal(-1, room.AsSpan(0, GuardSamples).IndexOfAnyExcept(Guard));
        Assert.Equal(-1, room.AsSpan(GuardSamples + written).IndexOfAnyExcept(Guard));
    }

    private static (byte[] Payloads, short[] Sound) Through(IAudioCodec codec, IAudioEncoder encoder, IAudioDecoder decoder)
    {
        int frame = codec.SampleRate / 50;
        short[] speech = SpeechLike.Make(codec.SampleRate, 0.5), back = new short[speech.Length];
        var payloads = new List<byte>();
        byte[] payload = new byte[4000];
        for (int at = 0; at + frame <= speech.Length; at += frame)
        {
            int length = encoder.Encode(speech.AsSpan(at, frame), payload);
            payloads.AddRange(payload.AsSpan(0, length));
            Assert.Equal(frame, decoder.Decode(payload.AsSpan(0, length), back.AsSpan(at)));
        }
        return ([.. payloads], back);
    }
}
