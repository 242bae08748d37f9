// Many seeds, on several threads; each run is alone in its world, so the results do not depend on how they are shared out.
using System.Collections.Concurrent;

namespace SipEmbedded.Simulation;

internal sealed class Campaign
{
    /// <summary>Failures that are kept with their history; more tell nothing new.</summary>
    private const int MaxFailures = 20;

    private readonly ConcurrentQueue<RunResult> _failures = new();
    private readonly Dictionary<string, long> _reached = new(StringComparer.Ordinal);
    private long _runs;
    private long _requests;
    private long _calls;
    private long _predicted;
    private long _failed;

    public long Runs => _runs;

    public long Requests => _requests;

    public long Calls => _calls;

    public long Predicted => _predicted;

    public long Failed => _failed;

    /// <summary>The sum of each counter of every agent: which of their ways the runs went.</summary>
    public IReadOnlyDictionary<string, long> Reached => _reached;

    /// <summary>The first failures by seed.</summary>
    public IReadOnlyList<RunResult> Failures => [.. _failures.OrderBy(failure => failure.Seed)];

    /// <summary>Runs the seeds from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public void Run(ulong from, ulong to, int threads, RunOptions? options = null, Action<RunResult>? done = null)
    {
        ulong next = from - 1;
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (ulong seed = Interlocked.Increment(ref next); seed <= to && seed >= from; seed = Interlocked.Increment(ref next))
            {
                var result = Simulation.Run.Of(seed, options);
                Interlocked.Increment(ref _runs);
                Interlocked.Add(ref _requests, result.Requests);
                Interlocked.Add(ref _calls, result.Calls);
                Interlocked.Add(ref _predicted, result.Predicted);
                if (result.Failure is not null && Interlocked.Increment(ref _failed) <= MaxFailures)
                    _failures.Enqueue(result);
                lock (_reached)
                {
                    foreach (var (name, count) in result.Reached)
                        _reached[name] = _reached.GetValueOrDefault(name) + count;
                }
                done?.Invoke(result);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
    }
}
