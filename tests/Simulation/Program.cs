// The runner behind tests/Simulation/run. Exits 0 without failures, 1 with, 2 where it does not understand.
using SipEmbedded.Simulation;

if (!CommandLine.TryRead(args, out var command, out string complaint))
{
    Console.Error.WriteLine(complaint);
    Console.Error.WriteLine(CommandLine.Usage);
    return 2;
}
return command.Mode switch
{
    Mode.Help => Commands.Help(),
    Mode.Seed => Commands.RunSeed(command),
    Mode.Seeds => Commands.RunSeeds(command),
    Mode.Hour => Commands.RunHour(command),
    Mode.Year => Commands.RunYear(command),
    Mode.Sieges => Commands.RunSieges(command),
    Mode.Calls => Commands.RunCalls(command),
    Mode.Storm => Commands.RunStorms(),
    _ => Commands.MeasureSpeed(),
};
