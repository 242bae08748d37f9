// A repetition of "separator item" whose items are named values: the shape of Via's *( SEMI via-params ) or of a digest's
// dig-resp *(COMMA dig-resp). Its items are told apart by name, so that a list is read in one pass whatever the order.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;

namespace SipEmbedded.Generator.Emit;

/// <summary>An alternative that begins with a literal: a parameter that the grammar knows.</summary>
internal sealed record KnownParameter(string Name, bool CaseSensitive, Node? Equal, Node? Value, bool ValueOptional, bool EqualInName);

/// <summary>An alternative whose name is open: <c>token [ EQUAL gen-value ]</c>.</summary>
internal sealed record GenericParameter(Node Name, Node? Equal, Node? Value, bool ValueOptional);

internal sealed class ParameterList
{
    private readonly GrammarFacts _facts;

    private ParameterList(GrammarFacts facts, Node? separator, Reference item, Node items)
    {
        _facts = facts;
        Separator = separator;
        Item = item;
        Flatten(items, 0);
        ChooseGeneric();
    }

    /// <summary>What stands before each item in the repetition.</summary>
    public Node? Separator { get; }

    /// <summary>The item, or where the item is a choice written in place, the alternative that a path names.</summary>
    public Reference Item { get; }
    public List<KnownParameter> Known { get; } = [];
    public GenericParameter? Generic { get; private set; }

    /// <summary>Alternatives that are neither known by a literal nor inside the generic one.</summary>
    public List<Node> Others { get; } = [];

    /// <summary>Alternatives inside the generic one but for white space that they take behind the value.</summary>
    public List<Node> Padded { get; } = [];

    private readonly List<(GenericParameter Shape, Node Node)> _generics = [];

    /// <summary>The list that a repetition is, when its item is <paramref name="item"/>; null where it has another shape.</summary>
    public static ParameterList? Of(GrammarFacts facts, Repetition repetition, Reference item)
    {
        if (repetition.Element is not Concatenation { Elements.Length: >= 2 } body)
            return null;
        var items = body.Elements[body.Elements.Length - 1];
        if (!ReferenceEquals(items, item) && !(items is Alternation choice && choice.Alternatives.Contains(item)))
            return null;
        var separator = body.Elements.Length == 2 ? body.Elements[0] : new Concatenation(body.At, body.Elements.RemoveAt(body.Elements.Length - 1));
        return new(facts, separator, item, items);
    }

    private void Flatten(Node node, int depth)
    {
        switch (node)
        {
            case Alternation a:
                foreach (var item in a.Alternatives)
                    Flatten(item, depth);
                return;
            case Reference r when _facts.Grammar.Find(r.Name) is { } rule && depth < 8 && !IsOpen(r):
                Flatten(rule.Definition, depth + 1);
                return;
            case Literal l:
                Add(l, []);
                return;
            case Concatenation c when AsLiteral(c.Elements[0]) is { } name:
                Add(name, c.Elements.RemoveAt(0));
                return;
            case Concatenation c:
                AddGeneric(c, c.Elements);
                return;
            default:
                AddGeneric(node, [node]);
                return;
        }
    }

    // A rule that is a plain class of words (token) is a name, not a choice to flatten.
    private bool IsOpen(Reference reference) => _facts.Grammar.Find(reference.Name)!.Definition is Repetition;

    private Literal? AsLiteral(Node node) => node switch
    {
        Literal l => l,
        Reference r => _facts.Grammar.Find(r.Name)?.Definition as Literal,
        _ => null,
    };

    private void Add(Literal name, ImmutableArray<Node> rest)
    {
        bool equalInName = name.Text.Length > 1 && name.Text.EndsWith("=", StringComparison.Ordinal);
        string text = equalInName ? name.Text.Substring(0, name.Text.Length - 1) : name.Text;
        if (Known.Any(k => string.Equals(k.Name, text, StringComparison.OrdinalIgnoreCase)))
            return;
        if (equalInName)
            Known.Add(new(text, name.CaseSensitive, null, Sequence(rest), false, true));
        else if (rest.IsEmpty)
            Known.Add(new(text, name.CaseSensitive, null, null, true, false));
        else if (rest.Length == 1 && rest[0] is Repetition { IsOption: true, Element: Concatenation inner })
            Known.Add(new(text, name.CaseSensitive, inner.Elements[0], Sequence(inner.Elements.RemoveAt(0)), true, false));
        else
            Known.Add(new(text, name.CaseSensitive, rest[0], Sequence(rest.RemoveAt(0)), false, false));
    }

    private void AddGeneric(Node node, ImmutableArray<Node> elements)
    {
        GenericParameter? shape = null;
        if (elements.Length == 1)
            shape = new(elements[0], null, null, true);
        else if (elements.Length == 2 && elements[1] is Repetition { IsOption: true, Element: Concatenation { Elements.Length: >= 2 } inner })
            shape = new(elements[0], inner.Elements[0], Sequence(inner.Elements.RemoveAt(0)), true);
        else if (elements.Length >= 3)
            shape = new(elements[0], elements[1], Sequence(elements.RemoveRange(0, 2)), false);
        if (shape is not null && _facts.IsLeaf(shape.Name))
            _generics.Add((shape, node));
        else
            Others.Add(node);
    }

    // The most general of the open alternatives reads the list; another one is kept only for what that one does not accept.
    private void ChooseGeneric()
    {
        foreach (var (shape, _) in _generics)
        {
            if (Generic is null || !Includes(Generic.Name, shape.Name) || Includes(shape.Name, Generic.Name) && shape.ValueOptional)
                Generic = shape;
        }
        foreach (var (shape, node) in _generics)
        {
            if (Generic is null || ReferenceEquals(shape, Generic))
                continue;
            bool covered = Includes(Generic.Name, shape.Name)
                && (shape.Value is null || Generic.Value is not null && ValueIsCovered(shape.Value));
            if (!covered)
                Others.Add(node);
            else if (shape.Value is not null && !Included(shape.Value, Generic!.Value!))
                Padded.Add(node);
        }
    }

    private bool Includes(Node outer, Node inner) => Included(inner, outer);

    /// <summary>True where the generic value accepts whatever this value accepts (white space at its end aside).</summary>
    public bool ValueIsCovered(Node value) => Generic?.Value is { } generic && Included(value, WithSpace(generic));

    private bool Included(Node inner, Node outer)
    {
        var a = _facts.Leaf(inner, 0);
        var b = _facts.Leaf(outer, 0);
        return a is not null && b is not null && a.IsSubsetOf(b);
    }

    private readonly Dictionary<Node, Node> _padded = [];

    private Node WithSpace(Node node)
    {
        if (_padded.TryGetValue(node, out var known))
            return known;
        var space = new Alternation(node.At, [new OctetRange(node.At, 9, 10), new OctetRange(node.At, 13, 13), new OctetRange(node.At, 32, 32)]);
        return _padded[node] = new Concatenation(node.At, [node, new Repetition(node.At, space, 0, Repetition.Unbounded)]);
    }

    private static Node Sequence(ImmutableArray<Node> elements) => elements.Length == 1 ? elements[0] : new Concatenation(elements[0].At, elements);
}
