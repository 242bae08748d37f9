// Emits a chain of supplements: the interface that calls are told of, as direct calls in a fixed order, and the cookies.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Declarations;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Emit;

internal static class ChainEmitter
{
    private const string Interface = "global::SipEmbedded.Calls.ISupplements";
    private const string Table = "global::SipEmbedded.Calls.CookieTable";
    private const string StartUp = "[global::SipEmbedded.Memory.StartUp(Because = ";

    /// <summary>The steps at which cookies begin and end.</summary>
    private const string Begins = "SessionBegan", Ends = "SessionEnded";

    /// <summary>A supplement with the names of its members here: its property, and its number among the filters (0: every method).</summary>
    private readonly record struct Link(SupplementDeclaration Supplement, string Property, int Word);

    public static string? Emit(ChainDeclaration chain, EquatableArray<SupplementDeclaration> all, List<Finding> findings)
    {
        findings.AddRange(chain.Findings);
        // A partial type that two of its parts mark, or that a chain names twice, is one supplement.
        var supplements = (chain.IsNamed ? chain.Named : all).GroupBy(s => s.Type).Select(g => g.First())
            .OrderBy(s => s.Order).ThenBy(s => s.Type, StringComparer.Ordinal).ToList();
        if (chain.Attach.Length == 0)
            findings.Add(Finding.At(chain.At, DiagnosticIds.EmptyChain, chain.Type.Name, "the library with ISupplements is not referred to"));
        else if (supplements.Count == 0 && findings.Count == 0)
            findings.Add(Finding.At(chain.At, DiagnosticIds.EmptyChain, chain.Type.Name, "no class of this assembly is marked [Supplement]"));
        foreach (var (first, second) in supplements.Zip(supplements.Skip(1), (a, b) => (a, b)).Where(pair => pair.a.Order == pair.b.Order))
        {
            findings.Add(Finding.At(second.At.Path is null ? chain.At : second.At, DiagnosticIds.DuplicateOrder, first.Name, second.Name,
                second.Order.ToString(CultureInfo.InvariantCulture)));
        }
        var known = new HashSet<string>(supplements.SelectMany(s => s.Cookies).Select(c => c.Type), StringComparer.Ordinal);
        foreach (var (supplement, hook) in supplements.SelectMany(s => s.Hooks.Select(h => (s, h))))
        {
            foreach (string cookie in hook.Cookies.Where(c => !known.Contains(c)))
            {
                findings.Add(Finding.At(chain.At, DiagnosticIds.CookieType, Short(cookie),
                    $"'{supplement.Name}' asks for it, and no supplement of chain '{chain.Type.Name}' declares it"));
            }
        }
        // What is wrong with a supplement by itself is told once, and not again for each chain.
        if (findings.Count > 0 || supplements.Any(s => s.Findings.Count > 0))
            return null;

        var taken = new HashSet<string>(StringComparer.Ordinal) { chain.Type.Name, "WordOf" };
        var words = supplements.Where(s => s.Method.Length > 0).Select(s => s.Method).Distinct().ToList();
        var links = supplements.Select(s => new Link(s, Names.Unique(s.Name, taken), words.IndexOf(s.Method) + 1)).ToList();
        var tables = supplements.SelectMany(s => s.Cookies).ToDictionary(c => c.Type, c => Names.Unique(c.Name + "Cookies", taken));

        var code = SourceFile.Begin();
        SourceFile.OpenType(code, chain.Type, " : " + Interface);
        EmitMembers(code, chain, links, tables);
        foreach (var step in chain.Steps)
            EmitStep(code.Line(), step, links, tables);
        if (words.Count > 0)
        {
            code.Line().Open("private static int WordOf(ReadOnlySpan<byte> s)");
            NameMatch.Switch(code, words.Select((word, i) => (word, $"return {Text(i + 1)};")), caseSensitive: true, "0", "s.Length");
            code.Line("return 0;").Close();
        }
        SourceFile.CloseType(code, chain.Type);
        return code.ToString();
    }

