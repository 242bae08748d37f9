// A zone in the text of a master file (RFC 1035 §5.1), as RFCs print their examples: $ORIGIN, $TTL, comments, parentheses, an owner left out.
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace SipEmbedded.Tests.Zones;

/// <summary>One record: its owner in lower case without a dot at the end, its type's number, and its data with names as text.</summary>
internal sealed record ZoneRecord(string Owner, string Type, uint Ttl, string[] Data);

/// <summary>Records of one or more zones. Each SOA begins a zone at its owner.</summary>
internal sealed partial class Zone
{
    private const uint DefaultTtl = 3600;

    public List<ZoneRecord> Records { get; } = [];

    /// <exception cref="FormatException">A line is none of a master file's.</exception>
    public Zone(string text)
    {
        string origin = "", owner = "";
        uint ttl = DefaultTtl;
        foreach (string line in Lines(text))
        {
            var words = Word().Matches(line).Select(word => word.Value).ToList();
            if (words.Count == 0)
                continue;
            if (words[0] == "$ORIGIN")
                origin = Absolute(words[1], "");
            else if (words[0] == "$TTL")
                ttl = uint.Parse(words[1], CultureInfo.InvariantCulture);
            else
            {
                if (!char.IsWhiteSpace(line[0]))
                {
                    owner = Absolute(words[0], origin);
                    words.RemoveAt(0);
                }
                uint own = ttl;
                while (words.Count > 0 && (words[0] == "IN" || char.IsAsciiDigit(words[0][0])))
                {
                    own = words[0] == "IN" ? own : uint.Parse(words[0], CultureInfo.InvariantCulture);
                    words.RemoveAt(0);
                }
                if (words.Count < 2)
                    throw new FormatException($"no record: {line}");
                Records.Add(new(owner, words[0], own, DataOf(words, origin)));
            }
        }
    }

    /// <summary>The apex of the zone that a name lies in, or null.</summary>
    public string? ApexOf(string name) =>
        Records.Where(record => record.Type == "SOA" && IsWithin(name, record.Owner)).Select(record => record.Owner).MaxBy(apex => apex.Length);

    public static bool IsWithin(string name, string apex) => apex.Length == 0 || name == apex || name.EndsWith("." + apex, StringComparison.Ordinal);

    private static string Absolute(string name, string origin)
    {
        name = name.ToLowerInvariant();
        if (name == "@")
            return origin;
        return name.EndsWith('.') ? name[..^1] : origin.Length == 0 ? name : $"{name}.{origin}";
    }

    // The words that are names become absolute; the others stay.
    private static string[] DataOf(List<string> words, string origin)
    {
        string[] data = [.. words.Skip(1).Select(word => word.Trim('"'))];
        int[] names = words[0] switch
        {
            "CNAME" or "NS" => [0],
            "SOA" => [0, 1],
            "SRV" => [3],
            "NAPTR" => [5],
            "A" or "AAAA" when IPAddress.TryParse(data[0], out _) => [],
            _ => throw new FormatException($"no type of record: {string.Join(' ', words)}"),
        };
        foreach (int at in names)
            data[at] = Absolute(data[at], origin);
        return data;
    }

    // Lines without comments, those in parentheses joined.
    private static IEnumerable<string> Lines(string text)
    {
        string whole = "";
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            whole += whole.Length == 0 ? Comment().Replace(line, "") : " " + Comment().Replace(line, "");
            if (whole.Count(c => c == '(') > whole.Count(c => c == ')'))
                continue;
            if (!string.IsNullOrWhiteSpace(whole))
                yield return whole.Replace('(', ' ').Replace(')', ' ');
            whole = "";
        }
    }

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex(";.*$")]
    private static partial Regex Comment();
}
