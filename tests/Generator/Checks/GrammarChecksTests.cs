// Every fault of a grammar: exactly once, at its place, in words that name what is wrong; and silence where nothing is.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Checks;
using SipEmbedded.Generator.Report;
using SipEmbedded.Generator.Tests.Abnf;

namespace SipEmbedded.Generator.Tests.Checks;

public sealed class GrammarChecksTests
{
    [Theory]
    // Undefined rules.
    [InlineData("a = \"x\" missing\n", "a.abnf(1,9): SIPG002: Rule 'a' refers to rule 'missing', which no grammar file defines")]
    [InlineData("a = \"x\" b\nb = [c]\n", "a.abnf(2,6): SIPG002: Rule 'b' refers to rule 'c', which no grammar file defines")]
    [InlineData("a = d d\nb = D\n", "a.abnf(1,5): SIPG002: Rule 'a' refers to rule 'd', which no grammar file defines")]
    // Prose.
    [InlineData(
        "a = \"<\" <see section 4>\n",
        "a.abnf(1,9): SIPG005: "
        + "Rule 'a' is described in words, <see section 4>, of which no parser can be made; write a definition in its place")]
    // Left recursion: direct, behind things that can be empty, and through others.
    [InlineData("a = a \"x\" / \"y\"\n", "a.abnf(1,5): SIPG007: Rule 'a' can begin with itself: a -> a")]
    [InlineData(
        "a = \"x\" / [\"y\"] *\"z\" 0\"q\" (b) a\nb = *SP\n",
        "a.abnf(1,31): SIPG007: Rule 'a' can begin with itself: a -> a")]
    [InlineData(
        "a = [\"x\"] b\nb = \"y\" / *c \"z\"\nc = A \"w\"\n",
        "a.abnf(1,11): SIPG007: Rule 'a' can begin with itself: a -> b -> c -> a")]
    [InlineData(
        "s = \"s\" a\na = b / c / \"a\"\nb = a \"b\"\nc = a \"c\"\n",
        "a.abnf(2,5): SIPG007: Rule 'a' can begin with itself: a -> b -> a",
        "a.abnf(4,5): SIPG007: Rule 'c' can begin with itself: c -> a -> c")]
    // Unbounded repetitions of something that can be empty.
    [InlineData(
        "a = *[\"x\"]\n",
        "a.abnf(1,5): SIPG010: In rule 'a' the repetition '*[\"x\"]' has no bound, and what it repeats can be empty")]
    [InlineData(
        "a = \"q\" 3*(b *c)\nb = \"\" / \"b\"\nc = \"c\"\n",
        "a.abnf(1,9): SIPG010: In rule 'a' the repetition '3*(b *c)' has no bound, and what it repeats can be empty")]
    // Options of nothing.
    [InlineData(
        "a = \"x\" [\"\"]\n",
        "a.abnf(1,9): SIPG011: In rule 'a' what the option '[\"\"]' holds accepts nothing but the empty input")]
    [InlineData(
        "a = \"x\" [b]\nb = 0DIGIT\n",
        "a.abnf(1,9): SIPG011: In rule 'a' what the option '[b]' holds accepts nothing but the empty input")]
    // Alternatives that can never match.
    [InlineData(
        "a = 1*ALPHA / \"udp\"\n",
        "a.abnf(1,15): SIPG008: In rule 'a' the alternative '\"udp\"' can never match: "
        + "every input that it accepts is accepted earlier, by '1*ALPHA'")]
    [InlineData(
        "a = \"x\" / \"y\" / \"X\"\n",
        "a.abnf(1,17): SIPG008: In rule 'a' the alternative '\"X\"' can never match: "
        + "every input that it accepts is accepted earlier, by '\"x\"'")]
    [InlineData(
        "a = \"q\" (%x61-6D / %x6E-7A / %x6C-6F)\n",
        "a.abnf(1,30): SIPG008: In rule 'a' the alternative '%x6C-6F' can never match: "
        + "every input that it accepts is accepted earlier, by "
        + "'%x61-6D' or '%x6E-7A'")]
    // Ambiguous choices, with the shortest common input.
    [InlineData(
        "a = \"udp\" / \"tcp\" / b\nb = 1*ALPHA\n",
        "a.abnf(1,21): SIPG009: "
        + "In rule 'a' the alternatives '\"udp\"' and 'b' both accept \"udp\"; a declaration must settle which is meant")]
    [InlineData(
        "a = 3*DIGIT / 1*HEXDIG / *%x01-1F\n",
        "a.abnf(1,15): SIPG009: "
        + "In rule 'a' the alternatives '3*DIGIT' and '1*HEXDIG' both accept \"000\"; a declaration must settle which is meant")]
    [InlineData(
        "a = *\"x\" / *\"y\"\n",
        "a.abnf(1,12): SIPG009: "
        + "In rule 'a' the alternatives '*\"x\"' and '*\"y\"' both accept the empty input; "
        + "a declaration must settle which is meant")]
    [InlineData(
        "a = %x0D.0A.22 / %x0D 2%x00-22\n",
        "a.abnf(1,18): SIPG009: "
        + "In rule 'a' the alternatives '%x0D.0A.22' and '%x0D 2%x00-22' both accept \"\\r\\n\\\"\"; "
        + "a declaration must settle which is meant")]
    [InlineData(
        "a = 2%x80-FF / %xC3.BC\n",
        "a.abnf(1,16): SIPG008: In rule 'a' the alternative '%xC3.BC' can never match: "
        + "every input that it accepts is accepted earlier, by '2%x80-FF'")]
    // In the place where the choice stands, not where it is referred to; in nested choices as well.
    [InlineData(
        "a = b b\nb = \"(\" (\"x\" / [ALPHA]) \")\"\n",
        "a.abnf(2,16): SIPG009: "
        + "In rule 'b' the alternatives '\"x\"' and '[ALPHA]' both accept \"x\"; a declaration must settle which is meant")]
    // The first octet overlaps in no way, though both could be compared.
    [InlineData("a = \"x\" / \"y\" / 1*DIGIT\n")]
    // One accepts a beginning of what the other accepts.
    [InlineData("a = \"x\" / \"xy\" / \"x\" 2ALPHA\n")]
    // Recursion that consumes before it comes back, and a bounded repetition of something that can be empty.
    [InlineData("a = \"(\" *(a / ctext) \")\"\nctext = %x21-27 / 3[\"*\"] \"z\"\n")]
    // RFC 3261's own options of something that can be empty.
    [InlineData("a = [b]\nb = *ALPHA\n")]
    public void A_grammar_has_exactly_these_faults(string text, params string[] expected)
    {
        var grammar = AbnfText.Read(text);
        Assert.Equal(expected, GrammarChecks.Run(grammar, CheckScope.Everything(grammar)).Select(Message));
    }

