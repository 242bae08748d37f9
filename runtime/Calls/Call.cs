// A call as the layer keeps it, and the words for how it stands.
using SipEmbedded.Auth;
using SipEmbedded.Dialogs;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.SessionTimers;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

/// <summary>Where a call stands.</summary>
public enum CallState : byte
{
    None,

    /// <summary>Our INVITE is on its way, or its server is looked for; nobody has rung yet.</summary>
    Calling,

    /// <summary>A peer's INVITE waits for an answer of ours.</summary>
    Incoming,

    /// <summary>It rings, here or there.</summary>
    Early,

    /// <summary>We answered, and wait for the ACK.</summary>
    Connecting,

    /// <summary>Both sides have the call.</summary>
    Confirmed,

    /// <summary>It is being ended: a CANCEL or a BYE of ours waits for its outcome.</summary>
    Ending,
}

/// <summary>What became of a command.</summary>
public enum CallResult : byte
{
    Done,

    /// <summary>The call has ended.</summary>
    Gone,

    /// <summary>Not in this state of the call.</summary>
    NotAllowed,

    /// <summary>Something of the kind is under way: an offer that has no answer yet, a request that has no response.</summary>
    Busy,

    /// <summary>No slot or buffer is free; counted.</summary>
    Full,

    /// <summary>Longer than there is room for.</summary>
    TooLong,

    /// <summary>It does not match its grammar.</summary>
    Malformed,

    /// <summary>No server is known for the target, and no way leads there.</summary>
    NoWay,
}

/// <summary>What a request inside a call is for.</summary>
public enum CallChange : byte
{
    None,

    /// <summary>The peer is put on hold: our side sends only, or nothing at all (RFC 3264 §8.4).</summary>
    Hold,

    Resume,

    /// <summary>The media are negotiated anew.</summary>
    Renegotiate,

    /// <summary>The session timer's: nothing changes (RFC 4028 §7.4).</summary>
    Refresh,

    /// <summary>Our contact changed (RFC 3261 §12.2.1.1).</summary>
    Retarget,
}

/// <summary>
/// One dialog of a call with its media: of a call that forks each early dialog has one, and each further callee who answered, until that is ended; of another there is
/// one.
/// </summary>
internal struct Leg
{
    /// <summary>The call's number (<see cref="TransactionOwner"/>). Its handle here, and the leg's there, would make two structs that need each other's size.</summary>
    public ulong Call;

    /// <summary>The slot of the call's next leg, from 1; 0 behind the last.</summary>
    public int Next;

    public Handle<Dialog> Dialog;
    public NegotiatedSession Media;

    /// <summary>The last reliable provisional response in this dialog (RFC 3262 §4).</summary>
    public uint RemoteReliable;

    public bool HasRemoteReliable;

    /// <summary>The ACK to its 2xx carried our answer, and carries it again.</summary>
    public bool AckHasAnswer;

    // ---- The PRACK of that response ---------------------------------------------------------------------------------------------------

    public Handle<ClientTransaction> Prack;
    public AuthAttempt PrackAttempt;

    /// <summary>The number of the INVITE that it names.</summary>
    public uint PrackOfInvite;

    /// <summary>It carried our answer, and carries it again.</summary>
    public bool PrackHasAnswer;

    /// <summary>It found no room, and is tried again until then: the peer has given up by that time (RFC 3262 §3).</summary>
    public bool IsPrackOwed;

    public Instant PrackUntil;

    // ---- Where its requests go (CallLayer.Ways.cs) ------------------------------------------------------------------------------------

    public Handle<ServerResolution> Servers;
    public bool IsSearching;

    /// <summary>Which first route or target that is about.</summary>
    public ushort HopChanges;

    /// <summary>The number of an ACK that waits for its way; 0 where none does.</summary>
    public uint OwedAck;

    // ---- Of a callee beside the one that has the call ---------------------------------------------------------------------------------

    /// <summary>It answered as well, and is being ended.</summary>
    public bool IsSurplus;

    public Handle<ClientTransaction> Bye;
    public AuthAttempt ByeAttempt;
}

/// <summary>One call. Named by <see cref="Handle{T}"/>; what is in it is the layer's own.</summary>
public struct Call
{
    internal ulong User;
    internal CallState State;
    internal bool IsCaller;

    // It came from where its account's server is, so what challenges us in it may have our credentials.
    internal bool IsFromServer;
    internal Handle<Account> Account;

    // ---- The INVITE that began it ---------------------------------------------------------------------------------------------------

    internal Handle<ServerTransaction> Server;
    internal Handle<ClientTransaction> Client;
    internal Handle<ServerResolution> Servers;

