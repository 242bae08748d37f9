// An agent on a bench: messages and time are handed to it, and all that it does is written down with its time, in the order that it did it.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

/// <summary>
/// Lines of <see cref="Log"/>: <c>500 > udp INVITE</c> for a message sent at 500 ms, <c>0 ! Request OPTIONS</c> for an event of a transaction, <c>0 ! kept Dead TimedOut</c>
/// and <c>0 ! ping alive</c> for others, <c>0 connect tcp</c>.
/// </summary>
internal sealed class Element
{
    private readonly byte[] _buffer = new byte[65535];
    private readonly Func<Element, TransactionEvent, bool>? _user;

    public static readonly IpEndpoint Ours = IpEndpoint.V4(0xC0000201, 5060);
    public static readonly IpEndpoint Theirs = IpEndpoint.V4(0xC0000202, 5060);
    public static readonly Flow Udp = new(Protocol.Udp, Ours, Theirs);

    /// <summary>A stream to the peer that is not there yet.</summary>
    public static readonly Flow Tcp = new(Protocol.Tcp, Ours.WithPort(0), Theirs);

    /// <summary><paramref name="user"/> sees each event at once; true keeps it out of the log.</summary>
    public Element(
        TransactionOptions? transactions = null, TransportOptions? transport = null, BufferClass[]? buffers = null, Func<Element, TransactionEvent, bool>? user = null,
        PingOptions? pings = null)
    {
        _user = user;
        var options = new SipAgentOptions
        {
            Transactions = transactions ?? new(),
            Transport = transport ?? new() { ListeningPoints = [new(Protocol.Udp, Ours), new(Protocol.Tcp, Ours)] },
            Pings = pings ?? new(),
        };
        if (buffers is not null)
            options = new() { Transactions = options.Transactions, Transport = options.Transport, Buffers = buffers, Pings = options.Pings };
        var gate = new StartGate();
        Agent = new(gate, options, new CountingEntropy());
        gate.Close();
    }

    public SipAgent Agent { get; }

    public long NowMs { get; private set; }

    public Instant Now => Instant.FromMilliseconds(NowMs);

    public List<string> Log { get; } = [];

    public List<string> SentTexts { get; } = [];

    public List<byte[]> SentOctets { get; } = [];

    public List<Transmit> Sent { get; } = [];

    public List<TransactionEvent> Events { get; } = [];

    public List<PingEvent> Pings { get; } = [];

    public TransactionEvent LastEvent => Events[^1];

    public void Receive(string message) => Receive(message, Udp);

    /// <summary>Over UDP, or over the one connection of the test: that which we opened, else one that the peer opens.</summary>
    public void Receive(string message, Protocol protocol)
    {
        if (protocol == Protocol.Udp)
        {
            Receive(message, Udp);
            return;
        }
        if (!Agent.IsLive(Connection))
        {
            Connection = Sent.Find(sent => sent.Kind == TransmitKind.Connect).Connection;
            if (Agent.IsLive(Connection))
                Agent.HandleConnected(Now, Connection, Ours.WithPort(40000));
            else
                Connection = Accept();
        }
        ReceiveStream(Connection, Octets(message));
    }

    public Handle<Connection> Connection { get; private set; }

    /// <summary>Answers a request of the peer's, by default the last.</summary>
    public SendResult Respond(int status, Handle<ServerTransaction>? server = null)
    {
        var result = Agent.Respond(Now, server ?? Events.LastOrDefault().Server, status);
        Drain();
        return result;
    }

    public SendResult Cancel(Handle<ClientTransaction> client)
    {
        var result = Agent.Cancel(Now, client);
        Drain();
        return result;
    }

    /// <summary>The To tag of the last message sent.</summary>
    public string LastTag => TagOf(SentTexts[^1]);

    public static string TagOf(string message) => LineOf(message, "To").Split(";tag=")[1];

