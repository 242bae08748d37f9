// Emits the dispatch of a word (a SIP method) to the handlers that a class declares, bound at compile time.
using System;
using System.Collections.Generic;
using System.Linq;
using SipEmbedded.Generator.Declarations;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Emit;

internal static class DispatcherEmitter
{
    public static string? Emit(DispatcherDeclaration declaration, List<Finding> findings)
    {
        int before = findings.Count;
        var handlers = declaration.Handlers;
        if (handlers.Count == 0)
            return null;
        var first = handlers[0];
        var seen = new Dictionary<string, HandlerDeclaration>(StringComparer.Ordinal);
        foreach (var handler in handlers)
        {
            if (seen.TryGetValue(handler.Method, out var earlier))
                findings.Add(Finding.At(handler.At, DiagnosticIds.DuplicateHandler, handler.Method, earlier.Handler, handler.Handler));
            else
                seen.Add(handler.Method, handler);
            if (handler.Parameters != first.Parameters || handler.ReturnType != first.ReturnType || handler.IsGeneric)
                findings.Add(Finding.At(handler.At, DiagnosticIds.HandlerSignature, handler.Handler, $"{first.ReturnType} {handler.Handler}({first.Parameters})"));
            if (!Names.IsToken(handler.Method))
                findings.Add(Finding.At(handler.At, DiagnosticIds.UnknownMethod, handler.Method, Names.TokenRule));
        }
        if (findings.Count > before)
            return null;

        bool returns = first.ReturnType != "void";
        bool isStatic = handlers.All(h => h.IsStatic);
        var code = SourceFile.Begin();
        SourceFile.OpenType(code, declaration.Type, "");
        code.Line("/// <summary>The words handled here, as an Allow value lists them.</summary>");
        code.Line($"public static ReadOnlySpan<byte> Allow => {Names.Text(string.Join(", ", handlers.Select(h => h.Method)))};").Line();
        code.Line("/// <summary>Calls the handler of <paramref name=\"word\"/>. A word that the vocabulary knows but nobody here handles is NotAllowed (405");
        code.Line("/// with Allow), any other NotImplemented (501); the handler was then not called.</summary>");
        string parameters = first.Parameters.Length == 0 ? "" : ", " + first.Parameters;
        string result = returns ? $", out {first.ReturnType} result" : "";
        code.Open($"public {(isStatic ? "static " : "")}DispatchOutcome Dispatch(ReadOnlySpan<byte> word{parameters}{result})");
        code.Line("ReadOnlySpan<byte> s = word;");
        NameMatch.Switch(code, handlers.Select((h, i) => (h.Method, $"goto H{i};")), caseSensitive: true, "0", "s.Length");
        if (returns)
            code.Line("result = default!;");
        code.Line($"return {declaration.VocabularyType}.Parse(word) == default ? DispatchOutcome.NotImplemented : DispatchOutcome.NotAllowed;");
        for (int i = 0; i < handlers.Count; i++)
        {
            code.Label($"H{i}");
            code.Line($"{(returns ? "result = " : "")}{handlers[i].Handler}({handlers[i].Arguments});").Line("return DispatchOutcome.Handled;");
        }
        code.Close();
        SourceFile.CloseType(code, declaration.Type);
        return code.ToString();
    }
}
