// A callee that answers whatever it is sent: a user agent server for tests, at the level of transactions (RFC 3261 §8.2, §11.2, §12.2.2, §13.3.1, §14.2,
// §15.1.2). It has no media: every stream is inactive or refused.
//
//      INVITE          ring time             ACK
//    ---------> Ringing ------> Answered -------> Confirmed --- BYE of either side --->
//          180     |       200      |                 |
//                  CANCEL: 487      no ACK: BYE       longest call: BYE
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>Answers OPTIONS and calls. A host or a simulation drives it as any engine.</summary>
public sealed class AnsweringAgent : ISipEngine
{
    private enum CallState : byte
    {
        Ringing,
        Answered,
        Confirmed,
    }

    private struct Call
    {
        public PeerDialog Dialog;

        // The INVITE that is pending or was answered last, and where it came from.
        public Handle<ServerTransaction> Invite;
        public Flow Flow;

        // Our tag, and fingerprints of Call-ID and of the peer's tag: together the dialog's identifier (RFC 3261 §12).
        public ulong Tag;
        public UInt128 CallId;
        public UInt128 RemoteTag;

        // The o= line's version (RFC 3264 §8).
        public uint Version;
        public CallState State;

        // To be ended as soon as it may be: a callee sends no BYE before the ACK (RFC 3261 §15).
        public bool IsEnding;
    }

    // Octets of a Contact value: <sip:[an IPv6 address]:port;transport=tcp>.
    private const int MaxContactOctets = 80;

    private readonly SipAgent _agent;
    private readonly TimeSpan _ringTime;
    private readonly TimeSpan _longestCall;
    private readonly KeyedHash _hash;
    private readonly SlotMap<Call> _calls;
    private readonly HashIndex _tags;
    private readonly TimerWheel _timers;
    private readonly byte[] _blocks;
    private int _byes;
    private bool _isStopping;

    public AnsweringCounters Counters;

