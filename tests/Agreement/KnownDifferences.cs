// Where a value may change by being written, or generated code and oracle differ, by name: the shortest list that is true. Each entry
// says what a user sees of it; the report counts how often each was met.
namespace SipEmbedded.Agreement;

internal sealed record KnownDifference(string Name, string Because, Func<DeclaredRecord, uint, string, bool> Covers);

internal static class KnownDifferences
{
    public static IReadOnlyList<KnownDifference> All { get; } =
    [
        new("any type, with white space around the slash",
            "\"*/*\" is one literal of media-range, and \"* / *\" the type \"*\" with the subtype \"*\" (RFC 3261 section 25.1). The writer leaves "
            + "white space out, so the second is read again as the first: the same range of media, whose Type is then \"*/*\".",
            (record, _, difference) => record.Type.Name == "Accept" && difference.EndsWith("Type is '*/*', not '*'", StringComparison.Ordinal)),
        new("product text that goes on behind a comment, leniently",
            "Leniency.ProductText takes any text for a product. Where that begins as a comment does and goes on behind it, \"(a\\\t))\", the code has "
            + "taken the comment and does not come back; the oracle tries the text word by word. Refused is what the strict grammar refuses too.",
            (record, allow, difference) => allow != 0 && record.Type.Name is ("Server" or "UserAgent") && difference.StartsWith("Syntax fault", StringComparison.Ordinal)
                && difference.EndsWith("; the oracle accepts", StringComparison.Ordinal)),
        new("an unknown SRTP session parameter that begins as a known one",
            "A text that begins as a known parameter and goes on otherwise (\"kdr=55_x\") is refused; the oracle reads it as srtp-session-extension. "
            + "Such an extension is mandatory and unknown, for which the crypto attribute is refused as well (RFC 4568 section 6.3.7).",
            (record, _, difference) => record.Type.Name == "SrtpSessionParameter" && difference.Contains(" fault at ", StringComparison.Ordinal)
                && difference.EndsWith("; the oracle accepts", StringComparison.Ordinal)),
    ];
}
