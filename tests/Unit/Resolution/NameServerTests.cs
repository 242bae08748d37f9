// Servers that are silent, slow, wrong, old or hostile, and what a question does then (RFC 1035 §7.2, RFC 2181 §9, RFC 5452, RFC 6891, RFC 7766).
using System.Buffers.Binary;
using SipEmbedded.Resolution;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class NameServerTests
{
    private const string Zones = """
        $ORIGIN example.com.
        @    SOA ns root 1 3600 600 86400 60
        pbx  A   192.0.2.1
        """;

    private const string Uri = "sip:pbx.example.com:5060";
    private const string Found = "udp 192.0.2.1:5060";
    private const string Two = "nameserver 192.0.2.53\nnameserver 192.0.2.54\n";

    private static readonly ResolverOptions s_v4 = new() { Families = FamilyOrder.Ipv4Only };

    // An answer to the last question as the server would give it.
    private static byte[] AnswerOf(ResolverBench bench, Action<byte[]>? change = null)
    {
        byte[] answer = new byte[1500];
        answer = answer[..bench.Server.Zones.Answer(bench.Questions[^1].Question, answer)];
        change?.Invoke(answer);
        return answer;
    }

    // ---- Silence ----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_silent_server_is_asked_again_each_time_from_another_port_with_another_identifier()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.IsSilent = true;
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf(Uri));
        Assert.Equal(["0 udp 192.0.2.53 pbx.example.com A", "2000 udp 192.0.2.53 pbx.example.com A"], bench.Log);
        Assert.Equal(4000, bench.NowMs);
        Assert.Equal(2, bench.Questions.Select(sent => sent.Flow.Local.Port).Distinct().Count());
        Assert.Equal(2, bench.Questions.Select(sent => BinaryPrimitives.ReadUInt16BigEndian(sent.Question)).Distinct().Count());
        Assert.Equal((2, 1), (bench.Resolver.Counters.TimedOut, bench.Resolver.Counters.QuestionsFailed));
        bench.AssertQuiet();
    }

    [Fact]
    public void The_next_server_is_asked_and_goes_before_the_silent_one_for_a_while()
    {
        var bench = new ResolverBench(Zones, s_v4, Two);
        bench.Server.IsSilent = true;
        bench.Add("192.0.2.54", Zones + "\nother A 192.0.2.2\nthird A 192.0.2.3");
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
        bench.Find("sip:other.example.com:5060");
        Assert.Equal(
            ["0 udp 192.0.2.53 pbx.example.com A", "2000 udp 192.0.2.54 pbx.example.com A", "2010 udp 192.0.2.54 other.example.com A"], bench.Log);
        // Then the first is tried again.
        bench.Until(40_000);
        bench.Find("sip:third.example.com:5060");
        Assert.Equal(["40000 udp 192.0.2.53 third.example.com A", "42000 udp 192.0.2.54 third.example.com A"], bench.Log.Skip(3));
        bench.AssertQuiet();
    }

    [Fact]
    public void Options_of_resolv_conf_say_how_often_and_how_long()
    {
        var bench = new ResolverBench(Zones, s_v4, Two + "options attempts:3 timeout:1");
        bench.Server.IsSilent = true;
        bench.Add("192.0.2.54", "").IsSilent = true;
        bench.FaultOf(Uri);
        string[] servers = ["53", "54", "53", "54", "53", "54"];
        Assert.Equal(servers.Select((server, i) => $"{i * 1000} udp 192.0.2.{server} pbx.example.com A"), bench.Log);
        // Where all were silent just now, one round tells whether they still are.
        bench.Log.Clear();
        bench.FaultOf("sip:other.example.com:5060");
        Assert.Equal(["6000 udp 192.0.2.53 other.example.com A", "7000 udp 192.0.2.54 other.example.com A"], bench.Log);
    }

    [Fact]
    public void Servers_take_turns_where_resolv_conf_says_so()
    {
        var bench = new ResolverBench(Zones, s_v4, Two + "options rotate");
        bench.Add("192.0.2.54", Zones);
        foreach (string name in new[] { "a", "b", "c" })
            bench.Find($"sip:{name}.example.com:5060");
        Assert.Equal(["192.0.2.53", "192.0.2.54", "192.0.2.53"], bench.Log.Select(line => line.Split(' ')[2]));
    }

    [Fact]
    public void An_ICMP_error_leads_to_the_next_server_at_once()
    {
        var bench = new ResolverBench(Zones, s_v4, Two);
        bench.Server.Fault = TransportFault.Refused;
        bench.Add("192.0.2.54", Zones);
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
        Assert.Equal(["0 udp 192.0.2.53 pbx.example.com A", "10 udp 192.0.2.54 pbx.example.com A"], bench.Log);
        // Nobody at all: each has its tries, and an end.
        bench = new(Zones, s_v4, Two);
        bench.Server.Fault = bench.Add("192.0.2.54", "").Fault = TransportFault.Unreachable;
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf(Uri));
        Assert.Equal((4, 40), (bench.Log.Count, bench.NowMs));
        bench.AssertQuiet();
    }

    [Fact]
    public void Without_a_name_server_a_search_ends_at_once()
    {
        var bench = new ResolverBench(Zones, s_v4, resolvConf: null);
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf(Uri));
        Assert.Equal(0, bench.NowMs);
        // As soon as there is one it is asked, though it failed just now.
        bench.Resolver.Configure(bench.Now, "nameserver 192.0.2.53"u8);
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
    }

    [Fact]
    public void A_question_that_failed_is_not_asked_again_for_a_while()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.IsSilent = true;
        bench.FaultOf(Uri);
        bench.Log.Clear();
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf(Uri));
        Assert.Empty(bench.Log);
        bench.Server.IsSilent = false;
        bench.Until(bench.NowMs + 1_999);
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf(Uri));
        bench.Until(bench.NowMs + 1);
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
    }

    [Fact]
    public void A_question_that_fails_again_and_again_is_asked_ever_later()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.Fault = TransportFault.Refused;
        // Whoever asks every second.
        for (int second = 0; second <= 120; second++)
        {
            bench.Until(second * 1000);
            var resolution = bench.Begin(Uri);
            Assert.Equal(ResolutionFault.NoServer, bench.RunUntilOutcome(resolution).Fault);
            bench.Resolver.Release(resolution);
        }
        // Two tries the first time, as long as the server is not known to be dead.
        var times = bench.Log.Select(line => long.Parse(line.Split(' ')[0]) / 1000).Distinct();
        Assert.Equal([0, 3, 8, 17, 34, 65, 96], times);
        // Other servers are other chances.
        bench.Server.Fault = TransportFault.None;
        bench.Resolver.NetworkChanged(bench.Now);
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
    }

    [Fact]
    public void A_changed_network_asks_open_and_failed_questions_anew()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.IsSilent = true;
        var resolution = bench.Begin(Uri);
        bench.Until(500);
        bench.Server.IsSilent = false;
        bench.Resolver.NetworkChanged(bench.Now);
        bench.Drain();
        bench.RunUntilOutcome(resolution);
        Assert.Equal(510, bench.NowMs);
        bench.Server.IsSilent = true;
        bench.FaultOf("sip:other.example.com:5060");
        bench.Server.IsSilent = false;
        bench.Resolver.NetworkChanged(bench.Now);
        Assert.Equal(ResolutionFault.NoSuchName, bench.FaultOf("sip:other.example.com:5060"));
        bench.AssertQuiet();
    }

    [Fact]
    public void Other_servers_are_asked_what_was_asked_of_the_old_ones()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.IsSilent = true;
        bench.Add("192.0.2.54", Zones.Replace("192.0.2.1", "192.0.2.99"));
        var resolution = bench.Begin(Uri);
        bench.Until(100);
        bench.Resolver.Configure(bench.Now, "nameserver 192.0.2.54"u8);
        bench.Drain();
        bench.RunUntilOutcome(resolution);
        Assert.Equal("udp 192.0.2.99:5060", bench.TargetOf(resolution));
        // What was known is looked up again, and no server at all is as one that is silent.
        bench.Resolver.Configure(bench.Now, "# nothing"u8);
        Assert.False(bench.Resolver.Refresh(bench.Now, resolution));
        Assert.Equal("udp 192.0.2.99:5060 stale", bench.TargetOf(resolution));
        bench.AssertQuiet();
    }

    [Fact]
    public void A_server_that_takes_no_questions_of_one_type_does_not_hide_the_others()
    {
        // Some forwarders drop what they do not know.
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @          SOA ns root 1 3600 600 86400 60
            _sip._udp  SRV 0 0 5070 pbx
            pbx        A   192.0.2.1
            """);
        bench.Server.Tamper = answer => answer.AsSpan().IndexOf("\0\0\u0023\0\u0001"u8) >= 0 ? null : answer;
        Assert.Equal(["udp 192.0.2.1:5070"], bench.TargetsOf("sip:example.com"));
    }

    // ---- Codes ------------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    public void A_code_that_says_nothing_of_the_name_leads_to_the_next_server(int code)
    {
        var bench = new ResolverBench(Zones, s_v4, Two);
        bench.Server.Zones.FailsWith = code;
        bench.Add("192.0.2.54", Zones);
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
        Assert.Equal(1, bench.Resolver.Counters.ServerFailures);
        bench.AssertQuiet();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_server_that_does_not_know_EDNS_is_asked_without_it_from_then_on(bool repeatsQuestion)
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.Zones.KnowsEdns = false;
        bench.Server.Tamper = answer => repeatsQuestion || (answer[3] & 0xF) != 1 ? answer : [.. answer[..4], .. new byte[8]];
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
        bench.FaultOf("sip:other.example.com:5060");
        // The count of additional records.
        Assert.Equal([1, 0, 0], bench.Questions.Select(sent => (int)sent.Question[11]));
        Assert.Equal(1, bench.Resolver.Counters.WithoutEdns);
        bench.AssertQuiet();
    }

    [Fact]
    public void A_server_that_answers_FORMERR_whatever_it_is_asked_is_left()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.Zones.FailsWith = 1;
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf(Uri));
        Assert.Equal(3, bench.Log.Count);
        bench.AssertQuiet();
    }

    // ---- Forgers ----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void An_answer_with_another_identifier_or_question_is_passed_over_and_the_right_one_taken()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.IsSilent = true;
        var resolution = bench.Begin(Uri);
        var flow = bench.Questions[0].Flow;
        bench.Deliver(flow, AnswerOf(bench, answer => answer[1] ^= 1));
        bench.Deliver(flow, AnswerOf(bench, answer => answer[13] = (byte)'q'));
        bench.Deliver(flow, AnswerOf(bench, answer => answer[12 + 17 + 1] = 28));
        bench.Deliver(flow, AnswerOf(bench, answer => answer[12 + 17 + 3] = 3));
        bench.Deliver(flow, AnswerOf(bench, answer => answer[5] = 0));
        bench.Deliver(flow, AnswerOf(bench, answer => answer[2] &= 0x7F));
        bench.Deliver(flow, [1, 2, 3]);
        Assert.Empty(bench.Outcomes);
        Assert.Equal((1, 4, 2), (bench.Resolver.Counters.WrongId, bench.Resolver.Counters.WrongQuestion, bench.Resolver.Counters.Malformed));
        bench.Deliver(flow, AnswerOf(bench));
        Assert.Equal(Found, bench.TargetOf(resolution));
        bench.AssertQuiet();
    }

    [Fact]
    public void An_answer_from_elsewhere_or_to_another_port_is_passed_over()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.IsSilent = true;
        bench.Begin(Uri);
        var flow = bench.Questions[0].Flow;
        byte[] answer = AnswerOf(bench);
        Flow[] others =
        [
            new(Protocol.Dns, flow.Local, ResolverBench.EndpointOf("192.0.2.66", 53)), new(Protocol.Dns, flow.Local, flow.Remote.WithPort(5353)),
            new(Protocol.Dns, flow.Local.WithPort((ushort)(flow.Local.Port ^ 1)), flow.Remote), new(Protocol.Udp, flow.Local, flow.Remote),
        ];
        foreach (var other in others)
            bench.Resolver.HandleDatagram(bench.Now, other, answer);
        bench.Drain();
        Assert.Empty(bench.Outcomes);
        Assert.Equal(4, bench.Resolver.Counters.Strays);
        // Neither do errors of other flows end a question.
        bench.Resolver.HandleUndelivered(bench.Now, others[0], TransportFault.Refused);
        Assert.Equal(0, bench.Resolver.Counters.Undelivered);
        // Too late is as from elsewhere.
        bench.Until(10_000);
        bench.Resolver.HandleDatagram(bench.Now, flow, answer);
        Assert.Equal(5, bench.Resolver.Counters.Strays);
        bench.AssertQuiet();
    }

    [Fact]
    public void A_flood_of_guesses_makes_the_question_go_over_a_stream()
    {
        var bench = new ResolverBench(Zones, s_v4);
        bench.Server.IsSilent = true;
        var resolution = bench.Begin(Uri);
        var flow = bench.Questions[0].Flow;
        byte[] answer = AnswerOf(bench, answer => answer[^1] = 66);
        bench.Server.IsSilent = false;
        ushort right = BinaryPrimitives.ReadUInt16BigEndian(answer);
        for (int guess = 1; guess <= 100; guess++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(answer, (ushort)(right + guess));
            bench.Deliver(flow, answer);
        }
        bench.RunUntilOutcome(resolution);
        Assert.Equal(Found, bench.TargetOf(resolution));
        Assert.Equal(["0 udp 192.0.2.53 pbx.example.com A", "0 tcp 192.0.2.53 pbx.example.com A", "30 close"], bench.Log);
        Assert.Equal(8, bench.Resolver.Counters.WrongId);
        bench.AssertQuiet();
    }

    [Fact]
    public void Mixed_case_must_come_back_as_it_was_sent()
    {
        var bench = new ResolverBench(Zones, new() { Families = FamilyOrder.Ipv4Only, MixesCase = true });
        bench.Server.IsSilent = true;
        var resolution = bench.Begin(Uri);
        string asked = bench.Log[0].Split(' ')[3];
        Assert.Equal("pbx.example.com", asked.ToLowerInvariant());
        Assert.NotEqual("pbx.example.com", asked);
        var flow = bench.Questions[0].Flow;
        bench.Deliver(flow, AnswerOf(bench, answer =>
        {
            foreach (ref byte octet in answer.AsSpan(12, 17))
                octet = octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
        }));
        Assert.Equal(1, bench.Resolver.Counters.WrongQuestion);
        bench.Deliver(flow, AnswerOf(bench));
        Assert.Equal(Found, bench.TargetOf(resolution));
        // Without it, case does not matter.
        bench = new(Zones, s_v4);
        bench.Server.Tamper = answer =>
        {
            answer[13] = (byte)'P';
            return answer;
        };
        Assert.Equal(Found, bench.TargetOf(bench.Find(Uri)));
    }

    [Theory]
    [InlineData(7, "pbx")]
    [InlineData(11, "pbx")]
    [InlineData(7, "bad")]
    public void What_was_not_asked_for_is_not_taken(int section, string owner)
    {
        // Beside the SRV record stands an address: in the answer section or in the additional one, of the record's target or another name of the zone.
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @              SOA ns root 1 3600 600 86400 60
            _sip._udp      SRV 0 0 5060 pbx
            pbx            A   192.0.2.1
            """, s_v4);
        byte[] address = [0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 192, 0, 2, 66];
        bench.Server.Tamper = answer =>
        {
            if (answer.AsSpan().IndexOf("\u0004_udp"u8) < 0)
                return answer;
            // The OPT record at the end is cut off.
            answer[11] = 0;
            answer[section]++;
            int zone = answer.AsSpan().IndexOf("\u0007example"u8);
            return [.. answer[..^11], 3, .. System.Text.Encoding.Latin1.GetBytes(owner), 0xC0, (byte)zone, .. address];
        };
        Assert.Equal(["udp 192.0.2.1:5060"], bench.TargetsOf("sip:example.com;transport=udp"));
        Assert.Equal(ResolutionFault.NoSuchName, bench.FaultOf("sip:bad.example.com:5060"));
        Assert.Equal(0, bench.Resolver.Counters.Malformed);
    }

    // ---- Streams ----------------------------------------------------------------------------------------------------------------

    // Too much for a datagram of 512 octets, let alone with names of such length.
    private static readonly string s_many = "$ORIGIN example.com.\n@ SOA ns root 1 3600 600 86400 60\n"
        + string.Join('\n', Enumerable.Range(1, 16).Select(i => $"_sip._udp SRV {i} 0 5060 server-with-a-long-name-number-{i:00}.of-a-long-domain-name-too\n"
            + $"server-with-a-long-name-number-{i:00}.of-a-long-domain-name-too A 192.0.2.{i}"));

    [Theory]
    [InlineData(65535)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void A_truncated_answer_is_asked_for_again_on_a_stream_however_it_arrives(int pieceOctets)
    {
        var bench = new ResolverBench(s_many, s_v4);
        bench.Server.PieceOctets = pieceOctets;
        var targets = bench.TargetsOf("sip:example.com;transport=udp");
        Assert.Equal(Enumerable.Range(1, 16).Select(i => $"udp 192.0.2.{i}:5060"), targets);
        Assert.Equal(["0 udp 192.0.2.53 _sip._udp.example.com SRV", "10 tcp 192.0.2.53 _sip._udp.example.com SRV", "40 close"], bench.Log.Take(3));
        Assert.Equal((1, 1), (bench.Resolver.Counters.Truncated, bench.Resolver.Counters.StreamQuestionsSent));
        bench.AssertQuiet();
    }

    [Fact]
    public void Questions_share_a_stream_and_the_last_one_closes_it()
    {
        var bench = new ResolverBench("""
            $ORIGIN example.com.
            @  SOA ns root 1 3600 600 86400 60
            a  A 192.0.2.1
            b  A 192.0.2.2
            """, s_v4);
        // Every datagram is cut.
        bench.Server.Zones.MaxDatagramOctets = 20;
        var first = bench.Begin("sip:a.example.com:5060");
        var second = bench.Begin("sip:b.example.com:5060");
        bench.RunUntilOutcome(first);
        bench.RunUntilOutcome(second);
        Assert.Equal(("udp 192.0.2.1:5060", "udp 192.0.2.2:5060"), (bench.TargetOf(first), bench.TargetOf(second)));
        Assert.Single(bench.Log, line => line.EndsWith("close"));
        bench.AssertQuiet();
    }

    [Fact]
    public void A_stream_that_is_refused_ends_or_is_silent_leads_to_the_next_server()
    {
        foreach (string how in new[] { "refused", "silent", "ended" })
        {
            var bench = new ResolverBench(s_many, s_v4, Two);
            bench.Add("192.0.2.54", s_many);
            bench.Server.RefusesStreams = how == "refused";
            if (how != "refused")
                bench.After(15, () => bench.Server.IsSilent = true);
            if (how == "ended")
                bench.After(100, () => bench.End(bench.Streams.First(), TransportFault.Closed));
            // Silence begins between the datagram and the stream.
            if (how != "refused")
                bench.Server.Tamper = answer => (answer[2] & 0x02) != 0 ? answer : null;
            Assert.Equal("udp 192.0.2.1:5060", bench.TargetOf(bench.Find("sip:example.com;transport=udp")));
            Assert.Contains(bench.Log, line => line.Contains("tcp 192.0.2.54"));
            bench.AssertQuiet();
        }
    }

    [Theory]
    [InlineData("\u0000\u0000")]
    [InlineData("\u0000\u000B")]
    [InlineData("\u00FF\u00FF")]
    public void A_stream_that_holds_no_answers_is_broken_off(string length)
    {
        var bench = new ResolverBench(s_many, s_v4, Two);
        bench.Add("192.0.2.54", s_many);
        bench.Server.Tamper = answer => (answer[2] & 0x02) != 0 ? answer : null;
        bench.Begin("sip:example.com;transport=udp");
        bench.Until(25);
        bench.Send(bench.Streams.Single(), [.. System.Text.Encoding.Latin1.GetBytes(length), 0, 0], 65535);
        bench.Until(90);
        Assert.Equal(1, bench.Resolver.Counters.StreamsBroken);
        Assert.Contains(bench.Log, line => line.Contains("udp 192.0.2.54"));
        bench.AssertQuiet();
    }

    [Fact]
    public void What_comes_on_a_stream_must_repeat_identifier_and_question_too()
    {
        var bench = new ResolverBench(s_many, s_v4);
        bench.Server.Tamper = answer =>
        {
            if ((answer[2] & 0x02) == 0)
                answer[0] ^= 1;
            return answer;
        };
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf("sip:example.com;transport=udp"));
        Assert.Equal(2, bench.Resolver.Counters.Strays);
        bench = new(s_many, s_v4);
        bench.Server.Tamper = answer =>
        {
            if ((answer[2] & 0x02) == 0)
                answer[14] = (byte)'x';
            return answer;
        };
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf("sip:example.com;transport=udp"));
        Assert.Equal(2, bench.Resolver.Counters.WrongQuestion);
        bench.AssertQuiet();
    }

    [Fact]
    public void An_answer_that_is_cut_short_on_a_stream_as_well_is_no_answer()
    {
        var bench = new ResolverBench(s_many, s_v4);
        bench.Server.Tamper = answer =>
        {
            answer[2] |= 0x02;
            return answer;
        };
        Assert.Equal(ResolutionFault.NoServer, bench.FaultOf("sip:example.com:5060"));
        Assert.Equal((2, 2), (bench.Resolver.Counters.Truncated, bench.Resolver.Counters.Malformed));
        bench.AssertQuiet();
    }

    [Fact]
    public void Octets_and_ends_of_streams_of_others_change_nothing()
    {
        var bench = new ResolverBench(s_many, s_v4);
        bench.Resolver.HandleStreamBytes(bench.Now, default, [1, 2, 3]);
        bench.Resolver.ConnectionEnded(bench.Now, default, TransportFault.Reset);
        Assert.Equal(1, bench.Resolver.Counters.Strays);
        bench.AssertQuiet();
    }
}
