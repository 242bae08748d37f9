// What an edit recomputes. The generator runs at each keystroke in an editor: work that an edit cannot have changed is not done again,
// and nothing that the pipeline keeps may hold on to a compilation.
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using SipEmbedded.Generator.Tests.Users;

namespace SipEmbedded.Generator.Tests.Pipeline;

public sealed class IncrementalTests
{
    private const string Supplement = """
        using SipEmbedded.Calls;
        using SipEmbedded.Generation;
        [Supplement(Order = 1)] public class Counts { public void SessionBegan(in CallSession call) { } }
        """;

    private static readonly UserProject s_project = UserProject.OfFolder("manifest", "manifest").WithCode("Other.cs", "class Other { int A; }")
        .WithCode("Counts.cs", Supplement).WithCode("Chain.cs", "[SipEmbedded.Generation.SupplementChain] partial class Chain;");

    private static readonly string[] s_declarations =
        [GrammarGenerator.Steps.Grammars, GrammarGenerator.Steps.Records, GrammarGenerator.Steps.Vocabularies, GrammarGenerator.Steps.HeaderNames,
            GrammarGenerator.Steps.Dispatchers, GrammarGenerator.Steps.Supplements, GrammarGenerator.Steps.Chains];

    [Fact]
    public void Nothing_is_done_where_nothing_changed()
    {
        var compilation = s_project.Compilation();
        var result = s_project.Driver().RunGenerators(compilation).RunGenerators(compilation.Clone()).GetRunResult().Results.Single();

        Assert.All([GrammarGenerator.Steps.GrammarFiles, GrammarGenerator.Steps.Emitted, .. s_declarations], step => AssertDone(result, step, changed: false));
        AssertOutputs(result, IncrementalStepRunReason.Cached);
    }

    [Fact]
    public void An_edit_of_unrelated_code_changes_no_model_and_emits_nothing()
    {
        var result = After(s_project.WithCode("Other.cs", "class Other { int A; int B; }"));

        Assert.All([GrammarGenerator.Steps.GrammarFiles, GrammarGenerator.Steps.Emitted, .. s_declarations], step => AssertDone(result, step, changed: false));
        AssertOutputs(result, IncrementalStepRunReason.Cached);
    }

    [Fact]
    public void An_edit_of_a_method_body_beside_the_declarations_changes_no_model()
    {
        // In the same file, behind every declaration: places stay as they are.
        var result = After(Edited("return false;", "return true;"));

        Assert.All([GrammarGenerator.Steps.Emitted, .. s_declarations], step => AssertDone(result, step, changed: false));
    }

    [Fact]
    public void A_line_above_a_declaration_moves_its_place_and_emits_the_same()
    {
        // Places are part of the models, since diagnostics point to them.
        var result = After(Edited("/// <summary>A version", "\n/// <summary>A version"));

        AssertDone(result, GrammarGenerator.Steps.Records, changed: true);
        AssertDone(result, GrammarGenerator.Steps.Grammars, changed: false);
        AssertDone(result, GrammarGenerator.Steps.Emitted, changed: false);
    }

    [Fact]
    public void An_edit_of_a_records_attribute_changes_that_record()
    {
        var result = After(Edited("[Capture(\"major\", Max = 999)]", "[Capture(\"major\", Max = 998)]"));

        // Of the length of the text before, so no other declaration moves.
        Assert.Single(Outputs(result, GrammarGenerator.Steps.Records), o => o.Reason == IncrementalStepRunReason.Modified);
        AssertDone(result, GrammarGenerator.Steps.Grammars, changed: false);
        AssertDone(result, GrammarGenerator.Steps.GrammarFiles, changed: false);
        AssertDone(result, GrammarGenerator.Steps.Emitted, changed: true);
        AssertDone(result, GrammarGenerator.Steps.Dispatchers, changed: false);
    }

    [Fact]
    public void An_edit_of_a_handler_changes_its_dispatcher_alone()
    {
        var result = After(Edited("[Handles(\"REMOVE\")]", "[Handles(\"DELETE\")]"));

        AssertDone(result, GrammarGenerator.Steps.Dispatchers, changed: true);
        AssertDone(result, GrammarGenerator.Steps.Emitted, changed: false);
    }

    [Fact]
    public void An_edit_of_a_supplement_changes_its_chain_and_not_what_its_body_does()
    {
        var turned = After(s_project.WithCode("Counts.cs", Supplement.Replace("SessionBegan", "SessionEnded")));
        AssertDone(turned, GrammarGenerator.Steps.Supplements, changed: true);
        AssertDone(turned, GrammarGenerator.Steps.ChainsEmitted, changed: true);
        AssertDone(turned, GrammarGenerator.Steps.Emitted, changed: false);

        var body = After(s_project.WithCode("Counts.cs", Supplement.Replace("{ } }", "{ int n = 1; } }")));
        AssertDone(body, GrammarGenerator.Steps.Supplements, changed: false);
        AssertDone(body, GrammarGenerator.Steps.ChainsEmitted, changed: false);
    }

