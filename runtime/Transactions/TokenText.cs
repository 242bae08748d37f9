// Branches and tags of our own making: 64 random bits in letters and digits (RFC 3261 §8.1.1.7, §19.3: 32 bits at least).
namespace SipEmbedded.Transactions;

/// <summary>
/// A number as 13 characters of RFC 4648 §6's base 32 in lower case: some peers compare tags without regard to case, so ours never differ by it alone.
/// </summary>
public static class TokenText
{
    public const int Length = 13;

    /// <summary>RFC 3261 §8.1.1.7: the mark of a branch that is unique.</summary>
    public static ReadOnlySpan<byte> MagicCookie => "z9hG4bK"u8;

    private static ReadOnlySpan<byte> Digits => "abcdefghijklmnopqrstuvwxyz234567"u8;

    public static void Write(ulong value, Span<byte> text)
    {
        for (int i = Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(value & 31)];
            value >>= 5;
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote, in any case; false for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        if (text.Length != Length)
            return false;
        foreach (byte octet in text)
        {
            int letter = octet | 0x20;
            int digit = letter is >= 'a' and <= 'z' ? letter - 'a' : octet is >= (byte)'2' and <= (byte)'7' ? octet - '2' + 26 : -1;
            if (digit < 0 || value >> 59 != 0)
                return false;
            value = value << 5 | (uint)digit;
        }
        return true;
    }
}
