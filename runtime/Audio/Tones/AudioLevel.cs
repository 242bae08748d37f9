// Decibels and what they are in samples of 16 bits.
namespace SipEmbedded.Audio;

/// <summary>
/// Levels: dBm0 is the telephone network's, where a sine of full scale has +3.14 (ITU-T G.711 table 5, A-law); dBov is relative to the largest there is, so that a
/// sine of full scale has -3.01 (RFC 6464 §3).
/// </summary>
public static class AudioLevel
{
    /// <summary>dBm0 of a sine of full scale.</summary>
    public const double FullScaleDbm0 = 3.14;

    /// <summary>What digital silence is given as, in dBov: the lowest that RFC 6464 can say.</summary>
    public const double SilenceDbov = -127;

    private const double FullScale = 32_768;

    /// <summary>The peak of a sine of so many dBm0, in units of a sample.</summary>
    public static double PeakOf(double dbm0) => FullScale * GainOf(dbm0 - FullScaleDbm0);

    /// <summary>The level in dBm0 of a sine with this peak; that of silence where it has none.</summary>
    public static double Dbm0Of(double peak) => peak <= 0 ? SilenceDbov : 20 * Math.Log10(peak / FullScale) + FullScaleDbm0;

    /// <summary>What to multiply by; 0 for negative infinity.</summary>
    public static double GainOf(double decibels) => Math.Pow(10, decibels / 20);

    /// <summary>dBov of so many samples whose squares add up to <paramref name="squares"/>: -127 to 0.</summary>
    public static double DbovOf(long squares, int samples) =>
        squares <= 0 || samples <= 0 ? SilenceDbov : Math.Max(SilenceDbov, 10 * Math.Log10(squares / (samples * FullScale * FullScale)));
}
