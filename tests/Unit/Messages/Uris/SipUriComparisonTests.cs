// RFC 3261 §19.1.4 as amended by RFC 5954 §4.2: every example that they print, and each rule by itself.
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class SipUriComparisonTests
{
    private static bool AreEqual(string left, string right)
    {
        bool equal = UriComparison.AreEqual(Octets.Of(left), Octets.Of(right));
        Assert.Equal(equal, UriComparison.AreEqual(Octets.Of(right), Octets.Of(left)));
        AssertEqualsItself(left);
        AssertEqualsItself(right);
        return equal;
    }

    // As two texts at different offsets, so that nothing can rest on equal slices.
    private static void AssertEqualsItself(string uri)
    {
        byte[] first = Octets.Of("<" + uri + ">"), second = Octets.Of(uri);
        Assert.Equal(first.Length - 1, SipUri.Match(first, 1, 0, out var left));
        Assert.Equal(second.Length, SipUri.Match(second, 0, 0, out var right));
        Assert.True(UriComparison.AreEqual(left, first, right, second), uri);
    }

    [Theory]
    [InlineData("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;security=on")]
    [InlineData("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on")]
    [InlineData("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com")]
    [InlineData("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;security=off")]
    public void Examples_of_rfc_3261_that_are_equivalent(string left, string right) => Assert.True(AreEqual(left, right));

    [Theory]
    [InlineData("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting")]
    [InlineData("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4")]
    [InlineData("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off")]
    public void Examples_of_rfc_3261_that_are_not_equivalent(string left, string right) => Assert.False(AreEqual(left, right));

    [Theory]
    [InlineData("sip:bob@[::ffff:192.0.2.128]", "sip:bob@[::ffff:c000:280]")]
    [InlineData("sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:01]")]
    [InlineData("sip:bob@[0:0:0:0:0:FFFF:129.144.52.38]", "sip:bob@[::FFFF:129.144.52.38]")]
    public void Examples_of_rfc_5954_that_are_equivalent(string left, string right) => Assert.True(AreEqual(left, right));

    [Theory]
    [InlineData("sip:bob@[2001:db8::9:1]", "sip:bob@[2001:db8::9:2]")]
    [InlineData("sip:bob@[::ffff:192.0.2.128]", "sip:bob@192.0.2.128")]
    [InlineData("sip:bob@192.0.2.1", "sip:bob@192.0.2.10")]
    public void Addresses_that_differ_are_not_equivalent(string left, string right) => Assert.False(AreEqual(left, right));

    [Theory]
    [InlineData("sip:alice@atlanta.com", "sips:alice@atlanta.com", false)]
    [InlineData("sips:alice@atlanta.com", "SIPS:alice@ATLANTA.com", true)]
    [InlineData("sip:atlanta.com", "sip:alice@atlanta.com", false)]
    [InlineData("sip:alice@atlanta.com", "sip:alice:@atlanta.com", false)]
    [InlineData("sip:alice:secret@atlanta.com", "sip:alice:Secret@atlanta.com", false)]
    [InlineData("sip:alice:secret@atlanta.com", "sip:alice:s%65cret@atlanta.com", true)]
    [InlineData("sip:alice@atlanta.com:5061", "sip:alice@atlanta.com:05061", true)]
    [InlineData("sip:alice@atlanta.com:5061", "sip:alice@atlanta.com:5062", false)]
    public void Scheme_user_password_and_port_must_match(string left, string right, bool equal) =>
        Assert.Equal(equal, AreEqual(left, right));

    [Theory]
    [InlineData("sip:a%3bb@h.example", "sip:a%3Bb@h.example", true)]
    [InlineData("sip:a%3Bb@h.example", "sip:a;b@h.example", false)]
    [InlineData("sip:a%2Fb@h.example", "sip:a/b@h.example", false)]
    [InlineData("sip:a%2Db@h.example", "sip:a-b@h.example", true)]
    [InlineData("sip:a%41@h.example", "sip:aA@h.example", true)]
    [InlineData("sip:a%41@h.example", "sip:aa@h.example", false)]
    [InlineData("sip:a%2541@h.example", "sip:aA@h.example", false)]
    [InlineData("sip:a%2541@h.example", "sip:a%41@h.example", false)]
    [InlineData("sip:null-%00-null@h.example", "sip:null-@h.example", false)]
    [InlineData("sip:%00@h.example", "sip:%00%00@h.example", false)]
    public void Escapes_of_all_but_reserved_characters_are_the_character(string left, string right, bool equal) =>
        Assert.Equal(equal, AreEqual(left, right));

    [Theory]
    [InlineData("user=phone")]
    [InlineData("user=ip")]
    [InlineData("ttl=1")]
    [InlineData("method=INVITE")]
    [InlineData("maddr=239.255.255.1")]
    [InlineData("transport=udp")]
    [InlineData("TRANSPORT=udp")]
    [InlineData("t%72ansport=udp")]
    public void Five_parameters_in_one_uri_alone_never_match_even_with_their_default(string parameter) =>
        Assert.False(AreEqual("sip:bob@biloxi.com", "sip:bob@biloxi.com;" + parameter));

    [Theory]
    [InlineData(";a=1;b=2;c=3", ";c=3;a=1;b=2", true)]
    [InlineData(";a=1", ";A=1", true)]
    [InlineData(";a=Yes", ";a=yES", true)]
    [InlineData(";a=1", ";a=2", false)]
    [InlineData(";a", ";a=1", false)]
    [InlineData(";a=1;z=9", ";b=2;z=9", true)]
    [InlineData(";a=1;z=9", ";b=2;z=8", false)]
    [InlineData(";%61b=%63", ";ab=c", true)]
    [InlineData(";a=%3B", ";a=%3b", true)]
    [InlineData(";a=%2F", ";a=/", false)]
    [InlineData(";lr", "", true)]
    [InlineData(";lr", ";%6C%72", true)]
    [InlineData(";lr", ";lr=on", true)]
    [InlineData(";method=INVITE", ";method=invite", false)]
    [InlineData(";maddr=[2001:db8::1]", ";maddr=[2001:DB8:0::0:1]", true)]
    [InlineData(";maddr=host.example", ";maddr=HOST.example", true)]
    [InlineData(";x=[2001:db8::1]", ";x=[2001:db8:0::0:1]", false)]
    [InlineData(";user=phone;transport=tcp", ";transport=tcp", false)]
    public void Parameters_match_by_name_in_any_order(string left, string right, bool equal) =>
        Assert.Equal(equal, AreEqual("sip:bob@biloxi.com" + left, "sip:bob@biloxi.com" + right));

    [Theory]
    [InlineData("?Subject=x", "?subject=X", true)]
    [InlineData("?s=x", "?Subject=x", true)]
    [InlineData("?sub%6Aect=x", "?subject=x", true)]
    [InlineData("?subject=%22X%22", "?subject=%22x%22", false)]
    [InlineData("?subject=%22%5C%22X%22", "?subject=%22%5C%22x%22", false)]
    [InlineData("?subject=%22x%22Y", "?subject=%22x%22y", true)]
    [InlineData("?subject=x", "?subject=y", false)]
    [InlineData("?subject=x", "?subject=x&subject=x", false)]
    [InlineData("?subject=x", "?priority=x", false)]
    [InlineData("?call-id=a", "?call-id=A", false)]
    [InlineData("?i=a", "?Call-ID=a", true)]
    [InlineData("?body=a", "?body=A", false)]
    [InlineData("?x-own=a", "?X-Own=a", true)]
    [InlineData("?x-own=a", "?x-own=A", false)]
    [InlineData("?route=%3Csip:a%3E&route=%3Csip:b%3E", "?route=%3Csip:b%3E&route=%3Csip:a%3E", false)]
    [InlineData("?subject=", "?subject=x", false)]
    public void Headers_must_all_match(string left, string right, bool equal) =>
        Assert.Equal(equal, AreEqual("sip:bob@biloxi.com" + left, "sip:bob@biloxi.com" + right));

    [Theory]
    [InlineData("sip:bob%40biloxi.com", "%3Csip:bob%40BILOXI.com%3E", true)]
    [InlineData("Bob%20%3Csip:bob%40biloxi.com%3E", "%22Robert%22%20%3Csip:bob%40biloxi.com%3E", true)]
    [InlineData("sip:bob%40biloxi.com", "sip:BOB%40biloxi.com", false)]
    [InlineData("%3Csip:bob%40biloxi.com%3E%3Btag%3D1", "%3Csip:bob%40biloxi.com%3E", false)]
    [InlineData("%3Csip:bob%40biloxi.com%3E%3Btag%3D1", "%3Csip:bob%40biloxi.com%3E%3Btag%3D2", false)]
    [InlineData("%3Csip:bob%40biloxi.com%3E%3Btag%3Da%3Bx%3D1", "%3Csip:bob%40biloxi.com%3E%3By%3D1%3Btag%3DA", true)]
    [InlineData("%3Csip:bob%40biloxi.com%3Fsubject%3Dx%3E", "%3Csip:bob%40biloxi.com%3Fsubject%3DX%3E", false)]
    public void To_and_from_in_a_uri_are_compared_as_addresses(string left, string right, bool equal)
    {
        Assert.Equal(equal, AreEqual("sip:biloxi.com?to=" + left, "sip:biloxi.com?to=" + right));
        Assert.Equal(equal, AreEqual("sip:biloxi.com?f=" + left, "sip:biloxi.com?From=" + right));
    }

    [Theory]
    [InlineData("tel:+1-201-555-0123", "TEL:+12015550123", true)]
    [InlineData("tel:+1-201-555-0123", "sip:+1-201-555-0123@h.example", false)]
    [InlineData("http://www.EXAMPLE.com/", "HTTP://www.example.com/", true)]
    [InlineData("urn:uuid:f81d4fae", "urn:uuid:f81d4faf", false)]
    public void Uris_of_other_schemes_are_compared_by_theirs(string left, string right, bool equal) =>
        Assert.Equal(equal, AreEqual(left, right));

    [Fact]
    public void What_stands_twice_is_paired_in_its_order()
    {
        Assert.True(AreEqual("sip:h.example;a=1;a=2;b", "sip:h.example;b;a=1;a=2"));
        Assert.False(AreEqual("sip:h.example;a=1;a=2", "sip:h.example;a=2;a=1"));
    }

    [Fact]
    public void Beyond_the_limit_a_uri_equals_only_the_same_octets()
    {
        string many = string.Concat(Enumerable.Range(0, UriComparison.MaxComponents + 1).Select(i => $";p{i}"));
        string all = string.Concat(Enumerable.Range(0, UriComparison.MaxComponents).Select(i => $";p{i}=V"));
        string reversed = string.Concat(Enumerable.Range(0, UriComparison.MaxComponents).Reverse().Select(i => $";p{i}=v"));
        Assert.True(AreEqual("sip:h.example" + all, "sip:h.example" + reversed));
        Assert.True(AreEqual("sip:h.example" + many, "sip:H.example" + many));
        Assert.False(AreEqual("sip:h.example" + many, "sip:h.example" + many.ToUpperInvariant()));
        Assert.False(AreEqual("sip:h.example" + many, "sip:h.example"));
    }

    [Fact]
    public void What_is_no_uri_equals_nothing()
    {
        Assert.False(UriComparison.AreEqual("sip:"u8, "sip:"u8));
        Assert.False(UriComparison.AreEqual(default(SipUri), default, default(SipUri), default));
    }
}
