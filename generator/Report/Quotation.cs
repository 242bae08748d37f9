// How messages quote a piece of grammar and an input: on one line, readable, and never longer than a line of an editor.
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Report;

internal static class Quotation
{
    /// <summary>Characters of a quotation; what is longer ends in "...".</summary>
    private const int MaxLength = 80;

    /// <summary>A piece of grammar as ABNF in single quotes.</summary>
    public static string Of(Node node) => $"'{Shortened(node.ToString())}'";

    /// <summary>An input in double quotes, what cannot be printed escaped as C# escapes it; or "the empty input".</summary>
    public static string OfInput(IReadOnlyCollection<byte> input)
    {
        if (input.Count == 0)
            return "the empty input";
        var text = new StringBuilder();
        foreach (var octet in input)
        {
            switch (octet)
            {
                case (byte)'\r': text.Append("\\r"); break;
                case (byte)'\n': text.Append("\\n"); break;
                case (byte)'\t': text.Append("\\t"); break;
                case (byte)'"' or (byte)'\\': text.Append('\\').Append((char)octet); break;
                case >= (byte)' ' and <= (byte)'~': text.Append((char)octet); break;
                default: text.Append("\\x").Append(octet.ToString("X2", CultureInfo.InvariantCulture)); break;
            }
        }

        return $"\"{Shortened(text.ToString())}\"";
    }

    private static string Shortened(string text) => text.Length <= MaxLength ? text : text.Substring(0, MaxLength - 3) + "...";
}
