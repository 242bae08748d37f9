// From values to values: grammar files and declarations to source files and findings. No Roslyn type but at the edges.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Checks;
using SipEmbedded.Generator.Declarations;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Emit;

internal readonly record struct GrammarFile(string Grammar, string Path, string Text);

internal readonly record struct Source(string Hint, string Text);

internal sealed record Compiled(EquatableArray<Source> Sources, EquatableArray<Finding> Findings);

internal static class Compiler
{
    public static Compiled Compile(
        EquatableArray<GrammarFile> files,
        EquatableArray<GrammarDeclaration> grammars,
        EquatableArray<RecordDeclaration> records,
        EquatableArray<RecordDeclaration> headers,
        EquatableArray<VocabularyDeclaration> vocabularies,
        EquatableArray<HeaderNamesDeclaration> headerNames,
        CancellationToken cancel)
    {
        var sources = new List<Source>();
        var findings = new List<Finding>();
        // A type that two attributes mark, or a partial type marked twice, has one generated half; the compiler reports what is wrong with it.
        var allRecords = records.Concat(headers).GroupBy(r => r.Type.FullName).Select(g => g.First()).ToList();
        grammars = new([.. grammars.GroupBy(g => g.Name).Select(g => g.First())]);
        var shapes = new List<(HeaderShape, string)>();
        var declaredHeaders = new Dictionary<string, RecordDeclaration>(StringComparer.OrdinalIgnoreCase);
        string? headerEnum = headerNames.Count == 0 ? null
            : "global::" + (headerNames[0].Type.Namespace.Length == 0 ? "" : headerNames[0].Type.Namespace + ".") + headerNames[0].EnumName;
        foreach (var record in allRecords.Where(r => !grammars.Any(g => BelongsTo(r.Grammar, r.Type, g, grammars))))
        {
            findings.Add(Finding.At(record.At, DiagnosticIds.CapturePathNotFound, record.Rules.Count > 0 ? record.Rules[0] : "", record.Type.Name,
                NoGrammar(record.Grammar)));
        }
        foreach (var vocabulary in vocabularies.Where(v => !grammars.Any(g => BelongsTo(v.Grammar, v.Type, g, grammars))))
            findings.Add(Finding.At(vocabulary.At, DiagnosticIds.CapturePathNotFound, vocabulary.Rule, vocabulary.Type.Name, NoGrammar(vocabulary.Grammar)));
        foreach (var declaration in grammars)
        {
            cancel.ThrowIfCancellationRequested();
            var mine = allRecords.Where(r => BelongsTo(r.Grammar, r.Type, declaration, grammars)).OrderBy(r => r.Type.FullName, StringComparer.Ordinal).ToList();
            var words = vocabularies.Where(v => BelongsTo(v.Grammar, v.Type, declaration, grammars)).ToList();
            var facts = Load(declaration, files, mine, words, findings);
            if (facts is null)
                continue;
            foreach (var vocabulary in words)
            {
                if (VocabularyEmitter.Emit(facts.Grammar, vocabulary) is { } text)
                    Add(vocabulary.Type, text);
                else
                    findings.Add(Finding.At(vocabulary.At, DiagnosticIds.CapturePathNotFound, vocabulary.Rule, vocabulary.Type.Name, new GrammarContext(declaration, facts, vocabularies).NoSuchRule));
            }
            var context = new GrammarContext(declaration, facts, vocabularies);
            foreach (var record in mine)
            {
                cancel.ThrowIfCancellationRequested();
                if (record.IsHeader && facts.Grammar.Find(record.Rules[0]) is { } rule && HeaderShape.Of(rule, facts.Grammar) is { } shape)
                {
                    var names = shape.Compact == 0 ? new[] { shape.Name } : [shape.Name, shape.Compact.ToString()];
                    if (names.FirstOrDefault(declaredHeaders.ContainsKey) is { } taken)
                    {
                        findings.Add(Finding.At(record.At, DiagnosticIds.DuplicateHeader, taken, declaredHeaders[taken].Type.FullName, record.Type.FullName));
                        continue;
                    }
                    foreach (string name in names)
                        declaredHeaders[name] = record;
                    shapes.Add((shape, "global::" + record.Type.FullName));
                }
                var emitter = new RecordEmitter(context, new RecordContext(record, context), headerEnum, findings);
                if (emitter.Emit() is { } text)
                    Add(record.Type, text);
            }
            Add(declaration.Type, context.EmitHolder());
            var settled = declaration.Settlements.Select(s => s.Rule).Concat(context.ParameterItems);
            var scope = new CheckScope(facts.Grammar.Rules.Where(r => !r.IsCore).Select(r => r.Name), settled, context.Capturing.Contains);
            findings.AddRange(GrammarChecks.Run(facts.Grammar, scope).Select(Finding.From));
        }
        foreach (var names in headerNames)
            Add(names.Type, HeaderNamesEmitter.Emit(names, shapes));
        return new(new([.. sources]), new([.. findings]));

        // One type may have two generated halves (a vocabulary that is a grammar's holder too), and the compiler takes each file name once,
        // whatever its case.
        void Add(TypeHead type, string text)
        {
            string hint = type.FullName;
            for (int n = 2; sources.Any(s => string.Equals(s.Hint, hint + ".g.cs", StringComparison.OrdinalIgnoreCase)); n++)
                hint = $"{type.FullName}.{n.ToString(CultureInfo.InvariantCulture)}";
            sources.Add(new(hint + ".g.cs", text));
        }
    }

