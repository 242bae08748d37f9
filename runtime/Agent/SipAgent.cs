// The public face of the stack: a SIP element that does no I/O. Today it speaks transactions, registers, calls, finds servers, keeps flows alive and pings.
// Commands.cs has what its user asks of it.
//
// note [the order of calls]
// One input or command, then drain the outputs and the event, then the next. An input gives one event at most. What an event speaks of
// (Message, slices of it) is good until the next input. Time is handed in and never goes back. Handles of what has ended answer Gone.
using System.Diagnostics;
using SipEmbedded.Calls;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using SipEmbedded.Voice;

namespace SipEmbedded.Agent;

/// <summary>
/// A SIP element. Host or a simulation drives it through <see cref="ISipEngine"/>, its user through <see cref="PollEvent"/> and the commands; see note
/// [the order of calls]. Everything is allocated by the constructor.
/// </summary>
public sealed partial class SipAgent : ISipEngine
{
    private readonly BufferPool _buffers;
    private readonly TransportLayer _transport;
    private readonly TransactionLayer _transactions;
    private readonly FlowKeeper _keeper;
    private readonly TargetPinger _pinger;
    private readonly ServerResolver? _resolver;
    private readonly RegistrationLayer? _registration;
    private readonly CallLayer? _calls;
    private readonly VoiceLayer? _voice;
    private readonly Entropy _entropy;
    private AgentEvent _event;
    private Instant _now;

    /// <summary>Makes an agent through an open gate, which others may share; the caller closes it when all is made.</summary>
    [StartUp(Because = "an agent is made before start")]
    public SipAgent(StartGate gate, SipAgentOptions options, IEntropySource entropy, ILocalAddresses? addresses = null)
    {
        addresses ??= new AnyLocalAddress();
        _buffers = new(gate, "messages", options.Buffers);
        _entropy = new(gate, entropy);
        _transport = new(gate, options.Transport, _buffers);
        // What calls say they can is taken when it is required.
        string supported = options.Transactions.SupportedExtensions;
        if (supported.Length == 0 && options.Calls is not null)
            supported = CallLayer.SupportedBy(options.Calls);
        _transactions = new(gate, options.Transactions, _transport, _buffers, _entropy, supported);
        _keeper = new(gate, options.KeptFlows, _transport, _entropy);
        _pinger = new(gate, options.Pings, _transactions, _entropy);
        if (options.Resolver is not null || options.Registration is not null)
            _resolver = new(gate, options.Resolver ?? new(), _transport, addresses, _entropy);
        if (options.Registration is not null)
            _registration = new(gate, options.Registration, _transactions, _transport, _resolver!, _keeper, addresses, _entropy);
        _voice = options.Voice;
        if (options.Calls is not null)
            _calls = new(gate, options.Calls, _transactions, _transport, _registration, _resolver, _buffers, _entropy);
    }

    /// <summary>What an agent with these options would take, without taking it.</summary>
    [StartUp(Because = "the plan is printed, not used")]
    public static MemoryPlan Plan(SipAgentOptions options)
    {
        var gate = StartGate.Rehearsal();
        _ = new SipAgent(gate, options, new NoEntropy());
        return gate.Plan();
    }

    // A rehearsal draws keys that nobody uses.
    [StartUp(Because = "a rehearsal")]
    private sealed class NoEntropy : IEntropySource
    {
        public void Fill(Span<byte> octets) => octets.Clear();
    }

    public ref readonly TransportCounters TransportCounters => ref _transport.Counters;

    public ref readonly TransactionCounters TransactionCounters => ref _transactions.Counters;

    public ref readonly KeepAliveCounters KeepAliveCounters => ref _keeper.Counters;

    /// <summary>All 0 where nobody looks for servers.</summary>
    public ResolverCounters ResolverCounters => _resolver?.Counters ?? default;

