// Connections: accepted, opened, reused (RFC 3261 §18, RFC 5923 for what is not done here: no alias), cut into messages, and closed when they are idle,
// stalled or broken.
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace SipEmbedded.Transport;

public sealed partial class TransportLayer
{
    public bool IsLive(Handle<Connection> connection) => _connections.IsLive(connection);

    /// <summary>The flow of a connection that is live.</summary>
    public Flow FlowOf(Handle<Connection> connection)
    {
        ref readonly var entry = ref _connections[connection];
        return new(entry.Protocol, entry.Local, entry.Remote, connection);
    }

    /// <summary>A peer connected. False, counted, where there is no slot.</summary>
    public bool TryAccept(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        BeginInput();
        if (!_connections.TryAdd(out connection))
        {
            Counters.ConnectionsRefused++;
            return false;
        }
        Begin(now, connection, flow, StreamSide.Accepted, isOpen: true);
        return true;
    }

    private bool TryOpen(Instant now, ref Flow flow)
    {
        if (_outputs.Free < 2 || !_connections.TryAdd(out var connection))
        {
            Counters.ConnectionsRefused++;
            return false;
        }
        flow = new(flow.Protocol, flow.Local.WithPort(0), flow.Remote, connection);
        Begin(now, connection, flow, StreamSide.Opened, isOpen: false);
        return TryQueue(TransmitKind.Connect, flow, default);
    }

    private void Begin(Instant now, Handle<Connection> connection, in Flow flow, StreamSide side, bool isOpen)
    {
        ref var entry = ref _connections[connection];
        entry.Protocol = flow.Protocol;
        entry.Local = flow.Local;
        entry.Remote = flow.Remote;
        entry.Framer = new(side, _options.Leniency, _options.MaxStreamMessageOctets);
        entry.LastUse = now;
        entry.IsOpen = isOpen;
        _timers.Arm(connection.Index, now + (isOpen ? _options.IdleClose : _options.ConnectTimeout));
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
        BeginInput();
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
        BeginInput();
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
        // Where the queue is full the peer closes in the end, or the host finds the handle stale with the next octets.
        TryQueue(TransmitKind.Close, FlowOf(connection), default);
        Free(connection);
    }

    private void Free(Handle<Connection> connection)
    {
        _buffers.Release(_connections[connection].Partial);
        _timers.Cancel(connection.Index);
        _connections.Remove(connection);
    }

    /// <summary>Makes ready for the next input: what was found in the last one is read no more.</summary>
    public void BeginInput()
    {
        if (!_spent.IsSome)
            return;
        _buffers.Release(_spent);
        _spent = default;
    }

    /// <summary>
    /// Takes octets of a stream until they yield a message. Returns how many were taken; <paramref name="message"/> is good until the next input. A ping
    /// is answered here (RFC 5626 §4.4.1).
    /// </summary>
    public int TakeStream(
        Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets, out StreamFinding finding, out ReadOnlySpan<byte> message)
    {
        BeginInput();
        finding = StreamFinding.Nothing;
        message = default;
        if (!_connections.IsLive(connection))
        {
            Counters.StaleInputs++;
            return octets.Length;
        }
        ref var entry = ref _connections[connection];
        entry.LastUse = now;
        return entry.Partial.IsSome
            ? TakeBehindPartial(now, connection, octets, out finding, out message)
            : TakeFresh(now, connection, octets, out finding, out message);
    }

    // Nothing is waiting: messages are read where they arrived, what is left of one is put aside.
    private int TakeFresh(
        Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets, out StreamFinding finding, out ReadOnlySpan<byte> message)
    {
        ref var entry = ref _connections[connection];
        finding = StreamFinding.Nothing;
        message = default;
        var input = entry.Framer.Next(octets, out int consumed);
        switch (input)
        {
            case StreamInput.NeedMore:
                int room = Math.Min(_options.MaxStreamMessageOctets, _buffers.LargestOctets);
                if (octets.Length > room || !_buffers.TryTake(room, out var buffer))
                {
                    Counters.StreamsWithoutBuffer++;
                    Close(connection);
                    return octets.Length;
                }
                octets.CopyTo(_buffers.Of(buffer));
                entry.Partial = buffer.WithLength(octets.Length);
                Await(now, connection, octets);
                return octets.Length;
            case StreamInput.Message:
                Counters.StreamMessagesReceived++;
                finding = StreamFinding.Message;
                message = octets[..consumed];
                return consumed;
            case StreamInput.Fault:
                Counters.UnframableStreams++;
                finding = StreamFinding.Fault;
                message = octets[..consumed];
                return octets.Length;
            default:
                KeepAlive(now, connection, input);
                return consumed;
        }
    }

    private int TakeBehindPartial(
        Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets, out StreamFinding finding, out ReadOnlySpan<byte> message)
    {
        ref var entry = ref _connections[connection];
        finding = StreamFinding.Nothing;
        message = default;
        int held = entry.Partial.Length;
        var whole = _buffers.WholeOf(entry.Partial);
        int taken = Math.Min(octets.Length, Math.Min(whole.Length, _options.MaxStreamMessageOctets) - held);
        octets[..taken].CopyTo(whole[held..]);
        entry.Partial = entry.Partial.WithLength(held + taken);
        var input = entry.Framer.Next(whole[..(held + taken)], out int consumed);
        switch (input)
        {
            case StreamInput.NeedMore:
                Await(now, connection, whole[..(held + taken)]);
                if (taken == octets.Length)
                    return taken;
                // The buffer is full and the framer, which knows its size, wants more: it cannot be.
                Counters.StreamsWithoutBuffer++;
                Close(connection);
                return octets.Length;
            case StreamInput.Message:
                Counters.StreamMessagesReceived++;
                finding = StreamFinding.Message;
                message = whole[..consumed];
                EndPartial(now, connection);
                return consumed - held;
            case StreamInput.Fault:
                Counters.UnframableStreams++;
                finding = StreamFinding.Fault;
                message = whole[..consumed];
                EndPartial(now, connection);
                return octets.Length;
            default:
                EndPartial(now, connection);
                KeepAlive(now, connection, input);
                return consumed - held;
        }
    }

    // A message has begun: it must be whole in time. A lone line end, which some peers send as a keep-alive, awaits nothing.
    private void Await(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> partial)
    {
        ref var entry = ref _connections[connection];
        if (entry.IsAwaited || partial.IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0)
            return;
        entry.IsAwaited = true;
        _timers.Arm(connection.Index, now + _options.PartialTimeout);
    }

    private void EndPartial(Instant now, Handle<Connection> connection)
    {
        ref var entry = ref _connections[connection];
        _spent = entry.Partial;
        entry.Partial = default;
        entry.IsAwaited = false;
        _timers.Arm(connection.Index, now + _options.IdleClose);
    }

    private void KeepAlive(Instant now, Handle<Connection> connection, StreamInput input)
    {
        if (input == StreamInput.Pong)
        {
            Counters.Pongs++;
            return;
        }
        Counters.Pings++;
        var flow = FlowOf(connection);
        Send(now, ref flow, "\r\n"u8);
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
