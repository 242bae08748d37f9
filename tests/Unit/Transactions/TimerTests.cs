// Every timer of RFC 3261's table 4 and of RFC 6026 §7, by its name: when it fires, with the default T1, T2 and T4, with small ones, and with a T1 above T2;
// and that it is 0 s on TCP where the table says so. Timer C is a proxy's (RFC 3261 §16.8), so it is not here.
using System.Reflection;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class TimerTests
{
    private const string OfAProxy = "C";

    // RFC 3261 table 4; RFC 6026 §7 adds L and M.
    private const string Table = "ABCDEFGHIJKLM";

    /// <summary>T1, T2, T4 in milliseconds. No multiple of T2 behind T1 is 64·T1, so that no two timers meet.</summary>
    public static TheoryData<int, int, int> Settings => new() { { 500, 4000, 5000 }, { 100, 1000, 300 }, { 2000, 1600, 700 } };

    private static Element With(int t1, int t2, int t4) => new(new()
    {
        T1 = TimeSpan.FromMilliseconds(t1), T2 = TimeSpan.FromMilliseconds(t2), T4 = TimeSpan.FromMilliseconds(t4),
        TryingDelay = TimeSpan.FromHours(1), PendingLimit = TimeSpan.FromHours(1),
    });

    /// <summary>t1, then intervals that double up to a limit, as far as <paramref name="end"/>.</summary>
    private static long[] Doubling(long t1, long limit, long end)
    {
        var times = new List<long>();
        long interval = t1;
        for (long time = t1; time < end; time += interval)
        {
            times.Add(time);
            interval = Math.Min(interval * 2, limit);
        }
        return [.. times];
    }

    private const long ForEver = 10_000_000;

    [Fact]
    public void Each_timer_of_the_table_has_its_test()
    {
        var named = typeof(TimerTests).GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null && method.Name.StartsWith("Timer_", StringComparison.Ordinal))
            .Select(method => method.Name.Split('_')[1]).Append(OfAProxy).Distinct().Order();
        Assert.Equal(Table, string.Concat(named));
    }

    // ---- INVITE client ----------------------------------------------------------------------------------------------------------

    [Theory, MemberData(nameof(Settings))]
    public void Timer_A_sends_an_INVITE_again_at_T1_and_doubles_without_a_limit(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        element.Send("INVITE");
        element.Until(ForEver);
        Assert.Equal([0, .. Doubling(t1, long.MaxValue, 64 * t1)], element.TimesOf("> udp INVITE"));
    }

    [Fact]
    public void Timer_A_is_not_there_on_TCP()
    {
        var element = With(500, 4000, 5000);
        element.Send("INVITE", Element.Tcp);
        element.Agent.HandleConnected(element.Now, element.Sent[0].Connection, Element.Ours.WithPort(40000));
        element.Until(ForEver);
        Assert.Equal([0], element.TimesOf("> tcp INVITE"));
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_B_ends_an_INVITE_of_which_nothing_is_heard_for_64_T1(int t1, int t2, int t4)
    {
        foreach (var flow in new[] { Element.Udp, Element.Tcp })
        {
            var element = With(t1, t2, t4);
            var client = element.Send("INVITE", flow);
            if (flow.IsReliable)
                element.Agent.HandleConnected(element.Now, element.Sent[0].Connection, Element.Ours.WithPort(40000));
            element.Until(64 * t1 - 1);
            Assert.Equal(TransactionState.Calling, element.Agent.StateOf(client));
            element.Until(64 * t1);
            Assert.Equal([64 * t1], element.TimesOf("! Timeout Invite"));
            Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
            Assert.Equal(TransactionEventKind.Timeout, element.LastEvent.Kind);
            Assert.Equal(7UL, element.LastEvent.User);
        }
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_D_acknowledges_a_refusal_again_for_64_T1_and_32_s_at_least(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        var client = element.Send("INVITE");
        element.Receive(Element.Answer(element.SentTexts[0], 486));
        long end = Math.Max(32_000, 64 * t1);
        element.Until(end - 1);
        Assert.Equal(TransactionState.Completed, element.Agent.StateOf(client));
        element.Receive(Element.Answer(element.SentTexts[0], 486));
        element.Until(end);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
        element.Receive(Element.Answer(element.SentTexts[0], 486));
        Assert.Equal([0, end - 1], element.TimesOf("> udp ACK"));
    }

    [Fact]
    public void Timer_D_is_0_s_on_TCP()
    {
        var element = With(500, 4000, 5000);
        var client = element.Send("INVITE", Element.Tcp);
        element.Receive(Element.Answer(element.SentTexts[^1], 486), Protocol.Tcp);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
        Assert.Equal([0], element.TimesOf("> tcp ACK"));
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_M_lets_further_2xx_through_for_64_T1_on_UDP_and_TCP(int t1, int t2, int t4)
    {
        foreach (var flow in new[] { Element.Udp, Element.Tcp })
        {
            var element = With(t1, t2, t4);
            var client = element.Send("INVITE", flow);
            string invite = element.SentTexts[^1];
            element.Receive(Element.Answer(invite, 200), flow.Protocol);
            element.Until(64 * t1 - 1);
            element.Receive(Element.Answer(invite, 200, toTag: "fork"), flow.Protocol);
            Assert.Equal(TransactionState.Accepted, element.Agent.StateOf(client));
            element.Until(64 * t1);
            Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
            element.Receive(Element.Answer(invite, 200, toTag: "late"), flow.Protocol);
            Assert.Equal([0, 64 * t1 - 1], element.TimesOf("! Response Invite 200"));
        }
    }

    // ---- Non-INVITE client ------------------------------------------------------------------------------------------------------

    [Theory, MemberData(nameof(Settings))]
    public void Timer_E_sends_a_request_again_at_T1_and_doubles_up_to_T2(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        element.Send("OPTIONS");
        element.Until(ForEver);
        Assert.Equal([0, .. Doubling(t1, t2, 64 * t1)], element.TimesOf("> udp OPTIONS"));
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_E_is_T2_from_its_next_firing_once_a_provisional_response_is_here(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        element.Send("OPTIONS");
        element.Receive(Element.Answer(element.SentTexts[0], 100));
        element.Until(t1 + 2 * t2);
        Assert.Equal([0, t1, t1 + t2, t1 + 2 * t2], element.TimesOf("> udp OPTIONS"));
    }

    [Fact]
    public void Timer_E_is_not_there_on_TCP()
    {
        var element = With(500, 4000, 5000);
        element.Send("OPTIONS", Element.Tcp);
        element.Agent.HandleConnected(element.Now, element.Sent[0].Connection, Element.Ours.WithPort(40000));
        element.Until(ForEver);
        Assert.Equal([0], element.TimesOf("> tcp OPTIONS"));
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_F_ends_a_request_after_64_T1_whether_provisionally_answered_or_not(int t1, int t2, int t4)
    {
        foreach (bool isProvisional in new[] { false, true })
        {
            foreach (var flow in new[] { Element.Udp, Element.Tcp })
            {
                var element = With(t1, t2, t4);
                var client = element.Send("OPTIONS", flow);
                if (flow.IsReliable)
                    element.Agent.HandleConnected(element.Now, element.Sent[0].Connection, Element.Ours.WithPort(40000));
                if (isProvisional)
                    element.Receive(Element.Answer(element.SentTexts[^1], 100), flow.Protocol);
                element.Until(64 * t1 - 1);
                Assert.NotEqual(TransactionState.Terminated, element.Agent.StateOf(client));
                element.Until(64 * t1);
                Assert.Equal([64 * t1], element.TimesOf("! Timeout Options"));
                Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
            }
        }
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_K_absorbs_a_repeated_answer_for_T4(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        var client = element.Send("OPTIONS");
        element.Receive(Element.Answer(element.SentTexts[0], 200));
        element.Until(t4 - 1);
        element.Receive(Element.Answer(element.SentTexts[0], 200));
        Assert.Equal(TransactionState.Completed, element.Agent.StateOf(client));
        element.Until(t4);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
        Assert.Equal([0], element.TimesOf("! Response Options 200"));
    }

    [Fact]
    public void Timer_K_is_0_s_on_TCP()
    {
        var element = With(500, 4000, 5000);
        var client = element.Send("OPTIONS", Element.Tcp);
        element.Receive(Element.Answer(element.SentTexts[^1], 200), Protocol.Tcp);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
    }

    // ---- INVITE server ----------------------------------------------------------------------------------------------------------

    [Theory, MemberData(nameof(Settings))]
    public void Timer_G_sends_a_refusal_again_at_T1_and_doubles_up_to_T2(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        element.Receive(Element.Request("INVITE"));
        element.Respond(486);
        element.Until(ForEver);
        Assert.Equal([0, .. Doubling(t1, t2, 64 * t1)], element.TimesOf("> udp 486"));
    }

    [Fact]
    public void Timer_G_is_not_there_on_TCP()
    {
        var element = With(500, 4000, 5000);
        element.Receive(Element.Request("INVITE"), Protocol.Tcp);
        element.Respond(486);
        element.Until(ForEver);
        Assert.Equal([0], element.TimesOf("> tcp 486"));
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_H_gives_up_waiting_for_the_ACK_after_64_T1(int t1, int t2, int t4)
    {
        foreach (var protocol in new[] { Protocol.Udp, Protocol.Tcp })
        {
            var element = With(t1, t2, t4);
            element.Receive(Element.Request("INVITE"), protocol);
            var server = element.LastEvent.Server;
            element.Respond(486);
            element.Until(64 * t1 - 1);
            Assert.Equal(TransactionState.Completed, element.Agent.StateOf(server));
            element.Until(64 * t1);
            Assert.Equal([64 * t1], element.TimesOf("! Unacknowledged Invite 486"));
            Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(server));
        }
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_I_absorbs_repeated_ACKs_for_T4(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        element.Receive(Element.Request("INVITE"));
        var server = element.LastEvent.Server;
        element.Respond(486);
        element.Receive(Element.Request("ACK", toTag: element.LastTag));
        element.Until(t4 - 1);
        element.Receive(Element.Request("ACK", toTag: element.LastTag));
        Assert.Equal(TransactionState.Confirmed, element.Agent.StateOf(server));
        element.Until(t4);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(server));
        Assert.Equal(2, element.Agent.TransactionCounters.AcksReceived);
        Assert.Equal(["0 ! Request Invite", "0 > udp 486"], element.Log);
    }

    [Fact]
    public void Timer_I_is_0_s_on_TCP()
    {
        var element = With(500, 4000, 5000);
        element.Receive(Element.Request("INVITE"), Protocol.Tcp);
        var server = element.LastEvent.Server;
        element.Respond(486);
        element.Receive(Element.Request("ACK", toTag: element.LastTag), Protocol.Tcp);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(server));
    }

    [Theory, MemberData(nameof(Settings))]
    public void Timer_L_keeps_an_accepted_INVITE_for_64_T1_acknowledged_or_not_on_UDP_and_TCP(int t1, int t2, int t4)
    {
        foreach (var protocol in new[] { Protocol.Udp, Protocol.Tcp })
        {
            foreach (bool isAcknowledged in new[] { false, true })
            {
                var element = With(t1, t2, t4);
                element.Receive(Element.Request("INVITE"), protocol);
                var server = element.LastEvent.Server;
                element.Respond(200);
                if (isAcknowledged)
                    element.Receive(Element.Request("ACK", branch: "z9hG4bKack", toTag: element.LastTag), protocol);
                element.Until(64 * t1 - 1);
                Assert.Equal(TransactionState.Accepted, element.Agent.StateOf(server));
                element.Until(64 * t1);
                Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(server));
                Assert.Equal(isAcknowledged ? [] : [64 * t1], element.TimesOf("! Unacknowledged Invite 200"));
                // RFC 3261 §13.3.1.4: again at T1, doubling up to T2, whatever the transport, until the ACK.
                long[] again = isAcknowledged ? [] : Doubling(t1, t2, 64 * t1);
                Assert.Equal([0, .. again], element.TimesOf(protocol == Protocol.Udp ? "> udp 200" : "> tcp 200"));
            }
        }
    }

    // ---- Non-INVITE server ------------------------------------------------------------------------------------------------------

    [Theory, MemberData(nameof(Settings))]
    public void Timer_J_answers_a_repeated_request_for_64_T1(int t1, int t2, int t4)
    {
        var element = With(t1, t2, t4);
        element.Receive(Element.Request("OPTIONS"));
        var server = element.LastEvent.Server;
        element.Respond(200);
        element.Until(64 * t1 - 1);
        element.Receive(Element.Request("OPTIONS"));
        Assert.Equal(TransactionState.Completed, element.Agent.StateOf(server));
        element.Until(64 * t1);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(server));
        Assert.Equal([0, 64 * t1 - 1], element.TimesOf("> udp 200"));
    }

    [Fact]
    public void Timer_J_is_0_s_on_TCP()
    {
        var element = With(500, 4000, 5000);
        element.Receive(Element.Request("OPTIONS"), Protocol.Tcp);
        var server = element.LastEvent.Server;
        element.Respond(200);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(server));
    }

    // ---- What has no letter -----------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(500, 4000, 3500)]
    [InlineData(100, 1000, 1500)]
    [InlineData(3000, 4000, 3000)]
    [InlineData(4000, 4000, 4000)]
    [InlineData(2000, 1600, 2000)]
    public void A_request_that_its_user_leaves_unanswered_gets_100_when_the_clients_timer_E_is_first_T2(int t1, int t2, int expected)
    {
        // RFC 4320 §4.1. The client's own retransmissions say when that is: the first interval of T2 begins there.
        var client = With(t1, t2, 5000);
        client.Send("OPTIONS");
        client.Until(64 * t1);
        long[] sent = client.TimesOf("> udp OPTIONS");
        int first = 1;
        while (sent[first + 1] - sent[first] < t2)
            first++;
        Assert.Equal(expected, sent[first]);

        foreach (var protocol in new[] { Protocol.Udp, Protocol.Tcp })
        {
            var element = With(t1, t2, 5000);
            element.Receive(Element.Request("OPTIONS"), protocol);
            element.Until(64 * t1 - 1);
            Assert.Equal([expected], element.TimesOf(protocol == Protocol.Udp ? "> udp 100" : "> tcp 100"));
        }
    }

    [Theory]
    [InlineData(0, 4000)]
    [InlineData(500, 0)]
    public void A_T1_or_T2_of_nothing_is_refused_at_start(int t1, int t2) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => With(t1, t2, 5000));

    [Fact]
    public void An_INVITE_gets_100_after_200_ms_unless_its_user_was_quicker()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        element.Until(100);
        element.Receive(Element.Request("INVITE", branch: "z9hG4bKpeer2", callId: "call2"));
        element.Respond(180);
        element.Until(1000);
        Assert.Equal(["0 ! Request Invite", "100 ! Request Invite", "100 > udp 180", "200 > udp 100"], element.Log);
    }
}
