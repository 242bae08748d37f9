// Packets octet by octet (RFC 3550 §5.1, §5.3.1), and what a datagram on a media port is (RFC 7983 §7, RFC 5761 §4).
using SipEmbedded.Rtp;
using Xunit;

namespace SipEmbedded.Voice.Tests.Rtp;

public class RtpPacketTests
{
    //                      V=2    M, PT 101  sequence    timestamp                source                   payload
    private const string Plain = "80 E5 12 34 00 01 02 03 DE AD BE EF AA BB";

    private static byte[] Octets(string hex) => Convert.FromHexString(hex.Replace(" ", "").Replace("|", ""));

    private static RtpFault Read(string hex, out RtpHeader header, out byte[] payload)
    {
        var fault = RtpPacket.TryRead(Octets(hex), out var packet);
        header = packet.Header;
        payload = packet.Payload.ToArray();
        return fault;
    }

    [Fact]
    public void A_plain_packet_is_read()
    {
        Assert.Equal(RtpFault.None, Read(Plain, out var header, out byte[] payload));
        Assert.Equal(new RtpHeader { IsMarked = true, PayloadType = 101, Sequence = 0x1234, Timestamp = 0x00010203, Source = 0xDEADBEEF }, header);
        Assert.Equal(Octets("AA BB"), payload);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var random = new Random(3550);
        byte[] buffer = new byte[RtpPacket.HeaderOctets];
        for (int i = 0; i < 2000; i++)
        {
            var header = new RtpHeader
            {
                IsMarked = random.Next(2) == 0, PayloadType = (byte)random.Next(64), Sequence = (ushort)random.Next(65536),
                Timestamp = (uint)random.NextInt64(1L << 32), Source = (uint)random.NextInt64(1L << 32),
            };
            Assert.Equal(RtpPacket.HeaderOctets, RtpPacket.Write(buffer, header));
            Assert.Equal(RtpFault.None, RtpPacket.TryRead(buffer, out var packet));
            Assert.Equal(header, packet.Header);
            Assert.True(packet.Payload.IsEmpty);
        }
    }

    [Fact]
    public void A_header_is_not_written_where_it_does_not_fit()
    {
        byte[] buffer = new byte[RtpPacket.HeaderOctets - 1];
        Assert.Equal(0, RtpPacket.Write(buffer, new() { PayloadType = 8 }));
        Assert.All(buffer, octet => Assert.Equal(0, octet));
    }

    [Theory]
    [InlineData("82 00 0001 00000002 00000003 | 11111111 22222222 | AA BB CC", "AA BB CC")] // two contributors
    [InlineData("90 00 0001 00000002 00000003 | BEDE 0001 11223344 | AA BB", "AA BB")] // an extension of one word
    [InlineData("90 00 0001 00000002 00000003 | BEDE 0000 | AA", "AA")] // of none
    [InlineData("A0 00 0001 00000002 00000003 | AA 00 00 03", "AA")] // padding of three
    [InlineData("A0 00 0001 00000002 00000003 | 00 00 00 04", "")] // nothing but padding
    [InlineData("B1 00 0001 00000002 00000003 | 11111111 | 0000 0001 55555555 | AA BB | 00 02", "AA BB")] // all three
    public void What_stands_around_the_payload_is_passed_over(string packet, string payload)
    {
        Assert.Equal(RtpFault.None, Read(packet, out var header, out byte[] read));
        Assert.Equal(3u, header.Source);
        Assert.Equal(Octets(payload), read);
    }

    [Theory]
    [InlineData("", RtpFault.Truncated)]
    [InlineData("80 00 0001 00000002 000000", RtpFault.Truncated)]
    [InlineData("81 00 0001 00000002 00000003 | 111111", RtpFault.Truncated)]
    [InlineData("8F 00 0001 00000002 00000003 | 11111111", RtpFault.Truncated)]
    [InlineData("40 00 0001 00000002 00000003", RtpFault.Version)]
    [InlineData("C0 00 0001 00000002 00000003", RtpFault.Version)]
    [InlineData("80 C8 0001 00000002 00000003", RtpFault.ControlPacket)]
    [InlineData("80 CC 0001 00000002 00000003", RtpFault.ControlPacket)]
    [InlineData("A0 00 0001 00000002 00000003 | AA 00", RtpFault.Padding)]
    [InlineData("A0 00 0001 00000002 00000003 | AA 03", RtpFault.Padding)]
    [InlineData("A0 00 0001 00000002 00000003", RtpFault.Padding)]
    [InlineData("A1 00 0001 00000002 00000003 | 11111105", RtpFault.Padding)]
    [InlineData("90 00 0001 00000002 00000003 | BEDE 00", RtpFault.Extension)]
    [InlineData("90 00 0001 00000002 00000003 | BEDE 0001 112233", RtpFault.Extension)]
    [InlineData("90 00 0001 00000002 00000003 | BEDE FFFF 11223344", RtpFault.Extension)]
    [InlineData("B0 00 0001 00000002 00000003 | BEDE 0001 11223302", RtpFault.Extension)] // padding and extension overlap
    public void A_broken_packet_is_refused_with_its_fault(string packet, RtpFault fault)
    {
        Assert.Equal(fault, Read(packet, out var header, out byte[] payload));
        Assert.Equal(default, header);
        Assert.Empty(payload);
    }

    [Fact]
    public void A_mixer_names_whose_sound_it_mixed()
    {
        RtpPacket.TryRead(Octets("82 00 0001 00000002 00000003 | 11111111 22222222"), out var packet);
        Assert.True(packet.ComesFrom(3));
        Assert.True(packet.ComesFrom(0x11111111));
        Assert.True(packet.ComesFrom(0x22222222));
        Assert.False(packet.ComesFrom(0x33333333));
    }

    [Fact]
    public void A_datagram_is_sorted_by_its_first_two_octets()
    {
        byte[] datagram = new byte[2];
        for (int first = 0; first < 256; first++)
        {
            for (int second = 0; second < 256; second++)
            {
                datagram[0] = (byte)first;
                datagram[1] = (byte)second;
                var expected = (first, second) switch
                {
                    (< 4, _) => MediaDatagramKind.Stun,
                    (>= 16 and < 20, _) => MediaDatagramKind.Zrtp,
                    (>= 20 and < 64, _) => MediaDatagramKind.Dtls,
                    (>= 64 and < 80, _) => MediaDatagramKind.TurnChannel,
                    (>= 128 and < 192, >= 192 and < 224) => MediaDatagramKind.Rtcp,
                    (>= 128 and < 192, _) => MediaDatagramKind.Rtp,
                    _ => MediaDatagramKind.Unknown,
                };
                Assert.Equal(expected, RtpDemultiplexer.KindOf(datagram));
            }
        }
        Assert.Equal(MediaDatagramKind.Unknown, RtpDemultiplexer.KindOf(datagram.AsSpan(0, 1)));
        Assert.Equal(MediaDatagramKind.Unknown, RtpDemultiplexer.KindOf([]));
    }
}
