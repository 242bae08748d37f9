// Octets that wait for streams whose peers read slowly: chunks of one pool, a chain of them for each connection.
using System.Diagnostics;
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>One connection's chain. <c>default</c> is empty.</summary>
internal struct PendingChain
{
    // Chunks, from 1; 0 is none.
    internal int First;
    internal int Last;

    // Octets of the first chunk that are gone already, of the last one that are filled.
    internal int Taken;
    internal int Filled;

    /// <summary>Octets that wait.</summary>
    public int Octets { get; internal set; }
}

/// <summary>The pool of chunks.</summary>
internal sealed class PendingOctets
{
    // A SIP message with its SDP, or the rest of one, takes one chunk.
    private const int ChunkOctets = 2048;

    private readonly byte[] _octets;
    private readonly int[] _next;
    private readonly int _limit;
    private readonly int _chunks;
    private int _firstFree;
    private int _touched;
    private int _inUse;

    [StartUp(Because = "a pool is made before start")]
    public PendingOctets(StartGate gate, int octets, int limitOfChain)
    {
        _chunks = (octets + ChunkOctets - 1) / ChunkOctets;
        _limit = limitOfChain;
        _octets = gate.Take<byte>("stream octets pending", _chunks, ChunkOctets, isPinned: true);
        _next = gate.Take<int>("stream octets pending", _chunks);
    }

    /// <summary>Appends all of <paramref name="octets"/>, or nothing: false where the chain or the pool has no room for them.</summary>
    public bool TryAppend(ref PendingChain chain, ReadOnlySpan<byte> octets)
    {
        int room = chain.Last == 0 ? 0 : ChunkOctets - chain.Filled;
        int wanted = octets.Length <= room ? 0 : (octets.Length - room + ChunkOctets - 1) / ChunkOctets;
        if (chain.Octets + octets.Length > _limit || wanted > _chunks - _inUse)
            return false;
        chain.Octets += octets.Length;
        while (!octets.IsEmpty)
        {
            if (chain.Last == 0 || chain.Filled == ChunkOctets)
                AddChunk(ref chain);
            int count = Math.Min(octets.Length, ChunkOctets - chain.Filled);
            octets[..count].CopyTo(_octets.AsSpan((chain.Last - 1) * ChunkOctets + chain.Filled));
            chain.Filled += count;
            octets = octets[count..];
        }
        return true;
    }

    /// <summary>The oldest octets that lie in one piece; empty where none wait.</summary>
    public ReadOnlySpan<byte> FirstOf(in PendingChain chain)
    {
        if (chain.Octets == 0)
            return default;
        int end = chain.First == chain.Last ? chain.Filled : ChunkOctets;
        return _octets.AsSpan((chain.First - 1) * ChunkOctets + chain.Taken, end - chain.Taken);
    }

    /// <summary>Removes octets of that piece, which were sent.</summary>
    public void Remove(ref PendingChain chain, int count)
    {
        Debug.Assert(count <= FirstOf(chain).Length);
        chain.Octets -= count;
        chain.Taken += count;
        if (chain.Octets == 0)
        {
            Clear(ref chain);
            return;
        }
        if (chain.Taken < ChunkOctets)
            return;
        int first = chain.First;
        chain.First = _next[first - 1];
        chain.Taken = 0;
        Free(first);
    }

    /// <summary>Forgets all that waits.</summary>
    public void Clear(ref PendingChain chain)
    {
        while (chain.First != 0)
        {
            int first = chain.First;
            chain.First = first == chain.Last ? 0 : _next[first - 1];
            Free(first);
        }
        chain = default;
    }

    private void AddChunk(ref PendingChain chain)
    {
        int chunk;
        if (_firstFree != 0)
        {
            chunk = _firstFree;
            _firstFree = _next[chunk - 1];
        }
        else
            chunk = ++_touched;
        _inUse++;
        if (chain.Last == 0)
            chain.First = chunk;
        else
            _next[chain.Last - 1] = chunk;
        chain.Last = chunk;
        chain.Filled = 0;
    }

    private void Free(int chunk)
    {
        _next[chunk - 1] = _firstFree;
        _firstFree = chunk;
        _inUse--;
    }
}
