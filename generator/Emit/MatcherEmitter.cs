// Emits matchers by predictive descent: a method for each rule, option and choice that is not a leaf, the production first in its
// comment. The same code serves the shared rules of a grammar and the rules of a record, which also note captures.
//
// note [what a matcher does]
// A matcher takes the text s, a position p and, where leniencies are reachable, the flags allowed; it returns the end of its match
// or a failure (MatchResult). Alternatives are tried in the order that the declarations settled, each only where its first octet fits;
// repetitions and options take what they can. A choice is final unless what follows it in the sequence cannot begin with the next octet.
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

/// <summary>The octets that can come next behind a node; not <see cref="Known"/> where the caller decides.</summary>
internal readonly record struct Follow(ByteSet Octets, bool End, bool Known)
{
    public static Follow Unknown => default;
}

internal sealed class MatcherEmitter
{
    private const string FieldsParameter = ", ref Fields f";

    private readonly GrammarContext _context;
    private readonly GrammarFacts _facts;
    private readonly RecordContext? _record;
    private readonly CodeWriter _code = new();
    private readonly HashSet<string> _methods = [];
    private readonly Queue<System.Action> _pending = new();
    private readonly LeafEmitter _leaves;
    private readonly CharacterSets _sets;
    private string _ruleId = "0";
    private string _owner = "";

    public MatcherEmitter(GrammarContext context, RecordContext? record)
    {
        _context = context;
        _facts = context.Facts;
        _record = record;
        _sets = context.Sets(inHolder: record is null);
        _leaves = new LeafEmitter(_sets);
    }

    public override string ToString() => _code.ToString();

    private string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private string Fail(string position = "p") => $"MatchResult.Fail({position}, {_ruleId})";

    // ---- Shared rules -------------------------------------------------------------------------------------------------------

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

    // ---- Records ------------------------------------------------------------------------------------------------------------

    /// <summary>Emits <c>method</c>, which matches a record's root into its fields.</summary>
    public void EmitRoot(string method, Node root, CaptureTree captures, Follow follow, string ruleName)
    {
        _owner = method + "Part";
        _ruleId = Number(_facts.RuleIds.TryGetValue(ruleName, out int id) ? id : 0);
        _code.Line($"// {ruleName} = {root}");
        EmitDescent(method, root, captures, follow, takesAllow: true, "private", inline: true);
        Drain();
    }

    private void EmitDescent(string method, Node node, CaptureTree? captures, Follow follow, bool takesAllow, string access, bool inline = false)
    {
        if (inline)
            _code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        _code.Open($"{access} static int {method}(ReadOnlySpan<byte> s, int p{(takesAllow ? ", uint allow" : "")}{(captures is null ? "" : FieldsParameter)}{(_context.Nesting is null ? "" : ", int depth")})");
        if (method == _context.Nesting?.Method)
            _code.Line("// see note [nesting is bounded]").Then($"if (depth > {Number(MaxNesting)})", $"return {Fail()};");
        if (node is Alternation alternation && !IsSimple(node, captures))
            EmitAlternation(alternation, captures, follow);
        else
        {
            EmitSequence(node is Concatenation c ? c.Elements : [node], captures, follow);
            _code.Line("return p;");
        }
        _code.Close().Line();
    }

    private bool IsSimple(Node node, CaptureTree? captures) => (captures is null || !captures.Reaches(node)) && _facts.IsLeaf(node);

    private int _parts;

    private string NewMethod(string? of = null) => (of ?? _owner) + "_" + Number(++_parts);

    /// <summary>A method for a node inside this one: its call without the position, as <c>Name(s, {p}…)</c>.</summary>
    private System.Func<string, string> Part(Node node, CaptureTree? captures, Follow follow)
    {
        bool capturing = captures is not null && captures.Reaches(node);
        uint mask = _facts.LenientMask(node);
        if (!capturing && node is Reference reference)
            return position => _context.Call(reference, position, _record is not null);
        string method = NewMethod();
        string ruleId = _ruleId;
        bool leaf = !capturing && _facts.IsLeaf(node);
        bool takesAllow = capturing || mask != 0;
        _pending.Enqueue(() =>
        {
            _ruleId = ruleId;
            _code.Line($"// {node}");
            if (leaf)
                EmitLeafMethods(method, node, mask, "private");
            else
                EmitDescent(method, node, capturing ? captures : null, follow, takesAllow, "private", inline: capturing);
        });
        string nesting = !leaf && _context.Nesting is not null ? ", depth" : "";
        return position => $"{method}(s, {position}{(takesAllow ? ", allow" : "")}{(capturing ? ", ref f" : "")}{nesting})";
    }

    // ---- Sequences ----------------------------------------------------------------------------------------------------------

