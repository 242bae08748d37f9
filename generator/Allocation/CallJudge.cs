// What a call may allocate, as far as its target's declaration tells. A target in a promised assembly is judged by its own
// body, where that is compiled; any other target has to be on the list.
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace SipEmbedded.Generator.Allocation;

/// <summary>A verdict on a call: the descriptor to report, with its message's arguments.</summary>
internal readonly record struct CallFault(DiagnosticDescriptor Descriptor, string First, string Second = "");

internal sealed class CallJudge(Compilation compilation, AllocationMarks marks, AllocationFreeList list)
{
    private static readonly SymbolDisplayFormat Name = SymbolDisplayFormat.CSharpShortErrorMessageFormat;

    private const string Equatable = "IEquatable`1";
    private const string Comparable = "IComparable`1";

    private readonly ConcurrentDictionary<ISymbol, bool> _listed = new(SymbolEqualityComparer.Default);

    public Compilation Compilation => compilation;

    public static string Show(ISymbol symbol) => symbol.ToDisplayString(Name);

    /// <summary>True for a member that this compilation, or another assembly with the mark, declares.</summary>
    public bool IsPromised(ISymbol symbol) => symbol.ContainingAssembly is { } assembly && marks.IsPromised(assembly);

    /// <summary>The fault of a call to a method, constructor or operator, or of a property; null if there is none.</summary>
    public CallFault? Judge(ISymbol target)
    {
        if (target is IMethodSymbol { ReducedFrom: { } unreduced })
            target = unreduced;
        // These have no body of their own: the target behind a delegate or pointer is judged where it is taken.
        if (target is IMethodSymbol { MethodKind: MethodKind.DelegateInvoke or MethodKind.FunctionPointerSignature
            or MethodKind.BuiltinOperator })
            return null;
        // A struct without a parameterless constructor of its own is only cleared.
        if (target is IMethodSymbol { MethodKind: MethodKind.Constructor, IsImplicitlyDeclared: true, Parameters.Length: 0 })
            return null;
        if (marks.IsMarkedStartUp(target))
            return new CallFault(AllocationDescriptors.StartUpCalled, Show(target));
        if (target.ContainingAssembly is null)
            return null;
        if (IsPromised(target))
            return JudgeSynthesized(target) ?? JudgeNative(target);
        if (!IsListed(target.OriginalDefinition))
            return new CallFault(AllocationDescriptors.UnknownCall, Show(target));
        return JudgeTypeArguments(target);
    }

    private bool IsListed(ISymbol definition)
    {
        if (_listed.TryGetValue(definition, out bool listed))
            return listed;
        listed = list.Contains(definition)
            || (definition is IMethodSymbol { AssociatedSymbol: IPropertySymbol property } && list.Contains(property));
        _listed.TryAdd(definition, listed);
        return listed;
    }

    // The compiler writes these members, so no source of theirs is ever visited.
    private CallFault? JudgeSynthesized(ISymbol target)
    {
        if (target is not IMethodSymbol { IsImplicitlyDeclared: true, ContainingType: { IsRecord: true } record } method)
            return null;
        string written = $"The compiler's '{method.Name}' of record '{Show(record)}'";
        switch (method.Name)
        {
            case "ToString" or "PrintMembers":
                return new CallFault(AllocationDescriptors.StringBuilt, written);
            case "<Clone>$":
                return new CallFault(AllocationDescriptors.ObjectCreated, "'with'", Show(record));
            case "Equals" or "GetHashCode" or "op_Equality" or "op_Inequality":
                return HasBoxingField(record, [])
                    ? new CallFault(AllocationDescriptors.Boxed, $"{written}, with a field that is not IEquatable,", Show(record))
                    : null;
            default:
                return null;
        }
    }

    // A record that leaves its Equals to the compiler compares field by field, and so do the records in it and below it.
    private static bool HasBoxingField(INamedTypeSymbol record, HashSet<ISymbol> visited)
    {
        for (var type = record; type is { IsRecord: true } && visited.Add(type); type = type.BaseType)
        {
            bool isWritten = type.GetMembers("Equals").OfType<IMethodSymbol>().Any(m => !m.IsImplicitlyDeclared
                && m.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(m.Parameters[0].Type, type));
            var fields = type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic);
            if (!isWritten && fields.Any(field => BoxesWhenCompared(field.Type, Equatable, visited)))
                return true;
        }

