// Offers of the peer's, and answers of ours: RFC 3264 §6.
using SipEmbedded.Sdp;
using SipEmbedded.Text;

namespace SipEmbedded.Negotiation;

public sealed partial class Negotiator
{
    /// <summary>
    /// Reads an offer of the peer's and asks the handlers for their answers, to know whether there is one. Ok: it is kept for <see cref="MakeAnswer"/>.
    /// Unacceptable: no stream that it offers can be used, or a handler failed. An offer without streams, or with none but refused ones, is good.
    /// </summary>
    /// <remarks>
    /// <paramref name="canReject"/> is false for an offer in a response or a PRACK, where there is no way to reject it (RFC 6337 §2.3, Table 2): it is Ok with the
    /// cause of what would be a rejection, and its answer refuses all streams.
    /// </remarks>
    public NegotiationResult TakeOffer(ref NegotiatedSession session, scoped in StreamContext context, ReadOnlySpan<byte> sdp, bool canReject = true)
    {
        if (BusyWith(session) is var busy and not NegotiationStatus.Ok)
        {
            Counters.Glares++;
            return new(busy);
        }
        if (!SdpDescription.TryRead(sdp, _options.Leniency, out var offer, out var fault))
            return Malformed(fault);
        var local = Read(session.AgreedLocal);
        _draft++;
        var scratch = new ByteWriter(_scratch);
        var owners = default(NegotiatedSession.Places);
        var result = Answer(ref session, context, local, offer, canReject, ref scratch, ref owners);
        if (result.IsOk && !TryHear(ref session, sdp))
            result = NoRoom();
        if (!result.IsOk)
        {
            TellRolledBack(context);
            return result;
        }
        session.Draft = _draft;
        _draftLength = scratch.Written;
        _draftContext = context;
        _draftResult = result;
        _draftOwners = owners;
        session.MustAnswer = !canReject;
        session.State = NegotiationState.RemoteOffer;
        Counters.OffersTaken++;
        if (offer.MediaCount < local.MediaCount)
            Counters.StreamsDropped += local.MediaCount - offer.MediaCount;
        return result;
    }

    /// <summary>
    /// Writes the answer to the offer that was taken, and tells the handlers that both hold. Where it goes out in a response that is not reliable, the same text
    /// goes into the one that is (RFC 6337 §3.1.1): <see cref="AgreedLocal"/>. With a result that is not Ok nothing has changed, and the answer is still owed.
    /// </summary>
    public NegotiationResult MakeAnswer(ref NegotiatedSession session, scoped in StreamContext context, Span<byte> text, out int length)
    {
        length = 0;
        if (session.State != NegotiationState.RemoteOffer)
            return new(NegotiationStatus.NotExpected);
        var offer = ReadRemote(session.Heard);
        var writer = new ByteWriter(text);
        var owners = default(NegotiatedSession.Places);
        NegotiationResult result;
        if (session.Draft == _draft && context.IsSameAs(_draftContext))
        {
            writer.Write(_scratch.AsSpan(0, _draftLength));
            owners = _draftOwners;
            result = writer.Overflowed ? NoRoom() : _draftResult;
        }
        else
            result = Answer(ref session, context, Read(session.AgreedLocal), offer, !session.MustAnswer, ref writer, ref owners);
        if (!result.IsOk)
            return result;
        length = writer.Written;
        if (!TryKeep(ref session, text, ref length))
        {
            length = 0;
            return NoRoom();
        }
        for (int i = 0; i < offer.MediaCount; i++)
            Counters.StreamsRefused += owners[i] == 0 && offer.Media(i).Field.Port != 0 ? 1 : 0;
        session.Offered = default;
        Retain(session.Said);
        Agree(ref session, context, session.Said, Read(session.Said), offer, owners);
        // Where nothing was kept to go back to, there is no way back.
        if (!session.KeptLocal.IsSome)
            StandBy(ref session);
        return result;
    }

    private NegotiationResult Answer(
        ref NegotiatedSession session, scoped in StreamContext context, scoped in SdpDescription local, scoped in SdpDescription offer, bool canReject,
        ref ByteWriter writer, ref NegotiatedSession.Places owners)
    {
        WriteHead(ref writer, ref session, context, offer.Time);
        var cause = WarningCode.None;
        bool isUsed = false;
        for (int i = 0; i < offer.MediaCount; i++)
        {
            var media = offer.Media(i);
            if (media.Field.Port != 0)
            {
                var outcome = AskToAnswer(session, context, local, offer, i, ref owners, ref writer, out var why);
                if (outcome == StreamOutcome.Handled)
                {
                    isUsed = true;
                    continue;
                }
                if (outcome == StreamOutcome.Failed && canReject)
                    return Unacceptable(why);
                // A type of media that nobody has says less than what was wrong with one that somebody has.
                if (cause is WarningCode.None or WarningCode.MediaTypeNotAvailable)
                    cause = why;
            }
            WriteRefused(ref writer, media);
        }
        if (writer.Overflowed)
            return NoRoom();
        if (isUsed || cause == WarningCode.None)
            return default;
        return canReject ? Unacceptable(cause) : new(NegotiationStatus.Ok, cause);
    }

    private StreamOutcome AskToAnswer(
        in NegotiatedSession session, in StreamContext context, scoped in SdpDescription local, scoped in SdpDescription offer, int place,
        ref NegotiatedSession.Places owners, ref ByteWriter writer, out WarningCode cause)
    {
        cause = WarningCode.MediaTypeNotAvailable;
        int start = writer.Written;
        for (byte owner = 1; owner <= _handlers.Length; owner++)
        {
            int others = CountBefore(owners, place, owner);
            for (int i = place + 1; i < offer.MediaCount; i++)
                others += session.Agreed[i] == owner && offer.Media(i).Field.Port != 0 ? 1 : 0;
            var view = new StreamView(local, offer, place) { IsAgreed = session.Agreed[place] == owner, Others = others };
            var outcome = _handlers[owner - 1].TakeOffer(context, view, ref writer, ref cause);
            if (outcome == StreamOutcome.Handled)
            {
                if (!writer.Overflowed && !IsSection(writer.WrittenSpan[start..]))
                {
                    writer.Rewind(start);
                    cause = WarningCode.Miscellaneous;
                    return StreamOutcome.Failed;
                }
                owners[place] = owner;
                return outcome;
            }
            writer.Rewind(start);
            if (outcome != StreamOutcome.NotMine)
                return outcome;
        }
        return StreamOutcome.NotMine;
    }

    // Keeps the peer's half of an exchange.
    private bool TryHear(ref NegotiatedSession session, ReadOnlySpan<byte> sdp)
    {
        if (TextOf(session.Heard).SequenceEqual(sdp))
            return true;
        // The same again, as in a refresh, is the same buffer.
        Memory.Buffer heard;
        if (TextOf(session.AgreedRemote).SequenceEqual(sdp))
            heard = _buffers.Retain(session.AgreedRemote);
        else if (!_buffers.TryCopy(sdp, out heard))
            return false;
        _buffers.Release(session.Heard);
        session.Heard = heard;
        return true;
    }
}
