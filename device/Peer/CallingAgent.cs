// A caller that asks and calls one peer, again and again: a user agent client for tests, at the level of transactions (RFC 3261 §8.1, §9.1, §11.1, §12.1.2,
// §13.2.2, §15.1.1). It offers one audio stream that is inactive.
//
//     OPTIONS ---> Asking ---- final response --------------------------------------------------> over
//     INVITE ----> Inviting -- 2xx: ACK --> Established -- hold time: BYE --> Ending -- final --> over
//                  answer limit: CANCEL     the callee's BYE -----------------------------------> over
//
// note [answers behind the end]
// An INVITE's transaction goes on for 64*T1 behind its first 2xx, for others of it: repeated, or of another callee. By then its attempt may be over and
// its slot another's. So the transaction's number is changed at the end, from the attempt's name to a mark with a fingerprint of the callee's tag: what
// comes with that tag is acknowledged again, what comes with another is acknowledged and ended.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>Makes attempts at a rate. A host or a simulation drives it as any engine; <see cref="PollResult"/> tells how each ended.</summary>
public sealed class CallingAgent : ISipEngine
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
        public PeerDialog Dialog;
        public Flow Flow;
        public Handle<ClientTransaction> Client;
        public AttemptResult Result;
        public Instant Begun;

        // Ours, and a fingerprint of the callee's.
        public ulong Tag;
        public ulong RemoteTag;
        public AttemptState State;

        // To be ended as soon as it may be; the outcome is then Cancelled.
        public bool IsEnding;
    }

    // Set in the number of an INVITE whose attempt is over; an attempt's own index does not reach so high. See note [answers behind the end].
    private const ulong Over = 1UL << 63;

    // Results wait for as many attempts as one input can end, and more where nobody looks at once.
    private const int Results = 256;

    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    private readonly SipAgent _agent;
    private readonly CallingOptions _options;
    private readonly KeyedHash _hash;
    private readonly SlotMap<Attempt> _attempts;
    private readonly HashIndex _tags;
    private readonly TimerWheel _timers;
    private readonly Ring<AttemptResult> _results;
    private readonly byte[] _blocks;
    private readonly byte[] _block;
    private readonly byte[] _contact;
    private readonly byte[] _from;
    private readonly byte[] _to;
    private readonly int _pace;
    private Instant _next;
    private bool _isWaiting;
    private bool _isStopping;

    public CallingCounters Counters;

    [StartUp(Because = "an agent is made before start")]
    public CallingAgent(StartGate gate, CallingOptions options, IEntropySource entropy)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Concurrency);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Interval, TimeSpan.Zero);
        _options = options;
        _agent = new(gate, options.Agent, entropy);
        Span<byte> key = stackalloc byte[2 * sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(key, _agent.Entropy.Next());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(key[sizeof(ulong)..], _agent.Entropy.Next());
        _hash = new(key);
        const string Attempts = "attempts";
        _attempts = new(gate, Attempts, options.Concurrency);
        _tags = new(gate, Attempts, options.Concurrency);
        // One for each attempt, and one for the pace.
        _timers = new(gate, Attempts, options.Concurrency + 1);
        _pace = options.Concurrency;
        _blocks = gate.Take<byte>(Attempts, options.Concurrency, PeerDialog.MaxOctets);
        _block = gate.Take<byte>("dialog in work", 1, PeerDialog.MaxOctets);
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
        var writer = new ByteWriter(stackalloc byte[PeerDialog.MaxOctets]);
        writer.Write("<sip:probe@"u8);
        local.WriteHost(ref writer);
        int host = writer.Written;
        writer.Write(">;tag="u8);
        byte[] from = writer.WrittenSpan.ToArray();
        writer.Rewind(host);
        writer.Write((byte)':');
        writer.Write((ulong)local.Port);
        writer.Write(options.Flow.Protocol == Protocol.Tcp ? ";transport=tcp>"u8 : ">"u8);
        return (writer.WrittenSpan.ToArray(), from, [(byte)'<', .. options.Uri, (byte)'>']);
    }

    /// <summary>The agent below: its counters and what it has in use.</summary>
    public SipAgent Agent => _agent;

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

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        _agent.HandleDatagram(now, flow, datagram);
        React(now);
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection) => _agent.HandleAccepted(now, flow, out connection);

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local) => _agent.HandleConnected(now, connection, local);

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        int taken = _agent.HandleStreamBytes(now, connection, octets);
        React(now);
        return taken;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault) => _agent.HandleClosed(now, connection, fault);

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault) => _agent.HandleUndelivered(now, flow, fault);

    public void HandleNetworkChange(Instant now) => _agent.HandleNetworkChange(now);

    public void HandleResolverConfiguration(Instant now, ReadOnlySpan<byte> text) => _agent.HandleResolverConfiguration(now, text);

    public void HandleHosts(Instant now, ReadOnlySpan<byte> text) => _agent.HandleHosts(now, text);

    public void HandleTimeout(Instant now)
    {
        // One timer of ours is one input, as one of the agent's is.
        if (!_timers.TryPop(now, out int timer))
        {
            _agent.HandleTimeout(now);
            React(now);
        }
        else if (timer == _pace)
            BeginNext(now);
        else
            TimeIsUp(now, _attempts.HandleOf(timer));
    }

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => _agent.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => Instant.Earlier(_agent.PollTimeout(), _timers.NextDeadline);

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
        attempt.Flow = _options.Flow;
        attempt.Tag = _agent.Entropy.Next();
        _tags.Add(attempt.Tag, handle.Index);
        bool isCall = _options.Kind == AttemptKind.Call;
        attempt.State = isCall ? AttemptState.Inviting : AttemptState.Asking;

        var request = _agent.BeginRequest();
        request.StartRequest(isCall ? Method.Invite : Method.Options, _options.Uri);
        WriteAddresses(ref request, attempt.Tag);
        request.CSeq(1, isCall ? "INVITE"u8 : "OPTIONS"u8);
        request.Header(HeaderName.Contact, _contact);
        request.Header(HeaderName.Accept, InactiveMedia.ContentType);
        if (isCall)
        {
            request.Header(HeaderName.Allow, CallingOptions.Allow);
            InactiveMedia.WriteOffer(ref request.BeginBody(InactiveMedia.ContentType), attempt.Tag, 1, _options.Flow.Local);
            request.EndBody();
        }
        else
            request.Finish();
        if (_agent.SendRequest(now, request, _options.Flow, UserOf(handle), out attempt.Client) != SendResult.Sent)
            End(now, handle, AttemptOutcome.NotSent);
        else if (isCall)
            _timers.Arm(handle.Index, now + _options.AnswerLimit);
    }

    private void WriteAddresses(ref MessageBuilder request, ulong tag)
    {
        request.Header(HeaderName.MaxForwards, MaxForwards);
        Span<byte> from = stackalloc byte[PeerDialog.MaxOctets];
        var writer = new ByteWriter(from);
        writer.Write(_from);
        Span<byte> text = stackalloc byte[TokenText.Length];
        TokenText.Write(tag, text);
        writer.Write(text);
        request.Header(HeaderName.From, writer.WrittenSpan);
        request.Header(HeaderName.To, _to);
        TokenText.Write(_agent.Entropy.Next(), text);
        request.Header(HeaderName.CallID, text);
    }

    // ---- Events -----------------------------------------------------------------------------------------------------------------

    private void React(Instant now)
    {
        if (!_agent.PollEvent(out var told))
            return;
        var happened = told.Transaction;
        switch (happened.Kind)
        {
            case TransactionEventKind.Request:
                ReceiveRequest(now, happened);
                break;
            case TransactionEventKind.Response when happened.Method == Method.Invite && happened.Status is >= 200 and < 300:
                ReceiveSuccess(now, happened);
                break;
            case TransactionEventKind.Response when happened.Status >= 200 && TryFind(happened.User, out var attempt):
                ReceiveFinal(now, attempt, happened);
                break;
            case TransactionEventKind.Timeout when TryFind(happened.User, out var attempt):
                End(now, attempt, _attempts[attempt].IsEnding ? AttemptOutcome.Cancelled : AttemptOutcome.TimedOut);
                break;
            case TransactionEventKind.TransportError when TryFind(happened.User, out var attempt):
                _attempts[attempt].Result.Fault = happened.Fault;
                End(now, attempt, AttemptOutcome.Undelivered);
                break;
        }
    }

    // RFC 3261 §13.2.2.4: every 2xx is acknowledged, but one that has no Contact to send it to. The first makes the call, one that comes again changes nothing, one of another callee is ended.
    private void ReceiveSuccess(Instant now, in TransactionEvent happened)
    {
        var response = _agent.Message;
        bool isLive = TryFind(happened.User, out var handle);
        if (PeerDialog.ReadResponse(response, _block, out var dialog) != 0 || !RoutingView.TryRead(response, out var view, out _))
        {
            if (isLive && _attempts[handle].State == AttemptState.Inviting)
            {
                NoteAnswer(now, handle, happened.Status);
                End(now, handle, AttemptOutcome.BadAnswer);
            }
            return;
        }
        Acknowledge(now, happened.Flow, dialog);
        ulong remoteTag = FingerprintOf(view.ToTag.In(response.Text));
        if (!isLive || _attempts[handle].State != AttemptState.Inviting)
        {
            bool isKnown = isLive ? _attempts[handle].RemoteTag == remoteTag : happened.User == remoteTag;
            if (isKnown)
                Counters.AnswersRepeated++;
            else
            {
                Counters.Forks++;
                SendBye(now, happened.Flow, ref dialog, _block, user: 0);
            }
            return;
        }
        NoteAnswer(now, handle, happened.Status);
        ref var attempt = ref _attempts[handle];
        attempt.State = AttemptState.Established;
        attempt.RemoteTag = remoteTag;
        attempt.Dialog = dialog;
        attempt.Flow = happened.Flow;
        _block.CopyTo(BlockOf(handle));
        // Cancelled too late.
        _timers.Arm(handle.Index, attempt.IsEnding ? now : now + _options.HoldTime);
    }

    private void ReceiveFinal(Instant now, Handle<Attempt> handle, in TransactionEvent happened)
    {
        ref var attempt = ref _attempts[handle];
        bool isSuccess = happened.Status < 300;
        if (attempt.State == AttemptState.Ending)
        {
            End(now, handle, !isSuccess ? AttemptOutcome.ByeRefused : attempt.IsEnding ? AttemptOutcome.Cancelled : AttemptOutcome.Succeeded);
            return;
        }
        NoteAnswer(now, handle, happened.Status);
        // RFC 3261 §9.2: a callee answers 487 to an INVITE that was cancelled, perhaps another status that it had ready.
        End(now, handle, isSuccess ? AttemptOutcome.Succeeded : attempt.IsEnding ? AttemptOutcome.Cancelled : AttemptOutcome.Refused);
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
                _agent.Cancel(now, attempt.Client);
                break;
            case AttemptState.Established:
                attempt.IsEnding |= _isStopping;
                attempt.State = AttemptState.Ending;
                if (!SendBye(now, attempt.Flow, ref attempt.Dialog, BlockOf(handle), UserOf(handle)))
                    End(now, handle, AttemptOutcome.NotSent);
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
        }
        if (!_results.TryAdd(attempt.Result))
            Counters.ResultsDropped++;
        if (_agent.StateOf(attempt.Client) != TransactionState.Terminated)
            _agent.SetUser(attempt.Client, attempt.RemoteTag | Over);
        _tags.Remove(attempt.Tag, handle.Index);
        _timers.Cancel(handle.Index);
        _attempts.Remove(handle);
        if (!_isWaiting || _isStopping)
            return;
        // It was due before: at once, but for the inputs that are ahead of it.
        _isWaiting = false;
        _next = now;
        _timers.Arm(_pace, now);
    }

    // ---- What callees ask -------------------------------------------------------------------------------------------------------

    private void ReceiveRequest(Instant now, in TransactionEvent happened)
    {
        var request = _agent.Message;
        if (!RoutingView.TryRead(request, out var view, out _))
            return;
        if (happened.Method == Method.Options && !view.ToTag.IsPresent)
        {
            if (!_agent.TryBeginResponse(happened.Server, 200, out var response))
                return;
            response.Header(HeaderName.Allow, CallingOptions.Allow);
            response.Finish();
            _agent.SendResponse(now, happened.Server, response);
            return;
        }
        if (!TryFind(request, view, out var handle))
        {
            Counters.OutsideCalls++;
            _agent.Respond(now, happened.Server, 481);
            return;
        }
        _agent.Respond(now, happened.Server, 200);
        // Where both sides hang up at once, our own BYE ends the attempt.
        if (happened.Method != Method.Bye || _attempts[handle].State == AttemptState.Ending)
            return;
        Counters.EndedByPeer++;
        End(now, handle, AttemptOutcome.Succeeded);
    }

    // RFC 3261 §12: our tag, the callee's, Call-ID.
    private bool TryFind(SipMessage request, in RoutingView view, out Handle<Attempt> handle)
    {
        handle = default;
        if (!TokenText.TryRead(view.ToTag.In(request.Text), out ulong tag))
            return false;
        for (int i = _tags.First(tag); i >= 0; i = _tags.Next(i))
        {
            ref readonly var attempt = ref _attempts.At(i);
            var found = _attempts.HandleOf(i);
            if (attempt.Tag != tag || attempt.State is not (AttemptState.Established or AttemptState.Ending)
                || attempt.RemoteTag != FingerprintOf(view.FromTag.In(request.Text))
                || !attempt.Dialog.CallId.In(BlockOf(found)).SequenceEqual(view.CallId.In(request.Text)))
            {
                continue;
            }
            handle = found;
            return true;
        }
        return false;
    }

    // ---- Requests inside a call -------------------------------------------------------------------------------------------------

    // RFC 3261 §13.2.2.4: the INVITE's number.
    private void Acknowledge(Instant now, in Flow flow, in PeerDialog dialog)
    {
        var ack = _agent.BeginRequest();
        dialog.Begin(ref ack, Method.Ack, dialog.LocalSequence, _block);
        ack.Finish();
        if (_agent.SendAck(now, ack, dialog.FlowFrom(flow)) != SendResult.Sent)
            Counters.Unsent++;
    }

    private bool SendBye(Instant now, in Flow flow, ref PeerDialog dialog, ReadOnlySpan<byte> block, ulong user)
    {
        var bye = _agent.BeginRequest();
        dialog.Begin(ref bye, Method.Bye, ++dialog.LocalSequence, block);
        bye.Finish();
        if (_agent.SendRequest(now, bye, dialog.FlowFrom(flow), user, out _) == SendResult.Sent)
            return true;
        Counters.Unsent++;
        return false;
    }

    private Span<byte> BlockOf(Handle<Attempt> handle) => _blocks.AsSpan(handle.Index * PeerDialog.MaxOctets, PeerDialog.MaxOctets);

    // An attempt's name as the number that its transactions carry; 0 is none, since a handle's generation is odd.
    private static ulong UserOf(Handle<Attempt> handle) => (ulong)handle.Index << 32 | handle.Generation;

    private bool TryFind(ulong user, out Handle<Attempt> handle)
    {
        handle = (user & Over) != 0 ? default : _attempts.HandleFrom((int)(user >> 32), (uint)user);
        return _attempts.IsLive(handle);
    }

    private ulong FingerprintOf(ReadOnlySpan<byte> tag) => (ulong)_hash.Of(tag) | Over;
}
