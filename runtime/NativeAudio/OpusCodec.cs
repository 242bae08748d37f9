// Opus (RFC 6716) by libopus, for RTP by RFC 7587. One channel. The library keeps all it knows of a stream in one block, whose size it tells and which is ours: so it is an array
// from the start gate, and the library never allocates.
using System.Runtime.InteropServices;
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

/// <summary>Opus. Frames are of 10, 20, 40 or 60 ms; what is lost is recovered from the next packet where it holds it, and concealed by the library otherwise.</summary>
public sealed unsafe class OpusCodec : IAudioCodec
{
    private readonly OpusLibrary _library;
    private readonly OpusOptions _options;

    [StartUp(Because = "codecs are made before start")]
    private OpusCodec(OpusLibrary library, in OpusOptions options)
    {
        _library = library;
        _options = options;
    }

    /// <summary>Loads libopus. False where there is none, or where an option is out of its range: <paramref name="why"/> says which.</summary>
    [StartUp(Because = "codecs are made before start")]
    public static bool TryLoad(in OpusOptions options, out OpusCodec? codec, out string why)
    {
        codec = null;
        why = options switch
        {
            { SampleRate: not (8000 or 16_000 or 24_000 or 48_000) } => $"Opus runs at 8, 16, 24 or 48 kHz, not at {options.SampleRate} Hz",
            { BitRate: < 6000 or > 510_000 } => $"Opus has 6,000 to 510,000 bits a second, not {options.BitRate}",
            { Complexity: < 0 or > 10 } => $"Opus has complexities 0 to 10, not {options.Complexity}",
            _ => "",
        };
        if (why.Length > 0 || !OpusLibrary.TryLoad(out var library, out why))
            return false;
        codec = new(library!, options);
        return true;
    }

    public AudioCodec Codec => AudioCodec.Opus;

    public int SampleRate => _options.SampleRate;

    [StartUp(Because = "coders are made before start")]
    public IAudioEncoder CreateEncoder(StartGate gate) => new Encoder(_library, _options, gate);

    [StartUp(Because = "coders are made before start")]
    public IAudioDecoder CreateDecoder(StartGate gate) => new Decoder(_library, _options.SampleRate, gate);

    private sealed class Encoder : IAudioEncoder
    {
        // libopus documents: what is this short need not be sent.
        private const int NothingToSendOctets = 2;

        private readonly OpusLibrary _library;
        private readonly OpusOptions _options;
        private readonly byte[] _state;
        private int _expectedLoss;

        [StartUp(Because = "coders are made before start")]
        public Encoder(OpusLibrary library, in OpusOptions options, StartGate gate)
        {
            _library = library;
            _options = options;
            _state = gate.Take<byte>("Opus encoders", 1, library.EncoderSize(OpusLibrary.Channels), isPinned: true);
            // A rehearsal has no state to fill.
            if (_state.Length > 0)
                Begin();
        }

        public void Reset() => Set(OpusLibrary.ResetState, 0);

        public int Encode(ReadOnlySpan<short> frame, Span<byte> payload)
        {
            fixed (byte* state = _state, octets = payload)
            fixed (short* samples = frame)
            {
                int length = _library.Encode(state, samples, frame.Length, octets, payload.Length);
                if (length < 0)
                    return -1;
                return _options.HasDiscontinuousTransmission && length <= NothingToSendOctets ? 0 : length;
            }
        }

        public void ExpectLoss(int percent)
        {
            percent = Math.Clamp(percent, 0, 100);
            if (percent == _expectedLoss)
                return;
            _expectedLoss = percent;
            Set(OpusLibrary.SetPacketLossPercent, percent);
        }

        [StartUp(Because = "the state is filled once, before start")]
        private void Begin()
        {
            int fault;
            fixed (byte* state = _state)
                fault = _library.InitializeEncoder(state, _options.SampleRate, OpusLibrary.Channels, OpusLibrary.ForVoice);
            if (fault != OpusLibrary.Ok)
                throw new InvalidOperationException($"libopus refuses an encoder of {_options.SampleRate} Hz: {fault}.");
            Set(OpusLibrary.SetBitRate, _options.BitRate);
            Set(OpusLibrary.SetComplexity, _options.Complexity);
            Set(OpusLibrary.SetInBandFec, _options.HasForwardErrorCorrection ? 1 : 0);
            Set(OpusLibrary.SetDtx, _options.HasDiscontinuousTransmission ? 1 : 0);
            Set(OpusLibrary.SetSignal, OpusLibrary.SignalVoice);
        }

        // Fails for values out of range alone, and none is.
        private void Set(int request, int value)
        {
            fixed (byte* state = _state)
                _library.ControlEncoder(state, request, value);
        }
    }

    private sealed class Decoder : IAudioDecoder
    {
        // The library conceals multiples of 2.5 ms.
        private const int ConcealedPartsASecond = 400;

