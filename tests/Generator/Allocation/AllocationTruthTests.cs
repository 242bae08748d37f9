// Keeps the analyzer honest: each construct is compiled, loaded and run, and the bytes it allocates are counted. A marked
// row has to allocate, an unmarked row must not. Rows that differ say why, and have to differ: a reason that has become
// false fails as well.
using Xunit;

namespace SipEmbedded.Generator.Tests.Allocation;

public class AllocationTruthTests
{
    public static TheoryData<string> Names => [.. AllocationConstructs.All.Select(c => c.Name)];

    [Fact]
    public void Runs_optimised_code_only() =>
        Assert.True(AppContext.TryGetSwitch("System.Runtime.TieredCompilation", out bool isTiered) && !isTiered);

    [Theory]
    [MemberData(nameof(Names))]
    public void Verdict_is_what_the_runtime_allocates(string name)
    {
        var construct = AllocationConstructs.All.Single(c => c.Name == name);
        var snippet = AllocationSnippet.OfBody(construct.Body, construct.Members);
        bool reported = snippet.Analyse().Count > 0;
        double bytes = snippet.MeasureBytesPerCall();
        bool agrees = reported == (bytes > 0);
        Assert.True(
            agrees == (construct.Untrue is null),
            $"{name}: {(reported ? "reported" : "silent")}, {bytes} bytes a call; exception claimed: {construct.Untrue ?? "none"}");
    }
}
