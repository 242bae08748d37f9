// Some thousand calls with random features and faults; a hundred thousand and more are tests/Simulation/run --calls 100000.
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class CallRunTests
{
    private const int Calls = 4000;

    private const int Threads = 2;

    /// <summary>Ways that agents here never go: nobody challenges, redirects or forks, and pools run out where tests let them.</summary>
    private static readonly HashSet<string> s_never =
        ["agents.Challenged", "agents.Redirected", "agents.SurplusAnswers"];

    [Fact]
    public void Thousands_of_calls_are_clean()
    {
        var campaign = new CallCampaign();

        campaign.Run(1, Calls, Threads);

        Assert.True(campaign.Failed == 0, string.Join("\n", campaign.Failures.Select(failure => $"{FailureReport.Of(failure)}{FailureReport.Write(failure)}")));
        // Runs in which nothing happens would show nothing.
        Assert.Equal([], campaign.Counts.Where(pair => pair.Value == 0 && !s_never.Contains(pair.Key)).Select(pair => pair.Key));
        Assert.True(campaign.LongestAlone > TimeSpan.FromSeconds(30), $"nobody was alone for longer than {campaign.LongestAlone}");
        Artifacts.Write("calls.txt", campaign.Report());
    }

    [Fact]
    public void A_seed_gives_the_same_calls_twice()
    {
        var first = Enumerable.Range(1, 5).Select(seed => CallRun.Of((ulong)seed).Run.Fingerprint).ToList();

        Assert.Equal(first, Enumerable.Range(1, 5).Select(seed => CallRun.Of((ulong)seed).Run.Fingerprint));
        Assert.Equal(5, first.Distinct().Count());
    }
}
