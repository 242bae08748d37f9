// Where the lines of a message are: one pass over the octets, no typed value yet.
//
// note [lines by mask]
// The pass compares 64 octets at a time with LF and visits only the set bits of the mask, so its cost is that of reading the octets once plus a
// few instructions a line. A header's name is recognised where the line is found, by its length and masked words.
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One header line: the offsets of its name and of its value, in octets of the message.</summary>
public readonly struct HeaderLine
{
    // Name offset, value offset, value end and header, 16 bits each: one store a line.
    private readonly ulong _packed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal HeaderLine(int nameOffset, int valueOffset, int valueEnd, HeaderName name) =>
        _packed = (ulong)(uint)nameOffset | (ulong)(uint)valueOffset << 16 | (ulong)(uint)valueEnd << 32 | (ulong)name << 48;

    /// <summary>The header, where a record knows it.</summary>
    public HeaderName Name => (HeaderName)(_packed >> 48);

    public int NameOffset => (ushort)_packed;

    /// <summary>Where the value begins, behind blanks and folds; for an empty value, its end.</summary>
    public int ValueOffset => (ushort)(_packed >> 16);

    /// <summary>Where the line's end begins, that of its last line if it is folded.</summary>
    public int ValueEnd => (ushort)(_packed >> 32);
}

/// <summary>The lines of one message. Keep one and read into it again: it is large, and never cleared as a whole.</summary>
public struct MessageIndex
{
    /// <summary>
    /// Header lines of one message: RFC 4475's longest has 44, a call through many proxies adds a Via and a Record-Route for each of at most 70 hops.
    /// </summary>
    public const int MaxHeaderLines = 160;

    private Lines _lines;
    private FirstLines _first;

    // A bit for each header, by its number modulo 64, that stands on more than one line: nearly none does, and every one is asked.
    private ulong _repeated;
    private RequestLine _request;
    private StatusLine _status;

    [InlineArray(MaxHeaderLines)]
    private struct Lines
    {
        private HeaderLine _element;
    }

    // The number of the first line of each header, counting from 1.
    [InlineArray(HeaderNames.Count + 1)]
    private struct FirstLines
    {
        private byte _element;
    }

    public bool IsRequest { get; private set; }

    [UnscopedRef]
    internal readonly ref readonly RequestLine Request => ref _request;

    [UnscopedRef]
    internal readonly ref readonly StatusLine Status => ref _status;

    /// <summary>Header lines found.</summary>
    public int Count { get; private set; }

    /// <summary>The offset of the start line, behind empty lines (RFC 3261 §7.5), and of its end.</summary>
    public int StartLineOffset { get; private set; }

    public int StartLineEnd { get; private set; }

    /// <summary>The offset behind the empty line.</summary>
    public int BodyOffset { get; private set; }

