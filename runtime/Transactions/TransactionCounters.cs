namespace SipEmbedded.Transactions;

/// <summary>
/// What happened since start. Each message is in exactly one of the counters that say what became of it: one that cannot be read in Unreadable, BadRequests or
/// BadResponses; a request from RequestsTold to Unroutable; a response from ResponsesTold to StrayResponses.
/// </summary>
public struct TransactionCounters
{
    /// <summary>Requests and responses that could be read.</summary>
    public long RequestsReceived;

    public long ResponsesReceived;

    /// <summary>New requests told to the user.</summary>
    public long RequestsTold;

    /// <summary>Requests that were here before: answered again, or absorbed.</summary>
    public long RetransmissionsReceived;

    /// <summary>ACKs to an INVITE that is here.</summary>
    public long AcksReceived;

    /// <summary>CANCELs of an INVITE that is here; answered with 200.</summary>
    public long CancelsReceived;

    /// <summary>Responses told to the user.</summary>
    public long ResponsesTold;

    /// <summary>Responses to a request that is here, not told: repeated, late, or to a CANCEL.</summary>
    public long ResponsesAbsorbed;

    /// <summary>Messages sent again, by a timer or in answer to one that came again.</summary>
    public long Retransmissions;

    /// <summary>Input that is no SIP message, or a message without what it takes to answer it; dropped.</summary>
    public long Unreadable;

    /// <summary>Responses with a fault, or with more Vias than ours; dropped (RFC 3261 §8.1.3.3, §18.1.2).</summary>
    public long BadResponses;

    /// <summary>Requests answered with 400, 505, 413 or 513.</summary>
    public long BadRequests;

    /// <summary>Requests answered with 405 or 501, 416, 420, 482 and 483.</summary>
    public long MethodsRefused;

    public long SchemesRefused;

    public long ExtensionsRefused;

    public long MergedRequests;

    public long Loops;

    public long SpentRequests;

    /// <summary>Requests answered with 503 for want of a slot or a buffer.</summary>
    public long ServersRefused;

    /// <summary>CANCELs that had to wait, and found no buffer for their user's header lines.</summary>
    public long CancelsWithoutLines;

    /// <summary>Requests of our own that found no slot or no buffer.</summary>
    public long ClientsRefused;

    /// <summary>Responses that match no transaction; dropped.</summary>
    public long StrayResponses;

    /// <summary>ACKs that match nothing; dropped.</summary>
    public long StrayAcks;

    /// <summary>CANCELs that match nothing; answered with 481.</summary>
    public long StrayCancels;

    /// <summary>Requests whose Via leads nowhere (<see cref="Transport.ResponseRoute"/>); dropped.</summary>
    public long Unroutable;

    /// <summary>Requests of ours that ended without a final response.</summary>
    public long ClientTimeouts;

    public long TransportErrors;

    /// <summary>Final responses to an INVITE that nobody acknowledged.</summary>
    public long Unacknowledged;

    /// <summary>Requests that our own user left unanswered.</summary>
    public long ServerTimeouts;

    /// <summary>Requests that went over a stream for their size, and those of them that fell back to UDP.</summary>
    public long SwitchedToStream;

    public long FellBackToUdp;

    /// <summary>Commands for a transaction that had ended.</summary>
    public long StaleCommands;
}
