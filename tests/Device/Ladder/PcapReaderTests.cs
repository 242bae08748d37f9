// What is read from captures of all kinds, whole and broken.
using System.Text;
using SipEmbedded.Device.Ladder;
using Xunit;
using static SipEmbedded.Device.Tests.Ladders.CaptureBuilder;
using static SipEmbedded.Device.Tests.Ladders.Messages;

namespace SipEmbedded.Device.Tests.Ladders;

public class PcapReaderTests
{
    private const byte Fin = 0x11, Syn = 0x02, SynAck = 0x12, Push = 0x18;

    private static readonly byte[] s_invite = Request("INVITE", hasSdp: true);

    private static string[] Labels(CaptureReading reading) => [.. reading.Ladder.View().Rows.Select(row => row.Label)];

    [Theory]
    [InlineData(0u, "02000000")]
    [InlineData(108u, "00000002")]
    [InlineData(101u, "")]
    [InlineData(1u, "0102030405060708090A0B0C0800")]
    [InlineData(1u, "0102030405060708090A0B0C810000050800")]
    [InlineData(1u, "0102030405060708090A0B0C88A80005810000060800")]
    [InlineData(113u, "00000001000600010203040500000800")]
    [InlineData(276u, "0800000000000002000100060102030405060000")]
    public void Every_link_type_leads_to_the_packet(uint linkType, string header)
    {
        var reading = new CaptureBuilder(linkType).Packet([.. Convert.FromHexString(header), .. V4(Udp(s_invite))]).Read();

        Assert.Null(reading.Fault);
        Assert.Equal(["INVITE 1, SDP"], Labels(reading));
        Assert.Equal(["192.0.2.1:5060", "192.0.2.2:5060"], reading.Ladder.Participants);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Both_byte_orders_and_units_of_time_are_read(bool isBigEndian, bool isNanoseconds)
    {
        var reading = new CaptureBuilder(101, isBigEndian, isNanoseconds).Packet(V4(Udp(s_invite))).Read();

        var row = Assert.Single(reading.Ladder.View().Rows);
        Assert.Equal(1_000_000 * TimeSpan.TicksPerSecond + 5 * TimeSpan.TicksPerMillisecond, row.Time.Ticks);
    }

    [Fact]
    public void Padding_options_and_extension_headers_are_passed_over()
    {
        byte[] hopByHop = [17, 0, 1, 4, 0, 0, 0, 0];
        var reading = new CaptureBuilder(101)
            .Packet([.. V4(Udp(s_invite), options: [1, 1, 1, 0]), 0, 0, 0])
            .Packet(V6([.. hopByHop, .. Udp(s_invite)], next: 0))
            .Read();

        Assert.Equal(["INVITE 1, SDP", "INVITE 1, SDP"], Labels(reading));
        Assert.Contains("[2001:db8::1]:5060", reading.Ladder.Participants);
        Assert.All(reading.Ladder.View().Rows, row => Assert.Equal(s_invite, row.Octets.ToArray()));
    }

    [Fact]
    public void Fragments_become_a_datagram_in_whatever_order_they_come()
    {
        byte[] packet = Udp(s_invite);
        var reading = new CaptureBuilder(101)
            .Packet(V4(packet[160..], fragmentOffset: 160))
            .Packet(V4(packet[..80], hasMore: true))
            .Packet(V4(packet[..80], hasMore: true))
            .Packet(V4(packet[80..160], fragmentOffset: 80, hasMore: true))
            .Read();

        Assert.Equal(s_invite, Assert.Single(reading.Ladder.View().Rows).Octets.ToArray());
    }

    [Fact]
    public void Fragments_of_version_6_do_as_well()
    {
        byte[] packet = Udp(s_invite);
        var reading = new CaptureBuilder(101)
            .Packet(V6([17, 0, 0, 1, 0, 0, 0, 9, .. packet[..80]], next: 44))
            .Packet(V6([17, 0, 0, 80, 0, 0, 0, 9, .. packet[80..]], next: 44))
            .Read();

        Assert.Equal(s_invite, Assert.Single(reading.Ladder.View().Rows).Octets.ToArray());
    }

    [Fact]
    public void A_datagram_of_endless_fragments_is_forgotten()
    {
        var capture = new CaptureBuilder(101);
        for (int i = 0; i < 200; i++)
        {
            byte[] packet = V4(new byte[8], fragmentOffset: 65_528, hasMore: true);
            packet[5] = (byte)i;
            capture.Packet(packet);
        }

        Assert.Empty(Labels(capture.Read()));
    }

    [Fact]
    public void Other_traffic_is_left_out()
    {
        var reading = new CaptureBuilder(101)
            .Packet(V4(Udp([0x80, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 4000, 4002)))
            .Packet(V4(Udp(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), 4000, 80)))
            .Packet(V4(Udp("\r\n\r\n"u8.ToArray(), 4000, 4002)))
            .Packet(V4(Udp(s_invite, 7000, 7002)))
            .Packet(V4(Udp("\r\n\r\n"u8.ToArray(), 7002, 7000), isBack: true))
            .Read();

        Assert.Equal(["INVITE 1, SDP", "ping (CRLF CRLF)"], Labels(reading));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Streams_are_cut_into_messages_however_they_were_sent(int octets)
    {
        byte[] stream = [.. s_invite, .. "\r\n\r\n"u8, .. Request("ACK"), .. Request("BYE", 2)];
        var capture = new CaptureBuilder(101).Packet(V4(Tcp(99, Syn, []), 6));
        for (int at = 0; at < stream.Length; at += octets)
            capture.Packet(V4(Tcp((uint)(100 + at), Push, stream[at..Math.Min(at + octets, stream.Length)]), 6));

        Assert.Equal(["INVITE 1, SDP", "ping (CRLF CRLF)", "ACK 1", "BYE 2"], Labels(capture.Read()));
    }

    [Fact]
    public void Segments_are_put_in_order_and_repeated_ones_dropped()
    {
        // The numbers run over the end of their range.
        const uint First = uint.MaxValue - 20;
        byte[] Segment(int from, int to) => V4(Tcp(unchecked(First + (uint)from), Push, s_invite[from..to]), 6);
        var reading = new CaptureBuilder(101)
            .Packet(V4(Tcp(First - 1, Syn, []), 6))
            .Packet(Segment(100, s_invite.Length))
            .Packet(Segment(50, 90))
            .Packet(Segment(0, 60))
            .Packet(Segment(0, 60))
            .Packet(Segment(80, 120))
            .Read();

        Assert.Equal(s_invite, Assert.Single(reading.Ladder.View().Rows).Octets.ToArray());
    }

    [Fact]
    public void A_hole_in_a_stream_is_told_and_reading_goes_on_behind_it()
    {
        byte[] bye = Request("BYE", 2);
        var reading = new CaptureBuilder(101)
            .Packet(V4(Tcp(99, Syn, []), 6))
            .Packet(V4(Tcp(100, Push, s_invite[..50]), 6))
            .Packet(V4(Tcp(1000, Push, [.. Encoding.ASCII.GetBytes("-Length: 0\r\n\r\n"), .. bye]), 6))
            .Read();

        Assert.Equal(["850 octets of the stream were not captured", "BYE 2"], Labels(reading));
    }

    [Fact]
    public void A_stream_that_ends_within_a_message_says_so()
    {
        var reading = new CaptureBuilder(101)
            .Packet(V4(Tcp(99, Syn, []), 6))
            .Packet(V4(Tcp(100, Push, s_invite[..^5]), 6))
            .Packet(V4(Tcp(100 + (uint)s_invite.Length - 5, Fin, []), 6))
            .Read();

        Assert.Equal(["INVITE 1, SDP, malformed", "the stream ends within a message"], Labels(reading));
    }

    [Fact]
    public void A_stream_on_a_port_of_SIP_that_is_none_is_told_once()
    {
        byte[] hello = [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];
        var reading = new CaptureBuilder(101)
            .Packet(V4(Tcp(100, Push, hello, to: 5061), 6))
            .Packet(V4(Tcp(111, Push, hello, to: 5061), 6))
            .Packet(V4(Tcp(100, Push, hello, to: 443), 6))
            .Read();

        Assert.Equal(["what the stream carries is not SIP, or is encrypted"], Labels(reading));
    }

    [Fact]
    public void The_port_of_the_moment_of_whoever_opens_a_connection_is_no_participant()
    {
        var reading = new CaptureBuilder(101)
            .Packet(V4(Udp(s_invite)))
            .Packet(V4(Tcp(99, Syn, []), 6))
            .Packet(V4(Tcp(0, SynAck, [], 5060, 40_000), 6, isBack: true))
            .Packet(V4(Tcp(100, Push, Request("BYE", 2)), 6))
            .Packet(V4(Tcp(1, Push, Response("200 OK", "BYE", 2), 5060, 40_000), 6, isBack: true))
            .Read();

        Assert.Equal(["192.0.2.1:5060", "192.0.2.2:5060"], reading.Ladder.Participants);
        Assert.Equal(["INVITE 1, SDP", "BYE 2", "200 OK (BYE 2)"], Labels(reading));
    }

    [Fact]
    public void A_connection_whose_beginning_is_missing_is_read_from_where_it_is_seen()
    {
        var reading = new CaptureBuilder(101).Packet(V4(Tcp(1, Push, Response("200 OK", "BYE", 2), 5060, 40_000), 6, isBack: true)).Read();

        Assert.Equal(["200 OK (BYE 2)"], Labels(reading));
    }

    // ---- Broken files -------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("", 0, "the file is empty")]
    [InlineData("D4C3", 0, "ends within its first four octets")]
    [InlineData("0A0D0D0A1C0000004D3C2B1A", 0, "editcap -F pcap")]
    [InlineData("89504E470D0A1A0A", 0, "it is no pcap file: it begins with 89504E47")]
    [InlineData("D4C3B2A102000400", 8, "ends within the file's header")]
    [InlineData("D4C3B2A1020004000000000000000000FFFF000069000000", 20, "its link type is 105; read are 0 and 108")]
    [InlineData("D4C3B2A1020004000000000000000000FFFF000065000000" + "00000000", 24, "ends within a packet's header")]
    [InlineData("D4C3B2A1020004000000000000000000FFFF000065000000" + "0000000000000000FFFFFFFFFFFFFFFF", 32, "a packet claims 4294967295 octets")]
    [InlineData("D4C3B2A1020004000000000000000000FFFF000065000000" + "00000000000000001000000010000000AABB", 24, "ends within a packet of 16 octets")]
    public void A_fault_is_told_with_its_offset(string file, long offset, string explanation)
    {
        var reading = CaptureLadder.Read(new MemoryStream(Convert.FromHexString(file)), []);

        Assert.Equal(offset, reading.Fault?.Offset);
        Assert.Contains(explanation, reading.Fault?.Explanation);
    }

    [Fact]
    public void What_stands_before_a_fault_is_on_the_ladder()
    {
        byte[] file = new CaptureBuilder(101).Packet(V4(Udp(s_invite))).Packet(V4(Udp(s_invite))).ToArray();
        var reading = CaptureLadder.Read(new MemoryStream(file[..^1]), []);

        Assert.NotNull(reading.Fault);
        Assert.Equal(["INVITE 1, SDP"], Labels(reading));
    }

    [Fact]
    public void Cut_packets_are_counted_and_shown()
    {
        var reading = new CaptureBuilder(101).Packet(V4(Udp(s_invite)), cutTo: 100).Packet(V4(Udp(s_invite))).Read();

        Assert.Equal(1, reading.CutPackets);
        Assert.Equal(["INVITE, malformed", "INVITE 1, SDP"], Labels(reading));
    }

    [Fact]
    public void Mutated_captures_never_end_in_an_exception()
    {
        byte[][] seeds =
        [
            new CaptureBuilder(1).Packet([.. new byte[12], 8, 0, .. V4(Udp(s_invite))]).Packet([.. new byte[12], 0x86, 0xDD, .. V6(Udp(s_invite))]).ToArray(),
            new CaptureBuilder(101, isBigEndian: true)
                .Packet(V4(Tcp(99, Syn, []), 6)).Packet(V4(Tcp(100, Push, s_invite[..40]), 6)).Packet(V4(Tcp(140, Push, [.. s_invite[40..], .. s_invite]), 6))
                .Packet(V4(Tcp(0, SynAck, [], 5060, 40_000), 6, isBack: true)).Packet(V4(Tcp(1, Fin, Response("200 OK", "BYE"), 5060, 40_000), 6, isBack: true))
                .ToArray(),
            new CaptureBuilder(276, isNanoseconds: true).Packet([8, 0, .. new byte[18], .. V4(Udp(s_invite)[..80], hasMore: true)])
                .Packet([8, 0, .. new byte[18], .. V4(Udp(s_invite)[80..], fragmentOffset: 80)]).ToArray(),
            new CaptureBuilder(101).Packet(V6([17, 0, 0, 1, 0, 0, 0, 9, .. Udp(s_invite)[..80]], next: 44))
                .Packet(V6([17, 0, 0, 80, 0, 0, 0, 9, .. Udp(s_invite)[80..]], next: 44)).ToArray(),
        ];
        var random = new Random(5060);
        int read = 0;
        for (int i = 0; i < 4_000; i++)
        {
            byte[] file = [.. seeds[i % seeds.Length]];
            int changes = 1 + random.Next(4);
            for (int change = 0; change < changes; change++)
            {
                // Headers more often than payloads.
                int at = random.Next(3) == 0 ? random.Next(file.Length) : random.Next(Math.Min(file.Length, 140));
                switch (random.Next(4))
                {
                    case 0:
                        file[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        file[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        file[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0;
                        break;
                    default:
                        file = random.Next(2) == 0 ? file[..at] : [.. file[..at], .. file[(at / 2)..]];
                        break;
                }
                if (file.Length == 0)
                    file = [0];
            }
            var reading = CaptureLadder.Read(new MemoryStream(file), []);
            read += reading.Messages;
            if (i % 16 == 0)
                Draw(reading.Ladder);
        }
        // Most changes leave something to be read: the mutations reach behind the file's header.
        Assert.InRange(read, 1_000, 8_000);
    }

    private static void Draw(MessageLadder ladder)
    {
        LadderText.Write(TextWriter.Null, ladder.View(), columns: 60, isUtf8: false);
        using var page = new StringWriter();
        LadderPage.Write(page, ladder.View(), "mutated");
        Assert.EndsWith("</html>\n", page.ToString());
    }
}
