// The promise, counted: whole flows as client and server, over UDP and a stream, refusals included, and not one octet on the heap. And the memory plan.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class AllocationTests
{
    private const int Rounds = 500;

    // The peer's side: what it sends is made beforehand, or from what it was sent by the library's own builder.
    private sealed class Peer
    {
        private readonly byte[] _buffer = new byte[65535];
        private readonly byte[] _sent = new byte[65535];
        private readonly byte[] _answer = new byte[65535];
        private MessageIndex _index;
        private int _sentLength;

        public readonly SipAgent Agent;
        public Instant Now;
        public int Events;
        public int Outputs;
        public TransactionEvent Last;

        public Peer()
        {
            var gate = new StartGate();
            var transactions = new TransactionOptions { AllowedMethods = [Method.Invite, Method.Options, Method.Message, Method.Bye] };
            Agent = new(gate, new() { Transactions = transactions }, new Element.CountingEntropy());
            gate.Close();
        }

        public void Drain()
        {
            while (Agent.PollTransmit(_buffer, out var transmit))
            {
                Outputs++;
                if (transmit.Length <= 2)
                    continue;
                _sentLength = transmit.Length;
                _buffer.AsSpan(0, transmit.Length).CopyTo(_sent);
            }
            if (Agent.PollEvent(out var happened))
            {
                Events++;
                Last = happened.Transaction;
            }
        }

        public void Datagram(ReadOnlySpan<byte> octets)
        {
            Agent.HandleDatagram(Now, Element.Udp, octets);
            Drain();
        }

        public void Stream(Handle<Connection> connection, ReadOnlySpan<byte> octets)
        {
            while (!octets.IsEmpty)
            {
                octets = octets[Agent.HandleStreamBytes(Now, connection, octets)..];
                Drain();
            }
        }

        public void Pass(long ms)
        {
            var end = Now + TimeSpan.FromMilliseconds(ms);
            while (Agent.PollTimeout() is var due && due <= end)
            {
                Now = due > Now ? due : Now;
                Agent.HandleTimeout(Now);
                Drain();
            }
            Now = end;
        }

        public void Respond(int status)
        {
            Agent.Respond(Now, Last.Server, status);
            Drain();
        }

        public Handle<ClientTransaction> Send(ReadOnlySpan<byte> method, in Flow flow, ReadOnlySpan<byte> body)
        {
            var builder = Agent.BeginRequest();
            builder.StartRequest(method, "sip:peer@192.0.2.2"u8);
            builder.Header(HeaderName.From, "<sip:door@192.0.2.1>;tag=ours"u8);
            builder.Header(HeaderName.To, "<sip:peer@192.0.2.2>"u8);
            builder.Header(HeaderName.CallID, "call-of-ours"u8);
            builder.CSeq(1, method);
            builder.Finish("text/plain"u8, body);
            Agent.SendRequest(Now, builder, flow, 1, out var client);
            Drain();
            return client;
        }

        /// <summary>An answer to the last message sent.</summary>
        public ReadOnlySpan<byte> Answer(int status)
        {
            if (!SipMessage.TryRead(_sent.AsSpan(0, _sentLength), Framing.Datagram, ref _index, out var request, out _))
                return default;
            var builder = new MessageBuilder(_answer);
            builder.StartResponse(status);
            builder.CopyForResponse(request, "theirs"u8);
            builder.Finish();
            return builder.Written;
        }
    }

    private static readonly byte[] Invite = Element.Octets(Element.Request("INVITE"));
    private static readonly byte[] Options = Element.Octets(Element.Request("OPTIONS", branch: "z9hG4bKo", callId: "o"));
    private static readonly byte[] Cancel = Element.Octets(Element.Request("CANCEL"));
    private static readonly byte[] Ack = Element.Octets(Element.Request("ACK", toTag: "x"));
    private static readonly byte[] Large = Encoding.ASCII.GetBytes(new string('x', 1400));

    private static readonly byte[][] Refused =
    [
        .. new[]
        {
            Element.Request("MESSAGE", uri: "http://a"), Element.Request("FROB"), Element.Request("INFO"), Element.Request("OPTIONS", extra: "Require: x\r\n"),
            Element.Request("OPTIONS").Replace("CSeq: 1", "CSeq: x"), Element.Request("CANCEL", branch: "z9hG4bKnone"), "hello", "\r\n",
            "SIP/2.0 200 OK\r\n\r\n", Element.Request("OPTIONS", via: "a;rport;received=b"), Element.Request("INVITE").Replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"),
        }.Select(Element.Octets),
    ];

    private static void Everything(Peer peer)
    {
        // Server, UDP: accepted and not acknowledged, cancelled, answered twice.
        peer.Datagram(Invite);
        peer.Pass(300);
        peer.Respond(180);
        peer.Datagram(Invite);
        peer.Respond(200);
        peer.Pass(40_000);
        peer.Datagram(Invite);
        var invite = peer.Last.Server;
        peer.Datagram(Cancel);
        peer.Agent.Respond(peer.Now, invite, 487);
        peer.Drain();
        peer.Datagram(Ack);
        peer.Datagram(Options);
        peer.Respond(200);
        peer.Datagram(Options);
        foreach (byte[] refused in Refused)
            peer.Datagram(refused);
        peer.Pass(40_000);

        // Server, on a stream, in pieces; then it breaks.
        peer.Agent.HandleAccepted(peer.Now, new(Protocol.Tcp, Element.Ours, Element.Theirs.WithPort(40000)), out var connection);
        peer.Stream(connection, "\r\n\r\n"u8);
        peer.Stream(connection, Options.AsSpan(0, 50));
        peer.Stream(connection, Options.AsSpan(50));
        peer.Respond(200);
        peer.Stream(connection, Invite);
        peer.Respond(486);
        peer.Stream(connection, "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n"u8);
        peer.Pass(40_000);

        // Client, UDP: answered, refused, cancelled, unanswered, undelivered.
        peer.Send("OPTIONS"u8, Element.Udp, default);
        peer.Datagram(peer.Answer(200));
        peer.Send("INVITE"u8, Element.Udp, default);
        peer.Datagram(peer.Answer(486));
        var client = peer.Send("INVITE"u8, Element.Udp, default);
        peer.Datagram(peer.Answer(180));
        peer.Agent.Cancel(peer.Now, client);
        peer.Drain();
        peer.Datagram(peer.Answer(200));
        peer.Send("OPTIONS"u8, Element.Udp, default);
        peer.Pass(40_000);
        peer.Send("OPTIONS"u8, Element.Udp, default);
        peer.Agent.HandleUndelivered(peer.Now, Element.Udp, TransportFault.Refused);
        peer.Pass(1);

        // Client, on a stream, and back from one.
        peer.Send("OPTIONS"u8, Element.Tcp, default);
        peer.Pass(5000);
        peer.Send("MESSAGE"u8, Element.Udp, Large);
        peer.Pass(5000);
        peer.Datagram(peer.Answer(200));
        peer.Pass(3_600_000);
    }

    [Fact]
    public void Whole_flows_allocate_nothing()
    {
        var peer = new Peer();
        // Once before: what the runtime allocates for itself is then behind us.
        Everything(peer);
        Assert.True(peer.Agent.Use.IsEmpty);
        int events = peer.Events, outputs = peer.Outputs;
        Assert.True(events > 15 && outputs > 50, $"{events} events, {outputs} outputs");
        Element.AssertAccounted(peer.Agent);

        long before = HeapCount.Begin();
        for (int round = 0; round < Rounds; round++)
            Everything(peer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        // Each round did the same.
        Assert.Equal(((Rounds + 1) * events, (Rounds + 1) * outputs), (peer.Events, peer.Outputs));
        Assert.True(peer.Agent.Use.IsEmpty);
    }

    public static TheoryData<int, int, int, int> Sizes => new() { { 64, 128, 16, 64 }, { 0, 0, 0, 0 }, { 1, 2, 3, 5 }, { 1000, 3000, 100, 200 } };

    [Theory, MemberData(nameof(Sizes))]
    public void The_plan_is_what_the_gate_gives(int clients, int servers, int connections, int outputs)
    {
        var options = new SipAgentOptions
        {
            Transactions = new() { ClientTransactions = clients, ServerTransactions = servers },
            Transport = new() { Connections = connections, Outputs = outputs },
        };
        var plan = SipAgent.Plan(options);
        var gate = new StartGate();
        _ = new SipAgent(gate, options, new Element.CountingEntropy());
        var real = gate.Plan();
        Assert.Equal(real.Entries.ToArray(), plan.Entries.ToArray());
        Assert.Equal(real.TotalBytes, plan.TotalBytes);
        Assert.True(real.TotalBytes > 0);
        gate.Close();
        Assert.Throws<InvalidOperationException>(() => new SipAgent(gate, options, new Element.CountingEntropy()));
    }
}
