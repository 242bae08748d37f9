// Names and messages as octets, those of RFC 1035's example first; and what somebody may send who means no good.
using System.Text;
using SipEmbedded.Resolution;
using SipEmbedded.Tests.Zones;
using Xunit;

namespace SipEmbedded.Tests.Finding;

public sealed class DnsMessageTests
{
    private static string? Read(byte[] message, int offset, out int end)
    {
        Span<byte> name = new byte[ResolverLimits.MaxNameOctets];
        end = offset;
        return DnsName.TryRead(message, ref end, name, out int length) ? Encoding.Latin1.GetString(name[..length]) : null;
    }

    [Fact]
    public void Names_are_read_as_the_RFCs_example_lays_them_out()
    {
        // RFC 1035 §4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
        byte[] message = new byte[93];
        "\u0001F\u0003ISI\u0004ARPA\0"u8.CopyTo(message.AsSpan(20));
        new byte[] { 3, (byte)'F', (byte)'O', (byte)'O', 0xC0, 20 }.CopyTo(message, 40);
        new byte[] { 0xC0, 26 }.CopyTo(message, 64);
        Assert.Equal(("\u0001F\u0003ISI\u0004ARPA\0", 32), (Read(message, 20, out int end), end));
        Assert.Equal(("\u0003FOO\u0001F\u0003ISI\u0004ARPA\0", 46), (Read(message, 40, out end), end));
        Assert.Equal(("\u0004ARPA\0", 66), (Read(message, 64, out end), end));
        Assert.Equal(("\0", 93), (Read(message, 92, out end), end));
    }

    [Theory]
    [InlineData("C000")] // to itself
    [InlineData("C002C000")] // forward, and back
    [InlineData("0161C000")] // to the label in front of it: a ring
    [InlineData("0161C001")]
    [InlineData("C0")] // cut off
    [InlineData("056162")]
    [InlineData("0161")]
    [InlineData("4161")] // RFC 6891 §5 takes these two back
    [InlineData("8161")]
    [InlineData("")]
    public void A_name_that_does_not_end_or_is_cut_off_is_refused(string hex) => Assert.Null(Read(Convert.FromHexString(hex), 0, out _));

    [Fact]
    public void A_chain_of_pointers_ends()
    {
        // Each pointer leads two octets back, the first to a name.
        var message = new List<byte> { 0, 0 };
        for (int i = 1; i <= 200; i++)
            message.AddRange([(byte)(0xC0 | (2 * i - 2) >> 8), (byte)(2 * i - 2)]);
        Assert.Equal("\0", Read([.. message], 2 * 100, out int end));
        Assert.Equal(202, end);
        Assert.Null(Read([.. message], 2 * 200, out _));
    }

    [Fact]
    public void A_name_of_255_octets_is_read_and_a_longer_one_refused()
    {
        byte[] label = [63, .. Enumerable.Repeat((byte)'a', 63)];
        byte[] name = [.. label, .. label, .. label, 61, .. new byte[61], 0];
        Assert.Equal(255, name.Length);
        Assert.Equal(255, Read(name, 0, out _)!.Length);
        Assert.Null(Read([.. label, .. label, .. label, 62, .. new byte[62], 0], 0, out _));
        Assert.Null(Read([.. label, 0xC0, 0], 0, out _));
    }

    [Theory]
    [InlineData("example.com", "\u0007example\u0003com\0")]
    [InlineData("EXAMPLE.com.", "\u0007example\u0003com\0")]
    [InlineData("a_b-1.x", "\u0005a_b-1\u0001x\0")]
    [InlineData("pbx", "\u0003pbx\0")]
    public void Host_names_become_labels_in_lower_case(string host, string expected)
    {
        Span<byte> name = new byte[ResolverLimits.MaxNameOctets];
        Assert.True(DnsName.TryReadHost(Encoding.Latin1.GetBytes(host), name, out int length));
        Assert.Equal(expected, Encoding.Latin1.GetString(name[..length]));
    }

