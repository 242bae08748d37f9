// What may be set about hearing keys (ITU-T Q.24 table A-1).
namespace SipEmbedded.Audio;

/// <summary>Settings of a <see cref="ToneDetector"/>, read once when it is made.</summary>
public sealed class ToneDetectorOptions
{
    /// <summary>Each of the two tones has this level at least, in dBm0. Q.24, AT&amp;T: -25 must be heard, -55 must not; telephones on long lines are quieter than -25.</summary>
    public double QuietestDbm0 { get; init; } = -33;

    /// <summary>How much louder the higher tone may be, in dB (Q.24, AT&amp;T: 4).</summary>
    public double HighTwistDb { get; init; } = 4;

    /// <summary>How much louder the lower tone may be, in dB (Q.24, AT&amp;T: 8).</summary>
    public double LowTwistDb { get; init; } = 8;
}