    private void EmitSequence(ImmutableArray<Node> elements, CaptureTree? captures, Follow follow)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            var element = elements[i];
            var next = FollowOf(elements, i, follow);
            if (captures is not null && TryParameterList(elements, i, captures, next, out int taken))
            {
                i += taken - 1;
                continue;
            }
            // Elements without captures that together are regular are one automaton: exact where a greedy element would take too much.
            int run = 1;
            if (captures is null || !captures.Reaches(element))
            {
                while (i + run < elements.Length && (captures is null || !captures.Reaches(elements[i + run])) && !IsParameterItem(elements, i + run, captures))
                    run++;
                while (run > 1 && !_facts.IsLeaf(Slice(elements, i, run)))
                    run--;
            }
            if (run > 1)
            {
                Advance(Part(Slice(elements, i, run), captures, FollowOf(elements, i + run - 1, follow)));
                i += run - 1;
                continue;
            }
            EmitElement(element, captures, next, i > 0 ? elements[i - 1] : null);
        }
    }

    private static bool IsParameterItem(ImmutableArray<Node> elements, int index, CaptureTree? captures) =>
        captures is not null && captures.Inside(elements[index]).Any(child => child.ParameterList is not null);

    private readonly Dictionary<(Node, int), Concatenation> _slices = [];

    private Node Slice(ImmutableArray<Node> elements, int start, int count)
    {
        if (!_slices.TryGetValue((elements[start], count), out var slice))
            _slices[(elements[start], count)] = slice = new Concatenation(elements[start].At, elements.Skip(start).Take(count).ToImmutableArray());
        return slice;
    }

    private Follow FollowOf(ImmutableArray<Node> elements, int index, Follow follow)
    {
        var octets = ByteSet.Empty;
        for (int i = index + 1; i < elements.Length; i++)
        {
            octets |= _facts.First(elements[i]);
            if (!_facts.Nullable(elements[i]))
                return new(octets, End: false, Known: true);
        }
        return follow.Known ? new(octets | follow.Octets, follow.End, Known: true) : Follow.Unknown;
    }

    private void Advance(System.Func<string, string> call)
    {
        _code.Line($"p = {call("p")};").Then("if (p < 0)", "return p;");
    }

    private void EmitElement(Node element, CaptureTree? captures, Follow follow, Node? previous)
    {
        CaptureTree? here = captures is not null && captures.Children.TryGetValue(element, out var child) ? child : null;
        switch (element)
        {
            case Literal or OctetRange when here is null:
                EmitTerminal(element);
                return;
            case Reference reference:
                EmitReference(reference, here, follow, previous);
                return;
            case Literal or OctetRange:
                _code.Line($"int at{Number(++_locals)} = p;");
                EmitTerminal(element);
                Capture(element, here!, $"at{Number(_locals)}", "p");
                return;
            case Repetition when here is not null && NumberOf(element, here) is { } number:
                EmitNumber(element, number, here);
                return;
            case Repetition when here is not null:
                string start = $"at{Number(++_locals)}";
                _code.Line($"int {start} = p;");
                Advance(Part(element, null, follow));
                Capture(element, here, start, "p");
                return;
            case Concatenation group:
                EmitSequence(group.Elements, captures, follow);
                return;
            case Repetition repetition:
                EmitRepetition(repetition, captures, follow, previous);
                return;
            default:
                Advance(Part(element, captures, follow));
                return;
        }
    }

    private int _locals;

    private void EmitTerminal(Node element)
    {
        switch (element)
        {
            case Literal { Text.Length: 0 }:
                return;
            case Literal { Text.Length: 1 } l:
                var set = l.CaseSensitive ? ByteSet.Of((byte)l.Text[0]) : ByteSet.OfIgnoringCase((byte)l.Text[0]);
                _code.Then($"if ((uint)p >= (uint)s.Length || !({_sets.Test(set, "s[p]")}))", $"return {Fail()};").Line("p++;");
                return;
            case Literal l:
                _code.Then($"if (!({NameMatch.Expression(l.Text, l.CaseSensitive, "p", checkLength: true)}))", $"return {Fail()};");
                _code.Line($"p += {Number(l.Text.Length)};");
                return;
            case OctetRange r:
                _code.Then($"if ((uint)p >= (uint)s.Length || !({_sets.Test(ByteSet.Range(r.From, r.To), "s[p]")}))", $"return {Fail()};").Line("p++;");
                return;
        }
    }

    private void EmitReference(Reference reference, CaptureTree? here, Follow follow, Node? previous)
    {
        if (here is null)
        {
            if (previous is not null && GiveBack(previous, reference) is { } space)
                EmitGiveBack("p", space, reference);
            Advance(position => _context.Call(reference, position, _record is not null));
            return;
        }
        var record = here.Here.FirstOrDefault(p => p.Value == ValueKind.Record);
        if (here.Children.Count == 0 && NumberOf(reference, here) is { } number)
        {
            EmitNumber(reference, number, here);
            return;
        }
        bool needsStart = here.Here.Any(p => p.Value != ValueKind.Record && p.Value != ValueKind.Bool);
        string start = needsStart ? $"at{Number(++_locals)}" : "p";
        if (needsStart)
            _code.Line($"int {start} = p;");
        if (record.Name is not null)
            Advance(position => _record!.NestedCall(record, reference, position));
        else if (here.Children.Count == 0)
            Advance(position => _context.Call(reference, position, _record is not null));
        else
            Advance(Inner(reference, here, follow));
        Capture(reference, here, start, "p");
    }

    // The definition of a referenced rule as a method of this record, since it notes captures.
    private System.Func<string, string> Inner(Reference reference, CaptureTree here, Follow follow)
    {
        var rule = _facts.Grammar.Find(reference.Name)!;
        string method = Names.Unique(_owner + Names.Pascal(reference.Name), _methods);
        _pending.Enqueue(() =>
        {
            string outer = _ruleId;
            _ruleId = Number(_facts.RuleIds[rule.Name]);
            _code.Line($"// {rule.Name} = {rule.Definition}");
            EmitDescent(method, rule.Definition, here, follow, takesAllow: true, "private", inline: true);
            _ruleId = outer;
        });
        return position => $"{method}(s, {position}, allow, ref f)";
    }

    // note [giving white space back]
    // SIP's tokens end in optional white space (RPAREN = ")" SWS); a rule that then needs white space (LWS server-val) would find it taken.
    // Where the next element can begin only with what the one before may have taken at its end, those octets are given back first.
    private ByteSet? GiveBack(Node previous, Node next)
    {
        if (_facts.Nullable(next) || TrailingOptional(previous, 0) is not { } trailing)
            return null;
        return _facts.First(next).IsSubsetOf(_facts.First(trailing)) ? _facts.Leaf(trailing, 0)?.States.Aggregate(ByteSet.Empty, (set, state) => set | state.Octets) : null;
    }

    private Node? TrailingOptional(Node node, int depth)
    {
        if (depth > 8)
            return null;
        switch (node)
        {
            case Reference r when _facts.Grammar.Find(r.Name) is { } rule:
                return IsOptionalSpace(r) ? r : TrailingOptional(rule.Definition, depth + 1);
            case Concatenation { Elements.Length: > 0 } c:
                return TrailingOptional(c.Elements[c.Elements.Length - 1], depth + 1);
            case Repetition r when IsOptionalSpace(r):
                return r;
            case Repetition r:
                return TrailingOptional(r.Element, depth + 1);
            case Alternation a:
                return a.Alternatives.Select(item => TrailingOptional(item, depth + 1)).FirstOrDefault(found => found is not null);
            default:
                return null;
        }
    }

    private static readonly ByteSet s_space = ByteSet.Of((byte)' ') | ByteSet.Of((byte)'\t') | ByteSet.Of((byte)'\r') | ByteSet.Of((byte)'\n');

    private bool IsOptionalSpace(Node node) =>
        _facts.Nullable(node) && _facts.Leaf(node, 0) is { } dfa && dfa.States.All(state => state.Octets.IsSubsetOf(s_space)) && !dfa.First.IsEmpty;

    // Not where the next element can begin as it stands: of two folds in a row the first was taken, and the second is there.
    private void EmitGiveBack(string position, ByteSet space, Node next)
    {
        _code.Line("// see note [giving white space back]");
        _code.Open($"if ((uint){position} >= (uint)s.Length || !({_sets.Test(_facts.First(next), $"s[{position}]")}))");
        _code.Then($"while ({position} > 0 && {_sets.Test(space, $"s[{position} - 1]")})", $"{position}--;").Close();
    }

    // ---- Repetitions --------------------------------------------------------------------------------------------------------

    private void EmitRepetition(Repetition repetition, CaptureTree? captures, Follow follow, Node? previous)
    {
        if (IsSimple(repetition, captures))
        {
            Advance(Part(repetition, captures, follow));
            return;
        }
        var element = repetition.Element;
        var first = _facts.First(element);
        var give = previous is not null ? GiveBack(previous, LeadingOf(element)) : null;
        var giveInside = GiveBack(element, LeadingOf(element));
        var bodyFollow = repetition.Max > 1 && follow.Known ? follow with { Octets = follow.Octets | first } : follow;
        var call = Part(element, captures, bodyFollow);
        string end = $"end{Number(++_locals)}", from = $"from{Number(_locals)}";
        string guard = _facts.Nullable(element) ? "" : $"(uint){from} < (uint)s.Length && {_sets.Test(first, $"s[{from}]")}";
        bool ranges = captures is not null && captures.Inside(element).Any(CanBeOutOfRange);
        string reset = captures is null ? "" : string.Join(" ", captures.Inside(element).SelectMany(c => c.All()).Distinct().Select(p => $"f.{p.Name} = default;"));
        if (repetition.IsOption)
        {
            _code.Line($"int {from} = p;");
            if (give is { } space)
                EmitGiveBack(from, space, LeadingOf(element));
            if (guard.Length > 0)
                _code.Open($"if ({guard})");
            else
                _code.Open();
            _code.Line($"int {end} = {call(from)};");
            if (ranges)
                EmitRangeCheck(end);
            // What matched nothing is not there.
            _code.Then($"if ({end} {(reset.Length > 0 && _facts.Nullable(element) ? "> " + from : ">= 0")})", $"p = {end};");
            if (reset.Length > 0)
                _code.Line("else").Open().Line(reset).Close();
            _code.Close();
            return;
        }
        string count = $"count{Number(_locals)}";
        bool counted = repetition.Min > 0 || repetition.Max != Repetition.Unbounded;
        if (counted)
            _code.Line($"int {count} = 0;");
        _code.Open(repetition.Max == Repetition.Unbounded ? "while (true)" : $"while ({count} < {Number(repetition.Max)})");
        _code.Line($"int {from} = p;");
        if ((give ?? giveInside) is { } taken)
            EmitGiveBack(from, taken, LeadingOf(element));
        if (guard.Length > 0)
            _code.Then($"if (!({guard}))", "break;");
        _code.Line($"int {end} = {call(from)};");
        if (ranges)
            EmitRangeCheck(end);
        _code.Then($"if ({end} <= p)", "break;").Line($"p = {end};");
        if (counted)
            _code.Line($"{count}++;");
        _code.Close();
        if (repetition.Min > 0)
            _code.Then($"if ({count} < {Number(repetition.Min)})", $"return {Fail()};");
    }

    private static Node LeadingOf(Node node) => node is Concatenation { Elements.Length: > 0 } c ? LeadingOf(c.Elements[0]) : node;

    // ---- Choices ------------------------------------------------------------------------------------------------------------

    private void EmitAlternation(Alternation alternation, CaptureTree? captures, Follow follow)
    {
        var alternatives = Reachable(alternation.Alternatives, follow);
        bool commits = alternation.Commits;
        // Of several alternatives that fail, the one that came furthest says why.
        bool tries = false;
        string far = $"far{Number(++_locals)}";
        _code.Line("int end;").Line($"int {far} = {Fail()};");
        for (int i = 0; i < alternatives.Length; i++)
        {
            var alternative = alternatives[i];
            bool last = i == alternatives.Length - 1;
            var first = _facts.First(alternative);
            bool alone = alternatives.Skip(i + 1).All(other => !_facts.First(other).Overlaps(first) && !_facts.Nullable(other)) && !_facts.Nullable(alternative);
            uint lenient = _facts.LenientFlag(alternative);
            var guards = new List<string>();
            if (lenient != 0)
                guards.Add($"(allow & 0x{lenient:X}) != 0");
            if (!_facts.Nullable(alternative) && !last)
                guards.Add($"(uint)p < (uint)s.Length && {_sets.Test(first, "s[p]")}");
            bool final = alone;
            if (commits && LeadingLiteral(alternative) is { } literal)
            {
                guards = [NameMatch.Expression(literal.Text, literal.CaseSensitive, "p", checkLength: true)];
                final = true;
            }
            if (guards.Count > 0)
                _code.Open($"if ({string.Join(" && ", guards)})");
            EmitAlternative(alternative, captures, follow);
            if (last && guards.Count == 0)
            {
                _code.Line(tries ? $"return end >= 0 ? end : MatchResult.Further({far}, end);" : "return end;");
                return;
            }
            if (final || last)
                _code.Line("return end;");
            else
            {
                tries = true;
                if (captures is not null && captures.Inside(alternative).Any(CanBeOutOfRange))
                    EmitRangeCheck("end");
                if (lenient == 0 && captures is null && !follow.Known && LenientRest(alternatives, i) is not 0 and var wider)
                    EmitWider(alternatives, i, wider);
                _code.Then(follow.Known ? $"if (end >= 0 && {Fits(follow)})" : "if (end >= 0)", "return end;");
                _code.Line($"{far} = MatchResult.Further({far}, end);");
                if (captures is not null)
                {
                    foreach (var property in captures.Inside(alternative).SelectMany(c => c.All()).Distinct())
                        _code.Line($"f.{property.Name} = default;");
                }
            }
            if (guards.Count > 0)
                _code.Close();
        }
        _code.Line($"return {far};");
    }

    // An alternative inside an earlier one is never taken, where that one's longest match is the only one that what follows can stand behind.
    private ImmutableArray<Node> Reachable(ImmutableArray<Node> alternatives, Follow follow)
    {
        if (!follow.Known)
            return alternatives;
        var kept = new List<Node>();
        foreach (var alternative in alternatives)
        {
            var leaf = GrammarFacts.Subsets(_facts.LenientMask(alternative)).Select(allow => _facts.Leaf(alternative, allow)).ToList();
            bool covered = leaf.All(words => words is not null && kept.Any(earlier => Covers(earlier, words, follow)));
            if (!covered)
                kept.Add(alternative);
        }
        return [.. kept];
    }

    private bool Covers(Node earlier, Dfa words, Follow follow) =>
        _facts.IsLeaf(earlier) && GrammarFacts.Subsets(_facts.LenientMask(earlier)).All(allow =>
            _facts.Leaf(earlier, allow) is { } other && !other.Continuing.Overlaps(follow.Octets) && words.IsSubsetOf(other));

    private void EmitAlternative(Node alternative, CaptureTree? captures, Follow follow)
    {
        CaptureTree? here = captures is not null && captures.Children.TryGetValue(alternative, out var child) ? child : null;
        if (alternative is Reference reference && here is not null)
        {
            var record = here.Here.FirstOrDefault(p => p.Value == ValueKind.Record);
            System.Func<string, string> call = record.Name is not null ? position => _record!.NestedCall(record, reference, position)
                : here.Children.Count == 0 ? position => _context.Call(reference, position, _record is not null)
                : Inner(reference, here, follow);
            _code.Line($"end = {call("p")};");
        }
        else if (here is not null)
        {
            // A literal or a repetition that is itself captured.
            _code.Line($"end = {Part(alternative, null, follow)("p")};");
        }
        else
        {
            _code.Line($"end = {Part(alternative, captures, follow)("p")};");
        }
        if (here is null || here.Here.All(p => p.Value == ValueKind.Record) && here.Branches.Count == 0)
            return;
        _code.Open("if (end >= 0)");
        Capture(alternative, here, "p", "end");
        _code.Close();
    }

    private string Fits(Follow follow) =>
        $"((uint)end < (uint)s.Length ? {_sets.Test(follow.Octets, "s[end]")} : {(follow.End ? "true" : "false")})";

    // note [a leniency takes what is longer]
    // Where it is not known what follows, the first alternative that matches is taken, however little it is. A leniency behind it that
    // begins alike is there for what goes on in the same word ("Asterisk[1]"), so where it is allowed the longer match counts.
    private uint LenientRest(ImmutableArray<Node> alternatives, int index) => alternatives.Skip(index + 1)
        .Where(other => _facts.First(other).Overlaps(_facts.First(alternatives[index]))).Aggregate(0u, (mask, other) => mask | _facts.LenientFlag(other));

    private void EmitWider(ImmutableArray<Node> alternatives, int index, uint flags)
    {
        _code.Line("// see note [a leniency takes what is longer]").Open($"if (end >= 0 && (allow & 0x{flags:X}) != 0)");
        foreach (var other in alternatives.Skip(index + 1).Where(other => (_facts.LenientFlag(other) & flags) != 0))
        {
            string wider = $"end{Number(++_locals)}";
            _code.Line($"int {wider} = (allow & 0x{_facts.LenientFlag(other):X}) != 0 ? {Part(other, null, Follow.Unknown)("p")} : -1;");
            _code.Then($"if ({wider} > end)", $"end = {wider};");
        }
        _code.Close();
    }

    /// <summary>The literal that a committing alternative begins with, through references.</summary>
    private Literal? LeadingLiteral(Node node) => _context.LeadingLiteral(node);

    // ---- Captures -----------------------------------------------------------------------------------------------------------

    private void Capture(Node node, CaptureTree here, string start, string end)
    {
        foreach (var property in here.Here)
        {
            if (property.Value != ValueKind.Record)
                Store(property, node, start, end);
        }
        foreach (var (property, number) in here.Branches)
            _code.Line($"f.{property.Name} = ({property.Type}){Number(number)};");
    }

    // note [a range fault is final]
    // A number that is too large matched its rule: to try another alternative, or to leave an option out, would report the text behind
    // it as a syntax fault, or read the text as something else. Wherever a failure is not the end, a range fault is.
    private void EmitRangeCheck(string end) =>
        _code.Line("// see note [a range fault is final]").Then($"if (MatchResult.IsRange({end}))", $"return {end};");

    private bool CanBeOutOfRange(CaptureTree captures) => captures.All().Any(CanBeOutOfRange);

    private bool CanBeOutOfRange(PropertyDeclaration property) => property.Value switch
    {
        ValueKind.Byte or ValueKind.UShort or ValueKind.UInt or ValueKind.ULong => !property.Saturate && !property.Thousandths,
        ValueKind.Record => true,
        _ => property.Kind == PropertyKind.Parameters && _record!.Parameters.Any(CanBeOutOfRange),
    };

    private void Store(PropertyDeclaration property, Node node, string start, string end)
    {
        switch (property.Value)
        {
            case ValueKind.Slice:
                bool space = !_context.Declaration.KeepsSpace && node is not Repetition && (_facts.Last(node) | _facts.First(node)).Contains((byte)' ');
                _code.Line(space
                    ? $"f.{property.Name} = Scan.Trimmed(s, {start}, {end});"
                    : $"f.{property.Name} = Slice.Between({start}, {end});");
                break;
            case ValueKind.Bool:
                _code.Line($"f.{property.Name} = true;");
                break;
            case ValueKind.Enum:
                _code.Line($"f.{property.Name} = {_record!.ParseEnum(property, start, end)};");
                break;
            default:
                StoreNumber(property, start, end);
                break;
        }
    }

    /// <summary>The number that alone is captured from a run of digits.</summary>
    private PropertyDeclaration? NumberOf(Node node, CaptureTree here)
    {
        if (here.Here.Count != 1 || here.Here[0].Thousandths || here.Here[0].Value is not (ValueKind.Byte or ValueKind.UShort or ValueKind.UInt or ValueKind.ULong))
            return null;
        return _facts.LenientMask(node) == 0 && _facts.Leaf(node, 0) is { States.Length: 2 } dfa && LeafEmitter.AsRun(dfa) == ByteSet.Range((byte)'0', (byte)'9') ? here.Here[0] : null;
    }

    private void EmitNumber(Node node, PropertyDeclaration property, CaptureTree here)
    {
        ulong max = property.Max != 0 ? property.Max : RecordContext.MaxOf(property.Value);
        string maxText = max.ToString(CultureInfo.InvariantCulture) + "UL";
        string n = Number(++_locals);
        _code.Line($"// {node}");
        _code.Line($"int at{n} = p;").Line($"p = Scan.EndOfNumber(s, p, {maxText}, out ulong n{n});");
        _code.Then($"if (p == at{n})", $"return {Fail()};");
        _code.Open($"if (n{n} > {maxText})").Line(property.Saturate ? $"n{n} = {maxText};" : $"return MatchResult.OutOfRange(at{n}, {_ruleId});").Close();
        _code.Line($"f.{property.Name} = ({RecordContext.KeywordOf(property.Value)})n{n};");
        foreach (var (branch, number) in here.Branches)
            _code.Line($"f.{branch.Name} = ({branch.Type}){Number(number)};");
    }

    private void StoreNumber(PropertyDeclaration property, string start, string end)
    {
        ulong max = property.Max != 0 ? property.Max : RecordContext.MaxOf(property.Value);
        string number = $"n{Number(++_locals)}";
        string maxText = max.ToString(CultureInfo.InvariantCulture) + "UL";
        string type = RecordContext.KeywordOf(property.Value);
        if (property.Thousandths)
        {
            _code.Line($"f.{property.Name} = ({type})Scan.Thousandths(s, {start}, {end});");
            return;
        }
        _code.Line($"ulong {number} = Scan.Number(s, {start}, {end}, {maxText});");
        _code.Open($"if ({number} > {maxText})");
        _code.Line(property.Saturate ? $"{number} = {maxText};" : $"return MatchResult.OutOfRange({start}, {_ruleId});");
        _code.Close();
        _code.Line($"f.{property.Name} = ({type}){number};");
    }

    // ---- Parameter lists ----------------------------------------------------------------------------------------------------

    private bool TryParameterList(ImmutableArray<Node> elements, int index, CaptureTree captures, Follow follow, out int taken)
    {
        taken = 0;
        Reference? leading = null;
        int at = index;
        if (elements[at] is Reference lead && captures.Children.TryGetValue(lead, out var child) && child.ParameterList is not null)
        {
            leading = lead;
            at++;
        }
        if (at >= elements.Length || elements[at] is not Repetition repetition)
            return false;
        var item = CaptureTree.Places(repetition).OfType<Reference>()
            .FirstOrDefault(r => captures.Children.TryGetValue(r, out var c) && c.ParameterList is not null);
        if (item is null || ParameterList.Of(_facts, repetition, item) is not { } list)
            return false;
        var property = captures.Children[item].ParameterList!.Value;
        taken = leading is null ? 1 : 2;
        follow = FollowOf(elements, at, Follow.Unknown) is { Known: true } inside ? inside : follow;
        EmitParameterList(list, leading is not null, property, follow);
        return true;
    }

    private void EmitParameterList(ParameterList list, bool leading, PropertyDeclaration property, Follow follow)
    {
        string method = Names.Unique(_owner + Names.Pascal(list.Item.Name), _methods);
        var itemFollow = follow.Known ? follow with { Octets = follow.Octets | _facts.First(list.Separator!) } : follow;
        string ruleId = Number(_facts.RuleIds[list.Item.Name]);
        _pending.Enqueue(() => EmitParameterItem(list, method, ruleId, itemFollow));
        string start = $"at{Number(++_locals)}", end = $"end{Number(_locals)}";
        _code.Line($"int {start} = p;");
        if (leading)
            Advance(position => $"{method}(s, {position}, allow, ref f)");
        var separator = Part(list.Separator!, null, Follow.Unknown);
        var first = _facts.First(list.Separator!);
        _code.Open("while (true)");
        var words = _facts.LenientMask(list.Separator!) == 0 ? _facts.Leaf(list.Separator!, 0) : null;
        if (words is null || !_leaves.TryEmitSeparatorStep(_code, words, end, separator("p")))
            _code.Line($"int {end} = {separator("p")};");
        _code.Then($"if ({end} < 0)", "break;");
        _code.Line($"{end} = {method}(s, {end}, allow, ref f);").Open($"if ({end} < 0)");
        if (_record!.Parameters.Any(CanBeOutOfRange))
            EmitRangeCheck(end);
        // Where nothing else can begin with the separator, its item is what is wrong.
        if (follow.Known && !follow.Octets.Overlaps(first - s_space))
            _code.Then($"if ({_sets.Test(first - s_space, "s[p]")})", $"return {end};");
        _code.Line("break;").Close();
        _code.Line($"p = {end};").Close();
        _code.Then($"if (p > {start})", $"f.{property.Name} = Scan.Trimmed(s, f.{property.Name}.IsPresent ? f.{property.Name}.Offset : {start}, p);");
    }

    private void EmitParameterItem(ParameterList list, string method, string ruleId, Follow follow)
    {
        _ruleId = ruleId;
        var wanted = _record!.Parameters.ToDictionary(p => p.Paths[0], System.StringComparer.OrdinalIgnoreCase);
        _code.Line($"// {list.Item.Name} = {_facts.Grammar.Find(list.Item.Name)!.Definition}");
        _code.Open($"private static int {method}(ReadOnlySpan<byte> s, int p, uint allow, ref Fields f)");
        if (list.Generic is not { } generic)
        {
            EmitKnownItems(list, wanted, follow);
            _code.Line($"return {Fail()};").Close().Line();
            return;
        }
        // Known parameters with values that the open alternative would not accept.
        var special = list.Known.Where(k => k.Value is not null && (generic.Value is null || !list.ValueIsCovered(k.Value))).ToList();
        var trailing = list.Known.Where(k => k.Value is not null && TrailingOptional(k.Value, 0) is not null).ToList();
        var names = special.Union(trailing).Select(k => k.Name).Union(wanted.Keys, System.StringComparer.OrdinalIgnoreCase)
            .OrderBy(n => n.Length).ThenBy(n => n, System.StringComparer.Ordinal).ToList();
        _code.Line($"int nameEnd = {Part(generic.Name, null, Follow.Unknown)("p")};").Then("if (nameEnd < 0)", Others(list, "return nameEnd;"));
        if (names.Count > 0)
        {
            _code.Line("int known = 0;");
            NameMatch.Switch(_code, names.Select((n, i) => (n, $"known = {Number(i + 1)};")), caseSensitive: false, "p", "nameEnd");
        }
        _code.Line("int start = nameEnd, end = nameEnd;");
        if (generic.Equal is not null)
        {
            _code.Line($"int equal = {Part(generic.Equal, null, Follow.Unknown)("nameEnd")};");
            _code.Open("if (equal >= 0)").Line("start = equal;");
            _code.Line($"end = {Part(generic.Value!, null, Follow.Unknown)("equal")};");
            if (special.Count > 0)
            {
                // What the open alternative does not read to the value's end is left to the known one's own rule.
                string which = string.Join(" or ", special.Select(k => Number(names.FindIndex(n => string.Equals(n, k.Name, System.StringComparison.OrdinalIgnoreCase)) + 1)));
                _code.Open($"if (known is {which}{(follow.Known ? $" && (end < 0 || !{Fits(follow)})" : "")})");
                _code.Line("int own = known switch").Line("{");
                foreach (var k in special)
                    _code.Line($"    {Number(names.FindIndex(n => string.Equals(n, k.Name, System.StringComparison.OrdinalIgnoreCase)) + 1)} => {Part(k.Value!, null, Follow.Unknown)("equal")},");
                _code.Line("    _ => end,").Line("};");
                _code.Then("if (own > end)", "end = own;").Close();
            }
            _code.Then("if (end < 0)", Others(list, "return end;"));
            // A value may begin in white space of its own (quoted-string = SWS DQUOTE …), behind that of the separator.
            if (wanted.Count > 0 && _facts.First(generic.Value!).Contains((byte)' '))
                _code.Then("while (start < end && s[start] <= ' ')", "start++;");
            _code.Close();
            if (!generic.ValueOptional)
                _code.Then("else", Others(list, "return equal;"));
        }
        _code.Line("int after = end;");
        if (trailing.Count > 0 && generic.Equal is not null)
        {
            // White space behind a known value is its own rule's: LDQUOT … RDQUOT takes it, a token does not.
            _code.Open("if (known != 0 && equal >= 0 && Scan.IsSpace(s, end))");
            _code.Line("int own = known switch").Line("{");
            foreach (var k in trailing)
                _code.Line($"    {Number(names.FindIndex(n => string.Equals(n, k.Name, System.StringComparison.OrdinalIgnoreCase)) + 1)} => {Part(k.Value!, null, Follow.Unknown)("equal")},");
            _code.Line("    _ => end,").Line("};").Then("if (own > end)", "after = own;").Close();
        }
        foreach (var padded in list.Padded)
        {
            // The same item by its own rule, which takes white space behind the value.
            _code.Open("if (after == end && Scan.IsSpace(s, end))");
            _code.Line($"int own = {Part(padded, null, Follow.Unknown)("p")};").Then("if (own > end)", "after = own;").Close();
        }
        if (wanted.Count > 0)
        {
            _code.Open("switch (known)");
            foreach (var name in names.Where(wanted.ContainsKey))
            {
                _code.Line($"case {Number(names.IndexOf(name) + 1)}:").Open();
                StoreParameter(wanted[name], special.Any(k => string.Equals(k.Name, name, System.StringComparison.OrdinalIgnoreCase)));
                _code.Line("break;").Close();
            }
            _code.Close();
        }
        _code.Line("return after;").Close().Line();
    }

    private string Others(ParameterList list, string failure)
    {
        if (list.Others.Count == 0)
            return failure;
        string chain = failure.Substring("return ".Length).TrimEnd(';');
        foreach (var other in Enumerable.Reverse(list.Others))
            chain = $"{Part(other, null, Follow.Unknown)("p")} is >= 0 and var other{Number(++_locals)} ? other{Number(_locals)} : {chain}";
        return $"return {chain};";
    }

    private void StoreParameter(PropertyDeclaration property, bool special)
    {
        switch (property.Value)
        {
            case ValueKind.Slice:
                _code.Line($"f.{property.Name} = {(special ? "Scan.Trimmed(s, start, end)" : "Slice.Between(start, end)")};");
                break;
            case ValueKind.Bool:
                _code.Line($"f.{property.Name} = true;");
                break;
            case ValueKind.Enum:
                _code.Line($"f.{property.Name} = {_record!.ParseEnum(property, "start", "end")};");
                break;
            case ValueKind.Record:
                _code.Line($"if ({_record!.NestedCall(property, null, "start")} != end)").Line($"    f.{property.Name} = default;");
                break;
            default:
                // A value that is no number matched the open alternative: it stays in the list, and the number is absent.
                _code.Open(property.Thousandths ? "if (Scan.IsThousandths(s, start, end))" : "if (end > start && Scan.EndOfDigits(s, start) == end)");
                StoreNumber(property, "start", "end");
                _code.Close();
                // Of two parameters with one name the last counts, also where it is no number.
                _code.Then("else", $"f.{property.Name} = default;");
                break;
        }
    }

    // Without an open alternative the names are all literals, tried as the grammar lists them.
    private void EmitKnownItems(ParameterList list, Dictionary<string, PropertyDeclaration> wanted, Follow follow)
    {
        foreach (var known in list.Known)
        {
            string literal = known.EqualInName ? known.Name + "=" : known.Name;
            _code.Open($"if ({NameMatch.Expression(literal, known.CaseSensitive, "p", checkLength: true)})");
            _code.Line($"int start = p + {Number(literal.Length)}, end = start;");
            if (known.Equal is not null)
            {
                _code.Line($"start = {Part(known.Equal, null, Follow.Unknown)("start")};");
                _code.Line($"end = start < 0 ? start : {Part(known.Value!, null, Follow.Unknown)("start")};");
                if (known.ValueOptional)
                    _code.Then("if (end < 0)", $"start = end = p + {Number(literal.Length)};");
            }
            else if (known.Value is not null)
            {
                _code.Line($"end = {Part(known.Value, null, Follow.Unknown)("start")};");
            }
            _code.Open(follow.Known ? $"if (end >= 0 && {Fits(follow)})" : "if (end >= 0)");
            if (wanted.TryGetValue(known.Name, out var property))
                StoreParameter(property, special: true);
            _code.Line("return end;").Close().Close();
        }
        foreach (var other in list.Others)
            _code.Open().Line($"int end = {Part(other, null, Follow.Unknown)("p")};").Then("if (end >= 0)", "return end;").Close();
    }
}
