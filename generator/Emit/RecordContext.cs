// One record while its code is emitted: its properties, and the records and vocabularies that they lead to.
using System.Collections.Generic;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal sealed class RecordContext(RecordDeclaration declaration, GrammarContext grammar)
{
    public RecordDeclaration Declaration { get; } = declaration;

    public IReadOnlyList<PropertyDeclaration> Parameters { get; } =
        [.. declaration.Properties.Where(p => p.Kind == PropertyKind.Parameter)];

    public PropertyDeclaration? ParameterList { get; } =
        declaration.Properties.Any(p => p.Kind == PropertyKind.Parameters) ? declaration.Properties.First(p => p.Kind == PropertyKind.Parameters) : null;

    /// <summary>The method of a nested record that matches the referenced rule, called.</summary>
    public string NestedCall(PropertyDeclaration property, Reference? reference, string position)
    {
        string call = $"{property.Type}.{NestedMethod(property, reference) ?? "Match"}(s, {position}, allow, out f.{property.Name})";
        if (!property.Record.IsForeign)
            return call;
        // Another assembly numbers its rules in its own way: of its faults the place is kept, and the rule is the one asked for here.
        int rule = reference is not null && grammar.Facts.RuleIds.TryGetValue(reference.Name, out int id) ? id : 0;
        return $"MatchResult.OfRule({call}, {rule.ToString(System.Globalization.CultureInfo.InvariantCulture)})";
    }

    /// <summary>The name of that method; null where the nested record is not read from that rule.</summary>
    public string? NestedMethod(PropertyDeclaration property, Reference? reference)
    {
        if (reference is null)
            return "Match";
        var rules = property.Record.Rules;
        for (int i = 0; i < rules.Count; i++)
        {
            if (string.Equals(rules[i], reference.Name, System.StringComparison.OrdinalIgnoreCase))
                return MatchMethod(rules, i);
        }
        return null;
    }

    /// <summary>The matcher of a record's first rule is Match; the others carry the rule's name.</summary>
    public static string MatchMethod(EquatableArray<string> rules, int index) => index == 0 ? "Match" : "Match" + Names.Pascal(rules[index]);

    public VocabularyDeclaration? VocabularyOf(PropertyDeclaration property)
    {
        string name = property.Type.Substring(property.Type.LastIndexOfAny(['.', ':']) + 1);
        foreach (var vocabulary in grammar.Vocabularies)
        {
            if (vocabulary.EnumName == name)
                return vocabulary;
        }
        return null;
    }

    public string ParseEnum(PropertyDeclaration property, string start, string end) =>
        $"global::{VocabularyOf(property)!.Value.Type.FullName}.Parse(s, {start}, {end})";

    /// <summary>The enum's type as emitted code names it.</summary>
    public string TypeOf(PropertyDeclaration property) =>
        property.Value == ValueKind.Enum && VocabularyOf(property) is { } vocabulary ? EnumType(vocabulary) : property.Type;

    public static string EnumType(VocabularyDeclaration vocabulary) =>
        "global::" + (vocabulary.Type.Namespace.Length == 0 ? "" : vocabulary.Type.Namespace + ".") + vocabulary.EnumName;

    public static ulong MaxOf(ValueKind kind) => kind switch
    {
        ValueKind.Byte => byte.MaxValue,
        ValueKind.UShort => ushort.MaxValue,
        ValueKind.UInt => uint.MaxValue,
        _ => ulong.MaxValue - 1,
    };

    public static string KeywordOf(ValueKind kind) => kind switch
    {
        ValueKind.Byte => "byte",
        ValueKind.UShort => "ushort",
        ValueKind.UInt => "uint",
        _ => "ulong",
    };
}
