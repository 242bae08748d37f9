// Flows kept alive and found dead (RFC 5626 §4.4; RFC 8489 §6.2.1, §6.3): schedules, answers that come, come late, come from elsewhere or never; and flows that
// several keep.
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.KeepAlive;

public sealed class FlowKeeperTests
{
    private static readonly IpEndpoint Mapped = IpEndpoint.V4(0xCB007105, 61001);

    private static readonly long[] StunOffsets = [0, 500, 1500, 3500, 7500, 15_500, 31_500];

    // ---- Schedules --------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Each_wait_is_between_80_and_100_percent_of_the_interval_and_another_each_time()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Crlf);
        bench.Until(200_000_000);
        long[] times = [0, .. bench.TimesOf("> crlf")];
        long[] waits = [.. times.Zip(times.Skip(1), (one, next) => next - one)];
        Assert.True(waits.Length > 2000);
        Assert.All(waits, wait => Assert.InRange(wait, 80_000, 100_000));
        // As many in each twentieth as chance gives, and both ends reached.
        int[] counts = new int[20];
        foreach (long wait in waits)
            counts[Math.Min(19, (wait - 80_000) / 1000)]++;
        Assert.All(counts, count => Assert.InRange(count, waits.Length / 20 / 2, waits.Length / 20 * 2));
    }

    [Fact]
    public void An_interval_of_nothing_is_a_second_and_one_of_years_a_day()
    {
        foreach (var (asked, least, most) in new[] { (TimeSpan.Zero, 800, 1000), (TimeSpan.MinValue, 800, 1000), (TimeSpan.MaxValue, 69_120_000, 86_400_000) })
        {
            var bench = new KeeperBench();
            bench.Keep(KeeperBench.Udp, KeepAliveMethod.Crlf, asked);
            bench.Until(100_000_000 / 1000 * (most > 1000 ? 1000 : 1));
            Assert.InRange(bench.TimesOf("> crlf")[0], least, most);
        }
    }

    [Fact]
    public void A_line_end_over_UDP_wants_no_answer()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Crlf);
        bench.Until(1_000_000);
        Assert.All(bench.Said, line => Assert.Equal("> crlf", line));
        Assert.Equal(1, bench.Keeper.Count);
    }

    [Fact]
    public void A_released_flow_is_pinged_no_more()
    {
        var bench = new KeeperBench();
        var kept = bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
        bench.Until(120_000);
        bench.Keeper.Release(kept);
        bench.Keeper.Release(kept);
        int said = bench.Log.Count;
        bench.Until(1_000_000);
        Assert.Equal((said, 0, Instant.Never), (bench.Log.Count, bench.Keeper.Count, bench.Keeper.NextDeadline));
        Assert.False(bench.Keeper.IsLive(kept));
    }

    // ---- Streams ----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_stream_whose_pings_are_answered_lives_and_is_not_closed_for_being_idle()
    {
        var bench = new KeeperBench(transport: new() { IdleClose = TimeSpan.FromSeconds(30) });
        var flow = bench.Open();
        bench.Keep(flow, KeepAliveMethod.Crlf);
        bench.Until(3_600_000, () => bench.Pong(flow));
        Assert.All(bench.Said, line => Assert.Equal("> ping", line));
        Assert.InRange(bench.Log.Count, 36, 46);
        Assert.Equal(bench.Log.Count, bench.Keeper.Counters.Pongs);
        Assert.True(bench.Transport.IsLive(flow.Connection));
    }

    [Fact]
    public void A_stream_that_is_kept_no_more_is_closed_for_being_idle()
    {
        var bench = new KeeperBench(transport: new() { IdleClose = TimeSpan.FromSeconds(30) });
        var flow = bench.Open();
        var first = bench.Keep(flow, KeepAliveMethod.Crlf);
        var second = bench.Keep(flow, KeepAliveMethod.Crlf);
        bench.Keeper.Release(first);
        bench.Until(70_000);
        Assert.True(bench.Transport.IsLive(flow.Connection));
        bench.Keeper.Release(second);
        bench.Until(140_000);
        Assert.Equal(["close"], bench.Said);
    }

    [Fact]
    public void A_pong_that_does_not_come_within_ten_seconds_ends_the_stream()
    {
        var bench = new KeeperBench();
        var flow = bench.Open();
        var kept = bench.Keep(flow, KeepAliveMethod.Crlf);
        bench.Until(200_000);
        Assert.Equal(["> ping", "close", "! 7 Dead TimedOut"], bench.Said);
        Assert.Equal(10_000, bench.Log[1].Ms - bench.Log[0].Ms);
        Assert.Equal((kept, flow.Connection), (bench.Events[0].Flow, bench.Events[0].Over.Connection));
        Assert.False(bench.Transport.IsLive(flow.Connection));
        Assert.Equal((0, 1), (bench.Keeper.Count, bench.Keeper.Counters.Deaths));
    }

    [Fact]
    public void A_pong_in_the_last_moment_counts_and_each_ping_wants_its_own()
    {
        var bench = new KeeperBench();
        var flow = bench.Open();
        bench.Keep(flow, KeepAliveMethod.Crlf);
        bench.UntilSaid();
        bench.Until(bench.TimesOf("> ping")[0] + 9999);
        bench.Pong(flow);
        bench.Pong(flow);
        bench.Until(300_000);
        Assert.Equal(["> ping", "> ping", "close", "! 7 Dead TimedOut"], bench.Said);
    }

    [Fact]
    public void A_pong_behind_a_message_that_is_coming_in_is_waited_for()
    {
        var bench = new KeeperBench();
        var flow = bench.Open();
        bench.Keep(flow, KeepAliveMethod.Crlf);
        bench.UntilSaid();
        long asked = bench.TimesOf("> ping")[0];
        bench.Until(asked + 9000);
        bench.Transport.TakeStream(bench.Now, flow.Connection, "OPTIONS sip:a SIP/2.0\r\n"u8, out _, out _, out _);
        bench.Until(asked + 15_000);
        Assert.Equal(["> ping"], bench.Said);
        bench.Transport.TakeStream(bench.Now, flow.Connection, "Content-Length: 0\r\n\r\n"u8, out var finding, out _, out _);
        bench.Transport.EndInput();
        Assert.Equal(StreamFinding.Message, finding);
        bench.Pong(flow);
        bench.Until(asked + 30_000);
        Assert.Equal(["> ping"], bench.Said);
    }

    [Fact]
    public void A_peer_that_never_promised_pongs_is_not_dead_without_them_but_is_once_it_sent_one()
    {
        var bench = new KeeperBench();
        var flow = bench.Open();
        bench.Keep(flow, KeepAliveMethod.CrlfUnpromised);
        bench.Until(1_000_000);
        Assert.All(bench.Said, line => Assert.Equal("> ping", line));
        bench.Pong(flow);
        bench.Until(1_200_000);
        Assert.Equal("! 7 Dead TimedOut", bench.Said.Last());
    }

    [Fact]
    public void A_stream_that_ends_is_told_by_the_next_timer()
    {
        var bench = new KeeperBench();
        var flow = bench.Open();
        bench.Keep(flow, KeepAliveMethod.Crlf, user: 1);
        bench.Keep(flow, KeepAliveMethod.CrlfUnpromised, user: 2);
        bench.Until(5000);
        bench.Transport.Closed(flow.Connection);
        bench.Keeper.HandleClosed(bench.Now, flow.Connection, TransportFault.Reset);
        bench.Keeper.HandleClosed(bench.Now, flow.Connection, TransportFault.Closed);
        Assert.Empty(bench.Log);
        bench.Until(5000);
        Assert.Equal(["! 1 Dead Reset", "! 2 Dead Reset"], bench.Said);
    }

    [Fact]
    public void A_stream_that_ended_without_a_word_is_found_when_it_is_to_be_pinged_and_no_other_is_opened()
    {
        var bench = new KeeperBench();
        var flow = bench.Open();
        bench.Keep(flow, KeepAliveMethod.Crlf);
        bench.Transport.Closed(flow.Connection);
        bench.Until(100_000);
        Assert.Equal(["! 7 Dead Closed"], bench.Said);
    }

    [Fact]
    public void What_cannot_be_kept_is_refused()
    {
        var bench = new KeeperBench();
        var ours = bench.Open();
        Assert.True(bench.Transport.TryAccept(bench.Now, new(Protocol.Tcp, KeeperBench.Ours, KeeperBench.Theirs), out var accepted));
        var theirs = bench.Transport.FlowOf(accepted);
        Flow[] flows =
        [
            KeeperBench.Udp, theirs, new(Protocol.Tcp, KeeperBench.Ours, KeeperBench.Theirs), new(Protocol.Dns, KeeperBench.Ours, KeeperBench.Theirs), default,
        ];
        foreach (var (flow, method) in new[]
        {
            (flows[0], KeepAliveMethod.None), (flows[1], KeepAliveMethod.Crlf), (flows[2], KeepAliveMethod.Crlf), (flows[3], KeepAliveMethod.Stun),
            (flows[4], KeepAliveMethod.Crlf), (ours, KeepAliveMethod.Stun), (ours, KeepAliveMethod.None),
        })
            Assert.False(bench.Keeper.TryKeep(bench.Now, flow, method, KeeperBench.Interval, 0, out _));
        Assert.Equal((0, 7), (bench.Keeper.Count, bench.Keeper.Counters.Refused));
    }

    // ---- STUN -------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void An_unanswered_request_is_sent_seven_times_and_given_up_after_39500_ms()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
        bench.Until(200_000);
        long[] times = bench.TimesOf("> stun");
        Assert.Equal(StunOffsets, times.Select(time => time - times[0]));
        Assert.Equal((times[0] + 39_500, "! 7 Dead TimedOut"), bench.Log[^1]);
        // One transaction, sent again as it was; no credentials, no name of ours.
        Assert.All(bench.Stun, octets => Assert.Equal(bench.Stun[0], octets));
        Assert.Equal(StunMessage.HeaderOctets, bench.Stun[0].Length);
        Assert.Equal((1, 6), (bench.Keeper.Counters.Asked, bench.Keeper.Counters.Retransmissions));
    }

    [Fact]
    public void The_address_is_told_when_it_is_learnt_and_when_it_changes()
    {
        var bench = new KeeperBench();
        var kept = bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
        int asked = 0;
        void Answer()
        {
            if (bench.Stun.Count == asked)
                return;
            asked = bench.Stun.Count;
            bench.Receive(bench.Answer(asked <= 2 ? Mapped : Mapped.WithPort(61002)));
        }
        bench.Until(450_000, Answer);
        Assert.InRange(asked, 4, 5);
        Assert.Equal(["> stun", "! 7 AddressLearnt 61001", "> stun", "> stun", "! 7 AddressChanged 61002", "> stun"], bench.Said.Take(6));
        Assert.Equal(2, bench.Events.Count);
        Assert.True(bench.Keeper.TryGetMapped(kept, out var mapped));
        Assert.Equal(Mapped.WithPort(61002), mapped);
        Assert.Equal((asked, 0), (bench.Keeper.Counters.StunAnswers, bench.Keeper.Counters.Retransmissions));
        // Each question is another.
        Assert.Equal(asked, bench.Stun.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void The_interval_counts_from_ping_to_ping_however_late_the_answer()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun, TimeSpan.FromSeconds(29));
        bench.Until(29_000);
        long first = bench.TimesOf("> stun")[0];
        // Longer than the interval: the next one follows at once.
        bench.Until(first + 35_000);
        bench.Receive(bench.Answer(Mapped));
        bench.Until(first + 35_000);
        Assert.Equal([.. StunOffsets.Select(offset => first + offset), first + 35_000], bench.TimesOf("> stun"));
        Assert.DoesNotContain(bench.Events, happened => happened.Kind == KeptFlowEventKind.Dead);
    }

    [Fact]
    public void An_answer_that_comes_late_again_or_from_elsewhere_is_a_stray()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
        bench.UntilSaid();
        byte[] answer = bench.Answer(Mapped);
        bench.Receive(answer, new(Protocol.Udp, KeeperBench.Ours, KeeperBench.Theirs.WithPort(5061)));
        bench.Receive(answer, new(Protocol.Udp, KeeperBench.Ours.WithPort(5062), KeeperBench.Theirs));
        bench.Receive(answer, new(Protocol.Udp, KeeperBench.Ours, IpEndpoint.V4(0xC0000203, 5060)));
        Assert.Equal((3, 0), (bench.Keeper.Counters.StunStrays, bench.Keeper.Counters.StunAnswers));
        bench.Receive(answer);
        bench.Receive(answer);
        Assert.Equal((4, 1), (bench.Keeper.Counters.StunStrays, bench.Keeper.Counters.StunAnswers));
        // A new question: the old answer is none to it.
        bench.UntilSaid();
        bench.UntilSaid();
        bench.Receive(answer);
        Assert.Equal(5, bench.Keeper.Counters.StunStrays);
        bench.Until(bench.NowMs + 50_000);
        Assert.Equal("! 7 Dead TimedOut", bench.Said.Last());
        bench.Receive(bench.Answer(Mapped));
        Assert.Equal(6, bench.Keeper.Counters.StunStrays);
    }

    [Fact]
    public void A_wrong_transaction_is_a_stray_whichever_bit_is_wrong()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
        bench.UntilSaid();
        byte[] answer = bench.Answer(Mapped);
        for (int bit = 0; bit < 96; bit++)
        {
            byte[] other = [.. answer];
            other[8 + bit / 8] ^= (byte)(1 << bit % 8);
            bench.Receive(other);
        }
        Assert.Equal((96, 0), (bench.Keeper.Counters.StunStrays, bench.Keeper.Counters.StunAnswers));
    }

    [Fact]
    public void An_answer_to_a_flow_from_any_address_is_known_by_its_port()
    {
        var bench = new KeeperBench();
        bench.Keep(new(Protocol.Udp, default(IpEndpoint).WithPort(5060), KeeperBench.Theirs), KeepAliveMethod.Stun);
        bench.UntilSaid();
        bench.Receive(bench.Answer(Mapped));
        Assert.Equal(["> stun", "! 7 AddressLearnt 61001"], bench.Said);
    }

    [Fact]
    public void An_answer_without_an_address_keeps_the_flow_alive_and_tells_nothing()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
        bench.UntilSaid();
        bench.Receive(bench.Answer(null));
        bench.Receive(bench.Answer(IpEndpoint.V4(0, 0)));
        Assert.Equal(["> stun"], bench.Said);
        Assert.Equal(1, bench.Keeper.Counters.StunAnswers);
    }

    [Fact]
    public void An_error_or_an_answer_that_is_not_understood_ends_the_flow()
    {
        foreach (bool isError in new[] { true, false })
        {
            var bench = new KeeperBench();
            bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
            bench.UntilSaid();
            byte[] answer = [.. bench.Answer(null), 0x01, 0x00, 0, 0];
            answer[3] = 4;
            if (isError)
                answer = [.. answer[..20], 0, 9, 0, 4, 0, 0, 5, 0];
            if (isError)
                (answer[1], answer[3]) = (0x11, 8);
            bench.Receive(answer);
            Assert.Equal(["> stun", "! 7 Dead Refused"], bench.Said);
        }
    }

    [Fact]
    public void What_is_broken_is_dropped_and_the_right_answer_still_counts()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun);
        bench.UntilSaid();
        byte[] answer = bench.Answer(Mapped);
        bench.Receive(answer.AsSpan(0, 24));
        bench.Receive([.. answer, 0]);
        bench.Receive(StunVectors.V4Response.AsSpan(0, 40));
        Assert.Equal((3, 0), (bench.Keeper.Counters.StunDropped, bench.Keeper.Counters.StunStrays));
        bench.Receive(answer);
        Assert.Equal("! 7 AddressLearnt 61001", bench.Said.Last());
    }

    // ---- Of others --------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_binding_request_is_answered_with_the_address_that_it_came_from()
    {
        var bench = new KeeperBench();
        byte[] request = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        bench.Receive(request);
        bench.Drain();
        Assert.True(StunMessage.TryRead(bench.Stun[0], out var answer));
        Assert.Equal((StunClass.Success, (IpEndpoint?)KeeperBench.Theirs, new StunTransactionId(0x01020304, 0x05060708_090A0B0C)), (answer.Class, answer.Mapped, answer.Id));
        Assert.False(answer.HasFingerprint);
        Assert.Equal(32, answer.Octets.Length);
    }

    [Fact]
    public void What_is_not_understood_of_a_request_is_named()
    {
        var bench = new KeeperBench();
        bench.Receive(StunVectors.Request);
        bench.Receive(StunVectors.LongTermRequest);
        bench.Drain();
        Assert.True(StunMessage.TryRead(bench.Stun[0], out var answer));
        Assert.Equal((StunClass.Error, 420, true), (answer.Class, answer.ErrorCode, answer.HasFingerprint));
        // PRIORITY of ICE.
        Assert.Contains("000A000200240000", Convert.ToHexString(answer.Octets));
        // Credentials are not wanted, and harm nothing.
        Assert.True(StunMessage.TryRead(bench.Stun[1], out answer));
        Assert.Equal((StunClass.Success, false), (answer.Class, answer.HasFingerprint));
    }

    [Fact]
    public void Requests_of_others_are_passed_over_where_that_is_wanted_and_indications_always()
    {
        var bench = new KeeperBench(new() { AnswersBinding = false });
        byte[] octets = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. new byte[12]];
        bench.Receive(octets);
        octets[1] = 0x11;
        bench.Receive(octets);
        bench.Drain();
        Assert.Empty(bench.Log);
        Assert.Equal((1, 1), (bench.Keeper.Counters.StunRequestsIgnored, bench.Keeper.Counters.StunIndications));
    }

    [Fact]
    public void What_is_no_STUN_is_left_to_others()
    {
        var bench = new KeeperBench();
        Assert.False(bench.Keeper.HandleDatagram(bench.Now, KeeperBench.Udp, "OPTIONS sip:a SIP/2.0\r\n\r\n"u8, out _));
        Assert.False(bench.Keeper.HandleDatagram(bench.Now, KeeperBench.Udp, "\r\n"u8, out _));
        Assert.False(bench.Keeper.HandleDatagram(bench.Now, KeeperBench.Udp, default, out _));
    }

    // ---- Faults -----------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(TransportFault.Refused, true)]
    [InlineData(TransportFault.Unreachable, true)]
    [InlineData(TransportFault.TooLarge, false)]
    [InlineData(TransportFault.Exhausted, false)]
    public void A_flow_is_dead_when_the_network_says_so(TransportFault fault, bool isDead)
    {
        foreach (var method in new[] { KeepAliveMethod.Crlf, KeepAliveMethod.Stun })
        {
            var bench = new KeeperBench();
            bench.Keep(KeeperBench.Udp, method);
            bench.Undelivered(fault, new(Protocol.Udp, KeeperBench.Ours, KeeperBench.Theirs.WithPort(9)));
            bench.Undelivered(fault, new(Protocol.Dns, KeeperBench.Ours, KeeperBench.Theirs));
            Assert.Empty(bench.Log);
            bench.Undelivered(fault);
            Assert.Equal(isDead ? [$"! 7 Dead {fault}"] : [], bench.Said);
        }
    }

    // ---- Several keepers of one flow --------------------------------------------------------------------------------------------

    [Fact]
    public void A_flow_is_pinged_for_all_its_keepers_at_once()
    {
        var bench = new KeeperBench();
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Crlf, TimeSpan.FromSeconds(30), user: 1);
        var second = bench.Keep(KeeperBench.Udp, KeepAliveMethod.Crlf, TimeSpan.FromSeconds(29), user: 2);
        bench.Keep(new(Protocol.Udp, KeeperBench.Ours, KeeperBench.Theirs.WithPort(5080)), KeepAliveMethod.Crlf, TimeSpan.FromHours(1), user: 3);
        bench.Until(600_000);
        long[] times = bench.TimesOf("> crlf");
        Assert.InRange(times.Length, 600 / 29, 600 / 23);
        // Whoever stays goes on.
        bench.Keeper.Release(second);
        bench.Until(700_000);
        Assert.InRange(bench.TimesOf("> crlf").Length - times.Length, 2, 5);
    }

    [Fact]
    public void All_keepers_of_a_stream_are_told_that_it_is_dead_one_by_one()
    {
        var bench = new KeeperBench();
        var flow = bench.Open();
        for (ulong user = 1; user <= 3; user++)
            bench.Keep(flow, KeepAliveMethod.Crlf, user: user);
        var other = bench.Keep(KeeperBench.Udp, KeepAliveMethod.Crlf, TimeSpan.FromHours(10), user: 9);
        bench.Until(200_000);
        Assert.Equal(["> ping", "close"], bench.Said.Take(2));
        Assert.Equal([1UL, 2UL, 3UL], bench.Events.Select(happened => happened.User).Order());
        Assert.All(bench.Events, happened => Assert.Equal((KeptFlowEventKind.Dead, TransportFault.TimedOut), (happened.Kind, happened.Fault)));
        Assert.Single(bench.Log.Select(line => line.Ms).Where(ms => ms > bench.Log[0].Ms).Distinct());
        Assert.True(bench.Keeper.IsLive(other));
    }

    [Fact]
    public void All_keepers_of_a_flow_learn_its_address()
    {
        var bench = new KeeperBench();
        for (ulong user = 1; user <= 3; user++)
            bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun, user: user);
        bench.UntilSaid();
        Assert.Equal("> stun", Assert.Single(bench.Log, line => line.Ms == bench.Log[0].Ms).What);
        bench.Receive(bench.Answer(Mapped));
        bench.Until(100_000);
        Assert.Equal([1UL, 2UL, 3UL], bench.Events.Select(happened => happened.User).Order());
        Assert.All(bench.Events, happened => Assert.Equal((KeptFlowEventKind.AddressLearnt, Mapped), (happened.Kind, happened.Mapped)));
    }

    [Fact]
    public void All_keepers_of_a_flow_are_told_what_the_network_says()
    {
        var bench = new KeeperBench();
        for (ulong user = 1; user <= 3; user++)
            bench.Keep(KeeperBench.Udp, user == 2 ? KeepAliveMethod.Crlf : KeepAliveMethod.Stun, user: user);
        bench.Undelivered(TransportFault.Refused);
        Assert.Single(bench.Events);
        bench.Undelivered(TransportFault.Refused);
        Assert.Single(bench.Events);
        bench.Until(0);
        Assert.Equal([1UL, 2UL, 3UL], bench.Events.Select(happened => happened.User).Order());
        Assert.Equal((0, 3), (bench.Keeper.Count, bench.Keeper.Counters.Deaths));
    }

    // ---- Room -------------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void As_many_flows_are_kept_as_there_are_slots(int slots)
    {
        var bench = new KeeperBench(new() { Flows = slots });
        for (int round = 0; round < 3; round++)
        {
            var handles = new List<Handle<KeptFlow>>();
            for (int i = 0; i < slots; i++)
                handles.Add(bench.Keep(KeeperBench.Udp, KeepAliveMethod.Crlf));
            Assert.False(bench.Keeper.TryKeep(bench.Now, KeeperBench.Udp, KeepAliveMethod.Crlf, KeeperBench.Interval, 0, out var refused));
            Assert.False(bench.Keeper.IsLive(refused));
            Assert.Equal(round + 1, bench.Keeper.Counters.Refused);
            handles.ForEach(bench.Keeper.Release);
            Assert.Equal((0, Instant.Never), (bench.Keeper.Count, bench.Keeper.NextDeadline));
        }
    }

    [Fact]
    public void A_ping_without_a_buffer_asks_nothing_and_a_request_without_one_is_sent_again()
    {
        var bench = new KeeperBench(buffers: [new(128, 1)], transport: new() { Outputs = 4 });
        var flow = bench.Open();
        bench.Keep(flow, KeepAliveMethod.Crlf);
        bench.Keep(KeeperBench.Udp, KeepAliveMethod.Stun, user: 8);
        // Somebody else has the one buffer for a while.
        var way = KeeperBench.Udp;
        Assert.Equal(SendResult.Sent, bench.Transport.Send(bench.Now, ref way, "x"u8));
        for (int i = 0; bench.Keeper.Counters.NotSent < 3; i++)
        {
            Assert.True(i < 100);
            bench.UntilUndrained(bench.Keeper.NextDeadline);
            bench.Keeper.TryPopTimer(bench.Now, out _);
        }
        Assert.Empty(bench.Events);
        bench.Drain();
        bench.Until(bench.NowMs + 60_000, () => bench.Pong(flow));
        Assert.Contains("> stun", bench.Said);
        Assert.DoesNotContain("! 7 Dead TimedOut", bench.Said);
    }
}
