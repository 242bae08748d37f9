// Ports for media: pairs that are open before a call wants them, each a flow of its own.
using System.Net;
using System.Net.Sockets;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class MediaPortTests
{
    private const int Pairs = 3;

    // Above the ports that the system gives out by itself, and even.
    private static ushort FirstPort => (ushort)(61_000 + Environment.ProcessId % 1000 * 2);

    private static HostOptions On(string address, ushort port)
    {
        Assert.True(IpEndpoint.TryRead(System.Text.Encoding.ASCII.GetBytes(address), port, out var first));
        return new() { Media = [first], MediaPairs = Pairs };
    }

    private static RunningHost Start(TestEngine engine, HostOptions options, out List<IpEndpoint> ports)
    {
        var host = new RunningHost(engine, options);
        host.Do(() => { });
        ports = [.. engine.MediaPorts];
        return host;
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::1")]
    public void A_pair_receives_and_sends_on_both_of_its_ports(string any, string loopback)
    {
        var engine = new TestEngine();
        using var host = Start(engine, On(any, FirstPort), out var ports);
        Assert.Equal(Pairs, ports.Count);
        using var peer = UdpClient(loopback);
        foreach (int next in (int[])[0, 1])
        {
            peer.SendTo([1, 2, 3], new IPEndPoint(IPAddress.Parse(loopback), ports[1].Port + next));
            EndPoint from = new IPEndPoint(IPAddress.Parse(any), 0);
            var buffer = new byte[100];
            Assert.Equal(3, peer.ReceiveFrom(buffer, ref from));
            Assert.Equal(ports[1].Port + next, ((IPEndPoint)from).Port);
        }
        Assert.Equal((2, 2), (host.Counters.MediaReceived, host.Counters.MediaSent));
    }

    [Fact]
    public void A_pair_of_which_another_has_one_port_is_passed_over()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Any, FirstPort + 3));

        using var host = Start(new(), On("0.0.0.0", FirstPort), out var ports);

        Assert.Equal([FirstPort, FirstPort + 4, FirstPort + 6], ports.Select(port => (int)port.Port));
        Assert.Equal(0, host.Counters.MediaPairsMissing);
    }

    [Fact]
    public void Pairs_that_are_not_to_be_had_are_counted()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Any, FirstPort));
        var options = new HostOptions { Media = [IpEndpoint.V4(0, FirstPort)], MediaPairs = Pairs, MediaRange = Pairs };

        using var host = Start(new(), options, out var ports);

        Assert.Equal(Pairs - 1, ports.Count);
        Assert.Equal(1, host.Counters.MediaPairsMissing);
    }

    [Fact]
    public void Packets_go_out_as_expedited()
    {
        var engine = new TestEngine();
        using var host = Start(engine, On("0.0.0.0", FirstPort), out var ports);
        using var peer = UdpClient();
        const int TellTypeOfService = 13; // IP_RECVTOS
        peer.SetRawSocketOption(0, TellTypeOfService, BitConverter.GetBytes(1));
        var to = Endpoint(peer.LocalEndPoint);
        host.Do(() => engine.Send(new(Protocol.Rtp, ports[0], to), [0x80]));

        Assert.Equal(46 << 2, Native.ReceiveTypeOfService(peer.SafeHandle));
    }

    [Fact]
    public void What_is_too_long_for_a_packet_of_media_is_dropped()
    {
        var engine = new TestEngine();
        using var host = Start(engine, On("0.0.0.0", FirstPort), out var ports);
        using var peer = UdpClient();
        var to = new IPEndPoint(IPAddress.Loopback, ports[0].Port);
        peer.SendTo(new byte[2049], to);
        peer.SendTo(new byte[2048], to);
        Until(() => engine.Datagrams == 1, "the shorter one comes");
        Assert.Equal((1, 1), (host.Counters.MediaReceived, host.Counters.MediaTruncated));
    }

    [Fact]
    public void A_packet_that_cannot_be_sent_is_counted_and_no_more()
    {
        var engine = new TestEngine { IsEcho = false };
        using var host = Start(engine, On("0.0.0.0", FirstPort), out var ports);
        host.Do(() => engine.Send(new(Protocol.Rtp, ports[0].WithPort(9), IpEndpoint.Loopback(9)), [1]));
        host.Do(() => engine.Send(new(Protocol.Rtp, ports[0], IpEndpoint.V6(1, 9)), [1]));
        host.Do(() => { });
        Assert.Equal((0, 2), (host.Counters.MediaSent, host.Counters.MediaUnsent));
        Assert.Equal(0, engine.Undelivered);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(61_001)]
    [InlineData(65_500)]
    public void A_range_that_cannot_be_is_refused_at_start(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SipHost(new(), new() { Media = [IpEndpoint.V4(0, (ushort)port)] }));
}
