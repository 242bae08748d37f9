// URIs as SIP headers carry them: sip:, sips: and any other scheme (RFC 3261 §19.1, §25.1).
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>What a URI's scheme makes of it.</summary>
public enum SipUriKind : byte
{
    None,
    Sip,
    Sips,

    /// <summary>Any other scheme: <see cref="SipUri.Scheme"/> and <see cref="SipUri.Rest"/> hold it.</summary>
    Absolute,
}

/// <summary>
/// A URI (RFC 3261 §25.1: <c>SIP-URI / SIPS-URI / absoluteURI</c>). Parts are as written, escapes included; a part that is not there
/// is not present.
/// </summary>
[Record("addr-spec", "bare-addr-spec", "Request-URI")]
public readonly partial struct SipUri
{
    [Branch("SIP-URI|bare-SIP-URI", "SIPS-URI|bare-SIPS-URI", "absoluteURI|bare-absoluteURI")]
    public partial SipUriKind Kind { get; }

    [Capture("SIP-URI/userinfo/user|SIPS-URI/userinfo/user|bare-SIP-URI/bare-userinfo/bare-user|bare-SIPS-URI/bare-userinfo/bare-user")]
    public partial Slice User { get; }

    [Capture("SIP-URI/userinfo/password|SIPS-URI/userinfo/password"
        + "|bare-SIP-URI/bare-userinfo/bare-password|bare-SIPS-URI/bare-userinfo/bare-password")]
    public partial Slice Password { get; }

    /// <summary>A name or an address, an IPv6 address in its brackets.</summary>
    [Capture("SIP-URI/hostport/host|SIPS-URI/hostport/host|bare-SIP-URI/hostport/host|bare-SIPS-URI/hostport/host")]
    public partial Slice Host { get; }

    [Capture("SIP-URI/hostport/port|SIPS-URI/hostport/port|bare-SIP-URI/hostport/port|bare-SIPS-URI/hostport/port")]
    public partial ushort? Port { get; }

    /// <summary>All parameters as written, from the first semicolon.</summary>
    [Parameters("SIP-URI/uri-parameters/uri-parameter|SIPS-URI/uri-parameters/uri-parameter")]
    public partial Slice Parameters { get; }

    [Parameter("transport")] public partial Slice Transport { get; }

    [Parameter("user")] public partial Slice UserKind { get; }

    [Parameter("method")] public partial Slice MethodName { get; }

    [Parameter("maddr")] public partial Slice MulticastAddress { get; }

    [Parameter("ttl")] public partial byte? TimeToLive { get; }

    /// <summary>The loose-routing mark (RFC 3261 §19.1.1), also where a peer gives it a value.</summary>
    [Parameter("lr")] public partial bool IsLooseRouter { get; }

    /// <summary>The headers as written, from the question mark.</summary>
    [Capture("SIP-URI/headers|SIPS-URI/headers")]
    public partial Slice Headers { get; }

    /// <summary>The scheme of a URI that is neither sip: nor sips:.</summary>
    [Capture("absoluteURI/scheme|bare-absoluteURI/scheme")]
    public partial Slice Scheme { get; }

    /// <summary>What stands behind such a scheme's colon.</summary>
    [Capture("absoluteURI/hier-part|absoluteURI/opaque-part|bare-absoluteURI/*unreserved")]
    public partial Slice Rest { get; }
}
