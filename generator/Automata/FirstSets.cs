// FIRST and nullability of any node, recursive rules included: where a Dfa cannot be built, this is what is still known.
using System;
using System.Collections.Generic;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Automata;

/// <summary>What the first octet of an accepted input can be, and whether the empty input is accepted: exact, by a fixed point
/// over all rules, save that an undefined or damaged rule and a prose value begin with any octet and are never empty.</summary>
internal sealed class FirstSets
{
    private readonly Dictionary<string, (ByteSet First, bool IsNullable)> _ofRule = new(StringComparer.OrdinalIgnoreCase);
    private readonly Grammar _grammar;

    public FirstSets(Grammar grammar)
    {
        _grammar = grammar;
        bool changed;
        do
        {
            changed = false;

            // Backwards, since grammars mostly define a rule before the rules that it refers to.
            for (var i = grammar.Rules.Length - 1; i >= 0; i--)
            {
                var rule = grammar.Rules[i];
                if (rule.IsBroken)
                    continue;
                _ofRule.TryGetValue(rule.Name, out var before);
                var after = Of(rule.Definition);
                if (after == before)
                    continue;
                _ofRule[rule.Name] = after;
                changed = true;
            }
        }
        while (changed);
    }

    /// <summary>The octets with which an input accepted by <paramref name="node"/> can begin.</summary>
    public ByteSet First(Node node) => Of(node).First;

    /// <summary>True where <paramref name="node"/> accepts the empty input.</summary>
    public bool IsNullable(Node node) => Of(node).IsNullable;

    /// <summary>True where <paramref name="node"/> accepts the empty input and no other.</summary>
    public bool IsAlwaysEmpty(Node node) => Of(node) is { First.IsEmpty: true, IsNullable: true };

    private (ByteSet First, bool IsNullable) Of(Node node)
    {
        switch (node)
        {
            case Alternation alternation:
                var first = ByteSet.Empty;
                var isNullable = false;
                foreach (var alternative in alternation.Alternatives)
                {
                    var of = Of(alternative);
                    first |= of.First;
                    isNullable |= of.IsNullable;
                }

                return (first, isNullable);
            case Concatenation concatenation:
                first = ByteSet.Empty;
                foreach (var element in concatenation.Elements)
                {
                    var of = Of(element);
                    first |= of.First;
                    if (!of.IsNullable)
                        return (first, false);
                }

                return (first, true);
            case Repetition repetition:
                var inner = Of(repetition.Element);
                return (repetition.Max == 0 ? ByteSet.Empty : inner.First, repetition.Min == 0 || inner.IsNullable);
            case Reference reference:
                if (_grammar.Find(reference.Name) is not { IsBroken: false })
                    return (ByteSet.All, false);
                _ofRule.TryGetValue(reference.Name, out var known);
                return known;
            case Literal literal:
                if (literal.Text.Length == 0)
                    return (ByteSet.Empty, true);
                var octet = (byte)literal.Text[0];
                return (literal.CaseSensitive ? ByteSet.Of(octet) : ByteSet.OfIgnoringCase(octet), false);
            case OctetRange range:
                return (ByteSet.Range(range.From, range.To), false);
            default:
                return (ByteSet.All, false);
        }
    }
}
