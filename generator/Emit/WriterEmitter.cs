// Emits a record's writer: the production again, with captured elements copied from the text they were read from and everything
// else in its canonical spelling. write(parse(x)) is canonical, and parse(write(parse(x))) has the same values.
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Declarations;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Emit;

internal sealed class WriterEmitter(GrammarContext grammar, RecordContext record, List<Finding> findings)
{
    private readonly GrammarFacts _facts = grammar.Facts;
    private readonly CodeWriter _code = new();
    private readonly StringBuilder _pending = new();
    private int _locals;

    // Of each node once: rules that refer to rules twice over would otherwise take time without bound.
    private readonly Dictionary<Node, string?> _words = [];

    /// <summary>Octets of a piece that is spelled without being captured; no RFC fixes as many.</summary>
    private const int MaxWordLength = 1000;

    /// <summary>
    /// Lists already written on this way through the production: one property may hold two (Accept's m-parameter and accept-param),
    /// whose text is one, and is written where the first stands.
    /// </summary>
    private HashSet<string> _written = [];

    public string Emit(Node root, CaptureTree captures)
    {
        _code.Line("/// <summary>Writes the value in its canonical spelling; <paramref name=\"s\"/> is the text it was read from.</summary>");
        _code.Open("public void Write(ref ByteWriter writer, ReadOnlySpan<byte> s)");
        _code.Line("ref readonly Fields f = ref _fields;");
        if (captures.Here.FirstOrDefault(p => p.Value == ValueKind.Slice) is { Name: not null } whole)
            _code.Line($"writer.Write(f.{whole.Name}.In(s));");
        else
            Write(root, captures);
        Flush();
        _code.Close().Line();
        return _code.ToString();
    }

    private void Flush()
    {
        if (_pending.Length == 0)
            return;
        _code.Line(_pending.Length == 1
            ? $"writer.Write((byte){Names.Octet(_pending[0])});"
            : $"writer.Write({Names.Text(_pending.ToString())});");
        _pending.Clear();
    }

    private CodeWriter Statement(string line)
    {
        Flush();
        return _code.Line(line);
    }

    private void Write(Node node, CaptureTree? captures)
    {
        if (captures is null || !captures.Reaches(node))
        {
            if (Word(node) is { } word)
                _pending.Append(word);
            else
                findings.Add(Finding.At(record.Declaration.At, DiagnosticIds.NotWritable, record.Declaration.Type.Name, node.ToString()));
            return;
        }
        if (captures.Children.TryGetValue(node, out var here) && WriteCaptured(node, here))
            return;
        switch (node)
        {
            case Concatenation c:
                WriteSequence(c, captures);
                return;
            case Reference r:
                Write(_facts.Grammar.Find(r.Name)!.Definition, here);
                return;
            case Repetition { IsOption: true } option:
                Flush();
                _code.Open($"if ({Present(option.Element, captures)})");
                Write(option.Element, captures);
                Flush();
                _code.Close();
                return;
            case Repetition repetition:
                WriteList(repetition, captures, leading: false);
                return;
            case Alternation a:
                WriteChoice(a, captures);
                return;
        }
    }

    private void WriteSequence(Concatenation sequence, CaptureTree captures)
    {
        for (int i = 0; i < sequence.Elements.Length; i++)
        {
            var element = sequence.Elements[i];
            bool leads = captures.Children.TryGetValue(element, out var here) && here.ParameterList is not null;
            if (leads && i + 1 < sequence.Elements.Length && sequence.Elements[i + 1] is Repetition list)
            {
                WriteList(list, captures, leading: true);
                i++;
                continue;
            }
            Write(element, captures);
        }
    }

    // The text of a captured element, if one of its properties holds it.
    private bool WriteCaptured(Node node, CaptureTree here)
    {
        foreach (var property in here.Here.OrderBy(p => p.Value == ValueKind.Slice ? 0 : p.Value == ValueKind.Record ? 1 : 2))
        {
            string field = $"f.{property.Name}";
            switch (property.Value)
            {
                case ValueKind.Slice:
                    Statement($"writer.Write({field}.In(s));");
                    // The white space that its rule may end in was not captured, but may be what parts it from the next element.
                    if (!grammar.Declaration.KeepsSpace && NeedsSpace(node))
                        _pending.Append(' ');
                    return true;
                case ValueKind.Record:
                    Statement($"{field}.Write(ref writer, s);");
                    return true;
                case ValueKind.Byte or ValueKind.UShort or ValueKind.UInt or ValueKind.ULong:
                    string number = field + (property.Nullable ? ".GetValueOrDefault()" : "");
                    int digits = LeastDigits(node);
                    Statement(property.Thousandths ? $"writer.WriteThousandths({number});"
                        : digits > 1 ? $"writer.Write((ulong){number}, {digits.ToString(CultureInfo.InvariantCulture)});"
                        : $"writer.Write((ulong){number});");
                    return true;
            }
        }
        return here.Children.Count == 0 && here.ParameterList is null && node is Literal literal && Append(literal.Text);
    }

