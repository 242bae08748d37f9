// Reads one message as the library reads it, and gathers all that it says.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Sdp;
using SipEmbedded.Text;

namespace SipEmbedded.Device.Inspect;

internal sealed class MessageInspector(Tolerance allow)
{
    private const string SdpType = "application/sdp";

    // Multipart in multipart: each level takes some stack, and RFC 5621 §3.1.1 sees no use for more than a few.
    private const int MaxNesting = 8;

    private MessageIndex _index;

    /// <param name="source">The input's name.</param>
    /// <param name="text">The message; a datagram as a whole, or one message of a stream.</param>
    /// <param name="offset">Where it begins in the input, in octets from 0.</param>
    /// <param name="line">The line of the input that it begins on, from 1.</param>
    public InspectedMessage Inspect(string source, ReadOnlyMemory<byte> text, Framing framing, long offset, long line)
    {
        var check = MessageCheck.Of(text.Span, framing, ref _index, allow.Sip);
        var message = check.Message;
        var place = new Placement(text, offset, line);
        var found = new List<FoundFault>();
        while (check.MoveNext())
        {
            bool isInHeader = check.Header != HeaderName.Other && check.Current.Kind != FaultKind.Missing;
            found.Add(isInHeader
                ? new(WithinLine(in message, check.Header, check.Current), NameOf(check.Header))
                : new(check.Current, PlaceOf(in message, check.Current)));
        }
        var start = ReadStartLine(text, in message, place);
        bool hasEnd = _index.BodyOffset > 0;
        var inspected = new InspectedMessage
        {
            Source = source,
            Kind = start is null ? InspectedKind.Unknown : message.IsRequest ? InspectedKind.Request : InspectedKind.Response,
            Offset = offset,
            Length = message.Text.Length,
            StartLine = start,
            Body = hasEnd ? ReadBody(text[..message.Text.Length], in message, place, found) : null,
        };
        foreach (var header in message.HeaderLines)
            inspected.Headers.Add(ReadLine(text, header, place));
        foreach (var fault in found)
            inspected.Faults.Add(Locate(text, fault, place));
        return inspected;
    }

    private readonly record struct FoundFault(ParseFault Fault, string Place);

    private static string NameOf(HeaderName header) => Encoding.ASCII.GetString(HeaderNames.NameOf(header));

    // ---- Start line and headers -------------------------------------------------------------------------------------------------

    private InspectedLine? ReadStartLine(ReadOnlyMemory<byte> text, in SipMessage message, Placement place)
    {
        var extent = Slice.Between(_index.StartLineOffset, Math.Max(_index.StartLineOffset, _index.StartLineEnd));
        if (extent.IsEmpty)
            return null;
        bool isTyped = message.IsRequest ? message.Request.Extent.IsPresent : message.Status.Extent.IsPresent;
        if (!isTyped)
            return null;
        var line = new InspectedLine
        {
            Name = message.IsRequest ? "Request-Line" : "Status-Line",
            Offset = place.OffsetOf(extent.Offset),
            LineNumber = place.LineOf(extent.Offset),
            Text = text.Slice(extent.Offset, extent.Length),
        };
        var collector = new FieldCollector(text, line.Values, Word);
        collector.BeginValue(extent);
        if (message.IsRequest)
            message.Request.Visit(ref collector);
        else
            message.Status.Visit(ref collector);
        collector.EndValue();
        return line;
    }

    // A header line of the message, or of a part of its body.
    private InspectedLine ReadLine(ReadOnlyMemory<byte> text, HeaderLine header, Placement place)
    {
        int nameLength = text.Span[header.NameOffset..].IndexOfAny(": \t"u8);
        var written = text.Slice(header.NameOffset, nameLength);
        var value = Scan.Trimmed(text.Span, header.ValueOffset, header.ValueEnd);
        bool isKnown = header.Name != HeaderName.Other;
        var line = new InspectedLine
        {
            Name = isKnown ? NameOf(header.Name) : Encoding.ASCII.GetString(written.Span),
            WrittenName = written,
            IsKnown = isKnown,
            Offset = place.OffsetOf(header.NameOffset),
            LineNumber = place.LineOf(header.NameOffset),
            Text = text.Slice(value.Offset, value.Length),
        };
        if (!isKnown)
            return line;
        bool isCredentials = header.Name is HeaderName.Authorization or HeaderName.ProxyAuthorization or HeaderName.WwwAuthenticate
            or HeaderName.ProxyAuthenticate or HeaderName.AuthenticationInfo;
        var collector = new FieldCollector(text, line.Values, Word, isCredentials ? (byte)',' : (byte)';');
        HeaderNames.Visit(header.Name, text.Span, header.ValueOffset, header.ValueEnd, new LineRules((uint)allow.Sip), ref collector);
        return line;
    }

    // The words of the choices that headers and their URIs have.
    private static string Word(string name, int number) => name switch
    {
        "Method" => Encoding.ASCII.GetString(Methods.NameOf((Method)number)),
        "Kind" => ((SipUriKind)number).ToString().ToLowerInvariant(),
        "Month" => ((Month)number).ToString(),
        "Weekday" => ((Weekday)number).ToString(),
        _ => number.ToString(),
    };

