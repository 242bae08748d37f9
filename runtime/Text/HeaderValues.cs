// Walking the values of one header line, whichever record types them.
using System.Runtime.CompilerServices;

namespace SipEmbedded.Text;

/// <summary>The walk over the values of a header line: the one place that knows separators, empty values and values that stand alone.</summary>
public static class HeaderValues
{
    /// <summary>What <see cref="Next"/> returns at the end of the line.</summary>
    public const int NoMore = -1;

    /// <summary>
    /// Matches the value at <paramref name="offset"/> of a line that ends at <paramref name="end"/>; <paramref name="next"/> is the offset of the
    /// following value, or <see cref="NoMore"/>. The result is the end of the value, or negative (<see cref="MatchResult"/>).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Next<T>(ReadOnlySpan<byte> text, int offset, int end, LineRules rules, out T value, out int next)
        where T : struct, IHeader<T>
    {
        int stop = T.Match(text, offset, rules.Allow, out value);
        next = NoMore;
        if (stop == end || stop < 0)
            return stop;
        return Continue<T>(text, stop, end, rules, ref next);
    }

    private static int Continue<T>(ReadOnlySpan<byte> text, int stop, int end, LineRules rules, ref int next)
        where T : struct, IHeader<T>
    {
        if ((T.Form & HeaderForm.List) != 0)
        {
            int following = T.MatchSeparator(text, stop, rules.Allow);
            if (following > 0 && following < end)
            {
                next = following;
                return stop;
            }
            if (following == end)
                return rules.TrailingComma ? stop : MatchResult.Fail(following, 0);
        }
        return rules.TrailingSpace && SkipSpace(text, stop, end) == end ? end : MatchResult.Fail(stop, 0);
    }

    /// <summary>
    /// Where the first value of a line begins: behind white space and folds, or <see cref="NoMore"/> for a line without one, which is a fault
    /// unless the header's form or the leniency allows it (then <paramref name="fault"/> is 0).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int First<T>(ReadOnlySpan<byte> text, int start, int end, LineRules rules, out int fault)
        where T : struct, IHeader<T>
    {
        fault = 0;
        if (start < end && text[start] > ' ')
            return start;
        return FirstBehindSpace<T>(text, start, end, rules, out fault);
    }

    private static int FirstBehindSpace<T>(ReadOnlySpan<byte> text, int start, int end, LineRules rules, out int fault)
        where T : struct, IHeader<T>
    {
        start = SkipSpace(text, start, end);
        fault = 0;
        if (start < end)
            return start;
        if ((T.Form & HeaderForm.CanBeEmpty) == 0 && !(rules.EmptyList && (T.Form & HeaderForm.List) != 0))
            fault = T.Match(text[..end], end, rules.Allow, out _) is < 0 and var failed ? failed : 0;
        return NoMore;
    }

    /// <summary>The first octet of text[start..end] that is neither white space nor part of a line's fold, or <paramref name="end"/>.</summary>
    public static int SkipSpace(ReadOnlySpan<byte> text, int start, int end)
    {
        while (start < end && text[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            start++;
        return start;
    }

    /// <summary>Matches every value of a line; the result is <paramref name="end"/>, or negative (<see cref="MatchResult"/>).</summary>
    public static int MatchLine<T>(ReadOnlySpan<byte> text, int start, int end, LineRules rules)
        where T : struct, IHeader<T>
    {
        int offset = First<T>(text, start, end, rules, out int fault);
        if (offset < 0)
            return fault < 0 ? fault : end;
        if (T.MatchSole(text, offset, rules.Allow) == end)
            return end;
        while (offset >= 0)
        {
            int stop = Next<T>(text, offset, end, rules, out _, out offset);
            if (stop < 0)
                return stop;
        }
        return end;
    }

    /// <summary>Hands every value of a line to a visitor, up to the first that does not match; the result as for <see cref="MatchLine"/>.</summary>
    public static int VisitLine<T, TVisitor>(ReadOnlySpan<byte> text, int start, int end, LineRules rules, ref TVisitor visitor)
        where T : struct, IHeader<T>
        where TVisitor : IValueVisitor, allows ref struct
    {
        int offset = First<T>(text, start, end, rules, out int fault);
        if (offset < 0)
            return fault < 0 ? fault : end;
        if (T.MatchSole(text, offset, rules.Allow) == end)
        {
            visitor.BeginValue(Scan.Trimmed(text, offset, end));
            visitor.EndValue();
            return end;
        }
        while (offset >= 0)
        {
            int stop = Next<T>(text, offset, end, rules, out var value, out offset);
            if (stop < 0)
                return stop;
            visitor.BeginValue(value.Extent);
            value.Visit(ref visitor);
            visitor.EndValue();
        }
        return end;
    }
}

/// <summary>What is accepted on a header line beyond its grammar.</summary>
public readonly struct LineRules(uint allow, bool trailingSpace, bool trailingComma, bool emptyList)
{
    /// <summary>Flags of the grammar's own leniencies.</summary>
    public uint Allow { get; } = allow;

    public bool TrailingSpace { get; } = trailingSpace;

    public bool TrailingComma { get; } = trailingComma;

    public bool EmptyList { get; } = emptyList;
}
