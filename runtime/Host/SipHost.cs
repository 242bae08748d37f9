// The host: sockets, clock and poll around an engine. Start reading in Run; then EngineDriver.cs, which drains, and UdpSocket.cs and TcpConnections.cs, which
// hand in.
using System.Diagnostics.CodeAnalysis;
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>
/// Drives one <see cref="ISipEngine"/> on one thread. The order of calls: construct, close the gate, <see cref="Open"/>, <see cref="Run"/>,
/// <see cref="Dispose"/>. An application works between input and output by being the engine: it wraps the agent, looks at what came of an input before it
/// returns, and so its commands are drained with the rest.
/// </summary>
public sealed class SipHost : IDisposable
{
    // A round calls HandleTimeout this often at most while the engine's time has come, before sockets have their turn.
    private const int TimeoutsAtOnce = 64;

    private readonly IClock _clock;
    private readonly EngineDriver _driver;
    private readonly DatagramReceiver _receiver;
    private readonly TcpConnections _connections;
    private readonly UdpSocket[] _udp;
    private readonly TcpListener[] _tcp;
    private readonly DnsPorts _dns;
    private readonly MediaPorts _media;
    private readonly NetworkWatch _network;
    private readonly ResolverFiles _files;
    private readonly HostAddresses _addresses;
    private readonly Requests _requests;
    private readonly TimeSpan _stopTimeout;
    private readonly bool _handlesSignals;
    private bool _isOpen;

