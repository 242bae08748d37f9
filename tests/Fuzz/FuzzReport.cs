// artifacts/fuzz.txt: what was run and what it came to. No times, so that two runs of one seed can be compared.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Fuzz;

internal static class FuzzReport
{
    private const string File = "artifacts/fuzz.txt";

    public static string Of(List<Tally> tallies, int seed)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"fuzz: seed {seed}, {tallies.Count} bodies, {tallies.Sum(t => t.Executions)} executions, ");
        text.Append(CultureInfo.InvariantCulture, $"{tallies.Sum(t => (long)t.Signatures)} distinct signatures, {tallies.Sum(t => t.Failures)} failures\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{"body",-26}{"executions",12}{"seeds",8}{"kept",8}{"signatures",12}{"failures",10}\n");
        foreach (var tally in tallies)
        {
            text.Append(CultureInfo.InvariantCulture, $"{tally.Body,-26}{tally.Executions,12}{tally.Seeds,8}{tally.Kept,8}{tally.Signatures,12}");
            text.Append(CultureInfo.InvariantCulture, $"{tally.Failures,10}\n");
        }
        foreach (var failure in tallies.SelectMany(tally => tally.First))
            text.Append('\n').Append(failure).Append('\n');
        return text.ToString();
    }

    /// <summary>Writes the report to the repository that this was built in; its path there.</summary>
    public static string Write(string report)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(root.FullName, "SipEmbedded.sln")))
            root = root.Parent ?? throw new DirectoryNotFoundException("no SipEmbedded.sln above " + AppContext.BaseDirectory);
        string path = Path.Combine(root.FullName, File);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, report);
        return path;
    }
}
