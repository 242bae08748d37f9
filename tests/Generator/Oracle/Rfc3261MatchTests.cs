// The reference matcher over the SIP grammar that the stack is generated from, with samples from RFC 3261's text (sections 19.1,
// 20.10, 20.20, 20.42).
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Report;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class Rfc3261MatchTests
{
    private static readonly Grammar s_grammar = SipGrammar.Read();
    private static readonly ReferenceMatcher s_matcher = new(s_grammar);

    [Theory]
    // Section 20.42.
    [InlineData("Via", "Via: SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7")]
    [InlineData("Via", "Via: SIP/2.0/UDP 192.0.2.1:5060 ;received=192.0.2.207\r\n ;branch=z9hG4bK77asjd")]
    [InlineData("Via", "Via: SIP / 2.0 / UDP first.example.com: 4000;ttl=16\r\n ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1")]
    [InlineData("Via", "v: SIP/2.0/TCP [2001:db8::9:1]:5060;branch=z9hG4bK1, SIP/2.0/TLS a.b ; x = \"y\\\"\"")]
    // Section 20.20.
    [InlineData("From", "From: \"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s")]
    [InlineData("From", "From: sip:+12125551212@server.phone2net.com;tag=887s")]
    [InlineData("From", "f: Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8")]
    // Section 20.10.
    [InlineData("Contact", "Contact: \"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>\r\n ;q=0.7; expires=3600,\r\n"
        + " \"Mr. Watson\" <mailto:watson@bell-telephone.com> ;q=0.1")]
    [InlineData("Contact", "m: <sips:bob@192.0.2.4>;expires=60")]
    [InlineData("Contact", "Contact: *")]
    // Section 19.1.3.
    [InlineData("SIP-URI", "sip:alice@atlanta.com")]
    [InlineData("SIP-URI", "sip:alice:secretword@atlanta.com;transport=tcp")]
    [InlineData("SIPS-URI", "sips:alice@atlanta.com?subject=project%20x&priority=urgent")]
    [InlineData("SIP-URI", "sip:+1-212-555-1212:1234@gateway.com;user=phone")]
    [InlineData("SIPS-URI", "sips:1212@gateway.com")]
    [InlineData("SIP-URI", "sip:alice@192.0.2.4")]
    [InlineData("SIP-URI", "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com")]
    [InlineData("SIP-URI", "sip:alice;day=tuesday@atlanta.com")]
    // Section 19.1.4.
    [InlineData("SIP-URI", "sip:%61lice@atlanta.com;transport=TCP")]
    [InlineData("SIP-URI", "sip:carol@chicago.com;newparam=5;security=on")]
    [InlineData("SIP-URI", "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com")]
    public void Accepts_what_the_RFC_shows(string rule, string input)
    {
        var match = s_matcher.Match(rule, input.Octets());

        Assert.True(match.IsAccepted, $"at {match.Furthest} in {match.FurthestRule}");
    }

    [Theory]
    [InlineData("Via", "Via: SIP/2.0/UDP", 16)]
    [InlineData("Via", "Via: SIP/2.0 pc33.atlanta.com", 13)]
    [InlineData("Via", "Via: SIP/2.0/UDP pc33.atlanta.com;branch=", 41)]
    [InlineData("Via", "Via: SIP/2.0/UDP pc33.atlanta.com,", 34)]
    [InlineData("Via", "Via: SIP/2.0/UDP [2001:db8::1", 29)]
    // A fold needs white space after the line end.
    [InlineData("Via", "Via: SIP/2.0/UDP a.b\r\n;branch=z9hG4bK", 22)]
    [InlineData("From", "From: \"A. G. Bell <sip:agb@bell-telephone.com> ;tag=a48s", 56)]
    [InlineData("From", "From: \"Bell\" sip:agb@bell-telephone.com", 13)]
    [InlineData("From", "From: <sip:agb@bell-telephone.com>;tag=", 39)]
    // The star stands alone (section 20.10).
    [InlineData("Contact", "Contact: *, <sip:a@b.com>", 10)]
    [InlineData("Contact", "Contact: <sip:a@b.com>;q=", 25)]
    [InlineData("SIP-URI", "sip:", 4)]
    [InlineData("SIP-URI", "sip:alice@", 10)]
    [InlineData("SIP-URI", "sip:%6zlice@atlanta.com", 6)]
    [InlineData("SIP-URI", "sip:alice@-atlanta.com", 10)]
    [InlineData("SIP-URI", "sip:alice@atlanta.com:port", 22)]
    [InlineData("SIP-URI", "sip:alice@atlanta.com;transport=", 32)]
    [InlineData("SIP-URI", "sips:alice@atlanta.com", 3)]
    public void Rejects_what_breaks_the_grammar_and_tells_where(string rule, string input, int furthest)
    {
        var match = s_matcher.Match(rule, input.Octets());

        Assert.False(match.IsAccepted);
        Assert.Equal(furthest, match.Furthest);
    }

    [Fact]
    public void Captures_of_a_Via()
    {
        const string via = "SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1;rport";
        var tree = s_matcher.Match("via-parm", via.Octets()).Tree!;

        Assert.Equal("UDP", Read("sent-protocol/transport"));
        Assert.Equal("first.example.com", Read("sent-by/host"));
        Assert.Equal("4000", Read("sent-by/port"));
        Assert.Equal("16", Read("via-params/via-ttl/ttl"));
        Assert.Equal("z9hG4bKa7c6a8dlze.1", Read("via-params/via-branch/token"));
        Assert.Null(Read("host"));
        Assert.Equal(
            ["ttl=16", "maddr=224.2.0.1", "branch=z9hG4bKa7c6a8dlze.1", "rport"],
            CaptureReader.Parameters(tree, via.Octets(), "via-params").Select(parameter =>
                Text(parameter.Name) + (parameter.Value is { } value ? "=" + Text(value) : "")));

        string? Read(string path) => CaptureReader.Last(tree, path) is { } capture ? Text(capture) : null;
        string Text(Capture capture) => via[capture.Start..capture.End];
    }

    [Theory]
    // Section 19.1.3: a user that contains ";" and "=".
    [InlineData("sip:alice;day=tuesday@atlanta.com", "alice;day=tuesday", "atlanta.com")]
    // The same section's headers example without its escape: "?" and "=" are user characters, so "@" makes a user of it all.
    [InlineData("sip:atlanta.com?to=alice@atlanta.com", "atlanta.com?to=alice", "atlanta.com")]
    [InlineData("sip:atlanta.com?to=alice%40atlanta.com", null, "atlanta.com")]
    public void Everything_before_an_unescaped_at_sign_is_user(string uri, string? user, string host)
    {
        var tree = s_matcher.Match("SIP-URI", uri.Octets()).Tree!;

        Assert.Equal(user, Read("userinfo/user"));
        Assert.Equal(host, Read("hostport/host"));

        string? Read(string path) => CaptureReader.Last(tree, path) is { } capture ? uri[capture.Start..capture.End] : null;
    }

    [Fact]
    public void The_grammar_as_printed_gives_a_From_without_brackets_its_tag_to_the_URI()
    {
        // Section 20.20 says otherwise in prose ("the parameters are header parameters"); this is what adjustments are for.
        const string from = "sip:+12125551212@server.phone2net.com;tag=887s";
        var printed = s_matcher.Match("from-spec", from.Octets()).Tree!;
        Assert.Equal(new Capture(0, from.Length), CaptureReader.Last(printed, "addr-spec"));
        Assert.Empty(CaptureReader.Matches(printed, "from-param"));

        var faults = new List<Fault>();
        var bare = SipGrammar.Read("bare-uri = \"sip:\" [ userinfo ] hostport\r\n");
        var adjusted = Adjustments.Apply(bare, [new Replace("from-spec", "addr-spec", "bare-uri")], (_, _, _) => false, faults);
        Assert.Empty(faults);
        var tree = new ReferenceMatcher(adjusted).Match("from-spec", from.Octets()).Tree!;
        Assert.Equal("tag=887s", from[CaptureReader.Matches(tree, "from-param").Single().Start..]);
    }

    [Fact]
    public async Task Nested_comments_and_folding_of_2_KiB_are_affordable()
    {
        const int length = 2048;
        var nested = string.Concat(Enumerable.Repeat("( ", length / 4)) + string.Concat(Enumerable.Repeat(") ", length / 4));
        var folded = "a" + string.Concat(Enumerable.Repeat("\r\n ", length / 3)) + "b";
        var commas = "Via: " + string.Join(",", Enumerable.Repeat("SIP/2.0/UDP a.b", length / 16)) + ",";
        var accepted = await Task.Run(() => (
            s_matcher.Match("Server", ("Server: " + nested).Octets()).IsAccepted,
            s_matcher.Match("Server", ("Server: " + nested + "(").Octets()).IsAccepted,
            s_matcher.Match("Subject", ("Subject: " + folded).Octets()).IsAccepted,
            s_matcher.Match("Via", commas.Octets()).IsAccepted)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((true, false, true, false), accepted);
    }

    [Theory]
    [InlineData("Via")]
    [InlineData("From")]
    [InlineData("Contact")]
    [InlineData("SIP-URI")]
    [InlineData("Request-Line")]
    [InlineData("SIP-message")]
    public void Generated_inputs_cover_the_rule_and_are_accepted(string rule)
    {
        var generated = new InputGenerator(s_grammar, rule, seed: 1).Cover();

        Assert.Empty(generated.Uncovered);
        Assert.Equal(generated.Branches, generated.Covered);
        Assert.All(generated.Inputs, input => Assert.True(s_matcher.Match(rule, input).IsAccepted, input.Text()));
    }

    [Fact]
    public void Mutations_are_accepted_and_rejected()
    {
        var corpus = new InputGenerator(s_grammar, "via-parm", seed: 1).Cover().Inputs;
        var mutator = new Mutator(1);
        var accepted = Enumerable.Range(0, 500).Count(_ => s_matcher.Match("via-parm", mutator.Mutate(corpus)).IsAccepted);

        // Both sides of the line must be probed, else the mutations are too tame or too wild.
        Assert.InRange(accepted, 50, 450);
    }
}
