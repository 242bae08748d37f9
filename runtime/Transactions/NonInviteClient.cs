// The non-INVITE client transaction (RFC 3261 §17.1.2, figure 6).
//
//     request          1xx                 final
//    --------> Trying -----> Proceeding ----------> Completed ---K---> Terminated
//      E: again, up to T2; always T2 when Proceeding
//      F: over
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

public sealed partial class TransactionLayer
{
    private bool ReceiveNonInviteResponse(Instant now, Handle<ClientTransaction> handle, SipMessage response)
    {
        ref var client = ref _clients[handle];
        switch (client.State)
        {
            case TransactionState.Trying:
            case TransactionState.Proceeding:
                if (response.Status.StatusCode < 200)
                {
                    client.State = TransactionState.Proceeding;
                    return true;
                }
                client.State = TransactionState.Completed;
                ReleaseRequest(ref client);
                CancelTimer(_clientTimers, handle.Index, Repeat);
                // Timer K: T4, or nothing on a reliable transport.
                if (client.Flow.IsReliable)
                    EndClient(handle);
                else
                    Arm(_clientTimers, handle.Index, Life, now + _options.T4);
                return true;
            default:
                return false;
        }
    }

    private void NonInviteClientTimer(Instant now, Handle<ClientTransaction> handle, bool isRepeat, out TransactionEvent happened)
    {
        happened = default;
        ref var client = ref _clients[handle];
        if (isRepeat)
        {
            Resend(now, handle);
            client.Interval = client.State == TransactionState.Proceeding ? _options.T2 : Shorter(client.Interval * 2, _options.T2);
            Arm(_clientTimers, handle.Index, Repeat, now + client.Interval);
            return;
        }
        // Timer F, or timer K.
        if (client.State == TransactionState.Completed)
            EndClient(handle);
        else
            EndUnanswered(handle, out happened);
    }
}
