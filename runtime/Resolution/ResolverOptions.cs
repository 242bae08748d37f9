// What may be set about finding servers, with the defaults of a door-phone.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>Which addresses of a host come first (RFC 6157 §5, RFC 6724 in short).</summary>
public enum FamilyOrder : byte
{
    Ipv6First,
    Ipv4First,

    /// <summary>Only A records are asked for.</summary>
    Ipv4Only,

    /// <summary>Only AAAA records are asked for.</summary>
    Ipv6Only,
}

/// <summary>Settings of a resolver, read once when it is made.</summary>
public sealed class ResolverOptions
{
    private static readonly Protocol[] s_udpThenTcp = [Protocol.Udp, Protocol.Tcp];

    // 48 names and answers of one or two records, a dozen of several, two of the largest that a datagram brings.
    private static readonly BufferClass[] s_buffers = [new(64, 64), new(256, 24), new(1024, 6), new(4096, 2)];

    [StartUp(Because = "options are made before start")]
    public ResolverOptions()
    {
    }

    /// <summary>The transports that this agent has, the most wanted first: the order counts where a domain says nothing of its own (RFC 3263 §4.1).</summary>
    public Protocol[] Transports { get; init; } = s_udpThenTcp;

    /// <summary>RFC 6724 table 1 wants IPv6 first; an address that no way leads to comes last in any case.</summary>
    public FamilyOrder Families { get; init; } = FamilyOrder.Ipv6First;

    /// <summary>
    /// Resolutions held at once: one for each of two accounts, for each of eight calls that are being placed, and for each of sixteen dialogs whose next hop is a
    /// name; some to spare.
    /// </summary>
    public int Resolutions { get; init; } = 32;

    /// <summary>Questions open at once. A domain with two servers needs four for their addresses; more wait for their turn.</summary>
    public int Questions { get; init; } = 8;

    /// <summary>Names and types of which an answer is kept. A domain with NAPTR, two transports and two servers takes seven.</summary>
    public int CacheEntries { get; init; } = 48;

    /// <summary>Buffers of names and records that are kept, from the smallest.</summary>
    public BufferClass[] CacheBuffers { get; init; } = s_buffers;

    /// <summary>Names of /etc/hosts that are kept; further ones are passed over, and counted.</summary>
    public int HostNames { get; init; } = 32;

    /// <summary>Targets that failed and are remembered; the one whose time ends first gives way.</summary>
    public int DeadTargets { get; init; } = 16;

    /// <summary>
    /// For so long a target that failed is passed over. To try it costs up to 32 s without a registrar (RFC 3261 §17.1.2.2, timer F), so not at every refresh.
    /// </summary>
    public TimeSpan DeadTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An answer must have come by then, else the next server is asked; resolv.conf's <c>timeout</c> goes before it.</summary>
    public TimeSpan QuestionTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often each server is asked; resolv.conf's <c>attempts</c> goes before it.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>
    /// After a question that nobody answered, the name is asked for again no earlier than this, twice as late after each further failure in a row (RFC 9520 §3.2),
    /// up to <see cref="FailureTime"/>. Half of the shortest wait of an account that found no server, so that each of its tries asks anew.
    /// </summary>
    public TimeSpan FailureLeast { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The longest such wait, and the one where an older answer serves on meanwhile (RFC 2308 §7, RFC 8767 §5: 30 s). A name server that was silent is asked after
    /// the others for as long.
    /// </summary>
    public TimeSpan FailureTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>No record is kept for longer, whatever its TTL (RFC 8767 §4: a week or less).</summary>
    public TimeSpan MaxTimeToLive { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// That a name does not exist is believed no longer than this. RFC 2308 §5 finds one to three hours sensible; a device whose name was entered too late should
    /// not be without a registrar for so long.
    /// </summary>
    public TimeSpan MaxNegativeTimeToLive { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// That there is nothing is believed for so long where no SOA says how long, as forwarders of a house answer for its own names. RFC 2308 §5 would have it not
    /// kept at all, since two servers could pass it to each other for ever; nobody asks us, and without it every call asks for all types again. As short as a person
    /// waits who entered a name and dials again.
    /// </summary>
    public TimeSpan NegativeTimeWithoutSoa { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// So long after its time an answer still serves while no server can be asked; zero: not at all. RFC 8767 §5 suggests one to three days; a door must also open
    /// after a week of holidays.
    /// </summary>
    public TimeSpan MaxStale { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Mix upper and lower case at random in the names that are asked for, and take no answer that does not repeat them ("0x20"). One more bit a letter
    /// against forged answers, but some forwarders do not keep the case, and those then never answer.
    /// </summary>
    public bool MixesCase { get; init; }

    /// <summary>Streams to name servers at once, for answers too long for a datagram.</summary>
    public int Streams { get; init; } = 2;

    /// <summary>Octets of the longest answer that is taken from a stream. The rest of a domain's records would not be used anyway.</summary>
    public int StreamAnswerOctets { get; init; } = 8192;
}
