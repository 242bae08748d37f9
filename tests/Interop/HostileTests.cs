// Peers that mean harm, or are broken: whatever they send, the agent goes on serving others, grows no larger, and can say what it was sent.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace SipEmbedded.Interop.Tests;

public class HostileTests
{
    private const int Datagrams = 1_000_000;
    private const int Batch = 64;
    private const int LargestDatagram = 1024;

    // What the process may grow by while it is flooded: pages of its pools that were never touched, code that is compiled again.
    private const long GrowthLimit = 24 * 1024 * 1024;

    // A hundred times what it takes on an idle desktop.
    private static readonly TimeSpan FloodLimit = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_million_datagrams_of_garbage_leave_it_serving_and_no_larger()
    {
        // What is spoiled and still good takes a transaction each.
        using var answerer = new Answerer("--rate", "500");
        using var asking = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Connect(answerer.UdpAddress);
        var garbage = new Garbage(seed: 20_260, ((IPEndPoint)socket.LocalEndPoint!).Port);
        byte[] octets = new byte[Batch * LargestDatagram];
        int[] lengths = new int[Batch];
        long sizeBefore = 0;
        int sent = 0;
        var clock = Stopwatch.StartNew();
        for (int round = 0; sent < Datagrams; round++)
        {
            Assert.True(clock.Elapsed < FloodLimit, $"{sent} in {clock.Elapsed}");
            int total = 0;
            for (int i = 0; i < Batch; i++)
                total += lengths[i] = garbage.Next(octets.AsSpan(total));
            sent += DatagramBatch.Send(socket, octets.AsSpan(0, total), lengths);
            // What came back, an answer to this or that, is not looked at; but a question in between keeps the flood at the agent's own pace.
            if (round % 4 == 0)
                Assert.Equal(200, answerer.Ask(asking));
            if (round == Datagrams / Batch / 4)
                sizeBefore = answerer.Process.ResidentOctets;
        }
        long growth = answerer.Process.ResidentOctets - sizeBefore;
        int status = answerer.Ask();
        var counters = answerer.Stop();

        Assert.Equal(200, status);
        Assert.True(growth < GrowthLimit, $"grew by {growth} octets");
        // Every datagram was received, or counted by the kernel as lost before that.
        Assert.True(counters["host.DatagramsReceived"] + counters["host.DatagramsOverflowed"] >= Datagrams, counters.ToString());
        Assert.True(counters["host.DatagramsReceived"] > Datagrams / 2, counters.ToString());
        Assert.True(counters["transactions.Unreadable"] > Datagrams / 8, counters.ToString());
        Assert.True(counters["transactions.BadRequests"] > 0, counters.ToString());
        Assert.True(counters["transactions.StrayResponses"] + counters["transactions.BadResponses"] > 0, counters.ToString());
    }

    private static TcpClient Connect(Answerer answerer)
    {
        var client = new TcpClient();
        client.Connect(answerer.TcpAddress);
        client.ReceiveTimeout = client.SendTimeout = (int)Patience.TotalMilliseconds;
        return client;
    }

    /// <summary>Reads until the agent closes the connection; gives what it said before. Fails where it does not close.</summary>
    private static string ReadToEnd(TcpClient client)
    {
        var text = new StringBuilder();
        byte[] octets = new byte[4096];
        try
        {
            while (client.GetStream().Read(octets) is > 0 and var count)
                text.Append(Encoding.Latin1.GetString(octets, 0, count));
        }
        catch (IOException failure) when (failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // Closed while more was on its way.
        }
        return text.ToString();
    }

    [Fact]
    public void A_header_without_an_end_closes_its_connection()
    {
        using var answerer = new Answerer();
        using var client = Connect(answerer);
        var stream = client.GetStream();
        stream.Write("OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nSubject: "u8);
        byte[] more = [.. Enumerable.Repeat((byte)'x', 1024)];
        // The agent's end is heard at once; the host's, who first lets the peer read what was said to it, some seconds later.
        var clock = Stopwatch.StartNew();
        Assert.Throws<IOException>(() =>
        {
            while (clock.Elapsed < Patience)
                stream.Write(more);
        });

        Assert.Equal(200, answerer.AskByTcp());
        var counters = answerer.Stop();
        Assert.Equal(1, counters["transport.StreamsWithoutBuffer"] + counters["transport.UnframableStreams"]);
    }

