// The INVITE server transaction (RFC 3261 §17.2.1, figure 7, as RFC 6026 §7.1 and figure 5 amend it), CANCEL (RFC 3261 §9.2), and what RFC 3261
// §13.3.1.4 gives the UAS core to do: send a 2xx again until its ACK comes.
//
//      INVITE                 2xx                         L
//    --------> Proceeding ------------> Accepted ------------------> Terminated
//                  |  300-699            ACK: told; 2xx sent again until then
//                  +-------> Completed ---ACK---> Confirmed ---I---> Terminated
//                             G: again   H: no ACK ----------------> Terminated
//
// note [a 2xx is sent again here]
// The RFCs leave that to the UAS core, since the INVITE may have come over several hops and the 2xx is acknowledged end to end. It takes the same
// retained message and the same two timers as a transaction that waits for its ACK, so it is done in the transaction's slot, on every transport.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

public sealed partial class TransactionLayer
{
    private void BeginInviteServer(Instant now, Handle<ServerTransaction> handle)
    {
        _servers[handle].State = TransactionState.Proceeding;
        Arm(_serverTimers, handle.Index, Repeat, now + _options.TryingDelay);
        Arm(_serverTimers, handle.Index, Life, now + _options.PendingLimit);
    }

    private SendResult RespondToInvite(Instant now, Handle<ServerTransaction> handle, int status, scoped ReadOnlySpan<byte> response)
    {
        ref var server = ref _servers[handle];
        if (server.State != TransactionState.Proceeding)
            return SendResult.NotAllowed;
        if (status < 200)
        {
            // Without a buffer it goes out once, and a retransmission is answered with what was kept before.
            CancelTimer(_serverTimers, handle.Index, Repeat);
            Arm(_serverTimers, handle.Index, Life, now + _options.PendingLimit);
            if (Retain(handle, response, isFinal: false) != SendResult.Sent)
                return _transport.Send(now, ref server.Target, response);
            SendRetained(now, handle);
            return SendResult.Sent;
        }
        var ackKey = status < 300 ? AckKeyOf(handle) : default;
        var result = Retain(handle, response, isFinal: true);
        if (result != SendResult.Sent)
            return result;
        server.Status = (ushort)status;
        server.Interval = _options.T1;
        if (status < 300)
        {
            server.State = TransactionState.Accepted;
            server.AckKey = ackKey;
            _ackKeys.Add((ulong)ackKey, handle.Index);
            // 2xx again: T1, doubling up to T2 (RFC 3261 §13.3.1.4); timer L.
            Arm(_serverTimers, handle.Index, Repeat, now + server.Interval);
            Arm(_serverTimers, handle.Index, Life, now + _timeout);
        }
        else
        {
            server.State = TransactionState.Completed;
            // Timers G and H.
            if (server.Target.IsReliable)
                CancelTimer(_serverTimers, handle.Index, Repeat);
            else
                Arm(_serverTimers, handle.Index, Repeat, now + server.Interval);
            Arm(_serverTimers, handle.Index, Life, now + _timeout);
        }
        SendRetained(now, handle);
        return SendResult.Sent;
    }

    private UInt128 AckKeyOf(Handle<ServerTransaction> handle)
    {
        var text = RequestOf(handle).Text;
        ref readonly var view = ref ViewOf(handle);
        ref readonly var server = ref _servers[handle];
        Span<byte> ours = stackalloc byte[TokenText.Length];
        TokenText.Write(server.Tag, ours);
        var toTag = server.AddsTag ? ours : view.ToTag.In(text);
        return AckKeyOf(view.CallId.In(text), view.FromTag.In(text), toTag, view.CSeq.Sequence);
    }

    private bool ReceiveAck(Instant now, in Flow flow, SipMessage ack, in RoutingView view, out TransactionEvent happened)
    {
        if (TryFindServer(KeyOf(ack, view), out var handle))
            return AcknowledgeByBranch(now, handle, ack, view, flow, out happened);
        // A branch of its own: to a 2xx.
        var text = ack.Text;
        if (TryFindAccepted(AckKeyOf(view.CallId.In(text), view.FromTag.In(text), view.ToTag.In(text), view.CSeq.Sequence), out handle))
            return AcknowledgeAccepted(handle, ack, view, flow, out happened);
        Counters.StrayAcks++;
        happened = default;
        return false;
    }

