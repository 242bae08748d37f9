// Seeded mutations of inputs that the grammar derives: near misses, where a matcher that is almost right goes wrong. The same
// seed and the same calls give the same octets.
namespace SipEmbedded.Oracle;

internal sealed class Mutator(int seed)
{
    /// <summary>No mutation grows an input beyond this; a longer result is cut.</summary>
    public const int MaxOctets = InputGenerator.MaxInputOctets;

    /// <summary>At most this many mutations of one input: more, and nothing of the original is left to be nearly right.</summary>
    private const int MaxMutations = 4;

    /// <summary>At most this many copies of a duplicated slice.</summary>
    private const int MaxCopies = 8;

    /// <summary>
    /// What SIP parsers trip over: line ends, folding, controls, octets outside ASCII, opened and closed pairs, escapes, numbers.
    /// </summary>
    private static readonly byte[][] Interesting =
    [
        .. new[]
        {
            "\r", "\n", "\r\n", "\r\n ", "\r\n\t", "\r\n\r\n", " ", "\t", "\0", "\x01", "\x7F", "\x80", "\xC3\xA4", "\xFF",
            "\"", "\\", "\\\"", "<", ">", "(", ")", "[", "]", "{", "}", "[::1]", "%", "%0", "%00", "%41", "%zz", "%%",
            ",", ";", "=", ":", "/", "?", "&", "@", "*", "+", "-", ".", "..", "0", "00", "1", "a", "Z",
            "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296", "18446744073709551616",
            "99999999999999999999999999999999999999999",
        }.Select(text => text.Select(octet => (byte)octet).ToArray()),
    ];

    private readonly Random _random = new(seed);

    /// <summary>A mutation of one input of the corpus, which may be spliced with another one.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> corpus) =>
        Mutate(corpus[_random.Next(corpus.Count)], corpus[_random.Next(corpus.Count)]);

    /// <summary>
    /// A mutation of <paramref name="input"/>, which may be spliced with <paramref name="other"/>. Neither is changed.
    /// </summary>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var octets = new List<byte>(input);
        for (var left = _random.Next(1, MaxMutations + 1); left > 0; left--)
            MutateOnce(octets, other);
        if (octets.Count > MaxOctets)
            octets.RemoveRange(MaxOctets, octets.Count - MaxOctets);
        return [.. octets];
    }

    private void MutateOnce(List<byte> octets, byte[] other)
    {
        switch (_random.Next(9))
        {
            case 0 when octets.Count > 0: // flip a bit
                octets[Place(octets)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when octets.Count > 0: // replace an octet
                octets[Place(octets)] = (byte)_random.Next(256);
                break;
            case 2: // delete a slice
                var (start, length) = Slice(octets.Count);
                octets.RemoveRange(start, length);
                break;
            case 3: // duplicate a slice
                (start, length) = Slice(octets.Count);
                var slice = octets.GetRange(start, length);
                for (var copies = _random.Next(1, MaxCopies + 1); copies > 0 && octets.Count < MaxOctets; copies--)
                    octets.InsertRange(start, slice);
                break;
            case 4 when octets.Count > 0: // swap two octets
                var (a, b) = (Place(octets), Place(octets));
                (octets[a], octets[b]) = (octets[b], octets[a]);
                break;
            case 5: // truncate
                var keep = _random.Next(octets.Count + 1);
                octets.RemoveRange(keep, octets.Count - keep);
                break;
            case 6: // splice: the head of one input, the tail of the other
                keep = _random.Next(octets.Count + 1);
                octets.RemoveRange(keep, octets.Count - keep);
                octets.AddRange(other.AsSpan(_random.Next(other.Length + 1)));
                break;
            case 7 when octets.Count > 0: // turn a letter's case, or bit 5 of anything else
                octets[Place(octets)] ^= 0x20;
                break;
            default: // insert something interesting; also where there was nothing to change
                octets.InsertRange(_random.Next(octets.Count + 1), Interesting[_random.Next(Interesting.Length)]);
                break;
        }
    }

    private int Place(List<byte> octets) => _random.Next(octets.Count);

    // Mostly short slices: half of them are a single octet, a quarter two, and so on.
    private (int Start, int Length) Slice(int count)
    {
        if (count == 0)
            return (0, 0);
        var start = _random.Next(count);
        var length = 1;
        while (length < count - start && _random.Next(2) == 0)
            length *= 2;
        return (start, Math.Min(length, count - start));
    }
}
