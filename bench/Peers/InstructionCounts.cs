// Instructions per message, counted by callgrind: the figure that does not depend on how busy the machine is. Each
// contender parses the corpus a fixed number of times in a process of its own; a run of zero iterations, with the same
// start and end, is subtracted.

using System.Globalization;
using System.Text.RegularExpressions;

namespace SipEmbedded.Bench.Peers;

internal static partial class InstructionCounts
{
    // Enough that the few thousand instructions by which two starts of a native .NET program differ fall below one
    // instruction a message, and few enough for valgrind's slowness.
    private const long Iterations = 2000;

    // Valgrind cannot reserve the 256 GB of addresses that .NET's collector asks for by default; hexadecimal, 200 MB.
    private static readonly (string, string) s_heapLimit = ("DOTNET_GCHeapHardLimit", "C800000");

    public static Table Count(Field field, string ours, string oursSize, string repository, CorpusMessage[] corpus)
    {
        Dictionary<Contender, long> baselines = field.All.ToDictionary(c => c, c => Collected(c, Work.Full, 0));
        Work[] works = Enum.GetValues<Work>();
        List<string[]> rows = [.. works.Select(work => new[] { work.ToString().ToLowerInvariant() }
            .Concat(field.All.Select(c => c.Does(work) ? PerMessage(c, work) : "")).ToArray())];
        return new Table(
            "Instructions per message", ["work", .. field.All.Select(c => c.Name)], rows,
            [
                $"callgrind, mean over the corpus, {Iterations} times each message, less a run of zero iterations. "
                    + "The copy is taken off sofia and libre. Valgrind offers no AVX-512: what would use it counts as AVX2.",
            ]);

        string PerMessage(Contender contender, Work work)
        {
            double Mean(Contender c) =>
                (double)(Collected(c, work, Iterations) - baselines[c]) / (Iterations * corpus.Count(m => m.Has(work)));
            double copy = work == Work.Full && contender.Copies ? Mean(field.Copy) : 0;
            return (Mean(contender) - copy).ToString("F0", CultureInfo.InvariantCulture);
        }

        long Collected(Contender contender, Work work, long iterations)
        {
            string program = contender == field.OursSize ? oursSize : ours;
            string printed = Tool.Run("valgrind",
            [
                "--tool=callgrind", "--callgrind-out-file=/dev/null",
                program, "work", contender.Name, work.ToString(), iterations.ToString(CultureInfo.InvariantCulture),
                "--repository", repository,
            ], s_heapLimit);
            Match match = CollectedLine().Match(printed);
            return match.Success
                ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
                : throw new InvalidOperationException($"valgrind printed no count:\n{printed}");
        }
    }

    [GeneratedRegex(@"Collected : (\d+)")]
    private static partial Regex CollectedLine();
}
