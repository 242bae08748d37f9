// An answering agent on a host, from its sockets to its counters.
using SipEmbedded.Device.Serving;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Peer;

namespace SipEmbedded.Device.Answer;

/// <summary>Runs "doorphone answer".</summary>
internal static class AnswerRun
{
    public static int Run(AnswerOptions options)
    {
        if (options.PlanOnly)
        {
            var rehearsal = StartGate.Rehearsal();
            _ = new SipHost(rehearsal, HostOptionsOf(options));
            _ = new AnsweringAgent(rehearsal, AgentOptionsOf(options, []), new NoEntropy());
            MemoryPlanTable.Write(Console.Out, rehearsal.Plan());
            return ExitStatus.Done;
        }
        var gate = new StartGate();
        if (!Trace.TryOpen(gate, options.TracePath, Math.Max(1, options.Connections), out var trace))
            return ExitStatus.Usage;
        using (trace)
        using (var host = new SipHost(gate, HostOptionsOf(options), observer: trace?.Writer))
        {
            // Which ports were had is known when the sockets are open, and the agent's Vias name them.
            if (!Listening.TryOpen(host, out var points))
                return ExitStatus.Usage;
            var agent = new AnsweringAgent(gate, AgentOptionsOf(options, points), new KernelEntropy());
            gate.Close();
            foreach (var point in points)
                Console.WriteLine($"listening on {Listening.NameOf(point)}");
            Console.Out.Flush();
            var reason = host.Run(agent, new Application(agent));
            Report(Console.Out, agent, host);
            return reason == StopReason.Drained ? ExitStatus.Done : ExitStatus.Fault;
        }
    }

    private static HostOptions HostOptionsOf(AnswerOptions options) => new()
    {
        Udp = options.Udp ? options.Listen : [],
        Tcp = options.Tcp ? options.Listen : [],
        Connections = options.Connections,
        HandlesSignals = true,
    };

    private static AnsweringOptions AgentOptionsOf(AnswerOptions options, Transport.ListeningPoint[] points) => new()
    {
        RingTime = options.RingTime,
        Agent = AnsweringOptions.AgentFor(points, options.Calls, options.CallsPerSecond, options.Connections),
    };

    private static void Report(TextWriter output, AnsweringAgent agent, SipHost host)
    {
        CounterReport.Write(output, "answer", agent.Counters);
        output.WriteLine($"answer.CallHighWater {agent.CallHighWater}");
        CounterReport.Write(output, "transactions", agent.Agent.TransactionCounters);
        CounterReport.Write(output, "transport", agent.Agent.TransportCounters);
        CounterReport.Write(output, "host", host.Counters);
        CounterReport.Write(output, "in-use", agent.Agent.Use);
    }

    private sealed class Application(AnsweringAgent agent) : IHostApplication
    {
        public bool IsDrained => agent.IsDrained;

        public void HandleStop(Instant now) => agent.Stop(now);

        // There is no configuration but the command line.
        public void HandleReload(Instant now)
        {
        }
    }
}
