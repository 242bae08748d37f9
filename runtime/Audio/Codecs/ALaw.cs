// A-law of ITU-T G.711: 13 bits of a sample in 8, as a sign, one of eight segments, the first two of one length, and one of sixteen steps in it. The even bits are
// inverted on the line. See note [the logarithm by the floating-point unit].
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SipEmbedded.Audio;

/// <summary>Between samples and octets of A-law (ITU-T G.711 table 1; the arithmetic is that of ITU-T G.191's alaw_compress and alaw_expand).</summary>
internal static class ALaw
{
    // The first segment is linear like the second: what lies in it is lifted into the second, and lowered by a segment again.
    private const int FirstSegmentEnd = 256;
    private const int StepsOfSegment = 16;

    // The inverted even bits, and the sign, which is set for what is positive.
    private const int Inverted = 0x55 | 0x80;

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
        int magnitude = sample ^ sign;
        int isFirst = magnitude < FirstSegmentEnd ? -1 : 0;
        int lifted = magnitude + (isFirst & FirstSegmentEnd);
        int code = (BitConverter.SingleToInt32Bits(lifted) >> SegmentAndStep.Shift) - SegmentAndStep.First - (isFirst & StepsOfSegment);
        return (byte)(code ^ Inverted ^ (sign & 0x80));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Compress(Vector128<short> samples)
    {
        var sign = samples >> 15;
        var magnitude = samples ^ sign;
        var isFirst = Vector128.LessThan(magnitude, Vector128.Create((short)FirstSegmentEnd));
        var code = SegmentAndStep.Of(magnitude + (isFirst & Vector128.Create((short)FirstSegmentEnd))) - (isFirst & Vector128.Create((short)StepsOfSegment));
        return code ^ Vector128.Create((short)Inverted) ^ (sign & Vector128.Create((short)0x80));
    }

    private static ReadOnlySpan<short> Expanded =>
    [
        -5504, -5248, -6016, -5760, -4480, -4224, -4992, -4736, -7552, -7296, -8064, -7808, -6528, -6272, -7040, -6784,
        -2752, -2624, -3008, -2880, -2240, -2112, -2496, -2368, -3776, -3648, -4032, -3904, -3264, -3136, -3520, -3392,
        -22016, -20992, -24064, -23040, -17920, -16896, -19968, -18944, -30208, -29184, -32256, -31232, -26112, -25088, -28160, -27136,
        -11008, -10496, -12032, -11520, -8960, -8448, -9984, -9472, -15104, -14592, -16128, -15616, -13056, -12544, -14080, -13568,
        -344, -328, -376, -360, -280, -264, -312, -296, -472, -456, -504, -488, -408, -392, -440, -424,
        -88, -72, -120, -104, -24, -8, -56, -40, -216, -200, -248, -232, -152, -136, -184, -168,
        -1376, -1312, -1504, -1440, -1120, -1056, -1248, -1184, -1888, -1824, -2016, -1952, -1632, -1568, -1760, -1696,
        -688, -656, -752, -720, -560, -528, -624, -592, -944, -912, -1008, -976, -816, -784, -880, -848,
        5504, 5248, 6016, 5760, 4480, 4224, 4992, 4736, 7552, 7296, 8064, 7808, 6528, 6272, 7040, 6784,
        2752, 2624, 3008, 2880, 2240, 2112, 2496, 2368, 3776, 3648, 4032, 3904, 3264, 3136, 3520, 3392,
        22016, 20992, 24064, 23040, 17920, 16896, 19968, 18944, 30208, 29184, 32256, 31232, 26112, 25088, 28160, 27136,
        11008, 10496, 12032, 11520, 8960, 8448, 9984, 9472, 15104, 14592, 16128, 15616, 13056, 12544, 14080, 13568,
        344, 328, 376, 360, 280, 264, 312, 296, 472, 456, 504, 488, 408, 392, 440, 424,
        88, 72, 120, 104, 24, 8, 56, 40, 216, 200, 248, 232, 152, 136, 184, 168,
        1376, 1312, 1504, 1440, 1120, 1056, 1248, 1184, 1888, 1824, 2016, 1952, 1632, 1568, 1760, 1696,
        688, 656, 752, 720, 560, 528, 624, 592, 944, 912, 1008, 976, 816, 784, 880, 848,
    ];
}
