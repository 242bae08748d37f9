// Changes that a declaration makes to a grammar before anything is matched or generated. The RFCs' files stay verbatim. Where
// their text cannot be used as it is (RFC 3261 section 25.1 lists content-coding, a token, before the "*" that is one as well;
// its addr-spec takes parameters that section 20 in prose gives to the header), a declaration says so, and this is the only code
// that carries it out, for the generated code and for its oracle alike.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Abnf;

/// <summary>One change to one rule. <see cref="At"/> is where it was declared; a fault in it is reported there.</summary>
internal abstract record Adjustment(string Rule, AbnfLocation At);

/// <summary>Inside <c>rule</c>, every reference to <c>reference</c> becomes a reference to <c>replacement</c>.</summary>
internal sealed record Replace(string Rule, string Reference, string Replacement, AbnfLocation At = default)
    : Adjustment(Rule, At);

/// <summary>
/// In every alternation that stands in <c>rule</c>'s own definition (in groups as well, but not in the rules it refers to), an
/// alternative whose language is strictly included in an earlier one's moves before it; the others keep their order.
/// </summary>
internal sealed record MostSpecific(string Rule, AbnfLocation At = default) : Adjustment(Rule, At);

/// <summary>
/// In every alternation that stands in <c>rule</c>'s own definition, an alternative that begins with a literal excludes those behind it
/// once that literal is there: "sip:" commits to a SIP URI, although the text that follows may also be some other scheme's.
/// </summary>
internal sealed record Commit(string Rule, AbnfLocation At = default) : Adjustment(Rule, At);

internal static class Adjustments
{
    /// <summary>
    /// Applies the adjustments in their order, each to the result of those before it. One that names an unknown rule, or replaces
    /// a reference that the rule does not contain, is left out and adds a fault: the adjusted rule, the name that was not found.
    /// </summary>
    /// <param name="isIncluded">
    /// True when every string of the first node's language, in that grammar, is one of the second's. False where that cannot be
    /// decided.
    /// </param>
    public static Grammar Apply(Grammar grammar, IEnumerable<Adjustment> adjustments, Func<Grammar, Node, Node, bool> isIncluded,
        List<Fault> faults)
    {
        foreach (var adjustment in adjustments)
        {
            if (grammar.Find(adjustment.Rule) is not { } rule)
            {
                faults.Add(NamesNothing(adjustment, adjustment.Rule));
                continue;
            }

            grammar = adjustment switch
            {
                Replace replace => Apply(grammar, rule, replace, faults),
                MostSpecific => With(grammar, rule, Sort(rule.Definition, (a, b) => isIncluded(grammar, a, b))),
                Commit => With(grammar, rule, Rewrite(rule.Definition, node => node is Alternation a ? new Alternation(a.At, a.Alternatives, true) : node)),
                _ => throw new InvalidOperationException($"unknown adjustment {adjustment.GetType().Name}"),
            };
        }

        return grammar;
    }

    private static Grammar Apply(Grammar grammar, Rule rule, Replace replace, List<Fault> faults)
    {
        if (grammar.Find(replace.Replacement) is not { } replacement)
        {
            faults.Add(NamesNothing(replace, replace.Replacement));
            return grammar;
        }

        var definition = Rewrite(rule.Definition, node => node is Reference reference && Same(reference.Name, replace.Reference)
            ? new Reference(reference.At, replacement.Name)
            : node);
        if (ReferenceEquals(definition, rule.Definition))
        {
            faults.Add(NamesNothing(replace, replace.Reference));
            return grammar;
        }

        return With(grammar, rule, definition);
    }

    private static Fault NamesNothing(Adjustment adjustment, string name) =>
        new(DiagnosticIds.SettlementNamesNothing, adjustment.At, adjustment.Rule, name);

    private static Node Sort(Node definition, Func<Node, Node, bool> isIncluded) => Rewrite(definition, node =>
    {
        if (node is not Alternation alternation)
            return node;
        var sorted = MostSpecificFirst(alternation.Alternatives, isIncluded);
        return sorted.SequenceEqual(alternation.Alternatives) ? node : new Alternation(node.At, sorted, alternation.Commits);
    });

    // Insertion keeps "no alternative is strictly included in an earlier one" true of the sorted part. When x goes before the
    // first y that strictly includes it, nothing behind y can be strictly included in x: it would be strictly included in y,
    // which it follows.
    private static ImmutableArray<Node> MostSpecificFirst(ImmutableArray<Node> alternatives, Func<Node, Node, bool> isIncluded)
    {
        var sorted = new List<Node>();
        foreach (var alternative in alternatives)
        {
            var place = sorted.FindIndex(earlier => isIncluded(alternative, earlier) && !isIncluded(earlier, alternative));
            sorted.Insert(place < 0 ? sorted.Count : place, alternative);
        }

        return [.. sorted];
    }

    private static Grammar With(Grammar grammar, Rule rule, Node definition)
    {
        if (ReferenceEquals(definition, rule.Definition))
            return grammar;
        var adjusted = new Rule(rule.Name, definition, rule.At, rule.IsCore, rule.IsBroken);
        return new Grammar(grammar.Rules.Replace(rule, adjusted));
    }

    // Bottom up; a node in which nothing changes is kept itself, so that an adjustment without effect can be told.
    private static Node Rewrite(Node node, Func<Node, Node> change)
    {
        switch (node)
        {
            case Alternation alternation:
                var alternatives = Rewrite(alternation.Alternatives, change);
                return change(alternatives == alternation.Alternatives ? node : new Alternation(node.At, alternatives, alternation.Commits));
            case Concatenation concatenation:
                var elements = Rewrite(concatenation.Elements, change);
                return change(elements == concatenation.Elements ? node : new Concatenation(node.At, elements));
            case Repetition repetition:
                var element = Rewrite(repetition.Element, change);
                return change(ReferenceEquals(element, repetition.Element)
                    ? node
                    : new Repetition(node.At, element, repetition.Min, repetition.Max));
            default:
                return change(node);
        }
    }

    private static ImmutableArray<Node> Rewrite(ImmutableArray<Node> nodes, Func<Node, Node> change)
    {
        var rewritten = ImmutableArray.CreateRange(nodes, node => Rewrite(node, change));
        return rewritten.SequenceEqual(nodes) ? nodes : rewritten;
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
