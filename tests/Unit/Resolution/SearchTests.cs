// RFC 3263: which questions are asked for a URI, and which targets they lead to. Zones are the RFCs' own where they print one.
using SipEmbedded.Resolution;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class SearchTests
{
    // RFC 3263 §4.1's example, and addresses for it.
    private const string Rfc3263 = """
        $ORIGIN example.com.
        @           SOA   ns root 1 3600 600 86400 60
        ;           order pref flags service      regexp  replacement
           IN NAPTR 50   50  "s"  "SIPS+D2T"     ""  _sips._tcp.example.com.
           IN NAPTR 90   50  "s"  "SIP+D2T"      ""  _sip._tcp.example.com.
           IN NAPTR 100  50  "s"  "SIP+D2U"      ""  _sip._udp.example.com.
        _sip._tcp   SRV 0 1 5060 server1
                    SRV 1 2 5070 server2
        _sips._tcp  SRV 0 1 5061 server1
        _sip._udp   SRV 0 1 5080 server2
        server1     A    192.0.2.11
        server2     A    192.0.2.12
        """;

    // A domain that says nothing of transports but by its SRV records.
    private const string Servers = """
        $ORIGIN example.com.
        @          SOA  ns root 1 3600 600 86400 60
        @          A    192.0.2.80
        _sip._udp  SRV 20 0 5062 b
                   SRV 10 0 5060 a
        _sip._tcp  SRV 10 0 5060 a
        a          A    192.0.2.11
                   AAAA 2001:db8::11
        b          A    192.0.2.12
        """;

    // A host, and nothing else.
    private const string Host = """
        $ORIGIN example.com.
        @    SOA  ns root 1 3600 600 86400 60
        pbx  A    192.0.2.21
             A    192.0.2.22
             AAAA 2001:db8::21
        """;

    private static readonly Protocol[] s_withTls = [Protocol.Udp, Protocol.Tcp, Protocol.Tls];

    [Theory]
    [InlineData("sip:192.0.2.9", "udp 192.0.2.9:5060")]
    [InlineData("sip:192.0.2.9:5070", "udp 192.0.2.9:5070")]
    [InlineData("sip:192.0.2.9;transport=tcp", "tcp 192.0.2.9:5060")]
    [InlineData("sip:192.0.2.9;transport=tls", "tls 192.0.2.9:5061")]
    [InlineData("sip:[2001:db8::9]:5070;transport=tcp", "tcp [2001:db8::9]:5070")]
    [InlineData("sips:192.0.2.9", "tls 192.0.2.9:5061")]
    [InlineData("sips:192.0.2.9;transport=tcp", "tls 192.0.2.9:5061")]
    [InlineData("sips:[2001:db8::9]:5070", "tls [2001:db8::9]:5070")]
    public void An_address_is_found_at_once_and_nobody_is_asked(string uri, string target)
    {
        var bench = new ResolverBench("", new() { Transports = s_withTls });
        var resolution = bench.Begin(uri);
        Assert.Equal(target, bench.TargetOf(resolution));
        var outcome = Assert.Single(bench.Outcomes);
        Assert.Equal((true, false, ResolutionFault.None, 7UL), (outcome.IsFound, outcome.IsStale, outcome.Fault, outcome.User));
        Assert.Empty(bench.Log);
    }

    [Fact]
    public void With_a_port_only_addresses_are_asked_for()
    {
        var bench = new ResolverBench(Servers);
        Assert.Equal(["udp 192.0.2.80:5070"], bench.TargetsOf("sip:example.com:5070"));
        Assert.Equal(["0 udp 192.0.2.53 example.com AAAA", "0 udp 192.0.2.53 example.com A"], bench.Log);
        // 5060 too: RFC 3263 §4.2 has changed that.
        bench = new(Servers);
        Assert.Equal(["tcp 192.0.2.80:5060"], bench.TargetsOf("sip:example.com:5060;transport=tcp"));
        bench.AssertQuiet();
    }

    [Fact]
    public void With_a_transport_its_SRV_records_are_asked_for_and_their_port_is_used()
    {
        var bench = new ResolverBench(Servers);
        Assert.Equal(
            ["udp [2001:db8::11]:5060", "udp 192.0.2.11:5060", "udp 192.0.2.12:5062"],
            bench.TargetsOf("sip:example.com;transport=udp"));
        Assert.Equal("0 udp 192.0.2.53 _sip._udp.example.com SRV", bench.Log[0]);
        Assert.DoesNotContain(bench.Log, line => line.EndsWith("NAPTR"));
        bench.AssertQuiet();
    }

    [Fact]
    public void The_RFCs_example_leads_a_client_without_TLS_to_TCP()
    {
        var bench = new ResolverBench(Rfc3263);
        Assert.Equal(["tcp 192.0.2.11:5060", "tcp 192.0.2.12:5070"], bench.TargetsOf("sip:example.com"));
        Assert.Equal(
            ["0 udp 192.0.2.53 example.com NAPTR", "10 udp 192.0.2.53 _sip._tcp.example.com SRV"],
            bench.Log.Take(2));
        bench.AssertQuiet();
    }

    [Fact]
    public void The_RFCs_example_leads_a_client_with_TLS_to_it()
    {
        Assert.Equal(["tls 192.0.2.11:5061"], new ResolverBench(Rfc3263, new() { Transports = s_withTls }).TargetsOf("sip:example.com"));
        Assert.Equal(["tls 192.0.2.11:5061"], new ResolverBench(Rfc3263, new() { Transports = s_withTls }).TargetsOf("sips:example.com"));
    }

    [Fact]
    public void A_client_that_has_UDP_alone_goes_there()
    {
        Assert.Equal(["udp 192.0.2.12:5080"], new ResolverBench(Rfc3263, new() { Transports = [Protocol.Udp] }).TargetsOf("sip:example.com"));
    }

    [Fact]
    public void A_higher_NAPTR_order_serves_where_a_lower_one_leads_nowhere()
    {
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @          SOA ns root 1 3600 600 86400 60
            @          NAPTR 10 1 "s" "SIP+D2T" "" nothing.example.com.
            @          NAPTR 20 2 "S" "sip+d2u" "" _sip._udp.example.net.
            @          NAPTR 20 1 "s" "SIP+D2T" "" _sip._tcp.example.net.
            @          NAPTR 30 1 "s" "SIP+D2U" "" _sip._udp.example.com.
            @          NAPTR 5  1 "u" "E2U+sip" "!^.*$!sip:x@example.com!" .
            $ORIGIN example.net.
            @          SOA ns root 1 3600 600 86400 60
            _sip._udp  SRV 0 0 5060 a
            _sip._tcp  SRV 0 0 5060 a
            a          A   192.0.2.31
            """);
        // Of one order the preference counts; the order behind it is not looked at.
        Assert.Equal(["tcp 192.0.2.31:5060", "udp 192.0.2.31:5060"], bench.TargetsOf("sip:example.com"));
        Assert.DoesNotContain(bench.Log, line => line.Contains("_sip._udp.example.com"));
    }

    [Fact]
    public void Without_NAPTR_each_transport_is_asked_for_in_our_order()
    {
        var bench = new ResolverBench(Servers);
        Assert.Equal(
            ["udp [2001:db8::11]:5060", "udp 192.0.2.11:5060", "udp 192.0.2.12:5062", "tcp [2001:db8::11]:5060", "tcp 192.0.2.11:5060"],
            bench.TargetsOf("sip:example.com"));
        // All transports in one go.
        Assert.Equal(
            ["10 udp 192.0.2.53 _sip._udp.example.com SRV", "10 udp 192.0.2.53 _sip._tcp.example.com SRV"],
            bench.Log.Where(line => line.EndsWith("SRV")));
        bench = new(Servers, new() { Transports = [Protocol.Tcp, Protocol.Udp] });
        Assert.Equal("tcp [2001:db8::11]:5060", bench.TargetsOf("sip:example.com")[0]);
    }

    [Fact]
    public void Without_SRV_the_addresses_of_the_name_serve_at_the_default_port()
    {
        Assert.Equal(
            ["udp [2001:db8::21]:5060", "udp 192.0.2.21:5060", "udp 192.0.2.22:5060"],
            new ResolverBench(Host).TargetsOf("sip:pbx.example.com"));
        Assert.Equal("tcp [2001:db8::21]:5060", new ResolverBench(Host).TargetsOf("sip:pbx.example.com;transport=tcp")[0]);
        Assert.Equal("tls [2001:db8::21]:5061", new ResolverBench(Host, new() { Transports = s_withTls }).TargetsOf("sips:pbx.example.com")[0]);
        // A name's last dot says that it is whole, and its case says nothing.
        Assert.Equal("udp [2001:db8::21]:5060", new ResolverBench(Host).TargetsOf("sip:PBX.Example.COM.")[0]);
    }

    [Fact]
    public void A_SIPS_URI_never_leads_to_a_plain_transport()
    {
        var bench = new ResolverBench(Servers, new() { Transports = s_withTls });
        Assert.Equal(["tls 192.0.2.80:5061"], bench.TargetsOf("sips:example.com"));
        Assert.DoesNotContain(bench.Log, line => line.Contains("_sip."));
        Assert.Contains(bench.Log, line => line.EndsWith("_sips._tcp.example.com SRV"));
    }

    [Fact]
    public void What_asks_for_a_transport_that_we_lack_is_refused()
    {
        var bench = new ResolverBench(Servers);
        foreach (string uri in new[] { "sips:example.com", "sip:example.com;transport=tls", "sips:192.0.2.1", "sips:192.0.2.1;transport=tcp" })
            Assert.False(bench.Begin(uri, ResolveResult.UnsupportedTransport).IsSome);
        bench = new(Servers, new() { Transports = s_withTls });
        bench.Begin("sips:example.com;transport=udp", ResolveResult.UnsupportedTransport);
        bench = new(Servers, new() { Transports = [] });
        bench.Begin("sip:example.com", ResolveResult.UnsupportedTransport);
        Assert.Equal(0, bench.Resolver.ResolutionCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("exa mple.com")]
    [InlineData("192.0.2.256")]
    [InlineData("example.12")]
    [InlineData("[2001:db8::1")]
    [InlineData("b\u00fccher.example")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123.example")]
    public void What_is_no_name_is_refused(string host)
    {
        var bench = new ResolverBench(Host);
        var query = new ServerQuery { Host = System.Text.Encoding.Latin1.GetBytes(host) };
        Assert.Equal(ResolveResult.BadName, bench.Resolver.TryResolve(bench.Now, query, 0, out _));
    }

    [Fact]
    public void The_longest_name_is_looked_for_as_far_as_it_goes()
    {
        // 253 octets as text; with _sip._udp. in front it is too long, so its addresses are asked for alone.
        string name = string.Join('.', Enumerable.Repeat(new string('a', 49), 5)) + ".abc";
        Assert.Equal(253, name.Length);
        var bench = new ResolverBench($"com. SOA ns root 1 3600 600 86400 60\n{name}. A 192.0.2.1");
        bench.Server.Zones.Load($". SOA ns root 1 3600 600 86400 60\n{name}. A 192.0.2.1");
        Assert.Equal(["udp 192.0.2.1:5060"], bench.TargetsOf("sip:" + name));
        bench.Begin("sip:" + name + "d", ResolveResult.BadName);
    }

    [Theory]
    [InlineData("sip:nowhere.example.com", ResolutionFault.NoSuchName)]
    [InlineData("sip:nowhere.example.com:5060", ResolutionFault.NoSuchName)]
    [InlineData("sip:empty.example.com", ResolutionFault.NoAddress)]
    [InlineData("sip:lost.example.com;transport=udp", ResolutionFault.NoAddress)]
    [InlineData("sip:closed.example.com;transport=tcp", ResolutionFault.NoService)]
    [InlineData("sip:closed.example.com", ResolutionFault.NoService)]
    [InlineData("sip:ring.example.com:5060", ResolutionFault.NoAddress)]
    [InlineData("sip:elsewhere.example.org", ResolutionFault.NoServer)]
    public void What_is_not_found_is_told_by_its_kind(string uri, ResolutionFault fault)
    {
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @                 SOA ns root 1 3600 600 86400 60
            a.empty           A   192.0.2.1
            closed            A   192.0.2.1
            _sip._tcp.closed  SRV 0 0 0 .
            lost              A   192.0.2.1
            _sip._udp.lost    SRV 0 0 5060 nobody
            ring              CNAME ring2
            ring2             CNAME ring
            """);
        Assert.Equal(fault, bench.FaultOf(uri));
        Assert.Equal(1, bench.Resolver.Counters.NotFound);
        bench.AssertQuiet();
    }

    [Fact]
    public void A_wildcard_that_closes_all_services_leaves_those_that_are_named()
    {
        // RFC 2782's example has such records.
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @            SOA ns root 1 3600 600 86400 60
            @            A   192.0.2.80
            *._udp       SRV 0 0 0 .
            _sip._tcp    SRV 0 0 5060 a
            *._tcp       SRV 0 0 0 .
            a            A   192.0.2.1
            """);
        Assert.Equal(["tcp 192.0.2.1:5060"], bench.TargetsOf("sip:example.com"));
        Assert.Equal(ResolutionFault.NoService, bench.FaultOf("sip:example.com;transport=udp"));
    }

    [Fact]
    public void Aliases_are_followed_within_an_answer_and_over_several()
    {
        string zones = """
            $ORIGIN example.com.
            @    SOA ns root 1 3600 600 86400 60
            pbx  CNAME one
            one  CNAME two
            two  A 192.0.2.7
            """;
        Assert.Equal(["udp 192.0.2.7:5060"], new ResolverBench(zones).TargetsOf("sip:pbx.example.com:5060"));
        // A server that does not follow them itself.
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @    SOA ns root 1 3600 600 86400 60
            pbx  CNAME pbx.example.net.
            """);
        bench.After(5, () => bench.Server.Zones.Load("$ORIGIN example.net.\n@ SOA ns root 1 3600 600 86400 60\npbx A 192.0.2.8"));
        Assert.Equal(["udp 192.0.2.8:5060"], bench.TargetsOf("sip:pbx.example.com:5060"));
        Assert.Contains("10 udp 192.0.2.53 pbx.example.net A", bench.Log);
    }

    // ---- Two families -----------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(FamilyOrder.Ipv6First, "udp [2001:db8::21]:5060 udp 192.0.2.21:5060 udp 192.0.2.22:5060")]
    [InlineData(FamilyOrder.Ipv4First, "udp 192.0.2.21:5060 udp 192.0.2.22:5060 udp [2001:db8::21]:5060")]
    [InlineData(FamilyOrder.Ipv4Only, "udp 192.0.2.21:5060 udp 192.0.2.22:5060")]
    [InlineData(FamilyOrder.Ipv6Only, "udp [2001:db8::21]:5060")]
    public void The_wanted_family_comes_first(FamilyOrder families, string targets)
    {
        var bench = new ResolverBench(Host, new() { Families = families });
        Assert.Equal(targets, string.Join(' ', bench.TargetsOf("sip:pbx.example.com")));
        string[] unasked = families switch { FamilyOrder.Ipv4Only => ["AAAA"], FamilyOrder.Ipv6Only => ["A"], _ => [] };
        Assert.DoesNotContain(bench.Log, line => unasked.Contains(line.Split(' ')[^1]));
    }

    [Fact]
    public void What_no_way_leads_to_comes_last()
    {
        var bench = new ResolverBench(Servers);
        bench.Local.HasWay = remote => remote.IsV4;
        var resolution = bench.Find("sip:example.com;transport=udp");
        Assert.Equal(["udp 192.0.2.11:5060", "udp 192.0.2.12:5062"], bench.TargetsOf(resolution));
        // In the walk after all have failed it is tried too.
        Assert.Equal(["udp 192.0.2.11:5060", "udp 192.0.2.12:5062", "udp [2001:db8::11]:5060"], bench.TargetsOf(resolution));
    }

    [Fact]
    public void Where_nothing_has_a_way_the_order_stays()
    {
        var bench = new ResolverBench(Servers);
        bench.Local.HasWay = _ => false;
        var resolution = bench.Find("sip:example.com;transport=udp");
        Assert.True(bench.Resolver.TryGetTarget(resolution, out var target));
        Assert.Equal(default, target.Local);
        Assert.Equal("udp [2001:db8::11]:5060", bench.TargetOf(resolution));
        bench.Local.HasWay = _ => true;
        Assert.True(bench.Resolver.TryGetTarget(resolution, out target));
        Assert.Equal(ResolverBench.Ways.V6, target.Local);
    }

    [Fact]
    public void A_changed_network_changes_the_order_at_the_next_refresh()
    {
        var bench = new ResolverBench(Servers);
        var resolution = bench.Find("sip:example.com;transport=udp");
        Assert.Equal("udp [2001:db8::11]:5060", bench.TargetOf(resolution));
        bench.Local.HasWay = remote => remote.IsV4;
        bench.Resolver.NetworkChanged(bench.Now);
        bench.Refresh(resolution);
        // Still among those found, so kept until it fails.
        Assert.Equal("udp [2001:db8::11]:5060", bench.TargetOf(resolution));
        Assert.True(bench.Resolver.TryNext(bench.Now, resolution));
        Assert.Equal("udp 192.0.2.11:5060", bench.TargetOf(resolution));
    }

    // ---- Limits -----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void More_targets_and_records_than_are_kept_are_counted()
    {
        string addresses = string.Join('\n', Enumerable.Range(1, 20).Select(i => $"pbx A 192.0.2.{i}\npbx AAAA 2001:db8::{i}"));
        var bench = new ResolverBench($"$ORIGIN example.com.\n@ SOA ns root 1 3600 600 86400 60\n{addresses}");
        Assert.Equal(ResolverLimits.MaxTargets, bench.TargetsOf("sip:pbx.example.com").Count);
        Assert.Equal(8, bench.Resolver.Counters.RecordsDropped);
        Assert.Equal(16, bench.Resolver.Counters.TargetsDropped);
    }

    [Fact]
    public void Addresses_that_no_server_has_are_passed_over()
    {
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @    SOA ns root 1 3600 600 86400 60
            pbx  A 0.0.0.0
            pbx  A 224.0.0.1
            pbx  AAAA ::
            pbx  AAAA ff02::1
            pbx  AAAA ::ffff:0.0.0.0
            pbx  A 192.0.2.5
            """);
        Assert.Equal(["udp 192.0.2.5:5060"], bench.TargetsOf("sip:pbx.example.com"));
    }
}
