// The same program built with the other OptimizationPreference, as a contender of this run. One process cannot hold two
// builds of one program, so the other build runs as a child that waits on its standard input; it is idle except
// while its own batch is being timed, and takes its own times, so the pipe is not part of any figure.

using System.Diagnostics;
using System.Globalization;

namespace SipEmbedded.Bench.Peers;

internal sealed class OtherBuild : Contender, IDisposable
{
    private readonly Process _child;

    /// <summary>Managed bytes that the child's parser allocated since the start, in all its loops.</summary>
    public long AllocatedBytes { get; private set; }

    public OtherBuild(string name, string program, string repository) : base(name)
    {
        _child = Process.Start(new ProcessStartInfo(program, ["serve", "--repository", repository])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    public override bool Does(Work work) => true;

    public override double Measure(Work work, int message, byte[] input, long iterations)
    {
        OurRun run = Ask(work, message, iterations);
        AllocatedBytes += run.AllocatedBytes;
        return run.Nanoseconds;
    }

    /// <summary>The other build's checksum over one parse; both builds must agree.</summary>
    public int Checksum(Work work, int message) => Ask(work, message, 1).Checksum;

    private OurRun Ask(Work work, int message, long iterations)
    {
        _child.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{work} {message} {iterations}"));
        _child.StandardInput.Flush();
        string[] answer = (_child.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"The {Name} build ended before its time.")).Split(' ');
        return new OurRun(
            double.Parse(answer[0], CultureInfo.InvariantCulture),
            long.Parse(answer[1], CultureInfo.InvariantCulture),
            int.Parse(answer[2], CultureInfo.InvariantCulture));
    }

    /// <summary>The child's side: one request a line, one answer a line, until the input ends.</summary>
    public static void Serve(CorpusMessage[] corpus, TextReader requests, TextWriter answers)
    {
        while (requests.ReadLine() is { } line)
        {
            string[] request = line.Split(' ');
            Work work = Enum.Parse<Work>(request[0]);
            byte[] input = corpus[int.Parse(request[1], CultureInfo.InvariantCulture)].InputFor(work);
            OurRun run = OurRun.Measure(work, input, long.Parse(request[2], CultureInfo.InvariantCulture));
            answers.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{run.Nanoseconds:F0} {run.AllocatedBytes} {run.Checksum}"));
            answers.Flush();
        }
    }

    public void Dispose()
    {
        // The child leaves its loop at the end of its input.
        _child.StandardInput.Close();
        _child.WaitForExit();
        _child.Dispose();
    }
}
