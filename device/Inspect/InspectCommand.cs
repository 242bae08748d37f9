// "doorphone inspect": its options, and what its help says.
using System.CommandLine;
using System.CommandLine.Parsing;

namespace SipEmbedded.Device.Inspect;

internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string[]> files = new("FILES")
        {
            Description = "Files to read, each a datagram; '-' or none is the standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        // What looks like an option and is none is a mistake, not a file; a file of such a name can be given as ./-name.
        files.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.Length > 1 && token.Value[0] == '-'))
                result.AddError($"There is no option '{token.Value}'.");
        });
        Option<bool> json = new("--json") { Description = "Print JSON lines, an object for each message." };
        Option<bool> stream = new("--stream")
        {
            Description = "Each input is a byte stream of messages and keep-alives, as over TCP: Content-Length ends a message.",
        };
        Option<bool> strict = new("--strict") { Description = "Accept nothing but the RFCs' own grammar." };
        Option<Tolerance> lenient = new("--lenient")
        {
            Description = "Accept this deviation; may be repeated, or given as a list with commas. With it, all that are not named are off. "
                + "Without --strict and --lenient all are on. Names: " + string.Join(", ", Tolerance.Names) + ".",
            HelpName = "NAME",
            CustomParser = ParseTolerance,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        Option<bool> verbose = new("--verbose", "-v") { Description = "Print all fields of every message, also of several files." };
        Option<bool> noColor = new("--no-color") { Description = "No colours on a terminal; the variable NO_COLOR does the same." };

        Command command = new(
            "inspect",
            "Print the typed fields of SIP messages: start line, headers, URIs, SDP, parts of a multipart body. Several files get a verdict a line "
            + "instead, unless -v or --json is given. Faults go to the standard error as FILE:OFFSET: KIND in RULE (HEADER): explanation. Exits with 0 "
            + "where all messages are well formed, 1 where one is not, 2 where the command line is wrong or a file cannot be read.")
        {
            files, json, stream, strict, lenient, verbose, noColor,
        };
        command.SetAction(result =>
        {
            string[] inputs = result.GetValue(files) is { Length: > 0 } given ? given : [InspectOptions.StandardInput];
            var allow = result.GetResult(lenient) is { Implicit: false } ? result.GetValue(lenient)
                : result.GetValue(strict) ? Tolerance.None : Tolerance.Default;
            var options = new InspectOptions(inputs, result.GetValue(stream), allow, result.GetValue(json), result.GetValue(verbose));
            return Inspection.RunOnConsole(options, Terminal.OfStandardOutput(result.GetValue(noColor)));
        });
        return command;
    }

    private static Tolerance ParseTolerance(ArgumentResult result)
    {
        var tolerance = Tolerance.None;
        foreach (string name in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (!tolerance.TryAdd(name, out tolerance))
                result.AddError($"--lenient: there is no leniency '{name}'; 'doorphone inspect --help' lists them.");
        }
        return tolerance;
    }
}
