// The INVITE client transaction (RFC 3261 §17.1.1, figure 5, as RFC 6026 §7.2 and figure 4 amend it), with CANCEL (RFC 3261 §9.1).
//
//     INVITE            1xx                2xx                         M
//    -------> Calling ------> Proceeding -------> Accepted ----------------> Terminated
//      A: again  |               |  300-699: ACK      each 2xx is told
//      B: over   +---------------+----------> Completed ---D--------------> Terminated
//                                              each of them: ACK again
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

public sealed partial class TransactionLayer
{
    // RFC 3261 §17.1.1.2: at least 32 s over an unreliable transport, whatever T1 is.
    private static readonly TimeSpan TimerD = TimeSpan.FromSeconds(32);

    private bool ReceiveInviteResponse(Instant now, Handle<ClientTransaction> handle, SipMessage response)
    {
        ref var client = ref _clients[handle];
        int status = response.Status.StatusCode;
        switch (client.State)
        {
            case TransactionState.Calling:
            case TransactionState.Proceeding:
                CancelTimer(_clientTimers, handle.Index, Repeat);
                if (status < 200)
                    HearProvisional(now, handle);
                else if (status < 300)
                {
                    client.State = TransactionState.Accepted;
                    client.WantsCancel = false;
                    // Timer M. Each 2xx is acknowledged by the user.
                    ReleaseRequest(ref client);
                    Arm(_clientTimers, handle.Index, Life, now + _timeout);
                }
                else
                    CompleteInvite(now, handle, response);
                return true;
            case TransactionState.Accepted:
                // RFC 6026 §7.2: any further 2xx, of this callee or another, is told; all else is dropped.
                return status is >= 200 and < 300;
            case TransactionState.Completed:
                if (status >= 300)
                {
                    Counters.Retransmissions++;
                    _transport.Send(now, ref client.Flow, client.Request);
                }
                return false;
            default:
                return false;
        }
    }

    private void HearProvisional(Instant now, Handle<ClientTransaction> handle)
    {
        ref var client = ref _clients[handle];
        client.State = TransactionState.Proceeding;
        if (client.IsCancelSent)
            return;
        Arm(_clientTimers, handle.Index, Life, now + _options.PendingLimit);
        // RFC 3261 §9.1: a CANCEL waits for a provisional response.
        if (client.WantsCancel)
            SendCancel(now, handle, client.CancelLines.IsSome ? _buffers.Of(client.CancelLines) : default);
    }

    private void CompleteInvite(Instant now, Handle<ClientTransaction> handle, SipMessage response)
    {
        ref var client = ref _clients[handle];
        client.State = TransactionState.Completed;
        client.WantsCancel = false;
        bool isAcknowledged = TryMakeAck(handle, response);
        if (isAcknowledged)
            _transport.Send(now, ref client.Flow, client.Request);
        // Timer D; nothing comes again on a reliable transport.
        if (client.Flow.IsReliable || !isAcknowledged)
            EndClient(handle);
        else
            Arm(_clientTimers, handle.Index, Life, now + (_timeout > TimerD ? _timeout : TimerD));
    }

    private void InviteClientTimer(Instant now, Handle<ClientTransaction> handle, bool isRepeat, out TransactionEvent happened)
    {
        happened = default;
        ref var client = ref _clients[handle];
        if (isRepeat)
        {
            // Timer A: doubles without a limit.
            Resend(now, handle);
            client.Interval *= 2;
            Arm(_clientTimers, handle.Index, Repeat, now + client.Interval);
            return;
        }
        // A callee that rings for ever: nobody would acknowledge what it answers one day.
        if (client.State == TransactionState.Proceeding && !client.IsCancelSent)
        {
            SendCancel(now, handle, default);
            return;
        }
        // Timer B, no word after the CANCEL (RFC 3261 §9.1); or timer D or M.
        if (client.State is TransactionState.Calling or TransactionState.Proceeding)
            EndUnanswered(handle, out happened);
        else
            EndClient(handle);
    }
}
