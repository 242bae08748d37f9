// What the core costs by itself: a million calls, the curve over live transactions, the memory of a transaction.

using System.Globalization;
using SipEmbedded.Agent;

namespace SipEmbedded.Bench.Load;

/// <param name="Live">Transactions live at any time.</param>
internal readonly record struct LivePoint(int Live, double Microseconds);

internal static class CoreFigures
{
    public const long MillionCalls = 1_000_000;

    /// <summary>Live transactions of the curve.</summary>
    public static readonly int[] LiveCounts = [10, 100, 1000, 10_000, 100_000];

    /// <summary>Calls that last while others are measured.</summary>
    public static readonly int[] LiveCalls = [1, 100, 1000, 10_000];

    // Calls of a point in one round, and rounds, of which the fastest counts: what slows a loop down comes from outside.
    private const long CallsOfPoint = 10_000;
    private const int Rounds = 5;

    // What the million is run with: a busy server, and small enough to be warm.
    private const int LiveOfMillion = 1000;

    public static LoopResult Million() => LoopWith(LiveOfMillion).Run(MillionCalls, LiveOfMillion);

    /// <summary>All points in turn, several rounds.</summary>
    public static LivePoint[] Curve()
    {
        CallLoop[] loops = [.. LiveCounts.Select(LoopWith)];
        double[] best = [.. LiveCounts.Select(_ => double.MaxValue)];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < loops.Length; i++)
                best[i] = Math.Min(best[i], loops[i].Run(CallsOfPoint, LiveCounts[i]).NanosecondsEach / 1000);
        }
        return [.. LiveCounts.Select((live, i) => new LivePoint(live, best[i]))];
    }

    /// <summary>The same over calls that last, in turn as well.</summary>
    public static LivePoint[] CallCurve()
    {
        CallLoop[] loops = [.. LiveCalls.Select(LoopHolding)];
        double[] best = [.. LiveCalls.Select(_ => double.MaxValue)];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < loops.Length; i++)
                best[i] = Math.Min(best[i], loops[i].Run(CallsOfPoint, LiveOfCallCurve).NanosecondsEach / 1000);
        }
        return [.. LiveCalls.Select((live, i) => new LivePoint(live, best[i]))];
    }

    // Transactions that are live beside the calls: so many that the rounds are over, by the counted clock, before a session of 1,800 s has to be refreshed.
    private const int LiveOfCallCurve = 10_000;

    private static CallLoop LoopHolding(int calls)
    {
        CallLoop loop = new(CoreUnderLoad.Make(LiveOfCallCurve, calls + CoreUnderLoad.FewCalls));
        loop.Hold(calls);
        loop.Run(LiveOfCallCurve, LiveOfCallCurve);
        return loop;
    }

    /// <summary>For callgrind: so many calls, while <paramref name="held"/> others last.</summary>
    public static void Repeat(long calls, int held)
    {
        CallLoop loop = new(CoreUnderLoad.Make(LiveOfMillion, held + CoreUnderLoad.FewCalls));
        loop.Hold(held);
        loop.Run(calls, LiveOfMillion);
    }

    // With all that it needs live already.
    private static CallLoop LoopWith(int live)
    {
        CallLoop loop = new(CoreUnderLoad.Make(live));
        loop.Run(live, live);
        return loop;
    }

    /// <summary>
    /// Octets that one more transaction adds to the memory plan, its retained message included; and that it was seen to take in memory, where it has been used.
    /// </summary>
    public static (double Planned, double Resident) BytesOfTransaction()
    {
        const int Rate = 10_000, Live = 100_000;
        var more = CoreUnderLoad.OptionsFor(Rate);
        var less = CoreUnderLoad.OptionsFor(Rate / 2);
        double planned = (double)(SipAgent.Plan(more).TotalBytes - SipAgent.Plan(less).TotalBytes)
            / (more.Transactions.ServerTransactions - less.Transactions.ServerTransactions);
        CallLoop loop = new(CoreUnderLoad.Make(Live));
        long before = ResidentBytes();
        loop.Run(Live / 2, Live);
        return (planned, (double)(ResidentBytes() - before) / Live);
    }

    /// <summary>
    /// Octets that one more call at once adds to the memory plan: its slots, its part of the buffers, the transactions that it may have; and that one which lasts was
    /// seen to take in memory.
    /// </summary>
    public static (double Planned, double Resident) BytesOfCall()
    {
        const int Calls = 10_000;
        double planned = (double)(SipAgent.Plan(CoreUnderLoad.OptionsFor(1, 2 * Calls)).TotalBytes - SipAgent.Plan(CoreUnderLoad.OptionsFor(1, Calls)).TotalBytes)
            / Calls;
        CallLoop loop = new(CoreUnderLoad.Make(LiveOfMillion, 2 * Calls));
        loop.Hold(Calls);
        long before = ResidentBytes();
        loop.Hold(Calls);
        return (planned, (double)(ResidentBytes() - before) / Calls);
    }

    private static long ResidentBytes()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
