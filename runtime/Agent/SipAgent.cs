// The public face of the stack: a SIP element that does no I/O. Today it speaks transactions, keeps flows alive and pings; registration and calls come on top.
//
// note [the order of calls]
// One input or command, then drain the outputs and the event, then the next. An input gives one event at most. What an event speaks of
// (Message, slices of it) is good until the next input. Time is handed in and never goes back. Handles of what has ended answer Gone.
using System.Diagnostics;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Agent;

/// <summary>
/// A SIP element. Host or a simulation drives it through <see cref="ISipEngine"/>, its user through <see cref="PollEvent"/> and the commands; see note
/// [the order of calls]. Everything is allocated by the constructor.
/// </summary>
public sealed class SipAgent : ISipEngine
{
    private readonly BufferPool _buffers;
    private readonly TransportLayer _transport;
    private readonly TransactionLayer _transactions;
    private readonly FlowKeeper _keeper;
    private readonly TargetPinger _pinger;
    private readonly Entropy _entropy;
    private AgentEvent _event;
    private Instant _now;

    /// <summary>Makes an agent through an open gate, which others may share; the caller closes it when all is made.</summary>
    [StartUp(Because = "an agent is made before start")]
    public SipAgent(StartGate gate, SipAgentOptions options, IEntropySource entropy)
    {
        _buffers = new(gate, "messages", options.Buffers);
        _entropy = new(gate, entropy);
        _transport = new(gate, options.Transport, _buffers);
        _transactions = new(gate, options.Transactions, _transport, _buffers, _entropy);
        _keeper = new(gate, options.KeptFlows, _transport, _entropy);
        _pinger = new(gate, options.Pings, _transactions, _entropy);
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

    /// <summary>Transactions, buffers, connections, outputs and timers in use: all 0 once everything has ended.</summary>
    public AgentUse Use => new()
    {
        ServerTransactions = _transactions.ServerCount,
        ClientTransactions = _transactions.ClientCount,
        Connections = _transport.ConnectionCount,
        Buffers = _buffers.Count,
        Outputs = _transport.OutputCount,
        TransactionTimers = _transactions.ArmedTimers,
        KeptFlows = _keeper.Count,
        PingedTargets = _pinger.Count,
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
        if (_transport.AcceptsDatagram(datagram, out bool isStun))
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
    }

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        Check(now);
        _transport.Counters.Undelivered++;
        _transactions.Undelivered(now, flow, fault);
        if (_keeper.HandleUndelivered(now, flow, fault, out var kept))
            Take(now, kept);
    }

    public void HandleTimeout(Instant now)
    {
        Check(now);
        while (IsQuiet && _transport.HasRoom && _transactions.TryPopTimer(now, out var happened))
            Take(now, happened);
        while (IsQuiet && _transport.HasRoom && _keeper.TryPopTimer(now, out var kept))
            Take(now, kept);
        while (IsQuiet && _transport.HasRoom && _pinger.TryPopTimer(now, out var ping))
            Tell(ping);
        while (IsQuiet && _transport.HasRoom && _transport.TryPopTimer(now, out var connection, out var fault))
            End(now, connection, fault);
    }

    // ---- What happened below, and who is to know --------------------------------------------------------------------------------

    private void Take(Instant now, in TransactionEvent happened)
    {
        if (happened.Kind == TransactionEventKind.None)
            return;
        switch (TransactionOwner.Of(happened.User))
        {
            case TransactionOwner.Ping:
                if (_pinger.Handle(now, happened, out var ping))
                    Tell(ping);
                break;
            default:
                _event = new() { Kind = AgentEventKind.Transaction, Transaction = happened };
                break;
        }
    }

