// How much of everything an account may have. The memory of all accounts is taken at start, so each of these is paid for by every account.
namespace SipEmbedded.Registration;

public static class AccountLimits
{
    /// <summary>A URI, also in a name-addr with a display name: what a request with three of them and a route set still holds below a path MTU.</summary>
    public const int MaxUriOctets = 256;

    /// <summary>All values of a Route or Service-Route: four hops of long names.</summary>
    public const int MaxRouteOctets = 1024;

    /// <summary>Header lines of the user's own.</summary>
    public const int MaxHeaderOctets = 1024;

    /// <summary>A name of 253 octets (RFC 1035 §2.3.4) and a port.</summary>
    public const int MaxSentByOctets = 260;

    /// <summary>A contact with its parameters; a URN of an instance alone has 45 octets.</summary>
    public const int MaxContactOctets = 384;

    /// <summary>Contacts that are wanted at once: one for each transport and family of addresses.</summary>
    public const int MaxContacts = 4;

    /// <summary>Contacts that are known: those wanted, and as many that are still to be removed.</summary>
    public const int MaxBindings = 2 * MaxContacts;

    /// <summary>Credentials: the registrar's realm, an outbound proxy's, and two to spare.</summary>
    public const int MaxCredentials = 4;

    /// <summary>Redirections in a row (RFC 3261 §8.1.3.4 leaves the number to us): a registrar that moved, and its own mover.</summary>
    public const int MaxRedirects = 4;

    /// <summary>Times in a row that a 423 is answered by a longer interval: the first says what is wanted, a second one may correct it.</summary>
    public const int MaxIntervalRetries = 2;

    /// <summary>The most that is asked for or believed, so that a binding is looked at once in a while: a day.</summary>
    public const uint MaxSeconds = 24 * 60 * 60;
}
