// What the kernel's errors mean to the core (RFC 3261 §18.4).
using SipEmbedded.Host.Interop;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

internal static class Faults
{
    /// <summary>
    /// The kind of an error on sending, connecting or from ICMP. What is not named says that there is no way there: no route, no such host, the interface
    /// down, an address that is not ours (EINVAL with a source address), a firewall's refusal (EPERM, EACCES), no such protocol at the peer.
    /// </summary>
    public static TransportFault Of(int errno) => errno switch
    {
        Errno.ECONNREFUSED => TransportFault.Refused,
        Errno.ECONNRESET or Errno.EPIPE or Errno.ECONNABORTED => TransportFault.Reset,
        Errno.ETIMEDOUT => TransportFault.TimedOut,
        Errno.EMSGSIZE => TransportFault.TooLarge,
        // A port that somebody else has, too: there is another.
        Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.ENOBUFS or Errno.EADDRINUSE => TransportFault.Exhausted,
        _ => TransportFault.Unreachable,
    };

    /// <summary>True for what passes by itself: nothing there, no room, or a signal.</summary>
    public static bool IsPassing(int errno) => errno is Errno.EAGAIN or Errno.EINTR or Errno.ENOBUFS or Errno.ENOMEM;

    /// <summary>
    /// True where a socket is no socket any more: closed by others, or aborted by an administrator (ss --kill), which also takes its address from a UDP
    /// socket.
    /// </summary>
    public static bool IsDeath(int errno) => errno is Errno.EBADF or Errno.ENOTSOCK or Errno.ECONNABORTED;
}
