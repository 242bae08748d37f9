// The tree of an ABNF definition (RFC 5234 section 4, RFC 7405). A node knows where it stands in its file; it knows nothing of
// what the grammar is for. Names keep the spelling of the file and compare without case (RFC 5234 section 2.1).
//
// ToString writes a node back as ABNF on one line, in one canonical spelling; diagnostics quote it.
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;

namespace SipEmbedded.Generator.Abnf;

/// <summary>A place in a grammar file. Offsets, lines and columns count from 0, in UTF-16 units as Roslyn counts them.</summary>
internal readonly record struct AbnfLocation(string Path, int Start, int Length, int Line, int Column, int EndLine, int EndColumn);

internal abstract class Node(AbnfLocation at)
{
    public AbnfLocation At { get; } = at;

    /// <summary>The node as an element: in brackets where it would otherwise bind looser than its surroundings.</summary>
    protected static string AsElement(Node node) =>
        node is Alternation || (node is Concatenation c && c.Elements.Length != 1) ? $"({node})" : node.ToString();
}

/// <summary><c>a / b / c</c>, two or more alternatives in the order of the file (<c>=/</c> appends).</summary>
internal sealed class Alternation(AbnfLocation at, ImmutableArray<Node> alternatives, bool commits = false) : Node(at)
{
    public ImmutableArray<Node> Alternatives { get; } = alternatives;

    /// <summary>True where an alternative that begins with a literal is taken for good once that literal is there (a declaration
    /// says so; ABNF itself cannot).</summary>
    public bool Commits { get; } = commits;

    public override string ToString() => string.Join(" / ", Alternatives.Select(a => a is Alternation ? AsElement(a) : a.ToString()));
}

/// <summary><c>a b c</c>, two or more elements; none for the empty concatenation.</summary>
internal sealed class Concatenation(AbnfLocation at, ImmutableArray<Node> elements) : Node(at)
{
    public ImmutableArray<Node> Elements { get; } = elements;

    public override string ToString() => Elements.IsEmpty ? "\"\"" : string.Join(" ", Elements.Select(AsElement));
}

/// <summary><c>n*m element</c>; <c>[element]</c> is 0 to 1. <see cref="Max"/> is <see cref="Unbounded"/> where none is given.</summary>
internal sealed class Repetition(AbnfLocation at, Node element, int min, int max) : Node(at)
{
    public const int Unbounded = int.MaxValue;

    public Node Element { get; } = element;
    public int Min { get; } = min;
    public int Max { get; } = max;
    public bool IsOption => Min == 0 && Max == 1;

    public override string ToString()
    {
        if (IsOption)
            return $"[{Element}]";
        var min = Min.ToString(CultureInfo.InvariantCulture);
        var max = Max.ToString(CultureInfo.InvariantCulture);
        var repeat = Min == Max ? min : (Min == 0 ? "" : min) + "*" + (Max == Unbounded ? "" : max);

        // A repeat of a repeat needs a group: 2*3DIGIT would read as one repeat.
        return repeat + (Element is Repetition { IsOption: false } ? $"({Element})" : AsElement(Element));
    }
}

/// <summary>A reference to a rule by name.</summary>
internal sealed class Reference(AbnfLocation at, string name) : Node(at)
{
    public string Name { get; } = name;

    public override string ToString() => Name;
}

/// <summary>
/// A terminal string: <c>"abc"</c> and <c>%i"abc"</c> (without case), <c>%s"abc"</c> and <c>%d13.10</c> (with case).
/// Each char of <see cref="Text"/> is one octet, 0 to 255.
/// </summary>
internal sealed class Literal(AbnfLocation at, string text, bool caseSensitive) : Node(at)
{
    public string Text { get; } = text;
    public bool CaseSensitive { get; } = caseSensitive;

    public override string ToString()
    {
        if (Text.Any(c => c is < ' ' or > '~' or '"'))
            return "%x" + string.Join(".", Text.Select(c => ((int)c).ToString("X2", CultureInfo.InvariantCulture)));
        return CaseSensitive ? $"%s\"{Text}\"" : $"\"{Text}\"";
    }
}

/// <summary><c>%x30-39</c>, or a single value (<c>%x41</c>: both ends the same).</summary>
internal sealed class OctetRange(AbnfLocation at, byte from, byte to) : Node(at)
{
    public byte From { get; } = from;
    public byte To { get; } = to;

    public override string ToString() => From == To
        ? "%x" + From.ToString("X2", CultureInfo.InvariantCulture)
        : "%x" + From.ToString("X2", CultureInfo.InvariantCulture) + "-" + To.ToString("X2", CultureInfo.InvariantCulture);
}

/// <summary><c>&lt;words&gt;</c>: never matched, always reported (RFC 5234 section 2.4's prose-val).</summary>
internal sealed class Prose(AbnfLocation at, string text) : Node(at)
{
    public string Text { get; } = text;

    public override string ToString() => $"<{Text}>";
}
