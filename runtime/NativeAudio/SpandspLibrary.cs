// The functions of libspandsp 0.0.6 that are called, as spandsp/g722.h declares them. The size of a state is not public, so the library makes it itself, before start; given
// a state that it made, it begins anew in it. States are never released: they are as old as the process.
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

internal sealed unsafe class SpandspLibrary
{
    public const int BitsPerSecond = 64_000;

    /// <summary>No option: 16 kHz, and an octet stands for itself.</summary>
    public const int WholeOctets = 0;

    /// <summary>What the heap gives for a state of either direction, on a machine of 64 bits.</summary>
    public const int StateOctets = 184;

    public readonly delegate* unmanaged<void*, int, int, void*> InitializeEncoder;
    public readonly delegate* unmanaged<void*, byte*, short*, int, int> Encode;
    public readonly delegate* unmanaged<void*, int, int, void*> InitializeDecoder;
    public readonly delegate* unmanaged<void*, short*, byte*, int, int> Decode;

    [StartUp(Because = "libraries are loaded before start")]
    private SpandspLibrary(NativeAudioLibrary library)
    {
        InitializeEncoder = (delegate* unmanaged<void*, int, int, void*>)library.Function("g722_encode_init");
        Encode = (delegate* unmanaged<void*, byte*, short*, int, int>)library.Function("g722_encode");
        InitializeDecoder = (delegate* unmanaged<void*, int, int, void*>)library.Function("g722_decode_init");
        Decode = (delegate* unmanaged<void*, short*, byte*, int, int>)library.Function("g722_decode");
    }

    [StartUp(Because = "libraries are loaded before start")]
    public static bool TryLoad(out SpandspLibrary? library, out string why)
    {
        library = null;
        if (!NativeAudioLibrary.TryLoad("libspandsp.so.2", "libspandsp2", out var found, out why))
            return false;
        var functions = new SpandspLibrary(found!);
        if (!found!.IsComplete(out why))
            return false;
        library = functions;
        return true;
    }
}
