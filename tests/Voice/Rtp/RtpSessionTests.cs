// A session as a call uses it: two of them on a link, the receive timeout, our own identifier coming back, and the end.
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using Xunit;
using static SipEmbedded.Voice.Tests.Rtp.Streams;

namespace SipEmbedded.Voice.Tests.Rtp;

public class RtpSessionTests
{
    private const uint Peer = 0x1234;

    private readonly byte[] _packet = new byte[RtpPacket.HeaderOctets + 160];
    private readonly byte[] _report = new byte[RtcpSession.LongestPacketOctets];

    // What is on its way: when it arrives, to whom, and its octets.
    private sealed class Link(int seed, double delayMs, double jitterMs, double loss)
    {
        private readonly Random _random = new(seed);
        private readonly PriorityQueue<(int To, byte[] Octets), (double, int)> _way = new();
        private int _number;

        public void Send(double ms, int to, ReadOnlySpan<byte> octets)
        {
            double arrives = ms + delayMs + _random.NextDouble() * jitterMs;
            bool isLost = _random.NextDouble() < loss;
            if (!isLost)
                _way.Enqueue((to, octets.ToArray()), (arrives, _number++));
        }

        public bool TryTake(double untilMs, out double ms, out int to, out byte[] octets)
        {
            (ms, to, octets) = (0, 0, []);
            if (!_way.TryPeek(out var first, out var when) || when.Item1 > untilMs)
                return false;
            _way.Dequeue();
            (to, octets) = first;
            ms = when.Item1;
            return true;
        }
    }

    [Theory]
    [InlineData(40, 0, 0)]
    [InlineData(15, 30, 0.05)]
    [InlineData(150, 90, 0.2)]
    public void Two_ends_agree_on_what_the_way_between_them_does(double delayMs, double jitterMs, double loss)
    {
        var ends = new[] { Session(1), Session(2) };
        var link = new Link(3, delayMs, jitterMs, loss);
        int[] heard = [0, 0];
        const int Frames = 6000;
        for (int i = 0; i < Frames; i++)
        {
            double now = 20 * i;
            while (link.TryTake(now, out double ms, out int to, out byte[] octets))
            {
                if (RtpDemultiplexer.KindOf(octets) == MediaDatagramKind.Rtcp)
                    Assert.Equal(RtcpVerdict.Accepted, ends[to].ReceiveRtcp(At(ms), octets));
                else if (ends[to].ReceiveRtp(At(ms), octets, out var packet).IsHeard())
                {
                    heard[to]++;
                    Assert.Equal(160, packet.Payload.Length);
                }
            }
            for (int end = 0; end < 2; end++)
            {
                Assert.True(ends[end].TryBeginPacket(At(now), Pcmu, Frame, 160, _packet));
                link.Send(now, 1 - end, _packet);
                if (ends[end].PollTimeout > At(now))
                    continue;
                int written = ends[end].HandleTimeout(At(now), _report);
                if (written > 0)
                    link.Send(now, 1 - end, _report.AsSpan(0, written));
            }
        }
        for (int end = 0; end < 2; end++)
        {
            var figures = ends[end].Reception;
            Assert.Equal(ends[1 - end].Source, ends[end].PeerSource);
            Assert.Equal(Frames, ends[end].PacketsSent);
            Assert.InRange(ends[end].ReportsReceived, 120 / 7.0 * (1 - 2 * loss), 120 / 2.5);
            Assert.Equal(heard[end], figures.Received);
            Assert.Equal(figures.Expected - heard[end], figures.Lost);
            Assert.Equal(loss, figures.LossRatio, 0.02);
            Assert.InRange(figures.BurstRatio, 1, 1.1);
            // Two delays that are alike in 0 to j differ by a third of j on average.
            Assert.Equal(jitterMs / 3, figures.Jitter.TotalMilliseconds, 0.15 * jitterMs + 0.2);
            var peer = ends[end].Peer;
            Assert.InRange(peer.RoundTrip!.Value.TotalMilliseconds, 2 * delayMs - 1, 2 * (delayMs + jitterMs) + 1);
            Assert.Equal(jitterMs / 3, peer.Jitter.TotalMilliseconds, 0.2 * jitterMs + 0.2);
            Assert.InRange(peer.CumulativeLost, loss * Frames * 0.7, loss * Frames * 1.2);
            var quality = ends[end].Quality(TimeSpan.FromMilliseconds(60), CodecImpairment.G711Concealed);
            double asWorked = CallQuality.Estimate(TimeSpan.FromMilliseconds(60 + delayMs + jitterMs / 2), loss, 1, CodecImpairment.G711Concealed).Mos;
            Assert.Equal(asWorked, quality.Mos, 0.25);
        }
    }

