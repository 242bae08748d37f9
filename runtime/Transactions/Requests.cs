// Requests of ours: sent, answered, cancelled, failed over from a stream to UDP (RFC 3261 §8.1.1, §9.1, §17.1, §18.1.1), and the ACK that the transaction makes
// itself (§17.1.1.3).
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

public sealed partial class TransactionLayer
{
    /// <summary>
    /// A builder over memory of the layer's own, for a request to be handed to <see cref="SendRequest(Instant, in MessageBuilder, in Flow, ulong,
    /// out Handle{ClientTransaction})"/> or <see cref="SendAck"/>. It writes no Via: that is the layer's.
    /// </summary>
    public MessageBuilder BeginRequest() => new(_draft);

    /// <summary>
    /// Sends a request, all but its top Via, on a flow; on a stream without a connection one is found or opened. Above the path limit a stream is tried
    /// first (RFC 3261 §18.1.1). Exactly one final response, timeout or error follows; of an INVITE perhaps several 2xx.
    /// </summary>
    public SendResult SendRequest(Instant now, scoped in MessageBuilder request, in Flow flow, ulong user, out Handle<ClientTransaction> handle) =>
        SendRequest(now, request, flow, new RequestSettings { User = user }, out handle);

    /// <inheritdoc cref="SendRequest(Instant, in MessageBuilder, in Flow, ulong, out Handle{ClientTransaction})"/>
    public SendResult SendRequest(
        Instant now, scoped in MessageBuilder request, in Flow flow, scoped in RequestSettings settings, out Handle<ClientTransaction> handle)
    {
        handle = default;
        if (!request.IsValid || request.Written.IsEmpty)
            return request.Overflowed ? SendResult.TooLarge : SendResult.Malformed;
        // It stands in a header, where it must not begin another.
        if (settings.SentBy.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || settings.SentBy.IndexOfAny((byte)';', (byte)',') >= 0)
            return SendResult.Malformed;
        ulong branch = _entropy.Next();
        var chosen = flow;
        int length = Compose(request.Written, flow, branch, settings.SentBy, settings.OffersKeepAlive);
        if (settings.HeldAt == 0 && IsTooLong(flow, length))
        {
            Counters.SwitchedToStream++;
            chosen = new(Protocol.Tcp, flow.Local.WithPort(0), flow.Remote);
            length = Compose(request.Written, chosen, branch, settings.SentBy, settings.OffersKeepAlive);
        }
        if (length == 0)
            return SendResult.TooLarge;
        if (!TryReadMethod(_composed.AsSpan(0, length), out var method) || method is Method.Ack or Method.Cancel)
            return SendResult.Malformed;
        var result = TryAddClient(now, _composed.AsSpan(0, length), chosen, branch, method, flow, settings.HeldAt, out handle);
        if (result != SendResult.Sent)
            return result;
        ref var client = ref _clients[handle];
        client.User = settings.User;
        client.HasSentBy = !settings.SentBy.IsEmpty;
        client.OffersKeepAlive = settings.OffersKeepAlive;
        if (settings.HeldAt == 0)
            BeginClient(now, handle);
        return SendResult.Sent;
    }

    // RFC 3261 §18.1.1.
    private bool IsTooLong(in Flow flow, int length) =>
        flow.Protocol == Protocol.Udp && _transport.Options.PathLimitOctets is > 0 and var limit && length > limit;

    // ---- Requests whose way is not known yet ------------------------------------------------------------------------------------------

    /// <summary>The way of the requests that are held under a number is known: they go out, in the order in which they were made.</summary>
    public void Depart(Instant now, ulong heldAt, in Flow flow)
    {
        while (TryTakeHeld(heldAt, out var handle))
        {
            if (!TryDepart(now, handle, flow))
                Fail(now, handle, TransportFault.Exhausted);
        }
    }

