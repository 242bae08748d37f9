// Builds the automata of a grammar's nodes and remembers those of its rules: a rule referenced a hundred times is built once, and
// comes into the others as its minimal automaton.
using System;
using System.Collections.Generic;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Automata;

internal sealed class DfaBuilder
{
    /// <summary>Copies that a counted repetition may unfold to. The largest count in the SIP and SDP grammars is 255.</summary>
    public const int MaxUnfoldedCopies = 512;

    /// <summary>States of a nondeterministic automaton, after the rules in it were minimised: bounds the work on one node. All
    /// of the SIP headers stay below a tenth of it.</summary>
    private const int MaxNfaStates = 40_000;

    /// <summary>Rules and groups within one another. SIP's stay below 60; the limit keeps a chain of thousands of rules off the
    /// end of the stack.</summary>
    private const int MaxDepth = 600;

    /// <summary>How many times larger than its minimum an automaton may be while it is built.</summary>
    private const int GrowthBeforeMinimisation = 4;

    private readonly Grammar _grammar;
    private readonly int _maxStates;
    private readonly Dictionary<string, Dfa?> _ofRule = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _open = new(StringComparer.OrdinalIgnoreCase);
    private int _depth;

    /// <param name="maxStates">The most states that any automaton built here may have.</param>
    public DfaBuilder(Grammar grammar, int maxStates)
    {
        _grammar = grammar;
        _maxStates = maxStates;
    }

    /// <summary>As <see cref="Dfa.TryBuild"/>.</summary>
    public bool TryBuild(Node node, out Dfa dfa)
    {
        dfa = (node is Reference reference ? OfRule(reference.Name) : Build(node))!;
        return dfa is not null;
    }

    private Dfa? OfRule(string name)
    {
        if (_ofRule.TryGetValue(name, out var known))
            return known;
        if (!_open.Add(name))
            return null; // the rule has reached itself
        var rule = _grammar.Find(name);
        var dfa = rule is null || rule.IsBroken ? null : Build(rule.Definition);
        _open.Remove(name);
        _ofRule.Add(name, dfa);
        return dfa;
    }

    private Dfa? Build(Node node)
    {
        var nfa = new Nfa(MaxNfaStates);
        var start = nfa.AddState();
        var end = nfa.AddState();
        if (!Add(nfa, start, node, end) || nfa.IsTooLarge)
            return null;
        var dfa = nfa.Determinise(start, end, _maxStates * GrowthBeforeMinimisation)?.Minimise();
        return dfa is not null && dfa.States.Length <= _maxStates ? dfa : null;
    }

    /// <summary>Adds everything <paramref name="node"/> accepts between two states; false where it is not regular.</summary>
    private bool Add(Nfa nfa, int from, Node node, int to)
    {
        if (nfa.IsTooLarge || _depth == MaxDepth)
            return false;
        _depth++;
        var isRegular = AddParts(nfa, from, node, to);
        _depth--;
        return isRegular;
    }

    private bool AddParts(Nfa nfa, int from, Node node, int to)
    {
        switch (node)
        {
            case Alternation alternation:
                foreach (var alternative in alternation.Alternatives)
                {
                    if (!Add(nfa, from, alternative, to))
                        return false;
                }

                return true;
            case Concatenation concatenation:
                var at = from;
                for (var i = 0; i < concatenation.Elements.Length; i++)
                {
                    var next = i == concatenation.Elements.Length - 1 ? to : nfa.AddState();
                    if (!Add(nfa, at, concatenation.Elements[i], next))
                        return false;
                    at = next;
                }

                if (concatenation.Elements.IsEmpty)
                    nfa.AddStep(from, to);
                return true;
            case Repetition repetition:
                return AddRepetition(nfa, from, repetition, to);
            case Reference reference:
                if (OfRule(reference.Name) is not { } dfa)
                    return false;
                nfa.AddDfa(from, dfa, to);
                return true;
            case Literal literal:
                at = from;
                for (var i = 0; i < literal.Text.Length; i++)
                {
                    var next = i == literal.Text.Length - 1 ? to : nfa.AddState();
                    var octet = (byte)literal.Text[i];
                    nfa.AddStep(at, literal.CaseSensitive ? ByteSet.Of(octet) : ByteSet.OfIgnoringCase(octet), next);
                    at = next;
                }

                if (literal.Text.Length == 0)
                    nfa.AddStep(from, to);
                return true;
            case OctetRange range:
                nfa.AddStep(from, ByteSet.Range(range.From, range.To), to);
                return true;
            default:
                return false; // prose: nobody knows what it accepts
        }
    }

    // n copies, then either a loop or m - n copies that may each be the last.
    private bool AddRepetition(Nfa nfa, int from, Repetition repetition, int to)
    {
        var isUnbounded = repetition.Max == Repetition.Unbounded;
        if ((isUnbounded ? repetition.Min : repetition.Max) > MaxUnfoldedCopies)
            return false;

        // The element is minimised by itself once, unless it is so small that copies of it cost nothing.
        Dfa? element = null;
        if (repetition.Element is Alternation or Concatenation or Repetition && (element = Build(repetition.Element)) is null)
            return false;

        // States of its own at both ends: an alternative beside the repetition must not enter or leave by its loop.
        var at = nfa.AddState();
        nfa.AddStep(from, at);
        for (var i = 0; i < repetition.Min; i++)
        {
            if (!AddElement(ref at))
                return false;
        }

        if (isUnbounded)
        {
            var loop = nfa.AddState();
            nfa.AddStep(at, loop);
            var back = loop;
            if (!AddElement(ref back))
                return false;
            nfa.AddStep(back, loop);
            at = loop;
        }
        else
        {
            for (var i = repetition.Min; i < repetition.Max; i++)
            {
                nfa.AddStep(at, to);
                if (!AddElement(ref at))
                    return false;
            }
        }

        nfa.AddStep(at, to);
        return true;

        bool AddElement(ref int state)
        {
            var next = nfa.AddState();
            if (element is not null)
                nfa.AddDfa(state, element, next);
            else if (!Add(nfa, state, repetition.Element, next))
                return false;
            state = next;
            return !nfa.IsTooLarge;
        }
    }
}