    [Fact]
    public void A_hold_and_a_new_agreement_leave_source_sequence_and_timestamp_going()
    {
        var session = Session(1);
        session.TryBeginPacket(At(0), Pcmu, Frame, 160, _packet);
        RtpPacket.TryRead(_packet, out var packet);
        var before = packet.Header;
        session.ForgetPayloadTypes();
        session.Expect(8, Rate);
        session.ExpectChange(At(30_000));
        session.CatchUp(At(30_000));
        session.TryBeginPacket(At(30_000), 8, Frame, 160, _packet);
        RtpPacket.TryRead(_packet, out packet);
        Assert.Equal(
            new RtpHeader
            {
                IsMarked = true, PayloadType = 8, Source = before.Source, Sequence = (ushort)(before.Sequence + 1), Timestamp = before.Timestamp + 30 * Rate,
            },
            packet.Header);
    }

    [Fact]
    public void Only_agreed_payload_types_are_heard()
    {
        var session = Session(1);
        Assert.Equal(RtpVerdict.UnknownPayloadType, session.ReceiveRtp(At(0), Packet(Peer, 1, payloadType: 9), out _));
        Assert.Equal(RtpVerdict.Started, session.ReceiveRtp(At(0), Packet(Peer, 1), out _));
        session.ForgetPayloadTypes();
        Assert.Equal(RtpVerdict.UnknownPayloadType, session.ReceiveRtp(At(20), Packet(Peer, 2), out var packet));
        Assert.Equal(2, packet.Header.Sequence);
        session.Expect(128, Rate); // no payload type
        Assert.Equal(RtpVerdict.UnknownPayloadType, session.ReceiveRtp(At(40), Packet(Peer, 3), out _));
    }

    [Fact]
    public void Silence_while_receiving_is_agreed_is_told_once_and_so_is_its_end()
    {
        var session = Session(1, new() { ReceiveTimeout = TimeSpan.FromSeconds(3) });
        session.SetReceiving(At(1000), true);
        session.ReceiveRtp(At(1500), Packet(Peer, 1), out _);
        Assert.Equal(At(1500), session.LastReceived);
        Assert.True(session.PollTimeout <= At(4500));
        session.HandleTimeout(At(4499.9), _report);
        Assert.Equal(RtpEvents.None, session.TakeEvents());
        session.HandleTimeout(At(4500), _report);
        Assert.Equal(RtpEvents.ReceiveTimedOut, session.TakeEvents());
        session.HandleTimeout(At(9000), _report);
        Assert.Equal(RtpEvents.None, session.TakeEvents());
        session.ReceiveRtp(At(9500), Packet(Peer, 2), out _);
        Assert.Equal(RtpEvents.ReceiveResumed, session.TakeEvents());
        session.HandleTimeout(At(12_500), _report);
        Assert.Equal(RtpEvents.ReceiveTimedOut, session.TakeEvents());
    }

    [Fact]
    public void On_hold_nobody_waits_for_sound_and_after_it_the_time_runs_anew()
    {
        var session = Session(1, new() { ReceiveTimeout = TimeSpan.FromSeconds(3) });
        session.HandleTimeout(At(10_000), _report);
        Assert.Equal(RtpEvents.None, session.TakeEvents());
        session.SetReceiving(At(10_000), true);
        session.HandleTimeout(At(12_000), _report);
        session.SetReceiving(At(12_000), false);
        session.HandleTimeout(At(20_000), _report);
        Assert.Equal(RtpEvents.None, session.TakeEvents());
        session.SetReceiving(At(20_000), true);
        session.HandleTimeout(At(22_999), _report);
        Assert.Equal(RtpEvents.None, session.TakeEvents());
        session.HandleTimeout(At(23_000), _report);
        Assert.Equal(RtpEvents.ReceiveTimedOut, session.TakeEvents());
    }

