// A capture on disk. The loop's own thread writes it, so it makes one system call a record and has no buffer that a crash could lose; and a disk that is
// full is an answer of write(2), not an exception, which would be an object on the heap (File and RandomAccess throw).
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>
/// A capture in a file, or in two that are taken in turn: then the older half is overwritten, and the last traffic is always there. Both are opened at
/// start. Only the owner may read them, since SIP carries credentials and who talks to whom.
/// </summary>
public sealed unsafe class CaptureFile : ICaptureOutput, IDisposable
{
    // lseek(2): from the beginning.
    private const int FromStart = 0;

    private readonly FileStream[] _files;
    private readonly int[] _descriptors;
    private int _current;
    private nint _length;

    /// <summary>
    /// Creates <paramref name="path"/> anew; with <paramref name="isRotating"/> also a second file, for door.pcap door.2.pcap.
    /// Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> where a file cannot be created.
    /// </summary>
    [StartUp(Because = "files are opened before start")]
    public CaptureFile(string path, bool isRotating)
    {
        var first = Create(path);
        try
        {
            _files = isRotating ? [first, Create(Path.ChangeExtension(path, "2" + Path.GetExtension(path)))] : [first];
        }
        catch
        {
            first.Dispose();
            throw;
        }
        _descriptors = [.. _files.Select(file => (int)file.SafeFileHandle.DangerousGetHandle())];
        // A function is looked up on its first call, which allocates: not when the disk is full.
        CutTo(_descriptors[0], 0);
    }

    [StartUp(Because = "files are opened before start")]
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
    }

    /// <inheritdoc/>
    public bool TryWrite(ReadOnlySpan<byte> octets)
    {
        int descriptor = _descriptors[_current];
        int written = 0;
        fixed (byte* start = octets)
        {
            while (written < octets.Length)
            {
                nint count = Libc.Write(descriptor, start + written, (nuint)(octets.Length - written));
                if (count > 0)
                    written += (int)count;
                else if (count == 0 || Libc.LastError != Errno.EINTR)
                    break;
            }
        }
        if (written == octets.Length)
        {
            _length += written;
            return true;
        }
        // Part of a record would make the file unreadable from there on.
        CutTo(descriptor, _length);
        return false;
    }

    /// <inheritdoc/>
    public bool TryBeginNext()
    {
        if (_files.Length == 1)
            return false;
        _current = 1 - _current;
        _length = 0;
        return CutTo(_descriptors[_current], 0);
    }

    private static bool CutTo(int descriptor, nint length) => Libc.Truncate(descriptor, length) == 0 && Libc.Seek(descriptor, length, FromStart) == length;

    [StartUp(Because = "the capture ends with the process, or is given up for good")]
    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }
}
