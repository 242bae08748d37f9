// What a person needs to see of a failure: the seed, what it was set to, what was wrong, and what happened before.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Simulation;

internal static class FailureReport
{
    /// <summary>The last occurrences that are printed; the ladder has all of them.</summary>
    private const int Shown = 60;

    public static string Of(RunResult result, int shown = Shown)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"seed {result.Seed}: {result.Failure?.Message ?? "no failure"}\n");
        text.Append(CultureInfo.InvariantCulture, $"    again: tests/Simulation/run --seed {result.Seed}\n    {result.Setting}\n");
        var occurrences = result.World.History.Occurrences;
        text.Append(CultureInfo.InvariantCulture, $"    the last {Math.Min(shown, occurrences.Count)} of {occurrences.Count} occurrences:\n");
        foreach (var occurrence in occurrences.Skip(Math.Max(0, occurrences.Count - shown)))
            text.Append(occurrence).Append('\n');
        if (result.Failure is not (null or SimulationFailure))
            text.Append(result.Failure).Append('\n');
        return text.ToString();
    }

    /// <summary>Writes the whole history; its path from the repository's root.</summary>
    public static string Write(RunResult result) =>
        Artifacts.Write(string.Create(CultureInfo.InvariantCulture, $"simulation-{result.Seed}.txt"), Of(result, int.MaxValue));
}
