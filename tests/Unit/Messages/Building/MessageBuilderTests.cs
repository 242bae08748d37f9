// Messages that are built, and read again: the same values come out, whatever goes in that may (RFC 3261 §7, §8.2.6).
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Conformance;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Building;

public sealed class MessageBuilderTests
{
    private const string Tokens = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~";

    private static Gen<string> Word(string characters, int max) => Gen.Elements(characters.ToCharArray()).ArrayOf().Where(c => c.Length > 0)
        .Select(c => new string(c, 0, Math.Min(c.Length, max)));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void What_is_built_is_read_again()
    {
        var requests = from method in Gen.OneOf(Gen.Elements("INVITE", "OPTIONS", "REGISTER", "SUBSCRIBE"), Word(Tokens, 20))
                       from user in Word("abcdefghijklmnopqrstuvwxyz0123456789", 30)
                       from tag in Word(Tokens, 40)
                       from callId in Word(Tokens, 60)
                       from sequence in Gen.Choose(0, int.MaxValue)
                       from subject in Gen.Choose(0x20, 0x7E).Select(c => (char)c).ArrayOf()
                       from body in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf()
                       select (method, user, tag, callId, sequence, subject: new string(subject).Trim(), body);
        Prop.ForAll(requests.ToArbitrary(), r =>
        {
            byte[] buffer = new byte[8192];
            var builder = new MessageBuilder(buffer);
            builder.StartRequest(Utf8(r.method), Utf8($"sip:{r.user}@example.com"));
            builder.Header(HeaderName.Via, Utf8("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + r.tag));
            builder.Header(HeaderName.From, Utf8($"<sip:{r.user}@example.com>;tag={r.tag}"));
            builder.Header(HeaderName.To, Utf8($"<sip:{r.user}@example.com>"));
            builder.Header(HeaderName.CallID, Utf8(r.callId));
            builder.CSeq((uint)r.sequence, Utf8(r.method));
            builder.Header(HeaderName.MaxForwards, 70);
            builder.Header(HeaderName.Subject, Utf8(r.subject));
            if (r.body.Length == 0)
                builder.Finish();
            else
                builder.Finish("application/octet-stream"u8, r.body);
            Assert.True(builder.IsValid);
            Assert.Empty(Verdict.On(builder.Written, Leniency.None, Framing.Stream).Faults);

            var index = new MessageIndex();
            Assert.True(SipMessage.TryRead(builder.Written, Framing.Stream, ref index, out var message, out _));
            Assert.Equal(r.method, Encoding.UTF8.GetString(message.Request.MethodName.In(message.Text)));
            Assert.Equal(r.user, Encoding.UTF8.GetString(message.Request.Uri.User.In(message.Text)));
            Assert.True(RoutingView.TryRead(message, out var view, out _));
            Assert.Equal(r.tag, Encoding.UTF8.GetString(view.FromTag.In(message.Text)));
            Assert.False(view.ToTag.IsPresent);
            Assert.Equal(r.callId, Encoding.UTF8.GetString(view.CallId.In(message.Text)));
            Assert.Equal((uint)r.sequence, view.CSeq.Sequence);
            Assert.Equal(r.subject, Encoding.UTF8.GetString(message.ValueOf(message.FirstLineOf(HeaderName.Subject)).In(message.Text)));
            Assert.Equal(r.body, message.Body.ToArray());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20261120, 43));
    }

    private static string Unfolded(in SipMessage message, int line) => System.Text.RegularExpressions.Regex.Replace(
        Encoding.Latin1.GetString(message.ValueOf(line).In(message.Text)), "[ \t]*\r\n[ \t]+", " ");

    public static TheoryData<string> Readable() => MessageVectors.Ids(MessageVectors.All.Where(v =>
    {
        var index = new MessageIndex();
        return SipMessage.TryRead(v.Read(), Framing.Datagram, ref index, out _, out _);
    }));

    [Theory]
    [MemberData(nameof(Readable))]
    public void A_copy_keeps_every_header_and_the_body(string id)
    {
        byte[] text = MessageVectors.Get(id).Read();
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out _));
        var builder = new MessageBuilder(new byte[65536]);
        if (message.IsRequest)
            builder.StartRequest(message.Request.MethodName.In(text), message.Request.Uri.Extent.In(text));
        else
            builder.StartResponse(message.Status.StatusCode, message.Status.ReasonPhrase.In(text));
        for (int line = 0; line < message.HeaderLines.Length; line++)
        {
            if (message.HeaderLines[line].Name is not (HeaderName.ContentLength or HeaderName.ContentType))
                builder.CopyLine(message, line);
        }
        int type = message.FirstLineOf(HeaderName.ContentType);
        if (type < 0)
            builder.Finish();
        else
            builder.Finish(Encoding.Latin1.GetBytes(Unfolded(message, type)), message.Body);
        Assert.True(builder.IsValid, $"{builder.Fault.Kind} {builder.Fault.Rule} at {builder.Fault.Offset}");

        var copyIndex = new MessageIndex();
        Assert.True(SipMessage.TryRead(builder.Written, Framing.Stream, ref copyIndex, out var copy, out _));
        Assert.Equal(Headers(message), Headers(copy));
        if (type >= 0)
            Assert.Equal(message.Body.ToArray(), copy.Body.ToArray());
    }

