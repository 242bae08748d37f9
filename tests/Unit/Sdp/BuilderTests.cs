// What the builder writes is what RFCs print, and what the reader reads.
using System.Text;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

public sealed class BuilderTests
{
    [Fact]
    public void The_first_offer_of_rfc_4317_is_built()
    {
        string printed = SdpVectors.Everything().First(v => v.Source == "rfc4317/2.1 1").Sdp.Replace("\r\ns=\r\n", "\r\ns=-\r\n");
        var writer = new ByteWriter(new byte[512]);
        SdpBuilder.WriteVersion(ref writer);
        SdpBuilder.WriteOrigin(ref writer, "alice"u8, 2890844526, 2890844526, SdpAddressType.IP4, "host.atlanta.example.com"u8);
        SdpBuilder.WriteSessionName(ref writer, "-"u8);
        SdpBuilder.WriteConnection(ref writer, SdpAddressType.IP4, "host.atlanta.example.com"u8);
        SdpBuilder.WriteTime(ref writer);
        SdpBuilder.WriteMedia(ref writer, "audio"u8, 49170, "RTP/AVP"u8, [0, 8, 97]);
        SdpBuilder.WriteRtpMap(ref writer, 0, "PCMU"u8, 8000);
        SdpBuilder.WriteRtpMap(ref writer, 8, "PCMA"u8, 8000);
        SdpBuilder.WriteRtpMap(ref writer, 97, "iLBC"u8, 8000);
        SdpBuilder.WriteMedia(ref writer, "video"u8, 51372, "RTP/AVP"u8, [31, 32]);
        SdpBuilder.WriteRtpMap(ref writer, 31, "H261"u8, 90_000);
        SdpBuilder.WriteRtpMap(ref writer, 32, "MPV"u8, 90_000);
        Assert.False(writer.Overflowed);
        Assert.Equal(printed, Encoding.UTF8.GetString(writer.WrittenSpan));
    }

    private static int BuildEverything(Span<byte> buffer, out bool overflowed)
    {
        var writer = new ByteWriter(buffer);
        SdpBuilder.WriteVersion(ref writer);
        SdpBuilder.WriteOrigin(ref writer, "-"u8, ulong.MaxValue, 1, SdpAddressType.IP6, "2001:db8::1"u8);
        SdpBuilder.WriteSessionName(ref writer, "door"u8);
        SdpBuilder.WriteInformation(ref writer, "front door"u8);
        SdpBuilder.WriteConnection(ref writer, SdpAddressType.IP6, "2001:db8::1"u8);
        SdpBuilder.WriteBandwidth(ref writer, "CT"u8, 128);
        SdpBuilder.WriteTime(ref writer, 3724394400, 3724398000);
        SdpBuilder.WriteDirection(ref writer, MediaDirection.Inactive);
        SdpBuilder.WriteMedia(ref writer, "audio"u8, 5004, "RTP/SAVP"u8, [0, 111, 101]);
        SdpBuilder.WriteRtpMap(ref writer, 111, "opus"u8, 48_000, 2);
        SdpBuilder.WriteRtpMap(ref writer, 101, "telephone-event"u8, 8000);
        SdpBuilder.WriteFormatParameters(ref writer, 101, "0-15"u8);
        SdpBuilder.WritePacketTime(ref writer, 20);
        SdpBuilder.WriteMaximumPacketTime(ref writer, 60);
        SdpBuilder.WriteRtcp(ref writer, 5005);
        SdpBuilder.WriteAttribute(ref writer, AttributeName.RtcpMux);
        SdpBuilder.WriteCrypto(ref writer, 1, "AES_CM_128_HMAC_SHA1_80"u8, "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4"u8);
        SdpBuilder.WriteAttribute(ref writer, "label"u8, "1"u8);
        SdpBuilder.WriteAttribute(ref writer, "X-flag"u8);
        foreach (var direction in Enum.GetValues<MediaDirection>())
        {
            SdpBuilder.WriteMediaFormats(ref writer, "video"u8, 0, "RTP/AVP"u8, " 31 32"u8);
            SdpBuilder.WriteRtcp(ref writer, 53020, SdpAddressType.IP4, "126.16.64.4"u8);
            SdpBuilder.WriteDirection(ref writer, direction);
        }
        overflowed = writer.Overflowed;
        return writer.Written;
    }

    [Fact]
    public void Everything_that_the_builder_writes_is_read_back()
    {
        byte[] buffer = new byte[2048];
        int length = BuildEverything(buffer, out bool overflowed);
        Assert.False(overflowed);
        byte[] text = buffer[..length];
        Assert.True(SdpDescription.TryRead(text, SdpLeniency.None, out var description, out var fault), $"{fault.Rule} at {fault.Offset}");
        Assert.Equal("18446744073709551615"u8, description.Origin.SessionId.In(text));
        Assert.Equal("door"u8, description.SessionName.In(text));
        Assert.Equal(3724398000ul, description.Time.StopSeconds);
        Assert.Equal(MediaDirection.Inactive, description.Direction);
        Assert.Equal(5, description.MediaCount);
        var audio = description.Media(0);
        Assert.Equal(" 0 111 101"u8, audio.Field.Formats.In(text));
        Assert.True(audio.TryGetEncoding(111, out var opus));
        Assert.Equal(2, opus.Channels);
        Assert.True(audio.TryGetFormatParameters(101, out var events));
        Assert.Equal("0-15"u8, events.Parameters.In(text));
        Assert.True(audio.HasRtcpMux);
        Assert.True(audio.TryGetValue<Crypto>(AttributeName.Crypto, out var crypto));
        Assert.Equal(1u, crypto.Tag);
        foreach (var direction in Enum.GetValues<MediaDirection>())
        {
            var video = description.Media(1 + (int)direction);
            Assert.Equal(direction, video.Direction);
            Assert.Equal(" 31 32"u8, video.Field.Formats.In(text));
            Assert.True(video.TryGetRtcp(out var rtcp));
            Assert.Equal("126.16.64.4"u8, rtcp.Address.In(text));
            foreach (var attribute in video.Attributes)
                Assert.True(attribute.CheckValue(text, SdpLeniency.None, out _));
        }
    }

    [Fact]
    public void A_buffer_too_small_by_any_number_of_octets_overflows()
    {
        byte[] buffer = new byte[2048];
        int length = BuildEverything(buffer, out _);
        for (int size = 0; size < length; size++)
        {
            Assert.True(BuildEverything(buffer.AsSpan(0, size), out bool overflowed) <= size);
            Assert.True(overflowed);
        }
        Assert.Equal(length, BuildEverything(buffer.AsSpan(0, length), out bool full));
        Assert.False(full);
    }
}
