// A pool of like things, each found by a handle in constant time.
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SipEmbedded.Memory;

/// <summary>
/// A fixed number of slots for <typeparamref name="T"/>. Taking, freeing and finding take constant time. The slot freed last is taken first: it is
/// the one in the cache.
/// </summary>
public sealed class SlotMap<T>
    where T : struct
{
    // All of a slot together, since whoever takes or frees one touches all of it.
    private struct Slot
    {
        public uint Generation;
        public int NextFree;
        public T Item;
    }

    private readonly Slot[] _slots;

    // The free slots as a list: each names the next, counted from 1. Slots that were never taken are not in it.
    private int _firstFree;
    private int _touched;

    [StartUp(Because = "a pool is made before start")]
    public SlotMap(StartGate gate, string pool, int capacity)
    {
        Capacity = capacity;
        _slots = gate.Take<Slot>(pool, capacity);
    }

    public int Capacity { get; }

    /// <summary>Slots taken.</summary>
    public int Count { get; private set; }

    /// <summary>The most that were ever taken at once: a slot is touched for the first time only when all that were touched are taken.</summary>
    public int HighWater => _touched;

    /// <summary>How often a slot was wanted and none was free.</summary>
    public long Refused { get; private set; }

    public bool IsFull => Count == Capacity;

    /// <summary>Takes a slot, all zero. False, counted, where none is free.</summary>
    public bool TryAdd(out Handle<T> handle)
    {
        int index;
        if (_firstFree != 0)
        {
            index = _firstFree - 1;
            _firstFree = _slots[index].NextFree;
        }
        else if (_touched < Capacity)
            index = _touched++;
        else
        {
            Refused++;
            handle = default;
            return false;
        }
        ref var slot = ref _slots[index];
        slot.Item = default;
        handle = new(index, ++slot.Generation);
        Count++;
        return true;
    }

    /// <summary>True where the handle's slot is still the one it was given for. False for whatever else, wherever its parts came from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLive(Handle<T> handle)
    {
        var slots = _slots;
        // A generation that a peer made up may be even and equal to a free slot's.
        return (uint)handle.Index < (uint)slots.Length && slots[handle.Index].Generation == handle.Generation && (handle.Generation & 1) != 0;
    }

    /// <summary>True where the slot is taken.</summary>
    public bool IsTaken(int index) => (_slots[index].Generation & 1) != 0;

    /// <summary>What a live handle names. A stale one is a bug of the caller, who has asked <see cref="IsLive"/> before.</summary>
    public ref T this[Handle<T> handle]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert(IsLive(handle), "a stale handle was used");
            return ref _slots[handle.Index].Item;
        }
    }

    /// <summary>What stands in a slot that is taken.</summary>
    public ref T At(int index)
    {
        Debug.Assert(IsTaken(index), "a free slot was used");
        return ref _slots[index].Item;
    }

    /// <summary>The handle of a slot that is taken.</summary>
    public Handle<T> HandleOf(int index)
    {
        Debug.Assert(IsTaken(index), "a free slot was named");
        return new(index, _slots[index].Generation);
    }

    /// <summary>The handle of a slot by its parts, as they may come back from a peer; it may be stale or never have been.</summary>
    public Handle<T> HandleFrom(int index, uint generation) => new(index, generation);

    /// <summary>Frees a live handle's slot. Every copy of the handle is stale from here on. A stale handle stops the process.</summary>
    public void Remove(Handle<T> handle)
    {
        if (!IsLive(handle))
            BrokenInvariant.Stop("A stale handle was freed.");
        // After 2^31 lives of one slot the generations begin anew, 24 days at a thousand a second. No handle is kept for so long.
        ref var slot = ref _slots[handle.Index];
        slot.Generation++;
        slot.NextFree = _firstFree;
        _firstFree = handle.Index + 1;
        Count--;
    }

    /// <summary>The first slot at or behind <paramref name="index"/> that is taken, or -1: for walks over all, which are rare.</summary>
    public int NextTaken(int index)
    {
        for (; index < _touched; index++)
        {
            if (IsTaken(index))
                return index;
        }
        return -1;
    }
}
