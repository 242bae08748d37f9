// What RFC 4475 and RFC 5118 say about the inside of their messages.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Conformance;

public sealed class TortureDetailTests
{
    private static SipMessage Read(byte[] text, ref MessageIndex index)
    {
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out var fault), $"{fault.Kind} {fault.Rule} at {fault.Offset}");
        return message;
    }

    private static SipMessage Torture(string name, ref MessageIndex index) => Read(MessageVectors.Torture(name), ref index);

    private static string TextOf(in SipMessage message, Slice slice) => Encoding.UTF8.GetString(slice.In(message.Text));

    private static T Get<T>(in SipMessage message)
        where T : struct, IHeader<T>
    {
        Assert.True(message.TryGet<T>(out var value, out var fault), $"{fault.Kind} {fault.Rule} at {fault.Offset}");
        return value;
    }

    [Fact] // §3.1.1.1
    public void Wsinv_has_two_values_of_contact_and_three_vias_across_folds()
    {
        var index = new MessageIndex();
        var message = Torture("wsinv", ref index);
        Assert.Equal("1918181833n", TextOf(message, Get<To>(message).Tag));
        Assert.Equal("98asjd8", TextOf(message, Get<From>(message).Tag));
        Assert.Equal(@"""J Rosenberg \\\""""", TextOf(message, Get<From>(message).DisplayName));
        Assert.Equal(68, Get<MaxForwards>(message).Hops);
        Assert.Equal((9u, Method.Invite), (Get<CSeq>(message).Sequence, Get<CSeq>(message).Method));
        var hosts = new List<string>();
        foreach (var via in message.All<Via>())
            hosts.Add(TextOf(message, via.Host) + " " + TextOf(message, via.Branch));
        Assert.Equal(["192.0.2.2 390skdjuw", "spindle.example.com z9hG4bK9ikj8", "192.168.255.111 z9hG4bK30239"], hosts);
        Assert.Equal((ushort)330, Get<Contact>(message).Preference);
        Assert.True(message.FirstLineOf("UnknownHeaderWithUnusualValue"u8) > 0);
        Assert.Equal(150, message.Body.Length);
    }

    [Fact] // §3.1.1.2
    public void Intmeth_keeps_its_method_and_the_nul_in_its_display_name()
    {
        var index = new MessageIndex();
        var message = Torture("intmeth", ref index);
        Assert.Equal("!interesting-Method0123456789_*+`.%indeed'~", TextOf(message, message.Request.MethodName));
        Assert.Equal(Method.Other, message.Request.Method);
        Assert.Equal("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", TextOf(message, message.Request.Uri.User));
        Assert.Equal("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", TextOf(message, message.Request.Uri.Password));
        Assert.Equal("\"BEL:\\\x07 NUL:\\\0 DEL:\\\x7F\"", TextOf(message, Get<To>(message).DisplayName));
        Assert.Equal("token1~` token2'+_ token3*%!.-", TextOf(message, Get<From>(message).DisplayName));
        Assert.Equal("_token~1'+`*%!-.", TextOf(message, Get<From>(message).Tag));
        Assert.Equal("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", TextOf(message, Get<CallId>(message).Value));
        Assert.Equal(255, Get<MaxForwards>(message).Hops);
    }

    [Fact] // §3.1.1.3
    public void Esc01_keeps_escapes_as_they_are_written()
    {
        var index = new MessageIndex();
        var message = Torture("esc01", ref index);
        Assert.Equal("sips%3Auser%40example.com", TextOf(message, message.Request.Uri.User));
        Assert.Equal("example.net", TextOf(message, message.Request.Uri.Host));
        var contact = Get<Contact>(message);
        Assert.Equal("cal%6Cer", TextOf(message, contact.Uri.User));
        Assert.Equal(";%6C%72;n%61me=v%61lue%25%34%31", TextOf(message, contact.Uri.Parameters));
    }

    [Fact] // §3.1.1.4
    public void Escnull_is_not_cut_short_at_a_nul()
    {
        var index = new MessageIndex();
        var message = Torture("escnull", ref index);
        Assert.Equal("null-%00-null", TextOf(message, Get<To>(message).Uri.User));
        var users = new List<string>();
        foreach (var contact in message.All<Contact>())
            users.Add(TextOf(message, contact.Uri.User));
        Assert.Equal(["%00", "%00%00"], users);
    }

    [Fact] // §3.1.1.5
    public void Esc02_takes_no_escape_where_there_is_none()
    {
        var index = new MessageIndex();
        var message = Torture("esc02", ref index);
        Assert.Equal("RE%47IST%45R", TextOf(message, message.Request.MethodName));
        Assert.Equal(Method.Other, message.Request.Method);
        var users = new List<string>();
        foreach (var contact in message.All<Contact>())
            users.Add(TextOf(message, contact.Uri.User));
        Assert.Equal(["alias1", "alias3"], users);
        Assert.True(message.FirstLineOf("C%6Fntact"u8) > 0);
    }

    [Fact] // §3.1.1.7
    public void Longreq_has_34_vias_in_order()
    {
        var index = new MessageIndex();
        var message = Torture("longreq", ref index);
        var hosts = new List<string>();
        foreach (var via in message.All<Via>())
            hosts.Add(TextOf(message, via.Host));
        Assert.Equal([.. Enumerable.Range(1, 33).Reverse().Select(i => $"sip{i}.example.com"), "host.example.com"], hosts);
        Assert.Equal((ushort)6000, Get<To>(message).Uri.Port);
    }

    [Fact] // §3.1.1.8
    public void Dblreq_ends_where_content_length_says()
    {
        byte[] text = MessageVectors.Torture("dblreq");
        var index = new MessageIndex();
        var message = Read(text, ref index);
        Assert.Equal(Method.Register, message.Request.Method);
        Assert.Empty(message.Body.ToArray());
        Assert.StartsWith("\r\nINVITE sip:joe@example.com SIP/2.0\r\n", Encoding.UTF8.GetString(text[message.Text.Length..]), StringComparison.Ordinal);
    }

    [Fact] // §3.1.1.9
    public void Semiuri_has_its_semicolon_in_the_user_part()
    {
        var index = new MessageIndex();
        var message = Torture("semiuri", ref index);
        Assert.Equal("user;par=u%40example.net", TextOf(message, message.Request.Uri.User));
        Assert.Equal("example.com", TextOf(message, message.Request.Uri.Host));
        Assert.False(message.Request.Uri.Parameters.IsPresent);
        int types = 0;
        foreach (var _ in message.All<Accept>())
            types++;
        Assert.Equal(6, types);
    }

    [Fact] // §3.1.1.10
    public void Transports_that_are_unknown_are_read()
    {
        var index = new MessageIndex();
        var message = Torture("transports", ref index);
        var transports = new List<string>();
        foreach (var via in message.All<Via>())
            transports.Add(TextOf(message, via.Transport));
        Assert.Equal(["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"], transports);
    }

    [Theory] // §3.1.1.12, §3.1.1.13
    [InlineData("unreason", 200, "= 2**3 * 5**2 но сто девяносто девять - простое")]
    [InlineData("noreason", 100, "")]
    public void Reason_phrases_may_be_unusual_or_empty(string name, int status, string phrase)
    {
        var index = new MessageIndex();
        var message = Torture(name, ref index);
        Assert.False(message.IsRequest);
        Assert.Equal(status, message.Status.StatusCode);
        Assert.Equal(phrase, TextOf(message, message.Status.ReasonPhrase));
    }

    [Theory] // §3.3.2 to §3.3.4
    [InlineData("unkscm", "nobodyKnowsThisScheme")]
    [InlineData("novelsc", "soap.beep")]
    public void A_scheme_that_is_unknown_is_read(string name, string scheme)
    {
        var index = new MessageIndex();
        var message = Torture(name, ref index);
        Assert.Equal(SipEmbedded.Messages.SipUriKind.Absolute, message.Request.Uri.Kind);
        Assert.Equal(scheme, TextOf(message, message.Request.Uri.Scheme));
    }

    [Fact] // §3.3.5
    public void Bext01_lists_what_it_requires()
    {
        var index = new MessageIndex();
        var message = Torture("bext01", ref index);
        var tags = new List<string>();
        foreach (var require in message.All<Require>())
            tags.Add(TextOf(message, require.OptionTag));
        Assert.Equal(["nothingSupportsThis", "nothingSupportsThisEither"], tags);
    }

    [Fact] // §3.3.12, §3.3.13
    public void A_parameter_belongs_to_the_header_or_to_the_uri_by_the_angle_brackets()
    {
        var index = new MessageIndex();
        var message = Torture("cparam01", ref index);
        var ofHeader = Get<Contact>(message);
        Assert.Equal(";unknownparam", TextOf(message, ofHeader.Parameters));
        Assert.False(ofHeader.Uri.Parameters.IsPresent);
        message = Torture("cparam02", ref index);
        var ofUri = Get<Contact>(message);
        Assert.False(ofUri.Parameters.IsPresent);
        Assert.Equal(";unknownparam", TextOf(message, ofUri.Uri.Parameters));
    }

    [Fact] // §3.4.1
    public void Inv2543_has_no_tag_no_branch_and_a_body_to_the_end()
    {
        var index = new MessageIndex();
        var message = Torture("inv2543", ref index);
        Assert.False(Get<From>(message).Tag.IsPresent);
        Assert.False(Get<Via>(message).Branch.IsPresent);
        Assert.StartsWith("v=0", Encoding.UTF8.GetString(message.Body), StringComparison.Ordinal);
    }

    [Fact] // RFC 5118 §4.3, §4.4
    public void A_port_is_behind_the_brackets_or_there_is_none()
    {
        var index = new MessageIndex();
        var message = Read(MessageVectors.Read("rfc5118/dat/port-ambiguous.dat"), ref index);
        Assert.Equal("[2001:db8::10:5070]", TextOf(message, message.Request.Uri.Host));
        Assert.Null(message.Request.Uri.Port);
        message = Read(MessageVectors.Read("rfc5118/dat/port-unambiguous.dat"), ref index);
        Assert.Equal("[2001:db8::10]", TextOf(message, message.Request.Uri.Host));
        Assert.Equal((ushort)5070, message.Request.Uri.Port);
    }

    [Theory] // RFC 5118 §4.5
    [InlineData("with-delim", "[2001:db8::9:255]")]
    [InlineData("no-delim", "2001:db8::9:255")]
    public void Received_may_have_brackets(string name, string received)
    {
        var index = new MessageIndex();
        var message = Read(MessageVectors.Read($"rfc5118/dat/via-received-param-{name}.dat"), ref index);
        Assert.Equal(received, TextOf(message, Get<Via>(message).Received));
    }
}
