// The way of requests inside a call (RFC 3261 §12.2.1.1, RFC 3263 §4, RFC 5626 §4.3): the flow to the first route or the remote target, which may be a name.
//
// note [held until found]
// A server that has to be looked for takes its time. What is sent meanwhile has its number already: the transaction layer holds it, and it goes out in its order when
// the search has ended, or fails as one that could not be delivered. An ACK has no transaction: the leg remembers that it owes one, and it goes before them. So each
// leg waits for one search at most, and what waits is bounded by the client transactions that there are. What was found is kept as long as the leg, so that its
// requests keep to one server; before each of them it is looked up again where the records' time is over (RFC 2181 §5.2).
using SipEmbedded.Dialogs;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    private enum Way : byte
    {
        Known,

        /// <summary>It is being looked for.</summary>
        Searched,

        /// <summary>There is none: the name leads nowhere.</summary>
        None,

        /// <summary>No room to look for it; counted by the resolver.</summary>
        NoRoom,
    }

    // The number under which requests of a leg are held.
    private static ulong HeldAt(Handle<Leg> leg) => TransactionOwner.NumberOf(TransactionOwner.Calls, leg);

    /// <summary>Sends a request inside a dialog, or holds it until its way is found (note [held until found]).</summary>
    private SendResult SendInside(
        Instant now, Handle<Call> handle, Handle<Leg> at, scoped in MessageBuilder request, out Handle<ClientTransaction> client)
    {
        client = default;
        var way = FindWay(now, handle, at, out var flow);
        if (way == Way.NoRoom)
            return SendResult.Full;
        var settings = new RequestSettings { User = NumberOf(handle), HeldAt = way == Way.Known ? 0 : HeldAt(at) };
        var sent = _transactions.SendRequest(now, request, flow, settings, out client);
        if (way == Way.None)
            _transactions.FailHeld(HeldAt(at), TransportFault.Unreachable);
        return sent;
    }

    // Where nothing can be looked for, the way back is that of the peer's own message.
    private Way FindWay(Instant now, Handle<Call> handle, Handle<Leg> at, out Flow flow)
    {
        ref var leg = ref _legs[at];
        flow = _dialogs.FlowOf(leg.Dialog);
        ushort hop = _dialogs.HopChangesOf(leg.Dialog);
        if (leg.IsSearching)
            return Way.Searched;
        if (leg.HopChanges != hop)
            ReleaseServers(ref leg);
        leg.HopChanges = hop;
        ref readonly var call = ref _calls[handle];
        if (_resolver is null || !_dialogs.TryGetHopName(leg.Dialog, out var query) || _accounts is not null && _accounts.IsOutbound(call.Account, flow))
            return Way.Known;
        if (!leg.Servers.IsSome)
        {
            switch (_resolver.TryResolve(now, query, NumberOf(handle), out leg.Servers))
            {
                case ResolveResult.Started:
                    break;
                case ResolveResult.Full:
                    Counters.NoRoom++;
                    return Way.NoRoom;
                default:
                    // No name that DNS can hold, or a transport that we do not have.
                    return Way.Known;
            }
        }
        else if (!_resolver.Refresh(now, leg.Servers))
            return TakeWay(now, handle, ref leg, ref flow);
        if (_resolver.TryTakeOutcome(leg.Servers, out _))
            return TakeWay(now, handle, ref leg, ref flow);
        leg.IsSearching = true;
        return Way.Searched;
    }

    // RFC 5626 §4.3: a flow that leads to one of the servers found goes on being used; on a stream as long as it lives.
    private Way TakeWay(Instant now, Handle<Call> handle, ref Leg leg, ref Flow flow)
    {
        bool isThere = !flow.IsReliable || _transport.IsLive(flow.Connection);
        if (isThere && _resolver!.TryKeepTo(now, leg.Servers, flow))
            return Way.Known;
        return _resolver!.TryGetTarget(leg.Servers, out var target) && TryFlowTo(_calls[handle].Account, target, out flow) ? Way.Known : Way.None;
    }

    private bool TryFlowTo(Handle<Account> account, in Target target, out Flow flow) => _accounts is not null
        ? _accounts.TryFlowTo(account, target, out flow)
        : _transport.TryFlowTo(target.Protocol, target.Remote, target.Local, out flow);

    /// <summary>A search ended: that for the server of a call's INVITE, or that for the next hop of one of its dialogs.</summary>
    internal void Resolved(Instant now, in ResolutionOutcome outcome)
    {
        if (!TryFindByUser(outcome.User, out var handle))
            return;
        if (_calls[handle].Servers == outcome.Resolution)
        {
            ServerFound(now, handle, outcome);
            return;
        }
        for (int i = _calls[handle].FirstLeg; i != 0; i = _legs.At(i - 1).Next)
        {
            if (_legs.At(i - 1).Servers != outcome.Resolution || !_legs.At(i - 1).IsSearching)
                continue;
            WayFound(now, handle, _legs.HandleOf(i - 1));
            return;
        }
    }

    private void WayFound(Instant now, Handle<Call> handle, Handle<Leg> at)
    {
        ref var leg = ref _legs[at];
        leg.IsSearching = false;
        var flow = _dialogs.FlowOf(leg.Dialog);
        // The peer may have moved meanwhile.
        var way = leg.HopChanges == _dialogs.HopChangesOf(leg.Dialog) ? TakeWay(now, handle, ref leg, ref flow) : FindWay(now, handle, at, out flow);
        if (way == Way.Searched)
            return;
        bool isWell = true;
        if (way == Way.Known)
        {
            if (leg.OwedAck != 0)
                isWell = SendAck(now, handle, at, leg.OwedAck, flow);
            _transactions.Depart(now, HeldAt(at), flow);
        }
        else
            _transactions.FailHeld(HeldAt(at), TransportFault.Unreachable);
        leg.OwedAck = 0;
        if (leg.IsSurplus && !leg.Bye.IsSome)
            RemoveLeg(at);
        else if (!isWell && _calls[handle].State == CallState.Confirmed)
            SendBye(now, handle, CallEnd.NoMedia, cause: 0);
    }

    // RFC 3263 §4.3: who does not answer, or is not there, is passed over by the next request, and whoever answers is alive. What failed on our side says nothing.
    private void LearnOfServer(Instant now, Handle<Leg> at, in TransactionEvent told, int status)
    {
        if (!_legs.IsLive(at) || !_legs[at].Servers.IsSome || told.Fault is TransportFault.Closed or TransportFault.Exhausted or TransportFault.TooLarge)
            return;
        if (told.Kind == TransactionEventKind.Response && status != 503)
            _resolver!.Succeeded(now, _legs[at].Servers);
        else
            _resolver!.TryNext(now, _legs[at].Servers);
    }

    private void ReleaseServers(ref Leg leg)
    {
        if (leg.Servers.IsSome)
            _resolver!.Release(leg.Servers);
        leg.Servers = default;
    }
}
