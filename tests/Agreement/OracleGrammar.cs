// The grammar as the oracle reads it: the runtime's own files, the adjustments that are declared on the grammar's class, and for
// each header two rules more, since the RFCs' rules for headers begin with the name: all that stands behind HCOLON, and one value.
using System.Collections.Immutable;
using System.Reflection;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Report;
using SipEmbedded.Oracle;

namespace SipEmbedded.Agreement;

/// <summary>What the record's matcher number <see cref="Index"/> is held to: a rule of the oracle's grammar.</summary>
internal sealed record RecordRule(int Index, string Rule);

/// <summary>A header's whole value: the list it is, if it is one.</summary>
internal sealed record HeaderValue(string Whole, string? Element, string? Sole);

internal sealed class OracleGrammar
{
    /// <summary>The states of an automaton that decides whether one alternative is included in another.</summary>
    private const int MaxStates = 2000;

    private static readonly Dictionary<(string, uint), OracleGrammar> s_grammars = [];

    private readonly Dictionary<DeclaredRecord, HeaderValue> _headers = [];

    private OracleGrammar(string name, Grammar grammar)
    {
        Grammar = grammar;
        foreach (var record in Declarations.Records.Where(record => record.Grammar == name && record.IsHeader))
            AddHeader(record);
        Matcher = new ReferenceMatcher(Grammar);
    }

    public Grammar Grammar { get; private set; }

    public ReferenceMatcher Matcher { get; }

    /// <summary>The grammar of that name where the caller allows those leniencies.</summary>
    public static OracleGrammar Of(string name, uint allow)
    {
        lock (s_grammars)
        {
            if (!s_grammars.TryGetValue((name, allow), out var grammar))
                s_grammars.Add((name, allow), grammar = new OracleGrammar(name, Read(name, allow)));
            return grammar;
        }
    }

    /// <summary>The same records read by another grammar: what a test plants a fault in.</summary>
    public static OracleGrammar With(string name, Func<Grammar, Grammar> change) => new(name, change(Read(name, 0)));

    public IEnumerable<RecordRule> RulesOf(DeclaredRecord record) => record.IsHeader
        ? [new RecordRule(0, ValueOf(record))]
        : record.Rules.Select((rule, index) => new RecordRule(index, Grammar.Find(rule)!.Name));

    public HeaderValue HeaderOf(DeclaredRecord record) => _headers[record];

    private static string ValueOf(DeclaredRecord record) => $"{record.Rules[0]} value";

    private static DeclaredGrammar Declared(string name) => Declarations.Grammars.First(grammar => grammar.Name == name);

    private static Grammar Read(string name, uint allow)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = assembly.GetManifestResourceNames()
            .Where(file => file.StartsWith(name + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(file =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(file)!);
                return (file, reader.ReadToEnd());
            });
        var faults = new List<Fault>();
        var declared = Declared(name);
        var grammar = GrammarBuilder.Build([.. files], faults);
        // A rule that is not allowed derives nothing, which is what prose does.
        foreach (var (rule, flag) in declared.Leniencies.Where(lenient => (lenient.Flag & allow) == 0))
            grammar = With(grammar, rule, new Prose(default, "not allowed"));
        grammar = Adjustments.Apply(grammar, declared.Adjustments.Select(Adjustment).OfType<Adjustment>(), IsIncluded, faults);
        return faults.Count == 0 ? grammar : throw new InvalidOperationException($"{faults[0].Id} {string.Join(' ', faults[0].Arguments)}");
    }

    /// <summary>The grammar with another definition of one rule.</summary>
    public static Grammar With(Grammar grammar, string name, Node definition)
    {
        var rule = grammar.Find(name) ?? throw new InvalidOperationException($"the grammar has no rule {name}");
        return new(grammar.Rules.Replace(rule, new Rule(rule.Name, definition, rule.At, rule.IsCore)));
    }

    private static Adjustment? Adjustment(DeclaredAdjustment declared) => declared.Attribute == "Replace"
        ? new Replace(declared.Rule, declared.Reference, declared.Replacement)
        : declared.Choice switch
        {
            "Commit" => new Commit(declared.Rule),
            "MostSpecific" => new MostSpecific(declared.Rule),
            "InOrder" => null,
            _ => throw new InvalidOperationException($"the oracle knows no choice {declared.Choice}"),
        };

    private static bool IsIncluded(Grammar grammar, Node a, Node b) =>
        Dfa.TryBuild(grammar, a, MaxStates, out var inner) && Dfa.TryBuild(grammar, b, MaxStates, out var outer) && inner.IsSubsetOf(outer);

    // A header's rule is names, HCOLON, and the value: one, or X *(SEPARATOR X), perhaps optional, perhaps below one more rule,
    // perhaps beside a value that stands alone instead of the list (Contact's star).
    private void AddHeader(DeclaredRecord record)
    {
        var line = (Concatenation)Grammar.Find(record.Rules[0])!.Definition;
        var rest = line.Elements.RemoveRange(0, 2);
        var whole = rest.Length == 1 ? rest[0] : new Concatenation(line.At, rest);
        var value = whole is Repetition { IsOption: true } option ? option.Element : whole;
        Node? sole = null;
        if (value is Alternation { Alternatives: [var alone, var listed] } && ElementOf(listed) is not null)
            (sole, value) = (alone, listed);
        var element = ElementOf(value) ?? (value is Reference below ? ElementOf(Grammar.Find(below.Name)!.Definition) : null);
        // A record whose paths begin with the element's own name reads the whole list as one value.
        bool isOne = element is not null && record.Properties.Any(property => property.Source != Source.Parameter
            && property.Paths.Any(path => string.Equals(path.Split('/')[0], element.Name, StringComparison.OrdinalIgnoreCase)));
        if (isOne)
            (element, sole, value) = (null, null, whole);
        string all = $"{record.Rules[0]} whole";
        Add(all, whole);
        Add(ValueOf(record), element is null ? value : Grammar.Find(element.Name)!.Definition);
        _headers.Add(record, new HeaderValue(all, element?.Name, (sole as Reference)?.Name));
    }

    private void Add(string name, Node definition) => Grammar = new(Grammar.Rules.Add(new Rule(name, definition, default, false)));

    // Only a list whose separator is a comma is one of several values (RFC 3261 section 7.3.1).
    private Reference? ElementOf(Node node) =>
        node is Concatenation { Elements: [Reference first, Repetition { Min: 0, Max: Repetition.Unbounded, Element: Concatenation more }] }
        && more.Elements is [Reference separator, Reference next] && first.Name == next.Name
        && new ReferenceMatcher(Grammar).Match(separator.Name, [(byte)',']).IsAccepted ? first : null;
}