    private static string NoGrammar(string named) =>
        named.Length > 0 ? $"this compilation declares no grammar '{named}'" : "say which grammar is meant: Grammar = \"…\"";

    public static Compiled Compile(DispatcherDeclaration dispatcher)
    {
        var findings = new List<Finding>();
        var text = DispatcherEmitter.Emit(dispatcher, findings);
        return new(text is null ? default : new([new(dispatcher.Type.FullName + ".Dispatch.g.cs", text)]), new([.. findings]));
    }

    /// <summary>What is wrong with supplements by themselves, whatever chain they are in.</summary>
    public static Compiled Judge(EquatableArray<SupplementDeclaration> supplements) =>
        new(default, new([.. supplements.GroupBy(s => s.Type).SelectMany(g => g.First().Findings)]));

    public static Compiled Compile(ChainDeclaration chain, EquatableArray<SupplementDeclaration> supplements)
    {
        var findings = new List<Finding>();
        var text = ChainEmitter.Emit(chain, supplements, findings);
        return new(text is null ? default : new([new(chain.Type.FullName + ".Supplements.g.cs", text)]), new([.. findings]));
    }

    // A declaration that names no grammar is of the only one there is, else of the only one in its own name space.
    private static bool BelongsTo(string named, TypeHead type, GrammarDeclaration grammar, EquatableArray<GrammarDeclaration> all) =>
        named.Length > 0 ? named == grammar.Name
        : all.Count == 1 || grammar.Type.Namespace == type.Namespace && all.Count(g => g.Type.Namespace == type.Namespace) == 1;

    // The grammar of a declaration, checked and adjusted; null where it cannot be used.
    private static GrammarFacts? Load(
        GrammarDeclaration declaration, EquatableArray<GrammarFile> files, List<RecordDeclaration> records, List<VocabularyDeclaration> vocabularies,
        List<Finding> findings)
    {
        var faults = new List<Fault>();
        var grammar = GrammarBuilder.Build(
            [.. files.Where(f => f.Grammar == declaration.Name).Select(f => (f.Path, f.Text))], faults);
        var adjustments = new List<Adjustment>();
        // What was taken over from another holder (it has no place) and names nothing here is left out in silence.
        bool Applies(CodeLocation at, params string[] rules) => at.Path is not null || rules.All(rule => grammar.Find(rule) is not null);
        adjustments.AddRange(declaration.Replacements.Where(r => Applies(r.At, r.Rule, r.By)).Select(r => new Replace(r.Rule, r.Reference, r.By, Place(r.At))));
        foreach (var settlement in declaration.Settlements.Where(s => Applies(s.At, s.Rule)))
        {
            if (settlement.Choice == SettleChoice.MostSpecific)
                adjustments.Add(new MostSpecific(settlement.Rule, Place(settlement.At)));
            else if (settlement.Choice == SettleChoice.Commit)
                adjustments.Add(new Commit(settlement.Rule, Place(settlement.At)));
            else if (grammar.Find(settlement.Rule) is null)
                faults.Add(new Fault(DiagnosticIds.SettlementNamesNothing, Place(settlement.At), settlement.Rule, settlement.Rule));
        }
        foreach (var (rule, at) in declaration.Spellings.Select(s => (s.Rule, s.At)).Concat(declaration.Leniencies.Select(l => (l.Rule, l.At))))
        {
            if (grammar.Find(rule) is null && Applies(at, rule))
                faults.Add(new Fault(DiagnosticIds.SettlementNamesNothing, Place(at), rule, rule));
        }
        var builder = new Automata.DfaBuilder(grammar, GrammarFacts.MaxLeafStates);
        grammar = Adjustments.Apply(grammar, adjustments,
            (_, a, b) => builder.TryBuild(a, out var inner) && builder.TryBuild(b, out var outer) && inner.IsSubsetOf(outer), faults);
        if (faults.Count == 0)
        {
            // What makes a grammar unusable is found before anything is emitted; choices are judged when it is known what is captured.
            faults.AddRange(GrammarChecks.Run(grammar, new CheckScope(grammar.Rules.Where(r => !r.IsCore).Select(r => r.Name), [], _ => false)));
        }
        findings.AddRange(faults.Select(Finding.From));
        return faults.Count > 0 ? null : new GrammarFacts(grammar, declaration.Leniencies);
    }

    private static AbnfLocation Place(CodeLocation at) => new(at.Path, at.Start, at.Length, at.Line, at.Column, at.EndLine, at.EndColumn);
}
