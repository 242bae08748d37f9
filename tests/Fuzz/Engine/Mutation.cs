// Seeded, structure-aware mutation: half by octets (the oracle's mutator), half by the pieces that SIP and SDP are made of:
// lines, list
// items, parameters, words. Pieces are cut at the same separator in both texts, so a header's line meets another header's line.
using System.Globalization;
using System.Text;
using SipEmbedded.Oracle;

namespace SipEmbedded.Fuzz;

internal sealed class Mutation(int seed, FuzzBody body)
{
    /// <summary>At most this many changes of one text: more, and nothing of the original is left to be nearly right.</summary>
    private const int MaxChanges = 4;

    private const int MaxCopies = 12;

    // Lines first and most often, then what separates inside them.
    private static readonly byte[] s_separators = "\n\n\n\n,,;;;  ==::\"/@.<?&"u8.ToArray();

    private static readonly byte[][] s_numbers =
    [
        .. new[]
        {
            "0", "00", "1", "7", "31", "64", "69", "70", "99", "100", "255", "256", "699", "700", "999", "1000", "65535", "65536", "2147483647",
            "2147483648", "4294967295", "4294967296", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1.000", "1.001", "0.5",
            "000000000000000000000000000001", "99999999999999999999999999999",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    private readonly Random _random = new(seed);
    private readonly Mutator _octets = new(seed);

    /// <summary>A mutant of one of the corpus's texts; neither is changed.</summary>
    public byte[] Next(List<byte[]> corpus)
    {
        var text = Pick(corpus);
        for (int left = _random.Next(1, MaxChanges + 1); left > 0; left--)
            text = _random.Next(2) == 0 ? _octets.Mutate(text, Pick(corpus)) : Change(text, Pick(corpus));
        if (text.Length > body.MaxOctets)
            text = text[..body.MaxOctets];
        if (!body.HasContentLength || _random.Next(2) != 0)
            return text;
        var whole = WithLength(text);
        return whole.Length <= body.MaxOctets ? whole : text;
    }

    // The newest half of the texts is taken more often: it was kept because it did something new.
    private byte[] Pick(List<byte[]> corpus) =>
        corpus[_random.Next(2) == 0 ? _random.Next(corpus.Count) : _random.Next(corpus.Count / 2, corpus.Count)];

    private byte[] Change(byte[] text, byte[] other)
    {
        byte separator = s_separators[_random.Next(s_separators.Length)];
        var (start, end) = Piece(text, separator);
        switch (_random.Next(7))
        {
            case 0:
                return [.. text[..start], .. text[end..]];
            case 1:
                var copies = new List<byte>(text[..end]);
                for (int left = _random.Next(1, MaxCopies); left > 0 && copies.Count < body.MaxOctets; left--)
                    copies.AddRange(text[start..end]);
                return [.. copies, .. text[end..]];
            case 2:
                var (from, to) = Piece(other, separator);
                return [.. text[..start], .. other[from..to], .. text[end..]];
            case 3:
                (from, to) = Piece(other, separator);
                return [.. text[..start], .. other[from..to], .. text[start..]];
            case 4:
                var (second, behind) = Piece(text, separator);
                return second < end ? text
                    : [.. text[..start], .. text[second..behind], .. text[end..second], .. text[start..end], .. text[behind..]];
            case 5:
                return Number(text);
            default:
                var folded = (byte[])text.Clone();
                for (int i = start; i < end; i++)
                {
                    if (char.IsAsciiLetter((char)folded[i]))
                        folded[i] ^= 0x20;
                }
                return folded;
        }
    }

    // What stands between two separators around a place, the one behind it included.
    private (int Start, int End) Piece(byte[] text, byte separator)
    {
        if (text.Length == 0)
            return (0, 0);
        int place = _random.Next(text.Length);
        int start = text.AsSpan(0, place).LastIndexOf(separator) + 1;
        int length = text.AsSpan(place).IndexOf(separator);
        return (start, length < 0 ? text.Length : place + length + 1);
    }

    private byte[] Number(byte[] text)
    {
        if (text.Length == 0)
            return text;
        int start = _random.Next(text.Length);
        int digit = text.AsSpan(start).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (digit < 0)
            return text;
        start += digit;
        int end = start;
        while (end < text.Length && char.IsAsciiDigit((char)text[end]))
            end++;
        return [.. text[..start], .. s_numbers[_random.Next(s_numbers.Length)], .. text[end..]];
    }

    private static byte[] WithLength(byte[] text)
    {
        int body = text.AsSpan().IndexOf("\r\n\r\n"u8) + "\r\n\r\n".Length;
        int line = text.AsSpan().IndexOf("\r\nContent-Length:"u8) + "\r\nContent-Length:".Length;
        if (body < "\r\n\r\n".Length || line < "\r\nContent-Length:".Length || line > body)
            return text;
        int lineEnd = line + text.AsSpan(line).IndexOf("\r\n"u8);
        return [.. text[..line], (byte)' ', .. Encoding.Latin1.GetBytes((text.Length - body).ToString(CultureInfo.InvariantCulture)), .. text[lineEnd..]];
    }
}