    /// <summary>The digits that a rule has at least: two for the 2DIGIT of a date. Shorter numbers are written with zeros before them.</summary>
    private int LeastDigits(Node node) => _facts.Leaf(node, 0) is { } words ? words.ShortestWord().Length : 1;

    // True for a node such as *(token LWS): without the white space at its end a word of its is none. Where the end may be white space but
    // need not (Reason-Phrase), nothing is lost with it.
    private bool NeedsSpace(Node node)
    {
        if (node is Repetition || !_facts.Last(node).Contains((byte)' '))
            return false;
        if (_facts.Leaf(node, 0) is not { } dfa)
            return true;
        var behindWord = new HashSet<int>(dfa.States.SelectMany(state => state.Transitions).Where(step => step.On.Octets().Any(octet => octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')))
            .Select(step => step.Target));
        return behindWord.Any(state => !dfa.States[state].IsAccepting && dfa.Next(state, (byte)' ') is >= 0 and var after && dfa.States[after].IsAccepting);
    }

    private bool Append(string text)
    {
        _pending.Append(text);
        return true;
    }

    // Of the alternatives whose captures are all there, the one that captures most; a declared branch decides alone; an alternative
    // without captures is left for the case that no other was taken.
    private void WriteChoice(Alternation choice, CaptureTree captures)
    {
        Flush();
        string keyword = "if";
        var before = _written;
        var after = new HashSet<string>(before);
        foreach (var alternative in choice.Alternatives.Where(captures.Reaches).OrderByDescending(a => Required(a, captures).Count()))
        {
            _code.Open($"{keyword} ({Taken(alternative, captures)})");
            _written = [.. before];
            Write(alternative, captures);
            after.UnionWith(_written);
            Flush();
            _code.Close();
            keyword = "else if";
        }
        _written = after;
        if (choice.Alternatives.FirstOrDefault(a => !captures.Reaches(a) && _facts.LenientFlag(a) == 0 && Word(a) is not null) is not { } plain)
            return;
        _code.Open("else");
        Write(plain, captures);
        Flush();
        _code.Close();
    }

    private string Taken(Node alternative, CaptureTree captures)
    {
        if (BranchOf(alternative, captures) is { } branch)
            return $"f.{branch.Property.Name} == ({record.TypeOf(branch.Property)}){branch.Number.ToString(CultureInfo.InvariantCulture)}";
        var required = Required(alternative, captures).Select(IsPresent).Distinct().ToList();
        return required.Count > 0 ? string.Join(" && ", required) : Present(alternative, captures);
    }

    // The declared branch that a match of the alternative takes, at its place or at one that it cannot do without ("clear:" text).
    private static (PropertyDeclaration Property, int Number)? BranchOf(Node alternative, CaptureTree captures)
    {
        if (captures.Children.TryGetValue(alternative, out var here) && here.Branches.Count > 0)
            return here.Branches[0];
        return alternative is Concatenation c ? c.Elements.Select(element => BranchOf(element, captures)).FirstOrDefault(b => b is not null) : null;
    }

    /// <summary>The properties that any match of a node sets.</summary>
    private IEnumerable<PropertyDeclaration> Required(Node node, CaptureTree captures)
    {
        if (captures.Children.TryGetValue(node, out var here))
        {
            // A vocabulary's enum says nothing: it has its default value for each word that the vocabulary does not list.
            foreach (var property in here.Here.Where(p => p.Value != ValueKind.Enum))
                yield return property;
            if (node is Reference reference && here.Children.Count > 0)
            {
                foreach (var property in Required(_facts.Grammar.Find(reference.Name)!.Definition, here))
                    yield return property;
            }
        }
        var inner = node switch
        {
            Concatenation c => c.Elements,
            Repetition { Min: > 0 } r => [r.Element],
            _ => System.Collections.Immutable.ImmutableArray<Node>.Empty,
        };
        foreach (var property in inner.SelectMany(element => Required(element, captures)))
            yield return property;
    }

    private static string Present(Node node, CaptureTree captures) =>
        string.Join(" || ", captures.Inside(node).SelectMany(c => c.All()).Select(IsPresent).Distinct());

    private static string IsPresent(PropertyDeclaration property) => IsPresent(property, "f");

    /// <summary>An expression that is true where the property's element was there.</summary>
    public static string IsPresent(PropertyDeclaration property, string fields) => property.Value switch
    {
        ValueKind.Slice => $"{fields}.{property.Name}.IsPresent",
        ValueKind.Record => $"{fields}.{property.Name}.Extent.IsPresent",
        ValueKind.Bool => $"{fields}.{property.Name}",
        ValueKind.Enum => $"{fields}.{property.Name} != default",
        _ => property.Nullable ? $"{fields}.{property.Name}.HasValue" : $"{fields}.{property.Name} != 0",
    };

    // ---- Parameter lists ------------------------------------------------------------------------------------------------------

    // The list is read again item by item from the text it came from, and each written without the white space around it.
    private void WriteList(Repetition repetition, CaptureTree captures, bool leading)
    {
        Flush();
        var item = CaptureTree.Places(repetition).OfType<Reference>().FirstOrDefault(r => captures.Children.TryGetValue(r, out var c) && c.ParameterList is not null);
        if (item is null || ParameterList.Of(_facts, repetition, item) is not { } list)
            return;
        string name = captures.Children[item].ParameterList!.Value.Name;
        if (!_written.Add(name))
            return;
        string field = $"f.{name}";
        string n = (++_locals).ToString(CultureInfo.InvariantCulture);
        string separator = Word(list.Separator!) ?? ";";
        _code.Open();
        _code.Line($"int at{n} = {field}.Offset, stop{n} = {field}.End;");
        if (leading)
            _code.Line($"bool first{n} = true;");
        _code.Open($"while (at{n} < stop{n})");
        string skip = Separator(list.Separator!, $"at{n}");
        _code.Line($"int name{n} = {(leading ? $"first{n} ? at{n} : " : "")}{skip};");
        _code.Then($"if (name{n} < 0)", "break;");
        _code.Line($"int end{n} = ParameterText.EndOfItem(s, name{n}, stop{n}, {Names.Octet(separator.Trim()[0])});");
        if (leading)
            _code.Line($"if (!first{n})").Line($"    writer.Write({Names.Text(separator)});").Line($"first{n} = false;");
        else
            _code.Line($"writer.Write({Names.Text(separator)});");
        _code.Line($"ParameterText.Write(ref writer, s, name{n}, end{n});");
        _code.Line($"at{n} = end{n};").Close().Close();
    }

    private string Separator(Node separator, string position) => separator is Reference reference
        ? grammar.Call(reference, position, true)
        : separator is Literal { Text.Length: 1 } ? $"{position} + 1" : "-1";

    // ---- Canonical spelling ---------------------------------------------------------------------------------------------------

    /// <summary>How an element without captures is spelled; null where it has no one spelling.</summary>
    private string? Word(Node node)
    {
        if (_words.TryGetValue(node, out var known))
            return known;
        // While it is being worked out it has none: a rule that needs itself has no word of its own.
        _words[node] = null;
        return _words[node] = SpellingOf(node) is { Length: <= MaxWordLength } word ? word : null;
    }

    private string? SpellingOf(Node node)
    {
        switch (node)
        {
            case Literal l:
                return l.Text;
            case OctetRange r when r.From == r.To:
                return ((char)r.From).ToString();
            case Reference r when grammar.Declaration.Spellings.FirstOrDefault(s => string.Equals(s.Rule, r.Name, System.StringComparison.OrdinalIgnoreCase)) is { Text: not null } spelling:
                return spelling.Text;
            case Reference r:
                return IsSpace(r) ? " " : Word(_facts.Grammar.Find(r.Name)!.Definition);
            case Repetition { Min: 0 }:
                return "";
            case Repetition r when Word(r.Element) is { } once:
                return once.Length == 0 ? "" : r.Min > MaxWordLength ? null : string.Concat(Enumerable.Repeat(once, r.Min));
            case Concatenation c:
                var words = c.Elements.Select(e => Word(e)).ToList();
                return words.Contains(null) ? null : string.Concat(words);
            case Alternation a:
                var choices = a.Alternatives.Where(x => _facts.LenientFlag(x) == 0).Select(x => Word(x)).Distinct().ToList();
                return choices.Count == 1 ? choices[0] : null;
            default:
                return null;
        }
    }

    // White space that must be there.
    private bool IsSpace(Node node)
    {
        var first = _facts.First(node);
        return !_facts.Nullable(node) && first.Contains((byte)' ')
            && first.Octets().All(o => o is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            && _facts.Last(node).Octets().All(o => o is (byte)' ' or (byte)'\t');
    }
}
