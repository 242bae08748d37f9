// The few loops over octets that all generated matchers share, and the only place where they read without a bounds check. Offsets are never
// negative: they are what an earlier match came to. For such an offset each method checks the length once, and after that check cannot read
// outside the span; only Word leaves the check to its caller.
//
// note [classes by nibble]
// A set of ASCII octets is a table of 16 bytes, one per low nibble; bit h of an entry says whether the octet with high nibble h
// belongs to the set. Two 16-byte shuffles and one AND classify 16 octets at once, on x64 (SSSE3) and arm64 (TBL) alike.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Numerics;

namespace SipEmbedded.Text;

public static class Scan
{
    /// <summary>
    /// The end of the run of octets of a class that starts at <paramref name="offset"/> (see note [classes by nibble]).
    /// <paramref name="byLowNibble"/> is the class's 16-byte table; octets from 0x80 up never belong to it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EndOfRun(ReadOnlySpan<byte> text, int offset, Vector128<byte> byLowNibble)
    {
        if (Vector128.IsHardwareAccelerated && text.Length - offset >= Vector128<byte>.Count)
        {
            uint outside = OutsideMask(text, offset, byLowNibble);
            if (outside != 0)
                return offset + BitOperations.TrailingZeroCount(outside);
            return EndOfLongRun(text, offset + Vector128<byte>.Count, byLowNibble);
        }
        return EndOfShortRun(text, offset, byLowNibble);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OutsideMask(ReadOnlySpan<byte> text, int offset, Vector128<byte> byLowNibble)
    {
        Debug.Assert(offset >= 0 && offset + Vector128<byte>.Count <= text.Length);
        var octets = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)offset);
        var high = Vector128.ShiftRightLogical(octets.AsUInt16(), 4).AsByte() & Vector128.Create((byte)0x0F);
        var bits = Lookup(Vector128.Create(1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0).AsByte(), high);
        // SSSE3's shuffle takes the low nibble itself, and gives 0 for octets from 0x80 up; TBL wants the nibble alone.
        var rows = Ssse3.IsSupported ? Ssse3.Shuffle(byLowNibble, octets) : Lookup(byLowNibble, octets & Vector128.Create((byte)0x0F));
        return Vector128.Equals(rows & bits, Vector128<byte>.Zero).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> indices)
    {
        if (Ssse3.IsSupported)
            return Ssse3.Shuffle(table, indices);
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.VectorTableLookup(table, indices);
        return Vector128.Shuffle(table, indices);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int EndOfLongRun(ReadOnlySpan<byte> text, int offset, Vector128<byte> byLowNibble)
    {
        for (; text.Length - offset >= Vector128<byte>.Count; offset += Vector128<byte>.Count)
        {
            uint outside = OutsideMask(text, offset, byLowNibble);
            if (outside != 0)
                return offset + BitOperations.TrailingZeroCount(outside);
        }
        return EndOfShortRun(text, offset, byLowNibble);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int EndOfShortRun(ReadOnlySpan<byte> text, int offset, Vector128<byte> byLowNibble)
    {
        if (offset >= text.Length)
            return offset;
        if (Vector128.IsHardwareAccelerated && text.Length >= Vector128<byte>.Count)
        {
            // The last whole vector of the text holds what is left; what it holds in front of the offset is shifted out.
            int back = text.Length - Vector128<byte>.Count;
            uint outside = OutsideMask(text, back, byLowNibble) >> (offset - back);
            return outside != 0 ? offset + BitOperations.TrailingZeroCount(outside) : text.Length;
        }
        while ((uint)offset < (uint)text.Length && text[offset] < 0x80 && (byLowNibble[text[offset] & 0x0F] >> (text[offset] >> 4) & 1) != 0)
            offset++;
        return offset;
    }

    /// <summary>The end of the run of ASCII digits at <paramref name="offset"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EndOfDigits(ReadOnlySpan<byte> text, int offset)
    {
        while ((uint)offset < (uint)text.Length && (uint)(text[offset] - '0') <= 9)
            offset++;
        return offset;
    }

    /// <summary>
    /// The end of the run of digits at <paramref name="offset"/> and the number they write; a number beyond <paramref name="max"/> is
    /// <c>max + 1</c>, with max below 2^64 − 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EndOfNumber(ReadOnlySpan<byte> text, int offset, ulong max, out ulong value)
    {
        ulong number = 0;
        int end = offset;
        for (uint digit; (uint)end < (uint)text.Length && (digit = (uint)(text[end] - '0')) <= 9; end++)
            number = number * 10 + digit;
        value = end - offset > SafeDigits ? LongNumber(text, offset, end, max) : number > max ? max + 1 : number;
        return end;
    }

    /// <summary>True where <paramref name="count"/> octets (1 to 8) at <paramref name="offset"/> equal <paramref name="word"/> after OR with <paramref name="fold"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Matches(ReadOnlySpan<byte> text, int offset, int count, ulong fold, ulong word)
    {
        if (text.Length - offset < count)
            return false;
        return (Word(text, offset, count) | fold) == word;
    }

    /// <summary>1 to 8 octets at <paramref name="offset"/> as a little-endian word; the caller has checked that they are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Word(ReadOnlySpan<byte> text, int offset, int count)
    {
        Debug.Assert(count is >= 1 and <= 8 && offset >= 0 && offset + count <= text.Length);
        ref byte at = ref Unsafe.Add(ref MemoryMarshal.GetReference(text), offset);
        // The counts are constants at every call, so one arm remains.
        ulong word = count switch
        {
            1 => at,
            2 => Unsafe.ReadUnaligned<ushort>(ref at),
            3 => Unsafe.ReadUnaligned<ushort>(ref at) | (ulong)Unsafe.Add(ref at, 2) << 16,
            4 => Unsafe.ReadUnaligned<uint>(ref at),
            5 => Unsafe.ReadUnaligned<uint>(ref at) | (ulong)Unsafe.Add(ref at, 4) << 32,
            6 => Unsafe.ReadUnaligned<uint>(ref at) | (ulong)Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref at, 4)) << 32,
            7 => Unsafe.ReadUnaligned<uint>(ref at) | (ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref at, 3)) << 24,
            _ => Unsafe.ReadUnaligned<ulong>(ref at),
        };
        return BitConverter.IsLittleEndian ? word : BigEndianWord(text, offset, count);
    }

    private static ulong BigEndianWord(ReadOnlySpan<byte> text, int offset, int count)
    {
        ulong word = 0;
        for (int i = count - 1; i >= 0; i--)
            word = word << 8 | text[offset + i];
        return word;
    }

    /// <summary>
    /// The decimal number in the digits of <paramref name="text"/> from <paramref name="start"/> to <paramref name="end"/>;
    /// anything beyond <paramref name="max"/> (including what no 64 bits hold) gives <c>max + 1</c>, with max below 2^64 − 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Number(ReadOnlySpan<byte> text, int start, int end, ulong max)
    {
        if (end - start > SafeDigits)
            return LongNumber(text, start, end, max);
        ulong value = 0;
        for (int i = start; i < end; i++)
            value = value * 10 + (uint)(text[i] - '0');
        return value > max ? max + 1 : value;
    }

    // Decimal digits that any 64 bits hold.
    private const int SafeDigits = 19;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong LongNumber(ReadOnlySpan<byte> text, int start, int end, ulong max)
    {
        ulong value = 0;
        for (int i = start; i < end; i++)
        {
            uint digit = (uint)(text[i] - '0');
            if (digit > max || value > (max - digit) / 10)
                return max + 1;
            value = value * 10 + digit;
        }
        return value;
    }

    /// <summary>A decimal fraction with at most three digits behind the point, in thousandths (qvalue: 0 to 1000).</summary>
    public static ulong Thousandths(ReadOnlySpan<byte> text, int start, int end)
    {
        ulong value = 0;
        int unit = 1000;
        for (int i = start; i < end; i++)
        {
            if (text[i] == '.')
            {
                unit = 100;
                continue;
            }
            value += (ulong)((text[i] - '0') * unit);
            unit /= 10;
        }
        return value;
    }

    /// <summary>True for what <see cref="Thousandths"/> reads: <c>1*DIGIT [ "." 0*3DIGIT ]</c>, at most 1.</summary>
    public static bool IsThousandths(ReadOnlySpan<byte> text, int start, int end)
    {
        int point = EndOfDigits(text[..end], start);
        if (point != start + 1 || text[start] > '1')
            return false;
        if (point == end)
            return true;
        return text[point] == '.' && end - point <= 4 && EndOfDigits(text[..end], point + 1) == end && Thousandths(text, start, end) <= 1000;
    }

    /// <summary>The slice without the white space (and folds) that the grammar lets stand at both ends of an element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Slice Trimmed(ReadOnlySpan<byte> text, int start, int end)
    {
        if (start < end && text[start] > ' ' && text[end - 1] > ' ')
            return Slice.Between(start, end);
        return TrimmedSpace(text, start, end);
    }

    private static Slice TrimmedSpace(ReadOnlySpan<byte> text, int start, int end)
    {
        while (end > start && text[end - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            end--;
        while (start < end && text[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            start++;
        return Slice.Between(start, end);
    }

    /// <summary>
    /// False where surely no white space stands at <paramref name="offset"/>: an octet above a blank, or a CRLF that no fold follows. A quick look
    /// before the rule itself is tried, so true for any control character as well.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSpace(ReadOnlySpan<byte> text, int offset)
    {
        if ((uint)offset >= (uint)text.Length || text[offset] > ' ')
            return false;
        return text[offset] != '\r' || text.Length - offset <= 2 || text[offset + 2] is (byte)' ' or (byte)'\t';
    }

    /// <summary>Equal without regard to the case of ASCII letters (RFC 3261 §7.3.1).</summary>
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        System.Text.Ascii.EqualsIgnoreCase(left, right);

    /// <summary>A table-driven automaton's longest match from <paramref name="offset"/>, or -1. Row 0 is the dead state; state 1 starts.</summary>
    public static int LongestMatch(ReadOnlySpan<byte> text, int offset, ReadOnlySpan<byte> classOf, int classes, ReadOnlySpan<byte> next, ReadOnlySpan<byte> accepts)
    {
        int state = 1;
        int last = accepts[1] != 0 ? offset : -1;
        while ((uint)offset < (uint)text.Length)
        {
            state = next[state * classes + classOf[text[offset]]];
            if (state == 0)
                return last;
            offset++;
            if (accepts[state] != 0)
                last = offset;
        }
        return last;
    }
}
