// Generated inputs: in the language, covering what they say, within the limit, the same for the same seed.
using SipEmbedded.Generator.Tests.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class InputGeneratorTests
{
    [Fact]
    public void Every_alternative_count_spelling_and_octet_is_covered()
    {
        var inputs = Cover("s = (\"ab\" / %x30-39 / \"x\") [\"-\"] 2*4\"!\"\r\n");

        // 3 alternatives; 3 spellings of "ab", 3 octets, 2 spellings of "x"; 2 of the option, 1 of "-"; 2, 3 and 4 times, 1 of
        // "!".
        Assert.Equal((18, 18), (inputs.Branches, inputs.Covered));
        Assert.Empty(inputs.Uncovered);
        var texts = inputs.Inputs.Select(input => input.Text()).ToList();
        foreach (var part in new[] { "ab", "AB", "Ab", "0", "4", "9", "x", "X", "-" })
            Assert.Contains(texts, text => text.Contains(part, StringComparison.Ordinal));
        foreach (var count in new[] { 2, 3, 4 })
            Assert.Contains(texts, text => text.Count(letter => letter == '!') == count);
        Assert.Contains(texts, text => !text.Contains('-'));
    }

    [Theory]
    [InlineData("s = *%x61", new[] { 0, 1, 3, 16 })]
    [InlineData("s = 1*%x61", new[] { 1, 2, 4, 17 })]
    [InlineData("s = *2%x61", new[] { 0, 1, 2 })]
    [InlineData("s = 3%x61", new[] { 3 })]
    [InlineData("s = 1*200%x61", new[] { 1, 2, 4, 200 })]
    [InlineData("s = 0%x61", new[] { 0 })]
    public void Repetitions_are_taken_at_their_bounds_and_between(string abnf, int[] lengths)
    {
        Assert.Equal(lengths, Cover(abnf + "\r\n").Inputs.Select(input => input.Length).Order());
    }

    [Fact]
    public void A_branch_deep_inside_is_reached_by_a_shortest_input()
    {
        var inputs = Cover("s = \"s\" [ t ]\r\nt = \"(\" *( t / u ) \")\"\r\n"
            + "u = \"u\" / \"[\" v \"]\"\r\nv = 4DIGIT / %s\"V\"\r\n");

        Assert.Empty(inputs.Uncovered);
        Assert.Contains("S([V])", inputs.Inputs.Select(input => input.Text().ToUpperInvariant()));
    }

    [Fact]
    public void What_nothing_can_derive_is_listed_with_the_reason()
    {
        var inputs = Cover("s = \"a\" / \"b\" <prose> %x63 / loop\r\nloop = \"x\" loop\r\n");

        Assert.Equal(["A", "a"], inputs.Inputs.Select(input => input.Text()).Order(StringComparer.Ordinal));
        Assert.Equal(inputs.Branches, inputs.Covered + inputs.Uncovered.Count);
        Assert.All(inputs.Uncovered, uncovered => Assert.Equal("nothing can be derived through it", uncovered.Reason));
        // Alternatives 2 and 3, two spellings each of "b" and "x", the octet behind the prose.
        Assert.Equal(7, inputs.Uncovered.Count);
    }

    [Fact]
    public void A_branch_longer_than_the_limit_is_listed_with_its_length()
    {
        var inputs = Cover("s = \"-\" / 5000%x61\r\n");

        Assert.Equal(["-"], inputs.Inputs.Select(input => input.Text()));
        var uncovered = Assert.Single(inputs.Uncovered, uncovered => uncovered.Branch.Kind == BranchKind.Alternative);
        Assert.Contains("5000 octets", uncovered.Reason);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_input_and_every_sample_is_in_the_language(int seed)
    {
        var random = new Random(seed);
        var inputs = 0;
        for (var i = 0; i < 100; i++)
        {
            var grammar = RandomGrammar.Make(random);
            var matcher = new ReferenceMatcher(grammar);
            var generator = new InputGenerator(grammar, "r0", seed);
            var generated = generator.Cover();
            Assert.Equal(generated.Branches, generated.Covered + generated.Uncovered.Count);
            if (generated.Inputs.Count == 0)
                continue;
            var samples = Enumerable.Range(0, 5).Select(_ => generator.Sample(12));
            foreach (var input in generated.Inputs.Concat(samples))
            {
                Assert.InRange(input.Length, 0, InputGenerator.MaxInputOctets);
                Assert.True(matcher.Match("r0", input).IsAccepted, $"seed {seed}, grammar {i}: '{input.Text()}'");
                inputs++;
            }
        }

        Assert.True(inputs > 500, $"{inputs} inputs");
    }

    [Fact]
    public void The_same_seed_gives_the_same_inputs()
    {
        const string abnf = "s = *( 1*ALPHA / 3DIGIT ) \"end\"\r\n";
        var (one, again, other) = (Make(7), Make(7), Make(8));

        Assert.Equal(one.Cover().Inputs, again.Cover().Inputs);
        var samples = Enumerable.Range(0, 20).Select(_ => one.Sample(30).Text()).ToList();
        Assert.Equal(samples, Enumerable.Range(0, 20).Select(_ => again.Sample(30).Text()));
        Assert.NotEqual(samples, Enumerable.Range(0, 20).Select(_ => other.Sample(30).Text()));
        Assert.True(samples.Distinct().Count() > 10);

        static InputGenerator Make(int seed) => new(AbnfText.Read(abnf), "s", seed);
    }

    [Fact]
    public void A_sample_keeps_to_its_length()
    {
        var generator = new InputGenerator(AbnfText.Read("s = \"ab\" *( \"(\" s \")\" / 2%x63 )\r\n"), "s", 1);
        var samples = Enumerable.Range(0, 500).Select(_ => generator.Sample(20).Length).ToList();

        Assert.All(samples, length => Assert.InRange(length, 2, 22));
        Assert.Contains(samples, length => length > 12);
    }

    private static GeneratedInputs Cover(string abnf) => new InputGenerator(AbnfText.Read(abnf), "s", seed: 1).Cover();
}
