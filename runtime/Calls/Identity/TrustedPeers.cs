// Whom we believe when they say who calls: the proxies of our trust domain (RFC 3325 §3, §8), by their addresses.
using SipEmbedded.Memory;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

/// <summary>
/// Addresses and prefixes of trusted proxies. Nobody is trusted at first. The address of a datagram can be forged: where others than the proxies reach us,
/// trust them over connections, or behind a packet filter.
/// </summary>
public sealed class TrustedPeers
{
    private const int V4Bits = 32, Bits = 128;

    private struct Network
    {
        public UInt128 Address;
        public UInt128 Mask;
        public bool IsV4;
    }

    private readonly Network[] _networks;

    [StartUp(Because = "a table is made before start")]
    public TrustedPeers(StartGate gate, int capacity) => _networks = gate.Take<Network>("trusted peers", capacity);

    /// <summary>How many addresses and prefixes are trusted.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Trusts <c>192.0.2.1</c>, <c>192.0.2.0/24</c>, <c>2001:db8::/32</c> or <c>[2001:db8::1]</c>; bits behind the prefix count for nothing. False where the
    /// text is none of these, or the table is full.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> peer)
    {
        int slash = peer.IndexOf((byte)'/');
        if (Count == _networks.Length || !IpEndpoint.TryRead(slash < 0 ? peer : peer[..slash], 0, out var address))
            return false;
        int most = address.IsV4 ? V4Bits : Bits;
        int bits = most;
        if (slash >= 0)
        {
            int end = Scan.EndOfNumber(peer, slash + 1, (ulong)most, out ulong number);
            if (end == slash + 1 || end != peer.Length || number > (ulong)most)
                return false;
            bits = (int)number;
        }
        // A shift by all bits would be a shift by none.
        int open = most - bits;
        var mask = open == Bits ? UInt128.Zero : UInt128.MaxValue << open;
        _networks[Count++] = new() { Address = address.Address & mask, Mask = mask, IsV4 = address.IsV4 };
        return true;
    }

    /// <summary>Trusts nobody from here on.</summary>
    public void Clear() => Count = 0;

    /// <summary>True for an address that is listed or lies in a listed prefix, whatever its port and interface.</summary>
    public bool Contains(in IpEndpoint peer)
    {
        foreach (ref readonly var network in _networks.AsSpan(0, Count))
        {
            // ::/0 covers no IPv4 address, although those are kept as mapped ones.
            if (network.IsV4 == peer.IsV4 && (peer.Address & network.Mask) == network.Address)
                return true;
        }
        return false;
    }
}
