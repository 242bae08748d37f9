// RTCP octet by octet (RFC 3550 §6.4 to §6.7): what is written is read, what a peer may add is passed over, and what does not add up is refused as a whole.
using System.Text;
using SipEmbedded.Rtp;
using Xunit;

namespace SipEmbedded.Voice.Tests.Rtp;

public class RtcpReaderTests
{
    private const string EmptyReport = "80 C9 0001 00000001 ";

    private static byte[] Octets(string hex) => Convert.FromHexString(hex.Replace(" ", "").Replace("|", ""));

    // Every packet as a line.
    private static string[] Lines(ReadOnlySpan<byte> datagram)
    {
        var fault = RtcpReader.TryRead(datagram, out var reader);
        if (fault != RtcpFault.None)
            return [fault.ToString()];
        var lines = new List<string>();
        foreach (var packet in reader)
        {
            var line = new StringBuilder($"{packet.Type} {packet.Source:X}");
            if (packet.Type == RtcpType.SenderReport)
                line.Append($" {packet.SenderInfo.Ntp.Value:X}/{packet.SenderInfo.Timestamp:X} {packet.SenderInfo.Packets} {packet.SenderInfo.Octets}");
            for (int i = 0; i < packet.ReportCount; i++)
            {
                var report = packet.Report(i);
                line.Append($" [{report.Source:X} {report.FractionLost}/256 {report.CumulativeLost} {report.ExtendedHighestSequence:X} {report.Jitter}");
                line.Append($" {report.LastSenderReport:X} {report.DelaySinceLastSenderReport:X}]");
            }
            if (packet.TryGetCname(0xAA, out var name))
                line.Append($" AA is {Encoding.ASCII.GetString(name)}");
            if (packet.IsByeOf(0xAA))
                line.Append(" AA leaves");
            lines.Add(line.ToString());
        }
        return [.. lines];
    }

    [Fact]
    public void A_sender_report_with_two_blocks_is_read() => Assert.Equal(
        ["SenderReport 11223344 B44DB70520000000/A0 1000 160000 [AA 64/256 -1 10002 33 B7052000 54000] [BB 255/256 8388607 FFFFFFFF 0 0 0]"],
        Lines(Octets(
            "82 C8 0012 11223344 | B44DB705 20000000 000000A0 000003E8 00027100"
            + "| 000000AA 40FFFFFF 00010002 00000021 B7052000 00054000"
            + "| 000000BB FF7FFFFF FFFFFFFF 00000000 00000000 00000000")));

    [Fact]
    public void What_a_profile_adds_behind_the_blocks_is_passed_over() => Assert.Equal(
        ["ReceiverReport 1 [AA 0/256 0 0 0 0 0]", "SourceDescription 0 AA is x"],
        Lines(Octets("81 C9 0009 00000001 | 000000AA 00000000 00000000 00000000 00000000 00000000 | DEADBEEF DEADBEEF | 81 CA 0002 000000AA 01017800")));

    [Theory]
    [InlineData("81 CA 0003 000000AA 010361 6263 000000", "SourceDescription 0 AA is abc")] // three octets of end
    [InlineData("81 CA 0003 000000AA 0105 6162636465 00", "SourceDescription 0 AA is abcde")] // one
    [InlineData("81 CA 0003 000000AA 0201 7A 0101 61 0000", "SourceDescription 0 AA is a")] // behind a NAME
    [InlineData("82 CA 0004 000000BB 01017800 000000AA 01017900", "SourceDescription 0 AA is y")] // the second chunk
    [InlineData("81 CA 0002 000000AA 00000000", "SourceDescription 0")] // no items
    [InlineData("81 CA 0002 000000AA 01000000", "SourceDescription 0 AA is ")] // an empty name
    [InlineData("80 CA 0000", "SourceDescription 0")]
    [InlineData("81 CB 0001 000000AA", "Bye 0 AA leaves")]
    [InlineData("82 CB 0002 000000BB 000000AA", "Bye 0 AA leaves")]
    [InlineData("81 CB 0003 000000AA 03 627965 00000000", "Bye 0 AA leaves")] // with a reason
    [InlineData("80 CB 0000", "Bye 0")]
    [InlineData("80 CC 0002 000000AA 6E616D65", "Application AA")]
    [InlineData("81 CD 0002 000000AA 000000BB", "TransportFeedback 0")]
    [InlineData("80 CF 0001 000000AA", "ExtendedReport 0")]
    [InlineData("80 D0 0001 000000AA", "208 0")]
    [InlineData("A0 C9 0002 00000001 00000004", "ReceiverReport 1")] // padding of the last
    public void Packets_of_every_type_are_read(string packet, string line)
    {
        Assert.Equal([line], Lines(Octets(packet)));
        Assert.Equal(["ReceiverReport 1", line], Lines(Octets(EmptyReport + packet)));
    }

