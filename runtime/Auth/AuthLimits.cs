// How long the texts of Digest may be, and how often a loop of challenges turns. Everything is kept in memory that is taken at start, so everything has an end.
namespace SipEmbedded.Auth;

/// <summary>Limits, in octets unless a name says otherwise. What is longer is passed over or refused, never cut.</summary>
public static class AuthLimits
{
    /// <summary>A user's name: an address of record of 60 characters, four octets each, is longer than any seen.</summary>
    public const int MaxUserOctets = 240;

    /// <summary>A password. 128 random bits are 32 hexadecimal digits (RFC 7616 §5.1).</summary>
    public const int MaxPasswordOctets = 128;

    /// <summary>A realm as it is written, with its quotes: a host name of 253 octets (RFC 1035 §3.1).</summary>
    public const int MaxRealmOctets = 256;

    /// <summary>A nonce as it is written, with its quotes. Those seen are 32 to 100 octets long, those that carry sealed state up to 400.</summary>
    public const int MaxNonceOctets = 512;

    /// <summary>An opaque as it is written, with its quotes; as a nonce.</summary>
    public const int MaxOpaqueOctets = 512;

    /// <summary>A Request-URI: a device's contact with every parameter of an edge proxy is about 500.</summary>
    public const int MaxUriOctets = 1024;

    /// <summary>A method: the longest that is registered, SUBSCRIBE, has 9.</summary>
    public const int MaxMethodOctets = 32;

    /// <summary>A client's nonce: RFC 7616 §3.9.1 has one of 44.</summary>
    public const int MaxClientNonceOctets = 256;

    /// <summary>Lines of one header that are looked at in a response: five algorithms from each of three servers behind a fork.</summary>
    public const int MaxChallenges = 16;

    /// <summary>Protection spaces that a session remembers: the registrar, an outbound proxy, and the same of a second provider.</summary>
    public const int MaxSpaces = 4;

    /// <summary>Challenges to one request and its retries: two proxies and the server one after another, each of them stale once.</summary>
    public const int MaxChallengesInRow = 6;

    /// <summary>Credentials for our own realm that a server tries in one request: one for each hash function, and one more.</summary>
    public const int MaxCredentialsTried = 4;
}
