// The promise, counted: searches with answers that come, do not come and come on a stream, and not one octet on the heap.
using SipEmbedded.Memory;
using SipEmbedded.Resolution;
using SipEmbedded.Tests.Zones;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class ResolutionAllocationTests
{
    private const int Rounds = 20_000;

    private const string Zones = """
        $ORIGIN example.com.
        $TTL 0
        @          SOA ns root 1 3600 600 86400 0
        @          NAPTR 10 1 "s" "SIP+D2U" "" _sip._udp
        _sip._udp  SRV 1 1 5060 a
                   SRV 1 3 5060 b
        a          A    192.0.2.1
                   AAAA 2001:db8::1
        b          CNAME a
        """;

    private sealed class Counting : IEntropySource
    {
        private byte _next;

        public void Fill(Span<byte> octets)
        {
            foreach (ref byte octet in octets)
                octet = _next += 77;
        }
    }

    [Fact]
    public void Searching_failing_and_refreshing_allocate_nothing()
    {
        var gate = new StartGate();
        var transport = new TransportLayer(gate, new(), new BufferPool(gate, "messages", new BufferClass(512, 32)));
        var resolver = new ServerResolver(gate, new() { MixesCase = true }, transport, new AnyLocalAddress(), new Entropy(gate, new Counting()));
        gate.Close();
        // Answers are made beforehand, since the model of a server allocates.
        var server = new ZoneServer(Zones);
        var cut = new ZoneServer(Zones) { MaxDatagramOctets = 20 };
        var answers = new Dictionary<(int, ulong), byte[]>();
        byte[] buffer = new byte[65535], reply = new byte[2048];
        var now = Instant.FromMilliseconds(0);
        // Twice before it is counted: what is made once is behind us.
        int found = Round(0) + Round(1) + Round(2) + Round(3);
        long before = HeapCount.Begin();
        for (int i = 0; i < Rounds; i++)
            found += Round(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(found > Rounds, $"{found}");
        Assert.Equal((0, 0, 0), (resolver.OpenQuestions, resolver.ResolutionCount, transport.ConnectionCount));

        int Round(int number)
        {
            int outcomes = 0;
            now += TimeSpan.FromMinutes(10);
            resolver.Configure(now, number % 2 == 0 ? "nameserver 192.0.2.53\nsearch example.com"u8 : "nameserver 192.0.2.54"u8);
            resolver.ReadHosts(now, "192.0.2.7 other.example.com"u8);
            resolver.TryResolve(now, new() { Host = "example.com"u8 }, 1, out var first);
            Serve(number);
            resolver.TryResolve(now, new() { Host = "other.example.com"u8 }, 2, out var second);
            resolver.TryResolve(now, new() { Host = "192.0.2.1"u8 }, 3, out var third);
            while (resolver.TryTakeOutcome(out var outcome))
                outcomes += outcome.IsFound ? 1 : 0;
            while (resolver.TryNext(now, first))
            {
            }
            resolver.Succeeded(now, first);
            now += TimeSpan.FromSeconds(1);
            resolver.Refresh(now, first);
            // Nobody answers: what is known serves.
            while (resolver.NextDeadline != Instant.Never)
            {
                now = Instant.Earlier(resolver.NextDeadline, Instant.Never);
                resolver.HandleTimeout(now);
                while (transport.PollTransmit(buffer, out _))
                {
                }
            }
            while (resolver.TryTakeOutcome(out var outcome))
                outcomes += outcome.IsStale ? 1 : 0;
            resolver.NetworkChanged(now);
            resolver.Release(first);
            resolver.Release(second);
            resolver.Release(third);
            return outcomes;
        }

        void Serve(int number)
        {
            while (transport.PollTransmit(buffer, out var transmit))
            {
                if (transmit.Kind == TransmitKind.Datagram)
                {
                    int length = Answer(number % 4 < 2 ? 0 : 1, buffer.AsSpan(0, transmit.Length), reply);
                    resolver.HandleDatagram(now, transmit.Flow, reply.AsSpan(0, length));
                }
                else if (transmit.Kind == TransmitKind.Stream)
                {
                    int length = Answer(2, buffer.AsSpan(2, transmit.Length - 2), reply.AsSpan(2));
                    (reply[0], reply[1]) = ((byte)(length >> 8), (byte)length);
                    resolver.HandleStreamBytes(now, transmit.Connection, reply.AsSpan(0, 2 + length));
                }
            }
        }

        // The answer of before for the same name and type, with this question's identifier and case.
        int Answer(int kind, ReadOnlySpan<byte> question, Span<byte> answer)
        {
            int end = question[12..].IndexOf((byte)0) + 12 + 5;
            ulong key = 0;
            foreach (byte octet in question[12..end])
                key = key * 31 + (byte)(octet is >= (byte)'A' and <= (byte)'Z' ? octet | 0x20 : octet);
            if (!answers.TryGetValue((kind, key), out byte[]? made))
            {
                byte[] space = new byte[2048];
                int length = kind == 0 ? server.Answer(question, space) : kind == 1 ? cut.Answer(question, space) : server.AnswerStream(question, space);
                answers[(kind, key)] = made = space[..length];
            }
            made.CopyTo(answer);
            question[..2].CopyTo(answer);
            question[12..end].CopyTo(answer[12..]);
            return made.Length;
        }
    }
}
