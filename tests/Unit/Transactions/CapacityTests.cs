// Every pool at 0, 1, 2 …: what is answered when it is full, and the main flows run again with each pool in turn until they pass as they do with plenty.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class CapacityTests
{
    private static readonly ListeningPoint[] Points = [new(Protocol.Udp, Element.Ours), new(Protocol.Tcp, Element.Ours)];

    // Plenty for the script below, and not a pool more than it takes to find each limit quickly.
    private const int Plenty = 16;

    private static Element With(
        int servers = Plenty, int clients = Plenty, int connections = Plenty, int outputs = Plenty, int buffers = Plenty, BufferClass[]? classes = null) => new(
            new() { ServerTransactions = servers, ClientTransactions = clients },
            new() { ListeningPoints = Points, Connections = connections, Outputs = outputs },
            classes ?? [new(4096, buffers)]);

    [Fact]
    public void Without_a_server_slot_a_request_has_503_with_Retry_After_and_keeps_nothing()
    {
        var element = With(servers: 1);
        element.Receive(Element.Request("INVITE"));
        foreach (string method in new[] { "INVITE", "OPTIONS", "INVITE" })
            element.Receive(Element.Request(method, branch: "z9hG4bKmore", callId: "more"));
        Assert.Equal(["0 ! Request Invite", "0 > udp 503", "0 > udp 503", "0 > udp 503"], element.Log);
        Assert.Equal("Retry-After: 5", Element.LineOf(element.SentTexts[0], "Retry-After"));
        // Repeated, the same words.
        Assert.Equal(element.SentTexts[0], element.SentTexts[2]);
        Assert.Equal(3, element.Agent.TransactionCounters.ServersRefused);
        Assert.Equal(1, element.Agent.Use.ServerTransactions);
        // What the one slot holds goes on, and once it is free the next is taken.
        element.Receive(Element.Request("CANCEL"));
        element.Respond(487);
        element.Until(60_000);
        element.Receive(Element.Request("OPTIONS", branch: "z9hG4bKmore", callId: "more"));
        Assert.Equal("60000 ! Request Options", element.Log[^1]);
    }

    [Fact]
    public void Without_a_buffer_for_the_request_it_has_503()
    {
        // The answer fits a small buffer, the request needs a large one.
        var element = With(classes: [new(512, 4), new(2048, 0)]);
        element.Receive(Element.Request("MESSAGE", body: new('x', 600)));
        Assert.Equal(["0 > udp 503"], element.Log);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void Without_any_buffer_a_request_is_dropped_and_counted()
    {
        var element = With(buffers: 0);
        element.Receive(Element.Request("OPTIONS"));
        Assert.Empty(element.Log);
        Assert.Equal((1, 1), (element.Agent.TransactionCounters.ServersRefused, element.Agent.TransportCounters.OutputsRefused));
    }

    [Fact]
    public void A_final_response_takes_the_requests_buffer_where_no_other_is_free()
    {
        foreach (int status in new[] { 200, 486 })
        {
            var element = With(buffers: 1);
            element.Receive(Element.Request("INVITE"));
            var server = element.LastEvent.Server;
            // A provisional one finds none, and cannot be sent.
            Assert.Equal(SendResult.Full, element.Respond(180, server));
            Assert.Equal(SendResult.Sent, element.Respond(status, server));
            element.Until(500);
            Assert.Equal(["0 ! Request Invite", $"0 > udp {status}", $"500 > udp {status}"], element.Log);
            element.Until(100_000);
            Assert.True(element.Agent.Use.IsEmpty);
        }
    }

    [Fact]
    public void A_final_response_larger_than_any_free_buffer_is_refused_and_can_be_tried_again()
    {
        var element = With(classes: [new(512, 1)]);
        element.Receive(Element.Request("OPTIONS"));
        Assert.True(element.Agent.TryBeginResponse(element.LastEvent.Server, 200, out var response));
        response.Finish("text/plain"u8, new byte[600]);
        Assert.Equal(SendResult.TooLarge, element.Agent.SendResponse(element.Now, element.LastEvent.Server, response));
        Assert.Equal(SendResult.Sent, element.Respond(200));
        Assert.Equal(["0 ! Request Options", "0 > udp 200"], element.Log);
    }

    [Fact]
    public void A_provisional_response_goes_out_unkept_where_only_the_queue_can_hold_it()
    {
        // The request holds one buffer; the other is the 180's while it waits to be sent, and then is the next one's.
        var element = With(buffers: 2);
        element.Receive(Element.Request("INVITE"));
        element.Respond(180);
        element.Respond(183);
        element.Receive(Element.Request("INVITE"));
        Assert.Equal(["0 ! Request Invite", "0 > udp 180", "0 > udp 180"], element.Log);
    }

    [Fact]
    public void Without_a_client_slot_or_a_buffer_a_request_of_ours_is_refused()
    {
        var element = With(clients: 0);
        Assert.Equal(SendResult.Full, element.Send("OPTIONS", out _));
        Assert.Equal(1, element.Agent.TransactionCounters.ClientsRefused);
        element = With(buffers: 0);
        Assert.Equal(SendResult.TooLarge, element.Send("OPTIONS", out _));
        element = With(buffers: 1);
        Assert.Equal(SendResult.Sent, element.Send("OPTIONS", out _));
        Assert.Equal(SendResult.Full, element.Send("OPTIONS", out _));
        element = With(outputs: 0);
        Assert.Equal(SendResult.Full, element.Send("OPTIONS", out _));
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_CANCEL_without_a_slot_still_ends_the_INVITE_in_time()
    {
        var element = With(clients: 1);
        var client = element.Send("INVITE");
        element.Receive(Element.Answer(element.SentTexts[0], 180));
        Assert.Equal(SendResult.Full, element.Cancel(client));
        element.Until(32_000);
        Assert.Equal("32000 ! Timeout Invite", element.Log[^1]);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Fact]
    public void A_full_connection_table_turns_peers_away_and_lets_large_requests_go_as_datagrams()
    {
        var element = With(connections: 1);
        element.Accept();
        Assert.False(element.Agent.HandleAccepted(element.Now, new(Protocol.Tcp, Element.Ours, Element.Theirs.WithPort(40001)), out var none));
        Assert.False(none.IsSome);
        element.Send("MESSAGE", body: new('x', 1400));
        Assert.Equal(["0 > udp MESSAGE"], element.Log);
        Assert.Contains("Via: SIP/2.0/UDP", element.SentTexts[0]);
        Assert.Equal(2, element.Agent.TransportCounters.ConnectionsRefused);
        Assert.Equal((1, 1), (element.Agent.TransactionCounters.SwitchedToStream, element.Agent.TransactionCounters.FellBackToUdp));
        // What must go over a stream is refused.
        Assert.Equal(SendResult.Full, element.Send("OPTIONS", out _, Element.Tcp));
    }

    [Fact]
    public void A_response_that_finds_no_connection_is_reported_where_nothing_sends_it_again()
    {
        var element = With(connections: 1);
        element.Receive(Element.Request("OPTIONS"), Protocol.Tcp);
        var server = element.LastEvent.Server;
        element.Agent.HandleClosed(element.Now, element.Connection, TransportFault.Reset);
        element.Accept();
        Assert.Equal(SendResult.Full, element.Respond(200, server));
        Assert.Equal(0, element.Agent.Use.ServerTransactions);
    }

    // ---- The main flows with each pool in turn ----------------------------------------------------------------------------------

    // Each step does what it can with what the one before has left it.
    private static Element Script(Element element)
    {
        element.Receive(Element.Request("INVITE"));
        var server = element.Events.LastOrDefault().Server;
        element.Respond(180, server);
        element.Receive(Element.Request("INVITE"));
        if (element.Respond(200, server) == SendResult.Sent && Last(element, "SIP/2.0 200") is { } ok)
            element.Receive(Element.Request("ACK", branch: "z9hG4bKack", toTag: Element.TagOf(ok)));

        var agent = element.Agent;
        if (agent.HandleAccepted(element.Now, new(Protocol.Tcp, Element.Ours, Element.Theirs.WithPort(40000)), out var connection))
        {
            byte[] message = Element.Octets(Element.Request("MESSAGE", branch: "z9hG4bKtcp", callId: "tcp", body: "hello", transport: "TCP"));
            element.ReceiveStream(connection, message.AsSpan(0, 100));
            element.ReceiveStream(connection, message.AsSpan(100));
            element.Respond(200);
        }

        element.Send("OPTIONS", out _);
        Answer(element, "OPTIONS", 200);
        element.Send("MESSAGE", out _, body: new('x', 1400));
        Answer(element, "MESSAGE", 200);
        element.Send("INVITE", out var client);
        Answer(element, "INVITE", 180);
        element.Cancel(client);
        Answer(element, "CANCEL", 200);
        Answer(element, "INVITE", 487);
        element.Until(3_600_000);
        return element;
    }

    private static string? Last(Element element, string start) => element.SentTexts.LastOrDefault(text => text.StartsWith(start, StringComparison.Ordinal));

    private static void Answer(Element element, string method, int status)
    {
        if (Last(element, method + " ") is { } request)
            element.Receive(Element.Answer(request, status));
    }

    public static TheoryData<string> Pools => new("servers", "clients", "connections", "outputs", "buffers");

    [Theory, MemberData(nameof(Pools))]
    public void The_main_flows_run_with_each_pool_at_0_1_2_until_they_pass(string pool)
    {
        var reference = Script(With());
        int capacity = 0;
        for (bool passes = false; !passes; capacity++)
        {
            Assert.True(capacity < Plenty, $"with {capacity} {pool} the flows still differ");
            var element = Script(pool switch
            {
                "servers" => With(servers: capacity),
                "clients" => With(clients: capacity),
                "connections" => With(connections: capacity),
                "outputs" => With(outputs: capacity),
                _ => With(buffers: capacity),
            });
            element.AssertAccounted();
            Assert.True(element.Agent.Use.IsEmpty, $"with {capacity} {pool}: {element.Agent.Use}");
            passes = element.Log.SequenceEqual(reference.Log);
        }
        Assert.True(capacity > 1, $"no {pool} are used");
    }
}
