// A queue of fixed length.
using System.Diagnostics;
using System.Numerics;

namespace SipEmbedded.Memory;

/// <summary>First in, first out, at most <see cref="Capacity"/> items. What becomes of an item that finds no room, the caller decides.</summary>
public sealed class Ring<T>
    where T : struct
{
    private readonly T[] _items;
    private readonly int _mask;
    private uint _head;
    private uint _tail;

    /// <summary>The array has the next power of two of elements, the ring no more than <paramref name="capacity"/>.</summary>
    [StartUp(Because = "a pool is made before start")]
    public Ring(StartGate gate, string pool, int capacity)
    {
        Capacity = capacity;
        int length = capacity == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)capacity);
        _items = gate.Take<T>(pool, length);
        _mask = length - 1;
    }

    public int Capacity { get; }

    public int Count => (int)(_tail - _head);

    public int Free => Capacity - Count;

    public bool TryAdd(in T item)
    {
        if (Count >= Capacity)
            return false;
        _items[_tail & _mask] = item;
        _tail++;
        return true;
    }

    /// <summary>The oldest item, which must be there.</summary>
    public ref T First
    {
        get
        {
            Debug.Assert(Count > 0, "an empty ring was read");
            return ref _items[_head & _mask];
        }
    }

    public bool TryTake(out T item)
    {
        if (Count == 0)
        {
            item = default;
            return false;
        }
        item = First;
        _head++;
        return true;
    }
}
