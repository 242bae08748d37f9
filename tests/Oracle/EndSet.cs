// A set of offsets into one input, as bits. The reference matcher asks a node "where can you end if you start here?"; the answers
// are merged word by word, which is what keeps a rejected input of a few KiB affordable whatever the grammar's shape.
using System.Numerics;

namespace SipEmbedded.Oracle;

internal sealed class EndSet
{
    private const int BitsPerWord = 64;

    public static readonly EndSet Empty = new(0, 0);

    private readonly int _firstWord;
    private ulong[] _words;

    /// <summary>
    /// An empty set that can grow by offsets from <paramref name="from"/> to <paramref name="to"/>, both included.
    /// </summary>
    public EndSet(int from, int to)
    {
        _firstWord = from / BitsPerWord;
        _words = new ulong[to / BitsPerWord - _firstWord + 1];
    }

    public static EndSet Of(int offset)
    {
        var set = new EndSet(offset, offset);
        set.Add(offset);
        return set;
    }

    public bool IsEmpty => _words.AsSpan().IndexOfAnyExcept(0UL) < 0;

    public void Add(int offset) => _words[offset / BitsPerWord - _firstWord] |= 1UL << (offset % BitsPerWord);

    public bool Contains(int offset) => (Word(offset / BitsPerWord) >> (offset % BitsPerWord) & 1) != 0;

    public void Add(EndSet other)
    {
        for (var i = 0; i < other._words.Length; i++)
        {
            if (other._words[i] != 0)
                _words[other._firstWord + i - _firstWord] |= other._words[i];
        }
    }

    public bool Intersects(EndSet other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            if ((_words[i] & other.Word(_firstWord + i)) != 0)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The offsets of this set that are <paramref name="offset"/> or more (or more only, if <paramref name="strictly"/>).
    /// </summary>
    public EndSet From(int offset, bool strictly)
    {
        var first = strictly ? offset + 1 : offset;
        var last = (_firstWord + _words.Length) * BitsPerWord - 1;
        if (first > last)
            return Empty;
        var set = new EndSet(first, last);
        for (var i = 0; i < set._words.Length; i++)
            set._words[i] = Word(set._firstWord + i);
        set._words[0] &= ulong.MaxValue << (first % BitsPerWord);
        return set;
    }

    /// <summary>The least offset that is <paramref name="offset"/> or more, or -1.</summary>
    public int Next(int offset)
    {
        for (var word = Math.Max(offset / BitsPerWord, _firstWord); word < _firstWord + _words.Length; word++)
        {
            var bits = Word(word);
            if (word == offset / BitsPerWord)
                bits &= ulong.MaxValue << (offset % BitsPerWord);
            if (bits != 0)
                return word * BitsPerWord + BitOperations.TrailingZeroCount(bits);
        }

        return -1;
    }

    /// <summary>
    /// Gives back the room that was kept for growth; nothing may be added afterwards beyond the greatest offset.
    /// </summary>
    public EndSet Trimmed()
    {
        var used = _words.AsSpan().LastIndexOfAnyExcept(0UL) + 1;
        if (used == 0)
            return Empty;
        if (used < _words.Length)
            _words = _words[..used];
        return this;
    }

    public int[] ToArray()
    {
        var offsets = new List<int>();
        for (var offset = Next(0); offset >= 0; offset = Next(offset + 1))
            offsets.Add(offset);
        return [.. offsets];
    }

    private ulong Word(int index)
    {
        var i = index - _firstWord;
        return (uint)i < (uint)_words.Length ? _words[i] : 0;
    }
}
