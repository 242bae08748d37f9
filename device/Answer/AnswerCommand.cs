// "doorphone answer": its options, and what its help says.
using System.CommandLine;
using SipEmbedded.Device.Serving;
using SipEmbedded.Host;
using SipEmbedded.Peer;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Answer;

internal static class AnswerCommand
{
    // The memory plan for such a rate is 0.9 GB (--memory-plan); more is no test of a device.
    private const int MostCallsPerSecond = 10_000;
    private const int MostCalls = 100_000;

    // A descriptor each; the usual limit of a process is 1,024.
    private const int MostConnections = 900;

    public static Command Create()
    {
        Option<string[]> listen = new("--listen")
        {
            Description = "Address, port, or both to listen on: 192.0.2.1, :5070, [2001:db8::1]:5070. May be repeated. Without it: every IPv4 address, "
                + "port 5060.",
            HelpName = "ADDRESS:PORT",
        };
        Option<bool> udp = new("--udp") { Description = "Serve UDP alone. Without --udp and --tcp both are served." };
        Option<bool> tcp = new("--tcp") { Description = "Serve TCP alone." };
        var ring = Number(
            "--ring", "MS", 0, 0, (int)AnsweringOptions.LongestRing.TotalMilliseconds, "Milliseconds that a call rings before it is answered. Default: 0.");
        var calls = Number("--calls", "N", 64, 0, MostCalls, "Calls at once; one more is answered with 486. Default: 64.");
        var rate = Number("--rate", "N", 20, 1, MostCallsPerSecond,
            "Calls a second that memory is taken for: each is remembered for 32 s, as the RFC wants. More are answered with 503. Default: 20.");
        var connections = Number("--connections", "N", 32, 0, MostConnections, "TCP connections at once; one more is closed. Default: 32.");
        Option<string> trace = new("--trace") { Description = Trace.Description, HelpName = "FILE" };
        Option<bool> plan = new("--memory-plan") { Description = "Print what memory these options take, and end." };

        Command command = new(
            "answer",
            "Answer OPTIONS and calls: a callee to test others with. It rings, answers, takes part in re-INVITEs and ends; it has no media, so every stream "
            + "is inactive or refused. It runs until SIGTERM or SIGINT (Ctrl-C), ends the calls that there are, and prints its counters: a line each, those "
            + "that are 0 left out. A second signal ends it at once. Exits with 0 after an end in order, 1 where calls were left, 2 where the command line is "
            + "wrong or an address cannot be had.")
        {
            listen, udp, tcp, ring, calls, rate, connections, trace, plan,
        };
        listen.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !EndpointText.TryRead(token.Value, ResponseRoute.DefaultPort, out _)))
                result.AddError($"--listen: '{token.Value}' is no address; names are not looked up.");
            // A socket for UDP and one for TCP each.
            if (result.Tokens.Count > HostOptions.MaxSockets / 2)
                result.AddError($"--listen: at most {HostOptions.MaxSockets / 2} addresses.");
        });
        command.SetAction(result => AnswerRun.Run(new()
        {
            Listen = [.. (result.GetValue(listen) is { Length: > 0 } given ? given : ["0.0.0.0"]).Select(Endpoint)],
            Udp = result.GetValue(udp) || !result.GetValue(tcp),
            Tcp = result.GetValue(tcp) || !result.GetValue(udp),
            RingTime = TimeSpan.FromMilliseconds(result.GetValue(ring)),
            Calls = result.GetValue(calls),
            CallsPerSecond = result.GetValue(rate),
            Connections = result.GetValue(connections),
            TracePath = result.GetValue(trace),
            PlanOnly = result.GetValue(plan),
        }));
        return command;
    }

    private static IpEndpoint Endpoint(string text)
    {
        EndpointText.TryRead(text, ResponseRoute.DefaultPort, out var endpoint);
        return endpoint;
    }

    private static Option<int> Number(string name, string help, int standard, int least, int most, string description) =>
        NumberOption.Create(name, help, standard, least, most, description);
}
