// Choices that commit: a literal at the beginning of an alternative shuts out the alternatives behind it.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Report;
using SipEmbedded.Generator.Tests.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class CommitmentTests
{
    private const string Uri = "uri = sip / sips / any\r\nsip = \"sip:\" 1*%x30-39\r\nsips = scheme rest\r\nscheme = \"sips:\"\r\n"
        + "rest = 1*DIGIT\r\nany = 1*ALPHA \":\" 1*(ALPHA / DIGIT)\r\ns = uri [\"x\"] / \"(\" uri \")\"\r\n";

    [Theory]
    [InlineData("sip:12", true, true)]
    [InlineData("SIP:12", true, true)]
    [InlineData("sip:ab", true, false)]
    [InlineData("sip:1b", true, false)]
    // Through two references.
    [InlineData("sips:ab", true, false)]
    [InlineData("sips:12", true, true)]
    [InlineData("tel:12", true, true)]
    [InlineData("si:12", true, true)]
    [InlineData("sip", false, false)]
    public void A_literal_that_is_there_decides_the_choice(string input, bool free, bool committed)
    {
        Assert.Equal(free, Matcher(commits: false).Match("uri", input.Octets()).IsAccepted);
        Assert.Equal(committed, Matcher(commits: true).Match("uri", input.Octets()).IsAccepted);
    }

    [Theory]
    [InlineData("sip:12x", "s(#0 uri(#0 sip('sip:'{'1'|'2'})){'x'})")]
    [InlineData("(sip:12)", "s(#1 '('uri(#0 sip('sip:'{'1'|'2'}))')')")]
    public void What_stands_around_the_choice_is_matched_as_ever(string input, string tree)
    {
        Assert.Equal(tree, OracleText.Show(Matcher(commits: true).Match("s", input.Octets()).Tree!, input));
    }

    [Fact]
    public void Alternatives_before_the_literal_are_tried_first()
    {
        var grammar = AbnfText.Read("s = word / \"ab\" DIGIT / ALPHA ALPHA \"-\"\r\nword = %x61 \"bc\"\r\n");

        var matcher = new ReferenceMatcher(Commit(grammar, "s"));

        // %x61 is an octet, not a literal: it commits to nothing.
        Assert.True(matcher.Match("s", "abc".Octets()).IsAccepted);
        Assert.True(matcher.Match("s", "ab1".Octets()).IsAccepted);
        Assert.False(matcher.Match("s", "ab-".Octets()).IsAccepted);
        Assert.True(matcher.Match("s", "xy-".Octets()).IsAccepted);
    }

    private static ReferenceMatcher Matcher(bool commits)
    {
        var grammar = AbnfText.Read(Uri);
        return new ReferenceMatcher(commits ? Commit(grammar, "uri") : grammar);
    }

    private static Grammar Commit(Grammar grammar, string rule)
    {
        var faults = new List<Fault>();
        var adjusted = Adjustments.Apply(grammar, [new Commit(rule)], (_, _, _) => false, faults);
        Assert.Empty(faults);
        return adjusted;
    }
}