    /// <summary>No way was found for the requests that are held under a number: each fails, as one that could not be delivered (RFC 3261 §8.1.3.1).</summary>
    public void FailHeld(ulong heldAt, TransportFault fault)
    {
        while (TryTakeHeld(heldAt, out var handle))
        {
            // Due already, whatever the time is.
            Fail(default, handle, fault);
        }
    }

    // The one that was made first.
    private bool TryTakeHeld(ulong heldAt, out Handle<ClientTransaction> handle)
    {
        handle = default;
        for (int i = _held == 0 ? -1 : _clients.NextTaken(0); i >= 0; i = _clients.NextTaken(i + 1))
        {
            if (_clients.At(i).HeldAt == heldAt && (!handle.IsSome || _clients.At(i).HeldOrder < _clients[handle].HeldOrder))
                handle = _clients.HandleOf(i);
        }
        if (!handle.IsSome)
            return false;
        _clients[handle].HeldAt = 0;
        _held--;
        return true;
    }

    private bool TryDepart(Instant now, Handle<ClientTransaction> handle, in Flow flow)
    {
        ref var client = ref _clients[handle];
        client.Flow = flow;
        int length = ComposeAgain(client, flow);
        if (IsTooLong(flow, length))
        {
            Counters.SwitchedToStream++;
            client.Flow = new(Protocol.Tcp, flow.Local.WithPort(0), flow.Remote);
            client.IsSwitched = true;
            client.UdpLocal = flow.Local;
            length = ComposeAgain(client, client.Flow);
        }
        if (length == 0 || !TryReplaceRequest(ref client, _composed.AsSpan(0, length)))
            return false;
        if (_transport.Send(now, ref client.Flow, client.Request) != SendResult.Sent)
            return client.IsSwitched && FallBack(now, handle);
        BeginClient(now, handle);
        return true;
    }

    // A request that was composed before, with a Via for another flow and the branch that it had; the octets are in _composed.
    private int ComposeAgain(in ClientTransaction client, in Flow flow)
    {
        var request = _buffers.Of(client.Request);
        // Our own Via is the second line.
        int first = request.IndexOf("\r\n"u8) + 2;
        int second = first + request[first..].IndexOf("\r\n"u8) + 2;
        request[..first].CopyTo(_draft);
        request[second..].CopyTo(_draft.AsSpan(first));
        // What its sender put into the Via stays.
        var via = request[first..second];
        via = via[(via.LastIndexOf((byte)' ') + 1)..];
        var sentBy = client.HasSentBy ? via[..via.IndexOf((byte)';')] : default;
        return Compose(_draft.AsSpan(0, first + request.Length - second), flow, client.Branch, sentBy, client.OffersKeepAlive);
    }

    /// <summary>Sends the ACK to a 2xx, all but its Via: a message without a transaction (RFC 3261 §13.2.2.4).</summary>
    public SendResult SendAck(Instant now, scoped in MessageBuilder ack, in Flow flow)
    {
        if (!ack.IsValid || ack.Written.IsEmpty)
            return ack.Overflowed ? SendResult.TooLarge : SendResult.Malformed;
        int length = Compose(ack.Written, flow, _entropy.Next(), sentBy: default, offersKeepAlive: false);
        if (length == 0)
            return SendResult.TooLarge;
        if (!TryReadMethod(_composed.AsSpan(0, length), out var method) || method != Method.Ack)
            return SendResult.Malformed;
        var target = flow;
        return _transport.Send(now, ref target, _composed.AsSpan(0, length));
    }

