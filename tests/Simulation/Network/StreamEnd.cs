// One end of a connection, as the network knows it: where it is, what waits, and whether anybody is still there.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal enum StreamState : byte
{
    Connecting,
    Open,

    /// <summary>Its owner has closed it or was told of its end, or is gone.</summary>
    Ended,
}

internal sealed class StreamEnd(Node node, Protocol protocol, IpEndpoint local, IpEndpoint remote)
{
    public Node Node { get; } = node;

    /// <summary>The owner's life that it belongs to.</summary>
    public int Life { get; } = node.Life;

    public IpEndpoint Local { get; } = local;

    public IpEndpoint Remote { get; } = remote;

    /// <summary>What the owner's engine calls it.</summary>
    public Handle<Connection> Handle { get; set; }

    public Protocol Protocol { get; } = protocol;

    public Flow Flow => new(Protocol, Local, Remote, Handle);

    public StreamState State { get; set; }

    /// <summary>The other end, once the connection is open.</summary>
    public StreamEnd? Peer { get; set; }

    /// <summary>Nothing gets through any more, either way, and nobody is told.</summary>
    public bool IsSilent { get; set; }

    /// <summary>When the owner's system waits no longer for an acknowledgement that does not come.</summary>
    public Instant GivesUp { get; set; } = Instant.Never;

    /// <summary>The translator between the ends, or null; of both ends the same.</summary>
    public Translation? Translation { get; set; }

    /// <summary>What this end sends, in order; null is the end of the stream.</summary>
    public Queue<(Instant Arrival, byte[]? Piece)> Outgoing { get; } = new();

    /// <summary>True while the head of <see cref="Outgoing"/> is on the agenda.</summary>
    public bool IsPumping { get; set; }

    /// <summary>Octets handed over before the connection was open.</summary>
    public List<byte[]> Early { get; } = [];

    /// <summary>The owner closed it before it was open.</summary>
    public bool ClosesWhenOpen { get; set; }
}
