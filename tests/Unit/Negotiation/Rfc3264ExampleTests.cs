// RFC 3264 §10 and §5.1, offer by offer: what one side says, and what we say to it.
using SipEmbedded.Audio;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class Rfc3264ExampleTests
{
    private static readonly AudioStreamOptions s_onlyPcmu = new() { Codecs = [AudioCodec.Pcmu], EventPayloadType = null, PacketTimeMs = 0 };

    // §10.1: Alice offers audio and two video streams.
    private const string AlicesOffer = """
        v=0
        o=alice 2890844526 2890844526 IN IP4 host.anywhere.com
        s=
        c=IN IP4 host.anywhere.com
        t=0 0
        m=audio 49170 RTP/AVP 0
        a=rtpmap:0 PCMU/8000
        m=video 51372 RTP/AVP 31
        a=rtpmap:31 H261/90000
        m=video 53000 RTP/AVP 32
        a=rtpmap:32 MPV/90000

        """;

    [Fact]
    public void The_basic_exchange_is_answered_as_Bob_answers_it()
    {
        var video = new ScriptedHandler { Sections = [null, "", "m=video 53000 RTP/AVP 32\na=rtpmap:32 MPV/90000\n"] };
        var bob = new Party("192.0.2.9", 49920, s_onlyPcmu, behind: [video]);
        Assert.Equal(
            Party.Lines("""
                v=0
                o=- 49920 1 IN IP4 192.0.2.9
                s=-
                c=IN IP4 192.0.2.9
                t=0 0
                m=audio 49920 RTP/AVP 0
                a=rtpmap:0 PCMU/8000
                a=sendrecv
                m=video 0 RTP/AVP 31
                m=video 53000 RTP/AVP 32
                a=rtpmap:32 MPV/90000

                """),
            bob.Reply(AlicesOffer));
    }

    [Fact]
    public void Bob_later_adds_a_stream_behind_those_that_there_are()
    {
        var video = new ScriptedHandler { Sections = [null, "", "m=video 53000 RTP/AVP 32\na=rtpmap:32 MPV/90000\n"] };
        var bob = new Party("192.0.2.9", 49920, s_onlyPcmu, behind: [video]);
        bob.Reply(AlicesOffer);
        video.Sections.Add("m=audio 51434 RTP/AVP 110\na=rtpmap:110 telephone-events/8000\na=recvonly\n");
        Assert.Equal(
            Party.Lines("""
                v=0
                o=- 49920 2 IN IP4 192.0.2.9
                s=-
                c=IN IP4 192.0.2.9
                t=0 0
                m=audio 49920 RTP/AVP 0
                a=rtpmap:0 PCMU/8000
                a=sendrecv
                m=video 0 RTP/AVP 31
                m=video 53000 RTP/AVP 32
                a=rtpmap:32 MPV/90000
                m=audio 51434 RTP/AVP 110
                a=rtpmap:110 telephone-events/8000
                a=recvonly

                """),
            bob.Offer());
        var result = bob.TakeAnswer("""
            v=0
            o=alice 2890844526 2890844527 IN IP4 host.anywhere.com
            s=
            c=IN IP4 host.anywhere.com
            t=0 0
            m=audio 49170 RTP/AVP 0
            a=rtpmap:0 PCMU/8000
            m=video 0 RTP/AVP 31
            a=rtpmap:31 H261/90000
            m=video 53000 RTP/AVP 32
            a=rtpmap:32 MPV/90000
            m=audio 53122 RTP/AVP 110
            a=rtpmap:110 telephone-events/8000
            a=sendonly

            """);
        Assert.Equal(NegotiationStatus.Ok, result.Status);
        Assert.Equal(3, bob.Session.Streams);
        Assert.Equal(NegotiationState.Stable, bob.State);
    }

    [Fact]
    public void One_codec_of_several_is_locked_down_by_a_second_exchange()
    {
        var bob = new Party("192.0.2.9", 54344, new() { EventPayloadType = null, PacketTimeMs = 0 });
        Assert.Equal(
            "1: audio 54344 RTP/AVP 0 8 inactive",
            Party.Brief(bob.Reply(Party.Foreign("m=audio 62986 RTP/AVP 0 4 8 18\na=rtpmap:0 PCMU/8000\na=rtpmap:4 G723/8000\na=inactive"))));
        Assert.Equal(MediaDirection.Inactive, bob.Agreed.Direction);
        Assert.Equal(
            "2: audio 54344 RTP/AVP 8 sendrecv",
            Party.Brief(bob.Reply(Party.Foreign("m=audio 62986 RTP/AVP 8\na=rtpmap:8 PCMA/8000\na=sendrecv", version: 2))));
        Assert.Equal(MediaDirection.SendReceive, bob.Agreed.Direction);
        Assert.Equal(AudioCodec.Pcma, bob.Agreed.Codec);
    }

    [Fact]
    public void Who_can_do_one_codec_only_says_so_in_the_answer()
    {
        var bob = new Party("192.0.2.9", 54344, new() { AnswersOneCodec = true, PacketTimeMs = 0 });
        Assert.Equal("1: audio 54344 RTP/AVP 8 96 sendrecv", Party.Brief(bob.Reply(Party.Foreign(
            "m=audio 62986 RTP/AVP 18 8 0 96\na=rtpmap:96 telephone-event/8000"))));
    }

    // §5.1: an offer without streams asks for a session without media, as for a later one.
    [Fact]
    public void An_offer_without_streams_gets_an_answer_without_streams()
    {
        var bob = new Party();
        Assert.Equal("1: ", Party.Brief(bob.Reply("v=0\no=- 1 1 IN IP4 192.0.2.8\ns=-\nt=0 0\n")));
        Assert.Equal(NegotiationState.Stable, bob.State);
        Assert.Equal(0, bob.Session.Streams);
        // Then a first stream is added.
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Brief(bob.Offer()));
    }

    // §6: the time of the session cannot be negotiated.
    [Fact]
    public void The_answer_has_the_time_of_the_offer()
    {
        var bob = new Party();
        string answer = bob.Reply(Party.Foreign("m=audio 5000 RTP/AVP 0").Replace("t=0 0", "t=2873397496 2873404696"));
        Assert.Contains("\r\nt=2873397496 2873404696\r\n", answer);
        Assert.Equal(answer, bob.Refresh());
    }
}
