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

internal sealed partial class MatcherEmitter
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
}
