// What a ladder says of a message: its kind, which decides the colour, a label, its call. A message with a fault is summed up as far as it can be read.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Device.Ladder;

/// <summary>What an arrow's colour tells.</summary>
public enum MessageKind
{
    Request,

    /// <summary>1xx.</summary>
    Provisional,

    /// <summary>2xx.</summary>
    Success,

    /// <summary>3xx to 6xx.</summary>
    Failure,

    /// <summary>Line ends between messages (RFC 5626 §4.4.1), or an empty datagram.</summary>
    KeepAlive,

    /// <summary>Something else, or a message whose first line cannot be read.</summary>
    Unreadable,
}

/// <param name="Label">Such as "INVITE 1, SDP" or "200 OK (INVITE 1)". It holds texts from the network.</param>
/// <param name="CallId">Null where it has none that can be read.</param>
public sealed record MessageSummary(MessageKind Kind, string Label, string? CallId)
{
    public bool IsKeepAlive => Kind == MessageKind.KeepAlive;
}

/// <summary>Reads messages, one after the other.</summary>
internal sealed class MessageReader
{
    // A reason phrase or a method may be as long as a message; an arrow may not.
    private const int MaxWordLength = 48;

    private MessageIndex _index;

    public MessageSummary Read(ReadOnlySpan<byte> octets)
    {
        if (octets.IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0)
            return new(MessageKind.KeepAlive, octets.Length switch { 0 => "empty", 4 => "ping (CRLF CRLF)", 2 => "pong (CRLF)", _ => "empty lines" }, null);
        bool isWhole = SipMessage.TryRead(octets, Framing.Datagram, ref _index, out var message, out _);
        bool hasStart = message.IsRequest ? message.Request.Extent.IsPresent : message.Status.Extent.IsPresent;
        if (!hasStart)
            return new(MessageKind.Unreadable, $"{octets.Length} octets, not SIP", null);
        string? callId = message.TryGet<CallId>(out var id, out _) ? Encoding.UTF8.GetString(id.Value.In(message.Text)) : null;
        bool hasCSeq = message.TryGet<CSeq>(out var cseq, out _);
        var label = new StringBuilder();
        if (message.IsRequest)
        {
            label.Append(Word(message.Request.MethodName.In(message.Text)));
            if (hasCSeq)
                label.Append(' ').Append(cseq.Sequence);
        }
        else
        {
            label.Append(message.Status.StatusCode);
            if (message.Status.ReasonPhrase is { IsEmpty: false } reason)
                label.Append(' ').Append(Word(reason.In(message.Text)));
            if (hasCSeq)
                label.Append(" (").Append(Word(cseq.MethodName.In(message.Text))).Append(' ').Append(cseq.Sequence).Append(')');
        }
        if (BodyOf(in message) is { } body)
            label.Append(", ").Append(body);
        if (!isWhole)
            label.Append(", malformed");
        return new(message.IsRequest ? MessageKind.Request : KindOf(message.Status.StatusCode), label.ToString(), callId);
    }

    private static MessageKind KindOf(int status) => (status / 100) switch
    {
        1 => MessageKind.Provisional,
        2 => MessageKind.Success,
        >= 3 and <= 6 => MessageKind.Failure,
        _ => MessageKind.Unreadable,
    };

    private static string? BodyOf(in SipMessage message)
    {
        if (message.Body.IsEmpty || !message.TryGet<ContentType>(out var type, out _))
            return null;
        string name = Word(type.Type.In(message.Text)) + "/" + Word(type.Subtype.In(message.Text));
        return name.Equals("application/sdp", StringComparison.OrdinalIgnoreCase) ? "SDP" : name;
    }

    private static string Word(ReadOnlySpan<byte> octets)
    {
        string text = Encoding.UTF8.GetString(octets);
        return text.Length <= MaxWordLength ? text : text[..MaxWordLength] + "...";
    }
}
