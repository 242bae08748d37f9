// Bodies of several parts (RFC 2046 §5.1; in SIP: RFC 3261 §7.4, RFC 5621). A part is told from the next by a delimiter line; the CRLF before
// it belongs to it, not to the part. A part that is itself a multipart is read by another Multipart over its content.
//
// note [delimiter lines]
// RFC 2046 §5.1.1 lets a receiver take any line that begins with the delimiter, but its grammar wants nothing behind it but white space. The
// grammar is followed, so that a boundary may be the beginning of another (an outer "b" and an inner "b2").
using System.Runtime.CompilerServices;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>
/// Walks the parts of a multipart body: <see cref="MoveNext"/>, then <see cref="Current"/>. It stops at the first fault, which
/// <see cref="Fault"/> then holds (<c>foreach</c> walks a copy, which alone has it); parts before it stand. All slices are relative to the
/// message's text.
/// </summary>
public ref struct Multipart
{
    /// <summary>RFC 2046 §5.1.1: <c>boundary := 0*69&lt;bchars&gt; bcharsnospace</c>.</summary>
    public const int MaxBoundaryLength = 70;

    private readonly ReadOnlySpan<byte> _text;
    private readonly Leniency _allow;
    private readonly int _end;
    private DashBoundary _delimiter;
    private int _delimiterLength;
    private int _partStart;
    private bool _ended;

    [InlineArray(2 + MaxBoundaryLength)]
    private struct DashBoundary
    {
        private byte _element;
    }

    private Multipart(ReadOnlySpan<byte> text, int end, Leniency allow)
    {
        _text = text;
        _end = end;
        _allow = allow;
    }

    public MimePart Current { get; private set; }

    /// <summary>What ended the walk before its time: no delimiter, no close delimiter, a header line of a part that is none.</summary>
    public ParseFault Fault { get; private set; }

    /// <summary>What stands before the first part, to be ignored (RFC 2046 §5.1.1).</summary>
    public Slice Preamble { get; private set; }

    /// <summary>What stands behind the last part, to be ignored; known once the walk has ended.</summary>
    public Slice Epilogue { get; private set; }

    public readonly Multipart GetEnumerator() => this;

    /// <summary>The parts of a message's body. False without a fault where it is not a multipart; false with one where it cannot be read as such.</summary>
    public static bool TryRead(in SipMessage message, out Multipart parts, out ParseFault fault)
    {
        parts = default;
        return message.TryGet<ContentType>(out var type, out fault)
            && TryRead(message.Text, message.BodySlice, type, out parts, out fault, message.Allow);
    }

    /// <summary>The parts of some content, such as that of a part.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> text, Slice content, scoped in ContentType type, out Multipart parts, out ParseFault fault, Leniency allow = Leniency.Default)
    {
        parts = new(text, content.End, allow);
        fault = default;
        if (!Scan.EqualsIgnoreCase(type.Type.In(text), "multipart"u8))
            return false;
        fault = parts.ReadBoundary(type.Boundary);
        if (!fault.IsFault)
        {
            int first = parts.FindDelimiter(content.Offset, out int lineEnd, out parts._ended);
            if (first < 0)
                fault = new(FaultKind.Missing, content.Offset, "dash-boundary");
            else
            {
                parts._partStart = lineEnd;
                parts.Preamble = Slice.Between(content.Offset, parts.BeforeLineEnd(content.Offset, first));
                if (parts._ended)
                    parts.Epilogue = Slice.Between(lineEnd, content.End);
            }
        }
        parts.Fault = fault;
        return !fault.IsFault;
    }

    // Quoted or not (RFC 2045 §5.1); a quoted one is unescaped.
    private ParseFault ReadBoundary(Slice boundary)
    {
        if (!boundary.IsPresent)
            return new(FaultKind.Missing, 0, "boundary");
        var value = boundary.In(_text);
        int offset = boundary.Offset;
        bool quoted = value.Length >= 2 && value[0] == '"';
        if (quoted)
        {
            value = value[1..^1];
            offset++;
        }
        Span<byte> delimiter = _delimiter;
        delimiter[0] = delimiter[1] = (byte)'-';
        int length = 2;
        for (int i = 0; i < value.Length; i++)
        {
            if (quoted && value[i] == '\\' && i + 1 < value.Length)
                i++;
            if (!IsBoundaryCharacter(value[i]))
                return new(FaultKind.Syntax, offset + i, "boundary");
            if (length == delimiter.Length)
                return new(FaultKind.Limit, offset + i, "boundary");
            delimiter[length++] = value[i];
        }
        if (length == 2 || delimiter[length - 1] == ' ')
            return new(FaultKind.Syntax, offset, "boundary");
        _delimiterLength = length;
        return default;
    }

    // RFC 2046 §5.1.1: bchars := bcharsnospace / " "
    private static bool IsBoundaryCharacter(byte c) =>
        (c | 0x20) is >= (byte)'a' and <= (byte)'z' || c is >= (byte)'0' and <= (byte)'9' || "'()+_,-./:=? "u8.Contains(c);

    public bool MoveNext()
    {
        Current = default;
        if (_ended || Fault.IsFault)
            return false;
        int start = _partStart;
        int delimiter = FindDelimiter(start, out int lineEnd, out _ended);
        if (delimiter < 0)
        {
            Fault = new(FaultKind.Missing, _end, "close-delimiter");
            return false;
        }
        int end = BeforeLineEnd(start, delimiter);
        var lines = new MimeHeaderEnumerator(_text, start, end, AllowsLineFeed);
        while (lines.MoveNext())
        {
        }
        if (lines.Fault.IsFault)
        {
            Fault = lines.Fault;
            return false;
        }
        _partStart = lineEnd;
        if (_ended)
            Epilogue = Slice.Between(lineEnd, _end);
        Current = new(_text, Slice.Between(start, lines.End), Slice.Between(lines.ContentOffset, end), _allow);
        return true;
    }

    private readonly bool AllowsLineFeed => (_allow & Leniency.LineFeed) != 0;

    // The delimiter that begins a line at or behind `from`, which begins a line itself; `lineEnd` is behind its line. Negative for none.
    private readonly int FindDelimiter(int from, out int lineEnd, out bool isClose)
    {
        ReadOnlySpan<byte> wanted = ((ReadOnlySpan<byte>)_delimiter)[.._delimiterLength];
        int line = from;
        while (true)
        {
            if (_text[line.._end].StartsWith(wanted) && EndsLine(line + wanted.Length, out lineEnd, out isClose))
                return line;
            int feed;
            do
            {
                feed = _text[line.._end].IndexOf("\n--"u8);
                line += feed + 1;
            }
            while (feed >= 0 && !AllowsLineFeed && (line < 2 || _text[line - 2] != '\r'));
            if (feed < 0)
                break;
        }
        lineEnd = 0;
        isClose = false;
        return -1;
    }

    // transport-padding CRLF, "--" before it in a close delimiter, which may also end the content.
    private readonly bool EndsLine(int offset, out int lineEnd, out bool isClose)
    {
        isClose = _text[offset.._end].StartsWith("--"u8);
        if (isClose)
            offset += 2;
        while (offset < _end && _text[offset] is (byte)' ' or (byte)'\t')
            offset++;
        lineEnd = offset;
        if (offset == _end)
            return isClose;
        if (_text[offset] == '\r' && offset + 1 < _end && _text[offset + 1] == '\n')
            lineEnd = offset + 2;
        else if (_text[offset] == '\n' && AllowsLineFeed)
            lineEnd = offset + 1;
        return lineEnd > offset;
    }

    // Where the line end before a delimiter begins, which belongs to the delimiter.
    private readonly int BeforeLineEnd(int start, int delimiter)
    {
        int end = delimiter;
        if (end > start && _text[end - 1] == '\n')
            end--;
        if (end > start && _text[end - 1] == '\r')
            end--;
        return end;
    }
}

