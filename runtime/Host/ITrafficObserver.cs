// Who looks on: a capture, a trace, a counter of messages. Host calls it where octets pass to and from the kernel, so that it sees what is on the wire
// and not what the core meant to send.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>
/// Sees the octets of every flow, in the order in which they pass. It is called on the loop's own thread: it allocates nothing, does not block, and does
/// not throw. The octets are valid during the call only.
/// </summary>
public interface ITrafficObserver
{
    /// <summary>
    /// The kernel took these octets: a whole datagram, or a piece of a stream as it was accepted (pieces follow each other without gap). What the kernel
    /// refused is not shown.
    /// </summary>
    void Sent(Instant now, in Flow flow, ReadOnlySpan<byte> octets);

    /// <summary>A whole datagram, or a piece of a stream, arrived. Shown before the core sees it, whether or not the core can read it.</summary>
    void Received(Instant now, in Flow flow, ReadOnlySpan<byte> octets);

    /// <summary>A connection was closed. It may never have carried anything.</summary>
    void Closed(in Flow flow);
}
