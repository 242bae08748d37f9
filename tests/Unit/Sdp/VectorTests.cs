// The descriptions of the RFCs: every line and every attribute is read, and written again as it stood.
using System.Text;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

public sealed class VectorTests
{
    // Even RFCs need two leniencies.
    private static SdpLeniency AllowFor(string sdp)
    {
        // RFC 4317 and 3264 print "s=" with nothing behind it.
        var allow = sdp.Contains("\r\ns=\r\n") ? SdpLeniency.EmptySessionName : SdpLeniency.None;
        // RFC 3264 §8.4 prints t= in front of c=.
        return sdp.Contains("t=0 0\r\nc=IN IP4 192.0.2.4\r\nm=audio 0") ? allow | SdpLeniency.LinesOutOfOrder : allow;
    }

    [Fact]
    public void Two_leniencies_are_needed_for_what_rfcs_print()
    {
        var needed = SdpVectors.Everything().Select(v => AllowFor(v.Sdp)).ToList();
        Assert.Contains(SdpLeniency.None, needed);
        Assert.Contains(SdpLeniency.EmptySessionName, needed);
        Assert.Single(needed, SdpLeniency.LinesOutOfOrder);
    }

    [Theory]
    [MemberData(nameof(SdpVectors.All), MemberType = typeof(SdpVectors))]
    public void A_description_printed_in_an_rfc_is_read_line_by_line(string source, string sdp)
    {
        byte[] text = Encoding.UTF8.GetBytes(sdp);
        var allow = AllowFor(sdp);
        var reader = new SdpReader(text, allow);
        var rewritten = new ByteWriter(new byte[text.Length]);
        var expected = sdp.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        int lines = 0;
        while (reader.Read())
        {
            Assert.True(reader.Check(out var fault), $"{source}: {expected[lines]}: {fault.Kind} at {fault.Offset}");
            Assert.Equal(expected[lines], $"{(char)reader.Line.Type}={Encoding.UTF8.GetString(reader.Line.Value.In(text))}");
            Rewrite(ref rewritten, reader.Line, text, allow);
            lines++;
        }
        Assert.False(reader.Fault.IsFault, $"{source}: {reader.Fault.Kind} {reader.Fault.Rule}");
        Assert.Equal(expected.Length, lines);
        Assert.Equal(sdp, Encoding.UTF8.GetString(rewritten.WrittenSpan));
    }

    [Theory]
    [MemberData(nameof(SdpVectors.All), MemberType = typeof(SdpVectors))]
    public void Every_attribute_printed_in_an_rfc_has_the_value_that_its_name_asks_for(string source, string sdp)
    {
        byte[] text = Encoding.UTF8.GetBytes(sdp);
        Assert.True(SdpDescription.TryRead(text, AllowFor(sdp), out var description, out var fault), $"{source}: {fault.Rule}");
        int attributes = 0;
        foreach (var attribute in description.Attributes)
        {
            Assert.True(attribute.CheckValue(text, SdpLeniency.None, out _));
            attributes++;
        }
        for (int i = 0; i < description.MediaCount; i++)
        {
            var media = description.Media(i);
            foreach (var attribute in media.Attributes)
            {
                Assert.True(attribute.CheckValue(text, SdpLeniency.None, out _), Encoding.UTF8.GetString(attribute.Extent.In(text)));
                attributes++;
            }
            if (!media.Field.IsRtp(text))
                continue;
            foreach (var format in media.Formats)
            {
                Assert.True(SdpValue.TryRead<PayloadType>(text, format, SdpLeniency.None, out var type, out _));
                Assert.True(media.TryGetEncoding(type.Number, out var encoding) || type.Number >= 96, $"{source}: {type.Number}");
                Assert.True(encoding.ClockRate > 0 || type.Number >= 96);
            }
        }
        Assert.Equal(sdp.Split("\r\na=").Length - 1, attributes);
    }

    [Theory]
    [MemberData(nameof(SdpVectors.All), MemberType = typeof(SdpVectors))]
    public void A_description_is_read_in_the_middle_of_a_message(string source, string sdp)
    {
        const string before = "INVITE sip:x SIP/2.0\r\n\r\n", behind = "v=garbage";
        byte[] text = Encoding.UTF8.GetBytes(before + sdp + behind);
        int end = text.Length - behind.Length;
        Assert.True(SdpDescription.TryRead(text, before.Length, end, AllowFor(sdp), out var inside, out var fault), $"{source}: {fault.Rule}");
        byte[] alone = Encoding.UTF8.GetBytes(sdp);
        Assert.True(SdpDescription.TryRead(alone, AllowFor(sdp), out var outside, out _));
        Assert.Equal(outside.MediaCount, inside.MediaCount);
        Assert.Equal(outside.Origin.Address.Offset + before.Length, inside.Origin.Address.Offset);
        Assert.Equal(outside.SessionSection.Length, inside.SessionSection.Length);
        for (int i = 0; i < inside.MediaCount; i++)
            Assert.Equal(outside.Media(i).Section.In(alone).ToArray(), inside.Media(i).Section.In(text).ToArray());
    }

    private static void Rewrite(ref ByteWriter writer, SdpLine line, byte[] text, SdpLeniency allow)
    {
        switch ((char)line.Type)
        {
            case 'v': Write<VersionField>(ref writer, line, text, allow); break;
            case 'o': Write<OriginField>(ref writer, line, text, allow); break;
            case 's': Write<SessionNameField>(ref writer, line, text, allow); break;
            case 'i': Write<InformationField>(ref writer, line, text, allow); break;
            case 'u': Write<UriField>(ref writer, line, text, allow); break;
            case 'e': Write<EmailField>(ref writer, line, text, allow); break;
            case 'p': Write<PhoneField>(ref writer, line, text, allow); break;
            case 'c': Write<ConnectionField>(ref writer, line, text, allow); break;
            case 'b': Write<BandwidthField>(ref writer, line, text, allow); break;
            case 't': Write<TimeField>(ref writer, line, text, allow); break;
            case 'a': Write<AttributeField>(ref writer, line, text, allow); break;
            case 'm': Write<MediaField>(ref writer, line, text, allow); break;
            default: Assert.Fail($"no RFC here prints a line of type {(char)line.Type}"); break;
        }
    }

    private static void Write<T>(ref ByteWriter writer, SdpLine line, byte[] text, SdpLeniency allow)
        where T : struct, IRecord<T>
    {
        Assert.True(line.TryRead<T>(text, allow, out var value, out _));
        value.Write(ref writer, text);
    }
}
