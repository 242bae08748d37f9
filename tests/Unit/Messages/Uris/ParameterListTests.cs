// The items of parameter lists and of URIs' headers, in their order (RFC 3261 §7.3.1, §19.1.1).
using SipEmbedded.Messages;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class ParameterListTests
{
    private static string Items(string text, byte separator = (byte)';')
    {
        byte[] octets = Octets.Of("." + text);
        var items = new List<string>();
        foreach (var item in ParameterList.Of(Slice.Between(1, octets.Length), octets, separator))
        {
            string value = item.Value.IsPresent ? "=" + Octets.ToText(item.Value.In(octets)) : "";
            items.Add(Octets.ToText(item.Name.In(octets)) + value);
        }
        return string.Join('|', items);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(";a", "a")]
    [InlineData(";a=1;b;c=", "a=1|b|c=")]
    [InlineData("a=1;b=2", "a=1|b=2")]
    [InlineData(" ; a = 1 ; b\r\n ; c =\t2 ", "a=1|b|c=2")]
    [InlineData(";a=\"x;y\";b=\"\\\";c=1\";d", "a=\"x;y\"|b=\"\\\";c=1\"|d")]
    [InlineData(";a=b=c;d", "a=b=c|d")]
    [InlineData(";+sip.instance=\"<urn:uuid:0>\";reg-id=1", "+sip.instance=\"<urn:uuid:0>\"|reg-id=1")]
    [InlineData(";maddr=[2001:db8::1];lr", "maddr=[2001:db8::1]|lr")]
    public void Items_stand_in_their_order(string text, string items) => Assert.Equal(items, Items(text));

    [Fact]
    public void A_challenge_has_commas()
    {
        byte[] text = Octets.Of("Digest realm=\"a, b\", nonce=\"1\",\r\n qop=\"auth,auth-int\" , stale=FALSE");
        Assert.True(WwwAuthenticate.TryParse(text, out var challenge, out var fault), fault.Rule);
        var names = new List<string>();
        foreach (var item in ParameterList.Of(challenge.Parameters, text, (byte)','))
            names.Add(Octets.ToText(item.Name.In(text)) + ":" + Octets.ToText(item.Value.In(text)));
        Assert.Equal(["realm:\"a, b\"", "nonce:\"1\"", "qop:\"auth,auth-int\"", "stale:FALSE"], names);
    }

    [Fact]
    public void A_via_gives_what_it_has_no_property_for()
    {
        byte[] text = Octets.Of("SIP/2.0/UDP h.example ;branch=z9hG4bK1; Own=\"x\" ;ttl=3");
        Assert.True(Via.TryParse(text, out var via, out var fault), fault.Rule);
        Assert.True(ParameterList.Of(via.Parameters, text).TryFind("own"u8, out var own));
        Assert.Equal("\"x\"", Octets.ToText(own.Value.In(text)));
        Assert.False(ParameterList.Of(via.Parameters, text).TryFind("ow"u8, out _));
    }

    [Fact]
    public void A_list_that_is_not_there_is_empty()
    {
        Assert.False(ParameterList.Of(default, "abc"u8).GetEnumerator().MoveNext());
        Assert.False(ParameterList.Of(default, default).TryFind("a"u8, out _));
    }

    [Theory]
    [InlineData("sip:h.example", "")]
    [InlineData("sip:h.example?a=", "a=")]
    [InlineData("sip:h.example?subject=project%20x&priority=urgent&body=", "subject=project%20x|priority=urgent|body=")]
    [InlineData("sips:h.example;x=?b=?c", "")]
    [InlineData("sips:h.example;x?to=sip:bob%40biloxi.com&y=a?b", "to=sip:bob%40biloxi.com|y=a?b")]
    public void Headers_of_a_uri_stand_in_their_order(string uriText, string expected)
    {
        byte[] text = Octets.Of(uriText);
        SipUri.TryParse(text, out var uri, out _);
        var items = new List<string>();
        foreach (var header in UriHeaders.Of(uri, text))
            items.Add(Octets.ToText(header.Name.In(text)) + "=" + Octets.ToText(header.Value.In(text)));
        Assert.Equal(expected, string.Join('|', items));
    }
}
