// A phone in the process of the test: a host with real sockets on a thread of its own, around an agent with calls. Commands are handed to that thread, events
// are written down there and waited for here.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Host;
using SipEmbedded.Interop.Tests.Registration;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Registration;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;
using CallInfo = SipEmbedded.Calls.CallInfo;
using Method = SipEmbedded.Messages.Method;

namespace SipEmbedded.Interop.Tests.Calls;

/// <summary>An event of a call, the body of the message that caused it, and the call as it stood then: the next message may have changed it since.</summary>
internal sealed record PhoneEvent(CallEvent Told, string Body, CallInfo Info, AgreedAudio Audio);

internal sealed class TestPhone : ISipEngine, IHostApplication, IDisposable
{
    // The ports are those of descriptions alone: nobody sends media yet.
    private const ushort FirstMediaPort = 40000;

    // Longer than any transaction lasts (64·T1, twice where a BYE follows on a lost ACK).
    private static readonly TimeSpan TransactionsOver = TimeSpan.FromSeconds(70);

    private readonly PhoneOptions _options;
    private readonly SkippingClock _clock = new();
    private readonly SipHost _host;
    private readonly SipAgent _agent;
    private readonly AudioSessions _audio;
    private readonly Handle<Account> _account;
    private readonly ConcurrentQueue<Action<Instant>> _commands = new();
    private readonly BlockingCollection<PhoneEvent> _events = [];
    private readonly BlockingCollection<RegistrationEvent> _registrations = [];
    private readonly Thread _thread;
    private volatile Exception? _fault;

    public TestPhone(PhoneOptions? options = null)
    {
        _options = options ?? new();
        var gate = new StartGate();
        Assert.True(IpEndpoint.TryRead("127.0.0.1"u8, 0, out var any));
        // The same number for both protocols, as phones have it.
        any = any.WithPort((ushort)Ports.Free());
        _host = new(
            gate,
            new() { Udp = [any], Tcp = [any], ResolverConfigurationPath = "", HostsPath = "", WatchesNetwork = false, StopTimeout = TimeSpan.FromSeconds(3) },
            _clock, Traffic);
        _host.Open();
        Assert.True(_host.UdpSockets[0].IsOpen && _host.TcpListeners[0].IsOpen, $"port {any.Port} was taken");
        Local = any;
        _audio = new(gate, _options.Calls, FirstMediaPort);
        _agent = new(gate, AgentOptions(), new KernelEntropy(), _host.Addresses);
        gate.Close();
        if (_options.Password is not null)
            _account = NewAccount(_options.Password);
        _thread = new(Run) { IsBackground = true };
        _thread.Start();
    }

    private SipAgentOptions AgentOptions() => new()
    {
        Transport = new() { ListeningPoints = [new(Protocol.Udp, Local), new(Protocol.Tcp, Local)] },
        Transactions = new()
        {
            AllowedMethods = [Method.Invite, Method.Bye, Method.Options, Method.Info, Method.Message, Method.Update, Method.Prack, Method.Notify],
            SupportedExtensions = "100rel, timer",
        },
        Resolver = new(),
        Registration = new(),
        Calls = new()
        {
            Calls = _options.Calls, Reliable = _options.Reliable, SessionTimer = _options.SessionTimer, FollowsRedirects = _options.FollowsRedirects,
            Streams = [new AudioStreamHandler(new(), _audio)],
        },
    };

    private Handle<Account> NewAccount(string password)
    {
        string server = _options.Registrar is { } registrar ? $"sip:{registrar}{(_options.UsesTcp ? ";transport=tcp" : "")}" : "";
        var accounts = _agent.Accounts!;
        var made = accounts.TryCreate(
            new()
            {
                Server = Octets(server), AddressOfRecord = Octets($"sip:{_options.User}@{KamailioOptions.Realm}"),
                Protocol = _options.UsesTcp ? Protocol.Tcp : Protocol.Udp,
            },
            out var account);
        Assert.Equal(AccountResult.Done, made);
        Assert.Equal(AccountResult.Done, accounts.SetCredentials(account, Octets(_options.Realm), Octets(_options.User), Octets(password)));
        return account;
    }

