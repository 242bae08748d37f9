// What happened to all sessions since the start.
namespace SipEmbedded.Negotiation;

public struct NegotiationCounters
{
    /// <summary>Offers that were written, refreshes included.</summary>
    public long OffersMade;

    /// <summary>Offers of peers that can be answered.</summary>
    public long OffersTaken;

    /// <summary>Exchanges that ended well.</summary>
    public long Agreed;

    /// <summary>Exchanges that were given up, and returns to what held before a request.</summary>
    public long RolledBack;

    /// <summary>Descriptions that could be read and not used.</summary>
    public long Unacceptable;

    /// <summary>Descriptions that could not be read, and answers that do not fit their offer.</summary>
    public long Malformed;

    /// <summary>Offers that came while an exchange was open.</summary>
    public long Glares;

    /// <summary>Streams of peers that were refused in answers.</summary>
    public long StreamsRefused;

    /// <summary>Answers with fewer streams than their offer.</summary>
    public long ShortAnswers;

    /// <summary>Later offers with fewer streams than there were, which RFC 3264 §8 forbids; they are answered as they stand.</summary>
    public long StreamsDropped;

    /// <summary>Descriptions that found no buffer, or were too long.</summary>
    public long NoRoom;
}
