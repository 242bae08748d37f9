// A session description as an offer, as the answer to one, and as the answer to a later offer (RFC 3264): what we say to it is strictly a description and keeps
// the rules of answers, and no buffer is lost.
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using SipEmbedded.Transport;

namespace SipEmbedded.Fuzz;

internal sealed class NegotiationBody : FuzzBody
{
    private static readonly StreamContext s_context = new() { Local = IpEndpoint.V4(0xC0000201, 0) };

    private readonly BufferPool _buffers;
    private readonly Negotiator _negotiator;
    private readonly AudioSessions _audio;
    private readonly byte[] _text = new byte[4096];
    private readonly byte[] _later = new byte[4096];

    public NegotiationBody()
        : base("offer/answer")
    {
        var gate = new StartGate();
        _buffers = new(gate, "descriptions", new BufferClass(4096, 8));
        _audio = new(gate, 1, 4000);
        _negotiator = new(gate, new() { MaxOctets = 4096 }, _buffers, new AudioStreamHandler(new(), _audio));
        gate.Close();
    }

    public override int Weight => 6;

    public override int MaxOctets => 2048;

    public override List<byte[]> Seeds(int seed) => DescriptionSeeds.All();

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        var session = new NegotiatedSession(1);
        var taken = _negotiator.TakeOffer(ref session, s_context, text);
        Add(taken, ref outcome);
        if (!taken.IsOk)
        {
            PropertyViolation.Unless(session.State == NegotiationState.None && _buffers.Count == 0, "an offer that is not taken leaves nothing");
            // Where it cannot be rejected it is answered all the same.
            taken = _negotiator.TakeOffer(ref session, s_context, text, canReject: false);
            PropertyViolation.Unless(taken.IsOk || taken.Status == NegotiationStatus.Malformed, "a description that can be read can be answered");
        }
        if (taken.IsOk)
            Answer(ref session, text, ref outcome);
        AnswerTo(ref session, text, ref outcome);
        _negotiator.Release(ref session);

        // And as the first answer, to an offer of one stream.
        session = new(2);
        AnswerTo(ref session, text, ref outcome);
        _negotiator.End(s_context);
        _negotiator.Release(ref session);
        PropertyViolation.Unless(_buffers.Count == 0, "every buffer comes back");
        PropertyViolation.Unless(!_audio.TryGet(0, out _), "no audio is left behind");
        return outcome;
    }

    private void Answer(ref NegotiatedSession session, ReadOnlySpan<byte> text, ref Outcome outcome)
    {
        PropertyViolation.Unless(_negotiator.MakeAnswer(ref session, s_context, _text, out int length).IsOk, "an offer that was taken is answered");
        SdpDescription.TryRead(text, SdpLeniency.All, out var offer, out _);
        PropertyViolation.Unless(SdpDescription.TryRead(_text.AsSpan(0, length), SdpLeniency.None, out var answer, out _), "an answer is strictly a description");
        PropertyViolation.Unless(answer.MediaCount == offer.MediaCount, "an answer has the offer's streams");
        PropertyViolation.Unless(
            answer.Time.StartSeconds == offer.Time.StartSeconds && answer.Time.StopSeconds == offer.Time.StopSeconds, "an answer has the offer's time");
        int used = 0;
        for (int i = 0; i < answer.MediaCount; i++)
        {
            var ours = answer.Media(i);
            var theirs = offer.Media(i);
            PropertyViolation.Unless(
                ours.Field.Media.In(answer.Text).SequenceEqual(theirs.Field.Media.In(offer.Text))
                    && ours.Field.Protocol.In(answer.Text).SequenceEqual(theirs.Field.Protocol.In(offer.Text)),
                "a stream is answered in kind");
            if (ours.Field.Port == 0)
                continue;
            used++;
            PropertyViolation.Unless(theirs.Field.Port != 0, "a closed stream stays closed");
            // What is answered is within what was offered (RFC 3264 §6.1).
            var mirrored = theirs.Direction.Mirrored();
            PropertyViolation.Unless(ours.Direction.And(mirrored) == ours.Direction, "a direction is answered within the offer's");
            foreach (var format in ours.Formats)
                PropertyViolation.Unless(Has(theirs, format.In(answer.Text)), "a format that is answered was offered");
        }
        PropertyViolation.Unless(used == session.Streams && used <= 1 && _audio.TryGet(0, out _) == (used == 1), "one stream of audio is used at most");
        // The same again changes nothing.
        PropertyViolation.Unless(_negotiator.TakeOffer(ref session, s_context, text, canReject: false).IsOk, "an offer is taken again");
        PropertyViolation.Unless(
            _negotiator.MakeAnswer(ref session, s_context, _later, out int again).IsOk && _later.AsSpan(0, again).SequenceEqual(_text.AsSpan(0, length)),
            "the same offer has the same answer");
        PropertyViolation.Unless(
            _negotiator.MakeRefresh(ref session, s_context, _later, out again).IsOk
                && SdpDescription.TryRead(_later.AsSpan(0, again), SdpLeniency.None, out var refresh, out _) && refresh.MediaCount == offer.MediaCount,
            "a refresh is a description with the same streams");
        _negotiator.Rollback(ref session, s_context);
        outcome.AddSize(length);
    }

    private void AnswerTo(ref NegotiatedSession session, ReadOnlySpan<byte> text, ref Outcome outcome)
    {
        PropertyViolation.Unless(_negotiator.MakeOffer(ref session, s_context, _text, out int length).IsOk, "an offer can be made");
        PropertyViolation.Unless(SdpDescription.TryRead(_text.AsSpan(0, length), SdpLeniency.None, out _, out _), "an offer is strictly a description");
        var preview = _negotiator.TakeAnswer(ref session, s_context, text, isPreview: true);
        var result = _negotiator.TakeAnswer(ref session, s_context, text);
        Add(result, ref outcome);
        PropertyViolation.Unless(preview.Status == result.Status, "an answer is as good as its preview");
        PropertyViolation.Unless(
            session.State == (result.IsOk ? NegotiationState.Stable : NegotiationState.LocalOffer), "an answer that is good ends the exchange");
        _negotiator.Rollback(ref session, s_context);
    }

    private static bool Has(scoped in SdpMedia media, ReadOnlySpan<byte> wanted)
    {
        foreach (var format in media.Formats)
        {
            if (format.In(media.Text).SequenceEqual(wanted))
                return true;
        }
        return false;
    }

    private static void Add(NegotiationResult result, ref Outcome outcome)
    {
        outcome.Add((ulong)result.Status);
        outcome.Add((ulong)result.Cause);
    }
}
