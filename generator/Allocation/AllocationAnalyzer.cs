// The allocation analyzer: in an assembly marked [assembly: AllocationFree], every managed heap allocation outside
// start-up code is a build error at its place. This file is only the registration; what allocates is in AllocationWalker.
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SipEmbedded.Generator.Allocation;

/// <summary>Reports SIPA001 to SIPA014 in assemblies that promise to allocate nothing after start.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AllocationAnalyzer : DiagnosticAnalyzer
{
    /// <summary>SIPA001 to SIPA014, all errors.</summary>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => AllocationDescriptors.All;

    /// <summary>Registers for marked compilations only; generated code is inside the promise and is analysed as well.</summary>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (!AllocationMarks.IsAllocationFree(start.Compilation.Assembly))
                return;
            var marks = new AllocationMarks(start.Compilation);
            var list = AllocationFreeList.Bcl.With(start.Options.AdditionalFiles
                .Where(file => AllocationFreeList.IsListFile(file.Path))
                .Select(file => file.GetText(start.CancellationToken)));
            var calls = new CallJudge(start.Compilation, marks, list);

            start.RegisterOperationBlockAction(block =>
            {
                foreach (var operation in block.OperationBlocks)
                    new AllocationWalker(calls, marks, block.OwningSymbol, block.ReportDiagnostic, block.CancellationToken)
                        .VisitBlock(operation);
            });
            start.RegisterSymbolAction(
                symbol => ReportMissingReason(symbol, marks),
                SymbolKind.Method, SymbolKind.Property, SymbolKind.Event, SymbolKind.NamedType);
            start.RegisterAdditionalFileAction(file =>
            {
                if (AllocationFreeList.IsListFile(file.AdditionalFile.Path))
                    ReportBadLines(file);
            });
        });
    }

    private static void ReportMissingReason(SymbolAnalysisContext context, AllocationMarks marks)
    {
        if (marks.FindStartUp(context.Symbol) is not { } mark || AllocationMarks.HasReason(mark))
            return;
        var at = mark.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken).GetLocation()
            ?? context.Symbol.Locations[0];
        context.ReportDiagnostic(Diagnostic.Create(AllocationDescriptors.StartUpWithoutReason, at, context.Symbol.Name));
    }

    private static void ReportBadLines(AdditionalFileAnalysisContext context)
    {
        if (context.AdditionalFile.GetText(context.CancellationToken) is not { } text)
            return;
        foreach (var line in text.Lines)
        {
            string entry = AllocationFreeList.EntryOf(line.ToString());
            if (entry.Length == 0 || AllocationFreeList.IsWellFormed(entry))
                continue;
            var at = Location.Create(context.AdditionalFile.Path, line.Span, text.Lines.GetLinePositionSpan(line.Span));
            context.ReportDiagnostic(Diagnostic.Create(AllocationDescriptors.BadListLine, at, entry));
        }
    }
}
