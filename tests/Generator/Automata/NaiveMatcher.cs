// The slow, obvious reference for the automata: the set of ends at which a node can stop, by trying everything.
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Tests.Automata;

internal static class NaiveMatcher
{
    public static bool Accepts(Grammar grammar, Node node, byte[] input) => Ends(grammar, node, input, 0).Contains(input.Length);

    /// <summary>As Dfa.Run: the longest match from <paramref name="start"/>, or -1.</summary>
    public static int Run(Grammar grammar, Node node, byte[] input, int start) =>
        Ends(grammar, node, input, start).DefaultIfEmpty(-1).Max();

    private static HashSet<int> Ends(Grammar grammar, Node node, byte[] input, int start)
    {
        switch (node)
        {
            case Alternation alternation:
                return alternation.Alternatives.SelectMany(a => Ends(grammar, a, input, start)).ToHashSet();
            case Concatenation concatenation:
                HashSet<int> ends = [start];
                foreach (var element in concatenation.Elements)
                    ends = ends.SelectMany(at => Ends(grammar, element, input, at)).ToHashSet();
                return ends;
            case Repetition repetition:
                HashSet<int> result = [];
                HashSet<int> frontier = [start];
                if (repetition.Min == 0)
                    result.Add(start);
                // Without a bound, no more copies are of use than there are octets, beyond the least number.
                var most = (int)Math.Min(repetition.Max, (long)repetition.Min + input.Length + 1);
                for (var copies = 1; copies <= most; copies++)
                {
                    frontier = frontier.SelectMany(at => Ends(grammar, repetition.Element, input, at)).ToHashSet();
                    if (copies >= repetition.Min)
                        result.UnionWith(frontier);
                }

                return result;
            case Reference reference:
                return Ends(grammar, grammar.Find(reference.Name)!.Definition, input, start);
            case Literal literal:
                if (start + literal.Text.Length > input.Length)
                    return [];
                for (var i = 0; i < literal.Text.Length; i++)
                {
                    char wanted = literal.Text[i], found = (char)input[start + i];
                    if (literal.CaseSensitive ? wanted != found : char.ToLowerInvariant(wanted) != char.ToLowerInvariant(found))
                        return [];
                }

                return [start + literal.Text.Length];
            case OctetRange range:
                return start < input.Length && input[start] >= range.From && input[start] <= range.To ? [start + 1] : [];
            default:
                throw new NotSupportedException(node.ToString());
        }
    }
}