    [Fact]
    public void Faults_come_in_the_order_of_the_rules_and_of_their_text()
    {
        var grammar = AbnfText.Read("a = b *[x]\nb = <p> / b\n", "c = *[\"c\"] <q>\n");
        var faults = GrammarChecks.Run(grammar, CheckScope.Everything(grammar));
        Assert.Equal(
            ["a.abnf 0:6 SIPG010", "a.abnf 0:8 SIPG002", "a.abnf 1:10 SIPG007", "a.abnf 1:4 SIPG005",
             "b.abnf 0:4 SIPG010", "b.abnf 0:11 SIPG005"],
            faults.Select(f => $"{f.At.Path} {f.At.Line}:{f.At.Column} {f.Id}"));
        Assert.Equal(faults.AsEnumerable(), GrammarChecks.Run(grammar, CheckScope.Everything(grammar)));
    }

    [Fact]
    public void Only_rules_in_use_are_checked()
    {
        var grammar = AbnfText.Read("a = \"x\" b\nb = \"y\"\nc = missing / <prose> / c / *[\"x\"]\n");
        Assert.Empty(GrammarChecks.Run(grammar, new CheckScope(["A", "no-such-rule"], [], _ => true)));
        Assert.Equal(4, GrammarChecks.Run(grammar, new CheckScope(["c"], [], _ => false)).Length);
    }