    /// <summary>
    /// Ends an INVITE of ours (RFC 3261 §9.1). Before a provisional response the CANCEL waits for one. The INVITE still ends by its own final response,
    /// which may be a 2xx; or, 64·T1 after the CANCEL, by a timeout. <paramref name="lines"/> are header lines for the CANCEL, each with its CRLF; where it has to
    /// wait and no buffer is free, it goes without them.
    /// </summary>
    public SendResult Cancel(Instant now, Handle<ClientTransaction> handle, scoped ReadOnlySpan<byte> lines = default)
    {
        if (!_clients.IsLive(handle))
        {
            Counters.StaleCommands++;
            return SendResult.Gone;
        }
        // Whole lines, and no end of the headers among them.
        if (!lines.IsEmpty && (!lines.EndsWith("\r\n"u8) || lines.StartsWith("\r\n"u8) || lines.IndexOf("\r\n\r\n"u8) >= 0))
            return SendResult.Malformed;
        ref var client = ref _clients[handle];
        if (!client.IsInvite || !IsPending(client) || client.IsCancelSent)
            return SendResult.NotAllowed;
        client.WantsCancel = true;
        if (client.State != TransactionState.Calling)
            return SendCancel(now, handle, lines);
        if (!lines.IsEmpty && !client.CancelLines.IsSome && !_buffers.TryCopy(lines, out client.CancelLines))
            Counters.CancelsWithoutLines++;
        return SendResult.Sent;
    }

    private SendResult SendCancel(Instant now, Handle<ClientTransaction> invite, scoped ReadOnlySpan<byte> lines)
    {
        ref var client = ref _clients[invite];
        client.WantsCancel = false;
        client.IsCancelSent = true;
        // Should the CANCEL find no room: the INVITE ends by this alone.
        Arm(_clientTimers, invite.Index, Life, now + _timeout);
        ReadRetained(_buffers.Of(client.Request), out var request);
        var builder = new MessageBuilder(_draft);
        builder.StartRequest(Method.Cancel, request.Request.Uri.Extent.In(request.Text));
        CopyRouting(ref builder, request, Method.Cancel);
        builder.CopyFirst(request, HeaderName.To);
        builder.CopyLines(lines);
        builder.Finish();
        if (!builder.IsValid)
            return SendResult.TooLarge;
        var result = TryAddClient(now, builder.Written, client.Flow, client.Branch, Method.Cancel, client.Flow, heldAt: 0, out var handle);
        if (result == SendResult.Sent)
            BeginClient(now, handle);
        return result;
    }

    // What an ACK and a CANCEL have from their INVITE, but To. The Via is copied, not written anew: a connection may have changed what would stand in it.
    private static void CopyRouting(ref MessageBuilder builder, SipMessage invite, Method method)
    {
        builder.CopyFirst(invite, HeaderName.Via);
        builder.Header(HeaderName.MaxForwards, MaxForwards);
        builder.CopyAll(invite, HeaderName.Route);
        builder.CopyFirst(invite, HeaderName.From);
        builder.CopyFirst(invite, HeaderName.CallID);
        if (invite.TryGet<CSeq>(out var cseq, out _))
            builder.CSeq(cseq.Sequence, Methods.NameOf(method));
    }

    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    // The ACK to a final response other than 2xx (RFC 3261 §17.1.1.3): the INVITE's Request-URI, branch, Route, From, Call-ID and CSeq number; the response's To;
    // the INVITE's credentials (§22.1).
    private bool TryMakeAck(Handle<ClientTransaction> handle, SipMessage response)
    {
        ref var client = ref _clients[handle];
        ReadRetained(_buffers.Of(client.Request), out var request);
        var builder = new MessageBuilder(_draft);
        builder.StartRequest(Method.Ack, request.Request.Uri.Extent.In(request.Text));
        CopyRouting(ref builder, request, Method.Ack);
        builder.CopyFirst(response, HeaderName.To);
        builder.CopyAll(request, HeaderName.Authorization);
        builder.CopyAll(request, HeaderName.ProxyAuthorization);
        builder.Finish();
        if (!builder.IsValid)
            return false;
        return TryReplaceRequest(ref client, builder.Written);
    }

