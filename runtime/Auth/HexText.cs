// Octets as hexadecimal digits (RFC 7616 §3.2: lower case, the most significant four bits first).
namespace SipEmbedded.Auth;

internal static class HexText
{
    private static ReadOnlySpan<byte> Digits => "0123456789abcdef"u8;

    /// <summary>Writes two digits for each octet and gives them.</summary>
    public static Span<byte> Write(scoped ReadOnlySpan<byte> octets, Span<byte> text)
    {
        text = text[..(2 * octets.Length)];
        for (int i = 0; i < octets.Length; i++)
        {
            text[2 * i] = Digits[octets[i] >> 4];
            text[2 * i + 1] = Digits[octets[i] & 15];
        }
        return text;
    }

    /// <summary>
    /// Reads as many octets as there is room for; false where the text is not twice as many digits. Upper case is read too: some peers write it.
    /// </summary>
    public static bool TryRead(scoped ReadOnlySpan<byte> text, scoped Span<byte> octets)
    {
        if (text.Length != 2 * octets.Length)
            return false;
        for (int i = 0; i < octets.Length; i++)
        {
            int high = ValueOf(text[2 * i]);
            int low = ValueOf(text[2 * i + 1]);
            if ((high | low) < 0)
                return false;
            octets[i] = (byte)(high << 4 | low);
        }
        return true;
    }

    private static int ValueOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
