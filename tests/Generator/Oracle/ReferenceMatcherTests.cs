// The oracle's own tests: the first parse in priority order, what a rejection says, and that no grammar shape makes it slow.
using SipEmbedded.Generator.Tests.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class ReferenceMatcherTests
{
    /// <summary>
    /// Far above what any of these takes (below a second), far below what an exponential matcher would (longer than life).
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    // Alternatives in listed order, even where a later one is longer.
    [InlineData("s = (\"a\" / \"ab\") *%x62", "ab", "s(#0 'a'{'b'})")]
    [InlineData("s = (\"ab\" / \"a\") *%x62", "ab", "s(#0 'ab'{})")]
    // The listed order gives way where the rest of the input cannot live with it.
    [InlineData("s = (\"a\" / \"ab\") %x63", "abc", "s(#1 'ab''c')")]
    // Greedy, and giving back one at a time.
    [InlineData("s = *%x61 *%x61", "aaa", "s({'a'|'a'|'a'}{})")]
    [InlineData("s = *%x61 %x61", "aaa", "s({'a'|'a'}'a')")]
    [InlineData("s = [%x61] [%x61] %x61", "aa", "s({'a'}{}'a')")]
    [InlineData("s = 1*2%x61 1*2%x61", "aaa", "s({'a'|'a'}{'a'})")]
    // An earlier decision outranks a later one: the first iteration takes its first alternative if the whole can still match.
    [InlineData("s = *(%x61 / \"aa\")", "aa", "s({#0 'a'|#0 'a'})")]
    [InlineData("s = *(\"aa\" / %x61)", "aaa", "s({#0 'aa'|#1 'a'})")]
    [InlineData("s = 2(\"aa\" / %x61)", "aaa", "s({#0 'aa'|#1 'a'})")]
    [InlineData("s = x / y\r\nx = *%x61\r\ny = \"aa\"", "aa", "s(#0 x({'a'|'a'}))")]
    [InlineData("s = [x] y\r\nx = \"a\" / \"b\"\r\ny = *(\"a\" / \"b\")", "b", "s({x(#1 'b')}y({}))")]
    public void Takes_the_first_parse_in_priority_order(string abnf, string input, string tree)
    {
        var match = OracleText.Match(abnf + "\r\n", "s", input);

        Assert.True(match.IsAccepted);
        Assert.Equal(tree, OracleText.Show(match.Tree!, input));
    }

    [Theory]
    [InlineData("s = *(*%x61)", "", "s({})")]
    [InlineData("s = *(*%x61)", "aa", "s({{'a'|'a'}})")]
    [InlineData("s = *([%x61] / %x62)", "ab", "s({#0 {'a'}|#1 'b'})")]
    [InlineData("s = *(*(*%x61))", "a", "s({{{'a'}}})")]
    [InlineData("s = 2*(*%x61)", "a", "s({{'a'}|{}})")]
    [InlineData("s = 2*3(*%x61)", "", "s({{}|{}})")]
    [InlineData("s = *([%x61] [%x62])", "aab", "s({{'a'}{}|{'a'}{'b'}})")]
    public void A_repetition_of_what_can_be_empty_ends(string abnf, string input, string tree)
    {
        var match = OracleText.Match(abnf + "\r\n", "s", input);

        Assert.True(match.IsAccepted);
        Assert.Equal(tree, OracleText.Show(match.Tree!, input));
    }

    [Theory]
    [InlineData("()", true)]
    [InlineData("(a(b)c(d(e)))", true)]
    [InlineData("(\\()", true)]
    [InlineData("((a)", false)]
    [InlineData("(a))", false)]
    public void Nested_comments_recurse(string input, bool accepted)
    {
        const string comment = "comment = \"(\" *(ctext / pair / comment) \")\"\r\nctext = %x61-7A\r\npair = \"\\\" %x00-7F\r\n";

        Assert.Equal(accepted, OracleText.Match(comment, "comment", input).IsAccepted);
    }

    [Fact]
    public void Nesting_of_some_KiB_fits_the_stack()
    {
        const int depth = 2048;
        const string comment = "comment = \"(\" *(ctext / comment) \")\"\r\nctext = %x61-7A\r\n";

        var open = new string('(', depth);
        var close = new string(')', depth);

        Assert.True(OracleText.Match(comment, "comment", open + "x" + close).IsAccepted);
        Assert.Equal(depth, OracleText.Match(comment, "comment", open + "X" + close).Furthest);
    }

    [Theory]
    [InlineData("s = *(*%x61)")]
    [InlineData("s = *(*(*%x61))")]
    [InlineData("s = *(%x61 / \"aa\" / \"aaa\")")]
    [InlineData("s = *[%x61] *[%x61] *[%x61] *[%x61]")]
    [InlineData("s = 1*(1*%x61 [%x61])")]
    [InlineData("s = *(x / y)\r\nx = 1*%x61\r\ny = 1*(x x)")]
    [InlineData("s = x / \"b\"\r\nx = %x61 [x] / %x61 x")]
    public async Task Shapes_that_ruin_a_backtracker_stay_affordable_at_2_KiB(string abnf)
    {
        const int length = 2048;
        var matcher = new ReferenceMatcher(AbnfText.Read(abnf + "\r\n"));
        var accepted = new string('a', length).Octets();
        var rejected = (new string('a', length - 1) + "!").Octets();

        // WaitAsync throws TimeoutException: an exponential matcher fails the test instead of holding it up for ever.
        var (taken, refused) = await Task.Run(() => (matcher.Match("s", accepted), matcher.Match("s", rejected)))
            .WaitAsync(Patience);

        Assert.Equal(length, taken.Tree!.End);
        Assert.False(refused.IsAccepted);
        Assert.Equal(length - 1, refused.Furthest);
    }

    [Theory]
    [InlineData("s = \"abc\"", "abx", 2, "s")]
    [InlineData("s = \"abc\"", "ab", 2, "s")]
    [InlineData("s = \"a\"", "ab", 1, "s")]
    [InlineData("s = \"a\"", "", 0, "s")]
    [InlineData("s = x \":\" y\r\nx = 1*%x61\r\ny = 2%x62", "aa:b", 4, "y")]
    [InlineData("s = x \":\" y\r\nx = 1*%x61\r\ny = 2%x62", ":bb", 0, "x")]
    // The rule of the file, not the core rule in it.
    [InlineData("s = \"a\" x\r\nx = 2DIGIT", "a1", 2, "x")]
    // The furthest of all that was tried, not the last.
    [InlineData("s = x / y\r\nx = \"aaaa\"\r\ny = \"ab\"", "aaab", 3, "x")]
    public void Rejection_tells_the_furthest_offset_and_its_rule(string abnf, string input, int furthest, string rule)
    {
        var match = OracleText.Match(abnf + "\r\n", "s", input);

        Assert.False(match.IsAccepted);
        Assert.Equal((furthest, rule), (match.Furthest, match.FurthestRule));
    }

    [Theory]
    [InlineData("s = *%x61", "aab", new[] { 0, 1, 2 })]
    [InlineData("s = \"a\" / \"abc\"", "abcd", new[] { 1, 3 })]
    [InlineData("s = 2*3%x61", "aaaa", new[] { 2, 3 })]
    [InlineData("s = \"b\"", "a", new int[0])]
    public void A_prefix_has_the_set_of_all_ends(string abnf, string input, int[] ends)
    {
        Assert.Equal(ends, new ReferenceMatcher(AbnfText.Read(abnf + "\r\n")).PrefixEnds("s", input.Octets()));
    }

    [Theory]
    [InlineData("s = \"aZ\"", "Az", true)]
    [InlineData("s = %s\"aZ\"", "Az", false)]
    [InlineData("s = %s\"aZ\"", "aZ", true)]
    [InlineData("s = %d13.10", "\r\n", true)]
    // Only letters have a case: bit 5 of these is all that differs.
    [InlineData("s = \"[\"", "{", false)]
    [InlineData("s = \"@\"", "`", false)]
    [InlineData("s = %x80-FF", "\xFF", true)]
    [InlineData("s = %x80-FF", "\x7F", false)]
    [InlineData("s = %x00", "\0", true)]
    [InlineData("S = X\r\nx = \"a\"", "a", true)]
    public void Terminals_match_octets(string abnf, string input, bool accepted)
    {
        Assert.Equal(accepted, OracleText.Match(abnf + "\r\n", "s", input).IsAccepted);
    }

    [Theory]
    [InlineData("s = s \"a\" / \"a\"")]
    [InlineData("s = t\r\nt = s")]
    [InlineData("s = [\"b\"] s")]
    public void Left_recursion_is_named_and_does_not_hang(string abnf)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => OracleText.Match(abnf + "\r\n", "s", "aa"));

        Assert.Contains("left recursive", failure.Message);
    }

    [Fact]
    public void A_rule_that_is_missing_is_named()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => OracleText.Match("s = nowhere\r\n", "s", "a"));

        Assert.Contains("nowhere", failure.Message);
    }

    [Fact]
    public void The_tree_tells_rules_and_choices_of_one_expansion()
    {
        var match = OracleText.Match("s = x *(\",\" (y / x))\r\nx = \"x\" / \"X\" y\r\ny = \"y\"\r\n", "s", "x,y,x");

        Assert.Equal(["x", "y", "x"], match.Tree!.Rules().Select(rule => rule.RuleName!));
        Assert.Equal([0, 2, 4], match.Tree.Rules().Select(rule => rule.Start));
        Assert.Equal([1, 3, 5], match.Tree.Rules().Select(rule => rule.End));
        Assert.Equal([0, 1], match.Tree.Choices().Select(choice => choice.Alternative));
    }
}
