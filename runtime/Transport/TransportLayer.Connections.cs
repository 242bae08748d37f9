// Connections: accepted, opened, reused (RFC 3261 §18, RFC 5923 for what is not done here: no alias), cut into messages, and closed when they are idle,
// stalled or broken.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Transport;

public sealed partial class TransportLayer
{
    public bool IsLive(Handle<Connection> connection) => _connections.IsLive(connection);

    /// <summary>True for a connection that is live and was opened by us.</summary>
    public bool IsOurs(Handle<Connection> connection) => _connections.IsLive(connection) && _connections[connection].IsOurs;

    /// <summary>True while a message has come in part.</summary>
    public bool IsReceiving(Handle<Connection> connection) =>
        _connections.IsLive(connection) && _connections[connection].IsAwaited && _connections[connection].Partial.IsSome;

    /// <summary>Keeps a connection from being closed for being idle, once more; nothing happens if it is gone.</summary>
    public void Retain(Handle<Connection> connection)
    {
        if (_connections.IsLive(connection))
            _connections[connection].Holders++;
    }

    /// <summary>Takes one <see cref="Retain"/> back; nothing happens if the connection is gone.</summary>
    public void ReleaseRetained(Handle<Connection> connection)
    {
        if (!_connections.IsLive(connection))
            return;
        ref int holders = ref _connections[connection].Holders;
        System.Diagnostics.Debug.Assert(holders > 0, "a connection was released that nobody retains");
        holders--;
    }

    /// <summary>The flow of a connection that is live.</summary>
    public Flow FlowOf(Handle<Connection> connection)
    {
        ref readonly var entry = ref _connections[connection];
        return new(entry.Protocol, entry.Local, entry.Remote, connection);
    }

    /// <summary>A peer connected. False, counted, where there is no slot.</summary>
    public bool TryAccept(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        if (!_connections.TryAdd(out connection))
        {
            Counters.ConnectionsRefused++;
            return false;
        }
        Begin(now, connection, flow, StreamSide.Accepted);
        return true;
    }

    private bool TryOpen(Instant now, ref Flow flow)
    {
        // The connection and what is to go over it.
        if (_outputs.Free < 2)
        {
            Counters.OutputsRefused++;
            return false;
        }
        if (!_connections.TryAdd(out var connection))
        {
            Counters.ConnectionsRefused++;
            return false;
        }
        flow = new(flow.Protocol, flow.Local.WithPort(0), flow.Remote, connection);
        Begin(now, connection, flow, StreamSide.Opened);
        return TryQueue(TransmitKind.Connect, flow, default);
    }

    private void Begin(Instant now, Handle<Connection> connection, in Flow flow, StreamSide side)
    {
        ref var entry = ref _connections[connection];
        entry.Protocol = flow.Protocol;
        entry.Local = flow.Local;
        entry.Remote = flow.Remote;
        entry.Framer = new(side, _options.Leniency, _streamMessageOctets);
        entry.LastUse = now;
        entry.IsOurs = side == StreamSide.Opened;
        entry.IsOpen = entry.IsAwaited = side == StreamSide.Accepted;
        _timers.Arm(connection.Index, now + (entry.IsOpen ? _options.PartialTimeout : _options.ConnectTimeout));
    }

    // A connection to the same peer serves every request to it. There are few, so a walk is as quick as an index.
    private bool TryReuse(ref Flow flow)
    {
        for (int i = _connections.NextTaken(0); i >= 0; i = _connections.NextTaken(i + 1))
        {
            ref readonly var entry = ref _connections.At(i);
            if (entry.Protocol != flow.Protocol || entry.Remote != flow.Remote || !IsFrom(flow.Local, entry.Local))
                continue;
            flow = FlowOf(_connections.HandleOf(i));
            return true;
        }
        return false;
    }

    private static bool IsFrom(in IpEndpoint wanted, in IpEndpoint local) => wanted.IsAny || local.IsAny || wanted.HasAddressOf(local);

    /// <summary>A connection that was asked for is open.</summary>
    public void Connected(Instant now, Handle<Connection> connection, in IpEndpoint local)
    {
        if (!_connections.IsLive(connection))
            return;
        ref var entry = ref _connections[connection];
        entry.IsOpen = true;
        entry.LastUse = now;
        entry.Local = local;
        _timers.Arm(connection.Index, now + _options.IdleClose);
    }

    /// <summary>A connection ended. False where it had ended before.</summary>
    public bool Closed(Handle<Connection> connection)
    {
        if (!_connections.IsLive(connection))
            return false;
        Counters.ConnectionsClosed++;
        Free(connection);
        return true;
    }

    /// <summary>Closes a connection of ours; nothing happens if it is gone.</summary>
    public void Close(Handle<Connection> connection)
    {
        if (!_connections.IsLive(connection))
            return;
        // Where the queue is full, which takes more outputs than one input causes, the host closes it when the slot is used again.
        TryQueue(TransmitKind.Close, FlowOf(connection), default);
        Free(connection);
    }

    /// <summary>The port of a question is needed no more (<see cref="Protocol.Dns"/>). Where the queue is full the host closes it in time.</summary>
    public void ReleasePort(in Flow flow) => TryQueue(TransmitKind.Close, flow, default);

    private void Free(Handle<Connection> connection)
    {
        _buffers.Release(_connections[connection].Partial);
        _timers.Cancel(connection.Index);
        _connections.Remove(connection);
    }

    /// <summary>What <see cref="TakeStream"/> found was read.</summary>
    public void EndInput()
    {
        _buffers.Release(_spent);
        _spent = default;
    }

