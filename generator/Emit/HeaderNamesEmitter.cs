// Emits the enum of all headers declared in a compilation and the lookup of a name in a message: by length, then masked words.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal static class HeaderNamesEmitter
{
    public static string Emit(HeaderNamesDeclaration declaration, IEnumerable<(HeaderShape Shape, string Type)> headers)
    {
        var records = headers.OrderBy(h => h.Shape.Name, StringComparer.Ordinal).ToList();
        var all = records.Select(r => r.Shape).ToList();
        var code = SourceFile.Begin();
        string name = declaration.EnumName;
        var type = declaration.Type;
        code.Open($"namespace {type.Namespace}");
        code.Line("/// <summary>The headers that have a typed record here; <see cref=\"Other\"/> is any further header.</summary>");
        code.Open($"{type.Accessibility} enum {name} : byte").Line("/// <summary>None of the following.</summary>").Line("Other,");
        foreach (var header in all)
            code.Line($"/// <summary><c>{header.Name}</c>{(header.Compact == 0 ? "" : $", <c>{header.Compact}</c>")}</summary>").Line($"{Names.Pascal(header.Name)},");
        code.Close().Line();

        code.Open($"{type.Keyword} {type.Name}");
        code.Line("/// <summary>How many headers there are, <c>Other</c> aside.</summary>");
        code.Line($"public const int Count = {all.Count.ToString(CultureInfo.InvariantCulture)};").Line();
        code.Line("/// <summary>The header whose name or compact form is s[start..end], without regard to case, or Other.</summary>");
        code.Open($"public static {name} Parse(ReadOnlySpan<byte> s, int start, int end)");
        code.Open("if (end - start == 1)");
        code.Line("return (s[start] | 0x20) switch").Line("{");
        foreach (var header in all.Where(h => h.Compact != 0))
            code.Line($"    '{char.ToLowerInvariant(header.Compact)}' => {name}.{Names.Pascal(header.Name)},");
        code.Line($"    _ => {name}.Other,").Line("};").Close();
        NameMatch.Switch(code, all.Select(h => (h.Name, $"return {name}.{Names.Pascal(h.Name)};")), caseSensitive: false, "start", "end");
        code.Line($"return {name}.Other;").Close().Line();
        code.Line("/// <summary>The name as its RFC writes it; empty for Other.</summary>");
        code.Line($"public static ReadOnlySpan<byte> NameOf({name} header) => header switch").Line("{");
        foreach (var header in all)
            code.Line($"    {name}.{Names.Pascal(header.Name)} => {Names.Text(header.Name)},");
        code.Line("    _ => default,").Line("};");
        code.Line("/// <summary>How the values of a header stand on its lines.</summary>");
        Switch(code, $"public static HeaderForm FormOf({name} header)", records, r => $"{r.Type}.Form", "HeaderForm.Single");
        code.Line("/// <summary>Matches every value of a header's line, s[start..end]; the end, or a negative result (see <see cref=\"MatchResult\"/>).</summary>");
        Switch(code, $"public static int Match({name} header, ReadOnlySpan<byte> s, int start, int end, LineRules rules)", records,
            r => $"HeaderValues.MatchLine<{r.Type}>(s, start, end, rules)", "end");
        code.Line("/// <summary>Hands the typed values of a header's line to a visitor; the end, or a negative result.</summary>");
        code.Line($"public static int Visit<TVisitor>({name} header, ReadOnlySpan<byte> s, int start, int end, LineRules rules, ref TVisitor visitor)");
        Switch(code, "    where TVisitor : IValueVisitor, allows ref struct", records,
            r => $"HeaderValues.VisitLine<{r.Type}, TVisitor>(s, start, end, rules, ref visitor)", "end");
        code.Line("/// <summary>What a negative result of <see cref=\"Match\"/> means.</summary>");
        Switch(code, $"public static ParseFault FaultOf({name} header, int result)", records, r => $"{r.Type}.FaultOf(result)", "default");
        code.Close().Close();
        return code.ToString();

        void Switch(CodeWriter code, string head, List<(HeaderShape Shape, string Type)> records,
            Func<(HeaderShape Shape, string Type), string> value, string other)
        {
            code.Line(head + " => header switch").Line("{");
            foreach (var record in records)
                code.Line($"    {name}.{Names.Pascal(record.Shape.Name)} => {value(record)},");
            code.Line($"    _ => {other},").Line("};").Line();
        }
    }
}
