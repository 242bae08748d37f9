// Accounts on a host, from the sockets to the last answer.
using SipEmbedded.Agent;
using SipEmbedded.Device.Configuration;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Serving;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Register;

/// <summary>Runs "doorphone register".</summary>
internal static class RegisterRun
{
    // One to each account's server and to one that it fails over to, and strangers.
    private const int Connections = 2 * PhoneConfiguration.MaxAccounts + 8;

    // A server that is gone does not keep somebody at the terminal waiting for all of 64*T1.
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(8);

    public static int Run(RegisterOptions options)
    {
        var gate = new StartGate();
        if (!Trace.TryOpen(gate, options.TracePath, Connections, out var trace))
            return ExitStatus.Usage;
        var configuration = options.Configuration;
        var hostOptions = new HostOptions
        {
            Udp = configuration.Listen,
            Tcp = configuration.Listen,
            Connections = Connections,
            HandlesSignals = true,
            StopTimeout = s_stopTimeout,
            ResolverConfigurationPath = configuration.ResolvConf,
            HostsPath = configuration.Hosts,
        };
        using (trace)
        using (var host = new SipHost(gate, hostOptions, observer: trace?.Writer))
        {
            if (!Listening.TryOpen(host, out var points))
                return ExitStatus.Usage;
            var sip = new SipAgent(gate, AgentOptionsOf(configuration, points), new KernelEntropy(), host.Addresses);
            var report = ReportOf(options);
            var agent = new RegisteringAgent(sip, options, report, host.RequestStop);
            gate.Close();
            foreach (var point in points)
                report.AddNote(DateTimeOffset.Now, $"listening on {Listening.NameOf(point)}");
            if (agent.Start(host.Now) is { } fault)
            {
                Console.Error.WriteLine($"doorphone: {fault}");
                return ExitStatus.Usage;
            }
            var reason = host.Run(agent, agent);
            return reason == StopReason.Drained && agent.IsAllDone ? ExitStatus.Done : ExitStatus.Fault;
        }
    }

    private static IRegisterReport ReportOf(RegisterOptions options)
    {
        if (options.IsJson)
            return new JsonLineReport(Console.OpenStandardOutput());
        var terminal = Terminal.OfStandardOutput(noColor: false);
        // Console.Out would set up the terminal first, which writes escape sequences.
        var output = new StreamWriter(Console.OpenStandardOutput());
        bool isDumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        return terminal.IsTerminal && !options.IsPlain && !isDumb ? new TableReport(output, terminal) : new LineReport(output);
    }

    private static SipAgentOptions AgentOptionsOf(PhoneConfiguration configuration, ListeningPoint[] points) => new()
    {
        Transport = new() { ListeningPoints = points, Connections = Connections, HonoursMulticastAddress = false },
        Transactions = new() { AllowedMethods = [Method.Options] },
        Pings = new() { Targets = configuration.Accounts.Length },
        Resolver = new()
        {
            DeadTime = TimeSpan.FromSeconds(configuration.DeadTimeSeconds), FailureTime = TimeSpan.FromSeconds(configuration.FailureTimeSeconds),
        },
        Registration = new()
        {
            Accounts = configuration.Accounts.Length,
            RetryBase = TimeSpan.FromSeconds(configuration.Retry.FirstSeconds),
            RetryMost = TimeSpan.FromSeconds(configuration.Retry.LongestSeconds),
            RefusedRetry = TimeSpan.FromSeconds(configuration.Retry.RefusedSeconds),
            Spread = TimeSpan.FromSeconds(configuration.Retry.SpreadSeconds),
        },
    };
}
