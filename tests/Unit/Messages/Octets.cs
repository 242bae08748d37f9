// Octets as tests write them: one character for one octet, so that "\0" and "\xFF" are themselves.
using System.Text;

namespace SipEmbedded.Tests.Messages;

internal static class Octets
{
    public static byte[] Of(string text) => Encoding.Latin1.GetBytes(text);

    public static string ToText(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);
}
