// How a call sounds, estimated from what is measured (ITU-T G.107, the E-model, in the short form that its own defaults give).
//
// note [the short form]
// With every parameter of the E-model at its default, R is 93.2. Delay and codec alone are measured in a call, so R = 93.2 - Idd - Ie,eff: what a talker's
// echo adds to delay (Idte) is left out, since an echo canceller's work is not measured here. MOS is R's curve of G.107 annex B. Wideband codecs have a
// scale of their own (G.107.1), on which R is at most 129 and MOS is that of R / 1.29. So a MOS of one scale does not compare with one of the other: each
// says how good a call is beside the best call of its bandwidth.
//
// note [where the impairments come from]
// G.711: G.113 appendix I, Bpl 4.3 without and 25.1 with concealment by G.711 appendix I. G.722 at 64 kbit/s: Ie,WB 13 of G.113 appendix IV; for its loss
// no planning value is known to us, so concealed loss is put at 10, between the two of G.711. Opus: Ie 20 and Bpl 19.5 were measured by Alahmadi, Pocta and
// Melvin (ACM TOMM 17, 4, article 133, 2021) for wideband at a variable rate of 13 kbit/s, the highest such rate that they give; at a higher one it is better
// than that. L16: nothing is lost by it, and its loss is G.711's. All but G.711's are estimates.
namespace SipEmbedded.Rtp;

/// <summary>What a codec costs (ITU-T G.107 §7.5); see note [where the impairments come from].</summary>
/// <param name="Ie">Equipment impairment, on the scale of R.</param>
/// <param name="Bpl">Robustness against loss, in per cent.</param>
/// <param name="IsWideband">On the scale of G.107.1.</param>
public readonly record struct CodecImpairment(double Ie, double Bpl, bool IsWideband)
{
    /// <summary>PCMU and PCMA where losses are heard as gaps.</summary>
    public static CodecImpairment G711 => new(0, 4.3, IsWideband: false);

    /// <summary>PCMU and PCMA with concealment.</summary>
    public static CodecImpairment G711Concealed => new(0, 25.1, IsWideband: false);

    public static CodecImpairment G722Concealed => new(13, 10, IsWideband: true);

    public static CodecImpairment Opus => new(20, 19.5, IsWideband: true);

    public static CodecImpairment L16Concealed => new(0, 25.1, IsWideband: true);
}

/// <summary>An estimate; see note [the short form].</summary>
/// <param name="R">The transmission rating: 0 to 93.2, or to 129 on the wideband scale.</param>
/// <param name="Mos">Mean opinion score, 1 to 4.5.</param>
/// <param name="IsWideband">Which scale.</param>
public readonly record struct CallQuality(double R, double Mos, bool IsWideband)
{
    private const double BestR = 93.2;
    private const double BestWidebandR = 129;

    // G.107.1 annex A: R of wideband, over this, on the curve of G.107.
    private const double WidebandScale = BestWidebandR / 100;

    // G.107 §7.5: the most that loss can cost.
    private const double MostImpairment = 95;

    // G.107 §7.4, the default delay sensitivity class: delay below it is not perceived, and the exponent is 6.
    private const double PerceivedDelayMs = 100;
    private const double DelayExponent = 6;

    /// <summary>
    /// The quality of what is heard. <paramref name="oneWayDelay"/> is from mouth to ear, jitter buffer and all; <paramref name="lossRatio"/> 0 to 1 counts
    /// late packets as lost; <paramref name="burstRatio"/> is 1 for losses by chance, more for bursts. What lies outside its range is taken as the nearest
    /// within.
    /// </summary>
    public static CallQuality Estimate(TimeSpan oneWayDelay, double lossRatio, double burstRatio, in CodecImpairment codec)
    {
        double best = codec.IsWideband ? BestWidebandR : BestR;
        double r = best - DelayImpairment(oneWayDelay.TotalMilliseconds) - LossImpairment(lossRatio, burstRatio, codec);
        r = Math.Clamp(r, 0, best);
        return new(r, MosOf(codec.IsWideband ? r / WidebandScale : r), codec.IsWideband);
    }

    // Idd of G.107 §7.4.
    private static double DelayImpairment(double delayMs)
    {
        if (delayMs <= PerceivedDelayMs)
            return 0;
        double x = Math.Log2(delayMs / PerceivedDelayMs);
        return 25 * (Root(1 + Math.Pow(x, DelayExponent)) - 3 * Root(1 + Math.Pow(x / 3, DelayExponent)) + 2);

        static double Root(double value) => Math.Pow(value, 1 / DelayExponent);
    }

    // Ie,eff of G.107 §7.5, loss in per cent.
    private static double LossImpairment(double lossRatio, double burstRatio, in CodecImpairment codec)
    {
        double loss = Math.Clamp(lossRatio, 0, 1) * 100;
        return codec.Ie + (MostImpairment - codec.Ie) * loss / (loss / Math.Max(1, burstRatio) + codec.Bpl);
    }

    // G.107 annex B. Its polynomial falls below 1 for an R under 6.5; a score does not.
    private static double MosOf(double r) => r >= 100 ? 4.5 : Math.Max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}
