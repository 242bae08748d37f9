// A run of calls, of one seed: agents with calls, users and a network are drawn; phase one lets things go wrong, agents end in the middle of a call and come back
// with nothing; in phase two the network is well and everybody hangs up, so every call must end on both sides and every pool must be empty.
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed record CallRunOptions
{
    /// <summary>Agents; drawn where it is 0.</summary>
    public int Agents { get; init; }

    /// <summary>Seconds of the phase with faults; drawn where it is 0.</summary>
    public int Seconds { get; init; }

    /// <summary>What goes wrong; drawn where it is null.</summary>
    public NetworkFaults? Faults { get; init; }

    /// <summary>How the user of that number, from 0, behaves; drawn where it is null.</summary>
    public Func<int, CallPersonality>? Personality { get; init; }

    /// <summary>The agent of that number; drawn where it is null.</summary>
    public Func<int, CallAgentPlan>? Plan { get; init; }

    /// <summary>Pools are small: by chance where it is null.</summary>
    public bool? HasSmallPools { get; init; }

    /// <summary>Wraps an agent: a test plants a fault so.</summary>
    public Func<string, SipAgent, AgentPort>? Port { get; init; }
}

/// <summary>What became of a run of calls.</summary>
internal sealed class CallRunResult(RunResult run)
{
    public RunResult Run { get; } = run;

    /// <summary>What users did, what agents counted, and what checks saw, each by its name, over all lives of all agents.</summary>
    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>What each user did, in the order of the agents, over all of its lives.</summary>
    public IReadOnlyList<SortedDictionary<string, long>> Users { get; init; } = [];

    public long Calls => Counts.GetValueOrDefault("Placed");

    public TimeSpan LongestAlone { get; set; }

    public uint LongestAloneInterval { get; set; }

    /// <summary>Commands and messages that agents refused for want of room, counted by themselves.</summary>
    public long CountedRefusals { get; set; }
}

internal sealed class CallRun
{
    /// <summary>In how many of a thousand runs pools are small.</summary>
    private const int SmallPoolsPerMille = 200;

    /// <summary>Types of which a run may be the first user, each ending it once (see <see cref="Run.Of"/>).</summary>
    private const int MaxFirstUses = 120;

    /// <summary>Longer than every deadline here, one behind the other.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(2);

    private readonly CallRunOptions _options;
    private readonly World _world;
    private readonly CallCheck _calls;
    private readonly AcknowledgeCheck _acknowledgements;
    private readonly OfferCheck _offers = new();
    private readonly DescriptionCheck _descriptions = new();
    private readonly CallRunResult _result;
    private readonly List<Resident> _residents = [];
    private readonly Chance _weather;
    private readonly int _seconds;

    /// <summary>A node with what it is started with, again and again.</summary>
    private sealed record Resident(Node Node, CallAgentPlan Plan, CallPersonality Personality, Chance Chance)
    {
        public AgentPort? Port { get; set; }

        public CallUser? User { get; set; }

        public AudioSessions? Audio { get; set; }

        public SortedDictionary<string, long> Did { get; } = new(StringComparer.Ordinal);
    }

