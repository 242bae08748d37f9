// Where a capture goes: a file on a device, a memory stream in a simulation.
namespace SipEmbedded.Host;

/// <summary>Takes a capture, record by record, in one piece or in several that follow each other.</summary>
public interface ICaptureOutput
{
    /// <summary>Appends all octets, or none: false where that is not possible (a full disk). What was written before stays whole.</summary>
    bool TryWrite(ReadOnlySpan<byte> octets);

    /// <summary>Begins the next piece, because this one has reached its size. False where there is to be no other: the capture ends.</summary>
    bool TryBeginNext();
}
