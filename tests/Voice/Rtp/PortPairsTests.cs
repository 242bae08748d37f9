// Pairs of ports from a range: even and odd, each once, the longest free one first.
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using Xunit;

namespace SipEmbedded.Voice.Tests.Rtp;

public class PortPairsTests
{
    private static PortPairs Pairs(ushort first, ushort last, int seed = 1) => new(new StartGate(), SeededEntropy.Of(seed), first, last);

    [Theory]
    [InlineData(10_000, 10_007, 4, 10_000)]
    [InlineData(10_001, 10_008, 3, 10_002)] // neither the odd first nor the even last belongs to a pair
    [InlineData(10_000, 10_001, 1, 10_000)]
    [InlineData(10_001, 10_002, 0, 0)]
    [InlineData(10_001, 10_000, 0, 0)]
    [InlineData(0, 65_535, 32_768, 0)]
    [InlineData(16_384, 16_384 + 2 * 64 - 1, 64, 16_384)]
    [InlineData(16_384, 16_384 + 2 * 65 - 1, 65, 16_384)]
    public void Every_pair_of_the_range_is_given_once(int first, int last, int count, int lowest)
    {
        var pairs = Pairs((ushort)first, (ushort)last);
        Assert.Equal(count, pairs.Capacity);
        var seen = new HashSet<ushort>();
        while (pairs.TryTake(out ushort port))
        {
            Assert.Equal(0, port % 2);
            Assert.InRange(port, lowest, last - 1);
            Assert.True(seen.Add(port));
        }
        Assert.Equal(count, seen.Count);
        Assert.Equal(count, pairs.Count);
        Assert.Equal(1, pairs.Exhausted);
    }

    [Fact]
    public void A_pair_given_back_is_the_last_to_be_taken_again()
    {
        var pairs = Pairs(20_000, 20_199);
        Assert.True(pairs.TryTake(out ushort first));
        Assert.True(pairs.Release(first));
        for (int i = 1; i < pairs.Capacity; i++)
        {
            Assert.True(pairs.TryTake(out ushort port));
            Assert.NotEqual(first, port);
            Assert.True(pairs.Release(port));
        }
        Assert.True(pairs.TryTake(out ushort again));
        Assert.Equal(first, again);
    }

    [Fact]
    public void Only_a_pair_that_was_taken_is_given_back()
    {
        var pairs = Pairs(20_000, 20_009);
        Assert.True(pairs.TryTake(out ushort port));
        Assert.False(pairs.Release((ushort)(port + 1)));
        Assert.False(pairs.Release(19_998));
        Assert.False(pairs.Release(20_010));
        Assert.True(pairs.Release(port));
        Assert.False(pairs.Release(port));
        Assert.Equal(0, pairs.Count);
    }

    [Fact]
    public void A_full_pool_says_so_and_goes_on_when_a_pair_comes_back()
    {
        var pairs = Pairs(20_000, 20_003);
        pairs.TryTake(out ushort first);
        pairs.TryTake(out _);
        Assert.False(pairs.TryTake(out _));
        Assert.False(pairs.TryTake(out _));
        Assert.Equal(2, pairs.Exhausted);
        pairs.Release(first);
        Assert.True(pairs.TryTake(out ushort again));
        Assert.Equal(first, again);
    }

    [Fact]
    public void The_rotation_begins_where_chance_says()
    {
        var begins = Enumerable.Range(0, 20).Select(seed => Pairs(20_000, 29_999, seed).TryTake(out ushort port) ? port : 0).Distinct();
        Assert.True(begins.Count() > 15);
    }

    [Fact]
    public void Pairs_come_and_go_as_in_a_plain_set()
    {
        var random = new Random(3605);
        var pairs = Pairs(30_000, 30_000 + 2 * 130 - 1);
        var taken = new List<ushort>();
        for (int i = 0; i < 20_000; i++)
        {
            if (random.Next(100) < 52)
            {
                Assert.Equal(taken.Count < 130, pairs.TryTake(out ushort port));
                if (port == 0)
                    continue;
                Assert.DoesNotContain(port, taken);
                taken.Add(port);
            }
            else if (taken.Count > 0)
            {
                int index = random.Next(taken.Count);
                Assert.True(pairs.Release(taken[index]));
                taken.RemoveAt(index);
            }
            Assert.Equal(taken.Count, pairs.Count);
        }
    }

    [Fact]
    public void The_plan_knows_the_pool_before_it_is_made()
    {
        var gate = StartGate.Rehearsal();
        _ = new PortPairs(gate, new Entropy(gate, new SeededEntropy(1)), 16_384, 32_767);
        Assert.Contains(gate.Plan().Entries.ToArray(), entry => entry is { Pool: "media ports", Bytes: 8192 / 8 });
    }
}
