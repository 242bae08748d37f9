// A text as a C# string literal, so that a failing input can be pasted into a test.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Agreement;

internal static class Quoted
{
    /// <summary>Longer texts are cut in messages; the record, the seed and the number of the input find them again.</summary>
    private const int MaxOctets = 400;

    public static string Of(byte[] text)
    {
        var quoted = new StringBuilder("\"");
        foreach (byte octet in text.AsSpan(0, Math.Min(text.Length, MaxOctets)))
        {
            quoted.Append(octet switch
            {
                (byte)'"' => "\\\"",
                (byte)'\\' => "\\\\",
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                (byte)'\t' => "\\t",
                < 0x20 or >= 0x7F => "\\u" + octet.ToString("X4", CultureInfo.InvariantCulture),
                _ => ((char)octet).ToString(),
            });
        }

        return quoted.Append(text.Length > MaxOctets ? $"\"… ({text.Length} octets)" : "\"").ToString();
    }
}
