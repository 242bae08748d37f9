// Finding a slot of a pool by what it is known as outside: a chained hash table over the pool's own numbers.
using System.Diagnostics;
using System.Numerics;

namespace SipEmbedded.Memory;

/// <summary>
/// Maps 64-bit hashes to the numbers of a pool's slots. Only the low bits of a hash tell slots apart, and several may have one hash: the caller walks what it
/// is given and compares. The hashes must come from a keyed function (<see cref="KeyedHash"/>), or a peer could choose what collides.
/// </summary>
public sealed class HashIndex
{
    // The largest power of two that is an array's length.
    private const uint MaxBuckets = 1 << 30;

    private readonly int[] _buckets;
    private readonly int[] _next;
    private readonly int _mask;

    [StartUp(Because = "a pool is made before start")]
    public HashIndex(StartGate gate, string pool, int capacity)
    {
        _next = gate.Take<int>(pool + ": index", capacity);
        // Chains of one at most on average when the pool is full.
        int buckets = capacity == 0 ? 0 : (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)capacity), MaxBuckets);
        _buckets = gate.Take<int>(pool + ": index", buckets);
        _mask = buckets - 1;
    }

    /// <summary>The first slot whose hash may be this one, or -1.</summary>
    public int First(ulong hash) => _buckets.Length == 0 ? -1 : _buckets[(int)hash & _mask] - 1;

    /// <summary>The next such slot behind <paramref name="slot"/>, or -1. Ask before taking that slot out.</summary>
    public int Next(int slot) => _next[slot] - 1;

    /// <summary>Files a slot, which must not be filed.</summary>
    public void Add(ulong hash, int slot)
    {
        Debug.Assert(!IsFiled(hash, slot), "a slot was filed twice");
        ref int bucket = ref _buckets[(int)hash & _mask];
        _next[slot] = bucket;
        bucket = slot + 1;
    }

    /// <summary>Takes a slot out that was filed under <paramref name="hash"/>.</summary>
    public void Remove(ulong hash, int slot)
    {
        ref int link = ref _buckets[(int)hash & _mask];
        while (link != slot + 1)
            link = ref _next[link - 1];
        link = _next[slot];
        _next[slot] = 0;
    }

    private bool IsFiled(ulong hash, int slot)
    {
        int filed = First(hash);
        while (filed >= 0 && filed != slot)
            filed = Next(filed);
        return filed >= 0;
    }
}
