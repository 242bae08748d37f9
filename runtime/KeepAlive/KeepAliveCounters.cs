namespace SipEmbedded.KeepAlive;

/// <summary>What happened to flows since start. A STUN message is in exactly one of the counters from StunAnswers to StunDropped.</summary>
public struct KeepAliveCounters
{
    /// <summary>Flows that were not kept: no slot, or not to be kept by that method.</summary>
    public long Refused;

    /// <summary>Pings and Binding requests that went out first, and those that went out again.</summary>
    public long Asked;

    public long Retransmissions;

    /// <summary>Pings and requests that found no buffer or no room in the queue.</summary>
    public long NotSent;

    /// <summary>Pongs that somebody waited for.</summary>
    public long Pongs;

    /// <summary>Binding answers that somebody waited for, errors included.</summary>
    public long StunAnswers;

    /// <summary>Binding requests of others: answered, and passed over since that is off.</summary>
    public long StunRequestsAnswered;

    public long StunRequestsIgnored;

    /// <summary>Binding indications: they want nothing.</summary>
    public long StunIndications;

    /// <summary>Answers that match no request: late, repeated, from elsewhere, made up.</summary>
    public long StunStrays;

    /// <summary>Not whole, not Binding, or with a wrong fingerprint.</summary>
    public long StunDropped;

    /// <summary>Flows that were told dead, each keeper of one counted.</summary>
    public long Deaths;
}
