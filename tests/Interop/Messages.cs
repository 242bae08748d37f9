// Messages that the tests send by themselves.
namespace SipEmbedded.Interop.Tests;

internal static class Messages
{
    public static string Options(string branch, int port, string transport = "UDP") => Request("OPTIONS", branch, port, transport);

    public static string Request(string method, string branch, int port, string transport = "UDP", string extra = "", string body = "") =>
        $"{method} sip:door@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} 127.0.0.1:{port};branch={branch};rport\r\nMax-Forwards: 70\r\n"
        + $"From: <sip:test@127.0.0.1>;tag=t{branch}\r\nTo: <sip:door@127.0.0.1>\r\nCall-ID: {branch}\r\nCSeq: 1 {method}\r\n{extra}"
        + $"Content-Length: {body.Length}\r\n\r\n{body}";
}