    /// <summary>
    /// Takes octets of a stream until they yield a message. Returns how many were taken; <paramref name="message"/> is good until <see cref="EndInput"/>. A
    /// ping is answered here, a pong told (RFC 5626 §4.4.1). Messages are read where they arrived; only what is not whole is put aside.
    /// </summary>
    public int TakeStream(
        Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets, out StreamFinding finding, out ReadOnlySpan<byte> message,
        out ParseFault fault)
    {
        finding = StreamFinding.Nothing;
        message = default;
        fault = default;
        if (octets.IsEmpty)
            return 0;
        if (!_connections.IsLive(connection))
        {
            Counters.StaleInputs++;
            return octets.Length;
        }
        ref var entry = ref _connections[connection];
        entry.LastUse = now;
        int held = entry.Partial.Length;
        int taken = held == 0 ? octets.Length : Append(ref entry.Partial, octets);
        var whole = held == 0 ? octets : _buffers.Of(entry.Partial);
        switch (entry.Framer.Next(whole, out int consumed))
        {
            case StreamInput.NeedMore:
                if (held == 0 ? _buffers.TryCopy(octets, out entry.Partial) : taken == octets.Length)
                {
                    Await(now, connection);
                    return octets.Length;
                }
                Counters.StreamsWithoutBuffer++;
                Close(connection);
                finding = StreamFinding.Closed;
                return octets.Length;
            case StreamInput.Message:
                Counters.StreamMessagesReceived++;
                finding = StreamFinding.Message;
                message = whole[..consumed];
                break;
            case StreamInput.Fault:
                Counters.UnframableStreams++;
                finding = StreamFinding.Fault;
                message = whole[..consumed];
                fault = entry.Framer.Fault;
                consumed = held + octets.Length;
                break;
            case StreamInput.Ping:
                Counters.Pings++;
                // Pings that arrive at once are one question: a peer that sends nothing else could otherwise keep us answering.
                for (; whole[consumed..].StartsWith("\r\n\r\n"u8); consumed += "\r\n\r\n".Length)
                    Counters.Pings++;
                SendPong(connection);
                break;
            default:
                Counters.Pongs++;
                finding = StreamFinding.Pong;
                break;
        }
        _spent = entry.Partial;
        entry.Partial = default;
        if (entry.IsAwaited)
            SetAwaited(now, connection, false);
        return consumed - held;
    }

    // Adds what there is room for, in a larger buffer where one is needed and free. Returns how much that was.
    private int Append(ref Memory.Buffer partial, ReadOnlySpan<byte> octets)
    {
        int held = partial.Length;
        int wanted = Math.Min(held + octets.Length, _streamMessageOctets);
        if (wanted > _buffers.WholeOf(partial).Length && _buffers.TryTake(wanted, out var larger))
        {
            _buffers.Of(partial).CopyTo(_buffers.Of(larger));
            _buffers.Release(partial);
            partial = larger;
        }
        int taken = Math.Min(octets.Length, _buffers.WholeOf(partial).Length - held);
        partial = partial.WithLength(held + taken);
        octets[..taken].CopyTo(_buffers.Of(partial)[held..]);
        return taken;
    }

    // CR LF CR: any more than that is a ping, or begins a message.
    private const int MaxPendingLineEnds = 3;

    // A message has begun: it must be whole in time. A lone line end, which some peers send as a keep-alive, awaits nothing.
    private void Await(Instant now, Handle<Connection> connection)
    {
        ref var entry = ref _connections[connection];
        bool isMessage = entry.Partial.Length > MaxPendingLineEnds || _buffers.Of(entry.Partial).IndexOfAnyExcept((byte)'\r', (byte)'\n') >= 0;
        if (isMessage != entry.IsAwaited)
            SetAwaited(now, connection, isMessage);
    }

    private void SetAwaited(Instant now, Handle<Connection> connection, bool isAwaited)
    {
        _connections[connection].IsAwaited = isAwaited;
        _timers.Arm(connection.Index, now + (isAwaited ? _options.PartialTimeout : _options.IdleClose));
    }

    private void SendPong(Handle<Connection> connection)
    {
        if (!_buffers.TryCopy("\r\n"u8, out var pong))
        {
            Counters.OutputsRefused++;
            return;
        }
        TryQueue(TransmitKind.Stream, FlowOf(connection), pong);
        _buffers.Release(pong);
    }

    /// <summary>
    /// Takes one connection whose time is up and closes it: not open in time, a message that did not become whole, or idle. False where there is none.
    /// </summary>
    public bool TryPopTimer(Instant now, out Handle<Connection> closed, out TransportFault fault)
    {
        while (_timers.TryPop(now, out int index))
        {
            closed = _connections.HandleOf(index);
            ref readonly var entry = ref _connections.At(index);
            fault = TransportFault.TimedOut;
            if (!entry.IsOpen)
                Counters.ConnectTimeouts++;
            else if (entry.IsAwaited)
                Counters.StalledStreams++;
            else if (entry.LastUse + _options.IdleClose is var due && due > now)
            {
                _timers.Arm(index, due);
                continue;
            }
            else if (entry.Holders > 0)
            {
                _timers.Arm(index, now + _options.IdleClose);
                continue;
            }
            else
            {
                Counters.IdleStreamsClosed++;
                fault = TransportFault.Closed;
            }
            Close(closed);
            return true;
        }
        closed = default;
        fault = default;
        return false;
    }
}
