// ITU-T G.722 at 64 kbit/s by libspandsp, for RTP by RFC 3551 §4.5.2. Two samples of 16 kHz make an octet.
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

/// <summary>G.722: 16 kHz, 64 kbit/s. A frame has an even number of samples; a lost one is concealed by <see cref="PitchRepetition"/>.</summary>
public sealed unsafe class G722Codec : IAudioCodec
{
    private const int RateHz = 16_000;
    private const int SamplesPerOctet = 2;

    private readonly SpandspLibrary _library;

    [StartUp(Because = "codecs are made before start")]
    private G722Codec(SpandspLibrary library) => _library = library;

    /// <summary>Loads libspandsp. False where there is none: <paramref name="why"/> says so.</summary>
    [StartUp(Because = "codecs are made before start")]
    public static bool TryLoad(out G722Codec? codec, out string why)
    {
        codec = SpandspLibrary.TryLoad(out var library, out why) ? new(library!) : null;
        return codec is not null;
    }

    public AudioCodec Codec => AudioCodec.G722;

    public int SampleRate => RateHz;

    [StartUp(Because = "coders are made before start")]
    public IAudioEncoder CreateEncoder(StartGate gate) => new Encoder(_library, gate);

    [StartUp(Because = "coders are made before start")]
    public IAudioDecoder CreateDecoder(StartGate gate) => new Decoder(_library, gate);

    private sealed class Encoder : IAudioEncoder
    {
        private readonly SpandspLibrary _library;
        private readonly void* _state;

        [StartUp(Because = "coders are made before start")]
        public Encoder(SpandspLibrary library, StartGate gate)
        {
            _library = library;
            if (gate.CountNative("G.722 encoders", 1, SpandspLibrary.StateOctets))
                _state = library.InitializeEncoder(null, SpandspLibrary.BitsPerSecond, SpandspLibrary.WholeOctets);
        }

        public void Reset() => _library.InitializeEncoder(_state, SpandspLibrary.BitsPerSecond, SpandspLibrary.WholeOctets);

        public int Encode(ReadOnlySpan<short> frame, Span<byte> payload)
        {
            if (frame.IsEmpty || frame.Length % SamplesPerOctet != 0 || payload.Length < frame.Length / SamplesPerOctet)
                return -1;
            fixed (short* samples = frame)
            fixed (byte* octets = payload)
                return _library.Encode(_state, octets, samples, frame.Length);
        }
    }

    private sealed class Decoder : IAudioDecoder
    {
        private readonly SpandspLibrary _library;
        private readonly void* _state;
        private readonly PitchRepetition _repetition;

        [StartUp(Because = "coders are made before start")]
        public Decoder(SpandspLibrary library, StartGate gate)
        {
            _library = library;
            _repetition = new(gate, "G.722 decoders", RateHz);
            if (gate.CountNative("G.722 decoders", 1, SpandspLibrary.StateOctets))
                _state = library.InitializeDecoder(null, SpandspLibrary.BitsPerSecond, SpandspLibrary.WholeOctets);
        }

        public void Reset()
        {
            _library.InitializeDecoder(_state, SpandspLibrary.BitsPerSecond, SpandspLibrary.WholeOctets);
            _repetition.Reset();
        }

        public int SamplesIn(ReadOnlySpan<byte> payload) => payload.Length * SamplesPerOctet;

        public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
        {
            int count = SamplesIn(payload);
            if (count == 0 || samples.Length < count)
                return 0;
            fixed (byte* octets = payload)
            fixed (short* first = samples)
                count = _library.Decode(_state, first, octets, payload.Length);
            _repetition.Hear(samples[..count]);
            return count;
        }

        public void Conceal(Span<short> samples) => _repetition.Fill(samples);
    }
}
