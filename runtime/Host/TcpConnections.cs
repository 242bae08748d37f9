// TCP connections, both accepted and opened: octets in, octets out, and their ends (RFC 3261 §18).
//
// note [where TLS goes]
// What is between a connection and its octets is Receive and SendNow below, and Complete, which tells the engine that a connection is open. TLS stands there: it
// turns what the socket gave into plain octets before they are handed in, and plain octets into records before they are sent, and calls Complete when its
// handshake is done. The rest, pools, pending octets, closing, is the same, and so is the engine's side: a flow's protocol is Tls. Until then a
// connection that is asked for by TLS ends at once as unreachable.
//
// note [how a connection ends]
// By us: what was handed over is sent, then our side is shut down, then what the peer still sends is read and thrown away until it closes too, or the
// linger time is over. Closing with octets unread would make the kernel send a reset, which can take our last octets with it. By the peer: the engine is
// told Closed, and what it had handed over before is still sent. By a fault: the socket is closed at once, the engine told when it is drained.
using System.Diagnostics;
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>The connections of a host.</summary>
internal sealed unsafe class TcpConnections : IDescriptorHandler
{
    private enum State : byte
    {
        /// <summary>Asked for, not open yet.</summary>
        Opening,
        Open,

        /// <summary>Our side is shut down; the engine does not know it any more.</summary>
        ShutDown,

        /// <summary>The socket is closed; the engine has still to be told.</summary>
        Ended,
    }

    private struct Stream
    {
        public Flow Flow;
        public PendingChain Pending;
        public Handle<DescriptorWatch> Watch;
        public int Descriptor;
        public State State;
        public TransportFault Fault;

        // The engine has closed it, or was told that it ended; only what is pending counts.
        public bool IsLingering;

        // The peer has closed its side.
        public bool IsReadToEnd;
    }

    private const int NoDescriptor = -1;

    // One reading takes this much at most: four segments of a fast network several times over, and a poll between two.
    private const int ReadOctets = 16_384;

    private readonly SlotMap<Stream> _streams;

    // The stream of each of the engine's connections, by the number of its slot there, from 1; 0 is none.
    private readonly int[] _streamOf;
    private readonly TimerWheel _deadlines;
    private readonly PendingOctets _pending;
    private readonly byte[] _octets;
    private readonly EventLoop _loop;
    private readonly EngineDriver _driver;
    private readonly HostCounters _counters;
    private readonly ITrafficObserver? _observer;
    private readonly TimeSpan _connectTimeout;
    private readonly TimeSpan _lingerTimeout;
    private readonly int _streamTimeoutMs;
    private readonly int _maxLingering;
    private int _lingering;
    private int _ended;

    [StartUp(Because = "a pool is made before start")]
    public TcpConnections(
        StartGate gate, HostOptions options, EventLoop loop, EngineDriver driver, HostCounters counters, ITrafficObserver? observer)
    {
        _maxLingering = options.Lingering;
        // One for each number of the engine's, those that linger, and one that is being accepted.
        int capacity = options.Connections + options.Lingering + 1;
        _streams = new(gate, "streams", capacity);
        _streamOf = gate.Take<int>("streams", options.Connections);
        _deadlines = new(gate, "stream deadlines", capacity);
        _pending = new(gate, options.PendingOctets, options.PendingOctetsOfConnection);
        _octets = gate.Take<byte>("stream octets in", ReadOctets, isPinned: true);
        _loop = loop;
        _driver = driver;
        _counters = counters;
        _observer = observer;
        _connectTimeout = options.ConnectTimeout;
        _lingerTimeout = options.LingerTimeout;
        _streamTimeoutMs = (int)options.StreamTimeout.TotalMilliseconds;
    }

    /// <summary>True while the engine has to be told of connections that ended.</summary>
    public bool HasEnded => _ended > 0;

    /// <summary>True while octets are on their way on connections that the engine has closed.</summary>
    public bool IsLingering => _lingering > 0;