    [Theory]
    [InlineData("Content-Length: 99999999\r\n", "")]
    [InlineData("Content-Length: -1\r\n", "")]
    [InlineData("Content-Length: 4294967297\r\n", "")]
    [InlineData("Content-Length: 0\r\nContent-Length: 5\r\n", "")]
    [InlineData("", "SIP/2.0 400")]
    public void A_length_that_cannot_be_ends_its_stream_and_no_other(string length, string answer)
    {
        using var answerer = new Answerer();
        using var client = Connect(answerer);
        string request = Messages.Options("z9hG4bKlength", 5060, "TCP").Replace("Content-Length: 0\r\n", length, StringComparison.Ordinal);
        client.GetStream().Write(Encoding.ASCII.GetBytes(request));

        string said = ReadToEnd(client);

        Assert.StartsWith(answer, said);
        Assert.Equal(200, answerer.AskByTcp());
        Assert.Equal(1, answerer.Stop()["transport.UnframableStreams"]);
    }

    [Fact]
    public void A_request_that_comes_octet_by_octet_is_answered_and_delays_nobody()
    {
        using var answerer = new Answerer();
        using var client = Connect(answerer);
        client.NoDelay = true;
        var stream = client.GetStream();
        byte[] request = Encoding.ASCII.GetBytes(Messages.Options("z9hG4bKdrip", 5060, "TCP"));
        for (int i = 0; i < request.Length; i++)
        {
            stream.WriteByte(request[i]);
            if (i % 64 == 0)
                Assert.Equal(200, answerer.Ask());
        }
        byte[] response = new byte[4096];

        Assert.Equal(200, Answerer.StatusOf(response.AsSpan(0, stream.Read(response))));
        Assert.Equal(0, answerer.Stop()["transport.StreamsWithoutBuffer"]);
    }

    [Fact]
    public void A_hundred_connections_are_too_many_and_the_first_still_serve()
    {
        using var answerer = new Answerer("--connections", "20");
        var clients = Enumerable.Range(0, 100).Select(_ => Connect(answerer)).ToList();
        // Accepted in their order: the first twenty have a place.
        int closed = clients.Skip(20).Count(client => ReadToEnd(client).Length == 0);
        byte[] request = Encoding.ASCII.GetBytes(Messages.Options("z9hG4bKfirst", 5060, "TCP"));
        clients[0].GetStream().Write(request);
        byte[] response = new byte[4096];

        Assert.Equal(80, closed);
        Assert.Equal(200, Answerer.StatusOf(response.AsSpan(0, clients[0].GetStream().Read(response))));
        Assert.Equal(200, answerer.Ask());
        clients.ForEach(client => client.Dispose());
        // Their places are free again.
        Assert.True(SpinWait.SpinUntil(() => answerer.AskByTcp() == 200, Patience));
        var counters = answerer.Stop();
        Assert.True(counters["host.ConnectionsRefused"] + counters["transport.ConnectionsRefused"] >= 80, counters.ToString());
    }

    [Fact]
    public void Streams_of_parts_that_never_become_whole_cost_no_more_than_their_buffers()
    {
        using var answerer = new Answerer("--connections", "100");
        var clients = Enumerable.Range(0, 100).Select(_ => Connect(answerer)).ToList();
        // Large enough for the largest buffers, of which there is one for every fourth connection.
        string part = $"INVITE sip:a@127.0.0.1 SIP/2.0\r\nSubject: {new string('x', 9000)}";
        foreach (var client in clients)
            client.GetStream().Write(Encoding.ASCII.GetBytes(part));

        // Over UDP nobody notices; and where buffers ran out connections were closed.
        Assert.Equal(200, answerer.Ask());
        clients.ForEach(client => client.Dispose());
        Assert.True(SpinWait.SpinUntil(() => answerer.AskByTcp() == 200, Patience));
        var counters = answerer.Stop();
        Assert.True(counters["transport.StreamsWithoutBuffer"] > 0, counters.ToString());
        Assert.Equal(0, counters["in-use.Connections"]);
    }

    [Fact]
    public void Requests_beyond_its_memory_are_told_to_come_again_later()
    {
        using var answerer = new Answerer("--calls", "0", "--rate", "1");
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Client.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        socket.Connect(answerer.UdpAddress);
        int port = ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
        var statuses = new Dictionary<int, int>();
        string last = "";
        for (int i = 0; i < 400; i++)
        {
            socket.Send(Encoding.ASCII.GetBytes(Messages.Options($"z9hG4bKmany{i}", port)));
            var from = new IPEndPoint(IPAddress.Any, 0);
            byte[] response = socket.Receive(ref from);
            int status = Answerer.StatusOf(response);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            last = Encoding.Latin1.GetString(response);
        }
        var counters = answerer.Stop();

        // 486, since an agent of no calls is busy (RFC 3261 §11.2); then 503.
        Assert.Equal([486, 503], statuses.Keys.Order());
        Assert.Contains("\r\nRetry-After: ", last, StringComparison.Ordinal);
        Assert.Equal(statuses[503], counters["transactions.ServersRefused"]);
    }

