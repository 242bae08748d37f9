// Random and mutated input, of messages that hit the transactions that are there: no exception, nothing leaks, at most one answer to one input, and every
// input counted once. The seeds are fixed; a run is the same each time.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class HostileTests
{
    private sealed class SeededSource(int seed) : IEntropySource
    {
        private readonly Random _random = new(seed);

        public void Fill(Span<byte> octets) => _random.NextBytes(octets);
    }

    // An agent with small pools and a user who does whatever may be done.
    private sealed class Subject
    {
        private readonly byte[] _buffer = new byte[65535];
        private readonly List<Handle<ServerTransaction>> _servers = [default];
        private readonly List<Handle<ClientTransaction>> _clients = [default];
        private readonly List<Handle<Connection>> _connections = [default];
        private readonly Random _random;

        /// <summary>What was sent last: answers to it, and copies of it, meet what is there.</summary>
        private readonly List<string> _sent = [];

        public readonly SipAgent Agent;
        private Instant _now;

        public Subject(int seed)
        {
            _random = new(seed);
            var gate = new StartGate();
            var options = new SipAgentOptions
            {
                Transactions = new() { ServerTransactions = 12, ClientTransactions = 8, PendingLimit = TimeSpan.FromSeconds(50) },
                Transport = new()
                {
                    ListeningPoints = [new(Protocol.Udp, Element.Ours), new(Protocol.Tcp, Element.Ours)],
                    Connections = 4, Outputs = 6, MaxStreamMessageOctets = 3000,
                },
                Buffers = [new(256, 6), new(1024, 12), new(4096, 4)],
            };
            Agent = new(gate, options, new SeededSource(seed));
            gate.Close();
        }

        // Returns how many messages were handed out.
        private int Drain()
        {
            int messages = 0;
            while (Agent.PollTransmit(_buffer, out var transmit))
            {
                if (transmit.Kind == TransmitKind.Connect)
                    _connections[0] = transmit.Connection;
                if (transmit.Length <= 2)
                    continue;
                messages++;
                string text = Encoding.Latin1.GetString(_buffer, 0, transmit.Length);
                Assert.True(text.StartsWith("SIP/2.0 ", StringComparison.Ordinal) || text.Contains(" SIP/2.0\r\n", StringComparison.Ordinal));
                _sent.Add(text);
                if (_sent.Count > 8)
                    _sent.RemoveAt(0);
            }
            while (Agent.PollEvent(out var told))
            {
                var happened = told.Transaction;
                if (happened.Kind == TransactionEventKind.Request)
                    _servers.Add(happened.Server);
                if (happened.Kind is TransactionEventKind.Request or TransactionEventKind.Response or TransactionEventKind.Ack or TransactionEventKind.Cancel)
                    Assert.False(Agent.Message.Text.IsEmpty);
            }
            return messages;
        }

        private T Any<T>(List<T> list) => list[Math.Max(0, list.Count - 1 - _random.Next(6))];

        private static readonly string[] Methods = ["INVITE", "INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "MESSAGE", "FROB"];

        public byte[] NextText()
        {
            string text;
            if (_sent.Count > 0 && _random.Next(3) == 0)
            {
                string sent = Any(_sent);
                bool isRequest = !sent.StartsWith("SIP/2.0 ", StringComparison.Ordinal);
                text = isRequest && _random.Next(8) != 0
                    ? Element.Answer(sent, new[] { 100, 180, 200, 200, 302, 486, 487, 699 }[_random.Next(8)], new[] { "", "a", "b" }[_random.Next(3)])
                    : sent;
                // The ACK to what we answered.
                string to = sent.Split("\r\n").FirstOrDefault(line => line.StartsWith("To: <sip:door@192.0.2.1>;tag=", StringComparison.Ordinal), "");
                if (!isRequest && to.Length > 0 && _random.Next(2) == 0)
                    text = Element.Request("ACK", branch: $"z9hG4bK{_random.Next(4)}", callId: $"c{_random.Next(4)}", toTag: to.Split(";tag=")[1]);
            }
            else
            {
                string method = Methods[_random.Next(Methods.Length)];
                text = Element.Request(
                    method, branch: new[] { "z9hG4bK1", "z9hG4bK2", "z9hG4bK3", "1", "z9hG4bK" }[_random.Next(5)], callId: $"c{_random.Next(4)}",
                    cseq: _random.Next(1, 3), toTag: _random.Next(4) == 0 ? "t" : "", uri: _random.Next(16) == 0 ? "tel:1" : "sip:door@192.0.2.1",
                    via: new[] { "192.0.2.2", "192.0.2.2:5070;rport", "a.example;rport=1;received=x", "192.0.2.2;maddr=192.0.2.7", "h;maddr=b" }[_random.Next(5)],
                    extra: _random.Next(10) == 0 ? "Require: x\r\n" : "", body: new string('b', _random.Next(4) * 100));
            }
            byte[] octets = Encoding.Latin1.GetBytes(text);
            if (_random.Next(2) == 0)
                octets = Mutated(octets);
            return octets;
        }

        private byte[] Mutated(byte[] octets)
        {
            if (octets.Length == 0)
                return octets;
            int at = _random.Next(octets.Length);
            int length = Math.Min(_random.Next(1, 40), octets.Length - at);
            switch (_random.Next(6))
            {
                case 0:
                    octets[at] = (byte)_random.Next(256);
                    return octets;
                case 1:
                    octets[at] = "\r\n\0 ,;:<>\"/@0"u8[_random.Next(13)];
                    return octets;
                case 2:
                    return [.. octets[..at], .. octets[(at + length)..]];
                case 3:
                    return [.. octets[..(at + length)], .. octets[at..]];
                case 4:
                    return octets[..at];
                default:
                    _random.NextBytes(octets.AsSpan(at, length));
                    return octets;
            }
        }

        public void Datagram()
        {
            Agent.HandleDatagram(_now, _random.Next(4) == 0 ? new(Protocol.Udp, Element.Ours, Element.Theirs.WithPort(40000)) : Element.Udp, NextText());
            Assert.True(Drain() <= 1, "two answers to one datagram");
        }

        public void Stream()
        {
            var from = new Flow(Protocol.Tcp, Element.Ours, Element.Theirs.WithPort((ushort)_random.Next(1, 4)));
            if (_random.Next(10) == 0 && Agent.HandleAccepted(_now, from, out var accepted))
                _connections.Add(accepted);
            var connection = Any(_connections);
            byte[] octets = NextText();
            if (_random.Next(3) == 0)
                octets = [.. octets, .. NextText(), .. "\r\n\r\n"u8];
            ReadOnlySpan<byte> rest = octets.AsSpan(0, _random.Next(2) == 0 ? octets.Length : _random.Next(octets.Length + 1));
            while (!rest.IsEmpty)
            {
                int taken = Agent.HandleStreamBytes(_now, connection, rest);
                Assert.InRange(taken, 1, rest.Length);
                rest = rest[taken..];
                Assert.True(Drain() <= 1, "two answers to one message");
            }
        }

        public void Command()
        {
            var server = Any(_servers);
            switch (_random.Next(12))
            {
                case 0:
                    Agent.Cancel(_now, Any(_clients));
                    break;
                case 1:
                    Agent.HandleUndelivered(_now, Element.Udp, TransportFault.Refused);
                    break;
                case 2:
                    Agent.HandleClosed(_now, Any(_connections), TransportFault.Reset);
                    break;
                case 3:
                    Agent.HandleConnected(_now, _connections[0], Element.Ours.WithPort(41000));
                    break;
                case 4 or 5 or 6:
                    Request();
                    break;
                default:
                    Agent.Respond(_now, server, new[] { 100, 180, 200, 200, 404, 486, 487, 600 }[_random.Next(8)]);
                    break;
            }
            Drain();
            if (_random.Next(5) == 0)
                Pass(_random.Next(3) == 0 ? 8000 : 300);
        }

        private void Request()
        {
            string method = Methods[_random.Next(Methods.Length)];
            var builder = Agent.BeginRequest();
            builder.StartRequest(Encoding.ASCII.GetBytes(method), "sip:peer@192.0.2.2"u8);
            builder.Header(HeaderName.From, "<sip:door@192.0.2.1>;tag=ours"u8);
            builder.Header(HeaderName.To, "<sip:peer@192.0.2.2>"u8);
            builder.Header(HeaderName.CallID, "call-of-ours"u8);
            builder.CSeq(1, Encoding.ASCII.GetBytes(method));
            builder.Finish("text/plain"u8, new byte[_random.Next(3) * 700]);
            var flow = _random.Next(4) == 0 ? Element.Tcp : Element.Udp;
            if (method == "ACK")
                Agent.SendAck(_now, builder, flow);
            else if (Agent.SendRequest(_now, builder, flow, 0, out var client) == SendResult.Sent)
                _clients.Add(client);
        }

        public void Pass(long ms)
        {
            var end = _now + TimeSpan.FromMilliseconds(ms);
            int calls = 0;
            while (Agent.PollTimeout() is var due && due <= end)
            {
                Assert.True(++calls < 100_000, "time does not pass");
                _now = due > _now ? due : _now;
                Agent.HandleTimeout(_now);
                Drain();
            }
            _now = end;
        }

        public void AssertEnds()
        {
            Pass(3_600_000);
            Assert.True(Agent.Use.IsEmpty, Agent.Use.ToString());
            Assert.Equal(Instant.Never, Agent.PollTimeout());
            Element.AssertAccounted(Agent);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Hostile_datagrams_leave_nothing_behind(int seed)
    {
        var subject = new Subject(seed);
        for (int i = 0; i < 30_000; i++)
        {
            subject.Datagram();
            if (i % 3 == 0)
                subject.Command();
            if (i % 10_000 == 9_999)
                subject.AssertEnds();
        }
        // The net is not empty: every kind of answer was given.
        ref readonly var counters = ref subject.Agent.TransactionCounters;
        foreach (long counter in new[]
        {
            counters.RequestsTold, counters.RetransmissionsReceived, counters.AcksReceived, counters.CancelsReceived, counters.ResponsesTold,
            counters.ResponsesAbsorbed, counters.BadRequests, counters.ServersRefused, counters.MergedRequests, counters.Unroutable, counters.Loops,
        })
        {
            Assert.True(counter > 10);
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Hostile_streams_leave_nothing_behind(int seed)
    {
        var subject = new Subject(seed);
        for (int i = 0; i < 30_000; i++)
        {
            subject.Stream();
            if (i % 2 == 0)
                subject.Command();
            if (i % 10_000 == 9_999)
                subject.AssertEnds();
        }
        ref readonly var counters = ref subject.Agent.TransportCounters;
        foreach (long counter in new[]
        {
            counters.StreamMessagesReceived, counters.UnframableStreams, counters.Pings, counters.ConnectionsRefused, counters.StaleInputs,
        })
        {
            Assert.True(counter > 10);
        }
    }

    [Fact]
    public void Noise_is_dropped()
    {
        var subject = new Subject(21);
        var random = new Random(21);
        byte[] noise = new byte[300];
        for (int i = 0; i < 50_000; i++)
        {
            random.NextBytes(noise);
            subject.Agent.HandleDatagram(default, Element.Udp, noise.AsSpan(0, random.Next(noise.Length)));
            Assert.Equal(0, subject.Agent.Use.Outputs);
        }
        subject.AssertEnds();
        Assert.Equal(0, subject.Agent.TransactionCounters.RequestsReceived);
    }
}