    [Fact]
    public void What_is_not_heard_does_not_keep_the_call_alive()
    {
        var session = Session(1, new() { ReceiveTimeout = TimeSpan.FromSeconds(3) });
        session.SetReceiving(At(0), true);
        session.ReceiveRtp(At(0), Packet(Peer, 1), out _);
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal(RtpVerdict.Duplicate, session.ReceiveRtp(At(100 * i), Packet(Peer, 1), out _));
            Assert.Equal(RtpVerdict.Malformed, session.ReceiveRtp(At(100 * i), [1, 2, 3], out _));
        }
        Assert.Equal(30, session.Malformed);
        session.HandleTimeout(At(3000), _report);
        Assert.Equal(RtpEvents.ReceiveTimedOut, session.TakeEvents());
    }

    [Fact]
    public void Our_own_identifier_makes_us_take_another_once_with_a_BYE_for_the_old()
    {
        var session = Session(1);
        session.TryBeginPacket(At(0), Pcmu, Frame, 160, _packet);
        uint old = session.Source;
        byte[] reflected = [.. _packet];
        Assert.Equal(RtpVerdict.OwnSource, session.ReceiveRtp(At(10), reflected, out _));
        Assert.NotEqual(old, session.Source);
        Assert.Equal(RtpEvents.OwnSourceChanged, session.TakeEvents());
        int written = session.HandleTimeout(At(10), _report);
        Assert.Equal(RtcpFault.None, RtcpReader.TryRead(_report.AsSpan(0, written), out var reader));
        bool hasBye = false;
        foreach (var packet in reader)
            hasBye |= packet.IsByeOf(old);
        Assert.True(hasBye);

        uint current = session.Source;
        for (int i = 1; i < 100; i++)
        {
            session.TryBeginPacket(At(20 * i), Pcmu, Frame, 160, _packet);
            Assert.Equal(RtpVerdict.OwnSource, session.ReceiveRtp(At(20 * i + 10), _packet, out _));
            Assert.Equal(RtpVerdict.OwnSource, session.ReceiveRtp(At(20 * i + 10), reflected, out _));
        }
        Assert.Equal(current, session.Source);
        Assert.Equal(0u, session.PeerSource);
        Assert.Equal(199, session.OwnSources);
        Assert.Equal(RtpEvents.None, session.TakeEvents());
    }

    [Fact]
    public void Our_own_identifier_in_a_mixers_list_or_a_report_is_the_same()
    {
        var session = Session(1);
        uint old = session.Source;
        byte[] mixed = [.. Packet(Peer, 1).AsSpan(0, 12), (byte)(old >> 24), (byte)(old >> 16), (byte)(old >> 8), (byte)old];
        mixed[0] |= 1;
        Assert.Equal(RtpVerdict.OwnSource, session.ReceiveRtp(At(10), mixed, out _));
        Assert.NotEqual(old, session.Source);
        // Nothing was sent from the old one: no BYE for it (§6.3.7).
        Assert.Equal(0, session.HandleTimeout(At(10), _report));

        session = Session(2);
        old = session.Source;
        var writer = new RtcpWriter(_report);
        writer.ReceiverReport(old, null);
        Assert.Equal(RtcpVerdict.OwnSource, session.ReceiveRtcp(At(10), _report.AsSpan(0, writer.Written)));
        Assert.NotEqual(old, session.Source);
    }

    [Fact]
    public void A_reflecting_peer_is_heard_where_that_is_allowed()
    {
        var session = Session(1, new() { AcceptsReflection = true });
        uint source = session.Source;
        for (int i = 0; i < 10; i++)
        {
            session.TryBeginPacket(At(20 * i), Pcmu, Frame, 160, _packet);
            Assert.True(session.ReceiveRtp(At(20 * i + 10), _packet, out _).IsHeard());
        }
        var writer = new RtcpWriter(_report);
        writer.ReceiverReport(source, null);
        session.ReceiveRtcp(At(300), _report.AsSpan(0, writer.Written));
        Assert.Equal(source, session.Source);
        Assert.Equal(RtpEvents.None, session.TakeEvents());
    }

    [Fact]
    public void A_peers_BYE_is_told_and_its_next_source_is_heard_at_once()
    {
        var session = Session(1);
        for (int i = 0; i < 10; i++)
            session.ReceiveRtp(At(20 * i), Packet(Peer, i), out _);
        var writer = new RtcpWriter(_report);
        writer.ReceiverReport(Peer, null);
        writer.Bye(Peer);
        Assert.Equal(RtcpVerdict.PeerLeft, session.ReceiveRtcp(At(200), _report.AsSpan(0, writer.Written)));
        Assert.Equal(RtpEvents.PeerLeft, session.TakeEvents());
        Assert.Equal(RtpVerdict.Started, session.ReceiveRtp(At(205), Packet(77, 1), out _));
    }

    [Fact]
    public void A_session_that_is_closed_or_was_never_opened_does_nothing()
    {
        var session = default(RtpSession);
        Closed(ref session);
        session = Session(1, new() { ReceiveTimeout = TimeSpan.FromSeconds(1) });
        session.SetReceiving(At(0), true);
        session.Close();
        Closed(ref session);

        void Closed(ref RtpSession closed)
        {
            Assert.False(closed.IsOpen);
            Assert.Equal(RtpVerdict.Closed, closed.ReceiveRtp(At(0), Packet(Peer, 1), out var packet));
            Assert.True(packet.Payload.IsEmpty);
            Assert.Equal(RtcpVerdict.Closed, closed.ReceiveRtcp(At(0), Convert.FromHexString("80C9000100000001")));
            Assert.False(closed.TryBeginPacket(At(0), Pcmu, Frame, 160, _packet));
            Assert.False(closed.TryBeginEvent(Events, 0, true, 4, _packet));
            closed.ChangeClockRate(At(0), 48_000);
            closed.SetReceiving(At(0), true);
            Assert.Equal(Instant.Never, closed.PollTimeout);
            Assert.Equal(0, closed.HandleTimeout(At(100_000), _report));
            Assert.Equal(RtpEvents.None, closed.TakeEvents());
            closed.Close();
            Assert.Equal(0, closed.HandleTimeout(At(100_000), _report));
        }
    }

    [Fact]
    public void A_packet_that_has_no_room_is_not_counted()
    {
        var session = Session(1);
        Assert.False(session.TryBeginPacket(At(0), Pcmu, Frame, 161, _packet));
        Assert.False(session.TryBeginPacket(At(0), Pcmu, Frame, 0, _packet.AsSpan(0, 11)));
        Assert.False(session.TryBeginEvent(Events, 0, true, -1, _packet));
        uint timestamp = session.Timestamp;
        Assert.Equal(0, session.PacketsSent);
        Assert.True(session.TryBeginPacket(At(0), Pcmu, Frame, 160, _packet));
        RtpPacket.TryRead(_packet, out var packet);
        Assert.Equal(timestamp, packet.Header.Timestamp);
    }

    [Fact]
    public void A_session_opened_again_remembers_nothing()
    {
        var session = Session(1);
        session.ReceiveRtp(At(0), Packet(Peer, 1), out _);
        session.ReceiveRtp(At(0), [0], out _);
        uint old = session.Source;
        session.Close();
        session.Open(At(50_000), SeededEntropy.Of(9), Rate, default);
        Assert.NotEqual(old, session.Source);
        Assert.Equal((0u, 0, 0, 0), (session.PeerSource, session.Malformed, session.PacketsSent, session.Reception.Received));
        Assert.Equal(At(50_000), session.LastReceived);
        Assert.Equal(RtpVerdict.UnknownPayloadType, session.ReceiveRtp(At(50_000), Packet(Peer, 1), out _));
    }
}
