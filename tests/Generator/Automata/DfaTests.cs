// The automata against a slow reference matcher on random small grammars, and the properties that parsers are written from.
using System.Text;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Tests.Abnf;

namespace SipEmbedded.Generator.Tests.Automata;

public sealed class DfaTests
{
    private const int MaxStates = 2000;

    private static readonly byte[][] s_allShortInputs = AllInputs("abB", 5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Automata_agree_with_the_naive_matcher_on_random_grammars(int seed)
    {
        var random = new Random(seed);
        for (var n = 0; n < 60; n++)
        {
            var text = RandomGrammar(random);
            var grammar = AbnfText.Read(text);
            var a = Build(grammar, "a");
            var b = Build(grammar, "b");
            byte[]? common = null, onlyInA = null, shortest = null;
            foreach (var input in s_allShortInputs)
            {
                var inA = NaiveMatcher.Accepts(grammar, Rule(grammar, "a"), input);
                var inB = NaiveMatcher.Accepts(grammar, Rule(grammar, "b"), input);
                Assert.True(inA == a.Accepts(input), $"{text} on {Show(input)}");
                Assert.True(inB == b.Accepts(input), $"{text} on {Show(input)}");
                Assert.Equal(NaiveMatcher.Run(grammar, Rule(grammar, "a"), input, 0), a.Run(input));
                if (input.Length > 1)
                    Assert.Equal(NaiveMatcher.Run(grammar, Rule(grammar, "a"), input, 1), a.Run(input, 1));
                if (inA && (shortest is null || shortest.Length > input.Length))
                    shortest = input;
                if (inA && inB && (common is null || common.Length > input.Length))
                    common = input;
                if (inA && !inB && (onlyInA is null || onlyInA.Length > input.Length))
                    onlyInA = input;
            }

            AssertShortest(text, shortest, a.ShortestWord());
            AssertShortest(text, common, a.ShortestCommonWord(b));
            AssertShortest(text, onlyInA, a.ShortestWordNotIn(b));
            Assert.Equal(a.ShortestCommonWord(b) is not null, b.Intersects(a));
            Assert.Equal(a.ShortestWordNotIn(b) is null, a.IsSubsetOf(b));
            Assert.Equal(a.IsSubsetOf(b) && b.IsSubsetOf(a), a.IsEquivalentTo(b));

            var sets = new FirstSets(grammar);
            Assert.Equal(a.First, sets.First(Rule(grammar, "a")));
            Assert.Equal(a.AcceptsEmpty, sets.IsNullable(Rule(grammar, "a")));
        }

        // The search sees every input up to 5 octets; what the automata find beyond that length it can neither confirm nor deny.
        static void AssertShortest(string grammar, byte[]? expected, byte[]? actual)
        {
            if (expected is not null)
                Assert.True(expected.Length == actual?.Length, $"{grammar}: {Show(expected)} but {Show(actual)}");
            else
                Assert.True(actual is null || actual.Length > 5, $"{grammar}: nothing but {Show(actual)}");
        }
    }

    [Theory]
    [InlineData("\"ab\"", "Ab", true)]
    [InlineData("%s\"ab\"", "Ab", false)]
    [InlineData("%x61.62", "Ab", false)]
    [InlineData("\"@\"", "`", false)]
    [InlineData("\"[\"", "{", false)]
    [InlineData("2*3\"a\"", "a", false)]
    [InlineData("2*3\"a\"", "aaa", true)]
    [InlineData("2*3\"a\"", "aaaa", false)]
    [InlineData("0\"a\"", "", true)]
    [InlineData("0\"a\"", "a", false)]
    [InlineData("*[\"a\"]", "aaa", true)]
    [InlineData("1*255\"a\"", "aaaaaaaaaaaaaaaa", true)]
    [InlineData("\"\"", "", true)]
    public void A_node_accepts(string definition, string input, bool expected)
    {
        var dfa = Build(AbnfText.Read($"a = {definition}\n"), "a");
        Assert.Equal(expected, dfa.Accepts(Encoding.ASCII.GetBytes(input)));
    }

    [Fact]
    public void Run_finds_the_longest_match_and_says_where_there_is_none()
    {
        var dfa = Build(AbnfText.Read("a = \"a\" *(\".\" \"a\")\n"), "a");
        Assert.Equal(3, dfa.Run("a.a.b"u8));
        Assert.Equal(3, dfa.Run(".aX"u8, 1) + 1);
        Assert.Equal(-1, dfa.Run("b"u8));
        Assert.Equal(-1, dfa.Run(""u8));
        Assert.Equal(2, Build(AbnfText.Read("a = *\"x\"\n"), "a").Run("abc"u8, 2));
    }

    [Fact]
    public void An_automaton_is_minimal_and_its_transitions_are_merged()
    {
        var dfa = Build(AbnfText.Read("token = 1*(ALPHA / DIGIT / \"-\" / \"a\" / 1*\"b\")\n"), "token");
        Assert.Equal(2, dfa.States.Length);
        var loop = Assert.Single(dfa.States[1].Transitions);
        Assert.Equal("%x2D / %x30-39 / %x41-5A / %x61-7A", loop.On.ToString());
        Assert.Equal(loop.On, dfa.First);
        Assert.Equal(loop.On, dfa.Continuing);
        Assert.False(dfa.IsFinite);
    }

    [Fact]
    public void A_fixed_set_of_words_is_finite_and_nothing_continues_it()
    {
        var dfa = Build(AbnfText.Read("a = \"UDP\" / \"TCP\" / \"TLS-SCTP\"\n"), "a");
        Assert.True(dfa.IsFinite);
        Assert.Equal(8, dfa.LongestWordLength);
        Assert.True(dfa.Continuing.IsEmpty);
        Assert.Equal("tcp", Show(dfa.ShortestWord()));
    }

    [Theory]
    [InlineData("a = \"x\" [a]\n")]
    [InlineData("a = b\nb = \"(\" c \")\"\nc = *(\"x\" / a)\n")]
    [InlineData("a = \"x\" b\nb = \"y\" / \"(\" b \")\"\n")]
    [InlineData("a = missing\n")]
    [InlineData("a = \"x\" <something>\n")]
    [InlineData("a = 60000\"x\"\n")]
    public void A_rule_that_is_not_regular_by_inspection_has_no_automaton(string text)
    {
        var grammar = AbnfText.Read(text);
        Assert.False(Dfa.TryBuild(grammar, Rule(grammar, "a"), MaxStates, out _));
    }

    [Fact]
    public void A_damaged_rule_has_no_automaton()
    {
        var grammar = AbnfText.Read(out _, "a = b\nb = \"x\n");
        Assert.False(Dfa.TryBuild(grammar, Rule(grammar, "a"), MaxStates, out _));
    }

    [Fact]
    public void The_state_limit_holds_for_the_minimal_automaton()
    {
        var grammar = AbnfText.Read("a = 9\"x\"\n");
        Assert.True(Dfa.TryBuild(grammar, Rule(grammar, "a"), 10, out var dfa));
        Assert.Equal(10, dfa.States.Length);
        Assert.False(Dfa.TryBuild(grammar, Rule(grammar, "a"), 9, out _));
    }

    [Fact]
    public void Counted_repetitions_of_repetitions_stop_at_the_limit_instead_of_growing()
    {
        var grammar = AbnfText.Read("a = 500(500(500(\"x\" / \"yz\")))\n");
        Assert.False(Dfa.TryBuild(grammar, Rule(grammar, "a"), MaxStates, out _));
    }

    [Fact]
    public void A_search_that_passes_its_limit_knows_nothing()
    {
        var grammar = AbnfText.Read("a = *(97\"x\")\nb = *(89\"x\") \"y\"\n");
        Dfa a = Build(grammar, "a"), b = Build(grammar, "b");
        Assert.True(a.TryFindCommonWord(b, 97 * 90, out var word));
        Assert.Null(word);
        Assert.False(a.TryFindCommonWord(b, 1000, out _));
        Assert.False(b.TryFindWordNotIn(a, 0, out _));
    }

    [Fact]
    public void A_chain_of_thousands_of_rules_ends_at_a_limit_and_not_at_the_end_of_the_stack()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"r{i} = (((r{i + 1})))\n")) + "r20000 = \"x\"\n";
        var grammar = AbnfText.Read(text);
        Assert.False(Dfa.TryBuild(grammar, Rule(grammar, "r0"), MaxStates, out _));
        Assert.True(Dfa.TryBuild(grammar, Rule(grammar, "r19900"), MaxStates, out _));
    }

    [Theory]
    [InlineData("a = 1*%x00-FF", "b = 1*(%x00-1F / \"q\")", "q")]
    [InlineData("a = %x01.41 / %x41.01 / %x7E.7E", "b = 2%x00-7F", "~~")]
    [InlineData("a = 3OCTET", "b = *(\";\" / \"=\" / %x01)", ";;;")]
    public void A_witness_is_the_shortest_and_then_the_most_readable(string a, string b, string expected)
    {
        var grammar = AbnfText.Read($"{a}\n{b}\n");
        Assert.Equal(expected, Show(Build(grammar, "a").ShortestCommonWord(Build(grammar, "b"))));
    }

    [Fact]
    public void First_sets_reach_through_recursion_and_nullable_prefixes()
    {
        var grammar = AbnfText.Read("a = *\"x\" [b] c\nb = \"(\" a \")\"\nc = \"\" / %x01\nd = a d / \"d\"\n");
        var sets = new FirstSets(grammar);
        Assert.Equal("%x01 / %x28 / %x58 / %x78", sets.First(Rule(grammar, "a")).ToString());
        Assert.True(sets.IsNullable(Rule(grammar, "a")));
        Assert.False(sets.IsNullable(Rule(grammar, "b")));
        Assert.Equal("%x01 / %x28 / %x44 / %x58 / %x64 / %x78", sets.First(Rule(grammar, "d")).ToString());
        Assert.False(sets.IsNullable(Rule(grammar, "d")));
    }

    private static Dfa Build(Grammar grammar, string rule)
    {
        Assert.True(Dfa.TryBuild(grammar, Rule(grammar, rule), MaxStates, out var dfa));
        return dfa;
    }

    private static Node Rule(Grammar grammar, string name) => grammar.Find(name)!.Definition;

    private static string Show(byte[]? word) => word is null ? "nothing" : Encoding.Latin1.GetString(word);

    private static byte[][] AllInputs(string alphabet, int maxLength)
    {
        var inputs = new List<byte[]> { Array.Empty<byte>() };
        for (int from = 0, length = 1; length <= maxLength; length++)
        {
            var to = inputs.Count;
            for (; from < to; from++)
            {
                foreach (var c in alphabet)
                    inputs.Add([.. inputs[from], (byte)c]);
            }
        }

        return inputs.ToArray();
    }

    /// <summary>Two rules over a few letters, and two that they share; no rule reaches itself.</summary>
    private static string RandomGrammar(Random random)
    {
        return $"a = {Definition(3, "c", "d")}\nb = {Definition(3, "c", "d")}\nc = {Definition(2, "d")}\nd = {Definition(1)}\n";

        string Definition(int depth, params string[] rules)
        {
            switch (random.Next(depth == 0 ? 5 : 12))
            {
                case 0: return "\"a\"";
                case 1: return "%s\"b\"";
                case 2: return "\"ab\"";
                case 3: return "%x41-62";
                case 4: return rules.Length == 0 ? "%s\"B\"" : rules[random.Next(rules.Length)];
                case 5 or 6: return $"({Definition(depth - 1, rules)} / {Definition(depth - 1, rules)})";
                case 7 or 8: return $"({Definition(depth - 1, rules)} {Definition(depth - 1, rules)})";
                case 9: return $"[{Definition(depth - 1, rules)}]";
                case 10: return $"*({Definition(depth - 1, rules)})";
                default:
                    var min = random.Next(3);
                    return $"{min}*{min + random.Next(3)}({Definition(depth - 1, rules)})";
            }
        }
    }
}
