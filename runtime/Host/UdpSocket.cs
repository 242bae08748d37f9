// A UDP socket that serves SIP: datagrams both ways, each with its own local address, and what ICMP says of those that did not arrive (RFC 3261 §18).
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>A UDP socket, bound to an address or to all.</summary>
public sealed class UdpSocket : BoundSocket
{
    // One look at the error queue ends after so many, so that a flood of ICMP does not keep the loop from the rest.
    internal const int ErrorsAtOnce = 32;

    private readonly DatagramReceiver _receiver;
    private readonly EngineDriver _driver;
    private readonly int _receiveBuffer;

    // The kernel's count of what it lost, when it was last seen.
    private uint _overflow;

    [StartUp(Because = "a socket is made before start")]
    internal UdpSocket(
        in IpEndpoint local, EventLoop loop, HostOptions options, HostCounters counters, DatagramReceiver receiver, EngineDriver driver)
        : base(local, loop, options, counters)
    {
        _receiver = receiver;
        _driver = driver;
        _receiveBuffer = options.ReceiveBufferOctets;
    }

    internal new int Descriptor => base.Descriptor;

    /// <summary>True where this socket can send on a flow from <paramref name="local"/> to an address of <paramref name="remote"/>'s family.</summary>
    internal bool Serves(in IpEndpoint local, in IpEndpoint remote) =>
        Local.IsV4 == remote.IsV4 && (local.Port == 0 || local.Port == Local.Port) && (local.IsAny || Local.IsAny || Local.HasAddressOf(local));

    /// <summary>Takes one error off the socket's queue. False where there is none; <paramref name="wasAsync"/> where it came from the network.</summary>
    internal unsafe bool TryTakeError(out bool wasAsync)
    {
        wasAsync = false;
        SocketAddress remote;
        byte* control = stackalloc byte[ControlMessages.MaxOctets];
        var header = new MessageHeader { Name = &remote, NameLength = SocketAddress.V6Octets, Control = control, ControlLength = ControlMessages.MaxOctets };
        if (!IsOpen || Libc.ReceiveMessage(Descriptor, &header, Number.ErrorQueue | Number.DoNotWait) < 0)
            return false;
        var messages = ControlMessages.Read(new(control, (int)header.ControlLength));
        var error = messages.Error;
        // The kernel's own word on a datagram that is too long; whoever sends it is told by the call itself.
        if (error.Origin is not (Number.OriginIcmp or Number.OriginIcmpV6) || header.NameLength == 0)
            return true;
        wasAsync = true;
        bool isIgnored = error.Origin == Number.OriginIcmp
            ? error.Type is Number.IcmpSourceQuench or Number.IcmpTimeExceeded
            : error.Type == Number.IcmpV6TimeExceeded;
        if (isIgnored)
        {
            Counters.IcmpIgnored++;
            return true;
        }
        Counters.IcmpErrors++;
        _driver.Notice(new(Protocol.Udp, LocalOf(messages), remote.Endpoint), Faults.Of((int)error.Errno));
        return true;
    }

    /// <summary>The local address of a datagram, by its control messages and the socket's own.</summary>
    internal IpEndpoint LocalOf(in ControlMessages messages) => Local.IsAny ? messages.Local.WithPort(Local.Port) : Local;

    /// <summary>Counts what the kernel lost since it was last asked.</summary>
    internal void NoteOverflow(uint overflow)
    {
        // The kernel says nothing while it is 0.
        if (overflow == 0)
            return;
        Counters.DatagramsOverflowed += overflow - _overflow;
        _overflow = overflow;
    }

    /// <summary>A call failed: sees to it if that was the socket's end. False where it still lives.</summary>
    internal bool LoseIfDead(Instant now, int error)
    {
        if (!Faults.IsDeath(error))
            return false;
        Lose(now, error);
        return true;
    }

    private protected override int Type => Number.Datagram;

    private protected override void SetOptions(int descriptor)
    {
        _overflow = 0;
        _ = Sockets.TrySet(descriptor, Number.LevelSocket, Number.ReceiveBuffer, _receiveBuffer);
        _ = Sockets.TrySet(descriptor, Number.LevelSocket, Number.ReceiveQueueOverflow, 1);
        int level = Local.IsV4 ? Number.LevelV4 : Number.LevelV6;
        // Where a datagram arrived is known on a socket that is bound to one address, and the kernel need not write it beside each.
        if (Local.IsAny)
            _ = Sockets.TrySet(descriptor, level, Local.IsV4 ? Number.V4PacketInfo : Number.V6ReceivePacketInfo, 1);
        _ = Sockets.TrySet(descriptor, level, Local.IsV4 ? Number.V4ReceiveErrors : Number.V6ReceiveErrors, 1);
    }

    // A datagram socket listens as soon as it is bound.
    private protected override bool TryListen(int descriptor) => true;

    private protected override void HandleReady(Instant now, DescriptorEvents events)
    {
        // While there is no room for notices, errors stay in the kernel's queue, which is limited as well.
        for (int i = 0; i < ErrorsAtOnce && (events & DescriptorEvents.Error) != 0 && _driver.HasRoomForNotice; i++)
        {
            if (!TryTakeError(out _))
                break;
        }
        _receiver.Receive(now, this);
    }
}
