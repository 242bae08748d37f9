// "doorphone call" under test: with a file for a voice, a recording of the call, and what it tells line by line.
using System.Globalization;
using System.Text.Json.Nodes;

namespace SipEmbedded.Interop.Tests.Voice;

internal sealed class SpeakingPhone : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(90);

    // A port that another phone has is passed over; this far apart none has to.
    private const int FirstMediaPort = 40_000, MediaPortsEach = 20, MediaPortSteps = 500;

    private static int s_made;

    private readonly ChildProcess _process;

    /// <param name="target">The port of whom to call; null waits to be called.</param>
    /// <param name="options">More of its command line.</param>
    public SpeakingPhone(int port, int? target, params IEnumerable<string> options)
    {
        int step = (Environment.ProcessId + Interlocked.Increment(ref s_made)) % MediaPortSteps;
        _process = ChildProcess.DoorPhone([
            "call", .. target is { } other ? (string[])[$"sip:bob@127.0.0.1:{other}"] : [], "--listen", $"127.0.0.1:{port}",
            "--media-port", $"{FirstMediaPort + MediaPortsEach * step}", "--json", .. options]);
        try
        {
            WaitFor("listening");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Text => _process.Text;

    /// <summary>Waits for the first event of this name, and gives it.</summary>
    public JsonNode WaitFor(string name) => JsonNode.Parse(_process.WaitForLine($"\"event\":\"{name}\"", StartLimit))!;

    /// <summary>All events of this name so far.</summary>
    public IEnumerable<JsonNode> All(string name) => _process.Lines
        .Where(line => line.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line)!);

    /// <summary>A number of the figures that it told at the end.</summary>
    public double Figure(string name) => (double?)WaitFor("figures")[name] ?? double.NaN;

    /// <summary>The keys that it heard, one after the other; those that did not come in this way stand in brackets.</summary>
    public string HeardKeys(string way) => string.Concat(All("key").Select(key => (string?)key["by"] == way ? (string)key["key"]! : $"({key["key"]})"));

    /// <summary>
    /// The seconds of the machine's steady clock at which its recording begins, as seen from its end: a process that did not run for a while has not recorded it, which
    /// is so when it takes its first steps.
    /// </summary>
    public double RecordedFrom => (double)WaitFor("recording")["clock"]! + All("missed").Sum(missed => (double)missed["seconds"]!);

    /// <summary>It missed frames later than in the first second behind its answer, in which much runs for the first time.</summary>
    public bool HasStood => All("missed").Any(missed => (double)missed["t"]! > (double)WaitFor("answered")["t"]! + 1);

    /// <summary>Waits until the call, and it, have ended in order.</summary>
    public void WaitForEnd()
    {
        int status = _process.WaitForExit(EndLimit);
        Xunit.Assert.True(status == 0, string.Create(CultureInfo.InvariantCulture, $"doorphone call ended with {status}:\n{Text}"));
    }

    public void Dispose() => _process.Dispose();
}
