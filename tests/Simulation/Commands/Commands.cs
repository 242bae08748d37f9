// What the runner does: one seed, many, calls, an hour, the speed.
using System.Diagnostics;
using System.Globalization;

namespace SipEmbedded.Simulation;

internal static class Commands
{
    private const int SecondsOfAnHour = 3600;

    public static int Help()
    {
        Console.WriteLine(CommandLine.Usage);
        return 0;
    }

    public static int RunSeed(CommandLine command)
    {
        var result = Run.Of(command.From, command.Options);
        Console.Write(FailureReport.Of(result));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Requests} requests, {result.Calls} calls, {result.Predicted} transactions predicted, {result.World.History.Count} occurrences")
            + string.Create(CultureInfo.InvariantCulture, $", fingerprint {result.Fingerprint:x16}"));
        Console.WriteLine($"the whole history: {FailureReport.Write(result)}");
        return result.Failure is null ? 0 : 1;
    }

    public static int RunSeeds(CommandLine command)
    {
        var campaign = new Campaign();
        long shown = 0;
        campaign.Run(command.From, command.To, command.Threads, command.Options, result =>
        {
            if (result.Failure is not null)
                Console.WriteLine($"seed {result.Seed}: {result.Failure.Message}");
            if (Interlocked.Increment(ref shown) % 1000 == 0)
                Console.Error.WriteLine($"{shown} of {command.To - command.From + 1} seeds");
        });
        foreach (var failure in campaign.Failures)
            Console.WriteLine($"\n{FailureReport.Of(failure)}the whole history: {FailureReport.Write(failure)}");
        string report = CampaignReport.Of(campaign, command.From, command.To);
        Console.Write(report);
        Artifacts.Write("simulation.txt", report);
        return campaign.Failed == 0 ? 0 : 1;
    }

    public static int RunCalls(CommandLine command)
    {
        var campaign = new CallCampaign();
        var processor = Environment.CpuUsage.TotalTime;
        campaign.Run(
            command.From, command.Calls, command.Threads,
            progress: so => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{so.Calls} of {command.Calls} calls")));
        foreach (var failure in campaign.Failures)
            Console.WriteLine($"\n{FailureReport.Of(failure)}the whole history: {FailureReport.Write(failure)}");
        processor = Environment.CpuUsage.TotalTime - processor;
        string report = CallReport.Of(campaign);
        Console.Write(report);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{campaign.Simulated.TotalSeconds:0} simulated seconds in {processor.TotalSeconds:0} s of processor time"));
        Artifacts.Write("calls.txt", report);
        if (command.Records)
        {
            string page = CallReport.PageOf(campaign, command.Calls, processor, Artifacts.Read(CallReport.Allocation));
            Console.WriteLine(Artifacts.Record("calls-simulated.md", page));
        }
        return campaign.Failed == 0 ? 0 : 1;
    }

    public static int RunHour(CommandLine command)
    {
        var clock = Stopwatch.StartNew();
        var result = Run.Of(command.From, Busy(readsMessages: true));
        if (result.Failure is not null)
            Console.Write(FailureReport.Of(result));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"seed {command.From}: {result.Simulated.TotalSeconds:0} simulated seconds, {result.Calls} calls, {clock.Elapsed.TotalSeconds:0.0} s"));
        return result.Failure is null ? 0 : 1;
    }

    public static int RunYear(CommandLine command)
    {
        try
        {
            Console.Write(Year.Of(command.From).Report());
            return 0;
        }
        catch (SimulationFailure failure)
        {
            Console.WriteLine(failure.Message);
            return 1;
        }
    }

    public static int RunSieges(CommandLine command)
    {
        int failed = 0;
        for (ulong seed = command.From; seed <= command.To; seed++)
        {
            try
            {
                Year.Besiege(seed);
            }
            catch (SimulationFailure failure)
            {
                failed++;
                Console.WriteLine(failure.Message);
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{command.To - command.From + 1} sieges, {failed} failures"));
        return failed == 0 ? 0 : 1;
    }

    public static int RunStorms()
    {
        foreach (var options in Storm.Usual)
            Console.WriteLine(Storm.Of(options).Report());
        return 0;
    }

    public static int MeasureSpeed()
    {
        // Once for the compiler; then the agents, the network and the users without the checks that read messages.
        _ = Run.Of(1, Busy(readsMessages: false) with { Seconds = 60 });
        var clock = Stopwatch.StartNew();
        var result = Run.Of(1, Busy(readsMessages: false));
        double seconds = clock.Elapsed.TotalSeconds;
        if (result.Failure is not null)
        {
            Console.Write(FailureReport.Of(result));
            return 1;
        }
        // Two agents are busy; an hour of one is half of it.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Calls} calls and {result.Requests} requests in {seconds:0.00} s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"simulated_calls_per_second={result.Calls / seconds:0}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds_per_agent_hour={seconds / 2:0.000}"));
        return 0;
    }

    // Each agent calls the other every second on average, for half a second.
    private static RunOptions Busy(bool readsMessages) => new()
    {
        Agents = 2,
        Seconds = SecondsOfAnHour,
        Faults = NetworkFaults.None,
        HasSmallPools = false,
        KeepsHistory = false,
        ReadsMessages = readsMessages,
        Personality = _ => Personality.Patient with { MaxRequests = int.MaxValue, PauseMs = 2000 },
        Change = (_, options) => DrawnOptions.Usual(options.Transport.ListeningPoints[0].Endpoint),
    };
}
