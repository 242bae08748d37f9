// Emits an enum of the words that a rule lists as literals (RFC 3261's Method), its parser and its names. What the rule accepts
// beyond them (extension-method) is Other.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal static class VocabularyEmitter
{
    /// <summary>The literals of a rule's alternatives, through references, in the grammar's order.</summary>
    public static List<Literal> WordsOf(Grammar grammar, Node node, int depth = 0) => node switch
    {
        Literal literal => [literal],
        Alternation a => [.. a.Alternatives.SelectMany(item => WordsOf(grammar, item, depth))],
        Reference r when depth < 8 && grammar.Find(r.Name) is { } rule => WordsOf(grammar, rule.Definition, depth + 1),
        _ => [],
    };

    public static string? Emit(Grammar grammar, VocabularyDeclaration declaration)
    {
        if (grammar.Find(declaration.Rule) is not { } rule)
            return null;
        var words = new List<(Literal Literal, string Member)>();
        var taken = new HashSet<string> { "Other" };
        foreach (var literal in WordsOf(grammar, rule.Definition))
        {
            if (words.All(w => w.Literal.Text != literal.Text))
                words.Add((literal, Names.Unique(Names.Pascal(literal.Text), taken)));
        }
        var code = SourceFile.Begin();
        string name = declaration.EnumName;
        var type = declaration.Type;
        if (type.Namespace.Length > 0)
            code.Open($"namespace {type.Namespace}");
        code.Line($"/// <summary>The words that <c>{declaration.Rule}</c> lists; <see cref=\"Other\"/> is any further word that it accepts.</summary>");
        code.Open($"{type.Accessibility} enum {name} : {(words.Count <= byte.MaxValue ? "byte" : "ushort")}").Line("/// <summary>None of the following.</summary>").Line("Other,");
        foreach (var (literal, member) in words)
            code.Line($"/// <summary><c>{literal.Text}</c></summary>").Line($"{member},");
        code.Close().Line();

        code.Open($"{type.Keyword} {type.Name}");
        code.Line("/// <summary>How many words there are, <c>Other</c> aside.</summary>");
        code.Line($"public const int Count = {words.Count.ToString(CultureInfo.InvariantCulture)};").Line();
        code.Line("/// <summary>The word that is s[start..end], or Other.</summary>");
        code.Open($"public static {name} Parse(ReadOnlySpan<byte> s, int start, int end)");
        bool caseSensitive = words.Count > 0 && words[0].Literal.CaseSensitive;
        NameMatch.Switch(code, words.Select(w => (w.Literal.Text, $"return {name}.{w.Member};")), caseSensitive, "start", "end");
        code.Line($"return {name}.Other;").Close().Line();
        code.Line("/// <summary>The word that the whole text is, or Other.</summary>");
        code.Line($"public static {name} Parse(ReadOnlySpan<byte> word) => Parse(word, 0, word.Length);").Line();
        code.Line("/// <summary>The word as its RFC writes it; empty for Other.</summary>");
        code.Line($"public static ReadOnlySpan<byte> NameOf({name} word) => word switch").Line("{");
        foreach (var (literal, member) in words)
            code.Line($"    {name}.{member} => {Names.Text(literal.Text)},");
        code.Line("    _ => default,").Line("};");
        code.Close();
        if (type.Namespace.Length > 0)
            code.Close();
        return code.ToString();
    }
}
