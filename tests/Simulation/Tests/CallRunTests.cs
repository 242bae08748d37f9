// Some thousand calls with random features and faults; a hundred thousand and more are tests/Simulation/run --calls 100000.
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class CallRunTests
{
    private const int Calls = 4000;

    private const int Threads = 2;

    /// <summary>
    /// Ways that agents seldom or never go here: nobody challenges, redirects or forks, and a pool that is full at just that moment is rare where most seeds have ample
    /// ones (<see cref="CallCapacityTests"/>).
    /// </summary>
    private static readonly HashSet<string> s_seldom = ["agents.Challenged", "agents.Redirected", "agents.SurplusAnswers", "agents.OffersRefused", "NoRoom"];

    [Fact]
    public void Thousands_of_calls_are_clean()
    {
        var campaign = new CallCampaign();

        campaign.Run(1, Calls, Threads);

        Assert.True(campaign.Failed == 0, string.Join("\n", campaign.Failures.Select(failure => $"{FailureReport.Of(failure)}{FailureReport.Write(failure)}")));
        // Runs in which nothing happens would show nothing.
        Assert.Equal([], campaign.Counts.Where(pair => pair.Value == 0 && !s_seldom.Contains(pair.Key)).Select(pair => pair.Key));
        Assert.True(campaign.LongestAlone > TimeSpan.FromSeconds(30), $"nobody was alone for longer than {campaign.LongestAlone}");
        Artifacts.Write("calls.txt", campaign.Report());
    }

    [Fact]
    public void A_seed_gives_the_same_calls_twice()
    {
        var first = Enumerable.Range(1, 3).Select(seed => CallRun.Of((ulong)seed).Run.Fingerprint).ToList();

        Assert.Equal(first, Enumerable.Range(1, 3).Select(seed => CallRun.Of((ulong)seed).Run.Fingerprint));
        Assert.Equal(3, first.Distinct().Count());
    }
}
