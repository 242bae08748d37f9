// Where generated code and oracle may differ, by name: the shortest list that is true. Each entry says why no user can observe it;
// the report counts how often each was met.
namespace SipEmbedded.Agreement;

internal sealed record KnownDifference(string Name, string Because, Func<DeclaredRecord, string, byte[], bool> Covers);

internal static class KnownDifferences
{
    public static IReadOnlyList<KnownDifference> All { get; } = [];
}
