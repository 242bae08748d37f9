// What is watched during a run. A check sees everything that happens and throws where it may not; it knows the RFCs, and nothing of the engine's insides.
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal abstract class Check
{
    public string Name => GetType().Name;

    /// <summary>Something happened. What is received is told before the agent gets it, what is sent when the agent hands it out.</summary>
    public virtual void Saw(Occurrence occurrence)
    {
    }

    /// <summary>An agent's application is about to give a command, which the agent will take.</summary>
    public virtual void Commanded(Command command)
    {
    }

    /// <summary>All that was to be done at <paramref name="from"/> was done; nothing happens until <paramref name="to"/>.</summary>
    public virtual void TimeMoves(Instant from, Instant to)
    {
    }

    /// <summary>The run is over, the network healed, all deadlines past.</summary>
    public virtual void AtRest()
    {
    }

    protected SimulationFailure Failure(string what) => new(Name, what);
}
