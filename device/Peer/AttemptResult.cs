// How an attempt of a calling agent ended.
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

public enum AttemptOutcome : byte
{
    /// <summary>An OPTIONS has a 2xx; a call has a 2xx and was ended in order, by either side.</summary>
    Succeeded,

    /// <summary>A final response other than 2xx.</summary>
    Refused,

    /// <summary>No final response in time: of the first request, or of a call's BYE.</summary>
    TimedOut,

    /// <summary>It could not be delivered; <see cref="AttemptResult.Fault"/> says why.</summary>
    Undelivered,

    /// <summary>We cancelled it, or gave it up at the end.</summary>
    Cancelled,

    /// <summary>No room to send it, or it is too large.</summary>
    NotSent,

    /// <summary>A 2xx without what a dialog needs (RFC 3261 §12.1.2), or without an answer to our offer.</summary>
    BadAnswer,

    /// <summary>The BYE was refused, or found no room.</summary>
    ByeRefused,

    /// <summary>The callee did not know the call any more, or nobody refreshed its session (RFC 4028 §10).</summary>
    Lost,
}

/// <summary>One attempt that is over.</summary>
public struct AttemptResult
{
    /// <summary>From 1.</summary>
    public long Number { get; internal set; }

    public AttemptOutcome Outcome { get; internal set; }

    /// <summary>The final response to the first request; 0 where there is none.</summary>
    public ushort Status { get; internal set; }

    public TransportFault Fault { get; internal set; }

    /// <summary>From the first request to its final response; 0 where there is none.</summary>
    public TimeSpan ResponseTime { get; internal set; }
}
