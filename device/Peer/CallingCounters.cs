namespace SipEmbedded.Peer;

/// <summary>What became of a calling agent's attempts. Each that is over is in exactly one of the first nine behind <see cref="Begun"/>.</summary>
public struct CallingCounters
{
    public long Begun;

    public long Succeeded;

    public long Refused;

    public long TimedOut;

    public long Undelivered;

    public long Cancelled;

    public long NotSent;

    public long BadAnswers;

    public long ByesRefused;

    public long Lost;

    /// <summary>Calls that the callee ended; among those that succeeded.</summary>
    public long EndedByPeer;

    /// <summary>Attempts that began later than planned, since too many were under way.</summary>
    public long Delayed;

    /// <summary>Results that nobody took in time.</summary>
    public long ResultsDropped;
}
