// Times of the parts, by BenchmarkDotNet. Start by bench/run micro; options that are not --long go to BenchmarkDotNet (--filter …).
// Without --long: few and short iterations in one process, enough to see a part grow by a tenth. The last line is for scripts.
using System.Globalization;
using System.Text;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

const int ShortIterationMs = 50;
const int ShortIterations = 7;
const int ShortWarmups = 2;

if (args is ["hostile"])
    return SipEmbedded.Bench.Micro.HostileRun.Run();
if (args is ["host"])
    return SipEmbedded.Bench.Micro.HostRun.Run();
bool isLong = args.Contains("--long");
var job = isLong ? Job.Default : Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
    .WithIterationTime(TimeInterval.FromMilliseconds(ShortIterationMs)).WithWarmupCount(ShortWarmups).WithIterationCount(ShortIterations);
var config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance).AddLogger(NullLogger.Instance)
    .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
string[] rest = [.. args.Where(argument => argument != "--long")];
if (!rest.Contains("--filter"))
    rest = [.. rest, "--filter", "*"];
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest, config).ToList();
foreach (var summary in summaries)
    MarkdownExporter.Console.ExportToLog(summary, ConsoleLogger.Default);
var reports = summaries.SelectMany(summary => summary.Reports).ToList();
var measured = reports.Where(report => report.ResultStatistics is not null).ToList();
if (measured.Count == 0 || measured.Count < reports.Count)
{
    Console.Error.WriteLine($"{reports.Count - measured.Count} of {reports.Count} benchmarks failed");
    return 1;
}
long allocated = measured.Sum(report => report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);
Console.WriteLine(string.Join(' ', measured.Select(report => string.Create(CultureInfo.InvariantCulture,
    $"{NameOf(report.BenchmarkCase.Descriptor.WorkloadMethod.Name)}_ns={report.ResultStatistics!.Mean:F1}"))) + $" bytes={allocated}");
return allocated == 0 ? 0 : 1;

// WwwAuthenticate is www_authenticate; a run of capitals stays together.
static string NameOf(string method)
{
    var name = new StringBuilder();
    for (int i = 0; i < method.Length; i++)
    {
        if (i > 0 && char.IsUpper(method[i]) && char.IsLower(method[i - 1]))
            name.Append('_');
        name.Append(char.ToLowerInvariant(method[i]));
    }
    return name.ToString();
}
