// Walking a tree of nodes without regard to what they are.
using System.Collections.Generic;
using System.Collections.Immutable;

namespace SipEmbedded.Generator.Abnf;

internal static class NodeTraversal
{
    /// <summary>The nodes directly within, in the order of the file.</summary>
    public static ImmutableArray<Node> Children(this Node node) => node switch
    {
        Alternation alternation => alternation.Alternatives,
        Concatenation concatenation => concatenation.Elements,
        Repetition repetition => ImmutableArray.Create(repetition.Element),
        _ => ImmutableArray<Node>.Empty,
    };

    /// <summary>The node and all nodes within it, each before its children, in the order of the file. References are not
    /// followed.</summary>
    public static IEnumerable<Node> DescendantsAndSelf(this Node root)
    {
        var waiting = new Stack<Node>();
        waiting.Push(root);
        while (waiting.Count > 0)
        {
            var node = waiting.Pop();
            yield return node;
            var children = node.Children();
            for (var i = children.Length - 1; i >= 0; i--)
                waiting.Push(children[i]);
        }
    }
}
