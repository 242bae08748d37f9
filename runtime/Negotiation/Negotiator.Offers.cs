// Offers of ours, and answers of the peer's: RFC 3264 §5, §7 and §8.
using SipEmbedded.Sdp;
using SipEmbedded.Text;

namespace SipEmbedded.Negotiation;

public sealed partial class Negotiator
{
    /// <summary>
    /// Writes an offer: the first of a session, a change, or all that we can do in answer to a request without an offer. Each stream keeps its place; one that no
    /// handler wants any more gets port 0, and new ones follow behind (RFC 3264 §8). An offer that says what was said last is that text, with the same version.
    /// <see cref="NegotiationStatus.Unacceptable"/> where a handler failed.
    /// </summary>
    public NegotiationResult MakeOffer(ref NegotiatedSession session, scoped in StreamContext context, Span<byte> text, out int length) =>
        Offer(ref session, context, text, isRefresh: false, out length);

    /// <summary>
    /// Writes an offer that changes nothing, to refresh a session (RFC 4028 §7.4): the streams as they were agreed. The text and its version are those that were
    /// said last, unless the wish for a direction was not granted then: it is repeated, or a session could stay on hold for good (RFC 6337 §5.3).
    /// </summary>
    public NegotiationResult MakeRefresh(ref NegotiatedSession session, scoped in StreamContext context, Span<byte> text, out int length) =>
        Offer(ref session, context, text, session.IsAgreed, out length);

    /// <summary>
    /// Writes a description of all that the handlers can, each stream with port 0, for the answer to an OPTIONS (RFC 3264 §9). It begins no exchange;
    /// <paramref name="origin"/> is a number of its own. <paramref name="length"/> is 0 where it does not fit.
    /// </summary>
    public void WriteCapabilities(scoped in StreamContext context, ulong origin, Span<byte> text, out int length)
    {
        var nobody = new NegotiatedSession(origin);
        var writer = new ByteWriter(text);
        WriteHead(ref writer, ref nobody, context, default);
        foreach (var handler in _handlers)
        {
            int start = writer.Written;
            handler.WriteCapabilities(context, ref writer);
            if (writer.Written > start && !IsSection(writer.WrittenSpan[start..]))
                writer.Rewind(start);
        }
        length = writer.Overflowed ? 0 : writer.Written;
    }

    private NegotiationResult Offer(ref NegotiatedSession session, scoped in StreamContext context, Span<byte> text, bool isRefresh, out int length)
    {
        length = 0;
        if (BusyWith(session) is var busy and not NegotiationStatus.Ok)
            return new(busy);
        var local = Read(session.AgreedLocal);
        var remote = ReadRemote(session.AgreedRemote);
        var writer = new ByteWriter(text);
        WriteHead(ref writer, ref session, context, local.Time);
        var offered = default(NegotiatedSession.Places);
        for (int i = 0; i < SdpLimits.MaxMediaSections; i++)
        {
            bool isKept = i < local.MediaCount;
            if (!isKept && isRefresh)
                break;
            var outcome = AskToOffer(session, context, local, remote, i, isRefresh, ref offered, ref writer);
            if (outcome == StreamOutcome.Failed)
            {
                TellRolledBack(context);
                return Unacceptable(WarningCode.Miscellaneous);
            }
            if (outcome == StreamOutcome.Handled)
                continue;
            if (!isKept)
                break;
            WriteRefused(ref writer, local.Media(i));
        }
        length = writer.Written;
        if (writer.Overflowed || !TryKeep(ref session, text, ref length))
        {
            length = 0;
            TellRolledBack(context);
            return NoRoom();
        }
        session.Offered = offered;
        session.State = NegotiationState.LocalOffer;
        Counters.OffersMade++;
        return default;
    }