    [StartUp(Because = "an agent is made before start")]
    public AnsweringAgent(StartGate gate, AnsweringOptions options, IEntropySource entropy)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.RingTime, AnsweringOptions.LongestRing);
        _agent = new(gate, options.Agent, entropy);
        _ringTime = options.RingTime;
        _longestCall = options.LongestCall;
        Span<byte> key = stackalloc byte[2 * sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(key, _agent.Entropy.Next());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(key[sizeof(ulong)..], _agent.Entropy.Next());
        _hash = new(key);
        const string Calls = "calls";
        _calls = new(gate, Calls, options.Calls);
        _tags = new(gate, Calls, options.Calls);
        _timers = new(gate, Calls, options.Calls);
        _blocks = gate.Take<byte>(Calls, options.Calls, PeerDialog.MaxOctets);
    }

    /// <summary>The agent below: its counters and what it has in use.</summary>
    public SipAgent Agent => _agent;

    /// <summary>Calls at this moment, and the most there ever were.</summary>
    public int CallCount => _calls.Count;

    public int CallHighWater => _calls.HighWater;

    /// <summary>After <see cref="Stop"/>: true once no call is left and every BYE of ours has its answer.</summary>
    public bool IsDrained => _isStopping && _calls.Count == 0 && _byes == 0;

    /// <summary>Takes no more calls and ends those that there are, one by one as time is handed in.</summary>
    public void Stop(Instant now)
    {
        _isStopping = true;
        for (int i = _calls.NextTaken(0); i >= 0; i = _calls.NextTaken(i + 1))
            _timers.Arm(i, now);
    }

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
        if (_timers.TryPop(now, out int timer))
            TimeIsUp(now, _calls.HandleOf(timer));
        else
        {
            _agent.HandleTimeout(now);
            React(now);
        }
    }

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => _agent.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => Instant.Earlier(_agent.PollTimeout(), _timers.NextDeadline);

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
            case TransactionEventKind.Ack:
                Confirm(now, happened.User);
                break;
            case TransactionEventKind.Cancel:
                ReceiveCancel(now, happened);
                break;
            case TransactionEventKind.Unacknowledged when happened.Status < 300 && TryFindCall(happened.User, out var call):
                Counters.CallsUnacknowledged++;
                SendBye(now, call);
                Remove(call);
                break;
            case TransactionEventKind.Response when happened.Status >= 200:
                _byes--;
                break;
            case TransactionEventKind.Timeout or TransactionEventKind.TransportError when happened.Client.IsSome:
                _byes--;
                Counters.ByesUnanswered++;
                break;
        }
    }

    private void ReceiveRequest(Instant now, in TransactionEvent happened)
    {
        var request = _agent.Message;
        ref readonly var view = ref _agent.View;
        Handle<Call> call = default;
        if (view.ToTag.IsPresent && !TryFindCall(request, view, out call))
        {
            Counters.OutsideCalls++;
            Respond(now, happened.Server, 481);
            return;
        }
        if (call.IsSome && view.CSeq.Sequence < _calls[call].Dialog.RemoteSequence)
        {
            // RFC 3261 §12.2.2.
            Counters.OutOfOrder++;
            Respond(now, happened.Server, 500);
            return;
        }
        if (call.IsSome)
            _calls[call].Dialog.RemoteSequence = view.CSeq.Sequence;
        if (happened.Method == Method.Options)
            AnswerOptions(now, happened, call.IsSome);
        else if (happened.Method == Method.Invite && call.IsSome)
            Reinvite(now, happened, call);
        else if (happened.Method == Method.Invite)
            Begin(now, happened, view);
        else
            EndByPeer(now, happened, call);
    }

    // RFC 3261 §11.2: with the status that an INVITE would have.
    private void AnswerOptions(Instant now, in TransactionEvent happened, bool isInCall)
    {
        int status = isInCall ? 200 : _isStopping ? 480 : _calls.IsFull ? 486 : 200;
        if (!_agent.TryBeginResponse(happened.Server, status, out var response))
            return;
        WriteContact(ref response, happened.Flow);
        response.Header(HeaderName.Allow, AnsweringOptions.Allow);
        response.Header(HeaderName.Accept, InactiveMedia.ContentType);
        response.Header(HeaderName.Supported, default(ReadOnlySpan<byte>));
        response.Finish();
        if (Sent(_agent.SendResponse(now, happened.Server, response)))
            Counters.OptionsAnswered++;
    }

    private void Begin(Instant now, in TransactionEvent happened, in RoutingView view)
    {
        if (_isStopping || _calls.IsFull)
        {
            Counters.BusyRefusals++;
            Respond(now, happened.Server, _isStopping ? 480 : 486);
            return;
        }
        var request = _agent.Message;
        int status = InactiveMedia.StatusFor(request);
        if (status != 0)
        {
            Refuse(now, happened.Server, status);
            return;
        }
        _calls.TryAdd(out var handle);
        ref var call = ref _calls[handle];
        call.Tag = _agent.TagOf(happened.Server);
        Span<byte> tag = stackalloc byte[TokenText.Length];
        TokenText.Write(call.Tag, tag);
        status = PeerDialog.ReadRequest(request, tag, BlockOf(handle), out call.Dialog);
        if (status != 0)
        {
            _calls.Remove(handle);
            Refuse(now, happened.Server, status);
            return;
        }
        call.Invite = happened.Server;
        call.Flow = happened.Flow;
        call.CallId = _hash.Of(view.CallId.In(request.Text));
        call.RemoteTag = _hash.Of(view.FromTag.In(request.Text));
        _tags.Add(call.Tag, handle.Index);
        _agent.SetUser(happened.Server, UserOf(handle));
        Counters.CallsBegun++;
        Ring(now, handle);
        if (_ringTime > TimeSpan.Zero)
            _timers.Arm(handle.Index, now + _ringTime);
        else
            Answer(now, handle);
    }

    private void Ring(Instant now, Handle<Call> handle)
    {
        ref readonly var call = ref _calls[handle];
        if (!_agent.TryGetRequest(call.Invite, out var invite) || !_agent.TryBeginResponse(call.Invite, 180, out var response))
            return;
        response.CopyAll(invite, HeaderName.RecordRoute);
        WriteContact(ref response, call.Flow);
        response.Finish();
        Sent(_agent.SendResponse(now, call.Invite, response));
    }

    // RFC 3261 §13.3.1.4. The same for an INVITE inside the call (§14.2).
    private void Answer(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        bool isAnswered = _agent.TryGetRequest(call.Invite, out var invite) && _agent.TryBeginResponse(call.Invite, 200, out var response)
            && Sent(SendAnswer(now, ref call, invite, ref response));
        if (!isAnswered)
        {
            Respond(now, call.Invite, 500);
            // A call that was answered before stays as it was (§14.2).
            if (call.State != CallState.Ringing)
                return;
            Counters.CallsUnanswered++;
            Remove(handle);
            return;
        }
        // The time that a call may last is counted from its first answer, and a stop has set another.
        if (call.State != CallState.Ringing)
            return;
        call.State = CallState.Answered;
        Counters.CallsAnswered++;
        _timers.Arm(handle.Index, now + _longestCall);
    }

    private SendResult SendAnswer(Instant now, ref Call call, SipMessage invite, ref MessageBuilder response)
    {
        response.CopyAll(invite, HeaderName.RecordRoute);
        WriteContact(ref response, call.Flow);
        response.Header(HeaderName.Allow, AnsweringOptions.Allow);
        response.Header(HeaderName.Supported, default(ReadOnlySpan<byte>));
        InactiveMedia.Write(ref response.BeginBody(InactiveMedia.ContentType), invite, call.Tag, ++call.Version, call.Flow.Local);
        response.EndBody();
        return _agent.SendResponse(now, call.Invite, response);
    }

    private void Reinvite(Instant now, in TransactionEvent happened, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        var request = _agent.Message;
        if (call.State == CallState.Ringing)
        {
            // RFC 3261 §14.2: the one before has no final response yet.
            Counters.OutOfOrder++;
            if (!_agent.TryBeginResponse(happened.Server, 500, out var early))
                return;
            early.Header(HeaderName.RetryAfter, _agent.Entropy.Below(MaxRetryAfterSeconds + 1));
            early.Finish();
            Sent(_agent.SendResponse(now, happened.Server, early));
            return;
        }
        int status = InactiveMedia.StatusFor(request);
        if (status == 0)
            status = call.Dialog.Retarget(request, BlockOf(handle));
        if (status != 0)
        {
            Refuse(now, happened.Server, status);
            return;
        }
        call.Invite = happened.Server;
        call.Flow = happened.Flow;
        _agent.SetUser(happened.Server, UserOf(handle));
        Counters.ReInvites++;
        Answer(now, handle);
    }

    // RFC 3261 §14.2: chosen from 0 to 10 seconds.
    private const uint MaxRetryAfterSeconds = 10;

    private void Confirm(Instant now, ulong user)
    {
        if (!TryFindCall(user, out var handle))
            return;
        ref var call = ref _calls[handle];
        if (call.State == CallState.Answered)
        {
            call.State = CallState.Confirmed;
            Counters.CallsConfirmed++;
        }
        if (call.IsEnding)
            HangUp(now, handle);
    }

    private void ReceiveCancel(Instant now, in TransactionEvent happened)
    {
        Respond(now, happened.Server, 487);
        if (!TryFindCall(happened.User, out var handle))
            return;
        Counters.CallsCancelled++;
        Remove(handle);
    }

    private void EndByPeer(Instant now, in TransactionEvent happened, Handle<Call> handle)
    {
        if (!handle.IsSome)
        {
            Counters.OutsideCalls++;
            Respond(now, happened.Server, 481);
            return;
        }
        Respond(now, happened.Server, 200);
        // RFC 3261 §15.1.2: a request that is still pending in the dialog.
        if (_calls[handle].State == CallState.Ringing)
            Respond(now, _calls[handle].Invite, 487);
        Counters.CallsEnded++;
        Remove(handle);
    }

    private void TimeIsUp(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        if (call.State == CallState.Confirmed)
            HangUp(now, handle);
        else if (call.State == CallState.Answered)
            call.IsEnding = true;
        else if (!_isStopping)
            Answer(now, handle);
        else
        {
            Counters.CallsHungUp++;
            Respond(now, call.Invite, 480);
            Remove(handle);
        }
    }

    private void HangUp(Instant now, Handle<Call> handle)
    {
        Counters.CallsHungUp++;
        SendBye(now, handle);
        Remove(handle);
    }

    private void SendBye(Instant now, Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        var bye = _agent.BeginRequest();
        call.Dialog.Begin(ref bye, Method.Bye, ++call.Dialog.LocalSequence, BlockOf(handle));
        bye.Finish();
        // On a stream the peer may well have no other way in than the connection that it opened.
        var flow = _agent.IsLive(call.Flow.Connection) ? call.Flow : call.Dialog.FlowFrom(call.Flow);
        if (_agent.SendRequest(now, bye, flow, user: 0, out _) == SendResult.Sent)
        {
            Counters.ByesSent++;
            _byes++;
        }
        else
            Counters.ByesUnsent++;
    }

    private void Remove(Handle<Call> handle)
    {
        _tags.Remove(_calls[handle].Tag, handle.Index);
        _timers.Cancel(handle.Index);
        _calls.Remove(handle);
    }

    // ---- Finding and writing ----------------------------------------------------------------------------------------------------

    private Span<byte> BlockOf(Handle<Call> handle) => _blocks.AsSpan(handle.Index * PeerDialog.MaxOctets, PeerDialog.MaxOctets);

    // A call's name as the number that its transactions carry; 0 is none, since a handle's generation is odd.
    private static ulong UserOf(Handle<Call> handle) => (ulong)handle.Index << 32 | handle.Generation;

    private bool TryFindCall(ulong user, out Handle<Call> handle)
    {
        handle = _calls.HandleFrom((int)(user >> 32), (uint)user);
        return _calls.IsLive(handle);
    }

    // RFC 3261 §12: Call-ID, our tag, the peer's tag.
    private bool TryFindCall(SipMessage request, in RoutingView view, out Handle<Call> handle)
    {
        handle = default;
        if (!TokenText.TryRead(view.ToTag.In(request.Text), out ulong tag))
            return false;
        for (int i = _tags.First(tag); i >= 0; i = _tags.Next(i))
        {
            ref readonly var call = ref _calls.At(i);
            if (call.Tag != tag || call.CallId != _hash.Of(view.CallId.In(request.Text)) || call.RemoteTag != _hash.Of(view.FromTag.In(request.Text)))
                continue;
            handle = _calls.HandleOf(i);
            return true;
        }
        return false;
    }

    private static void WriteContact(ref MessageBuilder response, in Flow flow)
    {
        Span<byte> contact = stackalloc byte[MaxContactOctets];
        var writer = new ByteWriter(contact);
        writer.Write("<sip:"u8);
        flow.Local.WriteHostPort(ref writer);
        if (flow.Protocol == Protocol.Tcp)
            writer.Write(";transport=tcp"u8);
        writer.Write((byte)'>');
        response.Header(HeaderName.Contact, writer.WrittenSpan);
    }

    private void Respond(Instant now, Handle<ServerTransaction> server, int status) => Sent(_agent.Respond(now, server, status));

    private void Refuse(Instant now, Handle<ServerTransaction> server, int status)
    {
        Counters.InvitesRefused++;
        if (!_agent.TryBeginResponse(server, status, out var response))
            return;
        // RFC 3261 §21.4.13.
        if (status == 415)
            response.Header(HeaderName.Accept, InactiveMedia.ContentType);
        response.Finish();
        Sent(_agent.SendResponse(now, server, response));
    }

    private bool Sent(SendResult result)
    {
        if (result == SendResult.Sent)
            return true;
        Counters.ResponsesUnsent++;
        return false;
    }
}
