// Datagrams against a real kernel, on its loopback interface.
using System.Net;
using System.Net.Sockets;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class UdpTests
{
    private static readonly IpEndpoint AnyV4 = IpEndpoint.V4(0, 0);
    private static readonly IpEndpoint AnyV6 = IpEndpoint.V6(0, 0);
    private static readonly IpEndpoint LoopbackV6 = IpEndpoint.V6(1, 0);

    private static (byte[] Octets, EndPoint From) Ask(Socket client, EndPoint to, byte[] datagram)
    {
        client.SendTo(datagram, to);
        var buffer = new byte[65_536];
        EndPoint from = new IPEndPoint(client.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        int length = client.ReceiveFrom(buffer, ref from);
        return (buffer[..length], from);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_datagram_is_answered_from_where_it_came_to(string address)
    {
        var local = address == "::1" ? LoopbackV6 : IpEndpoint.Loopback(0);
        using var host = new RunningHost(new(), OnUdp(local));
        using var client = UdpClient(address);

        var (octets, from) = Ask(client, host.Udp, [1, 2, 3]);

        Assert.Equal([1, 2, 3], octets);
        Assert.Equal(host.Udp, from);
        Assert.Equal([$"datagram {TestEngine.Show(Endpoint(host.Udp))} < {TestEngine.Show(Endpoint(client.LocalEndPoint))} 3"], host.Engine.Log!);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    public void A_socket_of_all_addresses_answers_from_the_one_that_was_asked(string address)
    {
        using var host = new RunningHost(new(), OnUdp(address == "::1" ? AnyV6 : AnyV4));
        using var client = UdpClient(address == "::1" ? address : "127.0.0.1");
        var to = new IPEndPoint(IPAddress.Parse(address), host.Udp.Port);

        var (_, from) = Ask(client, to, [1]);

        Assert.Equal(to, from);
        host.UntilTold($"datagram {TestEngine.Show(Endpoint(to))} < {TestEngine.Show(Endpoint(client.LocalEndPoint))} 1");
    }

    [Fact]
    public void The_two_families_share_a_port()
    {
        using var first = new RunningHost(new(), OnUdp(AnyV4));
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.V6(0, (ushort)first.Udp.Port)));

        Assert.True(host.Host.UdpSockets[0].IsOpen);
    }

    [Fact]
    public void Each_flow_leaves_by_its_own_socket()
    {
        using var host = new RunningHost(new(), OnUdp(AnyV4, IpEndpoint.Loopback(0), IpEndpoint.V4(0x7F000002, 0), LoopbackV6));
        using var client = UdpClient();
        using var clientV6 = UdpClient("::1");
        var sockets = Enumerable.Range(0, 4).Select(i => Address(host.Host.UdpSockets[i].Local)).ToArray();

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, sockets[0].Port), Ask(client, new IPEndPoint(IPAddress.Loopback, sockets[0].Port), [1]).From);
        Assert.Equal(sockets[1], Ask(client, sockets[1], [1]).From);
        Assert.Equal(sockets[2], Ask(client, sockets[2], [1]).From);
        Assert.Equal(sockets[3], Ask(clientV6, sockets[3], [1]).From);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1500)]
    [InlineData(65_507)]
    public void A_datagram_of_any_length_passes_whole(int length)
    {
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.Loopback(0)));
        using var client = UdpClient();
        var datagram = new byte[length];
        new Random(length).NextBytes(datagram);

        Assert.Equal(datagram, Ask(client, host.Udp, datagram).Octets);
    }

    [Fact]
    public void A_closed_port_is_told_by_ICMP()
    {
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.Loopback(0)));
        var closed = ClosedPort(SocketType.Dgram);

        host.Do(() => host.Engine.Send(new(Protocol.Udp, Endpoint(host.Udp), closed), [1]));

        host.UntilTold($"undelivered {TestEngine.Show(Endpoint(host.Udp))} > {TestEngine.Show(closed)} Refused");
        Assert.Equal(1, host.Counters.IcmpErrors);
        Assert.Equal(0, host.Counters.DatagramsFailed);
    }

    [Fact]
    public void ICMP_tells_the_address_that_a_socket_of_all_addresses_sent_from()
    {
        using var host = new RunningHost(new(), OnUdp(AnyV4));
        var closed = ClosedPort(SocketType.Dgram);
        var local = IpEndpoint.V4(0x7F000002, (ushort)host.Udp.Port);

        host.Do(() => host.Engine.Send(new(Protocol.Udp, local, closed), [1]));

        host.UntilTold($"undelivered {TestEngine.Show(local)} > {TestEngine.Show(closed)} Refused");
    }

    [Fact]
    public void A_closed_port_is_told_by_ICMPv6()
    {
        using var host = new RunningHost(new(), OnUdp(AnyV6));
        using var other = UdpClient("::1");
        var closed = Endpoint(other.LocalEndPoint);
        other.Close();
        var local = LoopbackV6.WithPort((ushort)host.Udp.Port);

        host.Do(() => host.Engine.Send(new(Protocol.Udp, local, closed), [1]));

        host.UntilTold($"undelivered {TestEngine.Show(local)} > {TestEngine.Show(closed)} Refused");
    }

    [Fact]
    public void One_peer_that_is_gone_takes_nothing_from_the_others()
    {
        // The kernel tells an ICMP error to whatever is sent next. 5,000 datagrams go to a peer, each behind one to a port that is closed.
        const int Rounds = 250, Each = 20;
        using var host = new RunningHost(new() { Log = null }, OnUdp(IpEndpoint.Loopback(0)));
        using var peer = UdpClient();
        peer.ReceiveBufferSize = 1 << 22;
        var gone = new Flow(Protocol.Udp, Endpoint(host.Udp), ClosedPort(SocketType.Dgram));
        var there = new Flow(Protocol.Udp, Endpoint(host.Udp), Endpoint(peer.LocalEndPoint));
        var buffer = new byte[16];

        for (int round = 0; round < Rounds; round++)
        {
            host.Do(() =>
            {
                for (int i = 0; i < Each; i++)
                {
                    host.Engine.Send(gone, [0]);
                    host.Engine.Send(there, [1]);
                }
            });
            for (int i = 0; i < Each; i++)
                Assert.Equal(1, peer.Receive(buffer));
        }

        Assert.Equal(0, host.Counters.DatagramsFailed);
        Until(() => host.Counters.DatagramsSent == 2 * Rounds * Each, "all are sent");
        Until(() => host.Engine.Undelivered > 0, "some are told; the kernel may limit how many");
    }

    [Fact]
    public void A_datagram_that_is_too_long_is_told_once()
    {
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.Loopback(0)));
        using var client = UdpClient();
        var flow = new Flow(Protocol.Udp, Endpoint(host.Udp), Endpoint(client.LocalEndPoint));

        host.Do(() =>
        {
            host.Engine.Send(flow, new byte[65_508]);
            host.Engine.Send(flow, new byte[65_535]);
            host.Engine.Send(flow, [7]);
        });

        Assert.Equal(1, client.Receive(new byte[16]));
        Until(() => host.Engine.Log!.Count(line => line.EndsWith(" TooLarge")) == 2, "both are told");
        host.Do(() => { });
        Assert.Equal(2, host.Engine.Undelivered);
        Assert.Equal(2, host.Counters.DatagramsFailed);
    }

    [Theory]
    [InlineData("192.0.2.1", "127.0.0.1", 9)] // An address that is not ours.
    [InlineData("127.0.0.1", "127.0.0.1", 0)] // A port that nobody can have.
    [InlineData("127.0.0.1", "255.255.255.255", 9)] // Broadcast is not asked for.
    [InlineData("::1", "::1", 9)] // A family without a socket.
    public void What_cannot_be_sent_is_told_as_unreachable(string local, string remote, ushort port)
    {
        using var host = new RunningHost(new(), OnUdp(AnyV4));
        var from = Endpoint(new IPEndPoint(IPAddress.Parse(local), host.Udp.Port));
        var to = Endpoint(new IPEndPoint(IPAddress.Parse(remote), port));

        host.Do(() => host.Engine.Send(new(Protocol.Udp, from, to), [1]));

        host.UntilTold($"undelivered {TestEngine.Show(from)} > {TestEngine.Show(to)} Unreachable");
        Assert.Equal(1, host.Counters.DatagramsFailed);
    }

    [Fact]
    public void A_flow_without_a_local_address_leaves_from_where_the_kernel_says()
    {
        using var host = new RunningHost(new(), OnUdp(AnyV4));
        using var client = UdpClient("127.0.0.9");
        var buffer = new byte[16];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);

        host.Do(() => host.Engine.Send(new(Protocol.Udp, default, Endpoint(client.LocalEndPoint)), [1]));
        Assert.Equal(1, client.ReceiveFrom(buffer, ref from));

        Assert.Equal(host.Udp.Port, ((IPEndPoint)from).Port);
    }

    [Fact]
    public void Notices_without_room_are_dropped_and_counted()
    {
        using var host = new RunningHost(new(), new() { Udp = [AnyV4], Notices = 4 });
        var flow = new Flow(Protocol.Udp, IpEndpoint.V6(1, 1), IpEndpoint.V6(1, 9));

        host.Do(() =>
        {
            for (int i = 0; i < 10; i++)
                host.Engine.Send(flow, [1]);
        });

        Until(() => host.Engine.Undelivered == 4, "four are told");
        Assert.Equal(6, host.Counters.NoticesDropped);
    }

    [Fact]
    public void A_hundred_thousand_datagrams_of_garbage_leave_it_serving()
    {
        const int Count = 100_000;
        using var host = new RunningHost(new() { Log = null, IsEcho = false }, OnUdp(AnyV4));
        using var hostile = UdpClient();
        var random = new Random(3261);
        var garbage = new byte[2000];
        random.NextBytes(garbage);
        for (int i = 0; i < Count; i++)
            hostile.SendTo(garbage, random.Next(100) == 0 ? 0 : random.Next(garbage.Length), 0, SocketFlags.None, host.Udp);
        // What the kernel lost it says beside the next datagram that it did not lose.
        Until(
            () =>
            {
                hostile.SendTo([], host.Udp);
                return host.Counters.DatagramsReceived + host.Counters.DatagramsOverflowed >= Count;
            },
            "all are received or counted as lost");

        Assert.True(host.Engine.Datagrams > 0);
        host.Do(() => Assert.Equal(host.Engine.Datagrams, host.Counters.DatagramsReceived));
        Assert.Equal(0, host.Counters.SocketsLost);
    }

    [Fact]
    public void A_socket_that_dies_is_opened_again_on_its_port()
    {
        using var host = new RunningHost(new(), OnUdp(AnyV4));
        using var client = UdpClient();
        var to = new IPEndPoint(IPAddress.Loopback, host.Udp.Port);
        _ = Ask(client, to, [1]);

        // Something else takes its descriptor.
        int other = Native.EventDescriptor(1, 0);
        Assert.True(Native.Duplicate(other, Native.DescriptorOf(2, to.Port)) >= 0);
        _ = Native.Close(other);
        // A poll that is under way still holds what was there.
        host.Do(() => { });
        Until(() => host.Counters.SocketsLost == 1 && host.Host.UdpSockets[0].IsOpen, "it is open again");

        Assert.Equal([2], Ask(client, to, [2]).Octets);
    }

    [Fact]
    public void While_a_socket_is_not_open_sending_is_told_as_unreachable()
    {
        using var taken = UdpClient();
        using var host = new RunningHost(new(), OnUdp(Endpoint(taken.LocalEndPoint)));
        var flow = new Flow(Protocol.Udp, Endpoint(taken.LocalEndPoint), IpEndpoint.Loopback(9));
        Assert.False(host.Host.UdpSockets[0].IsOpen);

        host.Do(() => host.Engine.Send(flow, [1]));

        host.UntilTold($"undelivered {TestEngine.Show(flow.Local)} > 127.0.0.1:9 Unreachable");
        Assert.Equal(98, host.Host.UdpSockets[0].LastError); // EADDRINUSE
        Assert.True(host.Counters.OpenFailures > 0);
    }

    [Fact]
    public void A_port_that_is_taken_at_start_is_served_once_it_is_free()
    {
        using var client = UdpClient();
        using var taken = UdpClient();
        var address = taken.LocalEndPoint!;
        using var host = new RunningHost(new(), OnUdp(Endpoint(address)));
        Assert.False(host.Host.UdpSockets[0].IsOpen);

        taken.Close();
        Until(() => host.Host.UdpSockets[0].IsOpen, "it is open");

        Assert.Equal([1], Ask(client, address, [1]).Octets);
        Assert.Equal(0, host.Host.UdpSockets[0].LastError);
    }

    [Fact]
    public void The_local_address_to_a_peer_is_the_kernels_choice()
    {
        Assert.True(SipHost.TryLocalFor(IpEndpoint.V4(0x7F000005, 5060), out var local));
        Assert.Equal(IpEndpoint.Loopback(0), local);
        Assert.True(SipHost.TryLocalFor(LoopbackV6, out local));
        Assert.Equal(LoopbackV6, local);
        Assert.False(SipHost.TryLocalFor(IpEndpoint.V4(0xFFFFFFFF, 5060), out _));
    }

    [Fact]
    public void An_observer_sees_what_passes_and_nothing_else()
    {
        var observer = new Observer();
        using var host = new RunningHost(new(), new() { Udp = [IpEndpoint.Loopback(0)] }, observer: observer);
        using var client = UdpClient();

        _ = Ask(client, host.Udp, [1, 2]);
        host.Do(() => host.Engine.Send(new(Protocol.Udp, Endpoint(host.Udp), IpEndpoint.Loopback(0)), [3]));
        host.Do(() => { });

        string flow = $"{TestEngine.Show(Endpoint(host.Udp))} {TestEngine.Show(Endpoint(client.LocalEndPoint))}";
        Assert.Equal([$"in {flow} 0102", $"out {flow} 0102"], observer.Lines);
    }
}