    // An ACK with the INVITE's branch: to a final response other than 2xx; or, from peers that know no better, to a 2xx (RFC 6026 §7.1: told).
    private bool AcknowledgeByBranch(Instant now, Handle<ServerTransaction> handle, SipMessage ack, in RoutingView view, in Flow flow, out TransactionEvent happened)
    {
        happened = default;
        ref var server = ref _servers[handle];
        switch (server.State)
        {
            case TransactionState.Accepted:
                return AcknowledgeAccepted(handle, ack, view, flow, out happened);
            case TransactionState.Completed:
                Counters.AcksReceived++;
                CancelTimer(_serverTimers, handle.Index, Repeat);
                if (server.Target.IsReliable)
                    EndServer(handle);
                else
                {
                    server.State = TransactionState.Confirmed;
                    // Timer I.
                    Arm(_serverTimers, handle.Index, Life, now + _options.T4);
                }
                return false;
            case TransactionState.Confirmed:
                Counters.AcksReceived++;
                return false;
            default:
                Counters.StrayAcks++;
                return false;
        }
    }

    private bool AcknowledgeAccepted(Handle<ServerTransaction> handle, SipMessage ack, in RoutingView view, in Flow flow, out TransactionEvent happened)
    {
        ref var server = ref _servers[handle];
        Counters.AcksReceived++;
        server.IsAcknowledged = true;
        CancelTimer(_serverTimers, handle.Index, Repeat);
        Keep(ack, view);
        happened = new() { Kind = TransactionEventKind.Ack, Method = Method.Ack, Server = handle, User = server.User, Flow = flow };
        return true;
    }

    // RFC 3261 §9.2. The CANCEL has its 200 whatever becomes of the INVITE, each time it comes, with the INVITE's tag; it keeps no slot of its own.
    private bool ReceiveCancel(Instant now, in Incoming incoming, Handle<ServerTransaction> handle, out TransactionEvent happened)
    {
        happened = default;
        Counters.CancelsReceived++;
        ref var server = ref _servers[handle];
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(incoming.Request, incoming.From));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        TokenText.Write(server.Tag, tag);
        if (Refusal.Write(200, incoming.Request, tag, ref builder))
            SendStateless(now, incoming.Target, builder);
        if (server.State != TransactionState.Proceeding || server.IsCancelled)
            return false;
        server.IsCancelled = true;
        Keep(incoming.Request, incoming.View);
        happened = new() { Kind = TransactionEventKind.Cancel, Method = Method.Cancel, Server = handle, User = server.User, Flow = incoming.From };
        return true;
    }

    private void InviteServerTimer(Instant now, Handle<ServerTransaction> handle, bool isRepeat, out TransactionEvent happened)
    {
        happened = default;
        ref var server = ref _servers[handle];
        if (isRepeat)
        {
            if (server.State == TransactionState.Proceeding)
            {
                SendTrying(now, handle);
                return;
            }
            // Timer G, or the 2xx again: both double up to T2.
            Counters.Retransmissions++;
            SendRetained(now, handle);
            server.Interval = Shorter(server.Interval * 2, _options.T2);
            Arm(_serverTimers, handle.Index, Repeat, now + server.Interval);
            return;
        }
        switch (server.State)
        {
            case TransactionState.Proceeding:
                Counters.ServerTimeouts++;
                happened = new() { Kind = TransactionEventKind.Timeout, Method = Method.Invite, Server = handle, User = server.User, Flow = server.Target };
                RefusePending(now, handle);
                return;
            // Timer H; and timer L where no ACK came.
            case TransactionState.Completed:
            case TransactionState.Accepted when !server.IsAcknowledged:
                Counters.Unacknowledged++;
                happened = new()
                {
                    Kind = TransactionEventKind.Unacknowledged, Method = Method.Invite, Server = handle, User = server.User, Status = server.Status,
                    Flow = server.Target,
                };
                break;
        }
        EndServer(handle);
    }

    // Our own user said nothing for PendingLimit: 408 (RFC 3261 §21.4.9), so that the caller and the slot are not left waiting.
    private void RefusePending(Instant now, Handle<ServerTransaction> handle)
    {
        var builder = new MessageBuilder(_draft);
        BeginResponse(handle, 408, ReasonPhrase.Of(408), TimeSpan.Zero, ref builder);
        builder.Finish();
        if (!builder.IsValid || RespondToInvite(now, handle, 408, builder.Written) != SendResult.Sent)
            EndServer(handle);
    }
}
