// Which ports are whose. The host opens pairs (ISipEngine.HandleMediaPort); a stream has one from its first description to its end.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Voice;

/// <summary>Pairs of ports, and the slot of the session that each belongs to.</summary>
internal sealed class MediaPairs
{
    public const int None = -1;

    private struct Pair
    {
        public IpEndpoint Rtp;
        public int Slot;

        // The number of its last use: the lowest has rested longest.
        public long Used;
    }

    private readonly Pair[] _pairs;
    private readonly int _capacity;
    private int _count;
    private long _uses;

    [StartUp(Because = "a pool is made before start")]
    public MediaPairs(StartGate gate, int capacity)
    {
        _pairs = gate.Take<Pair>("media pairs", capacity);
        _capacity = capacity;
    }

    /// <summary>Pairs that no session has.</summary>
    public int Free { get; private set; }

    /// <summary>Puts a pair that is open among the free ones. False where there is no room for it.</summary>
    public bool TryAdd(in IpEndpoint rtp)
    {
        if (_count == _capacity)
            return false;
        _pairs[_count++] = new() { Rtp = rtp, Slot = None };
        Free++;
        return true;
    }

    public IpEndpoint RtpOf(int pair) => _pairs[pair].Rtp;

    /// <summary>
    /// Takes a pair that serves an address: the one that has rested longest, so that what is still on its way to the last user finds nobody.
    /// </summary>
    public bool TryTake(in IpEndpoint local, int slot, out int pair)
    {
        pair = None;
        for (int i = 0; i < _count; i++)
        {
            ref readonly var it = ref _pairs[i];
            if (it.Slot == None && Serves(i, local) && (pair == None || it.Used < _pairs[pair].Used))
                pair = i;
        }
        if (pair == None)
            return false;
        _pairs[pair].Slot = slot;
        _pairs[pair].Used = ++_uses;
        Free--;
        return true;
    }

    /// <summary>True where packets to an address of ours come to this pair.</summary>
    public bool Serves(int pair, in IpEndpoint local)
    {
        ref readonly var rtp = ref _pairs[pair].Rtp;
        return rtp.IsV4 == local.IsV4 && (rtp.IsAny || rtp.HasAddressOf(local));
    }

    public void Release(int pair)
    {
        _pairs[pair].Slot = None;
        Free++;
    }

    /// <summary>The slot that receives at a port as it was opened, and whether it is the pair's second one; None where nobody does.</summary>
    public int SlotAt(in IpEndpoint local, out bool isControl)
    {
        isControl = local.Port % 2 != 0;
        int port = local.Port - (isControl ? 1 : 0);
        for (int i = 0; i < _count; i++)
        {
            if (_pairs[i].Rtp.Port == port && _pairs[i].Rtp.HasAddressOf(local))
                return _pairs[i].Slot;
        }
        return None;
    }
}