    /// <summary>The target, From, To and header lines of our INVITE, until it has its final response.</summary>
    internal Memory.Buffer Texts;

    internal Slice Target;
    internal Slice From;
    internal Slice To;
    internal Slice Headers;

    /// <summary>Who we say that we are, with the wish for privacy; and that wish alone, for who is not trusted.</summary>
    internal Slice Identity;

    internal Slice Privacy;
    internal ulong CallId;
    internal ulong CallIdRest;
    internal ulong LocalTag;
    internal uint Sequence;
    internal Flow Flow;
    internal AuthAttempt Attempt;

    /// <summary>The credentials of our INVITE, which its ACK repeats (RFC 3261 §22.1).</summary>
    internal Memory.Buffer Credentials;

    /// <summary>How long the caller waits, as its INVITE says; 0 where it does not, or longer than we let it ring.</summary>
    internal uint ExpiresSeconds;

    /// <summary>The offer of our INVITE, of which each early dialog has a copy to be answered (RFC 6337 §2.1).</summary>
    internal NegotiatedSession Offer;

    internal byte Redirects;
    internal bool IsOfferless;
    internal bool IsSearching;

    /// <summary>It is to end as soon as it can.</summary>
    internal bool WantsEnd;

    /// <summary>Header lines of the CANCEL or the BYE, Reason among them; and the cause of a BYE of the layer's own.</summary>
    internal Memory.Buffer EndLines;

    internal ushort EndCause;

    /// <summary>The mark of the further callee that was ended last: a copy of its 2xx has its ACK alone.</summary>
    internal uint SurplusMark;

    // ---- Who calls ------------------------------------------------------------------------------------------------------------------

    /// <summary>Name, URI and tel URI, where a trusted proxy has told them; else From says it.</summary>
    internal Memory.Buffer Caller;

    internal Slice CallerName;
    internal Slice CallerUri;
    internal Slice CallerTelUri;
    internal IdentitySource CallerSource;
    internal WithheldIdentity CallerWithheld;
    internal bool CallerIsAnonymous;

    // ---- What it has become ---------------------------------------------------------------------------------------------------------

    internal Handle<Leg> Leg;

    /// <summary>The slot of the first of its legs, from 1; 0 where it has none.</summary>
    internal int FirstLeg;

    internal ushort LastStatus;
    internal CallEnd End;
    internal Instant BeganAt;
    internal Instant AnsweredAt;
    internal bool IsAnswered;
    internal SessionTimer Timer;
    internal bool IsHeld;

    /// <summary>The offer of our 2xx has to be answered by the ACK.</summary>
    internal bool AwaitsAnswerInAck;

    // ---- Reliable provisional responses of ours (RFC 3262 §3) -------------------------------------------------------------------------

    internal uint Reliable;
    internal Memory.Buffer Provisional;
    internal bool ProvisionalHasMedia;

    /// <summary>Our answer to the INVITE's offer was made, and nobody has it for sure: the next response with media says it again (RFC 3261 §13.2.1).</summary>
    internal bool IsForetaste;
    internal TimeSpan ReliableInterval;
    internal Instant ReliableUntil;

    /// <summary>The peer can do it, or wants it.</summary>
    internal bool PeerTakesReliable;

    internal bool PeerWantsReliable;

    /// <summary>An answer that waits for the PRACK of a provisional response with SDP.</summary>
    internal ushort HeldAnswer;

    // ---- Requests inside it -----------------------------------------------------------------------------------------------------------

    internal Handle<ClientTransaction> Changing;
    internal CallChange Change;

    /// <summary>Where the change was begun, and the request of the user's own: another dialog's answer says nothing of this one.</summary>
    internal Handle<Leg> ChangeLeg;

    internal Handle<Leg> RequestLeg;
    internal bool IsChangeByUpdate;
    internal bool ChangeHasOffer;
    internal AuthAttempt ChangeAttempt;
    internal uint ChangeSequence;
    internal byte ChangeRetries;
    internal Instant ChangeAt;
    internal bool WasHeld;

    internal Handle<ClientTransaction> Bye;
    internal AuthAttempt ByeAttempt;

    internal Handle<ClientTransaction> Request;
    internal Memory.Buffer RequestText;
    internal Slice RequestMethod;
    internal Slice RequestHeaders;
    internal Slice RequestType;
    internal Slice RequestBody;
    internal AuthAttempt RequestAttempt;

    // ---- What has to be told when its time comes --------------------------------------------------------------------------------------

    internal CallEventKind News;
    internal ushort NewsStatus;
}
