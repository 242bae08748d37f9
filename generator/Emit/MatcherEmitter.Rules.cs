// The shared matchers of a grammar: a rule that is regular as automata, one for each setting of the leniencies it reaches, and as groups told by
// the first octet; any other rule by descent.
using System.Collections.Generic;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;

namespace SipEmbedded.Generator.Emit;

internal sealed partial class MatcherEmitter
{
    /// <summary>Emits the shared matcher of a rule, with everything it needs that is not itself a rule.</summary>
    public void EmitRule(Rule rule, string method)
    {
        _owner = method;
        _ruleId = Number(_facts.RuleIds[rule.Name]);
        var node = rule.Definition;
        uint mask = _facts.LenientMask(node);
        _code.Line($"// {rule.Name} = {rule.Definition}");
        if (_facts.IsLeaf(node))
            EmitLeafMethods(method, node, mask, "internal");
        else if (RefersTo(node, rule.Name))
            EmitNestingRule(rule, method, mask != 0);
        else
            EmitDescent(method, node, null, Follow.Unknown, mask != 0, "internal");
        Drain();
    }

    // note [nesting is bounded]
    // A rule that contains itself (RFC 3261's comment) is matched by a method that calls itself. How deep, the sender would choose, and a datagram of
    // "(" would end the process: a stack cannot be caught. Beyond MaxNesting the rule does not match.
    private const int MaxNesting = 32;

    private void EmitNestingRule(Rule rule, string method, bool takesAllow)
    {
        string allow = takesAllow ? ", uint allow" : "", pass = takesAllow ? ", allow" : "";
        _code.Line($"internal static int {method}(ReadOnlySpan<byte> s, int p{allow}) => {method}Nested(s, p{pass}, depth: 0);").Line();
        _context.Nesting = (rule.Name, method + "Nested");
        EmitDescent(method + "Nested", rule.Definition, null, Follow.Unknown, takesAllow, "private");
        Drain();
        _context.Nesting = null;
    }

