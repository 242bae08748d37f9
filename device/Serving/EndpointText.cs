// Addresses and ports on the command line.
using System.Text;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Serving;

/// <summary>Reads and writes endpoints as people type them.</summary>
internal static class EndpointText
{
    /// <summary>
    /// <c>192.0.2.1</c>, <c>192.0.2.1:5070</c>, <c>:5070</c> for every IPv4 address, <c>[2001:db8::1]:5070</c>, <c>::</c>. False for anything else, names
    /// included.
    /// </summary>
    public static bool TryRead(string text, ushort defaultPort, out IpEndpoint endpoint)
    {
        // A colon in front of a port is the last one, and the only one outside of brackets.
        int colon = text.LastIndexOf(':');
        bool hasPort = colon >= 0 && (text.IndexOf(':') == colon || colon > 0 && text[colon - 1] == ']');
        ushort port = defaultPort;
        endpoint = default;
        if (hasPort && !ushort.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out port))
            return false;
        string host = hasPort ? text[..colon] : text;
        return IpEndpoint.TryRead(Encoding.UTF8.GetBytes(host.Length == 0 && hasPort ? "0.0.0.0" : host), port, out endpoint);
    }

    /// <summary>The address alone, an IPv6 one in brackets.</summary>
    public static string HostOf(in IpEndpoint endpoint)
    {
        Span<byte> text = stackalloc byte[64];
        var writer = new ByteWriter(text);
        endpoint.WriteHost(ref writer);
        return Encoding.ASCII.GetString(writer.WrittenSpan);
    }

    public static string Of(in IpEndpoint endpoint)
    {
        // Brackets, eight groups with their colons, a port.
        Span<byte> text = stackalloc byte[64];
        var writer = new ByteWriter(text);
        endpoint.WriteHostPort(ref writer);
        return Encoding.ASCII.GetString(writer.WrittenSpan);
    }
}
