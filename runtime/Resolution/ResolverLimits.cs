// How much of what name servers and files say is looked at. Everything is kept in memory that is taken at start, so everything has an end.
namespace SipEmbedded.Resolution;

/// <summary>Limits of names, answers and lists. What lies beyond is passed over and counted, or refused.</summary>
public static class ResolverLimits
{
    /// <summary>Octets of a name as it stands in a message, its last empty label included (RFC 1035 §3.1).</summary>
    public const int MaxNameOctets = 255;

    /// <summary>Octets of one label (RFC 1035 §3.1).</summary>
    public const int MaxLabelOctets = 63;

    /// <summary>Targets of a resolution, addresses each counted. To try them all takes eight minutes (RFC 3261 timer F); nobody waits for more.</summary>
    public const int MaxTargets = 16;

    /// <summary>Records of one answer that are kept, those of no use not counted; more serve no purpose where so few targets are.</summary>
    public const int MaxRecords = 16;
}
