// The doorphone program: one command a task. What it exits with is told in each command's help.
using System.CommandLine;
using SipEmbedded.Device;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Ladder;

RootCommand root = new("The door-phone's program. So far it inspects SIP messages and draws captures of them; the door-phone itself is not there yet.")
{
    InspectCommand.Create(),
    LadderCommand.Create(),
};

var parsed = root.Parse(args);
int status = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
return parsed.Errors.Count > 0 ? ExitStatus.Usage : status;
