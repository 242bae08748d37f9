// "doorphone probe": its options, and what its help says.
using System.CommandLine;
using System.Globalization;
using System.Text;
using SipEmbedded.Device.Serving;
using SipEmbedded.Peer;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Probe;

internal static class ProbeCommand
{
    // Each attempt is remembered for 32 s; see AnswerCommand.
    private const double MostPerSecond = 10_000;
    private const double LeastPerSecond = 0.001;
    private const int MostAtOnce = 100_000;
    private const int MostMilliseconds = 3_600_000;

    public static Command Create()
    {
        Argument<string> uri = new("SIP-URI")
        {
            Description = "Whom to ask: sip:door@192.0.2.1, sip:192.0.2.1:5070, \"sip:[2001:db8::1];transport=tcp\". The host is an address.",
        };
        Option<bool> tcp = new("--tcp") { Description = "Over TCP, whatever the URI says. Without it UDP, or the URI's transport." };
        Option<bool> call = new("--call") { Description = "Call, and hang up, instead of asking with OPTIONS." };
        var count = NumberOption.Create("--count", "N", 1, 0, int.MaxValue, "How many times; 0 for no end. Default: 1.");
        Option<double> rate = new("--rate") { Description = "How many a second, fractions too. Default: 1.", HelpName = "R", DefaultValueFactory = _ => 1 };
        var concurrency = NumberOption.Create("--concurrency", "N", 64, 1, MostAtOnce, "How many may be under way; the next one waits. Default: 64.");
        var hold = NumberOption.Create("--hold", "MS", 0, 0, MostMilliseconds, "Milliseconds that a call lasts. Default: 0.");
        var limit = NumberOption.Create(
            "--cancel-after", "MS", 60_000, 1, MostMilliseconds, "Cancel a call that is not answered within so many milliseconds. Default: 60000.");
        Option<string> trace = new("--trace") { Description = Trace.Description, HelpName = "FILE" };
        Option<bool> quiet = new("--quiet", "-q") { Description = "Print the summary alone." };

        Command command = new(
            "probe",
            "Ask a SIP element whether it is there (OPTIONS), or call it, and print how long it took to answer. Ctrl-C ends it in order; a second one at once. "
            + "Exits with 0 where every attempt had a 2xx (and every call ended in order), 1 where one had not, 2 where the command line is wrong or there "
            + "is no way to the address.")
        {
            uri, tcp, call, count, rate, concurrency, hold, limit, trace, quiet,
        };
        uri.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && ProbeTarget.Read(token.Value, out _, out _) is { } fault)
                result.AddError(fault);
        });
        rate.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                bool isNumber = double.TryParse(token.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value);
                if (!isNumber || value is not (>= LeastPerSecond and <= MostPerSecond))
                    result.AddError(string.Create(CultureInfo.InvariantCulture, $"--rate: '{token.Value}' is no number from {LeastPerSecond} to {MostPerSecond}."));
            }
        });
        command.SetAction(result =>
        {
            string target = result.GetRequiredValue(uri);
            _ = ProbeTarget.Read(target, out var remote, out var protocol);
            return ProbeRun.Run(new()
            {
                Uri = Encoding.UTF8.GetBytes(target),
                Remote = remote,
                Protocol = result.GetValue(tcp) ? Protocol.Tcp : protocol,
                Kind = result.GetValue(call) ? AttemptKind.Call : AttemptKind.Options,
                Count = result.GetValue(count),
                Rate = result.GetValue(rate),
                Concurrency = result.GetValue(concurrency),
                HoldTime = TimeSpan.FromMilliseconds(result.GetValue(hold)),
                AnswerLimit = TimeSpan.FromMilliseconds(result.GetValue(limit)),
                TracePath = result.GetValue(trace),
                IsQuiet = result.GetValue(quiet),
            });
        });
        return command;
    }
}
