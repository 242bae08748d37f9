// Capture paths read off the oracle's parse tree, as the documentation of the attributes defines them and without the generator's
// own reading of them: a chain of names, each standing in the definition of the rule before it; "name[2]" the second such place in
// the definition; a literal in quotes; "*name" the repetition around a name; a name that is all a repetition repeats stands, as the
// last of the chain, for the repetition.
using System.Globalization;
using System.Text.RegularExpressions;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Agreement;

internal static partial class CapturePath
{
    /// <summary>One component: a literal may hold a slash.</summary>
    [GeneratedRegex("(\"[^\"]*\"|[^/\"])+")]
    private static partial Regex Component();

    /// <summary>The places of the record's text that the paths name, in order of the text. "." is the record itself.</summary>
    public static List<ParseNode> Matches(ParseNode record, IEnumerable<string> paths, bool repetitionsAsOne)
    {
        var matches = new List<ParseNode>();
        foreach (string path in paths)
        {
            if (path == ".")
                matches.Add(record);
            else
                Collect(record, [.. Component().Matches(path).Select(match => match.Value)], 0, repetitionsAsOne, matches);
        }

        return [.. matches.OrderBy(match => match.Start).ThenBy(match => match.End)];
    }

    /// <summary>Every reference to the rule that stands in a list, whatever rules the list itself is below.</summary>
    public static List<ParseNode> Elements(ParseNode list, string rule) =>
        [.. list.Rules().SelectMany(node => node.Is(rule) ? [node] : Elements(node, rule))];

    /// <summary>
    /// The parts of a parameter list in order of the text: each repetition in which the last rule of a path stands, with all of its
    /// items, also where one is another alternative than that rule; and the rule itself where it stands before the repetition.
    /// </summary>
    public static List<(int Start, List<ParseNode> Items)> Lists(ParseNode record, IEnumerable<string> paths)
    {
        var lists = new List<(int Start, List<ParseNode> Items)>();
        foreach (string path in paths)
        {
            int slash = path.LastIndexOf('/');
            var owners = slash < 0 ? [record] : Matches(record, [path[..slash]], repetitionsAsOne: false);
            foreach (var owner in owners)
            {
                var places = Places(owner.Children[0].Node, path[(slash + 1)..], repetitionsAsOne: false);
                var inLists = new HashSet<ParseNode>();
                foreach (var node in owner.Within().Where(node => !inLists.Contains(node)))
                {
                    if (node.Node is Repetition { IsOption: false } list && list.Element.DescendantsAndSelf().Any(places.Contains))
                    {
                        inLists.UnionWith(node.Within());
                        if (!node.Children.IsEmpty)
                            lists.Add((node.Start, [.. node.Children.Select(iteration => iteration.Children[^1])]));
                    }
                    else if (places.Contains(node.Node))
                    {
                        lists.Add((node.Start, [node]));
                    }
                }
            }
        }

        return [.. lists.OrderBy(list => list.Start)];
    }

    private static void Collect(ParseNode within, string[] components, int depth, bool repetitionsAsOne, List<ParseNode> matches)
    {
        bool last = depth == components.Length - 1;
        var places = Places(within.Children[0].Node, components[depth], last && repetitionsAsOne);
        foreach (var node in within.Within().Where(node => places.Contains(node.Node)))
        {
            if (last)
                matches.Add(node);
            else if (node.Node is Reference)
                Collect(node, components, depth + 1, repetitionsAsOne, matches);
        }
    }

    /// <summary>The nodes of a definition that one component of a path names.</summary>
    private static HashSet<Node> Places(Node definition, string component, bool repetitionsAsOne)
    {
        if (component.StartsWith('*') && component.Length > 1)
        {
            var around = definition.DescendantsAndSelf().OfType<Repetition>().FirstOrDefault(repetition => !repetition.IsOption
                && repetition.Element.DescendantsAndSelf().Any(node => Is(node, component[1..])));
            return around is null ? [] : [around];
        }

        int number = 0;
        if (component.EndsWith(']') && component.IndexOf('[') is > 0 and var open)
        {
            number = int.Parse(component.AsSpan(open + 1, component.Length - open - 2), CultureInfo.InvariantCulture);
            component = component[..open];
        }

        var named = new List<Node>();
        var repeated = new HashSet<Node>();
        foreach (var node in definition.DescendantsAndSelf())
        {
            if (repetitionsAsOne && node is Repetition { IsOption: false } repetition && Is(repetition.Element, component))
            {
                named.Add(repetition);
                repeated.Add(repetition.Element);
            }
            else if (Is(node, component) && !repeated.Contains(node))
            {
                named.Add(node);
            }
        }

        return number == 0 ? [.. named] : [named[number - 1]];
    }

    private static bool Is(Node node, string component) => node switch
    {
        Reference reference => string.Equals(reference.Name, component, StringComparison.OrdinalIgnoreCase),
        Literal literal => component.StartsWith('"') && string.Equals('"' + literal.Text + '"', component, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
