// Emits the other half of a record: its fields, its properties, the matchers of its rules, its writer, and for a header what the
// message reader must know of its line.
using System.Collections.Generic;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Declarations;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Emit;

internal sealed class RecordEmitter(GrammarContext grammar, RecordContext record, string? headerEnum, List<Finding> findings)
{
    private readonly GrammarFacts _facts = grammar.Facts;
    private readonly RecordDeclaration _declaration = record.Declaration;

    private sealed record Root(string RuleName, string Method, Node Node, CaptureTree Captures, Follow Follow);

    /// <summary>The file of the record, or null where its declaration has faults.</summary>
    public string? Emit()
    {
        var shape = _declaration.IsHeader ? ShapeOf() : null;
        if (_declaration.IsHeader && shape is null)
            return null;
        int before = findings.Count;
        var roots = Roots(shape);
        if (findings.Count > before)
            return null;
        foreach (var root in roots)
        {
            CheckTypes(root);
            grammar.NoteCaptures(root.RuleName, root.Node, root.Captures);
        }
        if (findings.Count > before)
            return null;
        var writer = new WriterEmitter(grammar, record, findings);
        string write = writer.Emit(roots[0].Node, roots[0].Captures);
        if (findings.Count > before)
            return null;

        string name = _declaration.Type.Name;
        string self = _declaration.Type.Keyword.Contains("ref") ? "" : _declaration.IsHeader ? $" : IHeader<{name}>" : $" : IRecord<{name}>";
        var code = SourceFile.Begin();
        SourceFile.OpenType(code, _declaration.Type, self);
        EmitFields(code);
        foreach (var root in roots)
            EmitMatch(code, root);
        code.Block($$"""
            /// <summary>Reads all of <paramref name="text"/>; what is left over is a fault too.</summary>
            public static bool TryParse(ReadOnlySpan<byte> text, out {{name}} value, out ParseFault fault, uint allow = 0)
            {
                value = default;
                int end = text.Length > Slice.MaxTextLength ? MatchResult.Fail(Slice.MaxTextLength, 0) : Match(text, 0, allow, out value);
                if (end == text.Length)
                {
                    fault = default;
                    return true;
                }
                fault = end < 0 ? FaultOf(end) : new ParseFault(FaultKind.Syntax, end, {{Names.Quoted(roots[0].RuleName)}});
                value = default;
                return false;
            }

            /// <summary>What a negative result of a matcher means.</summary>
            public static ParseFault FaultOf(int result) => ParseFault.From(result, {{grammar.Holder}}.RuleNames, {{Names.Quoted(roots[0].RuleName)}});

            """);
        code.Block(write.TrimEnd('\n')).Line();
        EmitVisit(code);
        if (shape is not null)
            EmitHeader(code, shape);
        var emitter = new MatcherEmitter(grammar, record);
        foreach (var root in roots)
        {
            emitter.EmitRoot(root.Method + "Rule", root.Node, root.Captures, root.Follow, root.RuleName);
        }
        code.Block(emitter.ToString().TrimEnd('\n'));
        SourceFile.CloseType(code, _declaration.Type);
        return code.ToString();
    }

    // ---- What is matched ------------------------------------------------------------------------------------------------------

    private HeaderShape? ShapeOf()
    {
        string name = _declaration.Rules[0];
        if (_facts.Grammar.Find(name) is not { } rule)
        {
            findings.Add(Finding.At(_declaration.At, DiagnosticIds.CapturePathNotFound, name, _declaration.Type.Name, grammar.NoSuchRule));
            return null;
        }
        var shape = HeaderShape.Of(rule, _facts.Grammar);
        if (shape is null)
        {
            findings.Add(Finding.At(_declaration.At, DiagnosticIds.HeaderRuleForm, rule.Name, Quotation.Of(rule.Definition)));
            return null;
        }
        // A path that begins with the list's element means the list as a whole (Authentication-Info is one value, not many).
        bool whole = shape.Separator is not null && shape.Value is Reference element && _declaration.Properties.Any(p =>
            p.Kind != PropertyKind.Parameter && p.Paths.Any(path => string.Equals(CaptureTree.Components(path)[0], element.Name, System.StringComparison.OrdinalIgnoreCase)));
        return whole ? HeaderShape.WithoutList(rule, _facts.Grammar) : shape;
    }

