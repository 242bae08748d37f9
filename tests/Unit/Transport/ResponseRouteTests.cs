// The way back (RFC 3261 §18.2.1, §18.2.2, RFC 3581 §4, RFC 5118): what the server writes into the top Via, and where it sends the response.
using SipEmbedded.Memory;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transport;

public sealed class ResponseRouteTests
{
    private static readonly IpEndpoint V4 = IpEndpoint.V4(0xC0000202, 40000);
    private static readonly IpEndpoint V6 = IpEndpoint.V6(new UInt128(0x2001_0DB8_0000_0000, 9), 40000);

    private static string Text(IpEndpoint endpoint)
    {
        var writer = new SipEmbedded.Text.ByteWriter(new byte[64]);
        endpoint.WriteHostPort(ref writer);
        return System.Text.Encoding.ASCII.GetString(writer.WrittenSpan);
    }

    private static Element Answer(string via, IpEndpoint from, TransportOptions? options = null)
    {
        var element = new Element(transport: options);
        element.Receive(Element.Request("OPTIONS").Replace("Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKpeer1", via), new Flow(Protocol.Udp, Element.Ours, from));
        element.Respond(200);
        return element;
    }

    /// <summary>From 192.0.2.2:40000: the Via of the request, that of the response, and where it goes.</summary>
    [Theory]
    // Without rport: to sent-by's port, or 5060.
    [InlineData("192.0.2.2;branch=z9hG4bK1", "192.0.2.2;branch=z9hG4bK1", "192.0.2.2:5060")]
    [InlineData("192.0.2.2:5070;branch=z9hG4bK1", "192.0.2.2:5070;branch=z9hG4bK1", "192.0.2.2:5070")]
    [InlineData("192.0.2.2", "192.0.2.2", "192.0.2.2:5060")]
    [InlineData("192.0.2.9:5070;branch=z9hG4bK1", "192.0.2.9:5070;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:5070")]
    [InlineData("phone.example:5070;branch=z9hG4bK1", "phone.example:5070;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:5070")]
    [InlineData("[2001:db8::9];branch=z9hG4bK1", "[2001:db8::9];branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:5060")]
    [InlineData("0.0.0.0;branch=z9hG4bK1", "0.0.0.0;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:5060")]
    // With rport, wherever it stands and whatever it holds: where it came from.
    [InlineData("192.0.2.2;rport;branch=z9hG4bK1", "192.0.2.2;rport=40000;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9;branch=z9hG4bK1;rport", "192.0.2.9;branch=z9hG4bK1;rport=40000;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9;branch=z9hG4bK1;rport;x=y", "192.0.2.9;branch=z9hG4bK1;rport=40000;x=y;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9:5070;RPORT=99;branch=z9hG4bK1", "192.0.2.9:5070;RPORT=40000;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9 ; rport ; branch=z9hG4bK1", "192.0.2.9 ; rport=40000 ; branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9;rport = 99 ;branch=z9hG4bK1", "192.0.2.9;rport=40000 ;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9;rport\r\n = 99;branch=z9hG4bK1", "192.0.2.9;rport=40000;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:40000")]
    // A received that the client wrote would send the answer elsewhere.
    [InlineData("192.0.2.9;received=198.51.100.1;branch=z9hG4bK1", "192.0.2.9;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:5060")]
    [InlineData("192.0.2.9;branch=z9hG4bK1;received=198.51.100.1;rport", "192.0.2.9;branch=z9hG4bK1;rport=40000;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9;rport;received=198.51.100.1;branch=z9hG4bK1", "192.0.2.9;rport=40000;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:40000")]
    [InlineData("192.0.2.9;received=[2001:db8::1];branch=z9hG4bK1", "192.0.2.9;branch=z9hG4bK1;received=192.0.2.2", "192.0.2.2:5060")]
    // maddr before all else; a group or a host.
    [InlineData("192.0.2.2:5070;maddr=192.0.2.77;rport", "192.0.2.2:5070;maddr=192.0.2.77;rport=40000;received=192.0.2.2", "192.0.2.77:5070")]
    [InlineData("192.0.2.2;maddr=224.0.1.75;ttl=1", "192.0.2.2;maddr=224.0.1.75;ttl=1", "224.0.1.75:5060")]
    [InlineData("192.0.2.2;maddr=[ff02::1]", "192.0.2.2;maddr=[ff02::1]", "[ff02::1]:5060")]
    // Further values of the line stay as they are.
    [InlineData(
        "192.0.2.9;rport;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.8;rport",
        "192.0.2.9;rport=40000;branch=z9hG4bK1;received=192.0.2.2, SIP/2.0/UDP 192.0.2.8;rport", "192.0.2.2:40000")]
    public void A_request_from_an_IPv4_address(string sentBy, string expectedVia, string expectedTarget)
    {
        var element = Answer("Via: SIP/2.0/UDP " + sentBy, V4);
        Assert.Equal("Via: SIP/2.0/UDP " + expectedVia, Element.LineOf(element.SentTexts[^1], "Via"));
        Assert.Equal(expectedTarget, Text(element.Sent[^1].Flow.Remote));
        Assert.Equal(Element.Ours, element.Sent[^1].Flow.Local);
    }

