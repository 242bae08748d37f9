// The counts of a run, as a text file under artifacts/ and on the test's output.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Agreement;

public sealed class Report : IDisposable
{
    private readonly SortedDictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    internal void Add(string record, Tally tally)
    {
        lock (_tallies)
            _tallies[record] = tally;
    }

    public void Dispose()
    {
        var folder = Path.Combine(Root(), "artifacts");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "agreement.txt"), ToString());
    }

    public override string ToString()
    {
        var total = new Tally();
        var text = new StringBuilder("Generated code against the oracle (tests/Agreement)\n\n");
        foreach (var (record, tally) in _tallies)
        {
            total.Add(tally);
            text.Append(CultureInfo.InvariantCulture, $"{record,-32} {tally}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nlisted differences: {KnownDifferences.All.Count}\n");
        foreach (var known in KnownDifferences.All)
            text.Append(CultureInfo.InvariantCulture, $"  {known.Name}: met {total.Listed.GetValueOrDefault(known.Name)} times. {known.Because}\n");
        text.Append(CultureInfo.InvariantCulture, $"branches that no text covers: {total.Uncovered.Count}\n");
        foreach (string uncovered in total.Uncovered)
            text.Append(CultureInfo.InvariantCulture, $"  {uncovered}\n");
        foreach (var disagreement in total.Disagreements)
            text.Append(CultureInfo.InvariantCulture, $"DISAGREEMENT {disagreement}\n");
        return text.Append(CultureInfo.InvariantCulture, $"\nseed={Plan.Seed} records={total.Records} {total}\n").ToString();
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SipEmbedded.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
