// Weights, by counting (RFC 2782): the seed is fixed, so the counts are the same in each run.
using SipEmbedded.Resolution;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class SrvOrderTests
{
    private const int Searches = 4000;

    // How often each target was first, by its last octet.
    private static int[] Count(string servers, int place = 0)
    {
        var bench = new ResolverBench($"""
            $ORIGIN example.com.
            @ SOA ns root 1 3600 600 86400 86400
            {servers}
            a A 192.0.2.1
            b A 192.0.2.2
            c A 192.0.2.3
            """, new() { DeadTime = TimeSpan.Zero, Families = FamilyOrder.Ipv4Only });
        int[] counts = new int[4];
        for (int i = 0; i < Searches; i++)
        {
            var resolution = bench.Find("sip:example.com;transport=tcp");
            counts[bench.TargetsOf(resolution)[place][^3] - '0']++;
            bench.Resolver.Release(resolution);
        }
        return counts;
    }

    [Fact]
    public void Three_quarters_go_to_the_one_with_three_times_the_weight()
    {
        // RFC 2782's example. A number from 0 to 4 is drawn, and 0 and 1 both lead to the first in the list: 2 in 5, not 1 in 4.
        int[] counts = Count("_sip._tcp SRV 0 1 9 a\n SRV 0 3 9 b");
        Assert.InRange(counts[1] / (double)Searches, 0.37, 0.43);
        Assert.Equal(Searches, counts[1] + counts[2]);
        // With larger weights it is as they say.
        counts = Count("_sip._tcp SRV 0 100 9 a\n SRV 0 300 9 b");
        Assert.InRange(counts[1] / (double)Searches, 0.23, 0.28);
    }

    [Fact]
    public void The_second_is_drawn_from_those_that_are_left()
    {
        int[] counts = Count("_sip._tcp SRV 0 1000 9 a\n SRV 0 1000 9 b\n SRV 0 2000 9 c", place: 1);
        // a second: after b (1/4 x 1/3) or after c (1/2 x 1/2).
        Assert.InRange(counts[1] / (double)Searches, 0.31, 0.36);
        Assert.InRange(counts[3] / (double)Searches, 0.31, 0.36);
    }

    [Fact]
    public void A_weight_of_zero_is_seldom_first_beside_others()
    {
        int[] counts = Count("_sip._tcp SRV 0 99 9 a\n SRV 0 0 9 b");
        Assert.InRange(counts[2], 1, Searches * 3 / 100);
    }

    [Fact]
    public void Weights_of_zero_alone_keep_their_order_and_priorities_are_never_mixed()
    {
        Assert.Equal([0, Searches, 0, 0], Count("_sip._tcp SRV 0 0 9 a\n SRV 0 0 9 b"));
        Assert.Equal([0, 0, 0, Searches], Count("_sip._tcp SRV 10 60000 9 a\n SRV 9 0 9 c"));
        Assert.Equal([0, Searches, 0, 0], Count("_sip._tcp SRV 65535 1 9 a\n SRV 1 65535 9 b", place: 1));
    }
}
