// When reports go out and what they say (RFC 3550 §6.2 to §6.4, A.7), the round trip (figure 2), the BYE (§6.3.7) and the CNAME (RFC 7022).
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using Xunit;
using static SipEmbedded.Voice.Tests.Rtp.Streams;

namespace SipEmbedded.Voice.Tests.Rtp;

public class RtcpSessionTests
{
    private const uint Peer = 0x1234;

    private readonly byte[] _buffer = new byte[RtcpSession.LongestPacketOctets];

    // The C of A.7, without its random factor, for the bandwidth that a call has.
    private static double CalculatedInterval(int members, int senders, bool we_sent, double avg_rtcp_size, bool initial)
    {
        const double rtcp_bw = 1000;
        double rtcp_min_time = initial ? 5.0 / 2 : 5;
        double bandwidth = rtcp_bw;
        int n = members;
        if (senders <= members * 0.25)
        {
            if (we_sent)
            {
                bandwidth *= 0.25;
                n = senders;
            }
            else
            {
                bandwidth *= 1 - 0.25;
                n -= senders;
            }
        }
        return Math.Max(avg_rtcp_size * n / bandwidth, rtcp_min_time);
    }

    // Runs until a packet goes out.
    private (Instant At, byte[] Packet) Next(ref RtpSession session)
    {
        for (int polls = 0; polls < 100; polls++)
        {
            var due = session.PollTimeout;
            Assert.Equal(0, due.Ticks > 0 ? session.HandleTimeout(Instant.FromTicks(due.Ticks - 1), _buffer) : 0);
            int written = session.HandleTimeout(due, _buffer);
            if (written > 0)
                return (due, _buffer[..written]);
        }
        throw new InvalidOperationException("No report goes out.");
    }

    private static string[] Kinds(byte[] datagram)
    {
        var kinds = new List<string>();
        Assert.Equal(RtcpFault.None, RtcpReader.TryRead(datagram, out var reader));
        foreach (var packet in reader)
            kinds.Add($"{packet.Type}({packet.ReportCount})");
        return [.. kinds];
    }

    private static RtcpPacket First(byte[] datagram)
    {
        Assert.Equal(RtcpFault.None, RtcpReader.TryRead(datagram, out var reader));
        var packets = reader.GetEnumerator();
        Assert.True(packets.MoveNext());
        return packets.Current;
    }

    [Fact]
    public void Reports_come_every_five_seconds_or_so_and_the_first_after_half_of_it()
    {
        // §6.3.1: from a half to one and a half of the interval, divided by e - 3/2; reconsideration can only make it later, up to the longest draw.
        double first = CalculatedInterval(1, 0, we_sent: false, 116, initial: true);
        double other = CalculatedInterval(1, 0, we_sent: false, 80, initial: false);
        const double Compensation = 2.71828 - 1.5;
        double sum = 0;
        const int Sessions = 300, Reports = 20;
        for (int seed = 0; seed < Sessions; seed++)
        {
            var session = Session(seed);
            double last = 0;
            for (int i = 0; i < Reports; i++)
            {
                double seconds = Next(ref session).At.Ticks / 1e7;
                double interval = seconds - last;
                double mean = i == 0 ? first : other;
                Assert.InRange(interval, 0.5 * mean / Compensation, 1.5 * mean / Compensation);
                sum += i == 0 ? 0 : interval;
                last = seconds;
            }
        }
        // What the compensation is for: with reconsideration the mean comes out near what was calculated.
        Assert.Equal(5, sum / (Sessions * (Reports - 1)), 0.25);
    }

    [Fact]
    public void Devices_that_start_together_do_not_report_together()
    {
        var firsts = Enumerable.Range(0, 100).Select(seed =>
        {
            var session = Session(seed);
            return Next(ref session).At.Milliseconds;
        });
        Assert.True(firsts.Distinct().Count() > 80);
    }

    [Fact]
    public void A_peer_with_large_reports_is_answered_less_often()
    {
        var session = Session(1);
        byte[] large = new byte[4 * 2000];
        large[0] = 0x80;
        large[1] = 0xC9;
        large[2] = 1999 >> 8;
        large[3] = 1999 & 0xFF;
        for (int i = 0; i < 200; i++)
            Assert.Equal(RtcpVerdict.Accepted, session.ReceiveRtcp(At(i), large));
        Next(ref session);
        var before = Next(ref session).At;
        var after = Next(ref session).At;
        double calculated = CalculatedInterval(2, 0, we_sent: false, 7000, initial: false);
        Assert.True((after - before).TotalSeconds > 0.5 * calculated / (2.71828 - 1.5));
    }

