// Questions to name servers, each from a port of its own, and DNS over TCP.
using System.Net;
using System.Net.Sockets;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class DnsPortTests
{
    private static readonly HostOptions Options = new() { Udp = [IpEndpoint.Loopback(0)] };

    private static Flow To(IPEndPoint server, int port) => new(Protocol.Dns, default(IpEndpoint).WithPort((ushort)port), Endpoint(server));

    private static Flow To(Socket server, int port) => To((IPEndPoint)server.LocalEndPoint!, port);

    // A port that nobody had a moment ago.
    private static int FreePort(string address = "127.0.0.1")
    {
        using var socket = UdpClient(address);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static (byte[] Octets, IPEndPoint From) Receive(Socket server)
    {
        var buffer = new byte[65_536];
        EndPoint from = new IPEndPoint(server.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        int length = server.ReceiveFrom(buffer, ref from);
        return (buffer[..length], (IPEndPoint)from);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_question_goes_out_from_the_port_that_the_core_chose_and_its_answer_comes_by_the_same_flow(string address)
    {
        var engine = new TestEngine { IsEcho = false };
        Flow answered = default;
        engine.OnDatagram = (_, by) => answered = by;
        var observer = new Observer();
        using var host = new RunningHost(engine, Options, observer: observer);
        using var server = UdpClient(address);
        var flow = To(server, FreePort(address));

        host.Do(() => engine.Send(flow, [1, 2, 3]));
        var (octets, from) = Receive(server);
        Assert.Equal([1, 2, 3], octets);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), flow.Local.Port), from);
        // Again, by the same socket; and two answers.
        host.Do(() => engine.Send(flow, [4]));
        Assert.Equal(from, Receive(server).From);
        server.SendTo([7], from);
        server.SendTo([8, 9], from);
        Until(() => engine.Datagrams == 2, "both answers come");

        Assert.Equal(flow, answered);
        Assert.Equal((1, 0), (host.Counters.DnsPortsOpened, host.Counters.DnsPortsRefused));
        Assert.Equal(["010203", "04", "07", "0809"], observer.Lines.Select(line => line.Split(' ')[3]));
    }

    [Fact]
    public void A_port_that_is_given_back_is_closed()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, Options);
        using var server = UdpClient();
        var flow = To(server, FreePort());
        host.Do(() => engine.Send(flow, [1]));
        var from = Receive(server).From;

        host.Do(() => engine.ReleasePort(flow));
        host.Do(() => engine.ReleasePort(flow));

        // It is anybody's again.
        host.Do(() => { });
        using (var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
            other.Bind(from);
        server.SendTo([9], from);
        host.Do(() => { });
        Assert.Equal(0, engine.Datagrams);
    }

    [Fact]
    public void Nobody_but_the_server_that_was_asked_is_heard()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, Options);
        using var server = UdpClient();
        using var stranger = UdpClient();
        var flow = To(server, FreePort());
        host.Do(() => engine.Send(flow, [1]));
        var from = Receive(server).From;

        stranger.SendTo([6, 6, 6], from);
        server.SendTo([7], from);
        Until(() => engine.Datagrams > 0, "the answer comes");

        Assert.Equal([$"datagram [::]:{flow.Local.Port} < {TestEngine.Show(flow.Remote)} 1"], engine.Log!);
    }

    [Fact]
    public void A_port_that_is_taken_is_told_and_another_serves()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, Options);
        using var server = UdpClient();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Any, 0));
        var flow = To(server, ((IPEndPoint)taken.LocalEndPoint!).Port);

        host.Do(() => engine.Send(flow, [1]));
        host.UntilTold($"undelivered [::]:{flow.Local.Port} > {TestEngine.Show(flow.Remote)} Exhausted");
        host.Do(() => engine.Send(To(server, FreePort()), [2]));

        Assert.Equal([2], Receive(server).Octets);
        Assert.Equal((1, 1), (host.Counters.DnsPortsOpened, host.Counters.DnsPortsRefused));
    }

    [Fact]
    public void A_server_that_is_not_there_is_told_by_the_flow_that_asked()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, Options);
        var flow = new Flow(Protocol.Dns, default(IpEndpoint).WithPort((ushort)FreePort()), ClosedPort(SocketType.Dgram));

        host.Do(() => engine.Send(flow, [1]));
        host.UntilTold($"undelivered [::]:{flow.Local.Port} > {TestEngine.Show(flow.Remote)} Refused");

        // The socket is gone, and the next question has one again.
        host.Do(() => engine.Send(flow, [1]));
        Until(() => engine.Undelivered == 2, "it is refused again");
        Assert.Equal(2, host.Counters.DnsPortsOpened);
    }

    [Fact]
    public void No_way_and_no_such_family_are_told()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, Options);
        // Nobody may send there from a loopback address of another family, and nobody to a broadcast without asking for it.
        var flow = new Flow(Protocol.Dns, IpEndpoint.V4(0xC0000201, 40000), IpEndpoint.Loopback(53));

        host.Do(() => engine.Send(flow, [1]));

        host.UntilTold("undelivered 192.0.2.1:40000 > 127.0.0.1:53 Unreachable");
        Assert.Equal(1, host.Counters.DnsPortsRefused);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void With_one_question_too_many_the_oldest_port_is_closed(int ports)
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, new() { Udp = [IpEndpoint.Loopback(0)], DnsPorts = ports });
        using var server = UdpClient();
        var froms = new List<IPEndPoint>();
        for (int i = 0; i <= ports; i++)
        {
            var flow = To(server, FreePort());
            host.Do(() => engine.Send(flow, [1]));
            froms.Add(Receive(server).From);
        }

        host.Do(() => { });
        Assert.Equal(1, host.Counters.DnsPortsDisplaced);
        foreach (var from in froms)
            server.SendTo([7], from);
        Until(() => engine.Datagrams == ports, "all but the first are open");
        Assert.DoesNotContain(engine.Log!, line => line.Contains($":{froms[0].Port} <"));
    }

    [Fact]
    public void Without_any_port_a_question_is_refused()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, new() { Udp = [IpEndpoint.Loopback(0)], DnsPorts = 0 });
        using var server = UdpClient();

        host.Do(() => engine.Send(To(server, 40000), [1]));

        host.UntilTold($"undelivered [::]:40000 > {TestEngine.Show(Endpoint(server.LocalEndPoint))} Exhausted");
    }

    [Fact]
    public void An_answer_longer_than_any_is_dropped_and_counted()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = new RunningHost(engine, Options);
        using var server = UdpClient();
        host.Do(() => engine.Send(To(server, FreePort()), [1]));
        var from = Receive(server).From;

        server.SendTo(new byte[4097], from);
        server.SendTo(new byte[4096], from);
        Until(() => engine.Datagrams == 1, "the one that fits comes");

        Assert.Equal(1, host.Counters.DatagramsTruncated);
        Assert.EndsWith(" 4096", engine.Log!.Single());
    }

    [Fact]
    public void DNS_over_TCP_is_a_connection_like_any_other()
    {
        var engine = new TestEngine();
        using var host = new RunningHost(engine, Options);
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen();

        host.Do(() => engine.Stream(engine.Connect(Endpoint(server.LocalEndPoint), protocol: Protocol.DnsStream), [0, 1, 9]));
        using var peer = server.Accept();
        Assert.Equal([0, 1, 9], Exactly(peer, 3));
        peer.Send("\0\u0001x\n"u8);
        Assert.Equal("\0\u0001x\n"u8.ToArray(), Exactly(peer, 4));
        peer.Close();

        host.UntilTold("closed Closed");
    }
}
