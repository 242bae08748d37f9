// The public face of the stack: a SIP element that does no I/O. Today it speaks transactions; registration and calls come on top of them.
//
// note [the order of calls]
// One input or command, then drain the outputs and the event, then the next. An input gives one event at most. What an event speaks of
// (Message, slices of it) is good until the next input. Time is handed in and never goes back. Handles of what has ended answer Gone.
using System.Diagnostics;
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
    private readonly Entropy _entropy;
    private TransactionEvent _event;
    private Instant _now;

    /// <summary>Makes an agent through an open gate, which others may share; the caller closes it when all is made.</summary>
    [StartUp(Because = "an agent is made before start")]
    public SipAgent(StartGate gate, SipAgentOptions options, IEntropySource entropy)
    {
        _buffers = new(gate, "messages", options.Buffers);
        _entropy = new(gate, entropy);
        _transport = new(gate, options.Transport, _buffers);
        _transactions = new(gate, options.Transactions, _transport, _buffers, _entropy);
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

    /// <summary>Transactions, buffers, connections, outputs and timers in use: all 0 once everything has ended.</summary>
    public AgentUse Use => new()
    {
        ServerTransactions = _transactions.ServerCount,
        ClientTransactions = _transactions.ClientCount,
        Connections = _transport.ConnectionCount,
        Buffers = _buffers.Count,
        Outputs = _transport.OutputCount,
        TransactionTimers = _transactions.ArmedTimers,
    };

    /// <summary>Random numbers for tags and identifiers of the user's own.</summary>
    public Entropy Entropy => _entropy;

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    [Conditional("DEBUG")]
    private void Check(Instant now)
    {
        Debug.Assert(now >= _now, "time went back");
        Debug.Assert(_event.Kind == TransactionEventKind.None, "an event was not polled");
        _now = now;
    }

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Check(now);
        if (_transport.AcceptsDatagram(datagram))
            _transactions.Receive(now, flow, datagram, Framing.Datagram, out _event);
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
                _transactions.Receive(now, _transport.FlowOf(connection), message, Framing.Stream, out _event);
                break;
            case StreamFinding.Fault:
                _transactions.ReceiveUnframable(now, _transport.FlowOf(connection), message, fault);
                _transport.Close(connection);
                _transactions.ConnectionEnded(now, connection, TransportFault.Reset);
                break;
            case StreamFinding.Closed:
                _transactions.ConnectionEnded(now, connection, TransportFault.Exhausted);
                break;
        }
        _transport.EndInput();
        return taken;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        Check(now);
        if (_transport.Closed(connection))
            _transactions.ConnectionEnded(now, connection, fault);
    }

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        Check(now);
        _transport.Counters.Undelivered++;
        _transactions.Undelivered(now, flow, fault);
    }

    public void HandleTimeout(Instant now)
    {
        Check(now);
        while (_event.Kind == TransactionEventKind.None && _transport.HasRoom && _transactions.TryPopTimer(now, out _event))
        {
        }
        while (_event.Kind == TransactionEventKind.None && _transport.HasRoom && _transport.TryPopTimer(now, out var connection, out var fault))
            _transactions.ConnectionEnded(now, connection, fault);
    }

    // ---- Outputs ----------------------------------------------------------------------------------------------------------------

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => _transport.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => Instant.Earlier(_transactions.NextDeadline, _transport.NextDeadline);

    /// <summary>What the last input meant to the user; false where it meant nothing.</summary>
    public bool PollEvent(out AgentEvent happened)
    {
        happened = new() { Kind = _event.Kind == TransactionEventKind.None ? AgentEventKind.None : AgentEventKind.Transaction, Transaction = _event };
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
    public SendResult SendRequest(Instant now, scoped in MessageBuilder request, in Flow flow, ulong user, out Handle<ClientTransaction> client) =>
        _transactions.SendRequest(now, request, flow, user, out client);

    /// <inheritdoc cref="TransactionLayer.SendRequest(Instant, in MessageBuilder, in Flow, in RequestSettings, out Handle{ClientTransaction})"/>
    public SendResult SendRequest(
        Instant now, scoped in MessageBuilder request, in Flow flow, scoped in RequestSettings settings, out Handle<ClientTransaction> client) =>
        _transactions.SendRequest(now, request, flow, settings, out client);

    /// <inheritdoc cref="TransactionLayer.SendAck"/>
    public SendResult SendAck(Instant now, scoped in MessageBuilder ack, in Flow flow) => _transactions.SendAck(now, ack, flow);

    /// <inheritdoc cref="TransactionLayer.Cancel"/>
    public SendResult Cancel(Instant now, Handle<ClientTransaction> client) => _transactions.Cancel(now, client);

    public bool SetUser(Handle<ServerTransaction> server, ulong user) => _transactions.SetUser(server, user);

    public bool SetUser(Handle<ClientTransaction> client, ulong user) => _transactions.SetUser(client, user);

    /// <inheritdoc cref="TransactionLayer.TagOf"/>
    public ulong TagOf(Handle<ServerTransaction> server) => _transactions.TagOf(server);

    /// <inheritdoc cref="TransactionLayer.TryGetRequest"/>
    public bool TryGetRequest(Handle<ServerTransaction> server, out SipMessage request) => _transactions.TryGetRequest(server, out request);

    public TransactionState StateOf(Handle<ServerTransaction> server) => _transactions.StateOf(server);

    public TransactionState StateOf(Handle<ClientTransaction> client) => _transactions.StateOf(client);

    public bool IsLive(Handle<Connection> connection) => _transport.IsLive(connection);
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

    public bool IsEmpty => (ServerTransactions | ClientTransactions | Connections | Buffers | Outputs | TransactionTimers) == 0;
}
