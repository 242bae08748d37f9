// Messages of a call for ladders and captures: short, well formed, and of one call each.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Tests.Ladders;

internal static class Messages
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

    public static byte[] Request(string method, int sequence = 1, string callId = "first@door", bool hasSdp = false, string extra = "") =>
        Encoding.UTF8.GetBytes($"{method} sip:house@192.0.2.2 SIP/2.0\r\n{Headers(method, sequence, callId, extra)}{Body(hasSdp)}");

    public static byte[] Response(string status, string method, int sequence = 1, string callId = "first@door", bool hasSdp = false, string extra = "") =>
        Encoding.UTF8.GetBytes($"SIP/2.0 {status}\r\n{Headers(method, sequence, callId, extra)}{Body(hasSdp)}");

    private static string Headers(string method, int sequence, string callId, string extra) =>
        $"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{sequence}{method}\r\nFrom: <sip:door@192.0.2.1>;tag=1\r\nTo: <sip:house@192.0.2.2>\r\n"
        + $"Call-ID: {callId}\r\nCSeq: {sequence} {method}\r\nMax-Forwards: 70\r\n{extra}";

    private static string Body(bool hasSdp) =>
        hasSdp ? $"Content-Type: application/sdp\r\nContent-Length: {Sdp.Length}\r\n\r\n{Sdp}" : "Content-Length: 0\r\n\r\n";

    public static Instant At(long milliseconds) => Instant.FromMilliseconds(1_000 + milliseconds);

    public static IpEndpoint Door { get; } = IpEndpoint.V4(0xC0000201, 5060);

    public static IpEndpoint House { get; } = IpEndpoint.V4(0xC0000202, 5060);

    public static IpEndpoint V6(int last, ushort port) => IpEndpoint.V6(new UInt128(0x20010DB8_00000000, (ulong)last), port);
}
