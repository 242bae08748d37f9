// A grammar: the rules of one or more ABNF files taken together, with the core rules of RFC 5234 appendix B.1 beneath them.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;

namespace SipEmbedded.Generator.Abnf;

internal sealed class Rule(string name, Node definition, AbnfLocation at, bool isCore, bool isBroken = false)
{
    /// <summary>The name as its first definition spells it.</summary>
    public string Name { get; } = name;

    /// <summary>The definition with every <c>=/</c> addition appended as further alternatives.</summary>
    public Node Definition { get; } = definition;

    /// <summary>Where the name stands in its first definition.</summary>
    public AbnfLocation At { get; } = at;

    /// <summary>True for a rule of RFC 5234 appendix B.1 that no file defines itself.</summary>
    public bool IsCore { get; } = isCore;

    /// <summary>True where a fault was found while reading the rule: its name is known, its definition is not to be relied
    /// on.</summary>
    public bool IsBroken { get; } = isBroken;
}

internal sealed class Grammar
{
    private readonly Dictionary<string, Rule> _byName = new(StringComparer.OrdinalIgnoreCase);

    public Grammar(ImmutableArray<Rule> rules)
    {
        Rules = rules;
        foreach (var rule in rules)
            _byName[rule.Name] = rule;
    }

    /// <summary>The rules of the files in file order, then the core rules.</summary>
    public ImmutableArray<Rule> Rules { get; }

    public Rule? Find(string name) => _byName.TryGetValue(name, out var rule) ? rule : null;
}
