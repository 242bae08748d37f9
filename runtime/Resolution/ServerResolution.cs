// A search for servers and what it found, as the resolver keeps it.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>A resolution's slot. Named by <see cref="Handle{T}"/>; what is in it is the resolver's own.</summary>
public struct ServerResolution
{
    /// <summary>The host as a DNS name; none where it is an address.</summary>
    internal Memory.Buffer Host;

    internal ulong User;
    internal ushort Port;
    internal bool HasPort;
    internal bool IsSecure;

    /// <summary>True where the host ended in a dot, and no search list applies.</summary>
    internal bool IsAbsolute;

    /// <summary>What the URI asked for; None: not given. With <see cref="IsSecure"/> TLS or None.</summary>
    internal Protocol Protocol;

    /// <summary>True while questions are open, or wait to be asked.</summary>
    internal bool IsSearching;

    internal bool HasOutcome;
    internal bool IsStale;
    internal ResolutionFault Fault;

    /// <summary>When this search began, in the order of searches and answers: an answer that came since then serves whatever its time to live.</summary>
    internal long Began;

    /// <summary>When the records' time is over.</summary>
    internal Instant Expires;

    /// <summary>When the answer was last one of name servers, and not a stale one.</summary>
    internal Instant LastGood;

    /// <summary>Targets found, and the one that is used.</summary>
    internal int Count;

    internal int Current;

    /// <summary>A bit for each target that failed in this walk.</summary>
    internal uint Tried;

    /// <summary>How often a target failed in this walk, those that are no targets any more included.</summary>
    internal int Failures;

    /// <summary>True in a walk that began when all were dead: it goes to each of them again.</summary>
    internal bool TriesDead;
}

/// <summary>One of the targets of a resolution.</summary>
internal struct FoundTarget
{
    public IpEndpoint Remote;
    public Protocol Protocol;

    /// <summary>Which are wanted alike: by NAPTR or our own order of transports, then by SRV priority. The lowest is wanted most.</summary>
    public byte Rank;

    /// <summary>False where no way leads there, though one leads to another target.</summary>
    public bool HasWay;

    public readonly bool IsSameAs(in FoundTarget other) => Protocol == other.Protocol && Remote == other.Remote;
}
