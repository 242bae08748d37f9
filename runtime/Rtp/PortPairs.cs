// Pairs of ports for RTP and its RTCP (RFC 3550 §11: RTP on an even port, RTCP on the next): a pool over a range. A pair that was given back is the last to
// be taken again, as far as a rotation can see to it: late packets of the call before must not be heard in the next. Where the rotation begins is drawn, so
// that the ports of a device that has just started are not known to others (RFC 6056 §3).
using System.Numerics;
using SipEmbedded.Memory;

namespace SipEmbedded.Rtp;

/// <summary>Hands out even ports, each with the odd one above it.</summary>
public sealed class PortPairs
{
    private const int WordBits = 64;

    // A set bit is a pair that is taken. Bits behind the last pair are set for good.
    private readonly ulong[] _taken;
    private readonly int _firstPort;
    private int _next;
    private bool _isPrepared;

    /// <summary>
    /// Pairs within <paramref name="first"/> to <paramref name="last"/>, both included; an odd first and an even last port are left out.
    /// </summary>
    [StartUp(Because = "a pool is made before start")]
    public PortPairs(StartGate gate, Entropy entropy, ushort first, ushort last)
    {
        _firstPort = first + 1 & ~1;
        Capacity = Math.Max(0, (last + 1 - _firstPort) / 2);
        _taken = gate.Take<ulong>("media ports", (Capacity + WordBits - 1) / WordBits);
        _next = Capacity == 0 ? 0 : (int)entropy.Below((uint)Capacity);
    }

    public int Capacity { get; }

    /// <summary>Pairs in use.</summary>
    public int Count { get; private set; }

    /// <summary>How often a pair was wanted and none was free.</summary>
    public long Exhausted { get; private set; }

    /// <summary>
    /// Takes a pair; false where none is free. A pair whose ports another program holds is given back and the next one taken: the rotation has moved on.
    /// </summary>
    public bool TryTake(out ushort rtpPort)
    {
        rtpPort = 0;
        if (Count == Capacity)
        {
            Exhausted++;
            return false;
        }
        Prepare();
        int index = FirstFree();
        _taken[index / WordBits] |= 1UL << index % WordBits;
        _next = index + 1 == Capacity ? 0 : index + 1;
        Count++;
        rtpPort = (ushort)(_firstPort + 2 * index);
        return true;
    }

    /// <summary>Gives a pair back by its even port; false where that is none that was taken.</summary>
    public bool Release(ushort rtpPort)
    {
        int index = (rtpPort - _firstPort) / 2;
        if (rtpPort < _firstPort || index >= Capacity || (rtpPort & 1) != 0 || (_taken[index / WordBits] >> index % WordBits & 1) == 0)
            return false;
        _taken[index / WordBits] &= ~(1UL << index % WordBits);
        Count--;
        return true;
    }

    // Not the constructor's: what a rehearsal takes has no elements (note [the start gate]).
    private void Prepare()
    {
        if (_isPrepared)
            return;
        _isPrepared = true;
        if (Capacity % WordBits != 0)
            _taken[^1] = ulong.MaxValue << Capacity % WordBits;
    }

    // One is free. From the rotation's place to the end, then from the beginning.
    private int FirstFree()
    {
        int word = _next / WordBits;
        ulong free = ~_taken[word] & ulong.MaxValue << _next % WordBits;
        while (free == 0)
        {
            word = word + 1 == _taken.Length ? 0 : word + 1;
            free = ~_taken[word];
        }
        return word * WordBits + BitOperations.TrailingZeroCount(free);
    }
}
