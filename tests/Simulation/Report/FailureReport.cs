// What a person needs to see of a failure: the seed, what it was set to, what was wrong, and what happened before, as a ladder.
using System.Globalization;
using System.Text;
using SipEmbedded.Device.Ladder;

namespace SipEmbedded.Simulation;

internal static class FailureReport
{
    /// <summary>The last occurrences that are drawn; the page has all of them.</summary>
    private const int Shown = 60;

    /// <summary>A terminal's width, more or less: five columns of agents.</summary>
    private const int Columns = 180;

    public static string Of(RunResult result)
    {
        var text = new StringBuilder(Heading(result));
        using var ladder = new StringWriter { NewLine = "\n" };
        LadderText.Write(ladder, RunLadder.Of(result, Shown).View(), Columns);
        text.Append(CultureInfo.InvariantCulture, $"    the last {Shown} of {result.World.History.Count} occurrences:\n{ladder}");
        if (result.Failure is not (null or SimulationFailure))
            text.Append(result.Failure).Append('\n');
        return text.ToString();
    }

    /// <summary>Writes the whole history: as a page with the ladder, and as a list, an occurrence a line. The page's path from the repository's root.</summary>
    public static string Write(RunResult result)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"simulation-{result.Seed}");
        var list = new StringBuilder(Heading(result));
        foreach (var occurrence in result.World.History.Occurrences)
            list.Append(occurrence).Append('\n');
        Artifacts.Write(name + ".txt", list.ToString());
        using var page = new StringWriter { NewLine = "\n" };
        LadderPage.Write(page, RunLadder.Of(result, int.MaxValue).View(), $"Seed {result.Seed}: {result.Failure?.Message ?? "no failure"}");
        return Artifacts.Write(name + ".html", page.ToString());
    }

    private static string Heading(RunResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {result.Seed}: {result.Failure?.Message ?? "no failure"}\n    again: tests/Simulation/run {result.Again}\n    {result.Setting}\n");
}
