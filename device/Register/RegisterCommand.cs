// "doorphone register": its options, and what its help says.
using System.CommandLine;
using SipEmbedded.Device.Configuration;
using SipEmbedded.Device.Serving;

namespace SipEmbedded.Device.Register;

internal static class RegisterCommand
{
    public static Command Create()
    {
        Option<string> config = new("--config")
        {
            Description = "The configuration, a JSON file with comments; doorphone.example.json shows all of it.", HelpName = "FILE", Required = true,
        };
        Option<bool> query = new("--query") { Description = "Ask each server once which contacts it knows, print them, and end." };
        Option<bool> all = new("--unregister-all")
        {
            Description = "Remove every contact of each account once, also those of other devices, and end.",
        };
        Option<bool> json = new("--json") { Description = "Print JSON lines, an object for each event." };
        Option<bool> plain = new("--plain") { Description = "Print a line for each event on a terminal, too, in place of a table." };
        Option<string> trace = new("--trace") { Description = Trace.Description, HelpName = "FILE" };

        Command command = new(
            "register",
            "Keep the accounts of a configuration file registered and show how they stand: on a terminal as a table, elsewhere as a line for each event. It runs "
            + "until SIGTERM or SIGINT (Ctrl-C) and then unregisters them; a second signal ends it at once. SIGHUP reads the file again: contacts, expires, refresh "
            + "delay, route, headers, sent-by and passwords of its accounts are taken over and registered at once, the rest takes a restart. Exits with 0 where "
            + "every account did what it was asked for last, 1 where one did not, 2 where the command line or the configuration is wrong or an address cannot "
            + "be had.")
        {
            config, query, all, json, plain, trace,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(query) && result.GetValue(all))
                result.AddError("--query and --unregister-all are two things to do: one at a time.");
        });
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(config);
            if (PhoneConfiguration.Load(path, Console.Error) is not { } configuration)
                return ExitStatus.Usage;
            return RegisterRun.Run(new()
            {
                ConfigurationPath = path,
                Configuration = configuration,
                Task = result.GetValue(query) ? RegisterTask.Query : result.GetValue(all) ? RegisterTask.UnregisterAll : RegisterTask.Stay,
                IsJson = result.GetValue(json),
                IsPlain = result.GetValue(plain),
                TracePath = result.GetValue(trace),
            });
        });
        return command;
    }
}
