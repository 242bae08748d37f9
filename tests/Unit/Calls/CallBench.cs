// Two agents that call each other over a wire that takes the time that a test gives it and loses nothing but what a test takes out, with proxies on the way where
// there are some; every message is written down with its time, as a ladder is read.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

/// <summary>One side of a bench.</summary>
internal sealed class CallSide
{
    private readonly byte[] _buffer = new byte[65535];

    public CallSide(string name, IpEndpoint own, CallOptions options, TransactionOptions? transactions, BufferClass[]? buffers, bool hasAccounts = false, int? resolutions = null)
    {
        Name = name;
        Own = own;
        var gate = new StartGate();
        Audio = new(gate, Math.Max(1, options.Calls), 40000);
        var all = new SipAgentOptions
        {
            Calls = new()
            {
                Calls = options.Calls, SpareDialogs = options.SpareDialogs, FullStatus = options.FullStatus, SessionTimer = options.SessionTimer,
                Reliable = options.Reliable, FollowsRedirects = options.FollowsRedirects, RingMost = options.RingMost, Product = options.Product,
                Supplements = options.Supplements, Trusted = options.Trusted, KeepsCallsWithoutMedia = options.KeepsCallsWithoutMedia,
                Streams = [new AudioStreamHandler(new(), Audio)],
            },
            Transactions = transactions ?? Transactions,
            Transport = new() { ListeningPoints = [new(Protocol.Udp, own), new(Protocol.Tcp, own)], PathLimitOctets = 0 },
            Registration = hasAccounts ? new() : null,
            Resolver = resolutions is { } room ? new() { Families = SipEmbedded.Resolution.FamilyOrder.Ipv4Only, Resolutions = room } : null,
        };
        Agent = new(gate, buffers is null ? all : new() { Calls = all.Calls, Transactions = all.Transactions, Transport = all.Transport, Buffers = buffers }, new Element.CountingEntropy());
        gate.Close();
    }

    public static TransactionOptions Transactions => new()
    {
        AllowedMethods = [SipEmbedded.Messages.Method.Invite, SipEmbedded.Messages.Method.Bye, SipEmbedded.Messages.Method.Options, SipEmbedded.Messages.Method.Info, SipEmbedded.Messages.Method.Message,
            SipEmbedded.Messages.Method.Update, SipEmbedded.Messages.Method.Prack, SipEmbedded.Messages.Method.Notify],
        SupportedExtensions = "100rel, timer",
    };

    public string Name { get; }

    public IpEndpoint Own { get; }

    public AudioSessions Audio { get; }

    public SipAgent Agent { get; }

    public CallLayer Calls => Agent.Calls!;

    public List<CallEvent> Events { get; } = [];

    public List<AgentEvent> Others { get; } = [];

    /// <summary>Hears of each event at once.</summary>
    public Action<CallEvent>? User { get; set; }

    public Handle<Call> Call { get; set; }

    public CallEvent Last => Events[^1];

    public CallState State(Instant now) => Calls.TryGetInfo(now, Call, out var info) ? info.State : CallState.None;

    public IEnumerable<(Flow Flow, string Text)> Drain()
    {
        var sent = new List<(Flow, string)>();
        while (Agent.PollTransmit(_buffer, out var transmit))
        {
            if (transmit.Kind is TransmitKind.Datagram && transmit.Flow.Protocol != Protocol.Dns)
                sent.Add((transmit.Flow, Encoding.Latin1.GetString(_buffer, 0, transmit.Length)));
        }
        if (!Agent.PollEvent(out var told))
            return sent;
        if (told.Kind != AgentEventKind.Call)
        {
            Others.Add(told);
            return sent;
        }
        Events.Add(told.Call);
        if (told.Call.Kind == CallEventKind.Incoming)
            Call = told.Call.Call;
        User?.Invoke(told.Call);
        return sent.Concat(Drain());
    }
}

internal sealed class CallBench
{
    public static readonly IpEndpoint AlicesAddress = IpEndpoint.V4(0xC0000201, 5060);
    public static readonly IpEndpoint BobsAddress = IpEndpoint.V4(0xC0000202, 5060);

    // In the order in which it arrives.
    private readonly PriorityQueue<(IpEndpoint To, IpEndpoint From, string Text), (long AtMs, long Order)> _wire = new();
    private long _order;

    public CallBench(
        CallOptions? alice = null, CallOptions? bob = null, TransactionOptions? bobsTransactions = null, BufferClass[]? alicesBuffers = null, BufferClass[]? bobsBuffers = null,
        TransactionOptions? alicesTransactions = null, bool hasAccounts = false, int? resolutions = null)
    {
        Alice = new("alice", AlicesAddress, alice ?? new(), alicesTransactions, alicesBuffers, hasAccounts, resolutions);
        Bob = new("bob", BobsAddress, bob ?? new(), bobsTransactions, bobsBuffers);
    }

    public CallSide Alice { get; }

    public CallSide Bob { get; }

    public long NowMs { get; private set; }

    public Instant Now => Instant.FromMilliseconds(NowMs);

    /// <summary>Who sent what, a line each: <c>alice INVITE</c>, <c>bob 180</c>; with SDP <c>alice INVITE sdp</c>.</summary>
    public List<string> Ladder { get; } = [];

    public List<(string From, string Text)> Messages { get; } = [];

    public List<long> Times { get; } = [];

    /// <summary>Each message with its way and whether it was lost.</summary>
    public List<(long Ms, IpEndpoint From, IpEndpoint To, string What, bool IsLost)> Journal { get; } = [];

