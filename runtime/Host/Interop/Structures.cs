// Structures that the kernel reads and writes. A size_t or a long of C is a native integer here, so that each has the layout of the machine it runs on.
using System.Runtime.InteropServices;
using SipEmbedded.Transport;

namespace SipEmbedded.Host.Interop;

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpecification
{
    public nint Seconds;
    public nint Nanoseconds;
}

/// <summary>struct pollfd. A negative descriptor is passed over.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public DescriptorEvents Events;
    public DescriptorEvents Returned;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Segment
{
    public byte* Octets;
    public nuint Length;
}

/// <summary>struct msghdr, as glibc has it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public SocketAddress* Name;
    public uint NameLength;
    public Segment* Segments;
    public nuint SegmentCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct mmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BatchedMessage
{
    public MessageHeader Header;

    /// <summary>Octets received or sent.</summary>
    public uint Length;
}

/// <summary>struct sockaddr_nl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    public ushort Family;
    public ushort Padding;

    /// <summary>0: the kernel chooses it.</summary>
    public uint Port;

    public uint Groups;
}

/// <summary>struct sockaddr_in and sockaddr_in6 in one; what is wider than an octet is in network order but for the family and the scope.</summary>
[StructLayout(LayoutKind.Explicit, Size = V6Octets)]
internal unsafe struct SocketAddress
{
    public const int V4Octets = 16;
    public const int V6Octets = 28;

    [FieldOffset(0)]
    public ushort Family;
    [FieldOffset(2)]
    private ushort _port;
    [FieldOffset(4)]
    private uint _v4;
    [FieldOffset(8)]
    private fixed byte _v6[16];
    [FieldOffset(24)]
    private uint _scope;

    public SocketAddress(in IpEndpoint endpoint)
    {
        _port = Network.Order(endpoint.Port);
        if (endpoint.IsV4)
        {
            Family = Number.FamilyV4;
            _v4 = Network.Order(endpoint.V4Address);
            return;
        }
        Family = Number.FamilyV6;
        fixed (byte* octets = _v6)
            Network.WriteV6(octets, endpoint.Address);
        _scope = endpoint.Scope;
    }

    /// <summary>How many octets of it the kernel takes for this family.</summary>
    public readonly uint Length => Family == Number.FamilyV4 ? V4Octets : (uint)V6Octets;

    public readonly IpEndpoint Endpoint
    {
        get
        {
            if (Family == Number.FamilyV4)
                return IpEndpoint.V4(Network.Order(_v4), Network.Order(_port));
            fixed (byte* octets = _v6)
                return IpEndpoint.V6(Network.ReadV6(octets), Network.Order(_port), _scope);
        }
    }

    /// <summary>The family that an endpoint belongs to.</summary>
    public static int FamilyOf(in IpEndpoint endpoint) => endpoint.IsV4 ? Number.FamilyV4 : Number.FamilyV6;
}
