// Flows kept alive by a whole agent: pongs told from messages, a dead connection and the requests on it, and STUN beside SIP on one port.
using SipEmbedded.Agent;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.KeepAlive;

public sealed class AgentKeepAliveTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(120);

    // A connection that a request of ours has opened, and that request answered.
    private static Element Connected(out Flow flow)
    {
        var element = new Element();
        element.Send("OPTIONS", Element.Tcp);
        element.Receive(Element.Answer(element.SentTexts[1], 200), Protocol.Tcp);
        flow = element.Sent[1].Flow;
        element.Clear();
        return element;
    }

    [Fact]
    public void A_stream_lives_as_long_as_its_pongs_come_and_no_longer()
    {
        var element = Connected(out var flow);
        Assert.True(element.Agent.TryKeep(element.Now, flow, KeepAliveMethod.Crlf, Interval, 7, out var kept));
        for (int answered = 0; answered < 20; answered++)
        {
            while (element.Log.Count == answered)
                element.Until(element.NowMs + 1000);
            element.ReceiveStream(flow.Connection, "\r\n"u8);
        }
        Assert.All(element.Log, line => Assert.EndsWith("> tcp ping", line));
        // Requests that are under way when it is found dead fail with it.
        while (element.Log.Count == 20)
            element.Until(element.NowMs + 1000);
        element.Send("OPTIONS", flow);
        element.Until(element.NowMs + 10_000);
        Assert.Equal(["> tcp ping", "> tcp OPTIONS", "close", "! kept Dead TimedOut", "! TransportError Options"], element.Log[20..].Select(Behind));
        Assert.False(element.Agent.IsLive(flow.Connection));
        Assert.True(element.Agent.Use.IsEmpty);
        Assert.False(element.Agent.TryGetMapped(kept, out _));
    }

    [Fact]
    public void A_stream_that_the_peer_closes_is_told_and_so_is_one_that_cannot_be_framed()
    {
        foreach (bool isClosed in new[] { true, false })
        {
            var element = Connected(out var flow);
            element.Agent.TryKeep(element.Now, flow, KeepAliveMethod.Crlf, Interval, 7, out _);
            if (isClosed)
                element.Agent.HandleClosed(element.Now, flow.Connection, TransportFault.Closed);
            else
                element.ReceiveStream(flow.Connection, "SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n"u8);
            element.Until(1);
            Assert.Equal($"! kept Dead {(isClosed ? "Closed" : "Reset")}", Behind(element.Log[^1]));
            Assert.True(element.Agent.Use.IsEmpty);
        }
    }

    [Fact]
    public void STUN_and_SIP_share_a_port()
    {
        var element = new Element();
        Assert.True(element.Agent.TryKeep(element.Now, Element.Udp, KeepAliveMethod.Stun, Interval, 7, out var kept));
        element.Until(120_000);
        byte[] request = element.SentOctets[0];
        Assert.True(StunMessage.TryRead(request, out var asked));
        var writer = new StunWriter(new byte[StunWriter.MaxOctets], StunClass.Success, asked.Id);
        writer.XorMappedAddress(IpEndpoint.V4(0xCB007105, 61001));
        element.ReceiveOctets(writer.Finish(hasFingerprint: true));
        Assert.Equal("! kept AddressLearnt None", Behind(element.Log[^1]));
        Assert.True(element.Agent.TryGetMapped(kept, out var mapped));
        Assert.Equal(IpEndpoint.V4(0xCB007105, 61001), mapped);
        element.Receive(Element.Request("OPTIONS"));
        Assert.Equal("! Request Options", Behind(element.Log[^1]));
        element.AssertAccounted();
        Assert.Equal(1, element.Agent.KeepAliveCounters.StunAnswers);
        element.Agent.Release(kept);
        Assert.Equal(0, element.Agent.Use.KeptFlows);
    }

    [Fact]
    public void A_request_and_a_flow_fail_by_the_same_word_from_the_network()
    {
        var element = new Element();
        element.Agent.TryKeep(element.Now, Element.Udp, KeepAliveMethod.Stun, Interval, 7, out _);
        element.Send("OPTIONS");
        element.Agent.HandleUndelivered(element.Now, Element.Udp, TransportFault.Refused);
        element.Drain();
        element.Until(0);
        Assert.Equal(["> udp OPTIONS", "! kept Dead Refused", "! TransportError Options"], element.Log.Select(Behind));
    }

    private static string Behind(string line) => line[(line.IndexOf(' ') + 1)..];
}
