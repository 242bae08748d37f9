// Comparing a name in a text: by length, then by masked words.
//
// note [mask letters only]
// A fold ORs 0x20 into the octets where the name has a letter and leaves the others exact. ORing a whole word would make "Call\rID"
// equal "Call-ID", and a digit equal a control octet.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace SipEmbedded.Generator.Emit;

internal static class NameMatch
{
    private const int WordOctets = 8;

    /// <summary>An expression that is true where <paramref name="name"/> stands at <paramref name="position"/>; the length is already known to fit unless <paramref name="checkLength"/>.</summary>
    public static string Expression(string name, bool caseSensitive, string position, bool checkLength)
    {
        var parts = new List<string>();
        int at = 0;
        while (at < name.Length)
        {
            int count = Math.Min(WordOctets, name.Length - at);
            // The last word of a long name overlaps the one before: one read fewer.
            if (count < WordOctets && name.Length >= WordOctets)
            {
                at = name.Length - WordOctets;
                count = WordOctets;
            }
            ulong fold = 0, word = 0;
            for (int i = 0; i < count; i++)
            {
                char c = name[at + i];
                bool letter = !caseSensitive && (c is >= 'a' and <= 'z' or >= 'A' and <= 'Z');
                fold |= (letter ? 0x20UL : 0) << (8 * i);
                word |= (ulong)(letter ? c | 0x20 : c) << (8 * i);
            }
            string offset = at == 0 ? position : $"{position} + {at.ToString(CultureInfo.InvariantCulture)}";
            string left = $"Scan.Word(s, {offset}, {count.ToString(CultureInfo.InvariantCulture)})";
            parts.Add((fold == 0 ? left : $"({left} | {Hex(fold)})") + $" == {Hex(word)}");
            at += count;
        }
        string test = string.Join(" && ", parts);
        return checkLength ? $"s.Length - {position} >= {name.Length.ToString(CultureInfo.InvariantCulture)} && {test}" : test;
    }

    private static string Hex(ulong value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture) + "UL";

    /// <summary>
    /// A switch over the length of s[<paramref name="start"/>..<paramref name="end"/>] that runs the statement of the matching name.
    /// Names in ordinal order within a length; each statement must leave the switch's method or end with break.
    /// </summary>
    public static void Switch(
        CodeWriter code, IEnumerable<(string Name, string Statement)> names, bool caseSensitive, string start, string end)
    {
        code.Open($"switch ({end} - {start})");
        foreach (var group in names.GroupBy(n => n.Name.Length).OrderBy(g => g.Key))
        {
            code.Line($"case {group.Key.ToString(CultureInfo.InvariantCulture)}:").Open();
            foreach (var (name, statement) in group.OrderBy(n => n.Name, StringComparer.Ordinal))
                code.Line("// " + name).Then($"if ({Expression(name, caseSensitive, start, checkLength: false)})", statement);
            code.Line("break;").Close();
        }
        code.Close();
    }
}