    /// <summary>Takes all memory that the host will ever use. Throws where the options ask for more than <see cref="HostOptions.MaxSockets"/>.</summary>
    [StartUp(Because = "a host is made before start")]
    public SipHost(StartGate gate, HostOptions options, IClock? clock = null, ITrafficObserver? observer = null)
    {
        int listening = options.Udp.Count + options.Tcp.Count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(listening, HostOptions.MaxSockets);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.DatagramBatch);
        _clock = clock ?? new SystemClock();
        _stopTimeout = options.StopTimeout;
        _handlesSignals = options.HandlesSignals;
        Counters = new();
        // Each socket that listens, each connection, one that is being accepted, each question to a name server, the descriptor that wakes the loop, the one
        // that tells of the network, ports for media, and those of others.
        int capacity = listening + options.Connections + options.Lingering + 1 + options.DnsPorts + 1 + 1 + MediaPorts.CountOf(options) + options.ForeignDescriptors;
        Loop = new(gate, capacity, Counters);
        _requests = new();
        _driver = new(gate, options, Counters);
        _receiver = new(gate, options, _driver, Counters, observer);
        _connections = new(gate, options, Loop, _driver, Counters, observer);
        _udp = [.. options.Udp.Select(local => new UdpSocket(local, Loop, options, Counters, _receiver, _driver))];
        _tcp = [.. options.Tcp.Select(local => new TcpListener(local, Loop, options, Counters, _connections))];
        _dns = new(gate, options, Loop, _driver, Counters, observer);
        _media = new(gate, options, Loop, _driver, Counters);
        _network = new(gate, options, Loop, Counters);
        _files = new(gate, options, _driver, Counters);
        _addresses = new();
        _driver.Connect(new(gate, options, _udp, _driver, Counters, observer), _connections, _dns, _media);
    }

    /// <summary>The poll set, for descriptors of others. What their handlers make the engine do is drained.</summary>
    public EventLoop Loop { get; }

    public HostCounters Counters { get; }

    /// <summary>The time as the engine is told it.</summary>
    public Instant Now => _clock.Now;

    /// <summary>The UDP sockets, in the order of <see cref="HostOptions.Udp"/>.</summary>
    public ReadOnlySpan<UdpSocket> UdpSockets => _udp;

    /// <summary>What an agent asks for the addresses that it sends from. Until <see cref="Dispose"/>.</summary>
    public ILocalAddresses Addresses => _addresses;

    /// <summary>The listeners, in the order of <see cref="HostOptions.Tcp"/>.</summary>
    public ReadOnlySpan<TcpListener> TcpListeners => _tcp;

    /// <summary>
    /// The address, without a port, that this host sends from to <paramref name="remote"/>, which is what it puts into Via and Contact. False where no way
    /// leads there now.
    /// </summary>
    public static bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local) => Sockets.TryLocalFor(remote, out local);

    /// <summary>
    /// Opens the sockets. One that cannot be opened is tried again while the host runs; <see cref="BoundSocket.LastError"/> says why. Throws where the
    /// process has no descriptor left for the loop itself.
    /// </summary>
    [StartUp(Because = "sockets are opened before the run")]
    public void Open()
    {
        Libc.LookUpAll();
        _receiver.Prepare();
        if (!_requests.TryOpen(Loop, _handlesSignals))
            throw new InvalidOperationException("The process has no descriptors left.");
        _media.Open();
        var now = _clock.Now;
        // Before the sockets: of what changes from here on we are told.
        _network.Open(now);
        foreach (var socket in _udp)
            socket.Open(now);
        foreach (var listener in _tcp)
        {
            listener.KeepReserve(true);
            listener.Open(now);
        }
        _isOpen = true;
    }

    /// <summary>Asks for an orderly stop; asked again, <see cref="Run"/> returns at once. From any thread.</summary>
    public void RequestStop() => _requests.Stop();

    /// <summary>Asks the application to look at its configuration again. From any thread.</summary>
    public void RequestReload() => _requests.Reload();

    /// <summary>
    /// Runs until it is asked to stop. Without an <paramref name="application"/> it is then drained at once. Nothing is allocated on this thread.
    /// </summary>
    public StopReason Run(ISipEngine engine, IHostApplication? application = null)
    {
        if (!_isOpen)
            ThrowNotOpen();
        _driver.Serve(engine);
        _media.HandIn(_clock.Now);
        var stopAt = Instant.Never;
        bool isStopping = false;
        int reloads = 0;
        while (true)
        {
            var now = _clock.Now;
            HandleTimeouts(now);
            for (int wanted = _requests.Reloads; reloads < wanted; reloads++)
            {
                Counters.Reloads++;
                application?.HandleReload(now);
                _driver.Drain(now);
            }
            int stops = _requests.Stops;
            if (stops > 0 && !isStopping)
            {
                isStopping = true;
                stopAt = now + _stopTimeout;
                application?.HandleStop(now);
                _driver.Drain(now);
            }
            Counters.StopRequests = stops;
            _driver.Flush(now);
            _driver.HandInNotices(now);
            _driver.Flush(now);
            if (isStopping)
            {
                if (stops > 1)
                    return StopReason.Insisted;
                if (application is not { IsDrained: false } && !_driver.HasNotices && !_connections.IsLingering)
                    return StopReason.Drained;
                if (now >= stopAt)
                    return StopReason.TimedOut;
            }
            Loop.Wait(now, _driver.HasNotices ? now : Instant.Earlier(stopAt, NextDeadline));
            now = _clock.Now;
            while (Loop.TryDispatch(now))
                _driver.Drain(now);
        }
    }

    /// <summary>Closes every socket. The engine is not told.</summary>
    [StartUp(Because = "the end, and not the run")]
    public void Dispose()
    {
        _isOpen = false;
        _connections.CloseAll();
        _dns.CloseAll();
        _media.CloseAll();
        _network.Close();
        _addresses.Close();
        foreach (var socket in _udp)
            socket.Close();
        foreach (var listener in _tcp)
        {
            listener.Close();
            listener.KeepReserve(false);
        }
        _requests.Close(Loop);
    }

    // What waits for an address tries it at once, and the name servers may be others, before the engine asks either.
    private void Revive(Instant now)
    {
        foreach (var socket in _udp)
        {
            if (!socket.IsOpen)
                socket.Retry(now);
        }
        foreach (var listener in _tcp)
        {
            if (!listener.IsOpen)
                listener.Retry(now);
        }
        _files.LookSoon(now);
    }

    [DoesNotReturn]
    private static void ThrowNotOpen() => throw new InvalidOperationException("The host is not open.");

    private Instant NextDeadline
    {
        get
        {
            var next = Instant.Earlier(_driver.Engine.PollTimeout(), _connections.NextDeadline);
            next = Instant.Earlier(next, Instant.Earlier(_network.NextDeadline, _files.NextDeadline));
            foreach (var socket in _udp)
                next = Instant.Earlier(next, socket.RetryAt);
            foreach (var listener in _tcp)
                next = Instant.Earlier(next, listener.RetryAt);
            return next;
        }
    }

    private void HandleTimeouts(Instant now)
    {
        bool isChanged = _network.TryTake(now);
        if (isChanged)
            Revive(now);
        _files.HandleTimeout(now);
        if (isChanged)
        {
            _driver.Engine.HandleNetworkChange(now);
            _driver.Drain(now);
        }
        for (int i = 0; i < TimeoutsAtOnce && _driver.Engine.PollTimeout() <= now; i++)
        {
            Counters.Timeouts++;
            _driver.Engine.HandleTimeout(now);
            _driver.Drain(now);
        }
        if (_connections.NextDeadline <= now)
            _connections.HandleTimeout(now);
        foreach (var socket in _udp)
        {
            if (socket.RetryAt <= now)
                socket.Retry(now);
        }
        foreach (var listener in _tcp)
        {
            if (listener.RetryAt <= now)
                listener.Retry(now);
        }
    }
}
