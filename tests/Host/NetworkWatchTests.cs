// A network that changes under a running host, in a namespace of the test's own: the engine is told soon, once, and not of what changes nothing; and where the
// kernel would send from.
using System.Diagnostics;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.NamespaceTests;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class NetworkWatchTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private static readonly IpEndpoint Far = IpEndpoint.V4(0xC6336402, 5060);

    // A link whose far end is in the same namespace, both ends down.
    private static void MakeLink()
    {
        Run("ip", "link add near type veth peer name far");
        // Without addresses of their own, which come when nobody else has had them for a second.
        Run("ip", "link set near addrgenmode none");
        Run("ip", "link set far addrgenmode none");
        Run("ip", "link set far up");
    }

    // The time until the engine was told once more.
    private static TimeSpan TimeToTell(RunningHost host, string arguments)
    {
        long before = host.Engine.NetworkChanges;
        Run("ip", arguments);
        var clock = Stopwatch.StartNew();
        Until(() => host.Engine.NetworkChanges > before, arguments);
        return clock.Elapsed;
    }

    // A change may come in two waves; this waits for the end of the last.
    private static long Quiet(RunningHost host)
    {
        long changes;
        do
        {
            changes = host.Engine.NetworkChanges;
            Thread.Sleep(300);
        }
        while (host.Engine.NetworkChanges != changes);
        return changes;
    }

    [NamespaceFact]
    public void A_change_of_links_addresses_and_routes_is_told_within_a_second() => InNamespace(() =>
    {
        MakeLink();
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.V4(0, 0)));
        foreach (string change in new[]
        {
            "addr add 198.51.100.1/24 dev near", "link set near up", "route add default via 198.51.100.2", "addr add 2001:db8::1/64 dev near nodad",
            "route del default", "addr del 198.51.100.1/24 dev near", "link set far down", "link set far up", "link set near down", "link del near",
        })
        {
            Quiet(host);
            Assert.InRange(TimeToTell(host, change), TimeSpan.Zero, Soon);
        }
        Assert.Equal(0, host.Counters.NetworkWatchFailures);
    });

    [NamespaceFact]
    public void A_wave_of_messages_is_told_once_and_a_renewal_not_at_all() => InNamespace(() =>
    {
        MakeLink();
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.V4(0, 0)));
        Run("ip", "link set near up");
        Run("ip", "addr add 2001:db8::1/64 dev near nodad valid_lft 1000 preferred_lft 900");
        long before = Quiet(host);
        string batch = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(batch, Enumerable.Range(1, 20).Select(i => $"addr add 198.51.100.{i}/32 dev near"));
            Run("ip", $"-batch {batch}");
        }
        finally
        {
            File.Delete(batch);
        }
        long waves = Quiet(host) - before;
        Assert.InRange(waves, 1, 3);
        Assert.True(host.Counters.NetworkMessages >= 40);

        long messages = host.Counters.NetworkMessages;
        before = host.Engine.NetworkChanges;
        Run("ip", "addr change 2001:db8::1/64 dev near valid_lft 2000 preferred_lft 1900");
        Until(() => host.Counters.NetworkMessages > messages, "the kernel spoke");
        Assert.Equal(before, Quiet(host));
    });

    [NamespaceFact]
    public void A_socket_that_waits_for_its_address_has_it_as_soon_as_it_is_there() => InNamespace(() =>
    {
        var local = IpEndpoint.V4(0xC6336401, 5060);
        // It would try again by itself in an hour.
        var pause = TimeSpan.FromHours(1);
        using var host = new RunningHost(new(), new() { Udp = [local], Tcp = [local], RetryPause = pause, MaxRetryPause = pause });
        Assert.False(host.Host.UdpSockets[0].IsOpen);

        bool wasOpen = false;
        host.Engine.OnNetworkChange = _ => wasOpen = host.Host.UdpSockets[0].IsOpen && host.Host.TcpListeners[0].IsOpen;
        Assert.InRange(TimeToTell(host, "addr add 198.51.100.1/32 dev lo"), TimeSpan.Zero, Soon);

        Until(() => wasOpen, "they were open when the engine was told");
    });

    [NamespaceFact]
    public void The_address_that_is_sent_from_follows_the_routes() => InNamespace(() =>
    {
        MakeLink();
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.V4(0, 0)));
        var addresses = host.Host.Addresses;
        Assert.False(addresses.TryLocalFor(Far, out _));
        Run("ip", "addr add 198.51.100.1/24 dev near");
        Run("ip", "link set near up");
        Assert.True(addresses.TryLocalFor(Far, out var local));
        Assert.Equal(IpEndpoint.V4(0xC6336401, 0), local);

        // Another address of the same network, then none, then the first again: each time what holds now.
        Run("ip", "addr add 198.51.100.7/24 dev near");
        Run("ip", "addr del 198.51.100.1/24 dev near");
        Run("ip", "addr replace 198.51.100.7/24 dev near");
        Assert.True(addresses.TryLocalFor(Far.WithPort(0), out local));
        Assert.Equal(IpEndpoint.V4(0xC6336407, 0), local);
        Run("ip", "link set near down");
        Assert.False(addresses.TryLocalFor(Far, out local));
        Assert.True(addresses.TryLocalFor(IpEndpoint.Loopback(9), out local));
        Assert.Equal(IpEndpoint.Loopback(0), local);
        Run("ip", "link set near up");
        Assert.True(addresses.TryLocalFor(Far, out local));
        Assert.Equal(IpEndpoint.V4(0xC6336407, 0), local);

        Run("ip", "addr add 2001:db8::1/64 dev near nodad");
        Assert.True(IpEndpoint.TryRead("2001:db8::2"u8, 5060, out var far));
        Assert.True(addresses.TryLocalFor(far, out local));
        Assert.True(IpEndpoint.TryRead("2001:db8::1"u8, 0, out var ours));
        Assert.Equal(ours, local);
        Run("ip", "addr del 2001:db8::1/64 dev near");
        Assert.False(addresses.TryLocalFor(far, out _));
    });

    [Fact]
    public void Asking_for_addresses_allocates_nothing_and_opens_no_socket_each_time()
    {
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.Loopback(0)));
        var addresses = host.Host.Addresses;
        Assert.True(addresses.TryLocalFor(IpEndpoint.Loopback(9), out _));
        Assert.True(addresses.TryLocalFor(IpEndpoint.V6(1, 9), out var local));
        Assert.Equal(IpEndpoint.V6(1, 0), local);
        int descriptors = Directory.GetFiles("/proc/self/fd").Length;

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            addresses.TryLocalFor(IpEndpoint.Loopback(9), out local);
            addresses.TryLocalFor(IpEndpoint.V6(1, 9), out local);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, descriptors + 2);
    }

    [Fact]
    public void A_network_that_is_not_to_be_watched_is_not()
    {
        using var host = new RunningHost(new(), new() { Udp = [IpEndpoint.Loopback(0)], WatchesNetwork = false });
        int watched = host.Host.Loop.Count;
        using var other = new RunningHost(new(), new() { Udp = [IpEndpoint.Loopback(0)] });
        Assert.Equal(watched + 1, other.Host.Loop.Count);
    }
}
