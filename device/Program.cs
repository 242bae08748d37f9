// The doorphone program: one command a task. What it exits with is told in each command's help.
using System.CommandLine;
using SipEmbedded.Device;
using SipEmbedded.Device.Answer;
using SipEmbedded.Device.Call;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Ladder;
using SipEmbedded.Device.Probe;
using SipEmbedded.Device.Register;
using SipEmbedded.Device.Serving;

RootCommand root = new(
    "The door-phone's program. So far it calls and is called with a file for a voice, keeps accounts registered, answers and probes as a SIP peer, inspects SIP "
    + "messages and draws captures of them; buttons, sound cards and doors are not there yet.")
{
    CallCommand.Create(),
    AnswerCommand.Create(),
    ProbeCommand.Create(),
    RegisterCommand.Create(),
    InspectCommand.Create(),
    LadderCommand.Create(),
    MemoryPlanCommand.Create(),
};

var parsed = root.Parse(args);
int status = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
return parsed.Errors.Count > 0 ? ExitStatus.Usage : status;
