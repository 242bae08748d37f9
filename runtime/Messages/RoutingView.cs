// What a transaction layer needs of a message, and no more (RFC 3261 §17.1.3, §17.2.3, §18).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>The top Via, the tags, Call-ID and CSeq of a message: enough to route and match it.</summary>
public ref struct RoutingView
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
        var reader = new LineReader(message);
        if (!reader.TryFirst(HeaderName.Via, out view.TopVia, ref fault)
            || !reader.TryOnly<From>(HeaderName.From, out var from, ref fault)
            || !reader.TryOnly<To>(HeaderName.To, out var to, ref fault)
            || !reader.TryOnly<CallId>(HeaderName.CallID, out var callId, ref fault)
            || !reader.TryOnly(HeaderName.CSeq, out view.CSeq, ref fault))
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

    private readonly ref struct LineReader(SipMessage message)
    {
        private readonly SipMessage _message = message;

        public bool TryFirst<T>(HeaderName name, out T value, ref ParseFault fault)
            where T : struct, IHeader<T>
        {
            int line = _message.FirstLineOf(name);
            if (line >= 0)
                return _message.TryGet(line, out value, out fault) || Empty<T>(line, ref fault);
            value = default;
            fault = new(FaultKind.Missing, _message.Text.Length - _message.Body.Length, NameOf<T>());
            return false;
        }

        public bool TryOnly<T>(HeaderName name, out T value, ref ParseFault fault)
            where T : struct, IHeader<T>
        {
            if (!TryFirst(name, out value, ref fault))
                return false;
            int second = _message.NextLineOf(name, _message.FirstLineOf(name));
            if (second >= 0)
                fault = new(FaultKind.Duplicate, _message.HeaderLines[second].NameOffset, NameOf<T>());
            return second < 0;
        }

        // An empty line of a header that must have a value here.
        private bool Empty<T>(int line, ref ParseFault fault)
            where T : struct, IHeader<T>
        {
            if (!fault.IsFault)
                fault = new(FaultKind.Missing, _message.HeaderLines[line].ValueOffset, NameOf<T>());
            return false;
        }

        private static string NameOf<T>()
            where T : struct, IHeader<T> => T.RuleName;
    }
}
