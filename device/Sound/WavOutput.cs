// A recording's file: takes the blocks of a recorder as they are filled.
using SipEmbedded.Audio;

namespace SipEmbedded.Device.Sound;

internal sealed class WavOutput : IDisposable
{
    private readonly FileStream _file;

    private WavOutput(FileStream file) => _file = file;

    /// <summary>Creates the file; null without a path. False, told on the standard error, where it cannot be created.</summary>
    public static bool TryOpen(string? path, out WavOutput? output)
    {
        output = null;
        if (path is null)
            return true;
        try
        {
            output = new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"doorphone: {fault.Message}");
            return false;
        }
    }

    /// <summary>Writes what a recorder has ready.</summary>
    public void Take(Recorder recorder)
    {
        while (recorder.TryPeek(out long offset, out var octets))
        {
            RandomAccess.Write(_file.SafeFileHandle, octets, offset);
            recorder.Release();
        }
    }

    public void Dispose() => _file.Dispose();
}
