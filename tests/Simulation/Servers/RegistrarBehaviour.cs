// How a registrar behaves, and what of the field's registrars it has. Everything may be changed while it runs.
using System.Globalization;

namespace SipEmbedded.Simulation;

internal sealed class RegistrarBehaviour
{
    public string Realm { get; set; } = "example.net";

    /// <summary>By user.</summary>
    public Dictionary<string, string> Passwords { get; } = new(StringComparer.Ordinal);

    /// <summary>In the order in which they are offered; none: it asks nobody who he is.</summary>
    public IReadOnlyList<string> Algorithms { get; set; } = ["SHA-256", "MD5"];

    public TimeSpan NonceLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A nonce is good for one request; a second one with it is stale.</summary>
    public bool NoncesServeOnce { get; set; }

    /// <summary>False: a nonce that is too old is refused as a wrong password is, without stale=true.</summary>
    public bool SaysStale { get; set; } = true;

    public uint MinExpires { get; set; } = 60;

    public uint MaxExpires { get; set; } = 3600;

    public uint DefaultExpires { get; set; } = 3600;

    /// <summary>The interval granted stands in the Expires header alone, not at the contacts.</summary>
    public bool GrantsInHeaderOnly { get; set; }

    /// <summary>A REGISTER whose Request-URI has a user part is not answered (RFC 3261 §10.2: it must not have one).</summary>
    public bool IgnoresUserPart { get; set; }

    /// <summary>Its 200 lists no contact.</summary>
    public bool OmitsContacts { get; set; }

    /// <summary>Contacts get this port on the way, as by a gateway that knows SIP; 0 leaves them.</summary>
    public ushort ContactPort { get; set; }

    /// <summary>Every REGISTER is answered with it; 0 for none.</summary>
    public int Refusal { get; set; }

    /// <summary>Seconds in a 503's Retry-After; 0 for none.</summary>
    public uint RetryAfter { get; set; }

    /// <summary>The Contact of a 302 to every REGISTER; empty for none.</summary>
    public string Redirect { get; set; } = "";

    /// <summary>A Service-Route in each 200 (RFC 3608); empty for none.</summary>
    public string ServiceRoute { get; set; } = "";

    /// <summary>A Path in each 200 to who supports it (RFC 3327): what an edge proxy had put into the request; empty for none.</summary>
    public string Path { get; set; } = "";

    /// <summary>Seconds in a Flow-Timer (RFC 5626 §10); 0 for none.</summary>
    public uint FlowTimer { get; set; }

    /// <summary>Requests that it can answer in a second; 0 is unlimited.</summary>
    public int RequestsPerSecond { get; set; }

    /// <summary>Requests that wait for their turn. What comes on top is dropped with its datagram, or answered with 503 where it came on a stream.</summary>
    public int QueueLength { get; set; } = int.MaxValue;

    /// <summary>A contact as it is kept.</summary>
    public string Rewrites(string uri)
    {
        if (ContactPort == 0)
            return uri;
        int parameters = uri.IndexOf(';');
        string address = parameters < 0 ? uri : uri[..parameters];
        int colon = address.LastIndexOf(':');
        if (colon > address.LastIndexOf(']') && colon > address.IndexOf(':'))
            address = address[..colon];
        return string.Create(CultureInfo.InvariantCulture, $"{address}:{ContactPort}{(parameters < 0 ? "" : uri[parameters..])}");
    }
}
