// The list of known APIs: how a project extends it, what a wildcard covers, and what is done about a line that is wrong.
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using SipEmbedded.Generator.Allocation;
using Xunit;

namespace SipEmbedded.Generator.Tests.Allocation;

public class AllocationFreeListTests
{
    private const string Source = """
        class C
        {
            void M(Queue<int> q)
            {
                _ = q.Count; _ = q.Peek(); _ = q.ToArray();
                _ = Environment.GetEnvironmentVariable("A"); _ = Environment.GetEnvironmentVariable("A", EnvironmentVariableTarget.Process);
                ReadOnlySpan<byte> b = default; _ = b.IndexOf((byte)1);
            }
        }
        """;

    private const string Unlisted =
        "Count Peek ToArray GetEnvironmentVariable GetEnvironmentVariable";

    [Theory]
    [InlineData("", Unlisted)]
    [InlineData("System.Collections.Generic.Queue`1.Peek", "Count ToArray GetEnvironmentVariable GetEnvironmentVariable")]
    [InlineData("System.Collections.Generic.Queue`1.*", "ToArray GetEnvironmentVariable GetEnvironmentVariable")]
    [InlineData("System.Collections.Generic.Queue`1.*\n!System.Collections.Generic.Queue`1.Peek", "Peek ToArray GetEnvironmentVariable GetEnvironmentVariable")]
    [InlineData("System.Collections.Generic.*", "ToArray GetEnvironmentVariable GetEnvironmentVariable")]
    [InlineData("  System.Collections.Generic.Queue`1.ToArray  # measured", "Count Peek GetEnvironmentVariable GetEnvironmentVariable")]
    [InlineData("M:System.Environment.GetEnvironmentVariable(System.String)", "Count Peek ToArray GetEnvironmentVariable")]
    [InlineData("System.Environment.*", Unlisted)]
    [InlineData("!System.MemoryExtensions.IndexOf", Unlisted + " IndexOf")]
    [InlineData("# a comment\n\nSystem.Nothing.There", Unlisted)]
    public void Extends_the_known_calls(string list, string reported)
    {
        var reports = AllocationSnippet.OfSource(Source).Analyse(new ListFile("/project/AllocationFree.txt", list));
        Assert.All(reports, r => Assert.Equal("SIPA011", r.Id));
        Assert.Equal(reported, string.Join(" ", reports.Select(r => r.Text)));
    }

    [Theory]
    [InlineData("AllocationFree.txt", true)]
    [InlineData("allocationfree.native.TXT", true)]
    [InlineData("NotAllocationFree.txt", false)]
    [InlineData("AllocationFree.md", false)]
    public void Only_files_of_that_name_are_read(string name, bool isRead)
    {
        var reports = AllocationSnippet.OfSource("class C { int M(Queue<int> q) => q.Count; }")
            .Analyse(new ListFile("/project/" + name, "System.Collections.Generic.Queue`1.Count"));
        Assert.Equal(isRead ? 0 : 1, reports.Count);
    }

    [Theory]
    [InlineData("Queue")]
    [InlineData("System.Collections.*.Count")]
    [InlineData("System..Count")]
    [InlineData("*")]
    [InlineData("T:System.Environment")]
    [InlineData("System.Environment.GetEnvironmentVariable(System.String)")]
    public void Unreadable_line_is_reported_at_its_place(string line)
    {
        var found = Assert.Single(AllocationSnippet.OfSource("class C;").AnalyseToDiagnostics(
            new ListFile("/project/AllocationFree.txt", "# first\n" + line + "\nSystem.Environment.TickCount")));
        Assert.Equal("SIPA013", found.Id);
        Assert.Equal(1, found.Location.GetLineSpan().StartLinePosition.Line);
        Assert.EndsWith("AllocationFree.txt", found.Location.GetLineSpan().Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Built_in_list_has_only_readable_lines_that_name_something()
    {
        var compilation = AllocationSnippet.OfSource("class C;").Compilation;
        var entries = AllocationFreeList.BclEntries.Split('\n').Select(AllocationFreeList.EntryOf).Where(entry => entry.Length > 0).ToList();
        Assert.True(entries.Count > 100);
        Assert.All(entries, entry => Assert.True(AllocationFreeList.IsWellFormed(entry), entry));
        Assert.Equal(entries.Count, entries.Distinct().Count());
        Assert.All(entries, entry => Assert.True(NamesSomething(compilation, entry.TrimStart('!')), entry));
    }

    private static bool NamesSomething(Compilation compilation, string entry)
    {
        if (entry[1] == ':')
            return DocumentationCommentId.GetFirstSymbolForDeclarationId(entry, compilation) is not null;
        int cut = entry.LastIndexOf('.');
        var (scope, member) = (entry[..cut], entry[(cut + 1)..]);
        if (compilation.GetTypeByMetadataName(scope) is { } type)
            return member is "*" || type.GetMembers(member == "new" ? ".ctor" : member).Length > 0
                || type.GetMembers().Any(m => m.MetadataName == member);
        return member == "*" && scope.Split('.').Aggregate<string, INamespaceSymbol?>(
            compilation.GlobalNamespace, (space, part) => space?.GetNamespaceMembers().FirstOrDefault(n => n.Name == part)) is not null;
    }

    private sealed class ListFile(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
