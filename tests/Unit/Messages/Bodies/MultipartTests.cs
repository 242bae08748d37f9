// Multipart bodies (RFC 2046 §5.1): the examples of the RFCs, and boundaries made to mislead.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Bodies;

public sealed class MultipartTests
{
    /// <summary>The parts of a body as a log: "text/plain|hello", nested ones indented, then "fault …" or "preamble …" and "epilogue …".</summary>
    private static List<string> Run(string contentType, string body, Leniency allow = Leniency.Default) => Run(
        Encoding.Latin1.GetBytes($"MESSAGE sip:a@b SIP/2.0\r\nContent-Type: {contentType}\r\nContent-Length: {Encoding.Latin1.GetByteCount(body)}\r\n\r\n{body}"), allow);

    private static List<string> Run(byte[] text, Leniency allow = Leniency.Default)
    {
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out var fault, allow), fault.Rule);
        var log = new List<string>();
        if (Multipart.TryRead(message, out var parts, out fault))
            Log(parts, text, log, "");
        else
            log.Add(fault.IsFault ? $"fault {fault.Kind} {fault.Rule}" : "no multipart");
        return log;
    }

    private static void Log(Multipart parts, byte[] text, List<string> log, string indent)
    {
        if (!parts.Preamble.IsEmpty)
            log.Add($"{indent}preamble {Encoding.Latin1.GetString(parts.Preamble.In(text))}");
        while (parts.MoveNext())
        {
            var part = parts.Current;
            string type = part.TryGet<ContentType>(out var read, out var fault)
                ? Encoding.Latin1.GetString(read.Type.In(text)) + "/" + Encoding.Latin1.GetString(read.Subtype.In(text)) : fault.IsFault ? "bad" : "-";
            log.Add($"{indent}{type}|{(type.StartsWith("multipart", StringComparison.OrdinalIgnoreCase) ? "" : Encoding.Latin1.GetString(part.Content))}");
            if (part.TryReadParts(out var inner, out fault))
                Log(inner, text, log, indent + "  ");
            else if (fault.IsFault)
                log.Add($"{indent}  fault {fault.Kind} {fault.Rule}");
        }
        if (parts.Fault.IsFault)
            log.Add($"{indent}fault {parts.Fault.Kind} {parts.Fault.Rule}");
        else if (!parts.Epilogue.IsEmpty)
            log.Add($"{indent}epilogue {Encoding.Latin1.GetString(parts.Epilogue.In(text))}");
    }

    [Fact] // RFC 2046 §5.1.1
    public void The_example_of_rfc_2046()
    {
        const string Body = "This is the preamble.  It is to be ignored, though it\r\nis a handy place for composition agents to include an\r\n"
            + "explanatory note to non-MIME conformant readers.\r\n\r\n--simple boundary\r\n\r\n"
            + "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.\r\n--simple boundary\r\n"
            + "Content-type: text/plain; charset=us-ascii\r\n\r\nThis is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n\r\n"
            + "--simple boundary--\r\n\r\nThis is the epilogue.  It is also to be ignored.\r\n";
        var log = Run("multipart/mixed; boundary=\"simple boundary\"", Body);
        Assert.Equal(4, log.Count);
        Assert.StartsWith("preamble This is", log[0], StringComparison.Ordinal);
        Assert.Equal("-|This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.", log[1]);
        Assert.Equal("text/plain|This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n", log[2]);
        Assert.Equal("epilogue \r\nThis is the epilogue.  It is also to be ignored.\r\n", log[3]);
    }

    [Fact] // RFC 2046 §5.1.5
    public void The_digest_of_rfc_2046_nests()
    {
        const string Body = "--main\r\n\r\n...Introductory text or table of contents...\r\n--main\r\n"
            + "Content-Type: multipart/digest;\r\n  boundary=\"----- =_aaaaaaaaaa0\"\r\n\r\n"
            + "------- =_aaaaaaaaaa0\r\n\r\nFrom: someone\r\n\r\n...body\r\n------- =_aaaaaaaaaa0\r\n\r\nanother\r\n------- =_aaaaaaaaaa0--\r\n\r\n--main--\r\n";
        Assert.Equal(
            [
                "-|...Introductory text or table of contents...",
                "multipart/digest|",
                "  -|From: someone\r\n\r\n...body",
                "  -|another",
            ],
            Run("multipart/mixed; boundary=main", Body));
    }

    [Fact] // RFC 4475 §3.1.1.11
    public void Mpart01_has_a_text_and_octets_with_nuls()
    {
        byte[] text = MessageVectors.Torture("mpart01");
        var log = Run(text);
        Assert.Equal(2, log.Count);
        Assert.Equal("text/plain|Hello", log[0]);
        Assert.StartsWith("application/octet-stream|0\x82", log[1], StringComparison.Ordinal);
        Assert.Contains("\0", log[1], StringComparison.Ordinal);
    }

    // RFC 3261 §23.4.2; its close delimiter lacks its last hyphen in print.
    private const string Tunnelled = """
        --boundary42
        Content-Type: message/sip

        INVITE sip:bob@biloxi.com SIP/2.0
        Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8
        To: Bob <bob@biloxi.com>
        From: Alice <alice@atlanta.com>;tag=1928301774
        Call-ID: a84b4c76e66710
        CSeq: 314159 INVITE
        Max-Forwards: 70
        Date: Thu, 21 Feb 2002 13:02:03 GMT
        Contact: <sip:alice@pc33.atlanta.com>
        Content-Type: application/sdp
        Content-Length: 147

        v=0
        o=UserA 2890844526 2890844526 IN IP4 here.com
        s=Session SDP
        c=IN IP4 pc33.atlanta.com
        t=0 0
        m=audio 49172 RTP/AVP 0
        a=rtpmap:0 PCMU/8000

        --boundary42
        Content-Type: application/pkcs7-signature; name=smime.p7s
        Content-Transfer-Encoding: base64
        Content-Disposition: attachment; filename=smime.p7s;
           handling=required

        ghyHhHUujhJhjH77n8HHGTrfvbnj756tbB9HG4VQpfyF467GhIGfHfYT6
        4VQpfyF467GhIGfHfYT6jH77n8HHGghyHhHUujhJh756tbB9HGTrfvbnj
        n8HHGTrfvhJhjH776tbB9HG4VQbnj7567GhIGfHfYT6ghyHhHUujpfyF4
        7GhIGfHfYT64VQbnj756

        --boundary42-
        """;

    [Fact]
    public void The_tunnelled_message_of_rfc_3261_has_two_parts_once_its_delimiter_is_mended()
    {
        const string Type = "multipart/signed;\r\n  protocol=\"application/pkcs7-signature\";\r\n  micalg=sha1; boundary=boundary42";
        string printed = Tunnelled.ReplaceLineEndings("\r\n");
        Assert.Equal("fault Missing close-delimiter", Run(Type, printed)[1]);
        var log = Run(Type, printed + "-");
        Assert.Equal(2, log.Count);
        Assert.StartsWith("message/sip|INVITE sip:bob@biloxi.com SIP/2.0\r\nVia", log[0], StringComparison.Ordinal);
        Assert.EndsWith("a=rtpmap:0 PCMU/8000\r\n", log[0], StringComparison.Ordinal);
        Assert.StartsWith("application/pkcs7-signature|ghyHh", log[1], StringComparison.Ordinal);
        Assert.EndsWith("7GhIGfHfYT64VQbnj756\r\n", log[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_of_a_part_are_typed_and_found_by_name()
    {
        byte[] text = Encoding.Latin1.GetBytes("MESSAGE sip:a@b SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b\r\nContent-Length: 163\r\n\r\n"
            + "--b\r\nContent-Type: application/sdp\r\nContent-Disposition: session;\r\n handling=optional\r\nContent-ID: <a@b>\r\nContent-Length: 3\r\nZ: y\r\n\r\nv=0\r\n--b--\r\n".PadRight(163));
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out _));
        Assert.True(Multipart.TryRead(message, out var parts, out _));
        Assert.True(parts.MoveNext());
        var part = parts.Current;
        Assert.True(part.TryGet<ContentDisposition>(out var disposition, out _));
        Assert.Equal("session", Encoding.Latin1.GetString(disposition.Type.In(text)));
        Assert.Equal("optional", Encoding.Latin1.GetString(disposition.Handling.In(text)));
        Assert.Equal("<a@b>", Encoding.Latin1.GetString(part.ValueOf("content-id"u8).In(text)));
        Assert.False(part.ValueOf("content-i"u8).IsPresent);
        var names = new List<HeaderName>();
        foreach (var line in part.HeaderLines)
            names.Add(line.Name);
        Assert.Equal([HeaderName.ContentType, HeaderName.ContentDisposition, HeaderName.Other, HeaderName.ContentLength, HeaderName.Other], names);
        Assert.Equal("v=0", Encoding.Latin1.GetString(part.Content));
        Assert.False(parts.MoveNext());
        Assert.False(parts.Fault.IsFault);
    }

    [Theory]
    [InlineData("--b\r\n\r\nx\r\n--b--", "-|x")]
    [InlineData("--b \t\r\n\r\nx\r\n--b-- ", "-|x")]
    [InlineData("--b\r\n\r\n\r\n--b--", "-|")]
    [InlineData("--b\r\n--b--", "-|")]
    [InlineData("--b\r\nContent-Type: text/plain\r\n--b--", "text/plain|")]
    [InlineData("--b\r\nContent-Type: text/plain\r\n\r\n--b--", "text/plain|")]
    [InlineData("--b\r\n\r\n--b2\r\n--b2--\r\n -- b\r\n --b\r\n--bb\r\nx--b\r\n--b--", "-|--b2\r\n--b2--\r\n -- b\r\n --b\r\n--bb\r\nx--b")]
    [InlineData("--b\r\n\r\nx\n--B--\r\n--b--", "-|x\n--B--")]
    [InlineData("--b--\r\n--b\r\n\r\nx\r\n--b--", "epilogue --b\r\n\r\nx\r\n--b--")]
    [InlineData("", "fault Missing dash-boundary")]
    [InlineData("x--b\r\n\r\ny\r\n", "fault Missing dash-boundary")]
    [InlineData("--b", "fault Missing dash-boundary")]
    [InlineData("--b\r\n\r\nx", "fault Missing close-delimiter")]
    [InlineData("--b\r\n\r\nx\r\n--b", "fault Missing close-delimiter")]
    [InlineData("--b\r\nno header\r\n\r\nx\r\n--b--", "fault Syntax MIME-part-headers")]
    [InlineData("--b\r\n: x\r\n\r\nx\r\n--b--", "fault Syntax MIME-part-headers")]
    [InlineData("--b\r\n folded: x\r\n\r\nx\r\n--b--", "fault Syntax MIME-part-headers")]
    public void A_delimiter_is_a_line_of_its_own(string body, string expected) => Assert.Equal([expected], Run("multipart/mixed;boundary=b", body));

    [Fact]
    public void Parts_before_a_fault_stand() =>
        Assert.Equal(["-|x", "fault Missing close-delimiter"], Run("multipart/mixed;boundary=b", "--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n"));

    [Theory]
    [InlineData("b", "--b", null)]
    [InlineData("\"a b\"", "--a b", null)]
    [InlineData("\"a\\b\"", "--ab", null)]
    [InlineData("\"gc0pJq0M:08jU534c0p=\"", "--gc0pJq0M:08jU534c0p=", null)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789", "--0123456789012345678901234567890123456789012345678901234567890123456789", null)]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234567890", "--0", "fault Limit boundary")]
    [InlineData("\"\"", "--", "fault Syntax boundary")]
    [InlineData("\"a \"", "--a ", "fault Syntax boundary")]
    [InlineData("\"a;b\"", "--a;b", "fault Syntax boundary")]
    [InlineData("a*b", "--a*b", "fault Syntax boundary")]
    public void A_boundary_is_quoted_or_not_and_of_its_characters(string boundary, string delimiter, string? fault) =>
        Assert.Equal([fault ?? "-|x"], Run($"multipart/mixed;boundary={boundary}", $"{delimiter}\r\n\r\nx\r\n{delimiter}--\r\n"));

    [Theory]
    [InlineData("multipart/mixed", "fault Missing boundary")]
    [InlineData("text/plain;boundary=b", "no multipart")]
    public void Without_a_boundary_or_a_multipart_there_are_no_parts(string type, string expected) =>
        Assert.Equal([expected], Run(type, "--b\r\n\r\nx\r\n--b--\r\n"));

    [Fact]
    public void Bare_line_feeds_are_lines_only_where_they_are_tolerated()
    {
        const string Body = "--b\nContent-Type: text/plain\n\nx\n--b--\n";
        Assert.Equal(["text/plain|x"], Run("multipart/mixed;boundary=b", Body));
        Assert.Equal(["fault Missing dash-boundary"], Run("multipart/mixed;boundary=b", Body, Leniency.None));
    }

    [Theory]
    [InlineData("\r\n--")]
    [InlineData("\r\n--b")]
    [InlineData("\r\n--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    [InlineData("\r\n--b\r\n")]
    [InlineData("x: y\r\n")]
    [InlineData("\n")]
    public void Sixty_thousand_octets_of_anything_come_to_an_end(string piece)
    {
        string boundary = new('a', 70);
        Assert.NotEmpty(Run($"multipart/mixed;boundary={boundary}", $"--{boundary}\r\n" + string.Concat(Enumerable.Repeat(piece, 60_000 / piece.Length)) + $"\r\n--{boundary}--"));
        Assert.NotEmpty(Run("multipart/mixed;boundary=b", "--b\r\n" + string.Concat(Enumerable.Repeat(piece, 60_000 / piece.Length))));
    }
}
