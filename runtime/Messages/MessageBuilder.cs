// Writing a message into a caller's buffer (RFC 3261 §7, §8.1.1, §8.2.6). What does not fit and what may not be written are remembered, not
// thrown: the caller asks once, at the end.
//
// note [nothing is injected]
// A value handed in as text must hold no CR, LF or NUL: with one, whoever chose the value could write headers of his own. Values from a received
// message may hold folds, which are written as one blank (RFC 3261 §7.3.1 calls them equal), and NULs (RFC 4475 §3.1.1.2 escapes one in a
// quoted string); a CR or LF that is no fold is refused there, too.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>
/// Writes one message: the start line, then headers in any order, then <see cref="Finish()"/> or a body. Valid if <see cref="IsValid"/> says so at the end.
/// Once something was refused or did not fit, nothing more is written.
/// </summary>
public ref struct MessageBuilder
{
    // Digits of a Content-Length that is filled in later: those of Slice.MaxTextLength.
    private const int LengthDigits = 5;

    private readonly Span<byte> _buffer;
    private ByteWriter _writer;
    private ReadOnlySpan<byte> _topVia;
    private int _bodyStart;

    public MessageBuilder(Span<byte> buffer)
    {
        _buffer = buffer;
        _writer = new(buffer);
    }

    /// <summary>True where the buffer was too small.</summary>
    public readonly bool Overflowed => _writer.Overflowed;

    /// <summary>What was refused first; the offset is in the octets written.</summary>
    public ParseFault Fault { get; private set; }

    /// <summary>True while everything fitted and nothing was refused.</summary>
    public readonly bool IsValid => !Overflowed && !Fault.IsFault;

    /// <summary>What has been written.</summary>
    public readonly ReadOnlySpan<byte> Written => _writer.WrittenSpan;

    private void Refuse(FaultKind kind, string rule)
    {
        if (!Fault.IsFault)
            Fault = new(kind, _writer.Written, rule);
    }

    // ---- Start lines ------------------------------------------------------------------------------------------------------------

    /// <summary>Request-Line (RFC 3261 §7.1) with a method of the grammar.</summary>
    public void StartRequest(Method method, scoped ReadOnlySpan<byte> uri) => StartRequest(Methods.NameOf(method), uri);

    /// <summary>Request-Line (RFC 3261 §7.1); <paramref name="method"/> is any token, <paramref name="uri"/> a URI as it is to stand there.</summary>
    public void StartRequest(scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri)
    {
        if (!IsToken(method))
            Refuse(FaultKind.Syntax, "Method");
        if (uri.IsEmpty || uri.IndexOfAnyInRange((byte)0, (byte)' ') >= 0)
            Refuse(FaultKind.Syntax, "Request-URI");
        if (!IsValid)
            return;
        _writer.Write(method);
        _writer.Write((byte)' ');
        _writer.Write(uri);
        _writer.Write(" SIP/2.0\r\n"u8);
    }

    /// <summary>Status-Line (RFC 3261 §7.2) with the usual reason phrase of the status.</summary>
    public void StartResponse(int status) => StartResponse(status, ReasonPhrase.Of(status));

    /// <summary>Status-Line (RFC 3261 §7.2): a status from 100 to 699 and a reason phrase, perhaps empty.</summary>
    public void StartResponse(int status, scoped ReadOnlySpan<byte> reasonPhrase)
    {
        if (status is < 100 or > 699)
            Refuse(FaultKind.Range, "Status-Code");
        if (!IsPlain(reasonPhrase))
            Refuse(FaultKind.Syntax, "Reason-Phrase");
        if (!IsValid)
            return;
        _writer.Write("SIP/2.0 "u8);
        _writer.Write((ulong)status);
        _writer.Write((byte)' ');
        _writer.Write(reasonPhrase);
        _writer.Write("\r\n"u8);
    }

    // ---- Headers ----------------------------------------------------------------------------------------------------------------

    /// <summary>A header line from a typed value, canonically spelled; <paramref name="text"/> is the text that it was read from.</summary>
    public void Header<T>(in T value, scoped ReadOnlySpan<byte> text)
        where T : struct, IHeader<T>
    {
        if (!IsValid)
            return;
        _writer.Write(T.HeaderName);
        _writer.Write(": "u8);
        int start = _writer.Written;
        // The record's writer copies octets and keeps nothing of the text.
        value.Write(ref _writer, MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(text), text.Length));
        EndReceivedValue(start, T.RuleName);
    }

    /// <summary>A header line of a known header from text, which must be what its grammar says.</summary>
    public void Header(HeaderName name, scoped ReadOnlySpan<byte> value)
    {
        if (!IsPlain(value))
            Refuse(FaultKind.Syntax, "header-value");
        if (!BeginKnownLine(HeaderNames.NameOf(name)))
            return;
        _writer.Write(value);
        _writer.Write("\r\n"u8);
    }

    /// <summary>A header line from a number.</summary>
    public void Header(HeaderName name, uint number)
    {
        if (!BeginKnownLine(HeaderNames.NameOf(name)))
            return;
        _writer.Write((ulong)number);
        _writer.Write("\r\n"u8);
    }

    /// <summary>A header line of any name from text.</summary>
    public void Header(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        if (!IsPlain(value))
            Refuse(FaultKind.Syntax, "header-value");
        if (!BeginLine(name))
            return;
        _writer.Write(value);
        _writer.Write("\r\n"u8);
    }

    /// <summary>CSeq (RFC 3261 §20.16).</summary>
    public void CSeq(uint sequence, scoped ReadOnlySpan<byte> method)
    {
        if (sequence > Messages.CSeq.MaxSequence)
            Refuse(FaultKind.Range, "CSeq");
        if (!IsToken(method))
            Refuse(FaultKind.Syntax, "Method");
        if (!BeginKnownLine("CSeq"u8))
            return;
        _writer.Write((ulong)sequence);
        _writer.Write((byte)' ');
        _writer.Write(method);
        _writer.Write("\r\n"u8);
    }

    private bool BeginLine(scoped ReadOnlySpan<byte> name)
    {
        if (!IsToken(name))
            Refuse(FaultKind.Syntax, "header-name");
        return BeginKnownLine(name);
    }

    // A name of the grammar's own; HeaderName.Other has none.
    private bool BeginKnownLine(scoped ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            Refuse(FaultKind.Syntax, "header-name");
        if (!IsValid)
            return false;
        _writer.Write(name);
        _writer.Write(": "u8);
        return true;
    }

    // ---- From a received message ------------------------------------------------------------------------------------------------

    /// <summary>A line of a received message, its name as it stands.</summary>
    public void CopyLine(scoped SipMessage message, int line) => CopyLine(message, line, default);

    /// <summary>Every line of a header, in order (RFC 3261 §8.2.6.2 for Via, §12.1.1 for Record-Route).</summary>
    public void CopyAll(scoped SipMessage message, HeaderName name)
    {
        for (int line = message.FirstLineOf(name); line >= 0; line = message.NextLineOf(name, line))
            CopyLine(message, line, default);
    }

    /// <summary>The first line of a header, if there is one.</summary>
    public void CopyFirst(scoped SipMessage message, HeaderName name)
    {
        int line = message.FirstLineOf(name);
        if (line >= 0)
            CopyLine(message, line, default);
    }

    /// <summary>
    /// To, with <paramref name="tag"/> where it has none (RFC 3261 §8.2.6.2) and an empty <paramref name="tag"/> adds none (§8.2.6.1, 100). One that does not
    /// match its grammar is copied as it is: a tag behind it might not be one.
    /// </summary>
    public void CopyTo(scoped SipMessage message, scoped ReadOnlySpan<byte> tag)
    {
        int line = message.FirstLineOf(HeaderName.To);
        if (line < 0)
            return;
        bool wantsTag = !tag.IsEmpty && message.TryGet<To>(line, out var to, out _) && !to.Tag.IsPresent;
        if (wantsTag && !IsToken(tag))
            Refuse(FaultKind.Syntax, "tag-param");
        CopyLine(message, line, wantsTag ? tag : default);
    }

    /// <summary>
    /// What <see cref="CopyForResponse"/> writes in the place of the request's top Via: the same with what the server adds (RFC 3261 §18.2.1, RFC 3581 §4).
    /// </summary>
    public void StampTopVia(ReadOnlySpan<byte> value) => _topVia = value;

    /// <summary>What a response takes from its request (RFC 3261 §8.2.6.2): every Via in order, From, To with a tag, Call-ID and CSeq.</summary>
    public void CopyForResponse(scoped SipMessage request, scoped ReadOnlySpan<byte> toTag)
    {
        CopyVias(request);
        CopyFirst(request, HeaderName.From);
        CopyTo(request, toTag);
        CopyFirst(request, HeaderName.CallID);
        CopyFirst(request, HeaderName.CSeq);
    }

    /// <summary>
    /// What a response takes from a request whose top Via and To are known already: <paramref name="topVia"/> stands in the place of a value that ends at
    /// <paramref name="topViaEnd"/> (empty: as it is), and <paramref name="toTag"/> is a token that goes behind To as it is (empty: nothing).
    /// </summary>
    internal void CopyKnownForResponse(scoped SipMessage request, scoped ReadOnlySpan<byte> topVia, int topViaEnd, scoped ReadOnlySpan<byte> toTag)
    {
        CopyVias(request, topVia, topViaEnd);
        CopyFirst(request, HeaderName.From);
        int to = request.FirstLineOf(HeaderName.To);
        if (to >= 0)
            CopyLine(request, to, toTag);
        CopyFirst(request, HeaderName.CallID);
        CopyFirst(request, HeaderName.CSeq);
    }

    /// <summary>Whole lines that a builder has written before.</summary>
    internal void CopyLines(scoped ReadOnlySpan<byte> lines)
    {
        if (IsValid)
            _writer.Write(lines);
    }

    private void CopyVias(scoped SipMessage request)
    {
        if (!_topVia.IsEmpty && request.TryGet<Via>(out var top, out _))
            CopyVias(request, _topVia, top.Extent.End);
        else
            CopyAll(request, HeaderName.Via);
    }

    private void CopyVias(scoped SipMessage request, scoped ReadOnlySpan<byte> topVia, int topViaEnd)
    {
        int line = request.FirstLineOf(HeaderName.Via);
        if (topVia.IsEmpty || line < 0)
        {
            CopyAll(request, HeaderName.Via);
            return;
        }
        if (BeginKnownLine("Via"u8))
        {
            int start = _writer.Written;
            _writer.Write(topVia);
            _writer.Write(request.Text[topViaEnd..request.ValueOf(line).End]);
            EndReceivedValue(start, "Via");
        }
        for (line = request.NextLineOf(HeaderName.Via, line); line >= 0; line = request.NextLineOf(HeaderName.Via, line))
            CopyLine(request, line, default);
    }

    private void CopyLine(scoped SipMessage message, int line, scoped ReadOnlySpan<byte> tag)
    {
        if (!IsValid)
            return;
        int start;
        var header = message.HeaderLines[line];
        if (IsPlainLine(message.Text, header))
        {
            start = _writer.Written + header.ValueOffset - header.NameOffset;
            _writer.Write(message.Text[header.NameOffset..header.ValueEnd]);
            if (Overflowed)
                return;
        }
        else
        {
            _writer.Write(message.NameOf(line).In(message.Text));
            _writer.Write(": "u8);
            start = _writer.Written;
            _writer.Write(message.ValueOf(line).In(message.Text));
        }
        if (!tag.IsEmpty)
        {
            _writer.Write(";tag="u8);
            _writer.Write(tag);
        }
        EndReceivedValue(start, "header-value");
    }

    // Nearly every line: a name, a colon, one blank, a value that neither begins nor ends with white space. It is copied in one piece.
    private static bool IsPlainLine(ReadOnlySpan<byte> text, HeaderLine header)
    {
        int colon = header.ValueOffset - 2;
        return colon > header.NameOffset && header.ValueEnd > header.ValueOffset && text[colon] == ':' && text[colon + 1] == ' ' && text[colon - 1] > ' '
            && text[header.ValueOffset] > ' ' && text[header.ValueEnd - 1] > ' ';
    }

    // See note [nothing is injected].
    private void EndReceivedValue(int start, string rule)
    {
        int end = _writer.Written;
        var value = _buffer[start..end];
        int at = value.IndexOfAny((byte)'\r', (byte)'\n');
        if (at >= 0)
        {
            int written = at;
            while (at < value.Length)
            {
                if (value[at] is not ((byte)'\r' or (byte)'\n'))
                {
                    value[written++] = value[at++];
                    continue;
                }
                if (value[at] == '\r')
                    at++;
                if (at + 1 >= value.Length || value[at] != '\n' || value[at + 1] is not ((byte)' ' or (byte)'\t'))
                {
                    Refuse(FaultKind.Syntax, rule);
                    return;
                }
                at++;
                while (at < value.Length && value[at] is (byte)' ' or (byte)'\t')
                    at++;
                value[written++] = (byte)' ';
            }
            if (!Overflowed)
                _writer.Rewind(start + written);
        }
        _writer.Write("\r\n"u8);
    }

    // ---- The end ----------------------------------------------------------------------------------------------------------------

    /// <summary>Ends a message without a body: <c>Content-Length: 0</c>.</summary>
    public void Finish() => WriteLengthAndBody(default);

    /// <summary>Ends a message with a body of <paramref name="contentType"/> (RFC 3261 §20.15).</summary>
    public void Finish(scoped ReadOnlySpan<byte> contentType, scoped ReadOnlySpan<byte> body)
    {
        Header(HeaderName.ContentType, contentType);
        WriteLengthAndBody(body);
    }

    private void WriteLengthAndBody(scoped ReadOnlySpan<byte> body)
    {
        Header(HeaderName.ContentLength, (uint)body.Length);
        if (!IsValid)
            return;
        _writer.Write("\r\n"u8);
        _writer.Write(body);
        LimitSize();
    }

    /// <summary>
    /// Begins a body that is written in place, to be ended by <see cref="EndBody"/>: <c>body = ref builder.BeginBody(type)</c>. Content-Length stands
    /// before it with room for its digits.
    /// </summary>
    [UnscopedRef]
    public ref ByteWriter BeginBody(scoped ReadOnlySpan<byte> contentType)
    {
        Header(HeaderName.ContentType, contentType);
        if (BeginKnownLine("Content-Length"u8))
            _writer.Write("    0\r\n\r\n"u8);
        _bodyStart = _writer.Written;
        return ref _writer;
    }

    /// <summary>Ends a body begun by <see cref="BeginBody"/>: its length is filled in, blanks before it (HCOLON allows them).</summary>
    public void EndBody()
    {
        LimitSize();
        if (!IsValid || _bodyStart == 0)
            return;
        int length = _writer.Written - _bodyStart;
        int digit = _bodyStart - "\r\n\r\n".Length;
        for (int i = 0; i < LengthDigits && (length > 0 || i == 0); i++)
        {
            _buffer[--digit] = (byte)('0' + length % 10);
            length /= 10;
        }
    }

    // What no reader here could address.
    private void LimitSize()
    {
        if (_writer.Written > Slice.MaxTextLength)
            Refuse(FaultKind.Limit, "SIP-message");
    }

    private static bool IsToken(scoped ReadOnlySpan<byte> text) => !text.IsEmpty && HeaderNameText.EndOf(text, 0) == text.Length;

    private static bool IsPlain(scoped ReadOnlySpan<byte> text) => text.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0;
}
