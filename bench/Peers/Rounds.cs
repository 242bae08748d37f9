// The measurement: rounds in which every contender takes its turn at every message, a short batch each, and at the end
// the median over the rounds. A disturbance of the machine then hits all contenders alike, and the median drops it.

using System.Diagnostics;

namespace SipEmbedded.Bench.Peers;

/// <summary>One figure of the table: a contender, a kind of work, a message.</summary>
internal sealed class Cell(Contender contender, Work work, int message, byte[] input)
{
    private readonly List<double> _nsPerMessage = [];

    public Contender Contender { get; } = contender;
    public Work Work { get; } = work;
    public int Message { get; } = message;

    /// <summary>Messages in one batch.</summary>
    public long BatchIterations { get; private set; } = 1;

    /// <summary>Finds how many iterations fill a batch, which warms caches, allocator and branch predictor as well.</summary>
    public void Calibrate(double batchNs)
    {
        // Doubling stops within 2^40 iterations whatever the clock says.
        const long MostIterations = 1L << 40;
        double ns;
        while ((ns = Contender.Measure(Work, Message, input, BatchIterations)) < batchNs / 2 && BatchIterations < MostIterations)
            BatchIterations *= 2;
        BatchIterations = Math.Max(1, (long)(BatchIterations * batchNs / Math.Max(ns, 1)));
    }

    public void Sample() =>
        _nsPerMessage.Add(Contender.Measure(Work, Message, input, BatchIterations) / BatchIterations);

    public void Forget() => _nsPerMessage.Clear();

    /// <summary>Nanoseconds a message at a quantile of the rounds; 0.5 is the median.</summary>
    public double Quantile(double quantile)
    {
        double[] sorted = [.. _nsPerMessage.Order()];
        double position = quantile * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}

internal sealed class Rounds
{
    // Long enough that reading the clock (tens of ns) and waking the other build do not show, short enough that a
    // preemption spoils one batch in a few and not all of them.
    private const double BatchNs = 2e6;

    // Fewer than this and a median means little; the rounds then run on past the time asked for.
    private const int FewestRounds = 7;

    // Rounds whose samples are dropped: the first ones still grow the allocators' arenas.
    private const int WarmUpRounds = 3;

    private readonly List<Cell> _cells = [];

    /// <summary>Rounds that count.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<Cell> Cells => _cells;

    public Rounds(IReadOnlyList<Contender> contenders, CorpusMessage[] corpus)
    {
        foreach (Work work in Enum.GetValues<Work>())
            for (int message = 0; message < corpus.Length; message++)
                foreach (Contender contender in contenders)
                    if (contender.Does(work) && corpus[message].Has(work))
                        _cells.Add(new Cell(contender, work, message, corpus[message].InputFor(work)));
    }

    /// <summary>Calibrates, warms up, and measures until the time is over.</summary>
    /// <param name="time">All of it, warm-up included.</param>
    public void Run(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (Cell cell in _cells)
            cell.Calibrate(BatchNs);
        for (int i = 0; i < WarmUpRounds; i++)
            foreach (Cell cell in _cells)
                cell.Sample();
        foreach (Cell cell in _cells)
            cell.Forget();

        while (Count < FewestRounds || Stopwatch.GetElapsedTime(start) < time)
        {
            foreach (Cell cell in _cells)
                cell.Sample();
            Count++;
        }
    }
}
