// What is kept of a target that is pinged, and what is told of it.
using SipEmbedded.Memory;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.KeepAlive;

/// <summary>What to ping. The texts are copied.</summary>
public readonly ref struct PingSettings
{
    /// <summary>The Request-URI as it is to stand there; To has it too.</summary>
    public ReadOnlySpan<byte> Uri { get; init; }

    /// <summary>From without a tag.</summary>
    public ReadOnlySpan<byte> From { get; init; }

    public Flow Flow { get; init; }

    /// <summary>From one request to the next; each wait is uniform between 80 % and 100 % of it.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>A number of the user's own, which events carry.</summary>
    public ulong User { get; init; }
}

/// <summary>What came of one ping.</summary>
public struct PingEvent
{
    public Handle<PingedTarget> Target { get; internal set; }

    public ulong User { get; internal set; }

    /// <summary>False for <c>default</c>.</summary>
    public readonly bool IsSome => Target.IsSome;

    /// <summary>A final response came, whatever its status: somebody is there.</summary>
    public bool IsAlive { get; internal set; }

    /// <summary>It was otherwise before, or this is the first.</summary>
    public bool IsNew { get; internal set; }

    /// <summary>The status of the response; 0 without one.</summary>
    public ushort Status { get; internal set; }

    /// <summary>Why there was no response: TimedOut, or what the network said.</summary>
    public TransportFault Fault { get; internal set; }

    /// <summary>Sent, but where the request could not be: then there is neither status nor fault, and what was known of the target stays.</summary>
    public SendResult Sending { get; internal set; }

    /// <summary>From the request to its response; a request that was sent again counts from the first time. 0 without a response.</summary>
    public TimeSpan RoundTrip { get; internal set; }

    /// <summary>The mean of all, the last ones weighing most (RFC 6298 §2: an eighth for each new one); 0 before the first response.</summary>
    public TimeSpan Smoothed { get; internal set; }
}

/// <summary>A target's slot. Named by <see cref="Handle{T}"/>; what is in it is the pinger's own.</summary>
public struct PingedTarget
{
    internal Flow Flow;
    internal Slice Uri;
    internal Slice From;
    internal TimeSpan Interval;
    internal ulong User;

    internal Handle<ClientTransaction> Client;
    internal Instant SentAt;
    internal Instant Next;
    internal TimeSpan Smoothed;

    /// <summary>The first result has been told.</summary>
    internal bool IsKnown;

    internal bool IsAlive;
}
