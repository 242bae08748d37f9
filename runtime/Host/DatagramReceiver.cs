// Datagrams in, several by one system call.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>The buffers that all UDP sockets receive into: one thread, so one set serves them.</summary>
internal sealed unsafe class DatagramReceiver
{
    private readonly byte[] _octets;
    private readonly byte[] _control;
    private readonly SocketAddress[] _remotes;
    private readonly Segment[] _segments;
    private readonly BatchedMessage[] _messages;
    private readonly int _batch;
    private readonly EngineDriver _driver;
    private readonly HostCounters _counters;
    private readonly ITrafficObserver? _observer;

    // Each datagram's control messages are apart; two are asked for (source address, overflow).
    private const int ControlOctets = ControlMessages.MaxOctets;

    [StartUp(Because = "a pool is made before start")]
    public DatagramReceiver(StartGate gate, HostOptions options, EngineDriver driver, HostCounters counters, ITrafficObserver? observer)
    {
        _batch = options.DatagramBatch;
        _driver = driver;
        _counters = counters;
        _observer = observer;
        _octets = gate.Take<byte>("datagrams in", _batch, HostOptions.MaxDatagramOctets, isPinned: true);
        _control = gate.Take<byte>("datagrams in", _batch, ControlOctets, isPinned: true);
        _remotes = gate.Take<SocketAddress>("datagrams in", _batch, isPinned: true);
        _segments = gate.Take<Segment>("datagrams in", _batch, isPinned: true);
        _messages = gate.Take<BatchedMessage>("datagrams in", _batch, isPinned: true);
    }

    /// <summary>Points the kernel's structures at the buffers, once.</summary>
    public void Prepare()
    {
        for (int i = 0; i < _batch; i++)
        {
            _segments[i] = new() { Octets = Pinned.At(_octets, i * HostOptions.MaxDatagramOctets), Length = HostOptions.MaxDatagramOctets };
            Reset(ref _messages[i].Header, i);
        }
    }

    /// <summary>Takes what a socket has, up to a batch, and hands it in one by one.</summary>
    public void Receive(Instant now, UdpSocket socket)
    {
        int received = Libc.ReceiveMessages(socket.Descriptor, Pinned.At(_messages, 0), (uint)_batch, Number.DoNotWait, null);
        if (received < 0)
        {
            // Anything else is an ICMP error that came in between: its notice is in the error queue, and this call has cleared it.
            _ = socket.LoseIfDead(now, Libc.LastError);
            return;
        }
        for (int i = 0; i < received; i++)
        {
            ref var header = ref _messages[i].Header;
            int length = (int)_messages[i].Length;
            var messages = ControlMessages.Read(_control.AsSpan(i * ControlOctets, (int)header.ControlLength));
            socket.NoteOverflow(messages.Overflow);
            bool isTruncated = (header.Flags & Number.Truncated) != 0;
            var flow = new Flow(Protocol.Udp, socket.LocalOf(messages), _remotes[i].Endpoint);
            Reset(ref header, i);
            if (isTruncated)
            {
                _counters.DatagramsTruncated++;
                continue;
            }
            _counters.DatagramsReceived++;
            _counters.DatagramOctetsReceived += length;
            var datagram = _octets.AsSpan(i * HostOptions.MaxDatagramOctets, length);
            _observer?.Received(now, flow, datagram);
            _driver.Engine.HandleDatagram(now, flow, datagram);
            _driver.Drain(now);
        }
    }

    // The kernel writes lengths and flags.
    private void Reset(ref MessageHeader header, int i) => header = new()
    {
        Name = Pinned.At(_remotes, i),
        NameLength = SocketAddress.V6Octets,
        Segments = Pinned.At(_segments, i),
        SegmentCount = 1,
        Control = Pinned.At(_control, i * ControlOctets),
        ControlLength = ControlOctets,
    };
}
