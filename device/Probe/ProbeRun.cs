// A calling agent on a host, from the first request to the summary.
using System.Globalization;
using System.Text;
using SipEmbedded.Device.Serving;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Peer;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Probe;

/// <summary>Runs "doorphone probe".</summary>
internal static class ProbeRun
{
    // Ours, and what a callee opens for its own requests.
    private const int TracedConnections = 4;

    public static int Run(ProbeOptions options)
    {
        if (!SipHost.TryLocalFor(options.Remote, out var local))
        {
            Console.Error.WriteLine($"doorphone: there is no way to {EndpointText.Of(options.Remote)}");
            return ExitStatus.Usage;
        }
        var gate = new StartGate();
        if (!Trace.TryOpen(gate, options.TracePath, TracedConnections, out var trace))
            return ExitStatus.Usage;
        // A free port; a callee reaches it by our Contact. Over TCP, too: a BYE may come on a connection of its own.
        IpEndpoint[] listen = [local.WithPort(0)];
        var hostOptions = new HostOptions
        {
            Udp = options.Protocol == Protocol.Udp ? listen : [], Tcp = options.Protocol == Protocol.Tcp ? listen : [], HandlesSignals = true,
        };
        using (trace)
        using (var host = new SipHost(gate, hostOptions, observer: trace?.Writer))
        {
            if (!Listening.TryOpen(host, out var points))
                return ExitStatus.Usage;
            var from = options.Protocol == Protocol.Udp ? points[0].Endpoint : local.WithPort(0);
            var agent = new CallingAgent(gate, new()
            {
                Uri = options.Uri,
                Flow = new(options.Protocol, from, options.Remote),
                Kind = options.Kind,
                Count = options.Count,
                Interval = TimeSpan.FromSeconds(1 / options.Rate),
                Concurrency = options.Concurrency,
                HoldTime = options.HoldTime,
                AnswerLimit = options.AnswerLimit,
                Agent = CallingOptions.AgentFor(points, options.Concurrency, (int)Math.Ceiling(options.Rate)),
            }, new KernelEntropy());
            gate.Close();
            var watched = new WatchedProbe(agent, host, options.IsQuiet ? TextWriter.Null : Console.Out);
            agent.Start(host.Now);
            host.Run(watched, watched);
            Summarize(Console.Out, agent);
            return agent.Counters.Succeeded == agent.Counters.Begun && agent.IsDone ? ExitStatus.Done : ExitStatus.Fault;
        }
    }

    /// <summary>One line for an attempt.</summary>
    internal static string Describe(in AttemptResult result)
    {
        string reason = Encoding.ASCII.GetString(ReasonPhrase.Of(result.Status));
        string answer = result.Status == 0 ? "" : $"{result.Status} {reason} in {Milliseconds(result.ResponseTime)}";
        string what = result.Outcome switch
        {
            AttemptOutcome.Succeeded or AttemptOutcome.Refused => answer,
            AttemptOutcome.TimedOut => result.Status == 0 ? "no answer" : $"{answer}; no answer to the BYE",
            AttemptOutcome.Undelivered => $"not delivered: {result.Fault.ToString().ToLowerInvariant()}",
            AttemptOutcome.Cancelled => result.Status == 0 ? "given up" : $"cancelled; {answer}",
            AttemptOutcome.NotSent => "not sent: no room",
            AttemptOutcome.BadAnswer => $"{answer}; without a Contact, or with what cannot be read",
            AttemptOutcome.Lost => $"{answer}; lost later",
            _ => $"{answer}; the BYE was refused",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{result.Number}: {what}");
    }

    private static void Summarize(TextWriter output, CallingAgent agent)
    {
        ref readonly var counters = ref agent.Counters;
        (long Count, string Name)[] outcomes =
        [
            (counters.Refused, "refused"), (counters.TimedOut, "without an answer"), (counters.Undelivered, "not delivered"),
            (counters.Cancelled, "cancelled"), (counters.NotSent, "not sent"), (counters.BadAnswers, "answered wrongly"),
            (counters.ByesRefused, "with a BYE refused"), (counters.Lost, "lost"), (agent.AttemptCount, "left"),
        ];
        string failures = "";
        foreach (var (count, name) in outcomes)
            failures += count > 0 ? string.Create(CultureInfo.InvariantCulture, $", {count} {name}") : "";
        long retransmissions = agent.Agent.TransactionCounters.Retransmissions;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{counters.Begun} made, {counters.Succeeded} succeeded{failures}; {retransmissions} retransmissions"));
        var times = agent.ResponseTimes;
        if (times.Count > 0)
        {
            output.WriteLine($"answered in {Milliseconds(times.Shortest)} at least, {Milliseconds(times.Mean)} on average, "
                + $"{Milliseconds(times.Percentile(0.5))} for half, {Milliseconds(times.Percentile(0.99))} for 99 %, {Milliseconds(times.Longest)} at most");
        }
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0##} ms");
}
