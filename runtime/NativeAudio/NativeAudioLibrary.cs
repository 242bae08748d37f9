// A shared library for sound that a device may have or not: found at start by its soname, as Debian installs it.
//
// note [libraries that may be absent]
// Nothing of the stack needs them to run. They are not imports (DllImport), because an import is bound at the first call and throws where it cannot be: here
// everything is looked up before start, and what is missing is a sentence for whoever reads the log. A library is never unloaded: its functions are called
// until the process ends.
using System.Runtime.InteropServices;
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

/// <summary>A library that was found; see note [libraries that may be absent]. Its functions are asked for one by one, then <see cref="IsComplete"/>.</summary>
public sealed class NativeAudioLibrary
{
    private readonly string _soname;
    private readonly nint _library;
    private string? _missing;

    [StartUp(Because = "libraries are loaded before start")]
    private NativeAudioLibrary(string soname, nint library)
    {
        _soname = soname;
        _library = library;
    }

    /// <summary>Loads <paramref name="soname"/>. False where the system has none: <paramref name="why"/> says so, and which of Debian's packages brings it.</summary>
    [StartUp(Because = "libraries are loaded before start")]
    public static bool TryLoad(string soname, string package, out NativeAudioLibrary? library, out string why)
    {
        bool isThere = NativeLibrary.TryLoad(soname, out nint loaded);
        library = isThere ? new(soname, loaded) : null;
        why = isThere ? "" : $"{soname} is not installed (Debian: apt-get install {package})";
        return isThere;
    }

    /// <summary>The address of a function; 0 where the library has none of this name, which <see cref="IsComplete"/> remembers.</summary>
    [StartUp(Because = "functions are looked up before start")]
    public nint Function(string name)
    {
        if (NativeLibrary.TryGetExport(_library, name, out nint address))
            return address;
        _missing ??= name;
        return 0;
    }

    /// <summary>Whether every function that was asked for is there; otherwise <paramref name="why"/> names the first that is not.</summary>
    [StartUp(Because = "functions are looked up before start")]
    public bool IsComplete(out string why)
    {
        why = _missing is null ? "" : $"{_soname} has no {_missing}: another version is needed";
        return _missing is null;
    }
}
