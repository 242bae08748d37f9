// Reads captures off a parse tree, by the definition that generated records are held to: a capture path is a chain of direct rule
// references ("sent-by/host"), and of several matches in one text the last counts.
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Oracle;

/// <summary>Octets from <see cref="Start"/> up to, without, <see cref="End"/>.</summary>
internal readonly record struct Capture(int Start, int End);

/// <summary>
/// One parameter. <see cref="Value"/> is null where no separator follows the name; an empty value is an empty span.
/// </summary>
internal readonly record struct ParameterCapture(Capture Name, Capture? Value);

internal static class CaptureReader
{
    /// <summary>The last match, in order of the text, of any of the paths; null for none.</summary>
    /// <param name="record">A reference to the record's rule: the root of a <see cref="MatchResult"/>.</param>
    /// <param name="paths">
    /// Rule names separated by '/': the first is referred to in the record's rule itself, each further one in the definition of
    /// the one before. Nothing is skipped: a rule in between must be named.
    /// </param>
    public static Capture? Last(ParseNode record, params string[] paths)
    {
        var matches = Matches(record, paths);
        return matches.Count == 0 ? null : new Capture(matches[^1].Start, matches[^1].End);
    }

    /// <summary>Every match of the paths, in order of the text.</summary>
    public static List<ParseNode> Matches(ParseNode record, params string[] paths)
    {
        if (paths.Length == 0 || paths.Any(path => path.Split('/').Contains("")))
            throw new ArgumentException("a capture path names at least one rule, and has no empty part", nameof(paths));
        var matches = new List<ParseNode>();
        Collect(record, [.. paths.Select(path => path.Split('/'))], 0, matches);
        return matches;
    }

    /// <summary>The parameters of a list, one for each match of <paramref name="path"/> in the record.</summary>
    /// <param name="separator">The octet between name and value; a name cannot contain it.</param>
    public static List<ParameterCapture> Parameters(ParseNode record, byte[] input, string path, byte separator = (byte)'=') =>
        [.. Matches(record, path).Select(item => Split(input, item, separator))];

    /// <summary>
    /// The parameters of a list given as a repetition that stands in the record's own rule: the X of <c>*( SEP X )</c>. In
    /// <c>X *( SEP X )</c>, where the same X stands right before the repetition, that one is the first.
    /// </summary>
    /// <param name="separator">The octet between name and value; a name cannot contain it.</param>
    public static List<ParameterCapture> Parameters(ParseNode record, byte[] input, Repetition list, byte separator = (byte)'=')
    {
        if (list.Element is not Concatenation iteration || iteration.Elements.Length < 2)
            throw new ArgumentException("a parameter list repeats a separator and a parameter", nameof(list));
        var parameters = new List<ParameterCapture>();
        var item = iteration.Elements[^1];
        foreach (var node in record.Within().Prepend(record))
        {
            // The item before the list is a sibling of the list: of the children that a concatenation took, the one on its left.
            var lists = node.Node is Concatenation ? node.Children.Select((child, i) => (child, i)) : [];
            foreach (var (child, i) in lists)
            {
                if (ReferenceEquals(child.Node, list) && i > 0 && Alike(node.Children[i - 1].Node, item))
                    parameters.Add(Split(input, node.Children[i - 1], separator));
            }

            if (ReferenceEquals(node.Node, list))
                parameters.AddRange(node.Children.Select(taken => Split(input, taken.Children[^1], separator)));
        }

        return parameters;
    }

    private static void Collect(ParseNode node, List<string[]> paths, int depth, List<ParseNode> matches)
    {
        foreach (var reference in node.Rules())
        {
            var matching = paths.FindAll(path => reference.Is(path[depth]));
            if (matching.Exists(path => path.Length == depth + 1))
                matches.Add(reference);
            var longer = matching.FindAll(path => path.Length > depth + 1);
            if (longer.Count > 0)
                Collect(reference, longer, depth + 1, matches);
        }
    }

    // White space belongs to the separator (RFC 3261 section 25.1: EQUAL = SWS "=" SWS), not to the name or the value.
    private static ParameterCapture Split(byte[] input, ParseNode item, byte separator)
    {
        var length = input.AsSpan(item.Start, item.End - item.Start).IndexOf(separator);
        return length < 0
            ? new ParameterCapture(Trim(input, item.Start, item.End), null)
            : new ParameterCapture(Trim(input, item.Start, item.Start + length), Trim(input, item.Start + length + 1, item.End));
    }

    private static Capture Trim(byte[] input, int start, int end)
    {
        while (start < end && IsSpace(input[start]))
            start++;
        while (end > start && IsSpace(input[end - 1]))
            end--;
        return new Capture(start, end);
    }

    private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private static bool Alike(Node a, Node b) => (a, b) switch
    {
        (Reference x, Reference y) => string.Equals(x.Name, y.Name, StringComparison.OrdinalIgnoreCase),
        (Literal x, Literal y) => x.Text == y.Text && x.CaseSensitive == y.CaseSensitive,
        (OctetRange x, OctetRange y) => x.From == y.From && x.To == y.To,
        (Repetition x, Repetition y) => x.Min == y.Min && x.Max == y.Max && Alike(x.Element, y.Element),
        (Concatenation x, Concatenation y) => Alike(x.Elements, y.Elements),
        (Alternation x, Alternation y) => Alike(x.Alternatives, y.Alternatives),
        _ => false,
    };

    private static bool Alike(IReadOnlyList<Node> a, IReadOnlyList<Node> b) =>
        a.Count == b.Count && a.Zip(b).All(pair => Alike(pair.First, pair.Second));
}
