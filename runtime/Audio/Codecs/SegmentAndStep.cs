// Segment and step of a magnitude, for both laws of ITU-T G.711; see note [the logarithm by the floating-point unit].
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SipEmbedded.Audio;

internal static class SegmentAndStep
{
    /// <summary>What a float's bits are shifted by, so that its exponent and the first four bits of its mantissa remain.</summary>
    public const int Shift = 23 - 4;

    /// <summary>What then remains of 128, where the first segment begins: exponent 7 with its excess of 127, and nothing of the mantissa.</summary>
    public const int First = (127 + 7) << 4;

    /// <summary>The segment in bits 4 to 6, the step in bits 0 to 3, of magnitudes of 128 and more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Of(Vector128<short> magnitudes)
    {
        var (low, high) = Vector128.Widen(magnitudes);
        var first = Vector128.ConvertToSingle(low).AsInt32() >> Shift;
        var second = Vector128.ConvertToSingle(high).AsInt32() >> Shift;
        return Vector128.Narrow(first, second) - Vector128.Create((short)First);
    }
}
