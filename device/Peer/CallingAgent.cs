// A caller that asks and calls one peer, again and again, to test others with: OPTIONS as requests of its own (RFC 3261 §11.1), calls as a user of the calls
// layer, with one audio stream that is inactive.
//
//     OPTIONS ---> Asking ---- final response --------------------------------------------------> over
//     INVITE ----> Inviting -- 2xx: ACK --> Established -- hold time: BYE --> Ending -- final --> over
//                  answer limit: CANCEL     the callee's BYE -----------------------------------> over
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>Makes attempts at a rate. A host or a simulation drives it as any engine; <see cref="PollResult"/> tells how each ended.</summary>
public sealed class CallingAgent : AgentUser
{
    private enum AttemptState : byte
    {
        Asking,
        Inviting,
        Established,
        Ending,
    }

    private struct Attempt
    {
        public Handle<Call> Call;
        public AttemptResult Result;
        public Instant Begun;
        public AttemptState State;

        // To be ended as soon as it may be; the outcome is then Cancelled.
        public bool IsEnding;
    }

    // Results wait for as many attempts as one input can end, and more where nobody looks at once.
    private const int Results = 256;

    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    // Our own addresses: a host, a port and a transport.
    private const int MaxAddressOctets = 128;

    private readonly CallLayer _calls;
    private readonly CallingOptions _options;
    private readonly SlotMap<Attempt> _attempts;
    private readonly TimerWheel _timers;
    private readonly Ring<AttemptResult> _results;
    private readonly byte[] _contact;
    private readonly byte[] _from;
    private readonly byte[] _to;
    private readonly int _pace;
    private Instant _next;
    private bool _isWaiting;
    private bool _isStopping;

    public CallingCounters Counters;

