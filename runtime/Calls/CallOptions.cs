// What holds for all calls of an agent.
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.SessionTimers;

namespace SipEmbedded.Calls;

/// <summary>Whether provisional responses are sent and asked for reliably (RFC 3262).</summary>
public enum ReliableMode : byte
{
    /// <summary>Neither offered nor asked for.</summary>
    Off,

    /// <summary>Where the peer can: those of ours that carry media; those of the peer's as it likes.</summary>
    Optional,

    /// <summary>The peer has to (Require: 100rel); all of ours but 100.</summary>
    Required,
}

/// <summary>Settings of the layer, read once when it is made.</summary>
public sealed class CallOptions
{
    [StartUp(Because = "options are made before start")]
    public CallOptions()
    {
    }

    /// <summary>Calls at once; one more gets <see cref="FullStatus"/>. A door-phone rings several phones in the house, and holds a second visitor.</summary>
    public int Calls { get; init; } = 8;

    /// <summary>Dialogs beyond one a call: early dialogs of calls that fork.</summary>
    public int SpareDialogs { get; init; } = 8;

    /// <summary>486 (busy here) or 503 (unavailable) for a call that finds no room.</summary>
    public int FullStatus { get; init; } = 486;

    public SessionTimerSettings SessionTimer { get; init; } = new() { Mode = SessionTimerMode.Optional };

    public ReliableMode Reliable { get; init; } = ReliableMode.Optional;

    public NegotiationOptions Negotiation { get; init; } = new();

    /// <summary>How media are described, asked in this order.</summary>
    public IStreamHandler[] Streams { get; init; } = [];

    /// <summary>Who takes part in every call (<see cref="ISupplements"/>); null for nobody.</summary>
    public ISupplements? Supplements { get; init; }

    /// <summary>
    /// Proxies whose word on who calls is believed, and who are told who we are (RFC 3325 §3), by addresses and prefixes as <see cref="TrustedPeers"/> reads them.
    /// Nobody by default. What is no address throws when the layer is made.
    /// </summary>
    public string[] Trusted { get; init; } = [];

    /// <summary>Follows 3xx to other targets.</summary>
    public bool FollowsRedirects { get; init; } = true;

    /// <summary>
    /// Keeps a call whose answer leaves no stream, for texts and keys. Else it is ended by a BYE with the reason 488: nobody is to talk into a line that carries
    /// nothing.
    /// </summary>
    public bool KeepsCallsWithoutMedia { get; init; }

    /// <summary>An incoming call that nobody answers for so long is refused with 480.</summary>
    public TimeSpan RingMost { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The text of User-Agent and Server; empty for none.</summary>
    public string Product { get; init; } = "";
}

/// <summary>How much of everything a call may have.</summary>
public static class CallLimits
{
    /// <summary>Redirections of one call (RFC 3261 §8.1.3.4 leaves the number to us).</summary>
    public const int MaxRedirects = 5;

    /// <summary>The texts of an INVITE of ours: target, From, To, and header lines; or of a request inside a call: headers and body.</summary>
    public const int MaxTextOctets = 2048;

    /// <summary>Times in a row that a change which met one of the peer's is tried again (RFC 3261 §14.1).</summary>
    public const int MaxChangeRetries = 8;

    /// <summary>What a supplement answers a request with that it stops: a reason, and header lines.</summary>
    public const int MaxReplyOctets = 1024;

    /// <summary>A description of media: some twenty lines for each stream.</summary>
    public const int MaxDescriptionOctets = 4096;
}
