// What happened to names, questions and targets, counted.
namespace SipEmbedded.Resolution;

/// <summary>Of a resolver, since its making. Every message of a name server is in exactly one of the counters that say what became of it.</summary>
public struct ResolverCounters
{
    /// <summary>Queries refused for want of a slot or of a buffer for the name.</summary>
    public long ResolutionsRefused;

    /// <summary>Searches that ended with targets, with stale ones, and without any.</summary>
    public long Found;

    public long FoundStale;

    public long NotFound;

    /// <summary>Targets that were said to have failed.</summary>
    public long TargetsMarkedDead;

    /// <summary>Dead targets that were forgotten before their time, for another one's sake.</summary>
    public long DeadTargetsForgotten;

    /// <summary>Targets that were left out, there being <see cref="ResolverLimits.MaxTargets"/>.</summary>
    public long TargetsDropped;

    /// <summary>Entries of the cache that gave way to others.</summary>
    public long CacheEvicted;

    /// <summary>How often the cache had no room and nothing could give way.</summary>
    public long CacheRefused;

    /// <summary>Questions begun, and those that nobody answered of use.</summary>
    public long Questions;

    public long QuestionsFailed;

    /// <summary>Times that a question was sent, in datagrams and on streams.</summary>
    public long DatagramsSent;

    public long StreamQuestionsSent;

    /// <summary>Sent questions that had no answer in time, or that could not be delivered.</summary>
    public long TimedOut;

    public long Undelivered;

    /// <summary>Streams that were not opened for want of a slot, and those that were broken off by us since what came on them was no answer.</summary>
    public long StreamsRefused;

    public long StreamsBroken;

    /// <summary>Messages received: each is in one of the counters that follow.</summary>
    public long Received;

    /// <summary>Answers that were taken.</summary>
    public long Answers;

    /// <summary>Of no question that is open: too late, or from a server or to a port that nothing was asked of.</summary>
    public long Strays;

    /// <summary>With another identifier, or another question: a forger's, or a server's mistake. The question stays open.</summary>
    public long WrongId;

    public long WrongQuestion;

    /// <summary>Not an answer, or broken.</summary>
    public long Malformed;

    /// <summary>Cut short: asked again on a stream.</summary>
    public long Truncated;

    /// <summary>FORMERR or NOTIMP to a question with an OPT record: asked again without one.</summary>
    public long WithoutEdns;

    /// <summary>SERVFAIL, REFUSED or another code that says nothing of the name.</summary>
    public long ServerFailures;

    /// <summary>Records that were left out of an answer for want of room.</summary>
    public long RecordsDropped;

    /// <summary>Answers whose aliases form a ring or too long a row.</summary>
    public long AliasRings;

    /// <summary>Values of resolv.conf and names of the hosts file that were not understood, or found no room.</summary>
    public long ConfigurationPassedOver;

    public long HostNamesPassedOver;
}
