// The loop itself: deadlines, descriptors of others, requests to stop.
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public class LoopTests
{
    private sealed class Handler(Action<Instant, int, DescriptorEvents> handle) : IDescriptorHandler
    {
        public void HandleReady(Instant now, int token, DescriptorEvents events) => handle(now, token, events);
    }

    private sealed class Application : IHostApplication
    {
        public int Stops { get; private set; }

        public int Reloads { get; private set; }

        public bool IsDrained { get; set; }

        public Action? OnStop { get; set; }

        public void HandleStop(Instant now)
        {
            Stops++;
            OnStop?.Invoke();
        }

        public void HandleReload(Instant now) => Reloads++;
    }

    [Fact]
    public void Deadlines_come_in_their_order_and_never_early()
    {
        // The engine ends the process where one comes early. Fractions of a millisecond, deadlines of the past, and several at one time are among them.
        const int Count = 300;
        var random = new Random(60);
        var fired = new List<long>();
        var engine = new TestEngine();
        long due = 0;
        engine.OnTimeout = now =>
        {
            fired.Add(now.Ticks - due);
            if (fired.Count < Count)
                engine.Deadline = Instant.FromTicks(due = now.Ticks + random.Next(-1000, 20_000));
        };
        using var host = new RunningHost(engine, new());

        host.Do(() => engine.Deadline = Instant.FromTicks(due = host.Host.Now.Ticks));
        Until(() => host.Counters.Timeouts == Count, "all have come");

        Assert.All(fired, late => Assert.True(late >= 0));
        Assert.Equal(Count, fired.Count);
    }

    [Fact]
    public void It_sleeps_until_the_deadline_and_does_not_spin()
    {
        var engine = new TestEngine();
        using var host = new RunningHost(engine, new());
        long before = 0;

        host.Do(() =>
        {
            before = host.Counters.Polls;
            engine.Deadline = host.Host.Now + TimeSpan.FromMilliseconds(30);
        });
        Until(() => host.Counters.Timeouts == 1, "it has come");

        // One poll until the deadline, one that may have begun behind it.
        Assert.InRange(host.Counters.Polls - before, 1, 3);
    }

    [Fact]
    public void A_descriptor_of_others_is_told_and_what_comes_of_it_is_sent()
    {
        using var client = UdpClient();
        var to = Endpoint(client.LocalEndPoint);
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.Loopback(0)));
        int descriptor = Native.EventDescriptor(0, 0);
        var handler = new Handler((_, token, events) =>
        {
            Assert.Equal(DescriptorEvents.Readable, events);
            byte count = (byte)Native.Quiet(descriptor);
            host.Engine.Send(new(Protocol.Udp, default, to), [(byte)token, count]);
        });
        Handle<DescriptorWatch> watch = default;
        host.Do(() => Assert.True(host.Host.Loop.TryWatch(descriptor, DescriptorEvents.Readable, handler, 42, out watch)));

        Native.Signal(descriptor);

        var buffer = new byte[16];
        Assert.Equal(2, client.Receive(buffer));
        Assert.Equal([42, 1], buffer[..2]);
        host.Do(() => host.Host.Loop.Unwatch(watch));
        _ = Native.Close(descriptor);
    }

    [Fact]
    public void A_descriptor_that_another_handler_gave_up_is_not_told_any_more()
    {
        using var host = new RunningHost(new(), new());
        int[] descriptors = [Native.EventDescriptor(1, 0), Native.EventDescriptor(1, 0)];
        var watches = new Handle<DescriptorWatch>[2];
        int told = 0;
        // Both are ready at once; whoever is first gives both up.
        var handler = new Handler((_, _, _) =>
        {
            told++;
            Array.ForEach(watches, host.Host.Loop.Unwatch);
        });

        host.Do(() =>
        {
            for (int i = 0; i < 2; i++)
                Assert.True(host.Host.Loop.TryWatch(descriptors[i], DescriptorEvents.Readable, handler, i, out watches[i]));
        });
        Until(() => Volatile.Read(ref told) > 0, "one is told");
        host.Do(() => { });

        Assert.Equal(1, told);
        host.Do(() => Array.ForEach(watches, watch => host.Host.Loop.Change(watch, DescriptorEvents.Readable)));
        Array.ForEach(descriptors, descriptor => _ = Native.Close(descriptor));
    }

    [Fact]
    public void What_is_watched_for_can_be_changed()
    {
        using var host = new RunningHost(new(), new());
        int descriptor = Native.EventDescriptor(1, 0);
        Handle<DescriptorWatch> watch = default;
        var told = DescriptorEvents.None;
        var handler = new Handler((_, _, events) =>
        {
            told |= events;
            host.Host.Loop.Change(watch, DescriptorEvents.None);
        });

        host.Do(() => Assert.True(host.Host.Loop.TryWatch(descriptor, DescriptorEvents.None, handler, 0, out watch)));
        host.Do(() => { });
        Assert.Equal(DescriptorEvents.None, told);
        host.Do(() => host.Host.Loop.Change(watch, DescriptorEvents.Writable));
        Until(() => told != DescriptorEvents.None, "it is told");

        Assert.Equal(DescriptorEvents.Writable, told);
        host.Do(() => host.Host.Loop.Unwatch(watch));
        _ = Native.Close(descriptor);
    }

    [Fact]
    public void A_descriptor_that_was_closed_is_told_once_and_watched_no_longer()
    {
        using var host = new RunningHost(new(), new());
        int descriptor = Native.EventDescriptor(0, 0), told = 0;
        var handler = new Handler((_, _, events) => told += (events & DescriptorEvents.Invalid) != 0 ? 1 : 1000);

        host.Do(() =>
        {
            Assert.True(host.Host.Loop.TryWatch(descriptor, DescriptorEvents.Readable, handler, 0, out _));
            _ = Native.Close(descriptor);
        });
        Until(() => Volatile.Read(ref told) > 0, "it is told");
        host.Do(() => { });

        Assert.Equal(1, told);
    }

    [Fact]
    public void More_descriptors_than_there_is_room_for_are_refused_and_counted()
    {
        using var host = new RunningHost(new(), new() { ForeignDescriptors = 2, Connections = 0, Lingering = 0, DnsPorts = 0 });
        int descriptor = Native.EventDescriptor(0, 0);
        var handler = new Handler((_, _, _) => { });
        bool[] taken = new bool[3];
        var watches = new Handle<DescriptorWatch>[3];

        // The test's own takes one; the place of a connection that is being accepted is free.
        host.Do(() =>
        {
            for (int i = 0; i < 3; i++)
                taken[i] = host.Host.Loop.TryWatch(descriptor, DescriptorEvents.Readable, handler, 0, out watches[i]);
        });

        Assert.Equal([true, true, false], taken);
        Assert.Equal(1, host.Counters.WatchesRefused);
        host.Do(() => Array.ForEach(watches, host.Host.Loop.Unwatch));
        _ = Native.Close(descriptor);
    }

    [Fact]
    public void Without_an_application_a_stop_is_at_once()
    {
        using var host = new RunningHost(new(), new());

        host.Host.RequestStop();

        Assert.Equal(StopReason.Drained, host.UntilStopped());
    }

    [Fact]
    public void An_application_says_when_it_is_drained_and_its_last_words_leave()
    {
        using var client = UdpClient();
        var application = new Application();
        using var host = new RunningHost(new(), OnUdp(IpEndpoint.Loopback(0)), application);
        var flow = new Flow(Protocol.Udp, default, Endpoint(client.LocalEndPoint));
        application.OnStop = () => host.Engine.Send(flow, "BYE"u8);

        host.Host.RequestStop();
        Assert.Equal(3, client.Receive(new byte[16]));
        Assert.Null(host.Reason);
        host.Do(() =>
        {
            host.Engine.Send(flow, "last"u8);
            application.IsDrained = true;
        });

        Assert.Equal(StopReason.Drained, host.UntilStopped());
        Assert.Equal(4, client.Receive(new byte[16]));
        Assert.Equal(1, application.Stops);
    }

    [Fact]
    public void A_second_request_ends_it_at_once()
    {
        var application = new Application();
        using var host = new RunningHost(new(), new(), application);

        host.Host.RequestStop();
        Until(() => application.Stops == 1, "it is told");
        host.Host.RequestStop();

        Assert.Equal(StopReason.Insisted, host.UntilStopped());
        Assert.Equal(1, application.Stops);
    }

    [Fact]
    public void An_application_that_is_never_drained_is_ended()
    {
        using var host = new RunningHost(new(), new() { StopTimeout = TimeSpan.FromMilliseconds(20) }, new Application());

        host.Host.RequestStop();

        Assert.Equal(StopReason.TimedOut, host.UntilStopped());
    }

    [Fact]
    public void Signals_reload_and_stop()
    {
        var application = new Application();
        using var host = new RunningHost(new(), new() { HandlesSignals = true }, application);

        Assert.Equal(0, Native.Kill(Environment.ProcessId, Native.SigHup));
        Until(() => application.Reloads == 1, "it is told");
        Assert.Equal(0, Native.Kill(Environment.ProcessId, Native.SigTerm));
        Until(() => application.Stops == 1, "it is told");
        Assert.Null(host.Reason);
        Assert.Equal(0, Native.Kill(Environment.ProcessId, Native.SigTerm));

        Assert.Equal(StopReason.Insisted, host.UntilStopped());
        Assert.Equal(1, host.Counters.Reloads);
        Assert.Equal(2, host.Counters.StopRequests);
    }

    [Fact]
    public void The_clock_does_not_go_back()
    {
        var clock = new SystemClock();
        var last = clock.Now;
        for (int i = 0; i < 100_000; i++)
        {
            var now = clock.Now;
            Assert.True(now >= last);
            last = now;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(100_000)]
    public void The_kernels_randomness_fills_all(int length)
    {
        byte[] first = new byte[length], second = new byte[length];
        new KernelEntropy().Fill(first);
        new KernelEntropy().Fill(second);

        Assert.True(length < 16 || !first.SequenceEqual(second));
        // A stretch that was left out would be zero; eight octets that are by chance come once in 2^64.
        Assert.Equal(-1, first.AsSpan().IndexOf(new byte[8]));
    }

    [Fact]
    public void A_rehearsal_says_what_a_host_will_take()
    {
        var gate = StartGate.Rehearsal();
        _ = new SipHost(gate, new() { Udp = [IpEndpoint.Loopback(0)], Tcp = [IpEndpoint.Loopback(0)] });

        Assert.Contains(gate.Plan().Entries.ToArray(), entry => entry.Pool == "datagrams in" && entry.Bytes >= entry.Capacity * 65_535L);
    }

    [Fact]
    public void More_sockets_than_a_host_has_are_an_error_of_the_configuration() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new SipHost(new(), new() { Udp = [.. Enumerable.Repeat(IpEndpoint.Loopback(0), HostOptions.MaxSockets + 1)] }));
}
