// The answer that is drafted when an offer is taken goes out as it is where it is made at once, and is written anew where something happened in between.
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class DraftTests
{
    private const string Offered = "m=video 9000 RTP/AVP 31";

    private readonly ScriptedHandler _video = new() { Sections = ["m=video 4000 RTP/AVP 31\na=sendrecv\n"] };

    private Party Callee() => new(before: [_video]);

    // What the handler would write now.
    private void Change() => _video.Sections = ["m=video 4100 RTP/AVP 31\na=sendrecv\n"];

    [Fact]
    public void An_answer_that_is_made_at_once_is_asked_for_once()
    {
        var callee = Callee();
        callee.Take(Party.Foreign(Offered));
        Change();

        Assert.Equal("1: video 4000 RTP/AVP 31 sendrecv", Party.Brief(callee.Answer()));
        Assert.Equal(["agreed 0: m=video 4000 RTP/AVP 31 / m=video 9000 RTP/AVP 31"], _video.Told);
    }

    [Fact]
    public void An_offer_to_another_session_in_between_has_the_answer_written_anew()
    {
        var callee = Callee();
        callee.Take(Party.Foreign(Offered));
        var other = new NegotiatedSession(77);
        Assert.True(callee.Negotiator.TakeOffer(ref other, callee.Context, Party.Octets(Party.Foreign("m=audio 9100 RTP/AVP 0\nm=video 9102 RTP/AVP 31"))).IsOk);
        Change();

        Assert.Equal("1: video 4100 RTP/AVP 31 sendrecv", Party.Brief(callee.Answer()));
    }

    [Fact]
    public void An_offer_that_was_refused_in_between_has_it_written_anew_as_well()
    {
        var callee = Callee();
        callee.Take(Party.Foreign(Offered));
        var other = new NegotiatedSession(77);
        _video.Fails = true;
        Assert.Equal(
            NegotiationStatus.Unacceptable, callee.Negotiator.TakeOffer(ref other, callee.Context, Party.Octets(Party.Foreign("m=video 9102 RTP/AVP 31"))).Status);
        _video.Fails = false;
        Change();

        Assert.Equal("1: video 4100 RTP/AVP 31 sendrecv", Party.Brief(callee.Answer()));
    }

    [Fact]
    public void Who_wants_something_else_meanwhile_says_so_in_the_answer()
    {
        var callee = new Party();
        callee.Take(Party.Foreign("m=audio 9000 RTP/AVP 0"));
        callee.Wanted = MediaDirection.SendOnly;

        Assert.EndsWith(" sendonly", Party.Brief(callee.Answer()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_draft_that_could_not_go_out_goes_out_later()
    {
        var callee = Callee();
        callee.Take(Party.Foreign(Offered));
        Assert.Equal(NegotiationStatus.NoRoom, callee.Negotiator.MakeAnswer(ref callee.Session, callee.Context, new byte[40], out _).Status);

        Assert.Equal("1: video 4000 RTP/AVP 31 sendrecv", Party.Brief(callee.Answer()));
    }

    [Fact]
    public void An_offer_that_cannot_be_rejected_is_answered_with_the_cause()
    {
        var callee = Callee();
        _video.Sections = [];

        Assert.Equal(WarningCode.IncompatibleMediaFormat, callee.Take(Party.Foreign(Offered), canReject: false).Cause);
        var made = callee.Negotiator.MakeAnswer(ref callee.Session, callee.Context, new byte[1000], out int length);
        Assert.Equal((NegotiationStatus.Ok, WarningCode.IncompatibleMediaFormat, true), (made.Status, made.Cause, length > 0));
    }
}
