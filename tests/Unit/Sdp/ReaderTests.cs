// The order, number and presence of lines, the limits, and each leniency on and off.
using System.Text;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

public sealed class ReaderTests
{
    private const string Head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
    private const string Good = Head + "s=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n";

    private static ParseFault Read(string sdp, SdpLeniency allow)
    {
        bool isRead = SdpDescription.TryRead(Encoding.UTF8.GetBytes(sdp), allow, out _, out var fault);
        Assert.Equal(isRead, !fault.IsFault);
        return fault;
    }

    /// <summary>Name, text, and the fault without the leniency.</summary>
    public static TheoryData<SdpLeniency, string, FaultKind, string> Leniencies() => new()
    {
        { SdpLeniency.MissingSessionName, Head + "t=0 0\r\n", FaultKind.Missing, "session-name-field" },
        { SdpLeniency.MissingTime, Head + "s=-\r\n", FaultKind.Missing, "time-field" },
        { SdpLeniency.MissingTime, Head + "s=-\r\nm=audio 5004 RTP/AVP 0\r\na=sendrecv\r\n", FaultKind.Missing, "time-field" },
        { SdpLeniency.BareLineFeed, Good.Replace("\r\n", "\n"), FaultKind.Syntax, "line-end" },
        { SdpLeniency.BareLineFeed, Good.Replace("t=0 0\r\n", "t=0 0\n"), FaultKind.Syntax, "line-end" },
        { SdpLeniency.UnterminatedLastLine, Good[..^2], FaultKind.Syntax, "line-end" },
        { SdpLeniency.UnterminatedLastLine, Good + "a=sendonly", FaultKind.Syntax, "line-end" },
        { SdpLeniency.EmptySessionName, Head + "s=\r\nt=0 0\r\n", FaultKind.Syntax, "session-name" },
        { SdpLeniency.LinesOutOfOrder, Head + "s=-\r\nb=AS:64\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n", FaultKind.Syntax, "session-description" },
        { SdpLeniency.LinesOutOfOrder, Head + "s=-\r\na=sendrecv\r\nt=0 0\r\n", FaultKind.Syntax, "session-description" },
        { SdpLeniency.LinesOutOfOrder, "v=0\r\ns=-\r\no=- 1 1 IN IP4 192.0.2.1\r\nt=0 0\r\n", FaultKind.Syntax, "session-description" },
        { SdpLeniency.LinesOutOfOrder, Good + "a=sendrecv\r\nc=IN IP4 192.0.2.2\r\n", FaultKind.Syntax, "media-description" },
        { SdpLeniency.LinesOutOfOrder, Head + "s=-\r\nm=audio 5004 RTP/AVP 0\r\nt=0 0\r\n", FaultKind.Syntax, "media-description" },
        { SdpLeniency.UnknownLineTypes, Head + "s=-\r\nx=what\r\nt=0 0\r\n", FaultKind.Syntax, "session-description" },
        { SdpLeniency.UnknownLineTypes, Good + "?=\r\na=sendrecv\r\n", FaultKind.Syntax, "session-description" },
        { SdpLeniency.TrailingWhiteSpace, Good.Replace("t=0 0\r\n", "t=0 0 \r\n"), FaultKind.Syntax, "line-end" },
        { SdpLeniency.TrailingWhiteSpace, Good.Replace("RTP/AVP 0\r\n", "RTP/AVP 0 \t\r\n"), FaultKind.Syntax, "line-end" },
        { SdpLeniency.TrailingWhiteSpace, Good + "\r\n \r\n", FaultKind.Syntax, "session-description" },
    };

    [Theory]
    [MemberData(nameof(Leniencies))]
    public void A_leniency_is_needed_and_is_enough(SdpLeniency leniency, string sdp, FaultKind kind, string rule)
    {
        Assert.False(Read(sdp, leniency).IsFault);
        Assert.False(Read(sdp, SdpLeniency.All).IsFault);
        foreach (var without in new[] { SdpLeniency.None, SdpLeniency.All & ~leniency })
        {
            var fault = Read(sdp, without);
            Assert.Equal(kind, fault.Kind);
            Assert.Equal(rule, fault.Rule);
        }
    }

    [Fact]
    public void Every_leniency_is_tested()
    {
        var tested = Leniencies().Select(row => (SdpLeniency)((object[])row)[0]).ToHashSet();
        var single = Enum.GetValues<SdpLeniency>().Where(flag => flag is not (SdpLeniency.None or SdpLeniency.All)).ToHashSet();
        Assert.Equal(single, tested);
        Assert.Equal(SdpLeniency.All, single.Aggregate((all, flag) => all | flag));
    }

