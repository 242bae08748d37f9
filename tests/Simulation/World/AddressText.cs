// Addresses for people.
using System.Text;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal static class AddressText
{
    public static string Of(in IpEndpoint endpoint)
    {
        Span<byte> text = stackalloc byte[64];
        var writer = new ByteWriter(text);
        endpoint.WriteHostPort(ref writer);
        return Encoding.ASCII.GetString(writer.WrittenSpan);
    }
}
