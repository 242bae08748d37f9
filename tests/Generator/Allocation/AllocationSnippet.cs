// A C# snippet in a marked assembly, with the expected reports written into it: {|SIPA001:new object()|}. It can be
// analysed, and it can be loaded and run, so that a verdict can be held against what the runtime really allocates.
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using SipEmbedded.Generator.Allocation;
using Xunit;

namespace SipEmbedded.Generator.Tests.Allocation;

/// <summary>A report's id and the source text it stands on.</summary>
internal readonly record struct Reported(string Id, TextSpan Span, string Text)
{
    public override string ToString() => $"{Id} at {Span.Start}: {Text}";
}

internal sealed class AllocationSnippet
{
    private const string Attributes = """
        namespace SipEmbedded.Memory
        {
            [System.AttributeUsage(System.AttributeTargets.Assembly)]
            public sealed class AllocationFreeAttribute : System.Attribute;
            [System.AttributeUsage(System.AttributeTargets.All)]
            public sealed class StartUpAttribute : System.Attribute { public string? Because { get; init; } }
        }
        """;

    private const string Usings = """
        using System; using System.Buffers; using System.Buffers.Binary; using System.Collections; using System.Collections.Generic;
        using System.Collections.Immutable; using System.Diagnostics; using System.Diagnostics.CodeAnalysis; using System.Linq;
        using System.Linq.Expressions; using System.Numerics; using System.Runtime.CompilerServices; using System.Runtime.InteropServices;
        using System.Text; using System.Threading; using System.Threading.Tasks; using SipEmbedded.Memory;

        """;

    private static readonly Lazy<ImmutableArray<MetadataReference>> Framework = new(() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "Microsoft.CSharp.dll" or "netstandard.dll"))
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToImmutableArray());

    private AllocationSnippet(string markedSource, string head)
    {
        (string source, Expected) = ReadMarkup(Usings + head + markedSource);
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        Compilation = CSharpCompilation.Create(
            "Snippet" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(source, options, "Snippet.cs"), CSharpSyntaxTree.ParseText(Attributes, options, "Attributes.cs")],
            Framework.Value,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable));
    }

    public CSharpCompilation Compilation { get; private set; }

    public IReadOnlyList<Reported> Expected { get; }

    /// <summary>The body of a static method, with further members beside it, in a marked assembly.</summary>
    public static AllocationSnippet OfBody(string body, string members = "") => OfSource($$"""
        public static class Snippet
        {
            public static object? Sink;
            public static int Number = 7;
            public static long Sum;
            public static string Text = "sip:bob@example.com";
            public static unsafe void Run()
            {
                {{body}}
            }
            {{members}}
        }
        """);

    public static AllocationSnippet OfSource(string source) => new(source, "[assembly: AllocationFree]\n");

    public static AllocationSnippet OfUnmarkedSource(string source) => new(source, "");

    public AllocationSnippet WithReference(MetadataReference reference)
    {
        Compilation = Compilation.AddReferences(reference);
        return this;
    }

    public AllocationSnippet WithSymbol(string preprocessorSymbol)
    {
        foreach (var tree in Compilation.SyntaxTrees)
        {
            var options = ((CSharpParseOptions)tree.Options).WithPreprocessorSymbols(preprocessorSymbol);
            Compilation = Compilation.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(tree.GetText(), options, tree.FilePath));
        }

        return this;
    }

    /// <summary>The reports in source order. Throws if the snippet does not compile, or if the analyzer itself fails.</summary>
    public IReadOnlyList<Reported> Analyse(params AdditionalText[] listFiles) =>
        [.. AnalyseToDiagnostics(listFiles).Select(d =>
            new Reported(d.Id, d.Location.SourceSpan, d.Location.SourceTree?.GetText().ToString(d.Location.SourceSpan) ?? ""))
            .OrderBy(r => r.Span.Start).ThenBy(r => r.Id, StringComparer.Ordinal)];

    public IReadOnlyList<Diagnostic> AnalyseToDiagnostics(params AdditionalText[] listFiles)
    {
        var errors = Compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        Assert.True(errors.Count == 0, string.Join("\n", errors) + "\n" + Compilation.SyntaxTrees[0]);
        var diagnostics = Compilation
            .WithAnalyzers([new AllocationAnalyzer()], new AnalyzerOptions([.. listFiles]))
            .GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        Assert.DoesNotContain(diagnostics, d => d.Id == "AD0001");
        return diagnostics;
    }

    /// <summary>
    /// The bytes that one call of Run allocates, averaged over many after a warm-up. Honest only without tiered compilation
    /// (runtimeconfig.template.json): generic code of the class library boxes in its first, unoptimised version, and when the
    /// runtime replaces that is a matter of chance. A native build has optimised code only.
    /// </summary>
    public double MeasureBytesPerCall()
    {
        const int WarmUpCalls = 10; // static constructors, cached delegates, caches of the class library
        const int MeasuredCalls = 400;
        const int Batches = 3;
        using var image = new MemoryStream();
        var result = Compilation.Emit(image);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        image.Position = 0;
        var context = new AssemblyLoadContext("Snippet", isCollectible: false);
        var run = context.LoadFromStream(image).GetType("Snippet")!.GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!
            .CreateDelegate<Action>();
        for (int i = 0; i < WarmUpCalls; i++)
            run();
        // A collection meanwhile may empty a weak cache of the class library, which is then filled again: the least batch is the construct's own.
        long least = long.MaxValue;
        for (int batch = 0; batch < Batches; batch++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < MeasuredCalls; i++)
                run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least / (double)MeasuredCalls;
    }

    // Marks may nest: {|SIPA004:x += {|SIPA005:() => { }|}|}.
    private static (string Source, IReadOnlyList<Reported> Expected) ReadMarkup(string marked)
    {
        var source = new StringBuilder();
        var open = new Stack<(string Id, int Start)>();
        var closed = new List<(string Id, TextSpan Span)>();
        for (int i = 0; i < marked.Length; i++)
        {
            if (marked.AsSpan(i).StartsWith("{|SIPA", StringComparison.Ordinal))
            {
                int colon = marked.IndexOf(':', i);
                open.Push((marked[(i + 2)..colon], source.Length));
                i = colon;
            }
            else if (open.Count > 0 && marked.AsSpan(i).StartsWith("|}", StringComparison.Ordinal))
            {
                var (id, start) = open.Pop();
                closed.Add((id, TextSpan.FromBounds(start, source.Length)));
                i++;
            }
            else
            {
                source.Append(marked[i]);
            }
        }

        string text = source.ToString();
        return (text, [.. closed.Select(c => new Reported(c.Id, c.Span, text.Substring(c.Span.Start, c.Span.Length)))
            .OrderBy(r => r.Span.Start).ThenBy(r => r.Id, StringComparer.Ordinal)]);
    }
}
