// Streams (RFC 3261 §18.3, RFC 5626 §3.5.1 and §4.4.1): cut anywhere, broken, stalled, idle, without room; and connections opened, reused and closed.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transport;

public sealed class StreamTests
{
    private static string Message(int number, string body = "") =>
        Element.Request("MESSAGE", branch: $"z9hG4bK{number}", callId: $"call{number}", body: body, transport: "TCP");

    // A ping first, empty lines before a message, bodies that look like messages, another ping, and a lone line end at the last.
    private static readonly byte[] Mixed =
        Element.Octets("\r\n\r\n" + Message(1) + Message(2, "hello") + "\r\n" + Message(3, "\r\n\r\nOPTIONS sip:a SIP/2.0\r\n") + "\r\n\r\n" + Message(4) + "\r\n");

    private static readonly string[] MixedLog =
    [
        "0 > tcp pong", "0 ! Request Message", "0 ! Request Message", "0 ! Request Message", "0 > tcp pong", "0 ! Request Message",
    ];

    [Fact]
    public void A_stream_says_the_same_wherever_it_is_cut()
    {
        for (int cut = 0; cut <= Mixed.Length; cut++)
        {
            var element = new Element();
            var connection = element.Accept();
            element.ReceiveStream(connection, Mixed.AsSpan(0, cut));
            element.ReceiveStream(connection, Mixed.AsSpan(cut));
            Assert.Equal(MixedLog, element.Log);
            element.AssertAccounted();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(333)]
    public void A_stream_says_the_same_in_pieces_of_any_size(int size)
    {
        var element = new Element();
        var connection = element.Accept();
        for (int at = 0; at < Mixed.Length; at += size)
            element.ReceiveStream(connection, Mixed.AsSpan(at, Math.Min(size, Mixed.Length - at)));
        Assert.Equal(MixedLog, element.Log);
        element.AssertAccounted();
    }

    [Fact]
    public void A_message_that_came_in_pieces_is_read_whole()
    {
        var element = new Element();
        var connection = element.Accept();
        byte[] message = Element.Octets(Message(1, new string('b', 5000)));
        for (int at = 0; at < message.Length; at += 100)
            element.ReceiveStream(connection, message.AsSpan(at, Math.Min(100, message.Length - at)));
        Assert.Equal(message, element.Agent.Message.Text.ToArray());
        // What was put aside is free again; the request's copy is held.
        Assert.Equal(1, element.Agent.Use.Buffers);
    }

    [Fact]
    public void A_piece_takes_a_buffer_of_its_size_and_a_larger_one_as_it_grows()
    {
        var element = new Element(buffers: [new(64, 1), new(256, 1), new(1024, 1)]);
        var connection = element.Accept();
        byte[] message = Element.Octets(Message(1, new string('b', 400)));
        foreach (byte octet in message)
            element.ReceiveStream(connection, [octet]);
        Assert.Equal("0 ! Request Message", element.Log[^1].Replace("> tcp 503", "! Request Message"));
        Assert.Equal(1, element.Agent.TransportCounters.StreamMessagesReceived);
    }

    // ---- Keep-alives ------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Lone_line_ends_and_pings_never_close_a_stream_that_is_used()
    {
        var element = new Element();
        var connection = element.Accept();
        for (int minute = 1; minute < 60; minute++)
        {
            element.ReceiveStream(connection, "\r\n"u8);
            element.Until(minute * 60_000);
        }
        Assert.True(element.Agent.IsLive(connection));
        Assert.All(element.Log, line => Assert.EndsWith("> tcp pong", line));
        // A line end that waits for its second holds no large buffer, and nothing waits for it.
        Assert.True(element.Agent.Use.Buffers <= 1);
    }

    [Fact]
    public void On_a_stream_that_we_opened_a_line_end_is_a_pong_and_wants_no_answer()
    {
        var element = new Element();
        element.Send("OPTIONS", Element.Tcp);
        element.ReceiveStream(element.Sent[0].Connection, "\r\n\r\n"u8);
        Assert.Equal(["0 connect", "0 > tcp OPTIONS"], element.Log);
        Assert.Equal(2, element.Agent.TransportCounters.Pongs);
    }

    [Fact]
    public void Empty_datagrams_and_STUN_are_no_messages()
    {
        var element = new Element();
        foreach (byte[] datagram in new byte[][] { [], "\r\n"u8.ToArray(), "\r\n\r\n"u8.ToArray(), [0], "\0\0\0\0"u8.ToArray(), "  "u8.ToArray() })
            element.Agent.HandleDatagram(element.Now, Element.Udp, datagram);
        byte[] stun = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. new byte[12]];
        element.Agent.HandleDatagram(element.Now, Element.Udp, stun);
        element.Agent.HandleDatagram(element.Now, Element.Udp, stun.AsSpan(0, 19));
        element.Drain();
        // The whole one is a Binding request, and has its answer.
        Assert.Equal([32], element.Sent.Select(sent => sent.Length));
        Assert.Equal((6, 1), (element.Agent.TransportCounters.KeepAliveDatagrams, element.Agent.TransportCounters.StunDatagrams));
        Assert.Equal(1, element.Agent.TransactionCounters.Unreadable);
        element.AssertAccounted();
    }