    /// <summary>One way, of each message.</summary>
    public long LatencyMs { get; set; }

    /// <summary>What is on the way beside the two sides, by address.</summary>
    public Dictionary<IpEndpoint, FlowProxy> Proxies { get; } = [];

    /// <summary>True for a message that is lost.</summary>
    public Func<string, string, bool>? Loses { get; set; }

    /// <summary>Changes a message on its way.</summary>
    public Func<string, string, string>? Alters { get; set; }

    public string LastOf(string from, string beginning) =>
        Messages.Last(message => message.From == from && message.Text.StartsWith(beginning, StringComparison.Ordinal)).Text;

    public void Settle()
    {
        do
        {
            Carry(Alice);
            Carry(Bob);
        }
        while (Deliver());
    }

    private void Carry(CallSide side)
    {
        foreach (var (flow, text) in side.Drain())
            Send(side.Name, side.Own, flow.Remote, text);
    }

    private void Send(string name, IpEndpoint from, IpEndpoint to, string text)
    {
        string what = Describe(name, text);
        bool isLost = Loses?.Invoke(what, text) == true;
        Ladder.Add(what);
        Messages.Add((name, text));
        Times.Add(NowMs);
        Journal.Add((NowMs, from, to, what[(name.Length + 1)..], isLost));
        if (!isLost)
            _wire.Enqueue((to, from, Alters?.Invoke(what, text) ?? text), (NowMs + LatencyMs, _order++));
    }

    private bool Deliver()
    {
        if (!_wire.TryPeek(out var next, out var when) || when.AtMs > NowMs)
            return false;
        _wire.Dequeue();
        if (Proxies.TryGetValue(next.To, out var proxy))
        {
            foreach (var (to, text) in proxy.Pass(next.From, next.Text))
                Send(proxy.Name, proxy.Own, to, text);
        }
        else if (next.To == Alice.Own || next.To == Bob.Own)
            (next.To == Alice.Own ? Alice : Bob).Agent.HandleDatagram(Now, new(Protocol.Udp, next.To, next.From), Encoding.Latin1.GetBytes(next.Text));
        return true;
    }

    public static string Describe(string from, string text)
    {
        string line = text.Split("\r\n")[0];
        string what = line.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? line.Split(' ')[1] : line.Split(' ')[0];
        return $"{from} {what}{(text.Contains("\r\nv=0", StringComparison.Ordinal) ? " sdp" : "")}";
    }

    /// <summary>A message from nobody: from a test, to one of the sides.</summary>
    public void Inject(CallSide to, string text)
    {
        _wire.Enqueue((to.Own, to == Alice ? Bob.Own : Alice.Own, text), (NowMs, _order++));
        Settle();
    }

    public void Until(long ms)
    {
        Settle();
        while (NextDue is var due && due <= Instant.FromMilliseconds(ms))
        {
            NowMs = Math.Max(NowMs, due.Milliseconds);
            if (_wire.TryPeek(out _, out var when) && when.AtMs <= NowMs)
            {
                Settle();
                continue;
            }
            if (Alice.Agent.PollTimeout() <= Now)
                Alice.Agent.HandleTimeout(Now);
            else
                Bob.Agent.HandleTimeout(Now);
            Settle();
        }
        NowMs = ms;
    }

    private Instant NextDue => Instant.Earlier(
        Instant.Earlier(Alice.Agent.PollTimeout(), Bob.Agent.PollTimeout()),
        _wire.TryPeek(out _, out var when) ? Instant.FromMilliseconds(when.AtMs) : Instant.Never);

    public void Pass(double seconds) => Until(NowMs + (long)(seconds * 1000));

    public CallResult Place(bool isOfferless = false, uint expires = 0, string headers = "")
    {
        var result = Alice.Calls.Place(
            Now,
            new()
            {
                Target = "sip:bob@192.0.2.2"u8, From = "sip:alice@192.0.2.1"u8, Flow = new(Protocol.Udp, AlicesAddress, BobsAddress), IsOfferless = isOfferless,
                ExpiresSeconds = expires, Headers = Encoding.ASCII.GetBytes(headers), User = 1,
            },
            out var call);
        Alice.Call = call;
        Until(NowMs);
        return result;
    }

    public void Answer(int status, bool withMedia = false, string headers = "")
    {
        Assert.Equal(CallResult.Done, Bob.Calls.Answer(Now, Bob.Call, status, default, Encoding.ASCII.GetBytes(headers), withMedia));
        Until(NowMs);
    }

    /// <summary>A call that both sides have.</summary>
    public static CallBench Confirmed(CallOptions? alice = null, CallOptions? bob = null)
    {
        var bench = new CallBench(alice, bob);
        Assert.Equal(CallResult.Done, bench.Place());
        bench.Answer(180);
        bench.Answer(200);
        bench.AssertConfirmed();
        bench.Ladder.Clear();
        return bench;
    }

    public void AssertConfirmed()
    {
        Assert.Equal((CallState.Confirmed, CallState.Confirmed), (Alice.State(Now), Bob.State(Now)));
        Assert.True(Alice.Calls.HasMedia(Alice.Call));
        Assert.True(Bob.Calls.HasMedia(Bob.Call));
    }

    /// <summary>Once the transactions are over nothing is left on either side.</summary>
    public void AssertEmpty()
    {
        Pass(70);
        Assert.True(Alice.Agent.Use.IsEmpty, Alice.Agent.Use.ToString());
        Assert.True(Bob.Agent.Use.IsEmpty, Bob.Agent.Use.ToString());
        Assert.Equal(CallEventKind.Ended, Alice.Last.Kind);
    }
}
