// Mutations: repeatable, within the limit, different from the input, and of every kind.
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class MutatorTests
{
    private const int Mutations = 5000;

    private static readonly byte[] s_input = "SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776".Octets();
    private static readonly byte[] s_other = "<sip:alice@atlanta.example.com>".Octets();

    [Fact]
    public void The_same_seed_gives_the_same_mutations()
    {
        Assert.Equal(Mutate(3, s_input), Mutate(3, s_input));
        Assert.NotEqual(Mutate(3, s_input), Mutate(4, s_input));
    }

    [Fact]
    public void The_input_itself_is_left_alone()
    {
        var before = s_input.ToArray();
        Mutate(1, s_input);

        Assert.Equal(before, s_input);
    }

    [Fact]
    public void Nearly_every_mutation_differs_from_its_input()
    {
        Assert.InRange(Mutate(1, s_input).Count(mutated => mutated.AsSpan().SequenceEqual(s_input)), 0, Mutations / 20);
    }

    [Fact]
    public void Every_kind_of_mutation_occurs()
    {
        var texts = Mutate(1, s_input).Select(mutated => mutated.Text()).ToList();
        var input = s_input.Text();

        // Swapped; flipped or replaced; truncated; deleted; doubled; spliced; inserted.
        Assert.Contains(texts, text => text != input && Sorted(text) == Sorted(input));
        Assert.Contains(texts, text => text.Length == input.Length && Differences(text, input) == 1);
        Assert.Contains(texts, text => text.Length < input.Length && Starts(input, text));
        Assert.Contains(texts, text => text.Length == input.Length - 1 && !Starts(input, text));
        Assert.Contains(texts, text => text.Contains("SIPSIP") || text.Contains("//") || text.Contains("pcpc"));
        Assert.Contains(texts, text => Starts(text, "SIP") && text.EndsWith("example.com>", StringComparison.Ordinal));
        foreach (var octets in new[] { "\r\n ", "\r", "\0", "\x80", "\xFF", "\"", "[", "%zz", "18446744073709551616", "\\\"" })
            Assert.Contains(texts, text => text.Contains(octets, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_grows_beyond_the_limit()
    {
        var large = new byte[Mutator.MaxOctets];

        Assert.All(Mutate(1, large), mutated => Assert.InRange(mutated.Length, 0, Mutator.MaxOctets));
    }

    [Fact]
    public void An_empty_input_is_mutated_too()
    {
        Assert.Contains(Mutate(1, []), mutated => mutated.Length > 0);
    }

    [Fact]
    public void A_corpus_is_used_throughout()
    {
        var mutator = new Mutator(5);
        var mutated = Enumerable.Range(0, 200).Select(_ => mutator.Mutate([s_input, s_other]).Text()).ToList();

        Assert.Contains(mutated, text => text.StartsWith("SIP/2.0/UDP", StringComparison.Ordinal));
        Assert.Contains(mutated, text => text.StartsWith("<sip:alice", StringComparison.Ordinal));
    }

    private static List<byte[]> Mutate(int seed, byte[] input)
    {
        var mutator = new Mutator(seed);
        return [.. Enumerable.Range(0, Mutations).Select(_ => mutator.Mutate(input, s_other))];
    }

    private static bool Starts(string text, string head) => text.StartsWith(head, StringComparison.Ordinal);

    private static string Sorted(string text) => new([.. text.Order()]);

    private static int Differences(string a, string b) => a.Zip(b).Count(pair => pair.First != pair.Second);
}
