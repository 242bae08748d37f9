// Finds words in one automaton or in two run side by side: the shortest, and of those the most readable, since the words end
// up in diagnostics and tests. Breadth first by levels; within a level the word with the least unreadable octets wins.
using System;
using System.Collections.Generic;

namespace SipEmbedded.Generator.Automata;

internal static class WordSearch
{
    private static readonly byte[] s_octetsByReadability = OctetsByReadability();

    /// <summary>Finds a best word after which <paramref name="wanted"/> holds of (first accepts, second accepts); null where
    /// there is none. Without a second automaton the second value is always false.</summary>
    /// <returns>False, nothing being known, where more than <paramref name="maxPairs"/> pairs of states were reached.</returns>
    public static bool TryFind(Dfa first, Dfa? second, Func<bool, bool, bool> wanted, int maxPairs, out byte[]? word)
    {
        word = null;
        var octets = DistinctOctets(first, second);
        var seen = new Dictionary<(int, int), int>();
        var nodes = new List<Node>();
        var level = new List<int> { 0 };
        nodes.Add(new Node(Dfa.Start, Dfa.Start, -1, 0, 0));
        seen.Add((Dfa.Start, Dfa.Start), 0);
        while (level.Count > 0)
        {
            var best = -1;
            foreach (var index in level)
            {
                var node = nodes[index];
                if (Holds(node) && (best < 0 || node.Cost < nodes[best].Cost))
                    best = index;
            }

            if (best >= 0)
            {
                word = Word(nodes, best);
                return true;
            }

            if (nodes.Count > maxPairs)
                return false;

            var next = new List<int>();
            var firstOfNext = nodes.Count;
            foreach (var index in level)
            {
                var node = nodes[index];
                foreach (var octet in octets)
                {
                    var a = first.Next(node.First, octet);
                    if (a == Dfa.Dead)
                        continue;
                    var b = second is null || node.Second == Dfa.Dead ? Dfa.Dead : second.Next(node.Second, octet);
                    if (b == Dfa.Dead && !wanted(true, false))
                        continue; // the second has rejected for good, and only common words are wanted
                    var cost = node.Cost + Unreadability(octet);
                    if (!seen.TryGetValue((a, b), out var known))
                    {
                        seen.Add((a, b), nodes.Count);
                        next.Add(nodes.Count);
                        nodes.Add(new Node(a, b, index, octet, cost));
                    }
                    else if (known >= firstOfNext && cost < nodes[known].Cost)
                    {
                        nodes[known] = new Node(a, b, index, octet, cost);
                    }
                }
            }

            level = next;
        }

        return true;

        bool Holds(Node node) => wanted(
            first.States[node.First].IsAccepting,
            second is not null && node.Second != Dfa.Dead && second.States[node.Second].IsAccepting);
    }

    /// <summary>The most readable octet of each pair of classes, the most readable first.</summary>
    private static List<byte> DistinctOctets(Dfa first, Dfa? second)
    {
        var secondClasses = second?.ClassCount ?? 1;
        var seen = new bool[first.ClassCount * secondClasses];
        var octets = new List<byte>();
        foreach (var octet in s_octetsByReadability)
        {
            ref var isKnown = ref seen[first.ClassOf(octet) * secondClasses + (second?.ClassOf(octet) ?? 0)];
            if (isKnown)
                continue;
            isKnown = true;
            octets.Add(octet);
        }

        return octets;
    }

    private static byte[] Word(List<Node> nodes, int last)
    {
        var word = new List<byte>();
        for (var at = last; nodes[at].Previous >= 0; at = nodes[at].Previous)
            word.Add(nodes[at].Octet);
        word.Reverse();
        return word.ToArray();
    }

    private static byte[] OctetsByReadability()
    {
        var octets = new byte[256];
        for (var i = 0; i < 256; i++)
            octets[i] = (byte)i;
        Array.Sort(octets, (a, b) => (Unreadability(a), a).CompareTo((Unreadability(b), b)));
        return octets;
    }

    // A letter reads best; a word with one control character reads worse than any printable word of its length, hence the 1000.
    private static int Unreadability(byte octet) => octet switch
    {
        >= (byte)'a' and <= (byte)'z' => 0,
        >= (byte)'0' and <= (byte)'9' => 1,
        >= (byte)'A' and <= (byte)'Z' => 2,
        > (byte)' ' and <= (byte)'~' => 3,
        (byte)' ' => 4,
        _ => 1000,
    };

    /// <summary>A pair of states, and the best step by which it was first reached.</summary>
    private readonly record struct Node(int First, int Second, int Previous, byte Octet, int Cost);
}
