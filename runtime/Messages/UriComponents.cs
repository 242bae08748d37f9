// Parameters or headers of two URIs, in an order in which the same ones stand together, so that they can be compared whatever
// their order was (RFC 3261 §19.1.4, RFC 3966 §4).
//
// note [sorted, not searched]
// Comparing each with each would let a peer who chooses long names with one beginning buy much work with few octets. Merging
// sorted runs reads each octet a few times: all of it is linear in the text, times the logarithm of a small number. Sorting is
// stable, so that what stands twice (which no URI should have) is paired first with first, and a URI equals itself.
using System.Buffers;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>A parameter or header: its parts, and for headers which one it is.</summary>
internal readonly struct UriComponent(Slice name, Slice value, HeaderName header = HeaderName.Other)
{
    public Slice Name { get; } = name;

    public Slice Value { get; } = value;

    public HeaderName Header { get; } = header;
}

internal static class UriComponents
{
    /// <summary>
    /// The most parameters, and the most headers, of a URI that are compared: RFC 3261 and its extensions define about a dozen
    /// parameters. A URI with more equals only one with the same octets.
    /// </summary>
    public const int Max = 64;

    /// <summary>
    /// Sorts by header, then by name without regard to case; a header that is known needs no comparison of names.
    /// </summary>
    public static void Sort(Span<UriComponent> components, ReadOnlySpan<byte> text, SearchValues<byte> plain)
    {
        Span<UriComponent> merged = stackalloc UriComponent[Max];
        for (int run = 1; run < components.Length; run *= 2)
        {
            for (int start = 0; start < components.Length; start += 2 * run)
            {
                int middle = Math.Min(start + run, components.Length), end = Math.Min(start + 2 * run, components.Length);
                int left = start, right = middle;
                for (int i = start; i < end; i++)
                {
                    bool takeLeft = right == end || left < middle
                        && CompareNames(components[left], text, components[right], text, plain) <= 0;
                    merged[i] = components[takeLeft ? left++ : right++];
                }
            }
            merged[..components.Length].CopyTo(components);
        }
    }

    public static int CompareNames(
        in UriComponent left, ReadOnlySpan<byte> leftText, in UriComponent right, ReadOnlySpan<byte> rightText,
        SearchValues<byte> plain)
    {
        if (left.Header != right.Header || left.Header != HeaderName.Other)
            return (int)left.Header - (int)right.Header;
        return UriText.Compare(left.Name.In(leftText), right.Name.In(rightText), plain, ignoreCase: true);
    }

    /// <summary>Collects the items of a parameter list; -1 where they are more than <see cref="Max"/>.</summary>
    public static int Collect(Slice list, ReadOnlySpan<byte> text, Span<UriComponent> components)
    {
        int count = 0;
        foreach (var parameter in ParameterList.Of(list, text))
        {
            if (count == components.Length)
                return -1;
            components[count++] = new(parameter.Name, parameter.Value);
        }
        return count;
    }
}
