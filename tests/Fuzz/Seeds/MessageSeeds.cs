// Whole messages: the benchmark's corpus, the RFCs' messages that the unit tests hold, a message around each header's values, and
// bodies of several parts (RFC 2046 §5.1).
using System.Reflection;
using System.Text;
using SipEmbedded.Agreement;
using SipEmbedded.Messages;

namespace SipEmbedded.Fuzz;

internal static class MessageSeeds
{
    /// <summary>Values of each header that a message is made around: the splices of the campaign bring them together.</summary>
    private const int ValuesPerHeader = 4;

    private const string MessagePrefix = "message:";

    public static List<byte[]> Captured()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var messages = new List<byte[]>();
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(MessagePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var octets = new byte[stream.Length];
            stream.ReadExactly(octets);
            messages.Add(octets);
        }
        return messages;
    }

    public static List<byte[]> AroundHeaders(int seed)
    {
        var messages = new List<byte[]>();
        foreach (var header in Declarations.Records.Where(record => record.IsHeader))
        {
            var values = GrammarSeeds.LinesOf(header, (uint)Leniency.Default, seed);
            // From both ends: the first inputs of a cover are short, the last are its samples.
            foreach (var value in values.Take(ValuesPerHeader / 2).Concat(values.TakeLast(ValuesPerHeader / 2)))
                messages.Add(Around(header.Rules[0], value));
        }
        return messages;
    }

    private static byte[] Around(string name, byte[] value) =>
    [
        .. "OPTIONS sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\n"u8,
        .. "i: 1@h\r\nCSeq: 1 OPTIONS\r\n"u8, .. Encoding.Latin1.GetBytes(name), .. ": "u8, .. value, .. "\r\nl: 0\r\n\r\n"u8,
    ];

    public static List<byte[]> Multiparts() =>
    [
        Message("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b\r\nContent-ID: <1@h>\r\n\r\n\r\n--b--\r\n"),
        Message("multipart/mixed;boundary=\"a b\"", "before\r\n--a b \r\n\r\nx\r\n--a b\r\n\r\n\r\n--a b-- \r\nbehind"),
        Message("multipart/alternative ; boundary=\"\\o\"", "--o\nContent-Type: text/plain\n x\n\ny\n--o--"),
        Message("multipart/mixed;boundary=o",
            "--o\r\nContent-Type: multipart/mixed;boundary=o2\r\n\r\n--o2\r\n\r\ninner\r\n--o2--\r\n\r\n--o\r\nc: text/plain\r\n\r\n--ox\r\n--o--\r\n"),
    ];

    private static byte[] Message(string type, string body) => Encoding.Latin1.GetBytes(
        "MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1@h\r\n"
        + $"CSeq: 1 MESSAGE\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
}
