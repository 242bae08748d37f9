// The figures of a finished run, as the tables and the last line need them: medians over the rounds, the copy taken off
// where a contender makes one, means over the corpus.

namespace SipEmbedded.Bench.Peers;

internal sealed class Figures(Rounds rounds, Contender copy)
{
    private readonly Dictionary<(Contender, Work, int), Cell> _cells =
        rounds.Cells.ToDictionary(cell => (cell.Contender, cell.Work, cell.Message));

    /// <summary>Rounds behind each median.</summary>
    public int RoundCount => rounds.Count;

    public Cell? Cell(Contender contender, Work work, int message) => _cells.GetValueOrDefault((contender, work, message));

    /// <summary>Nanoseconds a message, median over rounds, less the copy; null where the contender has no such path.</summary>
    public double? Ns(Contender contender, Work work, int message)
    {
        if (Cell(contender, work, message) is not { } cell)
            return null;
        double copyNs = work == Work.Full && contender.Copies ? Cell(copy, work, message)!.Quantile(0.5) : 0;
        return cell.Quantile(0.5) - copyNs;
    }

    /// <summary>Mean over the corpus messages that take part in this work; null where the contender has no such path.</summary>
    public double? MeanNs(Contender contender, Work work)
    {
        double[] all = [.. rounds.Cells.Where(cell => cell.Contender == contender && cell.Work == work)
            .Select(cell => Ns(contender, work, cell.Message)!.Value)];
        return all.Length == 0 ? null : all.Average();
    }

    /// <summary>How far the middle half of the rounds spreads, as a share of the median; mean over the messages.</summary>
    public double Spread(Contender contender, Work work) =>
        rounds.Cells.Where(cell => cell.Contender == contender && cell.Work == work)
            .Average(cell => (cell.Quantile(0.75) - cell.Quantile(0.25)) / cell.Quantile(0.5));
}
