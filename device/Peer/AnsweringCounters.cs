namespace SipEmbedded.Peer;

/// <summary>What became of the requests that an answering agent was sent. Every call that begins is in one of those that say how it ended.</summary>
public struct AnsweringCounters
{
    public long OptionsAnswered;

    /// <summary>Calls begun: an INVITE that was taken.</summary>
    public long CallsBegun;

    /// <summary>Calls answered with a 200.</summary>
    public long CallsAnswered;

    /// <summary>Answered calls whose ACK came.</summary>
    public long CallsConfirmed;

    /// <summary>Ended by the peer's BYE.</summary>
    public long CallsEnded;

    /// <summary>Ended by the peer's CANCEL before they were answered.</summary>
    public long CallsCancelled;

    /// <summary>Ended by us: the longest time, or the end of the agent.</summary>
    public long CallsHungUp;

    /// <summary>Ended by us since no ACK came for a 200.</summary>
    public long CallsUnacknowledged;

    /// <summary>Ended without an answer: it could not be sent (no buffer, too large), or the caller's Expires was over.</summary>
    public long CallsUnanswered;

    /// <summary>Ended since nobody refreshed the session (RFC 4028 §10).</summary>
    public long CallsExpired;

    /// <summary>Ended since the peer did not know the call any more, or its ACK brought no answer to our offer.</summary>
    public long CallsLost;

    /// <summary>INVITEs and UPDATEs inside a call, answered.</summary>
    public long ReInvites;

    /// <summary>Session refreshes of ours that were answered.</summary>
    public long Refreshes;

    /// <summary>INVITEs refused with 486 or 480, or 503: too many calls, no buffer, or the agent is ending.</summary>
    public long BusyRefusals;

    /// <summary>INVITEs refused for what they are: 400, 415, 421, 422, 488, 513.</summary>
    public long InvitesRefused;

    /// <summary>Requests inside a dialog that is not there, answered with 481.</summary>
    public long OutsideCalls;

    /// <summary>Requests inside a call out of order, answered with 500.</summary>
    public long OutOfOrder;

    /// <summary>Calls that ended with a BYE of ours, and those of them whose BYE nobody answered or that found no room for it.</summary>
    public long ByesSent;

    public long ByesUnanswered;
}
