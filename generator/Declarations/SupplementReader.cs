// Reads [Supplement], [Cookie] and [SupplementChain] into the models. What steps there are, and their signatures, is read from the library's own interface:
// the generator knows the names of two types, and the one method of the interface that is no step.
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using SipEmbedded.Generator.Emit;
using SipEmbedded.Generator.Report;
using static SipEmbedded.Generator.Declarations.DeclarationReader;

namespace SipEmbedded.Generator.Declarations;

internal static class SupplementReader
{
    private const string Interface = "SipEmbedded.Calls.ISupplements";

    /// <summary>For each step that has a method of the protocol, a function of the step's name that tells it.</summary>
    private const string Words = "SipEmbedded.Calls.SupplementMethods";

    private const string Attach = "Attach";
    private const string Release = "Release";

    private static readonly SymbolDisplayFormat s_full = SymbolDisplayFormat.FullyQualifiedFormat;

    public static SupplementDeclaration ReadSupplement(GeneratorAttributeSyntaxContext context, CancellationToken _) =>
        Read((INamedTypeSymbol)context.TargetSymbol, context.Attributes[0], context.SemanticModel.Compilation);

    public static ChainDeclaration ReadChain(GeneratorAttributeSyntaxContext context, CancellationToken _)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        var compilation = context.SemanticModel.Compilation;
        var steps = StepsOf(compilation);
        var attach = compilation.GetTypeByMetadataName(Interface)?.GetMembers(Attach).OfType<IMethodSymbol>().FirstOrDefault();
        var named = new List<SupplementDeclaration>();
        var findings = new List<Finding>();
        var types = attribute.ConstructorArguments.Length > 0 && attribute.ConstructorArguments[0] is { Kind: TypedConstantKind.Array, IsNull: false } list
            ? list.Values : [];
        foreach (var value in types)
        {
            if (value.Value is not INamedTypeSymbol supplement)
                continue;
            if (supplement.GetAttributes().FirstOrDefault(a => NameOf(a) == "SupplementAttribute") is not { } mark)
                findings.Add(Finding.At(LocationOf(attribute), DiagnosticIds.NotASupplement, supplement.Name, "it is not marked [Supplement]"));
            else if (!compilation.IsSymbolAccessibleWithin(supplement, type))
                findings.Add(Finding.At(LocationOf(attribute), DiagnosticIds.NotASupplement, supplement.Name, "the chain cannot see it"));
            else
            {
                var read = Read(supplement, mark, compilation);
                named.Add(read);
                // One of another assembly was judged there, by what that assembly sees.
                if (!SymbolEqualityComparer.Default.Equals(supplement.ContainingAssembly, compilation.Assembly))
                    findings.AddRange(read.Findings.Select(f => f with { Place = LocationOf(attribute) }));
            }
        }
        return new(HeadOf(type), attach is null ? "" : ParametersOf(attach), Array(steps.Select(s => s.Step)), types.Length > 0, Array(named), Array(findings),
            LocationOf(attribute));
    }

    private static List<(StepDeclaration Step, IMethodSymbol Method)> StepsOf(Compilation compilation)
    {
        var words = compilation.GetTypeByMetadataName(Words);
        return [.. (compilation.GetTypeByMetadataName(Interface)?.GetMembers().OfType<IMethodSymbol>() ?? [])
            .Where(method => method.MethodKind == MethodKind.Ordinary && method.Name != Attach)
            .Select(method => (new StepDeclaration(method.Name, ParametersOf(method), ArgumentsOf(method.Parameters),
                method.ReturnType.SpecialType == SpecialType.System_Boolean, WordOf(words, method)), method))];
    }

    // The call of the function that tells a step's method, with the step's parameters of the same names.
    private static string WordOf(INamedTypeSymbol? words, IMethodSymbol step) =>
        words?.GetMembers(step.Name).OfType<IMethodSymbol>().FirstOrDefault() is { } word
            ? $"{words.ToDisplayString(s_full)}.{word.Name}({ArgumentsOf(word.Parameters)})" : "";

    private static string ParametersOf(IMethodSymbol method) =>
        string.Join(", ", method.Parameters.Select(p => Modifier(p, declared: true) + p.Type.ToDisplayString(s_full) + " " + p.Name));

    private static string ArgumentsOf(IEnumerable<IParameterSymbol> parameters) =>
        string.Join(", ", parameters.Select(p => Modifier(p, declared: false) + p.Name));

    private static SupplementDeclaration Read(INamedTypeSymbol type, AttributeData attribute, Compilation compilation)
    {
        var steps = StepsOf(compilation);
        string names = string.Join(", ", steps.Select(s => s.Method.Name));
        var findings = new List<Finding>();
        string name = type.Name, method = Named(attribute, "Method") as string ?? "";
        if (method.Length > 0 && !Names.IsToken(method))
            findings.Add(Finding.At(LocationOf(attribute), DiagnosticIds.UnknownMethod, method, Names.TokenRule));
        // What is wrong inside a type that can be in no chain is told when it can.
        if (WhyNot(type, compilation) is { } reason)
        {
            findings.Add(Finding.At(LocationOf(type), DiagnosticIds.NotASupplement, name, reason));
            return new(type.ToDisplayString(s_full), name, false, false, method, 0, default, default, Array(findings), LocationOf(type));
        }
        var cookies = type.GetTypeMembers().Where(IsCookie).ToList();
        foreach (var cookie in cookies)
        {
            if (WhyNoCookie(cookie, compilation) is { } because)
                findings.Add(Finding.At(LocationOf(cookie), DiagnosticIds.CookieType, cookie.Name, because));
        }
        var hooks = new List<HookDeclaration>();
        var released = new Dictionary<string, bool>();
        foreach (var member in type.GetMembers().OfType<IMethodSymbol>().Where(m => m.MethodKind == MethodKind.Ordinary))
        {
            if (member.Name == Release)
            {
                if (IsVisible(member, compilation) && cookies.FirstOrDefault(c => Releases(member, c)) is { } cookie)
                    released.Add(cookie.ToDisplayString(s_full), member.IsStatic);
                else
                    Wrong(member, "it must be a visible 'void Release(ref T cookie)' for a cookie of the supplement's own");
                continue;
            }
            var step = steps.FirstOrDefault(s => s.Method.Name == member.Name);
            if (step.Method is null)
            {
                // A name that is nearly right would be passed over in silence.
                if (steps.Count > 0 && IsVisible(member, compilation) && member.Parameters.FirstOrDefault() is { } first
                    && IsSame(first, steps[0].Method.Parameters[0]))
                    Wrong(member, $"no step has that name, they are {names}; make it private where it is the supplement's own");
                continue;
            }
            if (!IsVisible(member, compilation) || !IsHook(member, step.Method))
            {
                Wrong(member, $"it must be a visible '{step.Method.ReturnType.ToDisplayString(s_full)} {member.Name}({step.Step.Parameters})', "
                    + "behind whose parameters cookies may stand by ref");
            }
            else if (hooks.Any(h => h.Step == member.Name))
                Wrong(member, "the step has a method here already");
            else
                hooks.Add(new(member.Name, member.IsStatic,
                    Array(member.Parameters.Skip(step.Method.Parameters.Length).Select(p => p.Type.ToDisplayString(s_full)))));
        }
        if (steps.Count > 0 && hooks.Count == 0 && findings.Count == 0)
            findings.Add(Finding.At(LocationOf(type), DiagnosticIds.NotASupplement, name, $"it takes part in no step; they are {names}"));
        var kept = cookies.Select(c => (Type: c.ToDisplayString(s_full), Cookie: c)).Select(c => new CookieDeclaration(c.Type, c.Cookie.Name,
            IsPublic(c.Cookie), released.TryGetValue(c.Type, out bool isStatic), isStatic));
        return new(type.ToDisplayString(s_full), name, IsPublic(type), !IsMadeByItself(type, compilation), method,
            Named(attribute, "Order") is int order ? order : 0, Array(hooks), Array(kept), Array(findings), LocationOf(type));

        void Wrong(IMethodSymbol member, string why) =>
            findings.Add(Finding.At(LocationOf(member), DiagnosticIds.SupplementSignature, name + "." + member.Name, why));
    }

    private static string? WhyNot(INamedTypeSymbol type, Compilation compilation) =>
        type.IsStatic ? "it is static"
        : type.IsAbstract ? "it is abstract"
        : Around(type).Any(t => t.IsGenericType) ? "it is generic"
        : !IsVisible(type, compilation) ? "it is private"
        : null;

    private static string? WhyNoCookie(INamedTypeSymbol type, Compilation compilation) =>
        !type.IsUnmanagedType ? "it is no unmanaged struct, and what it refers to would be left when the session has ended"
        : type.IsRefLikeType ? "it is a ref struct"
        : type.IsGenericType ? "it is generic"
        : !IsVisible(type, compilation) ? "it is private"
        : null;

    private static IEnumerable<INamedTypeSymbol> Around(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? t = type; t is not null; t = t.ContainingType)
            yield return t;
    }

    private static bool IsCookie(ITypeSymbol type) => type.GetAttributes().Any(a => NameOf(a) == "CookieAttribute");

    private static bool IsVisible(ISymbol symbol, Compilation compilation) => compilation.IsSymbolAccessibleWithin(symbol, compilation.Assembly);

    private static bool IsPublic(INamedTypeSymbol type) => Around(type).All(t => t.DeclaredAccessibility == Accessibility.Public);

    private static bool IsMadeByItself(INamedTypeSymbol type, Compilation compilation) =>
        type.InstanceConstructors.Any(c => c.Parameters.IsEmpty && IsVisible(c, compilation));

    private static bool IsSame(IParameterSymbol one, IParameterSymbol other) =>
        one.RefKind == other.RefKind && SymbolEqualityComparer.Default.Equals(one.Type, other.Type);

    private static bool IsHook(IMethodSymbol method, IMethodSymbol step) =>
        !method.IsGenericMethod && SymbolEqualityComparer.Default.Equals(method.ReturnType, step.ReturnType)
        && !method.ReturnsByRef && !method.ReturnsByRefReadonly && method.Parameters.Length >= step.Parameters.Length
        && method.Parameters.Zip(step.Parameters, IsSame).All(same => same)
        && method.Parameters.Skip(step.Parameters.Length).All(p => p.RefKind == RefKind.Ref && IsCookie(p.Type));

    private static bool Releases(IMethodSymbol method, INamedTypeSymbol cookie) =>
        !method.IsGenericMethod && method.ReturnsVoid && method.Parameters.Length == 1
        && method.Parameters[0].RefKind == RefKind.Ref && SymbolEqualityComparer.Default.Equals(method.Parameters[0].Type, cookie);
}
