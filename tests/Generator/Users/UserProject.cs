// A project of somebody who uses the generator: C# files, grammar files with their Grammar metadata, a reference to SipEmbedded.dll.
// It is compiled in memory with the generator as the compiler would, and can be loaded and run, and read by the allocation analyzer.
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using SipEmbedded.Generator.Allocation;

namespace SipEmbedded.Generator.Tests.Users;

internal sealed record UserProject(ImmutableArray<SyntaxTree> Trees, ImmutableArray<GrammarText> Files)
{
    private const string GlobalUsings = "global using System;";

    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Preview);

    private static readonly Lazy<ImmutableArray<MetadataReference>> s_references = new(() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(System.IO.Path.PathSeparator)
            .Where(path => System.IO.Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "netstandard.dll" or "SipEmbedded.dll" or "SipEmbedded.Messages.dll"))
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToImmutableArray());

    public static UserProject Empty { get; } = new([CSharpSyntaxTree.ParseText(GlobalUsings, s_options, "GlobalUsings.cs")], []);

    /// <summary>The files of a folder of Users/Projects; its grammar files belong to the grammar of that name.</summary>
    public static UserProject OfFolder(string folder, string grammar)
    {
        var project = Empty;
        foreach (string name in Resources(folder + "/"))
        {
            string file = name[(folder.Length + 1)..];
            project = file.EndsWith(".abnf", StringComparison.Ordinal)
                ? project.WithGrammar(grammar, file, Resource(name))
                : project.WithCode(file, Resource(name));
        }
        return project;
    }

    public UserProject WithCode(string path, string text) => this with
    {
        Trees = Trees.RemoveAll(tree => tree.FilePath == path).Add(CSharpSyntaxTree.ParseText(text, s_options, path)),
    };

    public UserProject WithGrammar(string grammar, string path, string text) => this with
    {
        Files = Files.RemoveAll(file => file.Path == path).Add(new(grammar, path, text)),
    };

    /// <summary>Adds the RFCs' SIP grammar, as runtime/build/SipEmbedded.props does.</summary>
    public UserProject WithSipGrammar() => Resources("sip/").Aggregate(this, (project, name) => project.WithGrammar("sip", name, Resource(name)));

    public CSharpCompilation Compilation() => CSharpCompilation.Create(
        "User" + Guid.NewGuid().ToString("N"), Trees, s_references.Value,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable));

    public CSharpGeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new GrammarGenerator().AsSourceGenerator()], Files, s_options, new GrammarMetadata(),
        new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public GeneratorRunResult Run() => Driver().RunGenerators(Compilation()).GetRunResult().Results.Single();

    /// <summary>The text of each generated file by its name, the attributes aside.</summary>
    public SortedDictionary<string, string> GeneratedFiles() => new(
        Run().GeneratedSources.Where(s => s.HintName is not "Attributes.g.cs" && !s.HintName.StartsWith("Microsoft.", StringComparison.Ordinal))
            .ToDictionary(s => s.HintName, s => s.SourceText.ToString()), StringComparer.Ordinal);

    /// <summary>The project with its generated files, free of errors and warnings.</summary>
    public CSharpCompilation Compile()
    {
        Driver().RunGeneratorsAndUpdateCompilation(Compilation(), out var compiled, out var diagnostics);
        Assert.Empty(diagnostics);
        var faults = compiled.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).ToList();
        Assert.True(faults.Count == 0, string.Join("\n", faults));
        return (CSharpCompilation)compiled;
    }

    public Assembly Load()
    {
        using var image = new MemoryStream();
        var result = Compile().Emit(image);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        image.Position = 0;
        return new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(image);
    }

    /// <summary>Calls the static method <c>Demonstration.Run</c>, which returns a log of what it found.</summary>
    public string RunDemonstration() =>
        (string)Load().GetTypes().Single(t => t.Name == "Demonstration").GetMethod("Run")!.Invoke(null, [])!;

    /// <summary>What the allocation analyzer reports; the project marks its assembly itself.</summary>
    public ImmutableArray<Diagnostic> AnalyseAllocations() => Compile()
        .WithAnalyzers([new AllocationAnalyzer()], new AnalyzerOptions([]))
        .GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();

    public static string Resource(string name)
    {
        using var stream = typeof(UserProject).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        return new StreamReader(stream).ReadToEnd();
    }

    private static IEnumerable<string> Resources(string prefix) => typeof(UserProject).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private sealed class GrammarMetadata : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Options(null);
        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;
        public override AnalyzerConfigOptions GetOptions(AdditionalText text) => new Options(((GrammarText)text).Grammar);
    }

    private sealed class Options(string? grammar) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, out string value)
        {
            value = grammar ?? "";
            return grammar is not null && key == "build_metadata.AdditionalFiles.Grammar";
        }
    }
}

internal sealed class GrammarText(string grammar, string path, string text) : AdditionalText
{
    private readonly SourceText _text = SourceText.From(text);

    public string Grammar { get; } = grammar;
    public override string Path { get; } = path;
    public override SourceText GetText(CancellationToken cancellationToken = default) => _text;
}
