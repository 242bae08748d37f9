// Escapes in URIs: "%" HEX HEX for one octet (RFC 3261 §19.1.2 and §25.1 escaped, RFC 3986 §2.1). Text is unescaped once: %2541
// is the three octets "%41", which are no escape any more. %00 is an octet like any other and never ends a text (RFC 4475
// §3.1.1.4).
//
// note [a position in an escaped text]
// For comparing, an escaped text is a sequence of values: an octet's own value where it stands unescaped or where its escape
// means the same (see UriOctets), and value + Escaped where the escape means something else than the octet would (%40 in a user
// part).
using System.Buffers;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>A place in a SIP URI where text may be escaped. A host is none (RFC 3261 §19.1.2).</summary>
public enum UriPart : byte
{
    User,
    Password,

    /// <summary>A parameter's name or value.</summary>
    Parameter,

    /// <summary>A header's name or value.</summary>
    Header,
}

/// <summary>Escapes and what they stand for. Nothing here allocates; all of it is linear in the texts' lengths.</summary>
public static class UriText
{
    private const int EscapeLength = 3;
    private const int Escaped = 0x100;

    /// <summary>
    /// Copies <paramref name="text"/> with each escape replaced by its octet, in one pass. False where <paramref name="buffer"/>
    /// is too small (as long as the text always suffices); a "%" without two hexadecimal digits, which no grammar lets through,
    /// stays.
    /// </summary>
    public static bool TryUnescape(ReadOnlySpan<byte> text, Span<byte> buffer, out int length)
    {
        length = 0;
        for (int at = 0; at < text.Length;)
        {
            // What stands before the next escape is copied whole.
            int plain = text[at..].IndexOf((byte)'%');
            plain = plain < 0 ? text.Length - at : plain;
            if (!text.Slice(at, plain).TryCopyTo(buffer[length..]))
                return false;
            at += plain;
            length += plain;
            if (at == text.Length)
                return true;
            if (length == buffer.Length)
                return false;
            buffer[length++] = Octet(text, ref at);
        }
        return true;
    }

    /// <summary>
    /// Writes <paramref name="octets"/> with every octet escaped that may not stand in <paramref name="part"/>, in upper-case
    /// digits.
    /// </summary>
    public static void Escape(ref ByteWriter writer, ReadOnlySpan<byte> octets, UriPart part)
    {
        var allowed = part switch
        {
            UriPart.User => UriOctets.InUser,
            UriPart.Password => UriOctets.InPassword,
            UriPart.Parameter => UriOctets.InParameter,
            _ => UriOctets.InHeader,
        };
        while (!octets.IsEmpty)
        {
            int plain = octets.IndexOfAnyExcept(allowed);
            plain = plain < 0 ? octets.Length : plain;
            writer.Write(octets[..plain]);
            octets = octets[plain..];
            if (octets.IsEmpty)
                return;
            writer.Write((byte)'%');
            writer.Write(HexDigit(octets[0] >> 4));
            writer.Write(HexDigit(octets[0] & 0xF));
            octets = octets[1..];
        }
    }

    /// <summary>True where <paramref name="text"/>, unescaped, is <paramref name="octets"/>.</summary>
    public static bool UnescapesTo(ReadOnlySpan<byte> text, ReadOnlySpan<byte> octets, bool ignoreCase = false)
    {
        if (text.Length < octets.Length)
            return false;
        int at = 0;
        foreach (byte octet in octets)
        {
            if (at == text.Length)
                return false;
            byte other = Octet(text, ref at);
            if (other != octet && (!ignoreCase || FoldCase(other) != FoldCase(octet)))
                return false;
        }
        return at == text.Length;
    }

    /// <summary>
    /// True where two parts of SIP URIs are the same text but for escapes that mean the same as the characters they stand for
    /// (RFC 3261 §19.1.4), and, if asked, for the case of letters.
    /// </summary>
    public static bool AreEquivalent(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, bool ignoreCase) =>
        AreEquivalent(left, right, UriOctets.SipPlain, ignoreCase);

    internal static bool AreEquivalent(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, SearchValues<byte> plain,
        bool ignoreCase) =>
        left.SequenceEqual(right) || Compare(left, right, plain, ignoreCase) == 0;

    /// <summary>Orders texts so that equivalent ones are equal; the order itself means nothing.</summary>
    internal static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, SearchValues<byte> plain, bool ignoreCase)
    {
        int atLeft = 0, atRight = 0;
        while (atLeft < left.Length && atRight < right.Length)
        {
            int difference = Next(left, ref atLeft, plain, ignoreCase) - Next(right, ref atRight, plain, ignoreCase);
            if (difference != 0)
                return difference;
        }
        return (atLeft < left.Length ? 1 : 0) - (atRight < right.Length ? 1 : 0);
    }

    /// <summary>The value at a position, which moves behind it (see note [a position in an escaped text]).</summary>
    internal static int Next(ReadOnlySpan<byte> text, ref int at, SearchValues<byte> plain, bool ignoreCase)
    {
        int start = at;
        byte octet = Octet(text, ref at);
        if (at - start == EscapeLength && !plain.Contains(octet))
            return octet + Escaped;
        return ignoreCase ? FoldCase(octet) : octet;
    }

    // The octet at a position, which moves behind it or its escape.
    private static byte Octet(ReadOnlySpan<byte> text, ref int at)
    {
        byte octet = text[at];
        if (octet == '%' && text.Length - at >= EscapeLength && HexValue(text[at + 1]) is >= 0 and var high
            && HexValue(text[at + 2]) is >= 0 and var low)
        {
            at += EscapeLength;
            return (byte)(high << 4 | low);
        }
        at++;
        return octet;
    }

    internal static byte FoldCase(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;

    internal static int HexValue(byte digit)
    {
        if (digit is >= (byte)'0' and <= (byte)'9')
            return digit - '0';
        int letter = digit | 0x20;
        return letter is >= 'a' and <= 'f' ? letter - 'a' + 10 : -1;
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);
}
