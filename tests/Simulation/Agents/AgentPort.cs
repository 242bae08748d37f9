// An agent as the simulation holds it: every call into it goes through here, so that octets on the heap are counted around each, and so that a test can plant a
// fault by overriding one.
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal class AgentPort(string name, SipAgent agent) : ISipEngine
{
    /// <summary>What a failure of this is called.</summary>
    public const string AllocationCheck = "Allocation";

    private long _before;

    public SipAgent Agent { get; } = agent;

    public virtual AgentUse Use => Agent.Use;

    // ---- What the network does ----------------------------------------------------------------------------------------------------

    public virtual void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Enter();
        Agent.HandleDatagram(now, flow, datagram);
        Leave(nameof(HandleDatagram));
    }

    public virtual bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection)
    {
        Enter();
        bool isAccepted = Agent.HandleAccepted(now, flow, out connection);
        Leave(nameof(HandleAccepted));
        return isAccepted;
    }

    public virtual void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local)
    {
        Enter();
        Agent.HandleConnected(now, connection, local);
        Leave(nameof(HandleConnected));
    }

    public virtual int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        Enter();
        int taken = Agent.HandleStreamBytes(now, connection, octets);
        Leave(nameof(HandleStreamBytes));
        return taken;
    }

    public virtual void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        Enter();
        Agent.HandleClosed(now, connection, fault);
        Leave(nameof(HandleClosed));
    }

    public virtual void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        Enter();
        Agent.HandleUndelivered(now, flow, fault);
        Leave(nameof(HandleUndelivered));
    }

    public virtual void HandleTimeout(Instant now)
    {
        Enter();
        Agent.HandleTimeout(now);
        Leave(nameof(HandleTimeout));
    }

    public virtual void HandleNetworkChange(Instant now)
    {
        Enter();
        ((ISipEngine)Agent).HandleNetworkChange(now);
        Leave(nameof(HandleNetworkChange));
    }

    public virtual void HandleResolverConfiguration(Instant now, ReadOnlySpan<byte> text)
    {
        Enter();
        ((ISipEngine)Agent).HandleResolverConfiguration(now, text);
        Leave(nameof(HandleResolverConfiguration));
    }

    public virtual bool PollTransmit(Span<byte> buffer, out Transmit transmit)
    {
        Enter();
        bool isThere = Agent.PollTransmit(buffer, out transmit);
        Leave(nameof(PollTransmit));
        return isThere;
    }

    public virtual Instant PollTimeout() => Agent.PollTimeout();

    // ---- What its user does -------------------------------------------------------------------------------------------------------

    public virtual bool PollEvent(out AgentEvent happened)
    {
        Enter();
        bool isThere = Agent.PollEvent(out happened);
        Leave(nameof(PollEvent));
        return isThere;
    }

    public SipMessage Message => Agent.Message;

    public MessageBuilder BeginRequest()
    {
        Enter();
        return Agent.BeginRequest();
    }

    /// <summary>Ends the count that <see cref="BeginRequest"/> or <see cref="TryBeginResponse"/> began: what the builder did is the agent's as well.</summary>
    public virtual SendResult SendRequest(Instant now, scoped in MessageBuilder request, in Flow flow, ulong user, out Handle<ClientTransaction> client)
    {
        var result = Agent.SendRequest(now, request, flow, user, out client);
        Leave(nameof(SendRequest));
        return result;
    }

    public virtual SendResult SendAck(Instant now, scoped in MessageBuilder ack, in Flow flow)
    {
        var result = Agent.SendAck(now, ack, flow);
        Leave(nameof(SendAck));
        return result;
    }

    public bool TryBeginResponse(Handle<ServerTransaction> server, int status, out MessageBuilder response)
    {
        Enter();
        return Agent.TryBeginResponse(server, status, out response);
    }

    public virtual SendResult SendResponse(Instant now, Handle<ServerTransaction> server, scoped in MessageBuilder response)
    {
        var result = Agent.SendResponse(now, server, response);
        Leave(nameof(SendResponse));
        return result;
    }

    public virtual SendResult Respond(Instant now, Handle<ServerTransaction> server, int status)
    {
        Enter();
        var result = Agent.Respond(now, server, status);
        Leave(nameof(Respond));
        return result;
    }

    public virtual SendResult Cancel(Instant now, Handle<ClientTransaction> client)
    {
        Enter();
        var result = Agent.Cancel(now, client);
        Leave(nameof(Cancel));
        return result;
    }

    // ---- Its accounts -------------------------------------------------------------------------------------------------------------

    public AccountResult CreateAccount(scoped in AccountSettings settings, out Handle<Account> account)
    {
        Enter();
        var result = Agent.Accounts!.TryCreate(settings, out account);
        Leave(nameof(CreateAccount));
        return result;
    }

    public AccountResult SetCredentials(Handle<Account> account, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        Enter();
        var result = Agent.Accounts!.SetCredentials(account, realm, user, password);
        Leave(nameof(SetCredentials));
        return result;
    }

    public virtual AccountResult Register(Instant now, Handle<Account> account, bool isAutomatic)
    {
        Enter();
        var result = Agent.Accounts!.Register(now, account, isAutomatic);
        Leave(nameof(Register));
        return result;
    }

    public AccountResult Unregister(Instant now, Handle<Account> account)
    {
        Enter();
        var result = Agent.Accounts!.Unregister(now, account);
        Leave(nameof(Unregister));
        return result;
    }

    public AccountResult Destroy(Handle<Account> account)
    {
        Enter();
        var result = Agent.Accounts!.Destroy(account, isForced: true);
        Leave(nameof(Destroy));
        return result;
    }

    public virtual bool TryGetInfo(Instant now, Handle<Account> account, out RegistrationInfo info) => Agent.Accounts!.TryGetInfo(now, account, out info);

    // ---- Its calls ----------------------------------------------------------------------------------------------------------------

    public virtual CallResult Place(Instant now, scoped in CallRequest request, out Handle<Call> call)
    {
        Enter();
        var result = Agent.Calls!.Place(now, request, out call);
        Leave(nameof(Place));
        return result;
    }

    public virtual CallResult Answer(Instant now, Handle<Call> call, int status, bool withMedia, ReadOnlySpan<byte> headers = default)
    {
        Enter();
        var result = Agent.Calls!.Answer(now, call, status, headers: headers, withMedia: withMedia);
        Leave(nameof(Answer));
        return result;
    }

    public virtual CallResult HangUp(Instant now, Handle<Call> call, int status)
    {
        Enter();
        var result = Agent.Calls!.HangUp(now, call, status);
        Leave(nameof(HangUp));
        return result;
    }

    /// <summary>Changes a call: hold, its end, a re-INVITE or, where <paramref name="byUpdate"/>, an UPDATE, with media or to renew our contact alone.</summary>
    public virtual CallResult Change(Instant now, Handle<Call> call, CallChange change, bool byUpdate)
    {
        Enter();
        var calls = Agent.Calls!;
        var result = change switch
        {
            CallChange.Hold => calls.Hold(now, call),
            CallChange.Resume => calls.Resume(now, call),
            _ when byUpdate => calls.Update(now, call, withMedia: change == CallChange.Renegotiate),
            _ => calls.Reinvite(now, call),
        };
        Leave(nameof(Change));
        return result;
    }

    public virtual CallResult SendDigit(Instant now, Handle<Call> call, byte digit)
    {
        Enter();
        var result = Agent.Calls!.SendDigit(now, call, digit, TimeSpan.FromMilliseconds(160));
        Leave(nameof(SendDigit));
        return result;
    }

    public virtual CallResult SendText(Instant now, Handle<Call> call, ReadOnlySpan<byte> text)
    {
        Enter();
        var result = Agent.Calls!.SendText(now, call, text);
        Leave(nameof(SendText));
        return result;
    }

    public virtual CallResult SendTyping(Instant now, Handle<Call> call, bool isTyping)
    {
        Enter();
        var result = Agent.Calls!.SendTyping(now, call, isTyping);
        Leave(nameof(SendTyping));
        return result;
    }

    /// <summary>A request of the user's own inside a call.</summary>
    public virtual CallResult SendRequest(Instant now, Handle<Call> call, ReadOnlySpan<byte> method, ReadOnlySpan<byte> headers)
    {
        Enter();
        var result = Agent.Calls!.SendRequest(now, call, method, headers);
        Leave(nameof(SendRequest));
        return result;
    }

    public bool SetUser(Handle<Call> call, ulong user) => Agent.Calls!.SetUser(call, user);

    public virtual bool TryGetInfo(Instant now, Handle<Call> call, out Calls.CallInfo info) => Agent.Calls!.TryGetInfo(now, call, out info);

    public virtual TransactionState StateOf(Handle<ServerTransaction> server) => Agent.StateOf(server);

    public virtual TransactionState StateOf(Handle<ClientTransaction> client) => Agent.StateOf(client);

    // ---- Octets on the heap -------------------------------------------------------------------------------------------------------

    protected void Enter() => _before = GC.GetAllocatedBytesForCurrentThread();

    protected void Leave(string call)
    {
        long octets = GC.GetAllocatedBytesForCurrentThread() - _before;
        if (octets != 0)
            throw new SimulationFailure(AllocationCheck, $"{name} put {octets} octets on the heap in {call}");
    }
}
