// Choices between alternatives: one that can never be taken, and two that accept the same input.
//
// note [What is compared]
// Whole alternatives are compared as languages: two collide when some input is accepted by both from its first octet to its last.
// That is what a declaration must settle. An alternative that accepts a beginning of what another accepts is no fault: the
// matcher takes the longer one where the rest of the rule asks for it.
//
// Where the first octets differ there is nothing to compare, which settles most choices without an automaton. Where an
// alternative has no automaton (it is recursive, refers to an undefined rule or to prose, or is too large) only the first octets
// and the empty input are compared, and an overlap of first octets alone proves nothing, so nothing is said.
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Checks;

internal sealed class ChoiceCheck
{
    /// <summary>States of an alternative's automaton. The largest in SIP that is compared, a Digest challenge, has about
    /// 800.</summary>
    private const int MaxStates = 1_000;

    /// <summary>Pairs of states that one comparison may reach: keeps it within tens of milliseconds. Two automata of MaxStates
    /// could come to ten times as many, but automata of grammars, which differ soon or not at all, come to a few
    /// thousand.</summary>
    private const int MaxStatePairs = 100_000;

    /// <summary>Alternatives of one choice that are compared, each with each; SIP's longest, its headers, has about
    /// 130.</summary>
    private const int MaxAlternatives = 256;

    private readonly FirstSets _firstSets;
    private readonly DfaBuilder _automata;
    private readonly ImmutableArray<Fault>.Builder _faults;

    public ChoiceCheck(Grammar grammar, FirstSets firstSets, ImmutableArray<Fault>.Builder faults)
    {
        _firstSets = firstSets;
        _automata = new DfaBuilder(grammar, MaxStates);
        _faults = faults;
    }

    /// <summary>Adds at most one fault for each alternative: that it can never match, or that it collides with earlier ones, with
    /// the shortest input of any such pair.</summary>
    public void Report(Rule rule, Alternation alternation)
    {
        var alternatives = alternation.Alternatives.Take(MaxAlternatives).Select(node => new Alternative(node, this)).ToArray();
        for (var later = 1; later < alternatives.Length; later++)
        {
            var colliding = new List<(Alternative Earlier, byte[] Word)>();
            for (var earlier = 0; earlier < later; earlier++)
            {
                if (alternatives[earlier].ShortestCommonWord(alternatives[later]) is { } word)
                    colliding.Add((alternatives[earlier], word));
            }

            if (colliding.Count == 0)
                continue;
            var alternative = alternatives[later];
            if (Covering(alternative, colliding) is { } covering)
            {
                _faults.Add(new Fault(
                    DiagnosticIds.UnreachableAlternative, alternative.Node.At,
                    rule.Name, Quotation.Of(alternative.Node), covering));
            }
            else
            {
                var (earlier, word) = colliding.Aggregate((best, next) => next.Word.Length < best.Word.Length ? next : best);
                _faults.Add(new Fault(
                    DiagnosticIds.AmbiguousChoice, alternative.Node.At, rule.Name, Quotation.Of(earlier.Node),
                    Quotation.Of(alternative.Node), Quotation.OfInput(word)));
            }
        }
    }

    /// <summary>The earlier alternative, or all of them in words, that leave nothing for this one; null where something is
    /// left.</summary>
    private string? Covering(Alternative alternative, List<(Alternative Earlier, byte[] Word)> colliding)
    {
        if (alternative.Automaton is not { } automaton)
            return null;
        foreach (var (earlier, _) in colliding)
        {
            if (earlier.Automaton is { } one && IsIncluded(automaton, one))
                return Quotation.Of(earlier.Node);
        }

        // Only alternatives that collide can cover a part of this one.
        var nodes = colliding.Select(pair => pair.Earlier.Node).ToImmutableArray();
        if (nodes.Length < 2 || !_automata.TryBuild(new Alternation(nodes[0].At, nodes), out var union))
            return null;
        return IsIncluded(automaton, union) ? string.Join(" or ", nodes.Select(Quotation.Of)) : null;
    }

    private static bool IsIncluded(Dfa inner, Dfa outer) =>
        inner.TryFindWordNotIn(outer, MaxStatePairs, out var word) && word is null;

    /// <summary>One alternative; its automaton is built only when its first octets do not settle the question.</summary>
    private sealed class Alternative(Node node, ChoiceCheck check)
    {
        private Dfa? _automaton;
        private bool _tried;

        public Node Node => node;

        private ByteSet First { get; } = check._firstSets.First(node);

        private bool IsNullable { get; } = check._firstSets.IsNullable(node);

        public Dfa? Automaton
        {
            get
            {
                if (!_tried)
                {
                    _tried = true;
                    check._automata.TryBuild(node, out _automaton!);
                }

                return _automaton;
            }
        }

        /// <summary>The shortest input that both accept; null where there is none or none is known.</summary>
        public byte[]? ShortestCommonWord(Alternative other)
        {
            if (IsNullable && other.IsNullable)
                return [];
            if (!First.Overlaps(other.First) || Automaton is not { } mine || other.Automaton is not { } others)
                return null;
            mine.TryFindCommonWord(others, MaxStatePairs, out var word);
            return word;
        }
    }
}
