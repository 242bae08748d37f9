// One grammar while code is emitted for it: its facts, and which of its rules the records have asked for so far.
using System;
using System.Collections.Generic;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal sealed class GrammarContext
{
    private readonly List<ByteSet> _testedSets = [];
    private readonly List<ByteSet> _runSets = [];
    private readonly Dictionary<string, string> _methods = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _taken = ["RuleNames", "Equals", "ToString", "GetHashCode", "GetType"];
    private readonly Queue<(Rule Rule, string Method)> _requested = new();

    public GrammarContext(GrammarDeclaration declaration, GrammarFacts facts, IReadOnlyList<VocabularyDeclaration> vocabularies)
    {
        Declaration = declaration;
        Facts = facts;
        Vocabularies = vocabularies;
        Holder = "global::" + declaration.Type.FullName;
        _taken.Add(declaration.Type.Name);
    }

    public GrammarDeclaration Declaration { get; }
    public GrammarFacts Facts { get; }
    public IReadOnlyList<VocabularyDeclaration> Vocabularies { get; }

    /// <summary>Rules in which a choice decides what is captured; and the items of parameter lists, whose alternatives names decide.</summary>
    public HashSet<string> Capturing { get; } = new(StringComparer.OrdinalIgnoreCase);
    public HashSet<string> ParameterItems { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a rule that a declaration names is not there.</summary>
    public string NoSuchRule => Facts.Grammar.Rules.All(rule => rule.IsCore)
        ? $"no .abnf file among the AdditionalFiles has the metadata Grammar=\"{Declaration.Name}\""
        : $"grammar '{Declaration.Name}' has no such rule";

    /// <summary>Notes where a capture tree leads through choices.</summary>
    public void NoteCaptures(string rule, Node definition, CaptureTree tree)
    {
        if (CaptureTree.Places(definition).OfType<Alternation>().Any(a => a.Alternatives.Any(tree.Reaches)))
            Capturing.Add(rule);
        foreach (var pair in tree.Children)
        {
            if (pair.Key is not Reference reference || Facts.Grammar.Find(reference.Name) is not { } inner)
                continue;
            if (pair.Value.ParameterList is not null)
                ParameterItems.Add(inner.Name);
            else
                NoteCaptures(inner.Name, inner.Definition, pair.Value);
        }
    }

    /// <summary>The full name of the class that holds the shared matchers.</summary>
    public string Holder { get; }

    public CharacterSets Sets(bool inHolder) => new(inHolder ? "" : Holder + ".", _testedSets, _runSets);

    /// <summary>The rule being emitted that contains itself, and its method that counts how deep (see note [nesting is bounded]).</summary>
    public (string Rule, string Method)? Nesting { get; set; }

    /// <summary>A call of a rule's shared matcher, which is emitted because of it.</summary>
    public string Call(Reference reference, string position, bool qualified)
    {
        string allow = Facts.LenientMask(Facts.Grammar.Find(reference.Name)!.Definition) != 0 ? ", allow" : "";
        if (Nesting is { } nesting && string.Equals(nesting.Rule, reference.Name, System.StringComparison.OrdinalIgnoreCase))
            return $"{nesting.Method}(s, {position}{allow}, depth + 1)";
        string method = MethodOf(reference.Name);
        return $"{(qualified ? Holder + "." : "")}{method}(s, {position}{allow})";
    }

    private string MethodOf(string rule)
    {
        if (_methods.TryGetValue(rule, out var known))
            return known;
        string method = Names.Unique(Names.Pascal(rule), _taken);
        _methods[rule] = method;
        _requested.Enqueue((Facts.Grammar.Find(rule)!, method));
        return method;
    }

    /// <summary>The literal that a node begins with, through references; null where it begins with something else.</summary>
    public Literal? LeadingLiteral(Node node, int depth = 0) => node switch
    {
        Literal literal => literal,
        Concatenation { Elements.Length: > 0 } c => LeadingLiteral(c.Elements[0], depth),
        Reference r when depth < 8 && Facts.Grammar.Find(r.Name) is { } rule => LeadingLiteral(rule.Definition, depth + 1),
        _ => null,
    };

    /// <summary>Emits the class that holds the matchers of every rule asked for, and of those they need.</summary>
    public string EmitHolder()
    {
        var rules = new List<(string Name, string Code)>();
        while (_requested.Count > 0)
        {
            var (rule, method) = _requested.Dequeue();
            var emitter = new MatcherEmitter(this, null);
            emitter.EmitRule(rule, method);
            rules.Add((method, emitter.ToString()));
        }
        var code = SourceFile.Begin();
        var type = Declaration.Type;
        SourceFile.OpenType(code, type, "");
        code.Line($"/// <summary>The names of the grammar's rules by their numbers in match results; 0 is none.</summary>");
        code.Line("internal static ReadOnlySpan<string> RuleNames => s_ruleNames;").Line();
        code.Line("private static readonly string[] s_ruleNames =").Line("[").Line("    \"\",");
        foreach (var rule in Facts.Grammar.Rules)
            code.Line($"    {Names.Quoted(rule.Name)},");
        code.Line("];").Line();
        foreach (var (_, text) in rules.OrderBy(r => r.Name, StringComparer.Ordinal))
            code.Block(text.TrimEnd('\n')).Line();
        Sets(inHolder: true).Emit(code);
        SourceFile.CloseType(code, type);
        return code.ToString();
    }
}
