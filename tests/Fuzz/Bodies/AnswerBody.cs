// What a message is answered with: all of its faults (RFC 3261 §8.2), and a response copied from it (§8.2.6.2) that a peer can
// read.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

internal sealed class AnswerBody() : DatagramBody("answer")
{
    /// <summary>A line has two faults at most (again, and malformed), the message itself fewer than this.</summary>
    private const int MaxFaults = 2 * MessageIndex.MaxHeaderLines + 16;

    // A response takes lines from its request and adds a status line, a tag and a length.
    private readonly byte[] _response = new byte[2 * 3000 + 256];
    private MessageIndex _responseIndex;
    private MessageIndex _checkIndex;

    protected override void CheckAccepted(ReadOnlySpan<byte> text, in SipMessage message, ref Outcome outcome)
    {
        CheckFaults(text, message, ref outcome);
        if (!message.IsRequest)
            return;
        var builder = new MessageBuilder(_response);
        builder.StartResponse(200);
        builder.CopyForResponse(message, "tag1"u8);
        builder.Finish();
        outcome.Add(builder.IsValid ? 1UL : 0);
        PropertyViolation.Unless(!builder.Overflowed, "a response is no longer than its request and some room");
        if (!builder.IsValid)
            return;
        bool isRead = SipMessage.TryRead(builder.Written, Framing.Stream, ref _responseIndex, out var response, out _, message.Allow);
        PropertyViolation.Unless(isRead, "a response that was built is read");
        PropertyViolation.Unless(!response.IsRequest && response.Status.StatusCode == 200 && response.Body.IsEmpty,
            "a response is what was built");
        PropertyViolation.Unless(Count(message, HeaderName.Via) == Count(response, HeaderName.Via),
            "a response has its request's Vias");
        PropertyViolation.Unless(Count(response, HeaderName.Other) == 0, "a response takes no header that it does not need");
        if (!RoutingView.TryRead(message, out var asked, out _))
            return;
        PropertyViolation.Unless(RoutingView.TryRead(response, out var answered, out _),
            "the response to what can be routed can be routed");
        PropertyViolation.Unless(answered.CallId.In(response.Text).SequenceEqual(asked.CallId.In(message.Text)),
            "a response has its request's Call-ID");
        PropertyViolation.Unless(answered.CSeq.Sequence == asked.CSeq.Sequence, "a response has its request's CSeq");
        PropertyViolation.Unless(answered.FromTag.In(response.Text).SequenceEqual(asked.FromTag.In(message.Text)),
            "a response has its request's From tag");
        // A To that does not match its grammar is copied as it is.
        PropertyViolation.Unless(answered.ToTag.IsPresent || !message.TryGet<To>(out _, out _), "a response has a To tag");
    }

    private static int Count(in SipMessage message, HeaderName name)
    {
        int count = 0;
        foreach (ref readonly var line in message.HeaderLines)
            count += line.Name == name ? 1 : 0;
        return count;
    }

    private void CheckFaults(ReadOnlySpan<byte> text, in SipMessage message, ref Outcome outcome)
    {
        int count = 0;
        var check = MessageCheck.Of(text, Framing.Datagram, ref _checkIndex, message.Allow);
        while (check.MoveNext())
        {
            PropertyViolation.UnlessWithin(check.Current, text);
            outcome.Add(check.Current);
            PropertyViolation.Unless(++count <= MaxFaults, "a message has not more faults than lines");
        }
        outcome.AddSize(count);
    }
}
