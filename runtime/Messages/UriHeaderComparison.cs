// The headers of two SIP URIs compared: none is ever ignored, their order means nothing, and "the matching rules are defined for
// each header field in Section 20" (RFC 3261 §19.1.4). §20 has such rules for From and To; for the rest §7.3.1 says that values
// have no case but in quoted strings, unless a header's definition says otherwise.
//
// note [headers compared octet by octet]
// A registrar that takes two bindings for one overwrites a stranger's; one that takes one for two keeps a line too many. So case
// is ignored only in headers whose values are known to have none: words, numbers and text for people. A header that holds a URI,
// a Call-ID, a method, a date or a secret, the body, and any header not known here must agree in case as well.
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

internal static class UriHeaderComparison
{
    /// <summary>The longest From or To in a URI that is read as such; a longer one must agree octet by octet.</summary>
    private const int MaxAddressOctets = 512;

    /// <summary>The longest name of a header that is looked up, escapes undone: the longest known here has 19 octets.</summary>
    private const int MaxNameOctets = 64;

    public static bool AreEqual(in SipUri leftUri, ReadOnlySpan<byte> leftText, in SipUri rightUri, ReadOnlySpan<byte> rightText,
        bool inHeader)
    {
        if (leftUri.Headers.In(leftText).SequenceEqual(rightUri.Headers.In(rightText)))
            return true;
        if (inHeader)
            return false;
        Span<UriComponent> left = stackalloc UriComponent[UriComponents.Max], right = stackalloc UriComponent[UriComponents.Max];
        int count = Collect(leftUri, leftText, left);
        if (count < 0 || Collect(rightUri, rightText, right) != count)
            return false;
        left = left[..count];
        right = right[..count];
        UriComponents.Sort(left, leftText, UriOctets.SipPlain);
        UriComponents.Sort(right, rightText, UriOctets.SipPlain);
        for (int i = 0; i < count; i++)
        {
            if (UriComponents.CompareNames(left[i], leftText, right[i], rightText, UriOctets.SipPlain) != 0
                || !AreValuesEqual(left[i].Header, left[i].Value.In(leftText), right[i].Value.In(rightText)))
                return false;
        }
        return true;
    }

    private static int Collect(in SipUri uri, ReadOnlySpan<byte> text, Span<UriComponent> components)
    {
        Span<byte> name = stackalloc byte[MaxNameOctets];
        int count = 0;
        foreach (var header in UriHeaders.Of(uri, text))
        {
            if (count == components.Length)
                return -1;
            // A compact form is the same header (RFC 3261 §7.3.3).
            var known = UriText.TryUnescape(header.Name.In(text), name, out int length)
                ? HeaderNames.Parse(name, 0, length) : HeaderName.Other;
            components[count++] = new(header.Name, header.Value, known);
        }
        return count;
    }

    private static bool AreValuesEqual(HeaderName header, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (UriText.AreEquivalent(left, right, ignoreCase: false))
            return true;
        return header switch
        {
            HeaderName.From or HeaderName.To => AreAddressesEqual(left, right),
            // See note [headers compared octet by octet].
            HeaderName.Accept or HeaderName.AcceptEncoding or HeaderName.AcceptLanguage or HeaderName.ContentDisposition
                or HeaderName.ContentEncoding or HeaderName.ContentLanguage or HeaderName.ContentType or HeaderName.MimeVersion
                or HeaderName.Organization or HeaderName.Priority or HeaderName.Privacy or HeaderName.ProxyRequire
                or HeaderName.Require or HeaderName.Server or HeaderName.Subject or HeaderName.Supported or HeaderName.Unsupported
                or HeaderName.UserAgent
                => AreEqualButForCase(left, right),
            _ => false,
        };
    }

    // Without regard to case outside quoted strings (RFC 3261 §7.3.1). The quotes are escaped, as are backslashes.
    private static bool AreEqualButForCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        bool quoted = false, pair = false;
        int atLeft = 0, atRight = 0;
        while (atLeft < left.Length && atRight < right.Length)
        {
            int value = UriText.Next(left, ref atLeft, UriOctets.SipPlain, ignoreCase: !quoted);
            if (value != UriText.Next(right, ref atRight, UriOctets.SipPlain, ignoreCase: !quoted))
                return false;
            if (value == '"' && !pair)
                quoted = !quoted;
            pair = quoted && !pair && value == '\\';
        }
        return atLeft == left.Length && atRight == right.Length;
    }

    // RFC 3261 §20.20: "Two From header fields are equivalent if their URIs match, and their parameters match. Extension
    // parameters in one header field, not present in the other are ignored"; §20.39 has the same for To. The one parameter that
    // is no extension is tag.
    private static bool AreAddressesEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> leftBuffer = stackalloc byte[MaxAddressOctets], rightBuffer = stackalloc byte[MaxAddressOctets];
        if (!UriText.TryUnescape(left, leftBuffer, out int leftLength)
            || !UriText.TryUnescape(right, rightBuffer, out int rightLength))
            return false;
        ReadOnlySpan<byte> leftText = leftBuffer[..leftLength], rightText = rightBuffer[..rightLength];
        // From and To have the same form (RFC 3261 §25.1).
        return To.TryParse(leftText, out var first, out _) && To.TryParse(rightText, out var second, out _)
            && UriComparison.AreEqual(first.Uri, leftText, second.Uri, rightText, inHeader: true)
            && AreParametersEqual(first, leftText, second, rightText);
    }

    private static bool AreParametersEqual(in To leftAddress, ReadOnlySpan<byte> leftText, in To rightAddress,
        ReadOnlySpan<byte> rightText)
    {
        if (leftAddress.Tag.IsPresent != rightAddress.Tag.IsPresent)
            return false;
        Span<UriComponent> left = stackalloc UriComponent[UriComponents.Max], right = stackalloc UriComponent[UriComponents.Max];
        int leftCount = UriComponents.Collect(leftAddress.Parameters, leftText, left);
        int rightCount = UriComponents.Collect(rightAddress.Parameters, rightText, right);
        if (leftCount < 0 || rightCount < 0)
            return false;
        left = left[..leftCount];
        right = right[..rightCount];
        UriComponents.Sort(left, leftText, UriOctets.None);
        UriComponents.Sort(right, rightText, UriOctets.None);
        int atLeft = 0, atRight = 0;
        while (atLeft < left.Length && atRight < right.Length)
        {
            int order = UriComponents.CompareNames(left[atLeft], leftText, right[atRight], rightText, UriOctets.None);
            if (order < 0)
                atLeft++;
            else if (order > 0)
                atRight++;
            else if (!AreParameterValuesEqual(left[atLeft++].Value.In(leftText), right[atRight++].Value.In(rightText)))
                return false;
        }
        return true;
    }

    // Quoted strings have case, tokens have none (RFC 3261 §7.3.1).
    private static bool AreParameterValuesEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.StartsWith((byte)'"') ? left.SequenceEqual(right) : Scan.EqualsIgnoreCase(left, right);
}
