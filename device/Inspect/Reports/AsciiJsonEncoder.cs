// JSON text as printable ASCII: what the two characters of RFC 8259 §7 and everything outside the ASCII range leave is readable as it is,
// and a terminal that shows it cannot be harmed. (The library's default encoder also escapes the < > & ' + that SIP is full of.)
using System.Text.Encodings.Web;

namespace SipEmbedded.Device.Inspect.Reports;

internal sealed class AsciiJsonEncoder : JavaScriptEncoder
{
    public static AsciiJsonEncoder Instance { get; } = new();

    // A character beyond 16 bits is two \uXXXX.
    public override int MaxOutputCharactersPerInputCharacter => 12;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or > '~' or '"' or '\\';

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        for (int i = 0; i < textLength; i++)
        {
            if (WillEncode(text[i]))
                return i;
        }
        return -1;
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        string escaped = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\r' => "\\r",
            '\n' => "\\n",
            '\t' => "\\t",
            < 0x10000 => $"\\u{unicodeScalar:x4}",
            _ => $"\\u{0xD800 + (unicodeScalar - 0x10000 >> 10):x4}\\u{0xDC00 + (unicodeScalar - 0x10000 & 0x3FF):x4}",
        };
        numberOfCharactersWritten = escaped.Length;
        if (escaped.TryCopyTo(new Span<char>(buffer, bufferLength)))
            return true;
        numberOfCharactersWritten = 0;
        return false;
    }
}
