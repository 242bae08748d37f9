// What happened to challenges and credentials, counted.
namespace SipEmbedded.Auth;

/// <summary>Of a session, since its making.</summary>
public struct AuthCounters
{
    /// <summary>Responses that challenged.</summary>
    public long Challenges;

    /// <summary>Lines that were passed over: not Digest, not its grammar, not known, too long, or more than are looked at.</summary>
    public long PassedOver;

    /// <summary>Realms whose credentials were wrong.</summary>
    public long Refused;

    /// <summary>Realms that offered only what is too weak.</summary>
    public long Downgrades;

    /// <summary>Protection spaces that were forgotten for another one's sake.</summary>
    public long SpacesEvicted;

    /// <summary>Servers that claimed to know the secret and did not.</summary>
    public long WrongProofs;
}

/// <summary>Of a server, since its making: requests by what they were.</summary>
public struct AuthServerCounters
{
    public long Accepted;
    public long Missing;
    public long Wrong;
    public long Stale;
    public long Replayed;
    public long Malformed;

    /// <summary>Nonces whose use was forgotten, and which are refused from then on, because the table was full.</summary>
    public long NoncesForgotten;
}