    // What a client keeps in the place of its request: in the same buffer where that is large enough and nobody else reads it, so that it needs no other.
    private bool TryReplaceRequest(ref ClientTransaction client, scoped ReadOnlySpan<byte> text)
    {
        if (!_buffers.IsShared(client.Request) && text.Length <= _buffers.WholeOf(client.Request).Length)
        {
            client.Request = client.Request.WithLength(text.Length);
            text.CopyTo(_buffers.Of(client.Request));
            return true;
        }
        if (!_buffers.TryCopy(text, out var copy))
        {
            Counters.ClientsRefused++;
            return false;
        }
        _buffers.Release(client.Request);
        client.Request = copy;
        return true;
    }

    private void ReadRetained(ReadOnlySpan<byte> text, out SipMessage message)
    {
        _retained = default;
        bool isRead = SipMessage.TryRead(text, Framing.Datagram, ref _retainedIndex, out message, out _, _leniency);
        System.Diagnostics.Debug.Assert(isRead, "a request of our own cannot be read");
    }

    // A whole request goes out on flow, unless it is held; where another was wanted, that is for when this one fails.
    private SendResult TryAddClient(
        Instant now, scoped ReadOnlySpan<byte> request, in Flow flow, ulong branch, Method method, in Flow wanted, ulong heldAt,
        out Handle<ClientTransaction> handle)
    {
        handle = default;
        if (_clients.IsFull || !_buffers.TryCopy(request, out var copy))
        {
            Counters.ClientsRefused++;
            return request.Length > _buffers.LargestOctets ? SendResult.TooLarge : SendResult.Full;
        }
        _clients.TryAdd(out handle);
        ref var client = ref _clients[handle];
        client.Branch = branch;
        client.Flow = flow;
        client.Request = copy;
        client.Method = method;
        client.IsSwitched = flow.Protocol != wanted.Protocol;
        client.UdpLocal = wanted.Local;
        _branches.Add(branch, handle.Index);
        if (heldAt != 0)
        {
            client.HeldAt = heldAt;
            client.HeldOrder = ++_heldOrder;
            _held++;
            client.State = client.IsInvite ? TransactionState.Calling : TransactionState.Trying;
            return SendResult.Sent;
        }
        var result = _transport.Send(now, ref client.Flow, copy);
        // No connection to be had for a large request: UDP, as after a failure to connect.
        if (result == SendResult.Sent || client.IsSwitched && FallBack(now, handle))
            return SendResult.Sent;
        Counters.ClientsRefused++;
        EndClient(handle);
        handle = default;
        return result;
    }

    // Both machines begin alike: A and E at T1, on an unreliable transport alone; B and F at 64·T1.
    private void BeginClient(Instant now, Handle<ClientTransaction> handle)
    {
        ref var client = ref _clients[handle];
        client.State = client.IsInvite ? TransactionState.Calling : TransactionState.Trying;
        client.Interval = _options.T1;
        if (client.Flow.IsReliable)
            CancelTimer(_clientTimers, handle.Index, Repeat);
        else
            Arm(_clientTimers, handle.Index, Repeat, now + client.Interval);
        Arm(_clientTimers, handle.Index, Life, now + _timeout);
    }

    /// <summary>Puts a Via behind the start line; the octets are in _composed. 0 where they do not fit.</summary>
    private int Compose(scoped ReadOnlySpan<byte> request, in Flow flow, ulong branch, scoped ReadOnlySpan<byte> sentBy, bool offersKeepAlive)
    {
        int line = request.IndexOf("\r\n"u8) + 2;
        var writer = new ByteWriter(_composed);
        writer.Write(request[..line]);
        writer.Write("Via: SIP/2.0/"u8);
        writer.Write(TransportLayer.NameOf(flow.Protocol));
        writer.Write((byte)' ');
        if (sentBy.IsEmpty)
            _transport.WriteSentBy(flow, ref writer);
        else
            writer.Write(sentBy);
        // RFC 3581 §3: a client asks for the port; on a stream it is the connection's and nobody asks.
        writer.Write(flow.IsReliable ? ";branch="u8 : ";rport;branch="u8);
        writer.Write(TokenText.MagicCookie);
        Span<byte> token = stackalloc byte[TokenText.Length];
        TokenText.Write(branch, token);
        writer.Write(token);
        if (offersKeepAlive)
            writer.Write(";keep"u8);
        writer.Write("\r\n"u8);
        writer.Write(request[line..]);
        return writer.Overflowed ? 0 : writer.Written;
    }

