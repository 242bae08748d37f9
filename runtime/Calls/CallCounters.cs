// What happened to all calls since the start.
namespace SipEmbedded.Calls;

public struct CallCounters
{
    public long Placed;
    public long Received;
    public long Confirmed;
    public long Ended;

    /// <summary>INVITEs that could not make a call for what they are: 400, 415, 421, 422, 513. Those with an offer of no use are <see cref="OffersRefused"/>.</summary>
    public long InvitesRefused;

    /// <summary>OPTIONS requests, in a call and outside.</summary>
    public long OptionsAnswered;

    /// <summary>Calls of ours or of others' that found no slot, dialog or buffer.</summary>
    public long NoRoom;

    public long Challenged;
    public long Redirected;

    /// <summary>2xx of a further fork, each acknowledged and ended.</summary>
    public long SurplusAnswers;

    /// <summary>Session refreshes of ours that were answered with 2xx, and of the peer's.</summary>
    public long Refreshes;

    public long PeerRefreshes;

    /// <summary>Calls ended since nobody refreshed their session.</summary>
    public long SessionsExpired;

    /// <summary>Changes that met one of the peer's (491), on either side.</summary>
    public long Glares;

    /// <summary>Requests with the tags of no dialog (481).</summary>
    public long OutsideDialogs;

    /// <summary>Requests that came out of order (500).</summary>
    public long OutOfOrder;

    /// <summary>2xx that nobody acknowledged.</summary>
    public long Unacknowledged;

    /// <summary>Offers that were refused (488).</summary>
    public long OffersRefused;

    /// <summary>Commands with a handle that had gone stale.</summary>
    public long StaleCommands;
}
