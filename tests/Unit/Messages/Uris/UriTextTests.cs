// Escapes: RFC 3261 §19.1.2, and the URIs of RFC 4475 §3.1.1.3 (esc01), §3.1.1.4 (escnull) and §3.1.1.9 (semiuri).
using SipEmbedded.Messages;
using SipEmbedded.Text;
using Xunit;
using SipUriKind = SipEmbedded.Messages.SipUriKind;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class UriTextTests
{
    private static string Unescaped(ReadOnlySpan<byte> text)
    {
        byte[] buffer = new byte[text.Length];
        Assert.True(UriText.TryUnescape(text, buffer, out int length));
        return Octets.ToText(buffer.AsSpan(0, length));
    }

    private static string Escaped(string octets, UriPart part)
    {
        var writer = new ByteWriter(new byte[3 * octets.Length + 1]);
        UriText.Escape(ref writer, Octets.Of(octets), part);
        Assert.False(writer.Overflowed);
        return Octets.ToText(writer.WrittenSpan);
    }

    private static SipUri Parsed(byte[] text)
    {
        Assert.True(SipUri.TryParse(text, out var uri, out var fault), fault.Rule);
        return uri;
    }

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("", "")]
    [InlineData("%61%6c%6Ce", "alle")]
    [InlineData("v%61lue%25%34%31", "value%41")]
    [InlineData("%2541", "%41")]
    [InlineData("null-%00-null", "null-\0-null")]
    [InlineData("%FF", "\u00FF")]
    [InlineData("100%", "100%")]
    [InlineData("%4", "%4")]
    [InlineData("%4G%41", "%4GA")]
    public void Text_is_unescaped_once(string text, string octets)
    {
        Assert.Equal(octets, Unescaped(Octets.Of(text)));
        Assert.True(UriText.UnescapesTo(Octets.Of(text), Octets.Of(octets)));
        Assert.False(UriText.UnescapesTo(Octets.Of(text), Octets.Of(octets + "x")));
        Assert.False(UriText.UnescapesTo(Octets.Of(text + "x"), Octets.Of(octets)));
    }

    [Fact]
    public void A_buffer_that_is_too_small_by_one_octet_is_refused()
    {
        Assert.False(UriText.TryUnescape("ab%63"u8, new byte[2], out _));
        Assert.False(UriText.TryUnescape("abc"u8, new byte[2], out _));
        Assert.True(UriText.TryUnescape("ab%63"u8, new byte[3], out int length));
        Assert.Equal(3, length);
    }

    [Fact]
    public void Case_is_ignored_where_asked()
    {
        Assert.True(UriText.UnescapesTo("%4C%72"u8, "lR"u8, ignoreCase: true));
        Assert.False(UriText.UnescapesTo("%4C%72"u8, "lr"u8));
        // Only letters have case: "@" and "`" differ in the same bit.
        Assert.False(UriText.UnescapesTo("%40"u8, "`"u8, ignoreCase: true));
    }

    [Theory]
    [InlineData("j@s0n", UriPart.User, "j%40s0n")]
    [InlineData("I have spaces", UriPart.User, "I%20have%20spaces")]
    [InlineData("a;b?c/d&e=f+g$h,i", UriPart.User, "a;b?c/d&e=f+g$h,i")]
    [InlineData("a:b#c%d", UriPart.User, "a%3Ab%23c%25d")]
    [InlineData("a;b?c/d&e=f+g$h,i", UriPart.Password, "a%3Bb%3Fc%2Fd&e=f+g$h,i")]
    [InlineData("[a]/b:c&d+e$f=g;h?i@j,k", UriPart.Parameter, "[a]/b:c&d+e$f%3Dg%3Bh%3Fi%40j%2Ck")]
    [InlineData("[a]/b?c:d+e$f&g=h;i@j,k", UriPart.Header, "[a]/b?c:d+e$f%26g%3Dh%3Bi%40j%2Ck")]
    [InlineData("\0\r\n\u00E9", UriPart.Header, "%00%0D%0A%E9")]
    public void What_may_not_stand_in_a_part_is_escaped(string octets, UriPart part, string text)
    {
        Assert.Equal(text, Escaped(octets, part));
        Assert.Equal(octets, Unescaped(Octets.Of(text)));
    }

    [Fact]
    public void Every_octet_survives_in_every_part_of_a_uri()
    {
        string all = string.Concat(Enumerable.Range(0, 256).Select(i => (char)i));
        byte[] text = Octets.Of($"sip:{Escaped(all, UriPart.User)}:{Escaped(all, UriPart.Password)}@h.example"
            + $";{Escaped(all, UriPart.Parameter)}={Escaped(all, UriPart.Parameter)}"
            + $"?{Escaped(all, UriPart.Header)}={Escaped(all, UriPart.Header)}");
        var uri = Parsed(text);
        Assert.Equal(all, Unescaped(uri.User.In(text)));
        Assert.Equal(all, Unescaped(uri.Password.In(text)));
        var parameters = UriParameters.Of(uri, text).GetEnumerator();
        Assert.True(parameters.MoveNext());
        Assert.Equal(all, Unescaped(parameters.Current.Name.In(text)));
        Assert.Equal(all, Unescaped(parameters.Current.Value.In(text)));
        Assert.False(parameters.MoveNext());
        var headers = UriHeaders.Of(uri, text).GetEnumerator();
        Assert.True(headers.MoveNext());
        Assert.Equal(all, Unescaped(headers.Current.Name.In(text)));
        Assert.Equal(all, Unescaped(headers.Current.Value.In(text)));
        Assert.False(headers.MoveNext());
    }

    [Fact]
    public void No_octet_that_may_stand_unescaped_is_escaped()
    {
        // An octet that is escaped although the grammar would take it makes the user part longer than it must be.
        for (int octet = 0; octet < 256; octet++)
        {
            string alone = ((char)octet).ToString();
            bool stands = SipUri.TryParse(Octets.Of($"sip:{alone}@h.example"), out var uri, out _) && uri.User.Length == 1;
            Assert.Equal(stands, Escaped(alone, UriPart.User).Length == 1);
        }
    }

    [Fact]
    public void An_escape_that_does_not_fit_overflows()
    {
        var writer = new ByteWriter(new byte[3]);
        UriText.Escape(ref writer, "a@"u8, UriPart.User);
        Assert.True(writer.Overflowed);
    }

    [Fact]
    public void Esc01_request_uri_has_a_sips_uri_as_its_user()
    {
        byte[] text = Octets.Of("sip:sips%3Auser%40example.com@example.net");
        var uri = Parsed(text);
        Assert.Equal(SipUriKind.Sip, uri.Kind);
        Assert.Equal("sips:user@example.com", Unescaped(uri.User.In(text)));
        Assert.Equal("example.net", Octets.ToText(uri.Host.In(text)));
    }

    [Fact]
    public void Esc01_to_and_from_are_the_users_they_spell()
    {
        Assert.True(UriComparison.AreEqual("sip:%75se%72@example.com"u8, "sip:user@example.com"u8));
        byte[] text = Octets.Of("sip:I%20have%20spaces@example.net");
        Assert.Equal("I have spaces", Unescaped(Parsed(text).User.In(text)));
    }

    [Fact]
    public void Esc01_contact_has_lr_and_name_in_escapes()
    {
        byte[] text = Octets.Of("sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31");
        var uri = Parsed(text);
        Assert.Equal("caller", Unescaped(uri.User.In(text)));
        Assert.True(UriParameters.Of(uri, text).TryFind("lr"u8, out var lr));
        Assert.False(lr.Value.IsPresent);
        Assert.True(UriParameters.Of(uri, text).TryFind("Name"u8, out var name));
        Assert.Equal("value%41", Unescaped(name.Value.In(text)));
        Assert.False(UriParameters.Of(uri, text).TryFind("transport"u8, out _));
    }

    [Fact]
    public void Escnull_keeps_each_zero_octet()
    {
        byte[] to = Octets.Of("sip:null-%00-null@example.com"), one = Octets.Of("sip:%00@host5.example.com"),
            two = Octets.Of("sip:%00%00@host5.example.com");
        Assert.Equal("null-\0-null", Unescaped(Parsed(to).User.In(to)));
        Assert.Equal("\0", Unescaped(Parsed(one).User.In(one)));
        Assert.Equal("\0\0", Unescaped(Parsed(two).User.In(two)));
        Assert.False(UriComparison.AreEqual(one, two));
    }

    [Fact]
    public void Semiuri_keeps_the_semicolon_in_the_user()
    {
        byte[] text = Octets.Of("sip:user;par=u%40example.net@example.com");
        var uri = Parsed(text);
        Assert.Equal("user;par=u@example.net", Unescaped(uri.User.In(text)));
        Assert.False(uri.Parameters.IsPresent);
        Assert.False(UriParameters.Of(uri, text).GetEnumerator().MoveNext());
    }
}
