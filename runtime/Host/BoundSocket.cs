// A socket that has to be there: opened at start, and again whenever it is lost. Its address may come late (DHCP), go (a cable), and come back.
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>
/// A local address and port that is served while it can be. What cannot be opened is tried again, after pauses that grow up to a limit; a socket that is
/// bound goes on by itself when its address goes away and comes back.
/// </summary>
public abstract class BoundSocket : IDescriptorHandler
{
    private protected const int Closed = -1;

    private readonly EventLoop _loop;
    private readonly TimeSpan _firstPause;
    private readonly TimeSpan _longestPause;
    private TimeSpan _pause;
    private Handle<DescriptorWatch> _watch;

    [StartUp(Because = "a socket is made before start")]
    private protected BoundSocket(in IpEndpoint local, EventLoop loop, HostOptions options, HostCounters counters)
    {
        Local = local;
        _loop = loop;
        Counters = counters;
        _firstPause = _pause = options.RetryPause;
        _longestPause = options.MaxRetryPause;
    }

    /// <summary>Where it listens; the port is the real one as soon as it was open once.</summary>
    public IpEndpoint Local { get; private set; }

    public bool IsOpen => Descriptor != Closed;

    /// <summary>The errno that opening failed with, or that the socket was lost by; 0 while it is open.</summary>
    public int LastError { get; private set; }

    /// <summary>When <see cref="Retry"/> has something to do, or never.</summary>
    internal Instant RetryAt { get; private protected set; } = Instant.Never;

    private protected int Descriptor { get; private set; } = Closed;

    private protected HostCounters Counters { get; }

    /// <summary>Opens it, or says when to try again.</summary>
    internal unsafe void Open(Instant now)
    {
        RetryAt = Instant.Never;
        int descriptor = Libc.Socket(SocketAddress.FamilyOf(Local), Type | Number.NonBlocking | Number.CloseOnExec, 0);
        if (descriptor < 0)
        {
            GiveUp(now, Libc.LastError);
            return;
        }
        // An IPv6 socket serves IPv6 alone, so that an address has one form.
        if (!Local.IsV4)
            _ = Sockets.TrySet(descriptor, Number.LevelV6, Number.V6Only, 1);
        SetOptions(descriptor);
        var address = new SocketAddress(Local);
        if (Libc.Bind(descriptor, &address, address.Length) < 0 || !TryListen(descriptor) || !Sockets.TryLocalOf(descriptor, out var local))
        {
            int error = Libc.LastError;
            _ = Libc.Close(descriptor);
            GiveUp(now, error);
            return;
        }
        if (!_loop.TryWatch(descriptor, DescriptorEvents.Readable, this, 0, out _watch))
        {
            _ = Libc.Close(descriptor);
            GiveUp(now, Errno.EMFILE);
            return;
        }
        Local = local;
        Descriptor = descriptor;
        LastError = 0;
        _pause = _firstPause;
    }

    /// <summary>Does what was put off until <see cref="RetryAt"/>.</summary>
    internal virtual void Retry(Instant now) => Open(now);

    internal void Close()
    {
        RetryAt = Instant.Never;
        if (!IsOpen)
            return;
        _loop.Unwatch(_watch);
        _ = Libc.Close(Descriptor);
        Descriptor = Closed;
    }

    void IDescriptorHandler.HandleReady(Instant now, int token, DescriptorEvents events)
    {
        if ((events & DescriptorEvents.Invalid) != 0)
            Lose(now, Errno.EBADF);
        else
            HandleReady(now, events);
    }

    /// <summary>SOCK_DGRAM or SOCK_STREAM.</summary>
    private protected abstract int Type { get; }

    private protected abstract void SetOptions(int descriptor);

    private protected abstract bool TryListen(int descriptor);

    private protected abstract void HandleReady(Instant now, DescriptorEvents events);

    /// <summary>Watches, or not, for what comes.</summary>
    private protected void Listen(bool isListening) => _loop.Change(_watch, isListening ? DescriptorEvents.Readable : DescriptorEvents.None);

    /// <summary>The socket is of no use any more.</summary>
    private protected void Lose(Instant now, int error)
    {
        Counters.SocketsLost++;
        Close();
        PutOff(now, error);
    }

    private void GiveUp(Instant now, int error)
    {
        Counters.OpenFailures++;
        PutOff(now, error);
    }

    private void PutOff(Instant now, int error)
    {
        LastError = error;
        RetryAt = now + _pause;
        _pause = _pause * 2 < _longestPause ? _pause * 2 : _longestPause;
    }
}
