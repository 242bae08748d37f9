// Where messages begin and end on a stream (RFC 3261 §7.5, §18.3), and the keep-alives between them (RFC 5626 §3.5.1, §4.4.1).
//
// note [framing a stream]
// The framer is shown what was received and not yet consumed, from its first octet, again and again as it grows. It remembers how far it has
// looked and what it saw, so each octet is looked at once however small the pieces are, and its answer does not depend on where they are cut.
// It looks at Content-Length alone; what else is wrong with a message, its reader says. The two must agree about lines, or one peer could
// hide a message inside another's: lines end at LF, an empty one ends the headers, a line that begins with white space continues the one before.
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>What a stream holds next.</summary>
public enum StreamInput : byte
{
    /// <summary>Nothing whole yet.</summary>
    NeedMore,

    /// <summary>A message.</summary>
    Message,

    /// <summary>Two empty lines from the peer that opened the stream: answer with one (RFC 5626 §4.4.1).</summary>
    Ping,

    /// <summary>One empty line from the peer that we opened the stream to: it answers a ping, or is a keep-alive that wants no answer.</summary>
    Pong,

    /// <summary>The stream cannot be framed any more: close it (RFC 4475 §3.1.2.3).</summary>
    Fault,
}

/// <summary>Which side opened the stream: that side pings, the other answers (RFC 5626 §3.5.1).</summary>
public enum StreamSide : byte
{
    /// <summary>The peer opened it.</summary>
    Accepted,

    /// <summary>We opened it.</summary>
    Opened,
}

/// <summary>
/// Finds the messages in a stream. Call <see cref="Next"/> with all octets received and not consumed; take away those that it consumed; call it
/// again until it needs more. See note [framing a stream].
/// </summary>
public struct StreamFramer
{
    /// <summary>
    /// Octets of the start line and headers, empty lines before them included. A call through 70 hops (the largest usual Max-Forwards) that each add
    /// a Via and a Record-Route of 110 octets needs 15.4 KiB; RFC 4475's longest message has 3.5 KiB.
    /// </summary>
    public const int MaxHeaderOctets = 16 * 1024;

    /// <summary>Octets of a whole message: what a <see cref="Slice"/> can address, and what a datagram could carry.</summary>
    public const int MaxMessageOctets = Slice.MaxTextLength;

    private readonly StreamSide _side;
    private readonly Leniency _allow;
    private readonly int _maxOctets;

    // CR and LF before the start line; octets looked at; where the line being looked at begins.
    private int _leading;
    private int _scanned;
    private int _lineStart;
    private bool _started;
    private bool _inStartLine;

    // A Content-Length line that a fold may still continue, and the length read so far.
    private bool _inLength;
    private int _valueStart;
    private int _valueEnd;
    private long _length;
    private ParseFault _lengthFault;

    private int _headerEnd;
    private int _messageEnd;

    private const long NoLength = -1;

