// What happened to names, questions and targets, counted.
namespace SipEmbedded.Resolution;

/// <summary>Of a resolver, since its making.</summary>
public struct ResolverCounters
{
    /// <summary>Queries refused for want of a slot or of a buffer for the name.</summary>
    public long ResolutionsRefused;

    /// <summary>Targets that were said to have failed.</summary>
    public long TargetsMarkedDead;

    /// <summary>Dead targets that were forgotten before their time, for another one's sake.</summary>
    public long DeadTargetsForgotten;
}
