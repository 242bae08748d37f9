// What became of an offer or an answer: a value, with enough in it for the response that tells the peer.
using SipEmbedded.Text;

namespace SipEmbedded.Negotiation;

public enum NegotiationStatus : byte
{
    Ok,

    /// <summary>Nothing in it can be used: 488, with a Warning that names the cause (RFC 3261 §13.3.1.3). Nothing has changed.</summary>
    Unacceptable,

    /// <summary>No description, or one that contradicts the rules of an answer: 400 or 488. Nothing has changed.</summary>
    Malformed,

    /// <summary>An offer of ours is out and not answered yet: 491 to an offer of the peer's, wait with one of ours (RFC 3264 §4, RFC 6337 §4).</summary>
    OfferPending,

    /// <summary>The peer's offer is not answered yet: 500 with Retry-After to another one, wait with one of ours.</summary>
    AnswerOwed,

    /// <summary>No exchange is open that this would belong to. A description in such a place is to be ignored (RFC 6337 §3.1.1).</summary>
    NotExpected,

    /// <summary>No buffer is free, or the text is too long for where it goes: 500. Nothing has changed.</summary>
    NoRoom,
}

/// <summary>The result of a step of a <see cref="Negotiator"/>.</summary>
public readonly struct NegotiationResult
{
    internal NegotiationResult(NegotiationStatus status, WarningCode cause = WarningCode.None, ParseFault fault = default)
    {
        Status = status;
        Cause = cause;
        Fault = fault;
    }

    public NegotiationStatus Status { get; }

    /// <summary>
    /// The warn-code for the response to what is unacceptable or malformed. With <see cref="NegotiationStatus.Ok"/> it says why no stream is left: of an offer that
    /// could not be rejected, or after an answer. None otherwise.
    /// </summary>
    public WarningCode Cause { get; }

    /// <summary>The warn-text to it, without quotes.</summary>
    public ReadOnlySpan<byte> WarnText => WarningCodes.TextOf(Cause);

    /// <summary>What is wrong with the text, where it is malformed.</summary>
    public ParseFault Fault { get; }

    public bool IsOk => Status == NegotiationStatus.Ok;
}
