// The promise of the library, counted: a million messages read, typed, checked, framed, built and refused, and not one octet on the heap.
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Limits;

public sealed class AllocationTests
{
    private const int Reads = 1_000_000;

    [Fact]
    public void A_million_messages_allocate_nothing()
    {
        byte[][] messages = [.. MessageVectors.Corpus, .. MessageVectors.All.Select(v => v.Read())];
        byte[] buffer = new byte[70_000];
        var index = new MessageIndex();
        // Twice over everything: what the runtime allocates once, for itself, is behind us.
        int work = 0;
        foreach (byte[] message in messages.Concat(messages))
            work += Everything(message, buffer, ref index);
        Assert.NotEqual(0, work);

        // Everything with each message, then plain reads up to the million.
        long before = HeapCount.Begin();
        int reads = 0;
        for (int round = 0; round < 20; round++)
        {
            foreach (byte[] message in messages)
            {
                work += Everything(message, buffer, ref index);
                reads += 3;
            }
        }
        while (reads < Reads)
        {
            foreach (byte[] message in messages)
            {
                if (SipMessage.TryRead(message, Framing.Datagram, ref index, out var read, out _) && RoutingView.TryRead(read, out var view, out _))
                    work += view.CallId.Length;
                reads++;
            }
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(reads >= Reads && work != 0);
    }

    private struct FieldCounter : IValueVisitor
    {
        public int Count;

        public void Text(string name, Slice value) => Count++;

        public void Number(string name, ulong value) => Count++;

        public void Flag(string name) => Count++;

        public void Choice(string name, int value) => Count++;

        public void BeginRecord(string name) => Count++;

        public void EndRecord() => Count++;

        public void BeginValue(Slice extent) => Count++;

        public void EndValue() => Count++;
    }

    private static int Everything(byte[] text, byte[] buffer, ref MessageIndex index)
    {
        int work = 0;
        var check = MessageCheck.Of(text, Framing.Datagram, ref index);
        while (check.MoveNext())
        {
            work += check.Current.Offset + MessageCheck.StatusFor(check.Current);
            var refusal = new MessageBuilder(buffer);
            Refusal.WriteFault(check.Current, check.Message, "t1"u8, ref refusal);
            work += refusal.Written.Length;
        }

        var counter = new FieldCounter();
        var message = check.Message;
        foreach (var line in message.HeaderLines)
            HeaderNames.Visit(line.Name, message.Text, line.ValueOffset, line.ValueEnd, default, ref counter);
        work += counter.Count;

        var framer = new StreamFramer(StreamSide.Accepted);
        for (int end = 0; end <= text.Length; end += 64)
        {
            if (framer.Next(text.AsSpan(0, end), out int consumed) != StreamInput.NeedMore)
            {
                work += consumed;
                break;
            }
        }

        if (Multipart.TryRead(message, out var parts, out _))
        {
            while (parts.MoveNext())
            {
                if (parts.Current.TryGet<ContentType>(out var type, out _))
                    work += type.Type.Length;
            }
        }

        var builder = new MessageBuilder(buffer);
        builder.StartRequest(Method.Options, "sip:a@example.com"u8);
        foreach (var via in message.All<Via>())
            builder.Header(via, message.Text);
        builder.CopyForResponse(message, "t1"u8);
        builder.CopyAll(message, HeaderName.RecordRoute);
        builder.Finish("application/sdp"u8, "v=0\r\n"u8);
        work += builder.Written.Length;
        var methods = new MessageBuilder(buffer);
        MethodRefusal.Write(DispatchOutcome.NotAllowed, message, "INVITE"u8, "t1"u8, ref methods);
        return work + methods.Written.Length;
    }
}