    private CallRun(ulong seed, CallRunOptions options)
    {
        _options = options;
        var chance = new Chance(seed);
        // What was read from changed octets can be predicted by nobody: that is looked at where transactions are.
        var faults = options.Faults ?? NetworkFaults.Draw(chance) with { CorruptPerMille = 0 };
        var start = Instant.FromMilliseconds(chance.Pick(0, 1, chance.Between(0, int.MaxValue)));
        _world = new(seed, faults, start);
        _weather = chance.Fork(4);
        bool hasSmallPools = options.HasSmallPools ?? chance.Happens(SmallPoolsPerMille);
        int agents = options.Agents > 0 ? options.Agents : chance.Pick(2, 2, 3, 4);
        _seconds = options.Seconds > 0 ? options.Seconds : chance.Pick(20, 120, 500);
        for (int i = 0; i < agents; i++)
        {
            var plan = options.Plan?.Invoke(i) ?? CallAgentPlan.Draw(chance);
            if (hasSmallPools && options.Plan is null)
                plan = plan.WithSmallPools(chance);
            var node = new Node(_world, $"agent{i + 1}", i, IpEndpoint.V4(0xC0000201 + (uint)i, 5060));
            _world.Add(node);
            _residents.Add(new(node, plan, options.Personality?.Invoke(i) ?? CallPersonality.Draw(chance), chance.Fork((ulong)(100 + i))));
        }
        _calls = new(_world);
        _acknowledgements = new(isAmple: !hasSmallPools);
        Watch();
        var agentsText = _residents.Select(resident => $"    {resident.Node.Name}: {resident.Plan.Describe()}\n        {resident.Personality}");
        string setting = $"{_seconds} s, {agents} agents{(hasSmallPools ? ", small pools" : "")}\n    network: {faults.Describe()}\n{string.Join('\n', agentsText)}";
        _result = new(new(seed, _world, setting) { Again = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--calls 1 --seed {seed}") })
        {
            Users = [.. _residents.Select(resident => resident.Did)],
        };
    }

    private void Watch()
    {
        var tap = new MessageTap();
        tap.Add(new GrammarCheck(tap, _world.Chance.Fork(3)));
        tap.Add(new SequenceCheck(tap));
        MessageCheck[] checks = [_calls, _acknowledgements, _offers, _descriptions];
        foreach (var check in checks)
            tap.Add(check);
        _world.Add(tap);
        foreach (var check in checks)
            _world.Add(check);
    }

    /// <summary>Runs a seed; what goes wrong is in the result. Octets on the heap count when they are there again and again, see <see cref="Run.Of"/>.</summary>
    public static CallRunResult Of(ulong seed, CallRunOptions? options = null)
    {
        var result = Once(seed, options);
        for (int again = 0; again < MaxFirstUses && result.Run.FailedCheck == AgentPort.AllocationCheck; again++)
            result = Once(seed, options);
        return result;
    }

    private static CallRunResult Once(ulong seed, CallRunOptions? options)
    {
        var run = new CallRun(seed, options ?? new());
        try
        {
            run.Perform();
        }
        catch (Exception failure)
        {
            run._result.Run.Failure = failure;
        }
        run.Finish();
        return run._result;
    }

    private void Perform()
    {
        var start = _world.Now;
        foreach (var resident in _residents)
            StartAgent(resident);
        for (int second = 1; second <= _seconds; second++)
        {
            _world.RunUntil(start + TimeSpan.FromSeconds(second));
            ChangeWeather();
        }
        _world.Network.Heal();
        foreach (var resident in _residents)
        {
            if (!resident.Node.IsUp)
                StartAgent(resident);
            resident.User!.BeQuiet();
        }
        if (!_world.RunToRest(_world.Now + s_longest))
            throw new SimulationFailure("Rest", $"after {s_longest.TotalHours} hours of a quiet network something still happens");
        foreach (var check in _world.Checks)
            check.TimeMoves(_world.Now, Instant.Never);
        foreach (var check in _world.Checks)
            check.AtRest();
        foreach (var resident in _residents)
        {
            var use = resident.Port!.Use;
            if (!use.IsEmpty)
                throw new SimulationFailure("Pools", $"{resident.Node.Name} has not given everything back: {use}");
        }
        _result.Run.Simulated = _world.Now - start;
    }

    private void StartAgent(Resident resident)
    {
        var gate = new StartGate();
        var audio = resident.Plan.MakeAudio(gate);
        var options = resident.Plan.Make(resident.Node.Addresses[0], audio);
        var agent = new SipAgent(gate, options, new SeededEntropy(resident.Chance.Fork((ulong)resident.Node.Life)));
        gate.Close();
        Count(resident);
        resident.Audio = audio;
        resident.Port = _options.Port?.Invoke(resident.Node.Name, agent) ?? new AgentPort(resident.Node.Name, agent);
        var peers = _residents.Select(one => one.Node.Addresses[0]).ToList();
        resident.User = new(resident.Node, resident.Port, resident.Personality, resident.Chance.Fork((ulong)(1000 + resident.Node.Life)), _calls, peers);
        _calls.Follow(resident.Node, resident.User);
        resident.Node.Start(resident.Port, resident.User);
    }

    // Cuts and restarts, drawn each second.
    private void ChangeWeather()
    {
        var faults = _world.Network.Faults;
        if (_weather.Happens(faults.PartitionPerMille))
        {
            var from = _residents[_weather.Below(_residents.Count)].Node;
            var to = _residents[_weather.Below(_residents.Count)].Node;
            var span = TimeSpan.FromMilliseconds(_weather.Between(1, Math.Max(1, faults.PartitionUs / 1000)));
            _world.Network.Cut(from, to, span);
            if (_weather.Happens(500))
                _world.Network.Cut(to, from, span);
        }
        if (!_weather.Happens(faults.RestartPerMille))
            return;
        var resident = _residents[_weather.Below(_residents.Count)];
        if (!resident.Node.IsUp)
            return;
        resident.Node.Crash(_weather.Happens(500));
        Add(_result.Counts, "network.Crashes", 1);
        // For longer than a session at times.
        _world.After(TimeSpan.FromMilliseconds(_weather.Between(1, _weather.Pick(500, 8000, 150_000))), () =>
        {
            if (!resident.Node.IsUp)
                StartAgent(resident);
        });
    }

    // ---- What came of it --------------------------------------------------------------------------------------------------------------------

    // Before a life is forgotten.
    private void Count(Resident resident)
    {
        if (resident.Port is not { } port)
            return;
        foreach (var (name, count) in resident.User!.Counters.All())
        {
            Add(_result.Counts, name, count);
            Add(resident.Did, name, count);
        }
        foreach (var field in typeof(CallCounters).GetFields())
            Add(_result.Counts, "agents." + field.Name, (long)field.GetValue(port.Agent.Calls!.Counters)!);
        ref readonly var transactions = ref port.Agent.TransactionCounters;
        ref readonly var transport = ref port.Agent.TransportCounters;
        _result.CountedRefusals += transactions.ServersRefused + transactions.ClientsRefused + transport.ConnectionsRefused + transport.OutputsRefused
            + transport.StreamsWithoutBuffer + port.Agent.Calls!.Counters.NoRoom + resident.Audio!.Refused;
    }

    private static void Add(SortedDictionary<string, long> sums, string name, long count) => sums[name] = sums.GetValueOrDefault(name) + count;

    private void Finish()
    {
        foreach (var resident in _residents)
            Count(resident);
        Add(_result.Counts, "checks.Acknowledged2xx", _acknowledgements.Acknowledged);
        Add(_result.Counts, "checks.OffersAnswered", _offers.Answered);
        Add(_result.Counts, "checks.OffersInConflict", _offers.Conflicts);
        Add(_result.Counts, "checks.Descriptions", _descriptions.Seen);
        Add(_result.Counts, "checks.DescriptionsChanged", _descriptions.Changed);
        Add(_result.Counts, "checks.LeftAlone", _calls.LeftAlone);
        foreach (var property in typeof(NetworkCounters).GetProperties())
            Add(_result.Counts, "network." + property.Name, (long)property.GetValue(_world.Network.Counters)!);
        (_result.LongestAlone, _result.LongestAloneInterval) = (_calls.LongestAlone, _calls.LongestAloneInterval);
    }
}
