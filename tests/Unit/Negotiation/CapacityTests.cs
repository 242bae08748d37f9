// Every step with no buffer free, with one, with two …: an answer is given, nothing is lost, and once there is room the same step goes on.
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class CapacityTests
{
    private const string Audio = "m=audio 9000 RTP/AVP 0";

    // How far a caller comes: its offer, the answer, a hold with both of its texts.
    [Theory]
    [InlineData(0, "offer: NoRoom")]
    [InlineData(1, "offer: Ok, answer: NoRoom")]
    [InlineData(2, "offer: Ok, answer: Ok, hold: NoRoom")]
    [InlineData(3, "offer: Ok, answer: Ok, hold: Ok, answer: NoRoom")]
    [InlineData(4, "offer: Ok, answer: Ok, hold: Ok, answer: Ok")]
    public void A_caller_without_buffers_is_told(int buffers, string expected)
    {
        var party = new Party(buffers: buffers);
        var log = new List<string>();
        bool isGood = Step("offer", Offer(party, out _)) && Step("answer", party.TakeAnswer(Party.Foreign(Audio)));
        party.Wanted = MediaDirection.SendOnly;
        isGood = isGood && Step("hold", Offer(party, out _)) && Step("answer", party.TakeAnswer(Party.Foreign(Audio + "\na=recvonly")));
        Assert.Equal(expected, string.Join(", ", log));
        Assert.Equal(isGood ? 0 : 1, party.Negotiator.Counters.NoRoom);
        // What was agreed before the pool ran out holds still.
        if (buffers is 2 or 3)
            Assert.Equal(MediaDirection.SendReceive, party.Agreed.Direction);
        party.Negotiator.Release(ref party.Session);
        Assert.Equal(0, party.Buffers.Count);

        bool Step(string name, NegotiationResult result)
        {
            log.Add($"{name}: {result.Status}");
            return result.IsOk;
        }
    }

    [Theory]
    [InlineData(0, "take: NoRoom")]
    [InlineData(1, "take: Ok, answer: NoRoom")]
    [InlineData(2, "take: Ok, answer: Ok")]
    public void A_callee_without_buffers_is_told(int buffers, string expected)
    {
        var party = new Party(buffers: buffers);
        var result = party.Take(Party.Foreign(Audio));
        string log = $"take: {result.Status}";
        if (result.IsOk)
        {
            result = party.Negotiator.MakeAnswer(ref party.Session, party.Context, new byte[1000], out int length);
            log += $", answer: {result.Status}";
            Assert.Equal(result.IsOk, length > 0);
            // It is still owed.
            Assert.Equal(result.IsOk ? NegotiationState.Stable : NegotiationState.RemoteOffer, party.State);
        }
        Assert.Equal(expected, log);
        Assert.Equal(result.IsOk, party.HasAudio);
    }

    // A session refresh needs no buffer on either side: the texts are there.
    [Fact]
    public void A_refresh_takes_no_buffer()
    {
        var party = new Party(buffers: 2);
        party.Reply(Party.Foreign(Audio));
        for (int i = 0; i < 3; i++)
        {
            party.Reply(Party.Foreign(Audio));
            party.Refresh();
            Assert.Equal(NegotiationStatus.Ok, party.TakeAnswer(Party.Foreign(Audio)).Status);
        }
        Assert.Equal(2, party.Buffers.Count);
    }

    [Fact]
    public void An_offer_that_does_not_fit_leaves_nothing_open()
    {
        var party = new Party();
        string whole = party.Offer();
        party.Rollback();
        for (int octets = 0; octets < whole.Length; octets++)
        {
            var other = new Party();
            Assert.Equal(
                NegotiationStatus.NoRoom, other.Negotiator.MakeOffer(ref other.Session, other.Context, new byte[octets], out int length).Status);
            Assert.Equal(0, length);
            Assert.Equal(NegotiationState.None, other.State);
            Assert.Equal(0, other.Buffers.Count);
        }
        Assert.Equal(NegotiationStatus.Ok, party.Negotiator.MakeOffer(ref party.Session, party.Context, new byte[whole.Length], out _).Status);
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_still_owed()
    {
        var party = new Party();
        party.Take(Party.Foreign(Audio));
        Assert.Equal(NegotiationStatus.NoRoom, party.Negotiator.MakeAnswer(ref party.Session, party.Context, new byte[50], out _).Status);
        Assert.Equal("1: audio 4000 RTP/AVP 0 sendrecv", Party.Brief(party.Answer()));
    }

    [Fact]
    public void An_answer_longer_than_descriptions_may_be_is_told_at_the_offer()
    {
        var party = new Party(options: new() { MaxOctets = 100 });
        Assert.Equal(NegotiationStatus.NoRoom, party.Take(Party.Foreign(Audio)).Status);
        Assert.Equal(NegotiationState.None, party.State);
    }

    private static NegotiationResult Offer(Party party, out int length) =>
        party.Negotiator.MakeOffer(ref party.Session, party.Context, new byte[1000], out length);
}
