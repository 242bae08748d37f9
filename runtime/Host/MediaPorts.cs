// Sockets for media: pairs of an even port for RTP and the next one for RTCP (RFC 3550 §11), opened once and kept, so that a call opens none.
//
// note [pairs are opened before they are wanted]
// A description that names a port must not be sent before the port is there. Opening it at the call would make an output of the core wait for an answer; so
// the host opens all pairs at start, passes over those that others have, and tells the core which it got (ISipEngine.HandleMediaPort).
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>The sockets behind flows of <see cref="Protocol.Rtp"/>.</summary>
internal sealed unsafe class MediaPorts : IDescriptorHandler
{
    private const int None = -1;

    // RTP's own path takes packets of an Ethernet frame; the largest of ours, 60 ms of 16-bit samples at 16 kHz, has 1,932 octets.
    private const int MaxPacketOctets = 2048;

    // A flood on one port ends its turn after so many.
    private const int PacketsAtOnce = 16;

    // Some 200 ms of the largest packets; what waits longer is too late to be heard.
    private const int ReceiveBufferOctets = 32 * 1024;

    private const int PortsEach = 2;

    private struct Port
    {
        public IpEndpoint Local;
        public Handle<DescriptorWatch> Watch;
        public int Descriptor;
    }

    private readonly Port[] _ports;
    private readonly byte[] _octets;
    private readonly IpEndpoint[] _addresses;
    private readonly int _pairs;
    private readonly int _range;
    private readonly byte _trafficClass;
    private readonly EventLoop _loop;
    private readonly EngineDriver _driver;
    private readonly HostCounters _counters;
    private int _count;

    [StartUp(Because = "a pool is made before start")]
    public MediaPorts(StartGate gate, HostOptions options, EventLoop loop, EngineDriver driver, HostCounters counters)
    {
        _addresses = [.. options.Media];
        _pairs = _addresses.Length == 0 ? 0 : options.MediaPairs;
        _range = options.MediaRange;
        _trafficClass = options.MediaTrafficClass;
        foreach (var address in _addresses)
        {
            if (address.Port == 0 || address.Port % PortsEach != 0 || address.Port + _range * PortsEach > ushort.MaxValue + 1)
                throw new ArgumentOutOfRangeException(nameof(options), address.Port, $"There is no room for {_range} pairs of ports from there on.");
        }
        _ports = gate.Take<Port>("media ports", CountOf(options));
        _octets = gate.Take<byte>("media in", 1, MaxPacketOctets, isPinned: true);
        _loop = loop;
        _driver = driver;
        _counters = counters;
    }

    [StartUp(Because = "pools are sized before start")]
    public static int CountOf(HostOptions options) => options.Media.Count * options.MediaPairs * PortsEach;

    /// <summary>Opens as many pairs as are wanted and can be had.</summary>
    public void Open()
    {
        foreach (ref readonly var address in _addresses.AsSpan())
        {
            int opened = 0;
            for (int i = 0; i < _range && opened < _pairs; i++)
            {
                if (TryOpenPair(address.WithPort((ushort)(address.Port + i * PortsEach))))
                    opened++;
            }
            _counters.MediaPairsMissing += _pairs - opened;
        }
    }

    /// <summary>Tells the engine which pairs there are.</summary>
    public void HandIn(Instant now)
    {
        for (int i = 0; i < _count; i += PortsEach)
        {
            _driver.Engine.HandleMediaPort(now, _ports[i].Local);
            _driver.Drain(now);
        }
    }

    /// <summary>Sends from the flow's local port. A packet that cannot be sent is lost, as on the way.</summary>
    public void Send(in Flow flow, ReadOnlySpan<byte> octets)
    {
        int index = IndexOf(flow.Local);
        var remote = new SocketAddress(flow.Remote);
        nint sent = None;
        if (index >= 0)
        {
            fixed (byte* first = octets)
                sent = Libc.SendTo(_ports[index].Descriptor, first, (nuint)octets.Length, Number.DoNotWait | Number.NoSignal, &remote, remote.Length);
        }
        if (sent >= 0)
        {
            _counters.MediaSent++;
            _counters.MediaOctetsSent += octets.Length;
        }
        else
            _counters.MediaUnsent++;
    }

    public void CloseAll()
    {
        for (int i = 0; i < _count; i++)
            Close(i);
        _count = 0;
    }

    public void HandleReady(Instant now, int token, DescriptorEvents events)
    {
        ref readonly var port = ref _ports[token];
        for (int i = 0; i < PacketsAtOnce; i++)
        {
            SocketAddress remote;
            uint size = SocketAddress.V6Octets;
            int length = (int)Libc.ReceiveFrom(port.Descriptor, Pinned.At(_octets, 0), MaxPacketOctets, Number.DoNotWait | Number.Truncated, &remote, &size);
            // An ICMP error of an earlier packet is cleared by this; the peer's silence tells as much.
            if (length < 0)
                return;
            if (length > MaxPacketOctets)
            {
                _counters.MediaTruncated++;
                continue;
            }
            _counters.MediaReceived++;
            _counters.MediaOctetsReceived += length;
            _driver.Engine.HandleDatagram(now, new(Protocol.Rtp, port.Local, remote.Endpoint), _octets.AsSpan(0, length));
            _driver.Drain(now);
        }
    }

    private bool TryOpenPair(in IpEndpoint rtp)
    {
        int first = _count;
        if (!TryOpen(rtp))
            return false;
        if (TryOpen(rtp.WithPort((ushort)(rtp.Port + 1))))
            return true;
        Close(first);
        _count = first;
        return false;
    }

    private bool TryOpen(in IpEndpoint local)
    {
        int descriptor = Libc.Socket(SocketAddress.FamilyOf(local), Number.Datagram | Number.NonBlocking | Number.CloseOnExec, 0);
        if (descriptor < 0)
            return false;
        _ = Sockets.TrySet(descriptor, Number.LevelSocket, Number.ReceiveBuffer, ReceiveBufferOctets);
        if (local.IsV4)
            _ = Sockets.TrySet(descriptor, Number.LevelV4, Number.V4TypeOfService, _trafficClass);
        else
        {
            _ = Sockets.TrySet(descriptor, Number.LevelV6, Number.V6Only, 1);
            _ = Sockets.TrySet(descriptor, Number.LevelV6, Number.V6TrafficClass, _trafficClass);
        }
        var address = new SocketAddress(local);
        if (Libc.Bind(descriptor, &address, address.Length) < 0 || !_loop.TryWatch(descriptor, DescriptorEvents.Readable, this, _count, out var watch))
        {
            _ = Libc.Close(descriptor);
            return false;
        }
        _ports[_count++] = new() { Local = local, Watch = watch, Descriptor = descriptor };
        return true;
    }

    private void Close(int index)
    {
        _loop.Unwatch(_ports[index].Watch);
        _ = Libc.Close(_ports[index].Descriptor);
    }

    // Each address has a socket for a port; there are few, so a walk is as quick as an index.
    private int IndexOf(in IpEndpoint local)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_ports[i].Local == local)
                return i;
        }
        return None;
    }
}
