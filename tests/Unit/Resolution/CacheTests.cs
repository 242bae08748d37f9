// What was said before: for its time, once for all who ask, and beyond its time while nobody can be asked (RFC 2308, RFC 8767). And little room.
using SipEmbedded.Memory;
using SipEmbedded.Resolution;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class CacheTests
{
    private const string Zones = """
        $ORIGIN example.com.
        $TTL 300
        @    SOA ns root 1 3600 600 86400 60
        pbx  A   192.0.2.1
        _sip._udp  SRV 1 0 5060 pbx
                   SRV 2 0 5060 other
        other      A 192.0.2.2
        """;

    private const string Uri = "sip:pbx.example.com:5060";
    private const string Found = "udp 192.0.2.1:5060";

    private static readonly ResolverOptions s_v4 = new() { Families = FamilyOrder.Ipv4Only };

    private static int Asked(ResolverBench bench, string uri)
    {
        int before = bench.Log.Count;
        bench.RunUntilOutcome(bench.Begin(uri));
        return bench.Log.Count - before;
    }

    [Fact]
    public void An_answer_serves_until_its_time_is_over()
    {
        var bench = new ResolverBench(Zones, s_v4);
        Assert.Equal(1, Asked(bench, Uri));
        bench.Until(300_009);
        Assert.Equal(0, Asked(bench, Uri));
        bench.Until(300_010);
        Assert.Equal(1, Asked(bench, Uri));
    }

    [Theory]
    [InlineData("sip:nowhere.example.com:5060")]
    [InlineData("sip:example.com:5060")]
    public void That_there_is_nothing_serves_as_long_as_the_SOA_says(string uri)
    {
        var bench = new ResolverBench(Zones, s_v4);
        Assert.Equal(1, Asked(bench, uri));
        bench.Until(60_009);
        Assert.Equal(0, Asked(bench, uri));
        bench.Until(60_010);
        Assert.Equal(1, Asked(bench, uri));
    }

    [Fact]
    public void That_there_is_nothing_is_not_believed_for_long()
    {
        var bench = new ResolverBench(Zones.Replace("86400 60", "86400 86400").Replace("$TTL 300", "$TTL 86400"), s_v4);
        Assert.Equal(1, Asked(bench, "sip:nowhere.example.com:5060"));
        bench.Until(300_009);
        Assert.Equal(0, Asked(bench, "sip:nowhere.example.com:5060"));
        bench.Until(300_010);
        Assert.Equal(1, Asked(bench, "sip:nowhere.example.com:5060"));
    }

    [Fact]
    public void Without_an_SOA_a_negative_answer_is_kept_for_seconds()
    {
        var bench = new ResolverBench(Zones, s_v4);
        // The SOA becomes a type that says nothing.
        bench.Server.Tamper = answer =>
        {
            int soa = answer.AsSpan().IndexOf("\0\u0006\0\u0001"u8);
            if (soa > 0)
                answer[soa + 1] = 99;
            return answer;
        };
        foreach (string uri in (string[])["sip:nowhere.example.com:5060", "sip:example.com:5060"])
        {
            Assert.Equal(1, Asked(bench, uri));
            bench.Until(bench.NowMs + 9_999);
            Assert.Equal(0, Asked(bench, uri));
            bench.Until(bench.NowMs + 1);
            Assert.Equal(1, Asked(bench, uri));
        }
    }

    [Fact]
    public void A_time_to_live_has_its_limits()
    {
        // RFC 2181 §8: the highest bit makes it 0.
        foreach (var (seconds, keptMs) in new[] { (2147483647L, 86_400_000L), (2147483648L, 0L), (4294967295L, 0L) })
        {
            var bench = new ResolverBench(Zones.Replace("$TTL 300", $"$TTL {seconds}"), s_v4);
            Assert.Equal(1, Asked(bench, Uri));
            bench.Until(10 + Math.Max(keptMs - 1, 0));
            Assert.Equal(keptMs > 0 ? 0 : 1, Asked(bench, Uri));
            bench.Until(bench.NowMs + 1 + keptMs);
            Assert.Equal(1, Asked(bench, Uri));
        }
    }

    [Fact]
    public void Searches_for_one_name_share_its_question()
    {
        var bench = new ResolverBench(Zones, s_v4);
        var all = Enumerable.Range(0, 5).Select(_ => bench.Begin(Uri)).ToList();
        Assert.Equal(["0 udp 192.0.2.53 pbx.example.com A"], bench.Log);
        foreach (var resolution in all)
        {
            bench.RunUntilOutcome(resolution);
            Assert.Equal(Found, bench.TargetOf(resolution));
        }
        Assert.Single(bench.Log);
    }

    [Fact]
    public void Names_differ_by_type_and_not_by_case()
    {
        var bench = new ResolverBench(Zones);
        Assert.Equal(2, Asked(bench, Uri));
        Assert.Equal(0, Asked(bench, "sip:PBX.Example.com.:5060"));
    }

    // ---- DNS is down ------------------------------------------------------------------------------------------------------------

    [Fact]
    public void The_last_good_answer_serves_while_nobody_can_be_asked_and_is_marked()
    {
        var bench = new ResolverBench(Zones, s_v4);
        var resolution = bench.Find(Uri);
        bench.Server.IsSilent = true;
        bench.Until(400_000);
        Assert.True(bench.Resolver.Refresh(bench.Now, resolution));
        bench.Drain();
        var outcome = bench.RunUntilOutcome(resolution);
        Assert.Equal((true, true, ResolutionFault.None), (outcome.IsFound, outcome.IsStale, outcome.Fault));
        Assert.Equal(Found + " stale", bench.TargetOf(resolution));
        // Who comes now has the same, at once.
        Assert.Equal(Found + " stale", bench.TargetOf(bench.Find(Uri)));
        // It is tried again, not at every use, and good as soon as a server answers.
        int asked = bench.Log.Count;
        bench.Refresh(resolution);
        Assert.Equal(asked, bench.Log.Count);
        bench.Server.IsSilent = false;
        bench.Until(bench.NowMs + 30_000);
        bench.Refresh(resolution);
        Assert.Equal(Found, bench.TargetOf(resolution));
        Assert.Equal((2, 2), (bench.Resolver.Counters.FoundStale, bench.Resolver.Counters.Found));
    }

    [Fact]
    public void A_whole_chain_of_records_serves_stale()
    {
        var bench = new ResolverBench(Zones);
        var resolution = bench.Find("sip:example.com");
        Assert.Equal(Found, bench.TargetOf(resolution));
        bench.Server.IsSilent = true;
        bench.Until(400_000);
        bench.Refresh(resolution);
        Assert.Equal([Found + " stale", "udp 192.0.2.2:5060 stale"], bench.TargetsOf(resolution));
        Assert.Equal(["udp 192.0.2.1:5060 stale", "udp 192.0.2.2:5060 stale"], bench.TargetsOf(bench.Find("sip:example.com")).Order());
    }

    [Fact]
    public void Targets_found_serve_on_even_where_the_cache_has_forgotten_their_records()
    {
        // One entry: each question of a search takes the place of one of another.
        var bench = new ResolverBench(Zones, new() { Families = FamilyOrder.Ipv4Only, CacheEntries = 1 });
        var resolution = bench.Find(Uri);
        bench.FaultOf("sip:nowhere.example.com:5060");
        bench.Server.IsSilent = true;
        bench.Until(400_000);
        bench.Refresh(resolution);
        Assert.Equal(Found + " stale", bench.TargetOf(resolution));
    }

    [Fact]
    public void A_search_by_addresses_does_not_take_the_place_of_servers_while_SRV_is_not_answered()
    {
        var bench = new ResolverBench(Zones + "\n@ A 192.0.2.80", s_v4);
        var resolution = bench.Find("sip:example.com;transport=udp");
        bench.Server.Tamper = answer => answer.AsSpan().IndexOf("\u0004_sip"u8) >= 0 ? null : answer;
        // The cache forgets too.
        bench.Until((long)(TimeSpan.FromDays(3)).TotalMilliseconds);
        bench.Refresh(resolution);
        Assert.Equal(Found + " stale", bench.TargetOf(resolution));
    }

    [Fact]
    public void Stale_answers_have_an_age_too()
    {
        var bench = new ResolverBench(Zones, new() { Families = FamilyOrder.Ipv4Only, MaxStale = TimeSpan.FromHours(1) });
        var resolution = bench.Find(Uri);
        bench.Server.IsSilent = true;
        bench.Until(3_800_000);
        bench.Refresh(resolution);
        Assert.Equal(Found + " stale", bench.TargetOf(resolution));
        bench.Until(3_950_000);
        Assert.True(bench.Resolver.Refresh(bench.Now, resolution));
        bench.Drain();
        Assert.Equal(ResolutionFault.NoServer, bench.RunUntilOutcome(resolution).Fault);
        Assert.Equal("none", bench.TargetOf(resolution));
        bench.AssertQuiet();
        // None at all where it is not wanted.
        bench = new(Zones, new() { Families = FamilyOrder.Ipv4Only, MaxStale = TimeSpan.Zero });
        resolution = bench.Find(Uri);
        bench.Server.IsSilent = true;
        bench.Until(400_000);
        bench.Refresh(resolution);
        Assert.Equal("none", bench.TargetOf(resolution));
    }

    // ---- Little room ------------------------------------------------------------------------------------------------------------

    [Fact]
    public void The_entry_used_longest_ago_gives_way()
    {
        var bench = new ResolverBench(Zones, new() { Families = FamilyOrder.Ipv4Only, CacheEntries = 2 });
        Assert.Equal(1, Asked(bench, Uri));
        Assert.Equal(1, Asked(bench, "sip:other.example.com:5060"));
        Assert.Equal(0, Asked(bench, Uri));
        Assert.Equal(1, Asked(bench, "sip:nowhere.example.com:5060"));
        Assert.Equal(0, Asked(bench, Uri));
        Assert.Equal(1, Asked(bench, "sip:other.example.com:5060"));
        Assert.Equal(2, bench.Resolver.Counters.CacheEvicted);
        bench.AssertQuiet();
    }

    [Fact]
    public void Too_many_resolutions_are_refused()
    {
        for (int capacity = 0; capacity <= 2; capacity++)
        {
            var bench = new ResolverBench(Zones, new() { Resolutions = capacity });
            for (int i = 0; i < capacity; i++)
                bench.Begin(Uri);
            bench.Begin(Uri, ResolveResult.Full);
            bench.Begin("sip:192.0.2.1", ResolveResult.Full);
            Assert.Equal((capacity, 2), (bench.Resolver.ResolutionCount, bench.Resolver.Counters.ResolutionsRefused));
            bench.AssertQuiet();
        }
    }

    public static TheoryData<string> Pools => new("questions", "entries", "buffers", "streams", "outputs", "connections", "stream octets");

    // A domain with everything, whose answers are cut short in datagrams.
    private const string Everything = """
        $ORIGIN example.com.
        $TTL 300
        @          SOA ns root 1 3600 600 86400 60
        @          NAPTR 10 1 "s" "SIP+D2T" "" _sip._tcp
        @          NAPTR 10 2 "s" "SIP+D2U" "" _sip._udp
        _sip._tcp  SRV 1 0 5060 a
        _sip._udp  SRV 1 0 5060 a
                   SRV 2 0 5060 b
        a          A    192.0.2.1
                   AAAA 2001:db8::1
        b          A    192.0.2.2
                   AAAA 2001:db8::2
        """;

    [Theory, MemberData(nameof(Pools))]
    public void A_search_runs_with_each_pool_at_0_1_2_until_it_passes(string pool)
    {
        const int Plenty = 40;
        var reference = Run(Plenty);
        int capacity = 0;
        for (bool passes = false; !passes; capacity++)
        {
            Assert.True(capacity <= Plenty, $"with {capacity} {pool} the search still differs");
            passes = Run(capacity).SequenceEqual(reference);
        }
        Assert.True(capacity > 1, $"no {pool} are used");
        Assert.Equal("tcp [2001:db8::1]:5060", reference[0]);

        List<string> Run(int capacity)
        {
            int Of(string name) => pool == name ? capacity : Plenty;
            var options = new ResolverOptions
            {
                Questions = Of("questions"), CacheEntries = Of("entries"), CacheBuffers = [new(400, Of("buffers"))], Streams = Of("streams"),
                StreamAnswerOctets = 10 * Of("stream octets"),
            };
            var bench = new ResolverBench(Everything, options, outputs: Of("outputs"), connections: Of("connections"));
            if (pool is "streams" or "connections" or "stream octets")
                bench.Server.Zones.MaxDatagramOctets = 20;
            var resolution = bench.Begin("sip:example.com");
            var outcome = bench.RunUntilOutcome(resolution);
            Assert.True(outcome.IsFound || outcome.Fault is ResolutionFault.Exhausted or ResolutionFault.NoServer or ResolutionFault.NoAddress, $"{outcome.Fault}");
            var targets = bench.TargetsOf(resolution);
            bench.Resolver.Release(resolution);
            bench.RunDry();
            Assert.Equal((0, 0, 0), (bench.Resolver.OpenQuestions, bench.Transport.ConnectionCount, bench.Resolver.ResolutionCount));
            bench.AssertAccounted();
            return targets;
        }
    }

    [Fact]
    public void What_cannot_be_kept_for_want_of_room_is_told()
    {
        var bench = new ResolverBench(Zones, new() { Families = FamilyOrder.Ipv4Only, CacheEntries = 0 });
        Assert.Equal(ResolutionFault.Exhausted, bench.FaultOf(Uri));
        bench = new(Zones, new() { Families = FamilyOrder.Ipv4Only, Questions = 0 });
        Assert.Equal(ResolutionFault.Exhausted, bench.FaultOf(Uri));
        // Room for the name, none for the address.
        bench = new(Zones, new() { Families = FamilyOrder.Ipv4Only, CacheBuffers = [new(64, 1)] });
        Assert.Equal(ResolutionFault.Exhausted, bench.FaultOf(Uri));
        Assert.Equal(1, bench.Resolver.Counters.CacheRefused);
        bench.AssertQuiet();
    }
}
