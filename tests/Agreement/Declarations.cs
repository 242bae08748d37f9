// The records as they are declared: read from the attributes in the built assembly, so that what is held to the oracle is what a
// user of the library gets.
using System.Reflection;
using SipEmbedded.Text;

namespace SipEmbedded.Agreement;

internal enum Source
{
    Capture,
    Parameter,
    Parameters,
    Branch,
}

internal sealed record DeclaredProperty(
    PropertyInfo Property, Source Source, string[] Paths, bool Saturates, bool IsThousandths, ulong Max)
{
    public string Name => Property.Name;

    /// <summary>The type, without the question mark.</summary>
    public Type Type { get; } = Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    public bool IsNullable => Type != Property.PropertyType;
}

internal sealed record DeclaredRecord(Type Type, string Grammar, bool IsHeader, string[] Rules, DeclaredProperty[] Properties)
{
    public override string ToString() => Type.Name;
}

/// <summary>A change to a grammar, or the settling of a choice in it, as the attributes on its class say.</summary>
internal sealed record DeclaredAdjustment(string Attribute, string Rule, string Reference, string Replacement, string Choice);

internal sealed record DeclaredGrammar(string Name, DeclaredAdjustment[] Adjustments, (string Rule, uint Flag)[] Leniencies);

internal static class Declarations
{
    /// <summary>The grammar of a record that names none.</summary>
    private const string DefaultGrammar = "sip";

    private static readonly Assembly s_assembly = typeof(Slice).Assembly;

    public static IReadOnlyList<DeclaredRecord> Records { get; } =
        [.. s_assembly.GetTypes().Select(Record).OfType<DeclaredRecord>().OrderBy(record => record.Type.FullName, StringComparer.Ordinal)];

    public static IReadOnlyList<DeclaredGrammar> Grammars { get; } = [.. s_assembly.GetTypes().Select(Grammar).OfType<DeclaredGrammar>()];

    /// <summary>The grammar rule whose literals an enum lists, by the enum's name.</summary>
    public static IReadOnlyDictionary<string, string> Vocabularies { get; } = s_assembly.GetTypes()
        .Select(type => Find(type, "Vocabulary")).OfType<CustomAttributeData>()
        .ToDictionary(vocabulary => Text(vocabulary, 1), vocabulary => Text(vocabulary, 0));

    public static DeclaredRecord RecordOf(Type type) => Records.First(record => record.Type == type);

    private static DeclaredRecord? Record(Type type)
    {
        var header = Find(type, "Header");
        if ((header ?? Find(type, "Record")) is not { } attribute)
            return null;
        var grammar = Named(attribute, "Grammar") as string;
        return new(type, string.IsNullOrEmpty(grammar) ? DefaultGrammar : grammar, header is not null,
            header is not null ? [Text(header, 0)] : Texts(attribute),
            [.. type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Select(Property).OfType<DeclaredProperty>()]);
    }

    private static DeclaredProperty? Property(PropertyInfo property)
    {
        foreach (var source in Enum.GetValues<Source>())
        {
            if (property.CustomAttributes.FirstOrDefault(attribute => attribute.AttributeType.Name == source + "Attribute") is not { } found)
                continue;
            return new(property, source, source == Source.Parameter ? [Text(found, 0)] : Texts(found), Named(found, "Saturate") is true,
                Named(found, "Thousandths") is true, Named(found, "Max") is ulong max ? max : 0);
        }

        return null;
    }

    private static DeclaredGrammar? Grammar(Type type)
    {
        if (Find(type, "Grammar") is not { } grammar)
            return null;
        var adjustments = new List<DeclaredAdjustment>();
        var leniencies = new List<(string, uint)>();
        foreach (var attribute in type.CustomAttributes)
        {
            switch (attribute.AttributeType.Name)
            {
                case "ReplaceAttribute":
                    adjustments.Add(new("Replace", Text(attribute, 0), Text(attribute, 1), Text(attribute, 2), ""));
                    break;
                case "SettleAttribute":
                    var choice = attribute.ConstructorArguments[1];
                    adjustments.Add(new("Settle", Text(attribute, 0), "", "", Enum.ToObject(choice.ArgumentType, choice.Value!).ToString()!));
                    break;
                case "LenientAttribute":
                    leniencies.Add((Text(attribute, 0), (uint)attribute.ConstructorArguments[1].Value!));
                    break;
            }
        }

        return new(Text(grammar, 0), [.. adjustments], [.. leniencies]);
    }

    private static CustomAttributeData? Find(Type type, string name) => type.CustomAttributes.FirstOrDefault(attribute =>
        attribute.AttributeType.Namespace == "SipEmbedded.Generation" && attribute.AttributeType.Name == name + "Attribute");

    private static string Text(CustomAttributeData attribute, int index) => (string)attribute.ConstructorArguments[index].Value!;

    private static string[] Texts(CustomAttributeData attribute) =>
        [.. ((IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!).Select(text => (string)text.Value!)];

    private static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value;
}