    public static string LineOf(string message, string name) =>
        message.Split("\r\n").First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));

    /// <summary>The milliseconds of the lines of the log that say this.</summary>
    public long[] TimesOf(string what) =>
        [.. Log.Where(line => line.EndsWith(" " + what, StringComparison.Ordinal)).Select(line => long.Parse(line.Split(' ')[0]))];

    /// <summary>Each input is in exactly one of the counters that say what became of it.</summary>
    public void AssertAccounted() => AssertAccounted(Agent);

    public static void AssertAccounted(SipAgent agent)
    {
        ref readonly var below = ref agent.TransportCounters;
        ref readonly var all = ref agent.TransactionCounters;
        Assert.Equal(
            below.DatagramsReceived + below.StreamMessagesReceived + below.UnframableStreams,
            below.KeepAliveDatagrams + below.StunDatagrams + all.Unreadable + all.BadRequests + all.BadResponses + all.RequestsReceived + all.ResponsesReceived);
        Assert.Equal(
            all.RequestsReceived,
            all.RequestsTold + all.RetransmissionsReceived + all.AcksReceived + all.StrayAcks + all.CancelsReceived + all.StrayCancels + all.MethodsRefused
                + all.SchemesRefused + all.ExtensionsRefused + all.MergedRequests + all.Loops + all.SpentRequests + all.ServersRefused + all.Unroutable);
        Assert.Equal(all.ResponsesReceived, all.ResponsesTold + all.ResponsesAbsorbed + all.StrayResponses);
    }

    /// <summary>Forgets what has been written down so far.</summary>
    public void Clear()
    {
        Log.Clear();
        Sent.Clear();
        SentTexts.Clear();
        SentOctets.Clear();
    }

    public void Receive(string message, in Flow flow)
    {
        Agent.HandleDatagram(Now, flow, Octets(message));
        Drain();
    }

    /// <summary>A datagram that may be no text.</summary>
    public void ReceiveOctets(ReadOnlySpan<byte> datagram)
    {
        Agent.HandleDatagram(Now, Udp, datagram);
        Drain();
    }

    public void ReceiveStream(Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            octets = octets[Agent.HandleStreamBytes(Now, connection, octets)..];
            Drain();
        }
    }

    public Handle<Connection> Accept(IpEndpoint? from = null)
    {
        Assert.True(Agent.HandleAccepted(Now, new(Protocol.Tcp, Ours, from ?? Theirs.WithPort(40000)), out var connection));
        return connection;
    }

    /// <summary>Lets time pass, each timer at its millisecond.</summary>
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

    public void Drain()
    {
        while (true)
        {
            while (Agent.PollTransmit(_buffer, out var transmit))
            {
                Sent.Add(transmit);
                string text = Encoding.Latin1.GetString(_buffer, 0, transmit.Length);
                SentTexts.Add(text);
                SentOctets.Add(_buffer.AsSpan(0, transmit.Length).ToArray());
                string what = transmit.Kind switch
                {
                    TransmitKind.Datagram => $"> udp {FirstWords(text)}",
                    TransmitKind.Stream => $"> tcp {FirstWords(text)}",
                    _ => transmit.Kind.ToString().ToLowerInvariant(),
                };
                Log.Add($"{NowMs} {what}");
            }
            if (!Agent.PollEvent(out var told))
                return;
            if (told.Kind != AgentEventKind.Transaction)
            {
                Note(told);
                continue;
            }
            var happened = told.Transaction;
            Events.Add(happened);
            if (_user?.Invoke(this, happened) == true)
                continue;
            string status = happened.Status == 0 ? "" : $" {happened.Status}";
            Log.Add($"{NowMs} ! {happened.Kind} {happened.Method}{status}");
        }
    }

    private void Note(in AgentEvent told)
    {
        if (told.Kind == AgentEventKind.Ping)
        {
            Pings.Add(told.Ping);
            Log.Add($"{NowMs} ! ping {(told.Ping.IsAlive ? "alive" : "dead")}");
        }
        else
            Log.Add($"{NowMs} ! kept {told.KeptFlow.Kind} {told.KeptFlow.Fault}");
    }

    private static string FirstWords(string text)
    {
        string line = text == "\r\n" ? "pong" : text == "\r\n\r\n" ? "ping" : text.Split("\r\n")[0];
        return line.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? line.Split(' ')[1] : line.Split(' ')[0];
    }

    public static byte[] Octets(string message) => Encoding.Latin1.GetBytes(message.ReplaceLineEndings("\r\n"));

    /// <summary>Numbers that count up: branches and tags differ and are the same in each run.</summary>
    public sealed class CountingEntropy : IEntropySource
    {
        private ulong _next;

        public void Fill(Span<byte> octets)
        {
            for (; octets.Length >= sizeof(ulong); octets = octets[sizeof(ulong)..])
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(octets, ++_next * 0x9E37_79B9_7F4A_7C15);
        }
    }

    // ---- Messages ---------------------------------------------------------------------------------------------------------------

    public static string Request(
        string method, string branch = "z9hG4bKpeer1", string callId = "call1", int cseq = 1, string toTag = "", string uri = "sip:door@192.0.2.1",
        string extra = "", string via = "192.0.2.2", string body = "", string transport = "UDP") =>
        $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {via};branch={branch}\r\nMax-Forwards: 70\r\nFrom: <sip:peer@192.0.2.2>;tag=theirs\r\n"
        + $"To: <sip:door@192.0.2.1>{(toTag.Length > 0 ? ";tag=" + toTag : "")}\r\nCall-ID: {callId}\r\nCSeq: {cseq} {method}\r\n{extra}"
        + $"Content-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>Sends a request of ours.</summary>
    public SendResult Send(string method, out Handle<ClientTransaction> client, Flow? flow = null, ulong user = 7, string body = "", int cseq = 1)
    {
        var builder = Agent.BeginRequest();
        builder.StartRequest(Encoding.ASCII.GetBytes(method), "sip:peer@192.0.2.2"u8);
        builder.Header(HeaderName.MaxForwards, 70);
        builder.Header(HeaderName.From, "<sip:door@192.0.2.1>;tag=ours"u8);
        builder.Header(HeaderName.To, "<sip:peer@192.0.2.2>"u8);
        builder.Header(HeaderName.CallID, "call-of-ours"u8);
        builder.CSeq((uint)cseq, Encoding.ASCII.GetBytes(method));
        if (body.Length == 0)
            builder.Finish();
        else
            builder.Finish("text/plain"u8, Encoding.ASCII.GetBytes(body));
        var result = Agent.SendRequest(Now, builder, flow ?? Udp, user, out client);
        Drain();
        return result;
    }

    public Handle<ClientTransaction> Send(string method, Flow? flow = null, ulong user = 7, string body = "")
    {
        Assert.Equal(SendResult.Sent, Send(method, out var client, flow, user, body));
        return client;
    }

    /// <summary>A response of the peer to a request that we sent.</summary>
    public static string Answer(string request, int status, string toTag = "theirs", string extra = "")
    {
        string Line(string name) => request.Split("\r\n").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        string to = Line("To");
        return $"SIP/2.0 {status} Whatever\r\n{Line("Via")}\r\n{Line("From")}\r\n{(toTag.Length == 0 || to.Contains("tag=") ? to : $"{to};tag={toTag}")}\r\n"
            + $"{Line("Call-ID")}\r\n{Line("CSeq")}\r\n{extra}Content-Length: 0\r\n\r\n";
    }
}
