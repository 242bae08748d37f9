// RFC 6337 at the level of descriptions: the six ways of an offer (§2.2, Table 1), the six ways to reject one (§2.3, Table 2), and offers that meet (§4). Which
// message carries what is the caller's; here the sequences of steps that each comes to.
using SipEmbedded.Audio;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class PatternTests
{
    private readonly Party _caller = new("192.0.2.1", 4000);
    private readonly Party _callee = new("192.0.2.2", 5000);

    private const string Unknown = "m=video 6000 RTP/AVP 31";

    private void BothAgree()
    {
        Assert.Equal(NegotiationState.Stable, _caller.State);
        Assert.Equal(NegotiationState.Stable, _callee.State);
        Assert.Equal(_caller.Agreed.Local, _callee.Agreed.Remote);
        Assert.Equal(_callee.Agreed.Local, _caller.Agreed.Remote);
        Assert.Equal(_caller.Agreed.Codec, _callee.Agreed.Codec);
    }

    [Fact]
    public void Pattern_1_offer_in_INVITE_answer_in_2xx()
    {
        Assert.Equal(
            "1: audio 4000 RTP/AVP 0 8 101 sendrecv\n1: audio 5000 RTP/AVP 0 8 101 sendrecv",
            Party.Exchange(_caller, _callee));
        BothAgree();
    }

    [Fact]
    public void Pattern_2_offer_in_2xx_answer_in_ACK()
    {
        Assert.Equal(
            "1: audio 5000 RTP/AVP 0 8 101 sendrecv\n1: audio 4000 RTP/AVP 0 8 101 sendrecv",
            Party.Exchange(_callee, _caller));
        BothAgree();
    }

    [Fact]
    public void Pattern_3_offer_in_INVITE_answer_in_a_reliable_1xx_and_none_after_it()
    {
        string answer = _callee.Reply(_caller.Offer());
        Assert.Equal(NegotiationStatus.Ok, _caller.TakeAnswer(answer).Status);
        BothAgree();
        // §3.1.1: what a later response still carries is ignored.
        Assert.Equal(NegotiationStatus.NotExpected, _caller.TakeAnswer(answer).Status);
        BothAgree();
    }

    [Fact]
    public void Pattern_3_after_a_preview_in_an_unreliable_1xx()
    {
        string answer = _callee.Reply(_caller.Offer());
        Assert.Equal(NegotiationStatus.Ok, _caller.TakeAnswer(answer, isPreview: true).Status);
        // Media flows by it, but no new offer may go out, and none is taken (Figure 1).
        Assert.Equal(_callee.Agreed.Local, _caller.Agreed.Remote);
        Assert.True(_caller.Session.HasPreview);
        Assert.Equal(NegotiationState.LocalOffer, _caller.State);
        Assert.Equal(NegotiationStatus.OfferPending, _caller.Take(Party.Foreign("m=audio 9000 RTP/AVP 0")).Status);
        // The same text comes again in the response that is reliable.
        Assert.Equal(answer, Text(_callee.Negotiator.AgreedLocal(_callee.Session)));
        Assert.Equal(NegotiationStatus.Ok, _caller.TakeAnswer(answer).Status);
        Assert.False(_caller.Session.HasPreview);
        BothAgree();
    }

    [Fact]
    public void A_preview_becomes_the_answer_where_no_other_comes()
    {
        string answer = _callee.Reply(_caller.Offer());
        _caller.TakeAnswer(answer, isPreview: true);
        Assert.Equal(NegotiationStatus.Ok, _caller.TakeAnswer("").Status);
        BothAgree();
    }

    [Fact]
    public void Without_preview_and_answer_there_is_none()
    {
        _caller.Offer();
        Assert.Equal(NegotiationStatus.Malformed, _caller.TakeAnswer("").Status);
        Assert.Equal(NegotiationState.LocalOffer, _caller.State);
    }

    [Fact]
    public void An_answer_that_differs_from_its_preview_counts()
    {
        _caller.Offer();
        _caller.TakeAnswer(Party.Foreign("m=audio 7000 RTP/AVP 8"), isPreview: true);
        Assert.Equal(AudioCodec.Pcma, _caller.Agreed.Codec);
        _caller.TakeAnswer(Party.Foreign("m=audio 7100 RTP/AVP 0"));
        Assert.Equal(AudioCodec.Pcmu, _caller.Agreed.Codec);
        Assert.Equal(7100, _caller.Agreed.Remote.Port);
    }

    [Fact]
    public void Pattern_4_offer_in_a_reliable_1xx_answer_in_PRACK()
    {
        string offer = _callee.Offer();
        Assert.Equal(NegotiationStatus.Ok, _callee.TakeAnswer(_caller.Reply(offer, canReject: false)).Status);
        BothAgree();
    }

    [Fact]
    public void Pattern_5_a_second_offer_in_PRACK_answer_in_its_200()
    {
        Party.Exchange(_caller, _callee);
        _caller.Wanted = MediaDirection.Inactive;
        string offer = _caller.Offer();
        Assert.Equal(NegotiationStatus.Ok, _caller.TakeAnswer(_callee.Reply(offer, canReject: false)).Status);
        BothAgree();
        Assert.Equal(MediaDirection.Inactive, _callee.Agreed.Direction);
    }

    [Fact]
    public void Pattern_6_UPDATE_from_either_side()
    {
        Party.Exchange(_caller, _callee);
        Assert.Equal(
            "1: audio 5000 RTP/AVP 0 8 101 sendrecv\n1: audio 4000 RTP/AVP 0 8 101 sendrecv",
            Party.Exchange(_callee, _caller));
        Assert.Equal(
            "1: audio 4000 RTP/AVP 0 8 101 sendrecv\n1: audio 5000 RTP/AVP 0 8 101 sendrecv",
            Party.Exchange(_caller, _callee));
        BothAgree();
    }

    // ---- Table 2: rejections ------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("1 and 3: INVITE, 488")]
    [InlineData("6: UPDATE, 488")]
    public void Patterns_1_3_and_6_reject_an_offer_with_a_cause(string pattern)
    {
        bool isFirst = pattern[0] == '1';
        if (!isFirst)
            Party.Exchange(_caller, _callee);
        var result = _callee.Take(Party.Foreign(Unknown));
        Assert.Equal(NegotiationStatus.Unacceptable, result.Status);
        Assert.Equal(WarningCode.MediaTypeNotAvailable, result.Cause);
        Assert.Equal("Media type not available", Text(result.WarnText));
        // As if it had never come.
        Assert.Equal(isFirst ? NegotiationState.None : NegotiationState.Stable, _callee.State);
        Assert.Equal(!isFirst, _callee.HasAudio);
        Assert.Equal(isFirst ? 0 : 1, _callee.Session.Streams);
    }

    [Theory]
    [InlineData("2: 2xx, answer in ACK, then BYE")]
    [InlineData("4: 1xx-rel, answer in PRACK, then a new offer")]
    [InlineData("5: PRACK, answer in its 200, then a new offer")]
    public void Patterns_2_4_and_5_answer_an_offer_that_cannot_be_rejected_with_port_0(string pattern)
    {
        if (pattern[0] == '5')
            Party.Exchange(_caller, _callee);
        var result = _caller.Take(Party.Foreign(Unknown), canReject: false);
        Assert.Equal(NegotiationStatus.Ok, result.Status);
        Assert.Equal(WarningCode.MediaTypeNotAvailable, result.Cause);
        Assert.Contains("\r\nm=video 0 RTP/AVP 31\r\n", _caller.Answer());
        Assert.Equal(NegotiationState.Stable, _caller.State);
        Assert.Equal(0, _caller.Session.Streams);
        // The new offer keeps the place that was refused.
        Assert.EndsWith(": video 0 RTP/AVP 31; audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_caller.Offer()));
    }

    [Fact]
    public void A_rejected_offer_leaves_what_was_agreed()
    {
        Party.Exchange(_caller, _callee);
        var before = _caller.Agreed;
        _caller.Wanted = MediaDirection.SendOnly;
        _caller.Offer();
        _caller.Rollback();
        Assert.Equal(NegotiationState.Stable, _caller.State);
        Assert.Equal(before.Direction, _caller.Agreed.Direction);
        Assert.Equal(1, _caller.Negotiator.Counters.RolledBack);
    }

    // ---- §4: crossing and glare ---------------------------------------------------------------------------------------------------

    [Fact]
    public void An_offer_that_meets_ours_is_told_by_what_is_open()
    {
        Party.Exchange(_caller, _callee);
        string ours = _caller.Offer();
        string theirs = _callee.Offer();
        // 491 on both sides (Table 4).
        Assert.Equal(NegotiationStatus.OfferPending, _caller.Take(theirs).Status);
        Assert.Equal(NegotiationStatus.OfferPending, _callee.Take(ours).Status);
        Assert.Equal(1, _caller.Negotiator.Counters.Glares);
        // Nothing of either is lost by it: whoever comes again first is answered.
        _caller.Rollback();
        Assert.Equal(NegotiationStatus.Ok, _callee.TakeAnswer(_caller.Reply(theirs)).Status);
        BothAgree();
    }

    [Fact]
    public void An_offer_before_the_last_was_answered_is_told_so()
    {
        string offer = Party.Foreign("m=audio 9000 RTP/AVP 0");
        Assert.Equal(NegotiationStatus.Ok, _callee.Take(offer).Status);
        // 500 with Retry-After (UAS-IsI, UAS-UsU).
        Assert.Equal(NegotiationStatus.AnswerOwed, _callee.Take(offer).Status);
        Assert.Equal(NegotiationState.RemoteOffer, _callee.State);
        Assert.Equal("1: audio 5000 RTP/AVP 0 sendrecv", Party.Brief(_callee.Answer()));
    }

    [Fact]
    public void No_offer_of_ours_goes_out_while_an_exchange_is_open()
    {
        Span<byte> text = new byte[1024];
        _caller.Offer();
        Assert.Equal(NegotiationStatus.OfferPending, _caller.Negotiator.MakeOffer(ref _caller.Session, _caller.Context, text, out int length).Status);
        Assert.Equal(0, length);
        _callee.Take(Party.Foreign("m=audio 9000 RTP/AVP 0"));
        Assert.Equal(NegotiationStatus.AnswerOwed, _callee.Negotiator.MakeRefresh(ref _callee.Session, _callee.Context, text, out _).Status);
    }

    [Fact]
    public void No_answer_is_made_or_taken_that_nobody_asked_for()
    {
        Span<byte> text = new byte[1024];
        Assert.Equal(NegotiationStatus.NotExpected, _caller.Negotiator.MakeAnswer(ref _caller.Session, _caller.Context, text, out _).Status);
        Assert.Equal(NegotiationStatus.NotExpected, _caller.TakeAnswer(Party.Foreign("m=audio 9000 RTP/AVP 0")).Status);
        Assert.Equal(NegotiationState.None, _caller.State);
    }

    private static string Text(ReadOnlySpan<byte> octets) => System.Text.Encoding.UTF8.GetString(octets);
}
