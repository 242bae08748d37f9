// The reference matcher against the exponential definition of what it computes, over random grammars and all short inputs.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class ReferenceMatcherPropertyTests
{
    private const int Grammars = 400;
    private const int InputOctets = 5;

    /// <summary>Enough for all but a few of the cases, few enough that those few do not take the test over.</summary>
    private const int MaxSteps = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Agrees_with_plain_backtracking_on_every_short_input(int seed)
    {
        var random = new Random(seed);
        var (compared, accepted, gaveUp) = (0, 0, 0);
        for (var i = 0; i < Grammars; i++)
        {
            var grammar = RandomGrammar.Make(random);
            var matcher = new ReferenceMatcher(grammar);
            foreach (var input in Inputs())
            {
                var slow = new Backtracker(grammar, input.Octets(), MaxSteps);
                var expected = slow.Match("r0");
                if (slow.GaveUp)
                {
                    gaveUp++;
                    continue;
                }

                var actual = matcher.Match("r0", input.Octets());
                var (wanted, found) = (Show(expected, input), Show(actual.Tree, input));
                Assert.True(wanted == found,
                    $"seed {seed}, grammar {i}, input '{input}': expected {wanted}, was {found}\n{Show(grammar)}");
                compared++;
                accepted += actual.IsAccepted ? 1 : 0;
            }
        }

        // Else the comparison proves less than it seems to.
        Assert.True(gaveUp < compared / 10, $"{gaveUp} given up, {compared} compared");
        Assert.True(accepted > compared / 20, $"{accepted} accepted of {compared}");
    }

    private static IEnumerable<string> Inputs()
    {
        IEnumerable<string> longest = [""];
        for (var length = 0; length <= InputOctets; length++)
        {
            foreach (var input in longest)
                yield return input;
            longest = longest.SelectMany(input => RandomGrammar.Letters.Select(letter => input + letter)).ToList();
        }
    }

    private static string Show(ParseNode? tree, string input) => tree is null ? "reject" : OracleText.Show(tree, input);

    private static string Show(Grammar grammar) =>
        string.Join("\n", grammar.Rules.Select(rule => $"{rule.Name} = {rule.Definition}"));
}
