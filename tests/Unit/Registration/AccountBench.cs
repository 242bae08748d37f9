// An agent with one account on a bench: its requests are answered by hand, time is let pass, and all that it sends and tells is written down.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Registration;

internal delegate AccountSettings SettingsMaker();

internal sealed class AccountBench
{
    public static readonly IpEndpoint Ours = IpEndpoint.V4(0xC0000201, 5060);
    public static readonly IpEndpoint Registrar = IpEndpoint.V4(0xC0000202, 5060);

    private readonly byte[] _buffer = new byte[65535];
    private readonly Action<AccountBench, RegistrationEvent>? _user;

    /// <summary><paramref name="user"/> hears of each event at once, before anything else is done.</summary>
    public AccountBench(
        SettingsMaker? settings = null, RegistrationOptions? options = null, Action<AccountBench, RegistrationEvent>? user = null, bool hasPassword = true,
        TransactionOptions? transactions = null, CallOptions? calls = null)
    {
        _user = user;
        var gate = new StartGate();
        Agent = new(
            gate,
            new()
            {
                Registration = options ?? new() { Accounts = 2 },
                Transactions = transactions ?? new(),
                Calls = calls,
                Transport = new() { ListeningPoints = [new(Protocol.Udp, IpEndpoint.V4(0, 5060)), new(Protocol.Tcp, IpEndpoint.V4(0, 5060))] },
            },
            new Element.CountingEntropy(),
            Routes);
        gate.Close();
        var made = Accounts.TryCreate(settings is null ? Usual : settings(), out var account);
        Made = made;
        Account = account;
        if (made == AccountResult.Done && hasPassword)
            Assert.Equal(AccountResult.Done, Accounts.SetCredentials(account, ""u8, "door"u8, "secret"u8));
    }