    [Fact]
    public void Choices_are_checked_only_where_they_matter()
    {
        var grammar = AbnfText.Read("a = \"x\" / b\nb = ALPHA / (\"x\" / \"X\")\n");
        Assert.Equal(["a", "b", "b"], RulesAtFault([], _ => true));
        Assert.Equal(["b", "b"], RulesAtFault(["A"], _ => true));
        Assert.Equal(["a"], RulesAtFault(["b"], _ => true));
        Assert.Equal(["a"], RulesAtFault([], name => name == "a"));
        Assert.Empty(RulesAtFault(["a"], name => name == "a"));

        IEnumerable<string> RulesAtFault(string[] settled, Func<string, bool> isCapturing) =>
            GrammarChecks.Run(grammar, new CheckScope(["a"], settled, isCapturing)).Select(f => f.Arguments[0]);
    }

    [Fact]
    public void Damaged_rules_raise_no_second_fault()
    {
        var grammar = AbnfText.Read(out var faults, "a = b / \"x\" / c\nb = (\"x\"\nc =/ \"y\"\n");
        Assert.Equal(2, faults.Count);
        Assert.Empty(GrammarChecks.Run(grammar, CheckScope.Everything(grammar)));
    }

    [Theory]
    [InlineData("a = \"x\" / b\nb = \"(\" [b] \")\" / \"x\"\n")]
    [InlineData("a = \"x\" / b\nb = 600ALPHA / ALPHA\n")]
    [InlineData("a = \"x\" / 2*600(\"x\" / \"yz\") / b\nb = *500(*500(1*500ALPHA \"x\") \"y\")\n")]
    public void What_cannot_be_decided_is_not_reported(string text)
    {
        var grammar = AbnfText.Read(text);
        Assert.DoesNotContain(
            GrammarChecks.Run(grammar, new CheckScope(["a"], ["b"], _ => true)),
            f => f.Id is DiagnosticIds.AmbiguousChoice or DiagnosticIds.UnreachableAlternative);
    }

    [Fact]
    public void A_choice_with_hundreds_of_alternatives_stays_cheap()
    {
        // As SIP's headers: all begin alike, none collide but with the extension at the end.
        var names = Enumerable.Range(0, 200).Select(i => $"(\"Header-{i}\" \":\" value)");
        var grammar = AbnfText.Read($"a = {string.Join("\n / ", names)}\n / token \":\" value\n"
            + "token = 1*(ALPHA / DIGIT / \"-\")\nvalue = *(%x20-7E / %x0D.0A.20)\n");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var fault = Assert.Single(GrammarChecks.Run(grammar, CheckScope.Everything(grammar)));
        Assert.Equal("\"header-0:\"", fault.Arguments[3]);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"took {clock.Elapsed}"); // usually a tenth of it
    }

    [Fact]
    public void A_chain_of_thousands_of_rules_is_checked_to_its_end()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"r{i} = r{i + 1} / \"x\"\n")) + "r20000 = \"y\" r0\n";
        var grammar = AbnfText.Read(text);
        Assert.Empty(GrammarChecks.Run(grammar, new CheckScope(["r0"], [], _ => false)));
    }

    private static string Message(Fault fault)
    {
        var text = string.Format(Descriptors.Get(fault.Id).MessageFormat.ToString(), fault.Arguments.ToArray<object>());
        return $"{fault.At.Path}({fault.At.Line + 1},{fault.At.Column + 1}): {fault.Id}: {text}";
    }
}
