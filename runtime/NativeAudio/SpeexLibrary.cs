// The functions of libspeexdsp 1.2 that are called, as speex/speex_echo.h and speex/speex_preprocess.h declare them. The states' sizes are not public, so the library makes them
// itself, before start. They are never released: they are as old as the process.
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

internal sealed unsafe class SpeexLibrary
{
    // speex_echo.h
    public const int EchoSetSamplingRate = 24;

    // speex_preprocess.h
    public const int SetDenoise = 0;
    public const int SetAutomaticGain = 2;
    public const int SetGainLevel = 6;
    public const int SetNoiseSuppress = 18;
    public const int SetEchoSuppress = 20;
    public const int SetEchoSuppressActive = 22;
    public const int SetEchoState = 24;
    public const int SetMostGain = 30;
    public const int GetGain = 35;

    public const int Ok = 0;

    public readonly delegate* unmanaged<int, int, void*> CreateEcho;
    public readonly delegate* unmanaged<void*, short*, short*, short*, void> Cancel;
    public readonly delegate* unmanaged<void*, void> ResetEcho;
    public readonly delegate* unmanaged<void*, int, void*, int> ControlEcho;
    public readonly delegate* unmanaged<int, int, void*> CreatePreprocessor;
    public readonly delegate* unmanaged<void*, short*, int> Preprocess;
    public readonly delegate* unmanaged<void*, int, void*, int> ControlPreprocessor;

    [StartUp(Because = "libraries are loaded before start")]
    private SpeexLibrary(NativeAudioLibrary library)
    {
        CreateEcho = (delegate* unmanaged<int, int, void*>)library.Function("speex_echo_state_init");
        Cancel = (delegate* unmanaged<void*, short*, short*, short*, void>)library.Function("speex_echo_cancellation");
        ResetEcho = (delegate* unmanaged<void*, void>)library.Function("speex_echo_state_reset");
        ControlEcho = (delegate* unmanaged<void*, int, void*, int>)library.Function("speex_echo_ctl");
        CreatePreprocessor = (delegate* unmanaged<int, int, void*>)library.Function("speex_preprocess_state_init");
        Preprocess = (delegate* unmanaged<void*, short*, int>)library.Function("speex_preprocess_run");
        ControlPreprocessor = (delegate* unmanaged<void*, int, void*, int>)library.Function("speex_preprocess_ctl");
    }

    [StartUp(Because = "libraries are loaded before start")]
    public static bool TryLoad(out SpeexLibrary? library, out string why)
    {
        library = null;
        if (!NativeAudioLibrary.TryLoad("libspeexdsp.so.1", "libspeexdsp1", out var found, out why))
            return false;
        var functions = new SpeexLibrary(found!);
        if (!found!.IsComplete(out why))
            return false;
        library = functions;
        return true;
    }

    /// <summary>
    /// What the library takes for an echo state of one microphone and one loudspeaker, in octets: its arrays of floats, by mdf.c. N is twice the frame, M frames are the tail.
    /// </summary>
    public static long EchoOctets(int frameSamples, int tailSamples)
    {
        const int TransformsOfN = 12, BlocksEach = 3, Spectra = 8;
        long n = 2L * frameSamples, m = (tailSamples + frameSamples - 1) / frameSamples;
        return sizeof(float) * (n * (TransformsOfN + BlocksEach * m + 1) + Spectra * (frameSamples + 1) + m) + 3 * sizeof(short) * frameSamples;
    }

    /// <summary>The same for a preprocessor, by preprocess.c.</summary>
    public static long PreprocessorOctets(int frameSamples)
    {
        const int Bands = 24, OfTheFrame = 25, WithBands = 12;
        return sizeof(float) * ((long)OfTheFrame * frameSamples + WithBands * (frameSamples + Bands));
    }
}
