// Sockets for questions to name servers: each question goes out from a port that the core drew, since an answer can be forged by whoever guesses the port (RFC
// 5452 §9.2). A socket is connected to the server, so the kernel takes in nothing from elsewhere, and tells what ICMP says of it.
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>A socket for each flow of <see cref="Protocol.Dns"/>, opened by its first datagram and closed when the core gives the port back.</summary>
internal sealed unsafe class DnsPorts : IDescriptorHandler
{
    private struct Port
    {
        public Flow Flow;
        public Handle<DescriptorWatch> Watch;
        public int Descriptor;

        // The number of its opening: the lowest is the oldest.
        public long Opening;
    }

    // What any client asks for at most (RFC 6891 §6.2.5); longer answers come over TCP.
    private const int MaxAnswerOctets = 4096;

    private readonly SlotMap<Port> _ports;
    private readonly byte[] _octets;
    private readonly EventLoop _loop;
    private readonly EngineDriver _driver;
    private readonly HostCounters _counters;
    private readonly ITrafficObserver? _observer;

    [StartUp(Because = "a pool is made before start")]
    public DnsPorts(StartGate gate, HostOptions options, EventLoop loop, EngineDriver driver, HostCounters counters, ITrafficObserver? observer)
    {
        _ports = new(gate, "dns ports", options.DnsPorts);
        _octets = gate.Take<byte>("dns answers in", 1, MaxAnswerOctets, isPinned: true);
        _loop = loop;
        _driver = driver;
        _counters = counters;
        _observer = observer;
    }

    /// <summary>Sends a datagram from the flow's own socket. What fails, the engine is told when it is drained.</summary>
    public void Send(Instant now, in Flow flow, ReadOnlySpan<byte> octets)
    {
        if (!TryFind(flow, out var port) && !TryOpen(flow, out port))
            return;
        nint sent;
        fixed (byte* first = octets)
            sent = Libc.Send(_ports[port].Descriptor, first, (nuint)octets.Length, Number.DoNotWait | Number.NoSignal);
        if (sent >= 0)
        {
            _counters.DatagramsSent++;
            _counters.DatagramOctetsSent += octets.Length;
            _observer?.Sent(now, flow, octets);
            return;
        }
        int error = Libc.LastError;
        if (Faults.IsPassing(error))
        {
            _counters.DatagramsDropped++;
            return;
        }
        _counters.DatagramsFailed++;
        Fail(port, error);
    }

    /// <summary>Closes the flow's socket, if there is one.</summary>
    public void Close(in Flow flow)
    {
        if (TryFind(flow, out var port))
            Free(port);
    }

    public void CloseAll()
    {
        for (int i = _ports.NextTaken(0); i >= 0; i = _ports.NextTaken(i + 1))
            Free(_ports.HandleOf(i));
    }

    public void HandleReady(Instant now, int token, DescriptorEvents events)
    {
        var port = _ports.HandleOf(token);
        var flow = _ports[port].Flow;
        // With this flag the kernel says how long a datagram was of which it gave a part.
        int length = (int)Libc.Receive(_ports[port].Descriptor, Pinned.At(_octets, 0), MaxAnswerOctets, Number.DoNotWait | Number.Truncated);
        if (length < 0)
        {
            int error = Libc.LastError;
            if (!Faults.IsPassing(error))
                Fail(port, error);
            return;
        }
        if (length > MaxAnswerOctets)
        {
            _counters.DatagramsTruncated++;
            return;
        }
        _counters.DatagramsReceived++;
        _counters.DatagramOctetsReceived += length;
        var datagram = _octets.AsSpan(0, length);
        _observer?.Received(now, flow, datagram);
        _driver.Engine.HandleDatagram(now, flow, datagram);
        _driver.Drain(now);
    }

    private bool TryOpen(in Flow flow, out Handle<Port> port)
    {
        if (_ports.IsFull && TryFindOldest(out var oldest))
        {
            // Whoever asked there does not hear of it: its answer does not come, as if it were lost on the way.
            _counters.DnsPortsDisplaced++;
            Free(oldest);
        }
        if (!_ports.TryAdd(out port))
        {
            _counters.DnsPortsRefused++;
            _driver.Notice(flow, TransportFault.Exhausted);
            return false;
        }
        int descriptor = Libc.Socket(SocketAddress.FamilyOf(flow.Remote), Number.Datagram | Number.NonBlocking | Number.CloseOnExec, 0);
        var local = new SocketAddress(flow.Local.IsAny ? flow.Remote.AnyOfFamily.WithPort(flow.Local.Port) : flow.Local);
        var remote = new SocketAddress(flow.Remote);
        int error = 0;
        if (descriptor < 0 || Libc.Bind(descriptor, &local, local.Length) < 0 || Libc.Connect(descriptor, &remote, remote.Length) < 0)
            error = Libc.LastError;
        else if (!_loop.TryWatch(descriptor, DescriptorEvents.Readable, this, port.Index, out var watch))
            error = Errno.EMFILE;
        else
        {
            _counters.DnsPortsOpened++;
            _ports[port] = new() { Flow = flow, Watch = watch, Descriptor = descriptor, Opening = _counters.DnsPortsOpened };
            return true;
        }
        if (descriptor >= 0)
            _ = Libc.Close(descriptor);
        _ports.Remove(port);
        _counters.DnsPortsRefused++;
        _driver.Notice(flow, Faults.Of(error));
        return false;
    }

    // The flow's socket is of no use, or its server not there: the core asks from another port in any case.
    private void Fail(Handle<Port> port, int error)
    {
        _driver.Notice(_ports[port].Flow, Faults.Of(error));
        Free(port);
    }

    private void Free(Handle<Port> port)
    {
        ref readonly var it = ref _ports[port];
        _loop.Unwatch(it.Watch);
        _ = Libc.Close(it.Descriptor);
        _ports.Remove(port);
    }

    // There are few, so a walk is as quick as an index.
    private bool TryFind(in Flow flow, out Handle<Port> port)
    {
        for (int i = _ports.NextTaken(0); i >= 0; i = _ports.NextTaken(i + 1))
        {
            if (_ports.At(i).Flow != flow)
                continue;
            port = _ports.HandleOf(i);
            return true;
        }
        port = default;
        return false;
    }

    private bool TryFindOldest(out Handle<Port> oldest)
    {
        int found = _ports.NextTaken(0);
        for (int i = found; i >= 0; i = _ports.NextTaken(i + 1))
        {
            if (_ports.At(i).Opening < _ports.At(found).Opening)
                found = i;
        }
        oldest = found < 0 ? default : _ports.HandleOf(found);
        return found >= 0;
    }
}
