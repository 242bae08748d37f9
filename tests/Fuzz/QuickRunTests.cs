// The quick run of every body, from a fixed seed; the long one is tests/Fuzz/run. Its counts stand in artifacts/fuzz.txt.
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Fuzz;

public sealed class QuickRunTests(ITestOutputHelper output)
{
    /// <summary>About ten seconds on two cores, most of them spent on the seeds.</summary>
    private const long Executions = 150_000;

    private const int Seed = 3261;

    [Fact]
    public void No_body_fails_over_mutants_from_a_fixed_seed()
    {
        var tallies = new FuzzRun(Executions, Seed).Run();
        string report = FuzzReport.Of(tallies, Seed);
        FuzzReport.Write(report);
        output.WriteLine(report);
        Assert.All(tallies, tally => Assert.True(tally.First.Count == 0, string.Join("\n", tally.First)));
        Assert.True(tallies.Sum(tally => tally.Executions) >= Executions);
        // A body whose texts all end the same way would show nothing.
        Assert.All(tallies, tally => Assert.True(tally.Signatures > 1, tally.Body));
    }
}
