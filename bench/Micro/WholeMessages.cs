// A whole message: its lines, what routing needs, all of it typed; a URI; a body.
using BenchmarkDotNet.Attributes;
using SipEmbedded.Messages;
using SipEmbedded.Sdp;

namespace SipEmbedded.Bench.Micro;

public class WholeMessages
{
    private static readonly byte[] s_uri = "sip:1001@192.168.10.77:5062;transport=udp"u8.ToArray();

    private MessageIndex _index;

    /// <summary>
    /// Start line and lines: of a message whose headers nobody asks for. Content-Length is left out, so that no header at all is typed.
    /// </summary>
    [Benchmark] public int Index() => Read(s_withoutLength);

    /// <summary>Lines, start line, top Via, tags, Call-ID, CSeq.</summary>
    [Benchmark]
    public int Routing()
    {
        if (!SipMessage.TryRead(Corpus.Invite, Framing.Datagram, ref _index, out var message, out _) || !RoutingView.TryRead(message, out var view, out _))
            throw new InvalidOperationException("the corpus is refused");
        return view.CallId.Length;
    }

    /// <summary>Lines, start line and every header that has a record, all values.</summary>
    [Benchmark]
    public int Full()
    {
        if (!SipMessage.TryRead(Corpus.Invite, Framing.Datagram, ref _index, out var message, out _))
            throw new InvalidOperationException("the corpus is refused");
        int ends = 0;
        foreach (ref readonly var line in message.HeaderLines)
            ends += HeaderNames.Match(line.Name, message.Text, line.ValueOffset, line.ValueEnd, message.Rules);
        return ends;
    }

    [Benchmark]
    public int SipUri() => Messages.SipUri.TryParse(s_uri, out var uri, out _) ? uri.Host.Length : throw new InvalidOperationException("the URI is refused");

    [Benchmark]
    public int Sdp() => SdpDescription.TryRead(Corpus.Description, SdpLeniency.All, out var description, out _)
        ? description.MediaCount : throw new InvalidOperationException("the description is refused");

    private int Read(ReadOnlySpan<byte> text) => SipMessage.TryRead(text, Framing.Datagram, ref _index, out var message, out _)
        ? message.HeaderLines.Length : throw new InvalidOperationException("the corpus is refused");

    private static readonly byte[] s_withoutLength = WithoutLength(Corpus.Invite);

    private static byte[] WithoutLength(byte[] message)
    {
        int start = message.AsSpan().IndexOf("Content-Length"u8);
        int end = start + message.AsSpan(start).IndexOf("\r\n"u8) + "\r\n".Length;
        return [.. message[..start], .. message[end..]];
    }

    private readonly byte[] _buffer = new byte[4096];

    /// <summary>A 200 with what it takes from its request (RFC 3261 §8.2.6.2): index of the request included.</summary>
    [Benchmark]
    public int WriteResponse()
    {
        if (!SipMessage.TryRead(s_withoutLength, Framing.Datagram, ref _index, out var message, out _))
            throw new InvalidOperationException("the corpus is refused");
        var builder = new MessageBuilder(_buffer);
        builder.StartResponse(200);
        builder.CopyForResponse(message, "4e9a17c3"u8);
        builder.Finish();
        return builder.IsValid ? builder.Written.Length : throw new InvalidOperationException("the response is refused");
    }
}
