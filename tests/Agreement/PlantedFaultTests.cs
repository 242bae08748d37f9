// The net catches: the same comparison, against an oracle whose grammar differs by one alternative, order or count from the one that
// the code was generated from, must find disagreements. Each row is a fault that an emitter could have, seen from the other side.
using SipEmbedded.Generator.Abnf;
using Xunit;

namespace SipEmbedded.Agreement;

public sealed class PlantedFaultTests
{
    /// <summary>Enough for each of the faults below; the path cover alone finds most of them.</summary>
    private const int Mutations = 200;

    [Theory]
    // An alternative that the code reads and the oracle does not.
    [InlineData("Via", "via-params", "via-received")]
    [InlineData("Via", "host", "IPv6reference")]
    [InlineData("SipUri", "uric-no-slash", "'@'")]
    [InlineData("UserAgent", "server-val", "comment")]
    [InlineData("Contact", "contact-params", "feature-param")]
    [InlineData("Date", "month", "'Jun'")]
    [InlineData("From", "qdtext", "UTF8-NONASCII")]
    public void An_alternative_too_many_is_found(string name, string rule, string alternative)
    {
        var tally = Run(name, grammar => OracleGrammar.With(grammar, rule, Without((Alternation)grammar.Find(rule)!.Definition, alternative)));

        Assert.NotEmpty(tally.Disagreements);
    }

    [Theory]
    // And the other way round: what the oracle reads, and the code does not.
    [InlineData("Via", "hostname", "_")]
    [InlineData("Replaces", "callid", "=")]
    [InlineData("RequestDisposition", "queue-directive", "pause")]
    public void An_alternative_too_few_is_found(string name, string rule, string literal)
    {
        var record = Declarations.Records.First(declared => declared.Type.Name == name);
        var changed = OracleGrammar.With(record.Grammar, grammar => OracleGrammar.With(grammar, rule,
            new Alternation(default, [grammar.Find(rule)!.Definition, new Literal(default, literal, caseSensitive: false)])));

        Assert.NotEmpty(Plan.Run(record, changed, inputs: changed, allow: 0, Mutations).Disagreements);
    }

    [Theory]
    // What is captured changes, and what is accepted does not: a telephone number is no user.
    [InlineData("SipUri", "userinfo", true)]
    [InlineData("AcceptEncoding", "codings", false)]
    public void Another_order_is_found_where_it_decides_what_is_captured(string name, string rule, bool decides)
    {
        var tally = Run(name, grammar => OracleGrammar.With(grammar, rule, Reversed(grammar.Find(rule)!.Definition)));

        Assert.Equal(decides, tally.Disagreements.Count > 0);
    }

    [Theory]
    [InlineData("Via", "port", 1, 3)]
    [InlineData("Warning", "warn-code", 2, 2)]
    [InlineData("ContentLanguage", "subtag", 1, 7)]
    public void Another_count_of_repetitions_is_found(string name, string rule, int min, int max)
    {
        var tally = Run(name, grammar => OracleGrammar.With(grammar, rule,
            new Repetition(default, ((Repetition)grammar.Find(rule)!.Definition).Element, min, max)));

        Assert.NotEmpty(tally.Disagreements);
    }

    [Fact]
    public void A_choice_that_does_not_commit_is_found()
    {
        var tally = Run("SipUri", grammar => OracleGrammar.With(grammar, "addr-spec",
            new Alternation(default, ((Alternation)grammar.Find("addr-spec")!.Definition).Alternatives)));

        Assert.NotEmpty(tally.Disagreements);
    }

    [Fact]
    public void Nothing_is_found_where_nothing_is_planted() => Assert.Empty(Run("Via", grammar => grammar).Disagreements);

    private static Tally Run(string name, Func<Grammar, Grammar> plant)
    {
        var record = Declarations.Records.First(declared => declared.Type.Name == name);
        return Plan.Run(record, OracleGrammar.With(record.Grammar, plant), OracleGrammar.Of(record.Grammar, 0), allow: 0, Mutations);
    }

    /// <summary>The choice that the definition is or begins with, the other way round.</summary>
    private static Node Reversed(Node definition) => definition is Concatenation sequence
        ? new Concatenation(default, sequence.Elements.SetItem(0, Reversed(sequence.Elements[0])))
        : new Alternation(default, [.. ((Alternation)definition).Alternatives.Reverse()]);

    private static Node Without(Alternation choice, string alternative)
    {
        var left = choice.Alternatives.RemoveAll(node => node is Reference reference ? reference.Name == alternative
            : node is Literal literal && $"'{literal.Text}'" == alternative);
        Assert.Equal(choice.Alternatives.Length - 1, left.Length);
        return new Alternation(default, left);
    }
}
