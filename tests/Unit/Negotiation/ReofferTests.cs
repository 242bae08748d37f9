// Offers within a session: RFC 3264 §8, RFC 6337 §5.2.5.
using System.Text;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class ReofferTests
{
    private readonly Party _caller = new("192.0.2.1", 4000);
    private readonly Party _callee = new("192.0.2.2", 5000);

    private const string Audio = "m=audio 9000 RTP/AVP 0";

    [Fact]
    public void An_offer_that_changes_nothing_is_the_same_text_with_the_same_version()
    {
        string first = _caller.Offer();
        _caller.TakeAnswer(_callee.Reply(first));
        Assert.Equal(first, _caller.Refresh());
        _caller.Rollback();
        Assert.Equal(first, _caller.Offer());
    }

    [Fact]
    public void A_refresh_by_who_answered_is_its_answer()
    {
        string answer = _callee.Reply(Party.Foreign(Audio));
        string refresh = _callee.Refresh();
        Assert.Equal(answer, refresh);
        Assert.Equal(NegotiationStatus.Ok, _callee.TakeAnswer(Party.Foreign(Audio)).Status);
        // A full offer has all that we can do (RFC 6337 §5.2.5).
        Assert.Equal("2: audio 5000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_callee.Offer()));
    }

    [Fact]
    public void A_refresh_of_the_peer_s_gets_the_same_answer()
    {
        string answer = _callee.Reply(Party.Foreign(Audio));
        for (int i = 0; i < 3; i++)
            Assert.Equal(answer, _callee.Reply(Party.Foreign(Audio)));
    }

    [Fact]
    public void A_refresh_before_anything_was_agreed_is_a_first_offer() =>
        Assert.Equal("1: audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_caller.Refresh()));

    [Fact]
    public void The_version_grows_by_one_with_each_change_and_through_ten()
    {
        Party.Exchange(_caller, _callee);
        for (int version = 2; version <= 12; version++)
        {
            _caller.Wanted = version % 2 == 0 ? MediaDirection.SendOnly : MediaDirection.SendReceive;
            Assert.StartsWith($"{version}: ", Party.Exchange(_caller, _callee));
            // Unchanged in between, also where the next version would have one digit more.
            string text = _caller.Refresh();
            Assert.StartsWith($"{version}: ", Party.Brief(text));
            Assert.Equal(text, Encoding.UTF8.GetString(_caller.Negotiator.AgreedLocal(_caller.Session)));
            _caller.Rollback();
        }
    }

    [Fact]
    public void A_version_does_not_go_back_when_its_offer_failed()
    {
        Party.Exchange(_caller, _callee);
        _caller.Wanted = MediaDirection.SendOnly;
        Assert.StartsWith("2: ", Party.Brief(_caller.Offer()));
        _caller.Rollback();
        _caller.Wanted = MediaDirection.SendReceive;
        Assert.StartsWith("3: ", Party.Brief(_caller.Refresh()));
        _caller.Rollback();
        Assert.StartsWith("3: ", Party.Brief(_caller.Refresh()));
    }

    [Fact]
    public void A_first_offer_that_is_sent_again_with_credentials_is_the_same()
    {
        string first = _caller.Offer();
        _caller.Rollback();
        Assert.Equal(NegotiationState.None, _caller.State);
        Assert.Equal(first, _caller.Offer());
    }

    // RFC 3264 §8: the o= line stays as it is but for the version; media follows the address.
    [Fact]
    public void Another_address_of_ours_goes_into_the_connection_and_not_into_the_origin()
    {
        string first = _caller.Offer();
        _caller.TakeAnswer(_callee.Reply(first));
        Assert.True(IpEndpoint.TryRead("203.0.113.5"u8, 0, out var local));
        _caller.Local = local;
        string second = _caller.Offer();
        Assert.Contains("\r\nc=IN IP4 203.0.113.5\r\n", second);
        Assert.Equal(first.Split("\r\n")[1].Replace(" 1 IN", " 2 IN"), second.Split("\r\n")[1]);
        _caller.TakeAnswer(Party.Foreign(Audio));
        Assert.Equal(local.WithPort(4000), _caller.Agreed.Local);
    }

    [Fact]
    public void Origins_differ_by_session_and_have_63_bits()
    {
        _caller.Session = new(ulong.MaxValue);
        Assert.Contains("o=- 9223372036854775807 1 IN IP4 192.0.2.1\r\n", _caller.Offer());
    }

    // ---- Streams that come and go -------------------------------------------------------------------------------------------------

    [Fact]
    public void A_refused_stream_keeps_its_place_in_all_that_follows()
    {
        Assert.Equal(
            "1: video 0 RTP/AVP 31; audio 5000 RTP/AVP 0 sendrecv; application 0 TCP/BFCP *",
            Party.Brief(_callee.Reply(Party.Foreign($"m=video 6000 RTP/AVP 31 34\n{Audio}\nm=application 7000 TCP/BFCP *"))));
        Assert.Equal(
            "2: video 0 RTP/AVP 31; audio 5000 RTP/AVP 0 8 101 sendrecv; application 0 TCP/BFCP *", Party.Brief(_callee.Offer()));
        Assert.Equal(NegotiationStatus.Ok, _callee.TakeAnswer(Party.Foreign($"m=video 0 RTP/AVP 31\n{Audio}\nm=application 0 TCP/BFCP *")).Status);
        Assert.Equal(1, _callee.Session.Streams);
        Assert.Equal(2, _callee.Negotiator.Counters.StreamsRefused);
    }

    [Fact]
    public void The_peer_adds_a_stream_behind()
    {
        _callee.Reply(Party.Foreign(Audio));
        Assert.Equal(
            "2: audio 5000 RTP/AVP 0 sendrecv; video 0 RTP/AVP 99",
            Party.Brief(_callee.Reply(Party.Foreign($"{Audio}\nm=video 6000 RTP/AVP 99\na=rtpmap:99 H264/90000"))));
    }

    [Fact]
    public void A_stream_is_disabled_and_enabled_again()
    {
        _callee.Reply(Party.Foreign(Audio));
        Assert.Equal("2: audio 0 RTP/AVP 0", Party.Brief(_callee.Reply(Party.Foreign("m=audio 0 RTP/AVP 0"))));
        Assert.False(_callee.HasAudio);
        Assert.Equal(0, _callee.Session.Streams);
        // Of theirs that is offered again, and of ours.
        Assert.Equal("3: audio 5000 RTP/AVP 0 sendrecv", Party.Brief(_callee.Reply(Party.Foreign(Audio))));
        Assert.True(_callee.HasAudio);
        _callee.Reply(Party.Foreign("m=audio 0 RTP/AVP 0"));
        Assert.Equal("5: audio 5000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_callee.Offer()));
    }

    [Fact]
    public void A_refresh_leaves_a_disabled_stream_alone()
    {
        _callee.Reply(Party.Foreign(Audio));
        string answer = _callee.Reply(Party.Foreign("m=audio 0 RTP/AVP 0"));
        Assert.Equal(answer, _callee.Refresh());
    }

    [Fact]
    public void The_audio_moves_to_another_place_in_one_offer()
    {
        _callee.Reply(Party.Foreign(Audio));
        Assert.Equal(
            "2: audio 0 RTP/AVP 0; audio 5000 RTP/AVP 8 sendrecv",
            Party.Brief(_callee.Reply(Party.Foreign("m=audio 0 RTP/AVP 0\nm=audio 9100 RTP/AVP 8"))));
        Assert.Equal(9100, _callee.Agreed.Remote.Port);
        // Our offer does not move it back.
        Assert.Equal("3: audio 0 RTP/AVP 0; audio 5000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_callee.Offer()));
    }

    [Fact]
    public void Of_two_audio_streams_the_one_in_use_stays()
    {
        Assert.Equal(
            "1: audio 5000 RTP/AVP 0 sendrecv; audio 0 RTP/AVP 8",
            Party.Brief(_callee.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=audio 9100 RTP/AVP 8"))));
        _callee.Reply(Party.Foreign("m=audio 0 RTP/AVP 0\nm=audio 9100 RTP/AVP 8"));
        Assert.Equal(
            "2: audio 0 RTP/AVP 0; audio 5000 RTP/AVP 8 sendrecv",
            Party.Brief(_callee.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=audio 9100 RTP/AVP 8"))));
    }

    // RFC 3264 §8 forbids it; the call goes on.
    [Fact]
    public void An_offer_with_fewer_streams_than_before_is_answered_as_it_stands()
    {
        _callee.Reply(Party.Foreign($"{Audio}\nm=video 6000 RTP/AVP 31"));
        Assert.Equal("2: audio 5000 RTP/AVP 0 sendrecv", Party.Brief(_callee.Reply(Party.Foreign(Audio))));
        Assert.Equal(1, _callee.Negotiator.Counters.StreamsDropped);
    }

    [Fact]
    public void A_handler_removes_its_stream_by_refusing_its_place()
    {
        var video = new ScriptedHandler { Sections = [null, "m=video 6000 RTP/AVP 31\n"] };
        var caller = new Party(behind: [video]);
        Assert.Equal("1: audio 4000 RTP/AVP 0 8 101 sendrecv; video 6000 RTP/AVP 31", Party.Brief(caller.Offer()));
        caller.TakeAnswer(Party.Foreign($"{Audio}\nm=video 7000 RTP/AVP 31"));
        Assert.Equal(["agreed 1: m=video 6000 RTP/AVP 31 / m=video 7000 RTP/AVP 31"], video.Told);
        video.Sections = [null, ""];
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 101 sendrecv; video 0 RTP/AVP 31", Party.Brief(caller.Offer()));
        caller.TakeAnswer(Party.Foreign($"{Audio}\nm=video 0 RTP/AVP 31"));
        Assert.Equal("removed 1", video.Told[^1]);
        Assert.Equal(1, caller.Session.Streams);
    }

    [Fact]
    public void No_offer_has_more_streams_than_are_read()
    {
        var video = new ScriptedHandler { Sections = [null, .. Enumerable.Repeat("m=video 6000 RTP/AVP 31\n", 40)] };
        var caller = new Party(behind: [video]);
        string offer = caller.Offer();
        Assert.Equal(SdpLimits.MaxMediaSections, offer.Split("\r\nm=").Length - 1);
        Assert.Equal(NegotiationStatus.Ok, _callee.Take(offer).Status);
    }

    // ---- Answers ------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void An_answer_that_refuses_everything_ends_the_exchange_without_media()
    {
        _caller.Offer();
        var result = _caller.TakeAnswer(Party.Foreign("m=audio 0 RTP/AVP 0"));
        Assert.Equal(NegotiationStatus.Ok, result.Status);
        Assert.Equal(WarningCode.IncompatibleMediaFormat, result.Cause);
        Assert.Equal(0, _caller.Session.Streams);
        Assert.False(_caller.HasAudio);
    }

    [Theory]
    [InlineData("m=audio 9000 RTP/AVP 18\na=rtpmap:18 G729/8000")] // never offered
    [InlineData("m=audio 9000 RTP/SAVP 0")]                        // another protocol
    [InlineData("m=audio 9000 RTP/AVP 0\nc=IN IP4 224.2.1.1/127")] // a group
    public void A_stream_that_is_answered_by_something_else_is_not_used(string stream)
    {
        _caller.Offer();
        var result = _caller.TakeAnswer(Party.Foreign(stream));
        Assert.Equal(NegotiationStatus.Ok, result.Status);
        Assert.NotEqual(WarningCode.None, result.Cause);
        Assert.Equal(0, _caller.Session.Streams);
    }

    [Theory]
    [InlineData("m=audio 9000 RTP/AVP 0\nm=video 6000 RTP/AVP 31")] // more streams than the offer
    [InlineData("m=video 6000 RTP/AVP 31")]                         // another type at that place
    [InlineData("m=audio nine RTP/AVP 0")]                          // no description
    public void An_answer_that_does_not_fit_its_offer_is_malformed_and_changes_nothing(string streams)
    {
        _caller.Offer();
        var result = _caller.TakeAnswer(Party.Foreign(streams));
        Assert.Equal(NegotiationStatus.Malformed, result.Status);
        Assert.True(result.Fault.IsFault);
        Assert.Equal(NegotiationState.LocalOffer, _caller.State);
        // A good one may still come.
        Assert.Equal(NegotiationStatus.Ok, _caller.TakeAnswer(Party.Foreign(Audio)).Status);
    }

    [Theory]
    [InlineData(true, NegotiationStatus.Ok)]
    [InlineData(false, NegotiationStatus.Malformed)]
    public void An_answer_that_leaves_refused_streams_out_is_a_leniency(bool isAllowed, NegotiationStatus expected)
    {
        var video = new ScriptedHandler { Sections = [null, "m=video 6000 RTP/AVP 31\n"] };
        var caller = new Party(options: new() { AllowsShortAnswers = isAllowed }, behind: [video]);
        caller.Offer();
        Assert.Equal(expected, caller.TakeAnswer(Party.Foreign(Audio)).Status);
        Assert.Equal(isAllowed ? 1 : 0, caller.Negotiator.Counters.ShortAnswers);
        // The place is there all the same in what we say next.
        if (isAllowed)
            Assert.Equal("1: audio 4000 RTP/AVP 0 8 101 sendrecv; video 6000 RTP/AVP 31", Party.Brief(caller.Offer()));
    }

    [Fact]
    public void A_peer_s_numbers_in_the_origin_may_have_any_length()
    {
        string offer = Party.Foreign(Audio).Replace("77 1", "99999999999999999999999999 184467440737095516160");
        Assert.Equal("1: audio 5000 RTP/AVP 0 sendrecv", Party.Brief(_callee.Reply(offer)));
    }
}
