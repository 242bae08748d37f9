// What tests/Simulation said of its own speed (`tests/Simulation/run --speed`): its last line of name=value.

using SipEmbedded.Bench.Peers;

namespace SipEmbedded.Bench.Load;

internal static class Simulation
{
    /// <summary>A row for each pair; null where there is none.</summary>
    public static Table? Table(string line)
    {
        List<string[]> rows = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2)];
        return rows.Count == 0 ? null : new("The simulator's speed", ["figure", "value"], rows, ["As `tests/Simulation/run --speed` prints it."]);
    }
}
