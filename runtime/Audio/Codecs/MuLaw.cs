// µ-law of ITU-T G.711: 14 bits of a sample in 8, as a sign, one of eight segments that double in length, and one of sixteen steps in it.
//
// note [the logarithm by the floating-point unit]
// Segment and step are the exponent and the first four bits of the mantissa of a number, and that is how a float stores it. So a sample is made a float and
// its bits are cut out: without a table, without a loop over segments, four samples at a time. To the other side a table of 512 octets is read, which
// no arithmetic beats on a small core.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SipEmbedded.Audio;

/// <summary>Between samples and octets of µ-law (ITU-T G.711 table 2; the arithmetic is that of ITU-T G.191's ulaw_compress and ulaw_expand).</summary>
internal static class MuLaw
{
    // What is added to every magnitude, so that all segments begin at a power of two.
    private const int Bias = 132;

    /// <summary>As many octets as samples.</summary>
    public static void Compress(ReadOnlySpan<short> samples, Span<byte> octets)
    {
        octets = octets[..samples.Length];
        int at = 0;
        ref short from = ref MemoryMarshal.GetReference(samples);
        ref byte to = ref MemoryMarshal.GetReference(octets);
        for (; at <= samples.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var low = Compress(Vector128.LoadUnsafe(ref from, (nuint)at));
            var high = Compress(Vector128.LoadUnsafe(ref from, (nuint)(at + Vector128<short>.Count)));
            Vector128.Narrow(low.AsUInt16(), high.AsUInt16()).StoreUnsafe(ref to, (nuint)at);
        }
        for (; at < samples.Length; at++)
            octets[at] = Compress(samples[at]);
    }

    /// <summary>As many samples as octets.</summary>
    public static void Expand(ReadOnlySpan<byte> octets, Span<short> samples)
    {
        samples = samples[..octets.Length];
        var table = Expanded;
        for (int i = 0; i < octets.Length; i++)
            samples[i] = table[octets[i]];
    }

    private static byte Compress(short sample)
    {
        int sign = sample >> 15;
        int biased = Math.Min(sample ^ sign, short.MaxValue - Bias) + Bias;
        int code = (BitConverter.SingleToInt32Bits(biased) >> SegmentAndStep.Shift) - SegmentAndStep.First;
        return (byte)(code ^ 0xFF ^ (sign & 0x80));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Compress(Vector128<short> samples)
    {
        var sign = samples >> 15;
        var biased = Vector128.Min(samples ^ sign, Vector128.Create((short)(short.MaxValue - Bias))) + Vector128.Create((short)Bias);
        return SegmentAndStep.Of(biased) ^ Vector128.Create((short)0xFF) ^ (sign & Vector128.Create((short)0x80));
    }

    private static ReadOnlySpan<short> Expanded =>
    [
        -32124, -31100, -30076, -29052, -28028, -27004, -25980, -24956, -23932, -22908, -21884, -20860, -19836, -18812, -17788, -16764,
        -15996, -15484, -14972, -14460, -13948, -13436, -12924, -12412, -11900, -11388, -10876, -10364, -9852, -9340, -8828, -8316,
        -7932, -7676, -7420, -7164, -6908, -6652, -6396, -6140, -5884, -5628, -5372, -5116, -4860, -4604, -4348, -4092,
        -3900, -3772, -3644, -3516, -3388, -3260, -3132, -3004, -2876, -2748, -2620, -2492, -2364, -2236, -2108, -1980,
        -1884, -1820, -1756, -1692, -1628, -1564, -1500, -1436, -1372, -1308, -1244, -1180, -1116, -1052, -988, -924,
        -876, -844, -812, -780, -748, -716, -684, -652, -620, -588, -556, -524, -492, -460, -428, -396,
        -372, -356, -340, -324, -308, -292, -276, -260, -244, -228, -212, -196, -180, -164, -148, -132,
        -120, -112, -104, -96, -88, -80, -72, -64, -56, -48, -40, -32, -24, -16, -8, 0,
        32124, 31100, 30076, 29052, 28028, 27004, 25980, 24956, 23932, 22908, 21884, 20860, 19836, 18812, 17788, 16764,
        15996, 15484, 14972, 14460, 13948, 13436, 12924, 12412, 11900, 11388, 10876, 10364, 9852, 9340, 8828, 8316,
        7932, 7676, 7420, 7164, 6908, 6652, 6396, 6140, 5884, 5628, 5372, 5116, 4860, 4604, 4348, 4092,
        3900, 3772, 3644, 3516, 3388, 3260, 3132, 3004, 2876, 2748, 2620, 2492, 2364, 2236, 2108, 1980,
        1884, 1820, 1756, 1692, 1628, 1564, 1500, 1436, 1372, 1308, 1244, 1180, 1116, 1052, 988, 924,
        876, 844, 812, 780, 748, 716, 684, 652, 620, 588, 556, 524, 492, 460, 428, 396,
        372, 356, 340, 324, 308, 292, 276, 260, 244, 228, 212, 196, 180, 164, 148, 132,
        120, 112, 104, 96, 88, 80, 72, 64, 56, 48, 40, 32, 24, 16, 8, 0,
    ];
}
