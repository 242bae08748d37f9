// What may be set about keeping flows alive (RFC 5626 §4.4, RFC 8489 §6.2.1).
namespace SipEmbedded.KeepAlive;

/// <summary>Settings of a <see cref="FlowKeeper"/>, read once when it is made.</summary>
public sealed class FlowKeeperOptions
{
    /// <summary>The upper bound of the wait between pings on a stream that nobody named another for (RFC 5626 §4.4.1).</summary>
    public static readonly TimeSpan DefaultStreamInterval = TimeSpan.FromSeconds(120);

    /// <summary>The same over UDP: many address translators forget after 30 s (RFC 5626 §4.4.2).</summary>
    public static readonly TimeSpan DefaultDatagramInterval = TimeSpan.FromSeconds(29);

    /// <summary>Flows kept at once: an account has one, two with a backup (RFC 5626 §4.2); four accounts.</summary>
    public int Flows { get; init; } = 8;

    /// <summary>A pong must come by then (RFC 5626 §4.4.1).</summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>RTO: when a Binding request is sent again first; each further wait is twice as long (RFC 8489 §6.2.1: 500 ms for fixed access).</summary>
    public TimeSpan StunTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Rc: how often a Binding request is sent at most (RFC 8489 §6.2.1).</summary>
    public int StunRequests { get; init; } = 7;

    /// <summary>Rm: how many times RTO the last one is waited for (RFC 8489 §6.2.1).</summary>
    public int StunLastWait { get; init; } = 16;

    /// <summary>
    /// Answer Binding requests of others (RFC 5626 §8: a limited server on the SIP port). A peer that keeps its flow to us alive by them would otherwise take
    /// us for dead. An answer has 32 octets to an IPv4 peer's 20, and goes where the request came from.
    /// </summary>
    public bool AnswersBinding { get; init; } = true;
}
