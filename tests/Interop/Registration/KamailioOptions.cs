// How a registrar of a test behaves.
using System.Net;

namespace SipEmbedded.Interop.Tests.Registration;

/// <summary>Settings of a kamailio; what is not said is what a small PBX has.</summary>
internal sealed record KamailioOptions
{
    public const string Realm = "door.test";

    public string Address { get; init; } = "127.0.0.1";

    /// <summary>For UDP and TCP; 0: one that is free on loopback.</summary>
    public int Port { get; init; }

    /// <summary>Where it runs; null: beside the test.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>The hash function of its challenges: MD5 or SHA-256.</summary>
    public string Algorithm { get; init; } = "SHA-256";

    public int NonceSeconds { get; init; } = 300;

    /// <summary>Each nonce is good for one request (RFC 7616 §5.4).</summary>
    public bool HasOneTimeNonces { get; init; }

    /// <summary>Whether a nonce that is too old, or used up, is told by "stale" (RFC 7616 §3.3). Without it the challenge looks like one to a wrong password.</summary>
    public bool TellsStale { get; init; } = true;

    /// <summary>Passes calls on to whom it knows as well: record-routed, an INVITE with credentials alone (407).</summary>
    public bool RoutesCalls { get; init; }

    // One second is the least, so that tests can be short.
    public int MinExpires { get; init; } = 1;

    public int MaxExpires { get; init; } = 3600;

    public int DefaultExpires { get; init; } = 600;

    /// <summary>Who may register, with which password.</summary>
    public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string> { ["alice"] = "secret", ["bob"] = "word" };

    /// <summary>
    /// Not a registrar but an edge proxy in front of the one at this address: it challenges by 407 for its own realm, adds itself as Path (RFC 3327) and passes on.
    /// </summary>
    public IPEndPoint? Registrar { get; init; }
}
