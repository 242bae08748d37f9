// Session descriptions: those that the unit tests hold (RFC 8866, RFC 4317, RFC 3264 and call flows), and the corpus's bodies.
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace SipEmbedded.Fuzz;

internal static class DescriptionSeeds
{
    public static List<byte[]> All()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var descriptions = new List<byte[]>();
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("descriptions:", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(assembly.GetManifestResourceStream(name)!);
            Collect(document.RootElement, descriptions);
        }
        foreach (var message in MessageSeeds.Captured())
        {
            int body = message.AsSpan().IndexOf("\r\n\r\nv="u8);
            if (body >= 0)
                descriptions.Add(message[(body + "\r\n\r\n".Length)..]);
        }
        return descriptions;
    }

    // The files differ in shape; in each a description is a text that begins as one does.
    private static void Collect(JsonElement element, List<byte[]> descriptions)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Collect(item, descriptions);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                    Collect(property.Value, descriptions);
                break;
            case JsonValueKind.String when element.GetString()!.StartsWith("v=", StringComparison.Ordinal):
                descriptions.Add(Encoding.UTF8.GetBytes(element.GetString()!));
                break;
        }
    }
}
