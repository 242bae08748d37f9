// The libraries by themselves, called without anything of ours around them but the call.

using SipEmbedded.NativeAudio;

namespace SipEmbedded.Bench.Voice;

internal static unsafe class LibraryLoops
{
    private const int Frames = 50;

    /// <summary>libspandsp's g711_encode and g711_decode.</summary>
    public static Action<int>? G711(bool isMuLaw, short[] speech)
    {
        if (!NativeAudioLibrary.TryLoad("libspandsp.so.2", "libspandsp2", out var library, out _))
            return null;
        var initialize = (delegate* unmanaged<void*, int, void*>)library!.Function("g711_init");
        var encode = (delegate* unmanaged<void*, byte*, short*, int, int>)library.Function("g711_encode");
        var decode = (delegate* unmanaged<void*, short*, byte*, int, int>)library.Function("g711_decode");
        // G711_ALAW is 0, G711_ULAW is 1.
        void* encoder = initialize(null, isMuLaw ? 1 : 0), decoder = initialize(null, isMuLaw ? 1 : 0);
        int length = speech.Length / Frames;
        byte[] payload = new byte[length];
        short[] heard = new short[length];
        return frame =>
        {
            fixed (short* from = speech, to = heard)
            fixed (byte* octets = payload)
            {
                encode(encoder, octets, from + frame % Frames * length, length);
                decode(decoder, to, octets, length);
            }
        };
    }

    /// <summary>libspandsp's g722_encode and g722_decode.</summary>
    public static Action<int>? G722(short[] speech)
    {
        if (!NativeAudioLibrary.TryLoad("libspandsp.so.2", "libspandsp2", out var library, out _))
            return null;
        var encode = (delegate* unmanaged<void*, byte*, short*, int, int>)library!.Function("g722_encode");
        var decode = (delegate* unmanaged<void*, short*, byte*, int, int>)library.Function("g722_decode");
        void* encoder = ((delegate* unmanaged<void*, int, int, void*>)library.Function("g722_encode_init"))(null, 64_000, 0);
        void* decoder = ((delegate* unmanaged<void*, int, int, void*>)library.Function("g722_decode_init"))(null, 64_000, 0);
        int length = speech.Length / Frames;
        byte[] payload = new byte[length];
        short[] heard = new short[length];
        return frame =>
        {
            fixed (short* from = speech, to = heard)
            fixed (byte* octets = payload)
            {
                int count = encode(encoder, octets, from + frame % Frames * length, length);
                decode(decoder, to, octets, count);
            }
        };
    }

    /// <summary>libopus' opus_encode and opus_decode, set as <see cref="OpusCodec"/> sets them.</summary>
    public static Action<int>? Opus(short[] speech, OpusOptions options)
    {
        const int Voip = 2048, SetBitRate = 4002, SetComplexity = 4010, SetInBandFec = 4012, SetSignal = 4024, SignalVoice = 3001;
        if (!NativeAudioLibrary.TryLoad("libopus.so.0", "libopus0", out var library, out _))
            return null;
        var encode = (delegate* unmanaged<void*, short*, int, byte*, int, int>)library!.Function("opus_encode");
        var decode = (delegate* unmanaged<void*, byte*, int, short*, int, int, int>)library.Function("opus_decode");
        var control = (delegate* unmanaged<void*, int, int, int>)library.Function("opus_encoder_ctl");
        int fault;
        void* encoder = ((delegate* unmanaged<int, int, int, int*, void*>)library.Function("opus_encoder_create"))(options.SampleRate, 1, Voip, &fault);
        void* decoder = ((delegate* unmanaged<int, int, int*, void*>)library.Function("opus_decoder_create"))(options.SampleRate, 1, &fault);
        control(encoder, SetBitRate, options.BitRate);
        control(encoder, SetComplexity, options.Complexity);
        control(encoder, SetInBandFec, 1);
        control(encoder, SetSignal, SignalVoice);
        int length = speech.Length / Frames;
        byte[] payload = new byte[2 * length];
        short[] heard = new short[length];
        return frame =>
        {
            fixed (short* from = speech, to = heard)
            fixed (byte* octets = payload)
            {
                int count = encode(encoder, from + frame % Frames * length, length, octets, payload.Length);
                decode(decoder, octets, count, to, length, 0);
            }
        };
    }
}
