// What may be set about transports, with the defaults of a device on a local network.
using SipEmbedded.Messages;

namespace SipEmbedded.Transport;

/// <summary>An address of ours that peers may send to: what a Via's sent-by names (RFC 3261 §18.1.1).</summary>
public readonly record struct ListeningPoint(Protocol Protocol, IpEndpoint Endpoint);

/// <summary>Settings of the transport layer, read once when it is made.</summary>
public sealed class TransportOptions
{
    /// <summary>RFC 3261 §18.1.1: a request within 200 octets of the path MTU goes over a stream, or one above 1300 where the MTU is unknown.</summary>
    public const int DefaultPathLimitOctets = 1300;

    /// <summary>Where peers reach us. An address of "any" stands for every address of the host.</summary>
    public ListeningPoint[] ListeningPoints { get; init; } = [];

    /// <summary>
    /// Streams at once, both opened and accepted: a door-phone has a registrar, a backup, perhaps a few phones that call directly, and some to spare for
    /// strangers who connect and say nothing until they are closed.
    /// </summary>
    public int Connections { get; init; } = 16;

    /// <summary>Octets of a request over UDP above which a stream is tried first (RFC 3261 §18.1.1); 0 for never.</summary>
    public int PathLimitOctets { get; init; } = DefaultPathLimitOctets;

    /// <summary>
    /// Octets of one message on a stream, at most those of the largest message buffer. RFC 3261 names no limit; the largest that a door-phone meets is a 200 of a
    /// registrar with many bindings, or a NOTIFY.
    /// </summary>
    public int MaxStreamMessageOctets { get; init; } = 16 * 1024;

    /// <summary>A stream without traffic for so long is closed. Longer than any transaction without a message (RFC 3261 §18 leaves it to us).</summary>
    public TimeSpan IdleClose { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A connection must be open by then. Peers on a local network answer at once; a firewall that drops says nothing at all.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// A message on a stream must be whole by then, counted from its first octet, or its buffer could be held for ever: 64·T1. So must the first one of a
    /// peer that connected, or be a ping, or strangers who say nothing could hold all connections.
    /// </summary>
    public TimeSpan PartialTimeout { get; init; } = TimeSpan.FromSeconds(32);

    /// <summary>
    /// Answer a request over UDP where it came from even if it has no <c>rport</c> (RFC 3581 asks for one). For peers behind an address translator that
    /// are too old to ask.
    /// </summary>
    public bool AnswersToSource { get; init; }

    /// <summary>Send responses where a Via's <c>maddr</c> says (RFC 3261 §18.2.2). Off, it is passed over.</summary>
    public bool HonoursMulticastAddress { get; init; } = true;

    /// <summary>
    /// Messages and commands waiting to be polled. One input yields at most a few: an answer, an ACK, the connection to send them on. Timers stop
    /// popping while less than half of it is free.
    /// </summary>
    public int Outputs { get; init; } = 64;

    public Leniency Leniency { get; init; } = Leniency.Default;
}