    /// <summary><see cref="CallingOptions.Agent"/> has calls, as <see cref="CallingOptions.AgentFor"/> makes it.</summary>
    [StartUp(Because = "an agent is made before start")]
    public CallingAgent(StartGate gate, CallingOptions options, IEntropySource entropy)
        : base(new(gate, options.Agent, entropy))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Concurrency);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Interval, TimeSpan.Zero);
        _calls = base.Agent.Calls ?? throw new ArgumentException("A caller has calls.", nameof(options));
        _options = options;
        const string Attempts = "attempts";
        _attempts = new(gate, Attempts, options.Concurrency);
        // One for each attempt, and one for the pace.
        _timers = new(gate, Attempts, options.Concurrency + 1);
        _pace = options.Concurrency;
        _results = new(gate, "results", Results);
        ResponseTimes = new(gate);
        (_contact, _from, _to) = Addresses(options);
    }

    // Contact names the port where we listen, which on a stream is not the connection's own.
    [StartUp(Because = "our addresses are written before start")]
    private static (byte[] Contact, byte[] From, byte[] To) Addresses(CallingOptions options)
    {
        var local = options.Flow.Local;
        foreach (var point in options.Agent.Transport.ListeningPoints)
        {
            if (point.Protocol == options.Flow.Protocol)
                local = local.WithPort(point.Endpoint.Port);
        }
        var writer = new ByteWriter(stackalloc byte[MaxAddressOctets]);
        writer.Write("<sip:probe@"u8);
        local.WriteHost(ref writer);
        int host = writer.Written;
        writer.Write((byte)'>');
        byte[] from = writer.WrittenSpan.ToArray();
        writer.Rewind(host);
        writer.Write((byte)':');
        writer.Write((ulong)local.Port);
        writer.Write(options.Flow.Protocol == Protocol.Tcp ? ";transport=tcp>"u8 : ">"u8);
        return (writer.WrittenSpan.ToArray(), from, [(byte)'<', .. options.Uri, (byte)'>']);
    }

    /// <summary>The agent below: its counters and what it has in use.</summary>
    public new SipAgent Agent => base.Agent;

    /// <summary>From each first request to its final response.</summary>
    public ResponseTimes ResponseTimes { get; }

    /// <summary>Attempts under way.</summary>
    public int AttemptCount => _attempts.Count;

    /// <summary>True once every attempt has been made, or <see cref="Stop"/> was called, and all are over.</summary>
    public bool IsDone => _attempts.Count == 0 && (_isStopping || _options.Count > 0 && Counters.Begun >= _options.Count);

    /// <summary>Begins: the first attempt is due now.</summary>
    public void Start(Instant now)
    {
        _next = now;
        _timers.Arm(_pace, now);
    }

    /// <summary>Makes no further attempt and ends those under way, one by one as time is handed in.</summary>
    public void Stop(Instant now)
    {
        _isStopping = true;
        _timers.Cancel(_pace);
        for (int i = _attempts.NextTaken(0); i >= 0; i = _attempts.NextTaken(i + 1))
            _timers.Arm(i, now);
    }

    /// <summary>The next attempt that is over; false where there is none.</summary>
    public bool PollResult(out AttemptResult result) => _results.TryTake(out result);

    public override void HandleTimeout(Instant now)
    {
        // One timer of ours is one input, as one of the agent's is.
        if (!_timers.TryPop(now, out int timer))
            base.HandleTimeout(now);
        else if (timer == _pace)
            BeginNext(now);
        else
            TimeIsUp(now, _attempts.HandleOf(timer));
    }

    public override Instant PollTimeout() => Instant.Earlier(base.PollTimeout(), _timers.NextDeadline);

    // ---- Beginning --------------------------------------------------------------------------------------------------------------

    private void BeginNext(Instant now)
    {
        if (_options.Count > 0 && Counters.Begun >= _options.Count)
            return;
        if (_attempts.IsFull)
        {
            // The next one that ends lets it begin.
            _isWaiting = true;
            Counters.Delayed++;
            return;
        }
        Begin(now);
        _next += _options.Interval;
        _timers.Arm(_pace, _next);
    }

    private void Begin(Instant now)
    {
        _attempts.TryAdd(out var handle);
        ref var attempt = ref _attempts[handle];
        attempt.Result.Number = ++Counters.Begun;
        attempt.Begun = now;
        if (_options.Kind == AttemptKind.Options)
        {
            attempt.State = AttemptState.Asking;
            if (!TryAsk(now, handle))
                End(now, handle, AttemptOutcome.NotSent);
            return;
        }
        attempt.State = AttemptState.Inviting;
        var request = new CallRequest { Target = _options.Uri, From = _from, Flow = _options.Flow, User = UserOf(handle) };
        if (_calls.Place(now, request, out attempt.Call) != CallResult.Done)
            End(now, handle, AttemptOutcome.NotSent);
        else
            _timers.Arm(handle.Index, now + _options.AnswerLimit);
    }

    private bool TryAsk(Instant now, Handle<Attempt> handle)
    {
        var request = Agent.BeginRequest();
        request.StartRequest(Method.Options, _options.Uri);
        request.Header(HeaderName.MaxForwards, MaxForwards);
        Span<byte> from = stackalloc byte[MaxAddressOctets];
        var writer = new ByteWriter(from);
        writer.Write(_from);
        writer.Write(";tag="u8);
        Span<byte> token = stackalloc byte[TokenText.Length];
        TokenText.Write(Agent.Entropy.Next(), token);
        writer.Write(token);
        request.Header(HeaderName.From, writer.WrittenSpan);
        request.Header(HeaderName.To, _to);
        TokenText.Write(Agent.Entropy.Next(), token);
        request.Header(HeaderName.CallID, token);
        request.CSeq(1, "OPTIONS"u8);
        request.Header(HeaderName.Contact, _contact);
        request.Header(HeaderName.Accept, "application/sdp"u8);
        request.Finish();
        return Agent.SendRequest(now, request, _options.Flow, UserOf(handle), out _) == SendResult.Sent;
    }

    // ---- Events -----------------------------------------------------------------------------------------------------------------

    protected override void React(Instant now, in AgentEvent happened)
    {
        if (happened.Kind == AgentEventKind.Transaction)
            TakeAnswer(now, happened.Transaction);
        else if (happened.Kind == AgentEventKind.Call)
            TakeCallEvent(now, happened.Call);
    }

    // What came of an OPTIONS.
    private void TakeAnswer(Instant now, in TransactionEvent happened)
    {
        if (!TryFind(happened.User, out var handle))
            return;
        switch (happened.Kind)
        {
            case TransactionEventKind.Response when happened.Status >= 200:
                NoteAnswer(now, handle, happened.Status);
                End(now, handle, happened.Status < 300 ? AttemptOutcome.Succeeded : AttemptOutcome.Refused);
                break;
            case TransactionEventKind.Timeout:
                End(now, handle, AttemptOutcome.TimedOut);
                break;
            case TransactionEventKind.TransportError:
                _attempts[handle].Result.Fault = happened.Fault;
                End(now, handle, AttemptOutcome.Undelivered);
                break;
        }
    }

    private void TakeCallEvent(Instant now, in CallEvent happened)
    {
        if (happened.Kind == CallEventKind.Incoming)
        {
            // Nobody is here to be called.
            _calls.HangUp(now, happened.Call, 480);
            return;
        }
        if (!TryFind(happened.User, out var handle) || _attempts[handle].Call != happened.Call)
            return;
        ref var attempt = ref _attempts[handle];
        if (happened.Kind == CallEventKind.Confirmed)
        {
            NoteAnswer(now, handle, happened.Status);
            attempt.State = AttemptState.Established;
            _timers.Arm(handle.Index, now + _options.HoldTime);
        }
        else if (happened.Kind == CallEventKind.Ended)
        {
            attempt.Result.Fault = happened.Fault;
            bool wasAnswered = attempt.State != AttemptState.Inviting;
            End(now, handle, wasAnswered ? OutcomeOfCall(attempt, happened) : OutcomeOfInvite(now, handle, happened));
        }
    }

    // The end of a call that nobody had.
    private AttemptOutcome OutcomeOfInvite(Instant now, Handle<Attempt> handle, in CallEvent ended)
    {
        switch (ended.End)
        {
            case CallEnd.Unanswered:
                return AttemptOutcome.TimedOut;
            case CallEnd.Unreachable:
                return AttemptOutcome.Undelivered;
            case CallEnd.NoMedia:
                // Its BYE, if there was one, has another status.
                NoteAnswer(now, handle, 200);
                return AttemptOutcome.BadAnswer;
            case CallEnd.ByUs:
                // RFC 3261 §9.2: a callee answers 487 to an INVITE that was cancelled, or another status that it had ready. A 2xx was one to our BYE; what stands
                // for silence is none.
                if (ended.Status is >= 300 and not (408 or 503))
                    NoteAnswer(now, handle, ended.Status);
                return AttemptOutcome.Cancelled;
            default:
                NoteAnswer(now, handle, ended.Status);
                return AttemptOutcome.Refused;
        }
    }

    // The end of one that was answered.
    private AttemptOutcome OutcomeOfCall(in Attempt attempt, in CallEvent ended)
    {
        switch (ended.End)
        {
            case CallEnd.ByPeer:
                Counters.EndedByPeer++;
                return AttemptOutcome.Succeeded;
            case CallEnd.ByUs when ended.Fault != TransportFault.None:
                return AttemptOutcome.Undelivered;
            case CallEnd.ByUs when ended.Status == 408:
                return AttemptOutcome.TimedOut;
            case CallEnd.ByUs when ended.Status >= 300:
                return AttemptOutcome.ByeRefused;
            case CallEnd.ByUs:
                return attempt.IsEnding ? AttemptOutcome.Cancelled : AttemptOutcome.Succeeded;
            default:
                return AttemptOutcome.Lost;
        }
    }

    private void NoteAnswer(Instant now, Handle<Attempt> handle, ushort status)
    {
        ref var attempt = ref _attempts[handle];
        attempt.Result.Status = status;
        attempt.Result.ResponseTime = now - attempt.Begun;
        ResponseTimes.Add(attempt.Result.ResponseTime);
    }

    private void TimeIsUp(Instant now, Handle<Attempt> handle)
    {
        ref var attempt = ref _attempts[handle];
        switch (attempt.State)
        {
            case AttemptState.Asking:
                // Only an end is awaited here: an OPTIONS that nobody waits for any more (RFC 3261 §9.1 knows no CANCEL for it).
                End(now, handle, AttemptOutcome.Cancelled);
                break;
            case AttemptState.Inviting:
                attempt.IsEnding = true;
                _calls.HangUp(now, attempt.Call);
                break;
            case AttemptState.Established:
                attempt.IsEnding |= _isStopping;
                attempt.State = AttemptState.Ending;
                _calls.HangUp(now, attempt.Call);
                break;
        }
    }

    // The attempt is over, whatever its transactions still do.
    private void End(Instant now, Handle<Attempt> handle, AttemptOutcome outcome)
    {
        ref var attempt = ref _attempts[handle];
        attempt.Result.Outcome = outcome;
        switch (outcome)
        {
            case AttemptOutcome.Succeeded:
                Counters.Succeeded++;
                break;
            case AttemptOutcome.Refused:
                Counters.Refused++;
                break;
            case AttemptOutcome.TimedOut:
                Counters.TimedOut++;
                break;
            case AttemptOutcome.Undelivered:
                Counters.Undelivered++;
                break;
            case AttemptOutcome.Cancelled:
                Counters.Cancelled++;
                break;
            case AttemptOutcome.NotSent:
                Counters.NotSent++;
                break;
            case AttemptOutcome.BadAnswer:
                Counters.BadAnswers++;
                break;
            case AttemptOutcome.ByeRefused:
                Counters.ByesRefused++;
                break;
            case AttemptOutcome.Lost:
                Counters.Lost++;
                break;
        }
        if (!_results.TryAdd(attempt.Result))
            Counters.ResultsDropped++;
        _timers.Cancel(handle.Index);
        _attempts.Remove(handle);
        if (!_isWaiting || _isStopping)
            return;
        // It was due before: at once, but for the inputs that are ahead of it.
        _isWaiting = false;
        _next = now;
        _timers.Arm(_pace, now);
    }

    // An attempt's name as the number that its call or its transaction carries; 0 is none, since a handle's generation is odd.
    private static ulong UserOf(Handle<Attempt> handle) => (ulong)handle.Index << 32 | handle.Generation;

    private bool TryFind(ulong user, out Handle<Attempt> handle)
    {
        handle = _attempts.HandleFrom((int)(user >> 32), (uint)user);
        return _attempts.IsLive(handle);
    }
}
