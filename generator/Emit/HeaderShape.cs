// A header's rule read as "names, colon, value": RFC 3261's  Via = ( "Via" / "v" ) HCOLON via-parm *(COMMA via-parm).
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Emit;

/// <summary>What a header's rule says about its value.</summary>
internal sealed class HeaderShape
{
    /// <summary>The name as written out, and the one-letter form, or '\0'.</summary>
    public string Name { get; private set; } = "";
    public char Compact { get; private set; }

    /// <summary>What one value is: the element of a list, or all that follows the colon.</summary>
    public Node Value { get; private set; } = null!;

    /// <summary>The rule that names the value in faults and from which capture paths start: the list element's, else the header's own.</summary>
    public string ValueRule { get; private set; } = "";

    /// <summary>What stands between two values, or null where the header has one.</summary>
    public Node? Separator { get; private set; }

    public bool CanBeEmpty { get; private set; }

    /// <summary>A value that stands alone instead of a list: Contact's <c>*</c>.</summary>
    public Node? Sole { get; private set; }

    public static HeaderShape? Of(Rule rule, Grammar grammar)
    {
        if (rule.Definition is not Concatenation { Elements.Length: >= 3 } line)
            return null;
        var names = line.Elements[0] switch
        {
            Literal literal => ImmutableArray.Create(literal),
            Alternation a when a.Alternatives.All(n => n is Literal) => [.. a.Alternatives.Cast<Literal>()],
            _ => ImmutableArray<Literal>.Empty,
        };
        if (names.IsEmpty || line.Elements[1] is not Reference)
            return null;
        var shape = new HeaderShape { Name = names[0].Text, ValueRule = rule.Name };
        if (names.FirstOrDefault(n => n.Text.Length == 1) is { } compact)
            shape.Compact = compact.Text[0];
        var rest = line.Elements.RemoveRange(0, 2);
        Node value = rest.Length == 1 ? rest[0] : new Concatenation(line.At, rest);
        if (value is Repetition { IsOption: true } option)
        {
            shape.CanBeEmpty = true;
            value = option.Element;
        }
        if (value is Alternation { Alternatives.Length: 2 } choice && List(choice.Alternatives[1], grammar) is not null)
        {
            shape.Sole = choice.Alternatives[0];
            value = choice.Alternatives[1];
        }
        if (List(value, grammar) is { } list)
        {
            shape.Separator = list.Separator;
            value = list.Element;
        }
        // One list rule below the header's: Recv-Info HCOLON [Info-package-list].
        shape.Value = value;
        if (shape.Separator is not null && value is Reference element)
            shape.ValueRule = element.Name;
        return OfListBelow(shape, grammar);
    }

    private static HeaderShape OfListBelow(HeaderShape shape, Grammar grammar)
    {
        if (shape.Separator is not null || shape.Value is not Reference reference)
            return shape;
        if (grammar.Find(reference.Name) is not { } named || List(named.Definition, grammar) is not { } list)
            return shape;
        shape.Separator = list.Separator;
        shape.Value = list.Element;
        shape.ValueRule = list.Element is Reference element ? element.Name : named.Name;
        return shape;
    }

    /// <summary>The same header with its whole value as one.</summary>
    public static HeaderShape? WithoutList(Rule rule, Grammar grammar)
    {
        var shape = Of(rule, grammar);
        if (shape is null)
            return null;
        var line = (Concatenation)rule.Definition;
        shape.Separator = null;
        shape.ValueRule = rule.Name;
        shape.Value = line.Elements.Length == 3 ? line.Elements[2] : new Concatenation(line.At, line.Elements.RemoveRange(0, 2));
        return shape;
    }

    // X *(SEPARATOR X), X being one reference and the separator a comma, perhaps in white space: only those lists may go on in a second
    // line of the same name (RFC 3261 section 7.3.1). Server's words, parted by LWS, and Privacy's, by ";", are one value.
    private static (Node Element, Node Separator)? List(Node node, Grammar grammar)
    {
        if (node is Concatenation { Elements.Length: 2 } c && c.Elements[0] is Reference element
            && c.Elements[1] is Repetition { Min: 0, Max: Repetition.Unbounded, Element: Concatenation { Elements.Length: 2 } more }
            && more.Elements[0] is Reference && Words(more.Elements[0], grammar, 0).SequenceEqual([","])
            && more.Elements[1] is Reference again && string.Equals(again.Name, element.Name, System.StringComparison.OrdinalIgnoreCase))
        {
            return (element, more.Elements[0]);
        }
        return null;
    }

    /// <summary>The literals of a node, through references.</summary>
    private static IEnumerable<string> Words(Node node, Grammar grammar, int depth) => node switch
    {
        Literal literal => [literal.Text],
        Reference reference when depth < 8 && grammar.Find(reference.Name) is { } rule => Words(rule.Definition, grammar, depth + 1),
        _ => node.Children().SelectMany(child => Words(child, grammar, depth)),
    };
}
