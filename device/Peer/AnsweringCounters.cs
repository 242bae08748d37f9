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

    /// <summary>Ended since the answer could not be sent: no buffer, too large.</summary>
    public long CallsUnanswered;

    /// <summary>INVITEs inside a call, answered.</summary>
    public long ReInvites;

    /// <summary>INVITEs refused with 486 or 480: too many calls, or the agent is ending.</summary>
    public long BusyRefusals;

    /// <summary>INVITEs refused for what they are: 400, 415, 488, 513.</summary>
    public long InvitesRefused;

    /// <summary>Requests inside a dialog that is not there, answered with 481.</summary>
    public long OutsideCalls;

    /// <summary>Requests inside a call out of order or too early, answered with 500.</summary>
    public long OutOfOrder;

    /// <summary>BYEs of ours sent, and those of them that nobody answered.</summary>
    public long ByesSent;

    public long ByesUnanswered;

    /// <summary>BYEs of ours that found no room.</summary>
    public long ByesUnsent;

    /// <summary>Responses that could not be sent.</summary>
    public long ResponsesUnsent;
}
