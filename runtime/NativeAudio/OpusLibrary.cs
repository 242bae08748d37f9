// The functions of libopus 1.x that are called, as opus.h and opus_defines.h declare them.
//
// note [variadic functions]
// opus_encoder_ctl takes "...", and is called here as if it took an int. On x64, arm64 and arm with Linux an int stands in the same register either way, and on x64 what is
// expected besides, a bound of the vector registers used, only decides whether some are saved.
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

internal sealed unsafe class OpusLibrary
{
    public const int Channels = 1;
    public const int Ok = 0;
    public const int ForVoice = 2048;
    public const int SignalVoice = 3001;
    public const int SetBitRate = 4002;
    public const int SetComplexity = 4010;
    public const int SetInBandFec = 4012;
    public const int SetPacketLossPercent = 4014;
    public const int SetDtx = 4016;
    public const int SetSignal = 4024;
    public const int ResetState = 4028;

    /// <summary>What a packet holds at most: 48 frames of 2.5 ms (RFC 6716 §3.4, R5).</summary>
    public const int MostFrames = 48;
    public const int LongestPacketMs = 120;

    public readonly delegate* unmanaged<int, int> EncoderSize;
    public readonly delegate* unmanaged<byte*, int, int, int, int> InitializeEncoder;
    public readonly delegate* unmanaged<byte*, short*, int, byte*, int, int> Encode;
    public readonly delegate* unmanaged<byte*, int, int, int> ControlEncoder;
    public readonly delegate* unmanaged<int, int> DecoderSize;
    public readonly delegate* unmanaged<byte*, int, int, int> InitializeDecoder;
    public readonly delegate* unmanaged<byte*, byte*, int, short*, int, int, int> Decode;
    public readonly delegate* unmanaged<byte*, int, int, int> ControlDecoder;
    public readonly delegate* unmanaged<byte*, int, byte*, byte**, short*, int*, int> ParsePacket;
    public readonly delegate* unmanaged<byte*, int, int> SamplesPerFrame;

    [StartUp(Because = "libraries are loaded before start")]
    private OpusLibrary(NativeAudioLibrary library)
    {
        EncoderSize = (delegate* unmanaged<int, int>)library.Function("opus_encoder_get_size");
        InitializeEncoder = (delegate* unmanaged<byte*, int, int, int, int>)library.Function("opus_encoder_init");
        Encode = (delegate* unmanaged<byte*, short*, int, byte*, int, int>)library.Function("opus_encode");
        ControlEncoder = (delegate* unmanaged<byte*, int, int, int>)library.Function("opus_encoder_ctl");
        DecoderSize = (delegate* unmanaged<int, int>)library.Function("opus_decoder_get_size");
        InitializeDecoder = (delegate* unmanaged<byte*, int, int, int>)library.Function("opus_decoder_init");
        Decode = (delegate* unmanaged<byte*, byte*, int, short*, int, int, int>)library.Function("opus_decode");
        ControlDecoder = (delegate* unmanaged<byte*, int, int, int>)library.Function("opus_decoder_ctl");
        ParsePacket = (delegate* unmanaged<byte*, int, byte*, byte**, short*, int*, int>)library.Function("opus_packet_parse");
        SamplesPerFrame = (delegate* unmanaged<byte*, int, int>)library.Function("opus_packet_get_samples_per_frame");
    }

    [StartUp(Because = "libraries are loaded before start")]
    public static bool TryLoad(out OpusLibrary? library, out string why)
    {
        library = null;
        if (!NativeAudioLibrary.TryLoad("libopus.so.0", "libopus0", out var found, out why))
            return false;
        var functions = new OpusLibrary(found!);
        if (!found!.IsComplete(out why))
            return false;
        library = functions;
        return true;
    }
}