    // ---- What cannot be framed --------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("Content-Length: 0", "X: 0", "400 Missing Content-Length")]
    [InlineData("Content-Length: 0", "Content-Length: 0\r\nContent-Length: 5", "400 Contradictory Content-Length")]
    [InlineData("Content-Length: 0", "Content-Length: -1", "400 Malformed")]
    [InlineData("Content-Length: 0", "Content-Length: 0x10", "400 Malformed")]
    [InlineData("Content-Length: 0", "Content-Length: 99999999999999999999", "400 Out of Range")]
    [InlineData("Content-Length: 0", "Content-Length: 16384", "413 ")]
    [InlineData("Content-Length: 0", "Content-Length: 4294967295", "400 Out of Range")]
    public void A_stream_whose_length_is_wrong_is_answered_and_closed(string from, string to, string expected)
    {
        byte[] text = Element.Octets(Message(1).Replace(from, to) + Message(2));
        foreach (int cut in new[] { 0, 1, 50, 200 })
        {
            var element = new Element();
            var connection = element.Accept();
            element.ReceiveStream(connection, text.AsSpan(0, cut));
            element.ReceiveStream(connection, text.AsSpan(cut));
            Assert.Equal(2, element.Log.Count);
            Assert.StartsWith("SIP/2.0 " + expected, element.SentTexts[0]);
            Assert.Equal("0 close", element.Log[1]);
            Assert.False(element.Agent.IsLive(connection));
            Assert.True(element.Agent.Use.IsEmpty);
            element.AssertAccounted();
        }
    }

