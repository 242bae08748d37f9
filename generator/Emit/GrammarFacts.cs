// What the emitter asks of a grammar: which rules recur, what can begin a node, what can end it, which leniencies it reaches, and
// the automaton of a part that is regular. Everything is worked out once and kept.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal sealed class GrammarFacts
{
    /// <summary>The most states of a part that is matched as an automaton: above it a rule is matched by descent. A table row's state is one octet.</summary>
    public const int MaxLeafStates = 250;

    private readonly Dictionary<string, uint> _lenientFlags;
    private readonly Dictionary<Node, bool> _nullable = [];
    private readonly Dictionary<Node, ByteSet> _first = [];
    private readonly Dictionary<Node, ByteSet> _last = [];
    private readonly Dictionary<Node, uint> _lenient = [];
    private readonly Dictionary<(Node, uint), Dfa?> _leaves = [];
    private readonly Dictionary<uint, Grammar> _without = [];
    private readonly Dictionary<uint, DfaBuilder> _builders = [];

    public GrammarFacts(Grammar grammar, IEnumerable<LenientRule> lenient)
    {
        Grammar = grammar;
        _lenientFlags = new Dictionary<string, uint>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in lenient)
            _lenientFlags[rule.Rule] = rule.Flag;
        RuleIds = grammar.Rules.Select((rule, index) => (rule.Name, Id: index + 1))
            .ToDictionary(pair => pair.Name, pair => pair.Id, StringComparer.OrdinalIgnoreCase);
        Fixpoint();
    }

    public Grammar Grammar { get; }

    /// <summary>The number of each rule in the table of names; 0 is no rule.</summary>
    public IReadOnlyDictionary<string, int> RuleIds { get; }

    public bool Nullable(Node node) => Compute(node, _nullable, NullableOf);

    /// <summary>The octets with which a match of the node can begin.</summary>
    public ByteSet First(Node node) => Compute(node, _first, FirstOf);

    /// <summary>The octets with which a match of the node can end.</summary>
    public ByteSet Last(Node node) => Compute(node, _last, LastOf);

    /// <summary>The flags of all lenient rules that the node can reach.</summary>
    public uint LenientMask(Node node) => Compute(node, _lenient, LenientOf);

    /// <summary>The flag of a lenient rule's reference, or 0.</summary>
    public uint LenientFlag(Node node) => node is Reference reference && _lenientFlags.TryGetValue(reference.Name, out uint flag) ? flag : 0;

    /// <summary>The automaton of a node with exactly these leniencies on, or null where it is not regular or too large.</summary>
    public Dfa? Leaf(Node node, uint allow)
    {
        allow &= LenientMask(node);
        if (_leaves.TryGetValue((node, allow), out var known))
            return known;
        if (!_builders.TryGetValue(allow, out var builder))
            _builders[allow] = builder = new DfaBuilder(WithOnly(allow), MaxLeafStates);
        // A rule's definition comes here as the grammar's own node: what it may not use goes from it as it goes from the rules below it.
        var allowed = node is Alternation alternation && !alternation.Alternatives.All(a => IsAllowed(a, allow)) ? Simplify(alternation, a => IsAllowed(a, allow)) : node;
        return _leaves[(node, allow)] = builder.TryBuild(allowed, out var built) ? built : null;
    }

    public bool IsLeaf(Node node) => Subsets(LenientMask(node)).All(allow => Leaf(node, allow) is not null);

    /// <summary>All subsets of a mask's flags, the empty one first.</summary>
    public static IEnumerable<uint> Subsets(uint mask)
    {
        uint subset = 0;
        do
        {
            yield return subset;
            subset = subset - mask & mask;
        }
        while (subset != 0);
    }

    // The grammar with the lenient rules that are not allowed taken out of the alternations they were added to.
    private Grammar WithOnly(uint allow)
    {
        if (_lenientFlags.Count == 0)
            return Grammar;
        if (_without.TryGetValue(allow, out var known))
            return known;
        var rules = Grammar.Rules.Select(rule => rule.Definition is Alternation alternation
            && !alternation.Alternatives.All(a => IsAllowed(a, allow))
            ? new Rule(rule.Name, Simplify(alternation, a => IsAllowed(a, allow)), rule.At, rule.IsCore)
            : rule);
        return _without[allow] = new Grammar([.. rules]);
    }

    private bool IsAllowed(Node alternative, uint allow) => LenientFlag(alternative) is var flag && (flag == 0 || (flag & allow) != 0);

    private static Node Simplify(Alternation alternation, Func<Node, bool> keep)
    {
        ImmutableArray<Node> kept = [.. alternation.Alternatives.Where(keep)];
        return kept.Length == 1 ? kept[0] : new Alternation(alternation.At, kept);
    }

    private static T Compute<T>(Node node, Dictionary<Node, T> known, Func<Node, T> compute)
    {
        if (!known.TryGetValue(node, out var value))
            known[node] = value = compute(node);
        return value;
    }

    // Rules that recur need a fixpoint: start from nothing and repeat until nothing grows.
    private void Fixpoint()
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (var rule in Grammar.Rules)
            {
                var node = rule.Definition;
                changed |= Grow(_nullableRules, rule.Name, NullableOf(node));
                changed |= Grow(_firstRules, rule.Name, FirstOf(node));
                changed |= Grow(_lastRules, rule.Name, LastOf(node));
                changed |= Grow(_lenientRules, rule.Name, LenientOf(node));
            }
            _nullable.Clear();
            _first.Clear();
            _last.Clear();
            _lenient.Clear();
        }
    }

    private readonly Dictionary<string, bool> _nullableRules = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ByteSet> _firstRules = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ByteSet> _lastRules = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, uint> _lenientRules = new(StringComparer.OrdinalIgnoreCase);

    private static bool Grow<T>(Dictionary<string, T> known, string rule, T value) where T : IEquatable<T>
    {
        if (known.TryGetValue(rule, out var before) && before.Equals(value))
            return false;
        known[rule] = value;
        return true;
    }

    private static T OfRule<T>(Dictionary<string, T> known, string rule) where T : struct => known.TryGetValue(rule, out var value) ? value : default;

    private bool NullableOf(Node node) => node switch
    {
        Alternation a => a.Alternatives.Any(NullableOf),
        Concatenation c => c.Elements.All(NullableOf),
        Repetition r => r.Min == 0 || NullableOf(r.Element),
        Reference r => OfRule(_nullableRules, r.Name),
        Literal l => l.Text.Length == 0,
        _ => false,
    };

    private ByteSet FirstOf(Node node)
    {
        switch (node)
        {
            case Alternation a:
                return a.Alternatives.Aggregate(ByteSet.Empty, (set, item) => set | FirstOf(item));
            case Concatenation c:
                return Edge(c.Elements, FirstOf);
            case Repetition r:
                return FirstOf(r.Element);
            case Reference r:
                return OfRule(_firstRules, r.Name);
            default:
                return Terminal(node, first: true);
        }
    }

    private ByteSet LastOf(Node node)
    {
        switch (node)
        {
            case Alternation a:
                return a.Alternatives.Aggregate(ByteSet.Empty, (set, item) => set | LastOf(item));
            case Concatenation c:
                return Edge(c.Elements.Reverse(), LastOf);
            case Repetition r:
                return LastOf(r.Element);
            case Reference r:
                return OfRule(_lastRules, r.Name);
            default:
                return Terminal(node, first: false);
        }
    }

    private ByteSet Edge(IEnumerable<Node> elements, Func<Node, ByteSet> set)
    {
        var union = ByteSet.Empty;
        foreach (var element in elements)
        {
            union |= set(element);
            if (!NullableOf(element))
                break;
        }
        return union;
    }

    private static ByteSet Terminal(Node node, bool first) => node switch
    {
        Literal { Text.Length: 0 } => ByteSet.Empty,
        Literal l when l.CaseSensitive => ByteSet.Of((byte)l.Text[first ? 0 : l.Text.Length - 1]),
        Literal l => ByteSet.OfIgnoringCase((byte)l.Text[first ? 0 : l.Text.Length - 1]),
        OctetRange r => ByteSet.Range(r.From, r.To),
        _ => ByteSet.Empty,
    };

    private uint LenientOf(Node node) => node switch
    {
        Alternation a => a.Alternatives.Aggregate(0u, (mask, item) => mask | LenientOf(item)),
        Concatenation c => c.Elements.Aggregate(0u, (mask, item) => mask | LenientOf(item)),
        Repetition r => LenientOf(r.Element),
        Reference r => LenientFlag(r) | OfRule(_lenientRules, r.Name),
        _ => 0,
    };
}
