// Connections against a real kernel, on its loopback interface.
using System.Net;
using System.Net.Sockets;
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class TcpTests
{
    private static readonly IpEndpoint Loopback = IpEndpoint.Loopback(0);

    private static Socket Listener(int backlog = 16)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(backlog);
        return listener;
    }

    private static byte[] ToTheEnd(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[65_536];
        for (int count; (count = socket.Receive(buffer)) > 0;)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    private static bool IsEnded(Socket socket)
    {
        try
        {
            return socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private static byte[] Lines(int seed, int octets)
    {
        var random = new Random(seed);
        var text = new byte[octets];
        for (int i = 0; i < octets; i++)
            text[i] = random.Next(40) == 0 ? (byte)'\n' : (byte)random.Next('a', 'p');
        text[^1] = (byte)'\n';
        return text;
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_stream_comes_back_as_it_went_at_every_split(string address)
    {
        using var host = new RunningHost(new(), OnTcp(address == "::1" ? IpEndpoint.V6(1, 0) : Loopback));
        using var client = TcpClient(host.Tcp);
        byte[] text = "one\ntwo\n\nthree\n"u8.ToArray();

        for (int split = 0; split <= text.Length; split++)
        {
            client.Send(text, split, SocketFlags.None);
            Assert.Equal(text[..split], Exactly(client, split));
            client.Send(text.AsSpan(split));
            Assert.Equal(text[split..], Exactly(client, text.Length - split));
        }

        Assert.Equal(1, host.Counters.ConnectionsAccepted);
    }

    [Fact]
    public void What_the_engine_leaves_is_handed_in_again_in_order()
    {
        using var host = new RunningHost(new() { Log = null }, OnTcp(Loopback));
        using var client = TcpClient(host.Tcp);
        byte[] text = Lines(1, 400_000);

        var sending = new Thread(() => client.Send(text));
        sending.Start();

        Assert.Equal(text, Exactly(client, text.Length));
        sending.Join();
        Assert.Equal(text.Length, host.Counters.StreamOctetsReceived);
        Until(() => host.Counters.StreamOctetsSent == text.Length, "all are counted");
    }

    [Fact]
    public void A_peer_that_reads_late_gets_everything()
    {
        // More than the kernel takes at once, less than a connection may have pending.
        using var host = new RunningHost(new() { IsEcho = false, Log = null }, new() { Tcp = [Loopback], PendingOctetsOfConnection = 8 << 20, PendingOctets = 8 << 20 });
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, ReceiveTimeout = 20_000 };
        client.Connect(host.Tcp);
        Until(() => host.Counters.ConnectionsAccepted == 1, "accepted");
        var sent = new MemoryStream();
        var random = new Random(2);

        for (int i = 0; i < 200; i++)
        {
            byte[] text = Lines(i, random.Next(1, 60_000));
            sent.Write(text);
            host.Do(() => host.Engine.Stream(host.Engine.ConnectionAt(0), text));
        }
        Assert.True(host.Counters.StreamOctetsSent < sent.Length, "the kernel took all: nothing was pending");

        Assert.Equal(sent.ToArray(), Exactly(client, (int)sent.Length));
    }

    [Theory]
    [InlineData(100_000, 1_000_000)] // The connection's own limit.
    [InlineData(1_000_000, 100_000)] // The pool's.
    public void A_peer_that_does_not_read_is_closed_when_there_is_no_room(int ofConnection, int together)
    {
        using var host = new RunningHost(new(), new() { Tcp = [Loopback], PendingOctetsOfConnection = ofConnection, PendingOctets = together });
        using var client = TcpClient(host.Tcp);
        using var other = TcpClient(host.Tcp);
        Until(() => host.Counters.ConnectionsAccepted == 2, "accepted");
        byte[] text = Lines(3, 50_000);

        for (int i = 0; i < 400 && host.Engine.Ended == 0; i++)
            host.Do(() => host.Engine.Stream(host.Engine.ConnectionAt(0), text));

        host.UntilTold("closed Exhausted");
        Assert.Equal(1, host.Counters.ConnectionsStalled);
        // The room is free again, and nobody else has noticed.
        other.Send("still\n"u8);
        Assert.Equal("still\n"u8.ToArray(), Exactly(other, 6));
        Assert.Equal(1, host.Engine.LiveConnections);
    }

    [Fact]
    public void A_connection_is_opened_and_what_was_handed_over_before_goes_out_first()
    {
        using var listener = Listener();
        using var host = new RunningHost(new(), new());

        host.Do(() =>
        {
            var connection = host.Engine.Connect(Endpoint(listener.LocalEndPoint));
            host.Engine.Stream(connection, "first\n"u8);
            host.Engine.Stream(connection, "second\n"u8);
        });
        using var peer = listener.Accept();
        peer.Send("third\n"u8);

        Assert.Equal("first\nsecond\nthird\n"u8.ToArray(), Exactly(peer, 19));
        Assert.Equal(["connected"], host.Engine.Log!);
        Assert.Equal(1, host.Counters.ConnectsCompleted);
    }

    [Fact]
    public void A_connection_leaves_from_the_address_that_the_flow_names()
    {
        using var listener = Listener();
        using var host = new RunningHost(new(), new());

        host.Do(() => host.Engine.Connect(Endpoint(listener.LocalEndPoint), IpEndpoint.V4(0x7F000007, 5060)));
        using var peer = listener.Accept();

        Assert.Equal(IPAddress.Parse("127.0.0.7"), ((IPEndPoint)peer.RemoteEndPoint!).Address);
        Assert.NotEqual(5060, ((IPEndPoint)peer.RemoteEndPoint!).Port);
    }

    [Fact]
    public void A_refused_connection_is_told_as_refused()
    {
        using var host = new RunningHost(new(), new());

        host.Do(() => host.Engine.Stream(host.Engine.Connect(ClosedPort(SocketType.Stream)), "x"u8));

        host.UntilTold("closed Refused");
        Assert.Equal(1, host.Counters.ConnectsFailed);
        Assert.Equal(0, host.Engine.LiveConnections);
    }

    [Theory]
    [InlineData(0xC0000201, 0x7F000001, Protocol.Tcp)] // From an address that is not ours.
    [InlineData(0, 0xFFFFFFFF, Protocol.Tcp)] // To broadcast.
    [InlineData(0, 0x7F000001, Protocol.Tls)] // By what is not there.
    public void A_connection_that_cannot_be_tried_is_told_as_unreachable(uint local, uint remote, Protocol protocol)
    {
        using var host = new RunningHost(new(), new());

        host.Do(() => host.Engine.Connect(IpEndpoint.V4(remote, 9), IpEndpoint.V4(local, 0), protocol));

        host.UntilTold("closed Unreachable");
    }

    [Fact]
    public void A_connection_that_does_not_open_in_time_is_told_as_timed_out()
    {
        // A listener that takes nobody: its queue is full, and the kernel answers no SYN.
        using var listener = Listener(0);
        var clients = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToList();
        foreach (var client in clients)
            Assert.Throws<SocketException>(() => client.Connect(listener.LocalEndPoint!));
        using var host = new RunningHost(new(), new() { ConnectTimeout = TimeSpan.FromMilliseconds(50) });

        host.Do(() => host.Engine.Connect(Endpoint(listener.LocalEndPoint)));

        host.UntilTold("closed TimedOut");
        Assert.Equal(1, host.Counters.ConnectsFailed);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public void A_peer_that_closes_is_told_as_closed()
    {
        using var host = new RunningHost(new(), OnTcp(Loopback));
        using (var client = TcpClient(host.Tcp))
        {
            client.Send("x\n"u8);
            _ = Exactly(client, 2);
        }

        host.UntilTold("closed Closed");
        Assert.Equal(1, host.Counters.ConnectionsClosed);
        Assert.Equal(0, host.Counters.ConnectionsBroken);
    }

    [Fact]
    public void A_peer_that_breaks_off_is_told_as_reset()
    {
        using var host = new RunningHost(new(), OnTcp(Loopback));
        using (var client = TcpClient(host.Tcp))
        {
            client.Send("x\n"u8);
            _ = Exactly(client, 2);
            client.LingerState = new(true, 0);
        }

        host.UntilTold("closed Reset");
        Assert.Equal(1, host.Counters.ConnectionsBroken);
    }

    [Fact]
    public void A_peer_that_has_said_all_still_gets_what_was_handed_over()
    {
        using var host = new RunningHost(new() { IsEcho = false }, new() { Tcp = [Loopback], PendingOctetsOfConnection = 8 << 20, PendingOctets = 8 << 20 });
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, ReceiveTimeout = 20_000 };
        client.Connect(host.Tcp);
        Until(() => host.Counters.ConnectionsAccepted == 1, "accepted");
        byte[] text = Lines(4, 60_000);
        for (int i = 0; i < 100; i++)
            host.Do(() => host.Engine.Stream(host.Engine.ConnectionAt(0), text));
        Assert.True(host.Counters.StreamOctetsSent < 100 * text.Length, "the kernel took all: nothing was pending");

        client.Shutdown(SocketShutdown.Send);
        host.UntilTold("closed Closed");

        Assert.Equal(100 * text.Length, ToTheEnd(client).Length);
        host.Do(() => Assert.Equal(0, host.Counters.LingersCut));
    }

    [Fact]
    public void What_was_sent_before_closing_arrives_though_the_peer_still_talks()
    {
        // Closing with octets unread would make the kernel send a reset, which takes what is on its way along.
        using var host = new RunningHost(new() { Log = null }, OnTcp(Loopback));
        for (int i = 0; i < 50; i++)
        {
            using var client = TcpClient(host.Tcp);
            byte[] text = Lines(i, 20_000);
            var sending = new Thread(() =>
            {
                client.Send(text);
                client.Send("quit\n"u8);
                client.Send(Lines(i, 100_000));
                client.Shutdown(SocketShutdown.Send);
            });
            sending.Start();

            Assert.Equal(text, ToTheEnd(client));
            sending.Join();
        }
        Until(() => host.Engine.LiveConnections == 0, "all are closed");
    }

    [Fact]
    public void A_connection_that_is_closed_lingers_no_longer_than_it_may()
    {
        using var host = new RunningHost(new(), new() { Tcp = [Loopback], LingerTimeout = TimeSpan.FromMilliseconds(50) });
        using var client = TcpClient(host.Tcp);

        // The peer never closes its side.
        client.Send("quit\n"u8);

        Assert.Empty(ToTheEnd(client));
        Until(() => host.Counters.LingersCut == 1, "it is cut");
    }

    [Fact]
    public void No_more_connections_linger_than_may()
    {
        using var host = new RunningHost(new(), new() { Tcp = [Loopback], Lingering = 1 });
        using var first = TcpClient(host.Tcp);
        first.Send("quit\n"u8);
        Assert.Empty(ToTheEnd(first));

        using var second = TcpClient(host.Tcp);
        second.Send("quit\n"u8);

        Assert.True(IsEnded(second));
        Until(() => host.Counters.LingersCut == 1, "it is cut");
    }

    [Fact]
    public void Closing_while_opening_still_sends_what_was_handed_over()
    {
        using var listener = Listener();
        using var host = new RunningHost(new(), new());

        host.Do(() =>
        {
            var connection = host.Engine.Connect(Endpoint(listener.LocalEndPoint));
            host.Engine.Stream(connection, "last words"u8);
            host.Engine.Close(connection);
        });
        using var peer = listener.Accept();

        Assert.Equal("last words"u8.ToArray(), ToTheEnd(peer));
        Assert.Empty(host.Engine.Log!);
    }

    [Fact]
    public void A_connection_too_many_is_closed_and_there_is_room_again_later()
    {
        using var host = new RunningHost(new(), new() { Tcp = [Loopback], Connections = 2 });
        var clients = Enumerable.Range(0, 2).Select(_ => TcpClient(host.Tcp)).ToList();
        Until(() => host.Counters.ConnectionsAccepted == 2, "accepted");

        using (var third = TcpClient(host.Tcp))
            Assert.True(IsEnded(third));
        Assert.Equal(1, host.Counters.ConnectionsRefused);

        clients[0].Dispose();
        host.UntilTold("closed Closed");
        using var fourth = TcpClient(host.Tcp);
        fourth.Send("room\n"u8);
        Assert.Equal("room\n"u8.ToArray(), Exactly(fourth, 5));
        clients[1].Dispose();
    }

    [Fact]
    public void A_connection_that_the_engine_refuses_is_closed()
    {
        using var host = new RunningHost(new() { Accepts = false }, OnTcp(Loopback));
        using var client = TcpClient(host.Tcp);

        Assert.True(IsEnded(client));
        Assert.Equal(1, host.Counters.ConnectionsRefused);
        Assert.Equal(0, host.Counters.ConnectionsAccepted);
    }

    [Fact]
    public void An_engine_with_more_connections_than_the_host_is_told()
    {
        using var host = new RunningHost(new(connections: 4), new() { Connections = 1 });
        using var listener = Listener();

        host.Do(() =>
        {
            _ = host.Engine.Connect(Endpoint(listener.LocalEndPoint));
            _ = host.Engine.Connect(Endpoint(listener.LocalEndPoint));
        });

        host.UntilTold("closed Exhausted");
        host.UntilTold("connected");
    }

    [Fact]
    public void Without_any_descriptor_accepting_pauses_and_the_connection_is_served_later()
    {
        using var host = new RunningHost(new(), OnTcp(Loopback));
        using var warm = TcpClient(host.Tcp);
        warm.Send("a\n"u8);
        _ = Exactly(warm, 2);
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };

        // A limit below what is open already: no new descriptor, whichever number is free, so the reserve is of no use.
        nuint before = Native.LimitDescriptors(3);
        try
        {
            late.Connect(host.Tcp);
            Until(() => host.Counters.AcceptPauses > 0, "it pauses");
            Assert.Equal(0, host.Counters.ConnectionsShed);
        }
        finally
        {
            _ = Native.LimitDescriptors(before);
        }

        late.Send("b\n"u8);
        Assert.Equal("b\n"u8.ToArray(), Exactly(late, 2));
    }

    [Fact]
    public void Without_descriptors_but_for_the_reserve_connections_are_closed_at_once()
    {
        using var host = new RunningHost(new(), OnTcp(Loopback));
        using var warm = TcpClient(host.Tcp);
        warm.Send("a\n"u8);
        _ = Exactly(warm, 2);
        using var shed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
        // All numbers up to a limit are taken: the reserve's is the only one that giving up makes free.
        const int Limit = 512;
        var taken = new List<int>();
        nuint before = Native.LimitDescriptors(Limit);
        try
        {
            for (int descriptor; (descriptor = Native.EventDescriptor(0, 0)) >= 0;)
                taken.Add(descriptor);
            shed.Connect(host.Tcp);
            Assert.True(IsEnded(shed));
        }
        finally
        {
            _ = Native.LimitDescriptors(before);
            taken.ForEach(descriptor => _ = Native.Close(descriptor));
        }
        Assert.Equal(1, host.Counters.ConnectionsShed);
        Assert.Equal(0, host.Counters.AcceptPauses);

        using var client = TcpClient(host.Tcp);
        client.Send("b\n"u8);
        Assert.Equal("b\n"u8.ToArray(), Exactly(client, 2));
    }

    [Fact]
    public void A_listener_that_dies_is_opened_again_on_its_port()
    {
        using var host = new RunningHost(new(), OnTcp(Loopback));
        using var old = TcpClient(host.Tcp);
        Until(() => host.Counters.ConnectionsAccepted == 1, "accepted");

        int other = Native.EventDescriptor(1, 0);
        Assert.True(Native.Duplicate(other, Native.DescriptorOf(1, host.Tcp.Port)) >= 0);
        _ = Native.Close(other);
        // A poll that is under way still holds what was there.
        host.Do(() => { });
        Until(() => host.Counters.SocketsLost == 1 && host.Host.TcpListeners[0].IsOpen, "it is open again");

        using var client = TcpClient(host.Tcp);
        client.Send("b\n"u8);
        Assert.Equal("b\n"u8.ToArray(), Exactly(client, 2));
        old.Send("a\n"u8);
        Assert.Equal("a\n"u8.ToArray(), Exactly(old, 2));
    }

    [Fact]
    public void Garbage_and_broken_connections_leave_it_serving()
    {
        var random = new Random(18);
        using var host = new RunningHost(new() { Log = null }, OnTcp(Loopback));
        var garbage = new byte[5000];
        for (int i = 0; i < 300; i++)
        {
            random.NextBytes(garbage);
            using var client = TcpClient(host.Tcp);
            _ = client.Send(garbage, random.Next(garbage.Length), SocketFlags.None);
            if (random.Next(2) == 0)
                client.LingerState = new(true, 0);
        }
        Until(() => host.Counters.ConnectionsAccepted + host.Counters.ConnectionsRefused == 300 && host.Engine.LiveConnections == 0, "all are gone");

        using var last = TcpClient(host.Tcp);
        last.Send("b\n"u8);
        Assert.Equal("b\n"u8.ToArray(), Exactly(last, 2));
    }

    [Fact]
    public void An_observer_sees_a_stream_as_the_kernel_took_it()
    {
        var observer = new Observer();
        using var host = new RunningHost(new(), new() { Tcp = [Loopback] }, observer: observer);
        using var client = TcpClient(host.Tcp);
        client.Send("a\n"u8);
        _ = Exactly(client, 2);
        host.Do(() => { });

        string flow = $"{TestEngine.Show(Endpoint(host.Tcp))} {TestEngine.Show(Endpoint(client.LocalEndPoint))}";
        Assert.Equal([$"in {flow} 610A", $"out {flow} 610A"], observer.Lines);
    }

    [Fact]
    public void A_connection_that_the_engine_forgot_gives_way_to_the_next_in_its_place()
    {
        using var host = new RunningHost(new(), OnTcp(Loopback));
        using var first = TcpClient(host.Tcp);
        Until(() => host.Counters.ConnectionsAccepted == 1, "accepted");

        host.Do(() => host.Engine.Forget(host.Engine.ConnectionAt(0)));
        first.Send("nobody takes this\n"u8);
        using var second = TcpClient(host.Tcp);
        second.Send("a\n"u8);

        Assert.Equal("a\n"u8.ToArray(), Exactly(second, 2));
        Assert.True(IsEnded(first));
        Assert.Equal(1, host.Counters.ConnectionsForgotten);
        Assert.Equal(1, host.Engine.LiveConnections);
    }

    [Fact]
    public void Streams_and_closings_without_a_connection_are_counted()
    {
        using var listener = Listener();
        using var host = new RunningHost(new(), new());

        host.Do(() =>
        {
            var connection = host.Engine.Connect(Endpoint(listener.LocalEndPoint), protocol: Protocol.Tls);
            host.Engine.Close(connection);
            host.Engine.Stream(connection, "x"u8);
        });

        // Drained when the handler has returned.
        host.Do(() => { });
        Assert.Equal(1, host.Counters.TransmitsWithoutConnection);
        Assert.Equal(0, host.Engine.Ended);
    }
}
