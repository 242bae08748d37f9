// Every flow of a call is run again while one pool of one of the two agents holds 0, 1, 2 … until it passes as with ample pools: on the way nothing crashes, nothing leaks,
// nobody is left in a call, and what finds no room is refused and counted.
using SipEmbedded.SessionTimers;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class CallCapacityTests
{
    /// <summary>No flow of one call needs more of anything.</summary>
    private const int MostNeeded = 24;

    /// <summary>Large buffers beside small ones: enough for what one large message takes.</summary>
    private const int Few = 2;

    private static readonly CallPersonality s_callee = new() { MaxCalls = 0, AnswerMs = 2000, TalkMs = 1, StaysPerMille = 1000 };

    private static readonly CallPersonality s_caller = new() { MaxCalls = 1, PauseMs = 1, TalkMs = 5000 };

    private static readonly Dictionary<string, (CallPersonality Caller, CallPersonality Callee)> s_flows = new()
    {
        ["a call"] = (s_caller, s_callee),
        ["a call over TCP"] = (s_caller with { StreamPerMille = 1000 }, s_callee),
        ["a call without an offer"] = (s_caller with { OfferlessPerMille = 1000 }, s_callee),
        ["a call with early media"] = (s_caller, s_callee with { EarlyMediaPerMille = 1000 }),
        ["a call without an offer, with early media"] = (s_caller with { OfferlessPerMille = 1000 }, s_callee with { EarlyMediaPerMille = 1000 }),
        ["a call that is refused"] = (s_caller, s_callee with { RefusesPerMille = 1000 }),
        ["a call that is sent elsewhere"] = (s_caller, s_callee with { RefusesPerMille = 1000, RedirectsPerMille = 1000 }),
        ["a call that is given up"] = (s_caller with { ExpiresPerMille = 1000, ExpiresSeconds = 5 }, s_callee with { AnswerMs = 1, IgnoresPerMille = 1000 }),
        ["a call with holds, keys and texts"] = (s_caller with { TalkMs = 60_000, MaxDeeds = 10, DeedMs = 4000 }, s_callee),
        ["a call that is changed by the callee"] = (s_caller with { TalkMs = 60_000 }, s_callee with { MaxDeeds = 10, DeedMs = 4000 }),
        ["a call that is refreshed"] = (s_caller with { TalkMs = 400_000 }, s_callee),
        ["a call that the callee hangs up"] = (s_caller with { StaysPerMille = 1000 }, s_callee with { StaysPerMille = 0, TalkMs = 5000 }),
    };

    private static readonly string[] s_pools =
        ["calls", "client transactions", "server transactions", "connections", "outputs", "audio sessions", "small buffers", "middle buffers", "large buffers"];

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
    public void A_call_passes_once_a_pool_is_large_enough_and_harms_nothing_before(string flow, string pool, int agent)
    {
        var ample = Result(flow, plan => plan, agent, hasSmallPools: false);
        Assert.True(ample.Run.Failure is null, FailureReport.Of(ample.Run));

        int capacity = 0;
        for (; capacity <= MostNeeded; capacity++)
        {
            var result = Result(flow, plan => With(plan, pool, capacity), agent, hasSmallPools: true);
            Assert.True(result.Run.Failure is null, $"{flow}, {capacity} {pool}\n{FailureReport.Of(result.Run)}");
            if (OutcomeOf(result) == OutcomeOf(ample))
                break;
            Assert.True(result.CountedRefusals > 0, $"{flow} did not pass with {capacity} {pool}, and nothing was counted\n{OutcomeOf(ample)}\n{OutcomeOf(result)}\n{FailureReport.Of(result.Run)}");
        }
        Assert.True(capacity <= MostNeeded, $"{flow} does not pass with {MostNeeded} {pool}");
    }

    private static CallRunResult Result(string flow, Func<CallAgentPlan, CallAgentPlan> change, int agent, bool hasSmallPools)
    {
        var (caller, callee) = s_flows[flow];
        var usual = new CallAgentPlan { Timer = new() { Mode = SessionTimerMode.Always, IntervalSeconds = 90 } };
        return CallRun.Of(1, new()
        {
            Agents = 2,
            Seconds = 420,
            Faults = NetworkFaults.None with { LatencyUs = 10_000 },
            HasSmallPools = hasSmallPools,
            Personality = number => number == 0 ? caller : callee,
            Plan = number => number == agent ? change(usual) : usual,
        });
    }

    private static string OutcomeOf(CallRunResult result) =>
        string.Join("; ", result.Users.Select(user => string.Join(", ", user.Where(pair => pair.Value > 0).Select(pair => $"{pair.Key} {pair.Value}"))));

    private static CallAgentPlan With(CallAgentPlan plan, string pool, int capacity)
    {
        var buffers = plan.Buffers;
        return pool switch
        {
            "calls" => plan with { Calls = capacity, SpareDialogs = 0 },
            "client transactions" => plan with { ClientTransactions = capacity },
            "server transactions" => plan with { ServerTransactions = capacity },
            "connections" => plan with { Connections = capacity },
            "outputs" => plan with { Outputs = capacity },
            "audio sessions" => plan with { AudioSessions = capacity },
            // A larger buffer takes what a smaller one could: where a class is small there are few above it, too.
            "small buffers" => plan with { Buffers = [buffers[0] with { Count = capacity }, buffers[1] with { Count = Few }, buffers[2] with { Count = Few }] },
            "middle buffers" => plan with { Buffers = [buffers[0], buffers[1] with { Count = capacity }, buffers[2] with { Count = Few }] },
            _ => plan with { Buffers = [buffers[0] with { Count = 0 }, buffers[1] with { Count = 0 }, buffers[2] with { Count = capacity }] },
        };
    }
}
