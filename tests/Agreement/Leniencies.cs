// Which leniencies a grammar declares, and which records they reach.
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Agreement;

internal static class Leniencies
{
    /// <summary>All flags that the grammar's leniencies have.</summary>
    public static uint All(string grammar) => Of(grammar).Aggregate(0u, (flags, lenient) => flags | lenient.Flag);

    public static IEnumerable<(string Rule, uint Flag)> Of(string grammar) =>
        Declarations.Grammars.First(declared => declared.Name == grammar).Leniencies;

    public static bool Reach(DeclaredRecord record)
    {
        var grammar = OracleGrammar.Of(record.Grammar, 0);
        var reached = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var pending = new Stack<string>(grammar.RulesOf(record).Select(rule => rule.Rule));
        while (pending.TryPop(out string? rule))
        {
            if (!reached.Add(rule))
                continue;
            foreach (var reference in grammar.Grammar.Find(rule)!.Definition.DescendantsAndSelf().OfType<Reference>())
                pending.Push(reference.Name);
        }

        return Of(record.Grammar).Any(lenient => reached.Contains(lenient.Rule));
    }
}
