// What becomes of a session where its refresh got a final response other than 2xx: RFC 4028 §10, RFC 3261 §14.1 and §21, RFC 3311 §5.3, RFC 5057 §5.1.
namespace SipEmbedded.SessionTimers;

/// <summary>What follows from a failed refresh.</summary>
internal enum RefreshAnswer : byte
{
    /// <summary>The session, or its whole dialog, is gone at the peer: BYE.</summary>
    Ends,

    /// <summary>It was an UPDATE that failed, a re-INVITE may not: at once.</summary>
    FallsBack,

    /// <summary>A longer interval is wanted: at once.</summary>
    TooBrief,

    /// <summary>Two requests met: after a random wait.</summary>
    Glare,

    /// <summary>A matter of time: after Retry-After, or later.</summary>
    Later,

    /// <summary>Will hardly change: once more, later.</summary>
    Refused,
}

internal static class RefreshAnswers
{
    /// <summary>Of a status from 300 to 699.</summary>
    public static RefreshAnswer Of(int status, bool wasUpdate) => status switch
    {
        // RFC 4028 §10.
        408 or 481 => RefreshAnswer.Ends,
        // RFC 5057 §5.1: destroy the usage, or the dialog with all of them.
        480 or 404 or 410 or 416 or 482 or 483 or 484 or 485 or 502 or 604 => RefreshAnswer.Ends,
        // RFC 5057 §5.1, note 3: INVITE is integral to the session, UPDATE is not.
        405 or 501 => wasUpdate ? RefreshAnswer.FallsBack : RefreshAnswer.Ends,
        // An UPDATE without an offer has nothing that a peer could find fault with: it cannot deal with the like.
        400 or 415 or 488 when wasUpdate => RefreshAnswer.FallsBack,
        422 => RefreshAnswer.TooBrief,
        491 => RefreshAnswer.Glare,
        >= 500 and < 600 => RefreshAnswer.Later,
        _ => RefreshAnswer.Refused,
    };
}
