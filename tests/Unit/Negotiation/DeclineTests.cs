// Streams that nobody here has, and lines that mean nothing to us: declined with port 0 or tolerated, never echoed (RFC 3264 §6, RFC 8866 §5.13).
using System.Text;
using SipEmbedded.Negotiation;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class DeclineTests
{
    private readonly Party _callee = new("192.0.2.2", 5000);

    [Theory]
    [InlineData("m=video 6000 RTP/AVP 31 34", "video 0 RTP/AVP 31")]
    [InlineData("m=image 6000 udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400", "image 0 udptl t38")]
    [InlineData("m=application 6000 UDP/DTLS/SCTP webrtc-datachannel\na=sctp-port:5000", "application 0 UDP/DTLS/SCTP webrtc-datachannel")]
    [InlineData("m=message 6000 TCP/MSRP *\na=accept-types:text/plain", "message 0 TCP/MSRP *")]
    [InlineData("m=text 6000 RTP/AVP 98\na=rtpmap:98 t140/1000", "text 0 RTP/AVP 98")]
    [InlineData("m=audio 6000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj", "audio 0 RTP/SAVP 0")]
    [InlineData("m=audio 6000 UDP/TLS/RTP/SAVPF 111 0\na=rtpmap:111 opus/48000/2\na=setup:actpass", "audio 0 UDP/TLS/RTP/SAVPF 111")]
    [InlineData("m=audio 6000 RTP/AVP 18", "audio 0 RTP/AVP 18")]
    [InlineData("m=audio 0 RTP/AVP 0", "audio 0 RTP/AVP 0")]
    [InlineData("m=video 0 UDP/TLS/RTP/SAVPF 96\na=bundle-only\na=rtpmap:96 VP8/90000", "video 0 UDP/TLS/RTP/SAVPF 96")]
    public void A_stream_that_nobody_has_is_refused_beside_one_that_is_taken(string stream, string refused)
    {
        Assert.Equal(
            $"1: {refused}; audio 5000 RTP/AVP 0 sendrecv", Party.Brief(_callee.Reply(Party.Foreign($"{stream}\nm=audio 9000 RTP/AVP 0"))));
    }

    [Theory]
    [InlineData("m=video 6000 RTP/AVP 31", WarningCode.MediaTypeNotAvailable)]
    [InlineData("m=audio 6000 RTP/AVP 18 4", WarningCode.IncompatibleMediaFormat)]
    [InlineData("m=audio 6000 RTP/AVP 101\na=rtpmap:101 telephone-event/8000", WarningCode.IncompatibleMediaFormat)]
    [InlineData("m=audio 6000 RTP/AVP 96\na=rtpmap:96 PCMU/16000", WarningCode.IncompatibleMediaFormat)]
    [InlineData("m=audio 6000 RTP/AVP 96\na=rtpmap:96 PCMU/8000/2", WarningCode.IncompatibleMediaFormat)]
    [InlineData("m=audio 6000 RTP/AVP 0\na=rtpmap:0 G722/8000", WarningCode.IncompatibleMediaFormat)]
    [InlineData("m=audio 6000 RTP/AVP zero 300", WarningCode.IncompatibleMediaFormat)]
    [InlineData("m=audio 6000 RTP/SAVPF 0", WarningCode.IncompatibleTransportProtocol)]
    [InlineData("m=audio 6000 TCP/RTP/AVP 0", WarningCode.IncompatibleTransportProtocol)]
    [InlineData("m=audio 6000 RTP/AVP 0\nc=IN IP6 2001:db8::1", WarningCode.IncompatibleNetworkAddressFormat)]
    [InlineData("m=audio 6000 RTP/AVP 0\nc=ATM NSAP 47.0091", WarningCode.IncompatibleNetworkProtocol)]
    [InlineData("m=audio 6000 RTP/AVP 0\nc=IN IP4 224.2.36.42/127", WarningCode.MulticastNotAvailable)]
    [InlineData("m=audio 6000 RTP/AVP 0\nc=IN IP4 224.2.36.42", WarningCode.MulticastNotAvailable)]
    // A type that we have says more than one that we have not, in either order.
    [InlineData("m=video 6000 RTP/AVP 31\nm=audio 6000 RTP/AVP 18", WarningCode.IncompatibleMediaFormat)]
    [InlineData("m=audio 6000 RTP/SAVP 0\nm=video 6000 RTP/AVP 31", WarningCode.IncompatibleTransportProtocol)]
    public void An_offer_without_anything_for_us_is_rejected_with_its_cause(string streams, WarningCode cause)
    {
        var result = _callee.Take(Party.Foreign(streams));
        Assert.Equal(NegotiationStatus.Unacceptable, result.Status);
        Assert.Equal(cause, result.Cause);
        Assert.False(result.WarnText.IsEmpty);
        Assert.Equal(NegotiationState.None, _callee.State);
        Assert.Equal(0, _callee.Buffers.Count);
        Assert.Equal(1, _callee.Negotiator.Counters.Unacceptable);
    }

    [Fact]
    public void Each_warning_has_the_words_that_RFC_3261_has_for_it()
    {
        Assert.All(Enum.GetValues<WarningCode>(), code => Assert.Equal(code == WarningCode.None, WarningCodes.TextOf(code).IsEmpty));
        Assert.Equal("Incompatible transport protocol", Encoding.ASCII.GetString(WarningCodes.TextOf((WarningCode)302)));
    }

    [Fact]
    public void An_offer_whose_streams_are_all_closed_is_good()
    {
        Assert.Equal("1: audio 0 RTP/AVP 18; video 0 RTP/AVP 31", Party.Brief(_callee.Reply(Party.Foreign("m=audio 0 RTP/AVP 18\nm=video 0 RTP/AVP 31"))));
        Assert.Equal(0, _callee.Session.Streams);
    }

    [Fact]
    public void A_stream_without_an_address_is_refused()
    {
        var result = _callee.Take("v=0\no=- 1 1 IN IP4 192.0.2.8\ns=-\nt=0 0\nm=audio 9000 RTP/AVP 0\n");
        Assert.Equal(WarningCode.IncompatibleNetworkAddressFormat, result.Cause);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v=1\no=- 1 1 IN IP4 192.0.2.8\ns=-\nt=0 0\n")]
    [InlineData("v=0\no=- 1 1 IN IP4 192.0.2.8\ns=-\nt=0 0\nm=audio 99999 RTP/AVP 0\n")]
    [InlineData("INVITE sip:door@example.com SIP/2.0\n")]
    public void What_is_no_description_is_malformed(string text)
    {
        var result = _callee.Take(text);
        Assert.Equal(NegotiationStatus.Malformed, result.Status);
        Assert.True(result.Fault.IsFault);
        Assert.Equal(NegotiationState.None, _callee.State);
    }

    // Candidates, bundles, keys, bandwidth, feedback: read over, and not in the answer (RFC 8839 §4.2.5 and RFC 8843 §7.3: an answer without them declines).
    [Fact]
    public void What_we_do_not_do_is_tolerated_and_not_echoed()
    {
        string answer = _callee.Reply("""
            v=0
            o=- 4611731400430051336 2 IN IP4 198.51.100.7
            s=-
            i=a browser's call
            u=http://example.com/
            e=somebody@example.com
            c=IN IP4 198.51.100.7
            b=AS:84
            b=X-YZ:128
            t=0 0
            k=clear:secret
            a=group:BUNDLE 0 1
            a=group:LS 0 1
            a=ice-options:trickle
            a=msid-semantic: WMS
            m=audio 9000/2 RTP/AVP 111 0 101
            i=microphone
            b=TIAS:64000
            k=prompt
            a=mid:0
            a=ice-ufrag:F7gI
            a=ice-pwd:x9cml/YzichV2+XlhiMu8g
            a=candidate:1 1 UDP 2130706431 198.51.100.7 9000 typ host
            a=rtcp-mux
            a=rtcp-fb:111 transport-cc
            a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj
            a=ssrc:1 cname:x
            a=rtpmap:111 opus/48000/2
            a=fmtp:111 minptime=10
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-16
            m=video 9002 RTP/AVP 96
            a=mid:1

            """);
        Assert.Equal(
            Party.Lines("""
                v=0
                o=- 5000 1 IN IP4 192.0.2.2
                s=-
                c=IN IP4 192.0.2.2
                t=0 0
                m=audio 5000 RTP/AVP 0 101
                a=rtpmap:0 PCMU/8000
                a=rtpmap:101 telephone-event/8000
                a=fmtp:101 0-15
                a=ptime:20
                a=sendrecv
                m=video 0 RTP/AVP 96

                """),
            answer);
    }

    // ---- Handlers in their order --------------------------------------------------------------------------------------------------

    [Fact]
    public void Handlers_are_asked_in_their_order_until_one_has_the_stream()
    {
        var first = new ScriptedHandler { Sections = [null, "m=video 6000 RTP/AVP 31\n"] };
        var last = new ScriptedHandler { Sections = ["m=audio 1 RTP/AVP 0\n", "m=video 1 RTP/AVP 31\n", "m=text 6002 RTP/AVP 98\n"] };
        var callee = new Party(before: [first], behind: [last]);
        Assert.Equal(
            "1: audio 4000 RTP/AVP 0 sendrecv; video 6000 RTP/AVP 31; text 6002 RTP/AVP 98",
            Party.Brief(callee.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=video 9002 RTP/AVP 31\nm=text 9004 RTP/AVP 98"))));
        Assert.Equal(["agreed 1: m=video 6000 RTP/AVP 31 / m=video 9002 RTP/AVP 31"], first.Told);
        Assert.Equal(["agreed 2: m=text 6002 RTP/AVP 98 / m=text 9004 RTP/AVP 98"], last.Told);
    }

    // A stream with encryption goes past the handler that has none.
    [Fact]
    public void Another_handler_may_take_the_same_type_over_another_protocol()
    {
        var secure = new ScriptedHandler { Sections = ["m=audio 6000 RTP/SAVP 0\n"] };
        var callee = new Party(behind: [secure]);
        Assert.Equal("1: audio 6000 RTP/SAVP 0", Party.Brief(callee.Reply(Party.Foreign("m=audio 9000 RTP/SAVP 0"))));
    }

    [Fact]
    public void A_handler_that_fails_ends_the_negotiation_whatever_others_say()
    {
        var broken = new ScriptedHandler { Fails = true, Cause = WarningCode.InsufficientBandwidth };
        var party = new Party(behind: [broken]);
        var result = party.Take(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=video 9002 RTP/AVP 31"));
        Assert.Equal(NegotiationStatus.Unacceptable, result.Status);
        Assert.Equal(WarningCode.InsufficientBandwidth, result.Cause);
        Assert.Equal(NegotiationStatus.Unacceptable, party.Negotiator.MakeOffer(ref party.Session, party.Context, new byte[1000], out _).Status);
        Assert.Equal(NegotiationState.None, party.State);
        Assert.Equal(["rolled back", "rolled back"], broken.Told);
        // Where the offer cannot be rejected, its stream is.
        Assert.Equal(
            "1: audio 4000 RTP/AVP 0 sendrecv; video 0 RTP/AVP 31",
            Party.Brief(party.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=video 9002 RTP/AVP 31"), canReject: false)));
    }

    [Fact]
    public void A_handler_that_fails_at_an_answer_leaves_the_offer_out()
    {
        var video = new ScriptedHandler { Sections = [null, "m=video 6000 RTP/AVP 31\n"] };
        var caller = new Party(behind: [video]);
        caller.Offer();
        video.Fails = true;
        Assert.Equal(NegotiationStatus.Unacceptable, caller.TakeAnswer(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=video 1 RTP/AVP 31")).Status);
        Assert.Equal(NegotiationState.LocalOffer, caller.State);
        Assert.False(caller.HasAudio);
    }

    [Theory]
    [InlineData("m=video 6000 RTP/AVP 31\nm=video 6002 RTP/AVP 31\n")] // two
    [InlineData("a=sendrecv\n")]                                      // none
    [InlineData("m=video 6000 RTP/AVP 31")]                            // not ended
    public void What_is_not_one_media_section_is_not_sent(string section)
    {
        var broken = new ScriptedHandler { Sections = [null, section] };
        var party = new Party(behind: [broken]);
        Assert.Equal(NegotiationStatus.Unacceptable, party.Negotiator.MakeOffer(ref party.Session, party.Context, new byte[1000], out _).Status);
        Assert.Equal(
            NegotiationStatus.Unacceptable, party.Take(Party.Foreign("m=audio 9000 RTP/AVP 0\nm=video 9002 RTP/AVP 31")).Status);
    }

    [Fact]
    public void Handlers_are_told_of_the_end()
    {
        var video = new ScriptedHandler();
        var party = new Party(behind: [video]);
        Party.Exchange(party, _callee);
        party.Negotiator.End(party.Context);
        Assert.Equal("ended 0", video.Told[^1]);
        Assert.False(party.HasAudio);
    }
}
