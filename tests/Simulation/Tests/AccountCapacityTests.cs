// Every flow of an account is run again while one pool of its agent holds 0, 1, 2 … until it passes as with ample pools: on the way nothing crashes, nothing
// leaks, what finds no room is told as that and counted, and the checks hold.
using SipEmbedded.Agent;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class AccountCapacityTests
{
    /// <summary>No flow of one account needs more of anything.</summary>
    private const int MostNeeded = 16;

    private const string Zone = """
        $ORIGIN example.net.
        @ 300 SOA ns admin 1 3600 600 86400 60
        @ 300 NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
        @ 300 NAPTR 20 10 "s" "SIP+D2T" "" _sip._tcp
        _sip._udp 300 SRV 10 0 5060 sip
        _sip._tcp 300 SRV 10 0 5060 sip
        sip 300 A 192.0.2.10
        """;

    private static readonly AccountPlan s_plan = new("alice", "secret") { Server = "sip:192.0.2.10", ExpiresSeconds = 60, KeepAliveInterval = TimeSpan.FromSeconds(20) };

    private static readonly Dictionary<string, AccountPlan> s_flows = new()
    {
        ["over UDP"] = s_plan with { Protocol = Protocol.Udp, KeepAlive = KeepAliveMethod.Stun },
        ["over TCP"] = s_plan with { Protocol = Protocol.Tcp },
        ["by name"] = s_plan with { Server = "" },
    };

    private static readonly string[] s_pools =
        ["accounts", "client transactions", "connections", "outputs", "message buffers", "kept flows", "resolutions", "questions", "cached names", "cached records", "dead targets"];

    public static TheoryData<string, string> Flows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string flow in s_flows.Keys)
            {
                foreach (string pool in s_pools)
                    rows.Add(flow, pool);
            }
            return rows;
        }
    }

    /// <summary>What became of one run.</summary>
    private sealed record Outcome(bool WasRegistered, bool IsRegistered, bool IsGone, long Pongs)
    {
        public long Refusals { get; init; }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void An_account_passes_once_a_pool_is_large_enough_and_harms_nothing_before(string flow, string pool)
    {
        var ample = OutcomeOf(flow, options => options);
        Assert.True(ample is { WasRegistered: true, IsRegistered: true, IsGone: true }, ample.ToString());

        int capacity = 0;
        for (; capacity <= MostNeeded; capacity++)
        {
            var outcome = OutcomeOf(flow, options => With(options, pool, capacity));
            if (outcome with { Refusals = 0 } == ample with { Refusals = 0 })
                break;
            Assert.True(outcome.Refusals > 0, $"{flow} did not pass with {capacity} {pool}, and nothing was counted: {outcome}");
        }
        Assert.True(capacity <= MostNeeded, $"{flow} does not pass with {MostNeeded} {pool}");
    }

    // Registers, refreshes, keeps its flow alive, finds its registrar started again, takes itself out, and is ended.
    private static Outcome OutcomeOf(string flow, Func<SipAgentOptions, SipAgentOptions> change)
    {
        Outcome? outcome = null;
        RegistrationScene.Play(scene =>
        {
            if (s_flows[flow].Server.Length == 0)
                scene.AddNames(Zone);
            var registrar = scene.AddRegistrar();
            registrar.Behaviour.MinExpires = 30;
            var device = scene.AddDevice([s_flows[flow]], change);
            device.Start();
            scene.RunFor(TimeSpan.FromMinutes(5));
            bool wasRegistered = registrar.Reaches(s_plan.Record, device.Node);
            registrar.Reboot(TimeSpan.FromSeconds(40), isSilent: true);
            scene.RunFor(TimeSpan.FromMinutes(10));
            bool isRegistered = registrar.Reaches(s_plan.Record, device.Node);
            long pongs = Math.Min(1, device.Port.Agent.KeepAliveCounters.Pongs + device.Port.Agent.KeepAliveCounters.StunAnswers);
            device.Unregister();
            scene.RunFor(TimeSpan.FromMinutes(2));
            device.Destroy();
            // Connections are closed when they have idled for a quarter of an hour.
            scene.RunFor(TimeSpan.FromMinutes(20));
            bool isGone = registrar.Locations.BindingsOf(s_plan.Record, scene.World.Now).Count == 0;
            if (!device.Port.Use.IsEmpty)
                throw new SimulationFailure("Pools", $"the device has not given everything back: {device.Port.Use}");
            outcome = new(wasRegistered, isRegistered, isGone, pongs) { Refusals = RefusalsOf(device.Port.Agent) };
        });
        return outcome!;
    }

    private static long RefusalsOf(SipAgent agent)
    {
        ref readonly var transport = ref agent.TransportCounters;
        var resolver = agent.ResolverCounters;
        return agent.TransactionCounters.ClientsRefused + transport.ConnectionsRefused + transport.OutputsRefused + transport.StreamsWithoutBuffer
            + agent.KeepAliveCounters.Refused + agent.KeepAliveCounters.NotSent + agent.Accounts!.Counters.NoRoom
            + resolver.ResolutionsRefused + resolver.CacheRefused + resolver.NotFound;
    }

    private static SipAgentOptions With(SipAgentOptions options, string pool, int capacity) => new()
    {
        Transport = new()
        {
            ListeningPoints = options.Transport.ListeningPoints,
            Connections = pool == "connections" ? capacity : options.Transport.Connections,
            Outputs = pool == "outputs" ? capacity : options.Transport.Outputs,
        },
        Transactions = new()
        {
            ClientTransactions = pool == "client transactions" ? capacity : options.Transactions.ClientTransactions,
            ServerTransactions = options.Transactions.ServerTransactions,
        },
        Buffers = pool == "message buffers" ? [new(16 * 1024, capacity)] : options.Buffers,
        KeptFlows = new() { Flows = pool == "kept flows" ? capacity : options.KeptFlows.Flows },
        Registration = new() { Accounts = pool == "accounts" ? capacity : options.Registration!.Accounts },
        Resolver = new()
        {
            Resolutions = pool == "resolutions" ? capacity : options.Resolver!.Resolutions,
            Questions = pool == "questions" ? capacity : options.Resolver!.Questions,
            CacheEntries = pool == "cached names" ? capacity : options.Resolver!.CacheEntries,
            CacheBuffers = pool == "cached records" ? [new(4096, capacity)] : options.Resolver!.CacheBuffers,
            DeadTargets = pool == "dead targets" ? capacity : options.Resolver!.DeadTargets,
        },
    };
}