/// <summary>A part of a multipart body (RFC 2046 §5.1): MIME headers and content, as slices of the message's text.</summary>
public readonly ref struct MimePart
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly Leniency _allow;

    internal MimePart(ReadOnlySpan<byte> text, Slice headers, Slice content, Leniency allow)
    {
        _text = text;
        _allow = allow;
        HeadersSlice = headers;
        ContentSlice = content;
    }

    /// <summary>The text of the whole message.</summary>
    public ReadOnlySpan<byte> Text => _text;

    public Slice HeadersSlice { get; }

    public Slice ContentSlice { get; }

    public ReadOnlySpan<byte> Content => ContentSlice.In(_text);

    /// <summary>The header lines of the part, known names among them.</summary>
    public MimeHeaderEnumerator HeaderLines => new(_text, HeadersSlice.Offset, HeadersSlice.End, (_allow & Leniency.LineFeed) != 0);

    /// <summary>The first value of a header of the part. False without a fault where there is none; false with one where it does not match its grammar.</summary>
    public bool TryGet<T>(out T value, out ParseFault fault)
        where T : struct, IHeader<T>
    {
        value = default;
        fault = default;
        foreach (var line in HeaderLines)
        {
            if (T.Id != 0 ? (int)line.Name != T.Id : !Scan.EqualsIgnoreCase(NameOf(line).In(_text), T.HeaderName))
                continue;
            var rules = new LineRules((uint)_allow);
            var text = _text[..ContentSlice.End];
            int start = HeaderValues.First<T>(text, line.ValueOffset, line.ValueEnd, rules, out int result);
            if (start >= 0)
                result = HeaderValues.Next(text, start, line.ValueEnd, rules, out value, out _);
            if (result < 0)
            {
                fault = T.FaultOf(result);
                value = default;
            }
            return start >= 0 && result >= 0;
        }
        return false;
    }

    /// <summary>The parts of a part that is a multipart itself, as <see cref="Multipart.TryRead(in SipMessage, out Multipart, out ParseFault)"/>.</summary>
    public bool TryReadParts(out Multipart parts, out ParseFault fault)
    {
        parts = default;
        return TryGet<ContentType>(out var type, out fault) && Multipart.TryRead(_text, ContentSlice, type, out parts, out fault, _allow);
    }

    /// <summary>The value of the first line of that name (without regard to case) as it stands, folds and all; not present where there is none.</summary>
    public Slice ValueOf(scoped ReadOnlySpan<byte> name)
    {
        foreach (var line in HeaderLines)
        {
            if (Scan.EqualsIgnoreCase(NameOf(line).In(_text), name))
                return Scan.Trimmed(_text, line.ValueOffset, line.ValueEnd);
        }
        return default;
    }

    /// <summary>The name of a line as it stands.</summary>
    public Slice NameOf(in HeaderLine line) => Slice.Between(line.NameOffset, HeaderNameText.EndOf(_text, line.NameOffset));
}

