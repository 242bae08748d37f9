// The coarsest partition of the octets that a family of sets cannot tell apart further: automata have a column a class, not 256.
using System;
using System.Collections.Generic;

namespace SipEmbedded.Generator.Automata;

internal sealed class ByteClasses
{
    private ByteClasses(byte[] classOf, ByteSet[] octets)
    {
        ClassOf = classOf;
        Octets = octets;
    }

    /// <summary>The class of each octet; classes are numbered in the order of their least octets.</summary>
    public byte[] ClassOf { get; }

    /// <summary>The octets of each class.</summary>
    public ByteSet[] Octets { get; }

    public int Count => Octets.Length;

    public static ByteClasses Of(IEnumerable<ByteSet> sets)
    {
        var classes = new List<ByteSet> { ByteSet.All };
        foreach (var set in sets)
        {
            for (var i = classes.Count - 1; i >= 0; i--)
            {
                var within = classes[i] & set;
                if (within.IsEmpty || within == classes[i])
                    continue;
                classes.Add(classes[i] - set);
                classes[i] = within;
            }
        }

        var octets = classes.ToArray();
        Array.Sort(octets, (a, b) => a.First().CompareTo(b.First()));
        var classOf = new byte[256];
        for (var i = 0; i < octets.Length; i++)
        {
            foreach (var octet in octets[i].Octets())
                classOf[octet] = (byte)i;
        }

        return new ByteClasses(classOf, octets);
    }

    /// <summary>The classes that make up <paramref name="set"/>, which must be one of the family or a union of classes.</summary>
    public int[] In(ByteSet set)
    {
        var result = new List<int>();
        for (var i = 0; i < Octets.Length; i++)
        {
            if (Octets[i].Overlaps(set))
                result.Add(i);
        }

        return result.ToArray();
    }
}
