// The whole element: a datagram, or a stream however cut, into an agent that has an INVITE and an OPTIONS of its own under way and whose user answers
// whatever is asked. Besides note [what is checked]: at most one answer to one input, every input in one counter, and nothing kept once time has passed.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Fuzz;

internal abstract class AgentBody(string name) : FuzzBody(name)
{
    // The same numbers each time, so that a text can hold our branches and tags, and a reading can be repeated.
    private sealed class NoEntropy : IEntropySource
    {
        public void Fill(Span<byte> octets) => octets.Clear();
    }

    /// <summary>Longer than any timer of an agent: an hour.</summary>
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>No hour of one agent holds more: a hundred transactions send ten times each.</summary>
    private const int MaxTimeouts = 10_000;

    protected static readonly IpEndpoint Ours = IpEndpoint.V4(0xC0000201, 5060);
    protected static readonly IpEndpoint Theirs = IpEndpoint.V4(0xC0000202, 5060);

    private readonly byte[] _buffer = new byte[65535];
    private TransactionCounters _before;
    private TransportCounters _beforeBelow;
    private Outcome _outcome;

    /// <summary>A start line up to here says what was answered and why.</summary>
    private const int MaxLineOctets = 64;

    protected SipAgent Agent { get; } = Make();

    protected Instant Now { get; private set; }

    private static SipAgent Make()
    {
        var gate = new StartGate();
        var agent = new SipAgent(gate, new() { Transport = new() { ListeningPoints = [new(Protocol.Udp, Ours), new(Protocol.Tcp, Ours)] } }, new NoEntropy());
        gate.Close();
        return agent;
    }

    public override int MaxOctets => 2500;

    public override bool HasContentLength => true;

    public override List<byte[]> Seeds(int seed)
    {
        var seeds = MessageSeeds.Captured().Where(message => message.Length <= MaxOctets).ToList();
        foreach (string method in new[] { "INVITE", "OPTIONS" })
        {
            foreach (int status in new[] { 100, 180, 200, 302, 486 })
                seeds.Add(Octets($"SIP/2.0 {status} X", "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKaaaaaaaaaaaaa", method));
        }
        foreach (string method in new[] { "INVITE", "ACK", "CANCEL", "OPTIONS", "FROB" })
        {
            foreach (string via in new[] { "SIP/2.0/UDP h;rport;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.2;received=a;maddr=192.0.2.3", "SIP/2.0/TCP h:1" })
                seeds.Add(Octets($"{method} sip:b@h SIP/2.0", via, method));
        }
        return seeds;
    }

    private static byte[] Octets(string line, string via, string method) => Encoding.ASCII.GetBytes(
        $"{line}\r\nVia: {via}\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=aaaaaaaaaaaaa\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n");

    /// <summary>Begins a reading: requests of ours go out.</summary>
    protected void Begin()
    {
        _before = Agent.TransactionCounters;
        _beforeBelow = Agent.TransportCounters;
        _outcome = default;
        Send("INVITE"u8);
        Send("OPTIONS"u8);
    }

    private void Send(ReadOnlySpan<byte> method)
    {
        var builder = Agent.BeginRequest();
        builder.StartRequest(method, "sip:b@h"u8);
        builder.Header(HeaderName.From, "<sip:a@h>;tag=1"u8);
        builder.Header(HeaderName.To, "<sip:b@h>"u8);
        builder.Header(HeaderName.CallID, "1"u8);
        builder.CSeq(1, method);
        builder.Finish();
        var sent = Agent.SendRequest(Now, builder, new(Protocol.Udp, Ours, Theirs), 0, out _);
        PropertyViolation.Unless(sent == SendResult.Sent, "an agent with nothing to do can send");
        Drain(isAnswer: false);
    }

    /// <summary>What one input caused; its user answers a request at once.</summary>
    protected void DrainInput(int octets)
    {
        PropertyViolation.Unless(Drain(isAnswer: true) <= 1, "one input has one answer at most");
        if (!Agent.PollEvent(out var told))
            return;
        var happened = told.Transaction;
        if (happened.Kind == TransactionEventKind.Request)
        {
            Agent.Respond(Now, happened.Server, 180);
            Drain(isAnswer: false);
            Agent.Respond(Now, happened.Server, octets % 2 == 0 ? 200 : 486);
        }
        Drain(isAnswer: false);
    }

    private int Drain(bool isAnswer)
    {
        int messages = 0;
        while (Agent.PollTransmit(_buffer, out var transmit))
        {
            // A pong has two.
            if (transmit.Length <= 2)
                continue;
            messages++;
            if (!isAnswer)
                continue;
            var line = _buffer.AsSpan(0, Math.Min(transmit.Length, MaxLineOctets));
            foreach (byte octet in line[..Math.Max(0, line.IndexOf((byte)'\r'))])
                _outcome.Add(octet);
        }
        return messages;
    }