    /// <summary>Transactions, buffers, connections, outputs and timers in use: all 0 once everything has ended.</summary>
    public AgentUse Use => new()
    {
        ServerTransactions = _transactions.ServerCount,
        ClientTransactions = _transactions.ClientCount,
        Connections = _transport.ConnectionCount,
        Buffers = _buffers.Count,
        BufferOctets = _buffers.Octets,
        Outputs = _transport.OutputCount,
        TransactionTimers = _transactions.ArmedTimers,
        KeptFlows = _keeper.Count,
        PingedTargets = _pinger.Count,
        Accounts = _registration?.Count ?? 0,
        Calls = _calls?.Count ?? 0,
        VoiceSessions = _voice?.Count ?? 0,
        Dialogs = _calls?.DialogCount ?? 0,
        Resolutions = _resolver?.ResolutionCount ?? 0,
        Questions = _resolver?.OpenQuestions ?? 0,
    };

    /// <summary>Random numbers for tags and identifiers of the user's own.</summary>
    public Entropy Entropy => _entropy;

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    [Conditional("DEBUG")]
    private void Check(Instant now)
    {
        Debug.Assert(now >= _now, "time went back");
        Debug.Assert(IsQuiet, "an event was not polled");
        _now = now;
    }

    // Nothing has happened yet that has to be told: an input gives one event at most.
    private bool IsQuiet => _event.Kind == AgentEventKind.None;

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Check(now);
        if (flow.Protocol == Protocol.Dns)
        {
            _resolver?.HandleDatagram(now, flow, datagram);
            TakeFoundServers(now);
        }
        else if (flow.Protocol == Protocol.Rtp)
            _voice?.HandleDatagram(now, flow, datagram);
        else if (_transport.AcceptsDatagram(datagram, out bool isStun))
            Receive(now, flow, datagram, Framing.Datagram);
        else if (isStun && _keeper.HandleDatagram(now, flow, datagram, out var kept))
            Take(now, kept);
    }

    private void Receive(Instant now, in Flow flow, ReadOnlySpan<byte> message, Framing framing)
    {
        if (_transactions.Receive(now, flow, message, framing, out var happened))
            Take(now, happened);
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        Check(now);
        return _transport.TryAccept(now, flow, out connection);
    }

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local)
    {
        Check(now);
        _transport.Connected(now, connection, local);
    }

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        Check(now);
        if (_transport.IsLive(connection) && _transport.FlowOf(connection).Protocol == Protocol.DnsStream)
        {
            _resolver?.HandleStreamBytes(now, connection, octets);
            TakeFoundServers(now);
            return octets.Length;
        }
        int taken = _transport.TakeStream(now, connection, octets, out var finding, out var message, out var fault);
        switch (finding)
        {
            case StreamFinding.Message:
                Receive(now, _transport.FlowOf(connection), message, Framing.Stream);
                break;
            case StreamFinding.Pong:
                _keeper.HandlePong(now, connection);
                break;
            case StreamFinding.Fault:
                _transactions.ReceiveUnframable(now, _transport.FlowOf(connection), message, fault);
                _transport.Close(connection);
                End(now, connection, TransportFault.Reset);
                break;
            case StreamFinding.Closed:
                End(now, connection, TransportFault.Exhausted);
                break;
        }
        _transport.EndInput();
        return taken;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        Check(now);
        if (_transport.Closed(connection))
            End(now, connection, fault);
    }

    // A connection is no more, whoever ended it.
    private void End(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        _transactions.ConnectionEnded(now, connection, fault);
        _keeper.HandleClosed(now, connection, fault);
        _registration?.ConnectionEnded(now, connection);
        _resolver?.ConnectionEnded(now, connection, fault);
        TakeFoundServers(now);
    }

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        Check(now);
        if (flow.Protocol == Protocol.Dns)
        {
            _resolver?.HandleUndelivered(now, flow, fault);
            TakeFoundServers(now);
            return;
        }
        _transport.Counters.Undelivered++;
        _transactions.Undelivered(now, flow, fault);
        if (_keeper.HandleUndelivered(now, flow, fault, out var kept))
            Take(now, kept);
    }

    public void HandleMediaPort(Instant now, in IpEndpoint rtp)
    {
        Check(now);
        _voice?.HandleMediaPort(now, rtp);
    }

    /// <summary>
    /// A frame of the sound card: what its microphones took goes in, what its loudspeakers are to play comes out; see
    /// <see cref="VoiceLayer.HandleSound"/>. Silence where there is no voice.
    /// </summary>
    public void HandleSound(Instant now, ReadOnlySpan<short> captured, Span<short> played, int delay)
    {
        Check(now);
        if (_voice is null)
            played.Clear();
        else
            _voice.HandleSound(now, captured, played, delay);
    }

    public void HandleTimeout(Instant now)
    {
        Check(now);
        if (_voice is not null && _voice.PollTimeout() <= now)
            _voice.HandleTimeout(now);
        while (IsQuiet && _transport.HasRoom && _transactions.TryPopTimer(now, out var happened))
            Take(now, happened);
        while (IsQuiet && _transport.HasRoom && _keeper.TryPopTimer(now, out var kept))
            Take(now, kept);
        while (IsQuiet && _transport.HasRoom && _pinger.TryPopTimer(now, out var ping))
            Tell(ping);
        while (IsQuiet && _transport.HasRoom && _transport.TryPopTimer(now, out var connection, out var fault))
            End(now, connection, fault);
        while (_resolver is not null && IsQuiet && _transport.HasRoom && _resolver.HandleTimeout(now))
            TakeFoundServers(now);
        while (_registration is not null && IsQuiet && _transport.HasRoom && _registration.TryPopTimer(now, out var registered))
        {
            Tell(registered);
            TakeFoundServers(now);
        }
        while (_calls is not null && IsQuiet && _transport.HasRoom && _calls.TryPopTimer(now, out var called))
        {
            Tell(now, called);
            TakeFoundServers(now);
        }
    }

    public void HandleNetworkChange(Instant now)
    {
        Check(now);
        _resolver?.NetworkChanged(now);
        _registration?.NetworkChanged(now);
        TakeFoundServers(now);
    }

    public void HandleResolverConfiguration(Instant now, ReadOnlySpan<byte> text)
    {
        Check(now);
        _resolver?.Configure(now, text);
        TakeFoundServers(now);
    }

    public void HandleHosts(Instant now, ReadOnlySpan<byte> text)
    {
        Check(now);
        _resolver?.ReadHosts(now, text);
        TakeFoundServers(now);
    }

    // ---- What happened below, and who is to know --------------------------------------------------------------------------------

    private void Take(Instant now, in TransactionEvent happened)
    {
        if (happened.Kind == TransactionEventKind.None)
            return;
        switch (TransactionOwner.Of(happened.User))
        {
            case TransactionOwner.Registration:
                if (_registration is not null && _registration.Receive(now, happened, Message, out var registered))
                    Tell(registered);
                break;
            case TransactionOwner.Ping:
                if (_pinger.Handle(now, happened, out var ping))
                    Tell(ping);
                break;
            case TransactionOwner.Calls:
                if (_calls is null)
                    break;
                CallEvent called;
                if (happened.Client.IsSome)
                    _calls.ReceiveClientEvent(now, happened, Message, View, out called);
                else
                    _calls.ReceiveServerEvent(now, happened, Message, out called);
                Tell(now, called);
                break;
            default:
                TakeOther(now, happened);
                break;
        }
    }

    // A request that no call knows of may begin one; the rest is the user's.
    private void TakeOther(Instant now, in TransactionEvent happened)
    {
        if (_calls is not null && happened.Kind == TransactionEventKind.Request && _calls.ReceiveRequest(now, happened, Message, View, out var called))
            Tell(now, called);
        else
            _event = new() { Kind = AgentEventKind.Transaction, Transaction = happened };
    }

    // A keeper's number names its owner as a transaction's does.
    private void Take(Instant now, in KeptFlowEvent happened)
    {
        if (happened.Kind == KeptFlowEventKind.None)
            return;
        // The keeper has closed a connection that it found dead; one that ended by itself has told it already.
        if (happened.Kind == KeptFlowEventKind.Dead && happened.Over.IsReliable)
            _transactions.ConnectionEnded(now, happened.Over.Connection, happened.Fault);
        if (TransactionOwner.Of(happened.User) == TransactionOwner.Registration)
            _registration?.FlowChanged(now, happened);
        else
            _event = new() { Kind = AgentEventKind.KeptFlow, KeptFlow = happened };
    }

    // What a search found may be had at once, or with any later input.
    private void TakeFoundServers(Instant now)
    {
        while (_resolver is not null && _resolver.TryTakeOutcome(out var outcome))
        {
            if (TransactionOwner.Of(outcome.User) == TransactionOwner.Calls)
                _calls?.Resolved(now, outcome);
            else
                _registration?.Resolved(now, outcome);
        }
    }

    private void Tell(Instant now, in CallEvent happened)
    {
        // Whoever hears that a call was answered may use its voice at once.
        _voice?.Settle(now);
        // A key is told once, by whatever method it came.
        bool isHeard = happened.Kind == CallEventKind.Digit && _voice is not null
            && _voice.HearKey(now, CallLayer.SessionOf(happened.Call), happened.Digit, happened.DigitDuration);
        if (!isHeard && happened.Kind != CallEventKind.None)
            _event = new() { Kind = AgentEventKind.Call, Call = happened };
    }

    private void Tell(in RegistrationEvent happened)
    {
        if (happened.Kind != RegistrationEventKind.None)
            _event = new() { Kind = AgentEventKind.Registration, Registration = happened };
    }

    private void Tell(in PingEvent happened)
    {
        if (happened.IsSome)
            _event = new() { Kind = AgentEventKind.Ping, Ping = happened };
    }

    // ---- Outputs ----------------------------------------------------------------------------------------------------------------

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) =>
        _transport.PollTransmit(buffer, out transmit) || _voice is not null && _voice.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => Instant.Earlier(
        Instant.Earlier(Instant.Earlier(_transactions.NextDeadline, _transport.NextDeadline), _voice?.PollTimeout() ?? Instant.Never),
        Instant.Earlier(
            Instant.Earlier(_keeper.NextDeadline, _pinger.NextDeadline),
            Instant.Earlier(
                Instant.Earlier(_resolver?.NextDeadline ?? Instant.Never, _registration?.NextDeadline ?? Instant.Never),
                _calls?.NextDeadline ?? Instant.Never)));

    /// <summary>What the last input meant to the user; false where it meant nothing.</summary>
    public bool PollEvent(out AgentEvent happened)
    {
        happened = _event;
        _event = default;
        if (happened.Kind == AgentEventKind.None && _voice is not null && _voice.PollEvent(out var heard))
            happened = new() { Kind = AgentEventKind.Voice, Voice = heard };
        return happened.Kind != AgentEventKind.None;
    }

    /// <summary>The message of the last event that has one, until the next input.</summary>
    public SipMessage Message => _transactions.Message;

    /// <summary>What routing needs of <see cref="Message"/>: its top Via, tags, Call-ID and CSeq.</summary>
    public ref readonly RoutingView View => ref _transactions.View;
}

/// <summary>What is in use of each pool.</summary>
public readonly record struct AgentUse
{
    public int ServerTransactions { get; init; }

    public int ClientTransactions { get; init; }

    public int Connections { get; init; }

    public int Buffers { get; init; }

    /// <summary>Octets of those buffers, used or not.</summary>
    public long BufferOctets { get; init; }

    public int Outputs { get; init; }

    public int TransactionTimers { get; init; }

    public int KeptFlows { get; init; }

    public int PingedTargets { get; init; }

    public int Accounts { get; init; }

    public int Calls { get; init; }

    public int Dialogs { get; init; }

    /// <summary>Calls that have ports for their voice.</summary>
    public int VoiceSessions { get; init; }

    /// <summary>Searches for servers, and what they found, which an account keeps.</summary>
    public int Resolutions { get; init; }

    /// <summary>Questions to name servers.</summary>
    public int Questions { get; init; }

    public bool IsEmpty =>
        (ServerTransactions | ClientTransactions | Connections | Buffers | Outputs | TransactionTimers | KeptFlows | PingedTargets | Accounts | Resolutions
            | Questions | Calls | Dialogs | VoiceSessions) == 0;
}
