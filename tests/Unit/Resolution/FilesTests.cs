// resolv.conf(5) and hosts(5) as texts.
using System.Text;
using SipEmbedded.Resolution;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class FilesTests
{
    private const string Zones = """
        $ORIGIN example.com.
        @             SOA ns root 1 3600 600 86400 60
        pbx           A   192.0.2.1
        pbx.lab       A   192.0.2.2
        """;

    private static readonly ResolverOptions s_v4 = new() { Families = FamilyOrder.Ipv4Only };

    private static List<string> ServersAsked(string resolvConf)
    {
        var bench = new ResolverBench("", s_v4, resolvConf);
        bench.Servers.Clear();
        bench.FaultOf("sip:x.example.com:5060");
        return [.. bench.Questions.Select(sent => sent.Flow.Remote).Distinct().Select(remote => $"{remote.Address:x}:{remote.Port}")];
    }

    [Fact]
    public void Name_servers_are_read_and_what_is_not_understood_is_counted()
    {
        Assert.Equal(
            ["ffffc0000201:53", "20010db8000000000000000000000053:53", "ffff7f000001:5353"],
            ServersAsked(
                "# made by a DHCP client\n;old\nnameserver 192.0.2.1 # the router\r\n\tnameserver\t2001:db8::53\n"
                + "nameserver [127.0.0.1]:5353\nsortlist 1.2.3.4"));
        var bench = new ResolverBench(Zones, s_v4, null);
        bench.Resolver.Configure(bench.Now, """
            nameserver example.com
            nameserver 1.2.3
            nameserver fe80::1%eth0
            nameserver [::1]:0
            nameserver [::1]:70000
            options inet6 timeout:x
            what ever
            nameserver
            """u8);
        Assert.Equal(8, bench.Resolver.Counters.ConfigurationPassedOver);
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf("sip:pbx.example.com"));
    }

    [Fact]
    public void No_more_than_four_servers_are_asked()
    {
        string text = string.Join('\n', Enumerable.Range(1, 9).Select(i => $"nameserver 192.0.2.{i}"));
        Assert.Equal(4, ServersAsked(text).Count);
    }

    [Fact]
    public void A_short_name_is_looked_for_in_the_search_list_and_as_it_is_at_last()
    {
        var bench = new ResolverBench(Zones, s_v4, "nameserver 192.0.2.53\ndomain lost.example.com\nsearch nowhere.example.com lab.example.com example.com");
        Assert.Equal(["udp 192.0.2.2:5070"], bench.TargetsOf("sip:pbx:5070"));
        Assert.Equal(["pbx.nowhere.example.com", "pbx.lab.example.com"], bench.Log.Select(line => line.Split(' ')[3]));
        bench.Log.Clear();
        // No domain has it, and there is none of this name.
        bench.Server.Zones.Load(Zones + "\n. SOA ns root 1 3600 600 86400 60\nbare. A 192.0.2.9");
        Assert.Equal(["udp 192.0.2.9:5070"], bench.TargetsOf("sip:bare:5070"));
        Assert.Equal("bare", bench.Log[^1].Split(' ')[3]);
        Assert.Equal(4, bench.Log.Count);
    }

    [Fact]
    public void A_name_with_dots_enough_or_a_last_dot_is_looked_for_as_it_is()
    {
        var bench = new ResolverBench(Zones, s_v4, "nameserver 192.0.2.53\nsearch example.com");
        Assert.Equal(["udp 192.0.2.1:5070"], bench.TargetsOf("sip:pbx.example.com:5070"));
        bench.Server.Zones.Load(Zones + "\n. SOA ns root 1 3600 600 86400 60");
        Assert.Equal(ResolutionFault.NoSuchName, bench.FaultOf("sip:pbx.:5070"));
        Assert.Equal(["pbx.example.com", "pbx"], bench.Log.Select(line => line.Split(' ')[3]));
        bench = new(Zones, s_v4, "nameserver 192.0.2.53\nsearch example.com\noptions ndots:2");
        Assert.Equal(["udp 192.0.2.2:5070"], bench.TargetsOf("sip:pbx.lab:5070"));
    }

    [Fact]
    public void A_search_that_DNS_leaves_open_does_not_go_on_to_other_domains()
    {
        var bench = new ResolverBench(Zones, s_v4, "nameserver 192.0.2.53\nsearch example.org example.com");
        // What may stand in the first domain must not be looked for in the second.
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf("sip:pbx:5070"));
        Assert.DoesNotContain(bench.Log, line => line.Contains("pbx.example.com"));
    }

    [Fact]
    public void Names_of_the_hosts_file_need_no_DNS()
    {
        var bench = new ResolverBench(Zones, resolvConf: null);
        bench.Resolver.ReadHosts(bench.Now, """
            127.0.0.1	localhost
            192.0.2.7   pbx.example.com PBX   # the old one
            2001:db8::7 pbx.example.com
            192.0.2.8   pbx.example.com
            no-address  somebody
            192.0.2.9   bad..name
            """u8);
        Assert.Equal(["udp [2001:db8::7]:5060", "udp 192.0.2.7:5060", "udp 192.0.2.8:5060"], bench.TargetsOf("sip:pbx.example.com"));
        Assert.Equal(["tcp 192.0.2.7:5070"], bench.TargetsOf("sip:pbx:5070;transport=tcp"));
        Assert.Equal(2, bench.Resolver.Counters.HostNamesPassedOver);
        Assert.Empty(bench.Log);
        // A server of an SRV record may stand there too.
        bench = new("$ORIGIN example.com.\n@ SOA ns root 1 3600 600 86400 60\n_sip._udp SRV 0 0 5070 pbx", s_v4);
        bench.Resolver.ReadHosts(bench.Now, "192.0.2.7 pbx.example.com"u8);
        Assert.Equal(["udp 192.0.2.7:5070"], bench.TargetsOf("sip:example.com;transport=udp"));
    }

    [Fact]
    public void A_changed_hosts_file_counts_from_the_next_refresh_on()
    {
        var bench = new ResolverBench(Zones, s_v4);
        var resolution = bench.Find("sip:pbx.example.com:5060");
        bench.Resolver.ReadHosts(bench.Now, "192.0.2.7 pbx.example.com"u8);
        Assert.Equal("udp 192.0.2.1:5060", bench.TargetOf(resolution));
        Assert.False(bench.Resolver.Refresh(bench.Now, resolution));
        Assert.Equal("udp 192.0.2.7:5060", bench.TargetOf(resolution));
        bench.Resolver.ReadHosts(bench.Now, default);
        bench.Refresh(resolution);
        Assert.Equal("udp 192.0.2.1:5060", bench.TargetOf(resolution));
        // One that is being looked for is found when it is written there.
        bench.Server.IsSilent = true;
        resolution = bench.Begin("sip:other.example.com:5060");
        bench.Resolver.ReadHosts(bench.Now, "192.0.2.6 other.example.com"u8);
        bench.Drain();
        Assert.Equal("udp 192.0.2.6:5060", bench.TargetOf(resolution));
    }

    [Fact]
    public void More_names_than_there_is_room_for_are_counted()
    {
        for (int capacity = 0; capacity <= 2; capacity++)
        {
            var bench = new ResolverBench("", new() { HostNames = capacity, Families = FamilyOrder.Ipv4Only }, resolvConf: null);
            bench.Resolver.ReadHosts(bench.Now, "192.0.2.1 a\n192.0.2.2 b\n192.0.2.3 c"u8);
            Assert.Equal(3 - capacity, bench.Resolver.Counters.HostNamesPassedOver);
            Assert.Equal(ResolutionFault.NoServer, bench.FaultOf("sip:c"));
        }
    }

    [Fact]
    public void Files_of_any_octets_are_read_to_their_end()
    {
        var random = new Random(5);
        var bench = new ResolverBench("", resolvConf: null);
        byte[][] seeds = [.. new[] { "nameserver 192.0.2.53\nsearch a.b\noptions ndots:2 rotate\n", "192.0.2.1 a b # c\n::1 x\n" }.Select(Encoding.Latin1.GetBytes)];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = [.. seeds[i % 2]];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
                text[random.Next(text.Length)] = (byte)random.Next(256);
            bench.Resolver.Configure(bench.Now, text);
            bench.Resolver.ReadHosts(bench.Now, text);
        }
        bench.Resolver.Configure(bench.Now, default);
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf("sip:pbx.example.com"));
    }
}
