// What travels beside a datagram: the address it came to or leaves from, and the errors of earlier ones (cmsg(3), ip(7), ipv6(7); RFC 3542 §6).
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SipEmbedded.Transport;

namespace SipEmbedded.Host.Interop;

/// <summary>An ICMP error, or one of the kernel's own, about a datagram sent earlier (struct sock_extended_err).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExtendedError
{
    public uint Errno;
    public byte Origin;
    public byte Type;
    public byte Code;
    public byte Padding;
    public uint Information;
    public uint Data;
}

/// <summary>The control messages of one datagram, as far as Host asks for them.</summary>
internal struct ControlMessages
{
    /// <summary>Octets that the control messages of one datagram or one error take at most: four of them, 64 octets each with its header.</summary>
    public const int MaxOctets = 256;

    // struct cmsghdr: a size_t, the level, the type. Data and the next header are aligned as a size_t is.
    private static int HeaderOctets => Unsafe.SizeOf<nuint>() + 2 * sizeof(int);

    /// <summary>The address that the datagram came to, without a port; "any" where the kernel did not say.</summary>
    public IpEndpoint Local;

    /// <summary>Datagrams that this socket lost for want of room, ever.</summary>
    public uint Overflow;

    public ExtendedError Error;

    /// <summary>Reads the control messages that the kernel wrote.</summary>
    public static ControlMessages Read(ReadOnlySpan<byte> control)
    {
        var messages = default(ControlMessages);
        while (control.Length >= HeaderOctets)
        {
            int length = (int)MemoryMarshal.Read<nuint>(control);
            int level = MemoryMarshal.Read<int>(control[Unsafe.SizeOf<nuint>()..]);
            int type = MemoryMarshal.Read<int>(control[(Unsafe.SizeOf<nuint>() + sizeof(int))..]);
            if (length < HeaderOctets || length > control.Length)
                break;
            messages.Take(level, type, control[HeaderOctets..length]);
            control = control[Math.Min(Align(length), control.Length)..];
        }
        return messages;
    }

    private unsafe void Take(int level, int type, ReadOnlySpan<byte> data)
    {
        switch (level, type)
        {
            case (Number.LevelV4, Number.V4PacketInfo) when data.Length >= 12:
            {
                // struct in_pktinfo: interface, the local address, the address in the packet. They differ for multicast and broadcast, which nobody can
                // answer from.
                uint local = Network.Order(MemoryMarshal.Read<uint>(data[4..]));
                uint destination = Network.Order(MemoryMarshal.Read<uint>(data[8..]));
                Local = IpEndpoint.V4(local != 0 ? local : destination, 0);
                break;
            }
            case (Number.LevelV6, Number.V6PacketInfo) when data.Length >= 20:
            {
                fixed (byte* octets = data)
                {
                    var address = IpEndpoint.V6(Network.ReadV6(octets), 0, MemoryMarshal.Read<uint>(data[16..]));
                    if (!address.IsMulticast)
                        Local = IsLinkLocal(address) ? address : IpEndpoint.V6(address.Address, 0);
                }
                break;
            }
            case (Number.LevelSocket, Number.ReceiveQueueOverflow) when data.Length >= sizeof(uint):
                Overflow = MemoryMarshal.Read<uint>(data);
                break;
            case (Number.LevelV4, Number.V4ReceiveErrors) or (Number.LevelV6, Number.V6ReceiveErrors) when data.Length >= Unsafe.SizeOf<ExtendedError>():
                Error = MemoryMarshal.Read<ExtendedError>(data);
                break;
        }
    }

    /// <summary>Writes the message that makes a datagram leave from <paramref name="local"/>; returns its octets.</summary>
    public static unsafe int WriteSource(Span<byte> control, in IpEndpoint local)
    {
        int dataOctets = local.IsV4 ? 12 : 20;
        int octets = Align(HeaderOctets + dataOctets);
        control = control[..octets];
        control.Clear();
        nuint length = (nuint)(HeaderOctets + dataOctets);
        MemoryMarshal.Write(control, in length);
        var data = control[HeaderOctets..];
        int level = local.IsV4 ? Number.LevelV4 : Number.LevelV6;
        int type = local.IsV4 ? Number.V4PacketInfo : Number.V6PacketInfo;
        MemoryMarshal.Write(control[Unsafe.SizeOf<nuint>()..], in level);
        MemoryMarshal.Write(control[(Unsafe.SizeOf<nuint>() + sizeof(int))..], in type);
        if (local.IsV4)
        {
            uint address = Network.Order(local.V4Address);
            MemoryMarshal.Write(data[4..], in address);
            return octets;
        }
        fixed (byte* destination = data)
            Network.WriteV6(destination, local.Address);
        uint scope = local.Scope;
        MemoryMarshal.Write(data[16..], in scope);
        return octets;
    }

    // fe80::/10 (RFC 4291 §2.5.6). Only these mean something else on each interface.
    private static bool IsLinkLocal(in IpEndpoint address) => (uint)(address.Address >> 118) == 0x3FA;

    private static int Align(int octets) => octets + Unsafe.SizeOf<nuint>() - 1 & -Unsafe.SizeOf<nuint>();
}
