// Which places of a rule's definition are captured: the paths of a record resolved to nodes of the grammar's tree.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

/// <summary>The captures in one definition; a child is a place in that definition that is captured or that leads to captures.</summary>
internal sealed class CaptureTree
{
    public Dictionary<Node, CaptureTree> Children { get; } = [];

    /// <summary>Properties that take the text matched here.</summary>
    public List<PropertyDeclaration> Here { get; } = [];

    /// <summary>Properties that note that this place was matched, with the number they take.</summary>
    public List<(PropertyDeclaration Property, int Number)> Branches { get; } = [];

    /// <summary>The property that takes the parameter list whose item stands here.</summary>
    public PropertyDeclaration? ParameterList { get; set; }

    public bool IsEmpty => Children.Count == 0 && Here.Count == 0 && Branches.Count == 0 && ParameterList is null;

    /// <summary>All properties set in this subtree.</summary>
    public IEnumerable<PropertyDeclaration> All()
    {
        foreach (var property in Here)
            yield return property;
        foreach (var (property, _) in Branches)
            yield return property;
        if (ParameterList is { } list)
            yield return list;
        foreach (var property in Children.Values.SelectMany(child => child.All()))
            yield return property;
    }

    /// <summary>The children whose place lies inside <paramref name="node"/>.</summary>
    public IEnumerable<CaptureTree> Inside(Node node) => Children.Count == 0 ? [] : Places(node).Where(Children.ContainsKey).Select(place => Children[place]);

    public bool Reaches(Node node) => Inside(node).Any();

    /// <summary>The node and all nodes under it in the same definition.</summary>
    public static IEnumerable<Node> Places(Node node)
    {
        yield return node;
        var inner = node switch
        {
            Alternation a => a.Alternatives,
            Concatenation c => c.Elements,
            Repetition r => [r.Element],
            _ => System.Collections.Immutable.ImmutableArray<Node>.Empty,
        };
        foreach (var place in inner.SelectMany(Places))
            yield return place;
    }

    /// <summary>
    /// Adds one path of a property; false where it names nothing. <paramref name="inRepetition"/> is then set if the place exists but stands in
    /// a repetition together with other elements, so that only its last match could be kept.
    /// </summary>
    public bool Add(Grammar grammar, Node definition, PropertyDeclaration property, string path, int number, out bool inRepetition)
    {
        inRepetition = false;
        var components = Components(path);
        var trees = new List<(CaptureTree Tree, Node Definition)> { (this, definition) };
        for (int i = 0; i < components.Length; i++)
        {
            bool last = i == components.Length - 1;
            var next = new List<(CaptureTree, Node)>();
            foreach (var (tree, inDefinition) in trees)
            {
                foreach (var (place, repeated) in Sites(inDefinition, components[i], last && property.Kind != PropertyKind.Parameters))
                {
                    if (repeated && property.Kind != PropertyKind.Parameters)
                    {
                        inRepetition = true;
                        return false;
                    }
                    if (!tree.Children.TryGetValue(place, out var child))
                        tree.Children[place] = child = new CaptureTree();
                    if (last)
                        child.Take(property, number);
                    else if (place is Reference reference && grammar.Find(reference.Name) is { } rule)
                        next.Add((child, rule.Definition));
                }
            }
            if (last)
                return All().Contains(property);
            if (next.Count == 0)
                return false;
            trees = next;
        }
        return false;
    }

    /// <summary>The chain of a path: what stands between slashes, but for those in a literal's quotes.</summary>
    public static string[] Components(string path)
    {
        var components = new List<string>();
        int start = 0;
        bool quoted = false;
        for (int i = 0; i < path.Length; i++)
        {
            quoted ^= path[i] == '"';
            if (path[i] != '/' || quoted)
                continue;
            components.Add(path.Substring(start, i - start));
            start = i + 1;
        }
        components.Add(path.Substring(start));
        return [.. components];
    }

    private void Take(PropertyDeclaration property, int number)
    {
        switch (property.Kind)
        {
            case PropertyKind.Branch:
                Branches.Add((property, number));
                break;
            case PropertyKind.Parameters:
                ParameterList = property;
                break;
            default:
                Here.Add(property);
                break;
        }
    }

    private static IEnumerable<(Node Place, bool Repeated)> Sites(Node definition, string component, bool wholeRepetition)
    {
        int wanted = 0;
        if (component.EndsWith("]", StringComparison.Ordinal) && component.IndexOf('[') is > 0 and var open)
        {
            string number = component.Substring(open + 1, component.Length - open - 2);
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out wanted) || wanted == 0)
                return [];
            component = component.Substring(0, open);
        }
        // "*name": the repetition around name, whatever else it repeats.
        if (component.StartsWith("*", StringComparison.Ordinal) && component.Length > 1)
        {
            string inside = component.Substring(1);
            return Places(definition).OfType<Repetition>().Where(r => !r.IsOption && Places(r.Element).Any(place => Named(place, inside)))
                .Take(1).Select(r => ((Node)r, false));
        }
        var found = Walk(definition, component, wholeRepetition, repeated: false).ToList();
        return wanted == 0 ? found : wanted <= found.Count ? [found[wanted - 1]] : [];
    }

    private static IEnumerable<(Node, bool)> Walk(Node node, string component, bool wholeRepetition, bool repeated)
    {
        switch (node)
        {
            case Repetition r when wholeRepetition && !r.IsOption && Named(r.Element, component):
                return [(r, repeated)];
            case Repetition r:
                return Walk(r.Element, component, wholeRepetition, repeated || r.Max > 1);
            case Alternation a:
                return a.Alternatives.SelectMany(item => Walk(item, component, wholeRepetition, repeated));
            case Concatenation c:
                return c.Elements.SelectMany(item => Walk(item, component, wholeRepetition, repeated));
            default:
                return Named(node, component) ? [(node, repeated)] : [];
        }
    }

    private static bool Named(Node node, string component) => node switch
    {
        Reference r => string.Equals(r.Name, component, StringComparison.OrdinalIgnoreCase),
        Literal l => component.Length >= 2 && component[0] == '"' && string.Equals(l.Text, component.Trim('"'), StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