    private List<Root> Roots(HeaderShape? shape)
    {
        var roots = new List<Root>();
        if (shape is not null)
        {
            var end = ByteSet.Of((byte)'\r') | ByteSet.Of((byte)'\n');
            if (shape.Separator is not null)
                end |= _facts.First(shape.Separator);
            Node node = shape.Separator is not null && shape.Value is Reference reference ? _facts.Grammar.Find(reference.Name)!.Definition : shape.Value;
            roots.Add(new(shape.ValueRule, "Match", node, new CaptureTree(), new(end, End: true, Known: true)));
        }
        else
        {
            if (_declaration.Rules.Count == 0)
                findings.Add(Finding.At(_declaration.At, DiagnosticIds.CapturePathNotFound, "", _declaration.Type.Name, "[Record] names no rule"));
            for (int i = 0; i < _declaration.Rules.Count; i++)
            {
                if (_facts.Grammar.Find(_declaration.Rules[i]) is { } rule)
                    roots.Add(new(rule.Name, RecordContext.MatchMethod(_declaration.Rules, i), rule.Definition, new CaptureTree(), Follow.Unknown));
                else
                    findings.Add(Finding.At(_declaration.At, DiagnosticIds.CapturePathNotFound, _declaration.Rules[i], _declaration.Type.Name, grammar.NoSuchRule));
            }
        }
        if (roots.Count == 0)
            return roots;
        foreach (var property in _declaration.Properties.Where(p => p.Kind != PropertyKind.Parameter))
        {
            bool repeated = false;
            for (int i = 0; i < property.Paths.Count; i++)
            {
                foreach (string path in property.Paths[i].Split('|'))
                {
                    bool found = false;
                    foreach (var root in roots)
                    {
                        if (path == ".")
                        {
                            root.Captures.Here.Add(property);
                            found = true;
                            continue;
                        }
                        found |= root.Captures.Add(_facts.Grammar, root.Node, property, path, i + 1, out bool inRepetition);
                        repeated |= inRepetition;
                    }
                    if (!found)
                    {
                        findings.Add(repeated
                            ? Finding.At(property.At, DiagnosticIds.CaptureInRepetition, path, _declaration.Type.Name)
                            : Finding.At(property.At, DiagnosticIds.CapturePathNotFound, path, _declaration.Type.Name,
                                $"rule '{roots[0].RuleName}' is {Quotation.Of(roots[0].Node)}"));
                    }
                }
            }
        }
        if (record.Parameters.Count > 0 && record.ParameterList is null)
            findings.Add(Finding.At(record.Parameters[0].At, DiagnosticIds.CapturePathNotFound, record.Parameters[0].Paths[0],
                _declaration.Type.Name, "the record has no [Parameters] property that says which list the parameter is of"));
        return roots;
    }

    // ---- Types ----------------------------------------------------------------------------------------------------------------

    private static readonly Node s_digits = new Repetition(default, new OctetRange(default, (byte)'0', (byte)'9'), 0, Repetition.Unbounded);

    private static readonly Node s_decimal = new Concatenation(default, [s_digits,
        new Repetition(default, new Concatenation(default, [new Literal(default, ".", true), new Repetition(default, new OctetRange(default, (byte)'0', (byte)'9'), 0, 3)]), 0, 1)]);

    private void CheckTypes(Root root)
    {
        void Check(Node definition, CaptureTree tree)
        {
            foreach (var pair in tree.Children)
            {
                foreach (var property in pair.Value.Here)
                    CheckType(property, pair.Key);
                if (pair.Key is Reference reference && _facts.Grammar.Find(reference.Name) is { } rule)
                    Check(rule.Definition, pair.Value);
            }
        }
        foreach (var property in root.Captures.Here)
            CheckType(property, root.Node);
        Check(root.Node, root.Captures);
        foreach (var property in record.Parameters.Where(p => p.Value is ValueKind.Unknown || p.Value == ValueKind.Enum && record.VocabularyOf(p) is null))
            Report(property, property.Paths[0]);
    }

    private void CheckType(PropertyDeclaration property, Node node)
    {
        bool fits = property.Value switch
        {
            ValueKind.Slice or ValueKind.Bool => true,
            ValueKind.Enum => record.VocabularyOf(property) is not null,
            ValueKind.Record => node is Reference reference && record.NestedMethod(property, reference) is not null,
            ValueKind.Unknown => false,
            _ => _facts.Leaf(node, 0) is { } words && _facts.Leaf(property.Thousandths ? s_decimal : s_digits, 0) is { } numbers && words.IsSubsetOf(numbers),
        };
        if (!fits)
            Report(property, node.ToString());
    }

    private void Report(PropertyDeclaration property, string rule) =>
        findings.Add(Finding.At(property.At, DiagnosticIds.TypeNotFilledByRule, $"{_declaration.Type.Name}.{property.Name}", property.Type, rule, property.Value switch
        {
            ValueKind.Record => "that record is not read from this rule",
            ValueKind.Enum => "no vocabulary of this compilation generates that enum",
            ValueKind.Unknown => "a property is a Slice, a number, a bool, an enum or a record",
            _ => property.Thousandths ? "it accepts more than decimal fractions of three places" : "it accepts more than digits",
        }));

    // ---- Fields and properties --------------------------------------------------------------------------------------------------

    private void EmitFields(CodeWriter code)
    {
        code.Line("private readonly Fields _fields;").Line();
        code.Line("/// <summary>All that was matched, without white space behind it.</summary>").Line("public Slice Extent => _fields.Extent;").Line();
        foreach (var property in _declaration.Properties)
            code.Line($"{property.Accessibility} partial {record.TypeOf(property)}{(property.Nullable ? "?" : "")} {property.Name} => _fields.{property.Name};").Line();
        code.Open("private struct Fields");
        code.Line("public Slice Extent;");
        foreach (var property in _declaration.Properties)
            code.Line($"public {record.TypeOf(property)}{(property.Nullable ? "?" : "")} {property.Name};");
        code.Close().Line();
    }

