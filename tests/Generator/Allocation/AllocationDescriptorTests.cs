// Every id is an error, is met in the tables, and has its page.
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using SipEmbedded.Generator.Allocation;
using Xunit;

namespace SipEmbedded.Generator.Tests.Allocation;

public class AllocationDescriptorTests
{
    public static TheoryData<string> Ids => [.. new AllocationAnalyzer().SupportedDiagnostics.Select(d => d.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Is_an_error_with_a_page(string id)
    {
        var descriptor = new AllocationAnalyzer().SupportedDiagnostics.Single(d => d.Id == id);
        Assert.Equal(DiagnosticSeverity.Error, descriptor.DefaultSeverity);
        Assert.Equal("Allocation", descriptor.Category);
        Assert.True(descriptor.IsEnabledByDefault);
        string page = Path.Combine(RepositoryRoot(), descriptor.HelpLinkUri);
        Assert.True(File.Exists(page), page);
        Assert.StartsWith($"# {id}: {descriptor.Title}", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_numbered_without_a_gap()
    {
        var ids = new AllocationAnalyzer().SupportedDiagnostics.Select(d => d.Id).ToList();
        Assert.Equal(Enumerable.Range(1, ids.Count).Select(n => $"SIPA{n:000}"), ids);
    }

    private static string RepositoryRoot([CallerFilePath] string thisFile = "")
    {
        // A deterministic build may map source paths; the build output lies inside the repository as well.
        foreach (string start in new[] { Path.GetDirectoryName(thisFile)!, AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "SipEmbedded.sln")))
                    return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("no SipEmbedded.sln above the tests");
    }
}