    /// <summary>From [2001:db8::9]:40000. Written without brackets in received (RFC 5118 §4.5).</summary>
    [Theory]
    [InlineData("[2001:db8::9];branch=z9hG4bK1", "[2001:db8::9];branch=z9hG4bK1", "[2001:db8::9]:5060")]
    [InlineData("[2001:DB8:0:0:0:0:0:9]:5070;branch=z9hG4bK1", "[2001:DB8:0:0:0:0:0:9]:5070;branch=z9hG4bK1", "[2001:db8::9]:5070")]
    [InlineData("[2001:db8::9];rport", "[2001:db8::9];rport=40000;received=2001:db8::9", "[2001:db8::9]:40000")]
    [InlineData("[2001:db8::10]:5070", "[2001:db8::10]:5070;received=2001:db8::9", "[2001:db8::9]:5070")]
    [InlineData("192.0.2.2;received=2001:db8::77", "192.0.2.2;received=2001:db8::9", "[2001:db8::9]:5060")]
    public void A_request_from_an_IPv6_address(string sentBy, string expectedVia, string expectedTarget)
    {
        var element = Answer("Via: SIP/2.0/UDP " + sentBy, V6);
        Assert.Equal("Via: SIP/2.0/UDP " + expectedVia, Element.LineOf(element.SentTexts[^1], "Via"));
        Assert.Equal(expectedTarget, Text(element.Sent[^1].Flow.Remote));
    }

    [Fact]
    public void A_mapped_IPv4_source_is_the_IPv4_address()
    {
        var element = Answer("Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1", IpEndpoint.V6(new UInt128(0, 0xFFFF_C000_0202), 40000));
        Assert.Equal("Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1", Element.LineOf(element.SentTexts[^1], "Via"));
        Assert.Equal("192.0.2.2:5060", Text(element.Sent[^1].Flow.Remote));
    }

    [Fact]
    public void Options_answer_to_the_source_and_pass_maddr_over()
    {
        var points = new ListeningPoint[] { new(Protocol.Udp, Element.Ours) };
        var element = Answer("Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1", V4, new() { ListeningPoints = points, AnswersToSource = true });
        Assert.Equal("192.0.2.2:40000", Text(element.Sent[^1].Flow.Remote));
        element = Answer("Via: SIP/2.0/UDP 192.0.2.2;maddr=192.0.2.77", V4, new() { ListeningPoints = points, HonoursMulticastAddress = false });
        Assert.Equal("192.0.2.2:5060", Text(element.Sent[^1].Flow.Remote));
    }

    [Fact]
    public void A_Via_too_long_to_be_written_anew_is_repeated_as_it_is()
    {
        string via = "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK" + new string('x', 2000) + ";rport";
        var element = Answer(via, V4);
        Assert.Equal(via, Element.LineOf(element.SentTexts[^1], "Via"));
        Assert.Equal("192.0.2.2:40000", Text(element.Sent[^1].Flow.Remote));
    }

    [Fact]
    public void A_refusal_without_a_transaction_takes_the_same_way()
    {
        var element = new Element();
        element.Receive(Element.Request("OPTIONS", uri: "http://a", via: "phone.example:5070;rport"), new Flow(Protocol.Udp, Element.Ours, V4));
        Assert.Contains("phone.example:5070;rport=40000;branch=z9hG4bKpeer1;received=192.0.2.2", element.SentTexts[^1]);
        Assert.Equal("192.0.2.2:40000", Text(element.Sent[^1].Flow.Remote));
        element.Receive(Element.Request("OPTIONS", via: "192.0.2.9:5070").Replace("CSeq: 1", "CSeq: x"), new Flow(Protocol.Udp, Element.Ours, V4));
        Assert.Equal("192.0.2.2:5070", Text(element.Sent[^1].Flow.Remote));
    }

