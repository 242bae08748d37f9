// Octets from the network as text that is safe to show: nothing in it can move a terminal's cursor, colour it or turn its direction.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Device.Inspect.Reports;

internal static class EscapedText
{
    /// <summary>
    /// UTF-8 as it is, but for control and format characters, line and paragraph separators, what Unicode does not assign, and octets that are
    /// not UTF-8: those become <c>\r</c>, <c>\n</c>, <c>\t</c>, <c>\xHH</c> (an octet) or <c>\u{H…}</c> (a character). With
    /// <paramref name="onlyAscii"/> every character beyond ASCII does. A backslash stays as it is: JSON is for who must tell them apart.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> octets, bool onlyAscii)
    {
        var text = new StringBuilder(octets.Length);
        while (!octets.IsEmpty)
        {
            bool isCharacter = Rune.DecodeFromUtf8(octets, out var rune, out int length) == System.Buffers.OperationStatus.Done;
            if (!isCharacter)
            {
                foreach (byte octet in octets[..length])
                    text.Append("\\x").Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
            else if (IsSafe(rune) && (rune.IsAscii || !onlyAscii))
            {
                text.Append(rune.ToString());
            }
            else
            {
                text.Append(rune.Value switch
                {
                    '\r' => "\\r",
                    '\n' => "\\n",
                    '\t' => "\\t",
                    < 0x80 => "\\x" + rune.Value.ToString("X2", CultureInfo.InvariantCulture),
                    _ => "\\u{" + rune.Value.ToString("X4", CultureInfo.InvariantCulture) + "}",
                });
            }
            octets = octets[length..];
        }
        return text.ToString();
    }

    public static string Of(string text, bool onlyAscii) => Of(Encoding.UTF8.GetBytes(text), onlyAscii);

    private static bool IsSafe(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);

    /// <summary>Columns that a text takes on a terminal: two for wide East Asian characters and emoji, none for combining marks.</summary>
    public static int ColumnsOf(string text)
    {
        int columns = 0;
        foreach (var rune in text.EnumerateRunes())
            columns += ColumnsOf(rune);
        return columns;
    }

    /// <summary>See <see cref="ColumnsOf(string)"/>.</summary>
    public static int ColumnsOf(Rune rune)
    {
        if (rune.IsAscii)
            return 1;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
            return 0;
        // Unicode's UAX #11, classes W and F, by their blocks.
        return rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF)
            or (>= 0x20000 and <= 0x3FFFD) ? 2 : 1;
    }
}
