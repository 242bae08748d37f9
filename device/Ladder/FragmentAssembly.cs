// Datagrams from their fragments (RFC 791 §3.2, RFC 8200 §4.5), as simply as a capture allows: whole ones come out, the rest is forgotten.
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Ladder;

internal sealed class FragmentAssembly
{
    // What a capture of one host has under way at a time is one or two; a file made to fill memory gets this far.
    private const int MaxDatagrams = 64;

    private const int MaxOctets = ushort.MaxValue;

    // Fragments begin at multiples of it, and all but the last are of such a length.
    private const int UnitOctets = 8;

    private readonly record struct Key(IpEndpoint From, IpEndpoint To, byte Protocol, uint Identification);

    private sealed class Datagram
    {
        public byte[] Octets = [];
        public readonly bool[] Has = new bool[MaxOctets / UnitOctets + 1];
        public int Units;
        public int Length = -1;
    }

    private readonly Dictionary<Key, Datagram> _datagrams = [];
    private readonly Queue<Key> _order = [];

    /// <summary>The payload of the datagram that this fragment completes, else null.</summary>
    public byte[]? Add(in IpPacket fragment)
    {
        int length = fragment.Payload.Length;
        int end = fragment.FragmentOffset + length;
        if (end > MaxOctets || length == 0 || fragment.HasMoreFragments && length % UnitOctets != 0)
            return null;
        var key = new Key(fragment.From, fragment.To, fragment.Protocol, fragment.Identification);
        var datagram = DatagramOf(key);
        if (datagram.Octets.Length < end)
            Array.Resize(ref datagram.Octets, end);
        // What overlaps is what was there first: a receiver drops such datagrams (RFC 5722), a capture rather shows something.
        for (int at = 0; at < length; at += UnitOctets)
        {
            int unit = (fragment.FragmentOffset + at) / UnitOctets;
            if (datagram.Has[unit])
                continue;
            datagram.Has[unit] = true;
            datagram.Units++;
            fragment.Payload.Slice(at, Math.Min(UnitOctets, length - at)).CopyTo(datagram.Octets.AsSpan(fragment.FragmentOffset + at));
        }
        if (!fragment.HasMoreFragments)
            datagram.Length = end;
        if (datagram.Length < 0 || datagram.Units != (datagram.Length + UnitOctets - 1) / UnitOctets)
            return null;
        _datagrams.Remove(key);
        return datagram.Octets.Length == datagram.Length ? datagram.Octets : null;
    }

    private Datagram DatagramOf(Key key)
    {
        if (_datagrams.TryGetValue(key, out var datagram))
            return datagram;
        // Keys of datagrams that were completed are still in the queue; they go out with the others.
        while (_order.Count >= MaxDatagrams)
            _datagrams.Remove(_order.Dequeue());
        _order.Enqueue(key);
        return _datagrams[key] = new();
    }
}
