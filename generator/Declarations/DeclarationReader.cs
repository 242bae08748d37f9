// Reads the attributes of AttributeSource into the models. This file and SupplementReader.cs are the only ones of the generator that touch symbols.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SipEmbedded.Generator.Declarations;

internal static class DeclarationReader
{
    public static GrammarDeclaration ReadGrammar(GeneratorAttributeSyntaxContext context, CancellationToken _)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var settlements = new List<Settlement>();
        var replacements = new List<Replacement>();
        var spellings = new List<RuleSpelling>();
        var leniencies = new List<LenientRule>();
        bool keepsSpace = false;
        // What is taken over goes first, without a place: a setting that names nothing here is the other grammar's business.
        foreach (var (attribute, at) in Inherited(type).Reverse().SelectMany(t => t.GetAttributes()).Select(a => (a, default(CodeLocation)))
            .Concat(type.GetAttributes().Select(a => (a, LocationOf(a)))))
        {
            switch (NameOf(attribute))
            {
                case "SettleAttribute":
                    settlements.Add(new(Text(attribute, 0), (SettleChoice)Number(attribute, 1), at));
                    break;
                case "ReplaceAttribute":
                    replacements.Add(new(Text(attribute, 0), Text(attribute, 1), Text(attribute, 2), at));
                    break;
                case "SpellingAttribute":
                    spellings.Add(new(Text(attribute, 0), Text(attribute, 1), at));
                    break;
                case "LenientAttribute":
                    leniencies.Add(new(Text(attribute, 0), unchecked((uint)Number(attribute, 1)), at));
                    break;
                case "GrammarAttribute":
                    keepsSpace |= Named(attribute, "KeepsSpace") is true;
                    break;
            }
        }
        return new(Text(context.Attributes[0], 0), HeadOf(type), Array(settlements), Array(replacements), Array(spellings), Array(leniencies),
            keepsSpace, LocationOf(context.Attributes[0]));
    }

    /// <summary>The most holders in one chain of <c>Extends</c>: a chain that comes back to itself ends here.</summary>
    private const int MaxExtends = 8;

    // The holders that a holder extends, the nearest first.
    private static IEnumerable<INamedTypeSymbol> Inherited(INamedTypeSymbol type)
    {
        for (int i = 0; i < MaxExtends; i++)
        {
            var grammar = type.GetAttributes().FirstOrDefault(a => NameOf(a) == "GrammarAttribute");
            if (grammar is null || Named(grammar, "Extends") is not INamedTypeSymbol extended)
                yield break;
            yield return type = extended;
        }
    }

    public static RecordDeclaration ReadRecord(GeneratorAttributeSyntaxContext context, CancellationToken _)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        bool isHeader = NameOf(attribute) == "HeaderAttribute";
        var rules = isHeader ? [Text(attribute, 0)] : Texts(attribute, 0);
        var properties = new List<PropertyDeclaration>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            if (ReadProperty(property) is { } declaration)
                properties.Add(declaration);
        }
        return new(HeadOf(type), Named(attribute, "Grammar") as string ?? "", isHeader, Array(rules), Named(attribute, "Repeatable") is true,
            Array(properties), LocationOf(type));
    }

    private static PropertyDeclaration? ReadProperty(IPropertySymbol property)
    {
        foreach (var attribute in property.GetAttributes())
        {
            PropertyKind kind;
            switch (NameOf(attribute))
            {
                case "CaptureAttribute": kind = PropertyKind.Capture; break;
                case "ParameterAttribute": kind = PropertyKind.Parameter; break;
                case "ParametersAttribute": kind = PropertyKind.Parameters; break;
                case "BranchAttribute": kind = PropertyKind.Branch; break;
                default: continue;
            }
            var paths = kind == PropertyKind.Parameter ? [Text(attribute, 0)] : Texts(attribute, 0);
            var (value, nullable, name, record) = KindOf(property.Type, property.ContainingAssembly);
            return new(property.Name, name, value, nullable, AccessibilityOf(property.DeclaredAccessibility), kind, Array(paths),
                Named(attribute, "Saturate") is true, Named(attribute, "Thousandths") is true, Named(attribute, "Max") is ulong max ? max : 0,
                record, LocationOf(property));
        }
        return null;
    }

    private static (ValueKind Kind, bool Nullable, string Name, NestedRecord Record) KindOf(ITypeSymbol type, IAssemblySymbol assembly)
    {
        bool nullable = false;
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } wrapped)
        {
            nullable = true;
            type = wrapped.TypeArguments[0];
        }
        string name = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        var record = type.GetAttributes().FirstOrDefault(a => NameOf(a) is "RecordAttribute" or "HeaderAttribute");
        var kind = type.SpecialType switch
        {
            SpecialType.System_Byte => ValueKind.Byte,
            SpecialType.System_UInt16 => ValueKind.UShort,
            SpecialType.System_UInt32 => ValueKind.UInt,
            SpecialType.System_UInt64 => ValueKind.ULong,
            SpecialType.System_Boolean => ValueKind.Bool,
            _ when type.TypeKind == TypeKind.Enum => ValueKind.Enum,
            // An enum that a vocabulary generates does not exist yet when declarations are read.
            _ when type.TypeKind == TypeKind.Error => ValueKind.Enum,
            _ when name == "global::SipEmbedded.Text.Slice" => ValueKind.Slice,
            _ when record is not null => ValueKind.Record,
            _ => ValueKind.Unknown,
        };
        var nested = record is null ? default : new NestedRecord(
            Array(NameOf(record) == "HeaderAttribute" ? [Text(record, 0)] : Texts(record, 0)),
            !SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly));
        return (kind, nullable, type.TypeKind == TypeKind.Error ? type.Name : name, nested);
    }

    public static VocabularyDeclaration ReadVocabulary(GeneratorAttributeSyntaxContext context, CancellationToken _)
    {
        var attribute = context.Attributes[0];
        return new(HeadOf((INamedTypeSymbol)context.TargetSymbol), Named(attribute, "Grammar") as string ?? "", Text(attribute, 0), Text(attribute, 1),
            LocationOf(attribute));
    }

    public static HeaderNamesDeclaration ReadHeaderNames(GeneratorAttributeSyntaxContext context, CancellationToken _) =>
        new(HeadOf((INamedTypeSymbol)context.TargetSymbol), Text(context.Attributes[0], 0), LocationOf(context.Attributes[0]));

    public static DispatcherDeclaration ReadDispatcher(GeneratorAttributeSyntaxContext context, CancellationToken _)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        var vocabulary = attribute.ConstructorArguments.Length > 0 ? attribute.ConstructorArguments[0].Value as INamedTypeSymbol : null;
        string grammar = "", rule = "", enumName = "";
        var words = vocabulary?.GetAttributes().FirstOrDefault(a => NameOf(a) == "VocabularyAttribute");
        if (words is not null)
            (grammar, rule, enumName) = (Named(words, "Grammar") as string ?? "", Text(words, 0), Text(words, 1));
        var handlers = new List<HandlerDeclaration>();
        foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
        {
            foreach (var handles in method.GetAttributes().Where(a => NameOf(a) == "HandlesAttribute"))
            {
                handlers.Add(new(Text(handles, 0), method.Name,
                    string.Join(", ", method.Parameters.Select(p => Modifier(p, declared: true) + p.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) + " " + p.Name)),
                    string.Join(", ", method.Parameters.Select(p => Modifier(p, declared: false) + p.Name)),
                    method.ReturnType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat), method.IsStatic, method.IsGenericMethod, LocationOf(handles)));
            }
        }
        string ns = vocabulary?.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." : "";
        return new(HeadOf(type), vocabulary?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) ?? "", grammar, rule, "global::" + ns + enumName,
            Array(handlers), LocationOf(attribute));
    }

    internal static string Modifier(IParameterSymbol parameter, bool declared) => parameter.RefKind switch
    {
        RefKind.Ref => "ref ",
        RefKind.Out => "out ",
        RefKind.In => "in ",
        RefKind.RefReadOnlyParameter => declared ? "ref readonly " : "in ",
        _ => declared && parameter.ScopedKind == ScopedKind.ScopedValue ? "scoped " : "",
    };

    internal static TypeHead HeadOf(INamedTypeSymbol type)
    {
        var outer = new List<string>();
        for (var around = type.ContainingType; around is not null; around = around.ContainingType)
            outer.Insert(0, around.Name);
        string keyword = type.TypeKind == TypeKind.Struct
            ? (type.IsReadOnly ? "readonly " : "") + (type.IsRefLikeType ? "ref " : "") + "partial " + (type.IsRecord ? "record struct" : "struct")
            : (type.IsStatic ? "static " : "") + "partial " + (type.IsRecord ? "record" : "class");
        string space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        return new(space, Array(outer), keyword, type.Name, AccessibilityOf(type.DeclaredAccessibility));
    }

    private static string AccessibilityOf(Accessibility accessibility) => accessibility switch
    {
        Accessibility.Public => "public",
        Accessibility.Private => "private",
        Accessibility.Protected => "protected",
        Accessibility.ProtectedOrInternal => "protected internal",
        Accessibility.ProtectedAndInternal => "private protected",
        _ => "internal",
    };

    internal static string NameOf(AttributeData attribute) => attribute.AttributeClass?.Name ?? "";

    internal static string Text(AttributeData attribute, int index) =>
        attribute.ConstructorArguments.Length > index && attribute.ConstructorArguments[index].Value is string text ? text : "";

    private static string[] Texts(AttributeData attribute, int index) =>
        attribute.ConstructorArguments.Length > index && attribute.ConstructorArguments[index] is { Kind: TypedConstantKind.Array, IsNull: false } texts
            ? texts.Values.Select(v => v.Value as string ?? "").ToArray()
            : [];

    // An enum's value may be any integer that the user cast to it.
    private static long Number(AttributeData attribute, int index) =>
        attribute.ConstructorArguments.Length > index && attribute.ConstructorArguments[index].Value is { } value and not string && value.GetType().IsPrimitive
            ? unchecked((long)(value is ulong large ? large : (ulong)Convert.ToInt64(value)))
            : 0;

    internal static object? Named(AttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == name)
                return argument.Value.Value;
        }
        return null;
    }

    internal static EquatableArray<T> Array<T>(IEnumerable<T> items) where T : IEquatable<T> => new(items.ToImmutableArray());

    internal static CodeLocation LocationOf(AttributeData attribute) =>
        attribute.ApplicationSyntaxReference is { } reference ? LocationOf(reference.SyntaxTree, reference.Span) : default;

    internal static CodeLocation LocationOf(ISymbol symbol)
    {
        var reference = symbol.DeclaringSyntaxReferences.FirstOrDefault();
        if (reference is null)
            return default;
        var span = reference.GetSyntax() switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Span,
            PropertyDeclarationSyntax property => property.Identifier.Span,
            var other => other.Span,
        };
        return LocationOf(reference.SyntaxTree, span);
    }

    private static CodeLocation LocationOf(SyntaxTree tree, Microsoft.CodeAnalysis.Text.TextSpan span)
    {
        var lines = tree.GetLineSpan(span);
        return new(tree.FilePath, span.Start, span.Length, lines.StartLinePosition.Line, lines.StartLinePosition.Character,
            lines.EndLinePosition.Line, lines.EndLinePosition.Character);
    }
}
