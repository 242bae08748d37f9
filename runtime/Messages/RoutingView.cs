// What a transaction layer needs of a message, and no more (RFC 3261 §17.1.3, §17.2.3, §18).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>The top Via, the tags, Call-ID and CSeq of a message: enough to route and match it. It may be kept beside a copy of the text.</summary>
public struct RoutingView
{
    public Via TopVia;

    /// <summary>The tag of From; absent from RFC 2543 peers.</summary>
    public Slice FromTag;

    /// <summary>The tag of To; absent where no dialog exists yet.</summary>
    public Slice ToTag;

    public Slice CallId;

    public CSeq CSeq;

    /// <summary>
    /// Reads the view. A fault names the first of these headers that is missing or malformed, or a CSeq method that is not the request's
    /// (RFC 3261 §8.1.1.5).
    /// </summary>
    public static bool TryRead(in SipMessage message, out RoutingView view, out ParseFault fault)
    {
        view = default;
        fault = default;
        if (!TryFirst(message, HeaderName.Via, "Via", out view.TopVia, ref fault)
            || !TryOnly(message, HeaderName.From, "From", out SkimmedFrom from, ref fault)
            || !TryOnly(message, HeaderName.To, "To", out SkimmedTo to, ref fault)
            || !TryOnly(message, HeaderName.CallID, "Call-ID", out CallId callId, ref fault)
            || !TryOnly(message, HeaderName.CSeq, "CSeq", out view.CSeq, ref fault))
        {
            return false;
        }
        view.FromTag = from.Tag;
        view.ToTag = to.Tag;
        view.CallId = callId.Value;
        if (message.IsRequest && !view.CSeq.MethodName.In(message.Text).SequenceEqual(message.Request.MethodName.In(message.Text)))
            fault = new(FaultKind.Mismatch, view.CSeq.MethodName.Offset, "CSeq");
        return !fault.IsFault;
    }

    // The value that a line holds alone, or the first of a list.
    private static bool TryFirst<T>(in SipMessage message, HeaderName name, string rule, out T value, ref ParseFault fault)
        where T : struct, IRecord<T>
    {
        int line = message.FirstLineOf(name);
        if (line < 0)
        {
            value = default;
            fault = new(FaultKind.Missing, message.Text.Length - message.Body.Length, rule);
            return false;
        }
        var header = message.HeaderLines[line];
        int end = T.Match(message.Text, header.ValueOffset, (uint)message.Allow, out value);
        return end == header.ValueEnd || Ends(message, header, rule, end, ref value, ref fault);
    }

    private static bool TryOnly<T>(in SipMessage message, HeaderName name, string rule, out T value, ref ParseFault fault)
        where T : struct, IRecord<T>
    {
        if (!TryFirst(message, name, rule, out value, ref fault))
            return false;
        int second = message.NextLineOf(name, message.FirstLineOf(name));
        if (second >= 0)
            fault = new(FaultKind.Duplicate, message.HeaderLines[second].NameOffset, rule);
        return second < 0;
    }

    // The unusual lines: a fold or blanks before the value, blanks or further values behind it, nothing at all.
    private static bool Ends<T>(in SipMessage message, HeaderLine header, string rule, int end, ref T value, ref ParseFault fault)
        where T : struct, IRecord<T>
    {
        int start = HeaderValues.SkipSpace(message.Text, header.ValueOffset, header.ValueEnd);
        if (start == header.ValueEnd)
        {
            fault = new(FaultKind.Missing, header.ValueOffset, rule);
            return false;
        }
        if (start != header.ValueOffset)
            end = T.Match(message.Text, start, (uint)message.Allow, out value);
        if (end < 0)
        {
            fault = T.FaultOf(end);
            return false;
        }
        int rest = HeaderValues.SkipSpace(message.Text, end, header.ValueEnd);
        bool isList = (HeaderNames.FormOf(header.Name) & HeaderForm.List) != 0;
        if (rest == header.ValueEnd && (rest == end || message.Rules.TrailingSpace))
            return true;
        // Behind a comma stands another value, or nothing where that is allowed.
        if (isList && rest < header.ValueEnd && message.Text[rest] == ','
            && (message.Rules.TrailingComma || HeaderValues.SkipSpace(message.Text, rest + 1, header.ValueEnd) < header.ValueEnd))
        {
            return true;
        }
        fault = new(FaultKind.Syntax, end, rule);
        return false;
    }
}
