using SipEmbedded.Memory;
using Xunit;
using Buffer = SipEmbedded.Memory.Buffer;

namespace SipEmbedded.Tests.Memory;

public sealed class BufferPoolTests
{
    private static BufferPool Pool(params BufferClass[] classes) => new(new StartGate(), "buffers", classes);

    private static Buffer Take(BufferPool pool, int length)
    {
        Assert.True(pool.TryTake(length, out var buffer));
        Assert.True(pool.IsHeld(buffer));
        Assert.Equal(length, buffer.Length);
        return buffer;
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 65_535)]
    [InlineData(65_535, 65_535)]
    public void The_smallest_size_that_is_large_enough_is_taken(int length, int octets)
    {
        var pool = Pool(new(64, 1), new(512, 1), new(65_535, 1));
        var buffer = Take(pool, length);
        Assert.Equal(length, pool.Of(buffer).Length);
        Assert.Equal(octets, pool.WholeOf(buffer).Length);
    }

    [Fact]
    public void A_larger_one_stands_in_and_what_does_not_fit_is_refused_and_counted()
    {
        var pool = Pool(new(64, 1), new(512, 1));
        Assert.False(pool.TryTake(513, out var none));
        Assert.False(none.IsSome);
        Assert.Equal(1, pool.Refused);
        var small = Take(pool, 10);
        var large = Take(pool, 10);
        Assert.Equal(512, pool.WholeOf(large).Length);
        Assert.False(pool.TryTake(1, out _));
        Assert.Equal(2, pool.Refused);
        pool.Release(small);
        Assert.Equal(64, pool.WholeOf(Take(pool, 10)).Length);
        Assert.Equal(2, pool.Count);
    }

    [Fact]
    public void The_last_of_its_holders_frees_it()
    {
        var pool = Pool(new BufferClass(64, 1));
        var buffer = Take(pool, 5);
        Assert.False(pool.IsShared(buffer));
        for (int holders = 1; holders < BufferPool.MaxHolders; holders++)
        {
            pool.Retain(buffer);
            Assert.True(pool.IsShared(buffer));
        }
        Assert.Throws<InvalidOperationException>(() => pool.Retain(buffer));
        for (int holders = BufferPool.MaxHolders; holders > 0; holders--)
        {
            Assert.True(pool.IsHeld(buffer));
            Assert.Equal(holders > 1, pool.IsShared(buffer));
            Assert.Equal(1, pool.Count);
            Assert.False(pool.TryTake(1, out _));
            pool.Release(buffer);
        }
        Assert.False(pool.IsHeld(buffer));
        Assert.Equal(0, pool.Count);
        Take(pool, 1);
    }

    [Fact]
    public void Releasing_twice_stops_and_harms_nobody()
    {
        var pool = Pool(new BufferClass(64, 2));
        var buffer = Take(pool, 5);
        pool.Release(buffer);
        Assert.Throws<InvalidOperationException>(() => pool.Release(buffer));
        Assert.Throws<InvalidOperationException>(() => pool.Retain(buffer));
        Buffer next = Take(pool, 5), other = Take(pool, 5);
        // The same octets again, for another holder.
        Assert.True(pool.Of(next).Overlaps(pool.Of(next)) && !pool.Of(next).Overlaps(pool.Of(other)));
        Assert.False(pool.IsHeld(buffer));
        Assert.Throws<InvalidOperationException>(() => pool.Release(buffer));
        Assert.True(pool.IsHeld(next));
        Assert.Equal(2, pool.Count);
    }

    [Fact]
    public void Releasing_none_does_nothing()
    {
        var pool = Pool(new BufferClass(64, 1));
        pool.Release(default);
        Assert.False(pool.IsHeld(default));
        Assert.False(pool.IsShared(default));
        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public void Another_length_is_another_view_of_the_same_octets()
    {
        var pool = Pool(new BufferClass(8, 2));
        Assert.True(pool.TryCopy("abcdef"u8, out var buffer));
        Assert.Equal("abcdef"u8, pool.Of(buffer));
        Assert.Equal("abc"u8, pool.Of(buffer.WithLength(3)));
        var longer = buffer.WithLength(8);
        pool.Of(longer)[7] = (byte)'z';
        Assert.Equal((byte)'z', pool.WholeOf(buffer)[7]);
        pool.Release(longer);
        Assert.False(pool.IsHeld(buffer));
    }

    [Fact]
    public void A_length_beyond_the_size_shows_no_neighbour()
    {
        var pool = Pool(new BufferClass(8, 2));
        var first = Take(pool, 8);
        Take(pool, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Of(first.WithLength(9)).Length);
        Assert.Throws<OverflowException>(() => first.WithLength(65_536));
        Assert.Throws<OverflowException>(() => first.WithLength(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.TryTake(-1, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_histories_keep_every_holders_octets(int seed)
    {
        var random = new Random(seed);
        var pool = Pool(new(16, 5), new(100, 3), new(300, 2));
        var held = new List<(Buffer Buffer, byte[] Text, int Holders)>();
        int[] most = new int[3];
        long refused = 0;
        for (int step = 0; step < 5000; step++)
        {
            int at = random.Next(held.Count + 1);
            if (at < held.Count && random.Next(4) == 0)
            {
                pool.Retain(held[at].Buffer);
                held[at] = held[at] with { Holders = held[at].Holders + 1 };
            }
            else if (at < held.Count && random.Next(2) == 0)
            {
                pool.Release(held[at].Buffer);
                held[at] = held[at] with { Holders = held[at].Holders - 1 };
                if (held[at].Holders == 0)
                    held.RemoveAt(at);
            }
            else
            {
                byte[] text = new byte[random.Next(301)];
                random.NextBytes(text);
                bool isRoom = pool.Classes.ToArray().Any(size => size.Octets >= text.Length && InUse(size.Octets) < size.Count);
                Assert.Equal(isRoom, pool.TryCopy(text, out var buffer));
                if (isRoom)
                    held.Add((buffer, text, 1));
                else
                    refused++;
            }
            for (int i = 0; i < most.Length; i++)
            {
                most[i] = Math.Max(most[i], InUse(pool.Classes[i].Octets));
                Assert.Equal(most[i], pool.HighWater(i));
            }
            Assert.Equal(held.Count, pool.Count);
            Assert.Equal(refused, pool.Refused);
            foreach (var (buffer, text, _) in held)
                Assert.True(pool.Of(buffer).SequenceEqual(text));
        }
        Assert.True(refused > 0);

        int InUse(int octets) => held.Count(entry => pool.WholeOf(entry.Buffer).Length == octets);
    }

    [Fact]
    public void Many_buffers_are_all_apart()
    {
        const int Count = 100_000, Octets = 512;
        var pool = Pool(new BufferClass(Octets, Count));
        var buffers = new Buffer[Count];
        for (int i = 0; i < Count; i++)
        {
            buffers[i] = Take(pool, Octets);
            BitConverter.TryWriteBytes(pool.Of(buffers[i]), i);
            BitConverter.TryWriteBytes(pool.Of(buffers[i])[^4..], i);
        }
        Assert.False(pool.TryTake(1, out _));
        for (int i = 0; i < Count; i++)
            Assert.True(BitConverter.ToInt32(pool.Of(buffers[i])) == i && BitConverter.ToInt32(pool.Of(buffers[i])[^4..]) == i);
    }

    [Fact]
    public void A_pool_of_none_refuses()
    {
        var pool = Pool();
        Assert.False(pool.TryTake(0, out _));
        Assert.Equal(0, pool.LargestOctets);
        Assert.Equal(64, Pool(new(64, 1), new(512, 0)).LargestOctets);
        Assert.False(Pool(new BufferClass(64, 0)).TryTake(1, out _));
    }

    [Fact]
    public void Sizes_that_make_no_sense_are_refused_with_the_pools_name()
    {
        foreach (BufferClass[] classes in (BufferClass[][])
            [[new(0, 1)], [new(65_536, 1)], [new(-1, 1)], [new(64, 1), new(64, 1)], [new(64, 1), new(32, 1)], [new(64, -1)],
             [.. Enumerable.Range(1, BufferPool.MaxClasses + 1).Select(octets => new BufferClass(octets, 1))]])
        {
            var refusal = Assert.ThrowsAny<ArgumentException>(() => Pool(classes));
            Assert.Contains("buffers", refusal.Message);
        }
    }
}
