// Is it SIP? A capture holds other traffic as well, and SIP runs on ports of all kinds: the first line tells (RFC 3261 §7.1, §7.2).
using System.Text;

namespace SipEmbedded.Device.Ladder;

internal static class SipTraffic
{
    /// <summary>A start line may be long, by its URI; nothing else is looked at for longer.</summary>
    public const int MaxStartLineOctets = 8 * 1024;

    /// <summary>Ports of SIP itself (RFC 3261 §18.1.1), where also what is broken is worth showing.</summary>
    public static bool IsSipPort(ushort port) => port is 5060 or 5061;

    /// <summary>True where octets begin with a SIP start line, perhaps behind empty lines; null where there are too few to tell.</summary>
    public static bool? BeginsWithStartLine(ReadOnlySpan<byte> octets)
    {
        int start = octets.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        if (start < 0)
            return null;
        octets = octets[start..];
        var version = "SIP/2.0"u8;
        int known = Math.Min(octets.Length, version.Length);
        if (Ascii.EqualsIgnoreCase(octets[..known], version[..known]))
            return known == version.Length ? true : null;
        // A start line has no control characters; what is binary shows one soon.
        var window = octets[..Math.Min(octets.Length, MaxStartLineOctets)];
        int end = window.IndexOfAnyInRange((byte)0, (byte)0x1F);
        if (end < 0)
            return window.Length == MaxStartLineOctets ? false : null;
        var line = window[..end].TrimEnd((byte)' ');
        return window[end] is (byte)'\r' or (byte)'\n' && line.Length > version.Length && Ascii.EqualsIgnoreCase(line[^version.Length..], version);
    }
}
