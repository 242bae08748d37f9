// What rtnetlink says of links, addresses and routes, and whether it is news (rtnetlink(7), netlink(7)).
//
// note [what is no news]
// The kernel also speaks when nothing has changed that anybody could notice: a router's advertisement renews the lifetime of an address every few minutes, a
// wireless card has looked around. Whoever acts on each word registers again each time. So the last state of every link and address that was spoken of is
// kept, and the same again is no news. Where there are more than are kept, the one that was spoken of first is forgotten, and is news when it comes again.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>Reads what the kernel said; see note [what is no news]. Numbers in it have the machine's own order.</summary>
public sealed class NetworkNews
{
    // A device has a handful of links, and two or three addresses on each.
    private const int Things = 32;

    private struct Thing
    {
        public UInt128 Address;
        public uint Kind;
        public uint Link;
        public uint State;
        public bool IsKnown;
    }

    // struct nlmsghdr: length, type, flags, sequence, sender.
    private const int HeaderOctets = 16;

    // struct ifinfomsg: family, type, index, flags, changes. struct ifaddrmsg: family, prefix, flags, scope, index. struct rtmsg: eight octets, flags.
    private const int LinkOctets = 16;
    private const int AddressOctets = 8;
    private const int RouteOctets = 12;
    private const int AttributeHeaderOctets = 4;

    private readonly Thing[] _things;
    private int _next;

    [StartUp(Because = "a pool is made before start")]
    public NetworkNews(StartGate gate) => _things = gate.Take<Thing>("network", Things);

    /// <summary>
    /// True where one of the messages says that a link, an address or a route has come, gone or changed. Reading ends at one that does not fit, which the
    /// kernel never sends.
    /// </summary>
    public bool Read(ReadOnlySpan<byte> messages)
    {
        bool isNews = false;
        while (messages.Length >= HeaderOctets)
        {
            int length = MemoryMarshal.Read<int>(messages);
            if (length < HeaderOctets || length > messages.Length)
                break;
            isNews |= IsNews(MemoryMarshal.Read<ushort>(messages[4..]), messages[HeaderOctets..length]);
            messages = messages[Math.Min(Align(length), messages.Length)..];
        }
        return isNews;
    }

    private bool IsNews(int type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case Number.NewLink when body.Length >= LinkOctets:
                return Note(new()
                {
                    Kind = Number.NewLink, Link = MemoryMarshal.Read<uint>(body[4..]),
                    State = MemoryMarshal.Read<uint>(body[8..]) & (Number.LinkUp | Number.LinkRunning | Number.LinkLowerUp | Number.LinkDormant),
                });
            case Number.NewAddress when body.Length >= AddressOctets:
                return Note(AddressIn(body));
            case Number.DeletedLink when body.Length >= LinkOctets:
                Forget(new() { Kind = Number.NewLink, Link = MemoryMarshal.Read<uint>(body[4..]) });
                return true;
            case Number.DeletedAddress when body.Length >= AddressOctets:
                Forget(AddressIn(body));
                return true;
            case Number.NewRoute or Number.DeletedRoute when body.Length >= RouteOctets:
                // A copy that the kernel made for itself, for one peer.
                return (MemoryMarshal.Read<uint>(body[8..]) & Number.RouteCloned) == 0;
            // Messages were lost before this one.
            case Number.NetlinkOverrun:
                return true;
            default:
                return false;
        }
    }

    private static Thing AddressIn(ReadOnlySpan<byte> body)
    {
        var thing = new Thing { Kind = Number.NewAddress, Link = MemoryMarshal.Read<uint>(body[4..]), State = body[2] };
        var attributes = body[AddressOctets..];
        while (attributes.Length >= AttributeHeaderOctets)
        {
            int length = MemoryMarshal.Read<ushort>(attributes);
            if (length < AttributeHeaderOctets || length > attributes.Length)
                break;
            int type = MemoryMarshal.Read<ushort>(attributes[2..]);
            var value = attributes[AttributeHeaderOctets..length];
            // On a link from point to point the peer's is ADDRESS and ours LOCAL; IPv6 has ADDRESS alone. Both together name it.
            if (type is Number.AddressOfPeer or Number.AddressOfOurs && value.Length <= Unsafe.SizeOf<UInt128>())
                thing.Address = thing.Address * 31 + Number128(value);
            else if (type == Number.AddressFlags && value.Length == sizeof(uint))
                thing.State = MemoryMarshal.Read<uint>(value);
            attributes = attributes[Math.Min(Align(length), attributes.Length)..];
        }
        thing.State &= Number.AddressTentative | Number.AddressFailed | Number.AddressDeprecated;
        return thing;
    }

    private static UInt128 Number128(ReadOnlySpan<byte> octets)
    {
        UInt128 number = 0;
        foreach (byte octet in octets)
            number = number << 8 | octet;
        return number;
    }

    // True where it is in another state than it was, or was not known.
    private bool Note(in Thing thing)
    {
        int at = IndexOf(thing);
        if (at < 0)
        {
            at = _next;
            _next = (_next + 1) % _things.Length;
        }
        else if (_things[at].State == thing.State)
            return false;
        _things[at] = thing;
        _things[at].IsKnown = true;
        return true;
    }

    private void Forget(in Thing thing)
    {
        if (IndexOf(thing) is >= 0 and var at)
            _things[at] = default;
    }

    private int IndexOf(in Thing thing)
    {
        for (int i = 0; i < _things.Length; i++)
        {
            ref readonly var it = ref _things[i];
            if (it.IsKnown && it.Kind == thing.Kind && it.Link == thing.Link && it.Address == thing.Address)
                return i;
        }
        return -1;
    }

    // NLMSG_ALIGN and RTA_ALIGN. A length at the very end of what an int holds has been refused.
    private static int Align(int octets) => octets + 3 & ~3;
}
