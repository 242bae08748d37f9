// The list of APIs of other assemblies that allocate nothing: the built-in one (AllocationFreeList.Bcl.cs) extended by the
// project's own AllocationFree.txt files. An allowlist, since a list of what allocates could never be complete.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace SipEmbedded.Generator.Allocation;

/// <summary>
/// Entries, one a line, <c>#</c> opens a comment:
/// <c>Namespace.Type.Member</c> (all overloads; <c>new</c> for the constructors),
/// <c>Namespace.Type.*</c> or <c>Namespace.*</c> (everything beneath, except what returns a string or an array),
/// a documentation id (<c>M:…</c>, <c>P:…</c>: one overload), and each of them after <c>!</c> to take it out again.
/// Types are written by metadata name: <c>System.Span`1</c>, <c>System.Span`1+Enumerator</c>.
/// </summary>
internal sealed partial class AllocationFreeList
{
    private readonly ImmutableHashSet<string> _allowed;
    private readonly ImmutableHashSet<string> _denied;

    private AllocationFreeList(ImmutableHashSet<string> allowed, ImmutableHashSet<string> denied)
    {
        _allowed = allowed;
        _denied = denied;
    }

    public static AllocationFreeList Bcl { get; } =
        new AllocationFreeList([], []).With([SourceText.From(BclEntries)]);

    /// <summary>AllocationFree.txt, or AllocationFree.anything.txt when a project keeps several.</summary>
    public static bool IsListFile(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith("AllocationFree.", StringComparison.OrdinalIgnoreCase)
            && name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);
    }

    public static string EntryOf(string line)
    {
        int comment = line.IndexOf('#');
        return (comment < 0 ? line : line.Substring(0, comment)).Trim();
    }

    public static bool IsWellFormed(string entry)
    {
        string name = entry.StartsWith("!", StringComparison.Ordinal) ? entry.Substring(1) : entry;
        if (name.Length > 2 && name[1] == ':')
            return name[0] is 'M' or 'P' && name.IndexOf('.') > 0;
        string[] parts = name.Split('.');
        return parts.Length >= 2
            && parts.Take(parts.Length - 1).All(IsName)
            && (parts[parts.Length - 1] == "*" || IsName(parts[parts.Length - 1]));

        static bool IsName(string part) => part.Length > 0 && part.All(c => char.IsLetterOrDigit(c) || c is '_' or '`' or '+');
    }

    public AllocationFreeList With(IEnumerable<SourceText?> texts)
    {
        var allowed = _allowed.ToBuilder();
        var denied = _denied.ToBuilder();
        foreach (var line in texts.Where(text => text is not null).SelectMany(text => text!.Lines))
        {
            string entry = EntryOf(line.ToString());
            if (entry.Length == 0 || !IsWellFormed(entry))
                continue;
            if (entry[0] == '!')
                denied.Add(entry.Substring(1));
            else
                allowed.Add(entry);
        }

        return new AllocationFreeList(allowed.ToImmutable(), denied.ToImmutable());
    }

    /// <summary>Whether the member (a method, constructor or property definition) is listed and not taken out again.</summary>
    public bool Contains(ISymbol member)
    {
        string typeName = MetadataName(member.ContainingType);
        bool isConstructor = member is IMethodSymbol { MethodKind: MethodKind.Constructor };
        string memberName = isConstructor ? "new" : LastPart(member.MetadataName);
        string id = member.GetDocumentationCommentId() ?? "";
        string name = typeName + "." + memberName;
        if (_denied.Contains(id))
            return false;
        if (_allowed.Contains(id))
            return true;
        if (_denied.Contains(name))
            return false;
        if (_allowed.Contains(name))
            return true;

        // A wildcard does not answer for a member whose result is new by its nature.
        var result = member is IMethodSymbol method ? method.ReturnType : ((IPropertySymbol)member).Type;
        if (result.SpecialType == SpecialType.System_String || result.TypeKind == TypeKind.Array)
            return false;
        for (string scope = typeName; scope.Length > 0; scope = Enclosing(scope))
        {
            if (_denied.Contains(scope + ".*"))
                return false;
            if (_allowed.Contains(scope + ".*"))
                return true;
        }

        return false;
    }

    public static string MetadataName(INamedTypeSymbol type)
    {
        if (type.ContainingType is { } outer)
            return MetadataName(outer) + "+" + type.MetadataName;
        return type.ContainingNamespace is { IsGlobalNamespace: false } space
            ? space.ToDisplayString() + "." + type.MetadataName
            : type.MetadataName;
    }

    private static string Enclosing(string scope)
    {
        int cut = scope.LastIndexOfAny(['.', '+']);
        return cut < 0 ? "" : scope.Substring(0, cut);
    }

    // An explicit implementation carries its interface's name before its own.
    private static string LastPart(string name) => name.Substring(name.LastIndexOf('.') + 1);
}
