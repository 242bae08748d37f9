// Repetitions, options and alternations: what is tried, in which order, and when it is final.
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal sealed partial class MatcherEmitter
{
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
}
