// One contender under load at a rate: several servers in turn, so that a disturbance of the machine hits everyone.

namespace SipEmbedded.Bench.Load;

/// <summary>Rates and durations. All in calls a second and seconds.</summary>
internal sealed record Trials(Layout Layout, Generator Generator, Processors Processors, double Scale)
{
    /// <summary>Far below anybody's limit: a server sleeps between two calls, and pays for waking.</summary>
    public const double ModerateRate = 4000;

    /// <summary>Two thirds of what sipp has been seen to take: hardly a server sleeps.</summary>
    public const double HighRate = 16000;

    /// <summary>What baresip can keep up with, far below the others.</summary>
    public const double LowRate = 200;

    // A measurement of a second holds thousands of calls; its processor time is exact, so it need not be longer.
    private const double MeasureSeconds = 0.8;
    private const double WarmSeconds = 0.25;
    private const int Rounds = 3;

    /// <summary>The median over the rounds of each contender, by processor time. A round starts every server anew.</summary>
    public Dictionary<Contender, LoadResult> Measure(IReadOnlyList<Contender> contenders, double rate)
    {
        var results = contenders.ToDictionary(contender => contender, _ => new List<LoadResult>());
        for (int round = 0; round < Rounds; round++)
        {
            foreach (var contender in contenders)
            {
                using Server server = new(Layout, contender, Processors);
                results[contender].Add(Generator.Run(contender, server, rate, (long)(rate * MeasureSeconds * Scale), (long)(rate * WarmSeconds)));
            }
        }
        return results.ToDictionary(pair => pair.Key, pair => pair.Value.OrderBy(result => result.ServerMicroseconds).ElementAt(Rounds / 2));
    }

    // OPTIONS requests that ours answers and keeps; 100,000 of them long before the first has ended.
    private const double PreloadRate = 20_000;

    /// <summary>What a call costs with so many transactions live already.</summary>
    public (int Live, LoadResult Result)[] Curve(Contender ours) =>
        [.. CoreFigures.LiveCounts.Select(live =>
        {
            using Server server = new(Layout, ours, Processors);
            var preload = Generator.Run(ours, server, PreloadRate, live, work: "options", isPatient: true);
            if (!preload.IsComplete)
                throw new InvalidOperationException($"{live} transactions could not be begun: {preload.Troubles}.");
            return (live, Generator.Run(ours, server, ModerateRate, (long)(ModerateRate * MeasureSeconds * Scale), (long)(ModerateRate * WarmSeconds)));
        })];

    // Far below the limit: what is wanted of them is that they are there.
    private const double HoldRate = 4000;

    /// <summary>What a call with a session timer costs while so many others last.</summary>
    public (int Live, LoadResult Result)[] CallCurve(Contender sessions) =>
        [.. CoreFigures.LiveCalls.Select(live =>
        {
            using Server server = new(Layout, sessions, Processors);
            var held = Generator.Run(sessions, server, HoldRate, live, work: "held", isPatient: true);
            if (!held.IsComplete)
                throw new InvalidOperationException($"{live} calls could not be begun: {held.Troubles}.");
            return (live, Generator.Run(sessions, server, ModerateRate, (long)(ModerateRate * MeasureSeconds * Scale), (long)(ModerateRate * WarmSeconds)));
        })];
}