    public static AccountSettings Usual => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, User = 77 };

    public SipAgent Agent { get; }

    public RegistrationLayer Accounts => Agent.Accounts!;

    public Handle<Account> Account { get; }

    public AccountResult Made { get; }

    public BenchRoutes Routes { get; } = new();

    public List<RegistrationEvent> Events { get; } = [];

    public List<(long Ms, Flow Flow, string Text)> Requests { get; } = [];

    public List<Transmit> Commands { get; } = [];

    public List<AgentEvent> Others { get; } = [];

    /// <summary>Pings and the like.</summary>
    public List<(long Ms, string Text)> OtherOctets { get; } = [];

    public long NowMs { get; private set; }

    public Instant Now => Instant.FromMilliseconds(NowMs);

    public string LastRequest => Requests[^1].Text;

    public RegistrationEvent Last => Events[^1];

    public RegistrationInfo Info
    {
        get
        {
            Assert.True(Accounts.TryGetInfo(Now, Account, out var info));
            return info;
        }
    }

    /// <summary>Does what is due now.</summary>
    public void Settle() => Until(NowMs);

    public void Register(bool isAutomatic = true)
    {
        Assert.Equal(AccountResult.Done, Accounts.Register(Now, Account, isAutomatic));
        Settle();
    }

    /// <summary>A registration that was granted.</summary>
    public static AccountBench Registered(SettingsMaker? settings = null, string extra = "", RegistrationOptions? options = null)
    {
        var bench = new AccountBench(settings, options);
        bench.Register();
        bench.Accept(extra);
        return bench;
    }

    public void Until(long ms)
    {
        while (Agent.PollTimeout() is var due && due <= Instant.FromMilliseconds(ms))
        {
            NowMs = Math.Max(NowMs, due.Milliseconds);
            Agent.HandleTimeout(Now);
            Drain();
        }
        NowMs = ms;
    }

    public void Pass(double seconds) => Until(NowMs + (long)(seconds * 1000));

    /// <summary>Lets time pass until another request goes out, no longer than <paramref name="seconds"/>; true where one did.</summary>
    public bool PassUntilRequest(double seconds)
    {
        int before = Requests.Count;
        long end = NowMs + (long)(seconds * 1000);
        while (Requests.Count == before && Agent.PollTimeout() is var due && due <= Instant.FromMilliseconds(end))
        {
            NowMs = Math.Max(NowMs, due.Milliseconds);
            Agent.HandleTimeout(Now);
            Drain();
        }
        if (Requests.Count == before)
            NowMs = end;
        return Requests.Count > before;
    }

    public void Drain()
    {
        while (Agent.PollTransmit(_buffer, out var transmit))
        {
            string text = Encoding.Latin1.GetString(_buffer, 0, transmit.Length);
            if (transmit.Kind is not (TransmitKind.Datagram or TransmitKind.Stream))
                Commands.Add(transmit);
            else if (text.Contains(" SIP/2.0\r\n", StringComparison.Ordinal))
                Requests.Add((NowMs, transmit.Flow, text));
            else
                OtherOctets.Add((NowMs, text));
        }
        if (!Agent.PollEvent(out var told))
            return;
        if (told.Kind != AgentEventKind.Registration)
        {
            Others.Add(told);
            return;
        }
        Events.Add(told.Registration);
        _user?.Invoke(this, told.Registration);
    }

    // ---- The registrar's side -----------------------------------------------------------------------------------------------------

    /// <summary>Answers the last request on its flow.</summary>
    public void Answer(int status, string extra = "", string viaParameters = "")
    {
        var (_, flow, request) = Requests[^1];
        string answer = Element.Answer(request, status, extra: extra);
        if (viaParameters.Length > 0)
            answer = answer.Replace(";rport;", $";{viaParameters};", StringComparison.Ordinal);
        Receive(answer, flow);
        Settle();
    }

    public void Receive(string message, Flow flow)
    {
        byte[] octets = Encoding.Latin1.GetBytes(message);
        if (!flow.IsReliable)
        {
            Agent.HandleDatagram(Now, flow, octets);
            Drain();
            return;
        }
        for (ReadOnlySpan<byte> rest = octets; !rest.IsEmpty;)
        {
            rest = rest[Agent.HandleStreamBytes(Now, flow.Connection, rest)..];
            Drain();
        }
    }

    /// <summary>A 200 that lists what was asked to be registered, for <paramref name="seconds"/> each.</summary>
    public void Accept(string extra = "", int seconds = 600, string viaParameters = "")
    {
        var contacts = ContactsOf(LastRequest).Where(line => !line.Contains("expires=0", StringComparison.Ordinal))
            .Select(line => System.Text.RegularExpressions.Regex.Replace(line, ";expires=[0-9]+", "") + $";expires={seconds}\r\n");
        Answer(200, string.Concat(contacts) + extra, viaParameters);
    }

    public const string Challenge = "WWW-Authenticate: Digest realm=\"house\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\r\n";

    public static string[] ContactsOf(string request) => LinesOf(request, "Contact");

    public static string[] LinesOf(string request, string name) =>
        [.. request.Split("\r\n").Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))];

    public static string ValueOf(string request, string name) => Assert.Single(LinesOf(request, name))[(name.Length + 2)..];

    public static int SequenceOf(string request) => int.Parse(ValueOf(request, "CSeq").Split(' ')[0]);

    /// <summary>The connection that was asked for opens.</summary>
    public void Connect()
    {
        Agent.HandleConnected(Now, Commands.FindLast(command => command.Kind == TransmitKind.Connect).Connection, Ours.WithPort(40000));
        Drain();
    }

    public void ChangeNetwork()
    {
        Agent.HandleNetworkChange(Now);
        Drain();
        Settle();
    }

    internal sealed class BenchRoutes : ILocalAddresses
    {
        /// <summary>Null: no way leads anywhere.</summary>
        public IpEndpoint? Local { get; set; } = Ours.WithPort(0);

        public bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local)
        {
            local = Local ?? default;
            return Local is not null;
        }
    }
}
