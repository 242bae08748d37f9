// Flows that are kept alive, and found dead (RFC 5626 §3.5, §4.4, §5.4, §8; RFC 6223 §5; RFC 8489 §6.2.1, §6.3). Pongs are told from messages by the transport
// layer, STUN by RFC 7983's first octet; what registers again is above.
//
// note [keepers of one flow]
// Accounts at one server share a flow, and each keeps it with an interval of its own. Whoever's time comes first pings, and the others that use the same
// method begin their wait anew, so a flow is pinged as often as the shortest interval says. What becomes of the ping concerns all of them: who asked is told at
// once, the others by TryPopTimer, since one step gives one event.
using System.Diagnostics;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.KeepAlive;

/// <summary>Keeps flows; see note [keepers of one flow]. Each wait is uniform between 80 % and 100 % of the interval (RFC 5626 §4.4.1).</summary>
public sealed class FlowKeeper
{
    // RFC 5626 §4.4.1: a pong may stand behind a message that is still coming in, which is looked at so often. The transport layer ends one that stalls.
    private static readonly TimeSpan s_pauseBehindMessage = TimeSpan.FromMilliseconds(500);

    private readonly FlowKeeperOptions _options;
    private readonly TransportLayer _transport;
    private readonly Entropy _entropy;
    private readonly SlotMap<KeptFlow> _flows;
    private readonly TimerWheel _timers;

    public KeepAliveCounters Counters;

