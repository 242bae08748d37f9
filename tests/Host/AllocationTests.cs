// The loop's thread allocates nothing, whatever happens at its sockets.
using System.Net;
using System.Net.Sockets;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class AllocationTests
{
    private const int Datagrams = 100_000;

    // So many in flight that none is lost.
    private const int Window = 20;

    // Meets every kind of failure while it answers.
    private sealed class TroubledEngine(IpEndpoint closedUdp, IpEndpoint closedTcp) : TestEngine
    {
        private readonly byte[] _tooLong = new byte[65_535];
        private long _atFirst;

        public long Allocated { get; private set; }

        public override void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
        {
            long soFar = GC.GetAllocatedBytesForCurrentThread();
            if (Datagrams == 0)
                _atFirst = soFar;
            Allocated = soFar - _atFirst;
            base.HandleDatagram(now, flow, datagram);
            switch (Datagrams % 40)
            {
                case 1:
                    Send(new(Protocol.Udp, flow.Local, closedUdp), datagram);
                    break;
                case 2:
                    Send(new(Protocol.Udp, flow.Local, flow.Remote), _tooLong);
                    break;
                case 3:
                    Send(new(Protocol.Udp, IpEndpoint.V4(0xC0000201, flow.Local.Port), flow.Remote), datagram);
                    break;
                case 4:
                    Send(new(Protocol.Udp, IpEndpoint.V6(1, 5060), IpEndpoint.V6(1, 5060)), datagram);
                    break;
                case 5 when LiveConnections < 16:
                    Stream(Connect(closedTcp), datagram);
                    break;
                case 6 when LiveConnections < 16:
                    _ = Connect(flow.Remote, IpEndpoint.V4(0xC0000201, 0));
                    break;
                case 7 when LiveConnections < 16:
                    _ = Connect(flow.Remote, protocol: Protocol.Tls);
                    break;
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_datagrams_among_every_kind_of_failure_allocate_nothing()
    {
        var engine = new TroubledEngine(ClosedPort(SocketType.Dgram), ClosedPort(SocketType.Stream)) { Log = null };
        using var host = new RunningHost(engine, new() { Udp = [IpEndpoint.V4(0, 0)], Tcp = [IpEndpoint.Loopback(0)] });
        using var client = UdpClient();
        var to = new IPEndPoint(IPAddress.Loopback, host.Udp.Port).Serialize();
        byte[] datagram = new byte[400], buffer = new byte[65_536];

        for (int i = 0; i < Datagrams / Window; i++)
        {
            for (int n = 0; n < Window; n++)
                client.SendTo(datagram, SocketFlags.None, to);
            // Among connections that come, talk, and go in both ways.
            if (i % 100 == 0)
            {
                using var peer = TcpClient(host.Tcp);
                peer.Send("a\nb\n"u8);
                _ = Exactly(peer, 4);
                if (i % 200 == 0)
                    peer.LingerState = new(true, 0);
            }
            for (int n = 0; n < Window; n++)
                _ = client.Receive(buffer);
        }
        Until(() => engine.LiveConnections == 0, "all connections have ended");

        Assert.Equal(Datagrams, engine.Datagrams);
        Assert.Equal(0, engine.Allocated);
        // The failures were met.
        Assert.True(host.Counters.IcmpErrors > 0, "ICMP");
        Assert.True(host.Counters.DatagramsFailed >= 3 * Datagrams / 40, "sends that fail");
        Assert.True(host.Counters.ConnectsFailed > 100, "connects that fail");
        Assert.True(host.Counters.ConnectionsBroken > 10 && host.Counters.ConnectionsClosed > 10, "connections that end");
    }
}
