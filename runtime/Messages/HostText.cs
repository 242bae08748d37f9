// Hosts compared: names without regard to case (RFC 3261 §19.1.4, RFC 3986 §6.2.2.1), addresses by their binary form whatever
// their spelling (RFC 5954 §4.2). A name never equals an address, not even one that it resolves to (RFC 3261 §19.1.4).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

public static class HostText
{
    /// <summary>
    /// True where two hosts, an IPv6 address in its brackets, are the same. An IPv4 address is not its mapped IPv6 address.
    /// </summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        // Two IPv4 addresses need no reading: the grammar gives each one spelling.
        if (Scan.EqualsIgnoreCase(left, right))
            return true;
        return TryReadReference(left, out var first) && TryReadReference(right, out var second) && first == second;
    }

    /// <summary>Reads <c>"[" IPv6address "]"</c> (RFC 3261 §25.1: IPv6reference).</summary>
    public static bool TryReadReference(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = default;
        return text is [(byte)'[', .., (byte)']'] && IpAddressText.TryReadV6(text[1..^1], out address);
    }
}
