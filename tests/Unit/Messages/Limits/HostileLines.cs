// Header lines made to cost as much as they can: a start, a piece repeated, an end. The tests run them to their end; bench/run hostile
// measures that their time is in proportion to their length.
namespace SipEmbedded.Tests.Limits;

internal static class HostileLines
{
    public const string Head = "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
        + "To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n";

    public const string Tail = "\r\nContent-Length: 0\r\n\r\n";

    public static readonly (string What, string Start, string Piece, string End)[] All =
    [
        ("nested comments", "Server: x ", "(", ""),
        ("nested comments in User-Agent", "User-Agent: ", "(", ")"),
        ("nested comments in Retry-After", "Retry-After: 1 ", "(", ""),
        ("comments in comments, escaped", "Server: x ", "(\\(", ""),
        ("many comments", "Server: x ", "(a)", ""),
        ("endless folding", "Subject: a", "\r\n ", "b"),
        ("endless folding of an address", "Contact:", "\r\n ", "<sip:a@b>"),
        ("folding between parameters", "Contact: <sip:a@b>", "\r\n ;a", ""),
        ("folding inside a quoted string", "Contact: \"", "a\r\n ", "\" <sip:a@b>"),
        ("commas", "Supported: a", ",", ""),
        ("values", "Supported: a", ", b", ""),
        ("addresses", "Route: <sip:a@b>", ",<sip:a@b>", ""),
        ("percent signs", "Contact: <sip:", "%", "@b>"),
        ("escapes", "Contact: <sip:", "%41", "@b>"),
        ("parameters", "Contact: <sip:a@b>", ";a=b", ""),
        ("parameters of a URI", "Contact: <sip:a@b", ";a=b", ">"),
        ("parameters without an address", "Contact: sip:a@b", ";a=b", ""),
        ("headers of a URI", "Contact: <sip:a@b?x=y", "&x=y", ">"),
        ("semicolons", "Contact: <sip:a@b>", ";", ""),
        ("quotes", "Contact: ", "\"", ""),
        ("deep quoting", "Contact: \"", "\\\"", ""),
        ("deep quoting that ends", "Contact: \"", "\\\\", "\" <sip:a@b>"),
        ("tokens of a display name", "Contact: a", " a", " <sip:a@b>"),
        ("tokens of no display name", "Contact: a", " a", ""),
        ("angle brackets", "Contact: ", "<", ""),
        ("digits", "Max-Forwards: ", "1", ""),
        ("zeros", "Max-Forwards: ", "0", ""),
        ("labels", "Contact: <sip:", "a.", ">"),
        ("hyphens", "Contact: <sip:a", "-", ">"),
        ("hyphens between labels", "Contact: <sip:a", "-.a", ">"),
        ("colons of an address", "Contact: <sip:[", "1:", "]>"),
        ("users", "Contact: <sip:", "a@", "b>"),
        ("colons", "Contact: <sip:a", ":a", "@b>"),
        ("credentials", "Authorization: Digest a=b", ",a=b", ""),
        ("credentials with blanks", "Authorization: Digest a=b", " ,\r\n a = \"b\"", ""),
        ("warnings", "Warning: 399 a \"b\"", ",399 a \"b\"", ""),
        ("languages", "Accept-Language: a", "-a", ""),
        ("media types", "Accept: a/b", ",*/*;q=0.5", ""),
        ("dots of an event", "Event: a", ".a", ""),
        ("blanks", "Contact: <sip:a@b>", " ", ";x"),
        ("blanks of a request line", "Subject: ", "\t", "x"),
        ("Call-IDs", "In-Reply-To: a", ",a@b", ""),
        ("dots of a timestamp", "Timestamp: 1", ".", ""),
        ("contacts accepted", "Accept-Contact: *", ";a=\"<x>\"", ""),
        ("unknown header", "X: ", ";,\"<(", ""),
    ];

    /// <summary>A message whose one long line repeats the piece up to about <paramref name="octets"/> octets.</summary>
    public static string Message(string start, string piece, string end, int octets) =>
        Head + start + string.Concat(Enumerable.Repeat(piece, octets / piece.Length)) + end + Tail;
}
