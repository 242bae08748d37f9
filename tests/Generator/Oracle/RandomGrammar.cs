// Small random grammars over two letters: dense with ambiguity, empty parts and recursion, but never left recursive.
using System.Collections.Immutable;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Tests.Oracle;

internal static class RandomGrammar
{
    public const string Letters = "ab";

    private const int Rules = 4;
    private const int Depth = 3;

    /// <summary>A grammar of rules r0, r1 …; r0 is the one to start from.</summary>
    public static Grammar Make(Random random) => new([.. Enumerable.Range(0, Rules).Select(i =>
        new Rule($"r{i}", Make(random, i, Depth, afterOctet: false), default, isCore: false))]);

    // Without an octet before it a reference goes to a later rule only; after one it may go anywhere. So no rule comes back to
    // itself at the same offset.
    private static Node Make(Random random, int rule, int depth, bool afterOctet)
    {
        switch (random.Next(depth == 0 ? 3 : 8))
        {
            case 0:
                var text = random.Next(4) switch { 0 => "a", 1 => "b", 2 => "ab", _ => "" };
                return new Literal(default, text, caseSensitive: random.Next(2) == 0);
            case 1:
                var from = random.Next(Letters.Length);
                return new OctetRange(default, (byte)Letters[from], (byte)Letters[random.Next(from, Letters.Length)]);
            case 2:
                var first = afterOctet ? 0 : rule + 1;
                return first >= Rules
                    ? new OctetRange(default, (byte)'a', (byte)'b')
                    : new Reference(default, $"r{random.Next(first, Rules)}");
            case 3 or 4:
                return new Alternation(default, Several(random, () => Make(random, rule, depth - 1, afterOctet)));
            case 5 or 6:
                var led = afterOctet;
                return new Concatenation(default, Several(random, () =>
                {
                    var element = Make(random, rule, depth - 1, led);
                    led |= element is OctetRange or Literal { Text.Length: > 0 };
                    return element;
                }));
            default:
                var min = random.Next(3) / 2 * random.Next(1, 3);
                var max = random.Next(3) == 0 ? min + random.Next(1, 3) : Repetition.Unbounded;
                return new Repetition(default, Make(random, rule, depth - 1, afterOctet), min, max);
        }
    }

    private static ImmutableArray<Node> Several(Random random, Func<Node> make) =>
        [.. Enumerable.Range(0, random.Next(2, 4)).Select(_ => make())];
}
