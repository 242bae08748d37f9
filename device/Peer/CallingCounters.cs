namespace SipEmbedded.Peer;

/// <summary>What became of a calling agent's attempts. Each that is over is in exactly one of the first eight behind <see cref="Begun"/>.</summary>
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

    /// <summary>Calls that the callee ended; among those that succeeded.</summary>
    public long EndedByPeer;

    /// <summary>2xx that came again, each acknowledged again.</summary>
    public long AnswersRepeated;

    /// <summary>2xx of another callee than the first, each acknowledged and ended with a BYE (RFC 3261 §13.2.2.4).</summary>
    public long Forks;

    /// <summary>ACKs and the BYEs of forks that found no room.</summary>
    public long Unsent;

    /// <summary>Requests of peers outside a call, answered with 481.</summary>
    public long OutsideCalls;

    /// <summary>Attempts that began later than planned, since too many were under way.</summary>
    public long Delayed;

    /// <summary>Results that nobody took in time.</summary>
    public long ResultsDropped;
}
