// What happened at the sockets, counted. Nothing that Host drops, refuses or repairs goes uncounted.
namespace SipEmbedded.Host;

/// <summary>Counts since start. Read them on the loop's thread, or take them from another as a little out of date.</summary>
public sealed class HostCounters
{
    // Datagrams.

    public long DatagramsReceived { get; internal set; }

    public long DatagramOctetsReceived { get; internal set; }

    /// <summary>Longer than the buffer, hence dropped: no UDP datagram over IPv4 or IPv6 is, jumbograms (RFC 2675) excepted.</summary>
    public long DatagramsTruncated { get; internal set; }

    /// <summary>Lost before Host saw them, since the socket's buffer was full.</summary>
    public long DatagramsOverflowed { get; internal set; }

    public long DatagramsSent { get; internal set; }

    public long DatagramOctetsSent { get; internal set; }

    /// <summary>Dropped since the socket's send buffer or the interface's queue was full; see note [a full send buffer].</summary>
    public long DatagramsDropped { get; internal set; }

    /// <summary>Could not be sent; the engine was told why.</summary>
    public long DatagramsFailed { get; internal set; }

    /// <summary>ICMP errors that the engine was told of.</summary>
    public long IcmpErrors { get; internal set; }

    /// <summary>ICMP errors that say nothing about the peer: source quench, time exceeded (RFC 3261 §18.4).</summary>
    public long IcmpIgnored { get; internal set; }

    /// <summary>Notices for the engine that found no room; to it the datagram was lost in silence.</summary>
    public long NoticesDropped { get; internal set; }

    // Media.

    public long MediaReceived { get; internal set; }

    public long MediaOctetsReceived { get; internal set; }

    public long MediaSent { get; internal set; }

    public long MediaOctetsSent { get; internal set; }

    /// <summary>Packets that could not be sent: no way there, or no room in the socket's buffer.</summary>
    public long MediaUnsent { get; internal set; }

    /// <summary>Longer than any packet of media that we take, hence dropped.</summary>
    public long MediaTruncated { get; internal set; }

    /// <summary>Pairs of ports that were wanted at start and not to be had.</summary>
    public long MediaPairsMissing { get; internal set; }

    // Sockets that listen.

    /// <summary>Tries to open a socket that failed; each is made again later.</summary>
    public long OpenFailures { get; internal set; }

    /// <summary>Sockets that died and were given up, to be opened again.</summary>
    public long SocketsLost { get; internal set; }

    // Connections.

    public long ConnectionsAccepted { get; internal set; }

    /// <summary>Closed as soon as they were accepted: there were too many, or the engine had no room.</summary>
    public long ConnectionsRefused { get; internal set; }

    /// <summary>Closed as soon as they were accepted, for want of descriptors.</summary>
    public long ConnectionsShed { get; internal set; }

    /// <summary>Times that accepting was put off, since the kernel had no room for a connection.</summary>
    public long AcceptPauses { get; internal set; }

    public long ConnectsStarted { get; internal set; }

    public long ConnectsCompleted { get; internal set; }

    public long ConnectsFailed { get; internal set; }

    /// <summary>Connections that ended by the peer's closing them in order.</summary>
    public long ConnectionsClosed { get; internal set; }

    /// <summary>Connections that ended by a fault.</summary>
    public long ConnectionsBroken { get; internal set; }

    /// <summary>Connections closed since what waited to be sent had no room; among the broken ones.</summary>
    public long ConnectionsStalled { get; internal set; }

    /// <summary>Connections that were being closed and were cut off before the peer had read everything.</summary>
    public long LingersCut { get; internal set; }

    /// <summary>Connections whose place the engine gave to another without closing them.</summary>
    public long ConnectionsForgotten { get; internal set; }

    public long StreamOctetsReceived { get; internal set; }

    public long StreamOctetsSent { get; internal set; }

    /// <summary>Streams and closings for a connection that is no more.</summary>
    public long TransmitsWithoutConnection { get; internal set; }

    // Names and networks.

    /// <summary>Sockets opened for questions to name servers.</summary>
    public long DnsPortsOpened { get; internal set; }

    /// <summary>Sockets for questions that could not be had: the port was taken, or there was no descriptor. The engine was told.</summary>
    public long DnsPortsRefused { get; internal set; }

    /// <summary>Sockets of questions closed to make room for another.</summary>
    public long DnsPortsDisplaced { get; internal set; }

    /// <summary>What the kernel said of links, addresses and routes, and how often the engine was told that they changed.</summary>
    public long NetworkMessages { get; internal set; }

    public long NetworkChanges { get; internal set; }

    /// <summary>Times that the kernel said more than could be kept; taken as a change.</summary>
    public long NetworkOverruns { get; internal set; }

    /// <summary>Times that the kernel gave no such socket, or took it back. Without one no change is told.</summary>
    public long NetworkWatchFailures { get; internal set; }

    /// <summary>Texts of resolver files handed to the engine.</summary>
    public long ResolverFileChanges { get; internal set; }

    /// <summary>Times that a resolver file was too long, and only its beginning was looked at.</summary>
    public long ResolverFilesCut { get; internal set; }

    /// <summary>Times that a resolver file was there and could not be read; what it said before holds on.</summary>
    public long ResolverFileFailures { get; internal set; }

    // The loop.

    public long Polls { get; internal set; }

    /// <summary>Polls that a signal cut short.</summary>
    public long Interruptions { get; internal set; }

    /// <summary>Polls that the kernel could not make.</summary>
    public long PollFailures { get; internal set; }

    /// <summary>Calls of the engine's <c>HandleTimeout</c>.</summary>
    public long Timeouts { get; internal set; }

    /// <summary>Descriptors that nobody could watch: there were too many.</summary>
    public long WatchesRefused { get; internal set; }

    public long StopRequests { get; internal set; }

    public long Reloads { get; internal set; }
}
