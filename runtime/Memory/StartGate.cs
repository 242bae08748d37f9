// Where all memory of the stack comes from, and the moment after which there is no more.
//
// note [the start gate]
// Every pool takes its arrays from the gate while the gate is open and says which pool they are for, so the gate knows what everything costs.
// Once it is closed, taking is a bug and ends the process. A rehearsal gate hands out empty arrays: the constructors run as they would, nothing is
// reserved, and the plan can be printed before a device commits to it. Constructors therefore do not touch what they took.
namespace SipEmbedded.Memory;

/// <summary>Hands out memory until it is closed; see note [the start gate].</summary>
public sealed class StartGate
{
    private readonly List<MemoryPlanEntry> _entries;
    private readonly bool _isRehearsal;

    [StartUp(Because = "the gate is what there is before start")]
    public StartGate()
        : this(isRehearsal: false)
    {
    }

    [StartUp(Because = "the gate is what there is before start")]
    private StartGate(bool isRehearsal)
    {
        _isRehearsal = isRehearsal;
        _entries = [];
    }

    /// <summary>A gate that only counts. What is built through it cannot run.</summary>
    [StartUp(Because = "the gate is what there is before start")]
    public static StartGate Rehearsal() => new(isRehearsal: true);

    public bool IsClosed { get; private set; }

    /// <summary>Nothing can be taken from here on.</summary>
    public void Close() => IsClosed = true;

    /// <summary>
    /// An array of <paramref name="capacity"/> times <paramref name="perItem"/> elements for <paramref name="pool"/>, a pool of
    /// <paramref name="capacity"/> items. <paramref name="isPinned"/>: never moved, for what the kernel reads and writes.
    /// Pools of one name are one in the plan, with the capacity that was taken first.
    /// Throws <see cref="InvalidOperationException"/> where the gate is closed, and <see cref="ArgumentOutOfRangeException"/> where a number is negative or
    /// the array would be larger than the runtime can make (<see cref="Array.MaxLength"/>), each with the pool's name.
    /// </summary>
    [StartUp(Because = "this is how pools are made")]
    public T[] Take<T>(string pool, int capacity, int perItem = 1, bool isPinned = false)
        where T : struct
    {
        if (IsClosed)
            throw new InvalidOperationException($"The pool '{pool}' is made after start.");
        if (capacity < 0 || perItem < 0)
            throw new ArgumentOutOfRangeException(nameof(capacity), $"The pool '{pool}' would hold {capacity} items of {perItem} elements.");
        long length = (long)capacity * perItem;
        if (length > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, $"The pool '{pool}' would need an array of {length} elements.");
        Enter(pool, capacity, length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        return _isRehearsal ? [] : isPinned ? GC.AllocateUninitializedArray<T>((int)length, pinned: true) : new T[length];
    }

    /// <summary>
    /// Enters into the plan what a native library takes by itself for <paramref name="pool"/>, <paramref name="bytes"/> octets. False at a rehearsal: then it is not to be
    /// taken. Throws <see cref="InvalidOperationException"/> where the gate is closed.
    /// </summary>
    [StartUp(Because = "this is how pools are made")]
    public bool CountNative(string pool, int capacity, long bytes)
    {
        if (IsClosed)
            throw new InvalidOperationException($"The pool '{pool}' is made after start.");
        Enter(pool, capacity, bytes);
        return !_isRehearsal;
    }

    [StartUp(Because = "this is how pools are made")]
    private void Enter(string pool, int capacity, long bytes)
    {
        int at = _entries.FindIndex(entry => entry.Pool == pool);
        if (at < 0)
            _entries.Add(new(pool, capacity, bytes));
        else
            _entries[at] = _entries[at] with { Bytes = _entries[at].Bytes + bytes };
    }

    /// <summary>What was taken so far, pool by pool in the order of their making.</summary>
    [StartUp(Because = "the plan is printed, not used")]
    public MemoryPlan Plan() => new([.. _entries]);
}

/// <summary>One pool: how many items it holds, and the octets of all its arrays.</summary>
public readonly record struct MemoryPlanEntry(string Pool, int Capacity, long Bytes)
{
    /// <summary>Octets for one item, rounded up; 0 for a pool of none.</summary>
    public long BytesEach => Capacity == 0 ? 0 : (Bytes + Capacity - 1) / Capacity;
}

/// <summary>What every pool holds and costs. Object headers and code are not in it.</summary>
public sealed class MemoryPlan
{
    [StartUp(Because = "the plan is printed, not used")]
    internal MemoryPlan(MemoryPlanEntry[] entries) => _entries = entries;

    private readonly MemoryPlanEntry[] _entries;

    public ReadOnlySpan<MemoryPlanEntry> Entries => _entries;

    public long TotalBytes
    {
        get
        {
            long sum = 0;
            foreach (var entry in _entries)
                sum += entry.Bytes;
            return sum;
        }
    }
}