    // The constructor, a property for each supplement and each table of cookies, and how the tables are made.
    private static void EmitMembers(CodeWriter code, ChainDeclaration chain, List<Link> links, Dictionary<string, string> tables)
    {
        var given = links.Where(l => l.Supplement.IsHandedIn).ToList();
        code.Line("/// <summary>Makes the supplements, but for those that are handed in.</summary>");
        code.Line($"{StartUp}\"a chain is made before start\")]");
        string parameters = string.Join(", ", given.Select(l => $"{l.Supplement.Type} {Parameter(l)}"));
        code.Open($"{Access(given.All(l => l.Supplement.IsPublic))} {chain.Type.Name}({parameters})");
        foreach (var link in links)
            code.Line($"{link.Property} = {(link.Supplement.IsHandedIn ? Parameter(link) : $"new {link.Supplement.Type}()")};");
        code.Close();
        foreach (var link in links)
        {
            string about = link.Word == 0 ? "every method" : $"<c>{link.Supplement.Method}</c>";
            code.Line().Line($"/// <summary>Order {Text(link.Supplement.Order)}, {about}.</summary>");
            code.Line($"{Access(link.Supplement.IsPublic)} {link.Supplement.Type} {link.Property} {{ get; }}");
        }
        foreach (var (cookie, supplement) in links.SelectMany(l => l.Supplement.Cookies.Select(c => (c, l.Supplement))))
        {
            code.Line().Line($"/// <summary>What {supplement.Name} keeps with each session; there once memory was taken.</summary>");
            code.Line($"{Access(cookie.IsPublic)} {Table}<{cookie.Type}> {tables[cookie.Type]} {{ get; private set; }} = null!;");
        }
        code.Line().Line($"{StartUp}\"cookies are memory, which is taken before start\")]");
        code.Open($"void {Interface}.Attach({chain.Attach})");
        string arguments = string.Join(", ", chain.Attach.Split(',').Select(p => p.Substring(p.LastIndexOf(' ') + 1)));
        foreach (var table in tables.OrderBy(t => t.Value, StringComparer.Ordinal))
            code.Line($"{table.Value} = new {Table}<{table.Key}>({arguments}, {Names.Quoted(Title(table.Key))});");
        code.Close();
    }

    private static void EmitStep(CodeWriter code, StepDeclaration step, List<Link> links, Dictionary<string, string> tables)
    {
        var taking = links.SelectMany(l => l.Supplement.Hooks.Where(h => h.Step == step.Name).Select(h => (Link: l, Hook: h))).ToList();
        string session = step.Arguments.Split(',')[0];
        code.Open($"{(step.Stops ? "bool" : "void")} {Interface}.{step.Name}({step.Parameters})");
        if (step.Name == Begins)
        {
            foreach (string table in tables.Values.OrderBy(t => t, StringComparer.Ordinal))
                code.Line($"{table}.Begin({session});");
        }
        bool filters = step.Word.Length > 0 && taking.Any(t => t.Link.Word != 0);
        if (filters)
            code.Line($"int word = WordOf({step.Word});");
        foreach (var (link, hook) in taking)
        {
            string receiver = hook.IsStatic ? link.Supplement.Type : link.Property;
            string call = $"{receiver}.{hook.Step}({step.Arguments}{string.Concat(hook.Cookies.Select(c => $", ref {tables[c]}.Of({session})"))})";
            string mine = filters && link.Word != 0 ? $"word == {Text(link.Word)}" : "";
            if (step.Stops)
                code.Then($"if ({(mine.Length > 0 ? mine + " && " : "")}!{call})", "return false;");
            else if (mine.Length > 0)
                code.Then($"if ({mine})", call + ";");
            else
                code.Line(call + ";");
        }
        if (step.Name == Ends)
        {
            foreach (var (link, cookie) in links.SelectMany(l => l.Supplement.Cookies.Where(c => c.IsReleased).Select(c => (l, c))))
                code.Line($"{(cookie.ReleaseIsStatic ? link.Supplement.Type : link.Property)}.Release(ref {tables[cookie.Type]}.Of({session}));");
            foreach (string table in tables.Values.OrderBy(t => t, StringComparer.Ordinal))
                code.Line($"{table}.End({session});");
        }
        if (step.Stops)
            code.Line("return true;");
        code.Close();
    }

    private static string Access(bool isPublic) => isPublic ? "public" : "internal";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // A property's name as a parameter's, which might be a keyword of C#'s.
    private static string Parameter(Link link) => "@" + char.ToLowerInvariant(link.Property[0]) + link.Property.Substring(1);

    private static string Short(string type) => type.Substring(type.LastIndexOf('.') + 1);

    // The pool's name in the memory plan: the supplement's and the cookie's.
    private static string Title(string type)
    {
        string[] parts = type.Replace("global::", "").Split('.');
        return "cookies " + string.Join(".", parts.Skip(Math.Max(0, parts.Length - 2)));
    }
}
