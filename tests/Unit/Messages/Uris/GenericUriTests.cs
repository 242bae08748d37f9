// URIs in general: the examples of RFC 3986 §1.1.2, its parts (§3), and comparison by syntax (§6.2.2).
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Uris;
using Xunit;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class GenericUriTests
{
    private static string Part(Slice part, byte[] text) => part.IsPresent ? Octets.ToText(part.In(text)) : "-";

    // Scheme, userinfo, host, port, path, query, fragment; "-" is not there.
    [Theory]
    [InlineData("ftp://ftp.is.co.za/rfc/rfc1808.txt", "ftp|-|ftp.is.co.za|-|/rfc/rfc1808.txt|-|-")]
    [InlineData("http://www.ietf.org/rfc/rfc2396.txt", "http|-|www.ietf.org|-|/rfc/rfc2396.txt|-|-")]
    [InlineData("ldap://[2001:db8::7]/c=GB?objectClass?one", "ldap|-|[2001:db8::7]|-|/c=GB|objectClass?one|-")]
    [InlineData("mailto:John.Doe@example.com", "mailto|-|-|-|John.Doe@example.com|-|-")]
    [InlineData("news:comp.infosystems.www.servers.unix", "news|-|-|-|comp.infosystems.www.servers.unix|-|-")]
    [InlineData("tel:+1-816-555-1212", "tel|-|-|-|+1-816-555-1212|-|-")]
    [InlineData("telnet://192.0.2.16:80/", "telnet|-|192.0.2.16|80|/|-|-")]
    [InlineData("urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
        "urn|-|-|-|oasis:names:specification:docbook:dtd:xml:4.1.2|-|-")]
    [InlineData("foo://example.com:8042/over/there?name=ferret#nose", "foo|-|example.com|8042|/over/there|name=ferret|nose")]
    [InlineData("urn:example:animal:ferret:nose", "urn|-|-|-|example:animal:ferret:nose|-|-")]
    [InlineData("http://u:p%40@h:/?#", "http|u:p%40|h||/||")]
    [InlineData("http://@h", "http||h|-||-|-")]
    [InlineData("file:///etc/hosts", "file|-||-|/etc/hosts|-|-")]
    [InlineData("file:/etc/hosts", "file|-|-|-|/etc/hosts|-|-")]
    [InlineData("a:", "a|-|-|-||-|-")]
    [InlineData("a:?q", "a|-|-|-||q|-")]
    [InlineData("a:/", "a|-|-|-|/|-|-")]
    [InlineData("x+y-z.1://[v7.a:b]//c", "x+y-z.1|-|[v7.a:b]|-|//c|-|-")]
    public void Parts_are_read_and_written(string text, string parts)
    {
        byte[] octets = Octets.Of(text);
        Assert.True(GenericUri.TryParse(octets, out var uri, out var fault), fault.Rule);
        Assert.Equal(parts, Parts(uri, octets));

        var writer = new ByteWriter(new byte[100]);
        uri.Write(ref writer, octets);
        Assert.Equal(text, Octets.ToText(writer.WrittenSpan));
        byte[] written = writer.WrittenSpan.ToArray();
        Assert.True(GenericUri.TryParse(written, out var again, out _));
        Assert.Equal(parts, Parts(again, written));
    }

    private static string Parts(GenericUri uri, byte[] text) => string.Join('|',
        Part(uri.Scheme, text), Part(uri.UserInfo, text), Part(uri.Host, text), Part(uri.Port, text), Part(uri.Path, text),
        Part(uri.Query, text), Part(uri.Fragment, text));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/a")]
    [InlineData("//h")]
    [InlineData("1a:b")]
    [InlineData("a: b")]
    [InlineData("a:%4")]
    [InlineData("a:b#c#d")]
    [InlineData("http://h:8a/")]
    [InlineData("http://[::1/")]
    [InlineData("http://[1::2::3]/")]
    [InlineData("http://a@b@c/")]
    public void What_is_no_uri_is_refused(string text) => Assert.False(GenericUri.TryParse(Octets.Of(text), out _, out _));

    [Theory]
    [InlineData("example://a/b/c/%7Bfoo%7D", "eXAMPLE://a/./b/../b/%63/%7bfoo%7d", true)]
    [InlineData("HTTP://www.EXAMPLE.com/", "http://www.example.com/", true)]
    [InlineData("http://example.com/?", "http://example.com/", false)]
    [InlineData("http://example.com/", "http://example.com/#", false)]
    [InlineData("http://example.com/", "http://example.com:80/", false)]
    [InlineData("http://example.com/a", "http://example.com/A", false)]
    [InlineData("http://example.com/%7Ea", "http://example.com/~a", true)]
    [InlineData("http://example.com/%2Fa", "http://example.com//a", false)]
    [InlineData("http://example.com/%24", "http://example.com/$", false)]
    [InlineData("http://ex%61mple.com/", "http://EXAMPLE.com/", true)]
    [InlineData("http://[::1]/", "http://[0:0::1]/", true)]
    [InlineData("http://U@h/", "http://u@h/", false)]
    [InlineData("http://h/?A", "http://h/?a", false)]
    [InlineData("http://h/?%61", "http://h/?a", true)]
    [InlineData("http://h/#A", "http://h/#a", false)]
    [InlineData("http://h/a", "https://h/a", false)]
    [InlineData("file:///a", "file:/a", false)]
    [InlineData("mailto:a/../b", "mailto:b", false)]
    [InlineData("urn:a:b", "URN:a:b", true)]
    public void Uris_are_compared_by_their_syntax(string left, string right, bool equal)
    {
        byte[] first = Octets.Of(left), second = Octets.Of(right);
        Assert.True(GenericUri.TryParse(first, out var one, out _));
        Assert.True(GenericUri.TryParse(second, out var other, out _));
        Assert.Equal(equal, GenericUriComparison.AreEqual(one, first, other, second));
        Assert.Equal(equal, GenericUriComparison.AreEqual(other, second, one, first));
    }

    private const int Seed = 3986;
    private const int Samples = 5_000;

    [Fact]
    public void Dots_are_removed_as_the_rfc_writes_it_down()
    {
        var random = new Random(Seed);
        string[] segments = ["", ".", "..", "a", "b", "..."];
        int equal = 0;
        for (int i = 0; i < Samples; i++)
        {
            string Path() => string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
                "/" + segments[random.Next(segments.Length)]));
            string left = Path(), right = Path();
            bool expected = WithoutDots(left) == WithoutDots(right);
            equal += expected ? 1 : 0;
            byte[] first = Octets.Of("x://h" + left), second = Octets.Of("x://h" + right);
            Assert.True(GenericUri.TryParse(first, out var one, out _));
            Assert.True(GenericUri.TryParse(second, out var other, out _));
            Assert.True(expected == GenericUriComparison.AreEqual(one, first, other, second), left + " " + right);
            // What is compared is what the algorithm leaves.
            byte[] plain = Octets.Of("x://h" + WithoutDots(left));
            Assert.True(GenericUri.TryParse(plain, out var normal, out _));
            Assert.True(GenericUriComparison.AreEqual(one, first, normal, plain), left);
        }
        Assert.True(equal > Samples / 100);
    }

    // RFC 3986 §5.2.4 step by step, for a path that begins with a slash.
    private static string WithoutDots(string input)
    {
        string output = "";
        while (input.Length > 0)
        {
            if (input.StartsWith("/./"))
                input = input[2..];
            else if (input == "/.")
                input = "/";
            else if (input.StartsWith("/../") || input == "/..")
            {
                input = input == "/.." ? "/" : input[3..];
                int slash = output.LastIndexOf('/');
                output = slash < 0 ? "" : output[..slash];
            }
            else
            {
                int next = input.IndexOf('/', 1);
                next = next < 0 ? input.Length : next;
                output += input[..next];
                input = input[next..];
            }
        }
        return output;
    }
}
