// All faults of a message, one after the other: what an inspector prints and a conformance table lists, and what a UAS answers
// with 400 (RFC 3261 §8.2, §16.3 step 1, §21.4.1). The reader itself stops at nothing that it does not need; see note [how a message is read].
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>
/// Walks the faults of a message: its start line and lines, mandatory headers that are missing (§8.1.1), then line by line single headers that
/// stand again and values against their grammar, the CSeq method (§8.1.1.5), the body's length (§18.3) and its type (§20.15).
/// <see cref="MoveNext"/>, then <see cref="Current"/>.
/// </summary>
public ref struct MessageCheck
{
    private readonly SipMessage _message;
    private readonly ParseFault _lineFault;
    private readonly ParseFault _startFault;
    private readonly ParseFault _bodyFault;
    private Stage _stage;
    private int _line;
    private bool _repetitionChecked;

    private enum Stage : byte
    {
        StartLine,
        Via,
        From,
        To,
        CallId,
        CSeq,
        Lines,
        LineEnd,
        CSeqMethod,
        BodyLength,
        BodyType,
        End,
    }

    private MessageCheck(SipMessage message, ParseFault lineFault, ParseFault startFault, ParseFault bodyFault)
    {
        _message = message;
        _lineFault = lineFault;
        _startFault = startFault;
        _bodyFault = bodyFault;
    }

    /// <summary>Reads the message that <paramref name="text"/> begins with, as <see cref="SipMessage.TryRead"/> does, to walk its faults.</summary>
    public static MessageCheck Of(
        ReadOnlySpan<byte> text, Framing framing, ref MessageIndex index, Leniency allow = Leniency.Default)
    {
        var message = SipMessage.ReadLines(text, ref index, allow, out var lineFault, out var startFault);
        ParseFault bodyFault = default;
        if (!lineFault.IsFault)
            message.FrameBody(framing, out message, out bodyFault);
        return new(message, lineFault, startFault, bodyFault);
    }

    /// <summary>The message as far as it could be read.</summary>
    public readonly SipMessage Message => _message;

    /// <summary>The fault found last. Its offset is in octets of the message.</summary>
    public ParseFault Current { get; private set; }

    /// <summary>The header that the current fault is in, <see cref="HeaderName.Other"/> where it is in none.</summary>
    public HeaderName Header { get; private set; }

    /// <summary>
    /// True where a UAS should pass over the current fault: a malformed header that is not needed to process the request (RFC 3261 §8.2.2;
    /// RFC 4475 §3.1.2.12 has a Date that nobody asked for).
    /// </summary>
    public readonly bool MayBeIgnored =>
        Header != HeaderName.Other && !IsNeeded(Header) && Current.Kind is FaultKind.Syntax or FaultKind.Range or FaultKind.Duplicate;

    public readonly MessageCheck GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_stage < Stage.End)
        {
            Current = default;
            Header = HeaderName.Other;
            var stage = _stage;
            if (stage == Stage.Lines)
                CheckNextLine();
            else
            {
                _stage++;
                Check(stage);
            }
            if (Current.IsFault)
                return true;
        }
        return false;
    }

    private void Check(Stage stage)
    {
        switch (stage)
        {
            case Stage.StartLine:
                Current = _startFault;
                break;
            case Stage.Via:
                CheckPresence<Via>(HeaderName.Via);
                break;
            case Stage.From:
                CheckPresence<From>(HeaderName.From);
                break;
            case Stage.To:
                CheckPresence<To>(HeaderName.To);
                break;
            case Stage.CallId:
                CheckPresence<CallId>(HeaderName.CallID);
                break;
            case Stage.CSeq:
                CheckPresence<CSeq>(HeaderName.CSeq);
                break;
            case Stage.LineEnd:
                Current = _lineFault;
                break;
            case Stage.CSeqMethod:
                CheckMethod();
                break;
            case Stage.BodyLength:
                // Its other faults are those of a line, told already.
                if (_bodyFault.Kind is FaultKind.Missing or FaultKind.Length or FaultKind.Mismatch)
                    Report(HeaderName.ContentLength, _bodyFault);
                break;
            case Stage.BodyType:
                if (!_message.Body.IsEmpty && _message.FirstLineOf(HeaderName.ContentType) < 0)
                    Report(HeaderName.ContentType, new(FaultKind.Missing, _message.BodyOffset, "Content-Type"));
                break;
        }
    }

    private void Report(HeaderName header, ParseFault fault)
    {
        Header = header;
        Current = fault;
    }

    private void CheckPresence<T>(HeaderName name)
        where T : struct, IHeader<T>
    {
        // Where the lines could not be found to their end, the header may stand behind the fault.
        if (_lineFault.IsFault)
            return;
        var values = _message.All<T>();
        if (!values.MoveNext() && !values.Fault.IsFault)
            Report(name, new(FaultKind.Missing, _message.BodyOffset, T.RuleName == "via-parm" ? "Via" : T.RuleName));
    }

    private void CheckNextLine()
    {
        if (_line >= _message.HeaderLines.Length)
        {
            _stage++;
            return;
        }
        var header = _message.HeaderLines[_line];
        if (header.Name != HeaderName.Other && !_repetitionChecked)
        {
            _repetitionChecked = true;
            bool isSingle = (HeaderNames.FormOf(header.Name) & (HeaderForm.List | HeaderForm.Repeatable)) == 0;
            // Two lengths that differ are a mismatch, told with the body.
            bool isToldLater = _bodyFault.Kind == FaultKind.Mismatch && _bodyFault.Offset == header.NameOffset;
            if (isSingle && !isToldLater && _message.FirstLineOf(header.Name) < _line)
            {
                Report(header.Name, new(FaultKind.Duplicate, header.NameOffset, RuleOf(header.Name)));
                return;
            }
        }
        _line++;
        _repetitionChecked = false;
        if (header.Name == HeaderName.Other)
            return;
        int result = HeaderNames.Match(header.Name, _message.Text, header.ValueOffset, header.ValueEnd, _message.Rules);
        if (result < 0)
            Report(header.Name, HeaderNames.FaultOf(header.Name, result));
    }

    private static string RuleOf(HeaderName header) => HeaderNames.FaultOf(header, MatchResult.Fail(0, 0)).Rule;

    private void CheckMethod()
    {
        if (!_message.IsRequest || _startFault.Kind is not (FaultKind.None or FaultKind.Version))
            return;
        int line = _message.FirstLineOf(HeaderName.CSeq);
        if (line < 0 || !_message.TryGet<CSeq>(line, out var cseq, out _))
            return;
        if (!cseq.MethodName.In(_message.Text).SequenceEqual(_message.Request.MethodName.In(_message.Text)))
            Report(HeaderName.CSeq, new(FaultKind.Mismatch, cseq.MethodName.Offset, "CSeq"));
    }

    /// <summary>Headers without which a UAS cannot process a request as it was meant; a malformed one is answered, not passed over.</summary>
    private static bool IsNeeded(HeaderName header) => header is HeaderName.Via or HeaderName.From or HeaderName.To or HeaderName.CallID or HeaderName.CSeq
        or HeaderName.MaxForwards or HeaderName.Contact or HeaderName.Route or HeaderName.RecordRoute or HeaderName.Require or HeaderName.ProxyRequire
        or HeaderName.ContentLength or HeaderName.ContentType or HeaderName.ContentEncoding or HeaderName.ContentDisposition
        or HeaderName.Authorization or HeaderName.ProxyAuthorization or HeaderName.Event or HeaderName.SubscriptionState or HeaderName.RAck or HeaderName.RSeq
        or HeaderName.Replaces or HeaderName.ReferTo or HeaderName.SessionExpires or HeaderName.MinSE or HeaderName.SipIfMatch or HeaderName.InfoPackage;

    /// <summary>
    /// The status that a UAS answers a request that has this fault: 505 for its version (RFC 3261 §21.5.6), 413 for a body (§21.4.11) and 513 for
    /// a message (§21.5.7) beyond our limits, else 400 (§21.4.1); 0 for no fault. A response with a fault is dropped (RFC 4475 §3.1.2.5), an ACK never answered.
    /// </summary>
    public static int StatusFor(in ParseFault fault) => fault.Kind switch
    {
        FaultKind.None => 0,
        FaultKind.Version => 505,
        FaultKind.Limit => fault.Rule == "Content-Length" ? 413 : 513,
        _ => 400,
    };
}
