// Audio that never flows: an agent without a sound card makes calls with one inactive stream (RFC 3264 §5.1, §6.1), and binds no port for it.
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>Media for an <see cref="AudioStreamHandler"/> whose streams are all inactive, as many as there are calls.</summary>
internal sealed class UnboundAudio : IAudioMedia
{
    // A stream that is inactive needs a port all the same, since 0 would refuse it: that of the discard protocol (RFC 863).
    private const ushort DiscardPort = 9;

    [StartUp(Because = "a handler of streams is made before start")]
    private UnboundAudio()
    {
    }

    /// <summary>A handler of inactive audio: PCMU and PCMA, and nothing else, since no packet will ever come.</summary>
    [StartUp(Because = "a handler of streams is made before start")]
    public static AudioStreamHandler Handler() =>
        new(new() { Direction = Sdp.MediaDirection.Inactive, EventPayloadType = null, PacketTimeMs = 0 }, new UnboundAudio());

    public bool TryGetLocal(in StreamContext session, int stream, out IpEndpoint local)
    {
        local = session.Local.WithPort(DiscardPort);
        return true;
    }

    // Nothing is held for a stream, so there is nothing to keep or to give back.

    public void Agreed(in StreamContext session, int stream, in AgreedAudio audio)
    {
    }

    public void Removed(in StreamContext session, int stream)
    {
    }

    public void RolledBack(in StreamContext session)
    {
    }

    public void Ended(in StreamContext session)
    {
    }
}