        // By RFC 6716 §3.1 the first octet's high bit says that there is CELT alone, which has no copy of what was before.
        private const byte CeltAlone = 0x80;
        private const byte Stereo = 0x04;

        private readonly OpusLibrary _library;
        private readonly int _sampleRate;
        private readonly byte[] _state;

        // For the end of a gap that is no multiple of what the library conceals.
        private readonly short[] _part;

        [StartUp(Because = "coders are made before start")]
        public Decoder(OpusLibrary library, int sampleRate, StartGate gate)
        {
            _library = library;
            _sampleRate = sampleRate;
            _state = gate.Take<byte>("Opus decoders", 1, library.DecoderSize(OpusLibrary.Channels), isPinned: true);
            _part = gate.Take<short>("Opus decoders", 1, sampleRate / ConcealedPartsASecond);
            // A rehearsal has no state to fill.
            if (_state.Length > 0)
                Begin();
        }

        public void Reset()
        {
            fixed (byte* state = _state)
                _library.ControlDecoder(state, OpusLibrary.ResetState, 0);
        }

        public int SamplesIn(ReadOnlySpan<byte> payload) => TryRead(payload, out _, out int frames, out int frameSamples) ? frames * frameSamples : 0;

        public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
        {
            int count = SamplesIn(payload);
            return count == 0 || samples.Length < count ? 0 : Decode(payload, samples[..count], isFromNext: false);
        }

        public bool TryRecover(ReadOnlySpan<byte> next, Span<short> samples)
        {
            if (!TryRead(next, out byte firstOctet, out _, out int frameSamples) || !HoldsOneBefore(next[0], firstOctet, frameSamples))
                return false;
            // A copy is as long as a frame; what a longer gap has before it, the library conceals.
            return samples.Length >= frameSamples && samples.Length % _part.Length == 0 && Decode(next, samples, isFromNext: true) == samples.Length;
        }

        public void Conceal(Span<short> samples)
        {
            int whole = samples.Length - samples.Length % _part.Length;
            ConcealParts(samples[..whole]);
            if (whole == samples.Length)
                return;
            ConcealParts(_part);
            _part.AsSpan(0, samples.Length - whole).CopyTo(samples[whole..]);
        }

        [StartUp(Because = "the state is filled once, before start")]
        private void Begin()
        {
            int fault;
            fixed (byte* state = _state)
                fault = _library.InitializeDecoder(state, _sampleRate, OpusLibrary.Channels);
            if (fault != OpusLibrary.Ok)
                throw new InvalidOperationException($"libopus refuses a decoder of {_sampleRate} Hz: {fault}.");
        }

        // Without octets the library goes on from what it knows; the longest packet is the most it does at once.
        private void ConcealParts(Span<short> samples)
        {
            int most = _sampleRate / 1000 * OpusLibrary.LongestPacketMs;
            while (!samples.IsEmpty)
            {
                var part = samples[..Math.Min(samples.Length, most)];
                if (Decode(default, part, isFromNext: false) != part.Length)
                    part.Clear();
                samples = samples[part.Length..];
            }
        }

        private int Decode(ReadOnlySpan<byte> payload, Span<short> samples, bool isFromNext)
        {
            fixed (byte* state = _state, octets = payload)
            fixed (short* first = samples)
                return Math.Max(0, _library.Decode(state, octets, payload.Length, first, samples.Length, isFromNext ? 1 : 0));
        }

        // The whole packet is looked through (RFC 6716 §3.4): what is told of it then holds.
        private bool TryRead(ReadOnlySpan<byte> payload, out byte firstOctet, out int frames, out int frameSamples)
        {
            firstOctet = 0;
            frameSamples = 0;
            frames = 0;
            if (payload.IsEmpty)
                return false;
            byte** begins = stackalloc byte*[OpusLibrary.MostFrames];
            short* lengths = stackalloc short[OpusLibrary.MostFrames];
            fixed (byte* octets = payload)
            {
                frames = _library.ParsePacket(octets, payload.Length, null, begins, lengths, null);
                if (frames <= 0)
                    return false;
                frameSamples = _library.SamplesPerFrame(octets, _sampleRate);
                firstOctet = lengths[0] > 0 ? *begins[0] : (byte)0;
            }
            return true;
        }

        // Of a frame's 20 ms parts each has a bit that says whether it is voice, then one says whether copies of the parts before follow (RFC 6716 §4.2.3); a second channel
        // has the same bits after them.
        private bool HoldsOneBefore(byte description, byte firstOctet, int frameSamples)
        {
            if ((description & CeltAlone) != 0)
                return false;
            int parts = Math.Max(1, frameSamples * 50 / _sampleRate);
            int bits = firstOctet >> (7 - parts);
            if ((description & Stereo) != 0)
                bits |= firstOctet >> (6 - 2 * parts);
            return (bits & 1) != 0;
        }
    }
}
