// A capture into a .NET stream, for a simulation or a test. A device writes to a CaptureFile, which neither allocates nor throws.
using SipEmbedded.Host;

namespace SipEmbedded.Device.Ladder;

/// <summary>Appends a capture to a stream, which stays the caller's; what the stream throws, the caller sees. There is one piece: at its size it ends.</summary>
public sealed class StreamCapture(Stream stream) : ICaptureOutput
{
    public bool TryWrite(ReadOnlySpan<byte> octets)
    {
        stream.Write(octets);
        return true;
    }

    public bool TryBeginNext() => false;
}
