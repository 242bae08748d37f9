// What the layer tells of a call, and what it says when it is asked.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public enum CallEventKind : byte
{
    None,

    /// <summary>Somebody calls. Ring, answer or refuse it; the INVITE is the agent's message.</summary>
    Incoming,

    /// <summary>A provisional response to our INVITE: <see cref="CallEvent.Status"/>; with <see cref="CallEvent.HasMedia"/> there is early media.</summary>
    Progress,

    /// <summary>Both sides have the call now.</summary>
    Confirmed,

    /// <summary>
    /// The media changed, by an offer of the peer's or of ours, or with the early dialog that carried them: <see cref="CallEvent.HasMedia"/> says whether there are
    /// any now.
    /// </summary>
    MediaChanged,

    /// <summary>What came of a change that was asked for: <see cref="CallEvent.Change"/>, <see cref="CallEvent.Status"/>.</summary>
    Changed,

    /// <summary>A key was pressed at the other end, by INFO: <see cref="CallEvent.Digit"/>.</summary>
    Digit,

    /// <summary>A text came inside the call; the MESSAGE is the agent's message.</summary>
    Text,

    /// <summary>The peer began, or stopped, to type (RFC 3994): <see cref="CallEvent.IsTyping"/>.</summary>
    Typing,

    /// <summary>Another request came inside the call. Answer it through <see cref="CallEvent.Server"/>.</summary>
    Request,

    /// <summary>What came of a request of the user's own inside the call.</summary>
    RequestEnded,

    /// <summary>The call is over, and its handle stale from here on: <see cref="CallEvent.End"/>, <see cref="CallEvent.Status"/>.</summary>
    Ended,
}

/// <summary>Why a call ended.</summary>
public enum CallEnd : byte
{
    None,

    /// <summary>We hung up, or refused it.</summary>
    ByUs,

    /// <summary>The peer sent a BYE.</summary>
    ByPeer,

    /// <summary>The peer gave up before we answered (CANCEL).</summary>
    Cancelled,

    /// <summary>Our INVITE was refused: <see cref="CallEvent.Status"/>.</summary>
    Refused,

    /// <summary>Nobody answered in time.</summary>
    Unanswered,

    /// <summary>The peer could not be reached, or was not found.</summary>
    Unreachable,

    /// <summary>The session timer ran out (RFC 4028 §10).</summary>
    Expired,

    /// <summary>The peer never acknowledged our answer (RFC 3261 §13.3.1.4).</summary>
    Unacknowledged,

    /// <summary>The peer knows nothing of the call any more (RFC 5057).</summary>
    Lost,

    /// <summary>
    /// No common media, or an answer that cannot be understood, as one without a Contact: it was acknowledged, and ended by a BYE.
    /// </summary>
    NoMedia,

    /// <summary>The answer found no free dialog here: it was acknowledged, and ended by a BYE.</summary>
    NoRoom,
}

/// <summary>One event. The message that caused it is the agent's, until the next input.</summary>
public struct CallEvent
{
    public CallEventKind Kind { get; internal set; }

    public Handle<Call> Call { get; internal set; }

    /// <summary>What the user gave the call.</summary>
    public ulong User { get; internal set; }

    /// <summary>The status of a response, or the one that stands for its absence; 0 where there is none.</summary>
    public ushort Status { get; internal set; }

    public CallEnd End { get; internal set; }

    /// <summary>Of <see cref="CallEventKind.Ended"/>: why a request of ours could not be delivered; None where one was, or there was none.</summary>
    public TransportFault Fault { get; internal set; }

    public CallChange Change { get; internal set; }

    /// <summary>Of <see cref="CallEventKind.Request"/> and <see cref="CallEventKind.RequestEnded"/>.</summary>
    public Method Method { get; internal set; }

    public Handle<ServerTransaction> Server { get; internal set; }

    /// <summary>An offer was answered by this message.</summary>
    public bool HasMedia { get; internal set; }

    public bool IsTyping { get; internal set; }

    /// <summary>0 to 9, *, #, A to D, ! for a hook flash.</summary>
    public byte Digit { get; internal set; }

    /// <summary>How long the key was held, as the peer says; zero where it does not.</summary>
    public TimeSpan DigitDuration { get; internal set; }
}

/// <summary>A call as it stands now.</summary>
public readonly record struct CallInfo
{
    public CallState State { get; init; }

    public bool IsCaller { get; init; }

    public Handle<Account> Account { get; init; }

    public ulong User { get; init; }

    /// <summary>The status of the last response, of ours or of the peer's, to the INVITE that began the call.</summary>
    public ushort LastStatus { get; init; }

    /// <summary>Since the call began, and since it was answered; zero where it was not.</summary>
    public TimeSpan Duration { get; init; }

    public TimeSpan ConnectedFor { get; init; }

    public bool IsHeld { get; init; }

    /// <summary>An offer has been answered.</summary>
    public bool HasMedia { get; init; }

    /// <summary>Where the last message of the peer's came from.</summary>
    public Flow Flow { get; init; }

    /// <summary>Early dialogs, or one; none before somebody was heard.</summary>
    public int Dialogs { get; init; }

    /// <summary>The session timer's interval in seconds, 0 without one; and whether we refresh.</summary>
    public uint SessionSeconds { get; init; }

    public bool IsRefresher { get; init; }
}
