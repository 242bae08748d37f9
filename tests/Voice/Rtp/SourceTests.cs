// Whose packets are heard (note [whose packets are heard] in RtpReceiver.cs): from the first one on, over a peer's restart, and never a stranger's beside
// the peer's.
using SipEmbedded.Rtp;
using Xunit;
using static SipEmbedded.Voice.Tests.Rtp.Streams;

namespace SipEmbedded.Voice.Tests.Rtp;

public class SourceTests
{
    private const uint Peer = 1;
    private const uint Other = 2;

    private RtpReceiver _receiver;

    private RtpVerdict Receive(double ms, uint source, int sequence) => _receiver.Receive(At(ms), Header(source, sequence, (uint)sequence * Frame), Rate);

    private void Establish(int packets)
    {
        for (int i = 0; i < packets; i++)
            Receive(20 * i, Peer, i);
    }

    [Fact]
    public void The_first_packet_of_a_call_is_heard()
    {
        Assert.Equal(RtpVerdict.Started, Receive(0, Peer, 7));
        Assert.Equal(RtpVerdict.Accepted, Receive(20, Peer, 8));
        Assert.True(_receiver.IsValid);
    }

    [Fact]
    public void A_stray_first_packet_does_not_keep_the_peer_out()
    {
        Receive(0, Other, 7);
        Assert.Equal(RtpVerdict.Started, Receive(5, Peer, 8));
        Assert.Equal(RtpVerdict.Accepted, Receive(25, Peer, 9));
        Assert.Equal(RtpVerdict.OtherSource, Receive(30, Other, 8));
    }

    [Fact]
    public void A_second_stream_beside_the_first_is_never_heard()
    {
        Establish(10);
        for (int i = 10; i < 5000; i++)
        {
            Assert.Equal(RtpVerdict.Accepted, Receive(20 * i, Peer, i));
            Assert.Equal(RtpVerdict.OtherSource, Receive(20 * i + 5, Other, 4 * i));
            Assert.Equal(RtpVerdict.OtherSource, Receive(20 * i + 10, Other, 4 * i + 1));
            Assert.Equal(RtpVerdict.OtherSource, Receive(20 * i + 15, Other, 4 * i + 2));
        }
        Assert.Equal(0, _receiver.Figures.SourceChanges);
        Assert.Equal(0, _receiver.Figures.Lost);
    }

    [Fact]
    public void A_peer_that_starts_again_is_heard_after_60_ms()
    {
        Establish(10);
        Assert.Equal(RtpVerdict.OtherSource, Receive(200, Other, 500));
        Assert.Equal(RtpVerdict.OtherSource, Receive(220, Other, 501));
        Assert.Equal(RtpVerdict.Started, Receive(240, Other, 502));
        Assert.Equal(RtpVerdict.Accepted, Receive(260, Other, 503));
        Assert.Equal(Other, _receiver.Source);
        Assert.Equal((1, 12), (_receiver.Figures.SourceChanges, _receiver.Figures.Expected));
    }

    [Fact]
    public void After_a_pause_another_source_needs_two_packets_in_sequence()
    {
        Establish(10);
        Assert.Equal(RtpVerdict.OtherSource, Receive(5000, Other, 500));
        Assert.Equal(RtpVerdict.OtherSource, Receive(5020, Other, 600));
        Assert.Equal(RtpVerdict.OtherSource, Receive(5040, 3, 601));
        Assert.Equal(RtpVerdict.OtherSource, Receive(5060, Other, 601));
        Assert.Equal(RtpVerdict.Started, Receive(5080, Other, 602));
    }

    [Fact]
    public void A_packet_of_the_peer_ends_the_run_of_another()
    {
        Establish(10);
        Receive(5000, Other, 500);
        Assert.Equal(RtpVerdict.Accepted, Receive(5010, Peer, 10));
        Assert.Equal(RtpVerdict.OtherSource, Receive(5080, Other, 501));
    }

    [Fact]
    public void Where_signalling_said_so_the_first_packet_of_another_source_is_heard()
    {
        Establish(10);
        _receiver.ExpectChange(At(200));
        Assert.Equal(RtpVerdict.Accepted, Receive(200, Peer, 10));
        Assert.Equal(RtpVerdict.Started, Receive(220, Other, 500));
        // Stragglers of the old source do not bring it back.
        Assert.Equal(RtpVerdict.Accepted, Receive(240, Other, 501));
        Assert.Equal(RtpVerdict.OtherSource, Receive(241, Peer, 11));
        Assert.Equal(RtpVerdict.OtherSource, Receive(242, Peer, 12));
    }

    [Fact]
    public void What_signalling_said_does_not_hold_for_ever()
    {
        Establish(10);
        _receiver.ExpectChange(At(200));
        Assert.Equal(RtpVerdict.OtherSource, Receive(5200, Other, 500));
    }

    [Fact]
    public void A_source_that_has_left_gives_way_at_once()
    {
        Establish(10);
        _receiver.Leave(Other);
        Assert.Equal(RtpVerdict.OtherSource, Receive(185, Other, 500));
        _receiver.Leave(Peer);
        Assert.Equal(RtpVerdict.Started, Receive(190, Other, 900));
    }

    [Fact]
    public void Figures_of_all_sources_are_summed_and_reports_are_of_the_last()
    {
        Establish(10);
        Receive(220, Peer, 11);
        _receiver.Leave(Peer);
        for (int i = 0; i < 5; i++)
            Receive(240 + 20 * i, Other, 65_533 + 2 * i);
        var figures = _receiver.Figures;
        Assert.Equal((12 + 9, 16, 1 + 4, 1 + 4), (figures.Expected, figures.Received, figures.Lost, figures.LossRuns));
        Assert.True(_receiver.TryTakeInterval(out var interval));
        Assert.Equal((Other, 4, 65_533u + 8), (interval.Source, interval.CumulativeLost, interval.ExtendedHighestSequence));
    }
}
