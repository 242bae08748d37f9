using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Sdp;

namespace SipEmbedded.Negotiation;

/// <summary>Settings of an <see cref="AudioStreamHandler"/>, read once when it is made.</summary>
public sealed class AudioStreamOptions
{
    [StartUp(Because = "options are made before start")]
    public AudioStreamOptions()
    {
    }

    /// <summary>The codecs that are offered and accepted, the most wanted first; each once, and one at least.</summary>
    public AudioCodec[] Codecs { get; init; } = [AudioCodec.Pcmu, AudioCodec.Pcma];

    /// <summary>
    /// Answers in our order of codecs. Otherwise in the offer's, so that the same codec goes both ways (recommended by RFC 3264 §6.1).
    /// </summary>
    public bool AnswersInOwnOrder { get; init; }

    /// <summary>Answers with one codec alone, for media that cannot change it within a stream (RFC 3264 §10.2).</summary>
    public bool AnswersOneCodec { get; init; }

    /// <summary>
    /// The payload type that telephone-event is offered with (RFC 4733), 96 to 127; null offers and accepts none. The next free one for further clock rates, and in a
    /// stream where the peer has it for something else.
    /// </summary>
    public byte? EventPayloadType { get; init; } = 101;

    /// <summary>Offers to take RTCP on RTP's own port, and takes it so where that is offered (a=rtcp-mux, RFC 5761 §5.1.1).</summary>
    public bool MultiplexesRtcp { get; init; }

    /// <summary>How much a packet to us should hold (a=ptime), in milliseconds; 0 leaves it to the peer.</summary>
    public ushort PacketTimeMs { get; init; } = 20;

    /// <summary>What the device can do at all: ReceiveOnly where it has no microphone.</summary>
    public MediaDirection Direction { get; init; } = MediaDirection.SendReceive;
}
