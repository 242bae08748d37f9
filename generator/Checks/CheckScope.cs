// What the checks of a grammar need to know of its use: a grammar of many RFCs has faults that matter to nobody.
using System;
using System.Collections.Generic;
using System.Linq;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Checks;

/// <summary>Which rules are in use, and where the choice between alternatives matters. Names compare without case.</summary>
internal sealed class CheckScope
{
    private readonly HashSet<string> _settled;
    private readonly Func<string, bool> _isCapturing;

    /// <param name="roots">The rules in use. They and all that they reach are checked; names of no rule are passed over.</param>
    /// <param name="settled">Rules whose choices a declaration settles: the alternations that stand in the rule itself (not in
    /// the rules it refers to) are neither ambiguous nor unreachable.</param>
    /// <param name="isCapturing">True for a rule in which at least one alternative leads to something captured. Elsewhere it has
    /// no effect which alternative is taken, and nothing is said of it.</param>
    public CheckScope(IEnumerable<string> roots, IEnumerable<string> settled, Func<string, bool> isCapturing)
    {
        Roots = roots.ToArray();
        _settled = new HashSet<string>(settled, StringComparer.OrdinalIgnoreCase);
        _isCapturing = isCapturing;
    }

    public IReadOnlyList<string> Roots { get; }

    /// <summary>Every rule that a file defines is in use, every choice matters, and none is settled.</summary>
    public static CheckScope Everything(Grammar grammar) =>
        new(grammar.Rules.Where(rule => !rule.IsCore).Select(rule => rule.Name), Array.Empty<string>(), _ => true);

    /// <summary>True where a choice in the rule must be clear from the grammar alone.</summary>
    public bool ChoiceMatters(string rule) => !_settled.Contains(rule) && _isCapturing(rule);
}
