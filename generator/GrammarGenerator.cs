// The pipeline, and nothing else: grammar files and declarations in, as values; source files and diagnostics out.
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using SipEmbedded.Generator.Declarations;
using SipEmbedded.Generator.Emit;

namespace SipEmbedded.Generator;

[Generator(LanguageNames.CSharp)]
public sealed class GrammarGenerator : IIncrementalGenerator
{
    /// <summary>Names of the pipeline's steps, for tests of what an edit recomputes.</summary>
    public static class Steps
    {
        public const string GrammarFiles = nameof(GrammarFiles);
        public const string Grammars = nameof(Grammars);
        public const string Records = nameof(Records);
        public const string Vocabularies = nameof(Vocabularies);
        public const string HeaderNames = nameof(HeaderNames);
        public const string Dispatchers = nameof(Dispatchers);
        public const string Supplements = nameof(Supplements);
        public const string Chains = nameof(Chains);
        public const string ChainsEmitted = nameof(ChainsEmitted);
        public const string Emitted = nameof(Emitted);
    }

    private const string GrammarMetadata = "build_metadata.AdditionalFiles.Grammar";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        context.RegisterPostInitializationOutput(static output =>
        {
            output.AddEmbeddedAttributeDefinition();
            output.AddSource("Attributes.g.cs", SourceText.From(AttributeSource.Text, System.Text.Encoding.UTF8));
        });

        var files = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(".abnf", System.StringComparison.OrdinalIgnoreCase))
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancel) => new GrammarFile(
                pair.Right.GetOptions(pair.Left).TryGetValue(GrammarMetadata, out var name) ? name : "",
                pair.Left.Path,
                pair.Left.GetText(cancel)?.ToString() ?? ""))
            .WithTrackingName(Steps.GrammarFiles)
            .Collect()
            .Select(static (all, _) => new EquatableArray<GrammarFile>(
                [.. all.OrderBy(f => f.Grammar, System.StringComparer.Ordinal).ThenBy(f => f.Path, System.StringComparer.Ordinal)]));

        var grammars = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".GrammarAttribute", static (node, _) => node is ClassDeclarationSyntax, DeclarationReader.ReadGrammar)
            .WithTrackingName(Steps.Grammars).Collect().Select(Equatable);
        var records = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".RecordAttribute", static (node, _) => node is TypeDeclarationSyntax, DeclarationReader.ReadRecord)
            .WithTrackingName(Steps.Records).Collect().Select(Equatable);
        var headers = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".HeaderAttribute", static (node, _) => node is TypeDeclarationSyntax, DeclarationReader.ReadRecord)
            .WithTrackingName(Steps.Records).Collect().Select(Equatable);
        var vocabularies = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".VocabularyAttribute", static (node, _) => node is ClassDeclarationSyntax, DeclarationReader.ReadVocabulary)
            .WithTrackingName(Steps.Vocabularies).Collect().Select(Equatable);
        var headerNames = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".HeaderNamesAttribute", static (node, _) => node is ClassDeclarationSyntax, DeclarationReader.ReadHeaderNames)
            .WithTrackingName(Steps.HeaderNames).Collect().Select(Equatable);

        var emitted = files.Combine(grammars).Combine(records.Combine(headers)).Combine(vocabularies).Combine(headerNames)
            .Select(static (all, cancel) =>
            {
                var ((((files, grammars), (records, headers)), vocabularies), headerNames) = all;
                return Compiler.Compile(files, grammars, records, headers, vocabularies, headerNames, cancel);
            })
            .WithTrackingName(Steps.Emitted);
        context.RegisterSourceOutput(emitted, static (output, compiled) => Report(output, compiled));

        var dispatchers = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".DispatcherAttribute", static (node, _) => node is TypeDeclarationSyntax, DeclarationReader.ReadDispatcher)
            .WithTrackingName(Steps.Dispatchers)
            // A class marked twice is an error of the compiler's; it is dispatched once.
            .Collect().SelectMany(static (all, _) => all.GroupBy(d => d.Type.FullName).Select(g => g.First()))
            .Select(static (dispatcher, _) => Compiler.Compile(dispatcher));
        context.RegisterSourceOutput(dispatchers, static (output, compiled) => Report(output, compiled));

        var supplements = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".SupplementAttribute", static (node, _) => node is ClassDeclarationSyntax, SupplementReader.ReadSupplement)
            .WithTrackingName(Steps.Supplements).Collect().Select(Equatable);
        context.RegisterSourceOutput(supplements, static (output, all) => Report(output, Compiler.Judge(all)));
        var chains = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeSource.Namespace + ".SupplementChainAttribute", static (node, _) => node is ClassDeclarationSyntax, SupplementReader.ReadChain)
            .WithTrackingName(Steps.Chains)
            .Collect().SelectMany(static (all, _) => all.GroupBy(c => c.Type.FullName).Select(g => g.First()))
            .Combine(supplements)
            .Select(static (pair, _) => Compiler.Compile(pair.Left, pair.Right))
            .WithTrackingName(Steps.ChainsEmitted);
        context.RegisterSourceOutput(chains, static (output, compiled) => Report(output, compiled));
    }

    private static EquatableArray<T> Equatable<T>(ImmutableArray<T> items, System.Threading.CancellationToken _) where T : System.IEquatable<T> => new(items);

    private static void Report(SourceProductionContext output, Compiled compiled)
    {
        foreach (var finding in compiled.Findings)
            output.ReportDiagnostic(finding.ToDiagnostic());
        foreach (var source in compiled.Sources)
            output.AddSource(source.Hint, SourceText.From(source.Text, System.Text.Encoding.UTF8));
    }
}
