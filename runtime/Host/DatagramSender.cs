// Datagrams out, several by one system call.
//
// note [a full send buffer]
// A datagram that finds the socket's send buffer or the interface's queue full (EAGAIN, ENOBUFS) is dropped and counted, as a router on the way would have
// done. There is no queue of waiting datagrams: UDP's congestion is told by loss, the transactions send again (RFC 3261 §17), and what waited
// would go out late, on top of the next retransmission. The engine is not told: a failure would end a transaction that the next retransmission saves.
//
// note [whose error it is]
// An ICMP error about one datagram is what the kernel answers to the next call on the socket, whatever that would send. So an error is believed only
// when the socket's error queue holds none: if it does, the queue is emptied, the notices go to whom they concern, and the datagram is sent again.
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>Collects datagrams that leave by one socket. Flush it before anything else is done, and before sleeping.</summary>
internal sealed unsafe class DatagramSender
{
    // Room for a batch of ordinary messages of 4 KiB in front of the largest one.
    private const int BatchOctetsEach = 4096;

    // One that arrives for each of so many tries: then it is this datagram's own.
    private const int MaxTries = 8;

    private readonly byte[] _octets;
    private readonly byte[] _control;
    private readonly SocketAddress[] _remotes;
    private readonly Segment[] _segments;
    private readonly BatchedMessage[] _messages;
    private readonly Flow[] _flows;
    private readonly int _batch;
    private readonly UdpSocket[] _sockets;
    private readonly EngineDriver _driver;
    private readonly HostCounters _counters;
    private readonly ITrafficObserver? _observer;

    private UdpSocket? _socket;
    private int _count;
    private int _used;

    private const int ControlOctets = 64;

    [StartUp(Because = "a pool is made before start")]
    public DatagramSender(StartGate gate, HostOptions options, UdpSocket[] sockets, EngineDriver driver, HostCounters counters, ITrafficObserver? observer)
    {
        _batch = options.DatagramBatch;
        _sockets = sockets;
        _driver = driver;
        _counters = counters;
        _observer = observer;
        _octets = gate.Take<byte>("datagrams out", HostOptions.MaxDatagramOctets + _batch * BatchOctetsEach, isPinned: true);
        _control = gate.Take<byte>("datagrams out", _batch, ControlOctets, isPinned: true);
        _remotes = gate.Take<SocketAddress>("datagrams out", _batch, isPinned: true);
        _segments = gate.Take<Segment>("datagrams out", _batch, isPinned: true);
        _messages = gate.Take<BatchedMessage>("datagrams out", _batch, isPinned: true);
        _flows = gate.Take<Flow>("datagrams out", _batch);
    }

    /// <summary>Where the engine may write what comes next: <see cref="HostOptions.MaxDatagramOctets"/> at least.</summary>
    public Span<byte> FreeBuffer(Instant now)
    {
        if (_octets.Length - _used < HostOptions.MaxDatagramOctets)
            Flush(now);
        return _octets.AsSpan(_used);
    }

    /// <summary>Takes a datagram that stands at the beginning of <see cref="FreeBuffer"/>.</summary>
    public void Add(Instant now, in Flow flow, int length)
    {
        int start = _used;
        var socket = SocketFor(flow);
        if (socket is not { IsOpen: true })
        {
            _counters.DatagramsFailed++;
            _driver.Notice(flow, TransportFault.Unreachable);
            return;
        }
        if (socket != _socket || _count == _batch)
            Flush(now);
        // A flush may have found the socket dead; then the next one says so for this datagram.
        _socket = socket;
        int i = _count++;
        _used = start + length;
        _flows[i] = flow;
        _remotes[i] = new(flow.Remote);
        _segments[i] = new() { Octets = Pinned.At(_octets, start), Length = (nuint)length };
        ref var header = ref _messages[i].Header;
        header = new() { Name = Pinned.At(_remotes, i), NameLength = _remotes[i].Length, Segments = Pinned.At(_segments, i), SegmentCount = 1 };
        if (socket.Local.IsAny && !flow.Local.IsAny)
        {
            header.Control = Pinned.At(_control, i * ControlOctets);
            header.ControlLength = (nuint)ControlMessages.WriteSource(_control.AsSpan(i * ControlOctets, ControlOctets), flow.Local);
        }
    }

    /// <summary>Sends what was collected.</summary>
    public void Flush(Instant now)
    {
        int done = 0, tries = 0;
        while (done < _count)
        {
            int sent = _socket is { IsOpen: true }
                ? Libc.SendMessages(_socket.Descriptor, Pinned.At(_messages, done), (uint)(_count - done), Number.DoNotWait | Number.NoSignal)
                : -1;
            if (sent > 0)
            {
                for (int i = done; i < done + sent; i++)
                    NoteSent(now, i);
                done += sent;
                tries = 0;
                continue;
            }
            // The first of the rest could not be sent.
            int error = _socket!.IsOpen ? Libc.LastError : Errno.ENETUNREACH;
            if (error == Errno.EINTR || ++tries < MaxTries && !Faults.IsPassing(error) && TookErrors(_socket))
                continue;
            tries = 0;
            if (Faults.IsPassing(error))
                _counters.DatagramsDropped++;
            else
            {
                _counters.DatagramsFailed++;
                _driver.Notice(_flows[done], _socket.LoseIfDead(now, error) ? TransportFault.Unreachable : Faults.Of(error));
            }
            done++;
        }
        _count = 0;
        _used = 0;
    }

    private void NoteSent(Instant now, int i)
    {
        _counters.DatagramsSent++;
        _counters.DatagramOctetsSent += (long)_segments[i].Length;
        _observer?.Sent(now, _flows[i], new(_segments[i].Octets, (int)_segments[i].Length));
    }

    private static bool TookErrors(UdpSocket socket)
    {
        bool tookAny = false;
        for (int i = 0; i < UdpSocket.ErrorsAtOnce && socket.TryTakeError(out bool wasAsync); i++)
            tookAny |= wasAsync;
        return tookAny;
    }

    // The socket that is bound to the flow's own address, else one that is bound to all.
    private UdpSocket? SocketFor(in Flow flow)
    {
        UdpSocket? any = null;
        foreach (var socket in _sockets)
        {
            if (!socket.Serves(flow.Local, flow.Remote))
                continue;
            if (!socket.Local.IsAny)
                return socket;
            any ??= socket;
        }
        return any;
    }
}
