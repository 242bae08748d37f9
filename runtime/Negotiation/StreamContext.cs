using SipEmbedded.Sdp;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>What a session wants at the moment; given to each step, and handed on to the handlers.</summary>
public readonly struct StreamContext
{
    /// <summary>The user's number of the session, for handlers that keep something for each.</summary>
    public ulong Session { get; init; }

    /// <summary>
    /// What we want of all streams: SendOnly or Inactive holds the peer. It goes into each offer as it is, whatever the peer said before, and into answers as far
    /// as the offer lets it (RFC 6337 §5.3).
    /// </summary>
    public MediaDirection Wanted { get; init; }

    /// <summary>Our address, for o= and c=. The port is not used; handlers have ports of their own.</summary>
    public IpEndpoint Local { get; init; }

    internal bool IsSameAs(in StreamContext other) => Session == other.Session && Wanted == other.Wanted && Local == other.Local;
}