    [Fact]
    public void A_stream_of_headers_without_an_end_is_closed()
    {
        var element = new Element();
        var connection = element.Accept();
        for (int i = 0; element.Agent.IsLive(connection); i++)
        {
            Assert.True(i < 1000);
            element.ReceiveStream(connection, Encoding.ASCII.GetBytes(i == 0 ? "OPTIONS sip:a SIP/2.0\r\n" : $"X-{i}: {new string('x', 30)}\r\n"));
        }
        Assert.Equal(["0 close"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
        element.AssertAccounted();
    }

    [Fact]
    public void Requests_on_a_stream_that_breaks_fail()
    {
        var element = new Element();
        element.Send("OPTIONS", Element.Tcp);
        element.ReceiveStream(element.Sent[0].Connection, Element.Octets("SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n"));
        element.Until(0);
        Assert.Equal(["0 connect", "0 > tcp OPTIONS", "0 close", "0 ! TransportError Options"], element.Log);
        Assert.Equal(TransportFault.Reset, element.LastEvent.Fault);
    }

    [Fact]
    public void Octets_for_a_connection_that_is_gone_are_all_taken_and_change_nothing()
    {
        var element = new Element();
        var connection = element.Accept();
        element.Agent.HandleClosed(element.Now, connection, TransportFault.Closed);
        element.Agent.HandleClosed(element.Now, connection, TransportFault.Closed);
        Assert.Equal(Mixed.Length, element.Agent.HandleStreamBytes(element.Now, connection, Mixed));
        element.Drain();
        Assert.Empty(element.Log);
        Assert.Equal((1, 1), (element.Agent.TransportCounters.StaleInputs, element.Agent.TransportCounters.ConnectionsClosed));
        Assert.Equal(0, element.Agent.HandleStreamBytes(element.Now, element.Accept(), default));
        Assert.Equal(0, element.Agent.Use.Buffers);
    }

    // ---- Without room -----------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_piece_without_a_buffer_ends_the_stream_and_its_requests()
    {
        var element = new Element(buffers: [new(1024, 1)]);
        element.Send("OPTIONS", Element.Tcp);
        var connection = element.Sent[0].Connection;
        element.ReceiveStream(connection, "SIP/2.0 200"u8);
        element.Until(0);
        Assert.Equal(["0 connect", "0 > tcp OPTIONS", "0 close", "0 ! TransportError Options"], element.Log);
        Assert.Equal(TransportFault.Exhausted, element.LastEvent.Fault);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_whole_message_needs_no_buffer_to_be_read()
    {
        var element = new Element(buffers: [new(1024, 1)]);
        element.Send("OPTIONS", Element.Tcp);
        element.ReceiveStream(element.Sent[0].Connection, Element.Octets(Element.Answer(element.SentTexts[^1], 200)));
        Assert.Equal("0 ! Response Options 200", element.Log[^1]);
    }

    [Fact]
    public void A_piece_that_cannot_grow_ends_the_stream()
    {
        var element = new Element(buffers: [new(64, 4), new(2048, 0)]);
        var connection = element.Accept();
        byte[] message = Element.Octets(Message(1));
        element.ReceiveStream(connection, message.AsSpan(0, 60));
        element.ReceiveStream(connection, message.AsSpan(60));
        Assert.Equal(["0 close"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_ping_without_room_for_its_pong_is_counted()
    {
        foreach (var element in new[] { new Element(buffers: [new(64, 0)]), new Element(transport: new() { Outputs = 0 }) })
        {
            var connection = element.Accept();
            element.ReceiveStream(connection, "\r\n\r\n"u8);
            Assert.Empty(element.Log);
            Assert.Equal((1, 1), (element.Agent.TransportCounters.Pings, element.Agent.TransportCounters.OutputsRefused));
            Assert.True(element.Agent.IsLive(connection));
        }
    }

    // ---- Time -------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_message_must_be_whole_in_time_counted_from_its_first_octet()
    {
        var element = new Element();
        var connection = element.Accept();
        element.ReceiveStream(connection, "\r\n\r\n"u8);
        element.Until(100_000);
        for (int i = 0; i < 40; i++)
        {
            element.ReceiveStream(connection, "x"u8);
            element.Until(100_000 + i * 1000);
        }
        Assert.Equal([132_000], element.TimesOf("close"));
        Assert.Equal(1, element.Agent.TransportCounters.StalledStreams);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_peer_that_connects_and_says_nothing_is_closed_in_time()
    {
        var element = new Element();
        element.Accept();
        element.Until(1_000_000);
        Assert.Equal(["32000 close"], element.Log);
    }

    [Fact]
    public void A_stream_is_closed_when_it_was_idle_for_long()
    {
        var element = new Element();
        var connection = element.Accept();
        element.ReceiveStream(connection, Element.Octets(Message(1)));
        element.Respond(200);
        element.Until(600_000);
        element.ReceiveStream(connection, Element.Octets(Message(2)));
        element.Respond(200);
        element.Until(3_600_000);
        Assert.Equal([600_000 + 900_000], element.TimesOf("close"));
        Assert.Equal(1, element.Agent.TransportCounters.IdleStreamsClosed);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_connection_that_is_not_open_in_time_fails_its_requests()
    {
        var element = new Element();
        element.Send("OPTIONS", Element.Tcp);
        element.Send("INFO", Element.Tcp);
        element.Until(100_000);
        Assert.Equal(
            ["0 connect", "0 > tcp OPTIONS", "0 > tcp INFO", "4000 close", "4000 ! TransportError Options", "4000 ! TransportError Info"], element.Log);
        Assert.Equal(TransportFault.TimedOut, element.LastEvent.Fault);
        Assert.True(element.Agent.Use.IsEmpty);
        // What comes late for it is for nobody.
        element.Agent.HandleConnected(element.Now, element.Sent[0].Connection, Element.Ours);
        Assert.Equal(Instant.Never, element.Agent.PollTimeout());
    }

    // ---- Opened and reused ------------------------------------------------------------------------------------------------------

    [Fact]
    public void Requests_to_one_peer_share_a_connection()
    {
        var element = new Element();
        element.Send("OPTIONS", Element.Tcp);
        element.Agent.HandleConnected(element.Now, element.Sent[0].Connection, Element.Ours.WithPort(40001));
        element.Send("INFO", Element.Tcp);
        element.Send("INFO", new Flow(Protocol.Tcp, IpEndpoint.V4(0, 0), Element.Theirs));
        Assert.Single(element.Sent.Select(sent => sent.Connection).Distinct());
        // Another port, another protocol and another address of ours have their own.
        element.Send("INFO", new Flow(Protocol.Tcp, Element.Ours, Element.Theirs.WithPort(5062)));
        element.Send("INFO", new Flow(Protocol.Tls, Element.Ours, Element.Theirs));
        element.Send("INFO", new Flow(Protocol.Tcp, IpEndpoint.V4(0xC0000209, 0), Element.Theirs));
        Assert.Equal(4, element.Sent.Count(sent => sent.Kind == TransmitKind.Connect));
        Assert.Equal(4, element.Agent.Use.Connections);
    }

    [Fact]
    public void A_request_on_the_connection_of_a_peer_goes_there()
    {
        // As in a dialog that the peer began: its connection is named, and no other is looked for.
        var element = new Element();
        var connection = element.Accept();
        element.ReceiveStream(connection, Element.Octets(Message(1)));
        element.Send("OPTIONS", element.LastEvent.Flow);
        Assert.Equal((TransmitKind.Stream, connection), (element.Sent[^1].Kind, element.Sent[^1].Connection));
    }

    [Fact]
    public void Only_the_requests_of_the_connection_that_ended_fail()
    {
        var element = new Element();
        element.Send("OPTIONS", Element.Tcp);
        element.Send("INFO", new Flow(Protocol.Tcp, Element.Ours, Element.Theirs.WithPort(5062)));
        element.Send("MESSAGE");
        element.Agent.HandleClosed(element.Now, element.Sent[0].Connection, TransportFault.Reset);
        element.Until(0);
        Assert.Equal("0 ! TransportError Options", element.Log[^1]);
        Assert.Equal(2, element.Agent.Use.ClientTransactions);
        // A datagram that came back is of one peer and port.
        element.Agent.HandleUndelivered(element.Now, new Flow(Protocol.Udp, Element.Ours, Element.Theirs.WithPort(5062)), TransportFault.Refused);
        element.Until(0);
        Assert.Equal(2, element.Agent.Use.ClientTransactions);
        element.Agent.HandleUndelivered(element.Now, Element.Udp, TransportFault.Refused);
        element.Until(0);
        Assert.Equal("0 ! TransportError Message", element.Log[^1]);
    }
}
