// Each diagnostic has a page and each page a diagnostic; the grammars on the pages show what the pages say they show.
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using SipEmbedded.Generator.Checks;
using SipEmbedded.Generator.Report;
using SipEmbedded.Generator.Tests.Abnf;

namespace SipEmbedded.Generator.Tests.Checks;

public sealed class DiagnosticPagesTests
{
    private static readonly string s_repository = Repository();

    /// <summary>The ids that a grammar alone can raise; the others need C# declarations.</summary>
    public static TheoryData<string> GrammarIds =>
        [.. Descriptors.All.Select(d => d.Id).Where(id => string.CompareOrdinal(id, DiagnosticIds.CapturePathNotFound) < 0)];

    [Fact]
    public void Each_descriptor_has_its_page_and_each_page_its_descriptor()
    {
        // By reflection, so that a descriptor in another file, or one missing from a list, is found as well.
        var descriptors = typeof(Descriptors).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(DiagnosticDescriptor))
            .Select(field => (DiagnosticDescriptor)field.GetValue(null)!)
            .ToList();
        var pages = Directory.GetFiles(Path.Combine(s_repository, "docs", "diagnostics"), "SIP*.md")
            .Select(path => Path.GetFileNameWithoutExtension(path));
        Assert.Equal(descriptors.Select(d => d.Id).Order(), pages.Order());
        foreach (var descriptor in descriptors)
        {
            Assert.Equal($"docs/diagnostics/{descriptor.Id}.md", descriptor.HelpLinkUri);
            var page = File.ReadAllText(Path.Combine(s_repository, descriptor.HelpLinkUri));
            Assert.StartsWith($"# {descriptor.Id}: {descriptor.Title}", page);
        }
    }

    [Fact]
    public void The_list_of_descriptors_is_complete_and_in_order()
    {
        var fields = typeof(Descriptors).GetFields().Where(f => f.FieldType == typeof(DiagnosticDescriptor));
        Assert.Equal(fields.Select(f => ((DiagnosticDescriptor)f.GetValue(null)!).Id), Descriptors.All.Select(d => d.Id));
        var ids = typeof(DiagnosticIds).GetFields().Select(f => (string)f.GetRawConstantValue()!).ToList();
        Assert.Equal(ids, Descriptors.All.Select(d => d.Id));
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Theory]
    [MemberData(nameof(GrammarIds))]
    public void The_example_of_a_page_raises_the_diagnostic_and_its_correction_does_not(string id)
    {
        var page = File.ReadAllText(Path.Combine(s_repository, "docs", "diagnostics", $"{id}.md"));
        var grammars = Regex.Matches(page, "```abnf\n(.*?)```", RegexOptions.Singleline).Select(m => m.Groups[1].Value).ToList();
        Assert.True(grammars.Count >= 2, "a page has a grammar with the fault and one without");
        Assert.Equal([id], Ids(grammars[0]));
        Assert.All(grammars.Skip(1), grammar => Assert.Empty(Ids(grammar)));

        static IEnumerable<string> Ids(string text)
        {
            var grammar = AbnfText.Read(out var faults, text);
            return faults.Concat(GrammarChecks.Run(grammar, CheckScope.Everything(grammar))).Select(f => f.Id);
        }
    }

    private static string Repository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SipEmbedded.sln")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException("no SipEmbedded.sln above the tests");
    }
}
