// ITU-T G.711, both laws, with concealment of lost frames (RFC 3551 §4.5.14). An octet is a sample.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>PCMU or PCMA: 8 kHz, 64 kbit/s. A frame may have any length; a lost one is concealed by <see cref="PitchRepetition"/>.</summary>
public sealed class G711Codec : IAudioCodec
{
    private const int RateHz = 8000;

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> for a codec that is neither <see cref="AudioCodec.Pcmu"/> nor <see cref="AudioCodec.Pcma"/>.</summary>
    [StartUp(Because = "codecs are made before start")]
    public G711Codec(AudioCodec law)
    {
        if (law is not (AudioCodec.Pcmu or AudioCodec.Pcma))
            throw new ArgumentOutOfRangeException(nameof(law), law, "G.711 is PCMU or PCMA.");
        Codec = law;
    }

    public AudioCodec Codec { get; }

    public int SampleRate => RateHz;

    [StartUp(Because = "coders are made before start")]
    public IAudioEncoder CreateEncoder(StartGate gate) => new Encoder(Codec == AudioCodec.Pcmu);

    [StartUp(Because = "coders are made before start")]
    public IAudioDecoder CreateDecoder(StartGate gate) => new Decoder(Codec == AudioCodec.Pcmu, new(gate, "G.711 decoders", RateHz));

    private sealed class Encoder : IAudioEncoder
    {
        private readonly bool _isMuLaw;

        [StartUp(Because = "coders are made before start")]
        public Encoder(bool isMuLaw) => _isMuLaw = isMuLaw;

        // Each sample stands for itself.
        public void Reset()
        {
        }

        public int Encode(ReadOnlySpan<short> frame, Span<byte> payload)
        {
            if (frame.IsEmpty || payload.Length < frame.Length)
                return -1;
            if (_isMuLaw)
                MuLaw.Compress(frame, payload);
            else
                ALaw.Compress(frame, payload);
            return frame.Length;
        }
    }

    private sealed class Decoder : IAudioDecoder
    {
        private readonly bool _isMuLaw;
        private readonly PitchRepetition _repetition;

        [StartUp(Because = "coders are made before start")]
        public Decoder(bool isMuLaw, PitchRepetition repetition)
        {
            _isMuLaw = isMuLaw;
            _repetition = repetition;
        }

        public void Reset() => _repetition.Reset();

        public int SamplesIn(ReadOnlySpan<byte> payload) => payload.Length;

        public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
        {
            if (payload.IsEmpty || samples.Length < payload.Length)
                return 0;
            if (_isMuLaw)
                MuLaw.Expand(payload, samples);
            else
                ALaw.Expand(payload, samples);
            _repetition.Hear(samples[..payload.Length]);
            return payload.Length;
        }

        public void Conceal(Span<short> samples) => _repetition.Fill(samples);
    }
}