    /// <summary><paramref name="maxMessageOctets"/> is at most <see cref="MaxMessageOctets"/>: the size of the buffer that the stream is collected in.</summary>
    public StreamFramer(StreamSide side, Leniency allow = Leniency.Default, int maxMessageOctets = MaxMessageOctets)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)maxMessageOctets, (uint)MaxMessageOctets);
        _side = side;
        _allow = allow;
        _maxOctets = maxMessageOctets;
        Restart();
    }

    /// <summary>Why the stream cannot be framed any more; the offset is in the octets of the call that said so.</summary>
    public ParseFault Fault { get; private set; }

    private readonly bool AllowsLineFeed => (_allow & Leniency.LineFeed) != 0;

    // A framer that was made without its constructor has the largest limit.
    private readonly int MaxOctets => _maxOctets == 0 ? Slice.MaxTextLength : _maxOctets;

    private readonly int HeaderLimit => Math.Min(MaxHeaderOctets, MaxOctets);

    /// <summary>
    /// What <paramref name="received"/> begins with, and how many octets it takes (0 where more are needed). Empty lines before a message are
    /// part of it. A fault takes the header lines where their end was found, so that an answer can be made from them before closing, else nothing.
    /// </summary>
    public StreamInput Next(ReadOnlySpan<byte> received, out int consumed)
    {
        consumed = 0;
        if (Fault.IsFault)
            return StreamInput.Fault;
        if (!_started && KeepAlive(received, out consumed) is var found && (found != StreamInput.Message || !BeginsMessage(received)))
            return Fault.IsFault ? StreamInput.Fault : found == StreamInput.Message ? StreamInput.NeedMore : found;
        if (_messageEnd == 0 && !FindHeaderEnd(received))
        {
            consumed = Fault.IsFault ? _headerEnd : 0;
            return Fault.IsFault ? StreamInput.Fault : StreamInput.NeedMore;
        }
        if (received.Length < _messageEnd)
            return StreamInput.NeedMore;
        consumed = _messageEnd;
        Restart();
        return StreamInput.Message;
    }

    private void Restart()
    {
        _leading = _scanned = _lineStart = _headerEnd = _messageEnd = 0;
        _started = _inLength = false;
        _inStartLine = true;
        _length = NoLength;
        _lengthFault = default;
    }

    private StreamInput Fail(ParseFault fault)
    {
        Fault = fault;
        return StreamInput.Fault;
    }

    // What stands between messages; Message where something else begins.
    private readonly StreamInput KeepAlive(ReadOnlySpan<byte> received, out int consumed)
    {
        consumed = 0;
        if (_leading > 0)
            return StreamInput.Message;
        int first = LineEndAt(received, 0);
        if (first <= 0)
            return first == 0 ? StreamInput.Message : StreamInput.NeedMore;
        if (_side == StreamSide.Opened)
        {
            consumed = first;
            return StreamInput.Pong;
        }
        int second = LineEndAt(received, first);
        if (second <= 0)
            return second == 0 ? StreamInput.Message : StreamInput.NeedMore;
        consumed = first + second;
        return StreamInput.Ping;
    }

    // The length of the line end at an offset, 0 where there is none, -1 where it cannot be told yet.
    private readonly int LineEndAt(ReadOnlySpan<byte> received, int offset)
    {
        if (offset >= received.Length)
            return -1;
        if (received[offset] == '\n')
            return AllowsLineFeed ? 1 : 0;
        if (received[offset] != '\r')
            return 0;
        if (offset + 1 == received.Length)
            return -1;
        return received[offset + 1] == '\n' ? 2 : 0;
    }

    // RFC 3261 §7.5: empty lines before the start line are ignored. The reader skips the same octets.
    private bool BeginsMessage(ReadOnlySpan<byte> received)
    {
        int limit = Math.Min(received.Length, HeaderLimit);
        while (_leading < limit && received[_leading] is (byte)'\r' or (byte)'\n')
            _leading++;
        if (_leading == limit)
        {
            if (limit == HeaderLimit)
                Fail(new(FaultKind.Limit, limit, "message-header"));
            return false;
        }
        _started = true;
        _scanned = _lineStart = _leading;
        return true;
    }

    private bool FindHeaderEnd(ReadOnlySpan<byte> received)
    {
        var area = received[..Math.Min(received.Length, HeaderLimit)];
        while (true)
        {
            int feed = area[_scanned..].IndexOf((byte)'\n');
            if (feed < 0)
            {
                _scanned = area.Length;
                if (area.Length == HeaderLimit)
                    Fail(new(FaultKind.Limit, area.Length, "message-header"));
                return false;
            }
            feed += _scanned;
            _scanned = feed + 1;
            int end = feed;
            if (end > _lineStart && area[end - 1] == '\r')
                end--;
            else if (!AllowsLineFeed)
            {
                Fail(new(FaultKind.Syntax, feed, "CRLF"));
                return false;
            }
            if (end == _lineStart)
                return EndHeaders(area, feed + 1);
            SeeLine(area, _lineStart, end);
            _lineStart = feed + 1;
        }
    }

    private void SeeLine(ReadOnlySpan<byte> area, int start, int end)
    {
        if (_inStartLine)
        {
            _inStartLine = false;
            return;
        }
        if (area[start] is (byte)' ' or (byte)'\t')
        {
            _valueEnd = end;
            return;
        }
        CloseLength(area);
        // Content-Length, or l.
        if ((area[start] | 0x20) is not ('c' or 'l'))
            return;
        int colon = area[start..end].IndexOf((byte)':');
        if (colon < 0)
            return;
        int nameEnd = start + colon;
        while (nameEnd > start && area[nameEnd - 1] is (byte)' ' or (byte)'\t')
            nameEnd--;
        _inLength = HeaderNames.Parse(area, start, nameEnd) == HeaderName.ContentLength;
        _valueStart = start + colon + 1;
        _valueEnd = end;
    }

    private void CloseLength(ReadOnlySpan<byte> area)
    {
        if (!_inLength)
            return;
        _inLength = false;
        if (_lengthFault.IsFault)
            return;
        var line = area[.._valueEnd];
        var rules = new LineRules((uint)_allow);
        int start = HeaderValues.First<ContentLength>(line, _valueStart, _valueEnd, rules, out int result);
        ContentLength length = default;
        if (start >= 0)
            result = HeaderValues.Next(line, start, _valueEnd, rules, out length, out _);
        if (result < 0)
            _lengthFault = ContentLength.FaultOf(result);
        // Two that agree still frame the message; its reader refuses it.
        else if (_length != NoLength && _length != length.Octets)
            _lengthFault = new(FaultKind.Mismatch, _valueStart, "Content-Length");
        else
            _length = length.Octets;
    }

    private bool EndHeaders(ReadOnlySpan<byte> area, int headerEnd)
    {
        CloseLength(area);
        _headerEnd = headerEnd;
        if (_lengthFault.IsFault)
            Fail(_lengthFault);
        else if (_length == NoLength)
            Fail(new(FaultKind.Missing, headerEnd, "Content-Length"));
        else if (headerEnd + _length > MaxOctets)
            Fail(new(FaultKind.Limit, _valueStart, "Content-Length"));
        else
            _messageEnd = (int)(headerEnd + _length);
        return _messageEnd != 0;
    }
}
