// "doorphone ladder": its options, and what its help says.
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Ladder;

internal static class LadderCommand
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "A capture in pcap format (tcpdump -w, tshark -F pcap); '-' is the standard input." };
        file.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.Length > 1 && token.Value[0] == '-'))
                result.AddError($"There is no option '{token.Value}'.");
        });
        Option<string> html = new("--html") { Description = "Write a page with a diagram, to be opened by a browser; it has all messages in it.", HelpName = "OUT" };
        Option<string> svg = new("--svg") { Description = "Write the diagram as a picture, without the messages.", HelpName = "OUT" };
        Option<string> call = new("--call") { Description = "Show the messages of this call alone.", HelpName = "CALL-ID" };
        Option<ParticipantName[]> name = new("--name")
        {
            Description = "Call a participant by a name; may be repeated. Without a port it is for all ports of the address. An IPv6 address with a port "
                + "stands in brackets.",
            HelpName = "ADDRESS[:PORT]=NAME",
            CustomParser = ParseNames,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        Option<bool> ascii = new("--ascii") { Description = "Draw with ASCII characters alone, and write all others of a message as escapes." };
        Option<bool> noColor = new("--no-color") { Description = "No colours on a terminal; the variable NO_COLOR does the same." };

        Command command = new(
            "ladder",
            "Draw the SIP messages of a capture as a ladder: a column for each participant, an arrow for each message, with times from the first one on. SIP "
            + "is found on all ports, in UDP and in TCP. Without --html and --svg the ladder is printed as text, as wide as the terminal. Exits with 0 where "
            + "the whole file was read and SIP was in it, 1 where it is cut, damaged or has no SIP, 2 where the command line is wrong or a file cannot be "
            + "read or written.")
        {
            file, html, svg, call, name, ascii, noColor,
        };
        command.SetAction(result => LadderRun.RunOnConsole(
            new(result.GetValue(file)!, result.GetValue(html), result.GetValue(svg), result.GetValue(call), result.GetValue(ascii), result.GetValue(name) ?? []),
            Terminal.OfStandardOutput(result.GetValue(noColor))));
        return command;
    }

    private static ParticipantName[] ParseNames(ArgumentResult result)
    {
        var names = new List<ParticipantName>();
        foreach (var token in result.Tokens)
        {
            int equals = token.Value.IndexOf('=');
            if (equals > 0 && equals < token.Value.Length - 1 && TryReadEndpoint(token.Value[..equals], out var endpoint))
                names.Add(new(endpoint, token.Value[(equals + 1)..]));
            else
                result.AddError($"--name: '{token.Value}' is not ADDRESS=NAME or ADDRESS:PORT=NAME.");
        }
        return [.. names];
    }

    private static bool TryReadEndpoint(string text, out IpEndpoint endpoint)
    {
        if (IpEndpoint.TryRead(Encoding.UTF8.GetBytes(text), 0, out endpoint))
            return true;
        int colon = text.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out ushort port)
            && IpEndpoint.TryRead(Encoding.UTF8.GetBytes(text[..colon]), port, out endpoint);
    }
}
