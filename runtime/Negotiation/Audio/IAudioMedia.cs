// What stands behind an audio handler: ports, and whoever moves the packets.
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>
/// The media of all sessions' audio. A session has one stream at a time; where the peer closes one and opens another in the same offer, both are there until it
/// is answered.
/// </summary>
public interface IAudioMedia
{
    /// <summary>
    /// Where a stream receives RTP; asked for each description that has the stream in it. False: there is no room for it, and it is refused or not offered.
    /// </summary>
    bool TryGetLocal(in StreamContext session, int stream, out IpEndpoint local);

    /// <summary>From now on this holds. It comes again, changed or not, with each exchange.</summary>
    void Agreed(in StreamContext session, int stream, in AgreedAudio audio);

    /// <summary>The stream is no more, or was refused.</summary>
    void Removed(in StreamContext session, int stream);

    /// <summary>An exchange was given up: streams that were not agreed are no more.</summary>
    void RolledBack(in StreamContext session);

    /// <inheritdoc cref="IStreamHandler.WriteFigures"/>
    void WriteFigures(in StreamContext session, int stream, ref ByteWriter writer, scoped ReadOnlySpan<byte> indent)
    {
    }

    /// <summary>All streams of the session are no more.</summary>
    void Ended(in StreamContext session);
}