    private StreamOutcome AskToOffer(
        in NegotiatedSession session, in StreamContext context, scoped in SdpDescription local, scoped in SdpDescription remote, int place, bool isRefresh,
        ref NegotiatedSession.Places offered, ref ByteWriter writer)
    {
        int start = writer.Written;
        for (byte owner = 1; owner <= _handlers.Length; owner++)
        {
            bool isAgreed = session.Agreed[place] == owner;
            // A refresh asks nobody to begin anything.
            if (isRefresh && !isAgreed)
                continue;
            var view = new StreamView(local, remote, place)
            {
                IsAgreed = isAgreed, IsRefresh = isRefresh, Others = CountBefore(offered, place, owner) + CountBehind(session.Agreed, place, owner),
            };
            var outcome = _handlers[owner - 1].WriteOffer(context, view, ref writer);
            if (outcome == StreamOutcome.Handled)
            {
                if (!writer.Overflowed && !IsSection(writer.WrittenSpan[start..]))
                    return StreamOutcome.Failed;
                offered[place] = owner;
                return outcome;
            }
            writer.Rewind(start);
            if (outcome != StreamOutcome.NotMine)
                return outcome;
        }
        return StreamOutcome.NotMine;
    }

    /// <summary>
    /// Reads the answer to our offer. In a response that is not reliable it is a preview (<paramref name="isPreview"/>): it holds for the media at once, but the
    /// exchange stays open until the answer itself comes (RFC 6337 §3.1.1). An empty text is the peer's that sent the preview alone: it becomes the answer.
    /// </summary>
    /// <remarks>
    /// With a result that is not Ok nothing has changed, and the offer is still out. Ok with a cause: no stream can be used; what was agreed is a session without
    /// media. A later answer that differs from its preview counts, although RFC 6337 §3.1.1 would stay with the first: gateways change over from an announcement to
    /// the callee so.
    /// </remarks>
    public NegotiationResult TakeAnswer(ref NegotiatedSession session, scoped in StreamContext context, ReadOnlySpan<byte> sdp, bool isPreview = false)
    {
        if (session.State != NegotiationState.LocalOffer)
            return new(NegotiationStatus.NotExpected);
        if (sdp.IsEmpty && !isPreview)
            sdp = TextOf(session.Heard);
        if (!SdpDescription.TryRead(sdp, _options.Leniency, out var answer, out var fault))
            return Malformed(fault);
        var offer = Read(session.Said);
        if (!FitsOffer(offer, answer, out fault))
            return Malformed(fault);
        var owners = default(NegotiatedSession.Places);
        bool isUsed = offer.MediaCount == 0;
        for (int i = 0; i < answer.MediaCount; i++)
        {
            byte owner = session.Offered[i];
            if (owner == 0 || answer.Media(i).Field.Port == 0)
                continue;
            var view = new StreamView(offer, answer, i)
            {
                IsAgreed = session.Agreed[i] == owner, Others = CountBefore(owners, i, owner) + CountBehind(session.Offered, i, owner),
            };
            var outcome = _handlers[owner - 1].TakeAnswer(context, view);
            if (outcome == StreamOutcome.Failed)
                return Unacceptable(WarningCode.Miscellaneous);
            if (outcome != StreamOutcome.Handled)
                continue;
            owners[i] = owner;
            isUsed = true;
        }
        if (!TryHear(ref session, sdp))
            return NoRoom();
        if (answer.MediaCount < offer.MediaCount)
            Counters.ShortAnswers++;
        if (isPreview)
            TellPreview(ref session, context, offer, answer, owners);
        else
        {
            Retain(session.Said);
            Agree(ref session, context, session.Said, offer, answer, owners);
        }
        return new(NegotiationStatus.Ok, isUsed ? WarningCode.None : WarningCode.IncompatibleMediaFormat);
    }

    // RFC 3264 §6: a stream for each of the offer's, in the same order, of the same type.
    private bool FitsOffer(scoped in SdpDescription offer, scoped in SdpDescription answer, out ParseFault fault)
    {
        fault = default;
        bool isShort = answer.MediaCount < offer.MediaCount;
        if (answer.MediaCount > offer.MediaCount || isShort && !_options.AllowsShortAnswers)
            fault = new(FaultKind.Mismatch, answer.Text.Length, "media-description");
        for (int i = 0; i < answer.MediaCount && !fault.IsFault; i++)
        {
            var field = answer.Media(i).Field;
            if (field.Port != 0 && !field.Media.In(answer.Text).SequenceEqual(offer.Media(i).Field.Media.In(offer.Text)))
                fault = new(FaultKind.Mismatch, field.Media.Offset, "media");
        }
        return !fault.IsFault;
    }
}
