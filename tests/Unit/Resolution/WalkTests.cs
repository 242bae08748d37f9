// From one target to the next, back again, and what is remembered of those that failed (RFC 3263 §4.3).
using SipEmbedded.Memory;
using SipEmbedded.Resolution;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class WalkTests
{
    // A first server, and two that stand in for it.
    private const string Zones = """
        $ORIGIN example.com.
        $TTL 3600
        @          SOA  ns root 1 3600 600 86400 60
        _sip._udp  SRV  1 0 5060 first
                   SRV  2 0 5060 second
                   SRV  3 0 5060 third
        first      A    192.0.2.1
        second     A    192.0.2.2
        third      A    192.0.2.3
        """;

    private const string Uri = "sip:example.com;transport=udp";
    private const string First = "udp 192.0.2.1:5060", Second = "udp 192.0.2.2:5060", Third = "udp 192.0.2.3:5060";

    private static readonly long DeadMs = (long)new ResolverOptions().DeadTime.TotalMilliseconds;

    private static bool Fail(ResolverBench bench, Handle<ServerResolution> resolution) => bench.Resolver.TryNext(bench.Now, resolution);

    [Fact]
    public void Each_target_is_tried_once_then_the_walk_begins_anew_with_the_first()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        for (int walk = 0; walk < 3; walk++)
        {
            Assert.Equal(First, bench.TargetOf(resolution));
            Assert.True(Fail(bench, resolution));
            Assert.Equal(Second, bench.TargetOf(resolution));
            Assert.True(Fail(bench, resolution));
            Assert.Equal(Third, bench.TargetOf(resolution));
            Assert.False(Fail(bench, resolution));
        }
        Assert.Equal(9, bench.Resolver.Counters.TargetsMarkedDead);
    }

    [Fact]
    public void A_single_target_that_failed_stays_the_target()
    {
        var bench = new ResolverBench("");
        var resolution = bench.Begin("sip:192.0.2.9");
        Assert.False(Fail(bench, resolution));
        Assert.False(Fail(bench, resolution));
        bench.Refresh(resolution);
        Assert.Equal("udp 192.0.2.9:5060", bench.TargetOf(resolution));
    }

    [Fact]
    public void Dead_targets_are_passed_over_by_all_resolutions()
    {
        var bench = new ResolverBench(Zones);
        var one = bench.Find(Uri);
        Fail(bench, one);
        var other = bench.Find(Uri);
        Assert.Equal(Second, bench.TargetOf(other));
        // A port of its own is another target.
        Assert.Equal("udp 192.0.2.1:5070", bench.TargetOf(bench.Find("sip:first.example.com:5070")));
        Assert.Equal("tcp 192.0.2.1:5060", bench.TargetOf(bench.Find("sip:first.example.com;transport=tcp")));
    }

    [Fact]
    public void The_preferred_target_is_returned_to_when_its_dead_time_is_over()
    {
        var bench = new ResolverBench(Zones, new() { Families = FamilyOrder.Ipv4Only });
        var resolution = bench.Find(Uri);
        Fail(bench, resolution);
        bench.Resolver.Succeeded(bench.Now, resolution);
        long failed = bench.NowMs;
        bench.Until(failed + DeadMs - 1);
        bench.Refresh(resolution);
        Assert.Equal(Second, bench.TargetOf(resolution));
        bench.Until(failed + DeadMs);
        // It does not move by itself, under a request.
        Assert.Equal(Second, bench.TargetOf(resolution));
        bench.Refresh(resolution);
        Assert.Equal(First, bench.TargetOf(resolution));
        // Still dead: on to the next, and no further until its time is over again.
        Assert.True(Fail(bench, resolution));
        bench.Refresh(resolution);
        Assert.Equal(Second, bench.TargetOf(resolution));
        Assert.Equal(2, bench.Resolver.Counters.TargetsMarkedDead);
    }

    [Fact]
    public void A_target_that_answers_is_dead_no_more()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        while (Fail(bench, resolution))
        {
        }
        bench.Resolver.Succeeded(bench.Now, resolution);
        Assert.Equal(First, bench.TargetOf(bench.Find(Uri)));
        // The others still are: one failure ends the walk.
        Assert.False(Fail(bench, resolution));
    }

    [Fact]
    public void Who_shares_a_target_leaves_it_when_another_found_it_dead()
    {
        var bench = new ResolverBench(Zones);
        var register = bench.Find(Uri);
        var invite = bench.Find(Uri);
        Fail(bench, invite);
        Assert.Equal(First, bench.TargetOf(register));
        bench.Refresh(register);
        Assert.Equal(Second, bench.TargetOf(register));
    }

    [Fact]
    public void A_walk_ends_even_where_dead_times_are_none()
    {
        var bench = new ResolverBench(Zones, new() { DeadTime = TimeSpan.Zero });
        var resolution = bench.Find(Uri);
        int tries = 1;
        for (; Fail(bench, resolution); tries++)
            bench.Refresh(resolution);
        Assert.Equal(3, tries);
    }

    [Fact]
    public void A_walk_ends_even_where_the_addresses_are_others_each_time()
    {
        var bench = new ResolverBench(Zones);
        int next = 10;
        string Moving() => $"$TTL 0\nexample.com. SOA ns root 1 1 1 1 0\npbx.example.com. A 192.0.2.{next++}\npbx.example.com. A 192.0.2.{next++}";
        bench.Server.Zones.Load(Moving());
        var resolution = bench.Find("sip:pbx.example.com:5060");
        int tries = 1;
        for (; Fail(bench, resolution); tries++)
        {
            bench.Server.Zones.Load(Moving());
            bench.Refresh(resolution);
            Assert.True(tries <= ResolverLimits.MaxTargets);
        }
        Assert.Equal(ResolverLimits.MaxTargets, tries);
    }

    [Fact]
    public void A_changed_network_makes_all_targets_alive()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        Fail(bench, resolution);
        bench.Resolver.NetworkChanged(bench.Now);
        bench.Drain();
        Assert.Equal(First, bench.TargetOf(bench.Find(Uri)));
    }

    [Fact]
    public void A_full_table_of_dead_targets_forgets_the_one_whose_time_ends_first()
    {
        var bench = new ResolverBench(Zones, new() { DeadTargets = 1 });
        var resolution = bench.Find(Uri);
        Assert.True(Fail(bench, resolution));
        bench.Until(bench.NowMs + 1000);
        Assert.True(Fail(bench, resolution));
        Assert.Equal(1, bench.Resolver.Counters.DeadTargetsForgotten);
        Assert.Equal(First, bench.TargetOf(bench.Find(Uri)));
        // With no table at all each walk still has its end.
        bench = new(Zones, new() { DeadTargets = 0 });
        Assert.Equal([First, Second, Third], bench.TargetsOf(Uri));
    }

    // ---- Records that change ----------------------------------------------------------------------------------------------------

    [Fact]
    public void Nothing_is_asked_before_the_records_time_is_over_and_all_of_it_afterwards()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        // The search began at 0; the records came by 20 ms, those without AAAA hold 60 s.
        int asked = bench.Log.Count;
        bench.Until(60_000);
        bench.Refresh(resolution);
        Assert.Equal(asked, bench.Log.Count);
        bench.Until(61_000);
        bench.Refresh(resolution);
        Assert.Equal(
            ["61000 udp 192.0.2.53 first.example.com AAAA", "61000 udp 192.0.2.53 second.example.com AAAA", "61000 udp 192.0.2.53 third.example.com AAAA"],
            bench.Log.Skip(asked));
        bench.Until(3_700_000);
        bench.Refresh(resolution);
        Assert.Contains("3700000 udp 192.0.2.53 _sip._udp.example.com SRV", bench.Log);
    }

    [Fact]
    public void The_current_target_stays_while_it_is_among_the_new_ones()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        Fail(bench, resolution);
        bench.Resolver.Succeeded(bench.Now, resolution);
        bench.Server.Zones.Load(Zones.Replace("SRV  3 0 5060 third", "SRV  2 60000 5060 third"));
        bench.Until(4_000_000);
        Fail(bench, bench.Find("sip:first.example.com"));
        bench.Refresh(resolution);
        Assert.Equal(Second, bench.TargetOf(resolution));
    }

    [Fact]
    public void A_target_that_DNS_names_no_more_is_left()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        bench.Server.Zones.Load(Zones.Replace("192.0.2.1", "192.0.2.101"));
        bench.Until(3_500_000);
        bench.Refresh(resolution);
        Assert.Equal(First, bench.TargetOf(resolution));
        bench.Until(3_700_000);
        // The targets of before are good while it is looked for new ones.
        Assert.True(bench.Resolver.Refresh(bench.Now, resolution));
        Assert.Equal(First, bench.TargetOf(resolution));
        bench.Drain();
        bench.RunUntilOutcome(resolution);
        Assert.Equal("udp 192.0.2.101:5060", bench.TargetOf(resolution));
    }

    [Fact]
    public void Records_without_time_to_live_serve_the_search_that_asked_for_them()
    {
        var bench = new ResolverBench(Zones.Replace("$TTL 3600", "$TTL 0"));
        var resolution = bench.Find(Uri);
        Assert.Equal(First, bench.TargetOf(resolution));
        bench.Until(bench.NowMs + 1);
        int asked = bench.Log.Count;
        bench.Refresh(resolution);
        Assert.True(bench.Log.Count > asked);
        Assert.Equal(First, bench.TargetOf(resolution));
    }

    [Fact]
    public void A_name_that_is_gone_leaves_no_target_and_may_come_back()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        bench.Server.Zones.Load("example.com. SOA ns root 1 3600 600 86400 60");
        bench.Until(4_000_000);
        Assert.True(bench.Resolver.Refresh(bench.Now, resolution));
        bench.Drain();
        var outcome = bench.RunUntilOutcome(resolution);
        Assert.Equal((false, ResolutionFault.NoAddress), (outcome.IsFound, outcome.Fault));
        Assert.Equal("none", bench.TargetOf(resolution));
        Assert.False(Fail(bench, resolution));
        // What is known not to be there is told at once, until its time is over.
        bench.Server.Zones.Load(Zones);
        Assert.True(bench.Resolver.Refresh(bench.Now, resolution));
        bench.Drain();
        Assert.False(Assert.Single(bench.Outcomes).IsFound);
        bench.Outcomes.Clear();
        bench.Until(4_100_000);
        bench.Refresh(resolution);
        Assert.Equal(First, bench.TargetOf(resolution));
        bench.AssertQuiet();
    }

    // ---- Handles ----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_released_resolution_answers_nothing()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find(Uri);
        bench.Resolver.Release(resolution);
        bench.Resolver.Release(resolution);
        Assert.Equal("none", bench.TargetOf(resolution));
        Assert.False(Fail(bench, resolution));
        Assert.False(bench.Resolver.Refresh(bench.Now, resolution));
        bench.Resolver.Succeeded(bench.Now, resolution);
        Assert.Equal(0, bench.Resolver.ResolutionCount);
    }

    [Fact]
    public void What_is_released_while_it_searches_has_no_outcome_and_its_answer_serves_others()
    {
        var bench = new ResolverBench(Zones);
        bench.Resolver.Release(bench.Begin("sip:first.example.com:5060"));
        bench.AssertQuiet();
        Assert.Empty(bench.Outcomes);
        int asked = bench.Log.Count;
        Assert.Equal(First, bench.TargetOf(bench.Find("sip:first.example.com:5060")));
        Assert.Equal(asked, bench.Log.Count);
        // And an outcome that nobody took.
        bench.Resolver.TryResolve(bench.Now, new() { Host = "192.0.2.1"u8 }, 0, out var numeric);
        bench.Resolver.Release(numeric);
        Assert.False(bench.Resolver.TryTakeOutcome(out _));
    }
}
