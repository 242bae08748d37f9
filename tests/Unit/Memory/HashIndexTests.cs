using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class HashIndexTests
{
    private static HashIndex Index(int capacity) => new(new StartGate(), "things", capacity);

    private static List<int> Found(HashIndex index, ulong hash)
    {
        var found = new List<int>();
        for (int slot = index.First(hash); slot >= 0; slot = index.Next(slot))
            found.Add(slot);
        return found;
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(5, 3)]
    [InlineData(64, 40)]
    [InlineData(100, 1000)]
    [InlineData(100, 1)]
    public void Random_histories_agree_with_a_dictionary(int capacity, int hashes)
    {
        var random = new Random(capacity + hashes);
        var index = Index(capacity);
        var filed = new Dictionary<int, ulong>();
        // Some alike in all low bits, some in all high ones.
        ulong[] choices = [.. Enumerable.Range(0, hashes).Select(i => i % 3 == 0 ? (ulong)i << 60 : (ulong)random.NextInt64())];
        for (int step = 0; step < 4000; step++)
        {
            int slot = random.Next(capacity);
            if (filed.Remove(slot, out ulong hash))
                index.Remove(hash, slot);
            else
            {
                hash = choices[random.Next(hashes)];
                index.Add(hash, slot);
                filed.Add(slot, hash);
            }
            ulong asked = choices[random.Next(hashes)];
            var found = Found(index, asked);
            Assert.Equal(found.Count, found.Distinct().Count());
            Assert.Equal(filed.Where(pair => pair.Value == asked).Select(pair => pair.Key).Order(), found.Where(s => filed[s] == asked).Order());
        }
    }

    [Fact]
    public void What_is_found_beside_the_hash_shares_its_bucket_alone()
    {
        const int Capacity = 1000;
        var index = Index(Capacity);
        var hash = new KeyedHash(new byte[KeyedHash.KeyOctets]);
        var hashes = new ulong[Capacity];
        for (int i = 0; i < Capacity; i++)
            index.Add(hashes[i] = (ulong)hash.Of(BitConverter.GetBytes(i)), i);
        int steps = 0;
        foreach (ulong asked in hashes)
            steps += Found(index, asked).Count;
        // A full table of 1024 buckets: the slot itself and one more on average.
        Assert.InRange(steps, Capacity, 3 * Capacity);
    }

    [Fact]
    public void The_last_filed_is_found_first()
    {
        var index = Index(3);
        index.Add(7, 0);
        index.Add(7, 2);
        index.Add(7, 1);
        Assert.Equal([1, 2, 0], Found(index, 7));
        index.Remove(7, 2);
        Assert.Equal([1, 0], Found(index, 7));
    }

    [Fact]
    public void An_index_of_none_finds_nothing()
    {
        var index = Index(0);
        Assert.Equal(-1, index.First(0));
        Assert.Equal(-1, index.First(ulong.MaxValue));
    }
}
