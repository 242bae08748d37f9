// What happened to all accounts since the start.
namespace SipEmbedded.Registration;

public struct RegistrationCounters
{
    /// <summary>REGISTERs sent, retries with credentials included, retransmissions not.</summary>
    public long Requests;

    /// <summary>2xx to a registration.</summary>
    public long Registered;

    /// <summary>2xx to what removes contacts.</summary>
    public long Unregistered;

    /// <summary>Challenges that were answered.</summary>
    public long ChallengesAnswered;

    /// <summary>Requests that ended without a final response.</summary>
    public long Unanswered;

    /// <summary>Final responses other than 2xx that nothing could be done about at once.</summary>
    public long Failures;

    /// <summary>Times that another server was taken because one failed.</summary>
    public long Failovers;

    /// <summary>Redirections that were followed.</summary>
    public long Redirects;

    /// <summary>Flows that broke under a registration.</summary>
    public long FlowsFailed;

    /// <summary>Registrations whose time was over before another came.</summary>
    public long Lapsed;

    /// <summary>2xx that did not name our contact.</summary>
    public long ContactsMissing;

    /// <summary>Texts of a response that an account has no room for: a Service-Route, a GRUU, where a 3xx leads. They count as not given.</summary>
    public long TextsTooLong;

    /// <summary>Requests that found no transaction, buffer or slot.</summary>
    public long NoRoom;

    /// <summary>Commands with a handle that had gone stale.</summary>
    public long StaleCommands;
}
