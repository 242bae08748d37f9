// A run over all bodies: executions are shared out by weight, bodies by threads. What a body does depends on the seed alone, not
// on threads.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

internal sealed class FuzzRun(long executions, int seed)
{
    /// <summary>An execution that takes longer hangs.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // Without the compiler's optimisations the runtime allocates where a message has faults; what is promised is promised of a release build.
    private static readonly bool s_isOptimised =
        typeof(Slice).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private readonly ConcurrentBag<Campaign> _running = [];

    /// <summary>Runs the bodies whose name holds <paramref name="filter"/>.</summary>
    /// <exception cref="TimeoutException">An execution hangs; the message says which.</exception>
    public List<Tally> Run(string filter = "", int threads = 0)
    {
        var bodies = FuzzBodies.All().Where(body => body.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        long weights = bodies.Sum(body => body.Weight);
        var queue = new ConcurrentQueue<FuzzBody>(bodies.OrderByDescending(body => body.Weight));
        var tallies = new ConcurrentBag<Tally>();
        Exception? error = null;
        var workers = Enumerable.Range(0, threads > 0 ? threads : Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            try
            {
                while (queue.TryDequeue(out var body))
                {
                    var campaign = new Campaign(body, seed, s_isOptimised);
                    _running.Add(campaign);
                    // Rounded up: no fewer than were asked for.
                    tallies.Add(campaign.Run((executions * body.Weight + weights - 1) / weights));
                }
            }
            catch (Exception e)
            {
                error = e;
            }
        }) { IsBackground = true }).ToList();
        workers.ForEach(worker => worker.Start());
        Watch(workers);
        if (error is not null)
            throw new InvalidOperationException("the run itself failed", error);
        return [.. tallies.OrderBy(tally => bodies.FindIndex(body => body.Name == tally.Body))];
    }

    private void Watch(List<Thread> workers)
    {
        var seen = new Dictionary<Campaign, (long Execution, DateTime Since)>();
        while (workers.Exists(worker => !worker.Join(200)))
        {
            foreach (var campaign in _running.Where(campaign => campaign.Tally.Signatures == 0))
            {
                long current = campaign.Current;
                if (!seen.TryGetValue(campaign, out var last) || last.Execution != current)
                    seen[campaign] = (current, DateTime.UtcNow);
                else if (DateTime.UtcNow - last.Since > s_patience)
                    throw new TimeoutException($"{campaign.Body}: seed {seed}, execution {current} hangs");
            }
        }
    }
}
