// Every flow is run again while one pool of an agent holds 0, 1, 2 … until it passes as with ample pools: on the way nothing crashes, nothing leaks, what is
// refused is refused as documented and counted.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class CapacityTests
{
    /// <summary>No flow of one call needs more of anything.</summary>
    private const int MostNeeded = 16;

    /// <summary>Large buffers beside small ones: what one large request takes, sent and its answer read, and no more.</summary>
    private const int Few = 2;

    private static readonly Dictionary<string, (Personality Caller, Personality Callee, NetworkFaults Faults)> s_flows = new()
    {
        ["a call"] = (Once, Personality.Patient, Quiet),
        ["a call over TCP"] = (Once with { StreamPerMille = 1000 }, Personality.Patient, Quiet with { PieceOctets = 100 }),
        ["a call that is refused"] = (Once, Personality.Patient with { RefusesPerMille = 1000 }, Quiet),
        ["a call that is cancelled"] = (Once with { CancelsPerMille = 1000 }, Personality.Patient with { LatePerMille = 1000, LatenessMs = 60_000 }, Quiet),
        ["a call that nobody answers"] = (Once, Personality.Patient with { IgnoresPerMille = 1000 }, Quiet),
        ["a call whose ACK does not come"] = (Once with { ForgetsAckPerMille = 1000 }, Personality.Patient, Quiet),
        ["a request"] = (Once with { CallsPerMille = 0 }, Personality.Patient, Quiet),
        ["a request that is answered late"] = (Once with { CallsPerMille = 0 }, Personality.Patient with { LatePerMille = 1000 }, Quiet),
        ["a request too large for UDP"] = (Once with { LargePerMille = 1000 }, Personality.Patient, Quiet with { PieceOctets = 1000 }),
        ["a request too large for UDP, and no stream"] = (Once with { LargePerMille = 1000 }, Personality.Patient, Quiet with { ConnectRefusedPerMille = 1000 }),
        ["a request to nobody"] = (Once with { NobodyPerMille = 1000 }, Personality.Patient, Quiet),
    };

    private static Personality Once => Personality.Patient with { MaxRequests = 1 };

    private static NetworkFaults Quiet => NetworkFaults.None with { LatencyUs = 10_000 };

    private static readonly string[] s_pools = ["client transactions", "server transactions", "connections", "outputs", "small buffers", "middle buffers", "large buffers"];

    public static TheoryData<string, string, int> Flows
    {
        get
        {
            var rows = new TheoryData<string, string, int>();
            foreach (string flow in s_flows.Keys)
            {
                foreach (string pool in s_pools)
                {
                    rows.Add(flow, pool, 0);
                    rows.Add(flow, pool, 1);
                }
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void A_flow_passes_once_a_pool_is_large_enough_and_harms_nothing_before(string flow, string pool, int agent)
    {
        var ample = Result(flow, options => options, agent, hasSmallPools: false);
        Assert.True(ample.Failure is null, FailureReport.Of(ample));

        int capacity = 0;
        for (; capacity <= MostNeeded; capacity++)
        {
            var result = Result(flow, options => With(options, pool, capacity), agent, hasSmallPools: true);
            Assert.True(result.Failure is null, $"{flow}, {capacity} {pool}\n{FailureReport.Of(result)}");
            if (OutcomeOf(result) == OutcomeOf(ample))
                break;
            Assert.True(result.CountedRefusals > 0, $"{flow} did not pass with {capacity} {pool}, and nothing was counted\n{FailureReport.Of(result)}");
        }
        Assert.True(capacity <= MostNeeded, $"{flow} does not pass with {MostNeeded} {pool}");
    }

    private static RunResult Result(string flow, Func<SipAgentOptions, SipAgentOptions> change, int agent, bool hasSmallPools)
    {
        var (caller, callee, faults) = s_flows[flow];
        return Run.Of(1, new()
        {
            Agents = 2,
            Seconds = 20,
            Faults = faults,
            HasSmallPools = hasSmallPools,
            Personality = number => number == 0 ? caller : callee,
            Change = (number, _) =>
            {
                var usual = DrawnOptions.Usual(IpEndpoint.V4(0xC0000201 + (uint)number, 5060));
                return number == agent ? change(usual) : usual;
            },
        });
    }

    private static string OutcomeOf(RunResult result) => string.Join(", ", result.Users.Select(user =>
        $"{user.Requests} requests {user.Successes} successes {user.Refusals} refusals {user.Timeouts} time-outs {user.Errors} errors {user.RequestsTaken} taken"));

    private static SipAgentOptions With(SipAgentOptions options, string pool, int capacity)
    {
        var transactions = options.Transactions;
        var transport = options.Transport;
        var buffers = options.Buffers;
        return new()
        {
            Transactions = new()
            {
                ClientTransactions = pool == "client transactions" ? capacity : transactions.ClientTransactions,
                ServerTransactions = pool == "server transactions" ? capacity : transactions.ServerTransactions,
            },
            Transport = new()
            {
                ListeningPoints = transport.ListeningPoints,
                Connections = pool == "connections" ? capacity : transport.Connections,
                Outputs = pool == "outputs" ? capacity : transport.Outputs,
                PathLimitOctets = transport.PathLimitOctets,
                MaxStreamMessageOctets = transport.MaxStreamMessageOctets,
                IdleClose = transport.IdleClose,
            },
            // A larger buffer takes what a smaller one could: where a class is small there are few above it, too.
            Buffers = pool switch
            {
                "small buffers" => [buffers[0] with { Count = capacity }, buffers[1] with { Count = 0 }, buffers[2] with { Count = Few }],
                "middle buffers" => [buffers[0], buffers[1] with { Count = capacity }, buffers[2] with { Count = Few }],
                "large buffers" => [buffers[0] with { Count = 0 }, buffers[1] with { Count = 0 }, buffers[2] with { Count = capacity }],
                _ => buffers,
            },
        };
    }
}
