// Two hundred seeds, each another world; ten thousand and more are tests/Simulation/run --seeds 1..10000.
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class SeedTests
{
    private const ulong Seeds = 200;

    private const int Threads = 2;

    /// <summary>
    /// Ways that agents seldom or never go here: what users here do not send (keep-alives, STUN, foreign schemes, methods and extensions that are not taken,
    /// copies over two ways, requests to oneself, a CANCEL with headers), and what takes changed octets in the right place, or on a stream, where there are none.
    /// </summary>
    private static readonly HashSet<string> s_seldom =
    [
        "KeepAliveDatagrams", "StunDatagrams", "Pings", "Pongs", "MethodsRefused", "SchemesRefused", "ExtensionsRefused", "MergedRequests", "Loops", "SpentRequests",
        "Unroutable", "UnframableStreams", "StaleInputs", "Unreadable", "BadResponses", "BadRequests", "CancelsWithoutLines",
    ];

    [Fact]
    public void Two_hundred_seeds_are_clean()
    {
        var campaign = new Campaign();

        campaign.Run(1, Seeds, Threads);

        Assert.True(campaign.Failed == 0, string.Join("\n", campaign.Failures.Select(failure => $"{FailureReport.Of(failure)}{FailureReport.Write(failure)}")));
        Assert.Equal((long)Seeds, campaign.Runs);
        // Runs in which nobody says anything would show nothing.
        Assert.True(campaign.Calls > 1000 && campaign.Predicted > 5000, $"{campaign.Calls} calls, {campaign.Predicted} transactions predicted");
        Assert.True(GrammarCheck.ShapeCount > 10);
        Assert.Equal([], campaign.Reached.Where(pair => pair.Value == 0 && !s_seldom.Contains(pair.Key)).Select(pair => pair.Key));
        Artifacts.Write("simulation.txt", CampaignReport.Of(campaign, 1, Seeds));
    }

    [Fact]
    public void A_seed_gives_the_same_run_twice()
    {
        var first = Enumerable.Range(1, 20).Select(seed => Run.Of((ulong)seed).Fingerprint).ToList();

        Assert.Equal(first, Enumerable.Range(1, 20).Select(seed => Run.Of((ulong)seed).Fingerprint));
        Assert.Equal(20, first.Distinct().Count());
    }
}
