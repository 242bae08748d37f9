// What a name server answers: whatever it is, a search with it as every answer comes to an end, finds no more than it may and leaves nothing open. A text is a
// message without what a question gives it: its identifier in front, and the question behind the header.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using SipEmbedded.Resolution;
using SipEmbedded.Tests.Zones;
using SipEmbedded.Transport;

namespace SipEmbedded.Fuzz;

internal sealed class NameServerBody : FuzzBody
{
    private const int HeaderOctets = DnsReader.HeaderOctets;
    private const int IdOctets = 2;

    // Questions of a search: what an answer may lead to, each as often as a server is asked. More would be a search that goes round.
    private const int MaxQuestions = 400;

    private const string Zones = """
        $ORIGIN example.com.
        @          SOA ns root 1 3600 600 86400 60
        @          NAPTR 10 1 "s" "SIP+D2T" "" _sip._tcp
        @          NAPTR 10 2 "s" "SIP+D2U" "" _sip._udp
        _sip._tcp  SRV 1 0 5060 alias
        _sip._udp  SRV 1 1 5060 a
                   SRV 1 2 5060 b
        alias      CNAME a
        a          A    192.0.2.1
                   AAAA 2001:db8::1
        b          A    192.0.2.2
        """;

    private readonly ServerResolver _resolver;
    private readonly TransportLayer _transport;
    private readonly byte[] _transmit = new byte[65535];
    private readonly byte[] _answer = new byte[4096];
    private Instant _now = Instant.FromMilliseconds(0);

    public NameServerBody()
        : base("name-server")
    {
        // Nothing is known of before: an execution does not depend on another.
        var options = new ResolverOptions
        {
            MaxTimeToLive = TimeSpan.Zero, MaxNegativeTimeToLive = TimeSpan.Zero, MaxStale = TimeSpan.Zero, FailureTime = TimeSpan.Zero, DeadTime = TimeSpan.Zero,
            QuestionTimeout = TimeSpan.FromMilliseconds(1), Attempts = 1,
        };
        var gate = new StartGate();
        _transport = new(gate, new(), new BufferPool(gate, "messages", new BufferClass(512, 64)));
        _resolver = new(gate, options, _transport, new AnyLocalAddress(), new Entropy(gate, new CountingEntropy()));
        gate.Close();
    }

    public override int Weight => 4;

    public override int MaxOctets => 600;

