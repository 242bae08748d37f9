// What the layer keeps of an account beside its texts and contacts.
using SipEmbedded.Auth;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Resolution;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

/// <summary>What became of a command.</summary>
public enum AccountResult : byte
{
    Done,

    /// <summary>The handle is stale: its account was destroyed.</summary>
    Gone,

    /// <summary>A request is under way, and its end was not to be forced.</summary>
    Busy,

    /// <summary>No slot is free; counted.</summary>
    Full,

    /// <summary>Longer than <see cref="AccountLimits"/>.</summary>
    TooLong,

    /// <summary>More than <see cref="AccountLimits"/>.</summary>
    TooMany,

    /// <summary>It does not match its grammar, or is none of what is taken here.</summary>
    Malformed,
}

internal enum AccountStage : byte
{
    /// <summary>Nothing is under way. Perhaps a verb is due.</summary>
    Idle,

    /// <summary>A server is looked for.</summary>
    Searching,

    /// <summary>A request waits for its final response.</summary>
    Waiting,

    /// <summary>It could not be sent; that is to be told when its time comes.</summary>
    Unsent,
}

/// <summary>One registration with one server. Named by <see cref="Handle{T}"/>; what is in it is the layer's own.</summary>
public struct Account
{
    internal ulong User;

    // ---- What was asked -----------------------------------------------------------------------------------------------------------

    internal uint? ExpiresSeconds;
    internal TimeSpan DelayBeforeRefresh;
    internal TimeSpan? KeepAliveInterval;
    internal uint RegistrationId;
    internal Protocol Protocol;
    internal KeepAliveMethod? KeepAlive;
    internal bool OffersKeepAlive;
    internal bool UsesPublicAddress;
    internal bool FollowsRedirects;
    internal bool IsAutomatic;

    /// <summary>The way that the user chose; its protocol is None where there is none. With a remote address it is the whole way, else its beginning.</summary>
    internal Flow Bound;

    // ---- The request --------------------------------------------------------------------------------------------------------------

    internal AccountStage Stage;

    /// <summary>What is due next, and what is under way.</summary>
    internal RegistrationVerb Pending;

    internal RegistrationVerb Current;

    /// <summary>What is due goes on with what was under way: the same attempt.</summary>
    internal bool IsContinued;

    internal RegistrationFault Unsent;
    internal Handle<ClientTransaction> Client;
    internal AuthAttempt Attempt;
    internal ulong CallId;
    internal ulong CallIdRest;
    internal ulong FromTag;
    internal uint Sequence;

    /// <summary>What a 423 asked for; stays, since the next one would ask for the same.</summary>
    internal uint LeastSeconds;

    internal byte IntervalRetries;
    internal byte Redirects;

    /// <summary>The registrar does not know outbound (439).</summary>
    internal bool WithoutOutbound;

    // ---- What came of it ----------------------------------------------------------------------------------------------------------

    internal RegistrationOutcome Outcome;
    internal ushort Status;
    internal int Failures;
    internal uint GrantedSeconds;

    /// <summary>Until then the server knows us.</summary>
    internal Instant KnownUntil;

    /// <summary>When the account comes by itself.</summary>
    internal Instant NextAt;

    /// <summary>The server wants to be left alone until then (Retry-After).</summary>
    internal Instant NotBefore;

    internal Instant RecheckedAt;
    internal bool IsKnown;

    /// <summary>The server was asked to obey RFC 5626 and did.</summary>
    internal bool HasOutbound;

    // ---- The way ------------------------------------------------------------------------------------------------------------------

    internal Handle<ServerResolution> Servers;
    internal Flow Flow;
    internal Handle<KeptFlow> Kept;
    internal TimeSpan KeptInterval;
    internal KeepAliveMethod KeptMethod;
    internal bool IsRetained;
    internal uint FlowTimerSeconds;
    internal IpEndpoint Seen;

    /// <summary>The last registration followed a change of what the server sees.</summary>
    internal bool IsReadjusted;

    internal bool IsOffline;
    internal bool IsServerStale;

    /// <summary>What has to be told of the way when its time comes.</summary>
    internal RegistrationEventKind News;

    // ---- The end ------------------------------------------------------------------------------------------------------------------

    internal byte Holds;
    internal bool IsDoomed;

    internal readonly bool IsBusy => Stage != AccountStage.Idle || Pending != RegistrationVerb.None;
}