    [Theory]
    [InlineData("", RtcpFault.Truncated)]
    [InlineData("80 C9 00", RtcpFault.Truncated)]
    [InlineData("80 C9 0001 00000001 80 CB", RtcpFault.Truncated)]
    [InlineData("40 C9 0001 00000001", RtcpFault.Version)]
    [InlineData("80 C9 0001 00000001 00 CA 0000", RtcpFault.Version)]
    [InlineData("80 00 0001 00000001", RtcpFault.Type)]
    [InlineData("80 BF 0001 00000001", RtcpFault.Type)]
    [InlineData("80 E0 0001 00000001", RtcpFault.Type)]
    [InlineData("80 C9 0002 00000001", RtcpFault.Length)]
    [InlineData("80 C9 FFFF 00000001", RtcpFault.Length)]
    [InlineData("A0 C9 0002 00000001 00000004 80 CA 0000", RtcpFault.Padding)] // not the last
    [InlineData("A0 C9 0002 00000001 00000003", RtcpFault.Padding)]
    [InlineData("A0 C9 0002 00000001 00000000", RtcpFault.Padding)]
    [InlineData("A0 C9 0002 00000001 0000000C", RtcpFault.Padding)]
    [InlineData("A0 CB 0000", RtcpFault.Padding)] // the last octet is the length itself
    [InlineData("80 C9 0000", RtcpFault.Count)] // no source
    [InlineData("81 C9 0001 00000001", RtcpFault.Count)]
    [InlineData("9F C9 0007 00000001 000000AA 00000000 00000000 00000000 00000000 00000000", RtcpFault.Count)]
    [InlineData("80 C8 0005 00000001 00000000 00000000 00000000 00000000", RtcpFault.Count)] // no octet count
    [InlineData("A0 C9 0001 00000004", RtcpFault.Count)] // the source is padding
    [InlineData("82 CB 0001 000000AA", RtcpFault.Count)]
    [InlineData("81 CA 0001 000000AA", RtcpFault.Count)]
    [InlineData("82 CA 0002 000000AA 00000000", RtcpFault.Count)]
    [InlineData("80 CC 0001 000000AA", RtcpFault.Count)]
    [InlineData("81 CA 0002 000000AA 01036162", RtcpFault.Item)] // an item longer than the packet
    [InlineData("81 CA 0002 000000AA 01026162", RtcpFault.Item)] // a chunk without an end
    [InlineData("81 CA 0002 000000AA 01016101", RtcpFault.Item)] // an item without a length
    public void What_does_not_add_up_is_refused_as_a_whole(string datagram, RtcpFault fault)
    {
        Assert.Equal([fault.ToString()], Lines(Octets(datagram)));
        RtcpReader.TryRead(Octets(datagram), out var reader);
        Assert.False(reader.GetEnumerator().MoveNext());
    }

    [Fact]
    public void What_does_not_begin_with_a_report_is_of_reduced_size_and_read_all_the_same()
    {
        Assert.Equal(RtcpFault.None, RtcpReader.TryRead(Octets("81 CB 0001 000000AA"), out var reduced));
        Assert.True(reduced.IsReducedSize);
        Assert.Equal(RtcpFault.None, RtcpReader.TryRead(Octets(EmptyReport), out var whole));
        Assert.False(whole.IsReducedSize);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        byte[] buffer = new byte[RtcpSession.LongestPacketOctets];
        var report = new RtcpReportBlock
        {
            Source = 0xBB, FractionLost = 12, CumulativeLost = -3, ExtendedHighestSequence = 0x1FFFF, Jitter = 77,
            LastSenderReport = 0xABCD, DelaySinceLastSenderReport = 0x10000,
        };
        var writer = new RtcpWriter(buffer);
        writer.SenderReport(0xAA, new(new NtpTime(0x0102030405060708), 0xA0, 10, 1600), report);
        writer.SourceDescription(0xAA, "sixteen-letters!"u8);
        writer.Bye(0xAA);
        Assert.False(writer.Overflowed);
        Assert.Equal(RtcpSession.LongestPacketOctets, writer.Written);
        Assert.Equal(
            ["SenderReport AA 102030405060708/A0 10 1600 [BB 12/256 -3 1FFFF 77 ABCD 10000]", "SourceDescription 0 AA is sixteen-letters!", "Bye 0 AA leaves"],
            Lines(buffer));
    }

    [Fact]
    public void A_name_of_any_length_is_written_with_its_end()
    {
        byte[] buffer = new byte[400];
        for (int length = 0; length <= RtcpWriter.LongestItem; length++)
        {
            buffer.AsSpan().Fill(0xFF);
            string name = new('n', length);
            var writer = new RtcpWriter(buffer);
            writer.SourceDescription(0xAA, Encoding.ASCII.GetBytes(name));
            Assert.Equal([$"SourceDescription 0 AA is {name}"], Lines(buffer.AsSpan(0, writer.Written)));
        }
    }

    [Fact]
    public void A_packet_that_does_not_fit_is_not_written_at_all()
    {
        for (int room = 0; room < RtcpSession.LongestPacketOctets; room++)
        {
            byte[] buffer = new byte[room];
            var writer = new RtcpWriter(buffer);
            writer.SenderReport(0xAA, default, new RtcpReportBlock());
            writer.SourceDescription(0xAA, "sixteen-letters!"u8);
            writer.Bye(0xAA);
            Assert.True(writer.Overflowed);
            if (writer.Written > 0)
                Assert.Equal(RtcpFault.None, RtcpReader.TryRead(buffer.AsSpan(0, writer.Written), out _));
            Assert.All(buffer[writer.Written..], octet => Assert.Equal(0, octet));
        }
    }
}
