// What an agent's user asks of it: responses and requests of his own, flows kept alive, pings, accounts, calls.
using System.Diagnostics;
using SipEmbedded.Auth;
using SipEmbedded.Calls;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Agent;

public sealed partial class SipAgent
{
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
    public SendResult Cancel(Instant now, Handle<ClientTransaction> client, scoped ReadOnlySpan<byte> lines = default) =>
        _transactions.Cancel(now, client, lines);

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

    // ---- Accounts ---------------------------------------------------------------------------------------------------------------

    /// <summary>The accounts; null where the options have none. Commands to it are commands to the agent: drain afterwards.</summary>
    public RegistrationLayer? Accounts => _registration;

    // ---- Calls ------------------------------------------------------------------------------------------------------------------

    /// <summary>The calls; null where the options have none. Commands to it are commands to the agent: drain afterwards.</summary>
    public CallLayer? Calls => _calls;
}
