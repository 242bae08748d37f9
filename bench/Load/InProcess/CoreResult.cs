// What the core's own process hands to the one that prints: measured in a process of its own, on the server's processor, with nothing else in its memory.

using System.Globalization;
using SipEmbedded.Bench.Peers;

namespace SipEmbedded.Bench.Load;

internal sealed record CoreResult
{
    public long Calls { get; init; }

    public double NanosecondsEach { get; init; }

    public long AllocatedBytes { get; init; }

    public int Collections { get; init; }

    public double PlannedBytes { get; init; }

    public double ResidentBytes { get; init; }

    public double PlannedCallBytes { get; init; }

    public double ResidentCallBytes { get; init; }

    public LivePoint[] Curve { get; init; } = [];

    /// <summary>The same over calls that last.</summary>
    public LivePoint[] CallCurve { get; init; } = [];

    /// <summary>Instructions a call with so many that last, where callgrind was asked.</summary>
    public (int Live, long Instructions)[] Instructions { get; init; } = [];

    public static CoreResult MeasureHere()
    {
        // The memory first, before anything was used.
        var (planned, resident) = CoreFigures.BytesOfTransaction();
        var (plannedCall, residentCall) = CoreFigures.BytesOfCall();
        var million = CoreFigures.Million();
        return new()
        {
            Calls = million.Calls, NanosecondsEach = million.NanosecondsEach, AllocatedBytes = million.AllocatedBytes, Collections = million.Collections,
            PlannedBytes = planned, ResidentBytes = resident, PlannedCallBytes = plannedCall, ResidentCallBytes = residentCall,
            Curve = CoreFigures.Curve(), CallCurve = CoreFigures.CallCurve(),
        };
    }

    /// <summary>A line of numbers, for <see cref="Parse"/>.</summary>
    public string Print() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Calls} {NanosecondsEach:R} {AllocatedBytes} {Collections} {PlannedBytes:R} {ResidentBytes:R} {PlannedCallBytes:R} {ResidentCallBytes:R} "
        + $"{Print(Curve)} {Print(CallCurve)}");

    private static string Print(LivePoint[] curve) =>
        string.Join(',', curve.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.Live}:{point.Microseconds:R}")));

    public static CoreResult Parse(string line)
    {
        string[] words = line.Trim().Split(' ');
        double Number(int i) => double.Parse(words[i], CultureInfo.InvariantCulture);
        return new()
        {
            Calls = (long)Number(0), NanosecondsEach = Number(1), AllocatedBytes = (long)Number(2), Collections = (int)Number(3), PlannedBytes = Number(4),
            ResidentBytes = Number(5), PlannedCallBytes = Number(6), ResidentCallBytes = Number(7), Curve = ParseCurve(words[8]), CallCurve = ParseCurve(words[9]),
        };
    }

    private static LivePoint[] ParseCurve(string points) => [.. points.Split(',').Select(point => point.Split(':')).Select(pair =>
        new LivePoint(int.Parse(pair[0], CultureInfo.InvariantCulture), double.Parse(pair[1], CultureInfo.InvariantCulture)))];

    public static CoreResult MeasureApart(Layout layout, Processors processors) =>
        Parse(Tool.Run("taskset", ["--cpu-list", $"{processors.Server}", layout.Load, "core", "--repository", layout.Repository]));
}
