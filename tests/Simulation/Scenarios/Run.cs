// A run of one seed: agents, users and a network are drawn; phase one lets things go wrong; in phase two the network is well and nobody begins anything new,
// so everything must come to its end and every pool must be empty.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class Run
{
    /// <summary>In how many of a thousand runs pools are small.</summary>
    private const int SmallPoolsPerMille = 200;

    /// <summary>Types of which a run may be the first user, each ending it once.</summary>
    private const int MaxFirstUses = 50;

    /// <summary>Longer than every deadline that options here can have, one behind the other.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(2);

    private readonly RunOptions _options;
    private readonly World _world;
    private readonly Watch _watch;
    private readonly RunResult _result;
    private readonly List<Resident> _residents = [];
    private readonly Chance _weather;

    /// <summary>A node with what it is started with, again and again.</summary>
    private sealed record Resident(Node Node, SipAgentOptions Options, Personality Personality, Chance Chance)
    {
        public AgentPort? Port { get; set; }

        public UserAgent? User { get; set; }
    }

    private Run(ulong seed, RunOptions options)
    {
        _options = options;
        var chance = new Chance(seed);
        var faults = options.Faults ?? NetworkFaults.Draw(chance);
        // A clock may have run for years.
        var start = Instant.FromMilliseconds(chance.Pick(0, 1, chance.Between(0, int.MaxValue)));
        _world = new(seed, faults, start, options.KeepsHistory);
        _weather = chance.Fork(4);
        bool hasSmallPools = options.HasSmallPools ?? chance.Happens(SmallPoolsPerMille);
        _watch = new(_world, predicts: !hasSmallPools, options.ReadsMessages);
        int agents = options.Agents > 0 ? options.Agents : chance.Between(2, 5);
        var addresses = Enumerable.Range(1, agents).Select(number => IpEndpoint.V4(0xC0000200 + (uint)number, 5060)).ToList();
        for (int i = 0; i < agents; i++)
        {
            var agentOptions = DrawnOptions.Draw(chance, addresses[i]);
            if (hasSmallPools)
                agentOptions = DrawnOptions.WithSmallPools(agentOptions, chance);
            agentOptions = options.Change?.Invoke(i, agentOptions) ?? agentOptions;
            var node = new Node(_world, $"agent{i + 1}", i, addresses[i]);
            _world.Add(node);
            _residents.Add(new(node, agentOptions, options.Personality?.Invoke(i) ?? Personality.Draw(chance), chance.Fork((ulong)(100 + i))));
        }
        Seconds = options.Seconds > 0 ? options.Seconds : chance.Pick(2, 5, 20);
        _result = new(seed, _world, Setting(faults, hasSmallPools));
        Peers = addresses;
    }

    private int Seconds { get; }

    private List<IpEndpoint> Peers { get; }

    /// <summary>
    /// Runs a seed; what goes wrong is in the result. Octets on the heap count when they are there again and again: the first use of a type puts its static
    /// data there, which is start-up.
    /// </summary>
    public static RunResult Of(ulong seed, RunOptions? options = null)
    {
        var result = Once(seed, options);
        for (int again = 0; again < MaxFirstUses && result.FailedCheck == AgentPort.AllocationCheck; again++)
            result = Once(seed, options);
        return result;
    }

    private static RunResult Once(ulong seed, RunOptions? options)
    {
        var run = new Run(seed, options ?? new());
        try
        {
            run.Perform();
        }
        catch (Exception failure)
        {
            run._result.Failure = failure;
        }
        run.Count();
        return run._result;
    }

    private void Perform()
    {
        var start = _world.Now;
        foreach (var resident in _residents)
            StartAgent(resident);
        for (int second = 1; second <= Seconds; second++)
        {
            _world.RunUntil(start + TimeSpan.FromSeconds(second));
            ChangeWeather();
        }
        _world.Network.Heal();
        foreach (var resident in _residents)
        {
            resident.User?.IsQuiet = true;
            if (!resident.Node.IsUp)
                StartAgent(resident);
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
        _result.Simulated = _world.Now - start;
    }

    private void StartAgent(Resident resident)
    {
        var gate = new StartGate();
        var agent = new SipAgent(gate, resident.Options, new SeededEntropy(resident.Chance.Fork((ulong)resident.Node.Life)));
        gate.Close();
        var port = _options.Port?.Invoke(resident.Node.Name, agent) ?? new AgentPort(resident.Node.Name, agent);
        bool isQuiet = resident.User is { IsQuiet: true };
        resident.Port = port;
        resident.User = new(resident.Node, port, resident.Personality, resident.Chance.Fork((ulong)(1000 + resident.Node.Life)), _watch, Peers) { IsQuiet = isQuiet };
        _watch.Started(resident.Node, resident.Options, port);
        resident.Node.Start(port, resident.User);
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
        _world.After(TimeSpan.FromMilliseconds(_weather.Between(1, 8000)), () =>
        {
            if (!resident.Node.IsUp)
                StartAgent(resident);
        });
    }

    private void Count()
    {
        _result.Users = [.. _residents.Select(resident => resident.User?.Counters ?? new())];
        _result.CountedRefusals = _residents.Sum(resident => resident.Port is { } port ? RefusalsOf(port.Agent) : 0);
        var reached = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var port in _residents.Select(resident => resident.Port).OfType<AgentPort>())
        {
            Sum(port.Agent.TransactionCounters, reached);
            Sum(port.Agent.TransportCounters, reached);
        }
        _result.Reached = reached;
        _result.Predicted = _watch.Schedule?.Predicted ?? 0;
    }

    private static void Sum<T>(T counters, Dictionary<string, long> sums)
        where T : struct
    {
        foreach (var field in typeof(T).GetFields())
            sums[field.Name] = sums.GetValueOrDefault(field.Name) + (long)field.GetValue(counters)!;
    }

    private static long RefusalsOf(SipAgent agent)
    {
        ref readonly var transactions = ref agent.TransactionCounters;
        ref readonly var transport = ref agent.TransportCounters;
        return transactions.ServersRefused + transactions.ClientsRefused + transport.ConnectionsRefused + transport.OutputsRefused + transport.StreamsWithoutBuffer;
    }

    private string Setting(NetworkFaults faults, bool hasSmallPools)
    {
        var agents = _residents.Select(resident =>
        {
            var transactions = resident.Options.Transactions;
            var transport = resident.Options.Transport;
            return $"    {resident.Node.Name} {AddressText.Of(resident.Node.Addresses[0])}: T1 {transactions.T1.TotalMilliseconds} T2 {transactions.T2.TotalMilliseconds} "
                + $"T4 {transactions.T4.TotalMilliseconds} ms, 100 after {transactions.TryingDelay.TotalMilliseconds} ms, pending {transactions.PendingLimit.TotalSeconds} s, "
                + $"clients {transactions.ClientTransactions}, servers {transactions.ServerTransactions}, connections {transport.Connections}, outputs {transport.Outputs}, "
                + $"path limit {transport.PathLimitOctets}, idle {transport.IdleClose.TotalSeconds} s, "
                + $"buffers {string.Join(' ', resident.Options.Buffers.Select(one => $"{one.Count}x{one.Octets}"))}\n"
                + $"        {resident.Personality}";
        });
        return $"{Seconds} s, {_residents.Count} agents{(hasSmallPools ? ", small pools" : "")}\n    network: {faults.Describe()}\n{string.Join('\n', agents)}";
    }
}
