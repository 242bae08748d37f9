// Everything that happens between an agent and the network, one record each. The history of a run is a list of these; checks see each as it happens.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal enum OccurrenceKind : byte
{
    /// <summary>An agent handed a datagram to the network.</summary>
    DatagramSent,

    /// <summary>A datagram is about to be handed to an agent.</summary>
    DatagramReceived,

    /// <summary>The network dropped a datagram; <see cref="Occurrence.Note"/> says why.</summary>
    DatagramLost,

    /// <summary>An agent was told that a datagram did not arrive.</summary>
    Undelivered,

    /// <summary>An agent asks for a connection.</summary>
    Connecting,

    /// <summary>The one who asked was told that it is open.</summary>
    Connected,

    /// <summary>The other side took it in, or refused to: see <see cref="Occurrence.Note"/>.</summary>
    Accepted,

    /// <summary>An agent handed octets to a stream.</summary>
    StreamSent,

    /// <summary>A piece of a stream is about to be handed to an agent.</summary>
    StreamReceived,

    /// <summary>An agent closed a connection.</summary>
    Closing,

    /// <summary>An agent was told that a connection ended.</summary>
    Closed,

    /// <summary>An agent was started, ended, or started again.</summary>
    Lifecycle,

    /// <summary>What an agent's application did or was told.</summary>
    Application,

    /// <summary>The network changed.</summary>
    Weather,
}

/// <summary>One of them. <see cref="Octets"/> is never changed.</summary>
internal sealed class Occurrence(OccurrenceKind kind, Instant time, Node? node, Flow flow, byte[] octets, string note)
{
    /// <summary>The note of a datagram whose octets are not those that were sent.</summary>
    public const string Corrupted = "corrupted";

    public OccurrenceKind Kind { get; } = kind;

    public Instant Time { get; } = time;

    public Node? Node { get; } = node;

    public Flow Flow { get; } = flow;

    public byte[] Octets { get; } = octets;

    public string Note { get; } = note;

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append($"{Time.Ticks / 10000.0,14:0.0000} {Node?.Name ?? "-",-6} {Kind,-16} {Flow.Protocol,-4} ");
        if (Flow.Protocol != Protocol.None)
            text.Append($"{AddressText.Of(Flow.Local)} / {AddressText.Of(Flow.Remote)} ");
        if (Octets.Length > 0)
            text.Append($"[{Octets.Length}] {FirstLine()} ");
        return text.Append(Note).ToString().TrimEnd();
    }

    private string FirstLine()
    {
        int end = Octets.AsSpan().IndexOfAny((byte)'\r', (byte)'\n');
        return Encoding.Latin1.GetString(Octets, 0, end < 0 ? Math.Min(Octets.Length, 60) : end);
    }
}
