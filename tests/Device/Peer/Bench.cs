// One agent on a bench: texts and time are handed to it, and what it sends is kept.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Device.Tests.Peer;

internal sealed class Bench(ISipEngine agent)
{
    public static readonly IpEndpoint Ours = IpEndpoint.V4(0xC0000201, 5060);
    public static readonly IpEndpoint Theirs = IpEndpoint.V4(0xC0000202, 5060);
    public static readonly Flow Udp = new(Protocol.Udp, Ours, Theirs);
    public static readonly ListeningPoint[] Points = [new(Protocol.Udp, Ours), new(Protocol.Tcp, Ours)];

    private readonly byte[] _buffer = new byte[65535];
    private readonly Queue<string> _sent = new();

    public long NowMs { get; private set; }

    public Instant Now => Instant.FromMilliseconds(NowMs);

    public Transmit Last { get; private set; }

    /// <summary>The next message that it sent; fails where there is none.</summary>
    public string Next()
    {
        Assert.NotEmpty(_sent);
        return _sent.Dequeue();
    }

    public bool IsSilent => _sent.Count == 0;

    public void Receive(string message)
    {
        agent.HandleDatagram(Now, Udp, Encoding.Latin1.GetBytes(message));
        Drain();
    }

    public void Until(long ms)
    {
        while (agent.PollTimeout() is var due && due <= Instant.FromMilliseconds(ms))
        {
            NowMs = Math.Max(NowMs, due.Milliseconds);
            agent.HandleTimeout(Now);
            Drain();
        }
        NowMs = ms;
    }

    public void Drain()
    {
        while (agent.PollTransmit(_buffer, out var transmit))
        {
            Last = transmit;
            if (transmit.Length > 0)
                _sent.Enqueue(Encoding.Latin1.GetString(_buffer, 0, transmit.Length));
        }
    }

    /// <summary>The value of a header's first line.</summary>
    public static string Value(string message, string name) =>
        message.Split("\r\n").First(line => line.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];

    public static string StartLine(string message) => message.Split("\r\n")[0];

    /// <summary>The parts of a body's lines of one type.</summary>
    public static string[] SdpLines(string message, char type) =>
        [.. message.Split("\r\n\r\n", 2)[1].Split("\r\n").Where(line => line.StartsWith(type + "=", StringComparison.Ordinal))];

    public static string Request(
        string method, string branch, string to = "<sip:door@192.0.2.1>", int cseq = 1, string extra = "", string body = "", string? type = null) =>
        $"{method} sip:door@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
        + $"From: <sip:peer@192.0.2.2>;tag=theirs\r\nTo: {to}\r\nCall-ID: call1\r\nCSeq: {cseq} {method}\r\n{extra}"
        + (body.Length > 0 ? $"Content-Type: {type ?? "application/sdp"}\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n{body}";

    public const string Contact = "Contact: <sip:peer@192.0.2.2:5070>\r\n";

    /// <summary>What a telephone says of its media, as an offer or an answer.</summary>
    public const string Media = "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

    /// <summary>A 200 with a contact and an answer: all that makes a call.</summary>
    public static string Accept(string request, string tag = "theirs", string extra = Contact) => Answer(request, 200, tag, extra, Media);

    /// <summary>A response to a request that it sent.</summary>
    public static string Answer(string request, int status, string tag = "theirs", string extra = "", string body = "")
    {
        string to = Value(request, "To");
        return $"SIP/2.0 {status} Whatever\r\nVia: {Value(request, "Via")}\r\nFrom: {Value(request, "From")}\r\n"
            + $"To: {(to.Contains("tag=", StringComparison.Ordinal) ? to : $"{to};tag={tag}")}\r\nCall-ID: {Value(request, "Call-ID")}\r\n"
            + $"CSeq: {Value(request, "CSeq")}\r\n{extra}" + (body.Length > 0 ? "Content-Type: application/sdp\r\n" : "")
            + $"Content-Length: {body.Length}\r\n\r\n{body}";
    }

    /// <summary>Numbers that count up: tags differ and are the same in each run.</summary>
    public sealed class CountingEntropy : IEntropySource
    {
        private byte _next;

        public void Fill(Span<byte> octets)
        {
            foreach (ref byte octet in octets)
                octet = _next++;
        }
    }
}
