// The kernel's word on links, addresses and routes (rtnetlink(7)): a cable, an address from DHCP, another way out.
//
// note [the network settles]
// A cable that is put in brings a dozen messages within some milliseconds: the link, its addresses, their routes. The engine is told once, a little after the
// first of them; what comes later begins anew, so that a network which never settles is told of as well.
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>
/// Says when the network may have changed; see note [the network settles]. A kernel or a sandbox that gives no such socket is no failure: a change is then found
/// out by what fails. It is asked for again from time to time.
/// </summary>
internal sealed unsafe class NetworkWatch : IDescriptorHandler
{
    private const int NoDescriptor = -1;

    // The kernel puts no more into one datagram (NLMSG_GOODSIZE is a page, of 16 KiB at most on what .NET runs on).
    private const int MaxOctets = 16 * 1024;

    // More than one wave brings; what is left is read in the next round.
    private const int ReadsAtOnce = 64;

    /// <summary>From the first message to the engine's being told: longer than a wave takes, and shorter than anybody waits.</summary>
    private static readonly TimeSpan s_settleTime = TimeSpan.FromMilliseconds(200);

    /// <summary>From one try to open the socket to the next.</summary>
    private static readonly TimeSpan s_retryPause = TimeSpan.FromMinutes(1);

    private readonly EventLoop _loop;
    private readonly HostCounters _counters;
    private readonly NetworkNews _news;
    private readonly byte[] _octets;
    private readonly bool _isWanted;
    private int _descriptor = NoDescriptor;
    private Handle<DescriptorWatch> _watch;
    private Instant _tellAt = Instant.Never;
    private Instant _retryAt = Instant.Never;

    [StartUp(Because = "a pool is made before start")]
    public NetworkWatch(StartGate gate, HostOptions options, EventLoop loop, HostCounters counters)
    {
        _loop = loop;
        _counters = counters;
        _isWanted = options.WatchesNetwork;
        _news = new(gate);
        _octets = gate.Take<byte>("network", 1, MaxOctets, isPinned: true);
    }

    public Instant NextDeadline => Instant.Earlier(_tellAt, _retryAt);

    public void Open(Instant now)
    {
        _retryAt = Instant.Never;
        if (!_isWanted)
            return;
        int descriptor = Libc.Socket(Number.FamilyNetlink, Number.Raw | Number.NonBlocking | Number.CloseOnExec, Number.NetlinkRoute);
        var address = new NetlinkAddress
        {
            Family = Number.FamilyNetlink,
            Groups = Number.LinkGroup | Number.V4AddressGroup | Number.V4RouteGroup | Number.V6AddressGroup | Number.V6RouteGroup,
        };
        bool isOpen = descriptor >= 0 && Libc.Bind(descriptor, (SocketAddress*)&address, (uint)sizeof(NetlinkAddress)) == 0
            && _loop.TryWatch(descriptor, DescriptorEvents.Readable, this, 0, out _watch);
        if (isOpen)
        {
            _descriptor = descriptor;
            return;
        }
        if (descriptor >= 0)
            _ = Libc.Close(descriptor);
        _counters.NetworkWatchFailures++;
        _retryAt = now + s_retryPause;
    }

    public void Close()
    {
        _retryAt = _tellAt = Instant.Never;
        if (_descriptor == NoDescriptor)
            return;
        _loop.Unwatch(_watch);
        _ = Libc.Close(_descriptor);
        _descriptor = NoDescriptor;
    }

    /// <summary>True where the engine is to be told now.</summary>
    public bool TryTake(Instant now)
    {
        if (_retryAt <= now)
        {
            Open(now);
            // Nobody has told us of what happened meanwhile.
            if (_descriptor != NoDescriptor)
                _tellAt = now;
        }
        if (_tellAt > now)
            return false;
        _tellAt = Instant.Never;
        _counters.NetworkChanges++;
        return true;
    }

    public void HandleReady(Instant now, int token, DescriptorEvents events)
    {
        for (int i = 0; i < ReadsAtOnce; i++)
        {
            int length = (int)Libc.Receive(_descriptor, Pinned.At(_octets, 0), MaxOctets, Number.DoNotWait | Number.Truncated);
            if (length >= 0)
            {
                _counters.NetworkMessages++;
                // What was cut off may have been anything.
                if (length > MaxOctets || _news.Read(_octets.AsSpan(0, length)))
                    Settle(now);
                continue;
            }
            switch (Libc.LastError)
            {
                case Errno.EINTR:
                    continue;
                // Messages came faster than they were read, and are lost: anything may have changed.
                case Errno.ENOBUFS:
                    _counters.NetworkOverruns++;
                    Settle(now);
                    continue;
                case Errno.EAGAIN or Errno.ENOMEM:
                    return;
                default:
                    _counters.NetworkWatchFailures++;
                    Close();
                    _retryAt = now + s_retryPause;
                    return;
            }
        }
    }

    private void Settle(Instant now)
    {
        if (_tellAt == Instant.Never)
            _tellAt = now + s_settleTime;
    }
}