    [Fact]
    public void Leniencies_combine()
    {
        string sdp = (Head + "t=0 0 \r\nm=audio 5004 RTP/AVP 0 \r\na=ptime:20 \r\nc=IN IP4 192.0.2.1\r\ny=\r\na=sendonly ").Replace("\r\n", "\n");
        byte[] text = Encoding.UTF8.GetBytes(sdp);
        Assert.True(SdpDescription.TryRead(text, SdpLeniency.All, out var description, out _));
        var media = description.Media(0);
        Assert.Equal(MediaDirection.SendOnly, media.Direction);
        Assert.True(media.TryGetPacketTime(out var time));
        Assert.Equal(20_000u, time.Microseconds(text));
        Assert.True(media.TryGetConnection(out var connection));
        Assert.Equal("192.0.2.1"u8, connection.Address.In(text));
    }

    [Theory]
    [InlineData("", FaultKind.Missing, "version-field", 0)]
    [InlineData("o=- 1 1 IN IP4 192.0.2.1\r\n", FaultKind.Missing, "version-field", 0)]
    [InlineData("v=0\r\ns=-\r\nt=0 0\r\n", FaultKind.Missing, "origin-field", 17)]
    [InlineData("v=1\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n", FaultKind.Version, "version-field", 2)]
    [InlineData(Head + "garbage\r\n", FaultKind.Syntax, "session-description", 31)]
    [InlineData(Head + "\r\ns=-\r\nt=0 0\r\n", FaultKind.Syntax, "session-description", 31)]
    [InlineData(Head + "s=-\r\ns=-\r\nt=0 0\r\n", FaultKind.Duplicate, "session-name-field", 36)]
    [InlineData(Head + "s=-\r\nc=IN IP4 1.2.3.4\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\n", FaultKind.Duplicate, "connection-field", 54)]
    [InlineData(Good + "i=one\r\ni=two\r\n", FaultKind.Duplicate, "information-field", 94)]
    [InlineData(Head + "s=-\r\nt=0\r\n", FaultKind.Syntax, "SP", 39)]
    [InlineData(Head + "s=-\r\nt=0 0\r\nm=audio 70000 RTP/AVP 0\r\n", FaultKind.Range, "media-field", 51)]
    [InlineData(Head + "s=-\r\nt=0 0\r\na=:\r\n", FaultKind.Syntax, "attribute-name", 45)]
    [InlineData(Head + "s=a\0b\r\nt=0 0\r\n", FaultKind.Syntax, "line-end", 34)]
    [InlineData(Head + "s=a\rb\r\nt=0 0\r\n", FaultKind.Syntax, "line-end", 34)]
    public void A_fault_that_no_leniency_covers_has_kind_rule_and_place(string sdp, FaultKind kind, string rule, int offset)
    {
        var fault = Read(sdp, SdpLeniency.All);
        Assert.Equal((kind, rule, offset), (fault.Kind, fault.Rule, fault.Offset));
    }

    [Fact]
    public void All_lines_of_rfc_8866_in_their_order_are_read_strictly()
    {
        string sdp = Head + "s=-\r\ni=i\r\nu=http://example.com/\r\ne=a@b.example\r\ne=c@d.example\r\np=+1 617 555-6011\r\nc=IN IP4 192.0.2.1\r\n"
            + "b=CT:1\r\nb=AS:2\r\nt=3730922400 3730926000\r\nr=7d 1h 0 25h\r\nr=1d 1h 0\r\nz=3730928400 -1h\r\nt=0 0\r\nk=prompt\r\na=recvonly\r\na=tool:x\r\n"
            + "m=audio 5004 RTP/AVP 0\r\ni=one\r\nc=IN IP4 192.0.2.2\r\nc=IN IP4 192.0.2.3\r\nb=AS:64\r\nk=clear:x\r\na=sendonly\r\n"
            + "m=video 5006 RTP/AVP 31\r\ni=two\r\nc=IN IP4 192.0.2.4\r\n";
        Assert.False(Read(sdp, SdpLeniency.None).IsFault);

        var reader = new SdpReader(Encoding.UTF8.GetBytes(sdp), SdpLeniency.None);
        var sections = new List<int>();
        var types = new StringBuilder();
        while (reader.Read())
        {
            types.Append((char)reader.Line.Type);
            sections.Add(reader.Line.MediaIndex);
        }
        Assert.Equal("vosiueepcbbtrrztkaamiccbkamic", types.ToString());
        Assert.Equal(19, sections.Count(section => section == SdpLine.Session));
        Assert.Equal(7, sections.Count(section => section == 0));
        Assert.Equal(3, sections.Count(section => section == 1));
        Assert.Equal(2, reader.MediaCount);
    }