    [Fact]
    public void A_call_too_many_is_busy_and_the_others_go_on()
    {
        using var answerer = new Answerer("--calls", "2");
        string[] arguments = ["probe", $"sip:127.0.0.1:{answerer.Udp}", "--call", "--count", "3", "--rate", "100", "--hold", "1500"];
        using var probe = ChildProcess.DoorPhone(arguments);

        Assert.Equal(1, probe.WaitForExit(Patience));
        Assert.Contains("3: 486 Busy Here", probe.Text, StringComparison.Ordinal);
        Assert.Contains("3 made, 2 succeeded, 1 refused", probe.Text, StringComparison.Ordinal);
        var counters = answerer.Stop();
        Assert.Equal(1, counters["answer.BusyRefusals"]);
        Assert.Equal(2, counters["answer.CallsEnded"]);
    }

    [Fact]
    public void A_call_that_there_is_at_the_end_is_hung_up()
    {
        using var answerer = new Answerer();
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Client.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        socket.Connect(answerer.UdpAddress);
        int port = ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
        const string Offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n";
        string about = $"Contact: <sip:test@127.0.0.1:{port}>\r\nContent-Type: application/sdp\r\n";
        Send(Messages.Request("INVITE", "z9hG4bKcall", port, extra: about, body: Offer));
        Assert.StartsWith("SIP/2.0 180", Receive());
        string answer = Receive();
        Assert.StartsWith("SIP/2.0 200", answer);
        string to = answer.Split("\r\n").Single(line => line.StartsWith("To:", StringComparison.Ordinal));
        // The call's own identifiers with a branch of its own (RFC 3261 §13.2.2.4).
        Send(Messages.Request("ACK", "z9hG4bKcall", port).Replace("To: <sip:door@127.0.0.1>", to, StringComparison.Ordinal)
            .Replace("branch=z9hG4bKcall", "branch=z9hG4bKack", StringComparison.Ordinal));
        Assert.Equal(200, answerer.Ask());

        answerer.Process.AskToEnd();
        // On a busy machine the ACK may have come behind T1, and the 200 again.
        string bye = Receive();
        while (bye.StartsWith("SIP/2.0 200", StringComparison.Ordinal))
            bye = Receive();
        string[] copied = [.. bye.Split("\r\n").Where(line => line.Split(':')[0] is "Via" or "From" or "To" or "Call-ID" or "CSeq")];
        Send($"SIP/2.0 200 OK\r\n{string.Join("\r\n", copied)}\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith($"BYE sip:test@127.0.0.1:{port} SIP/2.0", bye);
        var counters = answerer.WaitForEnd();
        Assert.Equal(1, counters["answer.CallsHungUp"]);
        Assert.Equal(1, counters["answer.ByesSent"]);
        Assert.Equal(0, counters["answer.ByesUnanswered"]);

        void Send(string message) => socket.Send(Encoding.ASCII.GetBytes(message));

        string Receive()
        {
            var from = new IPEndPoint(IPAddress.Any, 0);
            return Encoding.ASCII.GetString(socket.Receive(ref from));
        }
    }

    [Fact]
    public void A_call_that_rings_too_long_is_cancelled()
    {
        using var answerer = new Answerer("--ring", "30000");
        using var probe = ChildProcess.DoorPhone("probe", $"sip:127.0.0.1:{answerer.Udp}", "--call", "--cancel-after", "300");

        Assert.Equal(1, probe.WaitForExit(Patience));
        Assert.Contains("1: cancelled; 487 Request Terminated", probe.Text, StringComparison.Ordinal);
        Assert.Equal(1, answerer.Stop()["answer.CallsCancelled"]);
    }

    [Theory]
    [InlineData("probe", "sip:door.example.com", "names are not looked up")]
    [InlineData("probe", "door", "no SIP URI")]
    [InlineData("probe", "sips:192.0.2.1", "TLS")]
    [InlineData("answer", "--listen=nowhere", "no address")]
    [InlineData("answer", "--ring=99999999", "no number from 0 to 59000")]
    public void A_command_that_cannot_be_done_says_why(string command, string argument, string why)
    {
        (int status, string output) = ChildProcess.Run("dotnet", Patience, ChildProcess.ProgramPath, command, argument);

        Assert.Equal(2, status);
        Assert.Contains(why, output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_is_taken_is_named()
    {
        using var answerer = new Answerer();

        string taken = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{answerer.Udp}");
        (int status, string output) = ChildProcess.Run("dotnet", Patience, ChildProcess.ProgramPath, "answer", "--udp", "--listen", taken);

        Assert.Equal(2, status);
        Assert.Contains($"cannot listen on udp {taken}: Address already in use", output, StringComparison.Ordinal);
    }
}
