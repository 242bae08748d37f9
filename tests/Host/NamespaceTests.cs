// Networks that change under a running host: in a network namespace of the test's own, where addresses and routes can be given and taken.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class NamespaceTests
{
    private const string Address = "198.51.100.1";
    private static readonly IpEndpoint Local = IpEndpoint.V4(0xC6336401, 5060);

    [NamespaceFact]
    public void An_address_that_goes_away_and_comes_back_is_served_again() => InNamespace(() =>
    {
        using var host = new RunningHost(new(), new() { Udp = [Local], Tcp = [Local], MaxRetryPause = TimeSpan.FromMilliseconds(200) });
        Assert.False(host.Host.UdpSockets[0].IsOpen);
        Assert.False(host.Host.TcpListeners[0].IsOpen);
        Assert.Equal(99, host.Host.UdpSockets[0].LastError); // EADDRNOTAVAIL

        for (int i = 0; i < 2; i++)
        {
            Run("ip", $"addr add {Address}/32 dev lo");
            Until(() => host.Host.UdpSockets[0].IsOpen && host.Host.TcpListeners[0].IsOpen, "it is open");
            using var client = UdpClient();
            client.SendTo([1], new IPEndPoint(IPAddress.Parse(Address), 5060));
            Assert.Equal(1, client.Receive(new byte[16]));
            using (var stream = TcpClient(new(IPAddress.Parse(Address), 5060)))
            {
                stream.Send("a\n"u8);
                _ = Exactly(stream, 2);
            }

            Run("ip", $"addr del {Address}/32 dev lo");
            var flow = new Flow(Protocol.Udp, Local, Endpoint(client.LocalEndPoint));
            long before = host.Engine.Undelivered;
            host.Do(() => host.Engine.Send(flow, [1]));
            Until(() => host.Engine.Undelivered > before, "without the address it is told");
        }

        Assert.All(host.Engine.Log!.Where(line => line.StartsWith("undelivered")), line => Assert.EndsWith(" Unreachable", line));
        Assert.Equal(0, host.Counters.SocketsLost);
    });

    [NamespaceFact]
    public void A_host_and_a_network_without_a_way_are_told_as_unreachable() => InNamespace(() =>
    {
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.V4(0, 0)));
        Run("ip", "route add unreachable 203.0.113.1/32");
        IpEndpoint unreachable = IpEndpoint.V4(0xCB007101, 5060), nowhere = IpEndpoint.V4(0xCB007102, 5060);

        host.Do(() =>
        {
            host.Engine.Send(new(Protocol.Udp, default, unreachable), [1]);
            host.Engine.Send(new(Protocol.Udp, default, nowhere), [1]);
            _ = host.Engine.Connect(unreachable);
        });

        host.UntilTold("undelivered [::]:0 > 203.0.113.1:5060 Unreachable");
        host.UntilTold("undelivered [::]:0 > 203.0.113.2:5060 Unreachable");
        host.UntilTold("closed Unreachable");
        Assert.False(SipHost.TryLocalFor(nowhere, out _));
    });

    [NamespaceFact]
    public void A_host_that_does_not_answer_its_address_is_told_by_the_error_queue() => InNamespace(() =>
    {
        Run("ip", "link add near type veth peer name far");
        Run("ip", $"addr add {Address}/24 dev near");
        Run("ip", "link set near up");
        Run("ip", "link set far up");
        // One question at the address resolution, a tenth of a second long, instead of three of a second.
        Run("ip", "ntable change name arp_cache dev near mcast_probes 1 retrans 100");
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.V4(0, 0)));

        host.Do(() => host.Engine.Send(new(Protocol.Udp, default, IpEndpoint.V4(0xC6336402, 5060)), [1]));

        host.UntilTold($"undelivered {Address}:{host.Udp.Port} > 198.51.100.2:5060 Unreachable");
        Assert.Equal(1, host.Counters.IcmpErrors);
    });

    [NamespaceFact]
    public void A_link_local_address_is_answered_on_its_interface() => InNamespace(() =>
    {
        Run("ip", "link add near type veth peer name far");
        Run("ip", "link set near up");
        Run("ip", "link set far up");
        Run("ip", "addr add fe80::1/64 dev near nodad");
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.V6(0, 0)));
        using var client = UdpClient("fe80::1%near");
        var buffer = new byte[16];
        EndPoint from = new IPEndPoint(IPAddress.IPv6Any, 0);

        client.SendTo([7], new IPEndPoint(IPAddress.Parse("fe80::1%near"), host.Udp.Port));
        Assert.Equal(1, client.ReceiveFrom(buffer, ref from));

        Assert.Equal($"[fe80::1%{((IPEndPoint)client.LocalEndPoint!).Address.ScopeId}]:{host.Udp.Port}", from.ToString());
        host.UntilTold($"datagram [fe80::1]:{host.Udp.Port} < [fe80::1]:{((IPEndPoint)client.LocalEndPoint).Port} 1");
    });

    [NamespaceFact]
    public void A_full_send_buffer_drops_is_counted_and_the_engine_is_not_told() => InNamespace(() =>
    {
        // An interface that lets next to nothing through.
        Run("tc", "qdisc add dev lo root tbf rate 8kbit burst 1600 latency 600s");
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.Loopback(0)));
        var flow = new Flow(Protocol.Udp, Endpoint(host.Udp), IpEndpoint.Loopback(9));
        var datagram = new byte[1000];

        for (int i = 0; i < 100; i++)
        {
            host.Do(() =>
            {
                for (int n = 0; n < 10; n++)
                    host.Engine.Send(flow, datagram);
            });
        }

        host.Do(() => { });
        Assert.Equal(1000, host.Counters.DatagramsSent + host.Counters.DatagramsDropped);
        Assert.True(host.Counters.DatagramsDropped > 0);
        Assert.Equal(0, host.Counters.DatagramsFailed);
    });

    [NamespaceFact]
    public void Time_exceeded_on_the_way_is_ignored() => InNamespace(() =>
    {
        // The far end is a router of its own in the same namespace's eyes: what comes in by it with one hop left is answered by ICMP time exceeded.
        Run("ip", "link add near type veth peer name far");
        Run("ip", "netns add sip-embedded-far");
        try
        {
            Run("ip", "link set far netns sip-embedded-far");
            Run("ip", $"addr add {Address}/24 dev near");
            Run("ip", "link set near up");
            Run("ip", "-n sip-embedded-far addr add 198.51.100.2/24 dev far");
            Run("ip", "-n sip-embedded-far link set far up");
            Run("ip", "netns exec sip-embedded-far sysctl -qw net.ipv4.ip_forward=1");
            Run("ip", "route add 203.0.113.0/24 via 198.51.100.2 ttl-propagate disabled");
            Run("ip", "netns exec sip-embedded-far ip route add 203.0.113.0/24 via 198.51.100.9");
            Run("sysctl", "-qw net.ipv4.ip_default_ttl=1");
            using var host = new RunningHost(new(), OnUdp(IpEndpoint.V4(0, 0)));

            host.Do(() => host.Engine.Send(new(Protocol.Udp, default, IpEndpoint.V4(0xCB007101, 5060)), [1]));

            Until(() => host.Counters.IcmpIgnored == 1, "it came");
            Assert.Equal(0, host.Engine.Undelivered);
        }
        finally
        {
            Run("ip", "netns del sip-embedded-far");
        }
    });

    // A thread has its namespace, hands it on to the threads and processes that it starts, and takes it along when it ends.
    internal static void InNamespace(Action test)
    {
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            try
            {
                Assert.Equal(0, Native.Unshare(Native.NetworkNamespace));
                Run("ip", "link set lo up");
                test();
            }
            catch (Exception caught)
            {
                fault = caught;
            }
        });
        thread.Start();
        thread.Join();
        if (fault is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
    }

    internal static void Run(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {said}");
    }
}

/// <summary>A test that needs a network namespace of its own; skipped, with the reason, where it cannot have one.</summary>
public sealed class NamespaceFactAttribute : FactAttribute
{
    private static readonly string? WhyNot = Reason();

    public NamespaceFactAttribute() => Skip = WhyNot;

    private static string? Reason()
    {
        string[] folders = ["/sbin", "/usr/sbin", "/bin", "/usr/bin"];
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "ip"))))
            return "needs the ip program (Debian's package iproute2)";
        bool canUnshare = false;
        var thread = new Thread(() => canUnshare = Native.Unshare(Native.NetworkNamespace) == 0);
        thread.Start();
        thread.Join();
        return canUnshare ? null : "needs the right to make a network namespace (root)";
    }
}
