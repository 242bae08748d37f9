// Left recursion: a rule that can begin with itself, directly or through others, past elements that can be empty. A descending
// parser would call itself for ever there, so each such cycle is a fault.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Checks;

internal sealed class LeftRecursionCheck
{
    private readonly Grammar _grammar;
    private readonly FirstSets _firstSets;
    private readonly Dictionary<Rule, List<(Rule Rule, Reference By)>> _beginsWith = new();
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    public LeftRecursionCheck(Grammar grammar, FirstSets firstSets, ImmutableArray<Rule> rules)
    {
        _grammar = grammar;
        _firstSets = firstSets;
        foreach (var rule in rules)
        {
            var references = new List<(Rule, Reference)>();
            AddLeading(rule.Definition, references);
            _beginsWith.Add(rule, references);
        }

        DropWhatReachesNoCycle();
    }

    /// <summary>Adds the shortest cycle through <paramref name="rule"/>, unless the same rules were reported as one
    /// before.</summary>
    public void Report(Rule rule, ImmutableArray<Fault>.Builder faults)
    {
        if (ShortestCycle(rule) is not var (cycle, by))
            return;
        if (!_reported.Add(string.Join("\n", cycle.Select(r => r.Name).OrderBy(name => name, StringComparer.Ordinal))))
            return;
        var path = string.Join(" -> ", cycle.Select(r => r.Name)) + " -> " + rule.Name;
        faults.Add(new Fault(DiagnosticIds.LeftRecursion, by.At, rule.Name, path));
    }

    /// <summary>Breadth first from the rule back to it: the rules of the cycle, the rule first, and its reference into
    /// it.</summary>
    private (List<Rule> Cycle, Reference By)? ShortestCycle(Rule start)
    {
        var cameFrom = new Dictionary<Rule, (Rule From, Reference By)>();
        var waiting = new Queue<Rule>();
        waiting.Enqueue(start);
        while (waiting.Count > 0)
        {
            var rule = waiting.Dequeue();
            foreach (var (next, by) in _beginsWith[rule])
            {
                if (next == start)
                {
                    var cycle = new List<Rule> { rule };
                    var first = by;
                    while (cycle[cycle.Count - 1] != start)
                    {
                        (var from, first) = cameFrom[cycle[cycle.Count - 1]];
                        cycle.Add(from);
                    }

                    cycle.Reverse();
                    return (cycle, first);
                }

                if (cameFrom.ContainsKey(next))
                    continue;
                cameFrom.Add(next, (rule, by));
                waiting.Enqueue(next);
            }
        }

        return null;
    }

    /// <summary>Takes away, from the ends inwards, the rules that begin with no remaining rule: in a sound grammar all of them,
    /// so that nothing is left to search.</summary>
    private void DropWhatReachesNoCycle()
    {
        var begunBy = new Dictionary<Rule, List<Rule>>();
        var remaining = new Dictionary<Rule, int>();
        var ends = new Stack<Rule>();
        foreach (var entry in _beginsWith)
        {
            remaining.Add(entry.Key, entry.Value.Count);
            if (entry.Value.Count == 0)
                ends.Push(entry.Key);
            foreach (var (next, _) in entry.Value)
            {
                if (!begunBy.TryGetValue(next, out var rules))
                    begunBy.Add(next, rules = new List<Rule>());
                rules.Add(entry.Key);
            }
        }

        while (ends.Count > 0)
        {
            var end = ends.Pop();
            _beginsWith[end].Clear();
            if (!begunBy.TryGetValue(end, out var rules))
                continue;
            foreach (var rule in rules)
            {
                if (--remaining[rule] == 0)
                    ends.Push(rule);
            }
        }
    }

    /// <summary>Adds the references that can come first in <paramref name="node"/>.</summary>
    private void AddLeading(Node node, List<(Rule, Reference)> references)
    {
        switch (node)
        {
            case Alternation alternation:
                foreach (var alternative in alternation.Alternatives)
                    AddLeading(alternative, references);
                break;
            case Concatenation concatenation:
                foreach (var element in concatenation.Elements)
                {
                    AddLeading(element, references);
                    if (!_firstSets.IsNullable(element))
                        break;
                }

                break;
            case Repetition { Max: > 0 } repetition:
                AddLeading(repetition.Element, references);
                break;
            case Reference reference when _grammar.Find(reference.Name) is { IsBroken: false } rule:
                references.Add((rule, reference));
                break;
        }
    }
}