    public Instant NextDeadline => _deadlines.NextDeadline;

    /// <summary>Takes an accepted socket. False where there is no room for it, here or in the engine: it is still the caller's.</summary>
    public bool TryAccept(Instant now, int descriptor, in Flow flow)
    {
        if (!_streams.TryAdd(out var stream))
            return false;
        if (!_loop.TryWatch(descriptor, DescriptorEvents.Readable, this, stream.Index, out var watch))
        {
            _streams.Remove(stream);
            return false;
        }
        bool isTaken = _driver.Engine.HandleAccepted(now, flow, out var connection);
        if (!isTaken || connection.Index >= _streamOf.Length)
        {
            _loop.Unwatch(watch);
            _streams.Remove(stream);
            if (isTaken)
                _driver.Notice(new(flow.Protocol, flow.Local, flow.Remote, connection), TransportFault.Exhausted);
            _driver.Drain(now);
            return false;
        }
        SetOptions(descriptor);
        ref var it = ref _streams[stream];
        it = new()
        {
            Flow = new(flow.Protocol, flow.Local, flow.Remote, connection), Descriptor = descriptor, State = State.Open, Watch = watch,
        };
        Know(stream, connection);
        _driver.Drain(now);
        return true;
    }

    /// <summary>Opens a connection; how it went, the engine is told later.</summary>
    public void Open(Instant now, in Flow flow)
    {
        if (flow.Connection.Index >= _streamOf.Length || !_streams.TryAdd(out var stream))
        {
            _counters.ConnectsFailed++;
            _driver.Notice(flow, TransportFault.Exhausted);
            return;
        }
        Know(stream, flow.Connection);
        ref var it = ref _streams[stream];
        it = new() { Flow = flow, Descriptor = NoDescriptor, State = State.Opening };
        _counters.ConnectsStarted++;
        var fault = TryOpen(ref it, stream);
        if (fault == TransportFault.None)
            _deadlines.Arm(stream.Index, now + _connectTimeout);
        else
            End(stream, fault);
    }

    /// <summary>Appends octets to a connection's stream.</summary>
    public void Send(Handle<Connection> connection, Instant now, ReadOnlySpan<byte> octets)
    {
        if (!TryFind(connection, out var stream))
        {
            _counters.TransmitsWithoutConnection++;
            return;
        }
        ref var it = ref _streams[stream];
        if (it.State == State.Ended)
            return;
        if (it.State == State.Open && it.Pending.Octets == 0)
        {
            int sent = SendNow(now, stream, octets, 0);
            if (sent < 0)
                return;
            octets = octets[sent..];
        }
        if (octets.IsEmpty)
            return;
        if (!_pending.TryAppend(ref it.Pending, octets))
        {
            _counters.ConnectionsStalled++;
            End(stream, TransportFault.Exhausted);
            return;
        }
        WatchFor(it);
    }

    /// <summary>Closes a connection when what was handed over is sent.</summary>
    public void Close(Instant now, Handle<Connection> connection)
    {
        if (!TryFind(connection, out var stream))
        {
            _counters.TransmitsWithoutConnection++;
            return;
        }
        ref var it = ref _streams[stream];
        if (it.State == State.Ended || it.State == State.Opening && it.Pending.Octets == 0)
            Free(stream);
        else if (TryLinger(now, stream))
            ShutDownIfSent(stream);
    }

    /// <summary>Tells the engine of the connections that have ended by now.</summary>
    public void HandInEnded(Instant now)
    {
        int count = _ended;
        for (int i = _streams.NextTaken(0); i >= 0 && count > 0; i = _streams.NextTaken(i + 1))
        {
            ref var it = ref _streams.At(i);
            if (it.State != State.Ended)
                continue;
            count--;
            var (connection, fault) = (it.Flow.Connection, it.Fault);
            Free(_streams.HandleOf(i));
            _driver.Engine.HandleClosed(now, connection, fault);
            _driver.Drain(now);
        }
    }

