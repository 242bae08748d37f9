// Makes one grammar of many files: definitions first, then every =/ (RFC 5234 section 3.3) whichever file it stands in, then the
// core rules beneath. The order of the files decides the order of the rules and of the alternatives that =/ appends.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Abnf;

internal static class GrammarBuilder
{
    /// <summary>Reads the files as one grammar. What is wrong with a file is appended to <paramref name="faults"/> with its
    /// place; the grammar then holds everything else, damaged rules marked <see cref="Rule.IsBroken"/>.</summary>
    public static Grammar Build(IReadOnlyList<(string Path, string Text)> files, List<Fault> faults)
    {
        var defined = new Dictionary<string, Draft>(StringComparer.OrdinalIgnoreCase);
        var inOrder = new List<Draft>();
        var additions = new List<ParsedRule>();
        foreach (var (path, text) in files)
        {
            foreach (var rule in AbnfParser.Parse(path, text, faults))
            {
                if (rule.IsAddition)
                {
                    additions.Add(rule);
                }
                else if (defined.TryGetValue(rule.Name, out var earlier))
                {
                    var line = (earlier.At.Line + 1).ToString(CultureInfo.InvariantCulture);
                    faults.Add(new Fault(DiagnosticIds.DuplicateRule, rule.At, rule.Name, $"{earlier.At.Path}({line})"));
                }
                else
                {
                    Define(new Draft(rule.Name, rule.At, rule.Definition, rule.IsBroken));
                }
            }
        }

        foreach (var addition in additions)
        {
            if (!defined.TryGetValue(addition.Name, out var draft))
            {
                var core = CoreRule(addition.Name);
                if (core is null)
                    faults.Add(new Fault(DiagnosticIds.AdditionToNoRule, addition.At, addition.Name));

                // The first addition then defines the rule, so that references to it raise no second fault.
                draft = core is null
                    ? new Draft(addition.Name, addition.At, null, isBroken: true)
                    : new Draft(core.Name, core.At, core.Definition, isBroken: false);
                Define(draft);
            }

            draft.Add(addition);
        }

        var rules = ImmutableArray.CreateBuilder<Rule>(inOrder.Count + CoreRules.Rules.Length);
        foreach (var draft in inOrder)
            rules.Add(draft.ToRule());
        foreach (var core in CoreRules.Rules)
        {
            if (!defined.ContainsKey(core.Name))
                rules.Add(core);
        }

        return new Grammar(rules.ToImmutable());

        void Define(Draft draft)
        {
            defined.Add(draft.Name, draft);
            inOrder.Add(draft);
        }
    }

    private static Rule? CoreRule(string name)
    {
        foreach (var rule in CoreRules.Rules)
        {
            if (string.Equals(rule.Name, name, StringComparison.OrdinalIgnoreCase))
                return rule;
        }

        return null;
    }

    /// <summary>A rule while its additions are still being gathered.</summary>
    private sealed class Draft(string name, AbnfLocation at, Node? definition, bool isBroken)
    {
        private readonly List<Node> _additions = new();
        private bool _isBroken = isBroken;

        public string Name => name;

        public AbnfLocation At => at;

        public void Add(ParsedRule addition)
        {
            _isBroken |= addition.IsBroken;
            _additions.Add(addition.Definition);
        }

        public Rule ToRule()
        {
            if (_additions.Count == 0)
                return new Rule(name, definition!, at, isCore: false, _isBroken);
            var alternatives = ImmutableArray.CreateBuilder<Node>();
            if (definition is not null)
                Append(definition);
            foreach (var addition in _additions)
                Append(addition);
            var whole = alternatives.Count == 1
                ? alternatives[0]
                : new Alternation((definition ?? _additions[0]).At, alternatives.ToImmutable());
            return new Rule(name, whole, at, isCore: false, _isBroken);

            void Append(Node node)
            {
                if (node is Alternation alternation)
                    alternatives.AddRange(alternation.Alternatives);
                else
                    alternatives.Add(node);
            }
        }
    }
}
