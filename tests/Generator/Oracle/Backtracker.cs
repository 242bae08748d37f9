// The definition of note [first parse], word for word and exponential: every node tries its ways in order and asks the rest of
// the match whether it can live with that. It exists to be compared with the reference matcher on inputs short enough for it.
using System.Collections.Immutable;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

internal sealed class Backtracker(Grammar grammar, byte[] input, int maxSteps)
{
    private int _steps;

    /// <summary>True when the answer would take more than the allowed steps; the result then means nothing.</summary>
    public bool GaveUp => _steps > maxSteps;

    public ParseNode? Match(string rule)
    {
        ParseNode? first = null;
        Try(new Reference(default, rule), 0, tree =>
        {
            if (tree.End != input.Length)
                return false;
            first = tree;
            return true;
        });
        return first;
    }

    private bool Try(Node node, int start, Func<ParseNode, bool> rest)
    {
        if (++_steps > maxSteps)
            return false;
        switch (node)
        {
            case Literal literal:
                var end = start + literal.Text.Length;
                return end <= input.Length
                    && string.Equals(literal.Text, input[start..end].Text(),
                        literal.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase)
                    && rest(new ParseNode(node, start, end, []));
            case OctetRange range:
                return start < input.Length && range.From <= input[start] && input[start] <= range.To
                    && rest(new ParseNode(node, start, start + 1, []));
            case Reference reference:
                return Try(grammar.Find(reference.Name)!.Definition, start, child =>
                    rest(new ParseNode(node, start, child.End, [child])));
            case Alternation alternation:
                for (var i = 0; i < alternation.Alternatives.Length; i++)
                {
                    var taken = i;
                    if (Try(alternation.Alternatives[i], start, child =>
                        rest(new ParseNode(node, start, child.End, [child], taken))))
                    {
                        return true;
                    }
                }

                return false;
            case Concatenation concatenation:
                return Elements(concatenation, start, start, [], rest);
            case Repetition repetition:
                return Iterations(repetition, start, start, [], rest);
            default:
                return false;
        }
    }

    private bool Elements(Concatenation all, int start, int at, ImmutableArray<ParseNode> taken, Func<ParseNode, bool> rest) =>
        taken.Length == all.Elements.Length
            ? rest(new ParseNode(all, start, at, taken))
            : Try(all.Elements[taken.Length], at, child => Elements(all, start, child.End, taken.Add(child), rest));

    private bool Iterations(Repetition all, int start, int at, ImmutableArray<ParseNode> taken, Func<ParseNode, bool> rest)
    {
        if (taken.Length < all.Max && Try(all.Element, at, child =>
            (taken.Length < all.Min || child.End > at) && Iterations(all, start, child.End, taken.Add(child), rest)))
        {
            return true;
        }

        return taken.Length >= all.Min && rest(new ParseNode(all, start, at, taken));
    }
}
