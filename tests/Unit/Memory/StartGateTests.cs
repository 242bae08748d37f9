using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class StartGateTests
{
    private sealed class NoEntropy : IEntropySource
    {
        public void Fill(Span<byte> octets) => octets.Clear();
    }

    // A pool of each kind, as an agent's constructor would make them.
    private static object[] Everything(StartGate gate) =>
    [
        new SlotMap<(long, int)>(gate, "items", 1000),
        new HashIndex(gate, "items", 1000),
        new TimerWheel(gate, "timers", 3000),
        new Ring<(long, int)>(gate, "queue", 50),
        new BufferPool(gate, "buffers", new BufferClass(512, 1000), new BufferClass(65_535, 4)),
        new Entropy(gate, new NoEntropy()),
    ];

    [Fact]
    public void The_plan_tells_what_each_pool_costs()
    {
        var gate = new StartGate();
        Everything(gate);
        var plan = gate.Plan();
        Assert.Equal(
            [
                new MemoryPlanEntry("items", 1000, 1000 * (16 + 8)),
                new("items: index", 1000, (1000 + 1024) * 4),
                new("timers", 3000, 3000 * 24),
                new("timers: wheel", 9 * 64, 2 * 9 * 64 * 4 + 9 * 8),
                new("queue", 50, 50 * 16),
                new("buffers of 512 octets", 1000, 1000 * (512 + 8)),
                new("buffers of 65535 octets", 4, 4 * (65_535 + 8)),
                new("entropy", 256, 256),
            ],
            plan.Entries.ToArray());
        Assert.Equal(plan.Entries.ToArray().Sum(entry => entry.Bytes), plan.TotalBytes);
        Assert.Equal([24, 9, 24, 9, 16, 520, 65_543, 1], plan.Entries.ToArray().Select(entry => entry.BytesEach));
    }

    [Fact]
    public void The_plan_is_what_the_heap_gives()
    {
        // Objects, array headers and the names: some hundred octets a pool.
        const long BesideTheArrays = 8 * 1024;
        var warm = new StartGate();
        Everything(warm);
        warm.Plan();

        long before = HeapCount.Begin();
        var gate = new StartGate();
        object[] pools = Everything(gate);
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(pools);
        Assert.InRange(taken, gate.Plan().TotalBytes, gate.Plan().TotalBytes + BesideTheArrays);
    }

    [Fact]
    public void A_rehearsal_gives_the_same_plan_and_reserves_nothing()
    {
        var gate = new StartGate();
        Everything(gate);
        var warm = StartGate.Rehearsal();
        Everything(warm);

        long before = HeapCount.Begin();
        var rehearsal = StartGate.Rehearsal();
        Everything(rehearsal);
        _ = new BufferPool(rehearsal, "many", new BufferClass(2000, 1_000_000));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 10_000);
        Assert.Equal(gate.Plan().Entries.ToArray(), rehearsal.Plan().Entries.ToArray()[..^1]);
        Assert.Equal(gate.Plan().TotalBytes + 2_008_000_000L, rehearsal.Plan().TotalBytes);
    }

    [Fact]
    public void Taking_after_the_close_names_the_pool()
    {
        var gate = new StartGate();
        gate.Take<int>("early", 1);
        Assert.False(gate.IsClosed);
        gate.Close();
        Assert.True(gate.IsClosed);
        Assert.Contains("'late'", Assert.Throws<InvalidOperationException>(() => gate.Take<int>("late", 1)).Message);
        Assert.Contains("'late'", Assert.Throws<InvalidOperationException>(() => new Ring<int>(gate, "late", 0)).Message);
        Assert.Equal("early", Assert.Single(gate.Plan().Entries.ToArray()).Pool);
    }

    [Fact]
    public void A_rehearsal_closes_as_well()
    {
        var gate = StartGate.Rehearsal();
        gate.Close();
        Assert.Throws<InvalidOperationException>(() => gate.Take<int>("late", 1));
    }

    [Fact]
    public void An_array_larger_than_there_can_be_is_refused_with_name_and_size()
    {
        // 5 million datagrams, 327 GB: one byte array cannot be so long, planned or real.
        foreach (var gate in (StartGate[])[new StartGate(), StartGate.Rehearsal()])
        {
            var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => new BufferPool(gate, "datagrams", new BufferClass(65_535, 5_000_000)));
            Assert.Contains("'datagrams of 65535 octets'", refusal.Message);
            Assert.Contains("327675000000", refusal.Message);
            Assert.Equal(0, gate.Plan().TotalBytes);
        }
    }

    [Fact]
    public void Negative_numbers_are_refused_with_the_pools_name()
    {
        var gate = new StartGate();
        foreach (Action make in (Action[])[() => new SlotMap<int>(gate, "odd", -1), () => new Ring<int>(gate, "odd", -1), () => new TimerWheel(gate, "odd", -1),
            () => new HashIndex(gate, "odd", -1), () => gate.Take<byte>("odd", 1, -1)])
        {
            Assert.Contains("'odd", Assert.Throws<ArgumentOutOfRangeException>(make).Message);
        }
        Assert.Equal(0, gate.Plan().Entries.Length);
    }

    [Fact]
    public void What_the_kernel_writes_to_is_never_moved()
    {
        byte[] pinned = new StartGate().Take<byte>("pinned", 100, 10, isPinned: true);
        Assert.Equal(1000, pinned.Length);
        Assert.Equal(GC.MaxGeneration, GC.GetGeneration(pinned));
    }
}
