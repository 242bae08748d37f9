// One offer and several early dialogs that answer it (RFC 6337 §2.1); exchanges that fail, and requests that fail after exchanges in them ended well
// (RFC 6337 §3.4, RFC 6141).
using System.Text;
using SipEmbedded.Audio;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class ForkAndRollbackTests
{
    private static readonly byte[] s_desk = Party.Octets(Party.Foreign("m=audio 9000 RTP/AVP 0"));
    private static readonly byte[] s_kitchen = Party.Octets(Party.Foreign("m=audio 9100 RTP/AVP 8"));
    private static readonly byte[] s_refusal = Party.Octets(Party.Foreign("m=audio 0 RTP/AVP 0"));

    private readonly Party _caller = new("192.0.2.1", 4000);
    private readonly Party _callee = new("192.0.2.2", 5000);

    // ---- Forks --------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Each_early_dialog_answers_the_offer_for_itself()
    {
        _caller.Offer();
        var negotiator = _caller.Negotiator;
        Assert.True(negotiator.TryFork(_caller.Session, out var desk));
        Assert.True(negotiator.TryFork(_caller.Session, out var kitchen));
        // One text, in three sessions.
        Assert.Equal(1, _caller.Buffers.Count);

        Assert.True(negotiator.TakeAnswer(ref desk, _caller.Context, s_desk).IsOk);
        Assert.Equal(9000, _caller.Agreed.Remote.Port);
        Assert.True(negotiator.TakeAnswer(ref kitchen, _caller.Context, s_kitchen).IsOk);
        Assert.Equal(9100, _caller.Agreed.Remote.Port);
        Assert.Equal(NegotiationState.LocalOffer, _caller.State);
        Assert.Equal(NegotiationState.Stable, desk.State);

        // The desk answers the call: what it had agreed is what counts.
        negotiator.Apply(desk, _caller.Context);
        Assert.Equal(9000, _caller.Agreed.Remote.Port);
        Assert.Equal(AudioCodec.Pcmu, _caller.Agreed.Codec);

        negotiator.Release(ref kitchen);
        negotiator.Release(ref _caller.Session);
        Assert.Equal(2, _caller.Buffers.Count);
        Assert.True(negotiator.MakeRefresh(ref desk, _caller.Context, new byte[1000], out _).IsOk);
        negotiator.Release(ref desk);
        Assert.Equal(0, _caller.Buffers.Count);
        Assert.Equal(NegotiationState.None, desk.State);
    }

    [Fact]
    public void Forks_with_sessions_of_their_own_have_media_of_their_own()
    {
        _caller.Offer();
        var negotiator = _caller.Negotiator;
        negotiator.TryFork(_caller.Session, out var desk);
        negotiator.TryFork(_caller.Session, out var kitchen);
        negotiator.TakeAnswer(ref desk, _caller.Context with { Session = 1 }, s_desk, isPreview: true);
        negotiator.TakeAnswer(ref kitchen, _caller.Context with { Session = 2 }, s_kitchen, isPreview: true);
        Assert.True(_caller.Audio.TryGet(1, out var first));
        Assert.True(_caller.Audio.TryGet(2, out var second));
        Assert.Equal((9000, 9100), (first.Remote.Port, second.Remote.Port));
        // Both were promised the port that was offered.
        Assert.Equal(4000, first.Local.Port);
        Assert.Equal(4000, second.Local.Port);
    }

    [Fact]
    public void A_fork_that_refuses_the_stream_takes_it_from_the_one_that_had_it()
    {
        _caller.Offer();
        _caller.Negotiator.TryFork(_caller.Session, out var desk);
        _caller.Negotiator.TryFork(_caller.Session, out var kitchen);
        _caller.Negotiator.TakeAnswer(ref desk, _caller.Context, s_desk);
        _caller.Negotiator.TakeAnswer(ref kitchen, _caller.Context, s_refusal);
        Assert.False(_caller.HasAudio);
        _caller.Negotiator.Apply(desk, _caller.Context);
        Assert.True(_caller.HasAudio);
        _caller.Negotiator.Apply(kitchen, _caller.Context);
        Assert.False(_caller.HasAudio);
    }

    [Fact]
    public void A_preview_stays_with_the_dialog_that_it_came_in()
    {
        _caller.Offer();
        _caller.Negotiator.TakeAnswer(ref _caller.Session, _caller.Context, s_desk, isPreview: true);
        Assert.True(_caller.Negotiator.TryFork(_caller.Session, out var kitchen));
        Assert.False(kitchen.HasPreview);
        Assert.Equal(NegotiationStatus.Malformed, _caller.Negotiator.TakeAnswer(ref kitchen, _caller.Context, default).Status);
        _caller.Negotiator.Release(ref kitchen);
        Assert.True(_caller.TakeAnswer("").IsOk);
    }

    [Fact]
    public void Without_an_offer_there_is_nothing_to_fork()
    {
        Assert.False(_caller.Negotiator.TryFork(_caller.Session, out _));
        Party.Exchange(_caller, _callee);
        Assert.False(_caller.Negotiator.TryFork(_caller.Session, out var fork));
        Assert.Equal(NegotiationState.None, fork.State);
        // Nor anything to tell of one that never was answered.
        _caller.Negotiator.Apply(fork, _caller.Context);
        Assert.True(_caller.HasAudio);
    }

    // ---- Rollback -----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_failed_offer_of_the_peer_s_leaves_what_was_agreed()
    {
        Party.Exchange(_caller, _callee);
        string before = Text(_callee.Negotiator.AgreedLocal(_callee.Session));
        _callee.Take(Party.Foreign("m=audio 9000 RTP/AVP 8\na=sendonly"));
        _callee.Rollback();
        Assert.Equal(NegotiationState.Stable, _callee.State);
        Assert.Equal(before, Text(_callee.Negotiator.AgreedLocal(_callee.Session)));
        Assert.Equal(4000, _callee.Agreed.Remote.Port);
        Assert.Equal(2, _callee.Buffers.Count);
    }

    [Fact]
    public void A_preview_of_a_failed_offer_is_taken_back()
    {
        Party.Exchange(_caller, _callee);
        _caller.Wanted = MediaDirection.SendOnly;
        _caller.Offer();
        _caller.TakeAnswer(Party.Foreign("m=audio 9100 RTP/AVP 8\na=recvonly"), isPreview: true);
        Assert.Equal(9100, _caller.Agreed.Remote.Port);
        _caller.Rollback();
        Assert.Equal(5000, _caller.Agreed.Remote.Port);
        Assert.Equal(MediaDirection.SendReceive, _caller.Agreed.Direction);
    }

    [Fact]
    public void A_preview_of_a_first_offer_that_failed_leaves_nothing()
    {
        _caller.Offer();
        _caller.TakeAnswer(Party.Foreign("m=audio 9100 RTP/AVP 8"), isPreview: true);
        _caller.Rollback();
        Assert.False(_caller.HasAudio);
        Assert.Equal(NegotiationState.None, _caller.State);
    }

    [Fact]
    public void A_stream_of_a_failed_offer_is_not_there()
    {
        var video = new ScriptedHandler();
        var caller = new Party(behind: [video]);
        Party.Exchange(caller, _callee);
        video.Sections = [null, "m=video 6000 RTP/AVP 31\n"];
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 101 sendrecv; video 6000 RTP/AVP 31", Party.Brief(caller.Offer()));
        caller.Rollback();
        Assert.Equal(["rolled back"], video.Told);
        video.Sections = [];
        Assert.Equal("3: audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Brief(caller.Offer()));
    }

    [Fact]
    public void Where_nothing_is_open_nothing_is_rolled_back()
    {
        _caller.Rollback();
        Party.Exchange(_caller, _callee);
        _caller.Rollback();
        Assert.True(_caller.HasAudio);
        Assert.Equal(0, _caller.Negotiator.Counters.RolledBack);
    }

    // RFC 3264 §8: the version is one more than that of the description before, which is what the peer has seen.
    [Fact]
    public void An_offer_that_found_no_way_out_was_not_said()
    {
        Party.Exchange(_caller, _callee);
        _caller.Wanted = MediaDirection.SendOnly;
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 101 sendonly", Party.Brief(_caller.Offer()));
        _caller.Negotiator.TakeBack(ref _caller.Session, _caller.Context);
        Assert.Equal(NegotiationState.Stable, _caller.State);
        Assert.Equal(2, _caller.Buffers.Count);
        _caller.Wanted = MediaDirection.SendReceive;
        Assert.Equal("1: audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_caller.Offer()));
        // The same text again is not another one to take back.
        _caller.Negotiator.TakeBack(ref _caller.Session, _caller.Context);
        _caller.Wanted = MediaDirection.Inactive;
        Assert.Equal("2: audio 4000 RTP/AVP 0 8 101 inactive", Party.Brief(_caller.Offer()));
        // What went out and failed was said.
        _caller.Rollback();
        _caller.Negotiator.TakeBack(ref _caller.Session, _caller.Context);
        _caller.Wanted = MediaDirection.SendReceive;
        Assert.Equal("3: audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_caller.Offer()));
    }

    [Fact]
    public void A_first_offer_that_found_no_way_out_was_not_said()
    {
        _caller.Offer();
        _caller.Negotiator.TakeBack(ref _caller.Session, _caller.Context);
        Assert.Equal(NegotiationState.None, _caller.State);
        Assert.Equal(0, _caller.Buffers.Count);
        Assert.StartsWith("1: ", Party.Brief(_caller.Offer()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_found_no_way_out_was_not_said()
    {
        Party.Exchange(_caller, _callee);
        _callee.Negotiator.Mark(ref _callee.Session);
        _caller.Wanted = MediaDirection.SendOnly;
        Party.Exchange(_caller, _callee);
        Assert.Equal(MediaDirection.ReceiveOnly, _callee.Agreed.Direction);
        _callee.Negotiator.TakeBack(ref _callee.Session, _callee.Context);
        Assert.True(_callee.Negotiator.Restore(ref _callee.Session, _callee.Context));
        Assert.Equal(MediaDirection.SendReceive, _callee.Agreed.Direction);
        Assert.Equal(2, _callee.Buffers.Count);
        Assert.StartsWith("1: ", Party.Brief(_callee.Offer()), StringComparison.Ordinal);
    }

    // RFC 6337 §3.4: a re-INVITE whose offer was answered in a reliable 1xx, then an UPDATE, then 4xx.
    [Fact]
    public void A_failed_request_takes_back_the_exchanges_that_ended_well_in_it()
    {
        Party.Exchange(_caller, _callee);
        _caller.Negotiator.Mark(ref _caller.Session);
        _caller.Wanted = MediaDirection.SendOnly;
        Party.Exchange(_caller, _callee);
        _callee.Wanted = MediaDirection.Inactive;
        Party.Exchange(_callee, _caller);
        Assert.Equal(MediaDirection.Inactive, _caller.Agreed.Direction);
        Assert.True(_caller.Negotiator.Restore(ref _caller.Session, _caller.Context));
        Assert.Equal(MediaDirection.SendReceive, _caller.Agreed.Direction);
        // The pair that holds, and what was said last.
        Assert.Equal(3, _caller.Buffers.Count);
        // RFC 6141 §3.4: the peer is told by an offer of what holds again; the version goes on.
        _caller.Wanted = MediaDirection.SendReceive;
        Assert.Equal("4: audio 4000 RTP/AVP 0 8 101 sendrecv", Party.Brief(_caller.Refresh()));
    }

    [Fact]
    public void A_failed_request_in_which_nothing_was_agreed_changes_nothing()
    {
        Party.Exchange(_caller, _callee);
        _caller.Negotiator.Mark(ref _caller.Session);
        _caller.Wanted = MediaDirection.SendOnly;
        _caller.Offer();
        Assert.False(_caller.Negotiator.Restore(ref _caller.Session, _caller.Context));
        Assert.Equal(NegotiationState.Stable, _caller.State);
        Assert.Equal(MediaDirection.SendReceive, _caller.Agreed.Direction);
        // Without a mark there is only the open exchange.
        _caller.Offer();
        Assert.False(_caller.Negotiator.Restore(ref _caller.Session, _caller.Context));
        Assert.Equal(NegotiationState.Stable, _caller.State);
    }

    [Fact]
    public void A_request_that_ended_well_is_not_taken_back()
    {
        Party.Exchange(_caller, _callee);
        _caller.Negotiator.Mark(ref _caller.Session);
        _caller.Wanted = MediaDirection.SendOnly;
        Party.Exchange(_caller, _callee);
        _caller.Negotiator.Settle(ref _caller.Session);
        Assert.False(_caller.Negotiator.Restore(ref _caller.Session, _caller.Context));
        Assert.Equal(MediaDirection.SendOnly, _caller.Agreed.Direction);
    }

    [Fact]
    public void Every_buffer_comes_back()
    {
        Party.Exchange(_caller, _callee);
        _caller.Negotiator.Mark(ref _caller.Session);
        _caller.Wanted = MediaDirection.SendOnly;
        Party.Exchange(_caller, _callee);
        _caller.Wanted = MediaDirection.SendReceive;
        _caller.Offer();
        _caller.TakeAnswer(Party.Foreign("m=audio 9100 RTP/AVP 8"), isPreview: true);
        _callee.Take(Party.Foreign("m=audio 9100 RTP/AVP 8"));
        Assert.True(_caller.Buffers.Count >= 5);
        _caller.Negotiator.Release(ref _caller.Session);
        _callee.Negotiator.Release(ref _callee.Session);
        Assert.Equal(0, _caller.Buffers.Count);
        Assert.Equal(0, _callee.Buffers.Count);
    }

    private static string Text(ReadOnlySpan<byte> octets) => Encoding.UTF8.GetString(octets);
}
