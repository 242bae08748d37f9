// Which texts a record is compared over, all from one seed: the path cover of each of its rules, random derivations, and mutations of both.
using System.Globalization;
using SipEmbedded.Oracle;

namespace SipEmbedded.Agreement;

internal static class Plan
{
    /// <summary>Names the number of mutations of each rule, for a run longer than a test's.</summary>
    public const string MutationsVariable = "AGREEMENT_MUTATIONS";

    /// <summary>Names another seed than the test's.</summary>
    public const string SeedVariable = "AGREEMENT_SEED";

    /// <summary>A few tenths of a second a record on a small machine.</summary>
    private const int DefaultMutations = 400;

    /// <summary>Random derivations, a fraction of the mutations.</summary>
    private const int MutationsPerSample = 4;

    /// <summary>Octets that a random derivation may be longer than the shortest.</summary>
    private const int SampleOctets = 60;

    /// <summary>Mutations are made of texts up to this many octets: long ones take the oracle's time and change little.</summary>
    private const int MaxMutatedOctets = 300;

    public static int Mutations { get; } = Setting(MutationsVariable, DefaultMutations);

    public static int Seed { get; } = Setting(SeedVariable, 3261);

    public static Tally Run(DeclaredRecord record, uint allow)
    {
        var grammar = OracleGrammar.Of(record.Grammar, allow);
        return Run(record, grammar, grammar, allow, Mutations);
    }

    /// <param name="inputs">The grammar that the texts are derived from.</param>
    public static Tally Run(DeclaredRecord record, OracleGrammar oracle, OracleGrammar inputs, uint allow, int mutations)
    {
        var tally = new Tally { Records = 1 };
        var comparison = new Comparison(record, oracle, allow, tally);
        foreach (var rule in oracle.RulesOf(record))
            Run(inputs, rule.Rule, text => comparison.Value(rule, text), mutations, tally);
        if (record.IsHeader)
            Run(inputs, oracle.HeaderOf(record).Whole, comparison.Whole, mutations, tally);
        return tally;
    }

    private static void Run(OracleGrammar grammar, string rule, Action<byte[]> compare, int mutations, Tally tally)
    {
        var generator = new InputGenerator(grammar.Grammar, rule, Seed);
        var cover = generator.Cover();
        tally.Rules++;
        tally.Branches += cover.Branches;
        tally.Covered += cover.Covered;
        tally.Uncovered.AddRange(cover.Uncovered.Select(branch => $"{rule}: {branch.Branch}: {branch.Reason}"));
        var corpus = new List<byte[]>(cover.Inputs);
        for (int i = 0; i < mutations / MutationsPerSample; i++)
            corpus.Add(generator.Sample(SampleOctets));
        foreach (var input in corpus)
            compare(input);
        tally.Inputs += corpus.Count;

        var mutated = corpus.FindAll(input => input.Length <= MaxMutatedOctets);
        var mutator = new Mutator(Seed);
        for (int i = 0; i < mutations; i++)
            compare(mutator.Mutate(mutated));
        tally.Mutations += mutations;
    }

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