    // A keeper's number names its owner as a transaction's does.
    private void Take(Instant now, in KeptFlowEvent happened)
    {
        if (happened.Kind == KeptFlowEventKind.None)
            return;
        // The keeper has closed a connection that it found dead; one that ended by itself has told it already.
        if (happened.Kind == KeptFlowEventKind.Dead && happened.Over.IsReliable)
            _transactions.ConnectionEnded(now, happened.Over.Connection, happened.Fault);
        switch (TransactionOwner.Of(happened.User))
        {
            default:
                _event = new() { Kind = AgentEventKind.KeptFlow, KeptFlow = happened };
                break;
        }
    }

    private void Tell(in PingEvent happened)
    {
        if (happened.IsSome)
            _event = new() { Kind = AgentEventKind.Ping, Ping = happened };
    }

    // ---- Outputs ----------------------------------------------------------------------------------------------------------------

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => _transport.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => Instant.Earlier(
        Instant.Earlier(_transactions.NextDeadline, _transport.NextDeadline),
        Instant.Earlier(_keeper.NextDeadline, _pinger.NextDeadline));

    /// <summary>What the last input meant to the user; false where it meant nothing.</summary>
    public bool PollEvent(out AgentEvent happened)
    {
        happened = _event;
        _event = default;
        return happened.Kind != AgentEventKind.None;
    }

    /// <summary>The message of the last event that has one, until the next input.</summary>
    public SipMessage Message => _transactions.Message;

    /// <summary>What routing needs of <see cref="Message"/>: its top Via, tags, Call-ID and CSeq.</summary>
    public ref readonly RoutingView View => ref _transactions.View;

    // ---- Commands ---------------------------------------------------------------------------------------------------------------

    /// <inheritdoc cref="TransactionLayer.TryBeginResponse"/>
    public bool TryBeginResponse(Handle<ServerTransaction> server, int status, scoped ReadOnlySpan<byte> reason, out MessageBuilder response) =>
        _transactions.TryBeginResponse(server, status, reason, out response);

    /// <summary>The same with the usual reason phrase.</summary>
    public bool TryBeginResponse(Handle<ServerTransaction> server, int status, out MessageBuilder response) =>
        _transactions.TryBeginResponse(server, status, ReasonPhrase.Of(status), out response);

    /// <inheritdoc cref="TransactionLayer.SendResponse(Instant, Handle{ServerTransaction}, in MessageBuilder)"/>
    public SendResult SendResponse(Instant now, Handle<ServerTransaction> server, scoped in MessageBuilder response) =>
        _transactions.SendResponse(now, server, response);

    /// <summary>A response without further headers and body.</summary>
    public SendResult Respond(Instant now, Handle<ServerTransaction> server, int status)
    {
        if (!_transactions.TryBeginResponse(server, status, ReasonPhrase.Of(status), out var response))
            return _transactions.IsLive(server) ? SendResult.NotAllowed : SendResult.Gone;
        response.Finish();
        return _transactions.SendResponse(now, server, response);
    }

    /// <inheritdoc cref="TransactionLayer.BeginRequest"/>
    public MessageBuilder BeginRequest() => _transactions.BeginRequest();

    /// <inheritdoc cref="TransactionLayer.SendRequest(Instant, in MessageBuilder, in Flow, ulong, out Handle{ClientTransaction})"/>
    /// <remarks><paramref name="user"/> is one that <see cref="TransactionOwner.IsUser"/>.</remarks>
    public SendResult SendRequest(Instant now, scoped in MessageBuilder request, in Flow flow, ulong user, out Handle<ClientTransaction> client)
    {
        Debug.Assert(TransactionOwner.IsUser(user));
        return _transactions.SendRequest(now, request, flow, user, out client);
    }

    /// <inheritdoc cref="TransactionLayer.SendRequest(Instant, in MessageBuilder, in Flow, in RequestSettings, out Handle{ClientTransaction})"/>
    public SendResult SendRequest(
        Instant now, scoped in MessageBuilder request, in Flow flow, scoped in RequestSettings settings, out Handle<ClientTransaction> client)
    {
        Debug.Assert(TransactionOwner.IsUser(settings.User));
        return _transactions.SendRequest(now, request, flow, settings, out client);
    }