    [Fact]
    public void An_unterminated_last_line_ends_where_the_description_does()
    {
        string sdp = Good + "a=sendonly";
        byte[] text = Encoding.UTF8.GetBytes(sdp + "behind the body\r\n");
        var reader = new SdpReader(text, 0, sdp.Length, SdpLeniency.All);
        AttributeField attribute = default;
        while (reader.Read())
        {
            Assert.True(reader.Check(out _));
            if (reader.Line.Type == 'a')
                Assert.True(reader.Line.TryRead(text, SdpLeniency.All, out attribute, out _));
        }
        Assert.False(reader.Fault.IsFault);
        Assert.Equal(AttributeName.Sendonly, attribute.Known);
        Assert.True(SdpDescription.TryRead(text, 0, sdp.Length, SdpLeniency.All, out var description, out _));
        Assert.Equal(MediaDirection.SendOnly, description.Media(0).Direction);
    }

    [Fact]
    public void A_line_is_not_read_as_another_type()
    {
        byte[] text = Encoding.UTF8.GetBytes(Good);
        var reader = new SdpReader(text, SdpLeniency.None);
        Assert.True(reader.Read());
        Assert.True(reader.Line.TryRead<VersionField>(text, SdpLeniency.None, out var version, out _));
        Assert.Equal(VersionField.Current, version.Version);
        Assert.False(reader.Line.TryRead<OriginField>(text, SdpLeniency.None, out var origin, out var fault));
        Assert.False(origin.Extent.IsPresent);
        Assert.Equal(FaultKind.Syntax, fault.Kind);
    }

    [Theory]
    [InlineData("r=7d 1h 0\r\nt=0 0\r\n")]
    [InlineData("t=0 0\r\nz=3730928400 -1h\r\n")]
    [InlineData("t=0 0\r\nr=7d 1h 0\r\nz=3730928400 -1h\r\nz=3730928400 -1h\r\n")]
    [InlineData("t=0 0\r\nk=prompt\r\nt=0 0\r\n")]
    public void Repeats_and_zones_stand_behind_their_time(string lines)
    {
        Assert.Equal(FaultKind.Syntax, Read(Head + "s=-\r\n" + lines, SdpLeniency.None).Kind);
        Assert.False(Read(Head + "s=-\r\n" + lines, SdpLeniency.LinesOutOfOrder).IsFault);
    }

    [Fact]
    public void Limits_are_faults_and_what_reaches_them_is_not()
    {
        string media = string.Concat(Enumerable.Repeat("m=audio 5004 RTP/AVP 0\r\n", SdpLimits.MaxMediaSections - 1));
        Assert.False(Read(Good + media, SdpLeniency.None).IsFault);
        Assert.Equal(FaultKind.Limit, Read(Good + media + "m=audio 5004 RTP/AVP 0\r\n", SdpLeniency.None).Kind);

        string attributes = string.Concat(Enumerable.Repeat("a=x\r\n", SdpLimits.MaxLines - 6));
        Assert.False(Read(Good + attributes, SdpLeniency.None).IsFault);
        Assert.Equal(FaultKind.Limit, Read(Good + attributes + "a=x\r\n", SdpLeniency.None).Kind);

        string formats = string.Concat(Enumerable.Repeat(" 0", SdpLimits.MaxFormats));
        Assert.False(Read(Head + "s=-\r\nt=0 0\r\nm=audio 1 RTP/AVP" + formats + "\r\n", SdpLeniency.None).IsFault);
        Assert.Equal(FaultKind.Limit, Read(Head + "s=-\r\nt=0 0\r\nm=audio 1 RTP/AVP" + formats + " 0\r\n", SdpLeniency.None).Kind);

        string longest = Good + "a=" + new string('x', Slice.MaxTextLength - Good.Length - 4) + "\r\n";
        Assert.Equal(Slice.MaxTextLength, longest.Length);
        Assert.False(Read(longest, SdpLeniency.None).IsFault);
        Assert.Equal(FaultKind.Limit, Read(longest.Insert(Good.Length + 2, "x"), SdpLeniency.None).Kind);
    }
}
