// Texts that the grammar derives: those that go through every branch of a rule, and some at random.
using SipEmbedded.Agreement;
using SipEmbedded.Oracle;

namespace SipEmbedded.Fuzz;

internal static class GrammarSeeds
{
    /// <summary>Octets that a random derivation may be longer than the shortest.</summary>
    private const int SampleOctets = 60;

    private const int Samples = 40;

    /// <summary>Longer ones take time and mutate into little that is new.</summary>
    private const int MaxOctets = 400;

    /// <summary>Values of a record: of the first of its rules, which is what TryParse reads.</summary>
    public static List<byte[]> Of(DeclaredRecord record, uint leniencies, int seed)
    {
        var grammar = OracleGrammar.Of(record.Grammar, leniencies);
        return Of(grammar, grammar.RulesOf(record).First().Rule, seed);
    }

    /// <summary>Whole values of a header's line.</summary>
    public static List<byte[]> LinesOf(DeclaredRecord header, uint leniencies, int seed)
    {
        var grammar = OracleGrammar.Of(header.Grammar, leniencies);
        return Of(grammar, grammar.HeaderOf(header).Whole, seed);
    }

    private static List<byte[]> Of(OracleGrammar grammar, string rule, int seed)
    {
        var generator = new InputGenerator(grammar.Grammar, rule, seed);
        var texts = generator.Cover().Inputs.Where(text => text.Length <= MaxOctets).ToList();
        for (int i = 0; i < Samples; i++)
            texts.Add(generator.Sample(SampleOctets));
        return texts;
    }
}