    /// <summary>Lets time pass and says what came of the reading.</summary>
    protected Outcome End()
    {
        var end = Now + Hour;
        for (int i = 0; Agent.PollTimeout() is var due && due <= end; i++)
        {
            PropertyViolation.Unless(i < MaxTimeouts, "time passes");
            Now = due > Now ? due : Now;
            Agent.HandleTimeout(Now);
            Drain(isAnswer: false);
            Agent.PollEvent(out _);
        }
        Now = end;
        PropertyViolation.Unless(Agent.Use.IsEmpty && Agent.PollTimeout() == Instant.Never, "nothing is kept once time has passed");
        return Account();
    }

    private Outcome Account()
    {
        var all = Agent.TransactionCounters;
        var below = Agent.TransportCounters;
        PropertyViolation.Unless(
            below.DatagramsReceived + below.StreamMessagesReceived + below.UnframableStreams
                == below.KeepAliveDatagrams + below.StunDatagrams + all.Unreadable + all.BadRequests + all.BadResponses + all.RequestsReceived
                    + all.ResponsesReceived
                && all.ResponsesReceived == all.ResponsesTold + all.ResponsesAbsorbed + all.StrayResponses
                && all.RequestsReceived == all.RequestsTold + all.RetransmissionsReceived + all.AcksReceived + all.StrayAcks + all.CancelsReceived
                    + all.StrayCancels + all.MethodsRefused + all.SchemesRefused + all.ExtensionsRefused + all.MergedRequests + all.Loops
                    + all.SpentRequests + all.ServersRefused + all.Unroutable,
            "each input is in one counter");
        var outcome = _outcome;
        Add(ref outcome, all.RequestsTold, _before.RequestsTold);
        Add(ref outcome, all.RetransmissionsReceived, _before.RetransmissionsReceived);
        Add(ref outcome, all.AcksReceived, _before.AcksReceived);
        Add(ref outcome, all.StrayAcks, _before.StrayAcks);
        Add(ref outcome, all.CancelsReceived, _before.CancelsReceived);
        Add(ref outcome, all.StrayCancels, _before.StrayCancels);
        Add(ref outcome, all.ResponsesTold, _before.ResponsesTold);
        Add(ref outcome, all.ResponsesAbsorbed, _before.ResponsesAbsorbed);
        Add(ref outcome, all.StrayResponses, _before.StrayResponses);
        Add(ref outcome, all.Unreadable, _before.Unreadable);
        Add(ref outcome, all.BadRequests, _before.BadRequests);
        Add(ref outcome, all.BadResponses, _before.BadResponses);
        Add(ref outcome, all.SchemesRefused, _before.SchemesRefused);
        Add(ref outcome, all.ExtensionsRefused, _before.ExtensionsRefused);
        Add(ref outcome, all.MergedRequests, _before.MergedRequests);
        Add(ref outcome, all.Loops, _before.Loops);
        Add(ref outcome, all.Unroutable, _before.Unroutable);
        Add(ref outcome, all.Retransmissions, _before.Retransmissions);
        Add(ref outcome, all.Unacknowledged, _before.Unacknowledged);
        Add(ref outcome, below.StreamMessagesReceived, _beforeBelow.StreamMessagesReceived);
        Add(ref outcome, below.Pings, _beforeBelow.Pings);
        Add(ref outcome, below.UnframableStreams, _beforeBelow.UnframableStreams);
        Add(ref outcome, below.StalledStreams, _beforeBelow.StalledStreams);
        return outcome;
    }

    private static void Add(ref Outcome outcome, long now, long before) => outcome.AddSize(now - before);
}

/// <summary>A text as a datagram, and again as its retransmission.</summary>
internal sealed class AgentDatagramBody() : AgentBody("agent")
{
    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        Begin();
        for (int i = 0; i < 2; i++)
        {
            Agent.HandleDatagram(Now, new(Protocol.Udp, Ours, Theirs), text);
            DrainInput(text.Length);
        }
        return End();
    }
}

/// <summary>A text as a stream, whole and in pieces: both come to the same.</summary>
internal sealed class AgentStreamBody() : AgentBody("agent stream")
{
    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var whole = Read(text, (uint)text.Length, isWhole: true);
        var pieces = Read(text, (uint)text.Length * 2654435761u | 1, isWhole: false);
        PropertyViolation.Unless(whole.Digest == pieces.Digest, "a stream means the same however it is cut");
        return whole;
    }

    private Outcome Read(ReadOnlySpan<byte> text, uint piece, bool isWhole)
    {
        Begin();
        PropertyViolation.Unless(Agent.HandleAccepted(Now, new(Protocol.Tcp, Ours, Theirs.WithPort(40000)), out var connection), "a peer can connect");
        while (!text.IsEmpty)
        {
            // Sizes that the text itself chooses, so that a reading can be repeated.
            piece = piece * 1664525 + 1013904223;
            int length = isWhole ? text.Length : Math.Min(text.Length, 1 + (int)(piece >> 23));
            int taken = Agent.HandleStreamBytes(Now, connection, text[..length]);
            PropertyViolation.Unless(taken > 0 && taken <= length, "what is taken was handed in");
            text = text[taken..];
            DrainInput(0);
        }
        return End();
    }
}
