// What a session says about each of its media: what it inherits, what its formats stand for.
using System.Text;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

public sealed class DescriptionTests
{
    private const string Head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";

    private static SdpDescription Read(byte[] text)
    {
        Assert.True(SdpDescription.TryRead(text, SdpLeniency.None, out var description, out var fault), $"{fault.Rule} at {fault.Offset}");
        return description;
    }

    private static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(Slice slice, byte[] text) => Encoding.UTF8.GetString(slice.In(text));

    [Fact]
    public void The_example_of_rfc_8866_is_understood()
    {
        byte[] text = SdpVectors.Printed("rfc-examples.json", "RFC 8866 section 5");
        var description = Read(text);
        Assert.Equal("jdoe", Text(description.Origin.UserName, text));
        Assert.Equal("Call to John Smith", Text(description.SessionName, text));
        Assert.Equal(0ul, description.Time.StopSeconds);
        Assert.Equal(3, description.MediaCount);
        Assert.True(description.TryGetConnection(out var session));
        Assert.Equal("198.51.100.1", Text(session.Address, text));

        var audio = description.Media(0);
        Assert.Equal(49170, audio.Field.Port);
        Assert.True(audio.TryGetConnection(out var inherited));
        Assert.Equal("198.51.100.1", Text(inherited.Address, text));
        var video = description.Media(2);
        Assert.True(video.TryGetConnection(out var own));
        Assert.Equal("2001:db8::2", Text(own.Address, text));
        Assert.True(video.TryGetEncoding(99, out var encoding));
        Assert.Equal("h263-1998"u8, encoding.Name);
        Assert.Equal(90_000u, encoding.ClockRate);
        Assert.False(encoding.IsStatic);
    }

    [Fact]
    public void Direction_is_the_medias_own_or_the_sessions_or_sendrecv()
    {
        byte[] text = SdpVectors.Printed("rfc-examples.json", "RFC 8866 section 6.7");
        var description = Read(text);
        Assert.Equal(MediaDirection.Inactive, description.Direction);
        Assert.Equal(MediaDirection.SendReceive, description.Media(0).Direction);
        Assert.Equal(MediaDirection.Inactive, description.Media(1).Direction);
        Assert.Equal(MediaDirection.Inactive, description.Media(2).Direction);

        text = Octets(Head + "t=0 0\r\nm=audio 1 RTP/AVP 0\r\nm=audio 1 RTP/AVP 0\r\na=recvonly\r\nm=audio 1 RTP/AVP 0\r\na=sendonly\r\n");
        description = Read(text);
        Assert.Equal(MediaDirection.SendReceive, description.Direction);
        Assert.Equal(MediaDirection.SendReceive, description.Media(0).Direction);
        Assert.Equal(MediaDirection.ReceiveOnly, description.Media(1).Direction);
        Assert.Equal(MediaDirection.SendOnly, description.Media(2).Direction);
    }

    [Fact]
    public void A_media_without_any_connection_line_says_so()
    {
        byte[] text = Octets(Head + "t=0 0\r\nm=audio 0 RTP/AVP 0\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\n");
        var description = Read(text);
        Assert.False(description.TryGetConnection(out _));
        Assert.False(description.Media(0).TryGetConnection(out _));
        Assert.True(description.Media(1).TryGetConnection(out var own));
        Assert.Equal("192.0.2.7", Text(own.Address, text));
    }

    [Fact]
    public void Attributes_of_one_media_are_not_those_of_the_next()
    {
        byte[] text = Octets(Head + "b=CT:1000\r\nt=0 0\r\n"
            + "m=audio 1 RTP/AVP 96\r\nb=AS:64\r\nb=TIAS:50000\r\na=rtpmap:96 L16/44100/2\r\na=ptime:20\r\na=rtcp-mux\r\n"
            + "m=audio 3 RTP/AVP 96\r\nb=AS:128\r\na=rtpmap:96 opus/48000/2\r\na=maxptime:60\r\na=rtcp:53020\r\n");
        var description = Read(text);
        Assert.True(description.TryGetBandwidth("CT"u8, out var total));
        Assert.Equal(1000ul, total.Bandwidth);
        Assert.False(description.TryGetBandwidth("AS"u8, out _));

        var first = description.Media(0);
        Assert.True(first.TryGetBandwidth("TIAS"u8, out var tias));
        Assert.Equal(50000ul, tias.Bandwidth);
        Assert.False(first.TryGetBandwidth("CT"u8, out _));
        Assert.True(first.TryGetRtpMap(96, out var linear));
        Assert.Equal((byte)2, linear.Channels);
        Assert.True(first.TryGetPacketTime(out var time));
        Assert.Equal(20_000u, time.Microseconds(text));
        Assert.False(first.TryGetMaximumPacketTime(out _));
        Assert.True(first.HasRtcpMux);
        Assert.False(first.TryGetRtcp(out _));

        var second = description.Media(1);
        Assert.True(second.TryGetEncoding(96, out var opus));
        Assert.Equal("opus"u8, opus.Name);
        Assert.Equal(2, opus.Channels);
        Assert.True(second.TryGetBandwidth("AS"u8, out var kilobits));
        Assert.Equal(128ul, kilobits.Bandwidth);
        Assert.False(second.TryGetPacketTime(out _));
        Assert.True(second.TryGetMaximumPacketTime(out var longest));
        Assert.Equal(60_000u, longest.Microseconds(text));
        Assert.False(second.HasRtcpMux);
        Assert.True(second.TryGetRtcp(out var rtcp));
        Assert.Equal(53020, rtcp.Port);
    }

