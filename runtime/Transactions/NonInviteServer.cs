// The non-INVITE server transaction (RFC 3261 §17.2.2, figure 8, with RFC 4320 §4: no 408, no provisional but a late 100).
//
//      request               final
//    ---------> Trying ---------------> Completed ---J---> Terminated
//                  |  100                   ^
//                  +------> Proceeding -----+
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

public sealed partial class TransactionLayer
{
    private void BeginNonInviteServer(Instant now, Handle<ServerTransaction> handle)
    {
        _servers[handle].State = TransactionState.Trying;
        // RFC 4320 §4.1: a 100 when the client's timer E has reached T2; §4.2: nothing at all once its timer F has fired.
        Arm(_serverTimers, handle.Index, Repeat, now + _timeToT2);
        Arm(_serverTimers, handle.Index, Life, now + _timeout);
    }

    private SendResult RespondToNonInvite(Instant now, Handle<ServerTransaction> handle, int status, scoped ReadOnlySpan<byte> response)
    {
        ref var server = ref _servers[handle];
        bool isPending = server.State is TransactionState.Trying or TransactionState.Proceeding;
        if (!isPending || status == 408 || status is > 100 and < 200)
            return SendResult.NotAllowed;
        if (status == 100)
        {
            CancelTimer(_serverTimers, handle.Index, Repeat);
            server.State = TransactionState.Proceeding;
            if (Retain(handle, response, isFinal: false) != SendResult.Sent)
                return _transport.Send(now, ref server.Target, response);
            SendRetained(now, handle);
            return SendResult.Sent;
        }
        var result = Retain(handle, response, isFinal: true);
        if (result != SendResult.Sent)
            return result;
        server.Status = (ushort)status;
        server.State = TransactionState.Completed;
        CancelTimer(_serverTimers, handle.Index, Repeat);
        SendRetained(now, handle);
        // Timer J: 64·T1, or nothing on a reliable transport.
        if (server.Target.IsReliable)
            EndServer(handle);
        else
            Arm(_serverTimers, handle.Index, Life, now + _timeout);
        return SendResult.Sent;
    }

    private void NonInviteServerTimer(Instant now, Handle<ServerTransaction> handle, bool isRepeat, out TransactionEvent happened)
    {
        happened = default;
        ref readonly var server = ref _servers[handle];
        if (isRepeat)
        {
            SendTrying(now, handle);
            return;
        }
        // Timer J, or an answer that comes too late to be heard.
        if (server.State != TransactionState.Completed)
        {
            Counters.ServerTimeouts++;
            happened = new() { Kind = TransactionEventKind.Timeout, Method = server.Method, Server = handle, User = server.User, Flow = server.Target };
        }
        EndServer(handle);
    }
}