    [Fact]
    public void An_edit_of_a_grammar_changes_what_is_emitted()
    {
        var result = After(WithGrammarEdit("major        = 1*DIGIT", "major        = 2*DIGIT"));

        AssertDone(result, GrammarGenerator.Steps.GrammarFiles, changed: true);
        AssertDone(result, GrammarGenerator.Steps.Emitted, changed: true);
        Assert.All(s_declarations, step => AssertDone(result, step, changed: false));
    }

    [Fact]
    public void A_comment_in_a_grammar_is_read_and_emits_the_same()
    {
        var result = After(WithGrammarEdit("; A package manager's", "; Some package manager's"));

        AssertDone(result, GrammarGenerator.Steps.GrammarFiles, changed: true);
        AssertDone(result, GrammarGenerator.Steps.Emitted, changed: false);
        AssertOutputs(result, IncrementalStepRunReason.Cached);
    }

    [Fact]
    public void No_step_keeps_a_symbol_a_node_a_compilation_or_a_location()
    {
        var result = s_project.Run();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (string step in (string[])[GrammarGenerator.Steps.GrammarFiles, GrammarGenerator.Steps.Emitted, .. s_declarations])
        {
            foreach (var (value, _) in Outputs(result, step))
                Walk(value, step, seen);
        }
        // The walk goes into the models, and not only over them.
        Assert.Contains("pre-release", seen.OfType<string>());
        Assert.InRange(seen.Count, 100, int.MaxValue);
    }

    [Fact]
    public void Two_runs_and_any_order_of_the_files_emit_the_same()
    {
        var project = s_project.WithGrammar("manifest", "a.abnf", "Command =/ %s\"PIN\"\n").WithGrammar("manifest", "z.abnf", "Command =/ %s\"UNPIN\"\n");
        var files = project.GeneratedFiles();

        Assert.Contains("UNPIN", files["Packages.Commands.g.cs"]);
        Assert.Equal(files, project.GeneratedFiles());
        Assert.Equal(files, (project with { Files = [.. project.Files.Reverse()] }).GeneratedFiles());
        Assert.Equal(files, (project with { Trees = [.. project.Trees.Reverse()] }).GeneratedFiles());
    }

    private static GeneratorRunResult After(UserProject edited)
    {
        var driver = s_project.Driver().RunGenerators(s_project.Compilation());
        var compilation = s_project.Compilation();
        foreach (var (old, tree) in s_project.Trees.Zip(s_project.Trees.Select(t => edited.Trees.Single(e => e.FilePath == t.FilePath))))
            compilation = old == tree ? compilation : compilation.ReplaceSyntaxTree(old, tree);
        foreach (var (old, file) in s_project.Files.Zip(s_project.Files.Select(f => edited.Files.Single(e => e.Path == f.Path))))
            driver = old == file ? driver : driver.ReplaceAdditionalText(old, file);
        return driver.RunGenerators(compilation).GetRunResult().Results.Single();
    }

    private static UserProject Edited(string from, string to) => s_project.WithCode("Manifest.cs", Replaced("manifest/Manifest.cs", from, to));

    private static UserProject WithGrammarEdit(string from, string to) =>
        s_project.WithGrammar("manifest", "manifest.abnf", Replaced("manifest/manifest.abnf", from, to));

    private static string Replaced(string resource, string from, string to)
    {
        string text = UserProject.Resource(resource);
        Assert.Contains(from, text);
        return text.Replace(from, to);
    }

    private static IEnumerable<(object Value, IncrementalStepRunReason Reason)> Outputs(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(s => s.Outputs);

    private static void AssertDone(GeneratorRunResult result, string step, bool changed)
    {
        var reasons = Outputs(result, step).Select(o => o.Reason).ToList();
        Assert.NotEmpty(reasons);
        if (changed)
            Assert.Contains(IncrementalStepRunReason.Modified, reasons);
        else
            Assert.All(reasons, reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{step}: {reason}"));
    }

    private static void AssertOutputs(GeneratorRunResult result, IncrementalStepRunReason expected)
    {
        var reasons = result.TrackedOutputSteps.SelectMany(pair => pair.Value).SelectMany(s => s.Outputs).Select(o => o.Reason).ToList();
        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.Equal(expected, reason));
    }

    private static void Walk(object? value, string path, HashSet<object> seen)
    {
        if (value is null || value.GetType().IsPrimitive || value.GetType().IsEnum || !seen.Add(value))
            return;
        Assert.False(value is ISymbol or SyntaxNode or SyntaxTree or SyntaxReference or Compilation or Location or SemanticModel or AttributeData
            or AdditionalText or Delegate, $"{path} holds a {value.GetType()}");
        if (value is string)
            return;
        if (value is Array items)
        {
            int index = 0;
            foreach (object? item in items)
                Walk(item, $"{path}[{index++}]", seen);
        }
        for (var type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
        }
    }
}