    /// <summary>Ends what took too long.</summary>
    public void HandleTimeout(Instant now)
    {
        while (_deadlines.TryPop(now, out int index))
        {
            var stream = _streams.HandleOf(index);
            if (_streams[stream].IsLingering)
                Cut(stream);
            else
                End(stream, TransportFault.TimedOut);
        }
    }

    /// <summary>Closes all sockets, at the end.</summary>
    public void CloseAll()
    {
        for (int i = _streams.NextTaken(0); i >= 0; i = _streams.NextTaken(i + 1))
            Free(_streams.HandleOf(i));
    }

    public void HandleReady(Instant now, int token, DescriptorEvents events)
    {
        var stream = _streams.HandleOf(token);
        if (_streams[stream].State == State.Opening)
        {
            Complete(now, stream);
            return;
        }
        if ((events & DescriptorEvents.Writable) != 0)
            SendPending(now, stream);
        if ((events & ~DescriptorEvents.Writable) != 0 && _streams.IsLive(stream) && _streams[stream].State != State.Ended)
            Receive(now, stream);
    }

    // A connection is open, or is known not to become it.
    private void Complete(Instant now, Handle<Stream> stream)
    {
        ref var it = ref _streams[stream];
        int error = 0;
        uint length = sizeof(int);
        if (Libc.GetSocketOption(it.Descriptor, Number.LevelSocket, Number.Error, &error, &length) < 0)
            error = Libc.LastError;
        if (error != 0 || !Sockets.TryLocalOf(it.Descriptor, out var local))
        {
            if (it.IsLingering)
                Cut(stream);
            else
                End(stream, error != 0 ? Faults.Of(error) : TransportFault.Reset);
            return;
        }
        _counters.ConnectsCompleted++;
        it.State = State.Open;
        it.Flow = new(it.Flow.Protocol, local, it.Flow.Remote, it.Flow.Connection);
        var (isKnown, connection) = (!it.IsLingering, it.Flow.Connection);
        if (isKnown)
            _deadlines.Cancel(stream.Index);
        // What was handed over while it was opening goes before what the engine says now.
        SendPending(now, stream);
        if (!isKnown)
            return;
        _driver.Engine.HandleConnected(now, connection, local);
        _driver.Drain(now);
    }

    private void Receive(Instant now, Handle<Stream> stream)
    {
        ref var it = ref _streams[stream];
        int count = (int)Libc.Receive(it.Descriptor, Pinned.At(_octets, 0), ReadOctets, Number.DoNotWait);
        if (count < 0)
        {
            int error = Libc.LastError;
            if (Faults.IsPassing(error))
                return;
            if (it.IsLingering)
                Cut(stream);
            else
                End(stream, error == Errno.EBADF ? TransportFault.Reset : Faults.Of(error));
            return;
        }
        if (count == 0)
        {
            ReadToEnd(now, stream);
            return;
        }
        _counters.StreamOctetsReceived += count;
        // Nobody is there to read it; see note [how a connection ends].
        if (it.IsLingering)
            return;
        var octets = _octets.AsSpan(0, count);
        _observer?.Received(now, it.Flow, octets);
        var connection = it.Flow.Connection;
        while (!octets.IsEmpty && TryFind(connection, out var still) && still == stream)
        {
            int taken = _driver.Engine.HandleStreamBytes(now, connection, octets);
            Debug.Assert(taken > 0 && taken <= octets.Length, "an engine takes one octet at least");
            _driver.Drain(now);
            if (taken <= 0)
            {
                // It would go on like this for ever.
                if (_streams.IsLive(stream) && _streams[stream].State == State.Open)
                    End(stream, TransportFault.Exhausted);
                return;
            }
            octets = octets[Math.Min(taken, octets.Length)..];
        }
    }

