// bench/run voice: what a frame of 20 ms costs, both directions, codec by codec, beside the libraries that do the same. Rows.cs has what is measured.
//
// One more command is this program's own: "frames" is what callgrind counts.

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using SipEmbedded.Bench.Load;
using SipEmbedded.Bench.Peers;
using SipEmbedded.Bench.Voice;
using SipEmbedded.Tests;

// A second of speech twenty times over: what two starts of the program differ by falls far below an instruction a frame.
const int CountedFrames = 1000;

// A batch is long enough that reading the clock costs nothing beside it.
const double BatchMs = 2;

// The small core that the figures are for: it takes up to two instructions at a time, and seldom does. A vector of 128 bits takes it two cycles. Counted on x64, since
// no such core is at hand: an estimate, not a measurement.
const double CyclesPerInstruction = 1.4;
const double CoreGHz = 1.5;

Option<string> repository = new("--repository") { Description = "The repository's root.", Required = true, Recursive = true };
Option<int> seconds = new("--seconds") { Description = "How long to measure, about.", DefaultValueFactory = _ => 10 };
Option<bool> callgrind = new("--callgrind") { Description = "Count instructions as well, and estimate a small core's time by them." };
Option<bool> record = new("--record") { Description = "Write bench/results/voice.md." };
RootCommand root = new("What a frame of sound costs.") { repository, seconds, callgrind, record };
root.SetAction(Measure);

Argument<string> name = new("row");
Argument<int> count = new("count");
Command frames = new("frames", "Do the work of a row so many times, print nothing.") { name, count };
frames.Hidden = true;
frames.SetAction(result =>
{
    var work = Rows.All.First(row => row.Name == result.GetRequiredValue(name)).Make();
    for (int frame = 0; work is not null && frame < result.GetRequiredValue(count); frame++)
        work(frame);
});
root.Subcommands.Add(frames);
return root.Parse(args).Invoke();

int Measure(ParseResult options)
{
    var rows = Rows.All.Select(row => (Row: row, Work: row.Make())).Where(pair => pair.Work is not null).ToList();
    foreach (var absent in Rows.All.Except(rows.Select(pair => pair.Row)))
        Console.Error.WriteLine($"{absent.Name} is left out: its library is not installed");
    var times = rows.ToDictionary(pair => pair.Row, _ => new List<double>());
    // Batch by batch in turn, so that a disturbance hits every row.
    var sizes = rows.ToDictionary(pair => pair.Row, pair => BatchOf(pair.Work!));
    var whole = Stopwatch.StartNew();
    while (whole.Elapsed.TotalSeconds < options.GetValue(seconds))
    {
        foreach (var (row, work) in rows)
            times[row].Add(NanosecondsOf(work!, sizes[row]));
    }
    long allocated = 0;
    foreach (var (row, work) in rows.Where(pair => pair.Row.IsOurs))
    {
        long before = HeapCount.Begin();
        NanosecondsOf(work!, CountedFrames);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        if (bytes != 0)
            Console.Error.WriteLine($"{row.Name} allocated {bytes} bytes in {CountedFrames} frames");
        allocated += bytes;
    }
    bool isCounted = options.GetValue(callgrind);
    long empty = isCounted ? Collected(rows[0].Row, 0) : 0;
    var cells = new List<string[]>();
    var figures = new List<string>();
    foreach (var (row, _) in rows)
    {
        times[row].Sort();
        double ns = times[row][times[row].Count / 2];
        figures.Add(string.Create(CultureInfo.InvariantCulture, $"{row.Name}_ns={ns:F0}"));
        string instructions = "", estimate = "";
        if (isCounted)
        {
            // What it takes to make the coders is taken off, by a run of no frame of the same row.
            long each = (Collected(row, CountedFrames) - (row == rows[0].Row ? empty : Collected(row, 0))) / CountedFrames;
            instructions = each.ToString("N0", CultureInfo.InvariantCulture);
            estimate = (each * CyclesPerInstruction / CoreGHz / 1000).ToString("N1", CultureInfo.InvariantCulture);
            figures.Add($"{row.Name}_instructions={each}");
        }
        cells.Add([row.What, row.Name, ns.ToString("N0", CultureInfo.InvariantCulture), instructions, estimate]);
    }
    Table table = new("A frame of 20 ms", ["work", "name", "ns", "instructions", "A53, µs"], cells,
    [
        "ns: processor time of the thread, the median over batches, on this machine. Instructions: callgrind's, of x64 code.",
        string.Create(CultureInfo.InvariantCulture, $"A53, µs: instructions by {CyclesPerInstruction} cycles each at {CoreGHz} GHz; an estimate, of a tick that may take 1,000."),
    ]);
    Console.WriteLine(table.ToText());
    if (options.GetValue(record))
    {
        string processor = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(options.GetRequiredValue(repository), "bench", "results", "voice.md"), string.Join('\n',
        [
            "# What a frame of sound costs", "", "Written by `bench/run voice --callgrind --record`.", "",
            $"Processor:{processor[(processor.IndexOf(':') + 1)..]}, {RuntimeInformation.RuntimeIdentifier}, NativeAOT, {RuntimeInformation.FrameworkDescription}", "",
            table.ToMarkdown(),
        ]));
    }
    Console.WriteLine(string.Join(' ', figures) + $" bytes={allocated}");
    return allocated == 0 ? 0 : 1;
}

// As many frames as take about a batch's time; warms up by the way.
static int BatchOf(Action<int> work)
{
    for (int frames = 1; ; frames *= 2)
    {
        double ns = NanosecondsOf(work, frames) * frames;
        if (ns >= BatchMs * 1e6)
            return frames;
    }
}

static double NanosecondsOf(Action<int> work, int frames)
{
    double begin = ThreadClock.Nanoseconds;
    for (int frame = 0; frame < frames; frame++)
        work(frame);
    return (ThreadClock.Nanoseconds - begin) / frames;
}

long Collected(Row row, int frames)
{
    // Valgrind cannot reserve the addresses that .NET's collector asks for by default; hexadecimal, 200 MB.
    string printed = Tool.Run("valgrind",
    [
        "--tool=callgrind", "--callgrind-out-file=/dev/null", Environment.ProcessPath!, "frames", row.Name, frames.ToString(CultureInfo.InvariantCulture), "--repository", ".",
    ], ("DOTNET_GCHeapHardLimit", "C800000"));
    Match match = Regex.Match(printed, @"Collected : (\d+)");
    return match.Success
        ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"valgrind printed no count:\n{printed}");
}
