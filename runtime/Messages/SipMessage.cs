// A message as a view: the octets, the index of its lines, and typed values on demand. See note [how a message is read].
//
// note [how a message is read]
// Reading is three steps, each asked for: the index finds the lines (MessageIndex); TryRead types the start line and settles the body by
// Content-Length; everything else is typed when it is asked for. A fault in a header that nobody asks for costs nothing and harms nobody
// (RFC 3261 §8.2.2: a UAS ignores malformed headers that it does not need). MessageCheck asks for all of them.
using System.Runtime.CompilerServices;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>How the end of a message is known (RFC 3261 §18.3).</summary>
public enum Framing : byte
{
    /// <summary>The datagram ends it: octets behind Content-Length are dropped, too few are a fault, no Content-Length means the rest.</summary>
    Datagram,

    /// <summary>Content-Length ends it, and must be there.</summary>
    Stream,
}

/// <summary>
/// A received message. It refers to the text and to the index that it was read into; both must stay as they are while it is used. Every
/// <see cref="Slice"/> that it gives is relative to the text.
/// </summary>
public readonly ref struct SipMessage
{
    private readonly ref readonly MessageIndex _index;
    private readonly Leniency _allow;

    private SipMessage(ReadOnlySpan<byte> text, ref readonly MessageIndex index, Leniency allow)
    {
        Text = text;
        _index = ref index;
        _allow = allow;
    }

    /// <summary>The octets of the message, from the start line's leading empty lines to the end of its body.</summary>
    public ReadOnlySpan<byte> Text { get; }

    public bool IsRequest => _index.IsRequest;

    /// <summary>The Request-Line of a request.</summary>
    public ref readonly RequestLine Request => ref _index.Request;

    /// <summary>The Status-Line of a response.</summary>
    public ref readonly StatusLine Status => ref _index.Status;

    /// <summary>The body, perhaps empty; empty where the header lines have no end.</summary>
    public ReadOnlySpan<byte> Body => Text[BodyOffset..];

    /// <summary>The body as a slice of <see cref="Text"/>.</summary>
    public Slice BodySlice => Slice.Between(BodyOffset, Text.Length);

    /// <summary>The offset behind the empty line, or the end of the text where there is none.</summary>
    internal int BodyOffset => _index.BodyOffset == 0 ? Text.Length : _index.BodyOffset;

    public ReadOnlySpan<HeaderLine> HeaderLines => _index.HeaderLines;

    /// <summary>What the reader was allowed to accept.</summary>
    public Leniency Allow => _allow;

    /// <summary>The same for the walk over a line's values.</summary>
    public LineRules Rules => new((uint)_allow);

    /// <summary>
    /// Reads the message that <paramref name="text"/> begins with. False with the fault where its lines, its start line or its body's length are
    /// wrong; <paramref name="message"/> then holds what was found up to there, and its index can still be walked for an answer.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> text, Framing framing, ref MessageIndex index, out SipMessage message, out ParseFault fault,
        Leniency allow = Leniency.Default)
    {
        message = ReadLines(text, ref index, allow, out fault, out var startFault);
        if (startFault.IsFault)
            fault = startFault;
        return !fault.IsFault && message.FrameBody(framing, out message, out fault);
    }

    /// <summary>The same message over another copy of its octets.</summary>
    internal static SipMessage Over(ReadOnlySpan<byte> text, ref readonly MessageIndex index, Leniency allow) => new(text, in index, allow);

    /// <summary>
    /// The first step of reading: the lines and the start line. The start line is typed behind a fault in the lines as well, since an answer
    /// depends on it; where it has no end itself, <paramref name="lineFault"/> says so alone.
    /// </summary>
    internal static SipMessage ReadLines(
        ReadOnlySpan<byte> text, ref MessageIndex index, Leniency allow, out ParseFault lineFault, out ParseFault startFault)
    {
        ParseFault tooLong = default;
        if (text.Length > Slice.MaxTextLength)
        {
            // What can be addressed is read all the same: a refusal copies its headers from there.
            tooLong = new(FaultKind.Limit, Slice.MaxTextLength, "SIP-message");
            text = text[..Slice.MaxTextLength];
        }
        lineFault = index.Read(text, (allow & Leniency.LineFeed) != 0);
        if (tooLong.IsFault)
            lineFault = tooLong;
        startFault = index.ReadStartLine(text, (uint)allow);
        if (index.StartLineEnd == 0)
            startFault = default;
        return new(text, in index, allow);
    }

    // RFC 3261 §18.3.
    internal bool FrameBody(Framing framing, out SipMessage message, out ParseFault fault)
    {
        message = this;
        fault = default;
        int line = _index.FirstOf(HeaderName.ContentLength);
        if (line < 0)
        {
            if (framing == Framing.Stream)
                fault = new(FaultKind.Missing, _index.BodyOffset, "Content-Length");
            return !fault.IsFault;
        }
        if (!TryGet<ContentLength>(line, out var length, out fault))
            return false;
        int second = _index.NextOf(HeaderName.ContentLength, line);
        if (second >= 0)
        {
            // Two that agree are still one too many (RFC 4475 §3.3.9 has two that differ).
            bool same = TryGet<ContentLength>(second, out var again, out _) && again.Octets == length.Octets;
            fault = new(same ? FaultKind.Duplicate : FaultKind.Mismatch, HeaderLines[second].NameOffset, "Content-Length");
            return false;
        }
        long end = _index.BodyOffset + (long)length.Octets;
        if (end > Text.Length)
        {
            fault = new(FaultKind.Length, HeaderLines[line].ValueOffset, "Content-Length");
            return false;
        }
        message = new(Text[..(int)end], in _index, _allow);
        return true;
    }

    // ---- Headers ----------------------------------------------------------------------------------------------------------------

    /// <summary>The number of the first line of a header, or -1.</summary>
    public int FirstLineOf(HeaderName name) => _index.FirstOf(name);

    /// <summary>The number of the next line of the same header behind line <paramref name="line"/>, or -1.</summary>
    public int NextLineOf(HeaderName name, int line) => _index.NextOf(name, line);

    /// <summary>The number of the first line of a header that no record here knows, by its name without regard to case, or -1, also for a name that a record knows.</summary>
    public int FirstLineOf(ReadOnlySpan<byte> name, int from = 0)
    {
        for (int i = from; i < _index.Count; i++)
        {
            if (HeaderLines[i].Name == HeaderName.Other && Scan.EqualsIgnoreCase(NameOf(i).In(Text), name))
                return i;
        }
        return -1;
    }

    /// <summary>The name of a line as it stands in the message.</summary>
    public Slice NameOf(int line)
    {
        int start = HeaderLines[line].NameOffset;
        return Slice.Between(start, HeaderNameText.EndOf(Text, start));
    }

    /// <summary>The value of a line as it stands in the message, folds and all.</summary>
    public Slice ValueOf(int line)
    {
        var header = HeaderLines[line];
        int start = HeaderValues.SkipSpace(Text, header.ValueOffset, header.ValueEnd);
        return Scan.Trimmed(Text, start, header.ValueEnd);
    }

    /// <summary>
    /// The first value of a header. False without a fault where there is none; false with one where it does not match its grammar, as does what
    /// stands in the place of all values (Contact's <c>*</c>): <c>All</c> tells that.
    /// </summary>
    public bool TryGet<T>(out T value, out ParseFault fault)
        where T : struct, IHeader<T>
    {
        int line = LineOf<T>(-1);
        if (line >= 0)
            return TryGet(line, out value, out fault);
        value = default;
        fault = default;
        return false;
    }

    /// <summary>The first value of a line; for a header that may not be a list, all that stands on it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet<T>(int line, out T value, out ParseFault fault)
        where T : struct, IHeader<T>
    {
        ref readonly var header = ref HeaderLines[line];
        int end = T.Match(Text, header.ValueOffset, (uint)_allow, out value);
        fault = default;
        return end == header.ValueEnd || TryGetSlowly(line, out value, out fault);
    }

    private bool TryGetSlowly<T>(int line, out T value, out ParseFault fault)
        where T : struct, IHeader<T>
    {
        fault = default;
        var header = HeaderLines[line];
        int start = HeaderValues.First<T>(Text, header.ValueOffset, header.ValueEnd, Rules, out int result);
        if (start < 0)
        {
            value = default;
            if (result < 0)
                fault = T.FaultOf(result);
            return false;
        }
        result = HeaderValues.Next(Text, start, header.ValueEnd, Rules, out value, out _);
        if (result >= 0)
            return true;
        fault = T.FaultOf(result);
        value = default;
        return false;
    }

    /// <summary>Every value of a header, in the order of the message, whether comma-separated or on lines of their own.</summary>
    public HeaderEnumerator<T> All<T>()
        where T : struct, IHeader<T> => new(this);

    internal int LineOf<T>(int after)
        where T : struct, IHeader<T>
    {
        if (T.Id != 0)
            return after < 0 ? _index.FirstOf((HeaderName)T.Id) : _index.NextOf((HeaderName)T.Id, after);
        int line = FirstLineOf(T.HeaderName, after + 1);
        if (T.CompactName == 0)
            return line;
        byte compact = T.CompactName;
        int other = FirstLineOf(new ReadOnlySpan<byte>(in compact), after + 1);
        return line < 0 ? other : other < 0 ? line : Math.Min(line, other);
    }
}
