// What may be set about recording a call.
namespace SipEmbedded.Audio;

/// <summary>Settings of a <see cref="Recorder"/>, read once when it is made.</summary>
public sealed class RecorderOptions
{
    /// <summary>Samples a second of each direction.</summary>
    public int SampleRate { get; init; } = 8_000;

    /// <summary>Ours left, theirs right; otherwise both added in one channel.</summary>
    public bool IsStereo { get; init; } = true;

    /// <summary>Blocks that wait for who writes them. With 4,096 octets each, these are two seconds of stereo at 8 kHz: a flash card pauses for less.</summary>
    public int Blocks { get; init; } = 16;

    /// <summary>Octets of a block, a multiple of 4.</summary>
    public int BlockOctets { get; init; } = 4_096;
}
