// A stream to a peer, TCP or TLS, as the core keeps it (RFC 3261 §18).
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace SipEmbedded.Transport;

/// <summary>A connection's slot. Named by <see cref="Handle{T}"/>; what is in it is the transport layer's own.</summary>
public struct Connection
{
    // Not a Flow: that holds a handle of this very type, and the runtime lays out no such circle.
    internal IpEndpoint Local;
    internal IpEndpoint Remote;
    internal Protocol Protocol;

    internal StreamFramer Framer;

    /// <summary>What has arrived of a message that is not whole yet, or a line end that may become a ping.</summary>
    internal Memory.Buffer Partial;

    /// <summary>True where the rest of a message, or a stranger's first one, is awaited (<see cref="TransportOptions.PartialTimeout"/>).</summary>
    internal bool IsAwaited;

    internal Instant LastUse;

    /// <summary>How many want it open though nothing is said (<see cref="TransportLayer.Retain"/>).</summary>
    internal int Holders;

    internal bool IsOurs;
    internal bool IsOpen;
}