    // The peer has closed its side.
    private void ReadToEnd(Instant now, Handle<Stream> stream)
    {
        ref var it = ref _streams[stream];
        it.IsReadToEnd = true;
        if (it.IsLingering)
        {
            ShutDownIfSent(stream);
            return;
        }
        if (it.Pending.Octets == 0)
        {
            End(stream, TransportFault.Closed);
            return;
        }
        var connection = it.Flow.Connection;
        _counters.ConnectionsClosed++;
        if (TryLinger(now, stream))
            WatchFor(it);
        _driver.Engine.HandleClosed(now, connection, TransportFault.Closed);
        _driver.Drain(now);
    }

    private void SendPending(Instant now, Handle<Stream> stream)
    {
        ref var it = ref _streams[stream];
        while (it.Pending.Octets > 0)
        {
            var octets = _pending.FirstOf(it.Pending);
            bool isLast = octets.Length == it.Pending.Octets;
            int sent = SendNow(now, stream, octets, isLast ? 0 : Number.More);
            if (sent < 0)
                return;
            _pending.Remove(ref it.Pending, sent);
            if (sent < octets.Length)
                break;
        }
        if (it.IsLingering)
            ShutDownIfSent(stream);
        else
            WatchFor(it);
    }

    // Sends what the kernel takes at once. Below 0 where the connection ended of it.
    private int SendNow(Instant now, Handle<Stream> stream, ReadOnlySpan<byte> octets, int flags)
    {
        ref var it = ref _streams[stream];
        int done = 0;
        fixed (byte* first = octets)
        {
            while (done < octets.Length)
            {
                int sent = (int)Libc.Send(it.Descriptor, first + done, (nuint)(octets.Length - done), Number.DoNotWait | Number.NoSignal | flags);
                if (sent < 0)
                {
                    int error = Libc.LastError;
                    if (error == Errno.EINTR)
                        continue;
                    if (Faults.IsPassing(error))
                        break;
                    if (it.IsLingering)
                        Cut(stream);
                    else
                        End(stream, error == Errno.EBADF ? TransportFault.Reset : Faults.Of(error));
                    return -1;
                }
                _observer?.Sent(now, it.Flow, octets.Slice(done, sent));
                _counters.StreamOctetsSent += sent;
                done += sent;
            }
        }
        return done;
    }

    private TransportFault TryOpen(ref Stream it, Handle<Stream> stream)
    {
        if (it.Flow.Protocol is not (Protocol.Tcp or Protocol.DnsStream))
            return TransportFault.Unreachable;
        int family = SocketAddress.FamilyOf(it.Flow.Remote);
        int descriptor = Libc.Socket(family, Number.Stream | Number.NonBlocking | Number.CloseOnExec, 0);
        if (descriptor < 0)
            return Faults.Of(Libc.LastError);
        it.Descriptor = descriptor;
        SetOptions(descriptor);
        if (!it.Flow.Local.IsAny)
        {
            // The port is chosen on connecting, when the kernel knows both ends and need not keep it for us alone.
            _ = Sockets.TrySet(descriptor, Number.LevelV4, Number.BindAddressNoPort, 1);
            var local = new SocketAddress(it.Flow.Local.WithPort(0));
            if (Libc.Bind(descriptor, &local, local.Length) < 0)
                return Faults.Of(Libc.LastError);
        }
        var remote = new SocketAddress(it.Flow.Remote);
        if (Libc.Connect(descriptor, &remote, remote.Length) < 0 && Libc.LastError is var error and not Errno.EINPROGRESS and not Errno.EINTR)
            return Faults.Of(error);
        // Also one that is open at once (on the same machine) is told of when the loop comes round to it.
        return _loop.TryWatch(descriptor, DescriptorEvents.Writable, this, stream.Index, out it.Watch) ? TransportFault.None : TransportFault.Exhausted;
    }

