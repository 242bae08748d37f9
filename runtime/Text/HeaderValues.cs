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
        return Continue<T>(text, stop, end, rules, out next);
    }

    private static int Continue<T>(ReadOnlySpan<byte> text, int stop, int end, LineRules rules, out int next)
        where T : struct, IHeader<T>
    {
        next = NoMore;
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
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int MatchLine<T>(ReadOnlySpan<byte> text, int start, int end, LineRules rules)
        where T : struct, IHeader<T>
    {
        // One value from the line's first octet to its last is what most lines hold.
        int stop = T.Match(text, start, rules.Allow, out _);
        return stop == end && !BeginsWithSpace(text, start, end) ? end : MatchOtherLine<T>(text, start, stop, end, rules);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int MatchOtherLine<T>(ReadOnlySpan<byte> text, int start, int stop, int end, LineRules rules)
        where T : struct, IHeader<T>
    {
        int offset = start;
        // A value begins behind the space, also where a rule would take the space as its own (Server's plain text).
        if (stop < 0 || BeginsWithSpace(text, start, end))
        {
            offset = First<T>(text, start, end, rules, out int fault);
            if (offset < 0)
                return fault < 0 ? fault : end;
            if (T.MatchSole(text, offset, rules.Allow) == end)
                return end;
            if (offset == start)
                return stop;
            stop = T.Match(text, offset, rules.Allow, out _);
        }
        if ((T.Form & HeaderForm.List) != 0)
        {
            int next;
            while (stop >= 0 && (next = T.MatchSeparator(text, stop, rules.Allow)) > 0 && next < end)
                stop = T.Match(text, next, rules.Allow, out _);
        }
        if (stop < 0 || stop == end)
            return stop;
        return Continue<T>(text, stop, end, rules, out _) is var last && last < 0 ? last : end;
    }

    private static bool BeginsWithSpace(ReadOnlySpan<byte> text, int start, int end) => start < end && text[start] <= ' ';

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

/// <summary>What is accepted on a header line: the flags of the grammar's own leniencies, and three that belong to the line.</summary>
public readonly struct LineRules(uint flags)
{
    /// <summary>White space behind the last value.</summary>
    public const uint TrailingSpaceFlag = 1u << 31;

    /// <summary>A separator behind the last value.</summary>
    public const uint TrailingCommaFlag = 1u << 30;

    /// <summary>A list without a value, where the grammar wants one.</summary>
    public const uint EmptyListFlag = 1u << 29;

    /// <summary>All flags, as matchers take them.</summary>
    public uint Allow { get; } = flags;

    public bool TrailingSpace => (Allow & TrailingSpaceFlag) != 0;

    public bool TrailingComma => (Allow & TrailingCommaFlag) != 0;

    public bool EmptyList => (Allow & EmptyListFlag) != 0;
}
