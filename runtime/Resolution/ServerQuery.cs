// What a SIP or SIPS URI says of the server that is to be found (RFC 3263 §4), and what was found.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>A URI as RFC 3263 looks at it.</summary>
public readonly ref struct ServerQuery
{
    /// <summary>TARGET (RFC 3263 §4): the maddr of the URI, else its host. A name, with or without a dot at its end, or an address.</summary>
    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>The port where the URI has one.</summary>
    public ushort? Port { get; init; }

    /// <summary>What the URI's transport parameter says; <see cref="Protocol.None"/> where there is none.</summary>
    public Protocol Protocol { get; init; }

    /// <summary>True for a SIPS URI.</summary>
    public bool IsSecure { get; init; }

    /// <summary>What a URI says: maddr before its host, its port and its transport where it has them.</summary>
    public static ServerQuery Of(scoped in SipUri uri, ReadOnlySpan<byte> text) => new()
    {
        Host = uri.MulticastAddress.IsPresent ? uri.MulticastAddress.In(text) : uri.Host.In(text),
        Port = uri.Port,
        Protocol = ProtocolOf(uri.Transport.In(text)),
        IsSecure = uri.Kind == SipUriKind.Sips,
    };

    private static Protocol ProtocolOf(ReadOnlySpan<byte> name) =>
        Scan.EqualsIgnoreCase(name, "udp"u8) ? Protocol.Udp
        : Scan.EqualsIgnoreCase(name, "tcp"u8) ? Protocol.Tcp
        : Scan.EqualsIgnoreCase(name, "tls"u8) ? Protocol.Tls
        : Protocol.None;
}

/// <summary>Where a request can be sent.</summary>
public readonly struct Target
{
    public Protocol Protocol { get; init; }

    public IpEndpoint Remote { get; init; }

    /// <summary>The address that we would send from, port 0; "any" of the remote's family where nothing is known of it (<see cref="ILocalAddresses"/>).</summary>
    public IpEndpoint Local { get; init; }

    /// <summary>True where name servers could not be asked, and what they said before serves on (RFC 8767).</summary>
    public bool IsStale { get; init; }
}

/// <summary>What became of a query that was handed in.</summary>
public enum ResolveResult : byte
{
    /// <summary>An outcome follows.</summary>
    Started,

    /// <summary>No slot, or no buffer for the name; counted.</summary>
    Full,

    /// <summary>Neither an address nor a name that DNS can hold.</summary>
    BadName,

    /// <summary>The query asks for a transport that is not among <see cref="ResolverOptions.Transports"/>, or for UDP by a SIPS URI.</summary>
    UnsupportedTransport,
}

/// <summary>Why no server was found.</summary>
public enum ResolutionFault : byte
{
    None,

    /// <summary>The name does not exist.</summary>
    NoSuchName,

    /// <summary>The name exists and has no address, nor a server for us.</summary>
    NoAddress,

    /// <summary>The domain says that it has no such service: an SRV record whose target is "." (RFC 2782).</summary>
    NoService,

    /// <summary>No name server could be asked, or none answered, and no earlier answer is left.</summary>
    NoServer,

    /// <summary>There was no room for the answers; counted.</summary>
    Exhausted,
}

/// <summary>The end of a search. What is found is asked for by <see cref="ServerResolver.TryGetTarget"/>.</summary>
public readonly struct ResolutionOutcome
{
    public Handle<ServerResolution> Resolution { get; init; }

    /// <summary>What was handed in with the query.</summary>
    public ulong User { get; init; }

    public bool IsFound { get; init; }

    /// <summary>True where something found is older than its records allow (<see cref="Target.IsStale"/>).</summary>
    public bool IsStale { get; init; }

    public ResolutionFault Fault { get; init; }
}