    private void SetOptions(int descriptor)
    {
        // A message is sent whole: there is nothing to wait for.
        _ = Sockets.TrySet(descriptor, Number.LevelTcp, Number.NoDelay, 1);
        _ = Sockets.TrySet(descriptor, Number.LevelTcp, Number.UserTimeout, _streamTimeoutMs);
    }

    private void WatchFor(in Stream it)
    {
        if (it.State == State.Opening)
            return;
        var events = it.IsReadToEnd ? DescriptorEvents.None : DescriptorEvents.Readable;
        if (it.Pending.Octets > 0)
            events |= DescriptorEvents.Writable;
        _loop.Change(it.Watch, events);
    }

    private void Know(Handle<Stream> stream, Handle<Connection> connection)
    {
        // An engine that had no room to say so has forgotten the connection that was there before.
        if (_streamOf[connection.Index] is var before && before != 0)
        {
            _counters.ConnectionsForgotten++;
            Free(_streams.HandleOf(before - 1));
        }
        _streamOf[connection.Index] = stream.Index + 1;
    }

    private bool TryFind(Handle<Connection> connection, out Handle<Stream> stream)
    {
        int index = connection.Index < _streamOf.Length ? _streamOf[connection.Index] - 1 : -1;
        if (index < 0 || _streams.At(index).Flow.Connection != connection)
        {
            stream = default;
            return false;
        }
        stream = _streams.HandleOf(index);
        return true;
    }

    // From here on the engine does not know it. Where too many linger already it is cut off instead: false.
    private bool TryLinger(Instant now, Handle<Stream> stream)
    {
        if (_lingering == _maxLingering)
        {
            Cut(stream);
            return false;
        }
        ref var it = ref _streams[stream];
        Forget(it);
        it.IsLingering = true;
        _lingering++;
        _deadlines.Arm(stream.Index, now + _lingerTimeout);
        return true;
    }

    private void ShutDownIfSent(Handle<Stream> stream)
    {
        ref var it = ref _streams[stream];
        if (it.State == State.Open && it.Pending.Octets == 0)
        {
            if (it.IsReadToEnd || Libc.ShutDown(it.Descriptor, Number.ShutDownWrite) < 0)
            {
                Free(stream);
                return;
            }
            it.State = State.ShutDown;
        }
        else if (it.State == State.ShutDown && it.IsReadToEnd)
        {
            Free(stream);
            return;
        }
        WatchFor(it);
    }

    private void Cut(Handle<Stream> stream)
    {
        _counters.LingersCut++;
        Free(stream);
    }

    // The socket goes at once; the engine is told when it has been drained.
    private void End(Handle<Stream> stream, TransportFault fault)
    {
        ref var it = ref _streams[stream];
        Debug.Assert(it.State != State.Ended && !it.IsLingering);
        if (fault == TransportFault.Closed)
            _counters.ConnectionsClosed++;
        else if (it.State == State.Opening)
            _counters.ConnectsFailed++;
        else
            _counters.ConnectionsBroken++;
        CloseSocket(ref it, stream);
        it.State = State.Ended;
        it.Fault = fault;
        _ended++;
    }

    private void Free(Handle<Stream> stream)
    {
        ref var it = ref _streams[stream];
        if (it.State == State.Ended)
            _ended--;
        else
            CloseSocket(ref it, stream);
        if (it.IsLingering)
            _lingering--;
        else
            Forget(it);
        _streams.Remove(stream);
    }

    private void Forget(in Stream it) => _streamOf[it.Flow.Connection.Index] = 0;

    private void CloseSocket(ref Stream it, Handle<Stream> stream)
    {
        _loop.Unwatch(it.Watch);
        if (it.Descriptor != NoDescriptor)
        {
            _ = Libc.Close(it.Descriptor);
            _observer?.Closed(it.Flow);
        }
        it.Descriptor = NoDescriptor;
        _pending.Clear(ref it.Pending);
        _deadlines.Cancel(stream.Index);
    }
}