    [Fact]
    public void Who_only_listens_sends_receiver_reports_and_who_speaks_sender_reports()
    {
        var session = Session(7);
        Assert.Equal(["ReceiverReport(0)", "SourceDescription(0)"], Kinds(Next(ref session).Packet));

        byte[] packet = new byte[RtpPacket.HeaderOctets + 160];
        Assert.True(session.TryBeginPacket(At(6000), Pcmu, Frame, 160, packet));
        Assert.Equal(["SenderReport(0)", "SourceDescription(0)"], Kinds(Next(ref session).Packet));
        // §6.4: if anything was sent since the report before the last one, too.
        Assert.Equal(["SenderReport(0)", "SourceDescription(0)"], Kinds(Next(ref session).Packet));
        Assert.Equal(["ReceiverReport(0)", "SourceDescription(0)"], Kinds(Next(ref session).Packet));

        session.ReceiveRtp(session.PollTimeout, Packet(Peer, 5), out _);
        Assert.Equal(["ReceiverReport(1)", "SourceDescription(0)"], Kinds(Next(ref session).Packet));
        Assert.Equal(["ReceiverReport(0)", "SourceDescription(0)"], Kinds(Next(ref session).Packet));
    }

    [Fact]
    public void A_sender_report_says_what_was_sent_and_the_two_times_of_one_moment()
    {
        var session = Session(7, new() { WallClock = TimeSpan.FromSeconds(3_000_000_000) });
        byte[] packet = new byte[RtpPacket.HeaderOctets + 160];
        uint first = session.Timestamp;
        for (int i = 0; i < 50; i++)
            session.TryBeginPacket(At(20 * i), Pcmu, Frame, 160, packet);
        var (at, report) = Next(ref session);
        var info = First(report).SenderInfo;
        Assert.Equal(session.Source, First(report).Source);
        Assert.Equal((50u, 8000u), (info.Packets, info.Octets));
        Assert.Equal(first + (uint)(at.Ticks * Rate / TimeSpan.TicksPerSecond), info.Timestamp, 1u);
        Assert.Equal(3_000_000_000 + at.Ticks / 1e7, info.Ntp.Value / 4294967296.0, 1e-6);
    }

    [Fact]
    public void A_report_block_says_what_came_and_when_the_peer_last_reported()
    {
        var session = Session(7);
        for (int i = 0; i < 50; i++)
        {
            if (i % 5 != 3)
                session.ReceiveRtp(At(20 * i), Packet(Peer, 65_530 + i), out _);
        }
        byte[] theirs = Convert.FromHexString("80C80006" + "00001234" + "B44DB70520000000" + "000000A0" + "00000032" + "00001F40");
        Assert.Equal(RtcpVerdict.Accepted, session.ReceiveRtcp(At(1000), theirs));
        var (at, packet) = Next(ref session);
        var block = First(packet).Report(0);
        Assert.Equal((Peer, (byte)(10 * 256 / 50), 10, 65_530u + 49), (block.Source, block.FractionLost, block.CumulativeLost, block.ExtendedHighestSequence));
        Assert.Equal(0xB7052000, block.LastSenderReport);
        Assert.Equal((at - At(1000)).TotalSeconds, block.DelaySinceLastSenderReport / 65536.0, 1e-4);
    }

    [Fact]
    public void A_strangers_sender_report_is_not_taken_for_the_peers()
    {
        var session = Session(7);
        session.ReceiveRtp(At(0), Packet(Peer, 1), out _);
        session.ReceiveRtcp(At(10), Convert.FromHexString("80C80006" + "00009999" + "B44DB70520000000" + "000000A0" + "00000032" + "00001F40"));
        Assert.Equal(0u, First(Next(ref session).Packet).Report(0).LastSenderReport);
    }

    // A report block about our source, as the peer writes it.
    private static byte[] ReportOn(uint source, uint lastSenderReport, uint delay, byte fraction = 0, uint jitter = 0)
    {
        byte[] datagram = new byte[32];
        var writer = new RtcpWriter(datagram);
        writer.ReceiverReport(Peer, new RtcpReportBlock
        {
            Source = source, FractionLost = fraction, CumulativeLost = 7, Jitter = jitter,
            LastSenderReport = lastSenderReport, DelaySinceLastSenderReport = delay,
        });
        return datagram;
    }

