// Which assemblies promise to be allocation-free, and which code is start-up code. Attributes are known by their full
// names, so that an assembly without a reference to the library can declare its own.
using System.Collections.Concurrent;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace SipEmbedded.Generator.Allocation;

internal sealed class AllocationMarks(Compilation compilation)
{
    private const string AllocationFree = "SipEmbedded.Memory.AllocationFreeAttribute";
    private const string StartUp = "SipEmbedded.Memory.StartUpAttribute";
    private const string DoesNotReturn = "System.Diagnostics.CodeAnalysis.DoesNotReturnAttribute";
    private const string ModuleInitializer = "System.Runtime.CompilerServices.ModuleInitializerAttribute";

    private readonly ConcurrentDictionary<IAssemblySymbol, bool> _promised = new(SymbolEqualityComparer.Default);

    public static bool IsAllocationFree(IAssemblySymbol assembly) => Find(assembly, AllocationFree) is not null;

    /// <summary>True for this compilation and for each referenced assembly with the mark: all are held to the promise.</summary>
    public bool IsPromised(IAssemblySymbol assembly) =>
        SymbolEqualityComparer.Default.Equals(assembly, compilation.Assembly) || _promised.GetOrAdd(assembly, IsAllocationFree);

    /// <summary>The start-up mark that stands on this very symbol, or on the other half of a partial member.</summary>
    public AttributeData? FindStartUp(ISymbol symbol) => FindOnParts(symbol, StartUp);

    public static bool HasReason(AttributeData mark) =>
        mark.NamedArguments.Any(a => a.Key == "Because" && a.Value.Value is string reason && !string.IsNullOrWhiteSpace(reason));

    /// <summary>
    /// Whether the member is start-up code: by its mark, its property's or event's, an enclosing type's, or by nature.
    /// For a field or property the question is about its initialiser.
    /// </summary>
    public bool IsStartUp(ISymbol member)
    {
        if (member is IMethodSymbol { MethodKind: MethodKind.StaticConstructor } || Find(member, ModuleInitializer) is not null)
            return true;
        if (IsMarkedStartUp(member))
            return true;
        // Whoever makes the exception is reported, or may: its constructor has nothing to add.
        bool isConstruction = member is not IMethodSymbol || member is IMethodSymbol { MethodKind: MethodKind.Constructor };
        if (isConstruction && !member.IsStatic && IsException(member.ContainingType))
            return true;
        if (member is not (IFieldSymbol or IPropertySymbol or IEventSymbol))
            return false;
        if (member.IsStatic)
            return true;
        // An instance initialiser runs inside each constructor; a record's copy constructor does not run it.
        var constructors = member.ContainingType.InstanceConstructors.Where(c => !c.IsImplicitlyDeclared).ToList();
        return constructors.Count > 0 && constructors.All(IsMarkedStartUp);
    }

    /// <summary>As <see cref="IsStartUp"/>, by marks alone: what a caller of the member has to respect.</summary>
    public bool IsMarkedStartUp(ISymbol member)
    {
        if (FindStartUp(member) is not null)
            return true;
        if (member is IMethodSymbol { AssociatedSymbol: { } owner } && FindStartUp(owner) is not null)
            return true;
        for (var type = member.ContainingType; type is not null; type = type.ContainingType)
        {
            if (FindStartUp(type) is not null)
                return true;
        }

        return false;
    }

    private static bool IsException(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.ToDisplayString() == "System.Exception")
                return true;
        }

        return false;
    }

    public static bool NeverReturns(ISymbol method) => FindOnParts(method, DoesNotReturn) is not null;

    private static AttributeData? FindOnParts(ISymbol symbol, string attribute) => Find(symbol, attribute) ?? symbol switch
    {
        IMethodSymbol { PartialDefinitionPart: { } definition } => Find(definition, attribute),
        IMethodSymbol { PartialImplementationPart: { } implementation } => Find(implementation, attribute),
        IPropertySymbol { PartialDefinitionPart: { } definition } => Find(definition, attribute),
        IPropertySymbol { PartialImplementationPart: { } implementation } => Find(implementation, attribute),
        _ => null,
    };

    private static AttributeData? Find(ISymbol symbol, string attribute)
    {
        foreach (var data in symbol.GetAttributes())
        {
            if (data.AttributeClass is { } type && type.ToDisplayString() == attribute)
                return data;
        }

        return null;
    }
}
