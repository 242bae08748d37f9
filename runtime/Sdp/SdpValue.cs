// Reading one record that must fill its slice to the end, wherever that slice came from.
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>Typed values out of slices of a description.</summary>
public static class SdpValue
{
    /// <summary>
    /// Reads all of <paramref name="slice"/> as <typeparamref name="T"/>; what is left over is a fault. The record's slices and the fault's
    /// offset count from the start of <paramref name="text"/>.
    /// </summary>
    public static bool TryRead<T>(ReadOnlySpan<byte> text, Slice slice, SdpLeniency allow, out T value, out ParseFault fault)
        where T : struct, IRecord<T>
    {
        int stop = slice.End;
        int end = T.Match(text[..stop], slice.Offset, (uint)allow, out value);
        if (end == stop)
        {
            fault = default;
            return true;
        }
        fault = end < 0 ? T.FaultOf(end) : T.FaultOf(MatchResult.Fail(end, 0));
        value = default;
        return false;
    }

    /// <summary>
    /// A decimal fraction (<c>non-zero-int-or-real</c>, RFC 8866 §9) in thousandths; further digits are cut off, and a number too large is
    /// the largest.
    /// </summary>
    internal static uint Thousandths(ReadOnlySpan<byte> number)
    {
        const ulong largest = uint.MaxValue;
        int point = number.IndexOf((byte)'.');
        ulong whole = Scan.Number(number, 0, point < 0 ? number.Length : point, largest);
        ulong value = whole > largest ? largest : whole * 1000;
        uint unit = 100;
        for (int i = point < 0 ? number.Length : point + 1; i < number.Length && unit > 0; i++, unit /= 10)
            value += (uint)(number[i] - '0') * unit;
        return (uint)Math.Min(value, largest);
    }
}
