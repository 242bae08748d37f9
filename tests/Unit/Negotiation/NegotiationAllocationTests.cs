// Eighty thousand exchanges put nothing on the heap: first offers and answers, holds, refreshes, refusals, faults, forks, rollbacks.
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class NegotiationAllocationTests
{
    private const int WarmUp = 1_000;
    private const int Sessions = 20_000;

    private static readonly byte[] s_offer = Party.Octets(Party.Foreign(
        "m=audio 9000 RTP/AVP 96 0 8 101\na=rtpmap:96 opus/48000/2\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:20\nm=video 9002 RTP/AVP 31"));

    private static readonly byte[] s_hold = Party.Octets(Party.Foreign("m=audio 9000 RTP/AVP 0\na=sendonly\nm=video 0 RTP/AVP 31", version: 2));
    private static readonly byte[] s_answer = Party.Octets(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=video 0 RTP/AVP 31"));
    private static readonly byte[] s_video = Party.Octets(Party.Foreign("m=video 9002 RTP/AVP 31"));
    private static readonly byte[] s_broken = Party.Octets(Party.Foreign("m=audio x"));

    private readonly Party _party = new();
    private readonly byte[] _text = new byte[2048];

    [Fact]
    public void Exchanges_allocate_nothing()
    {
        // All steps but the two descriptions that are no good.
        const int GoodSteps = 9;
        Assert.Equal(GoodSteps * WarmUp, Run(WarmUp));
        long before = HeapCount.Begin();
        int agreed = Run(Sessions);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(GoodSteps * Sessions, agreed);
        Assert.Equal(0, _party.Buffers.Count);
    }

    private int Run(int sessions)
    {
        int good = 0;
        var negotiator = _party.Negotiator;
        var context = _party.Context;
        for (int i = 0; i < sessions; i++)
        {
            var session = new NegotiatedSession((ulong)i);
            good += Count(negotiator.TakeOffer(ref session, context, s_broken)) + Count(negotiator.TakeOffer(ref session, context, s_video));
            good += Count(negotiator.TakeOffer(ref session, context, s_offer)) + Count(negotiator.MakeAnswer(ref session, context, _text, out _));
            negotiator.Mark(ref session);
            good += Count(negotiator.TakeOffer(ref session, context, s_hold)) + Count(negotiator.MakeAnswer(ref session, context, _text, out _));
            negotiator.Restore(ref session, context);
            good += Count(negotiator.MakeRefresh(ref session, context, _text, out _)) + Count(negotiator.TakeAnswer(ref session, context, s_answer));
            good += Count(negotiator.MakeOffer(ref session, context with { Wanted = MediaDirection.SendOnly }, _text, out _));
            good += Count(negotiator.TakeAnswer(ref session, context, s_answer, isPreview: true));
            negotiator.TryFork(session, out var fork);
            good += Count(negotiator.TakeAnswer(ref fork, context, s_answer));
            negotiator.Apply(fork, context);
            negotiator.Release(ref fork);
            negotiator.Rollback(ref session, context);
            negotiator.End(context);
            negotiator.Release(ref session);
        }
        return good;
    }

    private static int Count(NegotiationResult result) => result.IsOk ? 1 : 0;
}