    private static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);

    private void Run()
    {
        try
        {
            _host.Run(this, this);
        }
        catch (Exception fault)
        {
            // The test that waits for something of this phone's says so.
            _fault = fault;
        }
    }

    public IpEndpoint Local { get; }

    public int Port => Local.Port;

    public string Uri => $"sip:{_options.User}@127.0.0.1:{Port}";

    public Traffic Traffic { get; } = new();

    /// <summary>The call that was placed, or came, last.</summary>
    public Handle<Call> Call { get; private set; }

    // ---- Commands ---------------------------------------------------------------------------------------------------------------------

    /// <summary>Does something on the loop's thread and waits until it is done.</summary>
    public T Do<T>(Func<Instant, CallLayer, T> command)
    {
        var result = default(T);
        using var done = new ManualResetEventSlim();
        _commands.Enqueue(now =>
        {
            result = command(now, _agent.Calls!);
            done.Set();
        });
        _host.RequestReload();
        Assert.True(done.Wait(Expect.Soon), $"the loop does not answer: {_fault}");
        return result!;
    }

    /// <summary>A command that must succeed.</summary>
    public void Must(Func<Instant, CallLayer, CallResult> command) => Assert.Equal(CallResult.Done, Do(command));

    /// <summary>Places a call to 127.0.0.1, by the account where there is one.</summary>
    public void Place(int port, string user = "bob", bool isOfferless = false, uint expires = 0, string headers = "", bool usesTcp = false) =>
        PlaceTo($"sip:{user}@127.0.0.1:{port}{(usesTcp ? ";transport=tcp" : "")}", isOfferless, expires, headers);

    public void PlaceTo(string target, bool isOfferless = false, uint expires = 0, string headers = "") => Must((now, calls) =>
    {
        var result = calls.Place(
            now,
            new()
            {
                Target = Octets(target), Account = _account, From = _account.IsSome ? default : Octets($"sip:{_options.User}@127.0.0.1"), IsOfferless = isOfferless,
                ExpiresSeconds = expires, Headers = Octets(headers),
            },
            out var call);
        Call = call;
        return result;
    });

    public void Answer(int status, bool withMedia = false, string headers = "") =>
        Must((now, calls) => calls.Answer(now, Call, status, default, Octets(headers), withMedia));

    public void HangUp() => Must((now, calls) => calls.HangUp(now, Call));

    /// <summary>Puts this phone's clock forward, and no other's.</summary>
    public void Skip(double seconds)
    {
        _clock.Skip(TimeSpan.FromSeconds(seconds));
        // Wakes the loop.
        Do((_, _) => true);
    }

    public void Register()
    {
        var result = Do((now, _) => _agent.Accounts!.Register(now, _account, isAutomatic: true));
        Assert.Equal(AccountResult.Done, result);
        var end = Stopwatch.StartNew();
        while (_registrations.TryTake(out var told, Expect.Soon - end.Elapsed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero))
        {
            if (told.Outcome == RegistrationOutcome.Done)
                return;
        }
        Assert.Fail($"not registered: {_fault}\n{Traffic}");
    }

    // ---- What happened ----------------------------------------------------------------------------------------------------------------

    /// <summary>The next event of any call, which must be of this kind.</summary>
    public PhoneEvent Next(CallEventKind kind)
    {
        if (!_events.TryTake(out var next, Expect.Soon))
            Assert.Fail($"no {kind} within {Expect.Soon.TotalSeconds} s: {_fault}\n{Traffic}");
        if (next.Told.Kind != kind)
            Assert.Fail($"{next.Told.Kind} {next.Told.Status} {next.Told.End} came in place of {kind}:\n{Traffic}");
        return Last = next;
    }

    public void NextProgress(int status, bool hasMedia = false)
    {
        var told = Next(CallEventKind.Progress).Told;
        Assert.Equal((status, hasMedia), (told.Status, told.HasMedia));
    }

    public void NextChanged(CallChange change, int status = 200)
    {
        var told = Next(CallEventKind.Changed).Told;
        Assert.Equal((change, status), (told.Change, told.Status));
    }

    public void NextEnded(CallEnd end, int status)
    {
        var told = Next(CallEventKind.Ended).Told;
        Assert.Equal((end, status), (told.End, told.Status));
    }

    /// <summary>Both sides have the call, and media.</summary>
    public void NextConfirmed()
    {
        Assert.True(Next(CallEventKind.Confirmed).Told.HasMedia, Traffic.ToString());
        Assert.Equal(CallState.Confirmed, Info.State);
    }

    /// <summary>Takes a call as it comes: rung, answered, confirmed.</summary>
    public void Take()
    {
        Next(CallEventKind.Incoming);
        Answer(180);
        Answer(200);
        NextConfirmed();
    }

    /// <summary>Waits for the next INVITE of a peer's.</summary>
    public void NextIncoming(bool hasMedia = true) => Assert.Equal(hasMedia, Next(CallEventKind.Incoming).Told.HasMedia);

    /// <summary>Waits until so many messages of a ladder's name have passed.</summary>
    public void Until(string what, int count = 1)
    {
        for (var clock = Stopwatch.StartNew(); Traffic.Count(what) < count; Thread.Sleep(5))
            Assert.True(clock.Elapsed < Expect.Soon, $"not {count} times {what}: {_fault}\n{Traffic}");
    }

    /// <summary>The event that was waited for last.</summary>
    public PhoneEvent Last { get; private set; } = new(default, "", default, default);

    /// <summary>The call as it stood then.</summary>
    public CallInfo Info => Last.Info;

    /// <summary>What was agreed of its audio then.</summary>
    public AgreedAudio Audio => Last.Audio;

    public CallInfo InfoNow => Do((now, calls) => calls.TryGetInfo(now, Call, out var info) ? info : default);

    public CallCounters Counters => Do((_, calls) => calls.Counters);

    /// <summary>Nothing more is to be told, and once the transactions are over nothing is left of any call.</summary>
    public void AssertEmpty()
    {
        Skip(TransactionsOver.TotalSeconds);
        Skip(TransactionsOver.TotalSeconds);
        if (_events.TryTake(out var more))
            Assert.Fail($"{more.Told.Kind} {more.Told.Status} {more.Told.End} was not expected:\n{Traffic}");
        var use = Do((_, _) => _agent.Use);
        bool isEmpty = use is { Calls: 0, Dialogs: 0, ClientTransactions: 0, ServerTransactions: 0, Outputs: 0, TransactionTimers: 0 };
        Assert.True(isEmpty && (_account.IsSome || use is { Buffers: 0, Resolutions: 0 }), $"{use}\n{Traffic}");
    }

    // ---- The engine -------------------------------------------------------------------------------------------------------------------

    private void React(Instant now)
    {
        while (_agent.PollEvent(out var told))
        {
            if (told.Kind == AgentEventKind.Registration)
                _registrations.Add(told.Registration);
            else if (told.Kind == AgentEventKind.Transaction && told.Transaction.Kind == TransactionEventKind.Request)
                _agent.Respond(now, told.Transaction.Server, 405);
            if (told.Kind != AgentEventKind.Call)
                continue;
            if (told.Call.Kind == CallEventKind.Incoming)
                Call = told.Call.Call;
            bool hasMessage = told.Call.Kind == CallEventKind.Text;
            _agent.Calls!.TryGetInfo(now, told.Call.Call, out var info);
            _audio.TryGet(CallLayer.SessionOf(told.Call.Call), out var audio);
            _events.Add(new(told.Call, hasMessage ? Encoding.UTF8.GetString(_agent.Message.Body) : "", info, audio));
        }
    }

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        _agent.HandleDatagram(now, flow, datagram);
        React(now);
    }

    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection) => _agent.HandleAccepted(now, flow, out connection);

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local)
    {
        _agent.HandleConnected(now, connection, local);
        React(now);
    }

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        int taken = _agent.HandleStreamBytes(now, connection, octets);
        React(now);
        return taken;
    }

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        _agent.HandleClosed(now, connection, fault);
        React(now);
    }

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        _agent.HandleUndelivered(now, flow, fault);
        React(now);
    }

    public void HandleTimeout(Instant now)
    {
        _agent.HandleTimeout(now);
        React(now);
    }

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => _agent.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => _agent.PollTimeout();

    // ---- The application --------------------------------------------------------------------------------------------------------------

    public bool IsDrained => _agent.Use.Calls == 0;

    public void HandleStop(Instant now) => _agent.Calls!.HangUpAll(now);

    // A request to reload is how a command gets to the loop's thread.
    public void HandleReload(Instant now)
    {
        if (_commands.TryDequeue(out var command))
            command(now);
        React(now);
    }

    public void Dispose()
    {
        _host.RequestStop();
        Assert.True(_thread.Join(Expect.Soon), "the loop does not end");
        _host.Dispose();
        _events.Dispose();
        _registrations.Dispose();
    }
}
