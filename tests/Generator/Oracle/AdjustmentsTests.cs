// Adjustments: references replaced in one rule only, alternatives sorted by inclusion, faults for names that mean nothing.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Report;
using SipEmbedded.Generator.Tests.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class AdjustmentsTests
{
    private static readonly AbnfLocation s_here = new("Via.cs", 10, 5, 3, 4, 3, 9);

    [Fact]
    public void Replace_changes_one_rule_and_every_reference_in_it()
    {
        var grammar = AbnfText.Read("s = wide *(\",\" [WIDE / \"-\"])\r\nt = wide\r\nwide = ALPHA / DIGIT\r\nnarrow = DIGIT\r\n");

        var adjusted = Apply(grammar, new Replace("S", "wide", "narrow"));

        Assert.True(new ReferenceMatcher(adjusted).Match("s", "1,2,-".Octets()).IsAccepted);
        Assert.False(new ReferenceMatcher(adjusted).Match("s", "a".Octets()).IsAccepted);
        Assert.False(new ReferenceMatcher(adjusted).Match("s", "1,a".Octets()).IsAccepted);
        Assert.True(new ReferenceMatcher(adjusted).Match("t", "a".Octets()).IsAccepted);
        Assert.True(new ReferenceMatcher(grammar).Match("s", "a".Octets()).IsAccepted);
    }

    [Fact]
    public void Most_specific_moves_an_included_alternative_before_the_one_that_includes_it()
    {
        var grammar = AbnfText.Read("s = token / \"udp\" / number / \"7\" / other\r\n"
            + "token = 1*(ALPHA / DIGIT)\r\nnumber = 1*DIGIT\r\nother = \"!\"\r\n");

        var adjusted = Apply(grammar, new MostSpecific("s"));

        Assert.Equal(["'udp'", "'7'", "number", "token", "other"], Alternatives(adjusted.Find("s")!.Definition));
        Assert.Equal(["token", "'udp'", "number", "'7'", "other"], Alternatives(grammar.Find("s")!.Definition));
    }

    [Fact]
    public void Alternatives_with_equal_languages_keep_their_order()
    {
        var grammar = AbnfText.Read("s = one / two / three\r\none = *DIGIT\r\ntwo = *DIGIT\r\nthree = *DIGIT\r\n");

        Assert.Same(grammar, Apply(grammar, new MostSpecific("s")));
    }

    [Fact]
    public void Groups_of_the_rule_are_sorted_and_the_rules_it_names_are_not()
    {
        var grammar = AbnfText.Read("s = \"v=\" *( token / \"udp\" ) [ sub ]\r\n"
            + "sub = token / \"tcp\"\r\ntoken = 1*(ALPHA / DIGIT)\r\n");

        var adjusted = Apply(grammar, new MostSpecific("s"));

        var group = (Repetition)((Concatenation)adjusted.Find("s")!.Definition).Elements[1];
        Assert.Equal(["'udp'", "token"], Alternatives(group.Element));
        Assert.Equal(["token", "'tcp'"], Alternatives(adjusted.Find("sub")!.Definition));
    }

    [Fact]
    public void Adjustments_build_on_those_before_them()
    {
        // Inclusion is asked of the grammar as it stands: narrow is included in token, wide is not.
        var grammar = AbnfText.Read("s = token / wide\r\n"
            + "token = 1*(ALPHA / DIGIT)\r\nwide = *(ALPHA / \"-\")\r\nnarrow = 1*ALPHA\r\n");

        Assert.Equal(["token", "wide"], Alternatives(Apply(grammar, new MostSpecific("s")).Find("s")!.Definition));
        Assert.Equal(["narrow", "token"], Alternatives(
            Apply(grammar, new Replace("s", "wide", "narrow"), new MostSpecific("s")).Find("s")!.Definition));
    }

    [Theory]
    [InlineData("nowhere", "wide", "narrow", "nowhere")]
    [InlineData("s", "nowhere", "narrow", "nowhere")]
    [InlineData("s", "wide", "nowhere", "nowhere")]
    // Known to the grammar, but not referred to in the rule.
    [InlineData("s", "narrow", "wide", "narrow")]
    public void A_name_that_is_not_there_is_a_fault_and_changes_nothing(
        string rule, string reference, string replacement, string missing)
    {
        var grammar = AbnfText.Read("s = wide\r\nwide = ALPHA / DIGIT\r\nnarrow = DIGIT\r\n");
        var faults = new List<Fault>();

        var adjusted = Adjustments.Apply(grammar, [new Replace(rule, reference, replacement, s_here)], IsIncluded, faults);

        Assert.Equal([new Fault(DiagnosticIds.SettlementNamesNothing, s_here, rule, missing)], faults);
        Assert.Same(grammar, adjusted);
    }

    [Fact]
    public void Sorting_an_unknown_rule_is_a_fault_and_the_next_adjustment_still_applies()
    {
        var grammar = AbnfText.Read("s = token / \"udp\"\r\ntoken = 1*(ALPHA / DIGIT)\r\n");
        var faults = new List<Fault>();

        var adjusted = Adjustments.Apply(
            grammar, [new MostSpecific("nowhere", s_here), new MostSpecific("s")], IsIncluded, faults);

        Assert.Equal([new Fault(DiagnosticIds.SettlementNamesNothing, s_here, "nowhere", "nowhere")], faults);
        Assert.Equal(["'udp'", "token"], Alternatives(adjusted.Find("s")!.Definition));
    }

    [Theory]
    // RFC 3261 lists the host's forms so that only the order of the first two matters, and they do not overlap.
    [InlineData("host", new[] { "hostname", "IPv4address", "IPv6reference" })]
    // The wider content-coding stands first in the RFC; "*" is a token, so a coding as well.
    [InlineData("codings", new[] { "'*'", "content-coding" })]
    // An addr-spec is never a name-addr, and the other way round: nothing moves.
    [InlineData("contact-param", new[] { "name-addr", "addr-spec" })]
    public void The_SIP_grammar_is_sorted_by_automata(string rule, string[] alternatives)
    {
        var grammar = SipGrammar.Read();
        var faults = new List<Fault>();

        var adjusted = Adjustments.Apply(grammar, [new MostSpecific(rule)], IsIncludedByAutomata, faults);

        Assert.Empty(faults);
        var definition = adjusted.Find(rule)!.Definition;
        Assert.Equal(alternatives, Alternatives(definition is Concatenation sequence ? sequence.Elements[0] : definition));
    }

    private static bool IsIncludedByAutomata(Grammar grammar, Node a, Node b)
    {
        const int maxStates = 2000;
        return Dfa.TryBuild(grammar, a, maxStates, out var inner) && Dfa.TryBuild(grammar, b, maxStates, out var outer)
            && inner.IsSubsetOf(outer);
    }

    private static Grammar Apply(Grammar grammar, params Adjustment[] adjustments)
    {
        var faults = new List<Fault>();
        var adjusted = Adjustments.Apply(grammar, adjustments, IsIncluded, faults);
        Assert.Empty(faults);
        return adjusted;
    }

    // Inclusion over all strings of up to two octets, and the few literals of these grammars: enough to tell their languages
    // apart.
    private static bool IsIncluded(Grammar grammar, Node a, Node b)
    {
        const string alphabet = "a7-!";
        var singles = alphabet.Select(letter => letter.ToString()).ToList();
        var strings = singles.SelectMany(one => singles.Select(two => one + two)).Concat(singles).Concat(["", "udp", "tcp"]);
        var both = new Grammar([.. grammar.Rules, new Rule("a-side", a, default, false), new Rule("b-side", b, default, false)]);
        var matcher = new ReferenceMatcher(both);
        return strings.Where(text => matcher.Match("a-side", text.Octets()).IsAccepted)
            .All(text => matcher.Match("b-side", text.Octets()).IsAccepted);
    }

    private static IEnumerable<string> Alternatives(Node node) => ((Alternation)node).Alternatives.Select(alternative =>
        alternative is Literal literal ? $"'{literal.Text}'" : ((Reference)alternative).Name);
}
