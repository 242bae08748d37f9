// Where TCP connections come in (RFC 3261 §18.2.1).
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>
/// A TCP socket that listens. A connection for which there is no room is accepted and closed, so that its peer learns it at once; where there are no
/// descriptors left, one that is kept in reserve is given up for the moment that this takes.
/// </summary>
public sealed class TcpListener : BoundSocket
{
    // More come in the next round: what is established already is served in between.
    private const int AcceptsAtOnce = 16;

    private readonly TcpConnections _connections;
    private readonly TimeSpan _pause;
    private readonly int _backlog;
    private int _reserve = Closed;
    private bool _isPaused;

    [StartUp(Because = "a socket is made before start")]
    internal TcpListener(in IpEndpoint local, EventLoop loop, HostOptions options, HostCounters counters, TcpConnections connections)
        : base(local, loop, options, counters)
    {
        _connections = connections;
        _pause = options.RetryPause;
        _backlog = options.Backlog;
    }

    /// <summary>Takes the reserve, or gives it back.</summary>
    internal void KeepReserve(bool isKept)
    {
        if (isKept && _reserve == Closed)
            _reserve = Libc.EventDescriptor(0, Number.EventCloseOnExec);
        else if (!isKept && _reserve != Closed)
        {
            _ = Libc.Close(_reserve);
            _reserve = Closed;
        }
    }

    internal override void Retry(Instant now)
    {
        if (!_isPaused || !IsOpen)
        {
            _isPaused = false;
            base.Retry(now);
            return;
        }
        _isPaused = false;
        RetryAt = Instant.Never;
        KeepReserve(true);
        Listen(true);
    }

    private protected override int Type => Number.Stream;

    // A listener that starts again takes its port back although connections of the one before have not died out (TIME_WAIT).
    private protected override void SetOptions(int descriptor) => _ = Sockets.TrySet(descriptor, Number.LevelSocket, Number.ReuseAddress, 1);

    private protected override bool TryListen(int descriptor) => Libc.Listen(descriptor, _backlog) == 0;

    private protected override void HandleReady(Instant now, DescriptorEvents events)
    {
        for (int i = 0; i < AcceptsAtOnce && IsOpen && !_isPaused; i++)
        {
            int descriptor = Accept(out var remote);
            if (descriptor >= 0)
            {
                Take(now, descriptor, remote);
                continue;
            }
            int error = Libc.LastError;
            if (error == Errno.EAGAIN)
                return;
            if (error is Errno.EMFILE or Errno.ENFILE)
            {
                if (!TryShed(now))
                    return;
            }
            else if (error is Errno.ENOBUFS or Errno.ENOMEM)
                Pause(now);
            else if (error is Errno.EBADF or Errno.ENOTSOCK or Errno.EINVAL)
                Lose(now, error);
            // Others are a connection's own: it was gone before it was accepted (accept(2), "Error handling").
        }
    }

    private unsafe int Accept(out IpEndpoint remote)
    {
        SocketAddress address = default;
        uint length = SocketAddress.V6Octets;
        int descriptor = Libc.Accept(Descriptor, &address, &length, Number.NonBlocking | Number.CloseOnExec);
        remote = descriptor >= 0 ? address.Endpoint : default;
        return descriptor;
    }

    private void Take(Instant now, int descriptor, in IpEndpoint remote)
    {
        if (Sockets.TryLocalOf(descriptor, out var local) && _connections.TryAccept(now, descriptor, new(Protocol.Tcp, local, remote)))
        {
            Counters.ConnectionsAccepted++;
            return;
        }
        Counters.ConnectionsRefused++;
        _ = Libc.Close(descriptor);
    }

    // A connection that cannot be accepted would keep the listener ready, and the loop awake, until somebody gives a descriptor back. False where there is no
    // more to be done: the kernel looks for a descriptor before it looks for a connection, so that it complains of the one where there may be none of the other.
    private bool TryShed(Instant now)
    {
        if (_reserve == Closed)
        {
            Pause(now);
            return false;
        }
        KeepReserve(false);
        int descriptor = Accept(out _);
        int error = Libc.LastError;
        if (descriptor >= 0)
        {
            Counters.ConnectionsShed++;
            _ = Libc.Close(descriptor);
        }
        else if (error != Errno.EAGAIN)
            Pause(now);
        KeepReserve(true);
        return descriptor >= 0;
    }

    private void Pause(Instant now)
    {
        Counters.AcceptPauses++;
        _isPaused = true;
        Listen(false);
        RetryAt = now + _pause;
    }
}
