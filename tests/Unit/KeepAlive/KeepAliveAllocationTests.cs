// Flows kept and targets pinged, all that can happen to them, and not one octet on the heap.
using SipEmbedded.Agent;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.KeepAlive;

public sealed class KeepAliveAllocationTests
{
    private const int Rounds = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private sealed class Peer
    {
        private readonly byte[] _buffer = new byte[65535];
        private readonly byte[] _answer = new byte[65535];
        private MessageIndex _index;

        public readonly SipAgent Agent;
        public Instant Now;
        public int Events;
        public int Outputs;

        // What is answered: nothing, STUN with a port, pings, OPTIONS.
        public ushort MappedPort;
        public bool AnswersRequests;
        public Flow Stream;

        public Peer()
        {
            var gate = new StartGate();
            Agent = new(gate, new(), new Element.CountingEntropy());
            gate.Close();
        }

        public void Drain()
        {
            while (Agent.PollTransmit(_buffer, out var transmit))
            {
                Outputs++;
                if (transmit.Kind == TransmitKind.Connect)
                {
                    Stream = transmit.Flow;
                    Agent.HandleConnected(Now, Stream.Connection, Element.Ours.WithPort(40000));
                }
                var octets = _buffer.AsSpan(0, transmit.Length);
                if (StunMessage.TryRead(octets, out var stun) && stun.Class == StunClass.Request && MappedPort != 0)
                    AnswerStun(stun.Id);
                else if (AnswersRequests && octets.StartsWith("OPTIONS"u8))
                    Answer(octets);
            }
            if (Agent.PollEvent(out _))
                Events++;
        }

        private void AnswerStun(StunTransactionId id)
        {
            var writer = new StunWriter(_answer, StunClass.Success, id);
            writer.XorMappedAddress(Element.Ours.WithPort(MappedPort));
            Receive(writer.Finish(hasFingerprint: true));
        }

        private void Answer(ReadOnlySpan<byte> octets)
        {
            if (!SipMessage.TryRead(octets, Framing.Datagram, ref _index, out var request, out _))
                return;
            var builder = new MessageBuilder(_answer);
            builder.StartResponse(200);
            builder.CopyForResponse(request, "theirs"u8);
            builder.Finish();
            Receive(builder.Written);
        }

        public void Receive(ReadOnlySpan<byte> octets)
        {
            Agent.HandleDatagram(Now, Element.Udp, octets);
            if (Agent.PollEvent(out _))
                Events++;
        }

        public void Pass(long ms, bool pongs = false)
        {
            var end = Now + TimeSpan.FromMilliseconds(ms);
            while (Agent.PollTimeout() is var due && due <= end)
            {
                Now = due > Now ? due : Now;
                int outputs = Outputs;
                Agent.HandleTimeout(Now);
                Drain();
                if (pongs && Outputs > outputs && Agent.IsLive(Stream.Connection))
                    Agent.HandleStreamBytes(Now, Stream.Connection, "\r\n"u8);
            }
            Now = end;
        }
    }

    private static void Everything(Peer peer)
    {
        var agent = peer.Agent;
        // UDP: learnt, changed, answered late, unanswered, refused; and what others ask.
        peer.MappedPort = 61001;
        agent.TryKeep(peer.Now, Element.Udp, KeepAliveMethod.Stun, Interval, 1, out _);
        agent.TryKeep(peer.Now, Element.Udp, KeepAliveMethod.Stun, Interval, 2, out _);
        agent.TryKeep(peer.Now, Element.Udp, KeepAliveMethod.Crlf, Interval, 3, out var crlf);
        peer.Pass(100_000);
        peer.MappedPort = 61002;
        peer.Pass(100_000);
        agent.TryGetMapped(crlf, out _);
        agent.Release(crlf);
        peer.MappedPort = 0;
        peer.Pass(100_000);
        agent.TryKeep(peer.Now, Element.Udp, KeepAliveMethod.Stun, Interval, 4, out _);
        agent.HandleUndelivered(peer.Now, Element.Udp, TransportFault.Refused);
        peer.Drain();
        peer.Receive(StunVectors.Request);
        peer.Receive(StunVectors.LongTermRequest);
        peer.Receive(StunVectors.V4Response);
        peer.Receive(StunVectors.V6Response.AsSpan(0, 60));
        peer.Drain();

        // Targets: alive, dead, stopped. The last one opens the stream.
        peer.AnswersRequests = true;
        agent.TryStartPing(peer.Now, new() { Uri = "sip:a"u8, From = "<sip:b>"u8, Flow = Element.Udp, Interval = Interval }, out var target);
        peer.Pass(200_000);
        peer.AnswersRequests = false;
        peer.Pass(100_000);
        agent.StopPing(target);
        agent.TryStartPing(peer.Now, new() { Uri = "sip:a"u8, From = "<sip:b>"u8, Flow = Element.Tcp, Interval = Interval }, out target);
        // A fifth of the interval.
        peer.Pass(6000);
        agent.StopPing(target);

        // A stream: pongs, none, ended by the peer.
        agent.TryKeep(peer.Now, peer.Stream, KeepAliveMethod.Crlf, Interval, 5, out _);
        agent.TryKeep(peer.Now, peer.Stream, KeepAliveMethod.CrlfUnpromised, Interval, 6, out _);
        peer.Pass(200_000, pongs: true);
        peer.Pass(100_000);
        peer.Pass(3_600_000);
    }

    [Fact]
    public void Keeping_and_pinging_allocates_nothing()
    {
        var peer = new Peer();
        // Once before: what the runtime allocates for itself is then behind us.
        Everything(peer);
        Assert.True(peer.Agent.Use.IsEmpty);
        var counters = peer.Agent.KeepAliveCounters;
        Assert.True(peer.Events > 12 && peer.Outputs > 40, $"{peer.Events} events, {peer.Outputs} outputs");
        Assert.Equal(
            (true, true, true, true), (counters.Pongs > 4, counters.StunAnswers > 4, counters.Retransmissions > 5, counters.Deaths > 4));

        long before = HeapCount.Begin();
        for (int round = 0; round < Rounds; round++)
            Everything(peer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(peer.Agent.Use.IsEmpty);
        Assert.True(peer.Agent.KeepAliveCounters.Deaths >= counters.Deaths * Rounds);
    }
}