    [UnscopedRef]
    public readonly ReadOnlySpan<HeaderLine> HeaderLines =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Lines, HeaderLine>(ref Unsafe.AsRef(in _lines)), Count);

    /// <summary>The number of the first line of a header, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int FirstOf(HeaderName name) => _first[(int)name] - 1;

    /// <summary>The number of the next line of the same header behind line <paramref name="number"/>, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int NextOf(HeaderName name, int number) => (_repeated >> (int)name & 1) == 0 ? -1 : FindNext(name, number);

    private readonly int FindNext(HeaderName name, int number)
    {
        for (int i = number + 1; i < Count; i++)
        {
            if (_lines[i].Name == name)
                return i;
        }
        return -1;
    }

    /// <summary>Types the start line (RFC 3261 §7.1, §7.2).</summary>
    internal ParseFault ReadStartLine(ReadOnlySpan<byte> text, uint allow)
    {
        // "SIP/" opens a response; a request's method may be any token, so its line tells by what follows.
        IsRequest = !Scan.Matches(text, StartLineOffset, 4, 0x00202020, 0x2F706973);
        if (IsRequest)
        {
            _status = default;
            int end = RequestLine.Match(text, StartLineOffset, allow, out _request);
            if (end < 0)
                return RequestLine.FaultOf(end);
            return _request.MajorVersion == 2 && _request.MinorVersion == 0 ? default : new(FaultKind.Version, _request.Uri.Extent.End + 1, "SIP-Version");
        }
        _request = default;
        int stop = StatusLine.Match(text, StartLineOffset, allow, out _status);
        if (stop < 0)
            return StatusLine.FaultOf(stop);
        if (_status.MajorVersion != 2 || _status.MinorVersion != 0)
            return new(FaultKind.Version, StartLineOffset, "SIP-Version");
        return _status.StatusCode is >= 100 and <= 699 ? default : new(FaultKind.Range, StartLineOffset + 8, "Status-Code");
    }

    // What stops the pass: a kind and a rule by number above the offset, 0 for nothing. A struct with a string would cost on every line.
    private static class Stop
    {
        public const int NoLineEnd = (int)FaultKind.Missing << 24 | 1 << 16;
        public const int LineFeed = (int)FaultKind.Syntax << 24 | 1 << 16;
        public const int NoColon = (int)FaultKind.Syntax << 24 | 2 << 16;
        public const int TooMany = (int)FaultKind.Limit << 24 | 2 << 16;
        public const int BadName = (int)FaultKind.Syntax << 24 | 3 << 16;

        public static ParseFault ToFault(int stop) => new((FaultKind)(stop >> 24), stop & 0xFFFF, (stop >> 16 & 0xFF) switch
        {
            1 => "CRLF",
            2 => "message-header",
            _ => "header-name",
        });
    }

    /// <summary>Finds the lines of the message that <paramref name="text"/> begins with.</summary>
    internal ParseFault Read(ReadOnlySpan<byte> text, bool allowLineFeed)
    {
        if (text.Length > Slice.MaxTextLength)
        {
            Count = 0;
            return new(FaultKind.Limit, Slice.MaxTextLength, "SIP-message");
        }
        int stop = FindLines(text, allowLineFeed);
        return stop == 0 ? default : Stop.ToFault(stop);
    }

    private int FindLines(ReadOnlySpan<byte> text, bool allowLineFeed)
    {
        Count = 0;
        _first = default;
        _repeated = 0;
        StartLineEnd = BodyOffset = 0;
        int lineStart = 0;
        while (lineStart < text.Length && text[lineStart] is (byte)'\r' or (byte)'\n')
            lineStart++;
        StartLineOffset = lineStart;
        ref byte origin = ref MemoryMarshal.GetReference(text);
        int count = -1;
        for (int block = lineStart; block < text.Length; block += 64)
        {
            for (ulong ends = LineFeeds(text, block); ends != 0; ends &= ends - 1)
            {
                int feed = block + BitOperations.TrailingZeroCount(ends);
                int end = feed;
                if (feed > lineStart && Unsafe.Add(ref origin, feed - 1) == '\r')
                    end--;
                else if (!allowLineFeed)
                    return End(count, Stop.LineFeed | feed);
                if (end == lineStart)
                {
                    BodyOffset = feed + 1;
                    return End(count, 0);
                }
                if (count < 0)
                {
                    StartLineEnd = end;
                    count = 0;
                }
                else if (TryAddPlainLine(text, lineStart, end, count))
                {
                    count++;
                }
                else
                {
                    int added = AddLine(text, lineStart, end, count);
                    if (added < 0)
                        return End(count, ~added);
                    count = added;
                }
                lineStart = feed + 1;
            }
        }
        return End(count, Stop.NoLineEnd | text.Length);
    }

    // The line that nearly all are: a known name of at most 15 octets, a colon, one blank, a value. The line's own LF, and the 16 octets that the
    // caller's check promises, bound every read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAddPlainLine(ReadOnlySpan<byte> text, int start, int end, int count)
    {
        if (text.Length - start < Vector128<byte>.Count || (uint)count >= MaxHeaderLines)
            return false;
        ref byte line = ref Unsafe.Add(ref MemoryMarshal.GetReference(text), (nuint)(uint)start);
        uint colons = Vector128.Equals(Vector128.LoadUnsafe(ref line), Vector128.Create((byte)':')).ExtractMostSignificantBits();
        // A colon in the last place, or in the first, or none at all.
        if (colons <= 1)
            return false;
        nuint length = (uint)BitOperations.TrailingZeroCount(colons);
        int value = start + (int)length + 2;
        if (value >= end || length == 0 || Unsafe.Add(ref line, length + 1) != ' ' || Unsafe.Add(ref line, length + 2) <= ' ')
            return false;
        nuint name = HeaderNames.Find(ref line, length);
        if (name == 0)
            return false;
        Unsafe.Add(ref Unsafe.As<Lines, HeaderLine>(ref _lines), (nuint)(uint)count) = new(start, value, end, (HeaderName)name);
        ref byte first = ref Unsafe.Add(ref Unsafe.As<FirstLines, byte>(ref _first), name);
        if (first == 0)
            first = (byte)(count + 1);
        else
            _repeated |= 1UL << (int)name;
        return true;
    }

    private int End(int count, int stop)
    {
        Count = Math.Max(count, 0);
        return stop;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LineFeeds(ReadOnlySpan<byte> text, int offset)
    {
        if (text.Length - offset < 64)
            return LastLineFeeds(text, offset);
        ref byte at = ref MemoryMarshal.GetReference(text);
        var feed = Vector128.Create((byte)'\n');
        ulong a = Vector128.Equals(Vector128.LoadUnsafe(ref at, (nuint)offset), feed).ExtractMostSignificantBits();
        ulong b = Vector128.Equals(Vector128.LoadUnsafe(ref at, (nuint)offset + 16), feed).ExtractMostSignificantBits();
        ulong c = Vector128.Equals(Vector128.LoadUnsafe(ref at, (nuint)offset + 32), feed).ExtractMostSignificantBits();
        ulong d = Vector128.Equals(Vector128.LoadUnsafe(ref at, (nuint)offset + 48), feed).ExtractMostSignificantBits();
        return a | b << 16 | c << 32 | d << 48;
    }

    private static ulong LastLineFeeds(ReadOnlySpan<byte> text, int offset)
    {
        ref byte at = ref MemoryMarshal.GetReference(text);
        ulong mask = 0;
        int i = offset;
        for (; text.Length - i >= 16; i += 16)
            mask |= (ulong)Vector128.Equals(Vector128.LoadUnsafe(ref at, (nuint)i), Vector128.Create((byte)'\n')).ExtractMostSignificantBits() << (i - offset);
        if (i < text.Length && text.Length >= 16)
        {
            // The last octets as part of 16 that end with them; the bits of those before are shifted out.
            uint last = Vector128.Equals(Vector128.LoadUnsafe(ref at, (nuint)(text.Length - 16)), Vector128.Create((byte)'\n')).ExtractMostSignificantBits();
            return mask | (ulong)(last >> (16 - (text.Length - i))) << (i - offset);
        }
        for (; i < text.Length; i++)
            mask |= (text[i] == '\n' ? 1UL : 0) << (i - offset);
        return mask;
    }

    // Any other line: the new count, or the complement of a stop.
    private int AddLine(ReadOnlySpan<byte> text, int start, int end, int count)
    {
        // A continuation belongs to the line before it (RFC 3261 §7.3.1), one behind the start line to nothing.
        if (text[start] is (byte)' ' or (byte)'\t')
        {
            if (count == 0)
                return ~(Stop.NoColon | start);
            // A value that only begins there begins behind the fold, whatever its rule makes of white space.
            var last = _lines[count - 1];
            int begin = last.ValueOffset;
            if (begin == last.ValueEnd)
            {
                begin = start;
                while (begin < end && text[begin] is (byte)' ' or (byte)'\t')
                    begin++;
            }
            _lines[count - 1] = new(last.NameOffset, begin, end, last.Name);
            return count;
        }
        int colon = Colon(text, start, end);
        if (colon < 0)
            return ~(Stop.NoColon | start);
        // HCOLON allows blanks before the colon.
        int nameEnd = colon;
        while (nameEnd > start && text[nameEnd - 1] is (byte)' ' or (byte)'\t')
            nameEnd--;
        if (nameEnd == start)
            return ~(Stop.BadName | start);
        if (count >= MaxHeaderLines)
            return ~(Stop.TooMany | start);
        var name = HeaderNames.Parse(text, start, nameEnd);
        if (name == HeaderName.Other && HeaderNameText.EndOf(text, start) != nameEnd)
            return ~(Stop.BadName | start);
        int value = colon + 1;
        while (value < end && text[value] is (byte)' ' or (byte)'\t')
            value++;
        _lines[count] = new(start, value, end, name);
        if (_first[(int)name] == 0)
            _first[(int)name] = (byte)(count + 1);
        else
            _repeated |= 1UL << (int)name;
        return count + 1;
    }

    private static int Colon(ReadOnlySpan<byte> text, int start, int end)
    {
        // Nearly every name ends within 16 octets.
        if (text.Length - start >= 16)
        {
            uint colons = Vector128.Equals(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)start), Vector128.Create((byte)':'))
                .ExtractMostSignificantBits();
            if (colons != 0)
            {
                int near = start + BitOperations.TrailingZeroCount(colons);
                return near < end ? near : -1;
            }
        }
        int far = text[start..end].IndexOf((byte)':');
        return far < 0 ? -1 : start + far;
    }
}