    public override List<byte[]> Seeds(int seed)
    {
        var server = new ZoneServer(Zones);
        var cut = new ZoneServer(Zones) { MaxDatagramOctets = 20 };
        var refusing = new ZoneServer(Zones) { KnowsEdns = false };
        var seeds = new List<byte[]>();
        (string Name, DnsType Type)[] questions =
        [
            ("\u0007example\u0003com\0", DnsType.Naptr), ("\u0004_sip\u0004_udp\u0007example\u0003com\0", DnsType.Srv),
            ("\u0004_sip\u0004_tcp\u0007example\u0003com\0", DnsType.Srv), ("\u0001a\u0007example\u0003com\0", DnsType.A),
            ("\u0001a\u0007example\u0003com\0", DnsType.Aaaa), ("\u0005alias\u0007example\u0003com\0", DnsType.A),
            ("\u0006nobody\u0007example\u0003com\0", DnsType.A), ("\u0007example\u0003com\0", DnsType.A),
        ];
        byte[] question = new byte[DnsQuestionText.MaxOctets], answer = new byte[2048];
        foreach (var (name, type) in questions)
        {
            foreach (var asked in new[] { server, cut, refusing })
            {
                int length = DnsQuestionText.Write(question, 1, System.Text.Encoding.Latin1.GetBytes(name), type, hasOpt: true);
                byte[] message = answer[..asked.Answer(question.AsSpan(0, length), answer)];
                seeds.Add([.. message[IdOctets..HeaderOctets], .. message[(HeaderOctets + name.Length + 4)..]]);
            }
        }
        return seeds;
    }

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        // Two lists of servers that differ: what was learnt of a server is forgotten.
        _resolver.Configure(_now, "nameserver 192.0.2.54"u8);
        _resolver.Configure(_now, "nameserver 192.0.2.53"u8);
        Search(text, new() { Host = "example.com"u8 }, ref outcome);
        Search(text, new() { Host = "example.com"u8, Protocol = Protocol.Udp }, ref outcome);
        Search(text, new() { Host = "a.example.com"u8, Port = 5060 }, ref outcome);
        return outcome;
    }

    private void Search(ReadOnlySpan<byte> text, ServerQuery query, ref Outcome outcome)
    {
        PropertyViolation.Unless(_resolver.TryResolve(_now, query, 1, out var resolution) == ResolveResult.Started, "a search begins");
        int questions = 0;
        while (true)
        {
            questions += Serve(text);
            PropertyViolation.Unless(questions <= MaxQuestions, "a search has an end");
            if (_resolver.NextDeadline == Instant.Never)
                break;
            _now = _resolver.NextDeadline;
            _resolver.HandleTimeout(_now);
        }
        PropertyViolation.Unless(_resolver.TryTakeOutcome(out var found) && found.Resolution == resolution, "a search has an outcome");
        PropertyViolation.Unless(_resolver.OpenQuestions == 0 && _transport.ConnectionCount == 0, "a search leaves nothing open");
        PropertyViolation.Unless(found.IsFound == (found.Fault == ResolutionFault.None), "what is not found has a fault");
        outcome.Add((ulong)found.Fault);
        int targets = 0;
        ulong sum = 0;
        while (_resolver.TryGetTarget(resolution, out var target))
        {
            PropertyViolation.Unless(!target.Remote.IsAny && !target.Remote.IsMulticast && target.Remote.Port != 0, "a target can be sent to");
            // The order is drawn; the sum is the same whatever it is.
            sum += (ulong)(uint)target.Remote.GetHashCode() * (ulong)target.Protocol;
            targets++;
            if (!_resolver.TryNext(_now, resolution))
                break;
        }
        PropertyViolation.Unless(targets <= ResolverLimits.MaxTargets && targets > 0 == found.IsFound, "there are as many targets as there may be");
        outcome.AddSize(targets);
        outcome.Add(sum);
        _resolver.Release(resolution);
        Serve(text);
    }

    // Every question has the same answer. Returns how many there were.
    private int Serve(ReadOnlySpan<byte> text)
    {
        int questions = 0;
        while (_transport.PollTransmit(_transmit, out var transmit))
        {
            if (transmit.Kind == TransmitKind.Datagram)
            {
                int length = Write(_transmit.AsSpan(0, transmit.Length), text, _answer);
                _resolver.HandleDatagram(_now, transmit.Flow, _answer.AsSpan(0, length));
                questions++;
            }
            else if (transmit.Kind == TransmitKind.Stream)
            {
                int length = Write(_transmit.AsSpan(IdOctets, transmit.Length - IdOctets), text, _answer.AsSpan(IdOctets));
                BinaryPrimitives.WriteUInt16BigEndian(_answer, (ushort)length);
                _resolver.HandleStreamBytes(_now, transmit.Connection, _answer.AsSpan(0, IdOctets + length));
                questions++;
            }
        }
        return questions;
    }

    private static int Write(ReadOnlySpan<byte> question, ReadOnlySpan<byte> text, Span<byte> answer)
    {
        int end = question[HeaderOctets..].IndexOf((byte)0) + HeaderOctets + 1 + 4;
        var header = text[..Math.Min(text.Length, HeaderOctets - IdOctets)];
        question[..IdOctets].CopyTo(answer);
        header.CopyTo(answer[IdOctets..]);
        if (header.Length < HeaderOctets - IdOctets)
            return IdOctets + header.Length;
        question[HeaderOctets..end].CopyTo(answer[HeaderOctets..]);
        text[header.Length..].CopyTo(answer[end..]);
        return end + text.Length - header.Length;
    }

    private sealed class CountingEntropy : IEntropySource
    {
        private ulong _next;

        public void Fill(Span<byte> octets)
        {
            for (; octets.Length >= sizeof(ulong); octets = octets[sizeof(ulong)..])
                BinaryPrimitives.WriteUInt64LittleEndian(octets, ++_next * 0x9E37_79B9_7F4A_7C15);
        }
    }
}
