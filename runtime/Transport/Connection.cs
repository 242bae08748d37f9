// A stream to a peer, TCP or TLS, as the core keeps it (RFC 3261 §18).
namespace SipEmbedded.Transport;

/// <summary>A connection's slot. Named by <see cref="Memory.Handle{T}"/>; what is in it is the transport layer's own.</summary>
public struct Connection;
