// The runner behind tests/Fuzz/run: [EXECUTIONS] [SEED] [BODY]. Exits 0 without failures, 1 with, 3 where an execution hangs.
using System.Globalization;
using SipEmbedded.Fuzz;

const long DefaultExecutions = 10_000_000;
const int DefaultSeed = 3261;

long executions = args.Length > 0 ? long.Parse(args[0], CultureInfo.InvariantCulture) : DefaultExecutions;
int seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : DefaultSeed;
try
{
    var tallies = new FuzzRun(executions, seed).Run(args.Length > 2 ? args[2] : "");
    string report = FuzzReport.Of(tallies, seed);
    FuzzReport.Write(report);
    Console.Write(report);
    return tallies.Exists(tally => tally.Failures > 0) ? 1 : 0;
}
catch (TimeoutException hang)
{
    Console.Error.WriteLine(hang.Message);
    return 3;
}
