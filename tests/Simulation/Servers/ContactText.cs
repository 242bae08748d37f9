// A Contact of a message as the registrar's model reads it: by hand like SipText, so that a fault of the library's reader cannot hide itself.
using System.Globalization;

namespace SipEmbedded.Simulation;

/// <param name="Uri">Without angle brackets; <c>*</c> for all.</param>
/// <param name="Parameters">In their order, as they are written.</param>
internal sealed record ContactText(string Uri, IReadOnlyList<string> Parameters)
{
    public bool IsAll => Uri == "*";

    /// <summary>Seconds, or null where it has none (RFC 3261 §10.2.1.1).</summary>
    public uint? Expires => uint.TryParse(Parameter("expires"), NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds) ? seconds : null;

    /// <summary>Its value without quotes, or null.</summary>
    public string? Parameter(string name)
    {
        foreach (string parameter in Parameters)
        {
            int equals = parameter.IndexOf('=');
            if (equals > 0 && parameter[..equals].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                return parameter[(equals + 1)..].Trim().Trim('"');
        }
        return null;
    }

    /// <summary>All of a message, across commas and lines.</summary>
    public static List<ContactText> AllOf(SipText message) =>
        [.. message.Headers.Where(header => header.Name.Equals("Contact", StringComparison.OrdinalIgnoreCase)).SelectMany(header => Split(header.Value, ',')).Select(Read)];

    private static ContactText Read(string value)
    {
        var parts = Split(value, ';');
        string first = parts[0].Trim();
        int open = first.IndexOf('<');
        // Without angle brackets parameters are the header's (RFC 3261 §20.10).
        string uri = open < 0 ? first : first[(open + 1)..first.LastIndexOf('>')];
        return new(uri, [.. parts.Skip(1).Select(part => part.Trim())]);
    }

    /// <summary>Cuts at a sign that stands neither in quotes nor in angle brackets.</summary>
    public static List<string> Split(string value, char sign)
    {
        var parts = new List<string>();
        bool isQuoted = false, isBracketed = false;
        int start = 0;
        for (int i = 0; i < value.Length; i++)
        {
            char letter = value[i];
            if (isQuoted && letter == '\\')
                i++;
            else if (letter == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && letter is '<' or '>')
                isBracketed = letter == '<';
            else if (!isQuoted && !isBracketed && letter == sign)
            {
                parts.Add(value[start..i]);
                start = i + 1;
            }
        }
        parts.Add(value[start..]);
        return parts;
    }
}
