// The runner behind tests/Simulation/run.
using System.Globalization;
using SipEmbedded.Simulation;

ulong from = 1, to = 1;
bool isOne = true;
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "--seed")
        from = to = ulong.Parse(args[++i], CultureInfo.InvariantCulture);
    else if (args[i] == "--seeds")
    {
        string[] ends = args[++i].Split("..");
        (from, to, isOne) = (ulong.Parse(ends[0], CultureInfo.InvariantCulture), ulong.Parse(ends[1], CultureInfo.InvariantCulture), false);
    }
}
if (isOne)
{
    var result = Run.Of(from);
    Console.Write(FailureReport.Of(result));
    return result.Failure is null ? 0 : 1;
}
var clock = System.Diagnostics.Stopwatch.StartNew();
var campaign = new Campaign();
campaign.Run(from, to, 2);
Console.WriteLine(string.Join("\n", campaign.Failures.Select(one => $"{one.Seed} {one.Failure!.Message}")));
Console.WriteLine($"{campaign.Runs} runs {campaign.Requests} requests {campaign.Calls} calls {campaign.Predicted} predicted {campaign.Failed} failed {clock.Elapsed} shapes {GrammarCheck.ShapeCount}");
return 0;
