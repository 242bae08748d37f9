// When two URIs are the same: SIP and SIPS URIs (RFC 3261 §19.1.4, RFC 5954 §4.2), and others by the rules of their scheme (tel:
// RFC 3966 §4) or of URIs in general (RFC 3986 §6.2.2). A registrar's bindings and the remote targets of dialogs hang on it.
//
// The relation is not transitive (RFC 3261 §19.1.4 shows why), but every URI equals itself, and it has no direction.
using SipEmbedded.Text;
using SipEmbedded.Uris;

namespace SipEmbedded.Messages;

/// <summary>
/// Compares URIs. Nothing here allocates or is more than linear in the texts, times the logarithm of <see cref="MaxComponents"/>.
/// </summary>
public static class UriComparison
{
    /// <summary>
    /// The most parameters, and the most headers, that are compared. A URI with more equals only a URI with the same octets.
    /// </summary>
    public const int MaxComponents = UriComponents.Max;

    /// <summary>True where the two URIs are equivalent; each text is the one that its URI was read from.</summary>
    public static bool AreEqual(in SipUri left, ReadOnlySpan<byte> leftText, in SipUri right, ReadOnlySpan<byte> rightText) =>
        AreEqual(left, leftText, right, rightText, inHeader: false);

    /// <summary>True where both texts are URIs and equivalent.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        SipUri.TryParse(left, out var first, out _) && SipUri.TryParse(right, out var second, out _)
            && AreEqual(first, left, second, right);

    /// <param name="left">A URI.</param>
    /// <param name="leftText">The text that it was read from.</param>
    /// <param name="right">Another.</param>
    /// <param name="rightText">The text that that one was read from.</param>
    /// <param name="inHeader">The URIs stand in headers of URIs: their own headers are compared as text, so that nothing nests
    /// deeper.</param>
    internal static bool AreEqual(in SipUri left, ReadOnlySpan<byte> leftText, in SipUri right, ReadOnlySpan<byte> rightText,
        bool inHeader)
    {
        if (left.Kind != right.Kind || left.Kind == SipUriKind.None)
            return false;
        if (left.Extent.In(leftText).SequenceEqual(right.Extent.In(rightText)))
            return true;
        if (left.Kind == SipUriKind.Absolute)
            return AreAbsoluteEqual(left, leftText, right, rightText);
        return IsSame(left.User, leftText, right.User, rightText)
            && IsSame(left.Password, leftText, right.Password, rightText)
            && left.Port == right.Port
            && HostText.AreEqual(left.Host.In(leftText), right.Host.In(rightText))
            && AreParametersEqual(left.Parameters, leftText, right.Parameters, rightText)
            && UriHeaderComparison.AreEqual(left, leftText, right, rightText, inHeader);
    }

    // A part of the userinfo, which is compared with regard to case; one that is missing is not one that is empty.
    private static bool IsSame(Slice left, ReadOnlySpan<byte> leftText, Slice right, ReadOnlySpan<byte> rightText) =>
        left.IsPresent == right.IsPresent && UriText.AreEquivalent(left.In(leftText), right.In(rightText), ignoreCase: false);

    private static bool AreAbsoluteEqual(in SipUri left, ReadOnlySpan<byte> leftText, in SipUri right,
        ReadOnlySpan<byte> rightText)
    {
        var first = left.Extent.In(leftText);
        var second = right.Extent.In(rightText);
        if (TelUri.TryParse(first, out var firstTel, out _) && TelUri.TryParse(second, out var secondTel, out _))
            return TelUriComparison.AreEqual(firstTel, first, secondTel, second);
        if (GenericUri.TryParse(first, out var firstUri, out _) && GenericUri.TryParse(second, out var secondUri, out _))
            return GenericUriComparison.AreEqual(firstUri, first, secondUri, second);
        // RFC 3261's absoluteURI, that of RFC 2396, is a little wider than RFC 3986: what is left over has no parts but its
        // scheme.
        return Scan.EqualsIgnoreCase(left.Scheme.In(leftText), right.Scheme.In(rightText))
            && UriText.AreEquivalent(left.Rest.In(leftText), right.Rest.In(rightText), ignoreCase: false);
    }

    // ---- Parameters -----------------------------------------------------------------------------------------------------------

    private static bool AreParametersEqual(Slice leftList, ReadOnlySpan<byte> leftText, Slice rightList,
        ReadOnlySpan<byte> rightText)
    {
        if (leftList.In(leftText).SequenceEqual(rightList.In(rightText)))
            return true;
        Span<UriComponent> left = stackalloc UriComponent[MaxComponents], right = stackalloc UriComponent[MaxComponents];
        int leftCount = UriComponents.Collect(leftList, leftText, left),
            rightCount = UriComponents.Collect(rightList, rightText, right);
        if (leftCount < 0 || rightCount < 0)
            return false;
        left = left[..leftCount];
        right = right[..rightCount];
        UriComponents.Sort(left, leftText, UriOctets.SipPlain);
        UriComponents.Sort(right, rightText, UriOctets.SipPlain);
        int atLeft = 0, atRight = 0;
        while (atLeft < left.Length || atRight < right.Length)
        {
            int order = atLeft == left.Length ? 1 : atRight == right.Length ? -1
                : UriComponents.CompareNames(left[atLeft], leftText, right[atRight], rightText, UriOctets.SipPlain);
            if (order == 0)
            {
                if (!AreValuesEqual(left[atLeft++], leftText, right[atRight++], rightText))
                    return false;
            }
            else if (IsNeverIgnored(order < 0 ? left[atLeft++].Name.In(leftText) : right[atRight++].Name.In(rightText)))
            {
                return false;
            }
        }
        return true;
    }

    // "A user, ttl, or method uri-parameter appearing in only one URI never matches", nor an maddr; and "the same is true for the
    // transport-parameter", which the examples of §19.1.4 confirm.
    private static bool IsNeverIgnored(ReadOnlySpan<byte> name) =>
        Is(name, "user"u8) || Is(name, "ttl"u8) || Is(name, "method"u8) || Is(name, "maddr"u8) || Is(name, "transport"u8);

    private static bool AreValuesEqual(in UriComponent left, ReadOnlySpan<byte> leftText, in UriComponent right,
        ReadOnlySpan<byte> rightText)
    {
        var name = left.Name.In(leftText);
        // lr is a mark; peers that write lr=on or lr=true mean no other.
        if (Is(name, "lr"u8))
            return true;
        var first = left.Value.In(leftText);
        var second = right.Value.In(rightText);
        if (left.Value.IsPresent != right.Value.IsPresent)
            return false;
        // Methods are told apart by case (RFC 3261 §7.1).
        if (UriText.AreEquivalent(first, second, ignoreCase: !Is(name, "method"u8)))
            return true;
        return Is(name, "maddr"u8) && HostText.AreEqual(first, second);
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word) => UriText.UnescapesTo(name, word, ignoreCase: true);
}
