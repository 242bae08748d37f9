// A whole message in a datagram: the reader, the routing view, and every header line by its record.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

internal class DatagramBody(string name = "datagram") : FuzzBody(name)
{
    // Read into again and again, as a receive path does: what an earlier message left there must not show.
    private MessageIndex _index;

    public override int Weight => 16;

    public override int MaxOctets => 3000;

    public override bool HasContentLength => true;

    public override List<byte[]> Seeds(int seed) =>
        [.. MessageSeeds.Captured().Where(message => message.Length <= MaxOctets), .. MessageSeeds.AroundHeaders(seed)];

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        bool strict = Read(text, Leniency.None, ref outcome);
        bool lenient = Read(text, Leniency.Default, ref outcome);
        PropertyViolation.Unless(!strict || lenient, "a message that is accepted without leniencies is accepted with them");
        return outcome;
    }

    private bool Read(ReadOnlySpan<byte> text, Leniency allow, ref Outcome outcome)
    {
        bool accepted = SipMessage.TryRead(text, Framing.Datagram, ref _index, out var message, out var fault, allow);
        outcome.Add(accepted ? 1UL : 0);
        if (accepted)
        {
            PropertyViolation.Unless(!fault.IsFault, "what is accepted has no fault");
            CheckAccepted(text, message, ref outcome);
        }
        else
        {
            PropertyViolation.UnlessWithin(fault, text);
            outcome.Add(fault);
        }
        // What was found up to a fault can still be walked.
        CheckLines(message, isWhole: accepted || !message.Body.IsEmpty, ref outcome);
        return accepted;
    }

    /// <summary>More that must hold for a message that was read.</summary>
    protected virtual void CheckAccepted(ReadOnlySpan<byte> text, in SipMessage message, ref Outcome outcome)
    {
        PropertyViolation.Unless(text.StartsWith(message.Text), "a message is the beginning of its datagram");
        PropertyViolation.UnlessWithin(message.BodySlice, text);
        outcome.AddSize(message.Body.Length);
        if (message.IsRequest)
            Visit(message.Request, message.Text, ref outcome);
        else
            Visit(message.Status, message.Text, ref outcome);
        if (RoutingView.TryRead(message, out var view, out var fault))
        {
            Visit(view.TopVia, message.Text, ref outcome);
            Visit(view.CSeq, message.Text, ref outcome);
            PropertyViolation.UnlessWithin(view.FromTag, message.Text);
            PropertyViolation.UnlessWithin(view.ToTag, message.Text);
            PropertyViolation.Unless(view.CallId.End <= message.Text.Length && view.CallId.Length > 0,
                "a message that can be routed has a Call-ID");
        }
        else
        {
            PropertyViolation.UnlessWithin(fault, message.Text);
            outcome.Add(fault);
        }
        Walk<Via>(message, ref outcome);
        Walk<Contact>(message, ref outcome);
        Walk<Route>(message, ref outcome);
        Walk<Allow>(message, ref outcome);
    }

    // Where the pass over the lines did not reach the empty line, what stopped it may be a fold of the last line, whose end is
    // then not known.
    private static void CheckLines(in SipMessage message, bool isWhole, ref Outcome outcome)
    {
        var text = message.Text;
        int end = 0;
        foreach (ref readonly var line in message.HeaderLines)
        {
            PropertyViolation.Unless(line.NameOffset >= end, "lines follow one another");
            PropertyViolation.Unless(line.ValueOffset > line.NameOffset && line.ValueEnd <= text.Length,
                "a line lies in the text");
            PropertyViolation.Unless(line.ValueOffset <= line.ValueEnd, "a value does not end before it begins");
            end = line.ValueEnd;
            outcome.Add((ulong)line.Name);
        }
        int count = isWhole ? message.HeaderLines.Length : message.HeaderLines.Length - 1;
        for (int i = 0; i < count; i++)
            CheckLine(message, i, ref outcome);
    }

    private static void CheckLine(in SipMessage message, int number, ref Outcome outcome)
    {
        var text = message.Text;
        var line = message.HeaderLines[number];
        var name = message.NameOf(number);
        PropertyViolation.Unless(name.Length > 0 && name.End < line.ValueOffset + 1, "a line has a name before its value");
        PropertyViolation.Unless(HeaderNames.Parse(text, name.Offset, name.End) == line.Name,
            "the index and Parse know the same names");
        var value = message.ValueOf(number);
        PropertyViolation.Unless(value.End <= line.ValueEnd, "a value lies in its line");
        outcome.AddPlace(value);
        if (line.Name == HeaderName.Other)
            return;
        PropertyViolation.Unless(message.FirstLineOf(line.Name) is var first && first >= 0 && first <= number,
            "a known header has a first line");
        int matched = HeaderNames.Match(line.Name, text, line.ValueOffset, line.ValueEnd, message.Rules);
        var digest = new FieldDigest(text);
        int visited = HeaderNames.Visit(line.Name, text, line.ValueOffset, line.ValueEnd, message.Rules, ref digest);
        PropertyViolation.Unless((matched < 0) == (visited < 0), "Visit agrees with Match");
        PropertyViolation.Unless(matched < 0 || matched == line.ValueEnd, "a line is matched to its end or refused");
        // The octets behind the line are of no account to it.
        int alone = HeaderNames.Match(line.Name, text[..line.ValueEnd], line.ValueOffset, line.ValueEnd, message.Rules);
        PropertyViolation.Unless((matched < 0) == (alone < 0), "a line is read without regard to what follows it");
        outcome.Add(digest.Outcome.Signature);
        outcome.Digest = Outcome.Mix(outcome.Digest, digest.Outcome.Digest);
        if (matched >= 0)
            return;
        var fault = HeaderNames.FaultOf(line.Name, matched);
        PropertyViolation.UnlessWithin(fault, text);
        outcome.Add(fault);
    }

    private static void Walk<T>(in SipMessage message, ref Outcome outcome)
        where T : struct, IHeader<T>
    {
        var values = message.All<T>();
        int count = 0;
        while (values.MoveNext())
        {
            if (!values.IsSole)
                Visit(values.Current, message.Text, ref outcome);
            count++;
        }
        if (values.Fault.IsFault)
            PropertyViolation.UnlessWithin(values.Fault, message.Text);
        PropertyViolation.Unless(!values.MoveNext(), "a walk that has ended does not go on");
        // The first value by the short way is the first of the walk.
        bool has = message.TryGet<T>(out var first, out var fault);
        PropertyViolation.Unless(!has || !fault.IsFault, "what is accepted has no fault");
        if (has)
            Visit(first, message.Text, ref outcome);
        outcome.AddSize(count);
    }

    protected static void Visit<T>(in T value, ReadOnlySpan<byte> text, ref Outcome outcome)
        where T : struct, IRecord<T>
    {
        PropertyViolation.UnlessWithin(value.Extent, text);
        var digest = new FieldDigest(text);
        value.Visit(ref digest);
        outcome.Add(digest.Outcome.Signature);
        outcome.Digest = Outcome.Mix(outcome.Digest, digest.Outcome.Digest);
    }
}
