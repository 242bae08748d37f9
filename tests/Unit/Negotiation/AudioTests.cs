// Codecs, numbers, events, packet times, addresses: what AudioStreamHandler says and what it hands to media (RFC 3264 §5.1, §6.1, §8.3.2; RFC 4733).
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class AudioTests
{
    private static readonly AudioCodec[] s_pcmaFirst = [AudioCodec.Pcma, AudioCodec.Pcmu];

    [Fact]
    public void An_offer_has_our_codecs_in_our_order()
    {
        var party = new Party(audio: new() { Codecs = s_pcmaFirst, PacketTimeMs = 30, EventPayloadType = 120 });
        Assert.Equal(
            Party.Lines("""
                v=0
                o=- 4000 1 IN IP4 192.0.2.1
                s=-
                c=IN IP4 192.0.2.1
                t=0 0
                m=audio 4000 RTP/AVP 8 0 120
                a=rtpmap:8 PCMA/8000
                a=rtpmap:0 PCMU/8000
                a=rtpmap:120 telephone-event/8000
                a=fmtp:120 0-15
                a=ptime:30
                a=sendrecv

                """),
            party.Offer());
    }

    [Fact]
    public void An_IPv6_side_says_so()
    {
        string offer = new Party("2001:db8::1").Offer();
        Assert.Contains("\r\no=- 4000 1 IN IP6 2001:db8::1\r\n", offer);
        Assert.Contains("\r\nc=IN IP6 2001:db8::1\r\n", offer);
    }

    [Theory]
    [InlineData(false, "0 8")]
    [InlineData(true, "8 0")]
    public void An_answer_keeps_the_offer_s_order_unless_ours_is_wanted(bool ownOrder, string formats)
    {
        var party = new Party(audio: new() { Codecs = s_pcmaFirst, AnswersInOwnOrder = ownOrder });
        Assert.Equal($"1: audio 4000 RTP/AVP {formats} sendrecv", Party.Brief(party.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0 8"))));
        // We send the offer's first choice in either case (RFC 3264 §6.1).
        Assert.Equal(AudioCodec.Pcmu, party.Agreed.Codec);
    }

    [Fact]
    public void A_codec_under_a_dynamic_number_is_answered_with_that_number()
    {
        var party = new Party();
        Assert.Equal(
            "1: audio 4000 RTP/AVP 97 100 sendrecv",
            Party.Brief(party.Reply(Party.Foreign(
                "m=audio 9000 RTP/AVP 96 97 100\na=rtpmap:96 iLBC/8000\na=rtpmap:97 pcma/8000\na=rtpmap:100 Telephone-Event/8000"))));
        Assert.Equal(97, party.Agreed.PayloadType);
        Assert.Equal(AudioCodec.Pcma, party.Agreed.Codec);
        Assert.Equal((byte?)100, party.Agreed.EventPayloadType);
    }

    // The answerer uses numbers of its own: we send with those and understand ours.
    [Fact]
    public void Each_side_is_sent_what_it_named_its_codecs()
    {
        var party = new Party();
        party.Offer();
        party.TakeAnswer(Party.Foreign("m=audio 9000 RTP/AVP 98 99\na=rtpmap:98 PCMA/8000\na=rtpmap:99 telephone-event/8000"));
        var audio = party.Agreed;
        Assert.Equal(98, audio.PayloadType);
        Assert.Equal((byte?)99, audio.EventPayloadType);
        Assert.True(audio.TryGetEvents(101, out uint rate));
        Assert.Equal(8000u, rate);
        Assert.False(audio.TryGetEvents(99, out _));
        Assert.True(audio.TryGetCodec(8, out var codec));
        Assert.Equal(AudioCodec.Pcma, codec);
        Assert.True(audio.TryGetCodec(0, out codec));
        Assert.Equal(AudioCodec.Pcmu, codec);
        Assert.False(audio.TryGetCodec(98, out _));
        Assert.False(audio.TryGetCodec(255, out _));
    }

    // RFC 3264 §8.3.2: a number means the same for the whole session.
    [Fact]
    public void A_later_offer_keeps_the_numbers_that_the_stream_has_had()
    {
        var party = new Party();
        party.Reply(Party.Foreign("m=audio 9000 RTP/AVP 97 100\na=rtpmap:97 PCMA/8000\na=rtpmap:100 telephone-event/8000"));
        Assert.Equal("2: audio 4000 RTP/AVP 0 97 100 sendrecv", Party.Brief(party.Offer()));
    }

    [Theory]
    [InlineData("101", "102")]
    [InlineData("101 102", "103")]
    public void A_number_that_the_peer_has_for_something_else_is_left_to_it(string taken, string events)
    {
        var party = new Party();
        string maps = string.Concat(taken.Split(' ').Select(number => $"\na=rtpmap:{number} opus/48000/2"));
        party.Reply(Party.Foreign($"m=audio 9000 RTP/AVP 0 {taken}{maps}"));
        Assert.Equal($"2: audio 4000 RTP/AVP 0 8 {events} sendrecv", Party.Brief(party.Offer()));
    }

    [Fact]
    public void A_stream_whose_numbers_are_all_taken_is_offered_without_events()
    {
        var party = new Party();
        string numbers = string.Join(" ", Enumerable.Range(96, 32));
        string maps = string.Concat(Enumerable.Range(96, 32).Select(number => $"\na=rtpmap:{number} x{number}/8000"));
        party.Reply(Party.Foreign($"m=audio 9000 RTP/AVP 0 {numbers}{maps}"));
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 sendrecv", Party.Brief(party.Offer()));
    }

    [Fact]
    public void Events_at_another_clock_rate_are_not_ours()
    {
        var party = new Party();
        Assert.Equal(
            "1: audio 4000 RTP/AVP 0 101 sendrecv",
            Party.Brief(party.Reply(Party.Foreign(
                "m=audio 9000 RTP/AVP 0 100 101\na=rtpmap:100 telephone-event/16000\na=rtpmap:101 telephone-event/8000"))));
    }

    [Fact]
    public void Without_events_none_are_offered_or_taken()
    {
        var party = new Party(audio: new() { EventPayloadType = null });
        Assert.Equal(
            "1: audio 4000 RTP/AVP 0 sendrecv",
            Party.Brief(party.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000"))));
        Assert.Null(party.Agreed.EventPayloadType);
        Assert.False(party.Agreed.TryGetEvents(101, out _));
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 sendrecv", Party.Brief(party.Offer()));
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData("a=ptime:30", 30)]
    [InlineData("a=ptime:20.5", 20)]
    [InlineData("a=ptime:60\na=maxptime:40", 40)]
    [InlineData("a=maxptime:10", 10)]
    [InlineData("a=ptime:1", 10)]
    [InlineData("a=ptime:5000", 200)]
    [InlineData("a=ptime:99999999999999999999", 200)]
    [InlineData("a=ptime:zero", 20)]
    public void We_send_packets_of_the_length_that_the_peer_asks_for(string lines, int expected)
    {
        var party = new Party();
        string answer = party.Reply(Party.Foreign($"m=audio 9000 RTP/AVP 0\n{lines}".TrimEnd('\n')));
        Assert.Equal(expected, party.Agreed.PacketTimeMs);
        // What we ask for is ours.
        Assert.Contains("\r\na=ptime:20\r\n", answer);
    }

    [Theory]
    [InlineData("m=audio 9000 RTP/AVP 0", "198.51.100.7", 9000, 9001)]
    [InlineData("m=audio 9000 RTP/AVP 0\nc=IN IP4 203.0.113.9", "203.0.113.9", 9000, 9001)]
    [InlineData("m=audio 9000 RTP/AVP 0\na=rtcp:9100", "198.51.100.7", 9000, 9100)]
    [InlineData("m=audio 65535 RTP/AVP 0", "198.51.100.7", 65535, 65535)]
    public void Media_goes_where_the_stream_or_else_the_session_says(string stream, string address, int port, int rtcp)
    {
        var party = new Party();
        party.Reply(Party.Foreign(stream));
        Assert.True(IpEndpoint.TryRead(System.Text.Encoding.ASCII.GetBytes(address), (ushort)port, out var expected));
        Assert.Equal(expected, party.Agreed.Remote);
        Assert.Equal(expected.WithPort((ushort)rtcp), party.Agreed.RemoteRtcp);
    }

    [Fact]
    public void Rtcp_may_have_an_address_of_its_own()
    {
        var party = new Party();
        party.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0\na=rtcp:9100 IN IP4 203.0.113.9"));
        Assert.Equal(IpEndpoint.V4(0xCB007109, 9100), party.Agreed.RemoteRtcp);
    }

    // Nobody here can ask for it; the peer's packets may still show where they come from.
    [Fact]
    public void A_name_as_address_is_agreed_and_not_sent_to()
    {
        var party = new Party();
        party.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0", "IN IP4 media.example.com"));
        Assert.Equal(MediaDirection.ReceiveOnly, party.Agreed.Direction);
        Assert.True(party.Agreed.Remote.IsAny);
        Assert.Equal(9000, party.Agreed.Remote.Port);
        Assert.False(party.Agreed.IsHeld);
    }

    [Fact]
    public void Media_at_another_address_than_the_session_s_says_so()
    {
        var media = new ElsewhereMedia();
        var handler = new AudioStreamHandler(new(), media);
        var party = new Party(before: [handler], hasAudio: false);
        Assert.Contains("m=audio 7000 RTP/AVP 0 8 101\r\nc=IN IP4 203.0.113.20\r\n", party.Offer());
        party.TakeAnswer(Party.Foreign("m=audio 9000 RTP/AVP 0"));
        Assert.Equal(IpEndpoint.V4(0xCB007114, 7000), media.Last.Local);
        Assert.Equal(0, media.RolledBackTimes);
        party.Offer();
        party.Rollback();
        Assert.Equal(1, media.RolledBackTimes);
    }

    [Fact]
    public void A_session_without_room_for_media_is_refused()
    {
        var party = new Party();
        var context = party.Context with { Session = 4 };
        var result = party.Negotiator.TakeOffer(ref party.Session, context, Party.Octets(Party.Foreign("m=audio 9000 RTP/AVP 0")));
        Assert.Equal(NegotiationStatus.Unacceptable, result.Status);
        Assert.Equal(WarningCode.Miscellaneous, result.Cause);
        Assert.Equal(1, party.Audio.Refused);
        // And an offer has no stream then.
        Assert.Equal(NegotiationStatus.Ok, party.Negotiator.MakeOffer(ref party.Session, context, new byte[1000], out _).Status);
        Assert.Equal(0, party.Session.Streams);
    }

    [Fact]
    public void The_next_user_of_a_slot_does_not_see_the_last_one_s_audio()
    {
        var party = new Party();
        var first = party.Context with { Session = 1UL << 32 | 2 };
        var second = party.Context with { Session = 2UL << 32 | 2 };
        Exchange(party, first);
        Assert.True(party.Audio.TryGet(first.Session, out var audio));
        Assert.Equal(4004, audio.Local.Port);
        Assert.False(party.Audio.TryGet(second.Session, out _));
        // The end of the one does not end the other.
        var session = new NegotiatedSession(2);
        party.Session = session;
        Exchange(party, second);
        party.Audio.Ended(first);
        Assert.True(party.Audio.TryGet(second.Session, out _));

        static void Exchange(Party party, in StreamContext context)
        {
            Assert.True(party.Negotiator.TakeOffer(ref party.Session, context, Party.Octets(Party.Foreign("m=audio 9000 RTP/AVP 0"))).IsOk);
            Assert.True(party.Negotiator.MakeAnswer(ref party.Session, context, new byte[1000], out _).IsOk);
        }
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused_at_start()
    {
        var gate = new StartGate();
        Assert.Throws<ArgumentException>(() => new Party(audio: new() { Codecs = [] }));
        Assert.Throws<ArgumentException>(() => new Party(audio: new() { Codecs = [AudioCodec.Pcma, AudioCodec.Pcma] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Party(audio: new() { EventPayloadType = 95 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Party(audio: new() { EventPayloadType = 128 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AudioSessions(gate, 4, 4001));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AudioSessions(gate, 4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AudioSessions(gate, 4, 65530));
        Assert.NotNull(new AudioSessions(gate, 4, 65528));
        Assert.Throws<ArgumentException>(() => new Party(behind: [.. Enumerable.Repeat(new ScriptedHandler(), Negotiator.MaxHandlers)]));
    }

    private sealed class ElsewhereMedia : IAudioMedia
    {
        public AgreedAudio Last { get; private set; }

        public int RolledBackTimes { get; private set; }

        public bool TryGetLocal(in StreamContext session, int stream, out IpEndpoint local)
        {
            local = IpEndpoint.V4(0xCB007114, 7000);
            return true;
        }

        public void Agreed(in StreamContext session, int stream, in AgreedAudio audio) => Last = audio;

        public void Removed(in StreamContext session, int stream)
        {
        }

        public void RolledBack(in StreamContext session) => RolledBackTimes++;

        public void Ended(in StreamContext session)
        {
        }
    }
}
