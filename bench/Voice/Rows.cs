// All that is measured. To measure something more, add a row.

using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.NativeAudio;
using SipEmbedded.Rtp;
using SipEmbedded.Voice.Tests;

namespace SipEmbedded.Bench.Voice;

internal static class Rows
{
    // Frames that are gone through in turn, a second of them.
    private const int Frames = 50;

    public static readonly Row[] All =
    [
        Codec("pcmu", "PCMU, encode and decode", new G711Codec(AudioCodec.Pcmu)),
        new("spandsp_pcmu", "the same by libspandsp", false, () => LibraryLoops.G711(isMuLaw: true, Speech(8000))),
        Codec("pcma", "PCMA, encode and decode", new G711Codec(AudioCodec.Pcma)),
        new("spandsp_pcma", "the same by libspandsp", false, () => LibraryLoops.G711(isMuLaw: false, Speech(8000))),
        Codec("g722", "G.722, encode and decode", G722Codec.TryLoad(out var g722, out _) ? g722 : null),
        new("spandsp_g722", "libspandsp's part of it", false, () => LibraryLoops.G722(Speech(16_000))),
        Codec("opus", "Opus, 16 kHz, 36 kbit/s, complexity 0, encode and decode", OpusCodec.TryLoad(new OpusOptions(), out var opus, out _) ? opus : null),
        new("libopus", "libopus' part of it", false, () => LibraryLoops.Opus(Speech(16_000), new OpusOptions())),
        Codec("opus_3", "Opus, complexity 3", OpusCodec.TryLoad(new OpusOptions { Complexity = 3 }, out var dear, out _) ? dear : null),
        Codec("l16", "L16, encode and decode", new L16Codec()),
        Conversion(8000, 16_000),
        Conversion(16_000, 8000),
        Conversion(16_000, 48_000),
        Conversion(48_000, 16_000),
        Conversion(8000, 48_000),
        Conversion(48_000, 8000),
        Concealment(8000),
        Concealment(16_000),
        new("jitter_buffer", "the jitter buffer: a packet put in, two reads of 10 ms at 16 kHz, without decoding", true, Buffering),
        Echo("echo_64", "echo at 16 kHz by libspeexdsp, two frames of 10 ms, a tail of 64 ms; high-pass and gain", TimeSpan.FromMilliseconds(64)),
        Echo("echo_100", "the same, a tail of 100 ms, which is the default", TimeSpan.FromMilliseconds(100)),
        Echo("echo_128", "the same, a tail of 128 ms", TimeSpan.FromMilliseconds(128)),
        Echo("echo_256", "the same, a tail of 256 ms", TimeSpan.FromMilliseconds(256)),
        Echo("half_duplex", "a ducker in its place", null),
        new("time_step", "a step in time looked for, 16 kHz", true, Step),
    ];

    private static Row Codec(string name, string what, IAudioCodec? codec) => new(name, what, true, () =>
    {
        if (codec is null)
            return null;
        StartGate gate = new();
        var encoder = codec.CreateEncoder(gate);
        var decoder = codec.CreateDecoder(gate);
        int length = codec.SampleRate / 50;
        short[] speech = Speech(codec.SampleRate), heard = new short[length];
        byte[] payload = new byte[2 * length];
        return frame =>
        {
            int octets = encoder.Encode(speech.AsSpan(frame % Frames * length, length), payload);
            decoder.Decode(payload.AsSpan(0, octets), heard);
        };
    });

    private static Row Conversion(int from, int to) => new($"convert_{from / 1000}_{to / 1000}", $"{from / 1000} to {to / 1000} kHz", true, () =>
    {
        RateConverter converter = new(new StartGate(), "bench", from, to);
        int length = from / 50;
        short[] speech = Speech(from), heard = new short[to / 50];
        return frame => converter.Convert(speech.AsSpan(frame % Frames * length, length), heard);
    });

    // The dearest frame there is: the first of a gap, where the pitch is looked for. The frame before it and the way back are in the figure.
    private static Row Concealment(int rate) => new($"conceal_{rate / 1000}", $"a lost frame and the one after it, {rate / 1000} kHz", true, () =>
    {
        PitchRepetition repetition = new(new StartGate(), "bench", rate);
        int length = rate / 50;
        short[] speech = Speech(rate), heard = new short[length];
        return frame =>
        {
            speech.AsSpan(frame % Frames * length, length).CopyTo(heard);
            repetition.Hear(heard);
            repetition.Fill(heard);
        };
    });

    private static Action<int> Buffering()
    {
        const int SampleRate = 16_000, Samples = SampleRate / 50;
        StartGate gate = new();
        JitterBuffer buffer = new(gate, new());
        buffer.Reset(SampleRate);
        FreeDecoder decoder = new();
        byte[] payload = new byte[160];
        short[] heard = new short[Samples / 2];
        int packet = 0;
        return _ =>
        {
            // In turn some milliseconds late.
            long ticks = packet * 20L * TimeSpan.TicksPerMillisecond;
            var header = new RtpHeader { Sequence = (ushort)packet, Timestamp = (uint)packet * Samples };
            buffer.Put(Instant.FromTicks(ticks + packet % 7 * TimeSpan.TicksPerMillisecond), header, payload, decoder, SampleRate, SampleRate);
            buffer.Read(Instant.FromTicks(ticks + 10 * TimeSpan.TicksPerMillisecond), heard);
            buffer.Read(Instant.FromTicks(ticks + 20 * TimeSpan.TicksPerMillisecond), heard);
            packet++;
        };
    }

    private static Row Echo(string name, string what, TimeSpan? tail) => new(name, what, true, () =>
    {
        const int SampleRate = 16_000, Length = SampleRate / 100, DelaySamples = 640;
        SpeexEcho? speex = null;
        if (tail is { } length && !SpeexEcho.TryLoad(new() { Tail = length }, out speex, out _))
            return null;
        EchoPath path = new(new StartGate(), speex is null ? new() : new() { Cancellation = speex }, SampleRate, Length);
        short[] speech = Speech(SampleRate), played = new short[Length], captured = new short[Length], cleaned = new short[Length];
        return frame =>
        {
            for (int half = 0; half < 2; half++)
            {
                int at = (frame % Frames * 2 + half) * Length;
                speech.AsSpan(at, Length).CopyTo(played);
                path.Play(played);
                // As it was heard some time after the delay, and a little of the room's.
                int echo = (at - DelaySamples - Length - 40 + speech.Length) % speech.Length;
                for (int i = 0; i < Length; i++)
                    captured[i] = (short)((speech[(echo + i) % speech.Length] >> 1) + (speech[(echo + i + 7000) % speech.Length] >> 3));
                path.Clean(captured, DelaySamples, cleaned);
            }
        };
    });

    private static Action<int> Step()
    {
        const int SampleRate = 16_000, Length = SampleRate / 25;
        short[] speech = Speech(SampleRate);
        return frame => TimeScale.FindLag(speech.AsSpan(frame % (Frames / 2) * Length, Length), Length / 2, SampleRate, isForward: frame % 2 == 0, Length, out _);
    }

    // What it decodes is what happens to be there.
    private sealed class FreeDecoder : IAudioDecoder
    {
        public void Reset()
        {
        }

        public int SamplesIn(ReadOnlySpan<byte> payload) => 2 * payload.Length;

        public int Decode(ReadOnlySpan<byte> payload, Span<short> samples) => 2 * payload.Length;

        public void Conceal(Span<short> samples)
        {
        }
    }

    private static short[] Speech(int rate) => SpeechLike.Make(rate, 1);
}
