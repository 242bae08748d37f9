// A line a message: ok or fault, where, what it is.
namespace SipEmbedded.Device.Inspect.Reports;

internal sealed class VerdictReport(TextWriter output, Terminal terminal) : IReport
{
    public void Add(InspectedMessage message)
    {
        bool isFault = message.Faults.Count > 0;
        var line = new System.Text.StringBuilder();
        line.Append(terminal.HasColor ? (isFault ? Colors.Fault : Colors.Good) : "").Append(isFault ? "fault" : "ok")
            .Append(terminal.HasColor ? Colors.Plain : "").Append(' ').Append(EscapedText.Of(message.Source, !terminal.IsUtf8));
        if (message.Offset > 0)
            line.Append(':').Append(message.Offset);
        if (Summary(message) is { Length: > 0 } summary)
            line.Append(' ').Append(summary);
        if (isFault)
        {
            var first = message.Faults[0];
            line.Append($": {FaultText.KindOf(first.Kind)} in {first.Rule} ({first.Place})");
            if (message.Faults.Count > 1)
                line.Append($" and {message.Faults.Count - 1} more");
        }
        output.WriteLine(line.ToString());
    }

    public void Flush() => output.Flush();

    /// <summary>What a message is, in a few words: method and Request-URI, or the status.</summary>
    public string Summary(InspectedMessage message)
    {
        if (message.Kind is InspectedKind.Ping or InspectedKind.Pong)
            return message.Kind.ToString().ToLowerInvariant();
        if (message.StartLine is not { } start || message.Kind == InspectedKind.Unknown)
            return "";
        string text = EscapedText.Of(start.Text.Span, !terminal.IsUtf8);
        string words = message.Kind == InspectedKind.Request ? text.Replace(" SIP/2.0", "") : text.Replace("SIP/2.0 ", "");
        string body = message.Body is { Octets.Length: > 0 } found ? $", {found.ContentType ?? "untyped"} body of {found.Octets.Length} octets" : "";
        return $"{words}, {message.Headers.Count} headers{body}";
    }
}