    // Every header but the length and the type of the body, in order.
    private static List<string> Headers(in SipMessage message)
    {
        var headers = new List<string>();
        for (int line = 0; line < message.HeaderLines.Length; line++)
        {
            if (message.HeaderLines[line].Name is not (HeaderName.ContentLength or HeaderName.ContentType))
                headers.Add(Encoding.Latin1.GetString(message.NameOf(line).In(message.Text)) + ":" + Unfolded(message, line));
        }
        return headers;
    }

    [Fact]
    public void A_header_is_written_from_its_record_in_canonical_spelling()
    {
        byte[] text = MessageVectors.Torture("wsinv");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out _));
        var builder = new MessageBuilder(new byte[4096]);
        foreach (var via in message.All<Via>())
            builder.Header(via, message.Text);
        foreach (var contact in message.All<Contact>())
            builder.Header(contact, message.Text);
        Assert.True(message.TryGet<CSeq>(out var cseq, out _));
        builder.Header(cseq, message.Text);
        Assert.True(builder.IsValid);
        Assert.Equal(
            "Via: SIP/2.0/UDP 192.0.2.2;branch=390skdjuw\r\nVia: SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8\r\n"
            + "Via: SIP/2.0/UDP 192.168.255.111;branch=z9hG4bK30239\r\n"
            + "Contact: \"Quoted string \\\"\\\"\" <sip:jdrosen@example.com>;newparam=newvalue;secondparam;q=0.33\r\nCSeq: 9 INVITE\r\n",
            Encoding.UTF8.GetString(builder.Written));
    }

    [Fact] // RFC 3261 §8.2.6.2
    public void A_response_takes_every_via_and_the_rest_once()
    {
        byte[] text = MessageVectors.Torture("transports");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        var builder = new MessageBuilder(new byte[4096]);
        builder.StartResponse(200);
        builder.CopyForResponse(request, "door1"u8);
        builder.Finish();
        Assert.Equal(
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw\r\nVia: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\r\n"
            + "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj\r\nVia: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\r\n"
            + "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee\r\nFrom: <sip:caller@example.com>;tag=323\r\nTo: sip:user@example.com;tag=door1\r\n"
            + "Call-ID: transports.kijh4akdnaqjkwendsasfdj\r\nCSeq: 60 OPTIONS\r\nContent-Length: 0\r\n\r\n",
            Encoding.UTF8.GetString(builder.Written));
    }

    [Theory]
    [InlineData("Subject: a b", "Subject: a b")]
    [InlineData("s:x", "s: x")]
    [InlineData("Subject  :  a b", "Subject: a b")]
    [InlineData("Subject\t: a", "Subject: a")]
    [InlineData("Subject: a \t", "Subject: a")]
    [InlineData("Subject:", "Subject: ")]
    [InlineData("Subject: ", "Subject: ")]
    [InlineData("Subject:\r\n a", "Subject: a")]
    [InlineData("Subject: a\r\n \r\n b", "Subject: a  b")]
    [InlineData("X-A-Name-Of-More-Than-16: a", "X-A-Name-Of-More-Than-16: a")]
    public void A_line_is_copied_with_one_colon_and_one_blank(string line, string copy)
    {
        byte[] text = Utf8($"OPTIONS sip:a@b SIP/2.0\r\n{line}\r\nContent-Length: 0\r\n\r\n");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out var fault), fault.Rule);
        var builder = new MessageBuilder(new byte[1024]);
        builder.CopyLine(message, 0);
        Assert.True(builder.IsValid);
        Assert.Equal(copy + "\r\n", Encoding.UTF8.GetString(builder.Written));
    }

    [Fact]
    public void A_header_without_a_name_is_refused()
    {
        Refused(FaultKind.Syntax, "header-name", b => b.Header(HeaderName.Other, Utf8("x")));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(9UL)]
    [InlineData(10UL)]
    [InlineData(99UL)]
    [InlineData(100UL)]
    [InlineData(5060UL)]
    [InlineData(999_999_999_999_999_999UL)]
    [InlineData(1_000_000_000_000_000_000UL)]
    [InlineData(9_999_999_999_999_999_999UL)]
    [InlineData(10_000_000_000_000_000_000UL)]
    [InlineData(ulong.MaxValue)]
    public void A_number_is_written_in_as_many_digits_as_it_has_or_not_at_all(ulong value)
    {
        string digits = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        for (int size = 0; size <= digits.Length; size++)
        {
            var writer = new ByteWriter(new byte[size]);
            writer.Write(value);
            Assert.Equal(size < digits.Length, writer.Overflowed);
            Assert.Equal(size < digits.Length ? "" : digits, Encoding.ASCII.GetString(writer.WrittenSpan));
        }
    }

    [Fact]
    public void A_tag_that_is_there_stays()
    {
        var index = new MessageIndex();
        byte[] text = MessageVectors.Read("rfc5118/dat/via-received-param-with-delim.dat");
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        var builder = new MessageBuilder(new byte[4096]);
        builder.CopyTo(request, "door1"u8);
        Assert.Equal("To: sip:user@example.com;tag=bd76ya\r\n", Encoding.UTF8.GetString(builder.Written));
    }

    [Theory]
    [InlineData("a\r\nEvil: 1")]
    [InlineData("a\nEvil: 1")]
    [InlineData("a\rEvil: 1")]
    [InlineData("a\0b")]
    [InlineData("a\r\n folded")]
    public void A_line_end_in_a_value_is_refused_and_nothing_follows(string value)
    {
        Refused(FaultKind.Syntax, "header-value", b => b.Header(HeaderName.Subject, Utf8(value)));
        Refused(FaultKind.Syntax, "header-value", b => b.Header("X-Own"u8, Utf8(value)));
        Refused(FaultKind.Syntax, "header-name", b => b.Header(Utf8(value), "x"u8));
        Refused(FaultKind.Syntax, "Reason-Phrase", b => b.StartResponse(200, Utf8(value)));
        Refused(FaultKind.Syntax, "Request-URI", b => b.StartRequest(Method.Invite, Utf8("sip:" + value)));
        Refused(FaultKind.Syntax, "Method", b => b.StartRequest(Utf8(value), "sip:a@b"u8));
        Refused(FaultKind.Syntax, "Method", b => b.CSeq(1, Utf8(value)));
        Refused(FaultKind.Syntax, "header-value", b => b.Finish(Utf8(value), "x"u8));
    }

    private delegate void Build(ref MessageBuilder builder);

    private sealed class Script
    {
        public List<Build> Steps { get; } = [];

        public void Header(HeaderName name, byte[] value) => Steps.Add((ref MessageBuilder b) => b.Header(name, value));

        public void Header(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            byte[] n = name.ToArray(), v = value.ToArray();
            Steps.Add((ref MessageBuilder b) => b.Header(n, v));
        }

        public void StartResponse(int status, byte[] phrase) => Steps.Add((ref MessageBuilder b) => b.StartResponse(status, phrase));

        public void StartRequest(Method method, byte[] uri) => Steps.Add((ref MessageBuilder b) => b.StartRequest(method, uri));

        public void StartRequest(byte[] method, ReadOnlySpan<byte> uri)
        {
            byte[] u = uri.ToArray();
            Steps.Add((ref MessageBuilder b) => b.StartRequest(method, u));
        }

        public void CSeq(uint sequence, byte[] method) => Steps.Add((ref MessageBuilder b) => b.CSeq(sequence, method));

        public void Finish(byte[] type, ReadOnlySpan<byte> body)
        {
            byte[] content = body.ToArray();
            Steps.Add((ref MessageBuilder b) => b.Finish(type, content));
        }
    }

    private static void Refused(FaultKind kind, string rule, Action<Script> step)
    {
        var script = new Script();
        step(script);
        var builder = new MessageBuilder(new byte[1024]);
        foreach (var build in script.Steps)
            build(ref builder);
        builder.Header(HeaderName.Subject, "later"u8);
        Assert.Equal((kind, rule), (builder.Fault.Kind, builder.Fault.Rule));
        Assert.False(builder.IsValid);
        Assert.Equal("", Encoding.UTF8.GetString(builder.Written));
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Refused(FaultKind.Range, "Status-Code", b => b.StartResponse(99, []));
        Refused(FaultKind.Range, "Status-Code", b => b.StartResponse(700, []));
        Refused(FaultKind.Range, "CSeq", b => b.CSeq(0x80000000, "INVITE"u8.ToArray()));
    }

    [Fact] // see note [nothing is injected]
    public void A_received_value_is_unfolded_and_its_stray_carriage_return_refused()
    {
        var index = new MessageIndex();
        byte[] folded = Utf8("OPTIONS sip:a@b SIP/2.0\r\nX-A: one\r\n \t two\r\n\tthree\r\nX-B: a\rEvil: 1\r\nContent-Length: 0\r\n\r\n");
        Assert.True(SipMessage.TryRead(folded, Framing.Datagram, ref index, out var message, out _));
        var builder = new MessageBuilder(new byte[1024]);
        builder.CopyLine(message, 0);
        Assert.Equal("X-A: one two three\r\n", Encoding.UTF8.GetString(builder.Written));
        Assert.True(builder.IsValid);
        builder.CopyLine(message, 1);
        Assert.Equal(FaultKind.Syntax, builder.Fault.Kind);
    }

    [Fact]
    public void A_buffer_of_any_size_is_enough_or_overflows()
    {
        byte[] text = MessageVectors.Torture("wsinv");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        int needed = 0;
        for (int size = 2048; size >= 0; size--)
        {
            byte[] buffer = new byte[size + 16];
            Array.Fill(buffer, (byte)0xEE);
            var builder = new MessageBuilder(buffer.AsSpan(0, size));
            Assert.True(Refusal.Write(486, request, "t"u8, ref builder));
            if (size == 2048)
                needed = builder.Written.Length;
            Assert.Equal(size >= needed, builder.IsValid);
            Assert.Equal(size < needed, builder.Overflowed);
            Assert.All(buffer[size..], b => Assert.Equal(0xEE, b));
        }
    }

    [Theory]
    [InlineData(0, "    0")]
    [InlineData(7, "    7")]
    [InlineData(10, "   10")]
    [InlineData(12345, "12345")]
    public void A_body_written_in_place_gets_its_length(int octets, string digits)
    {
        var builder = new MessageBuilder(new byte[20_000]);
        builder.StartRequest(Method.Message, "sip:a@b"u8);
        ref var body = ref builder.BeginBody("text/plain"u8);
        for (int i = 0; i < octets; i++)
            body.Write((byte)'x');
        builder.EndBody();
        Assert.True(builder.IsValid);
        Assert.Contains($"\r\nContent-Length: {digits}\r\n\r\n", Encoding.UTF8.GetString(builder.Written), StringComparison.Ordinal);
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(builder.Written, Framing.Stream, ref index, out var message, out var fault), fault.Rule);
        Assert.Equal(octets, message.Body.Length);
    }

    [Fact]
    public void A_message_that_no_slice_can_address_is_refused()
    {
        var builder = new MessageBuilder(new byte[80_000]);
        builder.StartRequest(Method.Message, "sip:a@b"u8);
        builder.Finish("text/plain"u8, new byte[Slice.MaxTextLength]);
        Assert.Equal(FaultKind.Limit, builder.Fault.Kind);
    }
}