    [StartUp(Because = "a pool is made before start")]
    public FlowKeeper(StartGate gate, FlowKeeperOptions options, TransportLayer transport, Entropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.StunRequests);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.StunLastWait);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.StunTimeout, TimeSpan.Zero);
        _options = options;
        _transport = transport;
        _entropy = entropy;
        _flows = new(gate, "kept flows", options.Flows);
        _timers = new(gate, "kept flows", options.Flows);
    }

    /// <summary>Keepers at work.</summary>
    public int Count => _flows.Count;

    /// <summary>When to call <see cref="TryPopTimer"/>, or never.</summary>
    public Instant NextDeadline => _timers.NextDeadline;

    public bool IsLive(Handle<KeptFlow> kept) => _flows.IsLive(kept);

    /// <summary>Our address as the peer sees it; false where it has not said, or the handle is stale.</summary>
    public bool TryGetMapped(Handle<KeptFlow> kept, out IpEndpoint mapped)
    {
        mapped = _flows.IsLive(kept) ? _flows[kept].Mapped : default;
        return !mapped.IsAny;
    }

    /// <summary>
    /// Keeps a flow from now on, the first ping after one wait. <paramref name="interval"/> is Flow-Timer's, keep's (RFC 6223 §5) or a default of
    /// <see cref="FlowKeeperOptions"/>. A kept connection is not closed for being idle. False, counted, where no slot is free, the method is not for that
    /// protocol, or the connection is gone or was opened by the peer, who pings then (RFC 5626 §3.5.1).
    /// </summary>
    public bool TryKeep(Instant now, in Flow flow, KeepAliveMethod method, TimeSpan interval, ulong user, out Handle<KeptFlow> kept)
    {
        kept = default;
        if (!CanKeep(flow, method) || !_flows.TryAdd(out kept))
        {
            Counters.Refused++;
            return false;
        }
        ref var it = ref _flows[kept];
        it.Flow = flow;
        it.Method = method;
        it.Interval = PingInterval.Bounded(interval);
        it.User = user;
        it.Due = it.NextPing = now + WaitOf(it);
        if (flow.IsReliable)
            _transport.Retain(flow.Connection);
        Arm(now, kept.Index);
        return true;
    }

    /// <summary>Keeps a flow no longer; nothing happens for a stale handle.</summary>
    public void Release(Handle<KeptFlow> kept)
    {
        if (_flows.IsLive(kept))
            Remove(kept);
    }

    private bool CanKeep(in Flow flow, KeepAliveMethod method) => flow.Protocol switch
    {
        Protocol.Udp => method != KeepAliveMethod.None,
        Protocol.Tcp or Protocol.Tls => method is KeepAliveMethod.Crlf or KeepAliveMethod.CrlfUnpromised && _transport.IsOurs(flow.Connection),
        _ => false,
    };

    private void Remove(Handle<KeptFlow> kept)
    {
        ref readonly var it = ref _flows[kept];
        if (it.Flow.IsReliable)
            _transport.ReleaseRetained(it.Flow.Connection);
        _timers.Cancel(kept.Index);
        _flows.Remove(kept);
    }

    private TimeSpan WaitOf(in KeptFlow it) => PingInterval.Wait(it.Interval, _entropy);

    // What has still to be told comes first.
    private void Arm(Instant now, int index)
    {
        ref readonly var it = ref _flows.At(index);
        _timers.Arm(index, it.Fault != TransportFault.None || it.Mapped != it.Told ? now : it.Due);
    }

    // ---- Asking -----------------------------------------------------------------------------------------------------------------

    /// <summary>Deals with one timer that has expired; false where there is none. <paramref name="happened"/> may be of no kind.</summary>
    public bool TryPopTimer(Instant now, out KeptFlowEvent happened)
    {
        happened = default;
        if (!_timers.TryPop(now, out int index))
            return false;
        var kept = _flows.HandleOf(index);
        ref readonly var it = ref _flows.At(index);
        if (it.Fault != TransportFault.None)
            happened = End(kept, it.Fault);
        else if (it.Mapped != it.Told)
            happened = TellAddress(now, kept);
        else if (it.IsAsking)
            GoUnanswered(now, kept, out happened);
        else
            Ask(now, kept, out happened);
        return true;
    }

    private void Ask(Instant now, Handle<KeptFlow> kept, out KeptFlowEvent happened)
    {
        happened = default;
        ref var it = ref _flows[kept];
        // Ended without a word to us, or nothing could be sent on it but by another connection.
        if (it.Flow.IsReliable && !_transport.IsLive(it.Flow.Connection))
        {
            Die(now, kept, TransportFault.Closed, out happened);
            return;
        }
        it.NextPing = it.Due = now + WaitOf(it);
        if (it.Method == KeepAliveMethod.Stun)
        {
            it.Id = new((uint)_entropy.Next(), _entropy.Next());
            it.IsAsking = true;
            it.Requests = 1;
            it.Due = now + _options.StunTimeout;
            SendRequest(now, it);
        }
        else if (it.Flow.IsReliable)
        {
            bool isAsked = TrySend(now, it.Flow, "\r\n\r\n"u8);
            it.IsAsking = isAsked && (it.Method == KeepAliveMethod.Crlf || it.HasAnswered);
            if (it.IsAsking)
                it.Due = now + _options.PongTimeout;
        }
        else
            TrySend(now, it.Flow, "\r\n"u8);
        Counters.Asked++;
        Arm(now, kept.Index);
        PutOffOthers(now, kept);
    }

    // It has been asked for them too.
    private void PutOffOthers(Instant now, Handle<KeptFlow> kept)
    {
        for (int i = NextOf(kept, 0); i >= 0; i = NextOf(kept, i + 1))
        {
            ref var other = ref _flows.At(i);
            if (other.IsAsking || other.Method != _flows[kept].Method)
                continue;
            other.Due = other.NextPing = now + WaitOf(other);
            Arm(now, i);
        }
    }

    private bool TrySend(Instant now, Flow flow, ReadOnlySpan<byte> octets)
    {
        if (_transport.Send(now, ref flow, octets) == SendResult.Sent)
            return true;
        Counters.NotSent++;
        return false;
    }

    // One that finds no room is lost as on the way; the next is sent in any case.
    private void SendRequest(Instant now, in KeptFlow it)
    {
        Span<byte> octets = stackalloc byte[StunWriter.MaxOctets];
        TrySend(now, it.Flow, new StunWriter(octets, StunClass.Request, it.Id).Finish(hasFingerprint: false));
    }

    private void GoUnanswered(Instant now, Handle<KeptFlow> kept, out KeptFlowEvent happened)
    {
        happened = default;
        ref var it = ref _flows[kept];
        if (it.Flow.IsReliable && _transport.IsReceiving(it.Flow.Connection))
            it.Due = now + s_pauseBehindMessage;
        else if (it.Method == KeepAliveMethod.Stun && it.Requests < _options.StunRequests)
        {
            SendRequest(now, it);
            Counters.Retransmissions++;
            it.Requests++;
            // RFC 8489 §6.2.1: 0, 500, 1500, 3500, 7500, 15500, 31500 ms, given up at 39500.
            it.Due = now + (it.Requests < _options.StunRequests
                ? _options.StunTimeout * (1L << Math.Min(it.Requests - 1, MaxDoublings))
                : _options.StunTimeout * _options.StunLastWait);
        }
        else
        {
            Die(now, kept, TransportFault.TimedOut, out happened);
            return;
        }
        Arm(now, kept.Index);
    }

    // More doublings than any sensible Rc has, and few enough for a TimeSpan.
    private const int MaxDoublings = 20;

    // ---- Answers ----------------------------------------------------------------------------------------------------------------

    /// <summary>A pong came on a connection: whoever waits for one has it.</summary>
    public void HandlePong(Instant now, Handle<Connection> connection)
    {
        bool isAwaited = false;
        for (int i = _flows.NextTaken(0); i >= 0; i = _flows.NextTaken(i + 1))
        {
            ref var it = ref _flows.At(i);
            if (!it.Flow.IsReliable || it.Flow.Connection != connection)
                continue;
            it.HasAnswered = true;
            isAwaited |= it.IsAsking;
            if (it.IsAsking)
                WaitForNext(now, i);
        }
        if (isAwaited)
            Counters.Pongs++;
    }

    private void WaitForNext(Instant now, int index)
    {
        ref var it = ref _flows.At(index);
        it.IsAsking = false;
        it.Due = it.NextPing;
        Arm(now, index);
    }

    /// <summary>
    /// Takes a datagram that is STUN, whoever it is for: an answer to a request of ours, believed only from where that went (RFC 8489 §6.3.3); a request
    /// (<see cref="FlowKeeperOptions.AnswersBinding"/>); or what nobody waits for. False for any other datagram.
    /// </summary>
    public bool HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram, out KeptFlowEvent happened)
    {
        happened = default;
        if (flow.Protocol != Protocol.Udp || !TransportLayer.IsStun(datagram))
            return false;
        if (!StunMessage.TryRead(datagram, out var message))
            Counters.StunDropped++;
        else if (message.Class == StunClass.Request)
            Answer(now, flow, message);
        else if (message.Class == StunClass.Indication)
            Counters.StunIndications++;
        else if (!TryFindAsked(flow, message.Id, out var kept))
            Counters.StunStrays++;
        else
        {
            Counters.StunAnswers++;
            TakeAnswer(now, kept, message, out happened);
        }
        return true;
    }

    // RFC 8489 §6.3.1. An answer goes back the way that the request came, and holds no state.
    private void Answer(Instant now, in Flow flow, in StunMessage request)
    {
        if (!_options.AnswersBinding)
        {
            Counters.StunRequestsIgnored++;
            return;
        }
        Counters.StunRequestsAnswered++;
        var writer = new StunWriter(stackalloc byte[StunWriter.MaxOctets], request.HasUnknownRequired ? StunClass.Error : StunClass.Success, request.Id);
        if (request.HasUnknownRequired)
            writer.UnknownAttributes(request);
        else
            writer.XorMappedAddress(flow.Remote);
        TrySend(now, flow, writer.Finish(request.HasFingerprint));
    }

    private bool TryFindAsked(in Flow flow, StunTransactionId id, out Handle<KeptFlow> kept)
    {
        for (int i = _flows.NextTaken(0); i >= 0; i = _flows.NextTaken(i + 1))
        {
            ref readonly var it = ref _flows.At(i);
            if (!it.IsAsking || it.Method != KeepAliveMethod.Stun || it.Id != id || !IsOn(it.Flow, flow))
                continue;
            kept = _flows.HandleOf(i);
            return true;
        }
        kept = default;
        return false;
    }

    private void TakeAnswer(Instant now, Handle<KeptFlow> kept, in StunMessage answer, out KeptFlowEvent happened)
    {
        happened = default;
        // RFC 5626 §4.4.2, RFC 8489 §6.3.3: an error, or an answer that cannot be understood, is a failure of the flow.
        if (answer.Class == StunClass.Error || answer.HasUnknownRequired)
        {
            Die(now, kept, TransportFault.Refused, out happened);
            return;
        }
        WaitForNext(now, kept.Index);
        if (answer.Mapped is not { IsAny: false } mapped)
            return;
        _flows[kept].Mapped = mapped;
        for (int i = NextOf(kept, 0); i >= 0; i = NextOf(kept, i + 1))
        {
            _flows.At(i).Mapped = mapped;
            Arm(now, i);
        }
        if (_flows[kept].Told != mapped)
            happened = TellAddress(now, kept);
    }

    private KeptFlowEvent TellAddress(Instant now, Handle<KeptFlow> kept)
    {
        ref var it = ref _flows[kept];
        var kind = it.Told.IsAny ? KeptFlowEventKind.AddressLearnt : KeptFlowEventKind.AddressChanged;
        it.Told = it.Mapped;
        Arm(now, kept.Index);
        return new() { Kind = kind, User = it.User, Flow = kept, Over = it.Flow, Mapped = it.Mapped };
    }

    // ---- Ends -------------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// A datagram could not be delivered (RFC 8489 §6.2.1: a hard ICMP error is a failure): flows that go there are dead. True where one of them is told
    /// by <paramref name="happened"/>; the rest are told by <see cref="TryPopTimer"/>. What says something of that datagram alone, its size or our own want of
    /// room, ends no flow.
    /// </summary>
    public bool HandleUndelivered(Instant now, in Flow flow, TransportFault fault, out KeptFlowEvent happened)
    {
        happened = default;
        if (flow.Protocol != Protocol.Udp || fault is TransportFault.TooLarge or TransportFault.Exhausted)
            return false;
        int first = -1;
        for (int i = _flows.NextTaken(0); i >= 0; i = _flows.NextTaken(i + 1))
        {
            if (!IsOn(_flows.At(i).Flow, flow) || _flows.At(i).Fault != TransportFault.None)
                continue;
            if (first < 0)
                first = i;
            else
                Doom(now, i, fault);
        }
        if (first < 0)
            return false;
        happened = End(_flows.HandleOf(first), fault);
        return true;
    }

    /// <summary>A connection ended. Its keepers are told by <see cref="TryPopTimer"/>.</summary>
    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        for (int i = _flows.NextTaken(0); i >= 0; i = _flows.NextTaken(i + 1))
        {
            ref readonly var it = ref _flows.At(i);
            if (it.Flow.IsReliable && it.Flow.Connection == connection && it.Fault == TransportFault.None)
                Doom(now, i, fault);
        }
    }

    private void Doom(Instant now, int index, TransportFault fault)
    {
        Debug.Assert(fault != TransportFault.None);
        _flows.At(index).Fault = fault;
        Arm(now, index);
    }

    // Found dead by us: nobody else may use the connection, or a new request would.
    private void Die(Instant now, Handle<KeptFlow> kept, TransportFault fault, out KeptFlowEvent happened)
    {
        for (int i = NextOf(kept, 0); i >= 0; i = NextOf(kept, i + 1))
            Doom(now, i, fault);
        happened = End(kept, fault);
        if (happened.Over.IsReliable)
            _transport.Close(happened.Over.Connection);
    }

    private KeptFlowEvent End(Handle<KeptFlow> kept, TransportFault fault)
    {
        Counters.Deaths++;
        ref readonly var it = ref _flows[kept];
        var happened = new KeptFlowEvent { Kind = KeptFlowEventKind.Dead, User = it.User, Flow = kept, Over = it.Flow, Mapped = it.Mapped, Fault = fault };
        Remove(kept);
        return happened;
    }

    // ---- Which flow it is -------------------------------------------------------------------------------------------------------

    // The next other keeper of the same flow, at or behind a slot, that is not to be told dead; or -1. There are few flows, so a walk is as quick as an index.
    private int NextOf(Handle<KeptFlow> kept, int index)
    {
        for (int i = _flows.NextTaken(index); i >= 0; i = _flows.NextTaken(i + 1))
        {
            if (i != kept.Index && _flows.At(i).Fault == TransportFault.None && IsOn(_flows[kept].Flow, _flows.At(i).Flow))
                return i;
        }
        return -1;
    }

    // A connection is its handle. A datagram's flow is two addresses, where ours may have been left open.
    private static bool IsOn(in Flow kept, in Flow flow) =>
        kept.Protocol == flow.Protocol && (kept.IsReliable
            ? kept.Connection == flow.Connection
            : kept.Remote == flow.Remote && IsSame(kept.Local, flow.Local));

    private static bool IsSame(in IpEndpoint left, in IpEndpoint right) =>
        (left.IsAny || right.IsAny || left.HasAddressOf(right)) && (left.Port == 0 || right.Port == 0 || left.Port == right.Port);
}
