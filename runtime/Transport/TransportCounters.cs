namespace SipEmbedded.Transport;

/// <summary>What happened since start. Every input that is dropped is in exactly one of the counters that say why.</summary>
public struct TransportCounters
{
    /// <summary>Datagrams handed in, and messages found on streams.</summary>
    public long DatagramsReceived;

    public long StreamMessagesReceived;

    /// <summary>Datagrams and stream messages handed out.</summary>
    public long DatagramsSent;

    public long StreamMessagesSent;

    /// <summary>Datagrams that hold nothing, or only empty lines: keep-alives (RFC 5626 §3.5.1).</summary>
    public long KeepAliveDatagrams;

    /// <summary>STUN messages on a SIP port, told by their first two bits (RFC 5626 §4.4.2, RFC 8489 §5).</summary>
    public long StunDatagrams;

    /// <summary>Pings answered and pongs received on streams.</summary>
    public long Pings;

    public long Pongs;

    /// <summary>Streams closed since they could not be framed any more.</summary>
    public long UnframableStreams;

    /// <summary>Streams closed since a message did not become whole in time.</summary>
    public long StalledStreams;

    public long IdleStreamsClosed;

    public long ConnectTimeouts;

    /// <summary>Connections of peers turned away, and of ours not opened, for want of a slot.</summary>
    public long ConnectionsRefused;

    /// <summary>Streams closed since no buffer was free for a message that came in pieces.</summary>
    public long StreamsWithoutBuffer;

    /// <summary>Messages not handed out since the queue was full.</summary>
    public long OutputsRefused;

    /// <summary>Octets handed in for a connection that is gone.</summary>
    public long StaleInputs;

    /// <summary>Failed flows reported by the host, and connections that ended.</summary>
    public long Undelivered;

    public long ConnectionsClosed;
}