    [Fact]
    public void A_name_lies_in_its_zones_and_in_no_other()
    {
        var name = "\u0003www\u0007example\u0003com\0"u8;
        Assert.True(DnsName.IsWithin(name, name));
        Assert.True(DnsName.IsWithin(name, "\u0007EXAMPLE\u0003com\0"u8));
        Assert.True(DnsName.IsWithin(name, "\0"u8));
        Assert.False(DnsName.IsWithin(name, "\u0007example\u0003net\0"u8));
        Assert.False(DnsName.IsWithin("\u0008xexample\u0003com\0"u8, "\u0007example\u0003com\0"u8));
        Assert.False(DnsName.IsWithin("\u0003com\0"u8, "\u0007example\u0003com\0"u8));
        Assert.Equal((2, 0, 0), (DnsName.DotsIn(name), DnsName.DotsIn("\u0003com\0"u8), DnsName.DotsIn("\0"u8)));
    }

    [Fact]
    public void A_question_is_what_RFC_1035_and_6891_say()
    {
        Span<byte> message = new byte[DnsQuestionText.MaxOctets];
        int length = DnsQuestionText.Write(message, 0x1234, "\u0003pbx\0"u8, DnsType.Srv, hasOpt: true);
        Assert.Equal(
            "1234" + "0100" + "0001" + "0000" + "0000" + "0001" + "0370627800" + "0021" + "0001" + "00" + "0029" + "04D0" + "00000000" + "0000",
            Convert.ToHexString(message[..length]));
        length = DnsQuestionText.Write(message, 0, "\0"u8, DnsType.A, hasOpt: false);
        Assert.Equal("000001000001000000000000" + "00" + "0001" + "0001", Convert.ToHexString(message[..length]));
    }

    // ---- Mutants ----------------------------------------------------------------------------------------------------------------

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

    [Fact]
    public void Mutated_answers_never_hurt_and_every_search_ends()
    {
        var random = new Random(3263);
        int found = 0;
        for (int run = 0; run < 3_000; run++)
        {
            var bench = new ResolverBench(Zones, seed: run);
            bench.Server.Zones.MaxDatagramOctets = run % 5 == 0 ? 40 : 1232;
            bench.Server.Tamper = answer => Mutate(random, answer);
            var resolution = bench.Begin("sip:example.com");
            found += bench.RunUntilOutcome(resolution).IsFound ? 1 : 0;
            bench.AssertQuiet();
        }
        Assert.InRange(found, 300, 2_990);
    }

    private static byte[]? Mutate(Random random, byte[] answer)
    {
        switch (random.Next(6))
        {
            case 0:
                return answer[..random.Next(answer.Length + 1)];
            case 1:
                // Counts that lie.
                answer[random.Next(4, 12)] = (byte)random.Next(256);
                return answer;
            case 2:
                for (int changes = random.Next(1, 5); changes > 0; changes--)
                    answer[random.Next(12, answer.Length)] = (byte)random.Next(256);
                return answer;
            case 3:
                // A pointer somewhere.
                int at = random.Next(12, answer.Length - 1);
                (answer[at], answer[at + 1]) = ((byte)(0xC0 | random.Next(2)), (byte)random.Next(256));
                return answer;
            case 4 when random.Next(3) == 0:
                return null;
            default:
                return answer;
        }
    }

    [Fact]
    public void Any_octets_are_read_to_an_end()
    {
        var random = new Random(1035);
        byte[] answer = new byte[600];
        int length = new ZoneServer(Zones).Answer(Question("\u0004_sip\u0004_udp\u0007example\u0003com\0"u8), answer);
        Span<byte> name = new byte[ResolverLimits.MaxNameOctets];
        for (int i = 0; i < 50_000; i++)
        {
            byte[] message = answer[..random.Next(length + 1)];
            for (int changes = random.Next(6); changes > 0 && message.Length > 0; changes--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            if (!DnsReader.TryBegin(message, out var reader))
                continue;
            if (!reader.TryReadQuestion(name, out _, out _, out _))
                continue;
            int records = 0;
            while (reader.TryReadRecord(out var record))
            {
                records++;
                Assert.True(record.Data.End <= message.Length);
                reader.TryReadOwner(record, name, out int ownerLength);
                Assert.True(reader.DataOf(record).Length == record.Data.Length && ownerLength <= name.Length);
                reader.TryReadName(record, random.Next(10), isLast: false, name, out _);
                reader.TryReadMinimum(record, out _);
            }
            // A record has eleven octets at least.
            Assert.True(records <= message.Length / 11);
        }
    }

    private static byte[] Question(ReadOnlySpan<byte> name)
    {
        byte[] question = new byte[DnsQuestionText.MaxOctets];
        return question[..DnsQuestionText.Write(question, 1, name, DnsType.Srv, hasOpt: true)];
    }
}