    private static bool RefersTo(Node node, string rule) => node switch
    {
        Alternation a => a.Alternatives.Any(item => RefersTo(item, rule)),
        Concatenation c => c.Elements.Any(item => RefersTo(item, rule)),
        Repetition r => RefersTo(r.Element, rule),
        Reference r => string.Equals(r.Name, rule, System.StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private void Drain()
    {
        while (_pending.Count > 0)
            _pending.Dequeue()();
    }

    // A leaf with leniencies has an automaton for each subset of them; the usual case is one flag, two automata.
    private void EmitLeafMethods(string method, Node node, uint mask, string access)
    {
        if (mask == 0)
        {
            EmitLeaf(method, node, 0, access);
            return;
        }
        // Subsets that make no difference share one automaton (a host name inside gen-value is a token anyway).
        var distinct = new List<(uint Subset, Dfa Words)>();
        var shared = new Dictionary<uint, uint>();
        foreach (uint subset in GrammarFacts.Subsets(mask))
        {
            var words = _facts.Leaf(node, subset)!;
            var same = distinct.Where(d => d.Words.IsEquivalentTo(words)).ToList();
            if (same.Count == 0)
                distinct.Add((subset, words));
            shared[subset] = same.Count == 0 ? subset : same[0].Subset;
        }
        _code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        _code.Open($"{access} static int {method}(ReadOnlySpan<byte> s, int p, uint allow)");
        // All leniencies on, or all off, is what callers mostly want.
        if (distinct.Count > 1)
            _code.Then($"if ((allow & 0x{mask:X}) == 0x{mask:X})", $"return {method}_{shared[mask]:X}(s, p);");
        foreach (uint subset in GrammarFacts.Subsets(mask).Where(subset => subset != 0 && subset != mask && shared[subset] != shared[0]))
            _code.Then($"if ((allow & 0x{mask:X}) == 0x{subset:X})", $"return {method}_{shared[subset]:X}(s, p);");
        _code.Line($"return {method}_{shared[0]:X}(s, p);").Close().Line();
        foreach (var (subset, _) in distinct)
            EmitLeaf($"{method}_{subset:X}", node, subset, "private");
    }

    private void EmitLeaf(string method, Node node, uint allow, string access)
    {
        var dfa = _facts.Leaf(node, allow)!;
        if (dfa.States.Length <= 2)
            _code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        else if (EmitGroups(method, node, allow, access, dfa))
            return;
        var separator = new CodeWriter();
        if (_leaves.TryEmitSeparator(separator, dfa, method + "Spaced", _ruleId))
        {
            _code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
            _code.Open($"{access} static int {method}(ReadOnlySpan<byte> s, int p)").Block(separator.ToString().TrimEnd('\n')).Close().Line();
            method += "Spaced";
            access = "private";
        }
        _code.Open($"{access} static int {method}(ReadOnlySpan<byte> s, int p)");
        _leaves.EmitBody(_code, dfa, _ruleId);
        _code.Close().Line();
    }

    // note [groups by first octet]
    // A choice whose alternatives fall into groups that no octet can begin in common (host: a name or an IPv4 address, and an IPv6 address in
    // brackets) is told by that octet; each group is an automaton of its own, mostly a small one or a mere run.
    private bool EmitGroups(string method, Node node, uint allow, string access, Dfa dfa)
    {
        if (dfa.AcceptsEmpty || dfa.States.Length < 6)
            return false;
        var groups = new List<(ByteSet First, List<Node> Alternatives)>();
        foreach (var alternative in Flatten(node, allow, 0))
        {
            var first = _facts.Leaf(alternative, allow)!.First;
            var joined = groups.Where(g => g.First.Overlaps(first)).ToList();
            var merged = (joined.Aggregate(first, (set, g) => set | g.First), joined.SelectMany(g => g.Alternatives).Append(alternative).ToList());
            groups.RemoveAll(joined.Contains);
            groups.Add(merged);
        }
        if (groups.Count < 2)
            return false;
        // The run that most inputs are is tried in line, whatever else the octet may begin is left to a call.
        groups.Sort((x, y) => y.First.Count.CompareTo(x.First.Count));
        var run = LeafEmitter.AsRun(_facts.Leaf(GroupOf(groups[0].Alternatives), allow)!);
        string rest = run is null ? method : method + "Else";
        if (run is { } octets)
        {
            _code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
            _code.Open($"{access} static int {method}(ReadOnlySpan<byte> s, int p)");
            _code.Line($"int end = {_sets.EndOfRun(octets, "p")};").Line($"return end > p ? end : {rest}(s, p);").Close().Line();
            access = "private";
            groups.RemoveAt(0);
        }
        if (groups.Count == 1)
        {
            EmitLeaf(rest, GroupOf(groups[0].Alternatives), allow, access);
            return true;
        }
        var calls = new List<(ByteSet First, string Method)>();
        foreach (var (first, alternatives) in groups)
        {
            var group = GroupOf(alternatives);
            string part = NewMethod(method);
            string ruleId = _ruleId;
            _pending.Enqueue(() =>
            {
                _ruleId = ruleId;
                _code.Line($"// {group}");
                EmitLeaf(part, group, allow, "private");
            });
            calls.Add((first, part));
        }
        _code.Open($"{access} static int {rest}(ReadOnlySpan<byte> s, int p)");
        _code.Then("if ((uint)p >= (uint)s.Length)", $"return {Fail()};");
        _code.Line("byte c = s[p];");
        foreach (var (first, part) in calls)
            _code.Then($"if ({_sets.Test(first, "c")})", $"return {part}(s, p);");
        _code.Line($"return {Fail()};").Close().Line();
        return true;
    }

    private Node GroupOf(List<Node> alternatives) => alternatives.Count == 1 ? alternatives[0] : Choice(alternatives);

    private readonly Dictionary<string, Alternation> _choices = [];

    private Alternation Choice(List<Node> alternatives)
    {
        string key = string.Join(" / ", alternatives);
        if (!_choices.TryGetValue(key, out var choice))
            _choices[key] = choice = new Alternation(alternatives[0].At, [.. alternatives]);
        return choice;
    }

    private IEnumerable<Node> Flatten(Node node, uint allow, int depth)
    {
        if (_facts.LenientFlag(node) is not 0 and var flag && (flag & allow) == 0)
            return [];
        return node switch
        {
            Alternation a => a.Alternatives.SelectMany(item => Flatten(item, allow, depth)),
            Reference r when depth < 8 && _facts.Grammar.Find(r.Name)?.Definition is Alternation or Reference =>
                Flatten(_facts.Grammar.Find(r.Name)!.Definition, allow, depth + 1),
            _ => [node],
        };
    }
}
