// Bodies of several parts, in messages that carry them (RFC 2046 §5.1).
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

internal sealed class MultipartBody() : FuzzBody("multipart")
{
    /// <summary>A part is a line at least; a text of <see cref="MaxOctets"/> octets has fewer.</summary>
    private const int MaxParts = 1000;

    private MessageIndex _index;

    public override int Weight => 8;

    public override int MaxOctets => 1500;

    public override bool HasContentLength => true;

    public override List<byte[]> Seeds(int seed) =>
    [
        .. MessageSeeds.Multiparts(),
        .. MessageSeeds.Captured().Where(message => message.AsSpan().IndexOf("multipart/"u8) >= 0 && message.Length <= MaxOctets),
    ];

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        Read(text, Leniency.None, ref outcome);
        Read(text, Leniency.Default, ref outcome);
        return outcome;
    }

    private void Read(ReadOnlySpan<byte> text, Leniency allow, ref Outcome outcome)
    {
        if (!SipMessage.TryRead(text, Framing.Datagram, ref _index, out var message, out _, allow))
            return;
        if (!Multipart.TryRead(message, out var parts, out var fault))
        {
            if (fault.IsFault)
            {
                PropertyViolation.UnlessWithin(fault, message.Text);
                outcome.Add(fault);
            }
            return;
        }
        Walk(ref parts, message.Text, message.BodySlice, nested: false, ref outcome);
    }

    private static void Walk(ref Multipart parts, ReadOnlySpan<byte> text, Slice within, bool nested, ref Outcome outcome)
    {
        int end = within.Offset, count = 0;
        while (parts.MoveNext())
        {
            var part = parts.Current;
            PropertyViolation.Unless(part.HeadersSlice.Offset >= end, "parts follow one another");
            PropertyViolation.Unless(part.HeadersSlice.End <= part.ContentSlice.Offset || part.ContentSlice.Length == 0,
                "a part's headers come before its content");
            PropertyViolation.Unless(part.ContentSlice.End <= within.End && part.HeadersSlice.End <= within.End,
                "a part lies in the body");
            end = Math.Max(part.HeadersSlice.End, part.ContentSlice.End);
            outcome.AddSize(part.ContentSlice.Length);
            outcome.AddPlace(part.HeadersSlice);
            CheckHeaders(part, text, ref outcome);
            if (!nested && part.TryReadParts(out var inner, out _))
                Walk(ref inner, text, part.ContentSlice, nested: true, ref outcome);
            PropertyViolation.Unless(++count <= MaxParts, "a body has an end");
        }
        outcome.AddSize(count);
        if (parts.Fault.IsFault)
        {
            PropertyViolation.UnlessWithin(parts.Fault, text);
            outcome.Add(parts.Fault);
            return;
        }
        PropertyViolation.UnlessWithin(parts.Preamble, text);
        PropertyViolation.UnlessWithin(parts.Epilogue, text);
        PropertyViolation.Unless(parts.Epilogue.End == within.End, "a body that ends well is read to its end");
    }

    private static void CheckHeaders(in MimePart part, ReadOnlySpan<byte> text, ref Outcome outcome)
    {
        int end = part.HeadersSlice.Offset;
        foreach (var line in part.HeaderLines)
        {
            PropertyViolation.Unless(line.NameOffset >= end && line.ValueEnd <= part.HeadersSlice.End,
                "a part's line lies in its headers");
            PropertyViolation.Unless(line.ValueOffset <= line.ValueEnd, "a value does not end before it begins");
            PropertyViolation.Unless(part.NameOf(line) is { Length: > 0 } name && name.End < line.ValueOffset,
                "a line has a name before its value");
            end = line.ValueEnd;
            outcome.Add((ulong)line.Name);
        }
        if (!part.TryGet<ContentType>(out var type, out var fault))
        {
            if (fault.IsFault)
                PropertyViolation.UnlessWithin(fault, text);
            return;
        }
        var digest = new FieldDigest(text);
        type.Visit(ref digest);
        outcome.Add(digest.Outcome.Signature);
    }
}
