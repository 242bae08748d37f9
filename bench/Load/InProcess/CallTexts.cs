// The three requests of a call, as Generator/messages.c writes them: the same octets without sockets. A call's number is written into them in place, so
// driving the core costs little beside the core.

using System.Text;

namespace SipEmbedded.Bench.Load;

internal sealed class CallTexts
{
    // Stands for the eight hexadecimal digits of a call's number, and is as long.
    private const string Number = "########";

    // As long as the tag of the transaction layer; the loop checks that a response's is.
    private const string Tag = "$$$$$$$$$$$$$";

    private const string Offer =
        "v=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    // As Generator/messages.c has it for sessions.
    private const string Timer = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\nSupported: timer\r\nSession-Expires: 1800\r\n";

    private readonly int[][] _places;

    public CallTexts()
    {
        string[] texts = [Request("INVITE", 1, "", Offer), Request("ACK", 1, ";tag=" + Tag, ""), Request("BYE", 2, ";tag=" + Tag, "")];
        _places = [.. texts.Select(text => AllOf(text, Number))];
        TagPlaces = [.. texts.Select(text => text.IndexOf(Tag, StringComparison.Ordinal))];
        Octets = [.. texts.Select(Encoding.ASCII.GetBytes)];
    }

    public static int TagLength => Tag.Length;

    /// <summary>INVITE, ACK, BYE.</summary>
    public byte[][] Octets { get; }

    /// <summary>Where each has the tag of To; -1 in an INVITE.</summary>
    public int[] TagPlaces { get; }

    public byte[] Invite => Octets[0];

    public byte[] Ack => Octets[1];

    public byte[] Bye => Octets[2];

    public void WriteNumber(uint number)
    {
        Span<byte> digits = stackalloc byte[Number.Length];
        for (int i = digits.Length - 1; i >= 0; i--, number >>= 4)
            digits[i] = "0123456789abcdef"u8[(int)(number & 15)];
        for (int request = 0; request < Octets.Length; request++)
        {
            foreach (int place in _places[request])
                digits.CopyTo(Octets[request].AsSpan(place));
        }
    }

    public void WriteTag(ReadOnlySpan<byte> tag)
    {
        tag.CopyTo(Ack.AsSpan(TagPlaces[1]));
        tag.CopyTo(Bye.AsSpan(TagPlaces[2]));
    }

    private static string Request(string method, int sequence, string tag, string body) =>
        $"{method} sip:service@127.0.0.1:5060 SIP/2.0\r\n"
        + $"Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK-00c0ffee-{Number}-{method.Length}\r\n"
        + $"From: load <sip:load@127.0.0.1:40000>;tag={Number}SIPpTag00\r\n"
        + $"To: service <sip:service@127.0.0.1:5060>{tag}\r\n"
        + $"Call-ID: {Number}-00c0ffee@127.0.0.1\r\n"
        + $"CSeq: {sequence} {method}\r\n"
        + "Contact: sip:load@127.0.0.1:40000\r\n"
        + "Max-Forwards: 70\r\n"
        + "Subject: Performance Test\r\n"
        + (body.Length > 0 ? Timer + "Content-Type: application/sdp\r\n" : "")
        + $"Content-Length: {body.Length}\r\n\r\n{body}";

    private static int[] AllOf(string text, string part)
    {
        List<int> places = [];
        for (int at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
            places.Add(at);
        return [.. places];
    }
}