    // What is sent can be read, and routed: its ACK, its CANCEL and its answers depend on that.
    private bool TryReadMethod(ReadOnlySpan<byte> request, out Method method)
    {
        _retained = default;
        bool isRead = SipMessage.TryRead(request, Framing.Datagram, ref _retainedIndex, out var message, out _, _leniency)
            && message.IsRequest && RoutingView.TryRead(message, out _, out _);
        method = isRead ? message.Request.Method : default;
        return isRead;
    }

    private static ReadOnlySpan<byte> RequestUriOf(ReadOnlySpan<byte> request)
    {
        int start = request.IndexOf((byte)' ') + 1;
        int length = request[start..].IndexOf((byte)' ');
        return length < 0 ? default : request.Slice(start, length);
    }

    // ---- Answers ----------------------------------------------------------------------------------------------------------------

    private bool ReceiveResponse(Instant now, in Flow flow, SipMessage response, in RoutingView view, out TransactionEvent happened)
    {
        happened = default;
        // RFC 3261 §8.1.3.3: more than our own Via means that it is not for us.
        var vias = response.All<Via>();
        if (!vias.MoveNext() || vias.MoveNext() || vias.Fault.IsFault)
        {
            Counters.BadResponses++;
            return false;
        }
        Counters.ResponsesReceived++;
        if (!TryReadBranch(view.TopVia.Branch.In(response.Text), out ulong branch)
            || !TryFindClient(branch, view.CSeq.Method, out var handle) || _clients[handle].Fault != TransportFault.None)
        {
            Counters.StrayResponses++;
            return false;
        }
        var method = _clients[handle].Method;
        ulong user = _clients[handle].User;
        bool isTold = method == Method.Invite ? ReceiveInviteResponse(now, handle, response) : ReceiveNonInviteResponse(now, handle, response);
        // The answer to a CANCEL tells nothing: the INVITE's own does (RFC 3261 §9.1).
        if (!isTold || method == Method.Cancel)
        {
            Counters.ResponsesAbsorbed++;
            return false;
        }
        Counters.ResponsesTold++;
        Keep(response, view);
        happened = new()
        {
            Kind = TransactionEventKind.Response, Method = method, Client = handle, User = user, Status = response.Status.StatusCode, Flow = flow,
        };
        return true;
    }

    // A request that has its final response is not sent again.
    private void ReleaseRequest(ref ClientTransaction client)
    {
        _buffers.Release(client.Request);
        client.Request = default;
    }

    private void Resend(Instant now, Handle<ClientTransaction> handle)
    {
        ref var client = ref _clients[handle];
        Counters.Retransmissions++;
        _transport.Send(now, ref client.Flow, client.Request);
    }

    private void EndClient(Handle<ClientTransaction> handle)
    {
        ref readonly var client = ref _clients[handle];
        _held -= client.HeldAt != 0 ? 1 : 0;
        _branches.Remove(client.Branch, handle.Index);
        _buffers.Release(client.Request);
        _buffers.Release(client.CancelLines);
        CancelTimer(_clientTimers, handle.Index, Repeat);
        CancelTimer(_clientTimers, handle.Index, Life);
        _clients.Remove(handle);
    }

