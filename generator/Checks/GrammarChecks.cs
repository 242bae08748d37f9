// What can be wrong with a grammar that reads well. One entry point, one file a subject; the work is bounded everywhere, and
// where a limit is passed a check says nothing rather than something wrong.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Checks;

internal static class GrammarChecks
{
    /// <summary>The faults of the rules in use, each once: in the order of the rules, and within a rule in the order of its text.
    /// Faults of reading (syntax, duplicates, values) are <see cref="GrammarBuilder"/>'s; rules that it marked as damaged are
    /// passed over here.</summary>
    public static ImmutableArray<Fault> Run(Grammar grammar, CheckScope scope)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var rules = InUse(grammar, scope.Roots);
        var firstSets = new FirstSets(grammar);
        var choices = new ChoiceCheck(grammar, firstSets, faults);
        var leftRecursion = new LeftRecursionCheck(grammar, firstSets, rules);
        var undefined = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in rules)
        {
            leftRecursion.Report(rule, faults);
            var choiceMatters = scope.ChoiceMatters(rule.Name);
            foreach (var node in rule.Definition.DescendantsAndSelf())
            {
                switch (node)
                {
                    case Reference reference when grammar.Find(reference.Name) is null && undefined.Add(reference.Name):
                        faults.Add(new Fault(DiagnosticIds.UndefinedRule, node.At, reference.Name, rule.Name));
                        break;
                    case Prose prose:
                        faults.Add(new Fault(DiagnosticIds.ProseValue, node.At, rule.Name, prose.Text));
                        break;
                    case Repetition { Max: Repetition.Unbounded } endless when firstSets.IsNullable(endless.Element):
                        faults.Add(new Fault(DiagnosticIds.EndlessRepetition, node.At, rule.Name, Quotation.Of(node)));
                        break;
                    case Repetition { IsOption: true } option when firstSets.IsAlwaysEmpty(option.Element):
                        faults.Add(new Fault(DiagnosticIds.EmptyOption, node.At, rule.Name, Quotation.Of(node)));
                        break;
                    case Alternation alternation when choiceMatters:
                        choices.Report(rule, alternation);
                        break;
                }
            }
        }

        return faults.ToImmutable();
    }

    /// <summary>The undamaged rules that <paramref name="roots"/> reach, themselves included, in the grammar's order.</summary>
    private static ImmutableArray<Rule> InUse(Grammar grammar, IEnumerable<string> roots)
    {
        var reached = new HashSet<Rule>();
        var waiting = new Stack<Rule>();
        foreach (var root in roots)
            Reach(root);
        while (waiting.Count > 0)
        {
            foreach (var reference in waiting.Pop().Definition.DescendantsAndSelf().OfType<Reference>())
                Reach(reference.Name);
        }

        return grammar.Rules.Where(reached.Contains).ToImmutableArray();

        void Reach(string name)
        {
            if (grammar.Find(name) is { IsBroken: false } rule && reached.Add(rule))
                waiting.Push(rule);
        }
    }
}
