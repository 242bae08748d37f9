// "doorphone memory-plan": what the stack takes with the settings of a door-phone, without taking it.
using System.CommandLine;
using SipEmbedded.Agent;
using SipEmbedded.Host;
using SipEmbedded.Memory;

namespace SipEmbedded.Device.Serving;

internal static class MemoryPlanCommand
{
    public static Command Create()
    {
        Command command = new(
            "memory-plan",
            "Print what memory the SIP stack takes at start with the settings of a door-phone, pool by pool: capacity, bytes each, bytes. After start it "
            + "takes no more. 'doorphone answer --memory-plan' prints the same for an answering agent and its options.");
        command.SetAction(result =>
        {
            var gate = StartGate.Rehearsal();
            _ = new SipAgent(gate, new(), new NoEntropy());
            _ = new SipHost(gate, new());
            MemoryPlanTable.Write(Console.Out, gate.Plan());
            return ExitStatus.Done;
        });
        return command;
    }
}