    [Fact]
    public void Telephone_events_are_found_by_their_payload_type()
    {
        byte[] text = Octets(Head + "t=0 0\r\nm=audio 1 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:0 x\r\na=fmtp:101 0-15\r\n");
        var media = Read(text).Media(0);
        Assert.True(media.TryGetFormatParameters(101, out var parameters));
        Assert.True(SdpValue.TryRead<TelephoneEvents>(text, parameters.Parameters, SdpLeniency.None, out var events, out _));
        Assert.True(events.Contains(text, 11));
        Assert.False(events.Contains(text, 16));
        Assert.True(media.TryGetFormatParameters("0"u8, out var other));
        Assert.Equal("x", Text(other.Parameters, text));
        Assert.False(media.TryGetFormatParameters(10, out _));
    }

    [Fact]
    public void Static_payload_types_are_those_of_rfc_3551()
    {
        byte[] text = Octets(Head + "t=0 0\r\nm=audio 1 RTP/AVP 0\r\na=rtpmap:3 other/16000\r\n");
        var media = Read(text).Media(0);
        var known = new List<string>();
        for (int type = 0; type <= PayloadType.Largest; type++)
        {
            if (media.TryGetEncoding((byte)type, out var encoding) && encoding.IsStatic)
                known.Add($"{type} {Encoding.ASCII.GetString(encoding.Name)}/{encoding.ClockRate}/{encoding.Channels}");
        }
        Assert.Equal(
        [
            "0 PCMU/8000/1", "4 G723/8000/1", "5 DVI4/8000/1", "6 DVI4/16000/1", "7 LPC/8000/1", "8 PCMA/8000/1", "9 G722/8000/1",
            "10 L16/44100/2", "11 L16/44100/1", "12 QCELP/8000/1", "13 CN/8000/1", "14 MPA/90000/1", "15 G728/8000/1", "16 DVI4/11025/1",
            "17 DVI4/22050/1", "18 G729/8000/1", "25 CelB/90000/1", "26 JPEG/90000/1", "28 nv/90000/1", "31 H261/90000/1", "32 MPV/90000/1",
            "33 MP2T/90000/1", "34 H263/90000/1",
        ], known);
        Assert.True(media.TryGetEncoding(3, out var named));
        Assert.Equal("other"u8, named.Name);
    }

    [Fact]
    public void A_malformed_attribute_value_is_passed_over()
    {
        byte[] text = Octets(Head + "t=0 0\r\nm=audio 1 RTP/AVP 96\r\na=rtpmap:zero\r\na=rtpmap\r\na=ptime:0\r\na=rtcp-mux:1\r\na=rtpmap:96 L8/8000\r\n");
        var media = Read(text).Media(0);
        Assert.True(media.TryGetRtpMap(96, out var map));
        Assert.Equal(8000u, map.ClockRate);
        Assert.False(media.TryGetPacketTime(out _));
        var faults = new List<FaultKind>();
        foreach (var attribute in media.Attributes)
        {
            attribute.CheckValue(text, SdpLeniency.None, out var fault);
            faults.Add(fault.Kind);
        }
        Assert.Equal([FaultKind.Syntax, FaultKind.Missing, FaultKind.Syntax, FaultKind.Syntax, FaultKind.None], faults);
    }

    [Fact]
    public void Crypto_lines_are_walked_in_order()
    {
        byte[] text = SdpVectors.Printed("rfc-examples.json", "RFC 4568 section 7.1.5, offer");
        var media = Read(text).Media(0);
        var suites = new List<string>();
        foreach (var attribute in media.AttributesOf(AttributeName.Crypto))
        {
            Assert.True(attribute.TryReadValue<Crypto>(text, SdpLeniency.None, out var crypto, out _));
            suites.Add($"{crypto.Tag} {Text(crypto.Suite, text)}");
        }
        Assert.Equal(["1 AES_CM_128_HMAC_SHA1_80", "2 F8_128_HMAC_SHA1_80"], suites);
    }

    [Fact]
    public void A_time_line_that_stands_too_late_still_counts_for_the_session()
    {
        byte[] text = Octets(Head + "m=audio 1 RTP/AVP 0\r\nt=3724394400 0\r\na=sendonly\r\n");
        Assert.True(SdpDescription.TryRead(text, SdpLeniency.LinesOutOfOrder, out var description, out _));
        Assert.Equal(3724394400ul, description.Time.StartSeconds);
        Assert.Equal(MediaDirection.SendOnly, description.Media(0).Direction);
    }

    [Fact]
    public void A_media_beyond_the_last_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(Octets(Head + "t=0 0\r\n")).Media(0).Field.Port);
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(Octets(Head + "t=0 0\r\nm=audio 1 RTP/AVP 0\r\n")).Media(1).Field.Port);
    }
}
