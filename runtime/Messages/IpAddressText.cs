// IP addresses as headers and URIs spell them, read into their binary form (RFC 5954 §4.1: IPv4address and IPv6address, the
// grammar that replaced RFC 3261's; RFC 3986 appendix A has the same). System.Net.IPAddress reads more spellings than that
// (hexadecimal and short IPv4, zones) and allocates.
namespace SipEmbedded.Messages;

/// <summary>Reads the textual forms of IP addresses. What they return is in host order: 192.0.2.1 is 0xC0000201.</summary>
public static class IpAddressText
{
    private const int Groups = 8;
    private const int GroupDigits = 4;
    private const int GroupBits = 16;
    private const int AddressOctets = 4;
    private const int MaxDecimalOctet = 255;

    /// <summary>
    /// Reads <c>dec-octet "." dec-octet "." dec-octet "." dec-octet</c>, no octet with leading zeros; false for anything else.
    /// </summary>
    public static bool TryReadV4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        int at = 0;
        for (int octets = 0; octets < AddressOctets; octets++)
        {
            if (octets > 0 && (at == text.Length || text[at++] != '.'))
                return false;
            int start = at, value = 0;
            while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9' && value <= MaxDecimalOctet)
                value = value * 10 + text[at++] - '0';
            if (at == start || value > MaxDecimalOctet || text[start] == '0' && at - start > 1)
                return false;
            address = address << 8 | (uint)value;
        }
        return at == text.Length;
    }

    /// <summary>Reads an IPv6 address without brackets: eight groups, one run of zero groups perhaps as "::", the last two
    /// perhaps as an IPv4 address; false for anything else.</summary>
    public static bool TryReadV6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = default;
        UInt128 before = default, groups = default;
        int count = 0, countBefore = -1, at = 0;
        if (text.StartsWith("::"u8))
        {
            countBefore = 0;
            at = 2;
        }
        while (at < text.Length)
        {
            int end = at, value = 0;
            while (end < text.Length && end - at <= GroupDigits && UriText.HexValue(text[end]) is >= 0 and var digit)
            {
                value = value << 4 | digit;
                end++;
            }
            if (end < text.Length && text[end] == '.')
            {
                if (!TryReadV4(text[at..], out uint last) || count + 2 > Groups)
                    return false;
                groups = groups << 2 * GroupBits | last;
                count += 2;
                at = text.Length;
                break;
            }
            if (end == at || end - at > GroupDigits || ++count > Groups)
                return false;
            groups = groups << GroupBits | (uint)value;
            at = end;
            if (at == text.Length)
                break;
            if (text[at++] != ':' || at == text.Length)
                return false;
            if (text[at] != ':')
                continue;
            if (countBefore >= 0)
                return false;
            countBefore = count;
            before = groups;
            groups = default;
            at++;
        }
        if (countBefore < 0)
        {
            address = groups;
            return count == Groups;
        }
        // "::" stands for one group at least (RFC 5954's grammar has a form for each number of groups up to seven).
        if (count == Groups)
            return false;
        address = countBefore == 0 ? groups : before << (Groups - countBefore) * GroupBits | groups;
        return true;
    }
}
