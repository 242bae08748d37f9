// Some thousand calls with random features and faults; a hundred thousand and more are tests/Simulation/run --calls 100000.
using SipEmbedded.Calls;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class CallRunTests
{
    private const int Calls = 4000;

    private const int Threads = 2;

    /// <summary>
    /// Ways that agents seldom or never go here: nobody challenges or forks, and a pool that is full at just that moment is rare where most seeds have ample
    /// ones (<see cref="CallCapacityTests"/>).
    /// </summary>
    private static readonly HashSet<string> s_seldom = ["agents.Challenged", "agents.SurplusAnswers", "agents.OffersRefused", "LateCopies", "NoRoom", "EndedNoRoom", "network.Corrupted"];

    [Fact]
    public void Thousands_of_calls_are_clean()
    {
        var campaign = new CallCampaign();

        campaign.Run(1, Calls, Threads);

        Assert.True(campaign.Failed == 0, string.Join("\n", campaign.Failures.Select(failure => $"{FailureReport.Of(failure)}{FailureReport.Write(failure)}")));
        // Runs in which nothing happens would show nothing.
        Assert.Equal([], campaign.Counts.Where(pair => pair.Value == 0 && !s_seldom.Contains(pair.Key)).Select(pair => pair.Key));
        Assert.True(campaign.LongestAlone > TimeSpan.FromSeconds(30), $"nobody was alone for longer than {campaign.LongestAlone}");
        Artifacts.Write("calls.txt", CallReport.Of(campaign));
    }

    [Fact]
    public void A_seed_gives_the_same_calls_twice()
    {
        var first = Enumerable.Range(1, 3).Select(seed => CallRun.Of((ulong)seed).Run.Fingerprint).ToList();

        Assert.Equal(first, Enumerable.Range(1, 3).Select(seed => CallRun.Of((ulong)seed).Run.Fingerprint));
        Assert.Equal(3, first.Distinct().Count());
    }

    [Fact]
    public void Each_count_has_its_line_on_the_page_that_is_kept()
    {
        var campaign = new CallCampaign();
        campaign.Run(1, 1, Threads);

        string[] lines = CallReport.PageOf(campaign, 1, TimeSpan.FromSeconds(5), "nothing").Split('\n');

        Assert.Contains("| calls placed | " + campaign.Calls + " |", lines);
        foreach (var (name, count) in campaign.Counts)
            Assert.Contains($"| {name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace("Ended", name == "agents.Ended" ? "Ended" : "", StringComparison.Ordinal)} | {count} |", lines);
        Assert.Contains(lines, line => line.EndsWith("CallAllocation`: nothing", StringComparison.Ordinal));
    }

    /// <summary>
    /// RFC 3261 §17.2.3: a callee that has refused a call knows its INVITE for 5 s more (timer I); a copy that comes then is another call, which the caller has no
    /// part in, and which ends by itself. What the callee's user had in mind for the first call is not done to the second.
    /// </summary>
    [Fact]
    public void A_copy_of_an_INVITE_that_comes_late_is_another_call()
    {
        var options = new CallRunOptions
        {
            Agents = 2,
            Seconds = 240,
            Faults = NetworkFaults.None with { LatencyUs = 20_000, DuplicatePerMille = 400, ReorderPerMille = 400, ReorderUs = 20_000_000 },
            HasSmallPools = false,
            Plan = _ => new(),
            Personality = _ => new() { PauseMs = 4000, CancelsPerMille = 600, AnswerMs = 40_000, RefusesPerMille = 300, EarlyMediaPerMille = 300 },
        };

        long copies = 0;
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var result = CallRun.Of(seed, options);
            Assert.True(result.Run.Failure is null, FailureReport.Of(result.Run));
            copies += result.Counts["LateCopies"];
        }

        Assert.True(copies > 20, $"{copies} late copies");
    }

    /// <summary>A 503 for want of room leaves no transaction (RFC 3261 §21.5.4, §8.2.7); where it is lost, the next copy of the INVITE may be taken, and its answer counts.</summary>
    [Fact]
    public void A_copy_of_an_INVITE_that_found_no_room_may_be_taken()
    {
        var options = new CallRunOptions
        {
            Agents = 2,
            Seconds = 240,
            Faults = NetworkFaults.None with { LatencyUs = 20_000, LossPerMille = 300 },
            HasSmallPools = true,
            Plan = _ => new() { ServerTransactions = 2 },
            Personality = _ => new() { PauseMs = 4000, OfferlessPerMille = 500, TalkMs = 20_000, MaxDeeds = 3 },
        };

        long confirmed = 0;
        long refusals = 0;
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var result = CallRun.Of(seed, options);
            Assert.True(result.Run.Failure is null, FailureReport.Of(result.Run));
            confirmed += result.Counts["Confirmed"];
            refusals += result.CountedRefusals;
        }

        Assert.True(confirmed > 20 && refusals > 100, $"{confirmed} calls, {refusals} refusals");
    }

    /// <summary>
    /// RFC 3261 §12.3: the refusal of an INVITE ends its early dialogs, with whatever offer is open in them; the next INVITE, to where a redirection leads, begins
    /// others, perhaps with the same numbers.
    /// </summary>
    [Fact]
    public void A_redirection_ends_what_was_open_while_it_rang()
    {
        var options = new CallRunOptions
        {
            Agents = 3,
            Seconds = 240,
            Faults = NetworkFaults.None with { LatencyUs = 20_000, JitterUs = 100_000, ReorderPerMille = 200, ReorderUs = 2_000_000, LossPerMille = 200 },
            HasSmallPools = false,
            Plan = _ => new(),
            Personality = _ => new()
            {
                PauseMs = 3000, OfferlessPerMille = 400, RefusesPerMille = 600, RedirectsPerMille = 900, EarlyMediaPerMille = 1000, ChangesEarlyPerMille = 1000,
            },
        };

        long redirected = 0;
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var result = CallRun.Of(seed, options);
            Assert.True(result.Run.Failure is null, FailureReport.Of(result.Run));
            redirected += result.Counts["agents.Redirected"];
        }

        Assert.True(redirected > 100, $"{redirected} redirections");
    }

    /// <summary>
    /// RFC 3261 §15.1.2, §12.3: a callee none of whose 2xx arrives ends the call by a BYE. To a caller that has heard it ring this ends an early dialog; the INVITE goes on
    /// until it is given up.
    /// </summary>
    [Fact]
    public void A_caller_whose_early_dialog_is_ended_waits_on()
    {
        var options = new CallRunOptions
        {
            Agents = 2,
            Seconds = 240,
            Faults = NetworkFaults.None with { LatencyUs = 20_000, PartitionPerMille = 40, PartitionUs = 60_000_000 },
            HasSmallPools = false,
            Plan = _ => new() { Reliable = ReliableMode.Off },
            Personality = _ => new() { PauseMs = 2000 },
        };

        long ended = 0;
        for (ulong seed = 1; seed <= 8; seed++)
        {
            var result = CallRun.Of(seed, options);
            Assert.True(result.Run.Failure is null, FailureReport.Of(result.Run));
            ended += result.Counts["EndedUnacknowledged"];
        }

        Assert.True(ended > 20, $"{ended} calls were not acknowledged");
    }
}
