// The highest rate at which no call fails: up in steps of a quarter until one does (down by halves where the first does), then halving the gap twice. A fresh
// server for each trial, since one that was overrun has calls of the last trial to end.

namespace SipEmbedded.Bench.Load;

/// <param name="Rate">The highest clean one; 0 where there was none.</param>
/// <param name="Result">What was measured at it.</param>
/// <param name="Limit">Why it went no further.</param>
internal sealed record HighestRate(double Rate, LoadResult? Result, string Limit);

internal sealed class RateSearch(Layout layout, Generator generator, Processors processors, double scale)
{
    private const double FirstRate = 8000;
    private const double Step = 1.25;
    private const int Halvings = 2;

    private const double LeastRate = 500;

    // Above this the generator itself is at its end.
    private const double LastRate = 100_000;

    private const double TrialSeconds = 0.8;
    private const double WarmSeconds = 0.2;

    public HighestRate Find(Contender contender)
    {
        double clean = 0, unclean = LastRate;
        LoadResult? best = null;
        string limit = "the generator's";
        for (double rate = FirstRate; rate < LastRate; rate *= Step)
        {
            if (!Try(rate))
                break;
        }
        // A slow machine, or a busy one.
        for (double rate = FirstRate / 2; clean == 0 && rate >= LeastRate; rate /= 2)
            Try(rate);
        for (int i = 0; i < Halvings && clean > 0 && unclean < LastRate; i++)
            Try((clean + unclean) / 2);
        return new(clean, best, limit);

        bool Try(double rate)
        {
            using Server server = new(layout, contender, processors);
            var result = generator.Run(contender, server, rate, (long)(rate * TrialSeconds * scale), (long)(rate * WarmSeconds));
            if (result.IsClean && result.IsAsFastAs(rate))
            {
                clean = rate;
                best = result;
                return true;
            }
            unclean = rate;
            limit = result.IsClean ? $"the generator's: {result["rate"]:F0} a second" : result.Troubles;
            return false;
        }
    }
}
