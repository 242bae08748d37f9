// sipp's built-in calling scenario as the generator: another's view of the same server.

using System.Diagnostics;
using System.Globalization;

namespace SipEmbedded.Bench.Load;

/// <param name="Successful">Calls that ended as the scenario wants.</param>
/// <param name="Failed">All others.</param>
/// <param name="Retransmissions">Requests that sipp sent again.</param>
/// <param name="ServerMicroseconds">Processor time of the server for a call.</param>
internal sealed record SippResult(long Successful, long Failed, long Retransmissions, double ServerMicroseconds);

internal static class SippCaller
{
    // sipp itself takes some 30 µs a call, so this leaves it room.
    public const double Rate = 2000;

    private const double Seconds = 1;

    // What it takes until the last call is over, generously; it ends by itself.
    private const int PatienceSeconds = 20;

    public static SippResult Run(Layout layout, Contender contender, Processors processors)
    {
        string directory = Directory.CreateTempSubdirectory("load-").FullName;
        try
        {
            using Server server = new(layout, contender, processors);
            string statistics = Path.Combine(directory, "calls.csv");
            long before = ProcessorTime(server.Id);
            ProcessStartInfo start = new("taskset", [
                "--cpu-list", $"{processors.Generator}", "sipp", "-sn", "uac", "-i", "127.0.0.1", $"127.0.0.1:{server.Port}", "-r", $"{Rate}", "-m",
                $"{Rate * Seconds}", "-nostdin", "-timeout", $"{PatienceSeconds}s", "-trace_stat", "-stf", statistics, "-fd", "1",
            ]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
            start.Environment["TERM"] = "dumb";
            using Process process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            errors.GetAwaiter().GetResult();
            process.WaitForExit();
            string[] lines = File.ReadAllLines(statistics);
            string[] names = lines[0].Split(';'), last = lines[^1].Split(';');
            long Value(string name) => long.Parse(last[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
            long successful = Value("SuccessfulCall(C)");
            return new(
                successful, Value("FailedCall(C)"), Value("Retransmissions(C)"), (ProcessorTime(server.Id) - before) / 1000.0 / Math.Max(1, successful));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // Nanoseconds of all threads (Generator/process.c).
    private static long ProcessorTime(int process) => Directory.GetDirectories($"/proc/{process}/task")
        .Sum(task => long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture));
}