    /// <inheritdoc cref="TransactionLayer.SendAck"/>
    public SendResult SendAck(Instant now, scoped in MessageBuilder ack, in Flow flow) => _transactions.SendAck(now, ack, flow);

    /// <inheritdoc cref="TransactionLayer.Cancel"/>
    public SendResult Cancel(Instant now, Handle<ClientTransaction> client) => _transactions.Cancel(now, client);

    /// <inheritdoc cref="TransactionLayer.SetUser(Handle{ServerTransaction}, ulong)"/>
    /// <remarks><paramref name="user"/> is one that <see cref="TransactionOwner.IsUser"/>.</remarks>
    public bool SetUser(Handle<ServerTransaction> server, ulong user)
    {
        Debug.Assert(TransactionOwner.IsUser(user));
        return _transactions.SetUser(server, user);
    }

    /// <inheritdoc cref="TransactionLayer.SetUser(Handle{ClientTransaction}, ulong)"/>
    /// <remarks><paramref name="user"/> is one that <see cref="TransactionOwner.IsUser"/>.</remarks>
    public bool SetUser(Handle<ClientTransaction> client, ulong user)
    {
        Debug.Assert(TransactionOwner.IsUser(user));
        return _transactions.SetUser(client, user);
    }

    /// <inheritdoc cref="TransactionLayer.TagOf"/>
    public ulong TagOf(Handle<ServerTransaction> server) => _transactions.TagOf(server);

    /// <inheritdoc cref="TransactionLayer.TryGetRequest"/>
    public bool TryGetRequest(Handle<ServerTransaction> server, out SipMessage request) => _transactions.TryGetRequest(server, out request);

    public TransactionState StateOf(Handle<ServerTransaction> server) => _transactions.StateOf(server);

    public TransactionState StateOf(Handle<ClientTransaction> client) => _transactions.StateOf(client);

    public bool IsLive(Handle<Connection> connection) => _transport.IsLive(connection);

    /// <inheritdoc cref="FlowKeeper.TryKeep"/>
    /// <remarks><paramref name="user"/> is one that <see cref="TransactionOwner.IsUser"/>; what happens is told as <see cref="AgentEventKind.KeptFlow"/>.</remarks>
    public bool TryKeep(Instant now, in Flow flow, KeepAliveMethod method, TimeSpan interval, ulong user, out Handle<KeptFlow> kept)
    {
        Debug.Assert(TransactionOwner.IsUser(user));
        return _keeper.TryKeep(now, flow, method, interval, user, out kept);
    }

    /// <inheritdoc cref="FlowKeeper.Release"/>
    public void Release(Handle<KeptFlow> kept) => _keeper.Release(kept);

    /// <inheritdoc cref="FlowKeeper.TryGetMapped"/>
    public bool TryGetMapped(Handle<KeptFlow> kept, out IpEndpoint mapped) => _keeper.TryGetMapped(kept, out mapped);

    /// <inheritdoc cref="TargetPinger.TryStart"/>
    public bool TryStartPing(Instant now, in PingSettings settings, out Handle<PingedTarget> target) => _pinger.TryStart(now, settings, out target);

    /// <inheritdoc cref="TargetPinger.Stop"/>
    public void StopPing(Handle<PingedTarget> target) => _pinger.Stop(target);
}

/// <summary>What is in use of each pool.</summary>
public readonly record struct AgentUse
{
    public int ServerTransactions { get; init; }

    public int ClientTransactions { get; init; }

    public int Connections { get; init; }

    public int Buffers { get; init; }

    public int Outputs { get; init; }

    public int TransactionTimers { get; init; }

    public int KeptFlows { get; init; }

    public int PingedTargets { get; init; }

    public bool IsEmpty =>
        (ServerTransactions | ClientTransactions | Connections | Buffers | Outputs | TransactionTimers | KeptFlows | PingedTargets) == 0;
}
