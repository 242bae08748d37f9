// Each record of SDP: what it reads from the text that its RFC gives as an example, and that it writes the same again.
using System.Text;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

public sealed class RecordTests
{

    private static string Text(Slice slice, byte[] text) => Encoding.UTF8.GetString(slice.In(text));

    private static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);

    private static T Read<T>(byte[] text)
        where T : struct, IRecord<T>
    {
        Assert.True(SdpValue.TryRead<T>(text, Slice.Between(0, text.Length), SdpLeniency.None, out var value, out var fault),
            $"{fault.Kind} at {fault.Offset} in {fault.Rule}");
        return value;
    }

    // parse, write, and parse what was written: byte for byte what stood there.
    private static void RoundTrips<T>(string text)
        where T : struct, IRecord<T>
    {
        byte[] octets = Octets(text);
        Assert.Equal(text, Write(Read<T>(octets), octets));

        // Also where the value stands further back in a text.
        byte[] shifted = Octets("12345" + text);
        Assert.True(SdpValue.TryRead<T>(shifted, Slice.Between(5, shifted.Length), SdpLeniency.None, out var value, out _));
        Assert.Equal(text, Write(value, shifted));
    }

    private static string Write<T>(T value, byte[] text)
        where T : struct, IRecord<T>
    {
        var writer = new ByteWriter(new byte[1024]);
        value.Write(ref writer, text);
        Assert.False(writer.Overflowed);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }

    private static ParseFault FaultOf<T>(string text)
        where T : struct, IRecord<T>
    {
        byte[] octets = Octets(text);
        Assert.False(SdpValue.TryRead<T>(octets, Slice.Between(0, octets.Length), SdpLeniency.None, out _, out var fault));
        Assert.True(fault.IsFault);
        return fault;
    }

    [Theory]
    [InlineData("v=0\r\n")]
    [InlineData("v=1\r\n")]
    public void Version_round_trips(string line) => RoundTrips<VersionField>(line);

    [Theory]
    [InlineData("o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n")]
    [InlineData("o=- 99999999999999999999999999999999 340282366920938463463374607431768211456 IN IP6 2001:db8::1\r\n")]
    [InlineData("o=jürgen 0 0 IN IP4 host.example.com\r\n")]
    public void Origin_round_trips(string line) => RoundTrips<OriginField>(line);

    [Fact]
    public void Origin_keeps_numbers_beyond_64_bits()
    {
        byte[] line = Octets("o=- 99999999999999999999999999999999 1 IN IP6 2001:db8::1\r\n");
        var origin = Read<OriginField>(line);
        Assert.Equal("-", Text(origin.UserName, line));
        Assert.Equal("99999999999999999999999999999999", Text(origin.SessionId, line));
        Assert.Equal("1", Text(origin.SessionVersion, line));
        Assert.Equal("IN", Text(origin.NetworkType, line));
        Assert.Equal("IP6", Text(origin.AddressType, line));
        Assert.Equal("2001:db8::1", Text(origin.Address, line));
    }

    [Theory]
    [InlineData("s=Call to John Smith\r\n")]
    [InlineData("s= \r\n")]
    [InlineData("s=-\r\n")]
    [InlineData("s=Grüße \t\r\n")]
    public void Session_name_round_trips_with_its_white_space(string line) => RoundTrips<SessionNameField>(line);

    [Theory]
    [InlineData("i=SDP Offer #1\r\n")]
    public void Information_round_trips(string line) => RoundTrips<InformationField>(line);

    [Theory]
    [InlineData("u=http://www.jdoe.example.com/home.html\r\n")]
    [InlineData("u=http://[2001:db8::1]:8080/a/b?c=d#e\r\n")]
    [InlineData("u=../relative\r\n")]
    public void Uri_round_trips(string line) => RoundTrips<UriField>(line);

    [Theory]
    [InlineData("e=Jane Doe <jane@jdoe.example.com>\r\n", "jane@jdoe.example.com")]
    [InlineData("e=j.doe@example.com (Jane Doe)\r\n", "j.doe@example.com")]
    [InlineData("e=jane@jdoe.example.com\r\n", "jane@jdoe.example.com")]
    public void Email_gives_the_address(string line, string address)
    {
        RoundTrips<EmailField>(line);
        byte[] octets = Octets(line);
        Assert.Equal(address, Text(Read<EmailField>(octets).Address, octets));
    }

    [Theory]
    [InlineData("p=+1 617 555-6011\r\n", "+1 617 555-6011")]
    [InlineData("p=+1 617 555-6011 (Jane Doe)\r\n", "+1 617 555-6011 ")]
    [InlineData("p=Jane Doe <+1 617 555-6011>\r\n", "+1 617 555-6011")]
    public void Phone_gives_the_number(string line, string number)
    {
        RoundTrips<PhoneField>(line);
        byte[] octets = Octets(line);
        Assert.Equal(number, Text(Read<PhoneField>(octets).Number, octets));
    }

    [Theory]
    [InlineData("c=IN IP4 198.51.100.1\r\n", "IP4", "198.51.100.1")]
    [InlineData("c=IN IP6 2001:db8::2\r\n", "IP6", "2001:db8::2")]
    [InlineData("c=IN IP6 ::\r\n", "IP6", "::")]
    [InlineData("c=IN IP6 ::ffff:192.0.2.1\r\n", "IP6", "::ffff:192.0.2.1")]
    [InlineData("c=IN IP4 host.atlanta.example.com\r\n", "IP4", "host.atlanta.example.com")]
    [InlineData("c=IN IP4 233.252.0.1/127/3\r\n", "IP4", "233.252.0.1/127/3")]
    public void Connection_gives_type_and_address(string line, string type, string address)
    {
        RoundTrips<ConnectionField>(line);
        byte[] octets = Octets(line);
        var connection = Read<ConnectionField>(octets);
        Assert.Equal(type, Text(connection.AddressType, octets));
        Assert.Equal(address, Text(connection.Address, octets));
    }

    [Theory]
    [InlineData("233.252.0.1/127", "233.252.0.1", (byte)127, null)]
    [InlineData("233.252.0.1/0/3", "233.252.0.1", (byte)0, 3u)]
    [InlineData("ff00::db8:0:101/3", "ff00::db8:0:101", null, 3u)]
    [InlineData("ff00::db8:0:101", "ff00::db8:0:101", null, null)]
    public void Multicast_address_comes_apart(string text, string address, byte? timeToLive, uint? count)
    {
        byte[] octets = Octets(text);
        Assert.True(MulticastAddress.TryRead(octets, Slice.Between(0, octets.Length), out var multicast));
        Assert.Equal(address, Text(multicast.Address(octets), octets));
        Assert.Equal(timeToLive, multicast.TimeToLive);
        Assert.Equal(count, multicast.Count);
        Assert.Equal(text, Write(multicast, octets));
    }

    [Theory]
    [InlineData("198.51.100.1")]
    [InlineData("host.example.com")]
    [InlineData("233.252.0.1/256")]
    [InlineData("233.252.0.1/1/0")]
    public void What_is_no_multicast_address_is_not_read_as_one(string text)
    {
        byte[] octets = Octets(text);
        Assert.False(MulticastAddress.TryRead(octets, Slice.Between(0, octets.Length), out _));
    }

    [Theory]
    [InlineData("b=AS:64\r\n", 64ul)]
    [InlineData("b=X-YZ:128\r\n", 128ul)]
    [InlineData("b=TIAS:18446744073709551614\r\n", 18446744073709551614ul)]
    public void Bandwidth_round_trips(string line, ulong bandwidth)
    {
        RoundTrips<BandwidthField>(line);
        Assert.Equal(bandwidth, Read<BandwidthField>(Octets(line)).Bandwidth);
    }

    [Theory]
    [InlineData("t=0 0\r\n", 0ul, 0ul)]
    [InlineData("t=3724394400 3724398000\r\n", 3724394400ul, 3724398000ul)]
    [InlineData("t=9999999999999999999 0\r\n", 9999999999999999999ul, 0ul)]
    public void Time_is_64_bits(string line, ulong start, ulong stop)
    {
        RoundTrips<TimeField>(line);
        var time = Read<TimeField>(Octets(line));
        Assert.Equal(start, time.StartSeconds);
        Assert.Equal(stop, time.StopSeconds);
    }

    [Theory]
    [InlineData("r=604800 3600 0 90000\r\n", 604800ul, 3600ul, new[] { 0ul, 90000ul })]
    [InlineData("r=7d 1h 0 25h\r\n", 604800ul, 3600ul, new[] { 0ul, 90000ul })]
    [InlineData("r=1m 5s 3\r\n", 60ul, 5ul, new[] { 3ul })]
    public void Repeat_times_are_seconds(string line, ulong interval, ulong duration, ulong[] offsets)
    {
        RoundTrips<RepeatField>(line);
        byte[] octets = Octets(line);
        var repeat = Read<RepeatField>(octets);
        Assert.Equal(interval, Seconds(octets, repeat.Interval));
        Assert.Equal(duration, Seconds(octets, repeat.Duration));
        var read = new List<ulong?>();
        foreach (var item in new SdpItems(octets, repeat.Offsets))
            read.Add(Seconds(octets, item));
        Assert.Equal(offsets.Select(o => (ulong?)o), read);
    }

    private static ulong? Seconds(byte[] text, Slice slice)
    {
        Assert.True(SdpValue.TryRead<TypedTime>(text, slice, SdpLeniency.None, out var time, out _));
        Assert.Equal(Text(slice, text), Write(time, text));
        return time.Seconds(text);
    }

    [Fact]
    public void A_typed_time_beyond_64_bits_is_no_number()
    {
        byte[] text = Octets("213503982334602d");
        Assert.Null(Seconds(text, Slice.Between(0, text.Length)));
        text = Octets("213503982334600d");
        Assert.Equal(213503982334600ul * 86400, Seconds(text, Slice.Between(0, text.Length)));
    }

    [Fact]
    public void Zone_gives_its_first_adjustment_and_the_others()
    {
        const string line = "z=3730928400 -1h 3749680800 0\r\n";
        RoundTrips<ZoneField>(line);
        RoundTrips<ZoneField>("z=3730928400 1h\r\n");
        byte[] octets = Octets(line);
        var zone = Read<ZoneField>(octets);
        Assert.Equal(3730928400ul, zone.AdjustmentSeconds);
        Assert.True(zone.IsNegative);
        Assert.Equal(3600ul, Seconds(octets, zone.Offset));
        Assert.Equal(" 3749680800 0", Text(zone.Others, octets));
    }

    [Theory]
    [InlineData("k=prompt\r\n", KeyMethod.Prompt, "")]
    [InlineData("k=clear:secret word\r\n", KeyMethod.Clear, "secret word")]
    [InlineData("k=base64:c2VjcmV0\r\n", KeyMethod.Base64, "c2VjcmV0")]
    [InlineData("k=uri:https://example.com/key\r\n", KeyMethod.Uri, "https://example.com/key")]
    public void Key_gives_method_and_value(string line, KeyMethod method, string key)
    {
        RoundTrips<KeyField>(line);
        byte[] octets = Octets(line);
        var field = Read<KeyField>(octets);
        Assert.Equal(method, field.Method);
        Assert.Equal(key, Text(field.Key, octets));
    }

    [Theory]
    [InlineData("a=sendrecv\r\n", AttributeName.Sendrecv, null)]
    [InlineData("a=SENDRECV\r\n", AttributeName.Other, null)]
    [InlineData("a=rtcp-mux\r\n", AttributeName.RtcpMux, null)]
    [InlineData("a=rtpmap:0 PCMU/8000\r\n", AttributeName.Rtpmap, "0 PCMU/8000")]
    [InlineData("a=X-unknown:any thing: at all \r\n", AttributeName.Other, "any thing: at all ")]
    public void Attribute_gives_name_and_value(string line, AttributeName known, string? value)
    {
        RoundTrips<AttributeField>(line);
        byte[] octets = Octets(line);
        var attribute = Read<AttributeField>(octets);
        Assert.Equal(known, attribute.Known);
        Assert.Equal(value is not null, attribute.Value.IsPresent);
        Assert.Equal(value ?? "", Text(attribute.Value, octets));
    }

    [Theory]
    [InlineData("m=audio 49170 RTP/AVP 0 8 97\r\n", "audio", (ushort)49170, null, "RTP/AVP", "0,8,97", true)]
    [InlineData("m=video 49170/2 RTP/AVP 31\r\n", "video", (ushort)49170, (ushort)2, "RTP/AVP", "31", true)]
    [InlineData("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "application", (ushort)9, null, "UDP/DTLS/SCTP", "webrtc-datachannel", false)]
    [InlineData("m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n", "audio", (ushort)0, null, "UDP/TLS/RTP/SAVPF", "111", true)]
    [InlineData("m=image 65535 udptl t38\r\n", "image", (ushort)65535, null, "udptl", "t38", false)]
    public void Media_gives_port_protocol_and_formats(
        string line, string media, ushort port, ushort? count, string protocol, string formats, bool isRtp)
    {
        RoundTrips<MediaField>(line);
        byte[] octets = Octets(line);
        var field = Read<MediaField>(octets);
        Assert.Equal(media, Text(field.Media, octets));
        Assert.Equal(port, field.Port);
        Assert.Equal(count, field.PortCount);
        Assert.Equal(protocol, Text(field.Protocol, octets));
        Assert.Equal(isRtp, field.IsRtp(octets));
        var read = new List<string>();
        foreach (var format in new SdpItems(octets, field.Formats))
            read.Add(Text(format, octets));
        Assert.Equal(formats, string.Join(',', read));
    }

    [Theory]
    [InlineData("0", (byte)0)]
    [InlineData("127", (byte)127)]
    public void Payload_types_are_seven_bits(string text, byte number)
    {
        RoundTrips<PayloadType>(text);
        Assert.Equal(number, Read<PayloadType>(Octets(text)).Number);
        Assert.Equal(FaultKind.Range, FaultOf<PayloadType>("128").Kind);
        Assert.Equal(FaultKind.Range, FaultOf<PayloadType>("99999999999999999999999").Kind);
    }

    [Theory]
    [InlineData("0 PCMU/8000", (byte)0, "PCMU", 8000u, null)]
    [InlineData("98 L16/11025/2", (byte)98, "L16", 11025u, (byte)2)]
    [InlineData("111 opus/48000/2", (byte)111, "opus", 48000u, (byte)2)]
    public void Rtpmap_round_trips(string value, byte payloadType, string name, uint clockRate, byte? channels)
    {
        RoundTrips<RtpMap>(value);
        byte[] octets = Octets(value);
        var map = Read<RtpMap>(octets);
        Assert.Equal(payloadType, map.PayloadType);
        Assert.Equal(name, Text(map.EncodingName, octets));
        Assert.Equal(clockRate, map.ClockRate);
        Assert.Equal(channels, map.Channels);
    }

    [Theory]
    [InlineData("96 L8/8000 ", FaultKind.Syntax)]
    [InlineData("96 L8", FaultKind.Syntax)]
    [InlineData("96  L8/8000", FaultKind.Syntax)]
    [InlineData("96 L8/0", FaultKind.Syntax)]
    [InlineData("128 L8/8000", FaultKind.Range)]
    [InlineData("96 L8/4294967296", FaultKind.Range)]
    [InlineData("96 L8/8000/256", FaultKind.Syntax)]
    public void A_wrong_rtpmap_is_a_fault(string value, FaultKind kind) => Assert.Equal(kind, FaultOf<RtpMap>(value).Kind);

    [Theory]
    [InlineData("m=audio 65536 RTP/AVP 0\r\n", FaultKind.Range, 8)]
    [InlineData("m=audio 99999999999999999999 RTP/AVP 0\r\n", FaultKind.Range, 8)]
    [InlineData("m=audio 5004/65536 RTP/AVP 0\r\n", FaultKind.Syntax, 12)]
    [InlineData("m=audio RTP/AVP 0\r\n", FaultKind.Syntax, 8)]
    [InlineData("m=audio 5004 RTP/AVP\r\n", FaultKind.Syntax, 20)]
    public void A_wrong_media_line_is_a_fault_with_its_place(string line, FaultKind kind, int offset)
    {
        var fault = FaultOf<MediaField>(line);
        Assert.Equal(kind, fault.Kind);
        Assert.Equal(offset, fault.Offset);
    }

    [Fact]
    public void Numbers_too_large_for_their_fields_are_range_faults()
    {
        Assert.Equal(FaultKind.Range, FaultOf<TimeField>("t=99999999999999999999 0\r\n").Kind);
        Assert.Equal(FaultKind.Range, FaultOf<BandwidthField>("b=AS:99999999999999999999\r\n").Kind);
        Assert.Equal(FaultKind.Range, FaultOf<VersionField>("v=4294967296\r\n").Kind);
    }

    [Fact]
    public void Fmtp_gives_format_and_parameters()
    {
        const string value = "111 minptime=10; useinbandfec=1";
        RoundTrips<FormatParameters>(value);
        byte[] octets = Octets(value);
        var parameters = Read<FormatParameters>(octets);
        Assert.Equal("111", Text(parameters.Format, octets));
        Assert.Equal("minptime=10; useinbandfec=1", Text(parameters.Parameters, octets));
    }

    [Fact]
    public void Telephone_events_say_which_digits_they_hold()
    {
        const string value = "0-15,66,70";
        RoundTrips<TelephoneEvents>(value);
        RoundTrips<TelephoneEventRange>("0-15");
        RoundTrips<TelephoneEventRange>("66");
        byte[] octets = Octets(value);
        var events = Read<TelephoneEvents>(octets);
        byte[] held = [.. Enumerable.Range(0, 256).Select(code => (byte)code).Where(code => events.Contains(octets, code))];
        Assert.Equal([.. Enumerable.Range(0, 16).Select(code => (byte)code), 66, 70], held);
        Assert.Equal(FaultKind.Range, FaultOf<TelephoneEventRange>("256").Kind);
    }

    [Theory]
    [InlineData("20", 20_000u)]
    [InlineData("0.125", 125u)]
    [InlineData("22.50001", 22_500u)]
    [InlineData("4294967", 4_294_967_000u)]
    [InlineData("4294968", uint.MaxValue)]
    [InlineData("99999999999999999999999999999999", uint.MaxValue)]
    public void Packet_time_is_microseconds(string value, uint microseconds)
    {
        RoundTrips<PacketTime>(value);
        byte[] octets = Octets(value);
        Assert.Equal(microseconds, Read<PacketTime>(octets).Microseconds(octets));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("20ms")]
    [InlineData("-20")]
    public void What_is_no_number_above_zero_is_no_packet_time(string value) => FaultOf<PacketTime>(value);

    [Fact]
    public void Frame_rate_is_thousandths()
    {
        RoundTrips<FrameRate>("29.97");
        byte[] octets = Octets("29.97");
        Assert.Equal(29_970u, Read<FrameRate>(octets).Thousandths(octets));
    }

    [Fact]
    public void Quality_is_0_to_10()
    {
        RoundTrips<Quality>("10");
        Assert.Equal(10, Read<Quality>(Octets("10")).Level);
        Assert.Equal(FaultKind.Range, FaultOf<Quality>("11").Kind);
    }

    [Theory]
    [InlineData("53020", (ushort)53020, "", "")]
    [InlineData("53020 IN IP4 126.16.64.4", (ushort)53020, "IP4", "126.16.64.4")]
    [InlineData("53020 IN IP6 2001:2345:6789:ABCD:EF01:2345:6789:ABCD", (ushort)53020, "IP6", "2001:2345:6789:ABCD:EF01:2345:6789:ABCD")]
    public void Rtcp_reads_the_examples_of_rfc_3605(string value, ushort port, string type, string address)
    {
        RoundTrips<RtcpAddress>(value);
        byte[] octets = Octets(value);
        var rtcp = Read<RtcpAddress>(octets);
        Assert.Equal(port, rtcp.Port);
        Assert.Equal(type, Text(rtcp.AddressType, octets));
        Assert.Equal(address, Text(rtcp.Address, octets));
    }

    [Fact]
    public void Crypto_comes_apart_into_keys_and_parameters()
    {
        const string value = "2 F8_128_HMAC_SHA1_80 inline:MTIz|2^20|1:4;inline:QUJj|2^20|2:4 FEC_ORDER=FEC_SRTP KDR=24";
        RoundTrips<Crypto>(value);
        byte[] octets = Octets(value);
        var crypto = Read<Crypto>(octets);
        Assert.Equal(2u, crypto.Tag);
        Assert.Equal("F8_128_HMAC_SHA1_80", Text(crypto.Suite, octets));
        var keys = new List<string>();
        foreach (var item in new SdpItems(octets, crypto.KeyParameters, (byte)';'))
        {
            Assert.True(SdpValue.TryRead<KeyParameter>(octets, item, SdpLeniency.None, out var parameter, out _));
            Assert.Equal("inline", Text(parameter.Method, octets));
            Assert.True(SdpValue.TryRead<SrtpKey>(octets, parameter.Info, SdpLeniency.None, out var key, out _));
            keys.Add($"{Text(key.KeyAndSalt, octets)} {key.LifetimePackets(octets)} {Text(key.Mki, octets)} {key.MkiOctets}");
        }
        Assert.Equal(["MTIz 1048576 1 4", "QUJj 1048576 2 4"], keys);
        var parameters = new List<SrtpParameterKind>();
        foreach (var item in new SdpItems(octets, crypto.SessionParameters))
        {
            Assert.True(SdpValue.TryRead<SrtpSessionParameter>(octets, item, SdpLeniency.None, out var parameter, out _));
            parameters.Add(parameter.Kind);
        }
        Assert.Equal([SrtpParameterKind.FecOrder, SrtpParameterKind.KeyDerivationRate], parameters);
        RoundTrips<KeyParameter>("inline:MTIz|2^20|1:4");
    }

    [Theory]
    [InlineData("YUJDZGVmZ2hpSktMbW9QUXJzVHVWd3l6MTIzNDU2|1066:4", null, "1066", (byte)4)]
    [InlineData("d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4", 1ul << 20, "1", (byte)4)]
    [InlineData("d0Rm|1048576", 1048576ul, "", null)]
    [InlineData("d0Rm|2^64", null, "", null)]
    [InlineData("d0Rm==", null, "", null)]
    [InlineData("d0Rm|1:128", null, "1", (byte)128)]
    public void An_mki_is_told_from_a_lifetime(string value, ulong? lifetime, string mki, byte? mkiOctets)
    {
        RoundTrips<SrtpKey>(value);
        byte[] octets = Octets(value);
        var key = Read<SrtpKey>(octets);
        Assert.Equal(lifetime, key.LifetimePackets(octets));
        Assert.Equal(mki, Text(key.Mki, octets));
        Assert.Equal(mkiOctets, key.MkiOctets);
    }

    [Fact]
    public void An_mki_of_more_than_128_octets_is_a_fault() => FaultOf<SrtpKey>("d0Rm|1:129");

    [Theory]
    [InlineData("KDR=24", SrtpParameterKind.KeyDerivationRate)]
    [InlineData("UNENCRYPTED_SRTP", SrtpParameterKind.UnencryptedSrtp)]
    [InlineData("UNENCRYPTED_SRTCP", SrtpParameterKind.UnencryptedSrtcp)]
    [InlineData("UNAUTHENTICATED_SRTP", SrtpParameterKind.UnauthenticatedSrtp)]
    [InlineData("FEC_ORDER=SRTP_FEC", SrtpParameterKind.FecOrder)]
    [InlineData("FEC_KEY=inline:QUJj", SrtpParameterKind.FecKey)]
    [InlineData("WSH=128", SrtpParameterKind.WindowSizeHint)]
    [InlineData("-anything=else", SrtpParameterKind.Extension)]
    public void Session_parameters_of_srtp_are_told_by_name(string value, SrtpParameterKind kind)
    {
        RoundTrips<SrtpSessionParameter>(value);
        Assert.Equal(kind, Read<SrtpSessionParameter>(Octets(value)).Kind);
    }

    [Fact]
    public void Descriptive_attributes_round_trip()
    {
        RoundTrips<Category>("foo.bar");
        RoundTrips<Keywords>("some key words");
        RoundTrips<Tool>("door phone 1.0");
        RoundTrips<Charset>("ISO-8859-1");
        RoundTrips<Language>("de-CH-1996");
        foreach (var orientation in Enum.GetValues<Orientation>().Where(o => o != Orientation.Other))
        {
            byte[] text = AttributeTextOf(Orientations.NameOf(orientation));
            RoundTrips<OrientationValue>(Encoding.UTF8.GetString(text));
            Assert.Equal(orientation, Read<OrientationValue>(text).Orientation);
        }
        foreach (var type in Enum.GetValues<ConferenceType>().Where(t => t != ConferenceType.Other))
        {
            byte[] text = AttributeTextOf(ConferenceTypes.NameOf(type));
            RoundTrips<ConferenceTypeValue>(Encoding.UTF8.GetString(text));
            Assert.Equal(type, Read<ConferenceTypeValue>(text).Type);
        }
        FaultOf<OrientationValue>("Portrait");
        FaultOf<Language>("de_CH");
        FaultOf<Charset>("ISO 8859");
    }

    private static byte[] AttributeTextOf(ReadOnlySpan<byte> name)
    {
        Assert.False(name.IsEmpty);
        return name.ToArray();
    }
}
