// What was read from one text, by whichever side: every property by name, spelled out as text, so that two readings are compared and
// shown by the same means.
using System.Text;

namespace SipEmbedded.Agreement;

/// <summary>A property's value. <see cref="At"/> is the offset of the text, or -1 where there is none to compare.</summary>
internal readonly record struct ReadValue(string Property, string Text, int At = -1);

internal sealed class Reading
{
    /// <summary>The spelling of a value that is not there.</summary>
    public const string Absent = "absent";

    public List<ReadValue> Values { get; } = [];

    /// <summary>The parameters of all lists by name and value; known to the oracle's side alone.</summary>
    public List<(string Name, string? Value)> Parameters { get; } = [];

    /// <summary>The property whose number is too large; null where none is.</summary>
    public string? OutOfRange { get; set; }

    public void Add(string property, byte[] text, int start, int end) =>
        // An empty element has no octets that could be elsewhere; at offset 0 its slice is the absent one.
        Values.Add(start == end
            ? new ReadValue(property, start == 0 ? Absent : "''")
            : new ReadValue(property, "'" + Encoding.Latin1.GetString(text, start, end - start) + "'", start));

    public void Add(string property, string value) => Values.Add(new ReadValue(property, value));

    /// <summary>The first property that the other side read differently, with both values; null where there is none.</summary>
    public string? DifferenceFrom(Reading other, bool offsets, Func<string, bool>? except = null)
    {
        for (int i = 0; i < Math.Max(Values.Count, other.Values.Count); i++)
        {
            if (i >= Values.Count || i >= other.Values.Count || Values[i].Property != other.Values[i].Property)
                return "the properties themselves differ";
            var (mine, theirs) = (Values[i], other.Values[i]);
            if (except?.Invoke(mine.Property) == true)
                continue;
            if (mine.Text != theirs.Text || offsets && mine.At != theirs.At)
                return $"{mine.Property} is {Show(mine, offsets)}, not {Show(theirs, offsets)}";
        }

        return null;
    }

    private static string Show(ReadValue value, bool offset) => offset && value.At >= 0 ? $"{value.Text} at {value.At}" : value.Text;
}
