// The kernel's numbers, from Linux's asm-generic headers: the same on x86-64, arm64, arm and riscv. (MIPS, SPARC and PA-RISC have others; .NET's Linux
// builds for small devices are none of these.)
namespace SipEmbedded.Host.Interop;

/// <summary>Constants of the system calls, named after the C library's.</summary>
internal static class Number
{
    public const ushort FamilyUnspecified = 0; // AF_UNSPEC
    public const int FamilyV4 = 2; // AF_INET
    public const int FamilyV6 = 10; // AF_INET6
    public const ushort FamilyNetlink = 16; // AF_NETLINK

    public const int Stream = 1; // SOCK_STREAM
    public const int Datagram = 2; // SOCK_DGRAM
    public const int Raw = 3; // SOCK_RAW
    public const int NonBlocking = 0x800; // SOCK_NONBLOCK
    public const int CloseOnExec = 0x80000; // SOCK_CLOEXEC

    public const int ReadOnly = 0; // O_RDONLY
    public const int OpenNonBlocking = 0x800; // O_NONBLOCK; O_CLOEXEC is as SOCK_CLOEXEC

    public const int EventNonBlocking = 0x800; // EFD_NONBLOCK
    public const int EventCloseOnExec = 0x80000; // EFD_CLOEXEC

    public const int ClockMonotonic = 1; // CLOCK_MONOTONIC

    public const int LevelSocket = 1; // SOL_SOCKET
    public const int ReuseAddress = 2; // SO_REUSEADDR
    public const int Error = 4; // SO_ERROR
    public const int SendBuffer = 7; // SO_SNDBUF
    public const int ReceiveBuffer = 8; // SO_RCVBUF
    public const int ReceiveQueueOverflow = 40; // SO_RXQ_OVFL

    public const int LevelV4 = 0; // IPPROTO_IP
    public const int V4TypeOfService = 1; // IP_TOS
    public const int V4PacketInfo = 8; // IP_PKTINFO
    public const int V4ReceiveErrors = 11; // IP_RECVERR
    public const int BindAddressNoPort = 24; // IP_BIND_ADDRESS_NO_PORT

    public const int LevelV6 = 41; // IPPROTO_IPV6
    public const int V6ReceiveErrors = 25; // IPV6_RECVERR
    public const int V6Only = 26; // IPV6_V6ONLY
    public const int V6ReceivePacketInfo = 49; // IPV6_RECVPKTINFO
    public const int V6PacketInfo = 50; // IPV6_PKTINFO
    public const int V6TrafficClass = 67; // IPV6_TCLASS

    public const int LevelTcp = 6; // IPPROTO_TCP
    public const int NoDelay = 1; // TCP_NODELAY
    public const int UserTimeout = 18; // TCP_USER_TIMEOUT

    public const int Truncated = 0x20; // MSG_TRUNC
    public const int DoNotWait = 0x40; // MSG_DONTWAIT
    public const int ErrorQueue = 0x2000; // MSG_ERRQUEUE
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int More = 0x8000; // MSG_MORE

    public const int ShutDownWrite = 1; // SHUT_WR

    // linux/rtnetlink.h, linux/netlink.h, linux/if.h, linux/if_addr.h
    public const int NetlinkRoute = 0; // NETLINK_ROUTE
    public const uint LinkGroup = 0x1; // RTMGRP_LINK
    public const uint V4AddressGroup = 0x10; // RTMGRP_IPV4_IFADDR
    public const uint V4RouteGroup = 0x40; // RTMGRP_IPV4_ROUTE
    public const uint V6AddressGroup = 0x100; // RTMGRP_IPV6_IFADDR
    public const uint V6RouteGroup = 0x400; // RTMGRP_IPV6_ROUTE
    public const int NetlinkOverrun = 4; // NLMSG_OVERRUN
    public const int NewLink = 16; // RTM_NEWLINK
    public const int DeletedLink = 17; // RTM_DELLINK
    public const int NewAddress = 20; // RTM_NEWADDR
    public const int DeletedAddress = 21; // RTM_DELADDR
    public const int NewRoute = 24; // RTM_NEWROUTE
    public const int DeletedRoute = 25; // RTM_DELROUTE
    public const uint LinkUp = 0x1; // IFF_UP
    public const uint LinkRunning = 0x40; // IFF_RUNNING
    public const uint LinkLowerUp = 0x10000; // IFF_LOWER_UP
    public const uint LinkDormant = 0x20000; // IFF_DORMANT
    public const int AddressOfPeer = 1; // IFA_ADDRESS
    public const int AddressOfOurs = 2; // IFA_LOCAL
    public const int AddressFlags = 8; // IFA_FLAGS
    public const uint AddressFailed = 0x8; // IFA_F_DADFAILED
    public const uint AddressDeprecated = 0x20; // IFA_F_DEPRECATED
    public const uint AddressTentative = 0x40; // IFA_F_TENTATIVE
    public const uint RouteCloned = 0x200; // RTM_F_CLONED

    // linux/errqueue.h
    public const byte OriginLocal = 1; // SO_EE_ORIGIN_LOCAL
    public const byte OriginIcmp = 2; // SO_EE_ORIGIN_ICMP
    public const byte OriginIcmpV6 = 3; // SO_EE_ORIGIN_ICMP6

    // RFC 792 and RFC 4443
    public const byte IcmpSourceQuench = 4;
    public const byte IcmpTimeExceeded = 11;
    public const byte IcmpV6TimeExceeded = 3;
}

/// <summary>Errors, by the names of errno(3).</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int EPIPE = 32;
    public const int ENOTSOCK = 88;
    public const int EMSGSIZE = 90;
    public const int EADDRINUSE = 98;
    public const int ENETUNREACH = 101;
    public const int ECONNABORTED = 103;
    public const int ECONNRESET = 104;
    public const int ENOBUFS = 105;
    public const int ETIMEDOUT = 110;
    public const int ECONNREFUSED = 111;
    public const int EINPROGRESS = 115;
}
