// RFC 3261 §18.1.1: a request too large for the path goes over a stream, and over UDP after all where there is none to be had.
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transport;

public sealed class PathLimitTests
{
    private static string Large => new('x', 1400);

    [Fact]
    public void The_limit_is_of_the_octets_on_the_wire()
    {
        var element = new Element();
        element.Send("MESSAGE", body: "");
        int others = element.SentTexts[0].Length + "Content-Type: text/plain\r\n".Length + 3;
        foreach (var (octets, protocol) in new[] { (1300, "UDP"), (1301, "TCP") })
        {
            element = new Element();
            element.Send("MESSAGE", body: new('x', octets - others));
            Assert.Contains($"Via: SIP/2.0/{protocol} 192.0.2.1:5060;", element.SentTexts[^1]);
            if (protocol == "UDP")
                Assert.Equal(octets, element.SentTexts[^1].Length);
        }
        element = new Element(transport: new() { PathLimitOctets = 0 });
        element.Send("MESSAGE", body: Large);
        Assert.Equal(["0 > udp MESSAGE"], element.Log);
    }

    [Theory]
    [InlineData(TransportFault.Refused)]
    [InlineData(TransportFault.Reset)]
    [InlineData(TransportFault.Unreachable)]
    public void A_stream_that_cannot_be_had_leaves_UDP_with_the_same_branch(TransportFault fault)
    {
        var element = new Element();
        var client = element.Send("MESSAGE", body: Large);
        element.Until(20);
        element.Agent.HandleClosed(element.Now, element.Sent[0].Connection, fault);
        element.Drain();
        element.Until(600);
        Assert.Equal(["0 connect", "0 > tcp MESSAGE", "20 > udp MESSAGE", "520 > udp MESSAGE"], element.Log);
        Assert.Contains("Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=", element.SentTexts[2]);
        Assert.Equal(element.SentTexts[1].Split("branch=")[1], element.SentTexts[2].Split("branch=")[1]);
        Assert.Equal(Element.Udp, element.Sent[2].Flow);
        // Timer F counts anew; a second failure is the end.
        element.Agent.HandleUndelivered(element.Now, Element.Udp, fault);
        element.Until(600);
        Assert.Equal("600 ! TransportError Message", element.Log[^1]);
        Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(client));
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_stream_that_does_not_open_in_time_leaves_UDP()
    {
        var element = new Element();
        element.Send("INVITE", body: Large);
        element.Until(4600);
        Assert.Equal(["0 connect", "0 > tcp INVITE", "4000 close", "4000 > udp INVITE", "4500 > udp INVITE"], element.Log);
    }

    [Fact]
    public void A_stream_that_ends_when_the_peer_was_heard_is_a_failure()
    {
        var element = new Element();
        element.Send("INVITE", body: Large);
        element.Receive(Element.Answer(element.SentTexts[1], 100), Protocol.Tcp);
        element.Agent.HandleClosed(element.Now, element.Sent[0].Connection, TransportFault.Reset);
        element.Until(0);
        Assert.Equal(["0 connect", "0 > tcp INVITE", "0 ! Response Invite 100", "0 ! TransportError Invite"], element.Log);
    }

    [Fact]
    public void A_switched_INVITE_has_its_ACK_and_CANCEL_on_the_stream()
    {
        var element = new Element();
        var client = element.Send("INVITE", body: Large);
        string invite = element.SentTexts[1];
        element.Receive(Element.Answer(invite, 180), Protocol.Tcp);
        element.Cancel(client);
        element.Receive(Element.Answer(invite, 487), Protocol.Tcp);
        Assert.Equal(
            ["0 connect", "0 > tcp INVITE", "0 ! Response Invite 180", "0 > tcp CANCEL", "0 > tcp ACK", "0 ! Response Invite 487"], element.Log);
        Assert.All(element.SentTexts.Skip(2), text => Assert.Equal(Element.LineOf(invite, "Via"), Element.LineOf(text, "Via")));
    }

    [Fact]
    public void The_request_is_written_anew_in_its_own_buffer_and_fails_where_that_is_too_small()
    {
        var element = new Element(buffers: [new(4096, 1)]);
        element.Send("MESSAGE", body: Large);
        int octets = element.SentTexts[1].Length;
        element.Agent.HandleClosed(element.Now, element.Sent[0].Connection, TransportFault.Refused);
        element.Drain();
        Assert.Equal(["0 connect", "0 > tcp MESSAGE", "0 > udp MESSAGE"], element.Log);

        // Over UDP the Via asks for rport.
        element = new Element(buffers: [new(octets, 1)]);
        element.Send("MESSAGE", body: Large);
        element.Agent.HandleClosed(element.Now, element.Sent[0].Connection, TransportFault.Refused);
        element.Until(0);
        Assert.Equal(["0 connect", "0 > tcp MESSAGE", "0 ! TransportError Message"], element.Log);
        Assert.Equal(1, element.Agent.TransactionCounters.ClientsRefused);
        Assert.True(element.Agent.Use.IsEmpty);
    }
}
