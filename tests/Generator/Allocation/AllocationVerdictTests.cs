// Holds the analyzer to the marks in the table of constructs: each id at its exact place, and nothing else.
using Xunit;

namespace SipEmbedded.Generator.Tests.Allocation;

public class AllocationVerdictTests
{
    public static TheoryData<string> Names => [.. AllocationConstructs.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reports_exactly_the_marked_places(string name)
    {
        var construct = AllocationConstructs.All.Single(c => c.Name == name);
        var snippet = AllocationSnippet.OfBody(construct.Body, construct.Members);
        Assert.Equal(Lines(snippet.Expected), Lines(snippet.Analyse()));
    }

    private static string Lines(IEnumerable<Reported> reports) => string.Join("\n", reports);
}
