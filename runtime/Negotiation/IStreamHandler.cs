// Who knows a kind of stream. The negotiator knows lines and the order of things; what stands in a media section is a handler's (RFC 3264 §5 to §8).
//
// note [descriptions are the state]
// Until an exchange ends a handler has nothing to remember: what we said and what the peer said are kept as texts, and both are shown to it when they take
// effect. So an exchange that fails needs nothing undone, and going back to an older one is showing that again. A handler that reserves something meanwhile,
// such as a port, keeps it by session and index, and frees it in RolledBack, Removed or Ended.
using SipEmbedded.Text;

namespace SipEmbedded.Negotiation;

/// <summary>
/// Handles one kind of stream in all sessions; see note [descriptions are the state]. Handlers are asked in the order in which they were given, until one does
/// not say NotMine.
/// </summary>
public interface IStreamHandler
{
    /// <summary>
    /// Answers an offered stream, <see cref="StreamView.Remote"/>, by writing one media section with a port other than 0. It is asked when the offer comes, to
    /// know whether it is acceptable, and again when the answer is made, unless nothing was negotiated and nothing else wanted in between; the last time counts.
    /// <see cref="StreamView.Local"/> is what was agreed last at this place. Who does not handle it sets <paramref name="cause"/>, what a Warning would say.
    /// </summary>
    StreamOutcome TakeOffer(in StreamContext session, in StreamView stream, ref ByteWriter answer, ref WarningCode cause);

    /// <summary>
    /// Offers a stream at a place, by writing one media section. <see cref="StreamView.Local"/> and <see cref="StreamView.Remote"/> are what was agreed last. Where
    /// all say NotMine behind the places that there are, the offer ends.
    /// </summary>
    StreamOutcome WriteOffer(in StreamContext session, in StreamView stream, ref ByteWriter offer);

    /// <summary>
    /// Writes one media section with port 0 that says what the handler can (RFC 3264 §9), or nothing. No session belongs to it, and nothing is reserved.
    /// </summary>
    void WriteCapabilities(in StreamContext context, ref ByteWriter text);

    /// <summary>
    /// Judges the answer, <see cref="StreamView.Remote"/>, to a stream that this handler offered, <see cref="StreamView.Local"/>. It has a port other than 0 and
    /// the same media type. Anything but Handled or Failed makes the stream one that is not used.
    /// </summary>
    StreamOutcome TakeAnswer(in StreamContext session, in StreamView stream);

    /// <summary>
    /// From now on this is what holds: our section and the peer's. It comes for each stream of the handler's at the end of each exchange, changed or not, for a
    /// preview of an answer, and when an older state is returned to.
    /// </summary>
    void Agreed(in StreamContext session, in StreamView stream);

    /// <summary>A stream that was agreed or offered is no more: one side gave it port 0.</summary>
    void Removed(in StreamContext session, int stream);

    /// <summary>An exchange was given up. What was agreed before holds, and is told again where something else was told meanwhile.</summary>
    void RolledBack(in StreamContext session);

    /// <summary>Writes what is known of an agreed stream for a dump of its call: lines of text, each behind <paramref name="indent"/> and ended by CRLF.</summary>
    void WriteFigures(in StreamContext session, int stream, ref ByteWriter writer, scoped ReadOnlySpan<byte> indent)
    {
    }

    /// <summary>The session is over, with all its streams.</summary>
    void Ended(in StreamContext session);
}
