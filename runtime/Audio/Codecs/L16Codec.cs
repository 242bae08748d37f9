// L16: the samples themselves, in network order (RFC 3551 §4.5.11), at 16 kHz. For networks that have room, and for finding out what the other codecs cost a voice.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>L16: 16 kHz, 256 kbit/s. A frame may have any length; a lost one is concealed by <see cref="PitchRepetition"/>.</summary>
public sealed class L16Codec : IAudioCodec
{
    private const int RateHz = 16_000;

    public AudioCodec Codec => AudioCodec.L16;

    public int SampleRate => RateHz;

    [StartUp(Because = "coders are made before start")]
    public IAudioEncoder CreateEncoder(StartGate gate) => new Encoder();

    [StartUp(Because = "coders are made before start")]
    public IAudioDecoder CreateDecoder(StartGate gate) => new Decoder(new(gate, "L16 decoders", RateHz));

    // The same both ways. Octets need not stand at even addresses, so they are what is cast to.
    private static void Exchange(ReadOnlySpan<byte> from, Span<byte> to)
    {
        if (!BitConverter.IsLittleEndian)
        {
            from.CopyTo(to);
            return;
        }
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, short>(from), MemoryMarshal.Cast<byte, short>(to));
    }

    private sealed class Encoder : IAudioEncoder
    {
        // Each sample stands for itself.
        public void Reset()
        {
        }

        public int Encode(ReadOnlySpan<short> frame, Span<byte> payload)
        {
            int octets = frame.Length * sizeof(short);
            if (frame.IsEmpty || payload.Length < octets)
                return -1;
            Exchange(MemoryMarshal.AsBytes(frame), payload[..octets]);
            return octets;
        }
    }

    private sealed class Decoder : IAudioDecoder
    {
        private readonly PitchRepetition _repetition;

        [StartUp(Because = "coders are made before start")]
        public Decoder(PitchRepetition repetition) => _repetition = repetition;

        public void Reset() => _repetition.Reset();

        public int SamplesIn(ReadOnlySpan<byte> payload) => payload.Length % sizeof(short) == 0 ? payload.Length / sizeof(short) : 0;

        public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
        {
            int count = SamplesIn(payload);
            if (count == 0 || samples.Length < count)
                return 0;
            samples = samples[..count];
            Exchange(payload, MemoryMarshal.AsBytes(samples));
            _repetition.Hear(samples);
            return count;
        }

        public void Conceal(Span<short> samples) => _repetition.Fill(samples);
    }
}