/// <summary>Walks the header lines of a MIME part (RFC 2045 §3), folds included in a line's value.</summary>
public ref struct MimeHeaderEnumerator
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly int _end;
    private readonly bool _allowLineFeed;
    private int _offset;

    internal MimeHeaderEnumerator(ReadOnlySpan<byte> text, int start, int end, bool allowLineFeed)
    {
        _text = text;
        _offset = start;
        _end = end;
        _allowLineFeed = allowLineFeed;
        End = start;
    }

    public HeaderLine Current { get; private set; }

    internal ParseFault Fault { get; private set; }

    /// <summary>Behind the last line found.</summary>
    internal int End { get; private set; }

    /// <summary>Behind the empty line, once the walk has ended.</summary>
    internal readonly int ContentOffset => _offset;

    public readonly MimeHeaderEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_offset >= _end || Fault.IsFault)
            return false;
        int start = _offset;
        int lineEnd = EndOfLine(start, out int next);
        if (lineEnd == start)
        {
            _offset = next;
            return false;
        }
        int colon = _text[start..lineEnd].IndexOf((byte)':');
        int nameEnd = start + Math.Max(colon, 0);
        while (nameEnd > start && _text[nameEnd - 1] is (byte)' ' or (byte)'\t')
            nameEnd--;
        if (nameEnd == start || HeaderNameText.EndOf(_text[..lineEnd], start) != nameEnd)
        {
            Fault = new(FaultKind.Syntax, start, "MIME-part-headers");
            return false;
        }
        while (next < _end && _text[next] is (byte)' ' or (byte)'\t')
            lineEnd = EndOfLine(next, out next);
        int value = start + colon + 1;
        while (value < lineEnd && _text[value] is (byte)' ' or (byte)'\t')
            value++;
        Current = new(start, value, lineEnd, HeaderNames.Parse(_text, start, nameEnd));
        _offset = End = next;
        return true;
    }

    private readonly int EndOfLine(int start, out int next)
    {
        for (int from = start; ; from = next)
        {
            int feed = _text[from.._end].IndexOf((byte)'\n');
            if (feed < 0)
            {
                next = _end;
                return _end;
            }
            feed += from;
            next = feed + 1;
            if (feed > start && _text[feed - 1] == '\r')
                return feed - 1;
            if (_allowLineFeed)
                return feed;
        }
    }
}
