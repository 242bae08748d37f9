// Where a value may change by being written, or generated code and oracle may differ, by name: the shortest list that is true. Each
// entry says why it does no harm; the report counts how often each was met.
namespace SipEmbedded.Agreement;

internal sealed record KnownDifference(string Name, string Because, Func<DeclaredRecord, string, bool> Covers);

internal static class KnownDifferences
{
    public static IReadOnlyList<KnownDifference> All { get; } =
    [
        new("any type, with white space around the slash",
            "\"*/*\" is one literal of media-range, and \"* / *\" the type \"*\" with the subtype \"*\" (RFC 3261 section 25.1). The writer leaves "
            + "white space out, so the second is read again as the first: the same range of media, whose Type is then \"*/*\".",
            (record, difference) => record.Type.Name == "Accept" && difference.EndsWith("Type is '*/*', not '*'", StringComparison.Ordinal)),
    ];
}
