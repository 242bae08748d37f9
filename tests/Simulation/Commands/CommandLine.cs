// What the runner is asked to do.
using System.Globalization;

namespace SipEmbedded.Simulation;

internal enum Mode
{
    Help,
    Seed,
    Seeds,
    Hour,
    Speed,
    Year,
    Storm,
    Sieges,
    Calls,
}

internal sealed record CommandLine
{
    public const string Usage = """
        tests/Simulation/run --seed N            one seed, with its whole history in artifacts/
        tests/Simulation/run --seeds FROM..TO    many seeds; FROM..TO are both included
        tests/Simulation/run --hour [--seed N]   one simulated hour of busy agents on a quiet network, checked
        tests/Simulation/run --year [--seed N]   a year of a registered device with a fault a day; how long it was unreachable
        tests/Simulation/run --sieges FROM..TO   a registered device with a fault every few minutes for a day, for each seed
        tests/Simulation/run --storm             a thousand devices and a registrar that is started again: when they come back
        tests/Simulation/run --calls N [--seed S]   so many calls with random features and faults, from that seed on
        tests/Simulation/run --speed             simulated calls a second, and real seconds for an hour of a busy agent

            --parallel N     threads for --seeds and --calls; all processors unless told
            --agents N       agents instead of those that the seed draws
            --seconds N      seconds with faults instead of those that the seed draws
            --no-faults      a quiet network
            --record         with --calls: what came of it becomes bench/results/calls-simulated.md
            --small-pools    pools that are often full, or --ample-pools; the seed draws one unless told
        """;

    public Mode Mode { get; private init; } = Mode.Help;

    public ulong From { get; private init; } = 1;

    public ulong To { get; private init; } = 1;

    /// <summary>Calls to be placed, at least.</summary>
    public long Calls { get; private init; }

    /// <summary>The result is to be kept.</summary>
    public bool Records { get; private init; }

    public int Threads { get; private init; } = Environment.ProcessorCount;

    public RunOptions Options { get; private init; } = new();

    public static bool TryRead(string[] arguments, out CommandLine command, out string complaint)
    {
        command = new();
        complaint = "";
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            bool takesValue = name is "--seed" or "--seeds" or "--sieges" or "--calls" or "--parallel" or "--agents" or "--seconds";
            string value = takesValue && i + 1 < arguments.Length ? arguments[++i] : "";
            var read = Read(command, name, value);
            if (read is null)
            {
                complaint = takesValue ? $"{name} does not take '{value}'." : $"There is no option {name}.";
                return false;
            }
            command = read;
        }
        return true;
    }

    private static CommandLine? Read(CommandLine command, string name, string value)
    {
        switch (name)
        {
            case "--help" or "-h":
                return command with { Mode = Mode.Help };
            case "--seed" when TryNumber(value, out ulong seed):
                return command with { Mode = command.Mode is Mode.Hour or Mode.Year or Mode.Calls ? command.Mode : Mode.Seed, From = seed, To = seed };
            case "--seeds" when value.Split("..") is [var first, var last] && TryNumber(first, out ulong from) && TryNumber(last, out ulong to) && from <= to:
                return command with { Mode = Mode.Seeds, From = from, To = to };
            case "--sieges" when value.Split("..") is [var first, var last] && TryNumber(first, out ulong from) && TryNumber(last, out ulong to) && from <= to:
                return command with { Mode = Mode.Sieges, From = from, To = to };
            case "--calls" when TryNumber(value, out ulong calls) && calls is > 0 and < 1_000_000_000:
                return command with { Mode = Mode.Calls, Calls = (long)calls };
            case "--hour":
                return command with { Mode = Mode.Hour };
            case "--year":
                return command with { Mode = Mode.Year };
            case "--storm":
                return command with { Mode = Mode.Storm };
            case "--speed":
                return command with { Mode = Mode.Speed };
            case "--parallel" when TryNumber(value, out ulong threads) && threads is > 0 and < 1000:
                return command with { Threads = (int)threads };
            case "--agents" when TryNumber(value, out ulong agents) && agents is > 1 and < 200:
                return command with { Options = command.Options with { Agents = (int)agents } };
            case "--seconds" when TryNumber(value, out ulong seconds) && seconds is > 0 and < 1_000_000:
                return command with { Options = command.Options with { Seconds = (int)seconds } };
            case "--no-faults":
                return command with { Options = command.Options with { Faults = NetworkFaults.None } };
            case "--record":
                return command with { Records = true };
            case "--small-pools":
                return command with { Options = command.Options with { HasSmallPools = true } };
            case "--ample-pools":
                return command with { Options = command.Options with { HasSmallPools = false } };
            default:
                return null;
        }
    }

    private static bool TryNumber(string text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