        return false;
    }

    // A native function that hands back a managed object has it made by the marshaller.
    private static CallFault? JudgeNative(ISymbol target)
    {
        if (target is not IMethodSymbol { IsExtern: true } native || native.GetDllImportData() is null)
            return null;
        bool marshalsBack = native.ReturnType.IsReferenceType
            || native.Parameters.Any(p => p.RefKind is RefKind.Ref or RefKind.Out && p.Type.IsReferenceType);
        return marshalsBack ? new CallFault(AllocationDescriptors.UnknownCall, Show(native)) : null;
    }

    private CallFault? JudgeTypeArguments(ISymbol target)
    {
        var type = target.ContainingType;
        switch (type.OriginalDefinition.ContainingNamespace.ToDisplayString(), type.OriginalDefinition.MetadataName)
        {
            case ("System.Collections.Generic", "EqualityComparer`1" or "Comparer`1" or "Dictionary`2" or "HashSet`1"):
                // Asking for the comparer or the count compares nothing.
                if (target is IMethodSymbol { Parameters.Length: > 0 }
                    && BoxesWhenCompared(type.TypeArguments[0], type.Name == "Comparer" ? Comparable : Equatable))
                    return Comparing(type.TypeArguments[0]);
                break;
            case ("System", "MemoryExtensions") when target is IMethodSymbol { TypeArguments: { Length: > 0 } items } search:
                // The overloads without a constraint fall back to the default comparer.
                bool sortsByDefault = search.Name == "Sort" && search.Parameters.All(p => p.Type.Name == "Span");
                if (sortsByDefault && BoxesWhenCompared(items[0], Comparable))
                    return Comparing(items[0]);
                if (search.Parameters.Any(p => p.Type.Name == "IEqualityComparer") && BoxesWhenCompared(items[0], Equatable))
                    return Comparing(items[0]);
                break;
            case ("System", _) when type.IsTupleType && target.Name is "Equals" or "GetHashCode" or "CompareTo":
                string through = target.Name == "CompareTo" ? Comparable : Equatable;
                if (type.TypeArguments.FirstOrDefault(t => BoxesWhenCompared(t, through)) is { } element)
                    return Comparing(element);
                break;
            case ("System", "HashCode") when target is IMethodSymbol { TypeArguments: { Length: > 0 } added }:
                if (added.FirstOrDefault(t => BoxesWhenCompared(t, Equatable)) is { } hashed)
                    return Comparing(hashed);
                break;
            case (_, "TryWriteInterpolatedStringHandler")
                when target is IMethodSymbol { Name: "AppendFormatted", TypeArguments: { Length: 1 } formatted }:
                // The handler reaches a nullable's value through an interface.
                if (formatted[0].OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
                    return new CallFault(AllocationDescriptors.Boxed, "Formatting a nullable", Show(formatted[0]));
                if (FormatsThroughToString(formatted[0]))
                    return new CallFault(AllocationDescriptors.StringBuilt, $"Formatting '{Show(formatted[0])}' by 'ToString'");
                break;
        }

        return null;

        CallFault Comparing(ITypeSymbol compared) =>
            new(AllocationDescriptors.Boxed, $"'{Show(target)}', by comparing through 'object',", Show(compared));
    }

    /// <summary>
    /// Whether the default comparer takes such values as objects: a struct that does not implement the interface for
    /// itself, or a type parameter that may be one.
    /// </summary>
    private static bool BoxesWhenCompared(ITypeSymbol type, string through) => BoxesWhenCompared(type, through, []);

    private static bool BoxesWhenCompared(ITypeSymbol type, string through, HashSet<ISymbol> visited) => type switch
    {
        ITypeParameterSymbol parameter => !parameter.IsReferenceType && !Implements(parameter, through),
        INamedTypeSymbol { IsRecord: true } record when through == Equatable => HasBoxingField(record, visited),
        { IsValueType: false } or { TypeKind: TypeKind.Enum or TypeKind.Pointer or TypeKind.FunctionPointer } => false,
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable =>
            BoxesWhenCompared(nullable.TypeArguments[0], through, visited),
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TypeArguments.Any(t => BoxesWhenCompared(t, through, visited)),
        _ => !Implements(type, through),
    };

    private static bool Implements(ITypeSymbol type, string comparing)
    {
        var interfaces = type is ITypeParameterSymbol parameter
            ? parameter.ConstraintTypes.OfType<INamedTypeSymbol>().SelectMany(c => c.AllInterfaces.Add(c))
            : type.AllInterfaces;
        return interfaces.Any(i => i.MetadataName == comparing && i.ContainingNamespace.Name == "System"
            && SymbolEqualityComparer.Default.Equals(i.TypeArguments[0], type));
    }

    // The handlers format in place what implements ISpanFormattable, enums and text; the rest they ask for a string.
    private static bool FormatsThroughToString(ITypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Enum || type.SpecialType == SpecialType.System_String)
            return false;
        var interfaces = type is ITypeParameterSymbol parameter
            ? parameter.ConstraintTypes.OfType<INamedTypeSymbol>().SelectMany(c => c.AllInterfaces.Add(c))
            : type.AllInterfaces;
        return !interfaces.Any(i => i.Name is "ISpanFormattable" or "IUtf8SpanFormattable");
    }
}
