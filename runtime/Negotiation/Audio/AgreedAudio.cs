using SipEmbedded.Sdp;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>What was agreed of an audio stream: all that sending and receiving it needs.</summary>
public readonly struct AgreedAudio
{
    internal const byte NoPayloadType = byte.MaxValue;

    internal byte PcmuPayloadType { get; init; }

    internal byte PcmaPayloadType { get; init; }

    internal byte EventSendType { get; init; }

    internal byte EventReceiveType { get; init; }

    /// <summary>Where we receive RTP.</summary>
    public IpEndpoint Local { get; internal init; }

    /// <summary>
    /// Where RTP goes. Its address is 0.0.0.0 or :: where the peer gave that, or a name: nothing can be sent, unless the peer's packets show from where they come.
    /// </summary>
    public IpEndpoint Remote { get; internal init; }

    /// <summary>Where RTCP goes.</summary>
    public IpEndpoint RemoteRtcp { get; internal init; }

    /// <summary>What flows, seen from us: what both sides want, and without sending where <see cref="Remote"/> has no address.</summary>
    public MediaDirection Direction { get; internal init; }

    /// <summary>True where the peer does not want our media: sendonly, inactive, or the old address 0.0.0.0.</summary>
    public bool IsHeld { get; internal init; }

    /// <summary>The codec to send: the peer's first choice of those in common.</summary>
    public AudioCodec Codec { get; internal init; }

    /// <summary>The payload type to send it with: the peer's number for it (RFC 3264 §5.1).</summary>
    public byte PayloadType { get; internal init; }

    /// <summary>How much a packet that we send holds, in milliseconds: what the peer asked for, bounded by its a=maxptime.</summary>
    public ushort PacketTimeMs { get; internal init; }

    /// <summary>The payload type to send telephone-event with; null where the peer does not take it.</summary>
    public byte? EventPayloadType => EventSendType == NoPayloadType ? null : EventSendType;

    /// <summary>The payload type that telephone-event comes with; null where we do not take it.</summary>
    public byte? ReceivedEventPayloadType => EventReceiveType == NoPayloadType ? null : EventReceiveType;

    /// <summary>The codec of a packet that came, which may be any of those in our description at any time (RFC 3264 §6.1).</summary>
    public bool TryGetCodec(byte payloadType, out AudioCodec codec)
    {
        codec = payloadType == PcmaPayloadType ? AudioCodec.Pcma : AudioCodec.Pcmu;
        return payloadType != NoPayloadType && (payloadType == PcmaPayloadType || payloadType == PcmuPayloadType);
    }
}
