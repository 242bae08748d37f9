// When two tel URIs are the same (RFC 3966 §4): the same kind of number, the same digits but for visual separators, the same
// parameters in any order, all without regard to case.
using SipEmbedded.Text;
using SipEmbedded.Uris;

namespace SipEmbedded.Messages;

public static class TelUriComparison
{
    /// <summary>
    /// True where the two URIs are equivalent; each text is the one that its URI was read from. A URI with more than
    /// <see cref="UriComparison.MaxComponents"/> parameters equals only one with the same octets.
    /// </summary>
    public static bool AreEqual(in TelUri left, ReadOnlySpan<byte> leftText, in TelUri right, ReadOnlySpan<byte> rightText)
    {
        if (left.Kind != right.Kind || left.Kind == TelephoneNumberKind.None
            || !AreDigitsEqual(left.Number.In(leftText), right.Number.In(rightText)))
            return false;
        if (left.Parameters.In(leftText).SequenceEqual(right.Parameters.In(rightText)))
            return true;
        Span<UriComponent> first = stackalloc UriComponent[UriComponents.Max],
            second = stackalloc UriComponent[UriComponents.Max];
        int count = UriComponents.Collect(left.Parameters, leftText, first);
        if (count < 0 || UriComponents.Collect(right.Parameters, rightText, second) != count)
            return false;
        first = first[..count];
        second = second[..count];
        UriComponents.Sort(first, leftText, UriOctets.TelPlain);
        UriComponents.Sort(second, rightText, UriOctets.TelPlain);
        for (int i = 0; i < count; i++)
        {
            if (UriComponents.CompareNames(first[i], leftText, second[i], rightText, UriOctets.TelPlain) != 0
                || !AreValuesEqual(first[i], leftText, second[i], rightText))
                return false;
        }
        return true;
    }

    private static bool AreValuesEqual(in UriComponent left, ReadOnlySpan<byte> leftText, in UriComponent right,
        ReadOnlySpan<byte> rightText)
    {
        var name = left.Name.In(leftText);
        var first = left.Value.In(leftText);
        var second = right.Value.In(rightText);
        if (left.Value.IsPresent != right.Value.IsPresent)
            return false;
        // A context is a domain name or the first digits of a global number, an extension is digits.
        if (Scan.EqualsIgnoreCase(name, "ext"u8) || Scan.EqualsIgnoreCase(name, "phone-context"u8) && first.StartsWith((byte)'+'))
            return AreDigitsEqual(first, second);
        return UriText.AreEquivalent(first, second, UriOctets.TelPlain, ignoreCase: true);
    }

    /// <summary>
    /// True where two numbers have the same digits, letters (in any case) and signs but for visual separators (RFC 3966 §5.1.1).
    /// </summary>
    public static bool AreDigitsEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int atLeft = 0, atRight = 0;
        while (true)
        {
            while (atLeft < left.Length && IsVisualSeparator(left[atLeft]))
                atLeft++;
            while (atRight < right.Length && IsVisualSeparator(right[atRight]))
                atRight++;
            if (atLeft == left.Length || atRight == right.Length)
                return atLeft == left.Length && atRight == right.Length;
            if (UriText.FoldCase(left[atLeft++]) != UriText.FoldCase(right[atRight++]))
                return false;
        }
    }

    private static bool IsVisualSeparator(byte octet) => UriOctets.VisualSeparator.Contains(octet);
}
