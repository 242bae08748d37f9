using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class RingTests
{
    private static Ring<int> Make(int capacity) => new(new StartGate(), "ring", capacity);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(100)]
    public void Random_histories_agree_with_a_queue(int capacity)
    {
        var random = new Random(capacity);
        var ring = Make(capacity);
        var oracle = new Queue<int>();
        int refused = 0, wraps = 0;
        for (int step = 0; step < 20_000; step++)
        {
            // Long runs of either, so that the ring is full at times and empty at times.
            bool isFilling = step / (2 * capacity) % 2 == 0;
            if (random.Next(4) == 0 ? isFilling : !isFilling)
            {
                Assert.Equal(oracle.TryDequeue(out int expected), ring.TryTake(out int item));
                Assert.Equal(expected, item);
                wraps++;
            }
            else
            {
                bool hasRoom = oracle.Count < capacity;
                Assert.Equal(hasRoom, ring.TryAdd(step));
                if (hasRoom)
                    oracle.Enqueue(step);
                else
                    refused++;
            }
            Assert.Equal(oracle.Count, ring.Count);
            Assert.Equal(capacity - oracle.Count, ring.Free);
            if (oracle.Count > 0)
                Assert.Equal(oracle.Peek(), ring.First);
        }
        Assert.True(refused > 0 && wraps > 2 * capacity);
    }

    [Fact]
    public void The_first_item_can_be_changed_in_place()
    {
        var ring = Make(2);
        Assert.True(ring.TryAdd(1));
        ring.First = 5;
        Assert.True(ring.TryTake(out int item));
        Assert.Equal(5, item);
    }

    [Fact]
    public void A_ring_of_none_takes_nothing()
    {
        var ring = Make(0);
        Assert.False(ring.TryAdd(1));
        Assert.False(ring.TryTake(out _));
        Assert.Equal(0, ring.Free);
    }

    [Fact]
    public void A_negative_capacity_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Make(-1));
}