    private void EmitMatch(CodeWriter code, Root root)
    {
        code.Line($"/// <summary>Matches <c>{Xml(root.RuleName)}</c> at <paramref name=\"p\"/>; the end of the match, or a negative result (see <see cref=\"MatchResult\"/>).</summary>");
        code.Open($"public static int {root.Method}(ReadOnlySpan<byte> s, int p, uint allow, out {_declaration.Type.Name} value)");
        code.Line("Unsafe.SkipInit(out value);").Line("ref Fields f = ref Unsafe.AsRef(in value._fields);").Line("f = default;");
        code.Line($"int end = {root.Method}Rule(s, p, allow, ref f);");
        code.Then("if (end < 0)", "return end;");
        code.Line("f.Extent = Slice.Between(p, end);");
        foreach (var property in root.Captures.Here)
        {
            if (property.Value == ValueKind.Enum)
                code.Line($"f.{property.Name} = {record.ParseEnum(property, "p", "end")};");
            else if (_facts.Leaf(root.Node, 0)?.Accepts([(byte)' ']) == true)
                // White space that is all of a value is not white space around it (qdtext, an octet of a quoted string).
                code.Line($"f.{property.Name} = Slice.Between(p, end);");
            else
                code.Line(!grammar.Declaration.KeepsSpace && (_facts.First(root.Node) | _facts.Last(root.Node)).Contains((byte)' ')
                    ? $"f.{property.Name} = Scan.Trimmed(s, p, end);"
                    : $"f.{property.Name} = f.Extent;");
        }
        code.Line("return end;").Close().Line();
    }

    private void EmitVisit(CodeWriter code)
    {
        code.Line("/// <summary>Hands the fields that are there to a visitor, in the order of their declaration.</summary>");
        code.Line("public void Visit<TVisitor>(ref TVisitor visitor)").Line("    where TVisitor : IFieldVisitor, allows ref struct").Open();
        foreach (var property in _declaration.Properties)
        {
            string field = $"_fields.{property.Name}";
            string value = property.Nullable ? field + ".GetValueOrDefault()" : field;
            string name = Names.Quoted(property.Name);
            // A number that must be there is always handed out, zero as well.
            string test = property.Value is ValueKind.Byte or ValueKind.UShort or ValueKind.UInt or ValueKind.ULong && !property.Nullable ? "" : WriterEmitter.IsPresent(property, "_fields");
            if (test.Length > 0)
                code.Open($"if ({test})");
            switch (property.Value)
            {
                case ValueKind.Slice:
                    code.Line($"visitor.Text({name}, {field});");
                    break;
                case ValueKind.Bool:
                    code.Line($"visitor.Flag({name});");
                    break;
                case ValueKind.Enum:
                    code.Line($"visitor.Choice({name}, (int){value});");
                    break;
                case ValueKind.Record:
                    code.Line($"visitor.BeginRecord({name});").Line($"{field}.Visit(ref visitor);").Line("visitor.EndRecord();");
                    break;
                default:
                    code.Line($"visitor.Number({name}, {value});");
                    break;
            }
            if (test.Length > 0)
                code.Close();
        }
        code.Close().Line();
    }

    private static string Xml(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    private void EmitHeader(CodeWriter code, HeaderShape shape)
    {
        string id = headerEnum is null ? "0" : $"(int){headerEnum}.{Names.Pascal(shape.Name)}";
        var form = new List<string>();
        if (shape.Separator is not null)
            form.Add("HeaderForm.List");
        if (shape.CanBeEmpty)
            form.Add("HeaderForm.CanBeEmpty");
        if (shape.Separator is not null || _declaration.Repeatable)
            form.Add("HeaderForm.Repeatable");
        code.Block($$"""
            static int IHeader<{{_declaration.Type.Name}}>.Id => {{id}};

            /// <summary>The name as its RFC writes it.</summary>
            public static ReadOnlySpan<byte> HeaderName => {{Names.Text(shape.Name)}};

            static string IHeader<{{_declaration.Type.Name}}>.RuleName => {{Names.Quoted(_declaration.Rules[0])}};

            /// <summary>The compact form, or 0.</summary>
            public static byte CompactName => {{(shape.Compact == 0 ? "0" : $"(byte)'{shape.Compact}'")}};

            /// <summary>How the values stand on the header's lines.</summary>
            public static HeaderForm Form => {{(form.Count == 0 ? "HeaderForm.Single" : string.Join(" | ", form))}};

            """);
        string separator = shape.Separator is Reference reference ? grammar.Call(reference, "offset", true) : "-1";
        code.Line($"static int IHeader<{_declaration.Type.Name}>.MatchSeparator(ReadOnlySpan<byte> s, int offset, uint allow) => {separator};").Line();
        string alone = "-1";
        if (shape.Sole is Reference sole)
            alone = grammar.Call(sole, "offset", true);
        code.Line($"static int IHeader<{_declaration.Type.Name}>.MatchSole(ReadOnlySpan<byte> s, int offset, uint allow) => {alone};").Line();
    }
}
