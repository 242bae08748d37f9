// What stands on an agent: the part that decides whom to call and what to answer.
namespace SipEmbedded.Simulation;

internal interface IApplication
{
    /// <summary>
    /// Does one thing that is due: takes one event, gives one command. False where nothing is left. The node sends what the engine hands out before it
    /// asks again, as the engine's contract wants it.
    /// </summary>
    bool Work();
}
