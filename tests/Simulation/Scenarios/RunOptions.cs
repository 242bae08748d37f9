// What is asked of a run beside its seed.
using SipEmbedded.Agent;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed record RunOptions
{
    /// <summary>Agents; drawn where it is 0.</summary>
    public int Agents { get; init; }

    /// <summary>Seconds of the phase with faults; drawn where it is 0.</summary>
    public int Seconds { get; init; }

    /// <summary>What goes wrong; drawn where it is null.</summary>
    public NetworkFaults? Faults { get; init; }

    /// <summary>How the user of that number, from 0, behaves; drawn where it is null.</summary>
    public Func<int, Personality>? Personality { get; init; }

    /// <summary>Makes the options of the agent of that number of those that were drawn.</summary>
    public Func<int, SipAgentOptions, SipAgentOptions>? Change { get; init; }

    /// <summary>Pools are small: by chance where it is null.</summary>
    public bool? HasSmallPools { get; init; }

    /// <summary>Wraps an agent: a test plants a fault so.</summary>
    public Func<string, SipAgent, AgentPort>? Port { get; init; }

    /// <summary>False for long runs, whose history would fill memory.</summary>
    public bool KeepsHistory { get; init; } = true;

    /// <summary>False where only the agents' speed is of interest: messages are not read by the checks.</summary>
    public bool ReadsMessages { get; init; } = true;
}

/// <summary>What became of a run.</summary>
internal sealed class RunResult(ulong seed, World world, string setting)
{
    public ulong Seed { get; } = seed;

    public World World { get; } = world;

    /// <summary>The faults and the agents' options, for a report.</summary>
    public string Setting { get; } = setting;

    /// <summary>What the runner is told to do it again.</summary>
    public string Again { get; init; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--seed {seed}");

    /// <summary>Null where nothing was wrong.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The check that failed; the kind of exception where it was none of ours; empty without a failure.</summary>
    public string FailedCheck => Failure is SimulationFailure failure ? failure.Check : Failure?.GetType().Name ?? "";

    public ulong Fingerprint => World.History.Fingerprint;

    /// <summary>What each user did in its last life, in the order of the agents.</summary>
    public IReadOnlyList<UserCounters> Users { get; set; } = [];

    /// <summary>Inputs and messages that agents refused for want of room, counted by themselves.</summary>
    public long CountedRefusals { get; set; }

    /// <summary>Every counter of the agents, summed up.</summary>
    public IReadOnlyDictionary<string, long> Reached { get; set; } = new Dictionary<string, long>();

    public long Requests => Users.Sum(user => user.Requests);

    public long Calls => Users.Sum(user => user.Calls);

    public long Predicted { get; set; }

    public TimeSpan Simulated { get; set; }
}
