// The four machines of RFC 3261 §17 as RFC 6026 amends them: every input in every state, on UDP and TCP. A row is a state, an input, and what comes of it:
// the log's lines, then the state that follows.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class MachineTests
{
    // Beyond every timer.
    private const long Later = 1_000_000;

    private static string Happened(Element element, SendResult result, TransactionState state)
    {
        var lines = element.Log.Select(line => line[(line.IndexOf(' ') + 1)..]);
        string refused = result == SendResult.Sent ? "" : result.ToString();
        return $"{refused}{string.Join(", ", lines)} | {state}".TrimStart();
    }

    // ---- INVITE server ----------------------------------------------------------------------------------------------------------

    [Theory]
    // Nothing answered yet.
    [InlineData("pending", "INVITE", "> udp 100 | Proceeding")]
    [InlineData("pending", "ACK", "| Proceeding")]
    [InlineData("pending", "ACK of 2xx", "| Proceeding")]
    [InlineData("pending", "CANCEL", "> udp 200, ! Cancel Cancel | Proceeding")]
    [InlineData("pending", "100", "> udp 100 | Proceeding")]
    [InlineData("pending", "180", "> udp 180 | Proceeding")]
    [InlineData("pending", "200", "> udp 200 | Accepted")]
    [InlineData("pending", "486", "> udp 486 | Completed")]
    // The last provisional response is repeated.
    [InlineData("ringing", "INVITE", "> udp 180 | Proceeding")]
    [InlineData("ringing", "ACK", "| Proceeding")]
    [InlineData("ringing", "ACK of 2xx", "| Proceeding")]
    [InlineData("ringing", "CANCEL", "> udp 200, ! Cancel Cancel | Proceeding")]
    [InlineData("ringing", "180", "> udp 180 | Proceeding")]
    [InlineData("ringing", "200", "> udp 200 | Accepted")]
    [InlineData("ringing", "486", "> udp 486 | Completed")]
    // A CANCEL is told once; the INVITE may be accepted all the same.
    [InlineData("cancelled", "CANCEL", "> udp 200 | Proceeding")]
    [InlineData("cancelled", "200", "> udp 200 | Accepted")]
    [InlineData("cancelled", "487", "> udp 487 | Completed")]
    // RFC 6026 §7.1: absorbed; a 2xx is sent again by its timer alone.
    [InlineData("accepted", "INVITE", "| Accepted")]
    [InlineData("accepted", "ACK", "! Ack Ack | Accepted")]
    [InlineData("accepted", "ACK of 2xx", "! Ack Ack | Accepted")]
    [InlineData("accepted", "CANCEL", "> udp 200 | Accepted")]
    [InlineData("accepted", "180", "NotAllowed | Accepted")]
    [InlineData("accepted", "200", "NotAllowed | Accepted")]
    [InlineData("accepted", "486", "NotAllowed | Accepted")]
    [InlineData("acknowledged", "INVITE", "| Accepted")]
    [InlineData("acknowledged", "ACK", "! Ack Ack | Accepted")]
    [InlineData("acknowledged", "ACK of 2xx", "! Ack Ack | Accepted")]
    [InlineData("acknowledged", "CANCEL", "> udp 200 | Accepted")]
    [InlineData("refused", "INVITE", "> udp 486 | Completed")]
    [InlineData("refused", "ACK", "| Confirmed")]
    [InlineData("refused", "ACK of 2xx", "| Completed")]
    [InlineData("refused", "CANCEL", "> udp 200 | Completed")]
    [InlineData("refused", "200", "NotAllowed | Completed")]
    [InlineData("confirmed", "INVITE", "| Confirmed")]
    [InlineData("confirmed", "ACK", "| Confirmed")]
    [InlineData("confirmed", "ACK of 2xx", "| Confirmed")]
    [InlineData("confirmed", "CANCEL", "> udp 200 | Confirmed")]
    [InlineData("confirmed", "200", "NotAllowed | Confirmed")]
    [InlineData("over", "INVITE", "! Request Invite | Terminated")]
    [InlineData("over", "ACK", "| Terminated")]
    [InlineData("over", "ACK of 2xx", "| Terminated")]
    [InlineData("over", "CANCEL", "> udp 481 | Terminated")]
    [InlineData("over", "180", "Gone | Terminated")]
    [InlineData("over", "200", "Gone | Terminated")]
    public void Invite_server(string state, string input, string expected)
    {
        AssertInviteServer(Protocol.Udp, state, input, expected);
        // On TCP the same, but that a refusal ends with its ACK.
        if (state != "confirmed")
            AssertInviteServer(Protocol.Tcp, state, input, expected.Replace("udp", "tcp").Replace("Confirmed", "Terminated"));
    }

    private static void AssertInviteServer(Protocol protocol, string state, string input, string expected)
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"), protocol);
        var server = element.LastEvent.Server;
        if (state is "ringing")
            element.Respond(180);
        if (state is "cancelled")
            element.Receive(Element.Request("CANCEL"), protocol);
        if (state is "accepted" or "acknowledged")
            element.Respond(200);
        if (state is "refused" or "confirmed" or "over")
            element.Respond(486);
        string tag = element.SentTexts.Count == 0 ? "unknown" : element.LastTag;
        if (state is "acknowledged")
            element.Receive(Element.Request("ACK", branch: "z9hG4bKofAck", toTag: tag), protocol);
        if (state is "confirmed")
            element.Receive(Element.Request("ACK", toTag: tag), protocol);
        if (state is "over")
            element.Until(Later);
        element.Clear();

        var result = SendResult.Sent;
        if (int.TryParse(input, out int status))
            result = element.Respond(status, server);
        else if (input == "ACK of 2xx")
            element.Receive(Element.Request("ACK", branch: "z9hG4bKofAck", toTag: tag), protocol);
        else
            element.Receive(Element.Request(input), protocol);
        Assert.Equal(expected, Happened(element, result, element.Agent.StateOf(server)));
        if (input == "CANCEL" && state != "over" && tag != "unknown")
            Assert.Equal(tag, element.LastTag);
    }

    // ---- Non-INVITE server ------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("trying", "OPTIONS", "| Trying")]
    [InlineData("trying", "ACK", "| Trying")]
    [InlineData("trying", "CANCEL", "> udp 481 | Trying")]
    [InlineData("trying", "180", "NotAllowed | Trying")]
    [InlineData("trying", "408", "NotAllowed | Trying")]
    [InlineData("trying", "200", "> udp 200 | Completed")]
    [InlineData("trying", "486", "> udp 486 | Completed")]
    [InlineData("proceeding", "OPTIONS", "> udp 100 | Proceeding")]
    [InlineData("proceeding", "100", "> udp 100 | Proceeding")]
    [InlineData("proceeding", "180", "NotAllowed | Proceeding")]
    [InlineData("proceeding", "408", "NotAllowed | Proceeding")]
    [InlineData("proceeding", "200", "> udp 200 | Completed")]
    [InlineData("proceeding", "ACK", "| Proceeding")]
    [InlineData("proceeding", "CANCEL", "> udp 481 | Proceeding")]
    [InlineData("completed", "OPTIONS", "> udp 200 | Completed")]
    [InlineData("completed", "100", "NotAllowed | Completed")]
    [InlineData("completed", "200", "NotAllowed | Completed")]
    [InlineData("completed", "ACK", "| Completed")]
    [InlineData("completed", "CANCEL", "> udp 481 | Completed")]
    [InlineData("over", "OPTIONS", "! Request Options | Terminated")]
    [InlineData("over", "200", "Gone | Terminated")]
    public void Non_invite_server(string state, string input, string expected)
    {
        AssertNonInviteServer(Protocol.Udp, state, input, expected);
        if (state != "completed")
            AssertNonInviteServer(Protocol.Tcp, state, input, expected.Replace("udp", "tcp").Replace("Completed", "Terminated"));
    }

    // RFC 4320 §4.1: only where nothing is lost may a 100 come early.
    [Theory]
    [InlineData(Protocol.Udp, "NotAllowed | Trying")]
    [InlineData(Protocol.Tcp, "> tcp 100 | Proceeding")]
    public void Non_invite_server_with_an_early_100(Protocol protocol, string expected) => AssertNonInviteServer(protocol, "trying", "100", expected);

    private static void AssertNonInviteServer(Protocol protocol, string state, string input, string expected)
    {
        var element = new Element();
        element.Receive(Element.Request("OPTIONS"), protocol);
        var server = element.LastEvent.Server;
        if (state is "proceeding")
            element.Until(3500);
        if (state is "completed" or "over")
            element.Respond(200);
        if (state is "over")
            element.Until(Later);
        element.Clear();

        var result = SendResult.Sent;
        if (int.TryParse(input, out int status))
            result = element.Respond(status, server);
        else
            element.Receive(Element.Request(input), protocol);
        Assert.Equal(expected, Happened(element, result, element.Agent.StateOf(server)));
    }

    [Fact]
    public void A_response_begun_before_the_final_one_is_refused_after_it()
    {
        foreach (string method in new[] { "INVITE", "OPTIONS" })
        {
            var element = new Element();
            element.Receive(Element.Request(method));
            var server = element.LastEvent.Server;
            element.Respond(200);
            var late = new MessageBuilder(new byte[1000]);
            late.StartResponse(180);
            late.Finish();
            Assert.Equal(SendResult.NotAllowed, element.Agent.SendResponse(element.Now, server, late));
            element.Until(Later);
            Assert.Equal(SendResult.Gone, element.Agent.SendResponse(element.Now, server, late));
        }
    }

    [Fact]
    public void What_is_no_response_is_malformed()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        var server = element.LastEvent.Server;
        var empty = new MessageBuilder(new byte[1000]);
        Assert.Equal(SendResult.Malformed, element.Agent.SendResponse(element.Now, server, empty));
        var refused = new MessageBuilder(new byte[1000]);
        refused.StartResponse(99);
        Assert.Equal(SendResult.Malformed, element.Agent.SendResponse(element.Now, server, refused));
        var large = new MessageBuilder(new byte[10]);
        large.StartResponse(200);
        Assert.Equal(SendResult.TooLarge, element.Agent.SendResponse(element.Now, server, large));
        Assert.Equal(TransactionState.Proceeding, element.Agent.StateOf(server));
    }

    // ---- INVITE client ----------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("calling", "100", "! Response Invite 100 | Proceeding")]
    [InlineData("calling", "180", "! Response Invite 180 | Proceeding")]
    [InlineData("calling", "200", "! Response Invite 200 | Accepted")]
    [InlineData("calling", "302", "> udp ACK, ! Response Invite 302 | Completed")]
    [InlineData("calling", "699", "> udp ACK, ! Response Invite 699 | Completed")]
    [InlineData("calling", "cancel", "| Calling")]
    [InlineData("calling", "failure", "! TransportError Invite | Terminated")]
    [InlineData("proceeding", "180", "! Response Invite 180 | Proceeding")]
    [InlineData("proceeding", "200", "! Response Invite 200 | Accepted")]
    [InlineData("proceeding", "486", "> udp ACK, ! Response Invite 486 | Completed")]
    [InlineData("proceeding", "cancel", "> udp CANCEL | Proceeding")]
    [InlineData("accepted", "180", "| Accepted")]
    [InlineData("accepted", "200", "! Response Invite 200 | Accepted")]
    [InlineData("accepted", "486", "| Accepted")]
    [InlineData("accepted", "cancel", "NotAllowed | Accepted")]
    [InlineData("accepted", "failure", "| Accepted")]
    [InlineData("completed", "180", "| Completed")]
    [InlineData("completed", "200", "| Completed")]
    [InlineData("completed", "486", "> udp ACK | Completed")]
    [InlineData("completed", "cancel", "NotAllowed | Completed")]
    [InlineData("completed", "failure", "| Completed")]
    [InlineData("over", "180", "| Terminated")]
    [InlineData("over", "200", "| Terminated")]
    [InlineData("over", "486", "| Terminated")]
    [InlineData("over", "cancel", "Gone | Terminated")]
    [InlineData("over", "failure", "| Terminated")]
    public void Invite_client(string state, string input, string expected)
    {
        AssertClient("INVITE", Protocol.Udp, state, input, expected);
        if (state != "completed")
            AssertClient("INVITE", Protocol.Tcp, state, input, expected.Replace("udp", "tcp").Replace("Completed", "Terminated"));
    }

    // A datagram that comes back says nothing against a peer that was heard; a stream that ends takes the answer with it.
    [Theory]
    [InlineData("INVITE", Protocol.Udp, "| Proceeding")]
    [InlineData("INVITE", Protocol.Tcp, "! TransportError Invite | Terminated")]
    [InlineData("OPTIONS", Protocol.Udp, "| Proceeding")]
    [InlineData("OPTIONS", Protocol.Tcp, "! TransportError Options | Terminated")]
    public void Client_with_a_provisional_response_when_its_flow_fails(string method, Protocol protocol, string expected) =>
        AssertClient(method, protocol, "proceeding", "failure", expected);

    // ---- Non-INVITE client ------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("trying", "100", "! Response Options 100 | Proceeding")]
    [InlineData("trying", "183", "! Response Options 183 | Proceeding")]
    [InlineData("trying", "200", "! Response Options 200 | Completed")]
    [InlineData("trying", "500", "! Response Options 500 | Completed")]
    [InlineData("trying", "cancel", "NotAllowed | Trying")]
    [InlineData("trying", "failure", "! TransportError Options | Terminated")]
    [InlineData("proceeding", "100", "! Response Options 100 | Proceeding")]
    [InlineData("proceeding", "200", "! Response Options 200 | Completed")]
    [InlineData("proceeding", "cancel", "NotAllowed | Proceeding")]
    [InlineData("completed", "100", "| Completed")]
    [InlineData("completed", "200", "| Completed")]
    [InlineData("completed", "500", "| Completed")]
    [InlineData("completed", "cancel", "NotAllowed | Completed")]
    [InlineData("completed", "failure", "| Completed")]
    [InlineData("over", "200", "| Terminated")]
    [InlineData("over", "cancel", "Gone | Terminated")]
    public void Non_invite_client(string state, string input, string expected)
    {
        AssertClient("OPTIONS", Protocol.Udp, state, input, expected);
        if (state != "completed")
            AssertClient("OPTIONS", Protocol.Tcp, state, input, expected.Replace("udp", "tcp").Replace("Completed", "Terminated"));
    }

    private static void AssertClient(string method, Protocol protocol, string state, string input, string expected)
    {
        var element = new Element();
        var client = element.Send(method, protocol == Protocol.Udp ? Element.Udp : Element.Tcp);
        string request = element.SentTexts[^1];
        var connection = element.Sent[0].Connection;
        if (protocol == Protocol.Tcp)
            element.Agent.HandleConnected(element.Now, connection, Element.Ours.WithPort(40000));
        int status = state switch { "proceeding" => 183, "accepted" => 200, "completed" or "over" => 486, _ => 0 };
        if (status > 0)
            element.Receive(Element.Answer(request, status), protocol);
        if (state is "over")
            element.Until(100_000);
        element.Log.Clear();

        var result = SendResult.Sent;
        if (int.TryParse(input, out status))
            element.Receive(Element.Answer(request, status), protocol);
        else if (input == "cancel")
            result = element.Cancel(client);
        else
        {
            if (protocol == Protocol.Tcp)
                element.Agent.HandleClosed(element.Now, connection, TransportFault.Reset);
            else
                element.Agent.HandleUndelivered(element.Now, Element.Udp, TransportFault.Unreachable);
            element.Until(element.NowMs);
        }
        Assert.Equal(expected, Happened(element, result, element.Agent.StateOf(client)));
    }

    // ---- Handles of what has ended ----------------------------------------------------------------------------------------------

    [Fact]
    public void Every_command_for_what_has_ended_answers_Gone()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        var server = element.LastEvent.Server;
        var client = element.Send("INVITE");
        Assert.True(element.Agent.SetUser(server, 5) && element.Agent.SetUser(client, 6));
        element.Until(Later);
        Assert.True(element.Agent.Use.IsEmpty);

        foreach (var stale in new[] { server, default })
        {
            Assert.Equal(SendResult.Gone, element.Agent.Respond(element.Now, stale, 200));
            Assert.False(element.Agent.TryBeginResponse(stale, 200, out var response));
            Assert.False(element.Agent.TryBeginResponse(stale, 200, "OK"u8, out response));
            Assert.Equal(SendResult.Gone, element.Agent.SendResponse(element.Now, stale, new MessageBuilder(default)));
            Assert.False(element.Agent.SetUser(stale, 1));
            Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(stale));
        }
        foreach (var stale in new[] { client, default })
        {
            Assert.Equal(SendResult.Gone, element.Agent.Cancel(element.Now, stale));
            Assert.False(element.Agent.SetUser(stale, 1));
            Assert.Equal(TransactionState.Terminated, element.Agent.StateOf(stale));
        }
        Assert.Equal(2 * 4 + 2, element.Agent.TransactionCounters.StaleCommands);
    }

    [Fact]
    public void A_number_given_to_a_transaction_comes_back_with_its_events()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        element.Agent.SetUser(element.LastEvent.Server, 41);
        element.Receive(Element.Request("CANCEL"));
        Assert.Equal(41UL, element.LastEvent.User);
        element.Respond(487);
        element.Until(Later);
        Assert.Equal((TransactionEventKind.Unacknowledged, 41UL), (element.LastEvent.Kind, element.LastEvent.User));
    }

    [Fact]
    public void The_message_of_an_event_without_one_is_empty()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE", body: "hello"));
        Assert.Equal("hello"u8.ToArray(), element.Agent.Message.Body.ToArray());
        element.Until(Later);
        Assert.Equal(TransactionEventKind.Unacknowledged, element.LastEvent.Kind);
        Assert.True(element.Agent.Message.Text.IsEmpty && element.Agent.Message.HeaderLines.IsEmpty);
    }
}
