// A host on a thread of its own, with an engine that tests can reach.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

// Ports, descriptors and signals belong to the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace SipEmbedded.Host.Tests;

internal sealed class RunningHost : IDisposable, IDescriptorHandler
{
    // Nothing here takes as long, on however slow a machine; a test that waits for it has failed.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<Action> _actions = new();
    private readonly int _event = Native.EventDescriptor(0, 0);
    private readonly Thread _thread;

    public RunningHost(TestEngine engine, HostOptions options, IHostApplication? application = null, ITrafficObserver? observer = null)
    {
        Engine = engine;
        var gate = new StartGate();
        Host = new(gate, options, observer: observer);
        gate.Close();
        Host.Open();
        Assert.True(Host.Loop.TryWatch(_event, DescriptorEvents.Readable, this, 0, out _));
        _thread = new(() => Reason = Host.Run(engine, application)) { IsBackground = true };
        _thread.Start();
    }

    public TestEngine Engine { get; }

    public SipHost Host { get; }

    public HostCounters Counters => Host.Counters;

    public StopReason? Reason { get; private set; }

    public IPEndPoint Udp => Address(Host.UdpSockets[0].Local);

    public IPEndPoint Tcp => Address(Host.TcpListeners[0].Local);

    public static HostOptions OnUdp(params IpEndpoint[] local) => new() { Udp = local };

    public static HostOptions OnTcp(params IpEndpoint[] local) => new() { Tcp = local };

    public static IPEndPoint Address(in IpEndpoint endpoint)
    {
        var octets = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(octets, endpoint.Address);
        return new(endpoint.IsV4 ? new IPAddress(octets.AsSpan(12)) : new IPAddress(octets), endpoint.Port);
    }

    public static IpEndpoint Endpoint(EndPoint? address)
    {
        var ip = (IPEndPoint)address!;
        Assert.True(IpEndpoint.TryRead(System.Text.Encoding.ASCII.GetBytes(ip.Address.ToString()), (ushort)ip.Port, out var endpoint));
        return endpoint;
    }

    public static Socket UdpClient(string address = "127.0.0.1")
    {
        var socket = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return socket;
    }

    public static Socket TcpClient(IPEndPoint to)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds, SendTimeout = (int)Patience.TotalMilliseconds, NoDelay = true,
        };
        socket.Connect(to);
        return socket;
    }

    /// <summary>A port of 127.0.0.1 on which nobody listens.</summary>
    public static IpEndpoint ClosedPort(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return Endpoint(socket.LocalEndPoint);
    }

    public static byte[] Exactly(Socket socket, int count)
    {
        var octets = new byte[count];
        for (int done = 0; done < count;)
        {
            int received = socket.Receive(octets, done, count - done, SocketFlags.None);
            Assert.True(received > 0, $"the stream ended after {done} octets");
            done += received;
        }
        return octets;
    }

    /// <summary>Runs on the loop's thread, and waits until it has.</summary>
    public void Do(Action action)
    {
        using var done = new ManualResetEventSlim();
        _actions.Enqueue(() =>
        {
            action();
            done.Set();
        });
        Native.Signal(_event);
        Assert.True(done.Wait(Patience), "the loop does not answer");
    }

    public static void Until(Func<bool> holds, string what)
    {
        var end = DateTime.UtcNow + Patience;
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < end, $"still not so: {what}");
            Thread.Sleep(1);
        }
    }

    /// <summary>Waits until the engine was told this.</summary>
    public void UntilTold(string line)
    {
        try
        {
            Until(() => Engine.Log!.Contains(line), line);
        }
        catch (Xunit.Sdk.XunitException)
        {
            Assert.Fail($"'{line}' is not among: {string.Join("; ", Engine.Log!)}");
        }
    }

    /// <summary>Waits until it has returned.</summary>
    public StopReason UntilStopped()
    {
        Assert.True(_thread.Join(Patience), "the loop does not end");
        return Reason!.Value;
    }

    public void HandleReady(Instant now, int token, DescriptorEvents events)
    {
        _ = Native.Quiet(_event);
        while (_actions.TryDequeue(out var action))
            action();
    }

    public void Dispose()
    {
        Host.RequestStop();
        Host.RequestStop();
        Assert.True(_thread.Join(Patience), "the loop does not end");
        Host.Dispose();
        _ = Native.Close(_event);
    }
}
