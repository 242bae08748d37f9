using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class EntropyTests
{
    // Counts up, an octet at a time.
    private sealed class Counter : IEntropySource
    {
        private byte _next;

        public int Octets { get; private set; }

        /// <summary>What the last fill found in the block before it wrote.</summary>
        public byte[] Found { get; private set; } = [];

        public void Fill(Span<byte> octets)
        {
            Found = octets.ToArray();
            foreach (ref byte octet in octets)
                octet = _next++;
            Octets += octets.Length;
        }
    }

    private sealed class Constant(ulong value) : IEntropySource
    {
        public void Fill(Span<byte> octets)
        {
            for (int i = 0; i < octets.Length; i++)
                octets[i] = (byte)(value >> 8 * (i % 8));
        }
    }

    private sealed class Seeded(int seed) : IEntropySource
    {
        private readonly Random _random = new(seed);

        public void Fill(Span<byte> octets) => _random.NextBytes(octets);
    }

    [Fact]
    public void Every_octet_is_drawn_once_and_in_order()
    {
        var source = new Counter();
        var entropy = new Entropy(new StartGate(), source);
        byte expected = 0;
        for (int i = 0; i < 100; i++)
        {
            foreach (byte octet in BitConverter.GetBytes(entropy.Next()))
                Assert.Equal(expected++, octet);
        }
        // In blocks, and none ahead of need but the rest of the last.
        Assert.Equal(1024, source.Octets);
    }

    [Fact]
    public void What_was_drawn_is_no_longer_in_memory()
    {
        var source = new Counter();
        var entropy = new Entropy(new StartGate(), source);
        entropy.Next();
        while (source.Octets == source.Found.Length)
            entropy.Next();
        Assert.Equal(new byte[256], source.Found);
    }

    [Fact]
    public void Nothing_is_asked_of_the_source_before_the_first_draw()
    {
        var source = new Counter();
        var entropy = new Entropy(new StartGate(), source);
        Assert.Equal(0, source.Octets);
        entropy.Next();
        Assert.NotEqual(0, source.Octets);
    }

    [Theory]
    [InlineData(0ul, 10u, 0u)]
    [InlineData(ulong.MaxValue, 10u, 9u)]
    [InlineData(ulong.MaxValue, uint.MaxValue, uint.MaxValue - 1)]
    [InlineData(ulong.MaxValue, 1u, 0u)]
    [InlineData(1ul << 63, 10u, 5u)]
    public void A_bounded_number_is_the_draws_share_of_the_bound(ulong drawn, uint limit, uint expected) =>
        Assert.Equal(expected, new Entropy(new StartGate(), new Constant(drawn)).Below(limit));

    [Fact]
    public void Bounded_numbers_are_spread_evenly()
    {
        var entropy = new Entropy(new StartGate(), new Seeded(5));
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++)
            counts[entropy.Below(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }
}
