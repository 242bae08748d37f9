// The engine's side of the host: an input goes in, what comes of it goes out, then the next (Transport/ISipEngine.cs).
//
// note [faults wait]
// A send that fails does so while the engine is being drained, when it takes no input. Such faults are noted and handed in when it has been drained, and what
// comes of them is drained in turn. A round hands in no more than there were at its beginning, so that an engine which answers a failure by the same
// failure does not keep the loop from its sockets.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>Drains the engine to the sockets.</summary>
internal sealed class EngineDriver
{
    private readonly struct UndeliveredNotice(in Flow flow, TransportFault fault)
    {
        public readonly Flow Flow = flow;
        public readonly TransportFault Fault = fault;
    }

    private readonly Ring<UndeliveredNotice> _notices;
    private readonly HostCounters _counters;
    private DatagramSender? _datagrams;
    private TcpConnections? _connections;
    private DnsPorts? _dns;
    private MediaPorts? _media;
    private ISipEngine? _engine;

    [StartUp(Because = "a pool is made before start")]
    public EngineDriver(StartGate gate, HostOptions options, HostCounters counters)
    {
        _notices = new(gate, "notices", options.Notices);
        _counters = counters;
    }

    public ISipEngine Engine => _engine!;

    /// <summary>True while something waits to be handed in.</summary>
    public bool HasNotices => _notices.Count > 0 || _connections!.HasEnded;

    public bool HasRoomForNotice => _notices.Free > 0;

    [StartUp(Because = "the parts of a host know each other from the start")]
    public void Connect(DatagramSender datagrams, TcpConnections connections, DnsPorts dns, MediaPorts media)
    {
        _datagrams = datagrams;
        _connections = connections;
        _dns = dns;
        _media = media;
    }

    public void Serve(ISipEngine engine) => _engine = engine;

    /// <summary>Does all that the engine asks for. Datagrams may stay behind in the batch until <see cref="Flush"/>.</summary>
    public void Drain(Instant now)
    {
        while (true)
        {
            var buffer = _datagrams!.FreeBuffer(now);
            if (!Engine.PollTransmit(buffer, out var transmit))
                return;
            // A port of its own, and not in the batch: it goes at once.
            if (transmit.Flow.Protocol == Protocol.Rtp)
            {
                _media!.Send(transmit.Flow, buffer[..transmit.Length]);
                continue;
            }
            bool isDns = transmit.Flow.Protocol == Protocol.Dns;
            if (transmit.Kind == TransmitKind.Datagram && !isDns)
            {
                _datagrams.Add(now, transmit.Flow, transmit.Length);
                continue;
            }
            // Another kind of work: what was collected goes first, and leaves the buffer's octets as they are.
            _datagrams.Flush(now);
            switch (transmit.Kind)
            {
                case TransmitKind.Datagram:
                    _dns!.Send(now, transmit.Flow, buffer[..transmit.Length]);
                    break;
                case TransmitKind.Close when isDns:
                    _dns!.Close(transmit.Flow);
                    break;
                case TransmitKind.Stream:
                    _connections!.Send(transmit.Connection, now, buffer[..transmit.Length]);
                    break;
                case TransmitKind.Connect:
                    _connections!.Open(now, transmit.Flow);
                    break;
                case TransmitKind.Close:
                    _connections!.Close(now, transmit.Connection);
                    break;
            }
        }
    }

    public void Flush(Instant now) => _datagrams!.Flush(now);

    /// <summary>Notes what the engine has to be told when it has been drained: of a datagram, or of a connection that Host has no room for.</summary>
    public void Notice(in Flow flow, TransportFault fault)
    {
        if (!_notices.TryAdd(new(flow, fault)))
            _counters.NoticesDropped++;
    }

    /// <summary>Hands in the faults that are noted now.</summary>
    public void HandInNotices(Instant now)
    {
        for (int i = _notices.Count; i > 0; i--)
        {
            _ = _notices.TryTake(out var notice);
            if (notice.Flow.IsReliable)
                Engine.HandleClosed(now, notice.Flow.Connection, notice.Fault);
            else
                Engine.HandleUndelivered(now, notice.Flow, notice.Fault);
            Drain(now);
        }
        _connections!.HandInEnded(now);
    }
}
