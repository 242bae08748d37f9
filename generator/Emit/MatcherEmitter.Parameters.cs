// Parameter lists (see ParameterList): one pass over the items, told apart by name.
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal sealed partial class MatcherEmitter
{
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
