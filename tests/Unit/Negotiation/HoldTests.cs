// Hold and resume: RFC 3264 §6.1 and §8.4, RFC 6337 §5.3 and §5.4.
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class HoldTests
{
    private const MediaDirection Both = MediaDirection.SendReceive;
    private const MediaDirection Send = MediaDirection.SendOnly;
    private const MediaDirection Receive = MediaDirection.ReceiveOnly;
    private const MediaDirection Nothing = MediaDirection.Inactive;

    private readonly Party _caller = new("192.0.2.1", 4000);
    private readonly Party _callee = new("192.0.2.2", 5000);

    // A row for each direction offered, a column for each that we want: what may be answered (RFC 3264 §6.1) is the most that both want.
    [Theory]
    [InlineData("sendrecv", "sendrecv sendonly recvonly inactive")]
    [InlineData("sendonly", "recvonly inactive recvonly inactive")]
    [InlineData("recvonly", "sendonly sendonly inactive inactive")]
    [InlineData("inactive", "inactive inactive inactive inactive")]
    public void Each_direction_is_answered_by_what_it_leaves_of_ours(string offered, string answers)
    {
        for (int wanted = 0; wanted < 4; wanted++)
        {
            var callee = new Party { Wanted = (MediaDirection)wanted };
            string answer = callee.Reply(Party.Foreign($"m=audio 9000 RTP/AVP 0\na={offered}"));
            Assert.EndsWith(" " + answers.Split(' ')[wanted], Party.Brief(answer));
        }
    }

    [Theory]
    [InlineData(Both, Both)]
    [InlineData(Send, Receive)]
    [InlineData(Receive, Send)]
    [InlineData(Nothing, Nothing)]
    public void A_direction_is_mirrored_on_the_other_side(MediaDirection direction, MediaDirection mirrored)
    {
        Assert.Equal(mirrored, direction.Mirrored());
        Assert.Equal(direction.CanSend(), mirrored.CanReceive());
        Assert.Equal(direction.CanReceive(), mirrored.CanSend());
    }

    [Fact]
    public void A_session_s_direction_holds_for_streams_without_their_own()
    {
        string answer = _callee.Reply("""
            v=0
            o=- 1 1 IN IP4 198.51.100.7
            s=-
            c=IN IP4 198.51.100.7
            t=0 0
            a=sendonly
            m=audio 9000 RTP/AVP 0

            """);
        Assert.EndsWith("recvonly", Party.Brief(answer));
        Assert.True(_callee.Agreed.IsHeld);
    }

    [Fact]
    public void Hold_and_resume()
    {
        Party.Exchange(_caller, _callee);
        _caller.Wanted = Send;
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 101 sendonly\n2: audio 5000 RTP/AVP 0 8 101 recvonly", Party.Exchange(_caller, _callee));
        Assert.Equal(Send, _caller.Agreed.Direction);
        Assert.Equal(Receive, _callee.Agreed.Direction);
        Assert.True(_callee.Agreed.IsHeld);
        Assert.False(_caller.Agreed.IsHeld);
        _caller.Wanted = Both;
        Assert.Equal("3: audio 4000 RTP/AVP 0 8 101 sendrecv\n3: audio 5000 RTP/AVP 0 8 101 sendrecv", Party.Exchange(_caller, _callee));
        Assert.False(_callee.Agreed.IsHeld);
    }

    // RFC 6337 §5.3, its own example: UA1 holds, UA2 holds as well, UA1 resumes, UA2 resumes.
    [Fact]
    public void Both_sides_hold_and_resume_one_after_the_other()
    {
        Party.Exchange(_caller, _callee);
        _caller.Wanted = Send;
        Assert.EndsWith("recvonly", Party.Exchange(_caller, _callee));
        _callee.Wanted = Send;
        Assert.Equal("3: audio 5000 RTP/AVP 0 8 101 sendonly\n3: audio 4000 RTP/AVP 0 8 101 inactive", Party.Exchange(_callee, _caller));
        Assert.Equal(Nothing, _caller.Agreed.Direction);
        _caller.Wanted = Both;
        Assert.Equal("4: audio 4000 RTP/AVP 0 8 101 sendrecv\n3: audio 5000 RTP/AVP 0 8 101 sendonly", Party.Exchange(_caller, _callee));
        _callee.Wanted = Both;
        Assert.Equal("4: audio 5000 RTP/AVP 0 8 101 sendrecv\n4: audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Exchange(_callee, _caller));
        Assert.Equal(Both, _caller.Agreed.Direction);
    }

    // RFC 6337 §5.3: being held changes nothing of what we want.
    [Fact]
    public void A_held_side_offers_what_it_wants_and_not_what_it_had_to_answer()
    {
        Party.Exchange(_caller, _callee);
        _caller.Wanted = Nothing;
        Party.Exchange(_caller, _callee);
        Assert.EndsWith("sendrecv", Party.Brief(_callee.Offer()));
        _callee.Rollback();
        Assert.EndsWith("sendrecv", Party.Brief(_callee.Refresh()));
    }

    [Theory]
    [InlineData("IN IP4 0.0.0.0")]
    [InlineData("IN IP6 ::")]
    public void The_old_address_of_nowhere_holds_without_a_direction(string connection)
    {
        Party.Exchange(_caller, _callee);
        string answer = _callee.Reply(Party.Foreign("m=audio 4000 RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000", connection, version: 2));
        // §5.4: the answer follows the direction that was offered.
        Assert.EndsWith("sendrecv", Party.Brief(answer));
        Assert.True(_callee.Agreed.IsHeld);
        Assert.Equal(Receive, _callee.Agreed.Direction);
        Assert.True(_callee.Agreed.Remote.IsAny);
        _callee.Reply(Party.Foreign("m=audio 4000 RTP/AVP 0", version: 3));
        Assert.False(_callee.Agreed.IsHeld);
        Assert.Equal(Both, _callee.Agreed.Direction);
    }

    [Fact]
    public void An_address_of_nowhere_with_a_direction_is_inactive_together()
    {
        string answer = _callee.Reply(Party.Foreign("m=audio 4000 RTP/AVP 0\nc=IN IP4 0.0.0.0\na=sendonly"));
        Assert.EndsWith("recvonly", Party.Brief(answer));
        Assert.Equal(Receive, _callee.Agreed.Direction);
    }

    // A device without a microphone.
    [Fact]
    public void A_device_that_only_listens_never_says_that_it_sends()
    {
        var listener = new Party(audio: new() { Direction = Receive });
        Assert.EndsWith("recvonly", Party.Brief(listener.Offer()));
        listener.Rollback();
        Assert.EndsWith("inactive", Party.Brief(listener.Reply(Party.Foreign("m=audio 9000 RTP/AVP 0\na=recvonly"))));
    }

    [Fact]
    public void An_answer_that_allows_more_than_was_offered_is_taken_for_what_was()
    {
        _caller.Wanted = Send;
        _caller.Offer();
        Assert.Equal(NegotiationStatus.Ok, _caller.TakeAnswer(Party.Foreign("m=audio 9000 RTP/AVP 0")).Status);
        Assert.Equal(Send, _caller.Agreed.Direction);
    }
}
