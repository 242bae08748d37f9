// Runs the generator (Generator/main.c) against a server, and reads its line of name=value.

using System.Diagnostics;
using System.Globalization;

namespace SipEmbedded.Bench.Load;

internal sealed class LoadResult
{
    private readonly Dictionary<string, string> _values;

    public LoadResult(string line)
    {
        _values = line.Trim().Split(' ')
            .Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }

    public double this[string name] => double.Parse(_values[name], CultureInfo.InvariantCulture);

    /// <summary>Processor time of the server for each call, µs; not a number where calls were left unfinished.</summary>
    public double ServerMicroseconds => this["unfinished"] == 0 ? this["cpu_us"] : double.NaN;

    /// <summary>Every call ended as it should, if perhaps not at once.</summary>
    public bool IsComplete => this["failed"] == 0 && this["wrong"] == 0 && this["unfinished"] == 0;

    /// <summary>
    /// No call failed, none got a wrong or an incomplete answer, and at most one in a thousand needed a request again: a server that is a little too
    /// slow would otherwise be saved by retransmissions, as long as the trial is short.
    /// </summary>
    public bool IsClean =>
        IsComplete && this["without_ringing"] == 0 && this["repeated_calls"] <= this["calls"] / 1000;

    /// <summary>The rate was kept to within a hundredth; else it is the generator that was too slow.</summary>
    public bool IsAsFastAs(double rate) => this["rate"] >= rate * 0.99;

    /// <summary>What went wrong, for a message.</summary>
    public string Troubles => string.Join(", ", new[] { "failed", "timeouts", "refused", "wrong", "first_wrong", "unfinished", "repeated_calls", "without_ringing" }
        .Where(name => _values[name] is not ("0" or "-")).Select(name => $"{name} {_values[name]}"));
}

internal sealed class Generator(Layout layout, Processors processors)
{
    /// <param name="warmCalls">Calls before the measured ones; 0 for none.</param>
    /// <param name="work">Other than the contender's own.</param>
    /// <param name="isPatient">To the end, though requests are sent again; else a trial that has failed ends early.</param>
    public LoadResult Run(
        Contender contender, Server server, double rate, long calls, long warmCalls = 0, string? work = null, bool isPatient = false)
    {
        List<string> arguments =
        [
            "--cpu-list", Text(processors.Generator), layout.Generator, "--port", Text(server.Port), "--pid", Text(server.Id), "--work", work ?? contender.Work,
            "--rate", Text(rate), "--calls", Text(calls),
        ];
        if (!isPatient)
            arguments.AddRange(["--patience", Text(Math.Max(1, calls / 100))]);
        if (warmCalls > 0)
            arguments.AddRange(["--warm", Text(warmCalls)]);
        ProcessStartInfo start = new("taskset", arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        // It ends with 1 where calls failed, which is a result; without a line there is none.
        return printed.StartsWith("calls=", StringComparison.Ordinal)
            ? new LoadResult(printed)
            : throw new InvalidOperationException($"{contender.Name}: the generator could not measure at {rate:F0} calls a second.");
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