    // ---- Streams ----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void On_a_stream_the_response_takes_the_same_connection_whatever_the_Via_says()
    {
        var element = new Element();
        foreach (string via in new[] { "192.0.2.9:5070", "phone.example;maddr=192.0.2.77", "192.0.2.2;rport", "192.0.2.2;maddr=a.example" })
        {
            element.Receive(Element.Request("OPTIONS", via: via, branch: "z9hG4bK" + via.Length, callId: via, transport: "TCP"), Protocol.Tcp);
            element.Respond(200);
            Assert.Equal((TransmitKind.Stream, element.Connection), (element.Sent[^1].Kind, element.Sent[^1].Connection));
        }
    }

    [Theory]
    [InlineData("192.0.2.9:5070", "192.0.2.2:5070")]
    [InlineData("phone.example", "192.0.2.2:5060")]
    public void A_connection_that_is_gone_is_opened_anew_to_the_source_and_the_port_of_sent_by(string via, string expected)
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE", via: via, transport: "TCP"), Protocol.Tcp);
        var server = element.LastEvent.Server;
        element.Agent.HandleClosed(element.Now, element.Connection, TransportFault.Reset);
        element.Respond(180, server);
        element.Respond(200, server);
        Assert.Equal([TransmitKind.Connect, TransmitKind.Stream, TransmitKind.Stream], element.Sent.Select(sent => sent.Kind));
        Assert.Equal(expected, Text(element.Sent[0].Flow.Remote));
        Assert.Single(element.Sent.Select(sent => sent.Connection).Distinct());
        // Refused, it is tried again with the next 2xx.
        element.Agent.HandleClosed(element.Now, element.Sent[0].Connection, TransportFault.Refused);
        element.Until(500);
        Assert.Equal(["500 connect", "500 > tcp 200"], element.Log.TakeLast(2));
    }

    [Fact]
    public void A_connection_of_ours_to_that_port_is_taken_instead()
    {
        var element = new Element();
        element.Send("OPTIONS", Element.Tcp);
        var ours = element.Sent[0].Connection;
        var theirs = element.Accept();
        element.ReceiveStream(theirs, Element.Octets(Element.Request("INFO", transport: "TCP")));
        element.Agent.HandleClosed(element.Now, theirs, TransportFault.Closed);
        element.Respond(200);
        Assert.Equal((TransmitKind.Stream, ours), (element.Sent[^1].Kind, element.Sent[^1].Connection));
    }

    [Fact]
    public void A_TLS_peer_without_a_port_is_at_5061()
    {
        var element = new Element();
        Assert.True(element.Agent.HandleAccepted(element.Now, new(Protocol.Tls, Element.Ours.WithPort(5061), V4), out var connection));
        element.ReceiveStream(connection, Element.Octets(Element.Request("INVITE", transport: "TLS")));
        element.Agent.HandleClosed(element.Now, connection, TransportFault.Closed);
        element.Respond(486);
        Assert.Equal(("192.0.2.2:5061", Protocol.Tls), (Text(element.Sent[0].Flow.Remote), element.Sent[0].Flow.Protocol));
    }

    // ---- sent-by of ours --------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("192.0.2.1:5060", "192.0.2.1:5060")]
    [InlineData("192.0.2.1:5062", "192.0.2.1:5062")]
    [InlineData("0.0.0.0:5060", "192.0.2.1:5060")]
    [InlineData("192.0.2.1:0", "192.0.2.1:5060")]
    public void A_request_over_UDP_names_the_socket_it_is_sent_from(string local, string expected)
    {
        string[] parts = local.Split(':');
        Assert.True(IpEndpoint.TryRead(System.Text.Encoding.ASCII.GetBytes(parts[0]), ushort.Parse(parts[1]), out var endpoint));
        var element = new Element();
        element.Send("OPTIONS", new Flow(Protocol.Udp, endpoint, Element.Theirs));
        Assert.StartsWith($"Via: SIP/2.0/UDP {expected};rport;branch=z9hG4bK", Element.LineOf(element.SentTexts[0], "Via"));
    }

    [Fact]
    public void A_request_over_a_stream_names_the_port_where_we_listen_or_none()
    {
        foreach (var (points, expected) in new (ListeningPoint[], string)[]
        {
            ([new(Protocol.Udp, Element.Ours), new(Protocol.Tcp, Element.Ours.WithPort(5070))], "192.0.2.1:5070"),
            ([new(Protocol.Tcp, IpEndpoint.V4(0, 5072))], "192.0.2.1:5072"),
            ([new(Protocol.Tcp, IpEndpoint.V4(0xC0000203, 5073))], "192.0.2.1"),
            ([], "192.0.2.1"),
        })
        {
            var element = new Element(transport: new() { ListeningPoints = points });
            element.Send("OPTIONS", Element.Tcp);
            Assert.StartsWith($"Via: SIP/2.0/TCP {expected};branch=z9hG4bK", Element.LineOf(element.SentTexts[^1], "Via"));
        }
    }
}
