// One step of a parse: a node of the ABNF tree and the octets it took. A parse tree has a ParseNode for every node of the grammar
// that the first parse in priority order goes through, so whatever a test wants to know (rules, alternatives, iterations) can be
// read off.
using System.Collections.Immutable;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Oracle;

internal sealed class ParseNode(Node node, int start, int end, ImmutableArray<ParseNode> children, int alternative = -1)
{
    /// <summary>The node of the grammar.</summary>
    public Node Node { get; } = node;

    /// <summary>Offset of the first octet taken.</summary>
    public int Start { get; } = start;

    /// <summary>Offset after the last octet taken.</summary>
    public int End { get; } = end;

    /// <summary>
    /// A reference has its rule's definition as its one child, an alternation the alternative taken, a concatenation its
    /// elements, a repetition its iterations, a terminal nothing.
    /// </summary>
    public ImmutableArray<ParseNode> Children { get; } = children;

    /// <summary>For an alternation the index of the alternative taken, else -1.</summary>
    public int Alternative { get; } = alternative;

    /// <summary>For a reference the rule's name as the reference spells it, else null.</summary>
    public string? RuleName => (Node as Reference)?.Name;

    public bool Is(string rule) => string.Equals(RuleName, rule, StringComparison.OrdinalIgnoreCase);

    /// <summary>The rule references in this node's own expansion, in order, without those inside another reference.</summary>
    public IEnumerable<ParseNode> Rules() => Within().Where(node => node.Node is Reference);

    /// <summary>
    /// The alternations in this node's own expansion, in order of the text, without those inside another reference.
    /// </summary>
    public IEnumerable<ParseNode> Choices() => Within().Where(node => node.Node is Alternation);

    /// <summary>Every node below this one in order of the text, parents first; a reference is given but not entered.</summary>
    public IEnumerable<ParseNode> Within()
    {
        var pending = new Stack<ParseNode>(Children.Reverse());
        while (pending.TryPop(out var node))
        {
            yield return node;
            if (node.Node is Reference)
                continue;
            foreach (var child in node.Children.Reverse())
                pending.Push(child);
        }
    }
}
