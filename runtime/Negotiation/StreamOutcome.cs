namespace SipEmbedded.Negotiation;

/// <summary>What a handler says when it is asked about one stream.</summary>
public enum StreamOutcome : byte
{
    /// <summary>The next handler is asked. Where all say so, a stream of the peer's is refused, and a place of ours stays empty.</summary>
    NotMine,

    /// <summary>The handler has the stream; where it was asked to write, it has written one media section.</summary>
    Handled,

    /// <summary>The handler has the stream and does not want it: it gets port 0 (RFC 3264 §6, §8.2). Nobody else is asked.</summary>
    Refused,

    /// <summary>The negotiation is given up as a whole: an offer is rejected, one of ours is not sent.</summary>
    Failed,
}
