// A queue of fixed length.
using System.Diagnostics;

namespace SipEmbedded.Memory;

/// <summary>First in, first out, at most <see cref="Capacity"/> items. What becomes of an item that finds no room, the caller decides.</summary>
public sealed class Ring<T>
    where T : struct
{
    private readonly T[] _items;

    // Where the oldest stands. Compared and set back, not masked: the array is as long as was asked for.
    private int _first;

    [StartUp(Because = "a pool is made before start")]
    public Ring(StartGate gate, string pool, int capacity)
    {
        Capacity = capacity;
        _items = gate.Take<T>(pool, capacity);
    }

    public int Capacity { get; }

    public int Count { get; private set; }

    public int Free => Capacity - Count;

    /// <summary>False where there is no room.</summary>
    public bool TryAdd(in T item)
    {
        if (Count == Capacity)
            return false;
        // The room up to the array's end: the sum of place and count may be more than an int holds.
        int room = Capacity - _first;
        _items[Count < room ? _first + Count : Count - room] = item;
        Count++;
        return true;
    }

    /// <summary>The oldest item, which must be there.</summary>
    public ref T First
    {
        get
        {
            Debug.Assert(Count > 0, "an empty ring was read");
            return ref _items[_first];
        }
    }

    /// <summary>Takes the oldest item; false where there is none.</summary>
    public bool TryTake(out T item)
    {
        if (Count == 0)
        {
            item = default;
            return false;
        }
        item = First;
        _first = _first + 1 == Capacity ? 0 : _first + 1;
        Count--;
        return true;
    }
}
