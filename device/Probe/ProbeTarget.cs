// The SIP URI of a probe, and the address that it means (RFC 3261 §19.1.2, RFC 3263 §4 for a host that is a number).
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Probe;

internal static class ProbeTarget
{
    /// <summary>Reads a URI; null where all is well, else why it cannot be probed.</summary>
    public static string? Read(string text, out IpEndpoint remote, out Protocol protocol)
    {
        remote = default;
        protocol = Protocol.Udp;
        byte[] octets = Encoding.UTF8.GetBytes(text);
        if (octets.Length > MaxOctets || SipUri.Match(octets, 0, (uint)Leniency.None, out var uri) != octets.Length || uri.Kind == SipUriKind.Absolute)
            return $"'{text}' is no SIP URI, such as sip:door@192.0.2.1 or sip:[2001:db8::1]:5070;transport=tcp.";
        if (uri.Kind == SipUriKind.Sips)
            return "sips: needs TLS, which is not there yet.";
        if (uri.Headers.IsPresent)
            return "A Request-URI has no headers: leave out what stands behind '?'.";
        var transport = uri.Transport.In(octets);
        if (Scan.EqualsIgnoreCase(transport, "tcp"u8))
            protocol = Protocol.Tcp;
        else if (!transport.IsEmpty && !Scan.EqualsIgnoreCase(transport, "udp"u8))
            return $"The transport '{Encoding.UTF8.GetString(transport)}' is not spoken here: udp or tcp.";
        if (!IpEndpoint.TryRead(uri.Host.In(octets), uri.Port ?? ResponseRoute.DefaultPort, out remote))
            return $"'{Encoding.UTF8.GetString(uri.Host.In(octets))}' is a name, and names are not looked up: give an address.";
        return remote.IsAny || remote.Port == 0 || remote.IsMulticast ? "There is nobody at such an address." : null;
    }

    // What fits into a dialog's texts beside everything else (DialogLayer.MaxOctets).
    private const int MaxOctets = 256;
}
