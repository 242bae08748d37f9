// A set of octets as four words. Everything the generator asks of characters (first sets, classes, transitions) is in these
// sets, so they are values: equal when they hold the same octets, cheap to combine, and with one printed form.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace SipEmbedded.Generator.Automata;

/// <summary>An immutable set of octets, 0 to 255; the default value is the empty set.</summary>
internal readonly struct ByteSet : IEquatable<ByteSet>
{
    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly ulong _w2;
    private readonly ulong _w3;

    private ByteSet(ulong w0, ulong w1, ulong w2, ulong w3)
    {
        _w0 = w0;
        _w1 = w1;
        _w2 = w2;
        _w3 = w3;
    }

    public static ByteSet Empty => default;

    public static ByteSet All { get; } = new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public bool IsEmpty => (_w0 | _w1 | _w2 | _w3) == 0;

    public int Count => PopCount(_w0) + PopCount(_w1) + PopCount(_w2) + PopCount(_w3);

    public static ByteSet Of(byte value) => Range(value, value);

    /// <summary>Both ends belong to the set; empty where the range is inverted.</summary>
    public static ByteSet Range(byte from, byte to) =>
        new(Word(0, from, to), Word(1, from, to), Word(2, from, to), Word(3, from, to));

    /// <summary>The octet, and where it is an ASCII letter the letter in the other case too (RFC 5234 section 2.3).</summary>
    public static ByteSet OfIgnoringCase(byte value) =>
        (value | 0x20) is >= 'a' and <= 'z' ? Of(value) | Of((byte)(value ^ 0x20)) : Of(value);

    public bool Contains(byte value) => ((WordAt(value >> 6) >> (value & 63)) & 1) != 0;

    public bool Overlaps(ByteSet other) => !(this & other).IsEmpty;

    public bool IsSubsetOf(ByteSet other) => (this & ~other).IsEmpty;

    /// <summary>The least octet, or -1 for the empty set.</summary>
    public int First()
    {
        for (var index = 0; index < 4; index++)
        {
            var word = WordAt(index);
            if (word != 0)
                return index * 64 + PopCount((word & (0 - word)) - 1);
        }

        return -1;
    }

    /// <summary>The octets in ascending order.</summary>
    public IEnumerable<byte> Octets()
    {
        for (var value = 0; value < 256; value++)
        {
            if (Contains((byte)value))
                yield return (byte)value;
        }
    }

    /// <summary>The set as the fewest ranges, ascending; both ends of each belong to it.</summary>
    public IEnumerable<(byte From, byte To)> Ranges()
    {
        for (var value = 0; value < 256; value++)
        {
            if (!Contains((byte)value))
                continue;
            var from = value;
            while (value < 255 && Contains((byte)(value + 1)))
                value++;
            yield return ((byte)from, (byte)value);
        }
    }

    public static ByteSet operator |(ByteSet a, ByteSet b) => new(a._w0 | b._w0, a._w1 | b._w1, a._w2 | b._w2, a._w3 | b._w3);

    public static ByteSet operator &(ByteSet a, ByteSet b) => new(a._w0 & b._w0, a._w1 & b._w1, a._w2 & b._w2, a._w3 & b._w3);

    public static ByteSet operator ~(ByteSet a) => new(~a._w0, ~a._w1, ~a._w2, ~a._w3);

    /// <summary>The octets of <paramref name="a"/> that are not in <paramref name="b"/>.</summary>
    public static ByteSet operator -(ByteSet a, ByteSet b) => a & ~b;

    public static bool operator ==(ByteSet a, ByteSet b) => a.Equals(b);

    public static bool operator !=(ByteSet a, ByteSet b) => !a.Equals(b);

    public bool Equals(ByteSet other) => _w0 == other._w0 && _w1 == other._w1 && _w2 == other._w2 && _w3 == other._w3;

    public override bool Equals(object? obj) => obj is ByteSet other && Equals(other);

    public override int GetHashCode() => (_w0, _w1, _w2, _w3).GetHashCode();

    /// <summary>The ranges as ABNF would write them, as in <c>%x30-39 / %x41</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (from, to) in Ranges())
        {
            text.Append(text.Length == 0 ? "%x" : " / %x").Append(from.ToString("X2", CultureInfo.InvariantCulture));
            if (from != to)
                text.Append('-').Append(to.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    private ulong WordAt(int index) => index switch
    {
        0 => _w0,
        1 => _w1,
        2 => _w2,
        _ => _w3,
    };

    private static ulong Word(int index, int from, int to)
    {
        var low = Math.Max(from - index * 64, 0);
        var high = Math.Min(to - index * 64, 63);
        return low > high ? 0 : (ulong.MaxValue >> (63 - (high - low))) << low;
    }

    private static int PopCount(ulong word)
    {
        word -= (word >> 1) & 0x5555_5555_5555_5555;
        word = (word & 0x3333_3333_3333_3333) + ((word >> 2) & 0x3333_3333_3333_3333);
        word = (word + (word >> 4)) & 0x0F0F_0F0F_0F0F_0F0F;
        return (int)(unchecked(word * 0x0101_0101_0101_0101) >> 56);
    }
}