    /// <summary>
    /// Ends a client transaction, other than an INVITE's, without an event: nothing of it is sent any more, and what still comes for it is a stray response. For
    /// a request whose way is gone, so that the next one does not go out beside it (RFC 3261 §10.2).
    /// </summary>
    public void Abandon(Handle<ClientTransaction> handle)
    {
        if (_clients.IsLive(handle) && !_clients[handle].IsInvite)
            EndClient(handle);
    }

    private void EndUnanswered(Handle<ClientTransaction> handle, out TransactionEvent happened)
    {
        ref readonly var client = ref _clients[handle];
        Counters.ClientTimeouts++;
        happened = client.Method == Method.Cancel
            ? default
            : new() { Kind = TransactionEventKind.Timeout, Method = client.Method, Client = handle, User = client.User, Flow = client.Flow };
        EndClient(handle);
    }

    // ---- Errors below -----------------------------------------------------------------------------------------------------------

    /// <summary>
    /// A connection ended. The requests on it that have no final response fail, or go over UDP if only their size had sent them there; the events come by
    /// <see cref="TryPopTimer"/>, one by one. Server transactions stay: their responses open a new connection (RFC 3261 §18.2.2, RFC 6026 §7.1).
    /// </summary>
    public void ConnectionEnded(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        // Requests over UDP have none, and none of theirs has ended.
        if (!connection.IsSome)
            return;
        for (int i = _clients.NextTaken(0); i >= 0; i = _clients.NextTaken(i + 1))
        {
            if (IsPending(_clients.At(i)) && _clients.At(i).Flow.Connection == connection)
                Fail(now, _clients.HandleOf(i), fault);
        }
    }

    /// <summary>Datagrams to a peer do not arrive (RFC 3261 §18.4). The requests to it that nothing was heard of fail as above.</summary>
    public void Undelivered(Instant now, in Flow flow, TransportFault fault)
    {
        for (int i = _clients.NextTaken(0); i >= 0; i = _clients.NextTaken(i + 1))
        {
            ref readonly var client = ref _clients.At(i);
            if (IsPending(client) && client.State != TransactionState.Proceeding && client.Flow.Protocol == Protocol.Udp && client.Flow.Remote == flow.Remote)
                Fail(now, _clients.HandleOf(i), fault);
        }
    }

    private static bool IsPending(in ClientTransaction client) => client.HeldAt == 0
        && client.State is TransactionState.Calling or TransactionState.Trying or TransactionState.Proceeding && client.Fault == TransportFault.None;

    private void Fail(Instant now, Handle<ClientTransaction> handle, TransportFault fault)
    {
        ref var client = ref _clients[handle];
        if (client.IsSwitched && client.State != TransactionState.Proceeding && FallBack(now, handle))
            return;
        client.Fault = fault;
        CancelTimer(_clientTimers, handle.Index, Repeat);
        Arm(_clientTimers, handle.Index, Life, now);
    }

    // RFC 3261 §18.1.1: over UDP after all, with the same branch: the server has not seen it.
    private bool FallBack(Instant now, Handle<ClientTransaction> handle)
    {
        ref var client = ref _clients[handle];
        var flow = new Flow(Protocol.Udp, client.UdpLocal, client.Flow.Remote);
        int length = ComposeAgain(client, flow);
        if (length == 0 || !TryReplaceRequest(ref client, _composed.AsSpan(0, length)))
            return false;
        client.Flow = flow;
        client.IsSwitched = false;
        Counters.FellBackToUdp++;
        _transport.Send(now, ref client.Flow, client.Request);
        BeginClient(now, handle);
        return true;
    }

    private void EndFailed(Handle<ClientTransaction> handle, out TransactionEvent happened)
    {
        ref readonly var client = ref _clients[handle];
        Counters.TransportErrors++;
        happened = client.Method == Method.Cancel
            ? default
            : new()
            {
                Kind = TransactionEventKind.TransportError, Method = client.Method, Client = handle, User = client.User, Fault = client.Fault,
                Flow = client.Flow,
            };
        EndClient(handle);
    }
}
