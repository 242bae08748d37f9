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
            bool isEarly = _serverTimers.IsArmed(handle.Index * TimersEach + Repeat);
            if (isEarly && !server.Target.IsReliable)
                return SendResult.NotAllowed;
            CancelTimer(_serverTimers, handle.Index, Repeat);
            server.State = TransactionState.Proceeding;
            return Retain(handle, response, isFinal: false) == SendResult.Sent
                ? SendRetained(now, handle)
                : _transport.Send(now, ref server.Target, response);
        }
        var result = Retain(handle, response, isFinal: true);
        if (result != SendResult.Sent)
            return result;
        server.Status = (ushort)status;
        server.State = TransactionState.Completed;
        CancelTimer(_serverTimers, handle.Index, Repeat);
        result = SendRetained(now, handle);
        // Timer J: 64·T1, or nothing on a reliable transport, where nothing is sent again.
        if (server.Target.IsReliable)
        {
            EndServer(handle);
            return result;
        }
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
