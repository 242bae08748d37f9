// Two hosts with echo engines, what most tests of the network need.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class Pair
{
    public Pair(NetworkFaults faults, ulong seed = 1, bool echoes = false, bool accepts = true, int inputOctets = int.MaxValue)
    {
        World = new(seed, faults);
        (Left, Right) = (new() { Echoes = false }, new() { Echoes = echoes, Accepts = accepts, InputOctets = inputOctets });
        (LeftNode, RightNode) = (new(World, "left", 0, LeftAddress), new(World, "right", 1, RightAddress));
        World.Add(LeftNode);
        World.Add(RightNode);
        LeftNode.Start(Left);
        RightNode.Start(Right);
    }

    public static IpEndpoint LeftAddress { get; } = IpEndpoint.V4(0xC0000201, 5060);

    public static IpEndpoint RightAddress { get; } = IpEndpoint.V4(0xC0000202, 5060);

    public World World { get; }

    public EchoEngine Left { get; }

    public EchoEngine Right { get; }

    public Node LeftNode { get; }

    public Node RightNode { get; }

    public static Flow ToRight { get; } = new(Protocol.Udp, LeftAddress, RightAddress);

    public void Send(byte[] octets)
    {
        Left.Send(ToRight, octets);
        LeftNode.Settle();
    }

    /// <summary>Sends numbered datagrams, one each millisecond, and waits for the last.</summary>
    public void SendNumbered(int count, int octets = 4)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] datagram = new byte[octets];
            BitConverter.TryWriteBytes(datagram, i);
            World.After(TimeSpan.FromMilliseconds(i), () => Send(datagram));
        }
        World.RunToRest(Instant.Never);
    }

    public List<int> NumbersOnTheRight() => [.. Right.Datagrams.Select(datagram => BitConverter.ToInt32(datagram.Octets))];

    public Handle<Connection> Connect()
    {
        var connection = Left.Connect(LeftAddress, RightAddress);
        LeftNode.Settle();
        return connection;
    }

    public void Write(Handle<Connection> connection, byte[] octets)
    {
        Left.Write(connection, octets);
        LeftNode.Settle();
    }

    public void Close(Handle<Connection> connection)
    {
        Left.Close(connection);
        LeftNode.Settle();
    }

    public void Rest() => World.RunToRest(Instant.Never);
}
