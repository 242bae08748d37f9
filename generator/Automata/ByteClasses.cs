// The coarsest partition of the octets that a family of sets cannot tell apart further: automata have a column a class, not 256.
using System.Collections.Generic;

namespace SipEmbedded.Generator.Automata;

internal sealed class ByteClasses
{
    private ByteClasses(byte[] classOf, int count)
    {
        ClassOf = classOf;
        Count = count;
    }

    /// <summary>The class of each octet; classes are numbered in the order of their least octets.</summary>
    public byte[] ClassOf { get; }

    public int Count { get; }

    public static ByteClasses Of(IEnumerable<ByteSet> sets)
    {
        var classOf = new int[256];
        var count = 1;
        var split = new Dictionary<(int Class, bool Within), int>();
        foreach (var set in sets)
        {
            if (count == 256)
                break;
            split.Clear();
            for (var octet = 0; octet < 256; octet++)
            {
                var key = (classOf[octet], set.Contains((byte)octet));
                if (!split.TryGetValue(key, out var refined))
                {
                    refined = split.Count;
                    split.Add(key, refined);
                }

                classOf[octet] = refined;
            }

            count = split.Count;
        }

        var result = new byte[256];
        for (var octet = 0; octet < 256; octet++)
            result[octet] = (byte)classOf[octet];
        return new ByteClasses(result, count);
    }

    /// <summary>The classes that make up <paramref name="set"/>, which must be one of the family or a union of classes.</summary>
    public int[] In(ByteSet set)
    {
        var seen = new bool[Count];
        var result = new List<int>();
        for (var octet = 0; octet < 256; octet++)
        {
            if (!set.Contains((byte)octet) || seen[ClassOf[octet]])
                continue;
            seen[ClassOf[octet]] = true;
            result.Add(ClassOf[octet]);
        }

        return result.ToArray();
    }
}
