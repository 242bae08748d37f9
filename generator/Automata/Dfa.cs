// The minimal deterministic automaton of a regular part of a grammar. It answers what a predictive parser must know before it is
// written (may these two alternatives accept the same input? which input?), matches small leaves, and makes test inputs.
//
// Every state of a Dfa is reachable and can reach acceptance; a missing transition means that no continuation is accepted.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Automata;

/// <summary>A step on any octet of <see cref="On"/>.</summary>
internal readonly record struct DfaTransition(ByteSet On, int Target);

/// <summary>A state; its transitions are disjoint, one a target, in the order of their least octets.</summary>
internal sealed class DfaState(bool isAccepting, ImmutableArray<DfaTransition> transitions)
{
    public bool IsAccepting { get; } = isAccepting;

    public ImmutableArray<DfaTransition> Transitions { get; } = transitions;

    /// <summary>Every octet on which the state has a transition.</summary>
    public ByteSet Octets
    {
        get
        {
            var octets = ByteSet.Empty;
            foreach (var step in Transitions)
                octets |= step.On;
            return octets;
        }
    }
}

internal sealed class Dfa
{
    /// <summary>The number of no state: <see cref="Next"/> returns it where an octet has no transition.</summary>
    public const int Dead = -1;

    /// <summary>The number of the start state.</summary>
    public const int Start = 0;

    private readonly byte[] _classOf;
    private readonly int _classCount;
    private readonly int[] _table;

    /// <param name="table">The target of each state and class, <paramref name="states"/> as a table.</param>
    internal Dfa(ImmutableArray<DfaState> states, ByteClasses classes, int[] table)
    {
        States = states;
        _classOf = classes.ClassOf;
        _classCount = classes.Count;
        _table = table;
    }

    /// <summary>The states; <see cref="Start"/> is the first.</summary>
    public ImmutableArray<DfaState> States { get; }

    /// <summary>True where the empty input is accepted.</summary>
    public bool AcceptsEmpty => States[Start].IsAccepting;

    /// <summary>The octets with which an accepted input can begin (FIRST).</summary>
    public ByteSet First => States[Start].Octets;

    /// <summary>The octets that can follow an accepted input inside a longer accepted one. Where none of them can come next in
    /// the input, the longest match is the only one.</summary>
    public ByteSet Continuing
    {
        get
        {
            var octets = ByteSet.Empty;
            foreach (var state in States)
            {
                if (state.IsAccepting)
                    octets |= state.Octets;
            }

            return octets;
        }
    }

    /// <summary>True where the language is finite: no state can come back to itself.</summary>
    public bool IsFinite => LongestWordLength >= 0;

    /// <summary>The length in octets of the longest accepted input, or -1 where there is no longest.</summary>
    public int LongestWordLength
    {
        get
        {
            var longest = new int[States.Length];
            var entered = new bool[States.Length];
            var left = new bool[States.Length];
            return Longest(Start);

            int Longest(int state)
            {
                if (left[state])
                    return longest[state];
                if (entered[state])
                    return -1;
                entered[state] = true;
                foreach (var step in States[state].Transitions)
                {
                    var rest = Longest(step.Target);
                    if (rest < 0)
                        return -1;
                    longest[state] = Math.Max(longest[state], rest + 1);
                }

                left[state] = true;
                return longest[state];
            }
        }
    }

    /// <summary>The automaton of <paramref name="node"/>, literals without case unless they say otherwise.</summary>
    /// <param name="maxStates">The most states that the result may have.</param>
    /// <returns>False, and <paramref name="dfa"/> null, where a rule reaches itself through references (not regular by
    /// inspection), is undefined, damaged or prose, or where the automaton grows too large. To build many automata over one
    /// grammar keep a <see cref="DfaBuilder"/>, which remembers those of the rules.</returns>
    public static bool TryBuild(Grammar grammar, Node node, int maxStates, out Dfa dfa) =>
        new DfaBuilder(grammar, maxStates).TryBuild(node, out dfa);

    /// <summary>The state after <paramref name="octet"/>, or <see cref="Dead"/>.</summary>
    public int Next(int state, byte octet) => _table[state * _classCount + _classOf[octet]];

    /// <summary>The end of the longest accepted input that begins at <paramref name="start"/>, or -1 where none does; it is
    /// <paramref name="start"/> itself where only the empty input is accepted.</summary>
    public int Run(ReadOnlySpan<byte> input, int start = 0)
    {
        var state = Start;
        var end = States[state].IsAccepting ? start : -1;
        for (var at = start; at < input.Length; at++)
        {
            state = Next(state, input[at]);
            if (state == Dead)
                break;
            if (States[state].IsAccepting)
                end = at + 1;
        }

        return end;
    }

    /// <summary>True where the whole input is accepted.</summary>
    public bool Accepts(ReadOnlySpan<byte> input)
    {
        var state = Start;
        foreach (var octet in input)
        {
            state = Next(state, octet);
            if (state == Dead)
                return false;
        }

        return States[state].IsAccepting;
    }

    /// <summary>A shortest accepted input, and of those the most readable.</summary>
    public byte[] ShortestWord()
    {
        WordSearch.TryFind(this, null, (a, _) => a, int.MaxValue, out var word);
        return word!; // no automaton is built of a language without words
    }

    /// <summary>A shortest input that both accept, and of those the most readable; null where there is none.</summary>
    public byte[]? ShortestCommonWord(Dfa other)
    {
        TryFindCommonWord(other, int.MaxValue, out var word);
        return word;
    }

    /// <summary>A shortest input that this accepts and <paramref name="other"/> does not; null where there is none.</summary>
    public byte[]? ShortestWordNotIn(Dfa other)
    {
        TryFindWordNotIn(other, int.MaxValue, out var word);
        return word;
    }

    /// <summary>As <see cref="ShortestCommonWord"/>; false, nothing being known, where the search passes
    /// <paramref name="maxPairs"/> pairs of states (at worst it comes to the product of both).</summary>
    public bool TryFindCommonWord(Dfa other, int maxPairs, out byte[]? word) =>
        WordSearch.TryFind(this, other, (a, b) => a && b, maxPairs, out word);

    /// <summary>As <see cref="ShortestWordNotIn"/>, within a limit as <see cref="TryFindCommonWord"/>.</summary>
    public bool TryFindWordNotIn(Dfa other, int maxPairs, out byte[]? word) =>
        WordSearch.TryFind(this, other, (a, b) => a && !b, maxPairs, out word);

    /// <summary>True where some input is accepted by both.</summary>
    public bool Intersects(Dfa other) => ShortestCommonWord(other) is not null;

    /// <summary>True where <paramref name="other"/> accepts everything that this accepts.</summary>
    public bool IsSubsetOf(Dfa other) => ShortestWordNotIn(other) is null;

    /// <summary>True where both accept the same inputs.</summary>
    public bool IsEquivalentTo(Dfa other)
    {
        if (States.Length != other.States.Length)
            return false;
        for (var i = 0; i < States.Length; i++)
        {
            var mine = States[i];
            var others = other.States[i];
            if (mine.IsAccepting != others.IsAccepting || !mine.Transitions.AsSpan().SequenceEqual(others.Transitions.AsSpan()))
                return false;
        }

        return true;
    }

    /// <summary>The class of an octet: octets of one class behave alike in every state.</summary>
    internal int ClassOf(byte octet) => _classOf[octet];

    internal int ClassCount => _classCount;
}
