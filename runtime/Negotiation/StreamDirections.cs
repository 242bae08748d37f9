// Arithmetic of directions (RFC 3264 §6.1). MediaDirection is two bits: the first forbids receiving, the second sending. So what two sides both want is an or,
// and the other side's view is the bits exchanged.
using SipEmbedded.Sdp;

namespace SipEmbedded.Negotiation;

public static class StreamDirections
{
    private const int NoReceiving = 1;
    private const int NoSending = 2;

    public static bool CanSend(this MediaDirection direction) => ((int)direction & NoSending) == 0;

    public static bool CanReceive(this MediaDirection direction) => ((int)direction & NoReceiving) == 0;

    /// <summary>The same stream seen from the other side.</summary>
    public static MediaDirection Mirrored(this MediaDirection direction) =>
        (MediaDirection)(((int)direction & NoReceiving) << 1 | ((int)direction & NoSending) >> 1);

    /// <summary>Only what both allow, seen from the same side.</summary>
    public static MediaDirection And(this MediaDirection direction, MediaDirection other) => (MediaDirection)((int)direction | (int)other);

    /// <summary>Without sending.</summary>
    public static MediaDirection WithoutSending(this MediaDirection direction) => (MediaDirection)((int)direction | NoSending);
}
