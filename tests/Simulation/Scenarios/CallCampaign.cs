// Runs of calls, one seed behind the other, until so many calls were placed. Seeds are run in batches on several threads; whether another batch is needed is decided
// between two, so that the same calls are made on any machine.
namespace SipEmbedded.Simulation;

internal sealed class CallCampaign
{
    /// <summary>Failures that are kept with their history; more tell nothing new.</summary>
    private const int MaxFailures = 10;

    /// <summary>Seeds in a batch, at most.</summary>
    private const int MaxBatch = 50;

    /// <summary>What a run makes, more or less: as many are begun as should be enough, then as many as are still wanted.</summary>
    private const long CallsOfARun = 250;

    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ulong, RunResult> _failures = [];

    public long Runs { get; private set; }

    public long Calls { get; private set; }

    public long Failed { get; private set; }

    public TimeSpan LongestAlone { get; private set; }

    /// <summary>The session interval of that call, in seconds.</summary>
    public uint LongestAloneInterval { get; private set; }

    public TimeSpan Simulated { get; private set; }

    public ulong FirstSeed { get; private set; }

    public ulong LastSeed { get; private set; }

    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>The first failures by seed.</summary>
    public IReadOnlyCollection<RunResult> Failures => _failures.Values;

    /// <summary>Runs seeds from <paramref name="from"/> on until <paramref name="calls"/> calls were placed. Stops behind the batch in which something failed.</summary>
    public void Run(ulong from, long calls, int threads, CallRunOptions? options = null, Action<CallCampaign>? progress = null)
    {
        FirstSeed = from;
        ulong next = from;
        while (Calls < calls && Failed == 0)
        {
            int batch = (int)Math.Clamp((calls - Calls) / CallsOfARun, 1, MaxBatch);
            Run(next, batch, threads, options);
            next += (ulong)batch;
            LastSeed = next - 1;
            progress?.Invoke(this);
        }
    }

    private void Run(ulong from, int seeds, int threads, CallRunOptions? options)
    {
        int taken = -1;
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (int at = Interlocked.Increment(ref taken); at < seeds; at = Interlocked.Increment(ref taken))
            {
                var result = CallRun.Of(from + (ulong)at, options);
                lock (_counts)
                    Add(result);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
    }

    private void Add(CallRunResult result)
    {
        Runs++;
        Calls += result.Calls;
        Simulated += result.Run.Simulated;
        if ((result.LongestAlone, result.LongestAloneInterval).CompareTo((LongestAlone, LongestAloneInterval)) > 0)
            (LongestAlone, LongestAloneInterval) = (result.LongestAlone, result.LongestAloneInterval);
        foreach (var (name, count) in result.Counts)
            _counts[name] = _counts.GetValueOrDefault(name) + count;
        if (result.Run.Failure is null)
            return;
        Failed++;
        if (_failures.Count < MaxFailures)
            _failures.Add(result.Run.Seed, result.Run);
    }
}
