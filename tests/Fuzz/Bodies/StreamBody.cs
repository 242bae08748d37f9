// A stream of messages (RFC 3261 §18.3): the framer says the same however the stream is cut, and frames what the reader reads.
using SipEmbedded.Messages;

namespace SipEmbedded.Fuzz;

internal sealed class StreamBody() : FuzzBody("stream")
{
    /// <summary>
    /// No stream of <see cref="MaxOctets"/> octets holds more: two octets are the least that are consumed, with one answer at
    /// the end.
    /// </summary>
    private const int MaxInputs = 4096;

    private readonly (StreamInput Input, int Consumed, int FaultOffset)[] _whole = new (StreamInput, int, int)[MaxInputs];
    private MessageIndex _index;

    public override int Weight => 12;

    public override int MaxOctets => 4000;

    public override bool HasContentLength => true;

    public override List<byte[]> Seeds(int seed)
    {
        var messages = MessageSeeds.Captured().Where(message => message.Length <= MaxOctets / 3).ToList();
        var streams = new List<byte[]>(messages);
        for (int i = 0; i < messages.Count; i++)
        {
            var next = messages[(i + 1) % messages.Count];
            streams.Add([.. messages[i], .. "\r\n\r\n"u8, .. next, .. "\r\n"u8, .. messages[i]]);
        }
        streams.AddRange(MessageSeeds.AroundHeaders(seed));
        return streams;
    }

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        Frame(text, StreamSide.Accepted, Leniency.None, ref outcome);
        Frame(text, StreamSide.Accepted, Leniency.Default, ref outcome);
        Frame(text, StreamSide.Opened, Leniency.Default, ref outcome);
        return outcome;
    }

    private void Frame(ReadOnlySpan<byte> text, StreamSide side, Leniency allow, ref Outcome outcome)
    {
        int count = FrameWhole(text, side, allow, ref outcome);
        // Pieces whose sizes the text itself chooses, so that the run stays a function of the text; and one octet at a time.
        FramePieces(text, side, allow, count, (uint)text.Length * 2654435761u | 1);
        FramePieces(text, side, allow, count, pieces: 0);
    }

    private int FrameWhole(ReadOnlySpan<byte> text, StreamSide side, Leniency allow, ref Outcome outcome)
    {
        var framer = new StreamFramer(side, allow);
        int at = 0;
        for (int count = 0; ; count++)
        {
            var input = framer.Next(text[at..], out int consumed);
            PropertyViolation.Unless(consumed >= 0 && consumed <= text.Length - at, "what is consumed was received");
            PropertyViolation.Unless(count < MaxInputs, "a stream ends");
            _whole[count] = (input, at + consumed, input == StreamInput.Fault ? at + framer.Fault.Offset : 0);
            outcome.Add((ulong)input);
            outcome.AddSize(consumed);
            if (input == StreamInput.Fault)
            {
                PropertyViolation.UnlessWithin(framer.Fault, text[at..]);
                outcome.Add(framer.Fault);
            }
            if (input is StreamInput.NeedMore or StreamInput.Fault)
            {
                PropertyViolation.Unless(input == StreamInput.Fault || consumed == 0, "what is not whole is not consumed");
                return count;
            }
            PropertyViolation.Unless(consumed > 0, "what is told apart is consumed");
            if (input == StreamInput.Message)
                Read(text.Slice(at, consumed), allow, ref outcome);
            at += consumed;
        }
    }

    // The framer and the reader agree about where a message ends, or one peer could hide a message inside another's.
    private void Read(ReadOnlySpan<byte> framed, Leniency allow, ref Outcome outcome)
    {
        bool accepted = SipMessage.TryRead(framed, Framing.Stream, ref _index, out var message, out var fault, allow);
        outcome.Add(accepted ? 1UL : 0);
        if (accepted)
        {
            PropertyViolation.Unless(message.Text.Length == framed.Length, "the reader's message is the framer's");
            return;
        }
        PropertyViolation.UnlessWithin(fault, framed);
        outcome.Add(fault);
    }

    private void FramePieces(ReadOnlySpan<byte> text, StreamSide side, Leniency allow, int count, uint pieces)
    {
        var framer = new StreamFramer(side, allow);
        int at = 0, received = 0, index = 0;
        while (true)
        {
            var input = framer.Next(text[at..received], out int consumed);
            if (input == StreamInput.NeedMore)
            {
                PropertyViolation.Unless(consumed == 0, "what is not whole is not consumed");
                if (received == text.Length)
                    break;
                pieces = pieces * 1664525 + (pieces == 0 ? 0 : 1013904223u);
                received = Math.Min(text.Length, received + 1 + (int)(pieces >> 23));
                continue;
            }
            var whole = _whole[index++];
            PropertyViolation.Unless(input == whole.Input, "a stream holds the same however it is cut");
            at += consumed;
            PropertyViolation.Unless(at == whole.Consumed, "a stream's inputs end at the same places however it is cut");
            if (input == StreamInput.Fault)
            {
                PropertyViolation.Unless(at - consumed + framer.Fault.Offset == whole.FaultOffset,
                    "a stream has the same fault however it is cut");
                break;
            }
        }
        PropertyViolation.Unless(index == (_whole[count].Input == StreamInput.NeedMore ? count : count + 1),
            "a stream holds as much however it is cut");
    }
}
