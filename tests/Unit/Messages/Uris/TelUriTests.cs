// tel URIs: RFC 3966 §3 (syntax), §4 (comparison), §6 (examples).
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Uris;
using Xunit;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class TelUriTests
{
    [Theory]
    [InlineData("tel:+1-201-555-0123", TelephoneNumberKind.Global, "+1-201-555-0123", "")]
    [InlineData("tel:7042;phone-context=example.com", TelephoneNumberKind.Local, "7042", ";phone-context=example.com")]
    [InlineData("tel:863-1234;phone-context=+1-914-555", TelephoneNumberKind.Local, "863-1234", ";phone-context=+1-914-555")]
    [InlineData("tel:+358-555-1234567;postd=pp22", TelephoneNumberKind.Global, "+358-555-1234567", ";postd=pp22")]
    [InlineData("tel:+358-555-1234567;isub=1411;postd=pp22", TelephoneNumberKind.Global, "+358-555-1234567",
        ";isub=1411;postd=pp22")]
    [InlineData("tel:*21#;ext=5;phone-context=h.example;m-x=%41", TelephoneNumberKind.Local, "*21#",
        ";ext=5;phone-context=h.example;m-x=%41")]
    [InlineData("TEL:+(1)", TelephoneNumberKind.Global, "+(1)", "")]
    public void A_number_and_its_parameters_are_read_and_written(string text, TelephoneNumberKind kind, string number,
        string parameters)
    {
        byte[] octets = Octets.Of(text);
        Assert.True(TelUri.TryParse(octets, out var uri, out var fault), fault.Rule);
        Assert.Equal(kind, uri.Kind);
        Assert.Equal(number, Octets.ToText(uri.Number.In(octets)));
        Assert.Equal(parameters, Octets.ToText(uri.Parameters.In(octets)));

        var writer = new ByteWriter(new byte[100]);
        uri.Write(ref writer, octets);
        Assert.Equal("tel:" + text[4..], Octets.ToText(writer.WrittenSpan));
        Assert.True(TelUri.TryParse(writer.WrittenSpan, out var again, out _));
        Assert.Equal(uri.Kind, again.Kind);
        Assert.Equal(uri.Number, again.Number);
        Assert.Equal(uri.Parameters, again.Parameters);
    }

    [Theory]
    [InlineData("tel:")]
    [InlineData("tel:+")]
    [InlineData("tel:+-.()")]
    [InlineData("tel:7042")]
    [InlineData("tel:7042;ext=1")]
    [InlineData("tel:7042;phone-context=")]
    [InlineData("tel:+1-201 555")]
    [InlineData("tel:+1;")]
    [InlineData("tel:+1;a=")]
    [InlineData("tel:+1a")]
    [InlineData("sip:+1")]
    public void What_is_no_tel_uri_is_refused(string text) => Assert.False(TelUri.TryParse(Octets.Of(text), out _, out _));

    [Fact]
    public void The_context_stands_anywhere_among_the_parameters()
    {
        byte[] text = Octets.Of("tel:7042;a=1;Phone-Context=example.com;b");
        Assert.True(TelUri.TryParse(text, out var uri, out _));
        Assert.True(ParameterList.Of(uri.Parameters, text).TryFind("phone-context"u8, out var context));
        Assert.Equal("example.com", Octets.ToText(context.Value.In(text)));
    }

    [Theory]
    [InlineData("tel:+1-201-555-0123", "tel:+12015550123", true)]
    [InlineData("tel:+1-201-555-0123", "tel:+1.(201).555.0123", true)]
    [InlineData("tel:+1-201-555-0123", "tel:+1-201-555-0124", false)]
    [InlineData("tel:+1-201-555-0123", "tel:+1-201-555-01230", false)]
    [InlineData("tel:+1201", "tel:1201;phone-context=example.com", false)]
    [InlineData("tel:70aF;phone-context=example.com", "tel:7-0-A-f;phone-context=EXAMPLE.com", true)]
    [InlineData("tel:7042;phone-context=example.com", "tel:7042;phone-context=example.org", false)]
    [InlineData("tel:7042;phone-context=+1-914-555", "tel:7042;phone-context=+1914555", true)]
    [InlineData("tel:7042;phone-context=+1-914-555", "tel:7042;phone-context=+1-914-556", false)]
    [InlineData("tel:7042;phone-context=+1", "tel:7042;phone-context=a.example", false)]
    [InlineData("tel:7042;phone-context=ab.example", "tel:7042;phone-context=a-b.example", false)]
    [InlineData("tel:+1;ext=1-2", "tel:+1;ext=12", true)]
    [InlineData("tel:+1;isub=1-2", "tel:+1;isub=12", false)]
    [InlineData("tel:+1;a=1;b=2", "tel:+1;B=2;A=1", true)]
    [InlineData("tel:+1;a=x", "tel:+1;a=X", true)]
    [InlineData("tel:+1;a=%78", "tel:+1;a=x", true)]
    [InlineData("tel:+1;a=%2B", "tel:+1;a=+", false)]
    [InlineData("tel:+1;a", "tel:+1;a=1", false)]
    [InlineData("tel:+1;a=1", "tel:+1", false)]
    [InlineData("tel:+1;a=1", "tel:+1;b=1", false)]
    public void Numbers_are_compared_without_separators_and_parameters_in_any_order(string left, string right, bool equal)
    {
        byte[] first = Octets.Of(left), second = Octets.Of(right);
        Assert.True(TelUri.TryParse(first, out var one, out _));
        Assert.True(TelUri.TryParse(second, out var other, out _));
        Assert.Equal(equal, TelUriComparison.AreEqual(one, first, other, second));
        Assert.Equal(equal, TelUriComparison.AreEqual(other, second, one, first));
        Assert.True(TelUriComparison.AreEqual(one, first, one, first));
        Assert.Equal(equal, UriComparison.AreEqual(first, second));
    }
}
