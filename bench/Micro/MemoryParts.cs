// What the core does for every message beside reading it: timers, slots, buffers, a fingerprint.
using BenchmarkDotNet.Attributes;
using SipEmbedded.Memory;

namespace SipEmbedded.Bench.Micro;

public class MemoryParts
{
    // Transactions of a busy server, so that the tables do not fit a first-level cache.
    private const int Capacity = 4096;

    // T1 and 64*T1 (RFC 3261 §17.1.1.1).
    private static readonly TimeSpan s_t1 = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_timeout = 64 * s_t1;
    private static readonly TimeSpan s_farAhead = TimeSpan.FromDays(365 * 10_000);

    private readonly TimerWheel _wheel;
    private readonly SlotMap<(long, long, long, long)> _slots;
    private readonly BufferPool _buffers;
    private readonly KeyedHash _hash = new("0123456789abcdef"u8);

    // A branch, a sent-by and a method: what a transaction is found by (RFC 3261 §17.2.3).
    private readonly byte[] _key = [.. Enumerable.Range(0, 60).Select(i => (byte)i)];

    private Instant _now = Instant.FromMilliseconds(1);
    private int _timer;

    public MemoryParts()
    {
        var gate = new StartGate();
        _wheel = new(gate, "timers", Capacity);
        _slots = new(gate, "slots", Capacity);
        _buffers = new(gate, "buffers", new BufferClass(512, Capacity), new BufferClass(1500, Capacity));
        // Neighbours: every other timer runs and, however long the benchmark does, never comes.
        for (int timer = 1; timer < Capacity; timer += 2)
            _wheel.Arm(timer, _now + s_farAhead + TimeSpan.FromDays(timer));
    }

    /// <summary>A transaction that is answered: its timer is armed and never fires.</summary>
    [Benchmark]
    public int TimerArmCancel()
    {
        int timer = Next();
        _wheel.Arm(timer, _now + s_timeout);
        _wheel.Cancel(timer);
        return timer;
    }

    /// <summary>A timer that fires, by looks at every deadline that the wheel names: moves included.</summary>
    [Benchmark]
    public int TimerArmPop()
    {
        _wheel.Arm(Next(), _now + s_t1);
        int timer;
        do
            _now = _wheel.NextDeadline;
        while (!_wheel.TryPop(_now, out timer));
        return timer;
    }

    [Benchmark]
    public int SlotAddRemove()
    {
        if (!_slots.TryAdd(out var handle))
            throw new InvalidOperationException("the pool is full");
        _slots.Remove(handle);
        return handle.Index;
    }

    [Benchmark]
    public int BufferTakeRelease()
    {
        if (!_buffers.TryTake(700, out var buffer))
            throw new InvalidOperationException("the pool is full");
        int length = _buffers.Of(buffer).Length;
        _buffers.Release(buffer);
        return length;
    }

    [Benchmark] public UInt128 KeyedHashOf60() => _hash.Of(_key);

    private int Next() => _timer = (_timer + 2) & (Capacity - 1);
}
