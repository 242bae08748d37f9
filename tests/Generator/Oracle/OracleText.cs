// Short spellings for the oracle's tests: octets from text (one char one octet), and a parse tree as one line.
using System.Text;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Tests.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

internal static class OracleText
{
    public static byte[] Octets(this string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(this byte[] octets) => Encoding.Latin1.GetString(octets);

    public static MatchResult Match(string abnf, string rule, string input) =>
        new ReferenceMatcher(AbnfText.Read(abnf)).Match(rule, input.Octets());

    /// <summary>
    /// The tree without the nodes that decide nothing: <c>name(…)</c> a reference, <c>#i</c> the alternative taken, <c>{…|…}</c>
    /// the iterations of a repetition, <c>'…'</c> the octets of a terminal.
    /// </summary>
    public static string Show(ParseNode tree, string input)
    {
        var text = new StringBuilder();
        Show(tree, input, text);
        return text.ToString();
    }

    private static void Show(ParseNode node, string input, StringBuilder text)
    {
        switch (node.Node)
        {
            case Reference reference:
                text.Append(reference.Name).Append('(');
                Show(node.Children[0], input, text);
                text.Append(')');
                break;
            case Alternation:
                text.Append('#').Append(node.Alternative).Append(' ');
                Show(node.Children[0], input, text);
                break;
            case Repetition:
                text.Append('{');
                for (var i = 0; i < node.Children.Length; i++)
                {
                    if (i > 0)
                        text.Append('|');
                    Show(node.Children[i], input, text);
                }

                text.Append('}');
                break;
            case Concatenation:
                foreach (var child in node.Children)
                    Show(child, input, text);
                break;
            default:
                text.Append('\'').Append(input, node.Start, node.End - node.Start).Append('\'');
                break;
        }
    }
}
