using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class SlotMapTests
{
    private static SlotMap<long> Map(int capacity) => new(new StartGate(), "slots", capacity);

    private static Handle<long> Add(SlotMap<long> map, long value)
    {
        Assert.True(map.TryAdd(out var handle));
        map[handle] = value;
        return handle;
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_histories_agree_with_a_dictionary(int seed)
    {
        var random = new Random(seed);
        int capacity = random.Next(1, 20);
        var map = Map(capacity);
        var live = new Dictionary<Handle<long>, long>();
        var freed = new Stack<int>();
        var stale = new List<Handle<long>>();
        long refused = 0;
        int highWater = 0;
        for (int step = 0; step < 2000; step++)
        {
            if (random.Next(2) == 0)
            {
                bool isAdded = map.TryAdd(out var handle);
                Assert.Equal(live.Count < capacity, isAdded);
                if (!isAdded)
                {
                    refused++;
                    Assert.False(handle.IsSome);
                    continue;
                }
                // The slot freed last, or one never taken.
                Assert.Equal(freed.Count > 0 ? freed.Pop() : live.Count, handle.Index);
                Assert.Equal(0, map[handle]);
                Assert.True(handle.IsSome);
                live.Add(handle, map[handle] = random.NextInt64());
                highWater = Math.Max(highWater, live.Count);
            }
            else if (live.Count > 0)
            {
                var handle = live.Keys.ElementAt(random.Next(live.Count));
                Assert.Equal(live[handle], map[handle]);
                map.Remove(handle);
                live.Remove(handle);
                freed.Push(handle.Index);
                stale.Add(handle);
            }
            Assert.Equal(live.Count, map.Count);
            Assert.Equal(live.Count == capacity, map.IsFull);
            Assert.Equal(highWater, map.HighWater);
            Assert.Equal(refused, map.Refused);
        }
        Assert.DoesNotContain(stale, map.IsLive);
        foreach (var (handle, value) in live)
        {
            Assert.True(map.IsLive(handle));
            Assert.True(map.IsTaken(handle.Index));
            Assert.Equal(value, map.At(handle.Index));
            Assert.Equal(handle, map.HandleOf(handle.Index));
            Assert.Equal(handle, map.HandleFrom(handle.Index, handle.Generation));
        }
        Assert.Equal(live.Keys.Select(handle => handle.Index).Order(), Walk(map));
    }

    private static List<int> Walk(SlotMap<long> map)
    {
        var found = new List<int>();
        for (int index = map.NextTaken(0); index >= 0; index = map.NextTaken(index + 1))
            found.Add(index);
        return found;
    }

    [Fact]
    public void A_stale_handle_is_refused_for_every_later_life_of_its_slot()
    {
        var map = Map(1);
        var first = Add(map, 7);
        map.Remove(first);
        for (int life = 0; life < 1000; life++)
        {
            Assert.False(map.IsLive(first));
            var later = Add(map, life);
            Assert.Equal(first.Index, later.Index);
            Assert.NotEqual(first, later);
            Assert.False(map.IsLive(first));
            map.Remove(later);
        }
    }

    [Fact]
    public void A_handle_made_up_by_a_peer_is_refused()
    {
        var map = Map(3);
        var live = Add(map, 1);
        var gone = Add(map, 2);
        map.Remove(gone);
        int[] indices = [-1, 0, 1, 2, 3, int.MinValue, int.MaxValue];
        uint[] generations = [0, 1, 2, 3, 4, uint.MaxValue];
        foreach (int index in indices)
        {
            foreach (uint generation in generations)
            {
                var made = map.HandleFrom(index, generation);
                Assert.Equal(made == live, map.IsLive(made));
            }
        }
    }

    [Fact]
    public void Freeing_a_stale_handle_stops()
    {
        var map = Map(2);
        var handle = Add(map, 1);
        map.Remove(handle);

        Assert.Throws<InvalidOperationException>(() => map.Remove(handle));
        Assert.Throws<InvalidOperationException>(() => map.Remove(default));
        Add(map, 2);
        Assert.Throws<InvalidOperationException>(() => map.Remove(handle));
        Assert.Equal(1, map.Count);
    }

    [Fact]
    public void A_map_of_none_refuses_and_counts()
    {
        var map = Map(0);
        Assert.True(map.IsFull);
        Assert.False(map.TryAdd(out var handle));
        Assert.False(handle.IsSome);
        Assert.False(map.IsLive(handle));
        Assert.False(map.IsLive(map.HandleFrom(0, 1)));
        Assert.Equal(1, map.Refused);
        Assert.Equal(-1, map.NextTaken(0));
    }

    [Fact]
    public void Default_names_nothing()
    {
        var map = Map(1);
        Assert.False(default(Handle<long>).IsSome);
        Assert.False(map.IsLive(default));
        var handle = Add(map, 1);
        Assert.False(map.IsLive(default));
        Assert.NotEqual(default, handle);
    }
}
