// bench/run load: what a call costs our server, sipp's, baresip, and a server that only echoes; how many a second they take; what the core costs by itself, and
// whether calls that last make others dearer. The order of the work is here; each step has a file of its own.
//
// Two more commands are this program's own: "core" measures the core in a process of its own, "calls" is what callgrind counts.

using System.CommandLine;
using SipEmbedded.Bench.Load;
using SipEmbedded.Bench.Peers;

Option<string> repository = new("--repository") { Description = "The repository's root.", Required = true, Recursive = true };
Option<int> seconds = new("--seconds") { Description = "How long to measure, about.", DefaultValueFactory = _ => DefaultSeconds };
Option<bool> callgrind = new("--callgrind") { Description = "Count the core's instructions a call as well (some minutes)." };
Option<bool> record = new("--record") { Description = "Write bench/results/load.md." };
Option<string> simulation = new("--simulation") { Description = "What the simulator said of its own speed.", DefaultValueFactory = _ => "" };
seconds.Validators.Add(result =>
{
    // An hour: beyond it a typing error is likelier than a wish.
    if (result.GetValueOrDefault<int>() is < DefaultSeconds or > 3600)
        result.AddError($"--seconds takes {DefaultSeconds} to 3600.");
});

RootCommand root = new("A SIP server under load: ours, sipp's, and an echo as the floor.") { repository, seconds, callgrind, record, simulation };
root.SetAction(result => Compare(new Layout(result.GetRequiredValue(repository)), result));

Command core = new("core", "Measure the core and print a line of numbers.") { Hidden = true };
core.SetAction(_ => Console.WriteLine(CoreResult.MeasureHere().Print()));
root.Subcommands.Add(core);

Argument<long> count = new("count");
Argument<int> held = new("held");
Command calls = new("calls", "Drive the core with so many calls, while so many others last; print nothing.") { count, held };
calls.Hidden = true;
calls.SetAction(result => CoreFigures.Repeat(result.GetRequiredValue(count), result.GetRequiredValue(held)));
root.Subcommands.Add(calls);

return root.Parse(args).Invoke();

int Compare(Layout layout, ParseResult options)
{
    var processors = Processors.Choose();
    // What is measured at a scale of 1 takes half as long again as its trials by themselves: servers are started, warmed and ended.
    double scale = options.GetValue(seconds) / (1.6 * DefaultSeconds);
    Generator generator = new(layout, processors);
    Trials trials = new(layout, generator, processors, scale);
    Contender ours = Contender.Ours(layout), sipp = Contender.Sipp, floor = Contender.Echo(layout);
    Contender[] all = [ours, sipp, floor, Contender.BatchedEcho(layout)];

    RateFigures[] rates = [.. new[] { Trials.ModerateRate, Trials.HighRate }.Select(rate => new RateFigures(rate, trials.Measure(all, rate)))];
    Contender oursSessions = ours.WithSessions(), sippSessions = sipp.WithSessions();
    Contender[] both = [oursSessions, sippSessions];
    RateFigures[] sessions =
    [
        new(Trials.LowRate, trials.Measure([.. both, Contender.Baresip(layout)], Trials.LowRate)),
        .. new[] { Trials.ModerateRate, Trials.HighRate }.Select(rate => new RateFigures(rate, trials.Measure(both, rate))),
    ];
    RateSearch search = new(layout, generator, processors, scale);
    (Contender, HighestRate)[] highest = [.. both.Select(contender => (contender, search.Find(contender)))];
    (Contender, SippResult)[] bySipp = [.. new[] { ours, sipp }.Select(contender => (contender, SippCaller.Run(layout, contender, processors)))];
    var served = trials.Curve(ours);
    var servedCalls = trials.CallCurve(oursSessions);
    var coreResult = CoreResult.MeasureApart(layout, processors);
    if (options.GetValue(callgrind))
        coreResult = coreResult with { Instructions = Instructions.PerCall(layout) };
    Figures figures = new(ours, sipp, floor, rates, sessions, oursSessions, sippSessions, highest, bySipp, served, servedCalls, coreResult);

    List<Table> tables = [.. figures.Tables()];
    if (Simulation.Table(options.GetValue(simulation)!) is { } speed)
        tables.Add(speed);
    foreach (Table table in tables)
        Console.WriteLine(table.ToText());
    if (options.GetValue(record))
        Record(layout, tables);
    Console.WriteLine(figures.LastLine());
    return 0;
}

static void Record(Layout layout, List<Table> tables)
{
    List<string> sections =
    [
        "# Load, beside sipp and an echo\n\nWritten by `bench/run load --record`. What is measured, and how: bench/README.md.\n",
        string.Concat(Machine.Describe().Select(line => $"- {line}\n")),
        .. tables.Select(table => table.ToMarkdown()),
    ];
    File.WriteAllText(layout.Record, string.Join('\n', sections));
}

internal partial class Program
{
    // With trials of the length that their files name.
    private const int DefaultSeconds = 90;
}