    // ---- Body -------------------------------------------------------------------------------------------------------------------

    private InspectedBody ReadBody(ReadOnlyMemory<byte> text, in SipMessage message, Placement place, List<FoundFault> faults)
    {
        bool hasType = message.TryGet<ContentType>(out var type, out _);
        return ReadContent(text, message.BodySlice, hasType, type, place, faults, depth: 0);
    }

    private InspectedBody ReadContent(
        ReadOnlyMemory<byte> text, Slice content, bool hasType, in ContentType type, Placement place, List<FoundFault> faults, int depth)
    {
        var body = new InspectedBody
        {
            Offset = place.OffsetOf(content.Offset),
            Octets = text.Slice(content.Offset, content.Length),
            ContentType = hasType ? TypeOf(type, text.Span) : null,
        };
        if (!hasType || content.IsEmpty)
            return body;
        if (body.ContentType == SdpType)
            body.Sdp = SdpInspector.Read(text, content, allow.Sdp, place, fault => faults.Add(new(fault, "SDP")));
        else if (Multipart.TryRead(text.Span, content, type, out var parts, out var fault, allow.Sip))
            body.Parts = ReadParts(text, parts, place, faults, depth + 1);
        else if (fault.IsFault)
            faults.Add(new(fault, "body"));
        return body;
    }

    private List<InspectedPart> ReadParts(ReadOnlyMemory<byte> text, Multipart parts, Placement place, List<FoundFault> faults, int depth)
    {
        var read = new List<InspectedPart>();
        if (depth > MaxNesting)
        {
            faults.Add(new(new(FaultKind.Limit, parts.Preamble.Offset, "multipart-body"), "body"));
            return read;
        }
        while (parts.MoveNext())
        {
            var part = parts.Current;
            bool hasType = part.TryGet<ContentType>(out var type, out var fault);
            if (fault.IsFault)
                faults.Add(new(fault, "body"));
            var inspected = new InspectedPart { Body = ReadContent(text, part.ContentSlice, hasType, type, place, faults, depth) };
            foreach (var line in part.HeaderLines)
                inspected.Headers.Add(ReadLine(text, line, place));
            read.Add(inspected);
        }
        if (parts.Fault.IsFault)
            faults.Add(new(parts.Fault, "body"));
        return read;
    }

    private static string TypeOf(in ContentType type, ReadOnlySpan<byte> text) =>
        (Encoding.ASCII.GetString(type.Type.In(text)) + "/" + Encoding.ASCII.GetString(type.Subtype.In(text))).ToLowerInvariant();

    // ---- Faults -----------------------------------------------------------------------------------------------------------------

    /// <summary>A fault that the stream's framing found and the message alone does not show: a limit.</summary>
    /// <param name="text">The octets from the message's first on.</param>
    /// <param name="fault">Its offset counts from <paramref name="skipped"/> octets before the text.</param>
    public static InspectedFault Locate(ReadOnlyMemory<byte> text, ParseFault fault, int skipped, long offset, long line)
    {
        var moved = new ParseFault(fault.Kind, Math.Max(fault.Offset - Math.Max(skipped, 0), 0), fault.Rule);
        return Locate(text, new FoundFault(moved, "stream"), new Placement(text, offset, line));
    }

    private static InspectedFault Locate(ReadOnlyMemory<byte> text, FoundFault found, Placement place)
    {
        var fault = found.Fault;
        int offset = Math.Min(fault.Offset, text.Length);
        var behind = text.Span[offset..];
        int end = behind.IndexOfAny((byte)'\r', (byte)'\n');
        return new(
            fault.Kind, fault.Rule, place.OffsetOf(offset), place.LineOf(offset), place.ColumnOf(offset), found.Place,
            FaultText.Explain(fault.Kind, fault.Rule, end < 0 ? behind : behind[..end]));
    }

    // A line end may begin a fold, so a matcher that wants more looks behind it. For the reader the fault is that the line ends.
    private static ParseFault WithinLine(in SipMessage message, HeaderName name, ParseFault fault)
    {
        if (fault.Kind is not (FaultKind.Syntax or FaultKind.Range))
            return fault;
        int end = fault.Offset;
        foreach (var line in message.HeaderLines)
        {
            if (line.Name == name && line.NameOffset < fault.Offset)
                end = line.ValueEnd;
        }
        return fault.Offset <= end ? fault : new(fault.Kind, end, fault.Rule);
    }

    // The header that a fault stands in, by its offset.
    private string PlaceOf(in SipMessage message, ParseFault fault)
    {
        if (fault.Kind == FaultKind.Missing)
            return "message";
        for (int i = 0; i < message.HeaderLines.Length; i++)
        {
            var line = message.HeaderLines[i];
            if (fault.Offset >= line.NameOffset && fault.Offset <= line.ValueEnd)
                return Encoding.ASCII.GetString(message.NameOf(i).In(message.Text));
        }
        return fault.Offset <= _index.StartLineEnd ? "start line" : _index.BodyOffset > 0 && fault.Offset >= _index.BodyOffset ? "body" : "message";
    }
}
