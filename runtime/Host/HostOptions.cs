// What a host is made of: where it listens, how much it keeps, how long it waits. Every limit is here, with its reason.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>Options of <see cref="SipHost"/>, fixed at start.</summary>
public sealed class HostOptions
{
    /// <summary>Sockets that listen, UDP and TCP together: two protocols, two IP versions, four interfaces.</summary>
    public const int MaxSockets = 16;

    /// <summary>The largest datagram there is (RFC 3261 §18.1.1), and what <see cref="ISipEngine.PollTransmit"/> may write.</summary>
    public const int MaxDatagramOctets = 65_535;

    /// <summary>
    /// Where UDP is served. An "any" address (0.0.0.0 or ::) serves every interface, and answers leave from the address that was asked. Port 0 takes a free
    /// one; <see cref="SipHost.UdpSockets"/> tells which.
    /// </summary>
    [StartUp(Because = "options are made before start")]
    public IReadOnlyList<IpEndpoint> Udp { get; init; } = [];

    /// <summary>Where TCP connections are accepted.</summary>
    [StartUp(Because = "options are made before start")]
    public IReadOnlyList<IpEndpoint> Tcp { get; init; } = [];

    /// <summary>
    /// Connections that the engine knows at once, accepted and opened: as many as it has room for itself at least. A door-phone has one to its registrar or
    /// proxy, one to each phone that it rings, and a few from strangers.
    /// </summary>
    public int Connections { get; init; } = 32;

    /// <summary>Connections that the engine has closed and whose last octets are still on their way. One more, and it is cut off at once.</summary>
    public int Lingering { get; init; } = 8;

    /// <summary>
    /// Octets that wait on one connection for a peer that reads slowly: two of the largest messages. One more, and the connection is closed: whoever reads
    /// that slowly is not there.
    /// </summary>
    public int PendingOctetsOfConnection { get; init; } = 2 * 65_536;

    /// <summary>Octets that wait on all connections together: four such peers, or many with a message each.</summary>
    public int PendingOctets { get; init; } = 8 * 65_536;

    /// <summary>
    /// Datagrams received, or sent, by one system call. Under load a batch saves a third of the processor time, and more than 16 save no more
    /// (bench/run host). The buffers take 64 KiB each in the address space, and as much memory as the datagrams that were ever in them.
    /// </summary>
    public int DatagramBatch { get; init; } = 16;

    /// <summary>What the kernel keeps for us while we are busy (SO_RCVBUF): some 200 datagrams of a kilobyte with their overhead. It may grant less.</summary>
    public int ReceiveBufferOctets { get; init; } = 512 * 1024;

    /// <summary>Descriptors of others in the same poll: GPIO lines, both directions of a sound card.</summary>
    public int ForeignDescriptors { get; init; } = 32;

    /// <summary>Connections that the kernel completes before we accept them (listen(2)); a burst of phones that come back after a power cut.</summary>
    public int Backlog { get; init; } = 64;

    /// <summary>Notices of failed sending that wait for the engine: a few for each datagram of a batch.</summary>
    public int Notices { get; init; } = 128;

    /// <summary>How long a connection may take to open, should the engine not give up before (<c>TransportOptions.ConnectTimeout</c>): a SYN is sent at 0, 1, 3 and 7 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a peer may take to acknowledge what was sent to it (TCP_USER_TIMEOUT): as long as a transaction lasts, 64*T1 (RFC 3261 §17.1.1.2).</summary>
    public TimeSpan StreamTimeout { get; init; } = TimeSpan.FromSeconds(32);

    /// <summary>How long a connection that the engine has closed may linger until the peer has read what was sent and closed its side.</summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an orderly stop may take: a call may wait 64*T1 for its ACK (RFC 3261 §13.3.1.4), and its BYE as long again for an answer (§17.1.2.2); a little
    /// more than both.
    /// </summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(66);

    /// <summary>
    /// The first pause before a socket that cannot be opened is tried again; each further one is twice as long, up to <see cref="MaxRetryPause"/>. A tenth of
    /// a second is not noticed at a door, and costs nothing.
    /// </summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest such pause: an address that DHCP gives back is served again within it.</summary>
    public TimeSpan MaxRetryPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Ports for questions to name servers at once: two questions of a name (A and AAAA), to two servers, of two accounts. One more, and the oldest is closed.
    /// </summary>
    public int DnsPorts { get; init; } = 8;

    /// <summary>
    /// Where media are received: an address of each IP version that is served, "any" as a rule, with the first port of the range, an even one. Without one there
    /// are no media.
    /// </summary>
    [StartUp(Because = "options are made before start")]
    public IReadOnlyList<IpEndpoint> Media { get; init; } = [];

    /// <summary>
    /// Pairs of ports opened at each of these: two for each of a door-phone's eight calls, so that a port rests before its next call and packets of the last one are
    /// not taken for the next one's.
    /// </summary>
    public int MediaPairs { get; init; } = 16;

    /// <summary>Pairs that are tried for that, from the first port on; others may have some of them.</summary>
    public int MediaRange { get; init; } = 100;

    /// <summary>
    /// The traffic class of packets with media: Expedited Forwarding (RFC 3246, RFC 4594 §4.1: telephony), DSCP 46 in the upper six bits.
    /// </summary>
    public byte MediaTrafficClass { get; init; } = 46 << 2;

    /// <summary>Whether the engine is told when links, addresses or routes change (<see cref="ISipEngine.HandleNetworkChange"/>).</summary>
    public bool WatchesNetwork { get; init; } = true;

    /// <summary>The file of <see cref="ISipEngine.HandleResolverConfiguration"/>; empty for none. One that is not there is as an empty one.</summary>
    public string ResolverConfigurationPath { get; init; } = "/etc/resolv.conf";

    /// <summary>The file of <see cref="ISipEngine.HandleHosts"/>; empty for none. One that is not there is as an empty one.</summary>
    public string HostsPath { get; init; } = "/etc/hosts";

    /// <summary>Whether SIGTERM and SIGINT stop the host in order, and SIGHUP is told to the application.</summary>
    public bool HandlesSignals { get; init; }
}