    [Fact]
    public void The_round_trip_is_that_of_the_RFCs_figure()
    {
        // RFC 3550 §6.4.1, figure 2: sent at 3024992005.125, back at .5 eleven seconds later, with 5.25 s at the peer.
        var session = Session(7, new() { WallClock = TimeSpan.FromSeconds(3_024_992_005) + TimeSpan.FromMilliseconds(125) });
        Assert.Null(session.Peer.RoundTrip);
        session.ReceiveRtcp(At(11_375), ReportOn(session.Source, 0xB7052000, 0x00054000, fraction: 64, jitter: 80));
        Assert.Equal(TimeSpan.FromSeconds(6.125), session.Peer.RoundTrip);
        Assert.Equal((1L, (byte)64, 25, 7), (session.Peer.Reports, session.Peer.FractionLost, session.Peer.LossPercent, session.Peer.CumulativeLost));
        Assert.Equal(At(11_375), session.Peer.ReportedAt);
        Assert.Equal(TimeSpan.FromMilliseconds(10), session.Peer.Jitter);
    }

    [Fact]
    public void A_round_trip_that_cannot_be_is_not_believed()
    {
        var session = Session(7);
        session.ReceiveRtcp(At(100_000), ReportOn(session.Source, 90 * 65_536, 9 * 65_536));
        Assert.Equal(TimeSpan.FromSeconds(1), session.Peer.RoundTrip);
        session.ReceiveRtcp(At(100_000), ReportOn(session.Source, 90 * 65_536, 11 * 65_536)); // came back before it went
        session.ReceiveRtcp(At(100_000), ReportOn(session.Source, 10 * 65_536, 0)); // a minute and a half
        session.ReceiveRtcp(At(100_000), ReportOn(session.Source, 0, 0)); // heard no report of ours
        session.ReceiveRtcp(At(100_000), ReportOn(session.Source + 1, 95 * 65_536, 0)); // about another
        Assert.Equal(TimeSpan.FromSeconds(1), session.Peer.RoundTrip);
        Assert.Equal(TimeSpan.FromSeconds(1), session.Peer.MaxRoundTrip);
        Assert.Equal(4, session.Peer.Reports);
        // Two roundings of one clock.
        session.ReceiveRtcp(At(100_000), ReportOn(session.Source, 100 * 65_536, 300));
        Assert.Equal(TimeSpan.Zero, session.Peer.RoundTrip);
    }

    [Fact]
    public void Who_leaves_says_so_with_a_last_report_at_once()
    {
        var session = Session(7);
        byte[] packet = new byte[RtpPacket.HeaderOctets + 160];
        session.TryBeginPacket(At(0), Pcmu, Frame, 160, packet);
        session.Close();
        Assert.True(session.PollTimeout <= At(20));
        int written = session.HandleTimeout(At(20), _buffer);
        Assert.Equal(["SenderReport(0)", "SourceDescription(0)", "Bye(0)"], Kinds(_buffer[..written]));
        Assert.Equal(Instant.Never, session.PollTimeout);
        Assert.Equal(0, session.HandleTimeout(At(100_000), _buffer));
    }

    [Fact]
    public void Who_never_sent_anything_leaves_without_a_word()
    {
        var session = Session(7);
        session.ReceiveRtp(At(0), Packet(Peer, 1), out _);
        session.Close();
        Assert.Equal(Instant.Never, session.PollTimeout);
        Assert.Equal(0, session.HandleTimeout(At(20), _buffer));
    }

    [Fact]
    public void A_buffer_that_is_too_small_costs_a_report_and_nothing_else()
    {
        var session = Session(7);
        var due = session.PollTimeout;
        for (int i = 0; i < 20 && session.PollTimeout < At(20_000); i++)
        {
            due = session.PollTimeout;
            Assert.Equal(0, session.HandleTimeout(due, _buffer.AsSpan(0, 10)));
            Assert.True(session.PollTimeout > due);
        }
        Assert.Equal(0, session.ReportsSent);
        Assert.NotEmpty(Next(ref session).Packet);
    }

    [Fact]
    public void A_canonical_name_is_96_random_bits_new_for_each_session()
    {
        var names = Enumerable.Range(0, 50).Select(seed =>
        {
            var session = Session(seed);
            var (_, packet) = Next(ref session);
            RtcpReader.TryRead(packet, out var reader);
            var packets = reader.GetEnumerator();
            packets.MoveNext();
            packets.MoveNext();
            Assert.True(packets.Current.TryGetCname(session.Source, out var name));
            Assert.True(name.SequenceEqual(session.CanonicalName));
            return Encoding.ASCII.GetString(name);
        }).ToList();
        Assert.Equal(50, names.Distinct().Count());
        Assert.All(names, name => Assert.Equal(12, Convert.FromBase64String(name).Length));
    }
}
